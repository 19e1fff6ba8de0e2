//! Clocks against a table computed by hand, and what makes them.

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::*;
use domain::calendar::holidays::{HalfDay, WorkingDays};
use domain::calendar::{parse_local, swedish_date};
use domain::case::triage::Vardskada;
use domain::case::{Kind as CaseKind, Status, Track};
use domain::clock::{
    Binding, Citation, Clock, ClockFacts, ClockSettings, ClockState, Kind, LexFact, LexKind,
    StartEvent, Statutory, Target, YearlyFact, entries, of_case,
};
use domain::ids::{CaseId, EscalationId, UnitId};
use domain::law::{Duty, Law};
use domain::settings::Settings;
use domain::worklist::Brief;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

#[test]
fn the_table_computed_by_hand() {
    use Target::{Days, Hours, Months, On, WorkingDays as Working};
    let usual = WorkingDays::default();
    // Began (on a Swedish clock), target, rolls, last day, the instant it is up, why.
    for (began, target, rolls, on, up, why) in [
        // Easter 2026: Good Friday 3 April, Monday 6 April.
        ("2026-04-01 10:00", Working(3), true, "2026-04-08", "2026-04-08T22:00:00Z", "over Easter"),
        (
            "2026-04-02 23:59",
            Working(1),
            true,
            "2026-04-07",
            "2026-04-07T22:00:00Z",
            "Maundy Thursday",
        ),
        (
            "2026-03-04 09:00",
            Days(30),
            true,
            "2026-04-07",
            "2026-04-07T22:00:00Z",
            "onto Good Friday",
        ),
        ("2026-03-04 09:00", Days(30), false, "2026-04-03", "2026-04-03T22:00:00Z", "stays there"),
        // Midsummer 2026: the eve is Friday 19 June.
        (
            "2026-06-17 08:00",
            Working(3),
            true,
            "2026-06-23",
            "2026-06-23T22:00:00Z",
            "over midsummer",
        ),
        ("2026-04-20 08:00", Days(60), true, "2026-06-22", "2026-06-22T22:00:00Z", "onto its eve"),
        (
            "2026-05-29 08:00",
            Working(5),
            true,
            "2026-06-05",
            "2026-06-05T22:00:00Z",
            "6 June is a Saturday",
        ),
        // The new year: 31 December an eve, 1 January a Friday, 6 January a Wednesday.
        (
            "2026-12-30 08:00",
            Working(3),
            true,
            "2027-01-07",
            "2027-01-07T23:00:00Z",
            "over the new year",
        ),
        (
            "2026-12-31 23:30",
            Months(1),
            true,
            "2027-02-01",
            "2027-02-01T23:00:00Z",
            "onto a Sunday",
        ),
        ("2026-12-31 23:30", Months(1), false, "2027-01-31", "2027-01-31T23:00:00Z", "stays there"),
        (
            "2027-01-01 00:30",
            Days(30),
            false,
            "2027-01-31",
            "2027-01-31T23:00:00Z",
            "still 2026 in UTC",
        ),
        // 29 February 2028, a Tuesday.
        (
            "2028-01-31 08:00",
            Months(1),
            true,
            "2028-02-29",
            "2028-02-29T23:00:00Z",
            "the last of February",
        ),
        (
            "2027-01-31 08:00",
            Months(1),
            true,
            "2027-03-01",
            "2027-03-01T23:00:00Z",
            "28 February, a Sunday",
        ),
        ("2028-01-30 08:00", Days(30), true, "2028-02-29", "2028-02-29T23:00:00Z", "a leap day"),
        (
            "2028-02-28 08:00",
            Working(2),
            true,
            "2028-03-01",
            "2028-03-01T23:00:00Z",
            "over a leap day",
        ),
        (
            "2028-02-27 12:00",
            Hours(72),
            true,
            "2028-03-01",
            "2028-03-01T11:00:00Z",
            "over a leap day",
        ),
        ("2028-02-29 08:00", Months(12), true, "2029-02-28", "2029-02-28T23:00:00Z", "a year on"),
        // The clocks go forward on 29 March 2026 and back on 25 October.
        (
            "2026-03-27 12:00",
            Hours(72),
            true,
            "2026-03-30",
            "2026-03-30T11:00:00Z",
            "13:00 on the clock",
        ),
        ("2026-03-27 00:30", Days(3), true, "2026-03-30", "2026-03-30T22:00:00Z", "over 23 hours"),
        (
            "2026-10-23 12:00",
            Hours(72),
            true,
            "2026-10-26",
            "2026-10-26T10:00:00Z",
            "11:00 on the clock",
        ),
        (
            "2026-10-24 00:30",
            Working(3),
            true,
            "2026-10-28",
            "2026-10-28T23:00:00Z",
            "over 25 hours",
        ),
        (
            "2026-10-22 23:00",
            Days(3),
            false,
            "2026-10-25",
            "2026-10-25T23:00:00Z",
            "the day of 25 hours",
        ),
        (
            "2026-03-26 23:00",
            Days(3),
            false,
            "2026-03-29",
            "2026-03-29T22:00:00Z",
            "the day of 23 hours",
        ),
        // Alla helgons dag, Saturday 31 October, and a day that somebody set: it never moves.
        (
            "2026-10-30 08:00",
            Working(1),
            true,
            "2026-11-02",
            "2026-11-02T23:00:00Z",
            "alla helgons dag",
        ),
        (
            "2026-10-01 08:00",
            On(date(2026, 10, 31)),
            true,
            "2026-10-31",
            "2026-10-31T23:00:00Z",
            "set",
        ),
        // Christmas 2025: 24–26 December are Wednesday to Friday.
        (
            "2025-12-23 08:00",
            Working(1),
            true,
            "2025-12-29",
            "2025-12-29T23:00:00Z",
            "over Christmas",
        ),
        ("2025-12-23 08:00", Days(2), true, "2025-12-29", "2025-12-29T23:00:00Z", "onto Christmas"),
    ] {
        let start = parse_local(began).expect("a local time");
        let due = target.due(start, &usual, rolls).expect("a number");
        assert_eq!(
            (due.on.to_string(), due.at),
            (on.to_owned(), at(up)),
            "{began} {target:?}: {why}"
        );
    }
    assert_eq!(Target::None.due(now(), &usual, true), None);
}

#[test]
fn half_days_and_eves_are_the_tenants_own() {
    let start = parse_local("2026-04-29 08:00").expect("a time");
    let due =
        |working: &WorkingDays| Target::WorkingDays(1).due(start, working, true).expect("one").on;
    assert_eq!(due(&WorkingDays::default()), date(2026, 4, 30));
    let rests =
        WorkingDays { half_days: BTreeSet::from([HalfDay::Walpurgis]), ..WorkingDays::default() };
    // Friday is 1 May.
    assert_eq!(due(&rests), date(2026, 5, 4));
}

#[test]
fn time_is_up_with_the_day_but_not_with_the_hour() {
    let chosen = ClockSettings::default();
    let start = (StartEvent::Known, at("2026-03-27T11:00:00Z"));
    let breach = Clock::statutory(Kind::Duty, Statutory::PersonalDataBreach, start, &chosen);
    let up = at("2026-03-30T11:00:00Z");
    let microsecond = SignedDuration::from_micros(1);
    assert!(!breach.late(up) && breach.late(up + microsecond));
    assert_eq!(breach.clone().met(Some(up)).state(up), ClockState::Kept);
    assert_eq!(breach.met(Some(up + microsecond)).state(up), ClockState::Missed);

    let triage = Clock::local(Kind::Triage, Target::WorkingDays(1), start, &chosen);
    let up = at("2026-03-30T22:00:00Z");
    assert!(!triage.late(up - microsecond) && triage.late(up));
    assert_eq!(triage.state(up - microsecond), ClockState::Running);
    assert_eq!(triage.state(up), ClockState::Missed);
    // Done too late stays missed, and is not late any more.
    let done = triage.clone().met(Some(up));
    assert!(!done.late(up + microsecond) && done.state(up) == ClockState::Missed);
    // Waiting stops no clock.
    let waits = triage.waiting(Some(date(2026, 6, 1)));
    assert_eq!(waits.state(up - microsecond), ClockState::Waiting);
    assert_eq!(waits.state(up), ClockState::Missed);
}

#[test]
fn a_local_target_never_calls_itself_statutory() {
    let chosen = ClockSettings::default();
    let start = (StartEvent::Reported, now());
    for kind in Kind::ALL {
        let targets = [Target::Hours(72), Target::On(date(2027, 3, 1)), chosen.target(kind)];
        for target in targets {
            let clock =
                Clock::local(kind, target, start, &chosen).under(&Law::ALL, date(2026, 3, 1));
            assert_eq!(clock.binding(), Binding::Local, "{kind:?} {target:?}");
        }
        assert_eq!(
            Clock::on(kind, date(2027, 3, 1), StartEvent::Planned).binding(),
            Binding::Local
        );
    }
    let of = |limit| Clock::statutory(Kind::YearlyReport, limit, start, &chosen);
    let breach = of(Statutory::PersonalDataBreach);
    assert_eq!((breach.binding(), breach.target()), (Binding::Statutory, Target::Hours(72)));
    // 1 March 2026 is a Sunday: what a statute sets does not move.
    let report = of(Statutory::YearlyReport { year: 2025 });
    assert_eq!(report.due_on(), Some(date(2026, 3, 1)));
    assert_eq!(report.due().expect("a day").at, at("2026-03-01T23:00:00Z"));
}

#[test]
fn the_law_is_that_of_the_day_and_only_what_somebody_has_read() {
    let (before, after) = (date(2025, 6, 30), date(2025, 7, 1));
    let act = |duty, law, on| Citation::of(duty, &[law], on).map(|it| it.act);
    assert_eq!(act(Duty::LexSarahNotify, Law::Sol, before).as_deref(), Some("2001:453"));
    assert_eq!(act(Duty::LexSarahNotify, Law::Sol, after).as_deref(), Some("2025:400"));
    // Inferred, not read.
    assert_eq!(act(Duty::LexSarahInvestigate, Law::Sol, after), None);
    assert_eq!(act(Duty::LexMaria, Law::Sol, after), None);
    let chosen = ClockSettings::default();
    let start = (StartEvent::Occurred, now());
    let clock = Clock::local(Kind::LexMariaNotification, Target::Days(60), start, &chosen)
        .under(&[Law::Hsl], after);
    let law = clock.law.expect("a law");
    assert_eq!(law.paragraph.as_deref(), Some("3 kap. 5 §"));
    assert_eq!(law.word.as_deref(), Some("snarast"));
}

fn brief(status: Status) -> Brief {
    Brief::of(&standing(status))
}

fn kinds(clocks: &[Clock]) -> Vec<(Kind, ClockState)> {
    clocks.iter().map(|clock| (clock.kind, clock.state(now()))).collect()
}

#[test]
fn a_case_has_the_clocks_of_where_it_stands() {
    use ClockState::{Kept, Running};
    let chosen = ClockSettings::default();
    let of = |case: &Brief| kinds(&of_case(case, &chosen));
    let reported = brief(Status::Reported);
    assert_eq!(of(&reported), [(Kind::Triage, Running)]);
    let triaged = [(Kind::Triage, Kept), (Kind::Investigation, Running)];
    assert_eq!(of(&brief(Status::Triaged)), triaged);
    assert_eq!(of(&brief(Status::Draft)), []);
    assert_eq!(of(&brief(Status::Void)), []);
    let simple = Brief { track: Some(Track::Simple), ..brief(Status::Triaged) };
    assert_eq!(of(&simple), [(Kind::Triage, Kept)]);
    let complaint = Brief { kind: CaseKind::Klagomal, ..reported.clone() };
    let clocks = of_case(&complaint, &chosen);
    assert_eq!(kinds(&clocks), [(Kind::Triage, Running), (Kind::ComplaintAnswer, Running)]);
    assert_eq!(clocks[1].due_on(), Some(date(2026, 4, 10)));

    let mut harmed = brief(Status::Triaged);
    harmed.vardskada = Vardskada::Yes;
    harmed.clocked.vardskada_at = Some(now());
    let told = of_case(&harmed, &chosen);
    let told = told.iter().find(|clock| clock.kind == Kind::PatientInformation).expect("one");
    assert_eq!(told.law.as_ref().and_then(|law| law.paragraph.as_deref()), Some("3 kap. 8 §"));
    assert_eq!(told.binding(), Binding::Local);

    // Where an import does not say when a case was assessed, its triage has no clock any more.
    let mut undated = brief(Status::Investigating);
    undated.clocked.triaged_at = None;
    undated.clocked.investigation_done_at = None;
    undated.track = None;
    assert_eq!(of(&undated), [(Kind::Investigation, Running)]);

    // An import that nobody has touched wakes no clock; touched, it has those of any case.
    let mut imported = reported;
    imported.clocked.imported = true;
    assert_eq!(of(&imported), []);
    imported.clocked.version = 2;
    assert_eq!(of(&imported), [(Kind::Triage, Running)]);
}

fn lex(kind: LexKind, status: &str) -> LexFact {
    LexFact {
        id: EscalationId(id(900)),
        kind,
        case: CaseId(id(100)),
        unit: UnitId(id(11)),
        law: match kind {
            LexKind::LexMaria => Law::Hsl,
            LexKind::LexSarah => Law::Sol,
        },
        status: status.into(),
        starts_at: at("2026-03-02T08:00:00Z"),
        flagged_at: now(),
        received_at: None,
        decided_at: None,
        decided_yes: None,
        notified_at: None,
        inquiry_submitted_at: None,
        supplement_due_on: None,
        closed_at: None,
        asleep: false,
        version: 1,
        updated_at: now(),
    }
}

#[test]
fn lex_maria_runs_from_the_event_and_is_told_to_those_who_see_it() {
    let case = Arc::new(brief(Status::Triaged));
    let facts = |lex: LexFact| ClockFacts {
        cases: [(case.id, Arc::clone(&case))].into(),
        lex: vec![lex],
        ..ClockFacts::default()
    };
    let settings = Settings::default();
    let found = |lex: LexFact, sees: bool| -> Vec<_> {
        let all = entries(&facts(lex), &settings, |_, _| sees, now());
        let of_lex = all.into_iter().filter(|entry| entry.item.is_some());
        of_lex.map(|it| (it.clock.kind, it.clock.due_on(), it.clock.met_at.is_some())).collect()
    };
    let flagged = lex(LexKind::LexMaria, "flagged");
    assert_eq!(
        found(flagged.clone(), true),
        [
            (Kind::LexMariaScreening, Some(date(2026, 3, 13)), false),
            // 60 days from 2 March are 1 May, a Friday and a holiday: Monday 4 May.
            (Kind::LexMariaNotification, Some(date(2026, 5, 4)), false),
        ]
    );
    assert_eq!(found(flagged, false), []);
    let no = LexFact {
        decided_at: Some(now()),
        decided_yes: Some(false),
        ..lex(LexKind::LexMaria, "decided_no")
    };
    assert_eq!(found(no, true), [(Kind::LexMariaScreening, Some(date(2026, 3, 13)), true)]);

    let reported = lex(LexKind::LexSarah, "reported");
    assert_eq!(found(reported, true), [(Kind::LexSarahReceipt, Some(date(2026, 3, 3)), false)]);
    // Notified straight after receipt: the investigation is still to be done.
    let notified = LexFact {
        received_at: Some(now()),
        decided_at: Some(now()),
        decided_yes: Some(true),
        notified_at: Some(now()),
        supplement_due_on: Some(date(2026, 4, 4)),
        ..lex(LexKind::LexSarah, "supplement_requested")
    };
    let clocks: Vec<_> = found(notified, true).into_iter().map(|it| (it.0, it.2)).collect();
    assert_eq!(
        clocks,
        [
            (Kind::LexSarahReceipt, true),
            (Kind::Supplement, false),
            (Kind::LexSarahInvestigation, false),
            (Kind::LexSarahNotification, true),
        ]
    );
    let asleep = LexFact { asleep: true, ..lex(LexKind::LexMaria, "flagged") };
    assert_eq!(found(asleep, true), []);
}

#[test]
fn an_escalation_keeps_its_clock_and_its_law_whatever_becomes_of_the_case() {
    let settings = Settings::default();
    for status in [Status::Reported, Status::Closed, Status::Void] {
        // No law was assessed, or that of others.
        for laws in [vec![], vec![Law::Hsl], vec![Law::Lss]] {
            let case = Arc::new(Brief { laws, ..brief(status) });
            let facts = ClockFacts {
                beside: [(case.id, Arc::clone(&case))].into(),
                lex: vec![lex(LexKind::LexSarah, "reported")],
                ..ClockFacts::default()
            };
            let all = entries(&facts, &settings, |_, _| true, now());
            let [entry] = &all[..] else { panic!("{all:?}") };
            assert_eq!(entry.clock.kind, Kind::LexSarahReceipt);
            let act = entry.clock.law.as_ref().map(|law| law.act.as_str());
            assert_eq!(act, Some("2025:400"), "SoL, whatever the case falls under");
        }
    }
}

#[test]
fn a_lex_sarah_flag_is_to_be_screened_and_a_report_received() {
    use ClockState::{Kept, Running};
    let settings = Settings::default();
    let case = Arc::new(brief(Status::Triaged));
    let of = |lex: LexFact| -> Vec<_> {
        let facts = ClockFacts {
            cases: [(case.id, Arc::clone(&case))].into(),
            lex: vec![lex],
            ..ClockFacts::default()
        };
        let all = entries(&facts, &settings, |_, _| true, now());
        let of_lex = all.into_iter().filter(|entry| entry.item.is_some());
        of_lex.map(|it| (it.clock.kind, it.clock.start, it.clock.state(now()))).collect()
    };
    let flag = LexFact { starts_at: now(), ..lex(LexKind::LexSarah, "flagged") };
    let screening = (Kind::LexSarahScreening, StartEvent::Flagged);
    assert_eq!(of(flag.clone()), [(screening.0, screening.1, Running)]);
    let out = LexFact { status: "screened_out".into(), ..flag.clone() };
    assert_eq!(of(out), [(screening.0, screening.1, Kept)]);
    // Reported, the screening is done and the receipt runs from the report.
    let before = at("2026-03-09T08:00:00Z");
    let reported = LexFact { status: "reported".into(), flagged_at: before, ..flag };
    assert_eq!(
        of(reported),
        [(Kind::LexSarahReceipt, StartEvent::Reported, Running), (screening.0, screening.1, Kept),]
    );
    let straight = LexFact { starts_at: now(), ..lex(LexKind::LexSarah, "reported") };
    assert_eq!(of(straight), [(Kind::LexSarahReceipt, StartEvent::Reported, Running)]);
}

#[test]
fn the_investigation_follows_a_lex_maria_notification_to_ivo() {
    let settings = Settings::default();
    let case = Arc::new(brief(Status::Triaged));
    let of = |lex: LexFact| -> Vec<_> {
        let facts = ClockFacts {
            cases: [(case.id, Arc::clone(&case))].into(),
            lex: vec![lex],
            ..ClockFacts::default()
        };
        let all = entries(&facts, &settings, |_, _| true, now());
        let inquiry = all.into_iter().filter(|it| it.clock.kind == Kind::LexMariaInquiry);
        inquiry.map(|it| it.clock).collect()
    };
    assert_eq!(of(lex(LexKind::LexMaria, "decided_yes")), []);
    let notified = LexFact {
        received_at: Some(now()),
        decided_at: Some(now()),
        decided_yes: Some(true),
        notified_at: Some(now()),
        ..lex(LexKind::LexMaria, "notified")
    };
    let runs = of(notified.clone()).pop().expect("one");
    // 30 days from 10 March are 9 April, a Thursday.
    assert_eq!((runs.start, runs.due_on()), (StartEvent::Notified, Some(date(2026, 4, 9))));
    assert_eq!((runs.binding(), runs.met_at), (Binding::Local, None));
    let sent = LexFact { inquiry_submitted_at: Some(now()), ..notified.clone() };
    assert_eq!(of(sent)[0].met_at, Some(now()));
    let withdrawn = LexFact { status: "withdrawn".into(), ..notified };
    assert_eq!(of(withdrawn), []);
}

#[test]
fn the_yearly_report_shows_until_its_day() {
    let settings = Settings::default();
    let when = |report: YearlyFact, text: &str| {
        let facts = ClockFacts { of_tenant: Some(report), ..ClockFacts::default() };
        entries(&facts, &settings, |_, _| true, parse_local(text).expect("a time"))
    };
    let at = |text: &str| when(YearlyFact::default(), text);
    let shown = at("2026-03-01 23:00");
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (shown[0].clock.binding(), shown[0].clock.due_on()),
        (Binding::Statutory, Some(date(2026, 3, 1)))
    );
    assert_eq!(
        shown[0].clock.law.as_ref().and_then(|law| law.paragraph.as_deref()),
        Some("3 kap. 10 §")
    );
    assert!(at("2026-03-02 00:00").is_empty());
    let next = at("2027-01-01 00:00");
    assert_eq!(next[0].clock.due_on(), Some(date(2027, 3, 1)));
    assert_eq!(next[0].clock.started_at.map(swedish_date), Some(date(2027, 1, 1)));
    // What was begun here is late until it is established, and kept by the day of that.
    let begun = YearlyFact { begun: true, established_on: None };
    let late = when(begun, "2026-03-02 00:00");
    assert_eq!(
        late[0].clock.state(parse_local("2026-03-02 00:00").expect("a time")),
        ClockState::Missed
    );
    let established = |day| YearlyFact { begun: true, established_on: Some(day) };
    let state = |day: Date| {
        let now = parse_local("2026-03-10 12:00").expect("a time");
        when(established(day), "2026-03-10 12:00")[0].clock.state(now)
    };
    assert_eq!(state(date(2026, 3, 1)), ClockState::Kept);
    assert_eq!(state(date(2026, 3, 2)), ClockState::Missed);
}

#[test]
fn targets_outside_their_range_are_named() {
    let settings = Settings {
        clocks: ClockSettings {
            triage_working_days: 0,
            lex_maria_notification_days: 367,
            lex_sarah_notification_days: Some(0),
            complaint_answer_months: 13,
            ..ClockSettings::default()
        },
        ..Settings::default()
    };
    let faults = settings.faults(&domain::code_lists::CodeLists::shared(), &units());
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "/clocks/triage_working_days",
            "/clocks/lex_maria_notification_days",
            "/clocks/lex_sarah_notification_days",
            "/clocks/complaint_answer_months",
        ]
    );
}
