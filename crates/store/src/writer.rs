//! The one thread that writes to SQLite: it takes what waits and commits it together.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use diesel::connection::TransactionManager;
use tokio::sync::oneshot;
use tracing::Span;

use crate::additions::{Insert, rows};
use crate::connection::{AnyConnection, Connector};
use crate::dialect;
use crate::error::Error;
use crate::transaction::{Fault, begin_write, in_savepoint, panicked, stopped, unwind_to};

/// How many waiting writes are committed together at most. More would make the first wait for the
/// last without sparing much: the sync is already shared by this many.
const LARGEST_BATCH: usize = 64;

/// What the writer is asked to do.
pub(crate) enum Order {
    Write(Box<dyn Write>),
    Exclusive(Box<dyn FnOnce(&mut AnyConnection) + Send>),
}

/// A write that waits, without its types.
pub(crate) trait Write: Send {
    /// Runs it in a savepoint and keeps the result. Fails only when the transaction around is lost.
    fn run(&mut self, conn: &mut AnyConnection) -> Result<(), Error>;

    /// Rows to add, where it is nothing else: what can be done twice.
    fn additions(&mut self) -> Option<&mut AddJob> {
        None
    }

    /// Tells the waiter: the kept result once it is committed, else how everything was lost.
    fn answer(self: Box<Self>, lost: Option<&Error>);
}

pub(crate) struct Job<T, E, F> {
    pub(crate) work: Option<F>,
    pub(crate) result: Option<Result<T, E>>,
    pub(crate) waiter: oneshot::Sender<Result<T, E>>,
    pub(crate) span: Span,
}

impl<T, E, F> Write for Job<T, E, F>
where
    F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, conn: &mut AnyConnection) -> Result<(), Error> {
        let Some(work) = self.work.take() else { return Ok(()) };
        let _entered = self.span.enter();
        self.result = Some(match in_savepoint(conn, work) {
            Ok(value) => Ok(value),
            Err(Fault::Own(error)) => Err(error),
            Err(Fault::Panic(payload)) => Err(panicked(&*payload)),
            Err(Fault::Unsound(error)) => return Err(error),
        });
        Ok(())
    }

    fn answer(self: Box<Self>, lost: Option<&Error>) {
        let answer = match lost {
            None => self.result.unwrap_or_else(|| Err(stopped().into())),
            // Also for one that had failed by itself: it may have failed over what another in the
            // batch had written, and that is now undone.
            Some(error) => Err(Error::Unavailable(error.to_string()).into()),
        };
        // The caller may be gone; what it asked for is done all the same.
        let _ = self.waiter.send(answer);
    }
}

/// Rows to add: what most writes are, and what can be done twice.
pub(crate) struct AddJob {
    pub(crate) inserts: Vec<Box<dyn Insert>>,
    pub(crate) result: Option<Result<(), Error>>,
    pub(crate) waiter: oneshot::Sender<Result<(), Error>>,
    pub(crate) span: Span,
}

impl AddJob {
    /// Adds the rows without a savepoint: having failed, the transaction around is spoilt.
    fn run_bare(&mut self, conn: &mut AnyConnection) -> bool {
        let _entered = self.span.enter();
        let inserts = [rows(&self.inserts)];
        // Unwind safe: what it leaves behind is in the database, and rolled back.
        let done = catch_unwind(AssertUnwindSafe(|| dialect::insert_together(conn, &inserts)));
        let done = matches!(done, Ok(Ok(())));
        self.result = done.then_some(Ok(()));
        done
    }
}

impl Write for AddJob {
    fn run(&mut self, conn: &mut AnyConnection) -> Result<(), Error> {
        let _entered = self.span.enter();
        let inserts = [rows(&self.inserts)];
        self.result =
            Some(match in_savepoint(conn, |conn| dialect::insert_together(conn, &inserts)) {
                Ok(()) => Ok(()),
                Err(Fault::Own(error)) => Err(error),
                Err(Fault::Panic(payload)) => Err(panicked(&*payload)),
                Err(Fault::Unsound(error)) => return Err(error),
            });
        Ok(())
    }

    fn additions(&mut self) -> Option<&mut AddJob> {
        Some(self)
    }

    fn answer(self: Box<Self>, lost: Option<&Error>) {
        let answer = match lost {
            None => self.result.unwrap_or_else(|| Err(stopped())),
            Some(error) => Err(Error::Unavailable(error.to_string())),
        };
        let _ = self.waiter.send(answer);
    }
}

/// The thread that owns SQLite's only writing connection.
pub(crate) struct Writer {
    queue: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        connector: Connector,
        conn: AnyConnection,
        queue: usize,
    ) -> Result<Self, Error> {
        let (sender, receiver) = sync_channel(queue);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_until_closed(&connector, conn, &receiver))
            .map_err(|error| Error::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { queue: Some(sender), thread: Some(thread) })
    }

    /// Never waits: a full queue is the caller's to know.
    pub(crate) fn send(&self, order: Order) -> Result<(), Error> {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => stopped(),
        })
    }
}

impl Drop for Writer {
    /// Waits until everything in the queue is done.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            // The last handle may be dropped by a closure the writer itself runs.
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the writer panicked");
        }
    }
}

/// The writer's life: until every sender is gone and the queue is empty.
fn write_until_closed(connector: &Connector, conn: AnyConnection, orders: &Receiver<Order>) {
    let mut conn = Some(conn);
    while let Ok(first) = orders.recv() {
        let mut batch = Vec::new();
        let mut exclusive = None;
        let mut next = Some(first);
        while let Some(order) = next.take() {
            match order {
                Order::Write(job) => batch.push(job),
                Order::Exclusive(work) => exclusive = Some(work),
            }
            if exclusive.is_none() && batch.len() < LARGEST_BATCH {
                next = orders.try_recv().ok();
            }
        }
        let mut usable = match conn.take().map_or_else(|| connector.connect(), Ok) {
            Ok(conn) => conn,
            Err(error) => {
                tracing::error!(%error, "the writer has no connection");
                batch.into_iter().for_each(|job| job.answer(Some(&error)));
                continue;
            }
        };
        if !batch.is_empty() {
            let committed = commit_together(&mut usable, &mut batch);
            if let Err(error) = &committed {
                tracing::error!(%error, writes = batch.len(), "a batch of writes is lost");
            }
            batch.into_iter().for_each(|job| job.answer(committed.as_ref().err()));
        }
        if let Some(work) = exclusive {
            work(&mut usable);
        }
        // Nothing may be open now. A connection that cannot be brought there is replaced.
        if unwind_to(&mut usable, 0).is_ok() {
            conn = Some(usable);
        }
    }
}

/// Runs every job of the batch in one transaction, each in a savepoint of its own. Where all only add
/// rows it is first tried without: hardly ever does one fail, and then they are done again.
fn commit_together(conn: &mut AnyConnection, batch: &mut [Box<dyn Write>]) -> Result<(), Error> {
    begin_write(conn)?;
    let additions: Option<Vec<_>> = batch.iter_mut().map(|job| job.additions()).collect();
    if let Some(additions) = additions {
        if additions.into_iter().all(|job| job.run_bare(conn)) {
            return Ok(AnyConnection::commit_transaction(conn)?);
        }
        unwind_to(conn, 0)?;
        begin_write(conn)?;
    }
    for job in batch {
        job.run(conn)?;
    }
    Ok(AnyConnection::commit_transaction(conn)?)
}
