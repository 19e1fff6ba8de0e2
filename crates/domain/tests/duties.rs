//! Neighbouring duties of a case, and a case that waits for somebody outside.

mod common;

use common::*;
use domain::case::closing::Close;
use domain::case::triage::{Limits, Triage};
use domain::case::{Case, DutyAnswer, Outside, Rejected, Status, Track, Waiting};
use domain::clock::{Binding, ClockSettings, ClockState, DutyFact, Target};
use domain::code_lists::CodeLists;
use domain::duty;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

fn triaged(mut case: Case, category: &str) -> Case {
    let (category, reason) = (Some(category.into()), Some("x".into()));
    let triage = Triage { category, reason, ..full_triage(Track::Simple) };
    case.version = 1;
    let codes = CodeLists::shared();
    case.triage(triage, &codes, Limits::default(), manager(), now()).expect("triages").case
}

fn open(case: &Case) -> Vec<&str> {
    case.open_duties().map(|duty| duty.code.as_str()).collect()
}

fn named(rejected: Rejected) -> Vec<(String, String)> {
    match rejected {
        Rejected::Guard(faults) => {
            faults.into_iter().map(|it| (it.field, it.reason.code().to_owned())).collect()
        }
        Rejected::State { status, .. } => panic!("not from {status}"),
        Rejected::Stage { stage, .. } => panic!("not from {stage:?}"),
    }
}

fn close(case: Case) -> Result<Case, Rejected> {
    let close = Close {
        outcome: "UTF.DIR".into(),
        summary: Some("x".into()),
        action_taken: Some("x".into()),
        feedback: Some(feedback()),
        ..Close::default()
    };
    let codes = CodeLists::shared();
    close_with(case, close, &codes)
}

fn close_with(case: Case, close: Close, codes: &CodeLists) -> Result<Case, Rejected> {
    case.close(close, codes, Limits::default(), manager(), now()).map(|changed| changed.case)
}

#[test]
fn a_category_and_an_answer_ask_once() {
    let case = triaged(reported(), "HSL.MTP.HAN");
    assert_eq!(open(&case), ["MTP"]);
    assert_eq!(open(&triaged(case.clone(), "HSL.MTP.FEL")), ["MTP"]);
    assert_eq!(open(&triaged(reported(), "HSL.FAL")), [""; 0]);
    assert_eq!(open(&triaged(reported(), "SOC.OVG.FYS")), ["POL"]);
    let mut child = reported();
    child.filing.age_band = Some("0-17".into());
    assert_eq!(open(&triaged(child, "SOC.OVG.FYS")), ["POL", "ORO"]);
    let mut faulty = reported();
    faulty.filing.details.insert("device_problem".into(), "fault".into());
    assert_eq!(open(&triaged(faulty, "HSL.FAL")), ["MTP"]);
    let mut hurt = reported();
    hurt.assessment.harm.injury = Some("SMA".into());
    assert_eq!(open(&triaged(hurt, "HSL.LKM.DOS")), ["BIV"]);
    // What is asked for stays, whatever is judged later.
    let moved = triaged(case, "HSL.FAL");
    assert_eq!(open(&moved), ["MTP"]);
}

#[test]
fn closing_names_every_duty_that_is_not_answered() {
    let codes = CodeLists::shared();
    let case = triaged(reported(), "HSL.MTP.FEL");
    let case = case.ask_duty("POL".into(), None, &codes, manager(), now()).expect("asks").case;
    let faults = named(close(case.clone()).expect_err("duties"));
    let reason = "duty_not_answered".to_owned();
    assert_eq!(
        faults,
        [("/duties/MTP".to_owned(), reason.clone()), ("/duties/POL".to_owned(), reason.clone())]
    );
    // However it ends.
    let withdrawn =
        Close { outcome: "UTF.ATE".into(), summary: Some("x".into()), ..Close::default() };
    let faults = named(close_with(case.clone(), withdrawn, &codes).expect_err("duties"));
    assert_eq!(faults.len(), 2);

    let done = DutyAnswer::Done { at: None, reference: Some("2026/17".into()) };
    let case = case.answer_duty("MTP", done, manager(), now()).expect("answers").case;
    let faults = named(close(case.clone()).expect_err("a duty"));
    assert_eq!(faults, [("/duties/POL".to_owned(), reason)]);
    let needless = DutyAnswer::NotNeeded { reason: "Ingen brottsmisstanke.".into() };
    let case = case.answer_duty("POL", needless, manager(), now()).expect("answers").case;
    assert_eq!(close(case).expect("closes").status(), Status::Closed);
}

#[test]
fn an_answer_says_when_or_why() {
    let codes = CodeLists::shared();
    let case = triaged(reported(), "HSL.MTP.FEL");
    let hour = SignedDuration::from_hours(1);
    let faults =
        |answer| named(case.clone().answer_duty("MTP", answer, manager(), now()).expect_err("no"));
    let at = |at: Timestamp| DutyAnswer::Done { at: Some(at), reference: None };
    assert_eq!(faults(at(now() + hour))[0].1, "in_future");
    assert_eq!(faults(at(case.known_at() - hour))[0], ("/done_at".to_owned(), "before".to_owned()));
    let blank = DutyAnswer::NotNeeded { reason: " ".into() };
    assert_eq!(faults(blank), [("/reason".to_owned(), "required".to_owned())]);
    let none = DutyAnswer::NotNeeded { reason: "x".into() };
    let unknown = case.clone().answer_duty("POL", none.clone(), manager(), now()).expect_err("no");
    assert_eq!(named(unknown), [("/duty".to_owned(), "not_found".to_owned())]);
    let twice = case.clone().ask_duty("MTP".into(), None, &codes, manager(), now());
    assert_eq!(named(twice.expect_err("no")), [("/duty".to_owned(), "not_unique".to_owned())]);
    let strange = case.clone().ask_duty("NEJ".into(), Some(now() + hour), &codes, manager(), now());
    assert_eq!(named(strange.expect_err("no")).len(), 2);
    // Answered, and asked for anew.
    let case = case.answer_duty("MTP", none, manager(), now()).expect("answers").case;
    assert_eq!(open(&case), [""; 0]);
    let case = case.ask_duty("MTP".into(), None, &codes, manager(), now()).expect("asks").case;
    assert_eq!(open(&case), ["MTP"]);
}

#[test]
fn a_breach_has_72_hours_from_knowledge() {
    let mut case = reported();
    let found: Timestamp = "2026-03-10T06:00:00Z".parse().expect("a time");
    case.discovered_at = Some(found);
    let case = triaged(case, "HSL.SEK");
    let asked = case.open_duties().next().expect("a duty");
    assert_eq!((asked.code.as_str(), asked.known_at), ("GDPR33", found));
    let fact = DutyFact {
        case: case.id,
        code: asked.code.clone(),
        asked_at: asked.asked_at,
        known_at: asked.known_at,
        answered_at: None,
    };
    let clock = duty::clock(&fact, &ClockSettings::default());
    assert_eq!((clock.binding(), clock.target()), (Binding::Statutory, Target::Hours(72)));
    let up = found + SignedDuration::from_hours(72);
    assert_eq!(clock.due().expect("a time").at, up);
    assert_eq!(clock.state(up), ClockState::Running);
    assert_eq!(clock.state(up + SignedDuration::from_secs(1)), ClockState::Missed);
    let device = duty::clock(&DutyFact { code: "MTP".into(), ..fact }, &ClockSettings::default());
    assert_eq!(device.binding(), Binding::Local);
    assert_eq!(device.law.map(|law| law.act).as_deref(), Some("HSLF-FS 2021:52"));
}

#[test]
fn a_case_waits_for_a_while() {
    let wait = |until| Waiting {
        whom: Outside::Police,
        until,
        reason: "Förundersökning pågår.".into(),
        by: manager(),
        since: now(),
    };
    let case = reported().wait(wait(date(2026, 5, 1)), now()).expect("waits").case;
    let waiting = case.assessment.waiting.clone().expect("waits");
    assert!(waiting.on(date(2026, 5, 1)) && !waiting.on(date(2026, 5, 2)));
    let faults = |it: Waiting| named(reported().wait(it, now()).expect_err("no"));
    assert_eq!(faults(wait(date(2026, 3, 9)))[0].0, "/until");
    assert_eq!(faults(wait(date(2027, 3, 12)))[0].1, "waits_too_long");
    let blank = Waiting { reason: String::new(), ..wait(date(2026, 5, 1)) };
    assert_eq!(faults(blank)[0].0, "/reason");
    let case = case.stop_waiting("Beslut har kommit.".into(), now()).expect("ends").case;
    assert_eq!(case.assessment.waiting, None);
    assert!(case.stop_waiting("x".into(), now()).is_err());
    assert!(standing(Status::Closed).wait(wait(date(2026, 5, 1)), now()).is_err());
}
