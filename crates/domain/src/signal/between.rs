//! Rare events: a t-chart of the days between them, with limits by probability. Few events give no month
//! that could be compared with another, but each new one says how long it took.
//!
//! Whether `r` events in `s` days are more than chance follows from the baseline by conditioning on how
//! many there are in all (the exact test of two Poisson rates): of those, each lies in the `s` days with the
//! chance `s / (s + N)`. So the limits allow for the baseline being short.

use jiff::civil::Date;

use super::Mark;

/// The chance below which a rule marks, for each event it looks at: 0.0005.
pub const CHANCE: f64 = 0.0005;

/// Over how many gaps events are looked at together: some events at once, and a year that is worse.
pub const GAPS: [usize; 2] = [4, 12];

/// The formula, as it is shown.
pub const FORMULA: &str = "Basperioden har D händelser på N dagar, i medel N / D dagar mellan två. Tätt: r \
    mellanrum (r = 4 och r = 12) på s dagar, båda ytterdagarna räknade, när P(Bin(D + r, s / (s + N)) ≥ r) \
    ≤ 0,0005. Glest: s hela dagar utan händelse, när (N / (N + s))^D ≤ 0,0005.";

/// An event that is watched, or the end of what is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The day it was reported; of the last gap, the day after what is watched.
    pub day: Date,
    /// Whether there was an event that day: there is none at the end.
    pub event: bool,
    /// Days since the event before it; `None` where none is known before it.
    pub days: Option<u64>,
    /// Why it is marked.
    pub marks: Vec<Mark>,
}

/// A chart of days between events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between {
    /// Days of the baseline for each event, in ten-thousandths.
    pub mean: i64,
    /// The days that may pass without an event: one more is marked.
    pub upper: u64,
    /// For each of [`GAPS`]: in fewer days, that many gaps are marked.
    pub lower: [u64; 2],
    /// The events that are watched, in order, and the end.
    pub gaps: Vec<Gap>,
}

#[allow(clippy::cast_precision_loss, reason = "no count of a chart reaches 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

/// A power by multiplying, which is the same on every machine.
fn power(base: f64, exponent: u64) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * base)
}

/// The chance that at least `least` of `of` lie where each lies with the chance `each`.
fn at_least(of: u64, each: f64, least: u64) -> f64 {
    let mut term = power(1.0 - each, of);
    let mut fewer = 0.0;
    for count in 0..least {
        fewer += term;
        term *= float(of.saturating_sub(count)) / float(count + 1) * (each / (1.0 - each));
    }
    (1.0 - fewer).max(0.0)
}

/// Whether `gaps` gaps within `days` days, both ends counted, are more than chance.
fn close(events: u64, base_days: u64, gaps: u64, days: u64) -> bool {
    let each = float(days) / float(days + base_days);
    at_least(events + gaps, each, gaps) <= CHANCE
}

/// Whether `days` whole days without any event are fewer events than chance.
fn far(events: u64, base_days: u64, days: u64) -> bool {
    power(float(base_days) / float(base_days + days), events) <= CHANCE
}

/// The last number of days that `holds`, of those from 0 on for which it does without a break; 0 where it
/// does for none.
fn last(mut holds: impl FnMut(u64) -> bool, most: u64) -> u64 {
    (1..=most).take_while(|days| holds(*days)).last().unwrap_or(0)
}

/// From one day to another.
fn days(from: Date, to: Date) -> u64 {
    let span = (to - from).get_days();
    u64::try_from(span).unwrap_or(0)
}

/// Draws the events of `watched`, days in order. The baseline has `events` on `base_days` days, both more
/// than nothing; its last one was on `before`. What is watched ends before `end`.
pub fn draw(
    events: u64,
    base_days: u64,
    before: Option<Date>,
    watched: &[Date],
    end: Date,
) -> Between {
    let mut gaps = Vec::new();
    let mut previous = before;
    for (at, day) in watched.iter().enumerate() {
        let mut marks = Vec::new();
        for together in GAPS {
            let first = at.checked_sub(together).and_then(|at| watched.get(at));
            let taken = first.map(|first| days(*first, *day) + 1);
            let together = together as u64;
            if taken.is_some_and(|taken| close(events, base_days, together, taken))
                && !marks.contains(&Mark::Close)
            {
                marks.push(Mark::Close);
            }
        }
        let since = previous.map(|before| days(before, *day));
        if since.is_some_and(|since| far(events, base_days, since.saturating_sub(1))) {
            marks.push(Mark::Far);
        }
        gaps.push(Gap { day: *day, event: true, days: since, marks });
        previous = Some(*day);
    }
    let since = previous.map(|before| days(before, end));
    let waits = since.is_some_and(|since| far(events, base_days, since.saturating_sub(1)));
    let marks = if waits { vec![Mark::Far] } else { Vec::new() };
    gaps.push(Gap { day: end, event: false, days: since, marks });
    let mean = float(base_days) / float(events.max(1)) * 10_000.0;
    #[allow(clippy::cast_possible_truncation, reason = "rounded, and saturating")]
    let mean = mean.round() as i64;
    // Beyond so many days nothing is asked.
    let most = base_days * 4;
    Between {
        mean,
        upper: last(|days| !far(events, base_days, days), most),
        lower: GAPS.map(|gaps| last(|days| close(events, base_days, gaps as u64, days), most) + 1),
        gaps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_the_binomial() {
        // Of two coins at least one, of three all, of ten at least eight: 56 of 1,024.
        for (of, least, expected) in [(2, 1, 0.75), (3, 3, 0.125), (10, 8, 56.0 / 1024.0)] {
            let chance = at_least(of, 0.5, least);
            assert!((chance - expected).abs() < 1e-12, "{of} {least}: {chance}");
        }
    }

    #[test]
    fn limits_are_where_the_marks_begin() {
        let day = |at: i32| Date::constant(2025, 1, 1) + jiff::Span::new().days(at);
        // Two a month over two years: one in some fifteen days.
        let chart = draw(48, 731, None, &[], day(365));
        assert_eq!(chart.mean, 152_292);
        for gaps in [chart.lower[0], chart.lower[1], chart.upper] {
            assert!(gaps > 1);
        }
        assert!(close(48, 731, 4, chart.lower[0] - 1) && !close(48, 731, 4, chart.lower[0]));
        assert!(far(48, 731, chart.upper + 1) && !far(48, 731, chart.upper));
        // Five at once.
        let five = [day(100); 5];
        let chart = draw(48, 731, Some(day(-3)), &five, day(120));
        assert_eq!(chart.gaps[4].marks, [Mark::Close]);
        assert!(chart.gaps[..4].iter().all(|gap| !gap.marks.contains(&Mark::Close)));
        // Then nothing for a year.
        let end = day(500);
        let chart = draw(48, 731, Some(day(95)), &five[..1], end);
        let last = chart.gaps.last().expect("the end");
        assert_eq!((last.event, last.days, &last.marks[..]), (false, Some(400), &[Mark::Far][..]));
    }
}
