//! `avvikelse grant`: a role for a person.

use auth::LOCAL_ISSUER;
use domain::law::Law;
use domain::organisation::{Role, is_machine};
use jiff::civil::Date;

use super::operator::{Operator, find_units};
use super::staffing::{Wanted, law, role};
use crate::config::Config;
use crate::failure::Failure;
use crate::keys::open_keys;

/// Who gets what.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Short name of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// The person: `sub` of their tokens, or what names them there instead; a machine is `machine:CLIENT`
    #[arg(long)]
    subject: String,
    /// Who signs their tokens [default: the one registered issuer, else the built-in one]
    #[arg(long)]
    issuer: Option<String>,
    /// The role
    #[arg(long, value_parser = role)]
    role: Role,
    /// Units by code or id, each with all below it [default: the whole tenant]
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',')]
    unit: Vec<String>,
    /// Laws: HSL, SOL, LSS [default: all that the role may see]
    #[arg(long, num_args = 1.., value_delimiter = ',', value_parser = law)]
    law: Vec<Law>,
    /// First day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day, YYYY-MM-DD [default: until further notice]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
}

/// Gives it.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    let issuer = match args.issuer {
        Some(issuer) => issuer,
        None => only_issuer(&config)?,
    };
    if is_machine(&args.subject) && !args.role.is_for_machines() {
        return Err(Failure::usage("a machine may hold intake and analyst only"));
    }
    let by_number =
        config.issuers.iter().any(|known| known.issuer == issuer && known.names_by_number());
    let operator = Operator::open(config).await?;
    let subject = if by_number && !is_machine(&args.subject) {
        let sealer = open_keys(&operator.config, &operator.store).await?;
        sealer.personal_subject(&issuer, &args.subject)
    } else {
        args.subject
    };
    let tenant = operator.tenant(&args.tenant).await?;
    let tree = operator.units(&tenant).await?;
    let units = find_units(&tree, &args.unit)?;
    let over = if units.is_empty() {
        "the whole tenant".to_owned()
    } else {
        units.iter().map(|unit| unit.code.as_str()).collect::<Vec<_>>().join(", ")
    };
    let wanted = Wanted {
        issuer,
        subject,
        name: None,
        role: Some(args.role),
        units,
        laws: args.law,
        from: args.from,
        to: args.to,
    };
    let done = operator.staff(&tenant, &wanted).await?;
    let said = if done.grant_made { "granted" } else { "there already:" };
    println!("{said} {} over {over} to {} of {}", args.role, wanted.subject, wanted.issuer);
    Ok(())
}

fn only_issuer(config: &Config) -> Result<String, Failure> {
    match config.issuers.as_slice() {
        [] => Ok(LOCAL_ISSUER.to_owned()),
        [only] => Ok(only.issuer.clone()),
        several => {
            let names: Vec<_> = several.iter().map(|issuer| issuer.issuer.as_str()).collect();
            let names = names.join(", ");
            Err(Failure::usage(format!(
                "several issuers are registered, say which by --issuer: {names}"
            )))
        }
    }
}
