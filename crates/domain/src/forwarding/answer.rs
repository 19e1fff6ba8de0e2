//! What the two sides say to each other. A page of the portal, a machine, and whoever opens a letter
//! write the same.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::document::{LONGEST_LINE, LONGEST_TEXT, outgoing};
use super::state::coded;
use super::{Around, blank};
use crate::calendar::swedish_date;
use crate::case::event::Faults;
use crate::fault::Reason;
use crate::ids::{AttachmentId, ContactId, ExchangeId, StaffId};

/// The two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Us.
    Us,
    /// The counterparty.
    Them,
}

coded!(Side: Us = "us", Them = "them");

/// By which way something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The page for a counterparty.
    Portal,
    /// A letter.
    Post,
    /// Säker digital kommunikation, through the municipality's own client.
    Sdk,
    /// From machine to machine.
    Machine,
    /// By telephone.
    Phone,
    /// By e-mail.
    Email,
    /// At a meeting.
    Meeting,
}

coded!(Channel:
    Portal = "portal",
    Post = "post",
    Sdk = "sdk",
    Machine = "machine",
    Phone = "phone",
    Email = "email",
    Meeting = "meeting",
);

impl Channel {
    /// The ways by which a document may leave. The rest is for what comes back.
    pub const SENDING: [Channel; 4] =
        [Channel::Portal, Channel::Post, Channel::Sdk, Channel::Machine];
}

/// An answer in a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Short {
    /// It has arrived.
    Received,
    /// It is looked into.
    Investigating {
        /// Until when an answer is promised.
        until: Date,
    },
    /// It is not for whoever got it.
    NotOurs {
        /// Whose it is, in words.
        whom: String,
    },
    /// It is looked into, and done.
    Done,
}

impl Short {
    /// Its name in JSON and in tables.
    pub fn code(&self) -> &'static str {
        match self {
            Short::Received => "received",
            Short::Investigating { .. } => "investigating",
            Short::NotOurs { .. } => "not_ours",
            Short::Done => "done",
        }
    }

    /// Whether it answers, or only says that an answer is to come.
    pub fn answers(&self) -> bool {
        match self {
            Short::Received | Short::Investigating { .. } => false,
            Short::NotOurs { .. } | Short::Done => true,
        }
    }
}

/// What somebody answers, whoever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its id: the same answer twice is one.
    pub id: ExchangeId,
    /// By which way it came.
    pub channel: Channel,
    /// In a word.
    pub short: Short,
    /// In words.
    pub text: Option<String>,
    /// The diarienummer it has where it comes from.
    pub diary_number: Option<String>,
    /// When it came, where that was before now: a letter is registered later.
    pub at: Option<Timestamp>,
    /// Files of the case that came with it, such as the scan of a letter.
    pub attachments: Vec<AttachmentId>,
    /// Which contact of the counterparty said it.
    pub contact: Option<ContactId>,
}

impl Answer {
    /// What is wrong with it, as something said no earlier than `since`.
    pub(super) fn faults(&self, since: Option<Timestamp>, around: Around<'_>) -> Faults {
        let mut faults = Faults::default();
        let today = swedish_date(around.now);
        let texts = [
            ("/text", self.text.as_deref(), LONGEST_TEXT),
            ("/diary_number", self.diary_number.as_deref(), LONGEST_LINE),
        ];
        for (field, text, longest) in texts {
            if let Some(text) = text {
                outgoing(text, field, longest, today, &mut faults);
            }
        }
        match &self.short {
            Short::Investigating { until } => {
                let other = "today".to_owned();
                faults.require(*until >= today, "/until", Reason::Before { other });
            }
            Short::NotOurs { whom } => {
                faults.require(!blank(whom), "/whom", Reason::Required);
                outgoing(whom, "/whom", LONGEST_LINE, today, &mut faults);
            }
            Short::Received | Short::Done => {}
        }
        if let Some(given) = self.at {
            faults.require(given <= around.now, "/on", Reason::InFuture { given });
            // A letter bears a day and no hour.
            let after = since.is_none_or(|it| swedish_date(given) >= swedish_date(it));
            faults.require(after, "/on", Reason::Before { other: "sent_at".into() });
        }
        faults
    }

    /// As it is kept.
    pub(super) fn exchange(self, from: Side, around: Around<'_>) -> Exchange {
        Exchange {
            id: self.id,
            from,
            channel: self.channel,
            act: Said::Answer(self.short),
            text: self.text,
            diary_number: self.diary_number,
            at: self.at.unwrap_or(around.now),
            registered_at: around.now,
            by: around.by.staff(),
            contact: self.contact,
            attachments: self.attachments,
        }
    }
}

/// What is said beside an answer: a question back, what is replied to it, or a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its id: the same remark twice is one.
    pub id: ExchangeId,
    /// Who says it.
    pub from: Side,
    /// By which way.
    pub channel: Channel,
    /// Whether the other side is asked for something.
    pub asks: bool,
    /// In words.
    pub text: String,
    /// When it came, where that was before now.
    pub at: Option<Timestamp>,
    /// Files of the case that came with it.
    pub attachments: Vec<AttachmentId>,
    /// Which contact of the counterparty said it.
    pub contact: Option<ContactId>,
}

/// What kind of thing was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// An answer, or that one is to come.
    Answer(Short),
    /// A question back.
    Question,
    /// A word that asks for nothing: also what is replied to a question.
    Remark,
}

impl Said {
    /// Its name in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Said::Answer(_) => "answer",
            Said::Question => "question",
            Said::Remark => "remark",
        }
    }
}

/// Something said between us and the counterparty. Both see all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Its id.
    pub id: ExchangeId,
    /// Who said it.
    pub from: Side,
    /// By which way.
    pub channel: Channel,
    /// What it was.
    pub act: Said,
    /// In words.
    pub text: Option<String>,
    /// The diarienummer it has where it comes from.
    pub diary_number: Option<String>,
    /// When it was said.
    pub at: Timestamp,
    /// When it was put down here.
    pub registered_at: Timestamp,
    /// Who of ours put it down; `None` for the counterparty itself.
    pub by: Option<StaffId>,
    /// Which contact of the counterparty said it.
    #[serde(default)]
    pub contact: Option<ContactId>,
    /// Files that came with it.
    #[serde(default)]
    pub attachments: Vec<AttachmentId>,
}
