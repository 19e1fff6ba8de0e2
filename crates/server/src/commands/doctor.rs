//! `avvikelse doctor`: whether everything the service needs is as it should be.

use std::fmt::Display;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::Clock as _;
use app::sealing::{Sealer, learn_all};
use auth::{LocalIssuer, Verifier};
use store::{DatabaseUrl, MOST_UNFOLDED, Settings, Store, Wall};

use crate::backups;
use crate::clock::SystemClock;
use crate::config::{Config, Flags};
use crate::failure::Failure;
use crate::keys::{Opened, does_not_fit, opened};
use crate::serve::{connect_store, resolve};
use crate::telemetry;

const MIB: u64 = 1024 * 1024;
/// Less room than this is told in good time.
const ROOM_WARN: u64 = 1024 * MIB;
/// How far the clock of the database may be off, in milliseconds.
const CLOCK_OFF: i64 = 2000;
/// The oldest PostgreSQL that is good enough, as it tells its version itself.
const POSTGRES: u32 = 140_000;
/// How long an entry may wait for the chain, in seconds.
const UNLINKED_FOR: i64 = 10;
/// How long an address may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// A newest backup that is older is told.
const BACKUP_OLD: Duration = Duration::from_secs(24 * 60 * 60);
/// The key of the built-in issuer.
const LOCAL_KEY: &str = "local-issuer.pk8";

/// Checks everything, a line each. Makes nothing and migrates nothing.
pub async fn run(flags: Flags) -> Result<(), Failure> {
    let mut report = Report { aloud: true, ..Report::default() };
    let file = flags.config.clone();
    let loaded = Config::load(flags).and_then(|config| telemetry::log(&config).map(|_| config));
    match loaded {
        Err(failure) => report.fail("configuration", failure),
        Ok(config) => {
            report.ok(match file {
                Some(file) => format!("configuration file {}", file.display()),
                None => "configuration, without a file".to_owned(),
            });
            check(&mut report, &config).await;
        }
    }
    report.end()
}

/// The lines of all checks, for whoever is to be asked for help.
pub(crate) async fn lines(config: &Config) -> Vec<String> {
    let mut report = Report::default();
    check(&mut report, config).await;
    report.lines
}

async fn check(report: &mut Report, config: &Config) {
    let there = data_directory(report, config);
    let sealer = key_file(report, config);
    let database = database(report, config).await;
    if config.keys_in_file() && !config.key_file.exists() {
        missing_key_file(report, config, &database).await;
    }
    if let (Database::Ready(store), Some(sealer)) = (&database, &sealer) {
        keys_fit(report, config, store, sealer).await;
    }
    if let Database::Ready(store) = &database {
        chain(report, store).await;
        sums(report, store).await;
    }
    if there {
        room(report, config);
    }
    issuers(report, config).await;
    address(report, "--listen", Some(&config.listen));
    address(report, "--admin-listen", config.admin_listen.as_ref());
    admin_public(report, config);
    backups_made(report, config);
    mail(report, config).await;
}

/// The lines, and how many were bad.
#[derive(Default)]
struct Report {
    warned: usize,
    failed: usize,
    /// They are also printed, one by one.
    aloud: bool,
    lines: Vec<String>,
}

impl Report {
    fn say(&mut self, line: String) {
        if self.aloud {
            println!("{line}");
        }
        self.lines.push(line);
    }

    fn ok(&mut self, what: impl Display) {
        self.say(format!("ok    {what}"));
    }

    fn warn(&mut self, what: impl Display, to_do: impl Display) {
        self.warned += 1;
        self.say(format!("warn  {}", one_line(what, to_do)));
    }

    fn fail(&mut self, what: impl Display, to_do: impl Display) {
        self.failed += 1;
        self.say(format!("fail  {}", one_line(what, to_do)));
    }

    fn hold(&mut self, holds: bool, what: impl Display, to_do: impl Display) {
        if holds { self.ok(what) } else { self.fail(what, to_do) }
    }

    fn end(self) -> Result<(), Failure> {
        match (self.failed, self.warned) {
            (0, 0) => println!("all is well"),
            (0, warned) => println!("{warned} to look at, nothing that fails"),
            (failed, _) => return Err(Failure::new(format!("{failed} checks failed, see above"))),
        }
        Ok(())
    }
}

/// Some errors come in several lines.
fn one_line(what: impl Display, to_do: impl Display) -> String {
    let to_do = to_do.to_string();
    let words: Vec<_> = to_do.split_whitespace().collect();
    format!("{what}  — {}", words.join(" "))
}

fn mode(path: &Path) -> Option<u32> {
    path.metadata().ok().map(|metadata| metadata.permissions().mode() & 0o777)
}

/// Tells whether it is there.
fn data_directory(report: &mut Report, config: &Config) -> bool {
    let path = config.data_dir.display();
    let what = format!("data directory {path}");
    match config.data_dir.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            report.warn(what, "not there yet: the first start makes it; or see --data-dir");
            return false;
        }
        Err(error) => report.fail(what, format!("{error}: see --data-dir and its rights")),
        Ok(metadata) if !metadata.is_dir() => {
            report.fail(what, "is no directory: see --data-dir");
        }
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o777;
            let what = format!("{what}, mode {mode:04o}");
            if mode & 0o700 != 0o700 || mode & 0o022 != 0 {
                report.fail(what, format!("only its owner may write in it; run: chmod 700 {path}"));
            } else if mode & 0o077 != 0 {
                report.warn(what, format!("others can look into it; run: chmod 700 {path}"));
            } else {
                report.ok(what);
            }
        }
    }
    true
}

fn key_file(report: &mut Report, config: &Config) -> Option<Sealer> {
    if !config.keys_in_file() {
        return other_keys(report, config);
    }
    let path = &config.key_file;
    let what = format!("key file {}", path.display());
    match path.metadata() {
        // Whether that is wrong, the database tells.
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => {
            report.fail(what, format!("{error}: see --key-file and its rights"));
            return None;
        }
        Ok(_) => {}
    }
    if mode(path).is_some_and(|mode| mode & 0o077 != 0) {
        report.fail(what, format!("others can read it; run: chmod 600 {}", path.display()));
        return None;
    }
    match Sealer::from_file(path, false) {
        Ok(sealer) => {
            report.ok(format!("{what}, readable by its owner alone"));
            Some(sealer)
        }
        Err(error) => {
            report.fail(what, format!("{error}: put back the copy you keep"));
            None
        }
    }
}

/// Keys that come from elsewhere than a file in the clear.
fn other_keys(report: &mut Report, config: &Config) -> Option<Sealer> {
    match Sealer::from_source(config.key_source()) {
        Ok(sealer) => {
            report.ok(if config.keys_in_environment {
                "keys from the environment"
            } else {
                "keys from the program that unwraps them"
            });
            Some(sealer)
        }
        Err(error) => {
            report.fail("keys", format!("{error}: see --key-command and AVVIKELSE_KEYS"));
            None
        }
    }
}

/// New keys are made for a new database only.
async fn missing_key_file(report: &mut Report, config: &Config, database: &Database) {
    let what = format!("key file {}", config.key_file.display());
    let new = match database {
        Database::New => true,
        Database::Ready(store) => store.tenants().await.is_ok_and(|tenants| tenants.is_empty()),
        Database::Not => false,
    };
    if new {
        report.warn(what, "not there yet: made when the database is set up, or see --key-file");
    } else {
        let to_do = "missing: put back the one that belongs to the database, or see --key-file";
        report.fail(what, to_do);
    }
}

/// How far one gets with the database.
enum Database {
    /// It is not there, or empty.
    New,
    /// It can be asked for rows.
    Ready(Store),
    /// It cannot.
    Not,
}

async fn database(report: &mut Report, config: &Config) -> Database {
    let what = format!("database {}", config.database_url);
    if let DatabaseUrl::Sqlite(path) = &config.database_url {
        if !path.exists() {
            report.warn(what, "not there yet: the first start makes it; or see --database-url");
            return Database::New;
        }
        file_rights(report, path);
    }
    let store = match connect_store(config) {
        Ok(store) => store,
        Err(failure) => {
            report.fail(what, failure);
            return Database::Not;
        }
    };
    let before = SystemClock.now();
    let settings = store.settings().await;
    let after = SystemClock.now();
    match settings {
        Err(error) => {
            report.fail(what, Failure::from(error));
            return Database::Not;
        }
        Ok(settings) => {
            report.ok(format!("{what} answers"));
            match settings {
                Settings::Sqlite { journal_mode, synchronous_full, foreign_keys } => {
                    let what = format!("journal_mode is {journal_mode}");
                    let to_do = "must be wal: move the database to a local file system";
                    report.hold(journal_mode == "wal", what, to_do);
                    let off = "off on our own connections: a fault of this program, report it";
                    report.hold(synchronous_full, "synchronous=FULL", off);
                    report.hold(foreign_keys, "foreign keys are held to", off);
                }
                Settings::Postgres {
                    version,
                    fsync,
                    full_page_writes,
                    synchronous_commit,
                    now,
                    wall,
                } => {
                    let what = format!("PostgreSQL {}.{}", version / 10_000, version % 10_000);
                    report.hold(version >= POSTGRES, what, "14 or later is needed");
                    let lost =
                        "a crash could lose what was answered; turn it on in postgresql.conf";
                    report.hold(fsync, "fsync", lost);
                    report.hold(full_page_writes, "full_page_writes", lost);
                    let what = format!("synchronous_commit is {synchronous_commit}");
                    report.hold(synchronous_commit != "off", what, lost);
                    clocks(report, before, now, after);
                    walls(report, wall);
                }
            }
        }
    }
    schema(report, store).await
}

/// Whether row-level security stands between the tenants.
fn walls(report: &mut Report, wall: Wall) {
    let Wall { role, bypasses, owns, open } = wall;
    let what = "row-level security between tenants";
    if !open.is_empty() {
        let to_do = format!("not whole around {}: run: avvikelse migrate", open.join(", "));
        report.fail(what, to_do);
    } else if bypasses {
        let to_do = format!(
            "not asked for the role {role}, which is a superuser or has BYPASSRLS: connect by one that is neither"
        );
        report.warn(what, to_do);
    } else if owns {
        report.ok(format!("{what}, forced on the role {role}, which owns the tables"));
    } else {
        report.ok(format!("{what}; the role {role} owns nothing"));
    }
}

fn clocks(
    report: &mut Report,
    before: jiff::Timestamp,
    database: jiff::Timestamp,
    after: jiff::Timestamp,
) {
    // It was asked at some moment in between.
    let off = (before.as_millisecond() - database.as_millisecond())
        .max(database.as_millisecond() - after.as_millisecond())
        .max(0);
    let what = format!("clock of the database, {off} ms off");
    report.hold(off < CLOCK_OFF, what, "set both machines' clocks by NTP");
}

fn file_rights(report: &mut Report, path: &Path) {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let files = [path.to_owned(), beside("-wal"), beside("-shm")];
    let open: Vec<_> = files
        .iter()
        .filter(|file| mode(file).is_some_and(|mode| mode & 0o077 != 0))
        .map(|file| file.display().to_string())
        .collect();
    let to_do = format!("others can read them; run: chmod 600 {}", open.join(" "));
    report.hold(open.is_empty(), "rights of the database files", to_do);
}

/// Tells whether it is what this release wants.
async fn schema(report: &mut Report, store: Store) -> Database {
    let found = async {
        let pending = store.pending_migrations().await?;
        Ok::<_, store::Error>((pending, store.schema_version().await?))
    };
    match found.await {
        Err(error) => report.fail("schema", Failure::from(error)),
        Ok((pending, None)) => {
            let what = format!("schema: none yet, {} migrations pending", pending.len());
            report.warn(what, "the next start of the service runs them, or: avvikelse migrate");
            return Database::New;
        }
        Ok((pending, Some(version))) if !pending.is_empty() => {
            let what = format!("schema {version}, {} migrations pending", pending.len());
            report.warn(what, "take a backup; the next start runs them, or: avvikelse migrate");
        }
        Ok((_, Some(version))) => {
            report.ok(format!("schema {version}, up to date"));
            return Database::Ready(store);
        }
    }
    Database::Not
}

async fn keys_fit(report: &mut Report, config: &Config, store: &Store, sealer: &Sealer) {
    if let Err(error) = learn_all(store, sealer, SystemClock.now()).await {
        report.fail("keys of tenants", error);
        return;
    }
    match opened(store, sealer).await {
        Ok(Opened::All(number)) => {
            report.ok(format!("the keys open a sealed identity of {number} tenants"));
        }
        Ok(Opened::NothingSealed) => {
            report.ok("no identity is sealed yet, so there is none to try the keys on");
        }
        Ok(Opened::Locked(number)) => report.fail(
            format!("{number} identities are sealed, and the key of none is here"),
            "put the keys back that lay beside the copy this was restored from: avvikelse keys import FILE",
        ),
        Ok(Opened::Not(tenant)) => report.fail("sealed identities", does_not_fit(config, &tenant)),
        Err(error) => report.fail("sealed identities", Failure::from(error)),
    }
}

/// How long entries have waited to be linked.
async fn chain(report: &mut Report, store: &Store) {
    let waiting = async {
        let (mut entries, mut oldest) = (0, None::<jiff::Timestamp>);
        for tenant in store.tenants().await? {
            let found = store.read(tenant.id, |tx| tx.count_unlinked(None)).await?;
            entries += found.entries;
            oldest = oldest.into_iter().chain(found.oldest).min();
        }
        Ok::<_, store::Error>((entries, oldest))
    };
    match waiting.await {
        Err(error) => report.fail("chain over audit and access entries", Failure::from(error)),
        Ok((0, _)) => report.ok("every audit and access entry is in its chain"),
        Ok((entries, oldest)) => {
            let seconds =
                oldest.map_or(0, |it| SystemClock.now().duration_since(it).as_secs().max(0));
            let what = format!(
                "{entries} audit and access entries are in no chain yet, the oldest {seconds} s old"
            );
            if seconds <= UNLINKED_FOR {
                report.ok(what);
            } else {
                report.warn(
                    what,
                    "the service links them while it runs: see that it does, and its log",
                );
            }
        }
    }
}

/// Whether the sums hold what they say, and how much they do not hold yet.
async fn sums(report: &mut Report, store: &Store) {
    let found = async {
        let (mut wrong, mut unfolded) = (Vec::new(), 0);
        for tenant in store.tenants().await? {
            let look = |tx: &mut store::Tx<'_>| {
                Ok::<_, store::Error>((tx.wrong_sums()?, tx.unfolded_facts(i64::MAX)?))
            };
            let (cells, facts) = store.read(tenant.id, look).await?;
            if cells > 0 {
                wrong.push(format!("{} of {}", cells, tenant.slug));
            }
            unfolded += facts;
        }
        Ok::<_, store::Error>((wrong, unfolded))
    };
    match found.await {
        Err(error) => report.fail("sums of figures", Failure::from(error)),
        Ok((wrong, _)) if !wrong.is_empty() => report.fail(
            format!("sums of figures: wrong are {}", wrong.join(", ")),
            "rows of case_facts or fact_sums were deleted or changed by hand: see docs/guides/figures-of-a-year.md",
        ),
        Ok((_, unfolded)) if unfolded > MOST_UNFOLDED => report.warn(
            format!("sums of figures are right; {unfolded} facts are not in them yet"),
            "figures are right, and slow until the service has folded these: leave it running",
        ),
        Ok((_, unfolded)) => {
            report.ok(format!("sums of figures are right; {unfolded} facts are not in them yet"));
        }
    }
}

/// Where the data directory is, and the database where it is elsewhere.
fn room(report: &mut Report, config: &Config) {
    for place in config.places() {
        let what = format!("free space at {}", place.display());
        match store::free_space(&place) {
            Err(error) => report.warn(what, error),
            Ok(bytes) => {
                let what = format!("{what}: {} MiB", bytes / MIB);
                if bytes < config.least_room {
                    report.fail(what, "make room now, or filings will be refused");
                } else if bytes < ROOM_WARN {
                    report.warn(what, "make room: less than 1 GiB is left");
                } else {
                    report.ok(what);
                }
            }
        }
    }
}

async fn issuers(report: &mut Report, config: &Config) {
    if config.issuers.is_empty() {
        let path = config.data_dir.join(LOCAL_KEY);
        let what = format!("key of the built-in issuer {}", path.display());
        if !path.exists() {
            report.ok(format!("{what}: made when it is first needed"));
            return;
        }
        match LocalIssuer::open(&config.data_dir) {
            Ok(_) => report.ok(format!("{what}, readable by its owner alone")),
            Err(error) => report.fail(what, error),
        }
        return;
    }
    match Verifier::new(config.issuers.clone(), None) {
        Err(error) => report.fail("issuers", error),
        Ok(verifier) => {
            let without = verifier.warm(SystemClock.now()).await;
            for issuer in &config.issuers {
                report.hold(
                    !without.contains(&issuer.issuer),
                    format!("keys of the issuer {}", issuer.issuer),
                    "cannot be fetched: see `issuer` and `jwks_uri`, and whether this machine may \
                     reach it",
                );
            }
        }
    }
}

/// Goes all the way to the mail server, and sends nothing.
async fn mail(report: &mut Report, config: &Config) {
    let Some(mail) = &config.mail else {
        report.warn("mail is off", "nobody is told of anything: see --smtp-url");
        return;
    };
    let what = format!("mail goes to {}", mail.transport.name());
    match mail.transport.check().await {
        Ok(()) => report.ok(format!("{what}, which takes it from us")),
        Err(error) => report.fail(what, mail.to_do(&error.to_string())),
    }
}

fn address(report: &mut Report, flag: &str, listen: Option<&String>) {
    let Some(listen) = listen else {
        report.ok(format!("{flag} is off"));
        return;
    };
    let what = format!("{flag} {listen}");
    let addr = match resolve(flag, listen) {
        Ok(addr) => addr,
        Err(failure) => {
            report.fail(what, failure);
            return;
        }
    };
    match TcpListener::bind(addr) {
        Ok(_) => report.ok(format!("{what} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if is_ours(addr) {
                report.ok(format!("{what} is served by this program"));
            } else {
                report.fail(what, "taken by another program: stop that one, or choose another");
            }
        }
        Err(error) => report.fail(what, format!("{error}: choose another")),
    }
}

/// What the start refuses, see `safety.rs`.
fn admin_public(report: &mut Report, config: &Config) {
    if let Some(to_do) = crate::safety::admin_reached(config) {
        report.fail("--admin-listen is reached from other machines", to_do);
    }
}

/// How old the newest copy is.
fn backups_made(report: &mut Report, config: &Config) {
    let Some(dir) = &config.backup_dir else { return };
    let what = format!("backups in {}", dir.display());
    match backups::newest(dir) {
        Err(error) => report.fail(what, error),
        Ok(None) => report.warn(what, "there is none yet: run avvikelse backup"),
        Ok(Some(copy)) => {
            let age = copy.age(SystemClock.now());
            let what = format!("{what}: the newest is {} minutes old", age.as_secs() / 60);
            let to_do = "older than a day: does avvikelse-backup.timer, or avvikelse backup --every, still run?";
            if age > BACKUP_OLD { report.warn(what, to_do) } else { report.ok(what) }
        }
    }
}

/// Whether what listens there answers as this program does.
fn is_ours(addr: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&addr, ANSWER_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_write_timeout(Some(ANSWER_WITHIN))?;
        let request = format!("GET /livez HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| {
        answer.starts_with("HTTP/1.1 200")
            && answer.to_ascii_lowercase().contains("\r\nx-request-id:")
            && answer.ends_with(r#"{"status":"ok"}"#)
    })
}
