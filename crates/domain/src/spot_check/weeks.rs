//! What is usual: how many cases somebody reads in a week, and how much of it at night, over the weeks before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::reading::at_night;
use crate::calendar::{add_days, swedish};
use crate::ids::{CaseId, StaffId, UnitId};

/// How many weeks are looked back at.
pub const WEEKS_BACK: i32 = 8;
/// Fewer cases in a week than this are never too many.
const FEWEST: usize = 10;
/// So many times what is usual is unusual.
const TIMES: usize = 3;
/// So many readings before are too few to say what somebody does at night.
const FEWEST_BEFORE: usize = 5;

/// The Monday of the week of an instant.
fn monday(at: Timestamp) -> Date {
    let local = swedish(at);
    add_days(local.day, 1 - i32::from(local.weekday))
}

/// What one person read in one week.
#[derive(Debug, Default)]
struct Week {
    cases: BTreeSet<CaseId>,
    units: BTreeSet<UnitId>,
    readings: usize,
    at_night: usize,
}

/// The readings of all, by person and week.
#[derive(Debug, Default)]
pub struct Weeks {
    of: BTreeMap<StaffId, BTreeMap<Date, Week>>,
}

impl Weeks {
    /// Counts a reading.
    pub fn count(
        &mut self,
        reader: StaffId,
        at: Timestamp,
        unit: Option<UnitId>,
        cases: impl Iterator<Item = CaseId>,
    ) {
        let week = self.of.entry(reader).or_default().entry(monday(at)).or_default();
        week.cases.extend(cases);
        week.units.extend(unit);
        week.readings += 1;
        week.at_night += usize::from(at_night(at));
    }

    fn before(&self, reader: StaffId, monday: Date) -> impl Iterator<Item = &Week> {
        let from = add_days(monday, -7 * WEEKS_BACK);
        self.of
            .get(&reader)
            .into_iter()
            .flat_map(move |weeks| weeks.range(from..monday))
            .map(|it| it.1)
    }

    /// Whether somebody read unusually many cases in the week of `at`: at least ten, and more than three
    /// times what they themselves read in a week before, and than anyone reads at the same units.
    pub fn unusual_number(&self, reader: StaffId, at: Timestamp) -> bool {
        let monday = monday(at);
        let Some(week) = self.of.get(&reader).and_then(|weeks| weeks.get(&monday)) else {
            return false;
        };
        let read = week.cases.len();
        if read < FEWEST {
            return false;
        }
        let weeks = usize::try_from(WEEKS_BACK).unwrap_or(1);
        let own: usize = self.before(reader, monday).map(|week| week.cases.len()).sum();
        if read * weeks <= TIMES * own {
            return false;
        }
        // The others at the same units, each by the weeks in which they read there.
        let mut others = (0, 0);
        for other in self.of.keys().filter(|other| **other != reader) {
            let there = |earlier: &&Week| !earlier.units.is_disjoint(&week.units);
            for earlier in self.before(*other, monday).filter(there) {
                others = (others.0 + earlier.cases.len(), others.1 + 1);
            }
        }
        read * others.1.max(1) > TIMES * others.0
    }

    /// Whether somebody who reads at night at `at` hardly ever did in the weeks before. Who works nights
    /// reads at night.
    pub fn unusual_night(&self, reader: StaffId, at: Timestamp) -> bool {
        if !at_night(at) {
            return false;
        }
        let (mut readings, mut nights) = (0, 0);
        for week in self.before(reader, monday(at)) {
            readings += week.readings;
            nights += week.at_night;
        }
        readings < FEWEST_BEFORE || nights * 10 < readings
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn read(weeks: &mut Weeks, reader: StaffId, at: Timestamp, cases: std::ops::Range<u128>) {
        let unit = Some(UnitId(Uuid::from_u128(1)));
        for case in cases {
            weeks.count(reader, at, unit, [CaseId(Uuid::from_u128(case))].into_iter());
        }
    }

    #[test]
    fn many_is_many_only_beside_what_is_usual() {
        let (anna, bo) = (StaffId(Uuid::from_u128(1)), StaffId(Uuid::from_u128(2)));
        let now = at("2026-03-11T10:00:00Z");
        let week = |back: i64| now - SignedDuration::from_hours(24 * 7 * back);
        let mut weeks = Weeks::default();
        read(&mut weeks, anna, now, 0..9);
        assert!(!weeks.unusual_number(anna, now), "nine are never many");
        read(&mut weeks, anna, now, 9..12);
        assert!(weeks.unusual_number(anna, now));
        // The same case again is no more cases.
        read(&mut weeks, bo, now, 0..5);
        read(&mut weeks, bo, now, 0..5);
        assert!(!weeks.unusual_number(bo, now));
        // Four a week before: twelve are three times as many and no more.
        for back in 1..=8 {
            read(&mut weeks, anna, week(back), 100..104);
        }
        assert!(!weeks.unusual_number(anna, now));
        read(&mut weeks, anna, now, 12..13);
        assert!(weeks.unusual_number(anna, now));
        // Where others read as many, it is the unit's work.
        read(&mut weeks, bo, week(1), 200..212);
        assert!(!weeks.unusual_number(anna, now));
    }

    #[test]
    fn who_works_nights_reads_at_night() {
        let anna = StaffId(Uuid::from_u128(1));
        let night = at("2026-03-11T01:30:00Z");
        let mut weeks = Weeks::default();
        assert!(!weeks.unusual_night(anna, at("2026-03-11T12:00:00Z")), "it is day");
        assert!(weeks.unusual_night(anna, night));
        let before = |days: i64| night - SignedDuration::from_hours(24 * days);
        for days in 8..18 {
            read(&mut weeks, anna, before(days) + SignedDuration::from_hours(9), 0..1);
        }
        assert!(weeks.unusual_night(anna, night));
        read(&mut weeks, anna, before(9), 0..3);
        assert!(!weeks.unusual_night(anna, night));
    }
}
