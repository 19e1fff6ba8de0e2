//! `avvikelse token`: a token of the built-in issuer.

use std::time::Duration;

use auth::{LOCAL_ISSUER, LocalIssuer};
use domain::organisation::{Role, Tenant, Unit};
use jiff::{Span, SpanRelativeTo};

use super::operator::{Operator, find_units};
use super::staffing::{Wanted, role};
use crate::config::Config;
use crate::failure::Failure;

/// Whose token when neither role nor subject says.
const REPORTER: &str = "reporter";

/// For whom.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Short name of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// Role that the person is to hold; without one they may file and see their own cases
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Units of the role, by code or id [default: the whole tenant]
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',', requires = "role")]
    unit: Vec<String>,
    /// The person [default: after role and units, such as unit_manager:smedsgarden]
    #[arg(long)]
    subject: Option<String>,
    /// A name to show for the person
    #[arg(long)]
    name: Option<String>,
    /// How long it is valid, such as 30min, 12h, 7d
    #[arg(long, default_value = "12h", value_parser = ttl)]
    ttl: Duration,
}

fn ttl(text: &str) -> Result<Duration, String> {
    let span: Span = text.parse().map_err(|error| format!("{error}"))?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours());
    let length = length.map_err(|error| error.to_string())?;
    let length = Duration::try_from(length).map_err(|_| "must not be negative".to_owned())?;
    if length < Duration::from_secs(1) {
        Err("must be a second at least".to_owned())
    } else {
        Ok(length)
    }
}

/// Signs it.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    if let Some(issuer) = config.issuers.first() {
        return Err(Failure::new(format!(
            "an issuer is registered, so tokens of the built-in one are refused; get one from {}",
            issuer.issuer
        )));
    }
    let operator = Operator::open(config).await?;
    let tenant = operator.tenant(&args.tenant).await?;
    if tenant.suspended_at.is_some() {
        return Err(Failure::new(format!(
            "{slug} is suspended; run: avvikelse tenant resume {slug}",
            slug = tenant.slug
        )));
    }
    let tree = operator.units(&tenant).await?;
    let units = find_units(&tree, &args.unit)?;
    let (token, subject) = sign(
        &operator,
        &tenant,
        Holder { role: args.role, units, subject: args.subject, name: args.name, ttl: args.ttl },
    )
    .await?;
    eprintln!("token for {subject} of {}:", tenant.slug);
    println!("{token}");
    Ok(())
}

/// Whom a token is for.
pub struct Holder {
    /// The role they are to hold.
    pub role: Option<Role>,
    /// Its units; none is the whole tenant.
    pub units: Vec<Unit>,
    /// Who they are; after role and units when not said.
    pub subject: Option<String>,
    /// A name to show.
    pub name: Option<String>,
    /// How long it is valid.
    pub ttl: Duration,
}

/// Signs a token, and sees to it that its holder holds the role. Tells the subject, too.
pub async fn sign(
    operator: &Operator,
    tenant: &Tenant,
    holder: Holder,
) -> Result<(String, String), Failure> {
    let codes: Vec<_> = holder.units.iter().map(|unit| unit.code.as_str()).collect();
    let subject = holder.subject.unwrap_or_else(|| {
        let role = holder.role.map_or(REPORTER, Role::code);
        if codes.is_empty() { role.to_owned() } else { format!("{role}:{}", codes.join("+")) }
    });
    // First the token, for it says what is wrong with a subject.
    let issuer = LocalIssuer::open(&operator.config.data_dir)?;
    let name = holder.name.as_deref();
    let token = issuer.sign(&subject, &tenant.slug, name, holder.ttl, operator.now)?;
    let wanted = Wanted {
        issuer: LOCAL_ISSUER.to_owned(),
        subject: subject.clone(),
        name: holder.name,
        role: holder.role,
        units: holder.units,
        laws: Vec::new(),
        from: None,
        to: None,
    };
    operator.staff(tenant, &wanted).await?;
    Ok((token, subject))
}
