//! Where an opinion stands, and which command it takes there.

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::ending::{Ended, HandOver};
use crate::case::{Command, Status};

/// Where an opinion stands, with what only that stage has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Came through the public form; nobody has looked at it.
    Received,
    /// In the register.
    Registered,
    /// Its sender knows that it has come.
    Acknowledged,
    /// Somebody is to handle it.
    Assigned,
    /// It is found out what happened.
    Investigating,
    /// Answered; its sender may ask again.
    Answered(Box<Answer>),
    /// Ended: with its answer, or otherwise with a reason.
    Closed(Ended),
    /// Handed over to whom it concerns (PSL 3 kap. 8 e §).
    HandedOver(HandOver),
}

/// A stage by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// See [`Stage::Received`].
    Received,
    /// See [`Stage::Registered`].
    Registered,
    /// See [`Stage::Acknowledged`].
    Acknowledged,
    /// See [`Stage::Assigned`].
    Assigned,
    /// See [`Stage::Investigating`].
    Investigating,
    /// See [`Stage::Answered`].
    Answered,
    /// See [`Stage::Closed`].
    Closed,
    /// See [`Stage::HandedOver`].
    HandedOver,
}

impl Stage {
    /// Its name.
    pub fn name(&self) -> StageName {
        match self {
            Stage::Received => StageName::Received,
            Stage::Registered => StageName::Registered,
            Stage::Acknowledged => StageName::Acknowledged,
            Stage::Assigned => StageName::Assigned,
            Stage::Investigating => StageName::Investigating,
            Stage::Answered(_) => StageName::Answered,
            Stage::Closed(_) => StageName::Closed,
            Stage::HandedOver(_) => StageName::HandedOver,
        }
    }

    /// The answer that stands here.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Stage::Answered(answer) | Stage::Closed(Ended::Answered(answer)) => Some(answer),
            Stage::Received
            | Stage::Registered
            | Stage::Acknowledged
            | Stage::Assigned
            | Stage::Investigating
            | Stage::Closed(Ended::Otherwise(_) | Ended::Imported)
            | Stage::HandedOver(_) => None,
        }
    }
}

impl StageName {
    /// Every stage, in the order of an opinion's life.
    pub const ALL: [StageName; 8] = [
        StageName::Received,
        StageName::Registered,
        StageName::Acknowledged,
        StageName::Assigned,
        StageName::Investigating,
        StageName::Answered,
        StageName::Closed,
        StageName::HandedOver,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            StageName::Received => "received",
            StageName::Registered => "registered",
            StageName::Acknowledged => "acknowledged",
            StageName::Assigned => "assigned",
            StageName::Investigating => "investigating",
            StageName::Answered => "answered",
            StageName::Closed => "closed",
            StageName::HandedOver => "handed_over",
        }
    }

    /// Where a case stands whose opinion stands here.
    pub fn status(self) -> Status {
        match self {
            StageName::Received | StageName::Registered | StageName::Acknowledged => {
                Status::Reported
            }
            StageName::Assigned => Status::Triaged,
            StageName::Investigating | StageName::Answered => Status::Investigating,
            StageName::Closed | StageName::HandedOver => Status::Closed,
        }
    }

    /// Whether something is still to be done.
    pub fn open(self) -> bool {
        self.status().open()
    }

    /// Whether an opinion that stands here takes the command: those of [`Command::OPINION`], and the
    /// two of every case that change its stage.
    pub fn admits(self, command: Command) -> bool {
        use Command::*;
        let handling = matches!(
            command,
            Assign | Ask | Attempt | Answer | HandOver | PassOn | SpinOff | SenderMessage | Close
        );
        match self {
            // What nobody has looked at is registered first, whatever becomes of it.
            StageName::Received => matches!(command, Register | SenderMessage),
            StageName::Registered => handling || matches!(command, Acknowledge),
            StageName::Acknowledged => handling,
            // Telling late that it has come is better than not at all.
            StageName::Assigned | StageName::Investigating => {
                handling || matches!(command, Acknowledge | Inquire)
            }
            StageName::Answered => {
                matches!(command, Attempt | PassOn | SpinOff | SenderMessage | Close | Reopen)
            }
            StageName::Closed | StageName::HandedOver => {
                matches!(command, PassOn | SpinOff | SenderMessage | Reopen)
            }
        }
    }
}

impl std::str::FromStr for StageName {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        StageName::ALL.into_iter().find(|stage| stage.code() == code).ok_or(())
    }
}
