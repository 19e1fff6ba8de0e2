//! The schema: which migrations there are, which the database has, and how it gets the rest.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::Store;
use crate::connection::{AnyConnection, Backend};
use crate::error::Error;
use crate::{citus, dialect, wall};

pub(crate) const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The advisory lock of PostgreSQL under which one service at a time migrates. The number means
/// nothing; it only must never change.
const ADVISORY_LOCK: i64 = 0x4156_5649_4b45_4c53;

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

impl Store {
    /// Brings the schema up to what this program was built for, and tells the versions that were
    /// run. Services that start at once wait for each other.
    ///
    /// # Errors
    /// [`Error::Schema`] when the database has migrations this program does not know, or when one
    /// fails; nothing of that one is kept.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        let roles = self.database.roles();
        if self.backend() == Backend::Sqlite {
            return self.database.exclusively(|conn| change_schema(conn, None, run_pending)).await;
        }
        let mut grant_to = roles.grant_to.clone();
        if roles.migrator.is_some() && grant_to.is_none() {
            grant_to = Some(self.database.read(None, dialect::wall).await?.role);
        }
        if roles.migrator.is_none() && grant_to.is_none() && self.is_current().await? {
            // A role that owns nothing may not even ask the rest.
            return Ok(Vec::new());
        }
        let grant_to =
            move |conn: &mut AnyConnection| change_schema(conn, grant_to.as_deref(), run_pending);
        self.database.exclusively(grant_to).await
    }

    /// PostgreSQL with Citus: brings the schema up to date and spreads the tables over the nodes, the rows of each tenant together; tells
    /// what was done. The first time into so many shards. May be broken off anywhere and asked for again. Nobody else may use
    /// the database meanwhile, this store's own pool included: it is for a store that was just opened.
    ///
    /// # Errors
    /// [`Error::Config`] on a database without Citus, and while the service runs; [`Error::Schema`] as
    /// [`Store::migrate`], and for what [`Store::distribution_faults`] tells.
    pub async fn distribute(&self, shards: NonZeroU32) -> Result<Vec<String>, Error> {
        if self.backend() == Backend::Sqlite {
            return Err(Error::Config("SQLite is one file and stays one".to_owned()));
        }
        let roles = self.database.roles();
        let service = self.database.connector().clone();
        let (apart, grant_to) = (roles.migrator.is_some(), roles.grant_to.clone());
        let distribute = move |conn: &mut AnyConnection| {
            let grant_to = match grant_to {
                None if apart => Some(dialect::wall(&mut service.connect()?)?.role),
                given => given,
            };
            change_schema(conn, grant_to.as_deref(), |conn| distributed(conn, shards))
        };
        self.database.exclusively(distribute).await
    }

    /// What keeps tables of PostgreSQL from being distributed by tenant, a line each. Asks the catalogue alone, and needs no Citus.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn distribution_faults(&self) -> Result<Vec<String>, Error> {
        let faults = |conn: &mut AnyConnection| match conn {
            AnyConnection::Postgres(conn) => citus::faults(conn),
            AnyConnection::Sqlite(_) => Ok(Vec::new()),
        };
        self.database.read(None, faults).await
    }

    /// Whether nothing is left to migrate, and the wall around every table of PostgreSQL stands.
    async fn is_current(&self) -> Result<bool, Error> {
        if !self.pending_migrations().await?.is_empty() {
            return Ok(false);
        }
        let half_done = |conn: &mut AnyConnection| match conn {
            AnyConnection::Postgres(conn) => citus::refuse_half_done(conn),
            AnyConnection::Sqlite(_) => Ok(()),
        };
        self.database.read(None, half_done).await?;
        Ok(self.database.read(None, dialect::wall).await?.open.is_empty())
    }

    /// Takes back every migration, and with them every row. For tests and for a developer's own
    /// database.
    ///
    /// # Errors
    /// [`Error::Schema`] when one cannot be taken back.
    pub async fn revert_all_migrations(&self) -> Result<Vec<String>, Error> {
        self.database.exclusively(|conn| change_schema(conn, None, revert_all)).await
    }

    /// The versions this program has and the database lacks, oldest first.
    ///
    /// # Errors
    /// [`Error::Schema`] when the database has migrations this program does not know.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, Error> {
        let known = known(self.backend())?;
        let applied = self.database.read(None, applied).await?;
        refuse_newer(&known, &applied)?;
        Ok(known.difference(&applied).cloned().collect())
    }

    /// The newest version the database has; `None` before the first migration.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn schema_version(&self) -> Result<Option<String>, Error> {
        Ok(self.database.read(None, applied).await?.pop_last())
    }
}

/// The versions this program was built with.
fn known(backend: Backend) -> Result<BTreeSet<String>, Error> {
    match backend {
        Backend::Postgres => versions::<Pg>(&POSTGRES),
        Backend::Sqlite => versions::<Sqlite>(&SQLITE),
    }
}

fn versions<DB: diesel::backend::Backend>(
    source: &EmbeddedMigrations,
) -> Result<BTreeSet<String>, Error> {
    let migrations = MigrationSource::<DB>::migrations(source).map_err(schema_error)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// The versions the database has. Makes nothing, so that it may run on a connection that only
/// reads.
pub(crate) fn applied(conn: &mut AnyConnection) -> Result<BTreeSet<String>, Error> {
    #[derive(QueryableByName)]
    struct Tables {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }

    let catalogue = match conn {
        AnyConnection::Postgres(_) => {
            "SELECT count(to_regclass('__diesel_schema_migrations')) AS number"
        }
        AnyConnection::Sqlite(_) => {
            "SELECT count(*) AS number FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations'"
        }
    };
    let tables: Tables = match conn {
        AnyConnection::Postgres(conn) => diesel::sql_query(catalogue).get_result(conn)?,
        AnyConnection::Sqlite(conn) => diesel::sql_query(catalogue).get_result(conn)?,
    };
    if tables.number == 0 {
        return Ok(BTreeSet::new());
    }
    let versions: Vec<String> =
        __diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(conn)?;
    Ok(versions.into_iter().collect())
}

/// Refuses a SQLite file of a later release.
pub(crate) fn refuse_newer_file(applied: &BTreeSet<String>) -> Result<(), Error> {
    refuse_newer(&known(Backend::Sqlite)?, applied)
}

/// A database of a later release may have columns this program would leave empty, or rules it
/// would break.
fn refuse_newer(known: &BTreeSet<String>, applied: &BTreeSet<String>) -> Result<(), Error> {
    match applied.difference(known).max() {
        None => Ok(()),
        Some(version) => Err(Error::Schema(format!(
            "the database has migration {version}, which this program does not know: it was migrated by a newer release"
        ))),
    }
}

fn schema_error(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Schema(error.to_string())
}

/// Runs `change` while no other process changes the schema.
fn change_schema(
    conn: &mut AnyConnection,
    grant_to: Option<&str>,
    change: impl FnOnce(&mut AnyConnection) -> Result<Vec<String>, Error>,
) -> Result<Vec<String>, Error> {
    #[cfg(debug_assertions)]
    crate::statements::migrating(conn, true);
    let result = change_alone(conn, grant_to, change);
    #[cfg(debug_assertions)]
    crate::statements::migrating(conn, false);
    result
}

fn change_alone(
    conn: &mut AnyConnection,
    grant_to: Option<&str>,
    change: impl FnOnce(&mut AnyConnection) -> Result<Vec<String>, Error>,
) -> Result<Vec<String>, Error> {
    match conn {
        AnyConnection::Sqlite(inner) => {
            // All migrations in one transaction, so that a second process finds all or none.
            AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE")?;
            let result = change(conn);
            match &result {
                Ok(_) => AnyConnection::commit_transaction(conn)?,
                Err(_) => AnyConnection::rollback_transaction(conn)?,
            }
            result
        }
        AnyConnection::Postgres(_) => {
            conn.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
            let result = behind_walls(conn, grant_to, change);
            // The lock also goes with the connection, which is closed after this.
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?;
            result
        }
    }
}

/// Runs `change` and makes the wall around the tables whole again, also where it failed.
fn behind_walls(
    conn: &mut AnyConnection,
    grant_to: Option<&str>,
    change: impl FnOnce(&mut AnyConnection) -> Result<Vec<String>, Error>,
) -> Result<Vec<String>, Error> {
    let AnyConnection::Postgres(inner) = conn else { return change(conn) };
    if !wall::may_migrate(inner)? {
        let role = wall::standing(inner)?.role;
        return Err(Error::Schema(format!(
            "the database is not as this release wants it, and the role {role} may not change it; run: avvikelse \
             migrate --migrate-database-url with the role that owns the tables"
        )));
    }
    let result = change(conn);
    let AnyConnection::Postgres(inner) = conn else { return result };
    let raised = wall::raise(inner);
    let changed = result?;
    raised?;
    if let Some(role) = grant_to
        && wall::standing(inner)?.role != role
    {
        wall::grant(inner, role)?;
    }
    Ok(changed)
}

fn run_pending(conn: &mut AnyConnection) -> Result<Vec<String>, Error> {
    let backend = match conn {
        AnyConnection::Postgres(_) => Backend::Postgres,
        AnyConnection::Sqlite(_) => Backend::Sqlite,
    };
    if let AnyConnection::Postgres(conn) = conn {
        citus::refuse_half_done(conn)?;
    }
    let (known, applied) = (known(backend)?, applied(conn)?);
    refuse_newer(&known, &applied)?;
    if known == applied {
        return Ok(Vec::new());
    }
    let run = match conn {
        AnyConnection::Postgres(conn) => {
            wall::lower(conn)?;
            if citus::is_distributed(conn)? {
                return run_distributed(conn);
            }
            conn.run_pending_migrations(POSTGRES).map(texts)
        }
        AnyConnection::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(texts),
    };
    run.map_err(schema_error)
}

/// The same where the tables are distributed.
fn run_distributed(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    let pending = conn.pending_migrations(POSTGRES).map_err(schema_error)?;
    pending.iter().map(|migration| citus::migrate(conn, migration.as_ref())).collect()
}

/// Everything that is pending, and then the tables distributed; before, what was broken off.
fn distributed(conn: &mut AnyConnection, shards: NonZeroU32) -> Result<Vec<String>, Error> {
    let mut done = finished(conn, shards)?;
    done.extend(run_pending(conn)?);
    if let AnyConnection::Postgres(conn) = conn {
        done.extend(citus::distribute(conn, shards.get())?);
    }
    Ok(done)
}

/// What was broken off, brought to its end.
fn finished(conn: &mut AnyConnection, shards: NonZeroU32) -> Result<Vec<String>, Error> {
    let AnyConnection::Postgres(conn) = conn else { return Ok(Vec::new()) };
    if citus::is_half_done(conn)? { citus::distribute(conn, shards.get()) } else { Ok(Vec::new()) }
}

fn revert_all(conn: &mut AnyConnection) -> Result<Vec<String>, Error> {
    let reverted = match conn {
        AnyConnection::Postgres(conn) => {
            wall::lower(conn)?;
            conn.revert_all_migrations(POSTGRES).map(texts)
        }
        AnyConnection::Sqlite(conn) => conn.revert_all_migrations(SQLITE).map(texts),
    };
    reverted.map_err(schema_error)
}

fn texts(versions: Vec<MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
