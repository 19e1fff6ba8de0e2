//! What the year's report takes from the reviews of its halves.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{ImprovementState, Owner, Review};
use crate::calendar::{in_words, swedish_date};
use crate::case::measure::Effect;
use crate::organisation::Role;
use crate::statistics::order::swedish_key;
use crate::table::{Cell, Column, Counted, Head, Holds, Label, Limit, Row, Table};

/// How far an improvement has come, in Swedish.
fn standing(state: &ImprovementState, due_on: Date, today: Date) -> &'static str {
    match state {
        ImprovementState::Decided if due_on < today => "försenad",
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

/// The name of the table of what was decided.
pub const IMPROVEMENTS: &str = "improvements_by_unit";

/// Who sees to an improvement, by role: persons stand in their reviews.
fn owner(owner: Owner) -> &'static str {
    let Owner::Role(role) = owner else { return "En utsedd medarbetare" };
    match role {
        Role::Team => "Teamet",
        Role::Deputy => "Enhetschefens ersättare",
        Role::UnitManager => "Enhetschefen",
        Role::AreaManager => "Verksamhetschefen",
        Role::Director => "Förvaltningschefen",
        Role::Mas => "MAS",
        Role::Mar => "MAR",
        Role::Sas => "SAS",
        Role::Intake
        | Role::Registrator
        | Role::Decider
        | Role::Board
        | Role::Analyst
        | Role::Auditor
        | Role::Privacy
        | Role::Admin => "Förvaltningen",
    }
}

/// What the reviews of a year decided to be better: a row each. For those inside alone: teams write for each other,
/// not for the public. `None` where nothing was decided.
pub fn improvements_by_unit(year: i16, reviews: &[Review], as_of: Date) -> Option<Table> {
    let mut reviews: Vec<&Review> = reviews.iter().filter(|it| it.half.year() == year).collect();
    let place = |it: &Review| (swedish_key(&it.subject.name), it.subject.key.clone(), it.half);
    reviews.sort_by_key(|it| place(it));
    let label = |code: String, text: &str| Label { code: Some(code), text: text.to_owned() };
    let rows = reviews.iter().flat_map(|review| {
        let mut decided: Vec<_> = review.improvements.iter().collect();
        decided.sort_by_key(|it| (it.due_on, it.id));
        decided.into_iter().map(|it| Row {
            keys: vec![
                label(review.subject.key.clone(), &review.subject.name),
                label(review.half.to_string(), &review.half.swedish()),
                label(it.id.to_string(), &it.text),
            ],
            cells: vec![
                Cell::Text(owner(it.owner).to_owned()),
                Cell::Text(in_words(it.due_on)),
                Cell::Text(standing(&it.state, it.due_on, as_of).to_owned()),
            ],
        })
    });
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() {
        return None;
    }
    let head = |id: &str, title: &str| Head { id: id.to_owned(), title: title.to_owned() };
    let column = |(id, title): (&str, &str)| Column {
        id: id.to_owned(),
        title: title.to_owned(),
        holds: Holds::Text,
        adds: false,
        set: String::new(),
        year: Some(year),
        limits: Vec::new(),
        from: Vec::new(),
    };
    Some(Table {
        id: IMPROVEMENTS.to_owned(),
        title: "Förbättringar som beslutades i halvårssammanställningarna".to_owned(),
        counts: Counted::Improvements,
        definition: "Det som enheterna beslutade i årets två halvårssammanställningar, med den som ansvarar \
            efter roll, sista dag och hur långt det har kommit. Försenad är en förbättring som inte är \
            genomförd och vars dag har passerat."
            .to_owned(),
        as_of,
        asked_for: false,
        heads: vec![
            head("unit", "Enhet"),
            head("half", "Halvår"),
            head("improvement", "Förbättring"),
        ],
        columns: [("owner", "Ansvarig"), ("due_on", "Klar senast"), ("state", "Läge")]
            .map(column)
            .into(),
        rows,
        total: None,
        chart: None,
        notes: Vec::new(),
    })
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
