use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::ids::{CaseId, GrantId};
use crate::organisation::{Grant, Unit, UnitTree};

fn staff(number: u128) -> StaffId {
    StaffId(Uuid::from_u128(number))
}

fn unit_id(number: u128) -> UnitId {
    UnitId(Uuid::from_u128(number))
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Two units beside each other.
fn units() -> UnitTree {
    let unit = |number: u128| Unit {
        id: unit_id(number),
        code: number.to_string(),
        name: number.to_string(),
        area: None,
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    };
    UnitTree::new([unit(1), unit(2)])
}

fn reader(role: Role, units: &[u128], laws: &[Law]) -> Reader {
    let grant = Grant {
        id: GrantId(Uuid::from_u128(1)),
        staff: staff(1),
        role,
        units: units.iter().copied().map(unit_id).collect(),
        laws: laws.to_vec(),
        valid_from: date(2026, 1, 1),
        valid_to: Some(date(2026, 6, 30)),
        stands_in_for: None,
        revoked_at: None,
        version: 1,
    };
    Reader { ended_at: None, grants: vec![grant] }
}

fn case(unit: u128) -> CaseRead {
    CaseRead {
        case: CaseId(Uuid::from_u128(unit)),
        number: None,
        unit: unit_id(unit),
        reporting_unit: unit_id(unit),
        also_units: Vec::new(),
        laws: vec![Law::Hsl],
        kind: Kind::Avvikelse,
        status: Status::Reported,
        closed_at: None,
        reported_by: Some(staff(7)),
        lead: None,
        asked: Vec::new(),
        lex: false,
        protected: false,
        about_reader: false,
        same_surname: false,
    }
}

fn reading(number: u128, case: CaseRead) -> Reading {
    Reading {
        entry: EntryId(Uuid::from_u128(number)),
        at: at("2026-03-11T10:00:00Z"),
        reader: staff(1),
        act: "case.read".into(),
        role: Some(Role::UnitManager),
        unit: Some(case.unit),
        refused: false,
        on_ground: false,
        cases: vec![case],
    }
}

fn met(reading: &Reading, reader: &Reader) -> Vec<Rule> {
    reading.meets(reader, &units()).into_iter().collect()
}

#[test]
fn how_a_reader_stood_to_a_case_follows_from_what_held_then() {
    let manager = reader(Role::UnitManager, &[1], &[]);
    let relation =
        |reading: &Reading, reader: &Reader| reading.relation(&reading.cases[0], reader, &units());
    assert_eq!(relation(&reading(1, case(1)), &manager), Relation::Unit);
    assert_eq!(relation(&reading(1, case(2)), &manager), Relation::Outside);
    let reported = CaseRead { reporting_unit: unit_id(1), ..case(2) };
    assert_eq!(relation(&reading(1, reported), &manager), Relation::Concerned);
    let leads = CaseRead { lead: Some(staff(1)), ..case(2) };
    assert_eq!(relation(&reading(1, leads), &manager), Relation::Leads);
    let own = CaseRead { reported_by: Some(staff(1)), ..case(2) };
    assert_eq!(relation(&reading(1, own), &manager), Relation::Own);
    // Asked before, and asked after.
    let (before, after) = (at("2026-03-10T10:00:00Z"), at("2026-03-12T10:00:00Z"));
    let asked = |since| CaseRead { asked: vec![(staff(1), since)], ..case(2) };
    assert_eq!(relation(&reading(1, asked(before)), &manager), Relation::Asked);
    assert_eq!(relation(&reading(1, asked(after)), &manager), Relation::Outside);
    // Another law is another branch.
    let social = reader(Role::UnitManager, &[1], &[Law::Sol]);
    assert_eq!(relation(&reading(1, case(1)), &social), Relation::Outside);
    let ground = Reading { on_ground: true, ..reading(1, case(1)) };
    assert_eq!(relation(&ground, &social), Relation::Ground);
    let lex = CaseRead { laws: vec![Law::Sol], lex: true, ..case(1) };
    assert_eq!(relation(&reading(1, lex), &reader(Role::Mas, &[], &[])), Relation::Lex);
    // A grant that was taken back since held then; one that had been taken back did not.
    let mut revoked = manager.clone();
    revoked.grants[0].revoked_at = Some(after);
    assert_eq!(relation(&reading(1, case(1)), &revoked), Relation::Unit);
    revoked.grants[0].revoked_at = Some(before);
    assert_eq!(relation(&reading(1, case(1)), &revoked), Relation::Outside);
    // Who sees logs reads no case by it.
    let auditor = reader(Role::Auditor, &[], &[]);
    assert_eq!(relation(&reading(1, case(1)), &auditor), Relation::Outside);
    let log = Reading { act: "access_log.search".into(), ..reading(1, case(1)) };
    assert_eq!(relation(&log, &auditor), Relation::Unit);
}

#[test]
fn every_rule_is_met_by_what_it_says_and_by_nothing_else() {
    let manager = reader(Role::UnitManager, &[1], &[]);
    assert_eq!(met(&reading(1, case(1)), &manager), []);
    assert_eq!(met(&reading(1, case(2)), &manager), [Rule::OutsideGrants]);
    let refused = Reading { refused: true, ..reading(1, case(2)) };
    assert_eq!(met(&refused, &manager), [Rule::Refused]);
    let own = CaseRead { reported_by: Some(staff(1)), ..case(1) };
    assert_eq!(met(&reading(1, own.clone()), &manager), [Rule::OwnCase]);
    let followed = Reading { role: None, ..reading(1, own) };
    assert_eq!(met(&followed, &manager), [], "as its reporter");
    let about = CaseRead { about_reader: true, ..case(1) };
    let about = Reading { role: None, ..reading(1, about) };
    assert_eq!(met(&about, &manager), [Rule::OwnCase]);
    let protected = CaseRead { protected: true, ..case(1) };
    assert_eq!(met(&reading(1, protected), &manager), [Rule::Protected]);
    let related = CaseRead { same_surname: true, ..case(1) };
    assert_eq!(met(&reading(1, related), &manager), [Rule::SameSurname]);
    let ground = Reading { on_ground: true, ..reading(1, case(2)) };
    assert_eq!(met(&ground, &manager), [Rule::OnGround]);
    // Left, or with nothing left.
    let mut left = manager.clone();
    left.ended_at = Some(at("2026-03-11T09:00:00Z"));
    assert_eq!(met(&reading(1, case(1)), &left), [Rule::AfterLeaving]);
    left.ended_at = Some(at("2026-03-11T11:00:00Z"));
    assert_eq!(met(&reading(1, case(1)), &left), []);
    let mut over = manager.clone();
    over.grants[0].valid_to = Some(date(2026, 3, 10));
    let late = met(&reading(1, case(1)), &over);
    assert_eq!(late, [Rule::OutsideGrants, Rule::AfterLeaving]);
    let nobody = Reader { ended_at: None, grants: Vec::new() };
    let asked = CaseRead { asked: vec![(staff(1), at("2026-03-10T10:00:00Z"))], ..case(1) };
    assert_eq!(met(&reading(1, asked), &nobody), [], "who never held anything has not left");
}

/// 400 readings, of which every tenth is outside.
fn drawn(seed: i64, reversed: bool) -> (Vec<Drawn>, BTreeMap<Rule, u32>, u32) {
    let manager = reader(Role::UnitManager, &[1], &[]);
    let mut readings: Vec<Reading> = (1..=400_u128)
        .map(|number| reading(number, case(if number % 10 == 0 { 2 } else { 1 })))
        .collect();
    if reversed {
        readings.reverse();
    }
    let mut draw = Draw::new(seed, 20, [Rule::OutsideGrants, Rule::Protected]);
    for reading in &readings {
        draw.offer(reading, &manager, &Weeks::default(), &units());
    }
    draw.drawn()
}

#[test]
fn a_draw_can_be_repeated_and_another_seed_draws_others() {
    let (first, met, considered) = drawn(7, false);
    assert_eq!((considered, met.get(&Rule::OutsideGrants)), (400, Some(&40)));
    assert_eq!(met.get(&Rule::Protected), None);
    let outside = first.iter().filter(|drawn| !drawn.reasons.is_empty()).count();
    assert!((BY_RULE..=BY_RULE + 20).contains(&outside), "{outside}");
    assert!((20..=30).contains(&first.len()), "{}", first.len());
    assert_eq!(drawn(7, true).0, first, "whatever order they come in");
    let other = drawn(8, false).0;
    let same = other.iter().filter(|drawn| first.contains(drawn)).count();
    assert!(same < first.len() / 2, "{same} of {}", first.len());
}

#[test]
fn at_random_each_reading_is_as_likely_as_another() {
    // 20 of 200 in each of 2,000 draws: each reading 200 times, give or take.
    let mut times = BTreeMap::<EntryId, u32>::new();
    let (manager, units, weeks) = (reader(Role::UnitManager, &[1], &[]), units(), Weeks::default());
    let readings: Vec<Reading> = (1..=200_u128).map(|number| reading(number, case(1))).collect();
    for seed in 0..2_000 {
        let mut draw = Draw::new(seed, 20, []);
        for one in &readings {
            draw.offer(one, &manager, &weeks, &units);
        }
        for drawn in draw.drawn().0 {
            *times.entry(drawn.entry).or_default() += 1;
        }
    }
    assert_eq!(times.len(), 200);
    assert_eq!(times.values().sum::<u32>(), 40_000);
    // Five standard deviations of 13.4.
    let fair = |times: &u32| (133..=267).contains(times);
    assert!(times.values().all(fair), "{:?} {:?}", times.values().min(), times.values().max());
}

fn check() -> SpotCheck {
    let looked = |number: u128, reader: StaffId| Looked {
        entry: EntryId(Uuid::from_u128(number)),
        reader,
        reasons: Vec::new(),
        shown: Shown {
            at: at("2026-03-11T10:00:00Z"),
            act: "case.read".into(),
            role: None,
            from: None,
            refused: false,
            ground: None,
            ended_at: None,
            grants: Vec::new(),
            cases: Vec::new(),
            of: 0,
        },
        judged: None,
    };
    SpotCheck {
        id: SpotCheckId(Uuid::from_u128(1)),
        from: date(2026, 1, 1),
        to: date(2026, 3, 31),
        seed: 1,
        sample: 2,
        rules: Vec::new(),
        reach: Reach::default(),
        considered: 2,
        reason: "x".into(),
        by: staff(1),
        at: at("2026-04-01T10:00:00Z"),
        readings: vec![looked(1, staff(1)), looked(2, staff(2))],
        closed: None,
        version: 1,
    }
}

#[test]
fn nobody_judges_what_they_read_themselves_and_nothing_closes_unjudged() {
    let now = at("2026-04-02T10:00:00Z");
    let given = |entry: u128, verdict| {
        vec![(EntryId(Uuid::from_u128(entry)), verdict, " the reader works there ".to_owned())]
    };
    let own = check().judge(staff(1), now, given(1, Verdict::Proper));
    assert_eq!(own, Err(Rejected::OwnReading));
    assert!(matches!(
        check().judge(staff(1), now, given(9, Verdict::Proper)),
        Err(Rejected::Faults(_))
    ));
    let silent = vec![(EntryId(Uuid::from_u128(2)), Verdict::Proper, " ".to_owned())];
    assert!(matches!(check().judge(staff(1), now, silent), Err(Rejected::Faults(_))));

    let one = check().judge(staff(1), now, given(2, Verdict::Ask)).expect("judged");
    let both = one.judge(staff(3), now, given(1, Verdict::Improper)).expect("judged");
    assert_eq!(both.version, 3);
    assert!(matches!(both.clone().close(staff(3), now, "x"), Err(Rejected::Faults(_))), "asked");
    let both = both.judge(staff(3), now, given(2, Verdict::Proper)).expect("anew");
    assert_eq!(
        both.readings[1].judged.as_ref().map(|it| it.reason.as_str()),
        Some("the reader works there")
    );
    assert!(matches!(both.clone().close(staff(3), now, " "), Err(Rejected::Faults(_))));
    let closed = both.close(staff(3), now, "one talk").expect("closed");
    assert_eq!((closed.counted(Verdict::Improper), closed.counted(Verdict::Proper)), (1, 1));
    assert_eq!(
        closed.clone().judge(staff(3), now, given(2, Verdict::Proper)),
        Err(Rejected::Closed)
    );
    assert_eq!(closed.close(staff(3), now, "x"), Err(Rejected::Closed));
}

#[test]
fn the_next_check_is_due_by_the_tenants_own_target() {
    let since = date(2026, 1, 31);
    assert_eq!(next_due(None, since, 3), date(2026, 4, 30));
    assert_eq!(next_due(Some(date(2026, 5, 4)), since, 3), date(2026, 8, 4));
}

#[test]
fn what_is_asked_is_held_to_its_limits() {
    let today = date(2026, 4, 1);
    let asked = Asked {
        from: date(2026, 1, 1),
        to: date(2026, 3, 31),
        sample: 20,
        reason: "kvartal".into(),
    };
    assert_eq!(asked.faults(today), []);
    for wrong in [
        Asked { to: date(2025, 12, 31), ..asked.clone() },
        Asked { to: date(2026, 4, 2), ..asked.clone() },
        Asked { from: date(2025, 9, 1), ..asked.clone() },
        Asked { sample: LARGEST_SAMPLE + 1, ..asked.clone() },
        Asked { reason: String::new(), ..asked.clone() },
    ] {
        assert_eq!(wrong.faults(today).len(), 1, "{wrong:?}");
    }
}
