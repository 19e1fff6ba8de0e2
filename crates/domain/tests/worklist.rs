//! The worklist: who gets what waits for a role, and which tasks facts make.

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::*;
use domain::case::measure::Effect;
use domain::case::triage::Vardskada;
use domain::case::watch::{Watcher, Wish};
use domain::case::{Kind, Status, Track};
use domain::handover::{Content, Handover, left_alone};
use domain::ids::{CaseId, CommentId, GrantId, HandoverId, MeasureId, StaffId, UnitId, WatchId};
use domain::law::Law;
use domain::organisation::{Grant, Role};
use domain::policy::Actor;
use domain::settings::{LeadRule, Settings};
use domain::worklist::{
    Asked, Brief, Facts, Group, HandoverBrief, Me, Mention, OpenMeasure, Place, Request, Roster,
    Task, counts, tasks,
};
use jiff::civil::{Date, date};

const BOSS: u128 = 30;
const DEPUTY: u128 = 31;
const AREA: u128 = 32;
const MAS: u128 = 33;
const NURSE: u128 = 34;
const OTHER: u128 = 35;

fn staff(n: u128) -> StaffId {
    StaffId(id(n))
}

fn unit(n: u128) -> UnitId {
    UnitId(id(n))
}

fn grant(n: u128, role: Role, units: &[u128]) -> Grant {
    Grant {
        id: GrantId(id(n * 1_000 + role as u128)),
        staff: staff(n),
        role,
        units: units.iter().map(|n| unit(*n)).collect(),
        laws: Vec::new(),
        valid_from: date(2026, 1, 1),
        valid_to: None,
        stands_in_for: None,
        revoked_at: None,
        version: 1,
    }
}

fn today() -> Date {
    date(2026, 3, 10)
}

/// `gran` with a manager, an area manager over `norr`, a MAS, and a nurse.
fn everyone() -> Vec<Grant> {
    vec![
        grant(BOSS, Role::UnitManager, &[11]),
        grant(AREA, Role::AreaManager, &[10]),
        grant(MAS, Role::Mas, &[]),
        grant(NURSE, Role::Team, &[11]),
    ]
}

fn roster(grants: Vec<Grant>, left: &[u128]) -> Roster {
    let left: BTreeSet<StaffId> = left.iter().map(|n| staff(*n)).collect();
    Roster::new(grants, &left, &units())
}

fn names(roster: &Roster, role: Role, day: Date, kept: &[u128]) -> Vec<u128> {
    let kept = kept.iter().map(|n| staff(*n)).collect();
    let seat = roster.who_gets(Place::at(unit(11)), role, day, &kept);
    seat.staff().into_iter().map(|staff| staff.0.as_u128()).collect()
}

#[test]
fn the_vacation_table() {
    // The manager is on leave in July, with a deputy for its first two weeks, and leaves in September;
    // the deputy is there again for a week after that.
    let mut boss = grant(BOSS, Role::UnitManager, &[11]);
    boss.valid_to = Some(date(2026, 8, 31));
    let stands_in = |from: Date, to: Date| Grant {
        id: GrantId(id(9_000 + u128::from(from.day().unsigned_abs()))),
        valid_from: from,
        valid_to: Some(to),
        stands_in_for: Some(staff(BOSS)),
        ..grant(DEPUTY, Role::Deputy, &[11])
    };
    let grants = vec![
        boss,
        stands_in(date(2026, 7, 1), date(2026, 7, 14)),
        stands_in(date(2026, 9, 1), date(2026, 9, 7)),
        grant(AREA, Role::AreaManager, &[10]),
        grant(MAS, Role::Mas, &[]),
    ];
    let whole = roster(grants.clone(), &[]);
    for (day, who, why) in [
        (date(2026, 6, 30), BOSS, "at work"),
        (date(2026, 7, 1), DEPUTY, "on leave, with a deputy"),
        (date(2026, 7, 14), DEPUTY, "the deputy's last day"),
        (date(2026, 7, 15), BOSS, "nobody stands in any more"),
        (date(2026, 8, 31), BOSS, "the last day"),
        (date(2026, 9, 1), DEPUTY, "has left, while there is a deputy"),
        (date(2026, 9, 8), AREA, "has left, and there is no deputy"),
    ] {
        assert_eq!(names(&whole, Role::UnitManager, day, &[]), [who], "{day}: {why}");
    }
    // Who is deactivated is gone the same day; so is what was taken back.
    let gone = roster(grants.clone(), &[BOSS]);
    assert_eq!(names(&gone, Role::UnitManager, date(2026, 6, 30), &[]), [AREA]);
    assert_eq!(names(&gone, Role::UnitManager, date(2026, 7, 3), &[]), [DEPUTY]);
    let without = roster(grants[3..].to_vec(), &[AREA]);
    assert_eq!(names(&without, Role::UnitManager, date(2026, 6, 30), &[]), [MAS]);
    assert_eq!(names(&roster(vec![], &[]), Role::UnitManager, today(), &[]), [0; 0]);
    // Kept from the manager: the deputy; from both: the area manager.
    let july = date(2026, 7, 3);
    assert_eq!(names(&whole, Role::UnitManager, date(2026, 6, 30), &[BOSS]), [AREA]);
    assert_eq!(names(&whole, Role::UnitManager, july, &[BOSS]), [DEPUTY]);
    assert_eq!(names(&whole, Role::UnitManager, july, &[BOSS, DEPUTY]), [AREA]);
}

#[test]
fn standing_in_until_further_notice_sends_nobody_away() {
    let mut grants = everyone();
    grants.push(Grant { stands_in_for: Some(staff(BOSS)), ..grant(DEPUTY, Role::Deputy, &[11]) });
    let both = roster(grants, &[]);
    assert_eq!(names(&both, Role::UnitManager, today(), &[]), [BOSS, DEPUTY]);
    let seat = both.who_gets(Place::at(unit(11)), Role::UnitManager, today(), &BTreeSet::new());
    let deputy = seat.holder(staff(DEPUTY)).expect("the deputy");
    assert_eq!((deputy.stands_in_for, seat.instead_of), (Some(staff(BOSS)), None));
}

#[test]
fn where_everybody_is_away_it_still_waits_for_somebody() {
    let away = |who: u128, of: u128| Grant {
        valid_to: Some(date(2026, 12, 31)),
        stands_in_for: Some(staff(of)),
        ..grant(who, Role::Deputy, &[11])
    };
    // Each stands in for the other, and there is nobody else.
    let grants = vec![
        grant(BOSS, Role::UnitManager, &[11]),
        away(DEPUTY, BOSS),
        Grant { stands_in_for: Some(staff(DEPUTY)), ..away(BOSS, DEPUTY) },
    ];
    assert!(!names(&roster(grants, &[]), Role::UnitManager, today(), &[]).is_empty());
}

#[test]
fn a_mas_is_followed_by_a_mar_and_nobody_else_of_another_law() {
    let mut grants = everyone();
    grants.push(grant(OTHER, Role::Sas, &[]));
    let all = roster(grants, &[]);
    let kept: BTreeSet<StaffId> = [staff(MAS)].into();
    let place = Place { unit: unit(11), laws: &[Law::Hsl], kind: Kind::Avvikelse };
    let seat = all.who_gets(place, Role::Mas, today(), &kept);
    assert_eq!((seat.role, seat.instead_of), (Role::AreaManager, Some(Role::Mas)));
    let place = Place { laws: &[Law::Sol], ..place };
    assert_eq!(all.who_gets(place, Role::Sas, today(), &kept).staff(), [staff(OTHER)]);
}

fn brief(n: u128, status: Status) -> Brief {
    Brief { id: CaseId(id(n)), number: format!("AVV-{n}"), ..Brief::of(&standing(status)) }
}

fn facts(cases: impl IntoIterator<Item = Brief>) -> Facts {
    let cases = cases.into_iter().map(|case| (case.id, Arc::new(case)));
    Facts { cases: cases.collect(), ..Facts::default() }
}

fn list_under(who: u128, grants: &[Grant], facts: &Facts, settings: &Settings) -> Vec<Task> {
    let actor = Actor::new(staff(who), grants, &units(), today());
    let me = Me { actor: &actor, profession: Some("SSK"), name: Some("Kim Lind") };
    tasks(me, &roster(grants.to_vec(), &[]), facts, settings, today())
}

fn list(who: u128, facts: &Facts) -> Vec<(Group, Asked)> {
    let found = list_under(who, &everyone(), facts, &Settings::default());
    found.iter().map(|task| (task.group, task.asked)).collect()
}

#[test]
fn a_new_case_waits_for_the_manager_and_its_health_part_for_the_licensed() {
    let new = facts([brief(1, Status::Reported)]);
    assert_eq!(list(BOSS, &new), [(Group::New, Asked::Assess)]);
    for licensed in [NURSE, MAS] {
        assert_eq!(list(licensed, &new), [(Group::Triage, Asked::HealthPart)], "{licensed}");
    }
    assert_eq!(list(AREA, &new), []);
    assert_eq!(list(OTHER, &new), []);
    let found = list_under(BOSS, &everyone(), &new, &Settings::default());
    assert_eq!(
        found[0].awaits,
        ["/category", "/track", "/law", "/severity/actual", "/probability"]
    );
    let found = list_under(NURSE, &everyone(), &new, &Settings::default());
    assert_eq!(found[0].awaits, ["/harm/vardskada"]);
    // Begun, it is a triage to be ended; triaged, a case to be led.
    let mut begun = brief(1, Status::Reported);
    begun.awaits = vec!["/probability".into()];
    assert_eq!(list(BOSS, &facts([begun.clone()])), [(Group::Triage, Asked::Assess)]);
    assert_eq!(list(NURSE, &facts([begun])), []);
    assert_eq!(list(BOSS, &facts([brief(1, Status::Triaged)])), [(Group::Lead, Asked::Handle)]);
    for ended in [Status::Closed, Status::Void] {
        assert_eq!(list(BOSS, &facts([brief(1, ended)])), [], "{ended}");
    }
}

#[test]
fn a_case_waits_for_who_leads_it_and_else_by_rule() {
    let settings = Settings {
        leads: vec![LeadRule {
            law: Some(Law::Hsl),
            category: None,
            severity: None,
            vardskada: true,
            lead: Role::Mas,
            close: Vec::new(),
        }],
        ..Settings::default()
    };
    let of = |case: &Brief, settings: &Settings| -> Vec<u128> {
        let all = facts([case.clone()]);
        let leads = |who: &u128| {
            let found = list_under(*who, &everyone(), &all, settings);
            found.iter().any(|task| task.group == Group::Lead)
        };
        [BOSS, AREA, MAS, NURSE].into_iter().filter(leads).collect()
    };
    let case = Brief { vardskada: Vardskada::CouldHave, ..brief(1, Status::Triaged) };
    assert_eq!(of(&case, &Settings::default()), [BOSS]);
    assert_eq!(of(&case, &settings), [MAS]);
    let deep = Brief { track: Some(Track::Deep), ..case.clone() };
    assert_eq!(of(&deep, &Settings::default()), [MAS]);
    // Taken: theirs, until they are there no more.
    let taken = Brief { lead: Some(staff(MAS)), ..case.clone() };
    assert_eq!(of(&taken, &Settings::default()), [MAS]);
    let gone = Brief { lead: Some(staff(OTHER)), ..case.clone() };
    assert_eq!(of(&gone, &Settings::default()), [BOSS]);
    // Refused twice: the area manager decides, unless someone above the units has taken it.
    let unwanted = Brief { hops: 2, lead: Some(staff(BOSS)), ..case.clone() };
    assert_eq!(of(&unwanted, &settings), [AREA]);
    assert_eq!(of(&Brief { lead: Some(staff(MAS)), ..unwanted }, &settings), [MAS]);
    assert_eq!(of(&Brief { hops: 1, ..case.clone() }, &Settings::default()), [BOSS]);
    // Kept from the manager.
    let kept = Brief { kept_from: [staff(BOSS)].into(), ..case };
    assert_eq!(of(&kept, &Settings::default()), [AREA]);
}

#[test]
fn a_unit_without_a_manager_comes_first_to_the_area_manager() {
    let grave = Brief { unit: unit(12), risk_score: Some(16), ..brief(1, Status::Triaged) };
    let lonely = Brief { risk_score: Some(1), ..brief(2, Status::Triaged) };
    let mut grants = everyone();
    grants.remove(0);
    grants.push(grant(OTHER, Role::UnitManager, &[12]));
    grants.push(grant(AREA, Role::UnitManager, &[12]));
    let all = facts([grave, lonely]);
    let found = list_under(AREA, &grants, &all, &Settings::default());
    let seen: Vec<_> = found
        .iter()
        .map(|task| (task.case.as_ref().expect("a case").id.0.as_u128(), task.inherited))
        .collect();
    assert_eq!(seen, [(2, true), (1, false)]);
    assert_eq!(found[0].waiting_for.role, Some(Role::AreaManager));
    assert_eq!(found[0].waiting_for.instead_of, Some(Role::UnitManager));
}

#[test]
fn the_gravest_and_oldest_come_first_and_the_unknown_is_not_harmless() {
    let at = |n: u128, risk: Option<u8>, days: i64| Brief {
        risk_score: risk,
        reported_at: now() - jiff::SignedDuration::from_hours(24 * days),
        ..brief(n, Status::Triaged)
    };
    let all = facts([
        at(1, Some(2), 90),
        at(2, Some(12), 1),
        at(3, None, 2),
        at(4, Some(8), 1),
        at(5, Some(8), 30),
    ]);
    let found = list_under(BOSS, &everyone(), &all, &Settings::default());
    let order: Vec<_> =
        found.iter().map(|task| task.case.as_ref().expect("a case").id.0.as_u128()).collect();
    assert_eq!(order, [2, 5, 4, 3, 1]);
    assert_eq!(found[1].age_on(today()), 30);
}

fn measure(n: u128, case: u128) -> OpenMeasure {
    OpenMeasure {
        case: CaseId(id(case)),
        id: MeasureId(id(n)),
        owner: Some("Enhetschef".into()),
        due_on: None,
        follow_up_on: None,
        done_on: None,
        effect: Effect::NotYet,
    }
}

#[test]
fn a_measure_outlives_its_case_and_is_told_of_in_time() {
    let mut all = facts([brief(1, Status::Closed)]);
    let due = |day: Date| OpenMeasure { due_on: Some(day), ..measure(500, 1) };
    for (day, shown) in [
        (date(2026, 3, 9), true),
        (date(2026, 3, 10), true),
        (date(2026, 3, 20), true),
        (date(2026, 3, 21), false),
    ] {
        all.measures = vec![due(day)];
        assert_eq!(!list(BOSS, &all).is_empty(), shown, "{day}");
    }
    // Done, it waits for the day on which somebody looks; judged, for nothing.
    let done = OpenMeasure {
        done_on: Some(date(2026, 3, 1)),
        follow_up_on: Some(today()),
        ..due(date(2026, 3, 1))
    };
    all.measures = vec![done.clone()];
    assert_eq!(list(BOSS, &all), [(Group::FollowUps, Asked::JudgeEffect)]);
    all.measures = vec![OpenMeasure { effect: Effect::Partly, ..done.clone() }];
    assert_eq!(list(BOSS, &all), []);
    all.measures = vec![OpenMeasure { follow_up_on: Some(date(2026, 3, 11)), ..done }];
    assert_eq!(list(BOSS, &all), []);
    // By name it is the owner's; it is nobody else's.
    let own = OpenMeasure { owner: Some(" kim lind ".into()), ..due(today()) };
    all.measures = vec![own];
    assert_eq!(list(NURSE, &all), [(Group::Measures, Asked::Measure)]);
    assert_eq!(list(OTHER, &all), []);
}

#[test]
fn a_measure_of_an_investigation_over_several_cases_is_one_task() {
    let mut all = facts([brief(1, Status::FollowingUp), brief(2, Status::Closed)]);
    let due = |case: u128| OpenMeasure { due_on: Some(today()), ..measure(500, case) };
    all.measures = vec![due(2), due(1)];
    let found = list_under(BOSS, &everyone(), &all, &Settings::default());
    assert_eq!(counts(&found)[&Group::Measures], 1);
}

#[test]
fn what_one_is_asked_waits_by_name_or_profession() {
    let request = |n: u128, to: Watcher, open: bool| Request {
        case: CaseId(id(1)),
        id: WatchId(id(n)),
        to,
        wish: Wish::Contribute,
        due_on: Some(today()),
        open,
    };
    let elsewhere = unit(13);
    let mut all =
        facts([Brief { unit: elsewhere, reporting_unit: elsewhere, ..brief(1, Status::Closed) }]);
    // Elsewhere: only the name lets in.
    all.requests = vec![request(1, Watcher::Profession("SSK".into()), true)];
    assert_eq!(list(NURSE, &all), []);
    assert_eq!(list(MAS, &all), [(Group::Watches, Asked::Contribute)]);
    all.requests = vec![request(1, Watcher::Staff(staff(NURSE)), true)];
    assert_eq!(list(NURSE, &all), [(Group::Watches, Asked::Contribute)]);
    assert_eq!(list(MAS, &all), []);
    let mention = Mention { case: CaseId(id(1)), comment: CommentId(id(7)), at: now() };
    // What was answered still lets read, and so be asked something more.
    all.requests = vec![request(1, Watcher::Staff(staff(NURSE)), false)];
    all.mentions = vec![mention];
    assert_eq!(list(NURSE, &all), [(Group::Questions, Asked::Answer)]);
    all.requests.clear();
    assert_eq!(list(NURSE, &all), []);
}

#[test]
fn what_is_kept_from_somebody_makes_no_task_of_theirs() {
    let kept = |case: Brief| Brief {
        kept_from: [staff(BOSS), staff(NURSE), staff(MAS)].into(),
        warned: true,
        ..case
    };
    let mut all = facts([kept(brief(1, Status::Reported)), kept(brief(2, Status::FollowingUp))]);
    all.measures = vec![OpenMeasure {
        due_on: Some(today()),
        follow_up_on: Some(today()),
        owner: Some("Kim Lind".into()),
        ..measure(500, 2)
    }];
    all.mentions = vec![Mention { case: CaseId(id(1)), comment: CommentId(id(7)), at: now() }];
    all.samples = vec![CaseId(id(2))];
    for who in [BOSS, NURSE, MAS] {
        let by_name = Watcher::Staff(staff(who));
        all.requests = vec![Request {
            case: CaseId(id(1)),
            id: WatchId(id(1)),
            to: by_name,
            wish: Wish::Read,
            due_on: None,
            open: true,
        }];
        assert_eq!(list(who, &all), [], "{who}");
    }
    assert!(!list(AREA, &all).is_empty());
}

#[test]
fn another_unit_concerned_may_read_and_is_asked_nothing() {
    let case = Brief {
        unit: unit(13),
        reporting_unit: unit(13),
        also_units: vec![unit(11)],
        ..brief(1, Status::Reported)
    };
    assert_eq!(list(BOSS, &facts([case.clone()])), []);
    let mut all = facts([case]);
    all.requests = vec![Request {
        case: CaseId(id(1)),
        id: WatchId(id(1)),
        to: Watcher::Profession("SSK".into()),
        wish: Wish::Read,
        due_on: None,
        open: true,
    }];
    // By profession, among those who may read it.
    assert_eq!(list(BOSS, &all), [(Group::Watches, Asked::Read)]);
}

#[test]
fn a_filing_kept_with_warnings_is_put_right_until_it_is_triaged() {
    let warned = |status| Brief { warned: true, ..brief(1, status) };
    let found = list(BOSS, &facts([warned(Status::Reported)]));
    assert!(found.contains(&(Group::Corrections, Asked::Correct)), "{found:?}");
    assert_eq!(list(BOSS, &facts([warned(Status::Triaged)])), [(Group::Lead, Asked::Handle)]);
}

#[test]
fn both_see_a_handover_until_both_have_signed() {
    let handover = |giver_signed, taker_signed| HandoverBrief {
        id: HandoverId(id(800)),
        giver: staff(BOSS),
        taker: staff(OTHER),
        made_at: now(),
        giver_signed,
        taker_signed,
    };
    for (signed, giver, taker) in [
        ((false, false), Some(Asked::Sign), Some(Asked::Sign)),
        ((true, false), Some(Asked::AwaitSignature), Some(Asked::Sign)),
        ((false, true), Some(Asked::Sign), Some(Asked::AwaitSignature)),
        ((true, true), None, None),
    ] {
        let all = Facts { handovers: vec![handover(signed.0, signed.1)], ..Facts::default() };
        let of = |who| list(who, &all).first().map(|(_, asked)| *asked);
        assert_eq!((of(BOSS), of(OTHER), of(AREA)), (giver, taker, None), "{signed:?}");
    }
}

fn handover(units: &[u128]) -> Handover {
    Handover {
        id: HandoverId(id(800)),
        units: units.iter().map(|n| unit(*n)).collect(),
        giver: staff(BOSS),
        taker: staff(OTHER),
        note: None,
        content: Content::default(),
        made_at: now(),
        giver_signed_at: None,
        taker_signed_at: None,
        version: 1,
    }
}

#[test]
fn a_manager_leaves_no_open_case_alone() {
    let cases = [brief(1, Status::Reported), brief(2, Status::Closed)];
    let own = grant(BOSS, Role::UnitManager, &[11]);
    let alone = |rest: Vec<Grant>, handovers: &[Handover]| {
        let rest = roster(rest, &[]);
        left_alone(&own, &cases, &rest, handovers, &units(), (now(), today())).len()
    };
    let rest = || everyone()[1..].to_vec();
    assert_eq!(alone(rest(), &[]), 1);
    for role in [Role::UnitManager, Role::Deputy] {
        let mut more = rest();
        more.push(grant(OTHER, role, &[10]));
        assert_eq!(alone(more, &[]), 0, "{role}");
    }
    let begun = handover(&[10]);
    let half = begun.clone().sign(staff(BOSS), now()).expect("the giver's");
    let whole = half.clone().sign(staff(OTHER), now()).expect("the taker's");
    assert_eq!((half.version, whole.version), (2, 3));
    assert_eq!(whole.clone().sign(staff(OTHER), now()).expect("again").version, 3);
    assert_eq!(begun.clone().sign(staff(MAS), now()), None);
    assert_eq!(alone(rest(), &[begun, half]), 1);
    assert_eq!(alone(rest(), std::slice::from_ref(&whole)), 0);
    let elsewhere = Handover { units: vec![unit(12)], ..whole.clone() };
    let long_ago = now() - jiff::SignedDuration::from_hours(32 * 24);
    let old =
        Handover { giver_signed_at: Some(long_ago), taker_signed_at: Some(long_ago), ..whole };
    assert_eq!(alone(rest(), &[elsewhere, old]), 1);
}

#[test]
fn a_handover_counts_what_its_reader_may_know_of() {
    let ago = |n: u128, risk: Option<u8>, days: i64| Brief {
        risk_score: risk,
        reported_at: now() - jiff::SignedDuration::from_hours(24 * days),
        ..brief(n, Status::Triaged)
    };
    let cases = [
        ago(1, Some(9), 3),
        ago(2, Some(2), 30),
        ago(3, None, 100),
        Brief { status: Status::Closed, ..ago(4, None, 400) },
    ];
    let measures = [
        OpenMeasure { due_on: Some(date(2026, 3, 1)), ..measure(500, 4) },
        measure(501, 2),
        OpenMeasure { done_on: Some(today()), ..measure(502, 2) },
    ];
    let content = Content::of(&cases, &measures, &[], 8, today());
    let counts = content.counts();
    assert_eq!((counts.cases, counts.by_age, counts.by_risk), (3, [1, 1, 0, 1], [1, 1, 1]));
    assert_eq!((counts.measures, counts.measures_overdue), (2, 1));
    let order: Vec<_> = content.cases.iter().map(|case| case.id.0.as_u128()).collect();
    assert_eq!(order, [1, 3, 2]);
    let less = content.without(&[CaseId(id(2)), CaseId(id(4))].into()).counts();
    assert_eq!((less.cases, less.measures, less.measures_overdue), (2, 0, 0));
}
