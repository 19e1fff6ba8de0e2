//! `avvikelse backup`: a checked copy of the database, taken while the service runs; once, or on and on.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use app::Clock as _;
use files::DepotUrl;
use store::{Content, DatabaseUrl, TakenOut};
use tokio::signal::unix::{SignalKind, signal};

use crate::backups::{self, keys_beside};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::Failure;
use crate::serve::connect_store;

/// Where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// File to make, in a directory that is there; or the directory, where the copy has its time for a name and
    /// older ones go (with --every else --backup-dir)
    file: Option<PathBuf>,
    /// Goes on making copies, so far apart, such as `15m` or `1h`, until it is told to stop
    #[arg(long, value_name = "TIME", value_parser = apart)]
    every: Option<Duration>,
    /// In a directory: how many copies stay; the oldest go
    #[arg(long, value_name = "NUMBER", default_value = "96")]
    keep: NonZeroUsize,
}

/// A time such as `90s`, `15m`, `6h`, `1d`; no less than a second.
fn apart(text: &str) -> Result<Duration, String> {
    let wrong = || "right would be a number with s, m, h or d, such as 15m".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    match number.checked_mul(seconds) {
        Some(0) | None => Err(wrong()),
        Some(seconds) => Ok(Duration::from_secs(seconds)),
    }
}

/// Writes the copy, and tells what is in it and what is not.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    let database = match &config.database_url {
        DatabaseUrl::Sqlite(path) => path,
        DatabaseUrl::Postgres(url) => {
            let file = args.file.as_deref().unwrap_or(Path::new("avvikelse.dump"));
            return Err(Failure::usage(format!(
                "PostgreSQL has its own way; run, as a superuser or a role with BYPASSRLS (row-level security \
                 keeps rows from any other, also from the owner): pg_dump --format=custom \
                 --exclude-table-data=record_keys --file={} {}, and for the keys of records about \
                 persons: avvikelse keys export {}. For a copy that is never older than minutes, archive \
                 its log: see docs/guides/operations.md",
                quoted(&file.display().to_string()),
                quoted(&url.for_tools()),
                quoted(&keys_beside(file).display().to_string())
            )));
        }
    };
    if !database.exists() {
        return Err(Failure::new(format!(
            "there is no database {} (see --data-dir, --database-url)",
            database.display()
        )));
    }
    if let Some(every) = args.every {
        let dir = args.file.or_else(|| config.backup_dir.clone());
        let dir = dir.ok_or_else(|| {
            Failure::usage("--every needs a directory: give it, or say --backup-dir")
        })?;
        return on_and_on(&config, &dir, every, args.keep.get()).await;
    }
    let place =
        args.file.ok_or_else(|| Failure::usage("give the file to make, or a directory for it"))?;
    let dir = place.is_dir().then(|| place.clone());
    let file = match &dir {
        Some(dir) => dir.join(backups::name(SystemClock.now())),
        None => place,
    };
    let Made { taken, locked } = once(&config, &file).await?;
    if let Some(dir) = &dir {
        clear(dir, args.keep.get(), &file, locked)?;
    }
    if config.attachments != DepotUrl::Database {
        println!(
            "The contents of attachments lie in {} and are not in it: copy that now, after the database.",
            config.attachments
        );
    }
    println!("{}", key_file_apart(&config.key_file));
    if let Some(taken) = taken {
        println!(
            "The keys of {} records about persons are not in it either, but in {}: keep the newest of these \
             only, and who is erased later is erased from all backups.",
            taken.records,
            keys_beside(&file).display()
        );
    }
    Ok(())
}

/// Makes copies of the database in a directory, the oldest going, until the process is told to stop. A copy that cannot
/// be made is told, and the next one tried in its time.
async fn on_and_on(
    config: &Config,
    dir: &Path,
    every: Duration,
    keep: usize,
) -> Result<(), Failure> {
    if !dir.is_dir() {
        return Err(Failure::usage(format!("{} is no directory that is there", dir.display())));
    }
    println!(
        "backing up {} to {} every {} s, {keep} copies stay",
        config.database_url,
        dir.display(),
        every.as_secs()
    );
    println!("{}", key_file_apart(&config.key_file));
    println!(
        "The keys of records about persons lie beside the newest copy alone: who is erased is erased from all \
         copies. With an older one, restore takes them by --record-keys."
    );
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut next = tokio::time::Instant::now();
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
        next += every;
        let file = dir.join(backups::name(SystemClock.now()));
        match once(config, &file).await {
            Ok(made) => {
                if let Err(failure) = clear(dir, keep, &file, made.locked) {
                    eprintln!("avvikelse: {failure}");
                }
            }
            Err(failure) => eprintln!("avvikelse: no copy this time: {failure}"),
        }
    }
    println!("stopped");
    Ok(())
}

/// Removes what a directory shall hold no longer, now that there is a new copy. While so many identities are `locked`,
/// keys that may be the only ones stay.
fn clear(dir: &Path, keep: usize, newest: &Path, locked: u64) -> Result<(), Failure> {
    if locked > 0 {
        eprintln!(
            "avvikelse: {locked} identities have no key in this database: they were erased after the copy that it was \
             restored from, or their keys were not put back (avvikelse keys import FILE). Keys beside older copies \
             that are more than these stay until you remove them."
        );
    }
    let gone = backups::prune(dir, keep, newest, locked > 0).map_err(|error| {
        Failure::new(format!("what is old in {} is not removed: {error}", dir.display()))
    })?;
    if gone > 0 {
        println!("{gone} old copies are removed");
    }
    Ok(())
}

/// A copy that was made.
struct Made {
    /// The keys of records beside it; `None` where they are inside: a database of an earlier release has every key in
    /// its record.
    taken: Option<TakenOut>,
    /// How many identities have no key anywhere.
    locked: u64,
}

/// Makes one checked copy, and tells what is in it.
async fn once(config: &Config, file: &Path) -> Result<Made, Failure> {
    let begun = Instant::now();
    let store = connect_store(config)?;
    let (content, taken, locked) = if store.keys_lie_apart().await? {
        let (content, taken) = store.backup_apart(file, &keys_beside(file)).await?;
        (content, Some(taken), store.sealed_without_key().await?)
    } else {
        (store.backup_into(file).await?, None, 0)
    };
    let seconds = begun.elapsed().as_secs_f64();
    println!("backed up {} to {}", config.database_url, file.display());
    tell(&content);
    println!("{} bytes in {seconds:.1} s; checked, schema {}", content.bytes, content.schema);
    if taken.is_none() {
        println!(
            "The keys of records about persons are inside this copy, since the database is of a release before \
             they lay apart: who is erased later opens in it still."
        );
    }
    Ok(Made { taken, locked })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_unit() {
        let seconds = |text| apart(text).map(|it| it.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("6h"), Ok(21_600));
        assert_eq!(seconds("1d"), Ok(86_400));
        for text in ["", "m", "15", "0m", "-1m", "1w", "15 m", "99999999999999999999d", "1ö"] {
            assert!(apart(text).is_err(), "{text}");
        }
    }
}
