//! How long it took: medians and 90th percentiles, computed exactly from every case.

use jiff::Timestamp;

use super::base::Times;

/// A span in days, to a tenth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days {
    /// Tenths of a day.
    pub tenths: i64,
}

/// How long cases took from the event to one stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeadTime {
    /// How many cases it is about: the event is known and the stage was passed by the cut-off.
    pub n: u64,
    /// The middle one, of an even number the mean of the middle two; `None` without any.
    pub median: Option<Days>,
    /// The 90th percentile by nearest rank: the least one that at least 90 % do not exceed.
    pub p90: Option<Days>,
}

/// How long cases took from the event to each stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeadTimes {
    /// To the report.
    pub report: LeadTime,
    /// To the end of triage.
    pub triage: LeadTime,
    /// To the end of the investigation.
    pub investigation: LeadTime,
    /// To the close.
    pub close: LeadTime,
}

/// The spans of many cases to each stage, in seconds: half the memory of anything finer, and a
/// tenth of a day is 8,640 of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans {
    stages: [Vec<i32>; 4],
}

const SECONDS_PER_TENTH: i64 = 8_640;

impl Spans {
    /// Takes in one case. What happened at `cutoff` or later has not happened yet; a case whose
    /// event is unknown tells nothing.
    pub fn add(&mut self, times: &Times, cutoff: Timestamp) {
        let Some(event) = times.occurred else { return };
        let stages = [Some(times.reported), times.triaged, times.investigated, times.closed];
        for (spans, stage) in self.stages.iter_mut().zip(stages) {
            if let Some(stage) = stage.filter(|stage| *stage < cutoff) {
                let seconds = stage.as_second() - event.as_second();
                // A span over 68 years is a mistyped year; at the edge it stays the longest.
                let edge = if seconds < 0 { i32::MIN } else { i32::MAX };
                spans.push(i32::try_from(seconds).unwrap_or(edge));
            }
        }
    }

    /// Takes in what another holds.
    pub fn extend(&mut self, other: &Spans) {
        for (spans, more) in self.stages.iter_mut().zip(&other.stages) {
            spans.extend_from_slice(more);
        }
    }

    /// The figures.
    pub fn into_lead_times(self) -> LeadTimes {
        let [report, triage, investigation, close] = self.stages.map(lead_time);
        LeadTimes { report, triage, investigation, close }
    }
}

pub(crate) fn lead_time(mut seconds: Vec<i32>) -> LeadTime {
    seconds.sort_unstable();
    let n = seconds.len();
    let at = |index: usize| seconds.get(index).copied().map(i64::from);
    // The middle two are one and the same where their number is odd.
    let median = n.checked_sub(1).and_then(|last| Some(at(last / 2)? + at(n / 2)?));
    let p90 = (9 * n).div_ceil(10).checked_sub(1).and_then(at);
    LeadTime {
        n: n as u64,
        median: median.map(|sum| Days { tenths: rounded(sum, 2 * SECONDS_PER_TENTH) }),
        p90: p90.map(|span| Days { tenths: rounded(span, SECONDS_PER_TENTH) }),
    }
}

/// `number / unit`, to the nearest; half up.
fn rounded(number: i64, unit: i64) -> i64 {
    (2 * number + unit).div_euclid(2 * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i32 = 86_400;

    fn of_days(days: impl IntoIterator<Item = i32>) -> (u64, Option<i64>, Option<i64>) {
        let found = lead_time(days.into_iter().map(|days| days * DAY).collect());
        (found.n, found.median.map(|days| days.tenths), found.p90.map(|days| days.tenths))
    }

    #[test]
    fn median_and_nearest_rank() {
        assert_eq!(of_days([]), (0, None, None));
        assert_eq!(of_days([7]), (1, Some(70), Some(70)));
        assert_eq!(of_days([1, 4]), (2, Some(25), Some(40)));
        assert_eq!(of_days([9, 1, 2]), (3, Some(20), Some(90)));
        assert_eq!(of_days(1..=10), (10, Some(55), Some(90)));
        assert_eq!(of_days(1..=11), (11, Some(60), Some(100)));
        assert_eq!(of_days(1..=100), (100, Some(505), Some(900)));
    }

    #[test]
    fn tenths_are_rounded_half_up() {
        assert_eq!(lead_time(vec![4_319]).median, Some(Days { tenths: 0 }));
        assert_eq!(lead_time(vec![4_320]).median, Some(Days { tenths: 1 }));
        assert_eq!(lead_time(vec![-4_320]).median, Some(Days { tenths: 0 }));
        assert_eq!(lead_time(vec![0, 8_640]).median, Some(Days { tenths: 1 }));
    }

    #[test]
    fn only_what_was_done_by_the_cut_off_counts() {
        let day = |day: i64| Timestamp::from_second(day * i64::from(DAY)).unwrap();
        let times = Times {
            occurred: Some(day(0)),
            reported: day(1),
            triaged: Some(day(2)),
            investigated: None,
            closed: Some(day(5)),
        };
        let counts = |times: Times, cutoff| {
            let mut spans = Spans::default();
            spans.add(&times, cutoff);
            let found = spans.into_lead_times();
            (found.report.n, found.triage.n, found.investigation.n, found.close.n)
        };
        assert_eq!(counts(times, day(6)), (1, 1, 0, 1));
        assert_eq!(counts(times, day(5)), (1, 1, 0, 0));
        assert_eq!(counts(Times { occurred: None, ..times }, day(6)), (0, 0, 0, 0));
    }
}
