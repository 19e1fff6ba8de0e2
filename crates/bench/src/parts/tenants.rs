//! Filing in one tenant, and in many at once.

use std::path::Path;
use tokio::task::JoinSet;

use crate::failure::{Context as _, Failure, Result};
use crate::filing::bodies;
use crate::load::{self, Ask, Until, bearer};
use crate::machine;
use crate::outcome::Tenants;
use crate::service::Home;
use crate::stage::{Stage, USUAL, directory};

/// Commands that run at once while tenants are made.
const AT_ONCE: usize = 2;
/// What its table is about.
pub const HEAD: &str = "Tenants, 16 connections";
/// What each tenant has.
const UNITS: [&str; 3] = ["Norrgården", "Sörgården", "Hemtjänst Väst"];

/// Files over as many connections as usual, each filing in the next of so many tenants.
///
/// # Errors
/// When a tenant cannot be made, or a filing is not taken.
pub async fn measure(stage: &Stage<'_>) -> Result<Vec<Tenants>> {
    let used = stage.copy("tenants").await?;
    let most = used.plan.tenants.iter().copied().max().unwrap_or(0);
    used.said(&format!("makes {most} tenants"));
    let dir = directory(&used.dir, "tenant")?;
    let filing = write(&dir)?;
    let mut asks: Vec<Ask> = Vec::new();
    let mut making = JoinSet::new();
    for number in 0..most {
        if making.len() == AT_ONCE {
            asks.push(made(making.join_next().await.context("a tenant")?)?);
        }
        let (home, dir) = (used.home.clone(), dir.clone());
        let filing = filing.clone();
        making.spawn_local(async move { make(&home, number, &dir, filing).await });
    }
    while let Some(ended) = making.join_next().await {
        asks.push(made(ended)?);
    }
    let service = used.home.start().await?;
    let mut measured = Vec::new();
    for tenants in used.plan.tenants.clone() {
        used.said(&format!("files in {tenants} tenants"));
        let asks: Vec<_> = asks.iter().take(tenants).cloned().collect();
        let (address, numbers) = (service.address, &used.numbers);
        // The first filing of a tenant makes its keys and knows its set-up.
        let first = Until::Done(u64::try_from(2 * tenants).context("tenants")?);
        load::run_in_turn(address, USUAL, first, asks.clone(), numbers).await?;
        let until = Until::Elapsed(used.plan.filing);
        let filing = load::run_in_turn(address, USUAL, until, asks, numbers).await?;
        measured.push(Tenants { tenants, filing });
    }
    service.stop().await?;
    used.end().await?;
    Ok(measured)
}

fn made(ended: std::result::Result<Result<Ask>, tokio::task::JoinError>) -> Result<Ask> {
    ended.map_err(|error| Failure::new(format!("a tenant: {error}")))?
}

/// Writes what each tenant is made of, and gives what is filed there.
fn write(dir: &Path) -> Result<Vec<hyper::body::Bytes>> {
    let put = |name: &str, text: String| std::fs::write(dir.join(name), text).context(name);
    let units: Vec<_> = UNITS.iter().map(|unit| format!("{unit};{unit}\n")).collect();
    put("enheter.csv", format!("kod;namn\n{}", units.concat()))?;
    put(
        "arenden.csv",
        format!(
            "arendenummer;typ;rapporterades;enhet;beskrivning;status\n\
             1;AVV;2025-03-10 12:00;{};Fallit vid sängen.;pågår\n",
            UNITS[0]
        ),
    )?;
    Ok(bodies(&UNITS.map(str::to_owned), machine::now()?))
}

async fn make(
    home: &Home,
    number: usize,
    dir: &Path,
    filing: Vec<hyper::body::Bytes>,
) -> Result<Ask> {
    let slug = format!("ort-{number}");
    let dir = dir.to_str().context("path in UTF-8")?;
    home.run(&["import", dir, "--tenant", &slug]).await?;
    let token = home.token(&slug, &["--subject", "bench-reporter"]).await?;
    Ok(Ask::post(&bearer(&token)?, "/api/v1/cases", filing))
}
