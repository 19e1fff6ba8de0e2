//! Spans of whole months: what a figure covers.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::calendar::start_of_month;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// The month, 1–12.
    pub month: i8,
}

impl Month {
    /// The same month of the year before.
    #[must_use]
    pub fn a_year_earlier(self) -> Self {
        Self { year: self.year - 1, ..self }
    }

    /// Months since the year 0: two that differ by one follow each other.
    fn index(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = ();

    /// Reads `YYYY-MM`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (year, month) = text.split_once('-').ok_or(())?;
        let digits = |part: &str, width| {
            part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(year, 4) || !digits(month, 2) {
            return Err(());
        }
        let month = Self { year: year.parse().map_err(drop)?, month: month.parse().map_err(drop)? };
        if (1..=12).contains(&month.month) { Ok(month) } else { Err(()) }
    }
}

/// Months that follow each other, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Months {
    /// The first.
    pub from: Month,
    /// The last; never before the first.
    pub to: Month,
}

impl Months {
    /// Whole years, both ends included.
    pub fn years(from: i16, to: i16) -> Self {
        Self { from: Month { year: from, month: 1 }, to: Month { year: to, month: 12 } }
    }

    /// The same months a year earlier.
    #[must_use]
    pub fn a_year_earlier(self) -> Self {
        Self { from: self.from.a_year_earlier(), to: self.to.a_year_earlier() }
    }

    /// Whether the year alone tells what lies within.
    pub fn whole_years(self) -> bool {
        self.from.month == 1 && self.to.month == 12
    }

    /// Whether a month of a year lies within. Without a month the year must be all within.
    pub fn covers(self, year: i16, month: Option<i16>) -> bool {
        let ends = (i32::from(year) * 12 + 1, i32::from(year) * 12 + 12);
        let (first, last) = match month {
            Some(month) => {
                let index = i32::from(year) * 12 + i32::from(month);
                (index, index)
            }
            None => ends,
        };
        self.from.index() <= first && last <= self.to.index()
    }

    /// The first instant after the last month, in Sweden.
    pub fn end(self) -> Timestamp {
        start_of_month(self.to.year, self.to.month + 1)
    }

    /// Both spans as few spans as possible: one where they meet or overlap. `earlier` begins first.
    pub(super) fn union(earlier: Self, later: Self) -> Vec<Self> {
        if later.from.index() <= earlier.to.index() + 1 {
            vec![Self { from: earlier.from, to: earlier.to.max(later.to) }]
        } else {
            vec![earlier, later]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(from: &str, to: &str) -> Months {
        Months { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn months_are_read_and_written() {
        assert_eq!("2025-03".parse(), Ok(Month { year: 2025, month: 3 }));
        assert_eq!(Month { year: 2025, month: 3 }.to_string(), "2025-03");
        for text in
            ["2025", "2025-0", "2025-13", "2025-00", "25-01", "2025-1", "2025-01-01", "+025-01"]
        {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_span_knows_what_it_covers() {
        let winter = months("2024-11", "2025-02");
        assert!(winter.covers(2024, Some(11)) && winter.covers(2025, Some(2)));
        assert!(!winter.covers(2024, Some(10)) && !winter.covers(2025, Some(3)));
        assert!(!winter.whole_years() && !winter.covers(2024, None));
        assert!(
            Months::years(2024, 2025).whole_years() && Months::years(2024, 2025).covers(2025, None)
        );
        assert_eq!(Months::years(2025, 2025).end(), crate::calendar::start_of_year(2026));
    }

    #[test]
    fn spans_that_meet_become_one() {
        let union = |later: Months| Months::union(later.a_year_earlier(), later);
        assert_eq!(union(Months::years(2025, 2025)), [Months::years(2024, 2025)]);
        assert_eq!(union(Months::years(2022, 2025)), [Months::years(2021, 2025)]);
        let spring = months("2025-03", "2025-05");
        assert_eq!(union(spring), [spring.a_year_earlier(), spring]);
    }
}
