//! The figures of a page, read in one look at the database.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::{add_days, swedish_date};
use domain::case::Kind;
use domain::forms::place_questions;
use domain::ids::UnitId;
use domain::policy::{Reading, Scope};
use domain::review::{About, Codes, Page, PageFacts, Period, page};
use domain::statistics::{BaseQuery, Column, Condition, Held, Months, Part, Placed};
use jiff::Timestamp;
use store::{ClockedCases, Tx, Within};

use crate::context::SetUp;

/// The days of a period, at some units.
fn within(period: Period, units: &BTreeSet<UnitId>) -> Within {
    Within {
        units: units.clone(),
        from: swedish_date(period.start()),
        to: add_days(swedish_date(period.end()), -1),
    }
}

/// What asks for the facts of some units in some months, by columns.
pub(super) fn by_columns(
    columns: impl IntoIterator<Item = Column>,
    units: &BTreeSet<UnitId>,
    span: Months,
) -> BaseQuery {
    BaseQuery {
        columns: columns.into_iter().collect(),
        placed: Placed::Reported,
        spans: vec![span],
        conditions: vec![Condition::Any {
            column: Column::Unit,
            of: units.iter().copied().map(Held::Unit).collect(),
            or_none: false,
        }],
        duplicates: false,
        reported_before: None,
        closed_before: None,
        answered_before: None,
        part: Part::All,
    }
}

/// Makes the page of a period for some units, in a number of statements that does not grow with that of
/// the cases.
///
/// # Errors
/// What the store says.
pub fn gather(
    tx: &mut Tx<'_>,
    set_up: &SetUp,
    period: Period,
    (about, units): (&About, &BTreeSet<UnitId>),
    now: Timestamp,
) -> Result<Page, store::Error> {
    let trend = period.trend();
    let first = trend.first().copied().unwrap_or(period).min(period.a_year_earlier());
    let span = Months { from: first.months().from, to: period.months().to };
    let over_time = [Column::Year, Column::Month, Column::Kind, Column::Category];
    let detail = [Column::Unit, Column::Kind, Column::Laws, Column::Severity];
    let reading = Reading {
        units: Scope::Only(units.clone()),
        laws: Scope::All,
        kinds: Kind::ALL.to_vec(),
        lex: false,
    };
    let (here, before) = (within(period, units), within(period.before(), units));
    let places = place_questions();
    let asked = ClockedCases::ClosedSince(period.start());
    let facts = PageFacts {
        over_time: tx.figures(&by_columns(over_time, units, span))?,
        within: tx.figures(&by_columns(detail, units, period.months()))?,
        // Nobody is named, so nothing has to be kept from anybody.
        cases: tx.clocked_briefs(Some(&[reading]), asked, &BTreeMap::new())?,
        causes: (tx.causes_found(&here)?, tx.causes_found(&before)?),
        places: (tx.answers_found(&here, &places)?, tx.answers_found(&before, &places)?),
        persons: (tx.persons_again(&here)?, tx.persons_again(&before)?),
        measures: tx.measures_found(&here)?,
    };
    let SetUp { units, codes, settings, .. } = set_up;
    Ok(page(period, about, &facts, Codes { codes, units, settings }, now))
}
