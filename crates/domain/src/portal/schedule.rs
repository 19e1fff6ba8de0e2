//! When a contact is written to: of what is new at most once a day, gathered; and once a week of
//! everything that is open. Never once a forwarding.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::contact::Told;
use crate::calendar::holidays::WorkingDays;
use crate::calendar::{add_days, swedish};
use crate::mail::MailRules;
use crate::notice::Urgency;

/// How long what is new waits for more: whoever sends several sends them within this.
pub const GATHER: SignedDuration = SignedDuration::from_mins(15);

/// Which mail is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// There is something new.
    News,
    /// The week's: what is still open.
    Digest,
}

fn monday_of(day: Date) -> Date {
    add_days(day, -i32::from(day.weekday().to_monday_zero_offset()))
}

/// The week whose digest is due at `now`, by its Monday: from the hour on, on days people work.
fn digest_week(rules: &MailRules, working_days: &WorkingDays, now: Timestamp) -> Option<Date> {
    let clock = swedish(now);
    let hour = u8::try_from(clock.hour).unwrap_or_default();
    (hour >= rules.digest_hour && working_days.works_on(clock.day)).then(|| monday_of(clock.day))
}

/// Which mail a contact is to get now, if any. `open` says when each forwarding that waits for their
/// answer was sent.
pub fn due(
    told: &Told,
    open: &[Timestamp],
    rules: &MailRules,
    working_days: &WorkingDays,
    now: Timestamp,
) -> Option<MailKind> {
    let today = swedish(now).day;
    if open.is_empty() || !rules.enabled || told.on == Some(today) {
        return None;
    }
    // At night nothing is made: it would leave in the morning, beside the morning's own.
    if rules.leaves_at(Urgency::Normal, now) > now {
        return None;
    }
    let week = digest_week(rules, working_days, now);
    if let (Some(last), Some(week)) = (told.week, week)
        && last < week
    {
        return Some(MailKind::Digest);
    }
    let mut new = open.iter().filter(|sent| told.until.is_none_or(|until| **sent > until));
    new.any(|sent| *sent + GATHER <= now).then_some(MailKind::News)
}

/// What a contact has been told after such a mail.
#[must_use]
pub fn told(before: &Told, kind: MailKind, open: &[Timestamp], now: Timestamp) -> Told {
    let today = swedish(now).day;
    let this_week = Some(monday_of(today));
    Told {
        until: open.iter().copied().chain(before.until).max(),
        on: Some(today),
        week: match kind {
            MailKind::Digest => this_week,
            // The first mail is the week's.
            MailKind::News => before.week.or(this_week),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_local;

    fn at(text: &str) -> Timestamp {
        parse_local(text).expect("a time")
    }

    /// Lets time go by in steps of ten minutes and tells when which mail left.
    fn mails(sent: &[&str], from: &str, to: &str) -> Vec<(String, MailKind, usize)> {
        let (rules, days) = (MailRules::default(), WorkingDays::default());
        let sent: Vec<Timestamp> = sent.iter().map(|text| at(text)).collect();
        let (mut now, to, mut known) = (at(from), at(to), Told::default());
        let mut mails = Vec::new();
        while now <= to {
            let open: Vec<Timestamp> = sent.iter().copied().filter(|sent| *sent <= now).collect();
            if let Some(kind) = due(&known, &open, &rules, &days, now) {
                known = told(&known, kind, &open, now);
                mails.push((crate::calendar::format_local(now), kind, open.len()));
            }
            now += SignedDuration::from_mins(10);
        }
        mails
    }

    fn brief(mails: &[(String, MailKind, usize)]) -> Vec<(&str, MailKind, usize)> {
        mails.iter().map(|(at, kind, open)| (&at[..16], *kind, *open)).collect()
    }

    #[test]
    fn one_mail_for_what_is_sent_together_and_then_one_a_week() {
        use MailKind::{Digest, News};
        // A Tuesday; three within a quarter of an hour, one in the afternoon.
        let sent = ["2026-03-10 10:00", "2026-03-10 10:05", "2026-03-10 10:14", "2026-03-10 15:00"];
        let mails = mails(&sent, "2026-03-10 08:00", "2026-03-24 12:00");
        assert_eq!(
            brief(&mails),
            [
                ("2026-03-10 10:20", News, 3),
                // Once a day: the fourth waits for the next morning.
                ("2026-03-11 07:00", News, 4),
                ("2026-03-16 07:00", Digest, 4),
                ("2026-03-23 07:00", Digest, 4),
            ]
        );
    }

    #[test]
    fn nothing_leaves_at_night_and_a_monday_off_has_its_digest_on_tuesday() {
        use MailKind::{Digest, News};
        let mails = mails(&["2026-03-30 22:00"], "2026-03-30 20:00", "2026-04-08 12:00");
        // Easter Monday is 6 April.
        assert_eq!(brief(&mails), [("2026-03-31 07:00", News, 1), ("2026-04-07 07:00", Digest, 1)]);
    }

    #[test]
    fn whoever_has_nothing_open_hears_nothing() {
        let (rules, days) = (MailRules::default(), WorkingDays::default());
        let now = at("2026-03-16 09:00");
        let known = Told { until: None, on: None, week: Some(jiff::civil::date(2026, 3, 2)) };
        assert_eq!(due(&known, &[], &rules, &days, now), None);
        let off = MailRules { enabled: false, ..rules };
        assert_eq!(due(&known, &[at("2026-03-10 09:00")], &off, &days, now), None);
    }
}
