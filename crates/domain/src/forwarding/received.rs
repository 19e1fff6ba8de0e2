//! What we receive: the table of its states, and what each step asks for.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Channel, Exchange, Said, Short, Side};
use super::disclosure::{Deciding, Decision};
use super::document::{Document, LONGEST_LINE, LONGEST_TEXT, outgoing};
use super::silence::ForwardingRules;
use super::state::{Assignment, Command, Direction, Kind, PassedOn, State, Status};
use super::{Around, Changed, Forwarding, Matter, Rejected, blank, held};
use crate::calendar::{add_days, swedish, swedish_date};
use crate::case::event::{Changes, Faults};
use crate::fault::Reason;
use crate::ids::{CaseId, CounterpartyId, ExchangeId, ForwardingId, StaffId, UnitId};
use crate::law::Law;
use crate::number::{CaseNumber, NumberKind};

/// Its states, in the order of its way.
pub(super) const STATUSES: [Status; 10] = [
    Status::Received,
    Status::Acknowledged,
    Status::Assigned,
    Status::Investigated,
    Status::AnswerApproved,
    Status::Answered,
    Status::WrongRecipient,
    Status::PassedOn,
    Status::Closed,
    Status::Recalled,
];

/// Whether what stands here takes the command at all.
pub(super) fn admits(status: Status, command: Command) -> bool {
    use Command::*;
    match status {
        Status::Received => matches!(
            command,
            Acknowledge
                | Assign
                | WrongRecipient
                | Converse
                | Recall
                | ShareEvent
                | AddMeasure
                | FinishMeasure
        ),
        Status::Acknowledged => matches!(
            command,
            Acknowledge
                | Assign
                | Investigate
                | WrongRecipient
                | Converse
                | Recall
                | ShareEvent
                | AddMeasure
                | FinishMeasure
        ),
        Status::Assigned => matches!(
            command,
            Acknowledge | Investigate | Converse | Recall | ShareEvent | AddMeasure | FinishMeasure
        ),
        Status::Investigated => matches!(
            command,
            Assign
                | Investigate
                | ApproveAnswer
                | Converse
                | Recall
                | ShareEvent
                | AddMeasure
                | FinishMeasure
        ),
        Status::AnswerApproved => matches!(
            command,
            Investigate
                | ApproveAnswer
                | Answer
                | Converse
                | Recall
                | ShareEvent
                | AddMeasure
                | FinishMeasure
        ),
        Status::Answered => {
            matches!(command, Converse | Close | ShareEvent | AddMeasure | FinishMeasure)
        }
        Status::WrongRecipient => matches!(command, PassOn | Converse | Recall),
        Status::Closed => matches!(command, FinishMeasure),
        Status::PassedOn | Status::Recalled => false,
        // States of the other machine.
        Status::Draft
        | Status::Checked
        | Status::Sent
        | Status::SharedWithUnit
        | Status::EscalatedUnanswered
        | Status::ClosedWithoutAnswer => false,
    }
}

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReceived {
    /// Its id.
    pub id: ForwardingId,
    /// Random bits for its number.
    pub seed: u64,
    /// Who sent it.
    pub counterparty: CounterpartyId,
    /// Single or joint.
    pub kind: Kind,
    /// What it says. One of ours who takes it in by hand writes it down without personal identity numbers.
    pub document: Document,
    /// Where it happened with us, as far as is known.
    pub unit: Option<UnitId>,
    /// By whose rules it is judged.
    pub law: Law,
    /// By which way it came.
    pub channel: Channel,
    /// When it reached us, where that was before now.
    pub received_at: Option<Timestamp>,
    /// Until when they want an answer, where they say so.
    pub due_on: Option<Date>,
    /// The diarienummer it has at the other end.
    pub their_number: Option<String>,
    /// Who the person is came along.
    pub identity: bool,
}

/// What was found, for us alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// In words.
    pub text: String,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// What is answered, approved by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// What leaves.
    pub text: String,
    /// Who approved it, and on what ground it may leave.
    pub decision: Decision,
}

/// What somebody approves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approving {
    /// What leaves.
    pub text: String,
    /// On what ground.
    pub deciding: Deciding,
}

/// Where what is not ours goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassingOn {
    /// To whom, in words.
    pub to: String,
    /// To whom, where it is in the register.
    pub counterparty: Option<CounterpartyId>,
    /// It goes back to whoever sent it.
    pub returned: bool,
    /// On what ground it may go to anybody else.
    pub deciding: Option<Deciding>,
}

impl Forwarding {
    /// Takes in one that came. Due is what they ask for, or else the tenant's own target.
    ///
    /// # Errors
    /// [`Rejected`] without a matter or a text; for a personal identity number in a text; for a day that
    /// has not come.
    pub fn register(
        new: NewReceived,
        rules: &ForwardingRules,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        around.speaks_for(Side::Them)?;
        let today = swedish_date(around.now);
        let mut faults = Faults::default();
        faults.extend(new.document.faults(today));
        faults.require(!blank(&new.document.matter), "/matter", Reason::Required);
        faults.require(!blank(&new.document.text), "/text", Reason::Required);
        if let Some(number) = &new.their_number {
            outgoing(number, "/diary_number", LONGEST_LINE, today, &mut faults);
        }
        if let Some(given) = new.received_at {
            faults.require(given <= around.now, "/received_at", Reason::InFuture { given });
        }
        held(faults)?;
        let received_at = new.received_at.unwrap_or(around.now);
        let ours = add_days(swedish_date(received_at), i32::from(rules.our_answer_days));
        let forwarding = Self {
            id: new.id,
            number: Some(CaseNumber::from_random(
                NumberKind::Vg,
                swedish(received_at).year,
                new.seed,
            )),
            direction: Direction::Received,
            kind: new.kind,
            state: State::Received,
            case: None,
            counterparty: new.counterparty,
            unit: new.unit,
            law: new.law,
            document: new.document,
            matter: Matter {
                begun_by: around.by.staff(),
                their_number: new.their_number,
                identity_came: new.identity,
                ..Matter::default()
            },
            channel: Some(new.channel),
            created_at: around.now,
            sent_at: Some(received_at),
            due_on: Some(new.due_on.unwrap_or(ours)),
            imported: false,
            version: 1,
            updated_at: around.now,
        };
        Ok(forwarding.begun(Command::Register, around))
    }

    /// Says that it has arrived, and perhaps until when it is looked into.
    ///
    /// # Errors
    /// [`Rejected`] where it stands further; for an answer that is more than that.
    pub fn acknowledge(mut self, answer: Answer, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.received(Command::Acknowledge)?;
        around.staff()?;
        self.unsaid(answer.id)?;
        let mut faults = answer.faults(self.sent_at, around);
        let only = !answer.short.answers();
        faults.require(only, "/short", Reason::inconsistent("acknowledges_only"));
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("answer", &None, &Some(answer.short.code()));
        if let Short::Investigating { until } = answer.short {
            self.matter.expected_on = Some(until);
        }
        let said = answer.exchange(Side::Us, around);
        self.matter.acknowledged_at.get_or_insert(said.at);
        self.matter.exchanges.push(said);
        if let State::Received = self.state {
            self.state = State::Acknowledged;
        }
        Ok(self.changed(Command::Acknowledge, from, changes, None, around))
    }

    /// Gives it to a unit: it is a case of ours from now on.
    ///
    /// # Errors
    /// [`Rejected`] where it has become one already, or stands further.
    pub fn assign(
        mut self,
        unit: UnitId,
        case: CaseId,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.received(Command::Assign)?;
        let by = around.staff()?;
        if self.case.is_some() {
            return Err(Rejected::State { status: from, command: Command::Assign });
        }
        let mut changes = Changes::default();
        changes.note("unit", &self.unit, &Some(unit));
        changes.note("case", &self.case, &Some(case));
        self.unit = Some(unit);
        self.case = Some(case);
        self.state = State::Assigned(Assignment { unit, case, by, at: around.now });
        Ok(self.changed(Command::Assign, from, changes, None, around))
    }

    /// Puts down what was found. An answer approved before holds no more.
    ///
    /// # Errors
    /// [`Rejected`] without words.
    pub fn investigated(mut self, text: String, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.received(Command::Investigate)?;
        let by = around.staff()?;
        let mut faults = Faults::default();
        faults.require(!blank(&text), "/text", Reason::Required);
        outgoing(&text, "/text", LONGEST_TEXT, swedish_date(around.now), &mut faults);
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("findings", &self.matter.findings.as_ref().map(|it| &it.text), &Some(&text));
        self.matter.findings = Some(Findings { text, by, at: around.now });
        self.matter.answer = None;
        self.state = State::Investigated;
        Ok(self.changed(Command::Investigate, from, changes, None, around))
    }

    /// Approves what is answered: a text of its own, and a decision by name that it may leave.
    ///
    /// # Errors
    /// [`Rejected`] without words or a motivation, and for a personal identity number.
    pub fn approve_answer(
        mut self,
        approving: Approving,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.received(Command::ApproveAnswer)?;
        let by = around.staff()?;
        let mut faults = Faults::default();
        approving.deciding.faults(true, &mut faults);
        // They know who the person is, or need not.
        let plain = !approving.deciding.identity;
        faults.require(plain, "/identity", Reason::UnknownField);
        faults.require(!blank(&approving.text), "/text", Reason::Required);
        outgoing(&approving.text, "/text", LONGEST_TEXT, swedish_date(around.now), &mut faults);
        held(faults)?;
        let mut changes = Changes::default();
        let before = self.matter.answer.as_ref().map(|it| &it.text);
        changes.note("answer", &before, &Some(&approving.text));
        let decision = approving.deciding.decided(by, around);
        let reason = Some(decision.motivation.clone());
        self.matter.answer = Some(Approved { text: approving.text, decision });
        self.state = State::AnswerApproved;
        Ok(self.changed(Command::ApproveAnswer, from, changes, reason, around))
    }

    /// Lets the approved answer leave.
    ///
    /// # Errors
    /// [`Rejected`] before one is approved.
    pub fn answer(
        mut self,
        id: ExchangeId,
        channel: Channel,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.received(Command::Answer)?;
        let by = around.staff()?;
        self.unsaid(id)?;
        let mut faults = Faults::default();
        let approved = self.matter.answer.as_ref();
        faults.require(approved.is_some(), "", Reason::inconsistent("not_approved"));
        let text = approved.map(|it| it.text.clone());
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("answer_channel", &None, &Some(channel.code()));
        self.say(id, channel, Short::Done, text, by, around.now);
        self.matter.answered_at.get_or_insert(around.now);
        self.matter.answer_channel.get_or_insert(channel);
        self.state = State::Answered;
        Ok(self.changed(Command::Answer, from, changes, None, around))
    }

    /// Says that it is not ours, and whose it is. They are told so at once.
    ///
    /// # Errors
    /// [`Rejected`] without a word whose, and for a personal identity number.
    pub fn wrong_recipient(
        mut self,
        id: ExchangeId,
        whom: String,
        channel: Channel,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.received(Command::WrongRecipient)?;
        let by = around.staff()?;
        self.unsaid(id)?;
        let mut faults = Faults::default();
        faults.require(!blank(&whom), "/whom", Reason::Required);
        outgoing(&whom, "/whom", LONGEST_LINE, swedish_date(around.now), &mut faults);
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("whom", &None, &Some(&whom));
        self.say(id, channel, Short::NotOurs { whom }, None, by, around.now);
        self.matter.acknowledged_at.get_or_insert(around.now);
        self.matter.answered_at.get_or_insert(around.now);
        self.matter.answer_channel.get_or_insert(channel);
        self.state = State::WrongRecipient;
        Ok(self.changed(Command::WrongRecipient, from, changes, None, around))
    }

    /// Lets what is not ours go to whose it is, or back.
    ///
    /// # Errors
    /// [`Rejected`] without a word to whom; to anybody but whoever sent it without a decision that it may.
    pub fn pass_on(mut self, passing: PassingOn, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.received(Command::PassOn)?;
        let by = around.staff()?;
        let mut faults = Faults::default();
        faults.require(!blank(&passing.to), "/to", Reason::Required);
        outgoing(&passing.to, "/to", LONGEST_LINE, swedish_date(around.now), &mut faults);
        match (&passing.deciding, passing.returned) {
            (Some(deciding), false) => deciding.faults(self.matter.identity_came, &mut faults),
            (None, false) => faults.push("/ground", Reason::Required),
            (Some(_), true) => faults.push("/ground", Reason::inconsistent("goes_back")),
            (None, true) => {}
        }
        let elsewhere = passing.counterparty != Some(self.counterparty) || passing.returned;
        faults.require(elsewhere, "/counterparty", Reason::inconsistent("goes_back"));
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("passed_on", &None, &Some(&passing.to));
        let reason = passing.deciding.as_ref().map(|it| it.motivation.clone());
        self.matter.decision = passing.deciding.map(|it| it.decided(by, around));
        self.state = State::PassedOn(PassedOn {
            to: passing.to,
            counterparty: passing.counterparty,
            returned: passing.returned,
            by,
            at: around.now,
        });
        Ok(self.changed(Command::PassOn, from, changes, reason, around))
    }

    /// The status of a received one, when it takes `command`.
    fn received(&self, command: Command) -> Result<Status, Rejected> {
        let status = self.admit(command)?;
        match self.direction {
            Direction::Received => Ok(status),
            Direction::Sent => Err(Rejected::State { status, command }),
        }
    }

    fn say(
        &mut self,
        id: ExchangeId,
        channel: Channel,
        short: Short,
        text: Option<String>,
        by: StaffId,
        at: Timestamp,
    ) {
        self.matter.exchanges.push(Exchange {
            id,
            from: Side::Us,
            channel,
            act: Said::Answer(short),
            text,
            diary_number: None,
            at,
            registered_at: at,
            by: Some(by),
            contact: None,
            attachments: Vec::new(),
        });
    }
}
