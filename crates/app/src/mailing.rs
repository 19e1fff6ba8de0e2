//! How mail leaves, and how that goes; and what a person chooses about theirs.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use domain::mail::wait_after;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use mailer::{Sender, Transport};
use serde_json::json;
use uuid::Uuid;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::{Refused, Trace};

/// How a service that sends mail does it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// By which way.
    pub transport: Transport,
    /// From whom.
    pub from: Sender,
    /// Where those who use the service see it, without a slash at the end.
    pub public_url: String,
    /// The name of its host, in Message-IDs.
    pub host: String,
    /// How long connecting may take, and one mail.
    pub timeout: Duration,
    /// How long after a first failure it is tried again.
    pub first_retry: SignedDuration,
    /// Who holds the leases of the tenants' mail. Where the database has one service at most, always
    /// the same: then nobody waits for the lease of one that was killed.
    pub holder: Uuid,
}

/// What waits, and whether the server is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailState {
    /// How many notices wait.
    pub waiting: i64,
    /// When the oldest was queued.
    pub oldest: Option<Timestamp>,
    /// Why the mail server cannot be reached, while it cannot.
    pub away: Option<String>,
}

/// A server that is away: since how many tries, and until when it is left alone.
#[derive(Clone, Debug)]
struct Away {
    failures: u32,
    until: Timestamp,
    why: String,
}

#[derive(Debug, Default)]
struct Known {
    waiting: i64,
    oldest: Option<Timestamp>,
    away: Option<Away>,
    digested: HashMap<TenantId, Date>,
}

/// The service's mail.
#[derive(Debug, Default)]
pub struct Mailing {
    plan: Option<Plan>,
    known: Mutex<Known>,
    turn: tokio::sync::Mutex<()>,
}

impl Mailing {
    /// Mail that leaves as planned.
    pub fn new(plan: Plan) -> Self {
        Self { plan: Some(plan), ..Self::default() }
    }

    /// How mail leaves; `None` where it does not.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// One turn at a time in this process: a lease keeps only other processes away.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits, as the last turn found it, and whether the server is there.
    pub fn state(&self) -> MailState {
        let known = self.known();
        let away = known.away.as_ref().map(|away| away.why.clone());
        MailState { waiting: known.waiting, oldest: known.oldest, away }
    }

    pub(crate) fn found(&self, waiting: i64, oldest: Option<Timestamp>) {
        let mut known = self.known();
        (known.waiting, known.oldest) = (waiting, oldest);
    }

    /// Whether the server is left alone at `now`, since it was away a moment ago.
    pub(crate) fn left_alone(&self, now: Timestamp) -> bool {
        self.known().away.as_ref().is_some_and(|away| away.until > now)
    }

    pub(crate) fn is_away(&self, now: Timestamp, first_retry: SignedDuration, why: String) {
        let mut known = self.known();
        let failures = known.away.as_ref().map_or(0, |away| away.failures).saturating_add(1);
        let until = now + wait_after(failures, first_retry);
        tracing::warn!(why, failures, "the mail server takes no mail; trying again");
        known.away = Some(Away { failures, until, why });
    }

    pub(crate) fn is_there(&self) {
        if self.known().away.take().is_some() {
            tracing::info!("the mail server takes mail again");
        }
    }

    pub(crate) fn digested(&self, tenant: TenantId, day: Date) -> bool {
        self.known().digested.get(&tenant) == Some(&day)
    }

    pub(crate) fn all_digested(&self, tenant: TenantId, day: Date) {
        self.known().digested.insert(tenant, day);
    }
}

impl App {
    /// Whether the caller gets the daily digest.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn wants_digest(&self, caller: &Caller) -> Result<bool, Error> {
        let me = caller.staff.id;
        Ok(self.store.ask(caller.tenant_id(), move |tx| tx.wants_digest(me)).await?)
    }

    /// Sets whether the caller gets the daily digest. What concerns them alone still comes.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn want_digest(&self, caller: &Caller, wanted: bool) -> Result<(), Error> {
        let me = caller.staff.id;
        let details = json!({ "digest": wanted });
        let trace = Trace::new(self, caller, "me.mail", ("staff", me.0), details);
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.want_digest(me, wanted)?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)
    }
}
