//! A database of a test's own, on SQLite and on PostgreSQL.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use store::{Config, Store};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// Who owns the tables of every test's database.
const OWNER: &str = "avvikelse_test_owner";
/// Who serves them, and owns nothing.
const SERVICE: &str = "avvikelse_test_service";

/// The file of SQLite in the service's directory.
const SQLITE_FILE: &str = "avvikelse.db";

/// Which database a test runs on.
#[derive(Debug)]
pub enum Database {
    /// A file in the service's own directory.
    Sqlite,
    /// A database made for this test.
    Postgres {
        /// The test's own.
        own: Own,
        /// One with the tables and nothing in them. To make the tables takes longer than many a test; to copy them takes
        /// a moment. That a new database gets its tables is a matter of the tests of the migrations.
        with_tables: Arc<Own>,
    },
}

/// A database on PostgreSQL, dropped with this.
#[derive(Debug)]
pub struct Own {
    /// The URL of a superuser, who goes past row-level security.
    admin: String,
    name: String,
}

impl Own {
    /// One with nothing in it.
    fn empty(admin: &str) -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        create(admin, &name, "");
        Self { admin: admin.to_owned(), name }
    }

    /// One with the tables: that of this process, made by who needs it first, dropped with the last who does.
    fn shared_with_tables(admin: &str) -> Arc<Self> {
        static SHARED: Mutex<Weak<Own>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let made = Arc::new(Self::with_tables(admin));
            *shared = Arc::downgrade(&made);
            made
        })
    }

    fn with_tables(admin: &str) -> Self {
        for role in [OWNER, SERVICE] {
            // Two processes may make it at once.
            psql(
                admin,
                &format!(
                    "DO $$ BEGIN CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS; \
                     EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
                ),
            );
        }
        let own = Self::empty(admin);
        let url = |role| own.url_of(Some(role)).parse().expect("a database URL");
        let mut config = Config::new(url(SERVICE));
        config.migrate_url = Some(url(OWNER));
        store_with_tables(config);
        own
    }

    /// Makes it anew, as a copy of another.
    fn copy(&self, other: &Self) {
        self.remove();
        create(&self.admin, &self.name, &format!("TEMPLATE {}", other.name));
    }

    fn remove(&self) {
        psql(&self.admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }

    /// Its URL, by a role; by that of the superuser without one.
    fn url_of(&self, role: Option<&str>) -> String {
        let Self { admin, name } = self;
        let server = admin.rsplit_once('/').map_or(admin.as_str(), |(server, _)| server);
        let place = server.rsplit_once('@').map(|(_, place)| place);
        match (role, place) {
            (Some(role), Some(place)) => format!("postgres://{role}@{place}/{name}"),
            (None, _) | (_, None) => format!("{server}/{name}"),
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.remove();
    }
}

fn create(admin: &str, name: &str, how: &str) {
    psql(admin, &format!("CREATE DATABASE {name} OWNER {OWNER} {how}"));
}

/// Opens a database and makes its tables.
fn store_with_tables(config: Config) -> (Runtime, Store) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let store = runtime.block_on(async {
        let store = Store::open(config).expect("a store");
        store.migrate().await.expect("the tables");
        store
    });
    (runtime, store)
}

/// A file of SQLite with the tables and nothing in them.
fn file_with_tables() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a directory");
        let made = Database::Sqlite.url(dir.path()).parse().expect("a database URL");
        let (runtime, store) = store_with_tables(Config::new(made));
        let copy = dir.path().join("copy.db");
        runtime.block_on(store.backup_into(&copy)).expect("a copy");
        std::fs::read(copy).expect("the copy")
    })
}

impl Database {
    /// Puts one with the tables in place of an empty database, for a service in `dir` that is the first to open it.
    pub(crate) fn make_tables(&self, dir: &Path) {
        match self {
            Self::Sqlite => {
                let file = dir.join(SQLITE_FILE);
                std::fs::write(&file, file_with_tables()).expect("a file");
                let only_ours = std::fs::Permissions::from_mode(0o600);
                std::fs::set_permissions(&file, only_ours).expect("a file of our own");
            }
            Self::Postgres { own, with_tables } => own.copy(with_tables),
        }
    }

    /// Its URL, for a service whose one role owns the tables: no superuser, so that row-level security is on.
    pub fn url(&self, dir: &Path) -> String {
        self.url_of(Some(OWNER), dir)
    }

    /// Its URL for a service whose role owns nothing; [`Database::url`] is then who migrates.
    pub fn service_url(&self, dir: &Path) -> String {
        self.url_of(Some(SERVICE), dir)
    }

    /// Its URL for who looks at all rows past the service.
    pub fn admin_url(&self, dir: &Path) -> String {
        self.url_of(None, dir)
    }

    fn url_of(&self, role: Option<&str>, dir: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite:{}", dir.join(SQLITE_FILE).display()),
            Self::Postgres { own, .. } => own.url_of(role),
        }
    }
}

fn psql(url: &str, statement: &str) {
    let done = Command::new("psql").args([url, "-qXc", statement]).status();
    assert!(done.is_ok_and(|status| status.success()), "psql failed: {statement}");
}

/// Runs a test on SQLite, and on PostgreSQL where `AVVIKELSE_TEST_POSTGRES` names a cluster.
///
/// # Panics
/// When `AVVIKELSE_TEST_REQUIRE_POSTGRES` is set and there is none: skipped is not passed.
pub fn on_each_database(test: impl Fn(Database)) {
    let admin = std::env::var("AVVIKELSE_TEST_POSTGRES");
    // Held from here on, since tests that run side by side take turns on PostgreSQL.
    let with_tables = admin.ok().map(|admin| Own::shared_with_tables(&admin));
    test(Database::Sqlite);
    match with_tables {
        Some(with_tables) => {
            let own = Own::empty(&with_tables.admin);
            test(Database::Postgres { own, with_tables });
        }
        None => assert!(
            std::env::var_os("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_none(),
            "PostgreSQL is required: set AVVIKELSE_TEST_POSTGRES, or run ./test"
        ),
    }
}
