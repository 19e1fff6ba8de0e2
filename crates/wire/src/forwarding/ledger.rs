//! The ledger of silence.

use domain::forwarding::ledger as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::CounterpartyRef;

/// One direction of a line.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TallyView {
    /// How many left, or came in, and were not taken back.
    pub total: u32,
    /// Of those, how many the one who got it said had come.
    pub acknowledged: u32,
    /// Of those, how many were answered.
    pub answered: u32,
    /// Days to the answer, the middle one.
    pub median_days: Option<i64>,
    /// How many had no answer after 30 days.
    pub silent_30: u32,
    /// How many had no answer after 60 days.
    pub silent_60: u32,
    /// How many had no answer after 90 days.
    pub silent_90: u32,
    /// How many were given up.
    pub given_up: u32,
    /// How many stand on the list for the samverkansmöte.
    pub escalated: u32,
    /// How many were taken back; they are in no other figure.
    pub recalled: u32,
}

impl From<&d::Tally> for TallyView {
    fn from(tally: &d::Tally) -> Self {
        let [silent_30, silent_60, silent_90] = tally.silent;
        Self {
            total: tally.total,
            acknowledged: tally.acknowledged,
            answered: tally.answered,
            median_days: tally.median_days,
            silent_30,
            silent_60,
            silent_90,
            given_up: tally.given_up,
            escalated: tally.escalated,
            recalled: tally.recalled,
        }
    }
}

/// One counterparty, both ways: what we sent, and our own debt.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LedgerLineView {
    /// Whose.
    pub counterparty: CounterpartyRef,
    /// What we sent.
    pub sent: TallyView,
    /// What we received, and answered.
    pub received: TallyView,
}

/// The ledger of a period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LedgerView {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The cut-off.
    pub as_of: Timestamp,
    /// By name.
    pub lines: Vec<LedgerLineView>,
    /// What we sent, to all of them.
    pub sent: TallyView,
    /// What we received, from all of them.
    pub received: TallyView,
}
