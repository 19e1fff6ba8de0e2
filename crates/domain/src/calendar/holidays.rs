//! The public holidays of Sweden, the eves that are treated like them, and counting in working days.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday, date};
use serde::{Deserialize, Serialize};

use super::{add_days, is_weekend};

/// A public holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holiday {
    /// Nyårsdagen, 1 January.
    NewYear,
    /// Trettondedag jul, 6 January.
    Epiphany,
    /// Långfredagen.
    GoodFriday,
    /// Påskdagen.
    Easter,
    /// Annandag påsk.
    EasterMonday,
    /// Första maj.
    MayDay,
    /// Kristi himmelsfärdsdag.
    Ascension,
    /// Pingstdagen.
    Pentecost,
    /// Annandag pingst, until 2004.
    PentecostMonday,
    /// Sveriges nationaldag, 6 June, from 2005.
    National,
    /// Midsommardagen, the Saturday of 20–26 June.
    Midsummer,
    /// Alla helgons dag, the Saturday of 31 October – 6 November.
    AllSaints,
    /// Juldagen.
    Christmas,
    /// Annandag jul.
    SecondChristmas,
}

/// From this year on 6 June is a holiday, and Pentecost Monday is none.
const NATIONAL_FROM: i16 = 2005;

/// Easter Sunday of a year of the Gregorian calendar, by the rule of Meeus, Jones and Butcher.
pub fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y.rem_euclid(19), y.div_euclid(100), y.rem_euclid(100));
    let (d, e) = (b.div_euclid(4), b.rem_euclid(4));
    let f = (b + 8).div_euclid(25);
    let g = (b - f + 1).div_euclid(3);
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c.div_euclid(4), c.rem_euclid(4));
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 22 * l).div_euclid(451);
    let march = h + l - 7 * m + 22;
    // Never before 22 March nor after 25 April: counted on from the last of February.
    add_days(date(year, 3, 1), march - 1)
}

/// The Saturday among the seven days from `first` on.
fn saturday_from(first: Date) -> Date {
    let mut day = first;
    while day.weekday() != Weekday::Saturday {
        day = add_days(day, 1);
    }
    day
}

/// The public holiday that a day is; the one told first where it is two.
pub fn holiday(day: Date) -> Option<Holiday> {
    let year = day.year();
    let fixed = match (day.month(), day.day()) {
        (1, 1) => Some(Holiday::NewYear),
        (1, 6) => Some(Holiday::Epiphany),
        (5, 1) => Some(Holiday::MayDay),
        (6, 6) if year >= NATIONAL_FROM => Some(Holiday::National),
        (12, 25) => Some(Holiday::Christmas),
        (12, 26) => Some(Holiday::SecondChristmas),
        _ => None,
    };
    if fixed.is_some() {
        return fixed;
    }
    let easter = easter(year);
    let moving = [
        (-2, Holiday::GoodFriday),
        (0, Holiday::Easter),
        (1, Holiday::EasterMonday),
        (39, Holiday::Ascension),
        (49, Holiday::Pentecost),
    ];
    if let Some((_, found)) = moving.into_iter().find(|(days, _)| add_days(easter, *days) == day) {
        return Some(found);
    }
    if year < NATIONAL_FROM && add_days(easter, 50) == day {
        return Some(Holiday::PentecostMonday);
    }
    if day == saturday_from(date(year, 6, 20)) {
        return Some(Holiday::Midsummer);
    }
    (day == saturday_from(date(year, 10, 31))).then_some(Holiday::AllSaints)
}

/// Whether a day is the eve of midsummer, of Christmas or of the new year. Work rests on them as on
/// holidays, though they are none.
pub fn is_eve(day: Date) -> bool {
    match (day.month(), day.day()) {
        (12, 24 | 31) => true,
        (6, _) => add_days(day, 1) == saturday_from(date(day.year(), 6, 20)),
        _ => false,
    }
}

/// A day on which many work until noon. Which of them a tenant rests on is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HalfDay {
    /// Trettondagsafton, 5 January.
    TwelfthNight,
    /// Skärtorsdagen.
    MaundyThursday,
    /// Valborgsmässoafton, 30 April.
    Walpurgis,
    /// The Friday after Kristi himmelsfärdsdag.
    AfterAscension,
    /// Allhelgonaafton, the Friday before alla helgons dag.
    AllSaintsEve,
    /// Dagen före dopparedagen, 23 December.
    BeforeChristmasEve,
}

impl HalfDay {
    /// Every one.
    pub const ALL: [HalfDay; 6] = [
        HalfDay::TwelfthNight,
        HalfDay::MaundyThursday,
        HalfDay::Walpurgis,
        HalfDay::AfterAscension,
        HalfDay::AllSaintsEve,
        HalfDay::BeforeChristmasEve,
    ];

    /// Whether a day is this one.
    pub fn is(self, day: Date) -> bool {
        let on = |month: i8, number: i8| (day.month(), day.day()) == (month, number);
        match self {
            HalfDay::TwelfthNight => on(1, 5),
            HalfDay::MaundyThursday => add_days(easter(day.year()), -3) == day,
            HalfDay::Walpurgis => on(4, 30),
            HalfDay::AfterAscension => add_days(easter(day.year()), 40) == day,
            HalfDay::AllSaintsEve => add_days(saturday_from(date(day.year(), 10, 31)), -1) == day,
            HalfDay::BeforeChristmasEve => on(12, 23),
        }
    }
}

/// The days on which a tenant works: not on Saturdays, Sundays and public holidays, nor on what it
/// has chosen beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkingDays {
    /// Whether it rests on the eves of midsummer, Christmas and the new year.
    pub rests_on_eves: bool,
    /// The half days that do not count as working days.
    pub half_days: BTreeSet<HalfDay>,
    /// Other days that do not count.
    pub days_off: BTreeSet<Date>,
}

impl Default for WorkingDays {
    fn default() -> Self {
        Self { rests_on_eves: true, half_days: BTreeSet::new(), days_off: BTreeSet::new() }
    }
}

/// No tenant rests longer than this on end, so that counting ends.
const LONGEST_REST: i32 = 400;

impl WorkingDays {
    /// Whether the tenant works on a day.
    pub fn works_on(&self, day: Date) -> bool {
        let rests = is_weekend(day)
            || holiday(day).is_some()
            || (self.rests_on_eves && is_eve(day))
            || self.half_days.iter().any(|half| half.is(day))
            || self.days_off.contains(&day);
        !rests
    }

    /// The day itself if it is a working day, else the next that is.
    pub fn at_or_after(&self, day: Date) -> Date {
        let mut found = day;
        for _ in 0..LONGEST_REST {
            if self.works_on(found) {
                return found;
            }
            found = add_days(found, 1);
        }
        found
    }

    /// The working day that is `count` working days after `day`; with 0, [`WorkingDays::at_or_after`].
    /// The day itself does not count.
    pub fn after(&self, day: Date, count: u16) -> Date {
        let mut found = day;
        for _ in 0..count {
            found = self.at_or_after(add_days(found, 1));
        }
        if count == 0 { self.at_or_after(found) } else { found }
    }

    /// How many working days lie after `from`, up to `to` and with it; at most `most`.
    pub fn between(&self, from: Date, to: Date, most: u16) -> u16 {
        let (mut count, mut day) = (0, from);
        while day < to && count < most {
            day = add_days(day, 1);
            count += u16::from(self.works_on(day));
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_days_leave_out_what_rests() {
        let usual = WorkingDays::default();
        // Midsummer 2026: the eve is Friday 19 June.
        assert!(usual.works_on(date(2026, 6, 18)) && !usual.works_on(date(2026, 6, 19)));
        assert_eq!(usual.after(date(2026, 6, 18), 1), date(2026, 6, 22));
        let on_eves = WorkingDays { rests_on_eves: false, ..WorkingDays::default() };
        assert_eq!(on_eves.after(date(2026, 6, 18), 1), date(2026, 6, 19));
        assert_eq!(usual.after(date(2026, 6, 20), 0), date(2026, 6, 22));
        // Maundy Thursday 2026 is 2 April, Easter Monday 6 April.
        let half = WorkingDays {
            half_days: BTreeSet::from([HalfDay::MaundyThursday]),
            days_off: BTreeSet::from([date(2026, 4, 7)]),
            ..WorkingDays::default()
        };
        assert_eq!(usual.after(date(2026, 4, 1), 1), date(2026, 4, 2));
        assert_eq!(half.after(date(2026, 4, 1), 1), date(2026, 4, 8));
    }

    #[test]
    fn counting_between_is_the_inverse_of_counting_on() {
        let usual = WorkingDays::default();
        let mut day = date(2026, 1, 1);
        while day < date(2028, 1, 1) {
            for count in [1, 3, 5, 22] {
                let later = usual.after(day, count);
                assert!(usual.works_on(later), "{day} {count}");
                assert_eq!(usual.between(day, later, 100), count, "{day} {count}");
            }
            day = add_days(day, 1);
        }
        assert_eq!(usual.between(date(2026, 3, 2), date(2030, 3, 2), 7), 7);
        assert_eq!(usual.between(date(2026, 3, 2), date(2026, 3, 1), 7), 0);
    }

    #[test]
    fn half_days_are_where_they_are() {
        for (half, day) in [
            (HalfDay::TwelfthNight, date(2026, 1, 5)),
            (HalfDay::MaundyThursday, date(2026, 4, 2)),
            (HalfDay::Walpurgis, date(2026, 4, 30)),
            (HalfDay::AfterAscension, date(2026, 5, 15)),
            (HalfDay::AllSaintsEve, date(2026, 10, 30)),
            (HalfDay::BeforeChristmasEve, date(2026, 12, 23)),
        ] {
            assert!(half.is(day), "{half:?}");
            assert!(!half.is(add_days(day, 1)) && !half.is(add_days(day, -1)), "{half:?}");
        }
    }

    #[test]
    fn a_tenant_that_never_works_ends_the_count() {
        let mut days_off = BTreeSet::new();
        let mut day = date(2026, 1, 1);
        while day < date(2028, 1, 1) {
            days_off.insert(day);
            day = add_days(day, 1);
        }
        let idle = WorkingDays { days_off, ..WorkingDays::default() };
        assert_eq!(idle.after(date(2026, 1, 1), 1), date(2027, 2, 6));
        assert_eq!(WorkingDays::default().after(Date::MAX, 3), Date::MAX);
    }
}
