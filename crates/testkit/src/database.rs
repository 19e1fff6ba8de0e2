//! A database of a test's own, on SQLite and on PostgreSQL.

use std::path::Path;
use std::process::Command;

use uuid::Uuid;

/// Who owns the tables of every test's database.
const OWNER: &str = "avvikelse_test_owner";
/// Who serves them, and owns nothing.
const SERVICE: &str = "avvikelse_test_service";

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
    },
}

impl Database {
    /// A new database on PostgreSQL, in the cluster `admin` names.
    fn postgres(admin: String) -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        for role in [OWNER, SERVICE] {
            // Two tests may make it at once.
            psql(
                &admin,
                &format!(
                    "DO $$ BEGIN CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS; \
                     EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
                ),
            );
        }
        psql(&admin, &format!("CREATE DATABASE {name} OWNER {OWNER}"));
        Self::Postgres { admin, name }
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
            Self::Sqlite => format!("sqlite:{}", dir.join("avvikelse.db").display()),
            Self::Postgres { admin, name } => {
                let server = admin.rsplit_once('/').map_or(admin.as_str(), |(server, _)| server);
                let place = server.rsplit_once('@').map(|(_, place)| place);
                match (role, place) {
                    (Some(role), Some(place)) => format!("postgres://{role}@{place}/{name}"),
                    (None, _) | (_, None) => format!("{server}/{name}"),
                }
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { admin, name } = self {
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
    test(Database::Sqlite);
    match std::env::var("AVVIKELSE_TEST_POSTGRES") {
        Ok(admin) => test(Database::postgres(admin)),
        Err(_) => assert!(
            std::env::var_os("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_none(),
            "PostgreSQL is required: set AVVIKELSE_TEST_POSTGRES, or run ./test"
        ),
    }
}
