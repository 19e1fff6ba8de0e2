//! Lex Maria and lex Sarah that were handled here, step by step, beside those that came by import: these have
//! clocks, and how each of them ran is said along with it.

use std::collections::{BTreeMap, BTreeSet};

use domain::escalation::ivo::Notification;
use domain::escalation::lex_sarah::Receipt;
use domain::escalation::{
    AskedIn, Decision, Degree, Escalation, Kind, Matter, State, SupplementRequest,
};
use domain::ids::{EscalationId, StaffId};
use domain::law::Law;
use domain::statistics::Fact;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::beside::Raised;
use crate::swedish::{Span, begins, is_up, local};
use crate::world::Dice;

/// A clock: its name, until when, and when it was met. One without an end is never late.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub kind: &'static str,
    pub until: Option<Timestamp>,
    pub met: Option<Timestamp>,
}

impl Run {
    fn new(kind: &'static str, (from, span): (Timestamp, Span), met: Option<Timestamp>) -> Self {
        Self { kind, until: Some(is_up(from, span)), met }
    }

    /// All, kept, missed and running, by name.
    pub fn tell(runs: &[Run], now: Timestamp) -> BTreeMap<&'static str, [u64; 4]> {
        let mut told: BTreeMap<&'static str, [u64; 4]> = BTreeMap::new();
        for run in runs {
            let late = run.until.is_some_and(|until| run.met.unwrap_or(now) >= until);
            let state = match (late, run.met) {
                (true, _) => 2,
                (false, Some(_)) => 1,
                (false, None) => 3,
            };
            let into = told.entry(run.kind).or_default();
            into[0] += 1;
            into[state] += 1;
        }
        told
    }
}

/// How far one has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Flagged,
    Reported,
    Received,
    No,
    Yes,
    Notified,
    /// IVO has asked for more, and nothing has been sent yet.
    Asked,
}

/// The times of one, each later than the one before.
struct Times {
    event: Timestamp,
    flagged: Timestamp,
    received: Timestamp,
    decided: Timestamp,
    notified: Timestamp,
    /// Until which day IVO wants more.
    wanted_on: Date,
}

/// What IVO wants is to be sent on the day that it has said, be it one of work or not.
fn supplement(times: &Times, step: Step) -> Option<Run> {
    let until = Some(begins(times.wanted_on.tomorrow().expect("a day")));
    (step == Step::Asked).then_some(Run { kind: "supplement", until, met: None })
}

/// How clocks run by the tenant's own targets: three days of work to look at a flag, sixty days from the event to
/// notify a lex Maria and thirty from then to send the investigation.
fn runs_of_maria(times: &Times, step: Step) -> Vec<Run> {
    let decided = (step >= Step::No).then_some(times.decided);
    let notified = (step >= Step::Notified).then_some(times.notified);
    let screen = (times.flagged, Span::WorkingDays(3));
    let mut runs = vec![Run::new("lex_maria_screening", screen, decided)];
    if step != Step::No {
        let notify = (times.event, Span::Days(60));
        runs.push(Run::new("lex_maria_notification", notify, notified));
    }
    runs.extend(notified.map(|at| Run::new("lex_maria_inquiry", (at, Span::Days(30)), None)));
    runs.extend(supplement(times, step));
    runs
}

/// Three days of work to look at a flag; a day of work from the report to receive it, sixty days from then to
/// investigate, and for the notification no target.
fn runs_of_sarah(times: &Times, step: Step) -> Vec<Run> {
    let screen = (times.flagged, Span::WorkingDays(3));
    if step == Step::Flagged {
        return vec![Run::new("lex_sarah_screening", screen, None)];
    }
    // What was flagged was looked at when it was reported.
    let mut runs = vec![Run::new("lex_sarah_screening", screen, Some(times.event))];
    let received = (step >= Step::Received).then_some(times.received);
    runs.push(Run::new("lex_sarah_receipt", (times.event, Span::WorkingDays(1)), received));
    if let Some(at) = received {
        // To notify at once is no end of the investigation.
        let decided = (step == Step::No || step == Step::Yes).then_some(times.decided);
        runs.push(Run::new("lex_sarah_investigation", (at, Span::Days(60)), decided));
    }
    if step >= Step::Yes {
        let met = (step >= Step::Notified).then_some(times.notified);
        runs.push(Run { kind: "lex_sarah_notification", until: None, met });
    }
    runs.extend(supplement(times, step));
    runs
}

fn matter(times: &Times, step: Step, is_sarah: bool) -> Matter {
    let by = StaffId(Uuid::now_v7());
    let decision = |yes: bool| Decision {
        yes,
        degree: is_sarah.then_some(if yes { Degree::Serious } else { Degree::None }),
        test: None,
        motivation: Some("Bedömd".to_owned()),
        on: local(times.decided).date(),
        at: times.decided,
        by: None,
        delegation: None,
    };
    let receipt = Receipt { by, at: times.received, board_informed: None };
    Matter {
        receipt: (is_sarah && step >= Step::Received).then_some(receipt),
        decision: (step >= Step::No).then(|| decision(step != Step::No)),
        notification: (step >= Step::Notified).then(|| Notification {
            diary_number: Some("VN 2025/1".to_owned()),
            ..Notification::imported(times.notified)
        }),
        ..Matter::default()
    }
}

/// Some of them, each beside a case of its own.
pub fn any(dice: &mut Dice, facts: &[&Fact]) -> Vec<(Raised, Escalation, Vec<Run>)> {
    let first = begins(jiff::civil::date(2024, 1, 1));
    let mut found = Vec::new();
    for fact in facts {
        let is_sarah = dice.roll(2) == 0;
        let mut hours = |from: Timestamp, most: u64| {
            from + SignedDuration::from_hours(i64::try_from(1 + dice.roll(most)).expect("small"))
        };
        // Two years, at the edge of which nothing is flagged before the year it is counted in.
        let flagged = hours(first + SignedDuration::from_hours(24), 17_000);
        // Of a lex Sarah it is the report that its clocks run from.
        let event =
            if is_sarah { hours(flagged, 100) } else { flagged - SignedDuration::from_hours(20) };
        let received = hours(event.max(flagged), 60);
        let decided = hours(received, 1_700);
        let notified = hours(decided, 400);
        let steps: &[Step] = if is_sarah {
            &[
                Step::Flagged,
                Step::Reported,
                Step::Received,
                Step::No,
                Step::Yes,
                Step::Notified,
                Step::Asked,
            ]
        } else {
            &[Step::Flagged, Step::No, Step::Yes, Step::Notified, Step::Asked]
        };
        let wanted_on = local(hours(notified, 1_000)).date();
        let times = Times { event, flagged, received, decided, notified, wanted_on };
        let state = |step: Step| match (step, is_sarah) {
            (Step::Flagged, _) => State::Flagged,
            (Step::Reported, _) => State::Reported,
            (Step::Received, _) => State::Received,
            (Step::No, true) => State::NotTakenUp,
            (Step::No, false) => State::DecidedNo,
            (Step::Yes, true) => State::Assessed,
            (Step::Yes, false) => State::DecidedYes,
            (Step::Notified, _) => State::Notified,
            (Step::Asked, _) => State::SupplementRequested(SupplementRequest {
                what: "Journalen".to_owned(),
                requested_at: notified,
                due_on: wanted_on,
                asked_in: AskedIn::Notified,
            }),
        };
        let mut step = dice.pick(steps);
        // Nothing has happened that lies ahead.
        if notified >= begins(jiff::civil::date(2026, 2, 1)) {
            step = Step::Flagged;
        }
        let kind = if is_sarah { Kind::LexSarah } else { Kind::LexMaria };
        let made = Escalation {
            id: EscalationId(Uuid::now_v7()),
            kind,
            state: state(step),
            case: Some(fact.case),
            unit: fact.unit,
            law: if is_sarah { Law::Sol } else { Law::Hsl },
            starts_at: if is_sarah && step == Step::Flagged { flagged } else { event },
            flagged_at: flagged,
            matter: matter(&times, step, is_sarah),
            readers: BTreeSet::new(),
            imported: false,
            version: 1,
            updated_at: notified.min(begins(jiff::civil::date(2026, 1, 31))),
        };
        let raised = Raised {
            kind: if is_sarah { "lex_sarah" } else { "lex_maria" },
            unit: fact.unit,
            flagged_at: flagged,
            notified_at: (step >= Step::Notified).then_some(notified),
        };
        let runs = if is_sarah { runs_of_sarah(&times, step) } else { runs_of_maria(&times, step) };
        found.push((raised, made, runs));
    }
    found
}
