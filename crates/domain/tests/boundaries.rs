//! Filings around every turn of the calendar: the Swedish day, year, month, week, weekday and hour of each against
//! a plain calculation that knows no time zones but the rule of the EU.

mod common;

use common::*;
use domain::case::Kind;
use domain::case::filing::{Intake, Surroundings, file};
use domain::code_lists::CodeLists;
use domain::statistics::{Fact, Period};
use jiff::Timestamp;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Days from 1 January 1970, by counting them.
fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let before =
        |year: i64| year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    before(year - 1) - before(1969) + months + day - 1
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 1 = Monday; 1 January 1970 was a Thursday.
fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

/// When summer time begins or ends: 01:00 UTC on the last Sunday of March or October.
fn change(year: i64, month: i64) -> i64 {
    let last = days_to(year, month, 31);
    (last - weekday(last) % 7) * DAY + HOUR
}

/// What a Swedish clock is ahead of UTC.
fn ahead(at: i64) -> i64 {
    let year = (1970..).find(|year| days_to(year + 1, 1, 1) * DAY > at).expect("a year");
    if (change(year, 3)..change(year, 10)).contains(&at) { 2 * HOUR } else { HOUR }
}

/// Day, month, year, week, weekday and hour on the wall.
type Wall = (i64, i64, i64, i64, i64, i64);

fn on_the_wall(at: i64) -> Wall {
    let local = at + ahead(at);
    let days = local.div_euclid(DAY);
    let year_of = |days: i64| (1970..).find(|year| days_to(year + 1, 1, 1) > days).expect("a year");
    let year = year_of(days);
    let month = (1..=12).rfind(|month| days_to(year, *month, 1) <= days).expect("a month");
    // A week is of the year that has its Thursday.
    let thursday = days - weekday(days) + 4;
    let week = (thursday - days_to(year_of(thursday), 1, 1)) / 7 + 1;
    let day = days - days_to(year, month, 1) + 1;
    (day, month, year, week, weekday(days), local.rem_euclid(DAY) / HOUR)
}

fn told(period: Period) -> Wall {
    let Period { day, year, month, week, weekday, hour } = period;
    assert_eq!((day.year(), i16::from(day.month())), (year, month));
    (day.day().into(), month.into(), year.into(), week.into(), weekday.into(), hour.into())
}

/// Instants at and around every beginning of a month, both ends of the last day of February, and the changes of
/// the clock.
fn boundaries() -> Vec<i64> {
    let mut turns = Vec::new();
    for year in 2000..2045 {
        for month in 1..=12 {
            turns.push(days_to(year, month, 1) * DAY);
        }
        turns.push(days_to(year, 2, days_of(year, 2)) * DAY);
        turns.extend([change(year, 3), change(year, 10)]);
    }
    let around = [0, 1, 59, 30 * 60, HOUR - 1, HOUR, HOUR + 1, 2 * HOUR - 1, 2 * HOUR];
    let around =
        around.into_iter().flat_map(|by| [by, -by]).collect::<std::collections::BTreeSet<i64>>();
    turns.iter().flat_map(|turn| around.iter().map(move |by| turn + by)).collect()
}

#[test]
fn ten_thousand_filings_lie_in_the_year_month_week_and_hour_of_a_swedish_clock() {
    let (units, codes) = (units(), CodeLists::shared());
    let (mut wrong, mut elsewhere) = (Vec::new(), 0);
    let instants = boundaries();
    for at in &instants {
        let now = Timestamp::from_second(*at).expect("a time");
        let around = Surroundings { units: &units, codes: &codes, now, may_backdate: false };
        let given = Intake { occurred_at: Some(now), ..intake() };
        let case = file(entry(Kind::Avvikelse, false), given, around).expect("files").changed.case;
        let fact = Fact::of(&case, &codes);
        let wall = on_the_wall(*at);
        let occurred = fact.occurred.map(told);
        let number = case.number.to_string();
        if told(fact.reported) != wall
            || occurred != Some(wall)
            || !number.starts_with(&format!("AVV-{}-", wall.2))
        {
            wrong.push(format!(
                "{now} {number}: {:?} and {occurred:?}, not {wall:?}",
                fact.reported
            ));
        }
        let by_utc = now.strftime("%Y-%m").to_string();
        elsewhere += usize::from(by_utc != format!("{}-{:02}", wall.2, wall.1));
    }
    assert!(instants.len() >= 10_000, "{} instants", instants.len());
    // Whoever counted by UTC would have it wrong.
    assert!(elsewhere > 1_000, "{elsewhere} lie in another month by UTC");
    assert_eq!(wrong, Vec::<String>::new(), "{} of {} are wrong", wrong.len(), instants.len());
}

/// The plain calculation itself, by days that anybody can look up.
#[test]
fn the_plain_calculation_knows_days_that_anybody_can_look_up() {
    let wall = |at: &str| on_the_wall(at.parse::<Timestamp>().expect("a time").as_second());
    assert_eq!(wall("2025-12-31T22:59:59Z"), (31, 12, 2025, 1, 3, 23));
    assert_eq!(wall("2025-12-31T23:00:00Z"), (1, 1, 2026, 1, 4, 0));
    assert_eq!(wall("2027-01-01T12:00:00Z"), (1, 1, 2027, 53, 5, 13));
    assert_eq!(wall("2024-02-28T23:00:00Z"), (29, 2, 2024, 9, 4, 0));
    assert_eq!(wall("2026-03-29T00:59:59Z"), (29, 3, 2026, 13, 7, 1));
    assert_eq!(wall("2026-03-29T01:00:00Z"), (29, 3, 2026, 13, 7, 3));
    assert_eq!(wall("2026-10-25T00:30:00Z"), (25, 10, 2026, 43, 7, 2));
    assert_eq!(wall("2026-10-25T01:30:00Z"), (25, 10, 2026, 43, 7, 2));
    assert_eq!(wall("2000-02-29T12:00:00Z"), (29, 2, 2000, 9, 2, 13));
}
