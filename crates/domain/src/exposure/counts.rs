//! What is set against exposures: avvikelser by unit and month, with falls, medication and injury told
//! apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::Kind;
use crate::code_lists::within;
use crate::ids::UnitId;
use crate::policy::Scope;
use crate::statistics::{BaseQuery, BaseRow, Column, Condition, Held, Months, Part, Placed};

/// The categories of falls, with those below.
pub const FALLS: [&str; 2] = ["HSL.FAL", "SOC.FAL"];

/// The category of medication, with those below.
pub const MEDICATION: &str = "HSL.LKM";

/// What is no injury: nothing at all, and discomfort, worry or fear, which hurt nobody in body or mind.
const NO_INJURY: [&str; 2] = ["ING", "OBE"];

/// An injury of which nobody knows.
const UNKNOWN_INJURY: &str = "OKA";

/// Whether somebody was injured, by the code of the injury; `None` where nobody knows.
pub fn injured(injury: Option<&str>) -> Option<bool> {
    injury.filter(|code| *code != UNKNOWN_INJURY).map(|code| !NO_INJURY.contains(&code))
}

/// How many avvikelser were reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// All of them.
    pub all: u64,
    /// Falls.
    pub falls: u64,
    /// Medication.
    pub medication: u64,
    /// Those of which it is known whether somebody was injured.
    pub injury_known: u64,
    /// Those where somebody was.
    pub injured: u64,
}

impl std::ops::AddAssign for Reported {
    fn add_assign(&mut self, more: Self) {
        self.all += more.all;
        self.falls += more.falls;
        self.medication += more.medication;
        self.injury_known += more.injury_known;
        self.injured += more.injured;
    }
}

/// The avvikelser of one year by unit and month of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    by_unit_and_month: BTreeMap<(UnitId, i16), Reported>,
}

impl Counts {
    /// The reading of the facts it is made of, over the units of `scope`.
    pub fn base(year: i16, scope: &Scope<UnitId>) -> BaseQuery {
        let mut conditions = vec![Condition::Kinds(BTreeSet::from([(Kind::Avvikelse, None)]))];
        if let Scope::Only(units) = scope {
            let of = units.iter().copied().map(Held::Unit).collect();
            conditions.push(Condition::Any { column: Column::Unit, of, or_none: false });
        }
        BaseQuery {
            columns: BTreeSet::from([
                Column::Unit,
                Column::Month,
                Column::Category,
                Column::Injury,
            ]),
            placed: Placed::Reported,
            spans: vec![Months::years(year, year)],
            conditions,
            duplicates: false,
            reported_before: None,
            closed_before: None,
            answered_before: None,
            part: Part::All,
        }
    }

    /// Of what that reading found.
    pub fn of(rows: &[BaseRow]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            let (Some(unit), Some(month)) = (row.at.unit, row.at.month) else { continue };
            let category = row.at.category.as_deref();
            let is = |wanted: &str| category.is_some_and(|code| within(code, wanted));
            let injury = injured(row.at.injury.as_deref());
            let when = |held: bool| if held { row.count } else { 0 };
            let more = Reported {
                all: row.count,
                falls: when(FALLS.iter().any(|code| is(code))),
                medication: when(is(MEDICATION)),
                injury_known: when(injury.is_some()),
                injured: when(injury == Some(true)),
            };
            counts.add(unit, month, more);
        }
        counts
    }

    /// Adds what was reported at a unit in a month, 1–12.
    pub fn add(&mut self, unit: UnitId, month: i16, more: Reported) {
        *self.by_unit_and_month.entry((unit, month)).or_default() += more;
    }

    /// What was reported at some units in some months.
    pub fn sum(&self, units: &BTreeSet<UnitId>, months: impl Fn(i16) -> bool) -> Reported {
        let mut sum = Reported::default();
        for unit in units {
            for ((_, month), more) in self.by_unit_and_month.range((*unit, 0)..=(*unit, 12)) {
                if months(*month) {
                    sum += *more;
                }
            }
        }
        sum
    }

    /// The units of which anything was reported.
    pub fn units(&self) -> BTreeSet<UnitId> {
        self.by_unit_and_month.keys().map(|(unit, _)| *unit).collect()
    }
}
