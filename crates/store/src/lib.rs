//! The databases: rows, migrations, transactions. Speaks in domain types; no SQL leaves it.
//!
//! A [`Store`] is one database, SQLite or PostgreSQL. Everything a tenant owns is reached through
//! [`Store::read`] and [`Store::write`], which open a [`Tx`] of that tenant; the queries are
//! methods of `Tx`, one file a family of tables. Every query is written once, for both databases.

mod access_log;
mod additions;
mod among;
mod answers;
mod attachments;
mod backup;
mod beside;
mod case_lists;
mod case_parts;
mod cases;
mod chain;
mod citus;
mod clocks;
mod connection;
mod counterparties;
mod delegations;
mod dialect;
mod disclosures;
mod entrance;
mod error;
mod escalation_lists;
mod escalations;
mod exposures;
mod facts;
mod figures;
mod folding;
mod forwarding_lists;
mod forwardings;
mod gathered;
mod grants;
mod group_grants;
mod handovers;
mod health;
mod investigations;
mod joint;
mod learning;
mod leases;
mod machines;
mod mail;
mod measures;
mod migrate;
mod opinions;
mod own_figures;
mod pooled;
mod portal;
mod portal_codes;
mod portal_files;
mod portal_log;
mod portal_page;
mod publications;
mod reading_grounds;
mod receipts;
mod record_keys;
mod records;
mod register;
mod repeated;
mod report_confirmations;
mod report_issues;
mod report_marks;
mod report_partners;
mod report_texts;
mod reporter;
mod reports;
mod retention;
mod reviews;
mod samples;
mod schema;
mod sealed_keys;
mod settings;
mod spot_checks;
mod sql_types;
mod staff;
#[cfg(debug_assertions)]
mod statements;
mod subjects;
mod surveys;
mod tenant_codes;
mod tenant_keys;
mod tenants;
mod transaction;
mod units;
mod wall;
mod wipe;
mod worklist;
mod writer;
mod yearly;

use std::fs::{File, OpenOptions};
use std::sync::Arc;

use domain::ids::TenantId;

pub use access_log::{LogFilter, LogOrder, LoggedCase};
pub use additions::Additions;
pub use attachments::{KeptAttachment, KeptContent, Place};
pub use backup::{BackupError, Content, TenantContent, check_file, restore_file};
pub use case_lists::{CaseFilter, CaseLine, Order};
pub use case_parts::HistoryEntry;
pub use chain::{ChainHead, ChainLink, HistoryDocument, Log, LoggedEntry, Unlinked};
pub use clocks::{ClockedCases, RungTold};
pub use connection::{Backend, DatabaseUrl, PostgresUrl};
pub use entrance::Entrance;
pub use error::Error;
pub use escalation_lists::{EscalationFilter, EscalationReading};
pub use figures::MOST_UNFOLDED;
pub use folding::Folded;
pub use forwarding_lists::ForwardingFilter;
pub use forwardings::ForwardingEntry;
pub use health::{Settings, free_space};
pub use learning::CardFilter;
pub use machines::TakenMessage;
pub use mail::{Backlog, WaitingMessage};
pub use measures::{
    CaseNamed, MeasureFilter, MeasureLine, Meeting, Reader, Similar, SimilarFilter,
};
pub use portal_codes::{KeptCode, KeptWord};
pub use portal_files::PortalFile;
pub use portal_log::PortalEntry;
pub use publications::Published;
pub use receipts::{Receipt, Renewal};
pub use record_keys::{Keyed, TakenOut};
pub use records::{AccessEntry, AuditEntry, KeptAnswer, Message, RecordCounts};
pub use register::{RegisterFilter, RegisterRow};
pub use repeated::Within;
pub use report_confirmations::{ReportConfirmation, ReportWord};
pub use report_issues::ReportIssue;
pub use report_marks::ReportMarks;
pub use report_partners::SharedLine;
pub use reporter::OwnFilter;
pub use reports::{FrozenHead, FrozenVersion};
pub use retention::{EndedCase, ErasedCase, KeptPlan, LooseEnd};
pub use reviews::ReviewEntry;
pub use sealed_keys::{SealedTable, WrappedKey};
pub use subjects::{Sealed, SealedSubject};
pub use tenant_keys::TenantKey;
pub use transaction::Tx;
pub use wall::Wall;
pub use worklist::MeasuresAsked;
pub use yearly::YearlyFilter;

use connection::Connector;
use transaction::{Database, Roles};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the database is.
    pub url: DatabaseUrl,
    /// PostgreSQL: how the role that owns the tables is connected, where it is another than the one of `url`. It is
    /// used to migrate and for nothing else.
    pub migrate_url: Option<DatabaseUrl>,
    /// PostgreSQL: the role that is given the rows of all tables whenever the schema is brought up to date; `None` is the
    /// one of `url`, where another migrates.
    pub grant_to: Option<String>,
    /// SQLite: how many reads run at once. PostgreSQL: the size of the pool, for reads and writes.
    pub read_connections: u32,
    /// How many writes may wait before [`Error::Busy`] answers the next.
    pub write_queue: usize,
    /// Lets the connection to a PostgreSQL on another machine go unencrypted.
    pub allow_plaintext: bool,
}

impl Config {
    /// A configuration with the usual sizes.
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            migrate_url: None,
            grant_to: None,
            read_connections: 8,
            write_queue: 1024,
            allow_plaintext: false,
        }
    }
}

/// One database. Cheap to clone; all clones are the same store. Dropping the last one waits until
/// the writes that were accepted are done.
///
/// Its calls need a Tokio runtime, and nothing happens until their future is first polled. From
/// then on a write runs to its end, whether or not anybody still waits for it.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.backend()).finish()
    }
}

impl Store {
    /// Opens the database and connects once. Blocks. Changes no schema; see [`Store::migrate`].
    ///
    /// # Errors
    /// [`Error::Config`] for what can never work, [`Error::Unavailable`] when nothing answers.
    pub fn open(config: Config) -> Result<Self, Error> {
        let connector = Connector::new(config.url, config.allow_plaintext)?;
        let migrator = match config.migrate_url {
            None => None,
            Some(url) if url.backend() == connector.backend() => {
                Some(Connector::new(url, config.allow_plaintext)?)
            }
            Some(_) => {
                let other = "the role that migrates is one of another kind of database";
                return Err(Error::Config(other.to_owned()));
            }
        };
        let roles = Roles { migrator, grant_to: config.grant_to };
        let database =
            Database::open(connector, roles, config.read_connections, config.write_queue)?;
        Ok(Self { database: Arc::new(database) })
    }

    /// Which database it is, for the log and for readiness; no query depends on it.
    pub fn backend(&self) -> Backend {
        self.database.connector().backend()
    }

    /// Reads in one snapshot: every statement of `work` sees the same moment. `work` blocks a
    /// thread made for that; it can change nothing.
    ///
    /// # Errors
    /// What `work` returns; [`Error::Unavailable`] without a connection; [`Error::Panicked`].
    pub fn read<T, E, F>(
        &self,
        tenant: TenantId,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let database = Arc::clone(&self.database);
        async move { database.read(Some(tenant), move |conn| work(&mut Tx { conn, tenant })).await }
    }

    /// Reads with one statement: the query of `work` that sees everything it needs by itself, with
    /// no transaction around it. A second statement panics in a debug build.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn ask<T, E, F>(
        &self,
        tenant: TenantId,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let database = Arc::clone(&self.database);
        async move { database.ask(tenant, move |conn| work(&mut Tx { conn, tenant })).await }
    }

    /// Writes in one transaction and answers when it is on disk. An error of `work`, or a panic,
    /// takes back everything it did.
    ///
    /// On SQLite all writes share one thread: `work` does no I/O, no cryptography, no waiting.
    ///
    /// # Errors
    /// What `work` returns. [`Error::Busy`] when too many wait. [`Error::Unavailable`] when nothing
    /// could be committed, or when PostgreSQL went away during the commit, in which case it may or
    /// may not have happened: what is tried again must be recognised by its id. [`Error::Panicked`].
    pub fn write<T, E, F>(
        &self,
        tenant: TenantId,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let database = Arc::clone(&self.database);
        async move { database.write(tenant, move |conn| work(&mut Tx { conn, tenant })).await }
    }

    /// How many writes were asked of this store so far: whoever can wait tells by it whether others are waiting.
    pub fn writes_asked(&self) -> u64 {
        self.database.writes_asked()
    }

    /// Whether the database answers, and would take a write: a PostgreSQL that stands by for another does not.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.database.read(None, dialect::takes_writes).await
    }

    /// How many statements that touch a table were begun through this store: a test that takes it
    /// before and after a call holds the call to its number. What begins and ends a transaction
    /// does not count, nor do migrations. Debug builds only.
    #[cfg(debug_assertions)]
    pub fn statements_run(&self) -> u64 {
        statements::run(self.database.connector().seen())
    }

    /// Whose units a statement sees that names no tenant, and that belongs to none. Debug builds only.
    ///
    /// # Errors
    /// As [`Store::read`].
    #[cfg(debug_assertions)]
    pub async fn tenants_in_sight(&self) -> Result<Vec<String>, Error> {
        self.database.read(None, transaction::in_sight).await
    }

    /// How often a connection to PostgreSQL was turned from one tenant to another. Debug builds only.
    #[cfg(debug_assertions)]
    pub fn turns_made(&self) -> u64 {
        statements::turns(self.database.connector().seen())
    }

    /// The texts of the last of them, oldest first and without values: which they were, when their
    /// number is not as expected. Debug builds only.
    #[cfg(debug_assertions)]
    pub fn last_statements(&self) -> Vec<String> {
        statements::texts(self.database.connector().seen())
    }

    /// Makes this process the only one that serves a SQLite file, for as long as the lock is held;
    /// commands beside the service do not take it. PostgreSQL takes any number of services.
    ///
    /// # Errors
    /// [`Error::AlreadyServed`] when another process has it, [`Error::Unavailable`] when the lock
    /// file beside the database cannot be written.
    pub fn lock_for_serving(&self) -> Result<ServingLock, Error> {
        let Some(file) = self.database.connector().file() else {
            return Ok(ServingLock { _file: None });
        };
        let failed =
            |error: std::io::Error| Error::Unavailable(format!("{}: {error}", file.display()));
        // Two names of one file must meet at one lock.
        let mut path = file.canonicalize().map_err(failed)?.into_os_string();
        path.push(".lock");
        // A lock of its own, since SQLite takes and drops locks on its own files at will.
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(failed)?;
        match fs4::FileExt::try_lock(&lock) {
            Ok(()) => Ok(ServingLock { _file: Some(lock) }),
            Err(fs4::TryLockError::WouldBlock) => {
                Err(Error::AlreadyServed(file.display().to_string()))
            }
            Err(fs4::TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

/// Held by the one process that serves a SQLite file. The system lets go of it when the process
/// ends, however it ends.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct ServingLock {
    _file: Option<File>,
}
