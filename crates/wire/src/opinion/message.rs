//! What the sender and those who handle an opinion say to each other.

use domain::opinion as d;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::wire_enum;

wire_enum!(
    /// What a message is.
    OpinionMessageKind = d::MessageKind {
        Question = "question", Reply = "reply", Addition = "addition", Notice = "notice",
    }
);

/// Something the sender and those who handle it say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionMessageView {
    /// Its id.
    pub id: Uuid,
    /// Whether the sender says it.
    pub from_sender: bool,
    /// What it is.
    pub kind: OpinionMessageKind,
    /// In words.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// The staff id of who says it.
    pub by: Option<Uuid>,
    /// When the other side read it.
    pub read_at: Option<Timestamp>,
}

impl From<&d::Message> for OpinionMessageView {
    fn from(message: &d::Message) -> Self {
        Self {
            id: message.id.0,
            from_sender: message.from_sender,
            kind: message.kind.into(),
            text: message.text.clone(),
            at: message.at,
            by: message.by.map(|by| by.0),
            read_at: message.read_at,
        }
    }
}
