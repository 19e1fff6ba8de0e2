//! The ladder: who is told of what lies untouched, and the month's figures.

mod common;

use std::collections::BTreeSet;

use common::*;
use domain::board::{Month, figures};
use domain::calendar::holidays::WorkingDays;
use domain::calendar::parse_local;
use domain::case::Kind;
use domain::clock::ClockSettings;
use domain::ids::UnitId;
use domain::ladder::{LadderSettings, LadderStep, Matter, Oldest, Rung, climbed};
use domain::law::Law;
use domain::organisation::Role;
use domain::settings::Settings;
use jiff::civil::{Date, date};

fn matter(n: u128, step: LadderStep, touched: &str) -> Matter {
    Matter {
        id: id(n),
        number: format!("AVV-{n}"),
        step,
        unit: UnitId(id(11)),
        laws: vec![Law::Hsl],
        kind: Kind::Avvikelse,
        touched_at: parse_local(touched).expect("a time"),
        version: 1,
        waiting_until: None,
        kept_from: BTreeSet::new(),
    }
}

fn oldest(matters: &[Matter], top: &dyn Fn(&Matter) -> bool, day: Date) -> Vec<Matter> {
    let mut oldest = Oldest::default();
    for matter in matters {
        oldest.show(matter.clone(), top(matter), day);
    }
    oldest.found()
}

fn told(matter: &Matter, day: Date, there: impl Fn(Role) -> bool) -> Vec<(Rung, Role)> {
    let working = WorkingDays::default();
    let told = climbed(matter, &LadderSettings::default(), &working, day, there);
    told.into_iter().map(|it| (it.rung, it.role)).collect()
}

#[test]
fn it_climbs_rung_by_rung_in_working_days_and_ends_with_the_director() {
    // Untouched since the Wednesday before Easter 2026: the third working day is 8 April.
    let lies = matter(1, LadderStep::Triage, "2026-04-01 12:00");
    let all = [
        (Rung::UnitManager, Role::UnitManager),
        (Rung::AreaManager, Role::AreaManager),
        (Rung::Expert, Role::Mas),
        (Rung::Director, Role::Director),
    ];
    for (day, rungs) in [
        (date(2026, 4, 1), 0),
        (date(2026, 4, 7), 0),
        (date(2026, 4, 8), 1),
        (date(2026, 4, 9), 1),
        (date(2026, 4, 10), 2),
        (date(2026, 4, 14), 2),
        (date(2026, 4, 15), 3),
        (date(2026, 4, 17), 4),
        (date(2027, 4, 17), 4),
    ] {
        assert_eq!(told(&lies, day, |_| true), all[..rungs], "{day}");
    }
    let social = Matter { laws: vec![Law::Sol], ..lies };
    assert_eq!(told(&social, date(2026, 4, 17), |_| true)[2].1, Role::Sas);
}

#[test]
fn where_nobody_is_it_goes_on_at_once() {
    let lies = matter(1, LadderStep::Triage, "2026-04-01 12:00");
    let day = date(2026, 4, 8);
    let without = |gone: Role| move |role: Role| role != gone;
    assert_eq!(told(&lies, day, without(Role::UnitManager)), [(Rung::UnitManager, Role::Deputy)]);
    let managers = [Role::UnitManager, Role::Deputy, Role::AreaManager];
    assert_eq!(told(&lies, day, |role| !managers.contains(&role)), [(Rung::Expert, Role::Mas)]);
    assert_eq!(told(&lies, day, |role| role == Role::Mar), [(Rung::Expert, Role::Mar)]);
    assert_eq!(told(&lies, day, |_| false), []);
    assert_eq!(told(&lies, date(2026, 4, 7), |role| role == Role::Director), []);
}

#[test]
fn waiting_stops_it_until_its_day() {
    let waits = Matter {
        waiting_until: Some(date(2026, 4, 20)),
        ..matter(1, LadderStep::Triage, "2026-04-01 12:00")
    };
    assert_eq!(told(&waits, date(2026, 4, 20), |_| true), []);
    assert_eq!(told(&waits, date(2026, 4, 21), |_| true).len(), 4);
    assert_eq!(oldest(std::slice::from_ref(&waits), &|_| false, date(2026, 4, 20)), []);
    assert_eq!(oldest(std::slice::from_ref(&waits), &|_| false, date(2026, 4, 21)), [waits]);
    let never = LadderSettings { climbs: false, ..LadderSettings::default() };
    let lies = matter(1, LadderStep::Triage, "2026-04-01 12:00");
    let day = date(2027, 1, 1);
    assert_eq!(climbed(&lies, &never, &WorkingDays::default(), day, |_| true), []);
}

#[test]
fn the_oldest_of_each_unit_and_step_climbs() {
    let elsewhere =
        Matter { unit: UnitId(id(12)), ..matter(4, LadderStep::Triage, "2026-04-03 12:00") };
    let matters = [
        matter(1, LadderStep::Triage, "2026-04-02 12:00"),
        matter(2, LadderStep::Triage, "2026-04-01 12:00"),
        matter(3, LadderStep::Investigation, "2026-04-09 12:00"),
        elsewhere,
        // SAS is told of it, and not MAS.
        Matter { laws: vec![Law::Sol], ..matter(5, LadderStep::Triage, "2026-04-05 12:00") },
    ];
    let climbing = |top: &dyn Fn(&Matter) -> bool| -> Vec<_> {
        let found = oldest(&matters, top, date(2026, 4, 30));
        found.iter().map(|it| it.id.as_u128()).collect()
    };
    assert_eq!(climbing(&|_| false), [2, 5, 3, 4]);
    // What the director knows of hides nothing.
    assert_eq!(climbing(&|it| it.id == id(2)), [1, 5, 3, 4]);
}

#[test]
fn limits_only_grow() {
    let settings = Settings {
        ladder: LadderSettings {
            triage: [0, 5, 4, 10],
            duty: [1, 1, 1, 251],
            ..LadderSettings::default()
        },
        ..Settings::default()
    };
    let faults = settings.faults(&domain::code_lists::CodeLists::shared(), &units());
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["/ladder/triage/0", "/ladder/triage/2", "/ladder/duty/3"]);
}

#[test]
fn months_read_and_end() {
    let month: Month = "2026-12".parse().expect("a month");
    assert_eq!(month.to_string(), "2026-12");
    assert_eq!(month.end(), parse_local("2027-01-01").expect("a time"));
    assert_eq!("2026-01".parse::<Month>().expect("a month").before().to_string(), "2025-12");
    for wrong in ["2026-13", "2026-00", "2026-1", "26-01", "2026", "2026-+1", "2026-01-01"] {
        assert!(wrong.parse::<Month>().is_err(), "{wrong}");
    }
    let empty = figures([], month, &ClockSettings::default(), now());
    assert_eq!((empty.filed, empty.closed, empty.open), (0, 0, 0));
    assert_eq!(empty.as_of, now());
}
