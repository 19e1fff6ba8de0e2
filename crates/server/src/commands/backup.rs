//! `avvikelse backup`: a checked copy of the database, taken while the service runs.

use std::path::{Path, PathBuf};
use std::time::Instant;

use files::DepotUrl;
use store::{Content, DatabaseUrl};

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
                "PostgreSQL has its own way; run: pg_dump --format=custom --file={} {}",
                quoted(&args.file.display().to_string()),
                quoted(&url.for_tools())
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
    let content = connect_store(&config)?.backup_into(&args.file).await?;
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

/// A word as the shell reads it.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
