//! The rules of counting, each with a case that changes the figure, and any grouping of any facts
//! against a count by hand.

mod by_hand;
mod counting;
mod parsing;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::calendar::parse_local;
use crate::case::triage::Vardskada;
use crate::case::{Kind, Status, Track};
use crate::code_lists::{Code, CodeLists};
use crate::fault::Fault;
use crate::ids::{CaseId, UnitId};
use crate::law::Law;
use crate::organisation::{Unit, UnitTree};
use crate::policy::Scope;

fn at(text: &str) -> Timestamp {
    parse_local(text).unwrap()
}

fn unit_id(number: u128) -> UnitId {
    UnitId(Uuid::from_u128(number))
}

/// 1 Ängen (SABO) over 2 Åkern (its area, too); 3 Bäcken (ORD.HTJ); 4 Dalen (none).
fn units() -> UnitTree {
    let unit = |number: u128, name: &str, area: Option<&str>, parent: Option<u128>| Unit {
        id: unit_id(number),
        code: format!("u{number}"),
        name: name.to_owned(),
        area: area.map(str::to_owned),
        parent: parent.map(unit_id),
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    };
    UnitTree::new([
        unit(1, "Ängen", Some("SABO"), None),
        unit(2, "Åkern", None, Some(1)),
        unit(3, "Bäcken", Some("ORD.HTJ"), None),
        unit(4, "Dalen", None, None),
    ])
}

/// The shared lists and one code of the tenant's own.
fn codes() -> CodeLists {
    CodeLists::with_own(vec![Code {
        list: "category".into(),
        code: "HSL.LKM.TID.X".into(),
        sv: "Egen".into(),
        en: String::new(),
        parent: Some("HSL.LKM.TID".into()),
        valid_from: None,
        valid_to: None,
        basis: String::new(),
        own: true,
    }])
}

/// A fall on Ängen on Monday 10 March 2025, reported the day after, still open.
fn fall(number: u128) -> Fact {
    let (occurred, reported) = (at("2025-03-10 05:30"), at("2025-03-11 08:00"));
    Fact {
        case: CaseId(Uuid::from_u128(number)),
        counted: true,
        duplicate: false,
        reported: reported.into(),
        occurred: Some(occurred.into()),
        kind: Kind::Avvikelse,
        subkind: None,
        unit: unit_id(1),
        reporting_unit: unit_id(2),
        laws: vec![Law::Hsl],
        category: Some("HSL.FAL".into()),
        law_reported: Some(Law::Hsl),
        law_assessed: None,
        category_reported: Some("HSL.FAL".into()),
        category_assessed: None,
        nature: Some("NEG".into()),
        severity: Some(2),
        probability: None,
        vardskada: Vardskada::No,
        serious: None,
        injury: Some("SAR".into()),
        reached_person: Some(true),
        track: Some(Track::Standard),
        outcome: None,
        status: Status::Triaged,
        source: Some("PER".into()),
        channel: Some("APP".into()),
        profession: None,
        sex: Some("K".into()),
        age_band: Some("80-".into()),
        suggestion: None,
        suggestion_reported: None,
        understood: None,
        helped: None,
        patientnamnd: None,
        investigation: None,
        imported: false,
        answers: Vec::new(),
        occurred_at: Some(occurred),
        reported_at: reported,
        triaged_at: None,
        investigated_at: None,
        closed_at: None,
    }
}

fn reported(mut fact: Fact, text: &str) -> Fact {
    fact.reported_at = at(text);
    fact.reported = fact.reported_at.into();
    fact
}

fn occurred(mut fact: Fact, text: Option<&str>) -> Fact {
    fact.occurred_at = text.map(at);
    fact.occurred = fact.occurred_at.map(Period::from);
    fact
}

/// Whether a reading of the facts would find this one; `event` says whether it shares its event.
fn found(fact: &Fact, event: Option<CaseId>, query: &BaseQuery) -> bool {
    let period = match query.placed {
        Placed::Reported => Some(fact.reported),
        Placed::Occurred => fact.occurred,
        Placed::ReportedOccurredUnknown => Some(fact.reported).filter(|_| fact.occurred.is_none()),
    };
    let Some(period) = period else { return false };
    let holds = |condition: &Condition| match condition {
        Condition::Kinds(kinds) => {
            kinds.contains(&(fact.kind, None)) || kinds.contains(&(fact.kind, fact.subkind))
        }
        Condition::Any { column, of, or_none } => {
            let number = |value: Option<i16>| value.map(Held::Number);
            let code = |value: &Option<String>| value.clone().map(Held::Code);
            let held = match column {
                Column::Month => number(Some(period.month)),
                Column::Weekday => number(Some(period.weekday)),
                Column::Hour => number(Some(period.hour)),
                Column::Unit => Some(Held::Unit(fact.unit)),
                Column::Laws => Some(Held::Laws(fact.laws.clone())),
                Column::Category => code(&fact.category),
                Column::Severity => number(fact.severity.map(i16::from)),
                Column::Serious => fact.serious.map(Held::Flag),
                Column::Sex => code(&fact.sex),
                Column::Understood => code(&fact.understood.map(|it| it.code().to_owned())),
                Column::Helped => code(&fact.helped.map(|it| it.code().to_owned())),
                Column::Patientnamnd => code(&fact.patientnamnd),
                other => panic!("{other:?} is in no test"),
            };
            held.map_or(*or_none, |held| of.contains(&held))
        }
    };
    fact.counted
        && (query.duplicates || !fact.duplicate)
        && query.spans.iter().any(|span| span.covers(period.year, Some(period.month)))
        && query.reported_before.is_none_or(|before| fact.reported_at < before)
        && query.conditions.iter().all(holds)
        && match query.part {
            Part::All => true,
            Part::OwnEvent => event.is_none(),
            Part::SharedEvent => event.is_some(),
        }
}

fn parse(text: &str) -> Result<CubeQuery, Vec<Fault>> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    });
    CubeQuery::parse(&pairs.collect::<Vec<_>>(), &units(), &codes(), at("2026-02-01 12:00"))
}

/// Answers as the store and the app do, over facts with the event they share.
fn answer(facts: &[(Fact, Option<CaseId>)], text: &str, scope: &Scope<UnitId>) -> Cube {
    let query = parse(text).unwrap();
    let (units, codes) = (units(), codes());
    let mut fold = Fold::new(&query, &units, &codes);
    let one_by_one = query.wants(Measure::LeadTime);
    let parts: &[Part] = match query.of {
        Of::Events => &[Part::OwnEvent, Part::SharedEvent],
        Of::Cases | Of::Mentions => &[Part::All],
    };
    for part in parts {
        let base = query.base(scope, *part);
        for (fact, event) in facts.iter().filter(|(fact, event)| found(fact, *event, &base)) {
            let at = Values::of(fact, query.count_by);
            if one_by_one || *part == Part::SharedEvent {
                let times = Times {
                    occurred: fact.occurred_at,
                    reported: fact.reported_at,
                    triaged: fact.triaged_at,
                    investigated: fact.investigated_at,
                    closed: fact.closed_at,
                };
                fold.add_case(CaseRow {
                    at,
                    case: fact.case,
                    shared_event: *event,
                    times,
                    answered: None,
                });
            } else {
                let closed = base
                    .closed_before
                    .is_some_and(|before| fact.closed_at.is_some_and(|closed| closed < before));
                fold.add(&BaseRow { at, count: 1, closed: u64::from(closed), answered: 0 });
            }
        }
    }
    let unplaced = query
        .unplaced(scope)
        .map(|base| facts.iter().filter(|(fact, event)| found(fact, *event, &base)).count() as u64);
    fold.finish(unplaced, scope)
}

fn ask(facts: &[Fact], text: &str) -> Cube {
    let alone: Vec<_> = facts.iter().cloned().map(|fact| (fact, None)).collect();
    answer(&alone, text, &Scope::All)
}

fn count(facts: &[Fact], text: &str) -> u64 {
    ask(facts, text).total.count
}

/// The keys of one dimension with their counts, in order.
fn column(cube: &Cube) -> Vec<(String, u64)> {
    let shown = |key: &Key| match key {
        Key::None => "null".to_owned(),
        Key::Number(number) => number.to_string(),
        Key::Flag(flag) => flag.to_string(),
        Key::Code(code) | Key::Group { code, .. } => code.clone(),
        Key::Unit(unit) => unit.name.clone(),
        Key::Counterparty { name, .. } => name.clone(),
    };
    cube.rows.iter().map(|row| (shown(&row.keys[0]), row.figures.count)).collect()
}

fn pairs<const N: usize>(rows: [(&str, u64); N]) -> Vec<(String, u64)> {
    rows.map(|(key, count)| (key.to_owned(), count)).to_vec()
}
