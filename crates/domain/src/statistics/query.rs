//! The question, once it is understood, and the readings of the facts that answer it.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use super::base::{BaseQuery, Condition, Held, Part, Placed};
use super::dimension::{Column, Dimension};
use super::months::Months;
use crate::calendar::end_of_day;
use crate::ids::UnitId;
use crate::law::Law;
use crate::policy::Scope;

/// Gives a closed list of names its codes.
macro_rules! coded {
    ($name:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Its name in requests and answers.
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$variant => $code),+
                }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(code: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|value| value.code() == code).ok_or(())
            }
        }
    };
}

/// What places a case in the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CountBy {
    /// When it was reported.
    #[default]
    Reported,
    /// When it happened.
    Occurred,
}

coded!(CountBy { Reported = "reported", Occurred = "occurred" });

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// Cases.
    #[default]
    Cases,
    /// Events: cases linked as one event count once, where the first of them does.
    Events,
    /// Each value of a dimension of which a case may have several.
    Mentions,
}

coded!(Of { Cases = "cases", Events = "events", Mentions = "mentions" });

/// What is told of the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// How many.
    Count,
    /// How many were open at the cut-off.
    Open,
    /// How many were closed by then.
    Closed,
    /// How long they took.
    LeadTime,
    /// How many opinions among them were answered by the cut-off.
    Answered,
}

coded!(Measure {
    Count = "count",
    Open = "open",
    Closed = "closed",
    LeadTime = "lead_time",
    Answered = "answered",
});

/// The form of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// CSV.
    Csv,
    /// A workbook.
    Xlsx,
}

coded!(Format { Json = "json", Csv = "csv", Xlsx = "xlsx" });

/// A question to the cube; made by [`CubeQuery::parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CubeQuery {
    /// The months.
    pub period: Months,
    /// Whether to compare with the same months a year earlier.
    pub compare: bool,
    /// What places a case in them.
    pub count_by: CountBy,
    /// The last day that is known. A case that was reported later is not there yet, one that was
    /// closed later is open. It holds for the previous year, too, unshifted.
    pub as_of: Date,
    /// Whether that day leaves anything out: days that are still to come do not.
    pub as_of_is_past: bool,
    /// What to group by, in this order.
    pub group_by: Vec<Dimension>,
    /// What to tell; the count always is.
    pub measures: Vec<Measure>,
    /// What to count.
    pub of: Of,
    /// Whether duplicates are counted.
    pub duplicates: bool,
    /// What the cases must be; laws apart.
    pub conditions: Vec<Condition>,
    /// The laws they must be under, `None` being none at all; all of them when not said.
    pub laws: Option<BTreeSet<Option<Law>>>,
    /// The form of the answer.
    pub format: Format,
}

impl CubeQuery {
    /// The months it is compared with.
    pub fn previous_period(&self) -> Option<Months> {
        self.compare.then(|| self.period.a_year_earlier())
    }

    /// The first instant that is not known any more.
    pub fn cutoff(&self) -> Timestamp {
        end_of_day(self.as_of)
    }

    /// Whether something is asked for.
    pub fn wants(&self, measure: Measure) -> bool {
        self.measures.contains(&measure)
    }

    /// Whether each law of a case is counted by itself.
    pub(super) fn each_law(&self) -> bool {
        self.of == Of::Mentions && self.group_by.contains(&Dimension::Law)
    }

    /// The reading of the facts that answers it, over the units that may be seen. `part` matters
    /// where events are counted: those of several cases are read one by one.
    pub fn base(&self, scope: &Scope<UnitId>, part: Part) -> BaseQuery {
        let placed = match self.count_by {
            CountBy::Reported => Placed::Reported,
            CountBy::Occurred => Placed::Occurred,
        };
        let mut columns: BTreeSet<Column> =
            self.group_by.iter().map(|dimension| dimension.column()).collect();
        let mut spans = vec![self.period];
        if let Some(previous) = self.previous_period() {
            spans = Months::union(previous, self.period);
            // To tell the two periods apart.
            columns.insert(Column::Year);
            if !self.period.whole_years() {
                columns.insert(Column::Month);
            }
        }
        let wants_state = self.wants(Measure::Open) || self.wants(Measure::Closed);
        BaseQuery {
            columns,
            placed,
            spans,
            conditions: self.all_conditions(scope).collect(),
            duplicates: self.duplicates,
            reported_before: self.reported_before(placed),
            closed_before: wants_state.then(|| self.cutoff()),
            answered_before: self.wants(Measure::Answered).then(|| self.cutoff()),
            part,
        }
    }

    /// The reading that counts the cases which were reported in the period and whose event is
    /// unknown; `None` where it does not matter. Conditions of time are left out: what happened at
    /// an unknown time meets none.
    pub fn unplaced(&self, scope: &Scope<UnitId>) -> Option<BaseQuery> {
        let placed = Placed::ReportedOccurredUnknown;
        (self.count_by == CountBy::Occurred).then(|| BaseQuery {
            columns: BTreeSet::new(),
            placed,
            spans: vec![self.period],
            conditions: self.all_conditions(scope).filter(|one| !one.is_time()).collect(),
            duplicates: self.duplicates,
            reported_before: self.reported_before(placed),
            closed_before: None,
            answered_before: None,
            part: Part::All,
        })
    }

    /// The cut-off, where it leaves out anything: without it an index alone may answer.
    fn reported_before(&self, placed: Placed) -> Option<Timestamp> {
        let cutoff = self.cutoff();
        let cuts = match placed {
            Placed::Reported | Placed::ReportedOccurredUnknown => cutoff < self.period.end(),
            Placed::Occurred => true,
        };
        (self.as_of_is_past && cuts).then_some(cutoff)
    }

    fn all_conditions(&self, scope: &Scope<UnitId>) -> impl Iterator<Item = Condition> {
        let scope = match scope {
            Scope::All => None,
            Scope::Only(units) => Some(Condition::Any {
                column: Column::Unit,
                of: units.iter().copied().map(Held::Unit).collect(),
                or_none: false,
            }),
        };
        self.conditions.clone().into_iter().chain(self.law_condition()).chain(scope)
    }

    /// The laws as what the column may hold: the first must be wanted or, of mentions, any.
    fn law_condition(&self) -> Option<Condition> {
        let wanted = self.laws.as_ref()?;
        let matches = |laws: &Vec<Law>| match (self.of, laws.first()) {
            (_, None) => wanted.contains(&None),
            (Of::Mentions, Some(_)) => laws.iter().any(|law| wanted.contains(&Some(*law))),
            (Of::Cases | Of::Events, Some(first)) => wanted.contains(&Some(*first)),
        };
        let of = every_order_of_laws().into_iter().filter(matches).map(Held::Laws).collect();
        Some(Condition::Any { column: Column::Laws, of, or_none: false })
    }
}

/// Everything the column of laws can hold: any of the laws, each once, in any order, or none.
fn every_order_of_laws() -> Vec<Vec<Law>> {
    let mut found = vec![Vec::new()];
    let mut next = 0;
    while let Some(laws) = found.get(next).cloned() {
        for law in Law::ALL.into_iter().filter(|law| !laws.contains(law)) {
            found.push(laws.iter().copied().chain([law]).collect());
        }
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_laws_of_a_case_in_any_order() {
        // None, three alone, six pairs, six triples.
        assert_eq!(every_order_of_laws().len(), 16);
    }
}
