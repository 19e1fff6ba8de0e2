//! `avvikelse migrate`: the database as this release wants it.

use std::num::NonZeroU32;

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
    /// PostgreSQL with Citus: spread the tables over the nodes by tenant; may be broken off and run again. The service must be
    /// stopped
    #[arg(long)]
    pub distribute: bool,
    /// Into how many shards, the first time
    #[arg(long, value_name = "NUMBER", default_value_t = SHARDS, requires = "distribute")]
    pub shards: NonZeroU32,
}

/// As many as Citus itself would make.
const SHARDS: NonZeroU32 = NonZeroU32::new(32).unwrap();

/// Runs what is pending.
pub async fn run(mut config: Config, args: Args) -> Result<(), Failure> {
    config.grant_to = args.grant_to;
    let store = open_store(&config)?;
    let run = if args.distribute {
        store.distribute(args.shards).await?
    } else {
        store.migrate().await?
    };
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
