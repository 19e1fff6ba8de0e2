//! What a counterparty sees of a forwarding: made here and nowhere else, for a page, a letter and a
//! machine alike. Only what is addressed to it, only after it has left, and nothing of the case.

use jiff::Timestamp;
use jiff::civil::Date;

use super::answer::{Exchange, Side};
use super::document::Document;
use super::joint::{JointMeasure, SharedEvent};
use super::state::{Direction, Kind, Status};
use super::{Forwarding, Said};
use crate::ids::CounterpartyId;
use crate::number::CaseNumber;

/// Why nothing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotShown {
    /// It is not addressed to whoever asks: for them it does not exist.
    NotTheirs,
    /// It has not left; or an old system sent it, and nobody has taken it up here.
    NotSent,
    /// It was taken back.
    Recalled,
}

/// What a counterparty sees.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyView<'a> {
    /// Our number, which they quote.
    pub number: Option<CaseNumber>,
    /// Single or joint.
    pub kind: Kind,
    /// What we tell.
    pub document: &'a Document,
    /// When it left.
    pub sent_at: Timestamp,
    /// Until when we want an answer.
    pub due_on: Option<Date>,
    /// Until when they promised one.
    pub expected_on: Option<Date>,
    /// When they answered.
    pub answered_at: Option<Timestamp>,
    /// Whether an answer is still to come.
    pub awaits_answer: bool,
    /// Whether we ask them something that they have not replied to.
    pub asked: bool,
    /// Whether who the person is may be shown, after the second factor.
    pub identity: bool,
    /// The diarienummer they gave it.
    pub their_number: Option<&'a str>,
    /// What was said, oldest first. Who of ours said it is not for them.
    pub exchanges: Vec<&'a Exchange>,
    /// Joint: what both shared.
    pub timeline: &'a [SharedEvent],
    /// Joint: what both do.
    pub measures: &'a [JointMeasure],
}

impl Forwarding {
    /// What a counterparty sees of it.
    ///
    /// # Errors
    /// [`NotShown`]: to anybody else it does not exist, and what was taken back is seen by nobody.
    pub fn shown_to(&self, who: CounterpartyId) -> Result<PartyView<'_>, NotShown> {
        if self.direction != Direction::Sent || self.counterparty != who {
            return Err(NotShown::NotTheirs);
        }
        if self.quiet() {
            return Err(NotShown::NotSent);
        }
        let sent_at = match self.status() {
            Status::Draft | Status::Checked => return Err(NotShown::NotSent),
            Status::Recalled => {
                let left = self.sent_at.is_some();
                return Err(if left { NotShown::Recalled } else { NotShown::NotSent });
            }
            Status::Sent
            | Status::Acknowledged
            | Status::Answered
            | Status::SharedWithUnit
            | Status::EscalatedUnanswered
            | Status::ClosedWithoutAnswer
            | Status::Received
            | Status::Assigned
            | Status::Investigated
            | Status::AnswerApproved
            | Status::WrongRecipient
            | Status::PassedOn
            | Status::Closed => self.sent_at.ok_or(NotShown::NotSent)?,
        };
        let matter = &self.matter;
        Ok(PartyView {
            number: self.number,
            kind: self.kind,
            document: &self.document,
            sent_at,
            due_on: self.due_on,
            expected_on: matter.expected_on,
            answered_at: matter.answered_at,
            awaits_answer: self.awaits_answer(),
            asked: self.asked(Side::Them),
            identity: matter.decision.as_ref().is_some_and(|it| it.identity),
            their_number: matter.their_number.as_deref(),
            exchanges: matter.exchanges.iter().collect(),
            timeline: &matter.joint.timeline,
            measures: &matter.joint.measures,
        })
    }

    /// What we told whoever sent a received one, oldest first: what flows back to them.
    pub fn told_sender(&self) -> impl Iterator<Item = &Exchange> {
        let received = self.direction == Direction::Received;
        let ours = move |it: &&Exchange| received && it.from == Side::Us;
        self.matter.exchanges.iter().filter(ours)
    }

    /// The last answer of the one who got it that is more than a word that it came.
    pub fn last_answer(&self) -> Option<&Exchange> {
        let whose = match self.direction {
            Direction::Sent => Side::Them,
            Direction::Received => Side::Us,
        };
        self.matter.exchanges.iter().rev().find(|it| {
            it.from == whose && matches!(&it.act, Said::Answer(short) if short.answers())
        })
    }
}
