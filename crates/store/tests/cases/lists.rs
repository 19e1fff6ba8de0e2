//! Lists hold exactly the cases they should, and pages have neither gaps nor repeats.

use std::collections::BTreeSet;

use domain::case::{Case, Kind, State, Status, Track};
use domain::ids::{StaffId, TenantId};
use domain::law::Law;
use domain::number::CaseNumber;
use domain::policy::{Reading, Scope};
use jiff::Timestamp;
use store::{CaseFilter, CaseLine, Order, Store};

use crate::common::{now, tenant};
use crate::samples::{Dice, Place, at, bare, insert, on_each_database, state};

/// Everything that is no draft.
fn all(staff: StaffId) -> CaseFilter {
    CaseFilter {
        staff,
        readings: vec![everything()],
        mine: false,
        registered_too: false,
        kinds: Vec::new(),
        statuses: Vec::new(),
        units: None,
        laws: Vec::new(),
        categories: None,
        tracks: Vec::new(),
        reported_from: None,
        reported_before: None,
        changed: None,
        number: None,
        ids: None,
        subjects: None,
        sampled: false,
        after: None,
        order: Order::NewestReported,
        limit: 1000,
    }
}

fn everything() -> Reading {
    Reading { units: Scope::All, laws: Scope::All, kinds: Kind::ALL.to_vec(), lex: false }
}

const CATEGORIES: [Option<&str>; 4] = [None, Some("HSL.FAL"), Some("HSL.LKM"), Some("SOL.X")];

/// A case that looks random, with few values each, so that times and conditions meet.
fn any_case(dice: &mut Dice, place: &Place, number: u64) -> Case {
    let kind = dice.pick(&Kind::ALL);
    let mut case = bare(place, number);
    case.number = CaseNumber::from_random(kind.number_kind(), 2026, number);
    case.external_number = (dice.roll(3) == 0).then(|| format!("A-{number}"));
    case.kind = kind;
    case.state = state(dice.pick(&Status::ALL), place, dice.roll(2) == 0);
    case.unit = dice.pick(&place.units);
    case.reporting_unit = dice.pick(&place.units);
    case.reported_by = dice.pick(&[None, Some(place.staff[0]), Some(place.staff[1])]);
    case.registered_by = dice.pick(&[None, Some(place.staff[0]), Some(place.staff[1])]);
    case.occurred_at = dice.pick(&[None, Some(at(-1))]);
    case.reported_at = at(i64::try_from(dice.roll(6)).unwrap());
    case.updated_at = at(i64::try_from(dice.roll(6)).unwrap());
    let mut laws = Law::ALL.to_vec();
    laws.rotate_left(dice.roll(3));
    laws.truncate(dice.roll(4));
    // The assessed law holds, and where there is none, the reported one.
    if dice.roll(2) == 0 {
        case.assessment.law = laws;
    } else {
        case.filing.law = laws.iter().map(|law| law.code().to_owned()).collect();
        case.filing.law.push("XYZ".to_owned());
    }
    case.filing.category = dice.pick(&CATEGORIES).map(str::to_owned);
    case.assessment.category = dice.pick(&CATEGORIES).map(str::to_owned);
    case.assessment.track =
        dice.pick(&[None, Some(Track::Simple), Some(Track::Standard), Some(Track::Deep)]);
    case.version = i64::try_from(1 + dice.roll(9)).unwrap();
    case
}

/// Whether a list holds the case, said without the code under test.
fn holds(filter: &CaseFilter, case: &Case) -> bool {
    let me = Some(filter.staff);
    // What was never handed in is its author's alone, whoever it was to be from.
    let own = if case.private() { case.registered_by == me } else { case.reported_by == me };
    let readable = |reading: &Reading| {
        reading.kinds.contains(&case.kind)
            && [case.unit, case.reporting_unit].iter().any(|unit| reading.units.covers(unit))
            && (case.laws().is_empty() || case.laws().iter().any(|law| reading.laws.covers(law)))
    };
    let granted = !case.private() && filter.readings.iter().any(readable);
    let among = |asked: bool, found: bool| !asked || found;
    let number = case.number.to_string();
    (own || (!filter.mine && granted))
        && among(!filter.kinds.is_empty(), filter.kinds.contains(&case.kind))
        && among(!filter.statuses.is_empty(), filter.statuses.contains(&case.status()))
        && filter.units.as_ref().is_none_or(|units| units.contains(&case.unit))
        && among(!filter.laws.is_empty(), case.laws().iter().any(|law| filter.laws.contains(law)))
        && filter.categories.as_ref().is_none_or(|categories| {
            case.category().is_some_and(|category| categories.contains(category))
        })
        && among(
            !filter.tracks.is_empty(),
            case.assessment.track.is_some_and(|track| filter.tracks.contains(&track)),
        )
        && filter.reported_from.is_none_or(|from| case.reported_at >= from)
        && filter.reported_before.is_none_or(|before| case.reported_at < before)
        && filter.changed.is_none_or(|(from, to)| (from..to).contains(&case.updated_at))
        && filter
            .number
            .as_ref()
            .is_none_or(|it| *it == number || Some(it) == case.external_number.as_ref())
}

fn line(case: &Case) -> CaseLine {
    CaseLine {
        id: case.id,
        number: case.number.to_string(),
        kind: case.kind,
        status: case.status(),
        track: case.assessment.track,
        outcome: case.outcome().map(str::to_owned),
        unit: case.unit,
        reporting_unit: case.reporting_unit,
        laws: case.laws(),
        category: case.category().map(str::to_owned),
        occurred_at: case.occurred_at,
        reported_at: case.reported_at,
        closed_at: case.closed_at(),
        version: case.version,
        updated_at: case.updated_at,
    }
}

/// The list as it should be.
fn expected(filter: &CaseFilter, cases: &[Case]) -> Vec<CaseLine> {
    let mut lines: Vec<CaseLine> =
        cases.iter().filter(|case| holds(filter, case)).map(line).collect();
    match filter.order {
        Order::NewestReported => {
            lines.sort_by_key(|line| std::cmp::Reverse((line.reported_at, line.id)));
        }
        Order::OldestChanged => lines.sort_by_key(|line| (line.updated_at, line.id)),
    }
    lines
}

async fn list(store: &Store, tenant: TenantId, filter: &CaseFilter) -> Vec<CaseLine> {
    let filter = filter.clone();
    store.read(tenant, move |tx| tx.case_lines(&filter)).await.unwrap()
}

/// A tenant full of cases, beside another that must never be seen.
async fn fill(store: &Store, own: TenantId, number: u64) -> (Place, Vec<Case>) {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let place = Place::new(store, own).await;
    let cases: Vec<Case> = (1..=number).map(|n| any_case(&mut dice, &place, n)).collect();
    insert(store, own, cases.clone()).await;
    let other = tenant("another");
    store.insert_tenant(other.clone(), now()).await.unwrap();
    let there = Place::new(store, other.id).await;
    insert(store, other.id, (1..=20).map(|n| any_case(&mut dice, &there, n)).collect()).await;
    (place, cases)
}

#[test]
fn each_filter_alone_and_several_together_hold_what_they_should() {
    on_each_database(async |store, tenant| {
        let (place, cases) = fill(&store, tenant, 200).await;
        let base = all(place.staff[0]);
        let with = |change: &dyn Fn(&mut CaseFilter)| {
            let mut filter = base.clone();
            change(&mut filter);
            filter
        };
        let set = |categories: &[&str]| Some(categories.iter().map(|&it| it.to_owned()).collect());
        let (ours, old) = (
            cases[7].number.to_string(),
            cases.iter().find_map(|case| case.external_number.clone()).unwrap(),
        );
        let alone: Vec<CaseFilter> = vec![
            with(&|_| {}),
            with(&|it| it.order = Order::OldestChanged),
            with(&|it| it.mine = true),
            with(&|it| it.kinds = vec![Kind::Klagomal]),
            with(&|it| it.kinds = vec![Kind::Avvikelse, Kind::Synpunkt]),
            with(&|it| it.statuses = vec![Status::Closed]),
            with(&|it| it.statuses = vec![Status::Draft, Status::Void, Status::Triaged]),
            with(&|it| it.units = Some(BTreeSet::from([place.units[1]]))),
            with(&|it| it.units = Some(BTreeSet::new())),
            with(&|it| it.laws = vec![Law::Sol]),
            with(&|it| it.laws = vec![Law::Hsl, Law::Lss]),
            with(&|it| it.categories = set(&["HSL.FAL", "SOL.X"])),
            with(&|it| it.categories = set(&[])),
            with(&|it| it.tracks = vec![Track::Deep, Track::Simple]),
            with(&|it| it.reported_from = Some(at(2))),
            with(&|it| it.reported_before = Some(at(2))),
            with(&|it| it.changed = Some((at(1), at(4)))),
            with(&|it| it.number = Some(ours.clone())),
            with(&|it| it.number = Some(old.clone())),
            with(&|it| it.number = Some("nobody's".to_owned())),
        ];
        for filter in &alone {
            assert_eq!(list(&store, tenant, filter).await, expected(filter, &cases), "{filter:?}");
        }

        let mut dice = Dice(7);
        let mut found = 0;
        for _ in 0..300 {
            let mut filter = base.clone();
            filter.readings = any_readings(&mut dice, &place);
            for _ in 0..=dice.roll(3) {
                let one = dice.pick(&alone[..alone.len() - 3]);
                match dice.roll(8) {
                    0 => filter.kinds = vec![dice.pick(&Kind::ALL), dice.pick(&Kind::ALL)],
                    1 => filter.statuses = Status::ALL[dice.roll(8)..].to_vec(),
                    2 => filter.units = Some(BTreeSet::from([dice.pick(&place.units)])),
                    3 => filter.laws = vec![dice.pick(&Law::ALL)],
                    4 => filter.categories = one.categories.or(filter.categories),
                    5 => filter.reported_from = Some(at(i64::try_from(dice.roll(4)).unwrap())),
                    6 => (filter.order, filter.mine) = (Order::OldestChanged, dice.roll(3) == 0),
                    _ => filter.tracks = Track::ALL[dice.roll(3)..].to_vec(),
                }
            }
            let lines = list(&store, tenant, &filter).await;
            assert_eq!(lines, expected(&filter, &cases), "{filter:?}");
            found += lines.len();
        }
        assert!(found > 1000, "the filters are too narrow to prove anything: {found}");
    });
}

fn any_readings(dice: &mut Dice, place: &Place) -> Vec<Reading> {
    (0..dice.roll(4))
        .map(|_| Reading {
            units: match dice.roll(3) {
                0 => Scope::All,
                _ => Scope::Only((0..dice.roll(3)).map(|_| dice.pick(&place.units)).collect()),
            },
            laws: match dice.roll(3) {
                0 => Scope::All,
                _ => Scope::Only((0..dice.roll(3)).map(|_| dice.pick(&Law::ALL)).collect()),
            },
            kinds: Kind::ALL[dice.roll(3)..].to_vec(),
            lex: dice.roll(2) == 0,
        })
        .collect()
}

#[test]
fn a_law_scope_lets_see_its_laws_and_cases_under_none() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let mut cases: Vec<Case> = (1..=6).map(|number| bare(&place, number)).collect();
        cases[1].assessment.law = vec![Law::Hsl];
        cases[2].assessment.law = vec![Law::Sol];
        cases[3].assessment.law = vec![Law::Lss, Law::Sol, Law::Hsl];
        // What was assessed counts, not what was reported; an unknown law is none.
        cases[4].filing.law = vec!["HSL".to_owned()];
        cases[4].assessment.law = vec![Law::Lss];
        cases[5].filing.law = vec!["XYZ".to_owned()];
        insert(&store, tenant, cases.clone()).await;
        for (scope, seen) in [
            (Scope::All, vec![5, 4, 3, 2, 1, 0]),
            (Scope::Only(BTreeSet::from([Law::Hsl])), vec![5, 3, 1, 0]),
            (Scope::Only(BTreeSet::from([Law::Sol])), vec![5, 3, 2, 0]),
            (Scope::Only(BTreeSet::from([Law::Sol, Law::Lss])), vec![5, 4, 3, 2, 0]),
            (Scope::Only(BTreeSet::new()), vec![5, 0]),
        ] {
            let mut filter = all(place.staff[0]);
            filter.readings[0].laws = scope;
            let lines = list(&store, tenant, &filter).await;
            let ids: Vec<_> = lines.iter().map(|line| line.id).collect();
            let seen: Vec<_> = seen.into_iter().map(|index: usize| cases[index].id).collect();
            assert_eq!(ids, seen, "{filter:?}");
        }
    });
}

#[test]
fn own_filings_are_always_seen_and_drafts_by_nobody_else() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let [anna, bo] = place.staff;
        let draft = |number, reporter, registrar| Case {
            state: State::Draft,
            reported_by: reporter,
            registered_by: registrar,
            ..bare(&place, number)
        };
        let cases = vec![
            draft(1, Some(anna), Some(anna)),
            draft(2, None, Some(anna)),
            draft(3, Some(bo), Some(bo)),
            draft(4, None, None),
            Case { state: State::Reported, ..draft(5, Some(anna), None) },
            Case { state: State::Reported, ..draft(6, Some(bo), Some(anna)) },
            Case { state: State::Reported, ..draft(7, Some(bo), None) },
            Case { state: State::Reported, ..draft(8, None, None) },
            // One discarded as a draft, and one made void later.
            Case { state: state(Status::Void, &place, true), ..draft(9, Some(bo), Some(anna)) },
            Case { state: state(Status::Void, &place, false), ..draft(10, Some(anna), None) },
        ];
        insert(&store, tenant, cases.clone()).await;
        let seen = async |staff, readings: Vec<Reading>, mine| {
            let filter = CaseFilter { readings, mine, ..all(staff) };
            let lines = list(&store, tenant, &filter).await;
            let index = |line: &CaseLine| cases.iter().position(|it| it.id == line.id).unwrap() + 1;
            lines.iter().rev().map(index).collect::<Vec<_>>()
        };
        assert_eq!(seen(anna, vec![everything()], false).await, [1, 2, 5, 6, 7, 8, 9, 10]);
        assert_eq!(seen(anna, vec![everything()], true).await, [1, 2, 5, 9, 10]);
        assert_eq!(seen(anna, vec![], false).await, [1, 2, 5, 9, 10]);
        assert_eq!(seen(bo, vec![everything()], false).await, [3, 5, 6, 7, 8, 10]);
        assert_eq!(seen(bo, vec![], true).await, [3, 6, 7]);
        let nobody = StaffId(uuid::Uuid::now_v7());
        assert_eq!(seen(nobody, vec![everything()], false).await, [5, 6, 7, 8, 10]);
        assert!(seen(nobody, vec![], false).await.is_empty());
    });
}

#[test]
fn pages_have_neither_gaps_nor_repeats_when_times_are_equal() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        // All at one moment but a few, and ids not in the order they were inserted in.
        let mut cases: Vec<Case> = (1..=300).map(|number| bare(&place, number)).collect();
        for (index, case) in cases.iter_mut().enumerate() {
            case.reported_at = at(i64::from(index % 50 == 0));
            case.updated_at = at(-i64::from(index % 60 == 0));
        }
        let mut dice = Dice(11);
        let mut shuffled = cases.clone();
        for index in (1..shuffled.len()).rev() {
            shuffled.swap(index, dice.roll(index + 1));
        }
        insert(&store, tenant, shuffled).await;
        for order in [Order::NewestReported, Order::OldestChanged] {
            let filter = CaseFilter { order, ..all(place.staff[0]) };
            let whole = expected(&filter, &cases);
            assert_eq!(list(&store, tenant, &filter).await, whole);
            for limit in [1, 7, 100, 299, 300] {
                let mut page = CaseFilter { limit, ..filter.clone() };
                let mut read: Vec<CaseLine> = Vec::new();
                loop {
                    let lines = list(&store, tenant, &page).await;
                    let Some(last) = lines.last() else { break };
                    page.after = Some((place_of(order, last), last.id));
                    assert!(lines.len() <= usize::try_from(limit).unwrap());
                    read.extend(lines);
                }
                assert_eq!(read, whole, "{order:?} by {limit}");
            }
        }
    });
}

fn place_of(order: Order, line: &CaseLine) -> Timestamp {
    match order {
        Order::NewestReported => line.reported_at,
        Order::OldestChanged => line.updated_at,
    }
}
