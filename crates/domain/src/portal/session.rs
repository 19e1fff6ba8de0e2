//! What a contact sees once both things are shown, and for how long.

use jiff::Timestamp;

use super::contact::Contact;
use super::link::Link;
use super::{ANSWERED_READABLE, SESSION_LASTS};
use crate::forwarding::party::NotShown;
use crate::forwarding::{Forwarding, Status};
use crate::ids::{CounterpartyId, ForwardingId, LinkId, SessionId};

/// What was shown besides the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// The counterparty's code word.
    CodeWord,
    /// A one-time code from the telephone.
    Phone,
    /// A one-time code from a letter, with a link that went by mail.
    Letter,
    /// A one-time code from a letter alone: link and code came in one envelope.
    LetterAlone,
}

impl Factor {
    /// Every factor.
    pub const ALL: [Factor; 4] =
        [Factor::CodeWord, Factor::Phone, Factor::Letter, Factor::LetterAlone];

    /// The value in tables.
    pub fn code(self) -> &'static str {
        match self {
            Factor::CodeWord => "code_word",
            Factor::Phone => "phone",
            Factor::Letter => "letter",
            Factor::LetterAlone => "letter_alone",
        }
    }

    /// Whether it went another way than the link: two factors.
    pub fn is_second(self) -> bool {
        match self {
            Factor::CodeWord | Factor::Phone | Factor::Letter => true,
            Factor::LetterAlone => false,
        }
    }
}

impl std::str::FromStr for Factor {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Factor::ALL.into_iter().find(|factor| factor.code() == code).ok_or(())
    }
}

/// A contact who has shown both, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Through which link.
    pub link: LinkId,
    /// What was shown besides it.
    pub factor: Factor,
    /// Since when.
    pub begun_at: Timestamp,
    /// Until when; not at this moment any more.
    pub ends_at: Timestamp,
    /// When the contact ended it.
    pub left_at: Option<Timestamp>,
}

impl Session {
    /// A new session.
    pub fn begin(id: SessionId, link: LinkId, factor: Factor, now: Timestamp) -> Self {
        Self { id, link, factor, begun_at: now, ends_at: now + SESSION_LASTS, left_at: None }
    }

    /// Whether it still opens what came by this link to this contact.
    pub fn holds(&self, link: &Link, contact: &Contact, now: Timestamp) -> bool {
        self.link == link.id
            && link.contact == contact.id
            && contact.active()
            && self.left_at.is_none()
            && now < self.ends_at
            && link.admits(now).is_ok()
    }
}

/// Where a forwarding stands, as far as the other side is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has not left us.
    Unsent,
    /// It waits for an answer.
    Open,
    /// It is answered.
    Answered {
        /// When.
        at: Timestamp,
    },
    /// It has ended otherwise, on our side.
    Ended {
        /// When.
        at: Timestamp,
    },
    /// It was recalled: it should never have been there.
    Recalled,
}

/// A forwarding, as far as it matters who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// Its id.
    pub id: ForwardingId,
    /// To whom it was sent; `None` for one that we received.
    pub to: Option<CounterpartyId>,
    /// Where it stands.
    pub stage: Stage,
    /// Whether the decision on secrecy discloses who it is about.
    pub discloses: bool,
}

impl From<&Forwarding> for Addressed {
    fn from(it: &Forwarding) -> Self {
        let shown = it.shown_to(it.counterparty);
        let stage = match (&shown, it.status()) {
            (Err(NotShown::Recalled), _) => Stage::Recalled,
            (Err(NotShown::NotSent | NotShown::NotTheirs), _) => Stage::Unsent,
            (Ok(_), Status::Sent | Status::Acknowledged | Status::EscalatedUnanswered) => {
                Stage::Open
            }
            (Ok(view), _) => match (view.answered_at, it.state.ended_at()) {
                (Some(at), _) => Stage::Answered { at },
                (None, Some(at)) => Stage::Ended { at },
                (None, None) => Stage::Open,
            },
        };
        let to = match &shown {
            Err(NotShown::NotTheirs) => None,
            Ok(_) | Err(NotShown::NotSent | NotShown::Recalled) => Some(it.counterparty),
        };
        let discloses = shown.is_ok_and(|view| view.identity);
        Self { id: it.id, to, stage, discloses }
    }
}

/// How much of a forwarding a contact sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Whether it may still be answered.
    pub open: bool,
    /// Whether who it is about is shown.
    pub identity: bool,
}

/// How much of a forwarding a contact sees, if anything.
pub fn sight(
    contact: &Contact,
    link: &Link,
    session: &Session,
    forwarding: &Addressed,
    now: Timestamp,
) -> Option<Sight> {
    if !session.holds(link, contact, now) || forwarding.to != Some(contact.counterparty) {
        return None;
    }
    if link.only.is_some_and(|only| only != forwarding.id) {
        return None;
    }
    let open = match forwarding.stage {
        Stage::Unsent | Stage::Recalled => return None,
        Stage::Open => true,
        Stage::Answered { at } | Stage::Ended { at } => {
            if now >= at + ANSWERED_READABLE {
                return None;
            }
            false
        }
    };
    Some(Sight { open, identity: forwarding.discloses && session.factor.is_second() })
}
