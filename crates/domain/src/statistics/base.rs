//! What the figures ask of the facts, and what comes back: columns and values only, so that the
//! rules stay here and the store knows none of them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::dimension::Column;
use super::fact::Fact;
use super::months::Months;
use super::query::CountBy;
use crate::case::{Kind, Subkind};
use crate::forms::Coded;
use crate::ids::{CaseId, CounterpartyId, UnitId};
use crate::law::Law;

/// A value of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// Of columns that hold a number.
    Number(i16),
    /// Of columns that hold yes or no.
    Flag(bool),
    /// Of columns that hold a code.
    Code(String),
    /// Of columns that hold a unit.
    Unit(UnitId),
    /// Of the column of counterparties: one of them. All of a kind are held by its code.
    Counterparty(CounterpartyId),
    /// Of the column of laws: all of them, in this order. None at all is a value, too.
    Laws(Vec<Law>),
}

/// What a fact must be to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The column holds one of these values, or, if so said, none. With neither, nothing matches.
    Any {
        /// The column.
        column: Column,
        /// The values.
        of: BTreeSet<Held>,
        /// Whether no value matches, too.
        or_none: bool,
    },
    /// The case is of one of these kinds; without a subkind, of any.
    Kinds(BTreeSet<(Kind, Option<Subkind>)>),
}

impl Condition {
    /// Whether it is about time.
    pub fn is_time(&self) -> bool {
        match self {
            Condition::Any { column, .. } => column.is_time(),
            Condition::Kinds(_) => false,
        }
    }
}

/// What places a case in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// Its report.
    Reported,
    /// Its event; unknown ones lie nowhere.
    Occurred,
    /// Its report, of those whose event is unknown.
    ReportedOccurredUnknown,
}

/// Which of the matching facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All.
    All,
    /// Those with an event of their own.
    OwnEvent,
    /// Those that share their event with others.
    SharedEvent,
}

/// One reading of the facts. What is not counted at all is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseQuery {
    /// The columns to group by, or to read of each fact.
    pub columns: BTreeSet<Column>,
    /// What places a case in time.
    pub placed: Placed,
    /// The months to read: one span or two, the earlier first.
    pub spans: Vec<Months>,
    /// What else must hold, all of it.
    pub conditions: Vec<Condition>,
    /// Whether duplicates are counted.
    pub duplicates: bool,
    /// Only what was reported before this.
    pub reported_before: Option<Timestamp>,
    /// Count apart what was closed before this.
    pub closed_before: Option<Timestamp>,
    /// Count apart the opinions that were answered before this.
    pub answered_before: Option<Timestamp>,
    /// Which of them.
    pub part: Part,
}

/// The values of the columns that were asked for; the others stay empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each field is the column of that name")]
pub struct Values {
    pub year: Option<i16>,
    pub month: Option<i16>,
    pub week: Option<i16>,
    pub weekday: Option<i16>,
    pub hour: Option<i16>,
    pub kind: Option<String>,
    pub unit: Option<UnitId>,
    pub reporting_unit: Option<UnitId>,
    pub laws: Vec<Law>,
    pub category: Option<String>,
    pub nature: Option<String>,
    pub severity: Option<i16>,
    pub probability: Option<i16>,
    pub vardskada: Option<String>,
    pub serious: Option<bool>,
    pub injury: Option<String>,
    pub reached_person: Option<bool>,
    pub track: Option<String>,
    pub outcome: Option<String>,
    pub status: Option<String>,
    pub source: Option<String>,
    pub channel: Option<String>,
    pub profession: Option<String>,
    pub sex: Option<String>,
    pub age_band: Option<String>,
    pub suggestion: Option<String>,
    pub suggestion_reported: Option<String>,
    pub understood: Option<String>,
    pub helped: Option<String>,
    pub patientnamnd: Option<String>,
    /// One of its causes, in a reading by cause. A fact as such has none.
    pub cause: Option<String>,
    /// One of its counterparties, likewise.
    pub counterparty: Option<CounterpartyId>,
    /// Of each question asked for at most one; of a fact as such, all.
    pub answers: Vec<Coded>,
}

impl Values {
    /// Every value of a fact, placed in time by its report or its event.
    pub fn of(fact: &Fact, count_by: CountBy) -> Self {
        let code = |code: &str| Some(code.to_owned());
        let period = match count_by {
            CountBy::Reported => Some(fact.reported),
            CountBy::Occurred => fact.occurred,
        };
        Self {
            year: period.map(|period| period.year),
            month: period.map(|period| period.month),
            week: period.map(|period| period.week),
            weekday: period.map(|period| period.weekday),
            hour: period.map(|period| period.hour),
            kind: code(fact.kind.code()),
            unit: Some(fact.unit),
            reporting_unit: Some(fact.reporting_unit),
            laws: fact.laws.clone(),
            category: fact.category.clone(),
            nature: fact.nature.clone(),
            severity: fact.severity.map(i16::from),
            probability: fact.probability.map(i16::from),
            vardskada: code(fact.vardskada.code()),
            serious: fact.serious,
            injury: fact.injury.clone(),
            reached_person: fact.reached_person,
            track: fact.track.map(|track| track.code().to_owned()),
            outcome: fact.outcome.clone(),
            status: code(fact.status.code()),
            source: fact.source.clone(),
            channel: fact.channel.clone(),
            profession: fact.profession.clone(),
            sex: fact.sex.clone(),
            age_band: fact.age_band.clone(),
            suggestion: fact.suggestion.map(|hit| hit.code().to_owned()),
            suggestion_reported: fact.suggestion_reported.map(|hit| hit.code().to_owned()),
            understood: fact.understood.map(|said| said.code().to_owned()),
            helped: fact.helped.map(|said| said.code().to_owned()),
            patientnamnd: fact.patientnamnd.clone(),
            cause: None,
            counterparty: None,
            answers: fact.answers.clone(),
        }
    }
}

/// Facts that are alike in every column asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseRow {
    /// In what they are alike.
    pub at: Values,
    /// How many they are.
    pub count: u64,
    /// How many of them were closed, where that was asked for.
    pub closed: u64,
    /// How many of them were answered, where that was asked for.
    pub answered: u64,
}

/// Facts that are alike, as the sums tell them: several such rows may be about the same, and some take away what
/// others have too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the column of that name")]
pub struct Summed<'a> {
    pub year: Option<i16>,
    pub month: Option<i16>,
    pub unit: Option<UnitId>,
    pub laws: &'a [Law],
    pub category: Option<&'a str>,
    pub kind: Option<&'a str>,
    pub count: i64,
}

/// When a case passed each stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The event, where known.
    pub occurred: Option<Timestamp>,
    /// The report.
    pub reported: Timestamp,
    /// Triage was complete.
    pub triaged: Option<Timestamp>,
    /// The investigation was complete.
    pub investigated: Option<Timestamp>,
    /// The close.
    pub closed: Option<Timestamp>,
}

/// One fact by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// The columns asked for.
    pub at: Values,
    /// The case.
    pub case: CaseId,
    /// The event it shares with others: the id of the first of them. `None` for one of its own.
    pub shared_event: Option<CaseId>,
    /// When it passed each stage.
    pub times: Times,
    /// When an opinion was answered, where that was asked for.
    pub answered: Option<Timestamp>,
}
