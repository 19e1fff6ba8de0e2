//! `avvikelse restore`: a backup as the database of a new data directory.

use std::path::PathBuf;

use app::sealing::Sealer;
use domain::ids::TenantId;
use store::{DatabaseUrl, TenantKey};

use super::backup::{quoted, tell};
use crate::backups::keys_beside;
use crate::config::Config;
use crate::failure::Failure;
use crate::keys::{Opened, does_not_fit, opened, read_keys};
use crate::serve::{connect_store, make_data_dir};

/// Where from.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A file that `avvikelse backup` made
    file: PathBuf,
    /// The keys of records about persons, which lie beside a backup: of the newest one, so that who was
    /// erased since stays so [default: FILE.keys, where that is there]
    #[arg(long, value_name = "FILE")]
    record_keys: Option<PathBuf>,
}

/// Puts it back, and tells what is in it and whether the keys fit.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    let database = match &config.database_url {
        DatabaseUrl::Sqlite(path) => path,
        DatabaseUrl::Postgres(url) => {
            // The owner's, where there are two.
            let url = match &config.migrate_database_url {
                Some(DatabaseUrl::Postgres(owner)) => owner,
                _ => url,
            };
            let keys = args.record_keys.unwrap_or_else(|| keys_beside(&args.file));
            return Err(Failure::usage(format!(
                "PostgreSQL has its own way; into an empty database, run, as the role that owns the tables (that of \
                 --migrate-database-url, where there are two): pg_restore --no-owner --dbname={} {}; then, \
                 with the key file in its place: avvikelse migrate --grant-to ROLE, with the role of the \
                 service, and avvikelse keys import {}",
                quoted(&url.for_tools()),
                quoted(&args.file.display().to_string()),
                quoted(&keys.display().to_string())
            )));
        }
    };
    if database.exists() {
        return Err(Failure::new(format!(
            "{} is there already, and is left as it is: give a new --data-dir, or move it away \
             with its -wal and -shm",
            database.display()
        )));
    }
    make_data_dir(&config)?;
    let content = store::restore_file(&args.file, database)?;
    println!("restored {} to {}", args.file.display(), config.database_url);
    tell(&content);

    let store = connect_store(&config)?;
    let key_file = config.key_file.display();
    if !store.pending_migrations().await?.is_empty() {
        println!("It is of an earlier release: the next start brings it up to date.");
    }
    put_keys(&config, &args, &store).await?;
    if config.keys_in_file() && !config.key_file.exists() {
        println!(
            "Now put the key file that belongs to it at {key_file} (mode 0600, see --key-file), and \
             check it with: avvikelse doctor"
        );
        return Ok(());
    }
    if !store.pending_migrations().await?.is_empty() {
        // It has not got the tables that the keys are tried on.
        println!(
            "Whether the key file {key_file} fits is told when it is up to date: avvikelse doctor"
        );
        return Ok(());
    }
    let sealer = read_keys(&config, &store).await?;
    match opened(&store, &sealer).await? {
        Opened::All(number) => {
            println!(
                "The key file {key_file} fits: it opens a sealed identity of {number} tenants."
            );
        }
        Opened::NothingSealed => println!(
            "No identity is sealed in it, so nothing tells whether the key file {key_file} fits: it \
             must be the one that belongs to it."
        ),
        Opened::Locked(number) => println!(
            "{number} identities are sealed in it, and the key of none is here: put them back with \
             avvikelse keys import FILE, before the next backup."
        ),
        Opened::Not(tenant) => return Err(Failure::new(does_not_fit(&config, &tenant))),
    }
    Ok(())
}

/// Puts the keys of records back, which no backup has inside.
async fn put_keys(config: &Config, args: &Args, store: &store::Store) -> Result<(), Failure> {
    let beside = keys_beside(&args.file);
    let Some(file) = args.record_keys.clone().or_else(|| beside.exists().then_some(beside)) else {
        println!(
            "Whom cases are about opens only with the keys that lay beside the backup; when the key file is \
             in its place, put them back with: avvikelse keys import FILE"
        );
        return Ok(());
    };
    if !store.pending_migrations().await?.is_empty() {
        println!(
            "After the next start, put the keys back with: avvikelse keys import {}",
            file.display()
        );
        return Ok(());
    }
    // Where there is no key file yet, nothing can be tried: the keys of tenants are as the file has them.
    let sealer = if config.keys_in_file() && !config.key_file.exists() {
        None
    } else {
        Some(Sealer::from_source(config.key_source())?)
    };
    let opens = |tenant: TenantId, key: &TenantKey| {
        sealer.as_ref().is_some_and(|sealer| sealer.opens_tenant_key(tenant, key))
    };
    let put = store.put_record_keys(&file, &opens).await?;
    println!("put back the keys of {} records from {}", put.records, file.display());
    Ok(())
}
