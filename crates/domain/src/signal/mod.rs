//! Signals: whether a unit's avvikelser of a category differ from before by more than chance, as control
//! charts. A signal says that something changed, not what: people may also have begun to report.
//!
//! A series is a baseline, the two years before, and what is watched, the months of a year that are over.
//! Frequent events stand in a u-chart, shares in a p-chart, rare events in a chart of the days between
//! them; fewer than that say nothing. Marks are decided by whole numbers, or by sums of products, so that
//! the same figures give the same marks on every machine.

pub mod between;
mod gather;
mod question;
pub mod shewhart;

use jiff::civil::Date;

use crate::ids::UnitId;
use crate::statistics::{Month, Months};

pub use between::{Between, Gap};
pub use gather::{Gathered, Rare, RareEvents};
pub use question::SignalQuery;
pub use shewhart::{Point, Shewhart};

/// How many years before the watched one make the baseline.
pub const BASELINE_YEARS: i16 = 2;

/// The fewest months of a baseline.
pub const SHORTEST_BASELINE: u64 = 12;

/// The least mean of a month, in the baseline, for a u-chart; for a p-chart that of either outcome.
pub const FREQUENT: u64 = 5;

/// The most months that the baseline may have for each event, or it is too few: a mean below 0.5 a month.
pub const MONTHS_FOR_AN_EVENT: u64 = 2;

/// What is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// How many avvikelser were reported.
    #[default]
    Reports,
    /// The share with injury, of those of which it is known.
    Injury,
}

impl Of {
    /// Every value.
    pub const ALL: [Of; 2] = [Of::Reports, Of::Injury];

    /// Its name in requests and answers.
    pub fn code(self) -> &'static str {
        match self {
            Of::Reports => "reports",
            Of::Injury => "injury",
        }
    }
}

/// What events are set against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// Days of the calendar.
    Days,
    /// Bed-days, in hundredths.
    BedDays,
    /// Visits, in hundredths.
    Interventions,
    /// Reports of which it is known whether somebody was injured.
    Reports,
}

impl Against {
    /// Its name in answers.
    pub fn code(self) -> &'static str {
        match self {
            Against::Days => "days",
            Against::BedDays => "bed_days",
            Against::Interventions => "interventions",
            Against::Reports => "reports",
        }
    }

    /// In how many parts one of it is counted.
    pub fn parts(self) -> u64 {
        match self {
            Against::Days | Against::Reports => 1,
            Against::BedDays | Against::Interventions => 100,
        }
    }

    /// For how many of it values are told.
    pub fn per(self) -> u64 {
        match self {
            Against::Days => 30,
            Against::BedDays | Against::Interventions => 1_000,
            Against::Reports => 100,
        }
    }
}

/// Why a value is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Above the upper limit.
    Above,
    /// Below the lower limit.
    Below,
    /// The last of [`shewhart::RUN`] or more in a row above the centre line.
    RunAbove,
    /// The last of as many below it.
    RunBelow,
    /// Events came closer together than chance lets them.
    Close,
    /// No event came for longer than chance lets it be.
    Far,
}

impl Mark {
    /// Its name in answers.
    pub fn code(self) -> &'static str {
        match self {
            Mark::Above => "above",
            Mark::Below => "below",
            Mark::RunAbove => "run_above",
            Mark::RunBelow => "run_below",
            Mark::Close => "close",
            Mark::Far => "far",
        }
    }
}

/// What became of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chart {
    /// The baseline has too few months.
    TooShort,
    /// The baseline has too few events.
    TooFew,
    /// How many by month, against how much there was.
    U(Shewhart),
    /// A share by month.
    P(Shewhart),
    /// Days between events.
    T(Between),
}

impl Chart {
    /// Whether anything in it is marked.
    pub fn marked(&self) -> bool {
        match self {
            Chart::TooShort | Chart::TooFew => false,
            Chart::U(chart) | Chart::P(chart) => {
                chart.points.iter().any(|point| !point.marks.is_empty())
            }
            Chart::T(chart) => chart.gaps.iter().any(|gap| !gap.marks.is_empty()),
        }
    }

    /// Its name in answers; `None` where there is none.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Chart::TooShort | Chart::TooFew => None,
            Chart::U(_) => Some("u"),
            Chart::P(_) => Some("p"),
            Chart::T(_) => Some("t"),
        }
    }

    /// Whether it could be drawn, and why not.
    pub fn state(&self) -> &'static str {
        match self {
            Chart::TooShort => "too_short",
            Chart::TooFew => "too_few",
            Chart::U(_) | Chart::P(_) | Chart::T(_) => "charted",
        }
    }

    /// Of a hundred series of a year in which nothing changed, at most so many are marked: calculated for
    /// events that come by themselves, and held by a test over thousands of such series.
    pub fn false_alarms(&self) -> u64 {
        match self {
            Chart::TooShort | Chart::TooFew => 0,
            Chart::U(_) | Chart::P(_) => 10,
            Chart::T(_) => 5,
        }
    }
}

/// The series of a unit and a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The unit by itself, without those below.
    pub unit: UnitId,
    /// The category with those below; `None` is of no category.
    pub category: Option<String>,
    /// What is watched.
    pub of: Of,
    /// The months of the baseline that are known of the unit.
    pub baseline: Months,
    /// How many events the baseline has.
    pub events: u64,
    /// What they are set against.
    pub against: Against,
    /// How much of that the baseline has, in [`Against::parts`].
    pub exposed: u64,
    /// The months of the baseline, each with its events and what they are set against.
    pub before: Vec<(Month, u64, u64)>,
    /// What came of it.
    pub chart: Chart,
}

impl Signal {
    /// How many months the baseline has.
    pub fn months(&self) -> u64 {
        self.before.len() as u64
    }
}

/// How many days a month has.
pub(crate) fn days_of(month: Month) -> u64 {
    let first = Date::new(month.year, month.month, 1);
    first.map_or(30, |day| u64::try_from(day.days_in_month()).unwrap_or(30))
}

#[cfg(test)]
mod tests;
