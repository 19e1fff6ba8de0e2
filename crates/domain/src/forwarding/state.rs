//! Which way a forwarding goes, where it may stand on it, and what it takes there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{received, sent};
use crate::ids::{CaseId, CounterpartyId, StaffId, UnitId};

/// Codes in JSON and in tables, for an enum whose values carry nothing.
macro_rules! coded {
    ($name:ident: $($value:ident = $code:literal),+ $(,)?) => {
        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$value),+];

            /// The value in JSON and in tables.
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$value => $code),+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(code: &str) -> Result<Self, ()> {
                $name::ALL.iter().copied().find(|value| value.code() == code).ok_or(())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(super) use coded;

/// Which way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From us to a counterparty.
    Sent,
    /// From a counterparty to us.
    Received,
}

coded!(Direction: Sent = "sent", Received = "received");

impl Direction {
    /// Every status of this machine, in the order of its way.
    pub fn statuses(self) -> &'static [Status] {
        match self {
            Direction::Sent => &sent::STATUSES,
            Direction::Received => &received::STATUSES,
        }
    }

    /// Whether what stands at `status` takes the command at all.
    pub fn admits(self, status: Status, command: Command) -> bool {
        match self {
            Direction::Sent => sent::admits(status, command),
            Direction::Received => received::admits(status, command),
        }
    }
}

/// How the sides work on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One tells, the other answers.
    Single,
    /// Both put together what happened, and what each side does about it.
    Joint,
}

coded!(Kind: Single = "single", Joint = "joint");

/// Where a forwarding stands, whichever way it goes; each machine has its own of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Sent: being written.
    Draft,
    /// Sent: somebody has decided what may leave.
    Checked,
    /// Sent: it has left.
    Sent,
    /// The one who got it has said so.
    Acknowledged,
    /// The one who got it has answered.
    Answered,
    /// Sent: the unit where it happened was told of the answer.
    SharedWithUnit,
    /// Sent: due, reminded and not answered; it stands on the list for the samverkansmöte.
    EscalatedUnanswered,
    /// Sent: given up, with a reason.
    ClosedWithoutAnswer,
    /// Taken back by whoever sent it.
    Recalled,
    /// Received: it has come in.
    Received,
    /// Received: given to a unit, and so a case of ours.
    Assigned,
    /// Received: looked into.
    Investigated,
    /// Received: somebody has approved what we answer.
    AnswerApproved,
    /// Received: it is not ours.
    WrongRecipient,
    /// Received: gone to whose it is, or back.
    PassedOn,
    /// Ended.
    Closed,
}

coded!(Status:
    Draft = "draft",
    Checked = "checked",
    Sent = "sent",
    Acknowledged = "acknowledged",
    Answered = "answered",
    SharedWithUnit = "shared_with_unit",
    EscalatedUnanswered = "escalated_unanswered",
    ClosedWithoutAnswer = "closed_without_answer",
    Recalled = "recalled",
    Received = "received",
    Assigned = "assigned",
    Investigated = "investigated",
    AnswerApproved = "answer_approved",
    WrongRecipient = "wrong_recipient",
    PassedOn = "passed_on",
    Closed = "closed",
);

impl Status {
    /// Whether something is still to be done by either side.
    pub fn open(self) -> bool {
        match self {
            Status::Draft
            | Status::Checked
            | Status::Sent
            | Status::Acknowledged
            | Status::Answered
            | Status::SharedWithUnit
            | Status::EscalatedUnanswered
            | Status::Received
            | Status::Assigned
            | Status::Investigated
            | Status::AnswerApproved
            | Status::WrongRecipient => true,
            Status::ClosedWithoutAnswer | Status::Recalled | Status::PassedOn | Status::Closed => {
                false
            }
        }
    }

    /// Whether it has left, or come in, and was not taken back: only then it counts.
    pub fn counted(self) -> bool {
        match self {
            Status::Draft | Status::Checked | Status::Recalled => false,
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
            | Status::Closed => true,
        }
    }
}

/// Where a forwarding stands, with what only that state has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// See [`Status::Draft`].
    Draft,
    /// See [`Status::Checked`].
    Checked,
    /// See [`Status::Sent`].
    Sent,
    /// See [`Status::Acknowledged`].
    Acknowledged,
    /// See [`Status::Answered`].
    Answered,
    /// Who told the unit, and when.
    SharedWithUnit(Sharing),
    /// See [`Status::EscalatedUnanswered`].
    EscalatedUnanswered {
        /// Since when.
        at: Timestamp,
    },
    /// Why nobody waits any more.
    ClosedWithoutAnswer(Ending),
    /// Why it was taken back.
    Recalled(Ending),
    /// See [`Status::Received`].
    Received,
    /// To whom it was given.
    Assigned(Assignment),
    /// See [`Status::Investigated`].
    Investigated,
    /// See [`Status::AnswerApproved`].
    AnswerApproved,
    /// See [`Status::WrongRecipient`].
    WrongRecipient,
    /// To whom it went.
    PassedOn(PassedOn),
    /// How it ended.
    Closed(Ending),
}

impl State {
    /// The state's name.
    pub fn status(&self) -> Status {
        match self {
            State::Draft => Status::Draft,
            State::Checked => Status::Checked,
            State::Sent => Status::Sent,
            State::Acknowledged => Status::Acknowledged,
            State::Answered => Status::Answered,
            State::SharedWithUnit(_) => Status::SharedWithUnit,
            State::EscalatedUnanswered { .. } => Status::EscalatedUnanswered,
            State::ClosedWithoutAnswer(_) => Status::ClosedWithoutAnswer,
            State::Recalled(_) => Status::Recalled,
            State::Received => Status::Received,
            State::Assigned(_) => Status::Assigned,
            State::Investigated => Status::Investigated,
            State::AnswerApproved => Status::AnswerApproved,
            State::WrongRecipient => Status::WrongRecipient,
            State::PassedOn(_) => Status::PassedOn,
            State::Closed(_) => Status::Closed,
        }
    }

    /// When it ended, if it has.
    pub fn ended_at(&self) -> Option<Timestamp> {
        match self {
            State::ClosedWithoutAnswer(ending)
            | State::Recalled(ending)
            | State::Closed(ending) => Some(ending.at),
            State::PassedOn(passed) => Some(passed.at),
            State::Draft
            | State::Checked
            | State::Sent
            | State::Acknowledged
            | State::Answered
            | State::SharedWithUnit(_)
            | State::EscalatedUnanswered { .. }
            | State::Received
            | State::Assigned(_)
            | State::Investigated
            | State::AnswerApproved
            | State::WrongRecipient => None,
        }
    }
}

/// That the unit was told what the counterparty answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sharing {
    /// How, or at which meeting.
    pub how: String,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// That a received one was given to a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Which unit.
    pub unit: UnitId,
    /// The case it became.
    pub case: CaseId,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// That it was not ours, and where it went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassedOn {
    /// To whom, in words.
    pub to: String,
    /// To whom, where it is in the register.
    pub counterparty: Option<CounterpartyId>,
    /// It went back to whoever sent it.
    pub returned: bool,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// How it ended, with the reason where one is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// Why, or in a sentence how.
    pub reason: Option<String>,
    /// By whom of ours; `None` for the counterparty.
    pub by: Option<StaffId>,
    /// When.
    pub at: Timestamp,
}

/// Everything that can be done to a forwarding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Begin to write one.
    Draft,
    /// Take in one that came.
    Register,
    /// Sent: write on. A decision about another text holds no more.
    Edit,
    /// Sent: decide what may leave.
    Check,
    /// Sent: let it leave.
    Send,
    /// Say that it has arrived: of a sent one they did, of a received one we do.
    Acknowledge,
    /// Sent: remind them.
    Remind,
    /// Sent: put it on the list for the samverkansmöte.
    Escalate,
    /// Sent: take in what they answer, by whatever way it came.
    RegisterAnswer,
    /// Say something to the other side, or take in what they say, that answers nothing.
    Converse,
    /// Sent: tell the unit what was answered.
    ShareWithUnit,
    /// End it.
    Close,
    /// Sent: give up waiting.
    CloseWithoutAnswer,
    /// Take it back; of a received one they did.
    Recall,
    /// Received: give it to a unit.
    Assign,
    /// Received: put down what was found.
    Investigate,
    /// Received: approve what is answered.
    ApproveAnswer,
    /// Received: answer.
    Answer,
    /// Received: say that it is not ours.
    WrongRecipient,
    /// Received: let it go to whose it is.
    PassOn,
    /// Joint: share what happened, as one side saw it.
    ShareEvent,
    /// Joint: put down a measure with its owner.
    AddMeasure,
    /// Joint: say that a measure is done.
    FinishMeasure,
}

coded!(Command:
    Draft = "draft",
    Register = "register",
    Edit = "edit",
    Check = "check",
    Send = "send",
    Acknowledge = "acknowledge",
    Remind = "remind",
    Escalate = "escalate",
    RegisterAnswer = "register_answer",
    Converse = "converse",
    ShareWithUnit = "share_with_unit",
    Close = "close",
    CloseWithoutAnswer = "close_without_answer",
    Recall = "recall",
    Assign = "assign",
    Investigate = "investigate",
    ApproveAnswer = "approve_answer",
    Answer = "answer",
    WrongRecipient = "wrong_recipient",
    PassOn = "pass_on",
    ShareEvent = "share_event",
    AddMeasure = "add_measure",
    FinishMeasure = "finish_measure",
);
