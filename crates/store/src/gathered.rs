//! What many ask for at once, and what may go to the database together: who comes in, and rows to add.
//!
//! On PostgreSQL most of what a filing costs is the way there: a turn of a connection, a statement, a
//! commit. Whatever waits meanwhile, of one tenant, goes with the next: nobody waits for a batch to
//! fill, and a call that comes alone goes alone. A few lanes at most carry such calls, each over a
//! connection of the pool, since what waits can only gather where not everybody has a lane.

use std::any::TypeId;
use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use domain::ids::TenantId;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};
use tracing::Span;

use crate::additions::{Insert, rows};
use crate::connection::{AnyConnection, Held};
use crate::entrance::Entrance;
use crate::error::Error;
use crate::pooled::{POOL_WAIT, Pooled, alone, none_came_free};
use crate::transaction::stopped;
use crate::{Tx, dialect};

/// How many calls go together at most. Each number of filings is a statement of its own to prepare, so
/// only powers of two are used, and the last step is hardly cheaper a filing than the one before.
const LARGEST: usize = 8;

/// How many times a lane looks for more before somebody else may have its connection.
const ROUNDS: usize = 16;

/// A call that can go together with others like it.
pub(crate) trait Call: Send + Sized + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;

    /// Whether both may go in one statement, being of the same tenant.
    fn goes_with(&self, other: &Self) -> bool;

    /// Carries them out, and tells each how it went.
    fn carry_out(calls: Vec<Waiting<Self>>, tenant: TenantId, conn: &mut Held);
}

/// A call, and who waits for it.
pub(crate) struct Waiting<C: Call> {
    number: u64,
    pub(crate) call: C,
    waiter: oneshot::Sender<Result<C::Answer, Error>>,
    span: Span,
}

impl<C: Call> Waiting<C> {
    /// Tells the caller, who may be gone.
    fn answer(self, answer: Result<C::Answer, Error>) {
        let _ = self.waiter.send(answer);
    }
}

type Queue<C> = Arc<Mutex<VecDeque<(TenantId, Waiting<C>)>>>;

/// The calls of one kind that wait.
pub(crate) struct Gathered<C: Call> {
    numbers: AtomicU64,
    waiting: Queue<C>,
    lanes: Arc<Semaphore>,
}

impl<C: Call> Gathered<C> {
    /// As many lanes as there are processors, but no more than connections.
    pub(crate) fn over(connections: u32) -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let lanes = usize::try_from(connections.max(1)).map_or(processors, |it| it.min(processors));
        Self {
            numbers: AtomicU64::new(0),
            waiting: Arc::default(),
            lanes: Arc::new(Semaphore::new(lanes)),
        }
    }

    /// Carries the call out together with what else waits, and answers when that is done.
    ///
    /// # Errors
    /// Its own; [`Error::Unavailable`] as [`Pooled::with`], also when no lane came free in that time.
    pub(crate) async fn call(
        &self,
        pooled: &Pooled,
        tenant: TenantId,
        call: C,
    ) -> Result<C::Answer, Error> {
        let deadline = Instant::now() + POOL_WAIT;
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (waiter, mut answer) = oneshot::channel();
        let waiting = Waiting { number, call, waiter, span: Span::current() };
        locked(&self.waiting).push_back((tenant, waiting));
        loop {
            let lane = tokio::select! {
                biased;
                answer = &mut answer => return answer.unwrap_or_else(|_| Err(stopped())),
                lane = timeout_at(deadline, Arc::clone(&self.lanes).acquire_owned()) => lane,
            };
            let Ok(lane) = lane else {
                if self.take_back(number) {
                    return Err(none_came_free());
                }
                // It is being carried out.
                return answer.await.unwrap_or_else(|_| Err(stopped()));
            };
            let lane = lane.map_err(|_| stopped())?;
            let waiting = Arc::clone(&self.waiting);
            let carried = pooled.with(move |conn| {
                let _lane = lane;
                for _ in 0..ROUNDS {
                    let Some((tenant, calls)) = next(&mut locked(&waiting)) else { break };
                    C::carry_out(calls, tenant, conn);
                }
                Ok::<_, Error>(())
            });
            // A lane that has begun goes on, whoever stops waiting for it.
            let carried = tokio::select! {
                biased;
                answer = &mut answer => return answer.unwrap_or_else(|_| Err(stopped())),
                carried = carried => carried,
            };
            if let Err(error) = carried {
                let calls = std::mem::take(&mut *locked(&self.waiting));
                calls.into_iter().for_each(|(_, call)| call.answer(Err(again(&error))));
            }
        }
    }

    /// Whether a call was still waiting; it is no longer.
    fn take_back(&self, number: u64) -> bool {
        let mut waiting = locked(&self.waiting);
        let at = waiting.iter().position(|(_, call)| call.number == number);
        at.and_then(|at| waiting.remove(at)).is_some()
    }
}

/// Nothing is left half done in it by a panic.
fn locked<C: Call>(waiting: &Queue<C>) -> MutexGuard<'_, VecDeque<(TenantId, Waiting<C>)>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The call that has waited longest, and those that go with it. Nothing is done for a caller who is gone.
fn next<C: Call>(
    waiting: &mut VecDeque<(TenantId, Waiting<C>)>,
) -> Option<(TenantId, Vec<Waiting<C>>)> {
    waiting.retain(|(_, call)| !call.waiter.is_closed());
    let (tenant, first) = waiting.front()?;
    let along: Vec<usize> = waiting
        .iter()
        .enumerate()
        .filter(|(_, (of, call))| of == tenant && first.call.goes_with(&call.call))
        .map(|(at, _)| at)
        .take(LARGEST)
        .collect();
    let (tenant, wanted) = (*tenant, 1 << along.len().ilog2());
    // From behind, so that the places of those before stay what they are.
    let taken = along.into_iter().take(wanted).rev().filter_map(|at| waiting.remove(at));
    let mut calls: Vec<_> = taken.map(|(_, call)| call).collect();
    calls.reverse();
    Some((tenant, calls))
}

/// What is told to those who went along with a call that failed: its error is its own.
fn again(error: &Error) -> Error {
    match error {
        Error::Panicked(text) => Error::Panicked(text.clone()),
        other => Error::Unavailable(other.to_string()),
    }
}

/// Who comes in. Only over a way that costs something: SQLite is asked for each by itself.
pub(crate) struct Coming {
    pub(crate) issuer: String,
    pub(crate) subject: String,
}

impl Call for Coming {
    type Answer = Entrance;

    fn goes_with(&self, _: &Self) -> bool {
        true
    }

    fn carry_out(calls: Vec<Waiting<Self>>, tenant: TenantId, conn: &mut Held) {
        let persons: Vec<_> = calls
            .iter()
            .map(|Waiting { call, .. }| (call.issuer.clone(), call.subject.clone()))
            .collect();
        let ask = |conn: &mut AnyConnection| Tx { conn, tenant }.entrances(&persons);
        let span = calls.first().map_or_else(Span::none, |call| call.span.clone());
        match span.in_scope(|| alone(conn, tenant, ask)) {
            Ok(entrances) => {
                let answered = calls.into_iter().zip(entrances);
                answered.for_each(|(call, entrance)| call.answer(entrance));
            }
            Err(error) => {
                let mut calls = calls.into_iter();
                let first = calls.next();
                calls.for_each(|call| call.answer(Err(again(&error))));
                if let Some(first) = first {
                    first.answer(Err(error));
                }
            }
        }
    }
}

/// Rows to add, of one caller.
pub(crate) struct Adding(pub(crate) Vec<Box<dyn Insert>>);

impl Call for Adding {
    type Answer = ();

    /// Rows of the same make: else there would be no end of statements to prepare.
    fn goes_with(&self, other: &Self) -> bool {
        fn makes(adding: &Adding) -> impl Iterator<Item = TypeId> {
            adding.0.iter().map(|insert| insert.make())
        }
        makes(self).eq(makes(other))
    }

    /// Should one fail, all are taken back, and each is added by itself.
    fn carry_out(calls: Vec<Waiting<Self>>, tenant: TenantId, conn: &mut Held) {
        if calls.len() > 1 {
            let callers: Vec<_> = calls.iter().map(|call| rows(&call.call.0)).collect();
            let together = |conn: &mut AnyConnection| dialect::insert_together(conn, &callers);
            if alone(conn, tenant, together).is_ok() {
                calls.into_iter().for_each(|call| call.answer(Ok(())));
                return;
            }
        }
        let mut lost = None;
        for call in calls {
            let added = match &lost {
                None => call.span.in_scope(|| {
                    let caller = [rows(&call.call.0)];
                    alone(conn, tenant, |conn| dialect::insert_together(conn, &caller))
                }),
                Some(error) => Err(again(error)),
            };
            // Whatever else waits would wait for the same.
            if let Err(error @ Error::Unavailable(_)) = &added {
                lost = Some(again(error));
            }
            call.answer(added);
        }
    }
}
