//! What an import brings: a forwarding as an old system tells of it, in the state its dates tell. It
//! wakes nothing until a person takes it up.

use jiff::Timestamp;

use super::state::{Direction, Kind, State};
use super::{Document, Forwarding, Matter};
use crate::calendar::swedish;
use crate::ids::{CaseId, CounterpartyId, ForwardingId, UnitId};
use crate::law::Law;
use crate::number::{CaseNumber, NumberKind};

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Its id.
    pub id: ForwardingId,
    /// Random bits for its number.
    pub seed: u64,
    /// Which way it went.
    pub direction: Direction,
    /// The other end.
    pub counterparty: CounterpartyId,
    /// The case it rests on, with the case's unit and law; of a received one there is none.
    pub case: Option<(CaseId, UnitId, Law)>,
    /// What it is about, in a line.
    pub matter: String,
    /// When it left, or came in.
    pub sent_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

impl Forwarding {
    /// The forwarding that an import brings at `now`.
    pub fn imported(brought: Brought, now: Timestamp) -> Self {
        let state = match (brought.answered_at, brought.direction) {
            (Some(_), Direction::Sent | Direction::Received) => State::Answered,
            (None, Direction::Sent) => State::Sent,
            (None, Direction::Received) => State::Received,
        };
        let year = swedish(brought.sent_at).year;
        let case = brought.case;
        Self {
            id: brought.id,
            number: Some(CaseNumber::from_random(NumberKind::Vg, year, brought.seed)),
            direction: brought.direction,
            kind: Kind::Single,
            state,
            case: case.map(|(id, _, _)| id),
            counterparty: brought.counterparty,
            unit: case.map(|(_, unit, _)| unit),
            law: case.map_or(Law::Hsl, |(_, _, law)| law),
            document: Document { matter: brought.matter, ..Document::default() },
            matter: Matter { answered_at: brought.answered_at, ..Matter::default() },
            channel: None,
            created_at: brought.sent_at,
            sent_at: Some(brought.sent_at),
            due_on: None,
            imported: true,
            version: 1,
            updated_at: now,
        }
    }
}
