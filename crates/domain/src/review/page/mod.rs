//! The page of a half or a month: tables of figures beside those of earlier periods, what lies open and
//! where, what comes again, and what was done about it. No text of a case and no person is in it.

mod open;
mod repeated;
mod trend;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Period;
use crate::calendar::{add_days, swedish_date};
use crate::case::measure::Effect;
use crate::code_lists::CodeLists;
use crate::organisation::UnitTree;
use crate::settings::Settings;
use crate::statistics::BaseRow;
use crate::table::{Column, Counted, Head, Holds, Label, Limit, Row, Table};
use crate::worklist::Brief;
use crate::yearly::DEFINITIONS;

/// What of the tenant a page is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What its columns are limited to; `None` is every unit that is seen.
    pub limit: Option<Limit>,
}

/// A measure, as far as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeasureFact {
    /// Until which day.
    pub due_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Effect,
}

/// What a page is made of: of its units alone.
#[derive(Clone, Debug, Default)]
pub struct PageFacts {
    /// How many were reported in the periods of the trend, by year, month, kind and category.
    pub over_time: Vec<BaseRow>,
    /// How many were reported in the period, by unit, kind, laws and severity.
    pub within: Vec<BaseRow>,
    /// The cases that are open or were closed since the period began.
    pub cases: Vec<Brief>,
    /// How many cases of the period have each cause, and how many of the period before.
    pub causes: (BTreeMap<String, u64>, BTreeMap<String, u64>),
    /// How many cases of the period happened at each place, and how many of the period before.
    pub places: (BTreeMap<String, u64>, BTreeMap<String, u64>),
    /// How many cases each person had in the period who had more than one, and in the period before.
    pub persons: (Vec<u64>, Vec<u64>),
    /// The measures of the period's cases, each once.
    pub measures: Vec<MeasureFact>,
}

/// What words and targets are taken from.
#[derive(Clone, Copy, Debug)]
pub struct Codes<'a> {
    /// The code lists.
    pub codes: &'a CodeLists,
    /// The units.
    pub units: &'a UnitTree,
    /// The tenant's settings.
    pub settings: &'a Settings,
}

/// The figures, as they are shown and as they are kept with a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// When they were read.
    pub read_at: Timestamp,
    /// The last day of the period that is known.
    pub as_of: Date,
    /// By which definitions.
    pub definitions: u16,
    /// The tables.
    pub tables: Vec<Table>,
}

/// What every table of a page has in common.
struct Maker<'a> {
    period: Period,
    about: &'a About,
    words: Codes<'a>,
    now: Timestamp,
    as_of: Date,
}

/// Makes the page of a period.
pub fn page(
    period: Period,
    about: &About,
    facts: &PageFacts,
    words: Codes<'_>,
    now: Timestamp,
) -> Page {
    let last = add_days(swedish_date(period.end()), -1);
    let as_of = last.min(swedish_date(now));
    let maker = Maker { period, about, words, now, as_of };
    let mut tables = vec![
        maker.trend(facts),
        maker.by_category(facts),
        maker.by_law(facts),
        maker.by_severity(facts),
    ];
    tables.extend(maker.by_unit(facts));
    tables.extend([
        maker.open_by_step(facts),
        maker.by_cause(facts),
        maker.by_place(facts),
        maker.by_person(facts),
        maker.by_effect(facts),
    ]);
    Page { read_at: now, as_of, definitions: DEFINITIONS, tables }
}

fn limit(dimension: &str, code: &str) -> Limit {
    Limit { dimension: dimension.to_owned(), code: Some(code.to_owned()) }
}

fn head(id: &str, title: &str) -> Vec<Head> {
    vec![Head { id: id.to_owned(), title: title.to_owned() }]
}

fn label(code: &str, text: impl Into<String>) -> Label {
    Label { code: Some(code.to_owned()), text: text.into() }
}

fn unknown() -> Label {
    Label { code: None, text: "Okänt".to_owned() }
}

impl Maker<'_> {
    /// A column that counts `set` in a period.
    fn count(&self, set: &str, period: Period, limits: Vec<Limit>) -> Column {
        let mut all = vec![period.limit()];
        all.extend(self.about.limit.clone());
        all.extend(limits);
        Column {
            id: format!("count_{}", period.id()),
            title: sentence(&period.swedish()),
            holds: Holds::Count,
            adds: true,
            set: set.to_owned(),
            year: Some(period.year()),
            limits: all,
            from: Vec::new(),
        }
    }

    /// A column of this period that counts something else than cases reported.
    fn named(&self, id: &str, title: &str, set: &str, limits: Vec<Limit>) -> Column {
        let (id, title) = (id.to_owned(), title.to_owned());
        Column { id, title, ..self.count(set, self.period, limits) }
    }

    fn table(&self, id: &str, title: &str, counts: Counted, heads: Vec<Head>) -> Table {
        Table {
            id: id.to_owned(),
            title: title.to_owned(),
            counts,
            definition: String::new(),
            as_of: self.as_of,
            asked_for: false,
            heads,
            columns: Vec::new(),
            rows: Vec::new(),
            total: None,
            chart: None,
            notes: Vec::new(),
        }
    }

    /// A code in Swedish.
    fn word(&self, list: &str, code: &str) -> String {
        let known = self.words.codes.get(list, code).map(|code| code.sv.clone());
        known.unwrap_or_else(|| code.to_owned())
    }

    /// The place of a code in its list.
    fn place(&self, list: &str, code: &str) -> (usize, String) {
        let place = self.words.codes.place(list, code);
        (place.unwrap_or(usize::MAX), code.to_owned())
    }
}

/// A text with a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The sums of rows whose every column counts.
fn sums(rows: &[Row], columns: usize) -> Vec<crate::table::Cell> {
    use crate::table::Cell;
    let sum = |at: usize| {
        let counts = rows.iter().map(|row| match row.cells.get(at) {
            Some(Cell::Count(count)) => *count,
            _ => 0,
        });
        Cell::Count(counts.sum())
    };
    (0..columns).map(sum).collect()
}
