//! Swedish time and working days by plain rules and lists, to hold the product's calendar against: an hour ahead of
//! UTC, two in summer, and the days on which work rests written down one by one.

use jiff::civil::{Date, DateTime, Time, Weekday, date};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i16, month: i8) -> Date {
    let days = (25..=31).map(|day| date(year, month, day));
    let mut sundays = days.filter(|day| day.weekday() == Weekday::Sunday);
    sundays.next().expect("one of seven days")
}

/// Whether clocks are an hour ahead: from the last Sunday of March to that of October, both at 01:00 UTC.
fn is_summer(utc: DateTime) -> bool {
    let turn = |month| last_sunday(utc.year(), month).at(1, 0, 0, 0);
    turn(3) <= utc && utc < turn(10)
}

/// What a clock in Sweden shows.
pub fn local(at: Timestamp) -> DateTime {
    let utc = jiff::tz::Offset::UTC.to_datetime(at);
    utc + SignedDuration::from_hours(if is_summer(utc) { 2 } else { 1 })
}

pub fn year(at: Timestamp) -> i16 {
    local(at).year()
}

/// The instant at which a day begins in Sweden. No clock is turned at midnight.
pub fn begins(day: Date) -> Timestamp {
    let summer = last_sunday(day.year(), 3) < day && day <= last_sunday(day.year(), 10);
    let utc =
        day.to_datetime(Time::midnight()) - SignedDuration::from_hours(if summer { 2 } else { 1 });
    jiff::tz::Offset::UTC.to_timestamp(utc).expect("a time")
}

/// The instant at which a year begins in Sweden.
pub fn year_begins(year: i16) -> Timestamp {
    begins(date(year, 1, 1))
}

/// Holidays that may fall on any day of the week, and the eves on which work rests like on them; as month and
/// day. Holidays that are always a Saturday or Sunday need no list.
const RESTS: [(i16, &[(i8, i8)]); 3] = [
    (
        2024,
        &[
            (1, 1),
            (1, 6),
            (3, 29),
            (4, 1),
            (5, 1),
            (5, 9),
            (6, 6),
            (6, 21),
            (12, 24),
            (12, 25),
            (12, 26),
            (12, 31),
        ],
    ),
    (
        2025,
        &[
            (1, 1),
            (1, 6),
            (4, 18),
            (4, 21),
            (5, 1),
            (5, 29),
            (6, 6),
            (6, 20),
            (12, 24),
            (12, 25),
            (12, 26),
            (12, 31),
        ],
    ),
    (
        2026,
        &[
            (1, 1),
            (1, 6),
            (4, 3),
            (4, 6),
            (5, 1),
            (5, 14),
            (6, 6),
            (6, 19),
            (12, 24),
            (12, 25),
            (12, 26),
            (12, 31),
        ],
    ),
];

/// Whether a day is one of work, in the years of the list.
fn is_working(day: Date) -> bool {
    let (_, rests) = RESTS.iter().find(|(year, _)| *year == day.year()).expect("a year listed");
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    !weekend && !rests.contains(&(day.month(), day.day()))
}

/// The first day of work from a day on.
fn working_from(mut day: Date) -> Date {
    while !is_working(day) {
        day = day.tomorrow().expect("a day");
    }
    day
}

/// A time that somebody has to do something in.
#[derive(Clone, Copy, Debug)]
pub enum Span {
    Days(i32),
    WorkingDays(u16),
    Months(i32),
}

/// The instant at which time is up that began at another: after the last day, which is one of work.
pub fn is_up(from: Timestamp, span: Span) -> Timestamp {
    let first = local(from).date();
    let last = match span {
        Span::Days(days) => working_from(first + days.days()),
        Span::Months(months) => working_from(first + months.months()),
        Span::WorkingDays(days) => {
            (0..days).fold(first, |day, _| working_from(day.tomorrow().expect("a day")))
        }
    };
    begins(last.tomorrow().expect("a day"))
}

#[test]
fn the_calendar_says_what_plain_rules_say() {
    let mut at = begins(date(2017, 12, 31));
    let end = begins(date(2027, 1, 2));
    while at < end {
        for at in [at - SignedDuration::from_millis(1), at, at + SignedDuration::from_mins(30)] {
            let plain = local(at);
            assert_eq!(domain::calendar::swedish_date(at), plain.date(), "{at}");
            let told = domain::statistics::Period::from(at);
            assert_eq!((told.year, told.month), (plain.year(), i16::from(plain.month())), "{at}");
        }
        at += SignedDuration::from_hours(1);
    }
    let mut day = date(2018, 1, 1);
    while day.year() < 2027 {
        assert_eq!(domain::calendar::start_of_day(day), begins(day), "{day}");
        assert_eq!(domain::calendar::start_of_year(day.year()), year_begins(day.year()));
        day = day.tomorrow().expect("a day");
    }
    // By hand: a new year's night, a summer's night, and days that rest.
    let at = |text: &str| text.parse::<Timestamp>().expect("a time");
    assert_eq!(year(at("2024-12-31T22:59:59Z")), 2024);
    assert_eq!(year(at("2024-12-31T23:00:00Z")), 2025);
    assert_eq!(local(at("2025-06-30T22:30:00Z")).date(), date(2025, 7, 1));
    // Before Easter of 2025: Thursday, then Tuesday, Wednesday and Thursday after it.
    let up = is_up(at("2025-04-17T08:00:00Z"), Span::WorkingDays(3));
    assert_eq!(up, at("2025-04-24T22:00:00Z"));
    // A month from 31 January is the last of February; thirty days from 7 May end on a national day.
    assert_eq!(is_up(at("2025-01-31T08:00:00Z"), Span::Months(1)), at("2025-02-28T23:00:00Z"));
    assert_eq!(is_up(at("2025-05-07T08:00:00Z"), Span::Days(30)), at("2025-06-09T22:00:00Z"));
}
