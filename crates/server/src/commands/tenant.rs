//! `avvikelse tenant`: the bodies that answer for the care.

use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

use super::operator::{Operator, check_slug};
use crate::config::Config;
use crate::failure::Failure;

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a tenant
    Add {
        /// Its name in paths and tokens: a-z, 0-9 and -
        slug: String,
        /// Its name as people write it
        #[arg(long)]
        name: String,
    },
    /// List them: short name, state, name
    List,
    /// Let nobody of a tenant in
    Suspend {
        /// Its short name
        slug: String,
    },
    /// Let them in again
    Resume {
        /// Its short name
        slug: String,
    },
}

/// Does it.
pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    if let Command::Add { slug, .. } = &command {
        check_slug(slug)?;
    }
    let operator = Operator::open(config).await?;
    match command {
        Command::Add { slug, name } => {
            let name = name.trim();
            if name.is_empty() {
                return Err(Failure::usage("--name must not be empty"));
            }
            let made = app::tenants::create_tenant(
                &operator.store,
                &slug,
                name,
                operator.now,
                &Uuid::now_v7,
            );
            let tenant = made.await?;
            operator.record(&tenant, "tenant.add", json!({ "slug": slug })).await?;
            println!("made {slug}");
        }
        Command::List => {
            for tenant in operator.store.tenants().await? {
                let state = if tenant.suspended_at.is_some() { "suspended" } else { "active" };
                println!("{}\t{state}\t{}", tenant.slug, tenant.name);
            }
        }
        Command::Suspend { slug } => suspend(&operator, &slug, true).await?,
        Command::Resume { slug } => suspend(&operator, &slug, false).await?,
    }
    Ok(())
}

async fn suspend(operator: &Operator, slug: &str, suspended: bool) -> Result<(), Failure> {
    let tenant = operator.tenant(slug).await?;
    if tenant.suspended_at.is_some() == suspended {
        println!("{slug} is {} already", if suspended { "suspended" } else { "active" });
        return Ok(());
    }
    operator.store.set_suspended(tenant.id, suspended.then_some(operator.now)).await?;
    let (action, said) =
        if suspended { ("tenant.suspend", "suspended") } else { ("tenant.resume", "resumed") };
    operator.record(&tenant, action, json!({})).await?;
    println!("{said} {slug}");
    Ok(())
}
