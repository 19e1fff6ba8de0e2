//! The ledger of silence: what went to and came from each counterparty in a period, what was answered,
//! and how long it took. Our own debt stands in the same table.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::state::{Direction, Kind, Status};
use crate::ids::{CounterpartyId, UnitId};
use crate::law::Law;

/// After how many days without an answer is counted.
pub const SILENT_AFTER: [i64; 3] = [30, 60, 90];

/// What figures ask of a forwarding that has left, or come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardingFact {
    /// The other end.
    pub counterparty: CounterpartyId,
    /// Which way it went.
    pub direction: Direction,
    /// Single or joint.
    pub kind: Kind,
    /// Where it stands.
    pub status: Status,
    /// Where it happened at our end, as far as is known.
    pub unit: Option<UnitId>,
    /// By whose rules it is judged here.
    pub law: Law,
    /// When it left, or came in.
    pub sent_at: Timestamp,
    /// When the one who got it said so.
    pub acknowledged_at: Option<Timestamp>,
    /// When the one who got it answered.
    pub answered_at: Option<Timestamp>,
}

/// One direction of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many left, or came in, and were not taken back.
    pub total: u32,
    /// Of those, how many the one who got it said had come.
    pub acknowledged: u32,
    /// Of those, how many were answered by the cut-off.
    pub answered: u32,
    /// Days from leaving to the answer, the middle one; halves are rounded down.
    pub median_days: Option<i64>,
    /// How many had no answer after 30, 60 and 90 days: answered later, or not at all by the cut-off.
    pub silent: [u32; 3],
    /// How many were given up.
    pub given_up: u32,
    /// How many stand on the list for the samverkansmöte.
    pub escalated: u32,
    /// How many were taken back; they are in no other figure.
    pub recalled: u32,
}

/// A line: one counterparty, both ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What we sent.
    pub sent: Tally,
    /// What we received.
    pub received: Tally,
}

/// One line of the ledger, with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// Whose.
    pub counterparty: CounterpartyId,
    /// Its name.
    pub name: String,
    /// Its kind, a code.
    pub kind: String,
    /// The figures both ways.
    pub line: Line,
}

/// The ledger of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The cut-off.
    pub as_of: Timestamp,
    /// The lines, by name.
    pub lines: Vec<LedgerLine>,
    /// All of it.
    pub total: Line,
}

/// Counts what left or came in, by counterparty. `as_of` is the cut-off: what came later has not come.
pub fn ledger<'a>(
    facts: impl IntoIterator<Item = &'a ForwardingFact>,
    as_of: Timestamp,
) -> BTreeMap<CounterpartyId, Line> {
    let mut lines: BTreeMap<CounterpartyId, Line> = BTreeMap::new();
    let mut spans: BTreeMap<(CounterpartyId, Direction), Vec<i64>> = BTreeMap::new();
    for fact in facts {
        let line = lines.entry(fact.counterparty).or_default();
        let tally = match fact.direction {
            Direction::Sent => &mut line.sent,
            Direction::Received => &mut line.received,
        };
        if fact.status == Status::Recalled {
            tally.recalled += 1;
            continue;
        }
        tally.total += 1;
        let by_then = |at: Option<Timestamp>| at.filter(|at| *at <= as_of);
        let acknowledged = by_then(fact.acknowledged_at).or(by_then(fact.answered_at));
        tally.acknowledged += u32::from(acknowledged.is_some());
        let answered = by_then(fact.answered_at);
        tally.answered += u32::from(answered.is_some());
        let waited = days(fact.sent_at, answered.unwrap_or(as_of));
        if answered.is_some() {
            spans.entry((fact.counterparty, fact.direction)).or_default().push(waited);
        }
        for (count, after) in tally.silent.iter_mut().zip(SILENT_AFTER) {
            *count += u32::from(waited > after);
        }
        tally.given_up += u32::from(fact.status == Status::ClosedWithoutAnswer);
        tally.escalated += u32::from(fact.status == Status::EscalatedUnanswered);
    }
    for ((counterparty, direction), mut days) in spans {
        days.sort_unstable();
        let line = lines.entry(counterparty).or_default();
        match direction {
            Direction::Sent => line.sent.median_days = median(&days),
            Direction::Received => line.received.median_days = median(&days),
        }
    }
    lines
}

/// Whole days between two instants; none if the second comes first.
fn days(from: Timestamp, to: Timestamp) -> i64 {
    (to.duration_since(from).as_secs() / 86_400).max(0)
}

fn median(sorted: &[i64]) -> Option<i64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)?;
    Some((lower + upper) / 2)
}
