//! Until when: a span or a day, and the instant from which it is too late.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::calendar::holidays::WorkingDays;
use crate::calendar::{add_days, end_of_day, swedish_date};

/// How much time there is. Spans in days, working days and months end with the last instant of their
/// day in Sweden, whatever the hour they began; the day they begin on does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// No number: the legal word is all there is.
    None,
    /// Hours as they pass, whatever clocks show.
    Hours(u16),
    /// Days of the calendar.
    Days(u16),
    /// Swedish working days.
    WorkingDays(u16),
    /// Months; a day that the last of them lacks is its last.
    Months(u16),
    /// A day that somebody has set.
    On(Date),
}

/// When time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The instant at which it is up.
    pub at: Timestamp,
    /// The last day, in Sweden.
    pub on: Date,
    /// Whether that very instant is still in time: of hours it is, of days it begins the next one.
    inclusive: bool,
}

impl Due {
    fn end_of(day: Date) -> Self {
        Self { at: end_of_day(day), on: day, inclusive: false }
    }

    /// Whether something that happens at an instant comes too late.
    pub fn passed(&self, at: Timestamp) -> bool {
        if self.inclusive { at > self.at } else { at >= self.at }
    }
}

impl Target {
    /// When time is up that began at `start`. With `rolls` a day that is no working day gives way to
    /// the next that is, unless somebody has set it.
    pub fn due(self, start: Timestamp, working: &WorkingDays, rolls: bool) -> Option<Due> {
        let day = swedish_date(start);
        let rolled = |day: Date| if rolls { working.at_or_after(day) } else { day };
        match self {
            Target::None => None,
            Target::Hours(hours) => {
                let at = start
                    .checked_add(SignedDuration::from_hours(i64::from(hours)))
                    .unwrap_or(Timestamp::MAX);
                Some(Due { at, on: swedish_date(at), inclusive: true })
            }
            Target::Days(days) => Some(Due::end_of(rolled(add_days(day, i32::from(days))))),
            Target::WorkingDays(days) => Some(Due::end_of(working.after(day, days))),
            Target::Months(months) => {
                Some(Due::end_of(rolled(day.saturating_add(i32::from(months).months()))))
            }
            Target::On(day) => Some(Due::end_of(day)),
        }
    }

    /// The unit in JSON.
    pub fn unit(self) -> &'static str {
        match self {
            Target::None => "none",
            Target::Hours(_) => "hours",
            Target::Days(_) => "days",
            Target::WorkingDays(_) => "working_days",
            Target::Months(_) => "months",
            Target::On(_) => "day",
        }
    }

    /// How many of them.
    pub fn amount(self) -> Option<u16> {
        match self {
            Target::Hours(amount)
            | Target::Days(amount)
            | Target::WorkingDays(amount)
            | Target::Months(amount) => Some(amount),
            Target::None | Target::On(_) => None,
        }
    }
}
