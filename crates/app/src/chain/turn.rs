//! The job that links entries: every few seconds what is new, now and then what came late.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::{EntryId, TenantId};
use jiff::{SignedDuration, Timestamp};
use store::{Log, Tx};
use uuid::Uuid;

use super::link::links;
use crate::context::App;
use crate::error::Error;

/// How often the job looks.
pub const TURN_EVERY: Duration = Duration::from_secs(2);

const JOB: &str = "chain";
/// Renewed with each batch. Whoever dies with it is followed by another within the ten seconds that an
/// entry may wait.
const LEASE: SignedDuration = SignedDuration::from_secs(5);
/// Entries linked in one transaction: some milliseconds of SQLite's writer, which filings wait for.
const BATCH: i64 = 250;
/// Entries looked at by one question when all are looked at.
const STRETCH: i64 = 20_000;
/// Each turn looks this far back, in seconds: longer than a filing's transaction takes, and than clocks
/// of instances differ.
const BACK: u64 = 120;
/// Every so many turns it looks further back, in seconds, for what a long transaction brought late.
const FURTHER_EVERY: u64 = 15;
const FURTHER: u64 = 60 * 60;
/// Every so many turns it looks at everything, as it does first.
const ALL_EVERY: u64 = 1800;

/// What waited at a tenant when a turn began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The tenant's slug.
    pub tenant: String,
    /// How many entries.
    pub entries: i64,
    /// How long the oldest had waited, in seconds.
    pub oldest_seconds: i64,
}

/// What a turn did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// How many entries it linked.
    pub linked: u64,
}

/// The job, with what it knows between its turns.
#[derive(Debug)]
pub struct Chaining {
    holder: Uuid,
    turns: u64,
    waiting: Vec<Waiting>,
    /// Since when nothing of a tenant could be linked.
    failing: BTreeMap<TenantId, Timestamp>,
}

impl Default for Chaining {
    fn default() -> Self {
        Self { holder: Uuid::new_v4(), turns: 0, waiting: Vec::new(), failing: BTreeMap::new() }
    }
}

/// What of a log a turn looks at.
#[derive(Clone, Copy)]
enum Reach {
    /// Entries whose ids were made after this one.
    After(EntryId),
    /// All, a stretch at a time.
    All,
}

impl Chaining {
    /// What waited, tenant by tenant, when the last turn began; also when that failed. Of a tenant of which nothing
    /// could be linked, how long that has been so.
    pub fn waiting(&self) -> &[Waiting] {
        &self.waiting
    }

    /// One turn: the tenants one after the other, each under its lease.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others are linked all the same.
    pub async fn turn(&mut self, app: &App) -> Result<Turn, Error> {
        let reach = self.reach(app);
        let mut turn = Turn::default();
        self.waiting.clear();
        let mut failed = None;
        for tenant in app.store.tenants().await? {
            match self.link_tenant(app, tenant.id, reach, &mut turn).await {
                Ok((entries, oldest)) => {
                    let oldest_seconds =
                        oldest.map_or(0, |at| app.now().duration_since(at).as_secs().max(0));
                    self.failing.remove(&tenant.id);
                    self.waiting.push(Waiting { tenant: tenant.slug, entries, oldest_seconds });
                }
                Err(error) => {
                    tracing::warn!(tenant = tenant.slug, %error, "entries are not linked");
                    let since = *self.failing.entry(tenant.id).or_insert_with(|| app.now());
                    let oldest_seconds = app.now().duration_since(since).as_secs().max(0);
                    self.waiting.push(Waiting { tenant: tenant.slug, entries: 0, oldest_seconds });
                    failed = Some(error);
                }
            }
        }
        if failed.is_none() {
            self.turns += 1;
        }
        failed.map_or(Ok(turn), Err)
    }

    /// How far this turn looks. The first looks at everything, so that what was left by a service that
    /// stopped comes before what is new; only a turn that went well counts.
    fn reach(&self, app: &App) -> Reach {
        if self.turns.is_multiple_of(ALL_EVERY) {
            return Reach::All;
        }
        let back = if self.turns.is_multiple_of(FURTHER_EVERY) { FURTHER } else { BACK };
        // Ids are made by the machine's clock, whatever time the service is told.
        let seconds = app.new_id().get_timestamp().map_or(0, |at| at.to_unix().0);
        let millis = u128::from(seconds.saturating_sub(back)) * 1000;
        Reach::After(EntryId(Uuid::from_u128(millis << 80)))
    }

    async fn link_tenant(
        &self,
        app: &App,
        tenant: TenantId,
        reach: Reach,
        turn: &mut Turn,
    ) -> Result<(i64, Option<Timestamp>), Error> {
        let (mut waited, mut oldest) = (0, None::<Timestamp>);
        for log in Log::ALL {
            let mut after = match reach {
                Reach::After(id) => Some(id),
                Reach::All => None,
            };
            loop {
                let until = match reach {
                    Reach::After(_) => None,
                    Reach::All => {
                        let far = move |tx: &mut Tx<'_>| tx.entry_far_on(log, after, STRETCH);
                        app.store.read(tenant, far).await?
                    }
                };
                loop {
                    let ask = move |tx: &mut Tx<'_>| {
                        let entries = tx.unlinked(log, after, until, BATCH)?;
                        // Most turns find nothing, and ask nothing more.
                        let head = if entries.is_empty() { None } else { tx.chain_head()? };
                        Ok::<_, store::Error>((entries, head))
                    };
                    let (entries, head) = app.store.read(tenant, ask).await?;
                    let Some(last) = entries.last() else { break };
                    after = Some(last.id);
                    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
                    waited += count;
                    oldest = oldest.into_iter().chain(entries.iter().map(|it| it.at)).min();
                    let now = app.now();
                    let made = links(head.as_ref(), &entries, now);
                    let holder = self.holder;
                    let append = move |tx: &mut Tx<'_>| {
                        if !tx.take_lease(JOB, holder, now, now + LEASE)? {
                            return Ok(false);
                        }
                        tx.append_links(head.as_ref(), made)?;
                        Ok::<_, store::Error>(true)
                    };
                    match app.store.write(tenant, append).await {
                        Ok(true) => turn.linked += count.unsigned_abs(),
                        // Another instance is at it.
                        Ok(false) | Err(store::Error::Stale | store::Error::Conflict { .. }) => {
                            return Ok((waited, oldest));
                        }
                        Err(other) => return Err(other.into()),
                    }
                    if count < BATCH {
                        break;
                    }
                }
                match until {
                    Some(until) => after = Some(until),
                    None => break,
                }
            }
        }
        Ok((waited, oldest))
    }
}
