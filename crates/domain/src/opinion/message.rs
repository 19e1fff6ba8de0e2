//! What the sender and whoever handles an opinion say to each other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{MessageId, StaffId};

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Somebody asks: the handler the sender, or the sender again after an answer.
    Question,
    /// An answer to a question.
    Reply,
    /// The sender adds something.
    Addition,
    /// The sender is told something.
    Notice,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [MessageKind; 4] =
        [MessageKind::Question, MessageKind::Reply, MessageKind::Addition, MessageKind::Notice];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            MessageKind::Question => "question",
            MessageKind::Reply => "reply",
            MessageKind::Addition => "addition",
            MessageKind::Notice => "notice",
        }
    }
}

impl std::str::FromStr for MessageKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        MessageKind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Whether the sender says it, rather than somebody of the staff.
    pub from_sender: bool,
    /// What it is.
    pub kind: MessageKind,
    /// In words.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// By whom of the staff.
    pub by: Option<StaffId>,
    /// When the other side read it.
    pub read_at: Option<Timestamp>,
}
