//! Sending: what is to be told is made into messages, and what waits is sent, tenant by tenant, each
//! under its lease. A message is sent and then marked; where the service dies in between it is sent once
//! more, and the other side knows it by its id.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::machine::{Delivery, Peer, Settled};
use domain::mail::wait_after;
use domain::organisation::Tenant;
use exchange::signature::{Claims, sign};
use exchange::{Reply, Request, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::Sealed;

use super::not_taken::{ID_REUSED, NOT_POSSIBLE};
use super::{Exchanging, MESSAGES, NotTaken};
use crate::context::App;
use crate::error::Error;

/// The name of the lease.
const JOB: &str = "exchange";
/// How many messages a tenant's turn is.
const TURN: i64 = 50;
/// How long a signature lasts: long enough for a slow line and for clocks that differ.
const LASTS: SignedDuration = SignedDuration::from_mins(4);
/// The longest text of a problem that is kept, in characters.
const LONGEST_PROBLEM: usize = 300;

/// What a turn did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeTurn {
    /// How many were taken by the other side.
    pub delivered: u64,
    /// How many the other side refused for good.
    pub refused: u64,
    /// How many were given up.
    pub given_up: u64,
    /// How many tries failed and will be made again.
    pub failed: u64,
    /// How many wait.
    pub waiting: i64,
    /// When the oldest of them was made.
    pub oldest: Option<Timestamp>,
    /// Whether there is more to do at once.
    pub more: bool,
}

/// What became of a try.
#[derive(Debug)]
enum Tried {
    /// The other side has it.
    Taken,
    /// The other side refuses it for good.
    Refused(String),
    /// Something else, that may be better another time.
    Failed(String),
}

/// A tenant's messages while its lease lasts.
struct Desk<'a> {
    app: &'a App,
    exchanging: &'a Exchanging,
    tenant: &'a Tenant,
    ends_at: Timestamp,
}

impl App {
    /// Takes every tenant's messages one step on. Ends early, between two messages, when `stop` is set.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others get their turn.
    pub async fn exchange_messages(&self, stop: &AtomicBool) -> Result<ExchangeTurn, Error> {
        let mut turn = ExchangeTurn::default();
        let Some(exchanging) = self.exchanging() else { return Ok(turn) };
        let _turn = exchanging.turn().await;
        let mut failed = None;
        for tenant in self.store.tenants().await? {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if tenant.suspended_at.is_some() || exchanging.quiet(tenant.id, self.now()) {
                continue;
            }
            if let Err(error) = self.exchange_of(exchanging, &tenant, stop, &mut turn).await {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(turn), Err)
    }

    /// One tenant's turn.
    async fn exchange_of(
        &self,
        exchanging: &Exchanging,
        tenant: &Tenant,
        stop: &AtomicBool,
        turn: &mut ExchangeTurn,
    ) -> Result<(), Error> {
        let now = self.now();
        if !self.store.ask(tenant.id, |tx| tx.any_machine_peer()).await? {
            exchanging.keep_quiet(tenant.id, now);
            return Ok(());
        }
        let untold = self.store.ask(tenant.id, |tx| tx.untold_forwardings(TURN)).await?;
        let backlog = self.store.ask(tenant.id, |tx| tx.machine_backlog()).await?;
        turn.waiting += backlog.waiting;
        turn.oldest = [turn.oldest, backlog.oldest].into_iter().flatten().min();
        if untold.is_empty() && backlog.next.is_none_or(|next| next > now) {
            return Ok(());
        }
        let Some(mut desk) = Desk::open(self, exchanging, tenant).await? else { return Ok(()) };
        let mut worked = Ok(());
        for forwarding in untold {
            if let Err(error) = self.tell_forwarding(tenant, forwarding).await {
                // What is wrong with one must not hold up the others.
                tracing::error!(%forwarding, %error, "a forwarding cannot be told yet");
                worked = Err(error);
            }
        }
        let sent = desk.work(stop, turn).await;
        desk.close().await?;
        sent.and(worked)
    }
}

impl<'a> Desk<'a> {
    /// Takes the lease, unless another instance has it.
    async fn open(
        app: &'a App,
        exchanging: &'a Exchanging,
        tenant: &'a Tenant,
    ) -> Result<Option<Self>, Error> {
        let now = app.now();
        let (holder, ends_at) = (exchanging.holder, now + lease(exchanging));
        let take = move |tx: &mut store::Tx<'_>| tx.take_lease(JOB, holder, now, ends_at);
        match app.store.write(tenant.id, take).await {
            Ok(true) => Ok(Some(Self { app, exchanging, tenant, ends_at })),
            Ok(false) | Err(store::Error::Conflict { .. }) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Makes sure of the lease for as long as the next message may take. `false` when it is lost: then
    /// what was read may be sent by another.
    async fn hold(&mut self) -> Result<bool, Error> {
        let (now, whole) = (self.app.now(), lease(self.exchanging));
        if self.ends_at.duration_since(now) > whole / 2 {
            return Ok(true);
        }
        let (holder, ends_at) = (self.exchanging.holder, now + whole);
        let renew = move |tx: &mut store::Tx<'_>| tx.renew_lease(JOB, holder, now, ends_at);
        let held = self.app.store.write(self.tenant.id, renew).await?;
        self.ends_at = ends_at;
        Ok(held)
    }

    async fn close(self) -> Result<(), Error> {
        let (holder, now) = (self.exchanging.holder, self.app.now());
        let give_back = move |tx: &mut store::Tx<'_>| tx.give_back_lease(JOB, holder, now);
        Ok(self.app.store.write(self.tenant.id, give_back).await?)
    }

    async fn work(&mut self, stop: &AtomicBool, turn: &mut ExchangeTurn) -> Result<(), Error> {
        let (app, now, tenant) = (self.app, self.app.now(), self.tenant.id);
        let due = app.store.ask(tenant, move |tx| tx.due_machine_messages(now, TURN)).await?;
        // The next of a forwarding is due when the one before it is settled.
        turn.more |= !due.is_empty();
        if due.is_empty() {
            return Ok(());
        }
        let key = app.machine_signing_key(tenant).await?;
        let mut settled = false;
        for (delivery, sealed) in due {
            if stop.load(Ordering::Relaxed) || !self.hold().await? {
                break;
            }
            let tried = match (&key, sealed) {
                (None, _) => Tried::Failed("there is no key to sign with: make one".to_owned()),
                (_, None) => Tried::Failed("the content is gone".to_owned()),
                (Some(key), Some(sealed)) => self.send(&delivery, &sealed, key).await?,
            };
            settled |= self.mark(&delivery, tried, turn).await?;
        }
        turn.more &= settled;
        Ok(())
    }

    /// Sends one message to where the counterparty's system is now.
    async fn send(
        &self,
        delivery: &Delivery,
        sealed: &Sealed,
        key: &SigningKey,
    ) -> Result<Tried, Error> {
        let (app, tenant, forwarding) = (self.app, self.tenant.id, delivery.forwarding);
        let peer = move |tx: &mut store::Tx<'_>| {
            let thread = tx.machine_thread(forwarding)?.ok_or(store::Error::NotFound)?;
            tx.machine_peer(thread.counterparty)
        };
        let peer: Peer = app.store.read(tenant, peer).await?;
        let id = delivery.message.to_string();
        let Ok(body) = app.sealer.open(tenant, MESSAGES, &id, sealed) else {
            return Ok(Tried::Failed("the content does not open".to_owned()));
        };
        let mut nonce = [0; 16];
        rand::fill(&mut nonce).map_err(|_| Error::Internal("no randomness".to_owned()))?;
        let created = app.now();
        let claims = Claims {
            key_id: key.public().id(),
            created,
            expires: created + LASTS,
            nonce: URL_SAFE_NO_PAD.encode(nonce),
        };
        let signed = sign("POST", &peer.endpoint, &peer.id, body.to_vec(), &claims, key);
        let Ok(request) = signed else {
            return Ok(Tried::Failed("the endpoint cannot be written to".to_owned()));
        };
        Ok(match self.exchanging.own(&peer.endpoint) {
            Some(slug) => inside(app, slug, request).await,
            None => self.outside(request).await,
        })
    }

    /// Over the wire.
    async fn outside(&self, request: Request) -> Tried {
        let carrier = self.exchanging.carrier.clone();
        match tokio::task::spawn_blocking(move || carrier.carry(&request)).await {
            Ok(Ok(reply)) => answered(&reply),
            Ok(Err(why)) => Tried::Failed(why),
            Err(error) => Tried::Failed(format!("the try broke: {error}")),
        }
    }

    /// Marks what became of a message; tells whether it is settled.
    async fn mark(
        &self,
        delivery: &Delivery,
        tried: Tried,
        turn: &mut ExchangeTurn,
    ) -> Result<bool, Error> {
        let (app, tenant, id, now) = (self.app, self.tenant.id, delivery.message, self.app.now());
        let (how, problem) = match tried {
            Tried::Taken => {
                turn.delivered += 1;
                (Settled::Delivered, None)
            }
            Tried::Refused(why) => {
                turn.refused += 1;
                tracing::warn!(message = %id, why, "a message is refused for good");
                (Settled::Refused, Some(why))
            }
            Tried::Failed(why) => {
                let wait =
                    wait_after(delivery.attempts.saturating_add(1), self.exchanging.first_retry);
                // The last try is made when the time is over, and not an hour before.
                let next = (now + wait).min(delivery.give_up_at);
                let next = (now < delivery.give_up_at).then_some(next);
                if next.is_some() {
                    turn.failed += 1;
                    tracing::info!(message = %id, why, "a message is sent again later");
                } else {
                    turn.given_up += 1;
                    tracing::error!(message = %id, why, "a message is given up");
                }
                let postpone =
                    move |tx: &mut store::Tx<'_>| tx.postpone_machine_message(id, next, why, now);
                app.store.write(tenant, postpone).await?;
                return Ok(false);
            }
        };
        let settle = move |tx: &mut store::Tx<'_>| tx.settle_machine_message(id, how, problem, now);
        app.store.write(tenant, settle).await?;
        Ok(true)
    }
}

/// To another tenant of this service: signed, verified and taken as over the wire.
async fn inside(app: &App, slug: &str, request: Request) -> Tried {
    match app.take_request(slug, request).await {
        Ok(_) => Tried::Taken,
        Err(Error::NotTaken(why)) if why.code() == NOT_POSSIBLE => Tried::Refused(why.to_string()),
        Err(Error::NotTaken(NotTaken::IdReused)) => Tried::Taken,
        Err(Error::NotTaken(why)) => Tried::Failed(why.code().to_owned()),
        Err(error) => Tried::Failed(error.to_string()),
    }
}

/// What an answer says.
fn answered(reply: &Reply) -> Tried {
    if (200..300).contains(&reply.status) {
        return Tried::Taken;
    }
    let problem: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = |name: &str| problem.get(name).and_then(Value::as_str);
    let parts = [text("code"), text("title"), text("detail")];
    let told: Vec<&str> = parts.into_iter().flatten().collect();
    let why = format!("{} {}", reply.status, told.join(": "));
    let why: String = why.trim().chars().take(LONGEST_PROBLEM).collect();
    match text("code") {
        Some(NOT_POSSIBLE) => Tried::Refused(why),
        // What was taken back meanwhile is sent without its text: they have taken the message as it was.
        Some(ID_REUSED) => Tried::Taken,
        _ => Tried::Failed(why),
    }
}

/// How long a lease lasts: a message takes its time at most, and is begun only while there is as much
/// left.
fn lease(exchanging: &Exchanging) -> SignedDuration {
    SignedDuration::try_from(exchanging.timeout()).unwrap_or(SignedDuration::from_secs(20)) * 4
}

/// How long after now what is made for a system is tried.
pub(super) fn give_up_at(peer: &Peer, now: Timestamp) -> Timestamp {
    now + SignedDuration::from_hours(i64::from(peer.give_up_hours))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_said_to_be_not_possible_is_refused_for_good() {
        let reply =
            |status, body: Value| answered(&Reply { status, body: body.to_string().into_bytes() });
        assert!(matches!(reply(200, json!({})), Tried::Taken));
        assert!(matches!(reply(201, json!(null)), Tried::Taken));
        let Tried::Refused(why) = reply(422, json!({"code": NOT_POSSIBLE, "detail": "recalled"}))
        else {
            panic!("refused")
        };
        assert_eq!(why, "422 exchange_not_possible: recalled");
        for (status, code) in [(403, "exchange_expired"), (422, "invalid_request"), (503, "x")] {
            assert!(matches!(reply(status, json!({ "code": code })), Tried::Failed(_)), "{code}");
        }
        let long = reply(500, json!({"code": "x".repeat(1000)}));
        let Tried::Failed(why) = long else { panic!("failed") };
        assert_eq!(why.chars().count(), LONGEST_PROBLEM);
        let odd = answered(&Reply { status: 302, body: b"<html>".to_vec() });
        assert!(matches!(odd, Tried::Failed(why) if why == "302"));
    }
}
