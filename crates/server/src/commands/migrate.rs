//! `avvikelse migrate`: the database as this release wants it.

use crate::config::Config;
use crate::failure::Failure;
use crate::keys::open_keys;
use crate::serve::open_store;

/// Runs what is pending.
pub async fn run(config: Config) -> Result<(), Failure> {
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
