//! Events of one person that follow each other closely: a series proposes one investigation.

use jiff::{SignedDuration, Timestamp};

use crate::ids::CaseId;
use crate::settings::SeriesRule;

impl SeriesRule {
    /// The cases that are a series together with `of`: every one that lies, with `of` and enough
    /// others, within the days of the rule. Empty where there are too few. `times` holds the events of
    /// one person and one kind, `of` included.
    pub fn series(&self, of: CaseId, times: &[(CaseId, Timestamp)]) -> Vec<CaseId> {
        let Some(here) = times.iter().find(|(id, _)| *id == of).map(|(_, at)| *at) else {
            return Vec::new();
        };
        let span = SignedDuration::from_hours(24 * i64::from(self.days));
        let mut sorted: Vec<_> = times.to_vec();
        sorted.sort_by_key(|(id, at)| (*at, *id));
        let mut found: Vec<CaseId> = Vec::new();
        // Every window begins with an event; those that hold `of` begin at most a span before it.
        for (start, (_, first)) in sorted.iter().enumerate() {
            if *first > here || first.duration_until(here) >= span {
                continue;
            }
            let within =
                sorted[start..].iter().take_while(|(_, at)| first.duration_until(*at) < span);
            let within: Vec<CaseId> = within.map(|(id, _)| *id).collect();
            if within.len() >= usize::from(self.events) {
                found.extend(
                    within.into_iter().filter(|id| !found.contains(id)).collect::<Vec<_>>(),
                );
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn falls(days: &[i64]) -> Vec<(CaseId, Timestamp)> {
        let at = |day: &i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day);
        let id = |n: usize| CaseId(Uuid::from_u128(n as u128));
        days.iter().enumerate().map(|(n, day)| (id(n), at(day))).collect()
    }

    #[test]
    fn enough_events_within_the_days_are_a_series() {
        let rule = SeriesRule { events: 3, days: 7 };
        let series = |of: usize, days: &[i64]| {
            let times = falls(days);
            let found = rule.series(times[of].0, &times);
            found.iter().map(|id| id.0.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(series(0, &[0, 3, 6]), [0, 1, 2]);
        assert_eq!(series(0, &[0, 3, 7]), [0_u128; 0], "the eighth day is outside");
        assert_eq!(series(0, &[0, 3]), [0_u128; 0]);
        // Not of the case asked about, though of others.
        assert_eq!(series(0, &[0, 20, 21, 22]), [0_u128; 0]);
        // Overlapping windows belong together, in the order of the events.
        assert_eq!(series(2, &[0, 1, 5, 9, 10]), [0, 1, 2, 3, 4]);
        assert_eq!(series(0, &[0, 1, 5, 9, 10]), [0, 1, 2]);
    }
}
