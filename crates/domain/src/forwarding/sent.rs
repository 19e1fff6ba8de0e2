//! What we send: the table of its states, and what each step asks for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Channel, Short, Side};
use super::counterparty::Counterparty;
use super::document::{Document, LONGEST_TEXT, outgoing};
use super::silence::ForwardingRules;
use super::state::{Command, Direction, Ending, Kind, Sharing, State, Status};
use super::{Around, Changed, Forwarding, Hand, Matter, Rejected, blank, held};
use crate::calendar::{add_days, swedish, swedish_date};
use crate::case::event::{Changes, Faults};
use crate::fault::Reason;
use crate::ids::{CaseId, CounterpartyId, ForwardingId, StaffId, UnitId};
use crate::law::Law;
use crate::number::{CaseNumber, NumberKind};

/// Its states, in the order of its way.
pub(super) const STATUSES: [Status; 10] = [
    Status::Draft,
    Status::Checked,
    Status::Sent,
    Status::Acknowledged,
    Status::EscalatedUnanswered,
    Status::Answered,
    Status::SharedWithUnit,
    Status::Closed,
    Status::ClosedWithoutAnswer,
    Status::Recalled,
];

/// Whether what stands here takes the command at all.
pub(super) fn admits(status: Status, command: Command) -> bool {
    use Command::*;
    match status {
        Status::Draft => matches!(command, Edit | Check | Recall),
        Status::Checked => matches!(command, Edit | Check | Send | Recall),
        Status::Sent | Status::Acknowledged => matches!(
            command,
            Acknowledge
                | Remind
                | Escalate
                | RegisterAnswer
                | Converse
                | CloseWithoutAnswer
                | Recall
                | ShareEvent
                | AddMeasure
                | FinishMeasure
        ),
        Status::EscalatedUnanswered => matches!(
            command,
            Acknowledge
                | Remind
                | RegisterAnswer
                | Converse
                | CloseWithoutAnswer
                | Recall
                | ShareEvent
                | AddMeasure
                | FinishMeasure
        ),
        Status::Answered => matches!(
            command,
            RegisterAnswer
                | Converse
                | ShareWithUnit
                | Recall
                | ShareEvent
                | AddMeasure
                | FinishMeasure
        ),
        Status::SharedWithUnit => matches!(
            command,
            RegisterAnswer | Converse | Close | Recall | ShareEvent | AddMeasure | FinishMeasure
        ),
        // What comes after we gave up is still an answer.
        Status::ClosedWithoutAnswer => matches!(command, RegisterAnswer | Recall),
        // What should never have gone there is taken back, however it ended.
        Status::Closed => matches!(command, FinishMeasure | Recall),
        Status::Recalled => false,
        // States of the other machine.
        Status::Received
        | Status::Assigned
        | Status::Investigated
        | Status::AnswerApproved
        | Status::WrongRecipient
        | Status::PassedOn => false,
    }
}

/// What a draft begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDraft {
    /// Its id.
    pub id: ForwardingId,
    /// Random bits for its number.
    pub seed: u64,
    /// The case it rests on.
    pub case: CaseId,
    /// The case's unit.
    pub unit: UnitId,
    /// By whose rules it is judged.
    pub law: Law,
    /// To whom.
    pub counterparty: CounterpartyId,
    /// Single or joint.
    pub kind: Kind,
    /// The document as far as it is written.
    pub document: Document,
}

/// How it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// By which way.
    pub channel: Channel,
    /// To whom, as it stands in the register.
    pub counterparty: &'a Counterparty,
    /// What the tenant chose.
    pub rules: &'a ForwardingRules,
}

/// That they were reminded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// When.
    pub at: Timestamp,
    /// By which way.
    pub channel: Channel,
    /// By whom; `None` for the service itself.
    pub by: Option<StaffId>,
}

impl Forwarding {
    /// Begins to write one.
    ///
    /// # Errors
    /// [`Rejected`] for a personal identity number in a text, with its position.
    pub fn draft(new: NewDraft, around: Around<'_>) -> Result<Changed, Rejected> {
        let by = around.staff()?;
        let mut faults = Faults::default();
        faults.extend(new.document.faults(swedish_date(around.now)));
        held(faults)?;
        let year = swedish(around.now).year;
        let forwarding = Self {
            id: new.id,
            number: Some(CaseNumber::from_random(NumberKind::Vg, year, new.seed)),
            direction: Direction::Sent,
            kind: new.kind,
            state: State::Draft,
            case: Some(new.case),
            counterparty: new.counterparty,
            unit: Some(new.unit),
            law: new.law,
            document: new.document,
            matter: Matter { begun_by: Some(by), ..Matter::default() },
            channel: None,
            created_at: around.now,
            sent_at: None,
            due_on: None,
            imported: false,
            version: 1,
            updated_at: around.now,
        };
        Ok(forwarding.begun(Command::Draft, around))
    }

    /// Lets it leave. Due is the counterparty's agreed time, or else the tenant's.
    ///
    /// # Errors
    /// [`Rejected`] without a decision about this very document; to one that is no counterparty today, or
    /// not reached by that way.
    pub fn send(mut self, sending: Sending<'_>, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Send)?;
        around.staff()?;
        let Sending { channel, counterparty, rules } = sending;
        let today = swedish_date(around.now);
        let mut faults = Faults::default();
        self.document.complete(&mut faults);
        faults.extend(self.document.faults(today));
        let decided = self.matter.decision.is_some();
        faults.require(decided, "", Reason::inconsistent("not_decided"));
        let same = counterparty.id == self.counterparty;
        faults.require(same, "/counterparty", Reason::NotFound);
        let valid = counterparty.valid_on(today);
        faults.require(valid, "/counterparty", Reason::inconsistent("counterparty_ended"));
        let known = Channel::SENDING.contains(&channel)
            && (counterparty.details.channels.is_empty() && channel == Channel::Post
                || counterparty.details.channels.contains(&channel));
        faults.require(known, "/channel", Reason::inconsistent("channel_not_agreed"));
        held(faults)?;
        let days = counterparty.answer_days.unwrap_or(rules.answer_days);
        let due_on = add_days(today, i32::from(days));
        let mut changes = Changes::default();
        changes.note("channel", &None, &Some(channel.code()));
        changes.note("due_on", &None, &Some(due_on.to_string()));
        self.channel = Some(channel);
        self.sent_at = Some(around.now);
        self.due_on = Some(due_on);
        self.state = State::Sent;
        Ok(self.changed(Command::Send, from, changes, None, around))
    }

    /// Takes in what they answer, by whatever way it came: a word that an answer is to come
    /// acknowledges, anything else answers. The first answer is the one that counts.
    ///
    /// # Errors
    /// [`Rejected`] where nothing is awaited; [`Rejected::AlreadySaid`] for the same answer again; a day
    /// before it left or in the future; a personal identity number in a text.
    pub fn take_answer(mut self, answer: Answer, around: Around<'_>) -> Result<Changed, Rejected> {
        let answers = answer.short.answers();
        let command = if answers { Command::RegisterAnswer } else { Command::Acknowledge };
        // The same again is the same, wherever it stands by now.
        self.unsaid(answer.id)?;
        let from = self.admit(command)?;
        if self.direction == Direction::Received {
            return Err(Rejected::State { status: from, command });
        }
        around.speaks_for(Side::Them)?;
        let mut faults = answer.faults(self.sent_at, around);
        let by_hand = matches!(around.by, Hand::Staff(_));
        if by_hand && matches!(answer.channel, Channel::Portal | Channel::Machine) {
            faults.push("/channel", Reason::inconsistent("not_by_hand"));
        }
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("answer", &None, &Some(answer.short.code()));
        if let Some(number) = &answer.diary_number {
            changes.note("their_number", &self.matter.their_number, &Some(number.clone()));
            self.matter.their_number = Some(number.clone());
        }
        let said = answer.exchange(Side::Them, around);
        // A day registered later may lie before the hour at which it left.
        let at = self.sent_at.map_or(said.at, |sent| said.at.max(sent));
        self.matter.acknowledged_at.get_or_insert(at);
        match &said.act {
            super::Said::Answer(Short::Investigating { until }) => {
                changes.note(
                    "expected_on",
                    &self.matter.expected_on.map(|day| day.to_string()),
                    &Some(until.to_string()),
                );
                self.matter.expected_on = Some(*until);
                self.state = State::Acknowledged;
            }
            super::Said::Answer(Short::Received) => match self.state {
                // That it arrived is no answer: what is on the list stays there.
                State::EscalatedUnanswered { .. } => {}
                _ => self.state = State::Acknowledged,
            },
            super::Said::Answer(Short::NotOurs { .. } | Short::Done)
            | super::Said::Question
            | super::Said::Remark => {
                if self.matter.answered_at.is_none() {
                    self.matter.answered_at = Some(at);
                    self.matter.answer_channel = Some(said.channel);
                }
                // What is added to an answer the unit knows is told it, too.
                self.state = State::Answered;
            }
        }
        self.matter.exchanges.push(said);
        Ok(self.changed(command, from, changes, None, around))
    }

    /// Reminds them: by hand at any time after it left, by the service when it is due.
    ///
    /// # Errors
    /// [`Rejected`] where nothing is awaited.
    pub fn remind(mut self, channel: Channel, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Remind)?;
        let by = match around.by {
            Hand::Staff(staff) => Some(staff),
            Hand::Job => None,
            Hand::Counterparty(_) => return Err(Rejected::NotTheirs),
        };
        // What an import brought has no day yet: whoever reminds of it awaits it from now on.
        self.due_on.get_or_insert(swedish_date(around.now));
        let before = self.matter.reminders.len();
        self.matter.reminders.push(Reminder { at: around.now, channel, by });
        let mut changes = Changes::default();
        changes.note("reminders", &before, &self.matter.reminders.len());
        Ok(self.changed(Command::Remind, from, changes, None, around))
    }

    /// Puts it on the list for the samverkansmöte.
    ///
    /// # Errors
    /// [`Rejected`] before it is due and before it was reminded of twice.
    pub fn escalate(mut self, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Escalate)?;
        if let Hand::Counterparty(_) = around.by {
            return Err(Rejected::NotTheirs);
        }
        let mut faults = Faults::default();
        let due = self.overdue(swedish_date(around.now));
        faults.require(due, "", Reason::inconsistent("not_due"));
        let reminded = self.matter.reminders.len() >= super::silence::REMINDERS_BEFORE_ESCALATION;
        faults.require(reminded, "", Reason::inconsistent("not_reminded_twice"));
        held(faults)?;
        self.state = State::EscalatedUnanswered { at: around.now };
        Ok(self.changed(Command::Escalate, from, Changes::default(), None, around))
    }

    /// Puts down that the unit was told what was answered.
    ///
    /// # Errors
    /// [`Rejected`] before an answer, and without a word how.
    pub fn share_with_unit(mut self, how: String, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.admit(Command::ShareWithUnit)?;
        let by = around.staff()?;
        let mut faults = Faults::default();
        faults.require(!blank(&how), "/how", Reason::Required);
        outgoing(&how, "/how", LONGEST_TEXT, swedish_date(around.now), &mut faults);
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("shared_with_unit", &None, &Some(how.clone()));
        self.state = State::SharedWithUnit(Sharing { how, by, at: around.now });
        Ok(self.changed(Command::ShareWithUnit, from, changes, None, around))
    }

    /// Ends it: a sent one when the unit knows the answer, a received one when it is answered.
    ///
    /// # Errors
    /// [`Rejected`] earlier than that.
    pub fn close(
        mut self,
        summary: Option<String>,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Close)?;
        let by = Some(around.staff()?);
        let mut faults = Faults::default();
        if let Some(text) = &summary {
            outgoing(text, "/summary", LONGEST_TEXT, swedish_date(around.now), &mut faults);
        }
        held(faults)?;
        self.state = State::Closed(Ending { reason: summary.clone(), by, at: around.now });
        Ok(self.changed(Command::Close, from, Changes::default(), summary, around))
    }

    /// Gives up waiting. It counts as not answered, unless an answer comes after all.
    ///
    /// # Errors
    /// [`Rejected`] without a reason.
    pub fn close_without_answer(
        mut self,
        reason: String,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::CloseWithoutAnswer)?;
        let ending = self.reasoned(reason, Some(around.staff()?), around)?;
        let reason = ending.reason.clone();
        self.state = State::ClosedWithoutAnswer(ending);
        Ok(self.changed(Command::CloseWithoutAnswer, from, Changes::default(), reason, around))
    }

    /// Takes it back: the other side sees no more of it. A received one is taken back by whoever sent it.
    ///
    /// # Errors
    /// [`Rejected`] once it is answered, and without a reason.
    pub fn recall(mut self, reason: String, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Recall)?;
        let by = match (self.direction, around.by) {
            (Direction::Sent | Direction::Received, Hand::Staff(staff)) => Some(staff),
            (Direction::Received, Hand::Counterparty(_)) => None,
            (Direction::Sent, Hand::Counterparty(_)) | (_, Hand::Job) => {
                return Err(Rejected::NotTheirs);
            }
        };
        let ending = self.reasoned(reason, by, around)?;
        let reason = ending.reason.clone();
        self.state = State::Recalled(ending);
        Ok(self.changed(Command::Recall, from, Changes::default(), reason, around))
    }

    fn reasoned(
        &self,
        reason: String,
        by: Option<StaffId>,
        around: Around<'_>,
    ) -> Result<Ending, Rejected> {
        let mut faults = Faults::default();
        faults.require(!blank(&reason), "/reason", Reason::Required);
        outgoing(&reason, "/reason", LONGEST_TEXT, swedish_date(around.now), &mut faults);
        held(faults)?;
        Ok(Ending { reason: Some(reason), by, at: around.now })
    }
}
