//! A database of a test's own, on SQLite and on PostgreSQL.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use store::{Config, Store};
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
    /// A database made for this test, dropped after it.
    Postgres {
        /// A superuser's URL, who goes past row-level security.
        admin: String,
        /// The name of the test's database.
        name: String,
        /// What it was copied from.
        template: Arc<Template>,
    },
}

/// A database with the tables and nothing in them. To make the tables takes longer than many a test; to copy them
/// takes a moment. That a new database gets its tables is a matter of the tests of the migrations.
#[derive(Debug)]
pub struct Template {
    admin: String,
    name: String,
}

impl Template {
    /// That of this process: made by who needs it first, dropped with the last who does.
    fn shared(admin: &str) -> Arc<Self> {
        static SHARED: Mutex<Weak<Template>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let made = Arc::new(Self::make(admin));
            *shared = Arc::downgrade(&made);
            made
        })
    }

    fn make(admin: &str) -> Self {
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
        let name = format!("test_template_{}", Uuid::new_v4().simple());
        psql(admin, &format!("CREATE DATABASE {name} OWNER {OWNER}"));
        let template = Self { admin: admin.to_owned(), name };
        let url = |role| url_on(admin, role, &template.name).parse().expect("a database URL");
        let mut config = Config::new(url(Some(SERVICE)));
        config.migrate_url = Some(url(Some(OWNER)));
        with_tables(config, |_| std::future::ready(()));
        template
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        psql(&self.admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// Opens a database, makes its tables, and does something with it.
fn with_tables<F: Future<Output = ()>>(config: Config, then: impl FnOnce(Store) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let store = Store::open(config).expect("a store");
        store.migrate().await.expect("the tables");
        then(store).await;
    });
}

/// A file of SQLite with the tables and nothing in them.
fn file_with_tables() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a directory");
        let copy = dir.path().join("copy.db");
        let url = format!("sqlite:{}", dir.path().join("made.db").display());
        let config = Config::new(url.parse().expect("a database URL"));
        with_tables(config, |store| {
            let copy = copy.clone();
            async move { drop(store.backup_into(&copy).await.expect("a copy")) }
        });
        std::fs::read(copy).expect("the copy")
    })
}

impl Database {
    /// A new database on PostgreSQL, with nothing in it.
    fn postgres(template: Arc<Template>) -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        psql(&template.admin, &format!("CREATE DATABASE {name} OWNER {OWNER}"));
        Self::Postgres { admin: template.admin.clone(), name, template }
    }

    /// Puts one with the tables in place of an empty database, for a service in `dir` that is the first to open it.
    pub(crate) fn make_tables(&self, dir: &Path) {
        match self {
            Self::Sqlite => {
                let file = dir.join(SQLITE_FILE);
                std::fs::write(&file, file_with_tables()).expect("a file");
                let only_ours = std::fs::Permissions::from_mode(0o600);
                std::fs::set_permissions(&file, only_ours).expect("a file of our own");
            }
            Self::Postgres { admin, name, template } => {
                let of = &template.name;
                psql(admin, &format!("DROP DATABASE {name}"));
                psql(admin, &format!("CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {of}"));
            }
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
            Self::Postgres { admin, name, .. } => url_on(admin, role, name),
        }
    }
}

/// The URL of a database in the cluster that `admin` names, by a role; by that of `admin` without one.
fn url_on(admin: &str, role: Option<&str>, name: &str) -> String {
    let server = admin.rsplit_once('/').map_or(admin, |(server, _)| server);
    let place = server.rsplit_once('@').map(|(_, place)| place);
    match (role, place) {
        (Some(role), Some(place)) => format!("postgres://{role}@{place}/{name}"),
        (None, _) | (_, None) => format!("{server}/{name}"),
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { admin, name, .. } = self {
            psql(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
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
    // Held from here on, since tests that run side by side take turns on PostgreSQL.
    let template = match std::env::var("AVVIKELSE_TEST_POSTGRES") {
        Ok(admin) => Some(Template::shared(&admin)),
        Err(_) => None,
    };
    test(Database::Sqlite);
    match template {
        Some(template) => test(Database::postgres(template)),
        None => assert!(
            std::env::var_os("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_none(),
            "PostgreSQL is required: set AVVIKELSE_TEST_POSTGRES, or run ./test"
        ),
    }
}
