//! `avvikelse demo`: the service over a year that somebody made up.

use std::time::Duration;

use app::figures::count;
use domain::code_lists::CodeLists;
use domain::organisation::{Role, Tenant, UnitTree};
use domain::policy::Scope;
use domain::statistics::{CubeQuery, Figures};

use super::import;
use super::operator::Operator;
use super::serve::{Signals, until_told};
use super::token::{Holder, sign};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::Failure;
use crate::serve::start;

const SLUG: &str = "askersund";
const NAME: &str = "Askersunds kommun (påhittade uppgifter)";
const YEAR: i16 = 2025;
/// The unit whose manager gets a token; the first one where it is not there.
const UNIT: &str = "Smedsgården";
const TTL: Duration = Duration::from_secs(12 * 3600);

/// Inside the program, so that the demo runs from any directory.
macro_rules! file {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../../tests/data/askersund-2025/", $name)).as_slice())
    };
}

const FILES: [(&str, &[u8]); 3] =
    [file!("arenden.csv"), file!("mellan_vardgivare.csv"), file!("anmalningar.csv")];

/// The figures a municipality's yearly report begins with, and the question for each.
const HEADLINES: [(&str, &[(&str, &str)]); 5] = [
    ("avvikelser", &[("kind", "avvikelse")]),
    ("  of which falls (HSL.FAL)", &[("kind", "avvikelse"), ("category", "HSL.FAL")]),
    ("  of which medication (HSL.LKM)", &[("kind", "avvikelse"), ("category", "HSL.LKM")]),
    ("  of which SoL", &[("kind", "avvikelse"), ("law", "SOL")]),
    ("synpunkter och klagomål", &[("kind", "synpunkt,klagomal")]),
];

/// How far to go.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Stop when everything is there and shown
    #[arg(long)]
    no_serve: bool,
}

/// Makes the data unless it is there, shows figures and tokens, serves.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    let signals = Signals::new()?;
    let operator = Operator::open(config.clone()).await?;
    let tenant = data(&operator).await?;
    println!();
    for line in headlines(&operator, &tenant).await? {
        println!("{line}");
    }
    if args.no_serve {
        println!();
        show(&operator, &tenant, &format!("http://{}", config.listen)).await?;
        println!("\nThe service is not running; start it with: avvikelse serve");
        return Ok(());
    }
    let running = start(config, Box::new(SystemClock)).await?;
    println!();
    show(&operator, &tenant, &format!("http://{}", running.addr)).await?;
    println!("\nCtrl-C stops the service.");
    drop(operator);
    until_told(running, signals).await
}

/// The tenant, made of the files in the program unless it is there already.
async fn data(operator: &Operator) -> Result<Tenant, Failure> {
    // A register in use must not get made-up cases: nothing can be taken out of it again.
    match operator.store.tenant_by_slug(SLUG).await {
        Ok(tenant) if tenant.name != NAME => {
            return Err(Failure::new(format!(
                "there is a tenant {SLUG} already that is not the demo's ({}); choose another \
                 --data-dir or --database-url",
                tenant.name
            )));
        }
        Ok(_) | Err(store::Error::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let failed = |error: std::io::Error| Failure::new(format!("temporary directory: {error}"));
    let dir = tempfile::tempdir().map_err(failed)?;
    for (name, content) in FILES {
        std::fs::write(dir.path().join(name), content).map_err(failed)?;
    }
    // What is there already is recognised line by line, so a demo that broke off is made whole.
    let done = import::import(operator, dir.path(), SLUG, Some(NAME)).await?;
    if done.anything() {
        println!("{}", import::told(SLUG, &done));
    } else {
        println!("the data of {SLUG} is already there");
    }
    operator.tenant(SLUG).await
}

/// The headline figures, counted as `GET /statistics` counts them.
async fn headlines(operator: &Operator, tenant: &Tenant) -> Result<Vec<String>, Failure> {
    let now = operator.now;
    let counted = operator
        .store
        .read(tenant.id, move |tx| {
            let units = UnitTree::new(tx.units()?);
            let codes = CodeLists::with_own(tx.tenant_codes()?);
            let mut counted = Vec::new();
            for (label, filters) in HEADLINES {
                let year = [("year", YEAR.to_string()), ("compare", "previous_year".to_owned())];
                let filters = filters.iter().map(|(name, value)| (*name, (*value).to_owned()));
                let params: Vec<_> = year
                    .into_iter()
                    .chain(filters)
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                let query = CubeQuery::parse(&params, &units, &codes, now)
                    .map_err(|faults| Failure::new(format!("headline {label}: {faults:?}")))?;
                counted.push((label, count(tx, &query, &Scope::All, &units, &codes)?.total));
            }
            Ok::<_, Failure>(counted)
        })
        .await?;
    let mut lines =
        vec![format!("{:34}{YEAR:>6}  change", tenant.name.split(" (").next().unwrap_or(NAME))];
    lines.extend(counted.iter().map(|(label, figures)| line(label, figures)));
    Ok(lines)
}

fn line(label: &str, figures: &Figures) -> String {
    let change = figures.change().map_or_else(String::new, |change| format!("{change:+}"));
    format!("{label:34}{:>6}  {change:>6}", figures.count)
}

/// Tokens, and what to do with them.
async fn show(operator: &Operator, tenant: &Tenant, base: &str) -> Result<(), Failure> {
    println!("interactive reference: {base}/docs/");
    if let Some(issuer) = operator.config.issuers.first() {
        println!("tokens: from {}", issuer.issuer);
        return Ok(());
    }
    let tree = operator.units(tenant).await?;
    let mut units: Vec<_> = tree.iter().filter(|unit| !unit.unknown).cloned().collect();
    units.sort_by(|one, other| one.code.cmp(&other.code));
    let unit = units.iter().find(|unit| unit.name == UNIT).or(units.first());
    let holder = |role, units, name: &str| Holder {
        role: Some(role),
        units,
        subject: None,
        name: Some(name.to_owned()),
        ttl: TTL,
    };
    let (mas, _) = sign(operator, tenant, holder(Role::Mas, Vec::new(), "Demo, MAS")).await?;
    println!("\n# MAS: health care, the whole tenant; valid for 12 hours");
    println!("MAS={mas}");
    let mut code = "";
    if let Some(unit) = unit {
        let name = format!("Demo, enhetschef {}", unit.name);
        let held = holder(Role::UnitManager, vec![unit.clone()], &name);
        let (manager, _) = sign(operator, tenant, held).await?;
        println!("# unit manager of {}", unit.name);
        println!("MANAGER={manager}");
        code = &unit.code;
    }
    println!("\n# Try:");
    let year = format!("year={YEAR}&kind=avvikelse");
    println!(
        "curl -H \"Authorization: Bearer $MAS\" \
         '{base}/api/v1/statistics?{year}&group_by=unit,month&compare=previous_year'"
    );
    println!("curl -H \"Authorization: Bearer $MANAGER\" '{base}/api/v1/cases?limit=5'");
    println!(
        "curl -H \"Authorization: Bearer $MANAGER\" -H 'Content-Type: application/json' \\\n  \
         -d '{{\"kind\":\"avvikelse\",\"unit\":\"{code}\",\"description\":\"Fallit vid sängen.\"}}' \
         '{base}/api/v1/cases'"
    );
    Ok(())
}
