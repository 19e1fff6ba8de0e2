//! Folding facts into the sums that figures are read from: after the fact, a little at a time.

use std::time::{Duration, Instant};

use domain::ids::TenantId;
use jiff::SignedDuration;
use store::{MOST_UNFOLDED, Tx};
use uuid::Uuid;

use crate::context::App;
use crate::error::Error;

/// How often the job looks.
pub const FOLD_EVERY: Duration = Duration::from_secs(20);

const JOB: &str = "figures";
/// Renewed with each batch. Whoever dies with it is followed by another; figures are right meanwhile.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Facts folded in one transaction: some milliseconds of SQLite's writer, which filings wait for.
const BATCH: i64 = 250;
/// After a batch so many times as long as it took, nothing, where anyone else writes: filings keep what they had, but
/// for four hundredths.
const REST: u32 = 24;
/// The same where nobody else does: whoever comes then finds the way free half of the time.
const REST_ALONE: u32 = 1;
/// Batches of one tenant before it is the next one's turn.
const BATCHES: u32 = 100;

/// What was not folded at a tenant when a turn was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfolded {
    /// The tenant's slug.
    pub tenant: String,
    /// How many facts; those beyond the number with which figures are counted plainly are not looked at.
    pub facts: i64,
}

/// What a turn did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoldTurn {
    /// How many facts it folded.
    pub folded: u64,
    /// Whether a tenant has more than its turn was long.
    pub more: bool,
    /// What was left, tenant by tenant.
    pub unfolded: Vec<Unfolded>,
}

/// The job.
#[derive(Clone, Copy, Debug)]
pub struct Folding {
    holder: Uuid,
    rests: bool,
}

impl Default for Folding {
    fn default() -> Self {
        Self { holder: Uuid::new_v4(), rests: true }
    }
}

/// How a tenant's turn ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nothing is left, or another instance is about it.
    Done,
    /// There is more.
    More,
}

impl Folding {
    /// One that takes no rest: where nobody files.
    pub fn restless() -> Self {
        Self { rests: false, ..Self::default() }
    }

    /// One turn: the tenants one after the other, each under its lease.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others are folded all the same.
    pub async fn turn(&self, app: &App) -> Result<FoldTurn, Error> {
        let mut turn = FoldTurn::default();
        let mut failed = None;
        for tenant in app.store.tenants().await? {
            match self.fold_tenant(app, tenant.id, &mut turn).await {
                Ok(facts) => turn.unfolded.push(Unfolded { tenant: tenant.slug, facts }),
                Err(error) => {
                    tracing::warn!(tenant = tenant.slug, %error, "figures are not folded");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(turn), Err)
    }

    /// Folds what a tenant has, and tells how much is left.
    async fn fold_tenant(
        &self,
        app: &App,
        tenant: TenantId,
        turn: &mut FoldTurn,
    ) -> Result<i64, Error> {
        let unfolded = |most| move |tx: &mut Tx<'_>| tx.unfolded_facts(most);
        // Most tenants have nothing new most of the time: that costs one look and no lease.
        if app.store.ask(tenant, unfolded(1)).await? == 0 {
            return Ok(0);
        }
        if self.batches(app, tenant, &mut turn.folded).await? == End::More {
            turn.more = true;
        }
        Ok(app.store.ask(tenant, unfolded(MOST_UNFOLDED + 1)).await?)
    }

    async fn batches(&self, app: &App, tenant: TenantId, folded: &mut u64) -> Result<End, Error> {
        let holder = self.holder;
        let (mut after, mut emptied) = (None, false);
        let mut asked = app.store.writes_asked();
        for _ in 0..BATCHES {
            let (now, begun) = (app.now(), Instant::now());
            let batch = move |tx: &mut Tx<'_>| {
                // In the same transaction, so that of two who fold one waits for the other.
                if !tx.take_lease(JOB, holder, now, now + LEASE)? {
                    return Ok(None);
                }
                tx.fold_facts(after, BATCH).map(Some)
            };
            let step = match app.store.write(tenant, batch).await {
                Ok(Some(step)) => step,
                Ok(None) => return Ok(End::Done),
                Err(error) if error.conflict() == Some("leases_job_key") => return Ok(End::Done),
                Err(error) => return Err(error.into()),
            };
            *folded += u64::try_from(step.facts).unwrap_or(0);
            emptied |= step.emptied;
            if step.facts < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                self.end(app, tenant, emptied).await?;
                return Ok(End::Done);
            }
            after = step.last;
            let before = std::mem::replace(&mut asked, app.store.writes_asked());
            // One of them was this batch.
            let alone = asked.saturating_sub(before) <= 1;
            self.rest(begun.elapsed(), if alone { REST_ALONE } else { REST }).await;
        }
        self.end(app, tenant, emptied).await?;
        Ok(End::More)
    }

    async fn rest(&self, worked: Duration, times: u32) {
        if self.rests {
            tokio::time::sleep(worked.saturating_mul(times)).await;
        }
    }

    /// Forgets cells that were emptied, and gives the lease back.
    async fn end(&self, app: &App, tenant: TenantId, emptied: bool) -> Result<(), Error> {
        let (holder, now) = (self.holder, app.now());
        let end = move |tx: &mut Tx<'_>| {
            if emptied && tx.take_lease(JOB, holder, now, now + LEASE)? {
                tx.forget_empty_sums()?;
            }
            tx.give_back_lease(JOB, holder, now)
        };
        Ok(app.store.write(tenant, end).await?)
    }
}
