use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;
use crate::calendar::{start_of_day, swedish_date};
use crate::code_lists::CodeLists;
use crate::exposure::{Exposure, Kind as ExposureKind};
use crate::ids::{CaseId, ExposureId};
use crate::organisation::{Unit, UnitTree};
use crate::policy::Scope;
use crate::statistics::{BaseRow, CaseRow, Times, Values};

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    /// From 0 to below 1.
    fn part(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() & 0xFFFF_FFFF).expect("32 bits")) / 4_294_967_296.0
    }
}

const YEAR: i16 = 2025;

fn unit() -> UnitId {
    UnitId(Uuid::from_u128(1))
}

fn units() -> UnitTree {
    UnitTree::new([Unit {
        id: unit(),
        code: "norr".into(),
        name: "Norr".into(),
        area: None,
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    }])
}

/// A report: its day, and whether somebody was injured.
type Report = (Date, Option<bool>);

/// Reports that come by themselves, as Poisson says, so many a day; from `from` on `later` a day. One in
/// `injury` has an injury.
fn chance(dice: &mut Dice, often: f64, (from, later): (Date, f64), injury: u64) -> Vec<Report> {
    let (before, after) = ((-often).exp(), (-later).exp());
    let mut reports = Vec::new();
    let mut day = Date::constant(YEAR - 2, 1, 1);
    while day.year() <= YEAR {
        let none = if day < from { before } else { after };
        let mut product = dice.part();
        while product > none {
            reports.push((day, Some(dice.next().is_multiple_of(injury))));
            product *= dice.part();
        }
        day = day.tomorrow().expect("a day");
    }
    reports
}

fn signals_of(reports: &[Report], query: &SignalQuery, exposures: &[Exposure]) -> Vec<Signal> {
    static SHARED: LazyLock<(UnitTree, CodeLists)> =
        LazyLock::new(|| (units(), CodeLists::shared()));
    let (units, codes) = &*SHARED;
    let today = Date::constant(YEAR + 1, 2, 1);
    let category = || Some("HSL.FAL.TIL".to_owned());
    let mut grouped: BTreeMap<(i16, i8, Option<bool>), u64> = BTreeMap::new();
    for (day, injured) in reports {
        *grouped.entry((day.year(), day.month(), *injured)).or_default() += 1;
    }
    let row = |((year, month, injured), count): (&(i16, i8, Option<bool>), &u64)| BaseRow {
        at: Values {
            year: Some(*year),
            month: Some((*month).into()),
            unit: Some(unit()),
            category: category(),
            injury: injured.map(|injured| if injured { "SAR" } else { "ING" }.to_owned()),
            ..Values::default()
        },
        count: *count,
        closed: 0,
        answered: 0,
    };
    let rows: Vec<BaseRow> = grouped.iter().map(row).collect();
    let gathered = Gathered::of(&rows, query, exposures, (units, codes), today);
    let rare = gathered.rare();
    let mut events = RareEvents::default();
    for (at, (day, _)) in reports.iter().enumerate() {
        let reported: Timestamp = start_of_day(*day) + SignedDuration::from_hours(12);
        assert_eq!(swedish_date(reported), *day);
        let times =
            Times { occurred: None, reported, triaged: None, investigated: None, closed: None };
        let at_row = Values { unit: Some(unit()), category: category(), ..Values::default() };
        let case = CaseId(Uuid::from_u128(at as u128));
        let row = CaseRow { at: at_row, case, shared_event: None, times, answered: None };
        gathered.take(&row, &rare, &mut events);
    }
    assert_eq!(gathered.events(&rare).is_some(), rare != Rare::default());
    gathered.finish(events)
}

fn query(of: Of) -> SignalQuery {
    SignalQuery { year: YEAR, of, ..SignalQuery::default() }
}

fn only(reports: &[Report], of: Of) -> Signal {
    let mut signals = signals_of(reports, &query(of), &[]);
    assert_eq!(signals.len(), 1);
    let signal = signals.remove(0);
    assert_eq!(signal.category.as_deref(), Some("HSL.FAL"), "the highest category");
    signal
}

/// So many a month, by day.
fn a_month(mean: u32) -> f64 {
    f64::from(mean) * 12.0 / 365.25
}

const NEVER: (Date, f64) = (Date::MAX, 0.0);

#[test]
fn chance_gives_no_more_false_alarms_than_stated() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    // Frequent and less so, shares, rare events: a thousand series each.
    for (mean, injury, of, kind) in [
        (6, 4, Of::Reports, "u"),
        (12, 4, Of::Reports, "u"),
        (60, 4, Of::Reports, "u"),
        (25, 3, Of::Injury, "p"),
        (60, 5, Of::Injury, "p"),
        (1, 4, Of::Reports, "t"),
        (2, 4, Of::Reports, "t"),
        (4, 4, Of::Reports, "t"),
    ] {
        let (mut drawn, mut marked, mut stated) = (0, 0, 0);
        for _ in 0..1_000 {
            let signal = only(&chance(&mut dice, a_month(mean), NEVER, injury), of);
            if signal.chart.code() == Some(kind) {
                drawn += 1;
                marked += u64::from(signal.chart.marked());
                stated = signal.chart.false_alarms();
            }
        }
        assert!(drawn > 900, "{mean} {kind}: {drawn} of a thousand");
        assert!(stated > 0 && marked * 100 <= stated * drawn, "{mean} {kind}: {marked} of {drawn}");
        println!("{kind} with {mean} a month: {marked} of {drawn} marked, {stated} of 100 stated");
    }
}

#[test]
fn a_shift_is_marked() {
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let from = Date::constant(YEAR, 3, 1);
    let mut missed = 0;
    for (before, after, of, mark) in [
        (20, 32, Of::Reports, [Mark::Above, Mark::RunAbove]),
        (60, 38, Of::Reports, [Mark::Below, Mark::RunBelow]),
        (2, 7, Of::Reports, [Mark::Close, Mark::Close]),
        (3, 0, Of::Reports, [Mark::Far, Mark::Far]),
    ] {
        for _ in 0..50 {
            let reports = chance(&mut dice, a_month(before), (from, a_month(after)), 4);
            let signal = only(&reports, of);
            let marks: Vec<Mark> = match &signal.chart {
                Chart::U(chart) | Chart::P(chart) => {
                    chart.points.iter().flat_map(|point| point.marks.clone()).collect()
                }
                Chart::T(chart) => chart.gaps.iter().flat_map(|gap| gap.marks.clone()).collect(),
                Chart::TooShort | Chart::TooFew => Vec::new(),
            };
            missed += usize::from(!marks.iter().any(|one| mark.contains(one)));
        }
    }
    assert!(missed <= 4, "{missed} of 200 shifts are not marked");
}

/// Every month of the baseline 10, each month of the year as given.
fn even(of_year: [u64; 12]) -> Vec<Report> {
    let mut reports = Vec::new();
    for year in YEAR - 2..=YEAR {
        for month in 1..=12_i8 {
            let at = usize::try_from(month - 1).expect("a place");
            let many = if year == YEAR { of_year[at] } else { 10 };
            reports.extend((0..many).map(|_| (Date::constant(year, month, 5), Some(false))));
        }
    }
    reports
}

#[test]
fn limits_follow_the_formula_and_marks_the_limits() {
    let signal = only(&even([10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 21, 0]), Of::Reports);
    assert_eq!((signal.events, signal.exposed, signal.months()), (240, 731, 24));
    assert_eq!(signal.against, Against::Days);
    let Chart::U(chart) = &signal.chart else { panic!("{signal:?}") };
    // 240 on 731 days, for each thirty.
    assert_eq!(chart.centre, 98_495);
    // November has 30 days: 3·√(240/731·(1/30 + 1/731)).
    let november = &chart.points[10];
    let error = 3.0 * (240.0_f64 / 731.0 * (1.0 / 30.0 + 1.0 / 731.0)).sqrt() * 300_000.0;
    let near = |value: Option<i64>, expected: f64| {
        let value = f64::from(i32::try_from(value.expect("a limit")).expect("small"));
        assert!((value - expected).abs() <= 1.0, "{value} {expected}");
    };
    near(november.upper, 240.0 / 731.0 * 300_000.0 + error);
    near(november.lower, (240.0 / 731.0 * 300_000.0 - error).max(0.0));
    assert_eq!(november.value, Some(210_000));
    assert_eq!(november.marks, [Mark::Above]);
    assert_eq!(chart.points[11].marks, [Mark::Below]);
    assert!(chart.points[..9].iter().all(|point| point.marks.is_empty()), "{chart:?}");

    // Nine months in a row above the line and within the limits.
    let signal = only(&even([12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 9, 12]), Of::Reports);
    let Chart::U(chart) = &signal.chart else { panic!("{signal:?}") };
    let runs: Vec<usize> = (0..12).filter(|at| !chart.points[*at].marks.is_empty()).collect();
    assert_eq!(runs, [8, 9]);
    assert_eq!(chart.points[9].marks, [Mark::RunAbove]);
}

#[test]
fn bed_days_are_what_a_chart_is_set_against_where_they_are_known() {
    let year = |id: u128, year: i16, amount: &str| Exposure {
        id: ExposureId(Uuid::from_u128(id)),
        unit: unit(),
        kind: ExposureKind::BedDays,
        period: Months::years(year, year),
        amount: amount.parse().expect("an amount"),
        source: None,
        version: 1,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    let reports = even([20; 12]);
    let alone = signals_of(&reports, &query(Of::Reports), &[]);
    assert!(alone[0].chart.marked(), "twice as many");
    // Twice as many on twice the days are no more.
    let exposures = [year(1, 2023, "3650"), year(2, 2024, "3660"), year(3, 2025, "7300")];
    let against = signals_of(&reports, &query(Of::Reports), &exposures);
    assert_eq!(against[0].against, Against::BedDays);
    let marks = |signal: &Signal| match &signal.chart {
        Chart::U(chart) => chart.points.iter().filter(|it| it.marks.contains(&Mark::Above)).count(),
        other => panic!("{other:?}"),
    };
    assert_eq!((marks(&alone[0]), marks(&against[0])), (12, 0));
    // Of one year they are not known: days.
    let missing = signals_of(&reports, &query(Of::Reports), &exposures[..2]);
    assert_eq!(missing[0].against, Against::Days);
}

#[test]
fn too_few_and_too_short_are_said_and_not_drawn() {
    let day = |year: i16, month: i8| (Date::constant(year, month, 5), Some(false));
    // Eleven in two years; of twelve there is a chart.
    let mut few: Vec<Report> = (1..=11).map(|month| day(2023, month)).collect();
    assert_eq!(only(&few, Of::Reports).chart, Chart::TooFew);
    few.push(day(2024, 3));
    assert_eq!(only(&few, Of::Reports).chart.code(), Some("t"));
    assert_eq!(only(&few, Of::Injury).chart, Chart::TooFew);
    // A unit of which nothing is known before February.
    let late: Vec<Report> = (2..=12).map(|month| day(2024, month)).collect();
    let signal = only(&late, Of::Reports);
    assert_eq!((signal.chart.state(), signal.months()), ("too_short", 11));
    assert_eq!(signal.baseline.from.to_string(), "2024-02");
    assert!(!signal.chart.marked());
}

#[test]
fn a_year_that_goes_on_is_watched_to_its_last_whole_month() {
    let query = query(Of::Reports);
    let months = |year, month, day| query.watched(Date::constant(year, month, day)).count();
    assert_eq!((months(2025, 1, 31), months(2025, 7, 1), months(2026, 1, 1)), (0, 6, 12));
    assert_eq!(query.base(&Scope::All).spans, [Months::years(2023, 2025)]);
}
