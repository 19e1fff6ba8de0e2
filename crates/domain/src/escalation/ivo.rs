//! What goes to IVO and comes from there: notification, investigation, supplements, decision.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::delegation::{Delegated, delegated};
use super::lex_sarah::Assessing;
use super::matter::{AskedIn, BoardInformed, Channel, Earlier, SupplementRequest, Withdrawal};
use super::{Around, Changed, Command, Escalation, Kind, Rejected, State, blank, held};
use super::{lex_maria, lex_sarah};
use crate::calendar::{start_of_day, swedish_date};
use crate::case::event::{Changes, Faults};
use crate::fault::Reason;
use crate::ids::StaffId;

/// That IVO was notified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How; `None` for an import.
    pub channel: Option<Channel>,
    /// The tenant's own diarienummer; `None` for an import.
    pub diary_number: Option<String>,
    /// That the nämnd was told, by a private provider.
    pub board_informed: Option<BoardInformed>,
    /// Who put it down; `None` for an import.
    pub by: Option<StaffId>,
    /// When it was put down.
    pub at: Timestamp,
}

impl Notification {
    /// What an import knows of one.
    pub fn imported(at: Timestamp) -> Self {
        Self { sent_at: at, channel: None, diary_number: None, board_informed: None, by: None, at }
    }
}

/// That something went to IVO.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How.
    pub channel: Channel,
    /// Who put it down.
    pub by: StaffId,
}

/// A supplement that IVO asked for and got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupplementDone {
    /// What was asked for.
    pub request: SupplementRequest,
    /// How it was answered.
    pub sent: Submission,
}

/// What IVO says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ivo {
    /// IVO's diarienummer. It may come long after the notification.
    pub number: Option<String>,
    /// When IVO said that it has received it.
    pub received_at: Option<Timestamp>,
    /// When IVO decided.
    pub decided_at: Option<Timestamp>,
    /// What IVO decided, in short.
    pub decision: Option<String>,
}

/// A notification to put down.
#[derive(Clone, Debug, PartialEq)]
pub struct Notifying {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How.
    pub channel: Channel,
    /// The tenant's own diarienummer.
    pub diary_number: String,
    /// IVO's, where it is known already.
    pub ivo_number: Option<String>,
    /// That the nämnd was told, by a private provider.
    pub board_informed: Option<BoardInformed>,
    /// Lex Sarah: the decision, where it is notified before it was investigated.
    pub decision: Option<Assessing>,
}

/// What IVO decided.
#[derive(Clone, Debug, PartialEq)]
pub struct IvoDecided {
    /// When.
    pub at: Timestamp,
    /// In short.
    pub decision: String,
    /// IVO's diarienummer, where it was not known.
    pub number: Option<String>,
}

/// A fault at `field` when an instant lies in the future, or before another.
fn timely(
    faults: &mut Faults,
    field: &str,
    at: Timestamp,
    after: (Timestamp, &str),
    now: Timestamp,
) {
    faults.require(at <= now, field, Reason::InFuture { given: at });
    // What is put down in whole minutes or days may seem to come a little before.
    let held = swedish_date(at) >= swedish_date(after.0);
    faults.require(held, field, Reason::Before { other: after.1.to_owned() });
}

/// A fault when a private provider has not told the nämnd.
pub(super) fn board_told(
    faults: &mut Faults,
    informed: &Option<BoardInformed>,
    around: Around<'_>,
) {
    if around.private_provider {
        faults.require(informed.is_some(), "/board_informed", Reason::Required);
    }
    if let Some(informed) = informed {
        let given = crate::calendar::start_of_day(informed.on);
        let held = informed.on <= swedish_date(around.now);
        faults.require(held, "/board_informed/on", Reason::InFuture { given });
    }
}

impl Escalation {
    /// Notes that IVO was notified: lex Maria and riskperson after a "yes", lex Sarah after a serious
    /// degree, or straight after receipt with the decision in the same breath. The investigation then
    /// still has to be done.
    ///
    /// # Errors
    /// [`Rejected`] by whom nobody has given it; without diarienummer; from the future or before it was
    /// raised; lex Sarah also of a milder degree, and by a private provider that has not told the nämnd.
    pub fn notify(mut self, new: Notifying, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Notify, around)?;
        let may = [Delegated::Notify, Delegated::from(self.kind)];
        delegated(around.delegations, &may, around.by, swedish_date(around.now))?;
        let mut changes = Changes::default();
        let mut faults = Faults::default();
        if self.kind == Kind::LexSarah {
            self = self.notified_decision(new.decision, &mut faults, &mut changes, around)?;
            board_told(&mut faults, &new.board_informed, around);
        }
        faults.require(!blank(&new.diary_number), "/diary_number", Reason::Required);
        let after = self.notified_after();
        let (at, named) = &after;
        timely(&mut faults, "/sent_at", new.sent_at, (*at, named), around.now);
        held(faults)?;
        changes.note("notified_at", &None, &Some(new.sent_at));
        changes.note("diary_number", &None, &Some(&new.diary_number));
        self.number_of_ivo(new.ivo_number, &mut changes);
        // A finished investigation goes in with the notification.
        if self.kind == Kind::LexSarah && lex_sarah::investigated(&self.matter) {
            let sent = Submission { sent_at: new.sent_at, channel: new.channel, by: around.by };
            self.matter.submission = Some(sent);
            changes.note("inquiry_submitted_at", &None, &Some(new.sent_at));
        }
        self.matter.notification = Some(Notification {
            sent_at: new.sent_at,
            channel: Some(new.channel),
            diary_number: Some(new.diary_number),
            board_informed: new.board_informed,
            by: Some(around.by),
            at: around.now,
        });
        self.state = State::Notified;
        Ok(self.changed(Command::Notify, from, changes, None, around.now))
    }

    /// What a notification comes after at the earliest, and its name: the decision; lex Sarah straight
    /// after receipt, the receipt.
    fn notified_after(&self) -> (Timestamp, &'static str) {
        let matter = &self.matter;
        match (&matter.decision, &matter.receipt) {
            // The day it was decided, which may be another than that on which it was put down.
            (Some(decision), _) => (start_of_day(decision.on), "decided_on"),
            (None, Some(receipt)) => (receipt.at, "received_at"),
            (None, None) => (self.flagged_at, "flagged_at"),
        }
    }

    fn number_of_ivo(&mut self, given: Option<String>, changes: &mut Changes) {
        if let Some(number) = given.filter(|number| !blank(number)) {
            changes.note("ivo_number", &self.matter.ivo.number, &Some(&number).cloned());
            self.matter.ivo.number = Some(number);
        }
    }

    /// Notes that the investigation went to IVO.
    ///
    /// # Errors
    /// [`Rejected`] while the investigation is not complete: lex Maria the case's, with course of
    /// events, a measure or waiver for each cause, and the patient's account; lex Sarah its own, with
    /// the degree decided after it. From the future, or before the notification.
    pub fn submit_inquiry(
        mut self,
        sent_at: Timestamp,
        channel: Channel,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.begin(Command::SubmitInquiry, around)?;
        let mut faults = Faults::default();
        // What came by import meets no guard backwards.
        if !self.imported {
            match self.kind {
                Kind::LexMaria => lex_maria::inquiry_faults(around.case, &mut faults),
                Kind::LexSarah => lex_sarah::inquiry_faults(&self.matter, &mut faults),
                Kind::Riskperson => {}
            }
        }
        let notified = self.matter.notification.as_ref().map(|it| it.sent_at);
        let notified = (notified.unwrap_or(self.flagged_at), "notified_at");
        timely(&mut faults, "/sent_at", sent_at, notified, around.now);
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("inquiry_submitted_at", &None, &Some(sent_at));
        self.matter.submission = Some(Submission { sent_at, channel, by: around.by });
        self.state = match self.kind {
            Kind::LexMaria | Kind::Riskperson => State::InquirySubmitted,
            Kind::LexSarah => State::InquirySupplemented,
        };
        Ok(self.changed(Command::SubmitInquiry, from, changes, None, around.now))
    }

    /// Notes that IVO has received it, with IVO's number. While the investigation is still to follow the
    /// matter stays where it is; else it is IVO's now.
    ///
    /// # Errors
    /// [`Rejected`] from the future, or without a number while there is none.
    pub fn ivo_receive(
        mut self,
        number: Option<String>,
        received_at: Timestamp,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.begin(Command::IvoReceive, around)?;
        let mut faults = Faults::default();
        let notified = self.matter.notification.as_ref().map(|it| it.sent_at);
        let notified = (notified.unwrap_or(self.flagged_at), "notified_at");
        timely(&mut faults, "/received_at", received_at, notified, around.now);
        let named = number.as_deref().is_some_and(|number| !blank(number));
        let known = named || self.matter.ivo.number.is_some();
        faults.require(known, "/number", Reason::Required);
        held(faults)?;
        let mut changes = Changes::default();
        self.number_of_ivo(number, &mut changes);
        changes.note("ivo_received_at", &self.matter.ivo.received_at, &Some(received_at));
        self.matter.ivo.received_at = Some(received_at);
        // Of a riskperson IVO investigates by itself.
        if self.matter.submission.is_some() || self.kind == Kind::Riskperson {
            self.state = State::AtIvo;
        }
        Ok(self.changed(Command::IvoReceive, from, changes, None, around.now))
    }

    /// Notes that IVO asks for more, until a day: also before IVO has the investigation.
    ///
    /// # Errors
    /// [`Rejected`] without what, or with a day that lies before the request.
    pub fn request_supplement(
        mut self,
        mut request: SupplementRequest,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.begin(Command::RequestSupplement, around)?;
        let Some(asked_in) = AskedIn::of(from) else {
            return Err(Rejected::State { status: from, command: Command::RequestSupplement });
        };
        request.asked_in = asked_in;
        let mut faults = Faults::default();
        faults.require(!blank(&request.what), "/what", Reason::Required);
        let at = request.requested_at;
        faults.require(at <= around.now, "/requested_at", Reason::InFuture { given: at });
        let later = request.due_on >= swedish_date(at);
        faults.require(later, "/due_on", Reason::Before { other: "/requested_at".into() });
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("supplement_due_on", &None, &Some(request.due_on));
        self.state = State::SupplementRequested(request);
        Ok(self.changed(Command::RequestSupplement, from, changes, None, around.now))
    }

    /// Notes that the supplement was sent. The matter stands where it stood when it was asked for.
    ///
    /// # Errors
    /// [`Rejected`] from the future, or before it was asked for.
    pub fn answer_supplement(
        mut self,
        sent_at: Timestamp,
        channel: Channel,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.begin(Command::AnswerSupplement, around)?;
        let State::SupplementRequested(request) = self.state.clone() else {
            return Err(Rejected::State { status: from, command: Command::AnswerSupplement });
        };
        let mut faults = Faults::default();
        let asked = (request.requested_at, "requested_at");
        timely(&mut faults, "/sent_at", sent_at, asked, around.now);
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("supplement_due_on", &Some(request.due_on), &None::<Date>);
        let sent = Submission { sent_at, channel, by: around.by };
        self.state = request.asked_in.state();
        self.matter.supplements.push(SupplementDone { request, sent });
        Ok(self.changed(Command::AnswerSupplement, from, changes, None, around.now))
    }

    /// Notes what IVO decided.
    ///
    /// # Errors
    /// [`Rejected`] without what; from the future, or before the notification.
    pub fn ivo_decide(
        mut self,
        decided: IvoDecided,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.begin(Command::IvoDecide, around)?;
        let mut faults = Faults::default();
        faults.require(!blank(&decided.decision), "/decision", Reason::Required);
        let notified = self.matter.notification.as_ref().map(|it| it.sent_at);
        let notified = (notified.unwrap_or(self.flagged_at), "notified_at");
        timely(&mut faults, "/decided_at", decided.at, notified, around.now);
        held(faults)?;
        let mut changes = Changes::default();
        self.number_of_ivo(decided.number, &mut changes);
        changes.note("ivo_decided_at", &None, &Some(decided.at));
        self.matter.ivo.decided_at = Some(decided.at);
        self.matter.ivo.decision = Some(decided.decision);
        self.state = State::IvoDecided;
        Ok(self.changed(Command::IvoDecide, from, changes, None, around.now))
    }

    /// Withdraws the notification. Lex Maria and riskperson end so; a lex Sarah report does not go away
    /// with it: it is assessed anew.
    ///
    /// # Errors
    /// [`Rejected`] by whom nobody has given it, or without a reason.
    pub fn withdraw(mut self, reason: String, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Withdraw, around)?;
        delegated(
            around.delegations,
            &[Delegated::from(self.kind)],
            around.by,
            swedish_date(around.now),
        )?;
        let mut faults = Faults::default();
        faults.require(!blank(&reason), "/reason", Reason::Required);
        held(faults)?;
        let mut changes = Changes::default();
        let withdrawal = Withdrawal { reason: reason.clone(), by: around.by, at: around.now };
        changes.note("withdrawn_at", &None, &Some(around.now));
        match self.kind {
            Kind::LexMaria | Kind::Riskperson => self.state = State::Withdrawn(withdrawal),
            Kind::LexSarah => {
                let matter = &mut self.matter;
                let notification = matter.notification.take();
                matter.submission = None;
                // What IVO said goes with the notification it was said of.
                let ivo = std::mem::take(&mut matter.ivo);
                changes.note("ivo_number", &ivo.number, &None);
                changes.note("ivo_received_at", &ivo.received_at, &None);
                let decisions = [matter.preliminary.take(), matter.decision.take()];
                for decision in decisions.into_iter().flatten() {
                    matter.earlier.push(Earlier {
                        screening: None,
                        decision: Some(decision),
                        notification: notification.clone(),
                        ivo: Some(ivo.clone()),
                        proposals: matter.proposals.len(),
                        reason: reason.clone(),
                        by: around.by,
                        at: around.now,
                    });
                }
                self.state = lex_sarah::resumes_as(&self.matter);
            }
        }
        Ok(self.changed(Command::Withdraw, from, changes, Some(reason), around.now))
    }
}
