//! `avvikelse support-bundle`: what whoever helps needs to know, in one archive, without personal data.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::Clock as _;
use domain::calendar::swedish_date;
use domain::disclosure::{KnownNames, What, in_text};
use files::DepotUrl;
use jiff::civil::Date;
use report::archive::Archive;
use serde_json::{Value, json};

use super::doctor;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::Failure;
use crate::serve::{connect_store, resolve};

/// How many of the last lines of a log go along.
const LINES: usize = 500;
/// How much of the end of a log is read, in bytes.
const TAIL: u64 = 1024 * 1024;
/// How long the running service may take to tell its metrics.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// The most that is taken of its answer.
const LARGEST_ANSWER: u64 = 4 * 1024 * 1024;
/// What stands where something was taken out of a log.
const TAKEN_OUT: &str = "[…]";

/// Where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Archive to make
    file: PathBuf,
    /// A log of the service, of which the last lines go along, scrubbed
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
}

/// Packs it, and tells what is in it.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    let now = SystemClock.now();
    let today = swedish_date(now);
    let mut files: Vec<(&str, String)> = vec![
        ("version.json", pretty(&version())),
        ("settings.json", pretty(&settings(&config))),
        ("doctor.txt", doctor::lines(&config).await.join("\n") + "\n"),
        ("database.json", pretty(&database(&config).await)),
        ("metrics.txt", metrics(&config)),
    ];
    if let Some(path) = &args.log_file {
        files.push(("log.txt", log(path, today)?));
    }
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", args.file.display()));
    let mut archive = Archive::begin(now);
    let mut bytes = Vec::new();
    for (name, text) in &files {
        bytes.extend(archive.add(name, text.as_bytes(), true).map_err(failed)?);
    }
    bytes.extend(archive.end().map_err(failed)?);
    let mut made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&args.file)
        .map_err(failed)?;
    made.write_all(&bytes).and_then(|()| made.sync_all()).map_err(failed)?;
    println!("packed {}", args.file.display());
    for (name, text) in &files {
        println!("  {name}, {} bytes", text.len());
    }
    println!(
        "Keys, passwords, cases, persons and staff are not in it. A log is scrubbed by patterns: look through it before \
         it leaves."
    );
    Ok(())
}

fn pretty(value: &Value) -> String {
    // A value is JSON already: this cannot fail.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn version() -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "debug": cfg!(debug_assertions),
        "system": std::env::consts::OS,
        "processor": std::env::consts::ARCH,
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
    })
}

/// The settings, without anything that opens something: addresses of databases come without user and password.
fn settings(config: &Config) -> Value {
    let attachments = match &config.attachments {
        DepotUrl::Database => "database",
        DepotUrl::Directory(_) => "directory",
        DepotUrl::Bucket { .. } => "bucket",
    };
    json!({
        "database": config.database_url.backend().to_string(),
        "data_dir": config.data_dir,
        "key_file": config.key_file,
        "attachments": attachments,
        "scans_attachments": config.clamd.is_some(),
        "mail": config.mail.as_ref().map(|mail| mail.transport.kind()),
        "listen": config.listen,
        "admin_listen": config.admin_listen,
        "admin_public": config.admin_public,
        "backup_dir": config.backup_dir,
        "unsafe_settings": config.unsafe_settings,
        "log": config.log,
        "log_format": format!("{:?}", config.log_format).to_lowercase(),
        "database_plaintext": config.database_plaintext,
        "database_connections": config.database_connections,
        "workers": config.workers,
        "drain_seconds": config.drain.as_secs(),
        "issuers": config.issuers.iter().map(|issuer| &issuer.issuer).collect::<Vec<_>>(),
    })
}

async fn database(config: &Config) -> Value {
    let asked = async {
        let store = connect_store(config)?;
        let schema = store.schema_version().await?;
        let pending = store.pending_migrations().await?;
        let sizes = store.table_sizes().await?;
        Ok::<_, Failure>(json!({ "schema": schema, "pending": pending, "rows": sizes }))
    };
    asked.await.unwrap_or_else(|failure| json!({ "failed": failure.to_string() }))
}

/// What the running service tells on the operator's address; why not, where it tells nothing.
fn metrics(config: &Config) -> String {
    let Some(listen) = &config.admin_listen else { return "# --admin-listen is off\n".to_owned() };
    let ask = || -> Result<String, String> {
        let failed = |error: std::io::Error| error.to_string();
        let addr = resolve("--admin-listen", listen).map_err(|failure| failure.to_string())?;
        let mut stream = TcpStream::connect_timeout(&addr, ANSWER_WITHIN).map_err(failed)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN)).map_err(failed)?;
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).map_err(failed)?;
        let mut answer = Vec::new();
        stream.take(LARGEST_ANSWER).read_to_end(&mut answer).map_err(failed)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    match ask() {
        Ok(answer) => {
            let told = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            // Chunks are as they come: their sizes are lines of their own.
            let figure = |line: &&str| {
                line.starts_with("avvikelse_") || line.contains('{') || line.contains("_total")
            };
            told.lines().map(str::trim_end).filter(figure).map(|line| format!("{line}\n")).collect()
        }
        Err(error) => format!("# the service did not answer: {error}\n"),
    }
}

/// The last lines of a log, without what may be about a person.
fn log(path: &Path, today: Date) -> Result<String, Failure> {
    use std::io::{Seek as _, SeekFrom};
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).map_err(failed)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    Ok(last.iter().map(|line| scrubbed(line, today) + "\n").collect())
}

/// A line without numbers of persons and telephones, addresses, and whatever stands in quotes: a value somebody gave.
fn scrubbed(line: &str, today: Date) -> String {
    let mut unquoted = String::new();
    for (at, part) in line.split('"').enumerate() {
        match at % 2 {
            0 => unquoted.push_str(part),
            _ if short_word(part) => unquoted.push_str(&format!("\"{part}\"")),
            _ => unquoted.push_str(&format!("\"{TAKEN_OUT}\"")),
        }
    }
    let found = in_text(&unquoted, &KnownNames::default(), today);
    let covered = |at: usize| {
        found.iter().any(|(from, to, _): &(usize, usize, What)| (*from..*to).contains(&at))
    };
    let mut clean = String::new();
    let mut inside = false;
    for (at, char) in unquoted.chars().enumerate() {
        match (covered(at), inside) {
            (true, false) => clean.push_str(TAKEN_OUT),
            (true, true) => {}
            (false, _) => clean.push(char),
        }
        inside = covered(at);
    }
    clean.split(' ').map(without_address).collect::<Vec<_>>().join(" ")
}

/// Names of fields and codes, as JSON quotes them.
fn short_word(text: &str) -> bool {
    let plain =
        |char: char| char.is_ascii_lowercase() || matches!(char, '_' | '.' | ':' | '/' | '{' | '}');
    text.len() <= 60 && text.chars().all(plain)
}

/// A word without an address of the net.
fn without_address(word: &str) -> String {
    let bare = word.trim_matches(|char: char| !char.is_ascii_alphanumeric() && char != ':');
    let host = bare.rsplit_once('=').map_or(bare, |(_, value)| value);
    let address =
        host.parse::<std::net::IpAddr>().is_ok() || host.parse::<std::net::SocketAddr>().is_ok();
    if address { word.replace(host, TAKEN_OUT) } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_log_is_without_persons_and_addresses() {
        let clean = |line: &str| scrubbed(line, date(2026, 3, 1));
        for (line, gone) in [
            ("WARN field given=19121212-1212 refused", "19121212-1212"),
            ("INFO mail to anna.berg@example.se sent", "anna.berg"),
            ("INFO from peer=192.0.2.7 done", "192.0.2.7"),
            ("INFO from [2001:db8::7] done", "2001:db8::7"),
            (r#"{"level":"warn","given":"Anna Berg på Rosengatan 3"}"#, "Anna"),
            ("ring 070-123 45 67", "123 45"),
        ] {
            assert!(!clean(line).contains(gone), "{line}: {}", clean(line));
        }
        let kept = "2026-03-01T08:00:00Z  INFO serving listen=http://x backend=sqlite";
        assert_eq!(clean(kept), kept);
        let kept = r#"{"level":"warn","target":"app::jobs"}"#;
        assert_eq!(clean(kept), kept);
    }
}
