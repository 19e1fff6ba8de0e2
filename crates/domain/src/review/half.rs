//! The span a review or a follow-up is about: a half of a year, or a month.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, date};

use crate::board::Month;
use crate::calendar::{MONTHS, start_of_day, start_of_month};
use crate::statistics::{self, Months};
use crate::table::Limit;

/// A half of a calendar year: 1 January to 30 June, or 1 July to 31 December.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Half {
    /// The year, 1900–9998.
    year: i16,
    /// Whether it is the second.
    second: bool,
}

impl Half {
    /// A half of a year; `None` outside the years 1900 to 9998.
    pub fn new(year: i16, second: bool) -> Option<Self> {
        (1900..=9998).contains(&year).then_some(Self { year, second })
    }

    /// The half a day lies in; what lies outside the years is taken as their edge.
    pub fn of(day: Date) -> Self {
        Self { year: day.year().clamp(1900, 9998), second: day.month() > 6 }
    }

    /// The last half that had ended before a day.
    pub fn ended_before(day: Date) -> Self {
        Self::of(day).before()
    }

    /// The half before.
    #[must_use]
    pub fn before(self) -> Self {
        match self.second {
            true => Self { second: false, ..self },
            false => Self { year: self.year - 1, second: true },
        }
    }

    /// The same half of the year before.
    #[must_use]
    pub fn a_year_earlier(self) -> Self {
        Self { year: self.year - 1, ..self }
    }

    /// Its year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Which of the year's halves: 1 or 2.
    pub fn number(self) -> i16 {
        if self.second { 2 } else { 1 }
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        date(self.year, if self.second { 7 } else { 1 }, 1)
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        if self.second { date(self.year, 12, 31) } else { date(self.year, 6, 30) }
    }

    /// Its first instant in Sweden.
    pub fn start(self) -> Timestamp {
        start_of_day(self.first_day())
    }

    /// The first instant after it.
    pub fn end(self) -> Timestamp {
        start_of_month(self.year, if self.second { 13 } else { 7 })
    }

    /// In Swedish.
    pub fn swedish(self) -> String {
        let which = if self.second { "andra" } else { "första" };
        format!("{which} halvåret {}", self.year)
    }
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-H{}", self.year, self.number())
    }
}

impl FromStr for Half {
    type Err = ();

    /// Reads `YYYY-H1` or `YYYY-H2`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (year, half) = text.split_once("-H").ok_or(())?;
        if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(());
        }
        let second = match half {
            "1" => false,
            "2" => true,
            _ => return Err(()),
        };
        Self::new(year.parse().map_err(drop)?, second).ok_or(())
    }
}

/// What a page of figures is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// A half of a year.
    Half(Half),
    /// A month.
    Month(Month),
}

impl Period {
    /// The one before.
    #[must_use]
    pub fn before(self) -> Self {
        match self {
            Period::Half(half) => Period::Half(half.before()),
            Period::Month(month) => Period::Month(month.before()),
        }
    }

    /// The same a year before.
    #[must_use]
    pub fn a_year_earlier(self) -> Self {
        match self {
            Period::Half(half) => Period::Half(half.a_year_earlier()),
            Period::Month(month) => Period::Month(Month { year: month.year - 1, ..month }),
        }
    }

    /// Its year.
    pub fn year(self) -> i16 {
        match self {
            Period::Half(half) => half.year(),
            Period::Month(month) => month.year,
        }
    }

    /// Its first instant in Sweden.
    pub fn start(self) -> Timestamp {
        match self {
            Period::Half(half) => half.start(),
            Period::Month(month) => month.start(),
        }
    }

    /// The first instant after it.
    pub fn end(self) -> Timestamp {
        match self {
            Period::Half(half) => half.end(),
            Period::Month(month) => month.end(),
        }
    }

    /// Its first and last month.
    pub fn months(self) -> Months {
        let month = |year, month| statistics::Month { year, month };
        match self {
            Period::Half(half) => {
                let first = half.first_day();
                let from = month(first.year(), first.month());
                Months { from, to: month(first.year(), first.month() + 5) }
            }
            Period::Month(it) => {
                Months { from: month(it.year, it.month), to: month(it.year, it.month) }
            }
        }
    }

    /// Its name in columns of tables: lower-case ASCII with `_`.
    pub fn id(self) -> String {
        self.code().to_lowercase().replace('-', "_")
    }

    /// Its name: `2026-H1` or `2026-03`.
    pub fn code(self) -> String {
        match self {
            Period::Half(half) => half.to_string(),
            Period::Month(month) => month.to_string(),
        }
    }

    /// In Swedish.
    pub fn swedish(self) -> String {
        match self {
            Period::Half(half) => half.swedish(),
            Period::Month(month) => {
                let name = usize::try_from(month.month - 1).ok().and_then(|at| MONTHS.get(at));
                format!("{} {}", name.copied().unwrap_or_default(), month.year)
            }
        }
    }

    /// What limits a column of its year to it.
    pub fn limit(self) -> Limit {
        let (dimension, number) = match self {
            Period::Half(half) => ("half", half.number()),
            Period::Month(month) => ("month", i16::from(month.month)),
        };
        Limit { dimension: dimension.to_owned(), code: Some(number.to_string()) }
    }

    /// The name of the dimension whose values such periods are.
    pub fn dimension(self) -> (&'static str, &'static str) {
        match self {
            Period::Half(_) => ("half_of_year", "Halvår"),
            Period::Month(_) => ("month_of_year", "Månad"),
        }
    }

    /// Those of a trend that ends with it, the earliest first: two years back in halves, one in months.
    pub fn trend(self) -> Vec<Self> {
        let earlier = match self {
            Period::Half(_) => 4,
            Period::Month(_) => 12,
        };
        let mut found = vec![self];
        let mut next = self;
        for _ in 0..earlier {
            next = next.before();
            found.push(next);
        }
        found.reverse();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(text: &str) -> Half {
        text.parse().expect("a half")
    }

    #[test]
    fn halves_begin_and_end_as_the_calendar_says() {
        let (first, second) = (half("2024-H1"), half("2024-H2"));
        assert_eq!(first.first_day(), date(2024, 1, 1));
        assert_eq!(first.last_day(), date(2024, 6, 30));
        assert_eq!(second.first_day(), date(2024, 7, 1));
        assert_eq!(second.last_day(), date(2024, 12, 31));
        // Midnight in Sweden is an hour or two earlier in UTC.
        assert_eq!(first.start().to_string(), "2023-12-31T23:00:00Z");
        assert_eq!(first.end().to_string(), "2024-06-30T22:00:00Z");
        assert_eq!(first.end(), second.start());
        assert_eq!(second.end(), half("2025-H1").start());
        assert_eq!((second.before(), first.before()), (first, half("2023-H2")));
        assert_eq!(Half::ended_before(date(2024, 6, 30)), half("2023-H2"));
        assert_eq!(Half::ended_before(date(2024, 7, 1)), first);
        assert_eq!(Half::ended_before(date(2025, 1, 1)), second);
        assert_eq!(Half::of(date(2024, 2, 29)), first);
        for text in ["2024", "2024-H3", "24-H1", "2024-h1", "2024-H", "+024-H1", "9999-H1"] {
            assert!(text.parse::<Half>().is_err(), "{text}");
        }
    }

    #[test]
    fn periods_are_named_and_follow_each_other() {
        let period = Period::Half(half("2026-H1"));
        assert_eq!((period.id(), period.code()), ("2026_h1".into(), "2026-H1".into()));
        assert_eq!(period.swedish(), "första halvåret 2026");
        let trend: Vec<String> = period.trend().into_iter().map(Period::code).collect();
        assert_eq!(trend, ["2024-H1", "2024-H2", "2025-H1", "2025-H2", "2026-H1"]);
        assert_eq!(period.months().to.to_string(), "2026-06");
        let march = Period::Month(Month { year: 2026, month: 3 });
        assert_eq!((march.id(), march.swedish()), ("2026_03".into(), "mars 2026".into()));
        assert_eq!(march.trend().len(), 13);
        assert_eq!(march.trend()[0].code(), "2025-03");
        assert_eq!(march.limit().code.as_deref(), Some("3"));
    }
}
