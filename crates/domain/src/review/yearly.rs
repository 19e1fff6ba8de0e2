//! What the year's report takes from the reviews of its halves.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Half, ImprovementState, Owner, Review};
use crate::calendar::swedish_date;
use crate::case::measure::Effect;
use crate::table::{Cell, Column, Counted, Head, Holds, Label, Limit, Row, Table};

/// What was decided in a review, as a report tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedLine {
    /// The name of the unit, or of the units together.
    pub unit: String,
    /// In the review of which half.
    pub half: Half,
    /// What is done.
    pub text: String,
    /// Who sees to it: a role, or a person who is not named here.
    pub owner: Owner,
    /// Until which day.
    pub due_on: Date,
    /// How far it has come.
    pub state: ImprovementState,
}

impl DecidedLine {
    /// How far it has come, in Swedish.
    pub fn standing(&self, today: Date) -> &'static str {
        match &self.state {
            ImprovementState::Decided if self.due_on < today => "försenad",
            ImprovementState::Decided => "pågår",
            ImprovementState::Done { .. } => "genomförd, effekten är inte bedömd",
            ImprovementState::Judged { effect, .. } => match effect {
                Effect::Yes => "genomförd, hade effekt",
                Effect::Partly => "genomförd, hade delvis effekt",
                Effect::No => "genomförd, hade ingen effekt",
                Effect::NotYet => "genomförd, effekten är inte bedömd",
            },
            ImprovementState::Dropped { .. } => "genomförs inte",
        }
    }
}

/// Everything that was decided in some reviews, by half, then by name.
pub fn decided(reviews: &[Review]) -> Vec<DecidedLine> {
    let mut lines: Vec<DecidedLine> = reviews
        .iter()
        .flat_map(|review| {
            review.improvements.iter().map(|it| DecidedLine {
                unit: review.subject.name.clone(),
                half: review.half,
                text: it.text.clone(),
                owner: it.owner,
                due_on: it.due_on,
                state: it.state.clone(),
            })
        })
        .collect();
    lines.sort_by(|a, b| (a.half, &a.unit, a.due_on).cmp(&(b.half, &b.unit, b.due_on)));
    lines
}

/// A column: name, heading, the set that is counted, and what it is limited to.
type Told = (&'static str, &'static str, &'static str, Option<(&'static str, &'static str)>);

/// The columns, in order.
const COLUMNS: [Told; 8] = [
    ("reviews", "Sammanställningar", "reviews", None),
    ("signed", "Signerade", "reviews", Some(("review_status", "signed"))),
    ("in_time", "Signerade i tid", "reviews", Some(("signed_in_time", "true"))),
    ("missing", "Saknas", "reviews", Some(("review_status", "missing"))),
    ("improvements", "Beslutade förbättringar", "improvements", None),
    ("done", "Genomförda", "improvements", Some(("done", "true"))),
    ("helped", "Hade effekt, helt eller delvis", "improvements", Some(("helped", "true"))),
    ("late", "Försenade", "improvements", Some(("late", "true"))),
];

/// The reviews of a year by unit: which were made, signed and missing on a day, and what was decided.
/// `reviews` are those of the year's halves, whatever they are of.
pub fn reviews_by_unit(year: i16, reviews: &[Review], as_of: Date) -> Table {
    let column = |(id, title, set, limited): Told| Column {
        id: id.to_owned(),
        title: title.to_owned(),
        holds: Holds::Count,
        adds: true,
        set: set.to_owned(),
        year: Some(year),
        limits: limited
            .map(|(dimension, code)| Limit {
                dimension: dimension.to_owned(),
                code: Some(code.to_owned()),
            })
            .into_iter()
            .collect(),
        from: Vec::new(),
    };
    let mut found: BTreeMap<(String, String), [u64; 8]> = BTreeMap::new();
    for review in reviews.iter().filter(|review| review.half.year() == year) {
        let name = (review.subject.name.clone(), review.subject.key.clone());
        let counts = found.entry(name).or_default();
        let signed_on = review.signed_at().map(swedish_date);
        let each = |holds: fn(&ImprovementState) -> bool| {
            review.improvements.iter().filter(|it| holds(&it.state)).count() as u64
        };
        let helped =
            |state: &ImprovementState| matches!(state.effect(), Some(Effect::Yes | Effect::Partly));
        let late = review
            .improvements
            .iter()
            .filter(|it| matches!(it.state, ImprovementState::Decided) && it.due_on < as_of);
        let of_this = [
            1,
            u64::from(signed_on.is_some()),
            u64::from(signed_on.is_some_and(|day| day <= review.due_on)),
            u64::from(review.missing()),
            review.improvements.len() as u64,
            each(|state| state.done_on().is_some()),
            each(helped),
            late.count() as u64,
        ];
        for (sum, count) in counts.iter_mut().zip(of_this) {
            *sum += count;
        }
    }
    let cells = |counts: [u64; 8]| counts.map(Cell::Count).to_vec();
    let mut total = [0; 8];
    for counts in found.values() {
        for (sum, count) in total.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let rows = found.into_iter().map(|((text, key), counts)| Row {
        keys: vec![Label { code: Some(key), text }],
        cells: cells(counts),
    });
    Table {
        id: "reviews_by_unit".to_owned(),
        title: "Halvårssammanställningar per enhet".to_owned(),
        counts: Counted::Reviews,
        definition: "Enheternas halvårssammanställningar för årets två halvår, och de förbättringar som \
            beslutades i dem. I tid är den som signerades senast den dag verksamheten själv har satt som \
            mål. Försenad är en förbättring som inte är genomförd och vars dag har passerat."
            .to_owned(),
        as_of,
        asked_for: false,
        heads: vec![Head { id: "unit".to_owned(), title: "Enhet".to_owned() }],
        columns: COLUMNS.map(column).into(),
        rows: rows.collect(),
        total: Some(cells(total)),
        chart: None,
        notes: Vec::new(),
    }
}
