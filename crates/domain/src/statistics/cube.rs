//! The answer: rows of figures that add to a total.

use std::sync::Arc;

use jiff::civil::Date;

use super::dimension::Dimension;
use super::lead_time::LeadTimes;
use super::months::Months;
use super::query::{CountBy, Measure, Of};
use crate::ids::{CounterpartyId, UnitId};

/// A unit by the name people know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedUnit {
    /// Its id.
    pub id: UnitId,
    /// Its name.
    pub name: String,
}

/// What a row has on one dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// No value.
    None,
    /// A number.
    Number(i16),
    /// Yes or no.
    Flag(bool),
    /// A code.
    Code(String),
    /// A code that is the tenant's own, with its name.
    Group {
        /// The code.
        code: String,
        /// The name.
        name: String,
    },
    /// A unit.
    Unit(NamedUnit),
    /// A caregiver at the other end.
    Counterparty {
        /// Its id.
        id: CounterpartyId,
        /// Its name.
        name: String,
    },
}

/// What is counted of a set of cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many.
    pub count: u64,
    /// How many a year earlier, where that was asked for.
    pub previous: Option<u64>,
    /// How many were open at the cut-off, where asked for.
    pub open: Option<u64>,
    /// How many were closed by then, where asked for.
    pub closed: Option<u64>,
    /// How many opinions among them were answered by then, where asked for. An avvikelse is not answered.
    pub answered: Option<u64>,
    /// How long they took, where asked for.
    pub lead_time: Option<Box<LeadTimes>>,
}

impl Figures {
    /// How many more than a year earlier.
    pub fn change(&self) -> Option<i64> {
        let previous = self.previous?;
        Some(self.count.cast_signed() - previous.cast_signed())
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What its cases have in common, in the order of the grouping. Rows share what they have in common: there may be
    /// very many of them.
    pub keys: Vec<Arc<Key>>,
    /// What is counted of them.
    pub figures: Figures,
}

impl Row {
    /// A row that shares nothing with others.
    pub fn new(keys: impl IntoIterator<Item = Key>, figures: Figures) -> Self {
        Self { keys: keys.into_iter().map(Arc::new).collect(), figures }
    }
}

/// The answer to one question. Counts of the rows add to the total, also the previous ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cube {
    /// The months it covers.
    pub period: Months,
    /// The months it is compared with.
    pub previous_period: Option<Months>,
    /// What places a case in them.
    pub count_by: CountBy,
    /// What is counted.
    pub of: Of,
    /// What is told of them; the count always is.
    pub measures: Vec<Measure>,
    /// The last day that is known: it decides what was open, and what was there at all.
    pub as_of: Date,
    /// What the rows are grouped by.
    pub group_by: Vec<Dimension>,
    /// The rows, in order: numbers ascending, codes as in their list, units by name, no value last.
    pub rows: Vec<Row>,
    /// All of it.
    pub total: Figures,
    /// When cases are placed by their event: how many that were reported in the period have none
    /// that is known, and so are not part of the figures.
    pub unplaced: Option<u64>,
    /// The units the figures are limited to, because the reader sees no more; `None` is no limit.
    pub scope: Option<Vec<NamedUnit>>,
}
