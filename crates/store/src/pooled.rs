//! Connections that are shared, and the threads that use them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use r2d2::{Builder, Pool, PooledConnection};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;
use tracing::Span;

use domain::ids::TenantId;

use crate::connection::{AnyConnection, Connector, Held};
use crate::error::Error;
#[cfg(debug_assertions)]
use crate::statements;
use crate::transaction::{panicked, stopped, write_alone};

/// How long a call waits for a free connection.
pub(crate) const POOL_WAIT: Duration = Duration::from_secs(5);

type Job = Box<dyn FnOnce() + Send>;

/// A pool of connections with a thread for each. The threads are our own and few: the allocator
/// keeps memory apart for every thread that was once busy, and a runtime has blocking threads by the
/// hundred. A call that waits for its turn holds none.
#[derive(Clone)]
pub(crate) struct Pooled {
    pool: Pool<Connector>,
    turns: Arc<Semaphore>,
    // The threads end when the last of these is gone.
    jobs: mpsc::Sender<Job>,
}

impl Pooled {
    /// `connections` of what `builder` makes, at least one, opened when they are needed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the system gives no thread.
    pub(crate) fn start(
        builder: Builder<Connector>,
        connector: Connector,
        connections: u32,
    ) -> Result<Self, Error> {
        let connections = connections.max(1);
        let pool = builder
            .max_size(connections)
            .min_idle(Some(0))
            .connection_timeout(POOL_WAIT)
            .build_unchecked(connector);
        let (jobs, waiting) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..connections {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new()
                .name("store-pooled".to_owned())
                .spawn(move || work_off(&waiting))
                .map_err(|error| Error::Unavailable(format!("a thread: {error}")))?;
        }
        let turns = usize::try_from(connections).unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self { pool, turns: Arc::new(Semaphore::new(turns)), jobs })
    }

    /// Runs `work` with a connection, within the caller's span. Once its turn has come it runs to its
    /// end even when the caller stops waiting; before that, nothing is done for a caller who is gone.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection comes free within [`POOL_WAIT`], or none can be made;
    /// [`Error::Panicked`].
    pub(crate) async fn with<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Held) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let Ok(turn) = timeout(POOL_WAIT, Arc::clone(&self.turns).acquire_owned()).await else {
            return Err(none_came_free().into());
        };
        let turn = turn.map_err(|_| stopped())?;
        let pool = self.pool.clone();
        let span = Span::current();
        let (waiter, answer) = oneshot::channel();
        let job = move || {
            // Given back after the connection is, so that whoever is next finds one.
            let _turn = turn;
            let run = || span.in_scope(|| work(&mut *taken(&pool)?));
            let result = catch_unwind(AssertUnwindSafe(run));
            // The caller may be gone; the work is done all the same.
            let _ = waiter.send(result.unwrap_or_else(|payload| Err(panicked(&*payload))));
        };
        self.jobs.send(Box::new(job)).map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    /// Runs [`alone`].
    ///
    /// # Errors
    /// Those of [`Pooled::with`].
    pub(crate) async fn alone<T, E, F>(&self, tenant: TenantId, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.with(move |conn| alone(conn, tenant, work)).await
    }
}

/// What is told to a call that has waited for [`POOL_WAIT`].
pub(crate) fn none_came_free() -> Error {
    Error::Unavailable(format!("no connection came free within {} s", POOL_WAIT.as_secs()))
}

/// Runs `work`, which is one statement of a tenant in no transaction but its own, or on Citus in one around it.
pub(crate) fn alone<T, E: From<Error>>(
    conn: &mut Held,
    tenant: TenantId,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    if conn.turns_transactions() {
        #[cfg(debug_assertions)]
        statements::expect_one(conn);
        return write_alone(conn, tenant, work);
    }
    conn.turn_to(Some(tenant))?;
    #[cfg(debug_assertions)]
    statements::expect_one(conn);
    // Nothing is open that a panic could leave behind: the connection is as good as before.
    catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|payload| Err(panicked(&*payload)))
}

/// One thread: a job after the other, until nobody can send any more.
fn work_off(waiting: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // Held while waiting, too: one thread waits for the job, the others for their turn to wait.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

/// A connection of the pool.
fn taken(pool: &Pool<Connector>) -> Result<PooledConnection<Connector>, Error> {
    pool.get().map_err(|error| Error::Unavailable(error.to_string()))
}
