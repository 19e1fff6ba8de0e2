//! When nobody answers: how long is waited, when they are reminded, and when it goes to the
//! samverkansmöte. What is agreed with a counterparty, or chosen here, is local and never law.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Forwarding;
use super::answer::Side;
use super::state::{Direction, Status};
use crate::calendar::{add_days, swedish_date};
use crate::fault::{Fault, Reason};

/// How often they are reminded before it goes to the samverkansmöte, at least.
pub const REMINDERS_BEFORE_ESCALATION: usize = 2;

/// What a tenant chooses about forwardings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ForwardingRules {
    /// Days until a counterparty's answer is due, where nothing else is agreed with it.
    pub answer_days: u16,
    /// Days until our own answer is due, where the sender names no day.
    pub our_answer_days: u16,
    /// How often the service reminds by itself; 0 leaves it to people.
    pub reminders: u8,
    /// Days between two reminders, and from the last one to the samverkansmöte.
    pub remind_every_days: u16,
}

impl Default for ForwardingRules {
    fn default() -> Self {
        Self { answer_days: 60, our_answer_days: 60, reminders: 2, remind_every_days: 14 }
    }
}

/// How many days past the agreed one a promise may put silence off. Local: a promise for ever is silence.
const LONGEST_PROMISE: i64 = 60;

impl ForwardingRules {
    /// Everything that is wrong with them, by JSON pointer under `at`.
    pub fn faults(&self, at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut within = |name: &str, value: u16, min: u16, max: u16| {
            if !(min..=max).contains(&value) {
                let (min, max) = (i64::from(min), i64::from(max));
                faults.push(Fault::at(format!("{at}/{name}"), Reason::OutOfRange { min, max }));
            }
        };
        within("answer_days", self.answer_days, 1, 366);
        within("our_answer_days", self.our_answer_days, 1, 366);
        within("reminders", u16::from(self.reminders), 0, 10);
        within("remind_every_days", self.remind_every_days, 1, 90);
        faults
    }
}

/// What the service does by itself about silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// Remind them.
    Remind,
    /// Put it on the list for the samverkansmöte.
    Escalate,
}

/// What is to be done next here, and by nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Todo {
    /// Decide what may leave.
    Check,
    /// Let it leave.
    Send,
    /// Reply to what they ask.
    Reply,
    /// Decide what becomes of what nobody answers.
    Settle,
    /// Tell the unit what was answered.
    Share,
    /// End it.
    Close,
    /// Say that it has arrived.
    Acknowledge,
    /// Give it to a unit, or look into it.
    Assign,
    /// Put down what was found.
    Investigate,
    /// Approve what is answered.
    Approve,
    /// Answer.
    Answer,
    /// Let it go to whose it is.
    PassOn,
}

impl Todo {
    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Todo::Check => "check",
            Todo::Send => "send",
            Todo::Reply => "reply",
            Todo::Settle => "settle",
            Todo::Share => "share_with_unit",
            Todo::Close => "close",
            Todo::Acknowledge => "acknowledge",
            Todo::Assign => "assign",
            Todo::Investigate => "investigate",
            Todo::Approve => "approve_answer",
            Todo::Answer => "answer",
            Todo::PassOn => "pass_on",
        }
    }
}

impl Forwarding {
    /// The day until which is waited: the due day, or a later one that the one who got it promised.
    pub fn awaited_on(&self) -> Option<Date> {
        let promised = self.matter.expected_on;
        let most = |due: Date| due.saturating_add(jiff::Span::new().days(LONGEST_PROMISE));
        self.due_on.map(|due| promised.map_or(due, |day| day.max(due).min(most(due))))
    }

    /// Whether an answer is still to come from whoever got it.
    pub fn awaits_answer(&self) -> bool {
        match (self.direction, self.status()) {
            (
                Direction::Sent,
                Status::Sent | Status::Acknowledged | Status::EscalatedUnanswered,
            )
            | (
                Direction::Received,
                Status::Received
                | Status::Acknowledged
                | Status::Assigned
                | Status::Investigated
                | Status::AnswerApproved,
            ) => true,
            (Direction::Sent | Direction::Received, _) => false,
        }
    }

    /// Whether the answer is late on a day, theirs or ours. What an import brought is not, until a
    /// person takes it up.
    pub fn overdue(&self, today: Date) -> bool {
        !self.quiet()
            && self.awaits_answer()
            && self.awaited_on().is_some_and(|awaited| awaited < today)
    }

    /// What the service does about it by itself on a day.
    pub fn overdue_step(&self, rules: &ForwardingRules, today: Date) -> Option<Overdue> {
        match (self.direction, self.status()) {
            (Direction::Sent, Status::Sent | Status::Acknowledged) if self.overdue(today) => {}
            (Direction::Sent | Direction::Received, _) => return None,
        }
        let reminders = &self.matter.reminders;
        let rested = reminders.last().is_none_or(|last| {
            add_days(swedish_date(last.at), i32::from(rules.remind_every_days)) <= today
        });
        if !rested {
            return None;
        }
        if reminders.len() < usize::from(rules.reminders) {
            return Some(Overdue::Remind);
        }
        (reminders.len() >= REMINDERS_BEFORE_ESCALATION).then_some(Overdue::Escalate)
    }

    /// What is to be done next here; `None` while the other side is at it, and when it has ended. What an
    /// import brought waits for nobody until a person takes it up.
    pub fn todo(&self) -> Option<Todo> {
        if self.quiet() || !self.open() {
            return None;
        }
        if self.asked(Side::Us) {
            return Some(Todo::Reply);
        }
        match (self.direction, self.status()) {
            (Direction::Sent, Status::Draft) => Some(Todo::Check),
            (Direction::Sent, Status::Checked) => Some(Todo::Send),
            (Direction::Sent, Status::EscalatedUnanswered) => Some(Todo::Settle),
            (Direction::Sent, Status::Answered) => Some(Todo::Share),
            (Direction::Sent, Status::SharedWithUnit) => Some(Todo::Close),
            (Direction::Received, Status::Received) => Some(Todo::Acknowledge),
            (Direction::Received, Status::Acknowledged) => Some(Todo::Assign),
            (Direction::Received, Status::Assigned) => Some(Todo::Investigate),
            (Direction::Received, Status::Investigated) => Some(Todo::Approve),
            (Direction::Received, Status::AnswerApproved) => Some(Todo::Answer),
            (Direction::Received, Status::Answered) => Some(Todo::Close),
            (Direction::Received, Status::WrongRecipient) => Some(Todo::PassOn),
            (Direction::Sent | Direction::Received, _) => None,
        }
    }
}
