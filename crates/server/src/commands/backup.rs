//! `avvikelse backup`: a checked copy of the database, taken while the service runs.

use std::path::{Path, PathBuf};
use std::time::Instant;

use files::DepotUrl;
use store::{Content, DatabaseUrl, TakenOut};

use crate::config::Config;
use crate::failure::Failure;
use crate::serve::connect_store;

/// Where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// File to make, in a directory that is there
    file: PathBuf,
}

/// Writes the copy, and tells what is in it and what is not.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    let database = match &config.database_url {
        DatabaseUrl::Sqlite(path) => path,
        DatabaseUrl::Postgres(url) => {
            return Err(Failure::usage(format!(
                "PostgreSQL has its own way; run: pg_dump --format=custom \
                 --exclude-table-data=record_keys --file={} {}, and for the keys of records about \
                 persons: avvikelse keys export {}",
                quoted(&args.file.display().to_string()),
                quoted(&url.for_tools()),
                quoted(&keys_beside(&args.file).display().to_string())
            )));
        }
    };
    if !database.exists() {
        return Err(Failure::new(format!(
            "there is no database {} (see --data-dir, --database-url)",
            database.display()
        )));
    }
    let begun = Instant::now();
    let keys = keys_beside(&args.file);
    let store = connect_store(&config)?;
    // A database of an earlier release has every key inside its record.
    let apart = store.pending_migrations().await?.is_empty();
    let (content, taken) = if apart {
        store.backup_apart(&args.file, &keys).await?
    } else {
        (store.backup_into(&args.file).await?, TakenOut::default())
    };
    let seconds = begun.elapsed().as_secs_f64();
    println!("backed up {} to {}", config.database_url, args.file.display());
    tell(&content);
    println!("{} bytes in {seconds:.1} s; checked, schema {}", content.bytes, content.schema);
    if config.attachments != DepotUrl::Database {
        println!(
            "The contents of attachments lie in {} and are not in it: copy that now, after the database.",
            config.attachments
        );
    }
    println!("{}", key_file_apart(&config.key_file));
    if apart {
        println!(
            "The keys of {} records about persons are not in it either, but in {}: keep the newest of these \
             only, and who is erased later is erased from all backups.",
            taken.records,
            keys.display()
        );
    }
    Ok(())
}

/// What a file holds, a line a tenant.
pub fn tell(content: &Content) {
    let newest = |newest: Option<jiff::Timestamp>| match newest {
        Some(at) => format!("newest registered at {at}"),
        None => "no case yet".to_owned(),
    };
    for tenant in &content.tenants {
        println!("{}\t{} cases\t{}", tenant.slug, tenant.cases, newest(tenant.newest));
    }
    println!(
        "in all {} tenants, {} cases, {}",
        content.tenants.len(),
        content.cases(),
        newest(content.newest())
    );
}

fn key_file_apart(key_file: &Path) -> String {
    format!(
        "The key file {} is not in it: keep a copy of it too, in another place. Without it nobody \
         can tell who the cases are about; beside it a stolen backup is open.",
        key_file.display()
    )
}

/// Where the keys of records lie that a backup does not hold.
pub fn keys_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".keys");
    name.into()
}

/// A word as the shell reads it.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
