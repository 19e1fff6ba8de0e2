//! Mail: what the outbox holds is delivered, tenant by tenant, each under its lease. A notice is sent
//! and then marked; where the service dies in between it is sent once more, with the same Message-ID.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::ids::{MessageId, StaffId};
use domain::mail::{GIVE_UP_AFTER, Outcome, WAIT_WITHOUT_MAIL, wait_after};
use domain::notice::{Audience, Notice, Step, Urgency};
use domain::organisation::Tenant;
use jiff::{SignedDuration, Timestamp};
use mailer::{Address, Letter, Mail, Rendered, Session, Undelivered, render};
use serde_json::Value;
use store::{Backlog, Message, WaitingMessage};

use super::digest::figures;
use super::portal::reply_mail;
use super::recipient::{Verdict, judge};
use crate::context::{App, SetUp};
use crate::error::Error;
use crate::mailing::Plan;

/// The name of the lease.
const JOB: &str = "mail";
/// How many notices a tenant's turn is.
const TURN: i64 = 50;
/// After how many mails in a row over which the connection broke the server counts as away.
const BROKEN: u32 = 3;
/// How long a notice waits that this release does not understand: a newer one may be about to.
const NOT_UNDERSTOOD: SignedDuration = SignedDuration::from_mins(10);

/// What a turn did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailTurn {
    /// How many notices were settled, by outcome.
    pub settled: BTreeMap<Outcome, u64>,
    /// How many tries failed and will be made again.
    pub failed: u64,
    /// Whether there is more to do at once.
    pub more: bool,
}

impl MailTurn {
    fn count(&mut self, outcome: Outcome) {
        *self.settled.entry(outcome).or_default() += 1;
    }
}

/// What became of a try to send.
enum Sent {
    /// The next may follow.
    Next,
    /// The server is away: no other would fare better.
    Away,
}

/// A tenant's mail while its lease lasts.
struct Desk<'a> {
    app: &'a App,
    plan: &'a Plan,
    tenant: &'a Tenant,
    set_up: SetUp,
    ends_at: Timestamp,
}

impl App {
    /// Takes every tenant's mail one step on. Ends early, between two mails, when `stop` is set.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others get their turn.
    pub async fn deliver_mail(&self, stop: &AtomicBool) -> Result<MailTurn, Error> {
        let _turn = self.mailing.turn().await;
        let mut turn = MailTurn::default();
        let (mut waiting, mut oldest, mut failed) = (0, None, None);
        let mut session = self.mailing.plan().map(|plan| Session::over(plan.transport.clone()));
        for tenant in self.store.tenants().await? {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let backlog = match self.store.ask(tenant.id, |tx| tx.mail_backlog()).await {
                Ok(backlog) => backlog,
                Err(error) => {
                    failed = Some(error.into());
                    continue;
                }
            };
            // What waits is told, whatever becomes of the turn.
            waiting += backlog.waiting;
            oldest = [oldest, backlog.oldest].into_iter().flatten().min();
            let taken = match &mut session {
                None => self.without_mail(&tenant, &backlog, &mut turn).await,
                Some(session) => self.mail_of(&tenant, &backlog, session, stop, &mut turn).await,
            };
            if let Err(error) = taken {
                failed = Some(error);
            }
        }
        if let Some(session) = &mut session {
            session.close().await;
        }
        self.mailing.found(waiting, oldest);
        failed.map_or(Ok(turn), Err)
    }

    /// A service without mail keeps notices for a while, and then lets them go.
    async fn without_mail(
        &self,
        tenant: &Tenant,
        backlog: &Backlog,
        turn: &mut MailTurn,
    ) -> Result<(), Error> {
        let now = self.now();
        let before = now - WAIT_WITHOUT_MAIL;
        if backlog.oldest.is_some_and(|oldest| oldest < before) {
            let settle = move |tx: &mut store::Tx<'_>| {
                tx.settle_messages_before(before, Outcome::NoMail, now)
            };
            let settled = self.store.write(tenant.id, settle).await?;
            *turn.settled.entry(Outcome::NoMail).or_default() +=
                u64::try_from(settled).unwrap_or(0);
        }
        Ok(())
    }

    /// One tenant's turn.
    async fn mail_of(
        &self,
        tenant: &Tenant,
        backlog: &Backlog,
        session: &mut Session,
        stop: &AtomicBool,
        turn: &mut MailTurn,
    ) -> Result<(), Error> {
        let now = self.now();
        let Some(plan) = self.mailing.plan() else { return Ok(()) };
        if tenant.suspended_at.is_some() || self.mailing.left_alone(now) {
            return Ok(());
        }
        let set_up = self.set_up(tenant).await?;
        let settings = &set_up.settings;
        let digest = settings.mail.digest_due(now, &settings.clocks.working_days);
        let digest = digest.filter(|day| !self.mailing.digested(tenant.id, *day));
        let due = backlog.next.is_some_and(|next| next <= now);
        if !due && digest.is_none() {
            return Ok(());
        }
        let Some(mut desk) = Desk::open(self, plan, tenant, set_up).await? else {
            return Ok(());
        };
        let worked = desk.work(session, digest, stop, turn).await;
        desk.close().await?;
        worked
    }
}

impl<'a> Desk<'a> {
    /// Takes the lease, unless another instance has it.
    async fn open(
        app: &'a App,
        plan: &'a Plan,
        tenant: &'a Tenant,
        set_up: SetUp,
    ) -> Result<Option<Self>, Error> {
        let now = app.now();
        let (holder, ends_at) = (plan.holder, now + lease(plan));
        let take = move |tx: &mut store::Tx<'_>| tx.take_lease(JOB, holder, now, ends_at);
        match app.store.write(tenant.id, take).await {
            Ok(true) => Ok(Some(Self { app, plan, tenant, set_up, ends_at })),
            Ok(false) | Err(store::Error::Conflict { .. }) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Makes sure of the lease for as long as the next mail may take. `false` when it is lost: then
    /// what was read may be sent by another.
    async fn hold(&mut self) -> Result<bool, Error> {
        let (now, whole) = (self.app.now(), lease(self.plan));
        if self.ends_at.duration_since(now) > whole / 2 {
            return Ok(true);
        }
        let (holder, ends_at) = (self.plan.holder, now + whole);
        let renew = move |tx: &mut store::Tx<'_>| tx.renew_lease(JOB, holder, now, ends_at);
        let held = self.app.store.write(self.tenant.id, renew).await?;
        self.ends_at = ends_at;
        Ok(held)
    }

    async fn close(self) -> Result<(), Error> {
        let (holder, now) = (self.plan.holder, self.app.now());
        let give_back = move |tx: &mut store::Tx<'_>| tx.give_back_lease(JOB, holder, now);
        Ok(self.app.store.write(self.tenant.id, give_back).await?)
    }

    async fn work(
        &mut self,
        session: &mut Session,
        digest: Option<jiff::civil::Date>,
        stop: &AtomicBool,
        turn: &mut MailTurn,
    ) -> Result<(), Error> {
        let app = self.app;
        if let Some(day) = digest {
            turn.more |= app.make_digests(self.tenant, &self.set_up, day, stop).await?;
        }
        let now = app.now();
        let due = app.store.ask(self.tenant.id, move |tx| tx.due_messages(now, TURN)).await?;
        turn.more |= i64::try_from(due.len()).is_ok_and(|due| due >= TURN);
        let mut broken = 0;
        for message in due {
            if stop.load(Ordering::Relaxed) || !self.hold().await? {
                break;
            }
            match self.handle(session, &message, &mut broken, turn).await {
                Ok(Sent::Next) => {}
                Ok(Sent::Away) => {
                    turn.more = false;
                    break;
                }
                Err(error @ Error::Unavailable(_)) => return Err(error),
                // What is wrong with one must not hold up the others.
                Err(error) => {
                    tracing::error!(message = %message.id, %error, "a notice cannot be handled yet");
                    let until = app.now() + NOT_UNDERSTOOD;
                    self.try_again(&message, until, app.now(), turn).await?;
                }
            }
        }
        Ok(())
    }

    /// One notice.
    async fn handle(
        &self,
        session: &mut Session,
        message: &WaitingMessage,
        broken: &mut u32,
        turn: &mut MailTurn,
    ) -> Result<Sent, Error> {
        let (app, id, now) = (self.app, message.id, self.app.now());
        let Some(notice) = notice_of(&message.payload) else {
            tracing::warn!(message = %id, "a notice that this release does not understand waits");
            let until = now + NOT_UNDERSTOOD;
            self.try_again(message, until, now, turn).await?;
            return Ok(Sent::Next);
        };
        let verdict = self.verdict(message, &notice, now).await?;
        match verdict {
            Verdict::Gone => {}
            Verdict::Settle(outcome) => self.settle(id, outcome, turn).await?,
            Verdict::Wait(until) => {
                let attempts = message.attempts;
                let wait = move |tx: &mut store::Tx<'_>| tx.postpone_message(id, until, attempts);
                app.store.write(self.tenant.id, wait).await?;
            }
            Verdict::Spread(to) => {
                self.spread(message, &notice, to, turn).await?;
                turn.more = true;
            }
            Verdict::Unseal(case, sealed) => {
                let contact = app.unseal_sender(self.tenant.id, case, &sealed)?;
                let email = contact.and_then(|it| it.email);
                let Some(to) = email.as_deref().and_then(|email| email.parse().ok()) else {
                    self.settle(id, Outcome::NoAddress, turn).await?;
                    return Ok(Sent::Next);
                };
                let mail = self.mail(message, &notice, to, now);
                let sent = session.deliver(&mail).await;
                return self.sent(message, sent, broken, turn).await;
            }
            Verdict::Send(to) => {
                let mail = self.mail(message, &notice, to, now);
                let sent = session.deliver(&mail).await;
                return self.sent(message, sent, broken, turn).await;
            }
        }
        Ok(Sent::Next)
    }

    async fn verdict(
        &self,
        message: &WaitingMessage,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<Verdict, Error> {
        let rules = &self.set_up.settings.mail;
        if !rules.enabled {
            return Ok(Verdict::Settle(Outcome::SwitchedOff));
        }
        let leaves_at = rules.leaves_at(notice.urgency, now);
        if leaves_at > now {
            return Ok(Verdict::Wait(leaves_at));
        }
        let (set_up, message, notice) = (self.set_up.clone(), message.clone(), notice.clone());
        let look = move |tx: &mut store::Tx<'_>| judge(tx, &set_up, &message, &notice, now);
        Ok(self.app.store.read(self.tenant.id, look).await?)
    }

    fn mail(&self, message: &WaitingMessage, notice: &Notice, to: Address, now: Timestamp) -> Mail {
        let digest = figures(&message.payload);
        let url = &self.plan.public_url;
        let reply = reply_mail(&self.app.sealer, self.tenant, &message.payload, url);
        // Made here, so that nothing that opens lies in the outbox.
        let token = (notice.step == Step::NewReceipt)
            .then(|| self.app.renewal_token(self.tenant.id, message.id));
        let letter = Letter {
            notice,
            digest: digest.as_ref(),
            reply: reply.as_ref(),
            language: self.set_up.settings.mail.language,
            public_url: &self.plan.public_url,
            tenant: &self.tenant.slug,
            token: token.as_deref(),
        };
        let Rendered { subject, text } = render(letter);
        Mail {
            id: message.id.0,
            host: self.plan.host.clone(),
            from: self.plan.from.clone(),
            to,
            subject,
            text,
            urgent: notice.urgency == Urgency::Urgent,
            at: now,
        }
    }

    /// Marks what became of a mail.
    async fn sent(
        &self,
        message: &WaitingMessage,
        sent: Result<(), Undelivered>,
        broken: &mut u32,
        turn: &mut MailTurn,
    ) -> Result<Sent, Error> {
        let (mailing, id, now) = (&self.app.mailing, message.id, self.app.now());
        let first = self.plan.first_retry;
        let again = now + wait_after(message.attempts.saturating_add(1), first);
        match sent {
            Ok(()) => {
                *broken = 0;
                self.settle(id, Outcome::Sent, turn).await?;
                mailing.is_there();
            }
            Err(Undelivered::Refused(why)) => {
                *broken = 0;
                tracing::warn!(message = %id, why, "the mail server refuses a mail for good");
                self.settle(id, Outcome::Refused, turn).await?;
            }
            Err(Undelivered::Later(why)) => {
                *broken = 0;
                tracing::info!(message = %id, why, "the mail server takes a mail later");
                self.try_again(message, again, now, turn).await?;
            }
            Err(Undelivered::Broken(why)) => {
                *broken += 1;
                tracing::info!(message = %id, why, "the connection broke over a mail");
                self.try_again(message, again, now, turn).await?;
                if *broken >= BROKEN {
                    mailing.is_away(now, first, why);
                    return Ok(Sent::Away);
                }
            }
            Err(Undelivered::Unreachable(why)) => {
                turn.failed += 1;
                mailing.is_away(now, first, why);
                self.give_up_old(now, turn).await?;
                return Ok(Sent::Away);
            }
        }
        Ok(Sent::Next)
    }

    async fn settle(
        &self,
        id: MessageId,
        outcome: Outcome,
        turn: &mut MailTurn,
    ) -> Result<(), Error> {
        let now = self.app.now();
        let settle = move |tx: &mut store::Tx<'_>| tx.settle_message(id, outcome, now);
        if self.app.store.write(self.tenant.id, settle).await? {
            turn.count(outcome);
        }
        Ok(())
    }

    /// Lets a notice wait after a try that failed, or gives it up when it has waited too long.
    async fn try_again(
        &self,
        message: &WaitingMessage,
        until: Timestamp,
        now: Timestamp,
        turn: &mut MailTurn,
    ) -> Result<(), Error> {
        let (id, attempts) = (message.id, message.attempts.saturating_add(1));
        if now.duration_since(message.at) > GIVE_UP_AFTER {
            tracing::error!(message = %id, attempts, "a notice is given up");
            return self.settle(id, Outcome::GivenUp, turn).await;
        }
        turn.failed += 1;
        let wait = move |tx: &mut store::Tx<'_>| tx.postpone_message(id, until, attempts);
        Ok(self.app.store.write(self.tenant.id, wait).await?)
    }

    /// Gives up what has waited too long for a server that is away.
    async fn give_up_old(&self, now: Timestamp, turn: &mut MailTurn) -> Result<(), Error> {
        let before = now - GIVE_UP_AFTER;
        let settle =
            move |tx: &mut store::Tx<'_>| tx.settle_messages_before(before, Outcome::GivenUp, now);
        let number = self.app.store.write(self.tenant.id, settle).await?;
        if number > 0 {
            tracing::error!(number, tenant = self.tenant.slug, "notices are given up");
            *turn.settled.entry(Outcome::GivenUp).or_default() +=
                u64::try_from(number).unwrap_or(0);
        }
        Ok(())
    }

    /// Makes of a notice to a role one to each of those who hold it, so that each is tried, refused
    /// and marked by itself.
    async fn spread(
        &self,
        message: &WaitingMessage,
        notice: &Notice,
        to: Vec<StaffId>,
        turn: &mut MailTurn,
    ) -> Result<(), Error> {
        let (id, now) = (message.id, self.app.now());
        let one = |staff: StaffId| {
            let notice = Notice { to: Audience::Staff(staff), ..notice.clone() };
            let mut payload = message.payload.clone();
            payload["notice"] = serde_json::to_value(&notice)
                .map_err(|error| Error::Internal(error.to_string()))?;
            let id = MessageId(self.app.new_id());
            let (at, topic) = (message.at, "notice.role".to_owned());
            Ok(Message { id, at, topic, case: message.case, payload })
        };
        let messages = to.into_iter().map(one).collect::<Result<Vec<_>, Error>>()?;
        let write = move |tx: &mut store::Tx<'_>| {
            // Together: whoever spreads it first has spread it.
            let first = tx.settle_message(id, Outcome::Spread, now)?;
            if first {
                tx.add_rows(|rows| messages.iter().for_each(|message| rows.message(message)))?;
            }
            Ok::<_, store::Error>(first)
        };
        if self.app.store.write(self.tenant.id, write).await? {
            turn.count(Outcome::Spread);
        }
        Ok(())
    }
}

/// How long a lease lasts: a mail takes three timeouts at most, and is begun only while there are
/// that many left.
fn lease(plan: &Plan) -> SignedDuration {
    SignedDuration::try_from(plan.timeout).unwrap_or(SignedDuration::from_secs(30)) * 6
}

/// The notice of a message.
fn notice_of(payload: &Value) -> Option<Notice> {
    serde_json::from_value(payload.get("notice")?.clone()).ok()
}
