//! When mail leaves: by day unless it is urgent, again after a failure, and not for ever.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::holidays::WorkingDays;
use crate::calendar::{add_days, start_of_hour, swedish};
use crate::notice::Urgency;

/// How long a notice that does not get through is tried.
pub const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How long a notice waits where the service has no mail set up: a flag forgotten at a restart loses
/// nothing, and a service that never had mail gathers none.
pub const WAIT_WITHOUT_MAIL: SignedDuration = SignedDuration::from_hours(24);
/// The longest wait between two tries.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// The language of a tenant's mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}

/// What a tenant chooses about its mail. Hours are those of a Swedish clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailRules {
    /// Whether the tenant's people are written to at all.
    pub enabled: bool,
    /// In which language.
    pub language: Language,
    /// The hour, 0 to 23, from which only what is urgent leaves. The same as `quiet_to` is never.
    pub quiet_from: u8,
    /// The hour, 0 to 23, at which the rest leaves.
    pub quiet_to: u8,
    /// Whether everyone gets once a working day how much waits for them.
    pub digest: bool,
    /// From which hour, 0 to 23.
    pub digest_hour: u8,
}

impl Default for MailRules {
    fn default() -> Self {
        Self {
            enabled: true,
            language: Language::Sv,
            quiet_from: 20,
            quiet_to: 7,
            digest: true,
            digest_hour: 7,
        }
    }
}

impl MailRules {
    /// When a notice that is there at `now` may leave: at once, or when the night is over.
    pub fn leaves_at(&self, urgency: Urgency, now: Timestamp) -> Timestamp {
        let clock = swedish(now);
        let (from, to) = (self.quiet_from, self.quiet_to);
        let hour = u8::try_from(clock.hour).unwrap_or_default();
        let over_midnight = from > to;
        let quiet =
            if over_midnight { hour >= from || hour < to } else { (from..to).contains(&hour) };
        match urgency {
            Urgency::Urgent => now,
            Urgency::Normal if !quiet => now,
            Urgency::Normal => {
                let ends_tomorrow = over_midnight && hour >= from;
                let day = add_days(clock.day, i32::from(ends_tomorrow));
                // In the hour that comes twice in autumn it may already have been.
                start_of_hour(day, to).max(now)
            }
        }
    }

    /// The day whose digest is due at `now`; `None` before its hour and on days on which the tenant
    /// does not work.
    pub fn digest_due(&self, now: Timestamp, working_days: &WorkingDays) -> Option<Date> {
        let clock = swedish(now);
        let hour = u8::try_from(clock.hour).unwrap_or_default();
        (self.enabled
            && self.digest
            && hour >= self.digest_hour
            && working_days.works_on(clock.day))
        .then_some(clock.day)
    }
}

/// How long to wait after so many tries that failed: `first`, and each time twice as long, up to an
/// hour.
pub fn wait_after(failures: u32, first: SignedDuration) -> SignedDuration {
    let doubled = 1_i32.checked_shl(failures.saturating_sub(1).min(30)).unwrap_or(i32::MAX);
    first.checked_mul(doubled).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT.max(first))
}

/// What became of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The mail server has taken it.
    Sent,
    /// It became a notice to each of those who hold the role.
    Spread,
    /// Nobody holds the role, nor any it goes on to.
    Nobody,
    /// Whom it is for has no address.
    NoAddress,
    /// Whom it is for may no longer read what it is about, or has left.
    MayNotRead,
    /// What it is about has ended.
    Ended,
    /// The mail server will never take it.
    Refused,
    /// The mail server did not take it for too long.
    GivenUp,
    /// The tenant sends no mail.
    SwitchedOff,
    /// The service sends no mail.
    NoMail,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 10] = [
        Outcome::Sent,
        Outcome::Spread,
        Outcome::Nobody,
        Outcome::NoAddress,
        Outcome::MayNotRead,
        Outcome::Ended,
        Outcome::Refused,
        Outcome::GivenUp,
        Outcome::SwitchedOff,
        Outcome::NoMail,
    ];

    /// The value in tables and in metrics.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Sent => "sent",
            Outcome::Spread => "spread",
            Outcome::Nobody => "nobody",
            Outcome::NoAddress => "no_address",
            Outcome::MayNotRead => "may_not_read",
            Outcome::Ended => "ended",
            Outcome::Refused => "refused",
            Outcome::GivenUp => "given_up",
            Outcome::SwitchedOff => "switched_off",
            Outcome::NoMail => "no_mail",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_local;

    fn at(text: &str) -> Timestamp {
        parse_local(text).expect("a time")
    }

    #[test]
    fn what_is_not_urgent_waits_for_the_morning() {
        let rules = MailRules::default();
        let leaves = |text: &str| rules.leaves_at(Urgency::Normal, at(text));
        for day in ["2026-03-10 07:00", "2026-03-10 19:59", "2026-03-10 12:00"] {
            assert_eq!(leaves(day), at(day), "{day}");
        }
        assert_eq!(leaves("2026-03-10 20:00"), at("2026-03-11 07:00"));
        assert_eq!(leaves("2026-03-10 23:59"), at("2026-03-11 07:00"));
        assert_eq!(leaves("2026-03-11 00:00"), at("2026-03-11 07:00"));
        assert_eq!(leaves("2026-03-11 06:59"), at("2026-03-11 07:00"));
        // Over both changes of the clock: 29 March and 25 October.
        assert_eq!(leaves("2026-03-28 22:00"), at("2026-03-29 07:00"));
        assert_eq!(leaves("2026-10-24 22:00"), at("2026-10-25 07:00"));
        assert_eq!(leaves("2026-12-31 21:00"), at("2027-01-01 07:00"));
        let night = at("2026-03-11 03:00");
        assert_eq!(rules.leaves_at(Urgency::Urgent, night), night);
    }

    #[test]
    fn a_night_within_one_day_and_none_at_all() {
        let noon = MailRules { quiet_from: 11, quiet_to: 13, ..MailRules::default() };
        let leaves = |text: &str| noon.leaves_at(Urgency::Normal, at(text));
        assert_eq!(leaves("2026-03-10 12:30"), at("2026-03-10 13:00"));
        assert_eq!(leaves("2026-03-10 13:00"), at("2026-03-10 13:00"));
        assert_eq!(leaves("2026-03-10 03:00"), at("2026-03-10 03:00"));
        let never = MailRules { quiet_from: 7, quiet_to: 7, ..MailRules::default() };
        let night = at("2026-03-11 03:00");
        assert_eq!(never.leaves_at(Urgency::Normal, night), night);
    }

    #[test]
    fn a_digest_is_due_from_its_hour_on_days_people_work() {
        let rules = MailRules::default();
        let due = |text: &str| {
            rules.digest_due(at(text), &WorkingDays::default()).map(|day| day.to_string())
        };
        assert_eq!(due("2026-03-10 06:59"), None);
        assert_eq!(due("2026-03-10 07:00"), Some("2026-03-10".to_owned()));
        assert_eq!(due("2026-03-14 09:00"), None, "a Saturday");
        assert_eq!(due("2026-03-16 09:00"), Some("2026-03-16".to_owned()));
        let days = WorkingDays::default();
        for off in [MailRules { digest: false, ..rules }, MailRules { enabled: false, ..rules }] {
            assert_eq!(off.digest_due(at("2026-03-10 09:00"), &days), None);
        }
        // Good Friday.
        assert_eq!(rules.digest_due(at("2026-04-03 09:00"), &days), None);
    }

    #[test]
    fn waits_double_up_to_an_hour() {
        let first = SignedDuration::from_mins(1);
        let minutes = |failures| wait_after(failures, first).as_mins();
        assert_eq!([1, 2, 3, 6, 7, 8, 1000].map(minutes), [1, 2, 4, 32, 60, 60, 60]);
    }

    #[test]
    fn every_outcome_has_a_code_of_its_own() {
        let codes: std::collections::BTreeSet<_> = Outcome::ALL.map(Outcome::code).into();
        assert_eq!(codes.len(), Outcome::ALL.len());
    }
}
