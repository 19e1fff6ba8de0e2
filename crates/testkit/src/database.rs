//! A database of a test's own, on SQLite and on PostgreSQL.

use std::path::Path;
use std::process::Command;

use uuid::Uuid;

/// Which database a test runs on.
#[derive(Debug)]
pub enum Database {
    /// A file in the service's own directory.
    Sqlite,
    /// A database made for this test, dropped after it.
    Postgres {
        /// A superuser's URL.
        admin: String,
        /// The name of the test's database.
        name: String,
    },
}

impl Database {
    /// A new database on PostgreSQL, in the cluster `admin` names.
    fn postgres(admin: String) -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        psql(&admin, &format!("CREATE DATABASE {name}"));
        Self::Postgres { admin, name }
    }

    /// Its URL, as the service takes it.
    pub fn url(&self, dir: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite:{}", dir.join("avvikelse.db").display()),
            Self::Postgres { admin, name } => {
                let server = admin.rsplit_once('/').map_or(admin.as_str(), |(server, _)| server);
                format!("{server}/{name}")
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
