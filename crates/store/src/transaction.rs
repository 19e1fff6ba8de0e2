//! Every way into the database: a read in one snapshot, a write in one transaction.
//!
//! On PostgreSQL each write is a transaction of its own on a pooled connection. On SQLite one
//! thread owns the only connection that writes; it takes what waits and commits it together, since
//! a commit costs a sync of the disk however much is in it, and since concurrent writers would get
//! each other's `BUSY`. Each closure still stands alone: it runs in its own savepoint.

use std::any::Any;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager};
use diesel::prelude::*;
use domain::ids::TenantId;
use r2d2::Pool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::Span;

use crate::additions::Insert;
use crate::connection::{AnyConnection, Backend, Connector, Held, Purpose};
use crate::entrance::Entrance;
use crate::error::Error;
use crate::gathered::{Adding, Coming, Gathered};
use crate::pooled::Pooled;
use crate::schema::tenants;
use crate::sql_types::Db;
use crate::writer::{AddJob, Job, Order, Writer};

/// An open transaction of one tenant. The queries of this crate are its methods; each filters on
/// the tenant.
pub struct Tx<'a> {
    pub(crate) conn: &'a mut AnyConnection,
    pub(crate) tenant: TenantId,
}

impl Tx<'_> {
    /// Whose transaction it is.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Runs `work` so that, if it fails or panics, only what it did is taken back, and the
    /// transaction around it can go on. After a failed statement outside a savepoint it cannot:
    /// PostgreSQL refuses everything that follows.
    pub fn savepoint<T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        let tenant = self.tenant;
        match in_savepoint(self.conn, |conn| work(&mut Tx { conn, tenant })) {
            Ok(value) => Ok(value),
            Err(Fault::Own(error)) => Err(error),
            Err(Fault::Panic(payload)) => resume_unwind(payload),
            Err(Fault::Unsound(error)) => Err(error.into()),
        }
    }
}

#[cfg(debug_assertions)]
impl Tx<'_> {
    /// Whose units a statement sees that names no tenant: what row-level security leaves of them. Debug builds only, for
    /// tests of the wall.
    ///
    /// # Errors
    /// What the database says.
    pub fn tenants_in_sight(&mut self) -> Result<Vec<String>, Error> {
        in_sight(self.conn)
    }
}

/// Whose units a statement sees that names no tenant.
#[cfg(debug_assertions)]
pub(crate) fn in_sight(conn: &mut AnyConnection) -> Result<Vec<String>, Error> {
    crate::statements::migrating(conn, true);
    let sql = "SELECT DISTINCT CAST(tenant_id AS text) AS value FROM units";
    let tenants = crate::dialect::texts(conn, sql);
    crate::statements::migrating(conn, false);
    tenants
}

impl Tx<'_> {
    /// From here to the end of the transaction nobody else of the tenant does what also asks for
    /// this. For what depends on several cases at once, which no version covers; filings never ask.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the other takes too long.
    pub fn one_at_a_time(&mut self) -> Result<(), Error> {
        match self.conn {
            // It excludes only those who ask for the same, not who refers to the tenant.
            AnyConnection::Postgres(conn) => tenants::table
                .select(tenants::config_version)
                .filter(tenants::tenant_id.eq(Db(self.tenant)))
                .for_no_key_update()
                .get_result::<i64>(conn)
                .map(|_| ())?,
            // There is only one writer anyway.
            AnyConnection::Sqlite(_) => {}
        }
        Ok(())
    }
}

/// How many transactions are open on the connection, savepoints counted.
fn depth(conn: &mut AnyConnection) -> Result<u32, Error> {
    let depth = AnyConnection::transaction_manager_status_mut(conn).transaction_depth()?;
    Ok(depth.map_or(0, NonZeroU32::get))
}

/// Rolls back until only `wanted` transactions are open; a panic may have left several.
pub(crate) fn unwind_to(conn: &mut AnyConnection, wanted: u32) -> Result<(), Error> {
    while depth(conn)? > wanted {
        AnyConnection::rollback_transaction(conn)?;
    }
    Ok(())
}

/// Why a savepoint did not succeed.
pub(crate) enum Fault<E> {
    /// The work said so. It is rolled back.
    Own(E),
    /// The work panicked. It is rolled back.
    Panic(Box<dyn Any + Send>),
    /// The transaction can no longer be trusted, and must be given up as a whole.
    Unsound(Error),
}

pub(crate) fn in_savepoint<T, E>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, Fault<E>> {
    let outside = depth(conn).map_err(Fault::Unsound)?;
    AnyConnection::begin_transaction(conn).map_err(|error| Fault::Unsound(error.into()))?;
    // Unwind safe: whatever the panic left behind is in the database, and rolled back.
    let fault = match catch_unwind(AssertUnwindSafe(|| work(conn))) {
        Ok(Ok(value)) => match AnyConnection::commit_transaction(conn) {
            Ok(()) => return Ok(value),
            // PostgreSQL: a statement had failed and the work went on all the same.
            Err(error) => Fault::Unsound(error.into()),
        },
        Ok(Err(error)) => Fault::Own(error),
        Err(payload) => Fault::Panic(payload),
    };
    unwind_to(conn, outside).map_err(Fault::Unsound)?;
    Err(fault)
}

/// What a panic said, for the log.
fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no text".to_owned())
}

/// The error of a caller whose work panicked.
pub(crate) fn panicked<E: From<Error>>(payload: &(dyn Any + Send)) -> E {
    Error::Panicked(panic_text(payload)).into()
}

/// The database, as the store holds it.
pub(crate) struct Database {
    connector: Connector,
    roles: Roles,
    pooled: Pooled,
    writes: Writes,
    /// How many writes were asked for.
    asked: AtomicU64,
}

/// Who changes the schema, and for whom. PostgreSQL only.
pub(crate) struct Roles {
    /// How the role that owns the tables is connected, where it is another than the service's.
    pub(crate) migrator: Option<Connector>,
    /// The role that is given the rows.
    pub(crate) grant_to: Option<String>,
}

/// How writes get to the database.
enum Writes {
    /// Through the one writer.
    Queued(Writer),
    /// Each on a pooled connection; the permits bound how many wait for one. What is only added goes together, and so does
    /// the question who comes in: SQLite's writer gathers by itself, and nothing lies between it and who reads.
    Pooled { permits: Arc<Semaphore>, adding: Gathered<Adding>, coming: Gathered<Coming> },
}

impl Database {
    /// Connects once, so that a wrong address is told now and not by the first request.
    pub(crate) fn open(
        connector: Connector,
        roles: Roles,
        connections: u32,
        write_queue: usize,
    ) -> Result<Self, Error> {
        let first = connector.connect()?;
        let builder = Pool::builder().error_handler(Box::new(LogPoolErrors));
        let write_queue = write_queue.max(1);
        let (builder, read, writes) = match connector.backend() {
            Backend::Sqlite => (
                builder.test_on_check_out(false),
                connector.with(Purpose::Read),
                Writes::Queued(Writer::start(connector.clone(), first, write_queue)?),
            ),
            // A connection may have died with its server since it was last used.
            Backend::Postgres => (
                builder.test_on_check_out(true),
                connector.clone(),
                Writes::Pooled {
                    permits: Arc::new(Semaphore::new(write_queue.min(Semaphore::MAX_PERMITS))),
                    adding: Gathered::over(connections),
                    coming: Gathered::over(connections),
                },
            ),
        };
        let pooled = Pooled::start(builder, read, connections)?;
        Ok(Self { connector, roles, pooled, writes, asked: AtomicU64::new(0) })
    }

    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// How many writes were asked for so far.
    pub(crate) fn writes_asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Who changes the schema, and for whom.
    pub(crate) fn roles(&self) -> &Roles {
        &self.roles
    }

    /// Runs `work` in one snapshot, in which it can change nothing. `None` is for what belongs to no tenant: of the
    /// rest nothing is seen.
    pub(crate) async fn read<T, E, F>(&self, tenant: Option<TenantId>, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.pooled
            .with(move |conn| {
                begin_read(conn, tenant)?;
                let result = catch_unwind(AssertUnwindSafe(|| work(conn)));
                // Nothing to keep. Should this fail, the pool sees an open transaction and throws the
                // connection away; the answer is right all the same.
                if let Err(error) = unwind_to(conn, 0) {
                    tracing::warn!(%error, "could not end a read");
                }
                result.unwrap_or_else(|payload| Err(panicked(&*payload)))
            })
            .await
    }

    /// Runs the one statement of `work`, which changes nothing. It sees one moment by itself, so
    /// nothing is begun or ended around it: on PostgreSQL that spares two round trips.
    pub(crate) async fn ask<T, E, F>(&self, tenant: TenantId, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.pooled.alone(tenant, work).await
    }

    /// Who comes in.
    pub(crate) async fn entrance(
        &self,
        tenant: TenantId,
        coming: Coming,
    ) -> Result<Entrance, Error> {
        match &self.writes {
            Writes::Queued(_) => {
                let one = [(coming.issuer, coming.subject)];
                let ask = move |conn: &mut AnyConnection| {
                    Tx { conn, tenant }.entrances(&one)?.pop().unwrap_or(Err(Error::NotFound))
                };
                self.pooled.alone(tenant, ask).await
            }
            Writes::Pooled { coming: gathered, .. } => {
                gathered.call(&self.pooled, tenant, coming).await
            }
        }
    }

    /// Adds rows and answers when they are on disk.
    pub(crate) async fn add(
        &self,
        tenant: TenantId,
        inserts: Vec<Box<dyn Insert>>,
    ) -> Result<(), Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.writes {
            Writes::Queued(writer) => {
                let (waiter, answer) = oneshot::channel();
                let job = AddJob { inserts, result: None, waiter, span: Span::current() };
                writer.send(Order::Write(Box::new(job)))?;
                answer.await.unwrap_or_else(|_| Err(stopped()))
            }
            Writes::Pooled { permits, adding, .. } => {
                let _permit = permit(permits)?;
                adding.call(&self.pooled, tenant, Adding(inserts)).await
            }
        }
    }

    /// Runs `work` in one transaction and answers when it is on disk.
    pub(crate) async fn write<T, E, F>(&self, tenant: TenantId, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.writes {
            Writes::Queued(writer) => {
                let (waiter, answer) = oneshot::channel();
                let job = Job { work: Some(work), result: None, waiter, span: Span::current() };
                writer.send(Order::Write(Box::new(job)))?;
                answer.await.unwrap_or_else(|_| Err(stopped().into()))
            }
            Writes::Pooled { permits, .. } => {
                let _permit = permit(permits)?;
                self.pooled.with(move |conn| write_alone(conn, tenant, work)).await
            }
        }
    }

    /// Runs `work` on a connection that may change the schema, in no transaction, while no write
    /// of this process is under way.
    pub(crate) async fn exclusively<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        match &self.writes {
            Writes::Queued(writer) => {
                let (waiter, answer) = oneshot::channel();
                writer.send(Order::Exclusive(Box::new(move |conn| {
                    let result = catch_unwind(AssertUnwindSafe(|| work(conn)));
                    // The caller may be gone; the work is done all the same.
                    let _ = waiter.send(result.unwrap_or_else(|payload| Err(panicked(&*payload))));
                })))?;
                answer.await.unwrap_or_else(|_| Err(stopped()))
            }
            Writes::Pooled { .. } => {
                let migrator = self.roles.migrator.as_ref().unwrap_or(&self.connector);
                let connector = migrator.with(Purpose::Migrate);
                let task = tokio::task::spawn_blocking(move || work(&mut connector.connect()?));
                task.await.unwrap_or_else(|error| Err(Error::Unavailable(error.to_string())))
            }
        }
    }
}

/// A place among those that may wait for a connection to write.
fn permit(permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
    Arc::clone(permits).try_acquire_owned().map_err(|_| Error::Busy)
}

pub(crate) fn stopped() -> Error {
    Error::Unavailable("the writer has stopped".to_owned())
}

/// Begins a snapshot: every statement of one read sees the same moment.
fn begin_read(held: &mut Held, tenant: Option<TenantId>) -> Result<(), Error> {
    match &mut **held {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction(conn)?,
        AnyConnection::Postgres(_) => {
            held.begin_turned(tenant, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        }
    }
    Ok(())
}

/// One write, one transaction: PostgreSQL.
pub(crate) fn write_alone<T, E: From<Error>>(
    conn: &mut Held,
    tenant: TenantId,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    conn.begin_turned(Some(tenant), "BEGIN")?;
    let result = match catch_unwind(AssertUnwindSafe(|| work(conn))) {
        // COMMIT after a failed statement rolls back and reports success. Something that fails in
        // that state goes in front, so that work which went on after a failure is not lost quietly.
        Ok(Ok(value)) => match conn.batch_execute("SELECT 1; COMMIT") {
            Ok(()) => return Ok(value),
            Err(error) => Err(Error::from(error).into()),
        },
        Ok(Err(error)) => Err(error),
        Err(payload) => Err(panicked(&*payload)),
    };
    // A connection that cannot roll back is thrown away by the pool, and the server rolls back.
    if let Err(error) = unwind_to(conn, 0) {
        tracing::warn!(%error, "could not roll back");
    }
    result
}

/// Begins to write. `IMMEDIATE` asks for the write lock at once, where the busy timeout helps: a
/// transaction that began by reading and then found another process writing would fail without
/// waiting.
pub(crate) fn begin_write(conn: &mut AnyConnection) -> Result<(), Error> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?
        }
        AnyConnection::Postgres(conn) => AnsiTransactionManager::begin_transaction(conn)?,
    }
    Ok(())
}

/// The pool's failures to connect, which its callers see only as a timeout.
#[derive(Debug)]
struct LogPoolErrors;

impl r2d2::HandleError<Error> for LogPoolErrors {
    fn handle_error(&self, error: Error) {
        tracing::warn!(%error, "no new connection");
    }
}
