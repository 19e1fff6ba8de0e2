//! `avvikelse migrate`: the database as this release wants it.

use crate::config::Config;
use crate::failure::Failure;
use crate::keys::open_keys;
use crate::serve::open_store;

/// For whom.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// PostgreSQL: the role of the service, which is given the rows of all tables and owns none
    /// [default: that of --database-url, where --migrate-database-url names another]
    #[arg(long, value_name = "ROLE")]
    pub grant_to: Option<String>,
}

/// Runs what is pending.
pub async fn run(mut config: Config, args: Args) -> Result<(), Failure> {
    config.grant_to = args.grant_to;
    let store = open_store(&config)?;
    let run = store.migrate().await?;
    // With the first migration, so that keys missing later are known to have been lost.
    open_keys(&config, &store).await?;
    if run.is_empty() {
        println!("nothing to do");
    }
    for version in run {
        println!("{version}");
    }
    Ok(())
}
