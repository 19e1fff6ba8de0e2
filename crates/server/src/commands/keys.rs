//! `avvikelse keys`: master keys and tenants' keys, changed while the service runs.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use app::Clock as _;
use app::sealing::{KeyCount, Sealer, add_master, count_keys, drop_master, learn_all, rotate};
use clap::Subcommand;
use domain::ids::{EntryId, TenantId};
use serde_json::json;
use store::{Additions, AuditEntry, TenantKey};
use uuid::Uuid;

use super::operator::Operator;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::Failure;
use crate::keys::open_keys;

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// How many keys lie under each version
    Status,
    /// Make a new master key and wrap everything anew; may be killed and run again, while the service runs
    Rotate {
        /// Make no new master key: wrap by the one that is current where the keys are kept
        #[arg(long)]
        existing: bool,
        /// Give each tenant a new key, too
        #[arg(long)]
        tenant_keys: bool,
    },
    /// Take a master key away that nothing lies under any more
    Drop {
        /// Its version
        version: i32,
    },
    /// Write the keys of records about persons to a new file, as a backup has them beside it
    Export {
        /// File to make
        file: std::path::PathBuf,
    },
    /// Put such keys back into a database that was restored without
    Import {
        /// The file
        file: std::path::PathBuf,
    },
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string())
}

/// Does it.
pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let operator = Operator::open(config).await?;
    match command {
        Command::Status => status(&operator).await,
        Command::Rotate { existing, tenant_keys } => {
            let _alone = hold_alone(&operator.config)?;
            turn(&operator, existing, tenant_keys).await
        }
        Command::Drop { version } => {
            let _alone = hold_alone(&operator.config)?;
            drop_version(&operator, version).await
        }
        Command::Export { file } => {
            let taken = operator.store.write_record_keys(&file).await?;
            println!("wrote the keys of {} records to {}", taken.records, file.display());
            Ok(())
        }
        Command::Import { file } => {
            let sealer = Sealer::from_source(operator.config.key_source())?;
            let opens = |tenant: TenantId, key: &TenantKey| sealer.opens_tenant_key(tenant, key);
            let put = operator.store.put_record_keys(&file, &opens).await?;
            println!("put back the keys of {} records from {}", put.records, file.display());
            Ok(())
        }
    }
}

/// Whether nothing can be made where it was tried.
fn is_closed(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// Keeps another such command from changing the key file meanwhile: of two that read and write it at once, one would
/// lose the master key that the other made. The system lets go of it when the process ends.
fn hold_alone(config: &Config) -> Result<Option<File>, Failure> {
    if !config.keys_in_file() {
        return Ok(None);
    }
    // Two names of one file must meet at one lock.
    let file = config.key_file.canonicalize().unwrap_or_else(|_| config.key_file.clone());
    let mut path = file.into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    let cannot = |error: Error| Failure::new(format!("{}: {error}", path.display()));
    let opened =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let lock = match opened {
        Ok(lock) => lock,
        // Where nothing can be made beside the key file, it cannot be changed from here either.
        Err(error) if is_closed(&error) && !path.exists() => return Ok(None),
        Err(error) => return Err(cannot(error)),
    };
    match fs4::FileExt::try_lock(&lock) {
        Ok(()) => Ok(Some(lock)),
        Err(fs4::TryLockError::WouldBlock) => Err(Failure::new(format!(
            "another avvikelse keys rotate or drop is at work on {}: wait until it is done",
            config.key_file.display()
        ))),
        Err(fs4::TryLockError::Error(error)) => Err(cannot(error)),
    }
}

async fn status(operator: &Operator) -> Result<(), Failure> {
    let sealer = open_keys(&operator.config, &operator.store).await?;
    let counted = count_keys(&operator.store).await.map_err(failed)?;
    let current = sealer.master_version();
    println!("the current master key is {current}");
    for (version, count) in &counted.tenant_keys {
        println!("keys of tenants under master key {version}\t{count}");
    }
    for (name, by_version) in &counted.records {
        for (version, count) in by_version {
            if *version > 0 {
                println!("{name} under master key {version} itself\t{count}");
            } else {
                println!("{name} under their tenant's key {}\t{count}", version.unsigned_abs());
            }
        }
    }
    if counted.unfinished(current) {
        println!("not all are under the current master key; run: avvikelse keys rotate --existing");
    }
    Ok(())
}

async fn turn(operator: &Operator, existing: bool, tenant_keys: bool) -> Result<(), Failure> {
    let store = &operator.store;
    let sealer = open_keys(&operator.config, store).await?;
    let before = count_keys(store).await.map_err(failed)?;
    // Answers to requests leave by themselves; what a rotation has not come to is not left behind.
    let unfinished = KeyCount {
        records: before.records.iter().filter(|it| *it.0 != "kept answers").map(own).collect(),
        ..before.clone()
    };
    if existing {
        sealer.read_again(true)?;
    } else if unfinished.unfinished(sealer.master_version()) {
        println!("an earlier rotation was not finished: going on with it");
    } else {
        let version = add_master(operator.config.key_source().as_ref())?;
        sealer.read_again(true)?;
        println!("made master key {version}; keep a copy of the key file apart from the database");
    }
    let wait = |time: jiff::SignedDuration| async move {
        println!("waiting {} s until every instance knows the new keys", time.as_secs());
        tokio::time::sleep(time.unsigned_abs()).await;
    };
    let clock = || SystemClock.now();
    let done = rotate(store, &sealer, clock, tenant_keys, wait).await.map_err(failed)?;
    println!(
        "wrapped anew: {} keys of tenants, {} keys of records",
        done.tenant_keys, done.records
    );
    let details = json!({
        "master": sealer.master_version(), "tenant_keys": done.tenant_keys, "records": done.records,
    });
    for tenant in store.tenants().await? {
        let mut rows = Additions::to(tenant.id);
        rows.audit(&entry(operator, "keys.rotate", tenant.id.0, details.clone()));
        store.add(rows).await?;
    }
    if done.unopened > 0 {
        return Err(Failure::new(format!(
            "{} keys open with no key at hand, and are left as they are; see the log",
            done.unopened
        )));
    }
    Ok(())
}

fn own<V: Clone>((name, counts): (&&'static str, &V)) -> (&'static str, V) {
    (*name, counts.clone())
}

fn entry(
    operator: &Operator,
    action: &str,
    tenant: Uuid,
    details: serde_json::Value,
) -> AuditEntry {
    let id = EntryId(Uuid::now_v7());
    AuditEntry { id, ..operator.audit(action, "tenant", tenant, details) }
}

async fn drop_version(operator: &Operator, version: i32) -> Result<(), Failure> {
    let sealer = open_keys(&operator.config, &operator.store).await?;
    learn_all(&operator.store, &sealer, operator.now).await.map_err(failed)?;
    let left = count_keys(&operator.store).await.map_err(failed)?.under_master(version);
    if left > 0 {
        return Err(Failure::new(format!(
            "{left} keys lie under master key {version}; run: avvikelse keys rotate --existing (kept \
             answers are forgotten by themselves within days)"
        )));
    }
    drop_master(operator.config.key_source().as_ref(), version)?;
    println!(
        "master key {version} is gone from the key file: destroy the copies of it when no backup needs \
         it any more"
    );
    Ok(())
}
