//! Where the database is, and how a connection to it is made.

use std::fmt;
use std::net::IpAddr;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use domain::ids::TenantId;

use crate::error::Error;
#[cfg(debug_assertions)]
use crate::statements;
use crate::wall;

mod any {
    // What the derive makes cannot carry documentation of its own.
    #![allow(missing_docs)]

    use diesel::{MultiConnection, PgConnection, SqliteConnection};

    /// A connection to either database; every query is written once, over this.
    #[derive(MultiConnection)]
    pub enum AnyConnection {
        /// PostgreSQL.
        Postgres(PgConnection),
        /// SQLite.
        Sqlite(SqliteConnection),
    }
}

pub use any::{AnyConnection, MultiBackend, MultiRawValue};

impl AnyConnection {
    /// Turns the open transaction to a tenant, until its end or the next turn; SQLite has no wall.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub(crate) fn turn_to(&mut self, tenant: TenantId) -> Result<(), Error> {
        let Self::Postgres(conn) = self else { return Ok(()) };
        Ok(conn.batch_execute(&wall::turn_for_transaction(tenant))?)
    }
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One file, one service.
    Sqlite,
    /// A server, several services.
    Postgres,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgres",
        })
    }
}

/// The address of a database: `sqlite:PATH` or `postgres://…`. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, which is made when it does not exist.
    Sqlite(PathBuf),
    /// A server, by a URL as libpq reads it.
    Postgres(PostgresUrl),
}

/// A URL as libpq reads it. Only ever printed without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl DatabaseUrl {
    /// Which database the address is for.
    pub fn backend(&self) -> Backend {
        match self {
            DatabaseUrl::Sqlite(_) => Backend::Sqlite,
            DatabaseUrl::Postgres(_) => Backend::Postgres,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            if path.is_empty()
                || path == ":memory:"
                || path.starts_with("file:")
                || path.contains(['\0', '?'])
            {
                return Err(Error::Config(
                    "sqlite: needs the path of a file, as in sqlite:avvikelse.db".to_owned(),
                ));
            }
            // `sqlite://data.db` would silently mean the file `/data.db`.
            if path.starts_with("//") && !path.starts_with("///") {
                return Err(Error::Config(
                    "write sqlite:PATH, without slashes before a relative path".to_owned(),
                ));
            }
            return Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(DatabaseUrl::Postgres(PostgresUrl(url.to_owned())));
        }
        // The URL itself is not repeated: it may be one with a password and a misspelt scheme.
        Err(Error::Config("the database URL must begin with sqlite: or postgres://".to_owned()))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts();
        // Parameters may hold a password, too, so none is shown.
        write!(f, "postgres://")?;
        if let Some(user) = parts.user {
            write!(f, "{user}@")?;
        }
        write!(f, "{}/{}", parts.hosts, parts.database)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A URL cut at its separators, nothing decoded yet.
struct UrlParts<'a> {
    user: Option<&'a str>,
    password: Option<&'a str>,
    hosts: &'a str,
    database: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl PostgresUrl {
    /// The URL for the tools of PostgreSQL, which ask for the password themselves.
    pub fn for_tools(&self) -> String {
        let parts = self.parts();
        let places: Vec<_> = parts
            .parameters
            .iter()
            .filter(|(name, _)| {
                ["host", "hostaddr", "port"].contains(&percent_decoded(name).as_str())
            })
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if places.is_empty() { self.to_string() } else { format!("{self}?{}", places.join("&")) }
    }

    fn parts(&self) -> UrlParts<'_> {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, authority),
        };
        let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
            Some(Ok((user, password))) => (Some(user), Some(password)),
            Some(Err(user)) => (Some(user), None),
            None => (None, None),
        };
        let parameters = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        UrlParts { user, password, hosts, database, parameters }
    }

    /// Every host libpq may connect to by this URL; empty when it would be the local socket.
    fn hosts(&self) -> Vec<String> {
        let parts = self.parts();
        let mut hosts: Vec<String> = Vec::new();
        for host in parts.hosts.split(',') {
            let host = match host.strip_prefix('[') {
                Some(v6) => v6.split(']').next().unwrap_or(v6),
                None => host.split(':').next().unwrap_or(host),
            };
            hosts.push(percent_decoded(host));
        }
        for (name, value) in &parts.parameters {
            if ["host", "hostaddr"].contains(&percent_decoded(name).as_str()) {
                hosts.extend(percent_decoded(value).split(',').map(str::to_owned));
            }
        }
        hosts.retain(|host| !host.is_empty());
        if hosts.is_empty() {
            // What libpq falls back to.
            for variable in ["PGHOST", "PGHOSTADDR"] {
                let value = std::env::var(variable).unwrap_or_default();
                hosts.extend(value.split(',').filter(|host| !host.is_empty()).map(str::to_owned));
            }
        }
        hosts
    }

    /// Refuses what would send text over a network in the clear.
    fn refuse_plaintext(&self) -> Result<(), Error> {
        let by_service =
            self.parts().parameters.iter().any(|(name, _)| percent_decoded(name) == "service")
                || std::env::var_os("PGSERVICE").is_some();
        if by_service {
            return Err(Error::Config(
                "a service file hides which PostgreSQL host is meant; name the host in the URL"
                    .to_owned(),
            ));
        }
        match self.hosts().into_iter().find(|host| !stays_on_this_machine(host)) {
            None => Ok(()),
            Some(host) => Err(Error::Config(format!(
                "this program speaks no TLS to PostgreSQL, and {host} is another machine: use a local \
                 socket or tunnel, or allow plaintext explicitly"
            ))),
        }
    }

    /// A message of libpq, without the password it may repeat.
    fn without_password(&self, message: &str) -> String {
        let parts = self.parts();
        let from_query =
            parts.parameters.iter().filter(|(name, _)| percent_decoded(name).contains("pass"));
        let mut message = message.to_owned();
        for secret in parts.password.into_iter().chain(from_query.map(|(_, value)| *value)) {
            for written in [secret.to_owned(), percent_decoded(secret)] {
                if !written.is_empty() {
                    message = message.replace(&written, "***");
                }
            }
        }
        message
    }
}

/// Whether a host as libpq knows it is this machine: a socket or the loopback.
fn stays_on_this_machine(host: &str) -> bool {
    host.starts_with(['/', '@'])
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// `%2F` to `/`. What is not an escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Never changes anything, and on SQLite cannot.
    Read,
    /// Reads and writes.
    Write,
    /// Changes the schema, for as long as that takes.
    Migrate,
}

/// Makes connections, for the pool and for the writer.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    url: DatabaseUrl,
    purpose: Purpose,
    #[cfg(debug_assertions)]
    seen: statements::SharedSeen,
}

impl Connector {
    /// Checks that the address may be used at all; connects to nothing yet.
    pub(crate) fn new(url: DatabaseUrl, allow_plaintext: bool) -> Result<Self, Error> {
        if let DatabaseUrl::Postgres(url) = &url
            && !allow_plaintext
        {
            url.refuse_plaintext()?;
        }
        Ok(Self {
            url,
            purpose: Purpose::Write,
            #[cfg(debug_assertions)]
            seen: Default::default(),
        })
    }

    /// The same database, for another purpose.
    pub(crate) fn with(&self, purpose: Purpose) -> Self {
        Self { purpose, ..self.clone() }
    }

    /// What was seen on its connections.
    #[cfg(debug_assertions)]
    pub(crate) fn seen(&self) -> &statements::SharedSeen {
        &self.seen
    }

    pub(crate) fn backend(&self) -> Backend {
        self.url.backend()
    }

    /// The file, where the database is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => Some(path),
            DatabaseUrl::Postgres(_) => None,
        }
    }

    /// A connection with its settings made. The variant comes from the URL, not from the derive's
    /// `establish`, which tries one database after the other and so hides why the right one failed.
    pub(crate) fn connect(&self) -> Result<AnyConnection, Error> {
        Ok(self.connect_turning()?.0)
    }

    /// The same, and how it is turned to a tenant.
    fn connect_turning(&self) -> Result<(AnyConnection, Turning), Error> {
        let (conn, turning) = match &self.url {
            DatabaseUrl::Sqlite(path) => {
                (AnyConnection::Sqlite(connect_sqlite(path, self.purpose)?), Turning::Session)
            }
            DatabaseUrl::Postgres(url) => {
                let (conn, turning) = connect_postgres(url, self.purpose)?;
                (AnyConnection::Postgres(conn), turning)
            }
        };
        #[cfg(debug_assertions)]
        let conn = statements::watched(conn, &self.seen);
        Ok((conn, turning))
    }
}

/// How long SQLite waits for another process to let go of the file, in milliseconds.
const SQLITE_BUSY_TIMEOUT_MS: u32 = 5000;

/// What a connection that reads keeps of the file, in KiB. The system keeps the file in memory once for
/// all; a page that is not kept here costs a read from there.
const SQLITE_CACHE_KIB: u32 = 512;

fn connect_sqlite(path: &Path, purpose: Purpose) -> Result<SqliteConnection, Error> {
    #[derive(QueryableByName)]
    struct JournalMode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }

    let name = path
        .to_str()
        .ok_or_else(|| Error::Config("the path of the database is not UTF-8".to_owned()))?;
    let failed = |error: &dyn fmt::Display| Error::Unavailable(format!("{name}: {error}"));
    let mut conn = SqliteConnection::establish(name).map_err(|error| failed(&error))?;
    // The timeout comes first, because turning WAL on needs the file for itself for a moment.
    let timeout = format!("PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}");
    conn.batch_execute(&timeout).map_err(|error| failed(&error))?;
    let mode: JournalMode = diesel::sql_query("PRAGMA journal_mode = WAL")
        .get_result(&mut conn)
        .map_err(|error| failed(&error))?;
    if mode.journal_mode != "wal" {
        // Some network file systems refuse WAL; readers would then block the writer.
        return Err(Error::Config(format!(
            "{name}: the file system does not let SQLite use a write-ahead log"
        )));
    }
    // FULL, as with WAL a power failure may otherwise take commits that were already answered.
    // And what is deleted is overwritten: nothing that was erased stays in the file.
    conn.batch_execute(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON",
    )
    .map_err(|error| failed(&error))?;
    if purpose == Purpose::Read {
        let alone = format!("PRAGMA query_only = ON; PRAGMA cache_size = -{SQLITE_CACHE_KIB}");
        conn.batch_execute(&alone).map_err(|error| failed(&error))?;
    }
    Ok(conn)
}

/// How long a connection stays turned to a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turning {
    /// Until it is turned to another.
    Session,
    /// Until the transaction ends. On Citus: what a session sets stays on the node it is connected to, and what a
    /// transaction sets goes along to the others.
    Transaction,
}

/// The settings of PostgreSQL on which it depends that what was answered stays, and whether Citus is there.
#[derive(QueryableByName)]
struct Durability {
    #[diesel(sql_type = Text)]
    fsync: String,
    #[diesel(sql_type = Text)]
    full_page_writes: String,
    #[diesel(sql_type = Text)]
    synchronous_commit: String,
    #[diesel(sql_type = Bool)]
    citus: bool,
}

impl Durability {
    /// The name of one that is off.
    fn off(&self) -> Option<&'static str> {
        [
            ("fsync", &self.fsync),
            ("full_page_writes", &self.full_page_writes),
            ("synchronous_commit", &self.synchronous_commit),
        ]
        .into_iter()
        .find_map(|(name, value)| (value == "off").then_some(name))
    }
}

fn connect_postgres(url: &PostgresUrl, purpose: Purpose) -> Result<(PgConnection, Turning), Error> {
    let failed = |error: &dyn fmt::Display| {
        Error::Unavailable(format!("{url}: {}", url.without_password(&error.to_string())))
    };
    let mut conn = PgConnection::establish(&url.0).map_err(|error| failed(&error))?;
    // A migration may take its time over a large table, but must not keep everyone waiting for a
    // lock it does not get.
    let (statement, lock) = match purpose {
        Purpose::Read | Purpose::Write => ("30s", "5s"),
        Purpose::Migrate => ("0", "30s"),
    };
    // PostgreSQL takes a page out of turn to cost four in turn, as on a disk that spins, and so reads a whole
    // table where an index holds all that is asked. What is asked once an hour is not worth compiling.
    conn.batch_execute(&format!(
        "SET application_name = 'avvikelse'; SET timezone = 'UTC'; SET statement_timeout = '{statement}'; \
         SET lock_timeout = '{lock}'; SET idle_in_transaction_session_timeout = '60s'; \
         SET random_page_cost = 1.1; SET jit = off"
    ))
    .map_err(|error| failed(&error))?;
    // As one statement, since every new connection asks.
    let settings: Durability = diesel::sql_query(
        "SELECT current_setting('fsync') AS fsync, \
         current_setting('full_page_writes') AS full_page_writes, \
         current_setting('synchronous_commit') AS synchronous_commit, \
         EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') AS citus",
    )
    .get_result(&mut conn)
    .map_err(|error| failed(&error))?;
    if let Some(off) = settings.off() {
        return Err(Error::Config(format!(
            "{url}: {off} is off, so a crash could take what was already answered; turn it on"
        )));
    }
    if !settings.citus {
        return Ok((conn, Turning::Session));
    }
    // A change of the schema that touches several tables goes over one connection a node: over several it could not be
    // one transaction.
    let order = if purpose == Purpose::Migrate { "sequential" } else { "parallel" };
    for setting in [
        "SET citus.propagate_set_commands = 'local'".to_owned(),
        format!("SET citus.multi_shard_modify_mode = '{order}'"),
    ] {
        conn.batch_execute(&setting).map_err(|error| failed(&error))?;
    }
    Ok((conn, Turning::Transaction))
}

/// How long a connection may have lain in the pool without being asked whether it still lives. The
/// question is a round trip; what dies within this time is told to one caller as
/// [`Error::Unavailable`].
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A connection of the pool, and whose rows it shows.
pub(crate) struct Held {
    conn: AnyConnection,
    given_back: Instant,
    turning: Turning,
    /// The tenant it was last turned to, or that it was turned away from all of them; `None` where nobody knows.
    /// Between transactions nobody needs to, where each is turned by itself.
    turned: Option<Option<TenantId>>,
}

impl Held {
    /// Whether only a transaction can be turned, so that a statement by itself needs one around it.
    pub(crate) fn turns_transactions(&self) -> bool {
        self.turning == Turning::Transaction
    }

    /// From now on row-level security shows the rows of this tenant, or of none. Asks the server only when that is
    /// another than before, so whoever uses a connection begins with this or with [`Held::begin_turned`]: what it
    /// was turned to by the one before does not matter.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; the next one turns it again.
    pub(crate) fn turn_to(&mut self, tenant: Option<TenantId>) -> Result<(), Error> {
        if self.turned == Some(tenant) {
            return Ok(());
        }
        let AnyConnection::Postgres(conn) = &mut self.conn else { return Ok(()) };
        self.turned = None;
        conn.batch_execute(&wall::turn(tenant))?;
        self.turned = Some(tenant);
        Ok(())
    }

    /// The same together with the beginning of a transaction, in one round trip. The turn is a transaction of its own
    /// before it, and stays when that is rolled back.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub(crate) fn begin_turned(
        &mut self,
        tenant: Option<TenantId>,
        begin: &'static str,
    ) -> Result<(), Error> {
        let AnyConnection::Postgres(conn) = &mut self.conn else {
            return Err(Error::Config("SQLite has no turns".to_owned()));
        };
        if self.turning == Turning::Transaction {
            AnsiTransactionManager::begin_transaction_sql(conn, begin)?;
            if let Some(tenant) = tenant {
                // By itself: Citus sends the other nodes the whole text it was given.
                conn.batch_execute(&wall::turn_for_transaction(tenant))?;
            }
            return Ok(());
        }
        if self.turned == Some(tenant) {
            AnsiTransactionManager::begin_transaction_sql(conn, begin)?;
            return Ok(());
        }
        self.turned = None;
        let both = format!("BEGIN; {}; COMMIT; {begin}", wall::turn(tenant));
        AnsiTransactionManager::begin_transaction_sql(conn, &both)?;
        self.turned = Some(tenant);
        Ok(())
    }
}

impl Deref for Held {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.conn
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.conn
    }
}

impl r2d2::ManageConnection for Connector {
    type Connection = Held;
    type Error = Error;

    fn connect(&self) -> Result<Held, Error> {
        let (conn, turning) = self.connect_turning()?;
        // A new session shows nothing; it is turned all the same, by whoever is the first.
        Ok(Held { conn, given_back: Instant::now(), turning, turned: None })
    }

    fn is_valid(&self, conn: &mut Held) -> Result<(), Error> {
        if conn.given_back.elapsed() < TRUSTED_FOR {
            return Ok(());
        }
        Ok(conn.batch_execute("SELECT 1")?)
    }

    /// Asked when a connection is given back.
    fn has_broken(&self, conn: &mut Held) -> bool {
        use diesel::r2d2::R2D2Connection as _;
        conn.given_back = Instant::now();
        #[cfg(debug_assertions)]
        statements::expect_any(conn);
        // Nobody knows whose rows it shows: turning it failed half way.
        let lost = matches!(conn.conn, AnyConnection::Postgres(_))
            && conn.turning == Turning::Session
            && conn.turned.is_none();
        std::thread::panicking() || lost || conn.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connector(url: &str) -> Result<Connector, Error> {
        Connector::new(url.parse()?, false)
    }

    #[test]
    fn a_server_that_may_lose_commits_is_refused() {
        let settings = |fsync: &str, pages: &str, commit: &str| Durability {
            fsync: fsync.into(),
            full_page_writes: pages.into(),
            synchronous_commit: commit.into(),
            citus: false,
        };
        // What replicas wait for is the operator's choice; what is flushed here is not.
        assert_eq!(settings("on", "on", "on").off(), None);
        assert_eq!(settings("on", "on", "local").off(), None);
        assert_eq!(settings("off", "on", "on").off(), Some("fsync"));
        assert_eq!(settings("on", "off", "on").off(), Some("full_page_writes"));
        assert_eq!(settings("on", "on", "off").off(), Some("synchronous_commit"));
    }

    #[test]
    fn an_address_is_read_by_its_scheme() {
        assert_eq!(
            "sqlite:a/b.db".parse::<DatabaseUrl>().unwrap(),
            DatabaseUrl::Sqlite("a/b.db".into())
        );
        assert_eq!("sqlite:///a.db".parse::<DatabaseUrl>().unwrap().backend(), Backend::Sqlite);
        assert_eq!("postgresql://h/d".parse::<DatabaseUrl>().unwrap().backend(), Backend::Postgres);
        for wrong in
            ["", "sqlite:", "sqlite::memory:", "sqlite://a.db", "mysql://u:secret@h/d", "a.db"]
        {
            let error = wrong.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let url: DatabaseUrl =
            "postgres://anna:s%40cret@db:5432/avvikelse?password=other".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://anna@db:5432/avvikelse");
        assert_eq!(format!("{url:?}"), url.to_string());
        let DatabaseUrl::Postgres(url) = url else { panic!("not PostgreSQL") };
        assert_eq!(url.without_password("s@cret s%40cret other"), "*** *** ***");
    }

    #[test]
    fn plaintext_stays_on_this_machine() {
        for local in [
            "postgres://u@localhost/d",
            "postgres://u:p@127.0.0.1:5433/d",
            "postgres://u@[::1]:5433/d",
            "postgres://u@%2Frun%2Fpostgresql/d",
            "postgres:///d?host=/run/postgresql",
        ] {
            connector(local).unwrap();
        }
        for remote in [
            "postgres://u@db.example/d",
            "postgres://localhost,db.example/d",
            "postgres://localhost/d?hostaddr=10.0.0.1",
            "postgres:///d?host=db.example",
            "postgres:///d?%68ost=db.example",
            "postgres://localhost.example/d",
            "postgres:///d?service=main",
            "postgres://u@[2001:db8::1]/d",
        ] {
            assert!(matches!(connector(remote), Err(Error::Config(_))), "{remote}");
            Connector::new(remote.parse().unwrap(), true).unwrap();
        }
    }
}
