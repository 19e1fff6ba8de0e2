//! The Swedish calendar: instants are UTC everywhere else, and mean a day, week or hour only here.
//!
//! The time-zone database is built in, so that the answer is the same on every machine.

pub mod holidays;

use std::fmt;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

static STOCKHOLM: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZoneDatabase::bundled()
        .get("Europe/Stockholm")
        .expect("the built-in time-zone database knows Europe/Stockholm")
});

/// What a Swedish calendar and clock show at an instant; the time dimensions of the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Calendar year.
    pub year: i16,
    /// Month, 1–12.
    pub month: i8,
    /// ISO 8601 week, 1–53. It belongs to `iso_year`, which around New Year is not `year`.
    pub week: i8,
    /// The year the ISO week belongs to.
    pub iso_year: i16,
    /// Day of the week, 1 (Monday) – 7 (Sunday).
    pub weekday: i8,
    /// Hour of the day, 0–23.
    pub hour: i8,
    /// The day itself.
    pub day: Date,
}

/// What a Swedish calendar and clock show at `at`.
pub fn swedish(at: Timestamp) -> Moment {
    let local = wall_clock(at);
    let day = local.date();
    let week = day.iso_week_date();
    Moment {
        year: day.year(),
        month: day.month(),
        week: week.week(),
        iso_year: week.year(),
        weekday: day.weekday().to_monday_one_offset(),
        hour: local.hour(),
        day,
    }
}

/// The Swedish day of `at`.
pub fn swedish_date(at: Timestamp) -> Date {
    wall_clock(at).date()
}

/// The months in Swedish, as they stand in a text.
pub const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];

/// A day as a Swedish text has it, with spaces at which no line breaks: 27 november 2026.
pub fn in_words(day: Date) -> String {
    let month = usize::try_from(day.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied();
    format!("{}\u{a0}{}\u{a0}{}", day.day(), month.unwrap_or_default(), day.year())
}

/// The first instant of `day` in Sweden.
pub fn start_of_day(day: Date) -> Timestamp {
    instant(day.to_datetime(Time::midnight()))
}

/// The instant at which `hour` strikes on `day` in Sweden; an hour there is not is taken as midnight.
pub fn start_of_hour(day: Date, hour: u8) -> Timestamp {
    let hour = i8::try_from(hour).ok().and_then(|hour| Time::new(hour, 0, 0, 0).ok());
    instant(day.to_datetime(hour.unwrap_or(Time::midnight())))
}

/// The first instant after `day` in Sweden: the limit to stay below, for days of 23, 24 or 25 hours.
pub fn end_of_day(day: Date) -> Timestamp {
    day.tomorrow().map_or(Timestamp::MAX, start_of_day)
}

/// The first instant of a year in Sweden. A year outside −9999–9999 is taken as the nearest of them.
pub fn start_of_year(year: i16) -> Timestamp {
    start_of_month(year, 1)
}

/// The first instant of a month in Sweden. Months count on past the year's end and before its
/// start (13 is January of the next year, 0 December of the last), so that `month + 1` is always
/// the limit to stay below. What lies outside the years −9999–9999 is taken as their edge.
pub fn start_of_month(year: i16, month: i8) -> Timestamp {
    let months = i32::from(year) * 12 + i32::from(month) - 1;
    match (i16::try_from(months.div_euclid(12)), i8::try_from(months.rem_euclid(12) + 1)) {
        (Ok(year), Ok(month)) if year >= -9999 => {
            Date::new(year, month, 1).map_or(Timestamp::MAX, start_of_day)
        }
        _ => Timestamp::MIN,
    }
}

/// Whether `day` is a Saturday or a Sunday.
pub fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// A text that is not a Swedish local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseLocalError;

impl fmt::Display for ParseLocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a local time of the form YYYY-MM-DD HH:MM")
    }
}

impl std::error::Error for ParseLocalError {}

/// Reads `YYYY-MM-DD`, `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS` (also with `T`) as a Swedish
/// clock shows it; blanks around it are ignored, a day alone is its first instant. A time that the
/// spring change leaps over moves forward by that hour; of the autumn hour that comes twice the
/// first is meant.
///
/// # Errors
///
/// Another form, or a day or time that no calendar has.
pub fn parse_local(text: &str) -> Result<Timestamp, ParseLocalError> {
    let text = text.trim();
    let (day, time) = match text.split_once([' ', 'T']) {
        Some((day, time)) => (day, parse_time(time)?),
        None => (text, Time::midnight()),
    };
    let local = parse_date(day)?.to_datetime(time);
    let zoned = STOCKHOLM.to_ambiguous_zoned(local).compatible();
    zoned.map(|zoned| zoned.timestamp()).map_err(|_| ParseLocalError)
}

/// Reads `YYYY-MM-DD`, blanks around it ignored.
///
/// # Errors
///
/// Another form, or a day that no calendar has.
pub fn parse_date(text: &str) -> Result<Date, ParseLocalError> {
    let [year, month, day] = parts(text.trim(), '-', [4, 2, 2])?;
    let (month, day) = (narrow(month)?, narrow(day)?);
    Date::new(year, month, day).map_err(|_| ParseLocalError)
}

/// `at` as `YYYY-MM-DD HH:MM` on a Swedish clock: what [`parse_local`] reads. Seconds are cut off,
/// and the second of the two hours in autumn reads back as the first.
pub fn format_local(at: Timestamp) -> String {
    let local = wall_clock(at);
    let (day, time) = (local.date(), local.time());
    format!("{day} {:02}:{:02}", time.hour(), time.minute())
}

fn wall_clock(at: Timestamp) -> DateTime {
    STOCKHOLM.to_datetime(at)
}

/// The instant of a wall-clock time; beyond what an instant can hold, its edge.
fn instant(local: DateTime) -> Timestamp {
    match STOCKHOLM.to_ambiguous_zoned(local).compatible() {
        Ok(zoned) => zoned.timestamp(),
        Err(_) if local.year() < 0 => Timestamp::MIN,
        Err(_) => Timestamp::MAX,
    }
}

fn parse_time(text: &str) -> Result<Time, ParseLocalError> {
    let [hour, minute, second] = match text.len() {
        5 => {
            let [hour, minute] = parts(text, ':', [2, 2])?;
            [hour, minute, 0]
        }
        _ => parts(text, ':', [2, 2, 2])?,
    };
    Time::new(narrow(hour)?, narrow(minute)?, narrow(second)?, 0).map_err(|_| ParseLocalError)
}

/// Numbers of exactly the given widths, parted by `separator`. Strict on purpose: a column of
/// another date form must be refused and not half understood.
fn parts<const N: usize>(
    text: &str,
    separator: char,
    widths: [usize; N],
) -> Result<[i16; N], ParseLocalError> {
    let mut numbers = [0; N];
    let mut given = text.split(separator);
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = given.next().ok_or(ParseLocalError)?;
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseLocalError);
        }
        *number = part.parse().map_err(|_| ParseLocalError)?;
    }
    match given.next() {
        None => Ok(numbers),
        Some(_) => Err(ParseLocalError),
    }
}

fn narrow(number: i16) -> Result<i8, ParseLocalError> {
    i8::try_from(number).map_err(|_| ParseLocalError)
}

/// The day `days` after `day` (before it, if negative); at the calendar's edge, the edge.
pub fn add_days(day: Date, days: i32) -> Date {
    // No two days of the calendar are further apart, and a longer span does not exist.
    const FARTHEST: i32 = 7_304_483;
    day.saturating_add(days.clamp(-FARTHEST, FARTHEST).days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_year_turns_an_hour_before_utc() {
        let before = swedish(at("2025-12-31T22:30:00Z"));
        assert_eq!((before.year, before.month, before.hour), (2025, 12, 23));
        assert_eq!(before.day, date(2025, 12, 31));
        assert_eq!((before.iso_year, before.week, before.weekday), (2026, 1, 3));

        let after = swedish(at("2025-12-31T23:30:00Z"));
        assert_eq!((after.year, after.month, after.hour), (2026, 1, 0));
        assert_eq!(after.day, date(2026, 1, 1));
        assert_eq!((after.iso_year, after.week, after.weekday), (2026, 1, 4));

        assert_eq!(start_of_year(2026), at("2025-12-31T23:00:00Z"));
        assert_eq!(swedish_date(at("2025-12-31T23:00:00Z")), date(2026, 1, 1));
        assert_eq!(swedish_date(at("2025-12-31T22:59:59Z")), date(2025, 12, 31));
    }

    #[test]
    fn iso_weeks_around_new_year() {
        let week = |text| {
            let moment = swedish(at(text));
            (moment.iso_year, moment.week, moment.weekday)
        };
        assert_eq!(week("2024-12-29T12:00:00Z"), (2024, 52, 7));
        assert_eq!(week("2024-12-30T12:00:00Z"), (2025, 1, 1));
        assert_eq!(week("2027-01-01T12:00:00Z"), (2026, 53, 5));
        assert_eq!(week("2027-01-03T23:30:00Z"), (2027, 1, 1));
        assert_eq!(swedish(at("2027-01-01T12:00:00Z")).year, 2027);
        assert!(is_weekend(date(2027, 1, 2)) && is_weekend(date(2027, 1, 3)));
        assert!(!is_weekend(date(2027, 1, 1)) && !is_weekend(date(2027, 1, 4)));
    }

    #[test]
    fn days_of_23_24_and_25_hours() {
        let hours = |day| end_of_day(day).duration_since(start_of_day(day)).as_hours();
        assert_eq!(hours(date(2026, 3, 29)), 23);
        assert_eq!(hours(date(2026, 3, 30)), 24);
        assert_eq!(hours(date(2026, 10, 25)), 25);
        assert_eq!(start_of_day(date(2026, 3, 29)), at("2026-03-28T23:00:00Z"));
        assert_eq!(end_of_day(date(2026, 3, 29)), at("2026-03-29T22:00:00Z"));
        assert_eq!(swedish(at("2026-10-25T00:30:00Z")).hour, 2);
        assert_eq!(swedish(at("2026-10-25T01:30:00Z")).hour, 2);
        assert_eq!(swedish(at("2026-03-29T01:00:00Z")).hour, 3);
    }

    #[test]
    fn leap_day() {
        let moment = swedish(at("2024-02-29T22:59:59Z"));
        assert_eq!((moment.day, moment.month), (date(2024, 2, 29), 2));
        assert_eq!(end_of_day(date(2024, 2, 28)), start_of_day(date(2024, 2, 29)));
        assert_eq!(end_of_day(date(2024, 2, 29)), start_of_month(2024, 3));
        assert_eq!(parse_local("2024-02-29"), Ok(at("2024-02-28T23:00:00Z")));
        assert!(parse_local("2025-02-29").is_err());
        assert_eq!(add_days(date(2024, 2, 28), 1), date(2024, 2, 29));
    }

    #[test]
    fn months_count_on_over_the_year() {
        assert_eq!(start_of_month(2025, 7), at("2025-06-30T22:00:00Z"));
        assert_eq!(start_of_month(2025, 13), start_of_year(2026));
        assert_eq!(start_of_month(2025, 0), start_of_month(2024, 12));
        assert_eq!(start_of_month(2025, -11), start_of_month(2024, 1));
        assert_eq!(start_of_year(i16::MAX), Timestamp::MAX);
        assert_eq!(start_of_year(i16::MIN), Timestamp::MIN);
        assert_eq!(start_of_month(9999, 13), Timestamp::MAX);
    }

    #[test]
    fn edges_do_not_panic() {
        for instant in [Timestamp::MIN, Timestamp::MAX] {
            let moment = swedish(instant);
            start_of_day(moment.day);
            end_of_day(moment.day);
            format_local(instant);
        }
        assert_eq!(end_of_day(Date::MAX), Timestamp::MAX);
        assert_eq!(start_of_day(Date::MAX), Timestamp::MAX);
        assert_eq!(start_of_day(Date::MIN), Timestamp::MIN);
        assert_eq!(add_days(Date::MAX, 1), Date::MAX);
        assert_eq!(add_days(Date::MIN, i32::MAX), Date::MAX);
        assert_eq!(add_days(Date::MAX, i32::MIN), Date::MIN);
    }

    #[test]
    fn local_times_are_read() {
        for (text, utc) in [
            ("2025-01-15 08:30", "2025-01-15T07:30:00Z"),
            ("2025-07-15 08:30", "2025-07-15T06:30:00Z"),
            ("2025-07-15 08:30:59", "2025-07-15T06:30:59Z"),
            ("2025-07-15T08:30", "2025-07-15T06:30:00Z"),
            (" 2025-07-15 ", "2025-07-14T22:00:00Z"),
            // No clock shows 02:30 this night: it moves forward to 03:30.
            ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
            // Every clock shows 02:30 twice this night: the first is meant.
            ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
        ] {
            assert_eq!(parse_local(text), Ok(at(utc)), "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2025",
            "25-01-15",
            "2025-1-15",
            "15/1 2025",
            "2025-13-01",
            "2025-00-10",
            "2025-04-31",
            "2025-01-15 24:00",
            "2025-01-15 08:60",
            "2025-01-15 08:30:60",
            "2025-01-15 8:30",
            "2025-01-15  08:30",
            "2025-01-15 08:30Z",
            "2025-01-15 08:30+01:00",
            "2025-01-15 08.30",
            "+025-01-15",
            "2025-01-15-",
            "２０２５-01-15",
        ] {
            assert!(parse_local(text).is_err(), "{text}");
        }
    }

    #[test]
    fn formatting_is_the_inverse_of_reading() {
        // Every 37 minutes through a year with both changes of the clock.
        let mut instant = start_of_year(2026);
        while instant < start_of_year(2027) {
            let text = format_local(instant);
            let back = parse_local(&text).unwrap();
            let in_second_autumn_hour =
                instant >= at("2026-10-25T01:00:00Z") && instant < at("2026-10-25T02:00:00Z");
            if in_second_autumn_hour {
                assert_eq!(instant.duration_since(back).as_hours(), 1, "{text}");
            } else {
                assert_eq!(back, instant, "{text}");
            }
            assert_eq!(format_local(back), text);
            instant += 37.minutes();
        }
        assert_eq!(format_local(at("2025-12-31T23:05:59Z")), "2026-01-01 00:05");
    }
}
