//! The whole table of state × command, and the guards of each.

mod common;

use std::fmt::Write as _;

use common::*;
use domain::case::attachment::{
    AddedBy, Attached, FileKind, LARGEST_TOTAL, MOST_ATTACHMENTS, Metadata, Scan,
};
use domain::case::closing::{Asked, Close, Ending, asked};
use domain::case::correction::Correction;
use domain::case::event::Changed;
use domain::case::investigation::Findings;
use domain::case::link::LinkKind;
use domain::case::measure::{Effect, MeasureProgress, Waiver};
use domain::case::triage::{LexAnswer, LexQuestion, Limits, Triage, Vardskada};
use domain::case::watch::{WatchAnswer, WatchAnswered, Watcher, Wish};
use domain::case::{Attachment, Case, Command, Kind, Rejected, Status, Track};
use domain::case::{Comment, Conflict, Outside, Supplement, Waiting, Watch};
use domain::code_lists::CodeLists;
use domain::fault::Reason;
use domain::ids::{
    AttachmentId, CaseId, CauseId, CommentId, InvestigationId, MeasureId, StaffId, UnitId, WatchId,
};
use domain::opinion::gate::GatesGiven;
use domain::opinion::{AnswerGiven, Channel};
use jiff::civil::date;

fn photo() -> Attachment {
    Attachment {
        id: AttachmentId(id(700)),
        name: "IMG_0001.jpg".into(),
        kind: FileKind::Jpeg,
        size: 1000,
        sha256: [7; 32],
        description: None,
        metadata: Metadata::Removed,
        scan: Scan::None,
        added_at: now(),
        added_by: Some(manager()),
    }
}

fn watch() -> Watch {
    Watch {
        id: WatchId(id(800)),
        to: Watcher::Staff(manager()),
        wish: Wish::Act,
        text: Some("Se över hjälpmedlet.".into()),
        due_on: None,
        by: manager(),
        at: now(),
        answered: None,
    }
}

fn conflict() -> Conflict {
    let staff = StaffId(id(66));
    Conflict { staff, reason: "Gäller hans bror.".into(), by: Some(manager()), at: now() }
}

fn comment() -> Comment {
    Comment {
        id: CommentId(id(810)),
        text: "Ring avdelningen.".into(),
        to_reporter: false,
        mentions: Vec::new(),
        by: manager(),
        at: now(),
    }
}

/// Does a command that would pass every guard, if the state takes it.
fn attempt(case: Case, command: Command) -> Result<Changed, Rejected> {
    let codes = CodeLists::shared();
    let why = || "Därför.".to_owned();
    match command {
        Command::File => unreachable!("not a command on a case"),
        Command::Edit => case
            .edit(filed(Kind::Avvikelse, true, intake(), false), now())
            .map(|filed| filed.changed),
        Command::Submit => case.submit(9, now()),
        Command::Triage => {
            let again = Triage { reason: Some(why()), ..full_triage(Track::Standard) };
            case.triage(again, &codes, Limits::default(), manager(), now())
        }
        Command::Lead => case.lead(manager(), why(), now()),
        Command::Investigate => {
            case.investigate(findings(), InvestigationId(id(401)), &codes, manager(), now())
        }
        Command::Measure => {
            let waiver = Waiver { cause: CauseId(id(200)), reason: why() };
            case.add_measures(vec![measure(510, &[])], vec![waiver], &codes, now())
        }
        Command::DecideMeasures => case
            .add_measures(vec![measure(511, &[200, 201])], vec![], &codes, now())
            .map(|changed| changed.case)
            .and_then(|case| case.decide_measures(now())),
        Command::FollowUp => case.follow_up(now()),
        Command::Feedback => case.give_feedback(feedback(), date(2026, 3, 10), now()),
        Command::Correct => {
            let correction =
                Correction { unit: Some(UnitId(id(12))), reason: why(), ..Correction::default() };
            case.correct(correction, &codes, manager(), now())
        }
        Command::Transfer => case.transfer(UnitId(id(13)), why(), now()),
        Command::Link => case.link_to(LinkKind::Related, CaseId(id(999)), now()),
        Command::Attach => case.attach(&photo(), Attached::default(), AddedBy::Handler, now()),
        Command::WithdrawAttachment => case.withdraw_attachment(&photo(), why(), now()),
        Command::Watch => case.watch(watch(), &codes, now()),
        Command::AnswerWatch => {
            let mut case = case;
            case.watches.push(watch());
            let answered =
                WatchAnswered { answer: WatchAnswer::Done, text: None, by: manager(), at: now() };
            case.answer_watch(watch().id, answered, Some("SSK"), now())
        }
        Command::Comment => case.comment(&comment(), now()),
        Command::Supplement => {
            let more = Supplement { at: now(), by: manager(), text: "Hon hade strumpor.".into() };
            case.supplement(more, now())
        }
        Command::KeepFrom => case.keep_from(conflict(), now()),
        Command::Duty => case.ask_duty("POL".to_owned(), None, &codes, manager(), now()),
        Command::Wait => {
            let waiting = Waiting {
                whom: Outside::Ivo,
                until: date(2026, 4, 1),
                reason: why(),
                by: manager(),
                since: now(),
            };
            case.wait(waiting, now())
        }
        Command::Close => {
            let close =
                Close { outcome: "UTF.ATE".into(), summary: Some(why()), ..Close::default() };
            case.close(close, &codes, Limits::default(), manager(), now())
        }
        Command::Reopen => case.reopen(why(), now()),
        Command::Void => case.void(why(), manager(), false, now()),
        Command::Refile => refiled(case, Kind::Klagomal).map(|refiled| refiled.old),
        Command::Register
        | Command::Acknowledge
        | Command::Assign
        | Command::Inquire
        | Command::Ask
        | Command::Attempt
        | Command::Answer
        | Command::HandOver
        | Command::PassOn
        | Command::SpinOff
        | Command::SenderMessage => unreachable!("of opinions; see opinion.rs"),
    }
}

/// Compares with a reviewed file; `UPDATE_SNAPSHOTS=1` writes it anew.
fn reviewed(name: &str, text: &str) {
    let path = format!("{}/tests/snapshots/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).expect("writes");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} has changed; review it and run with UPDATE_SNAPSHOTS=1:\n{text}");
}

#[test]
fn every_state_takes_exactly_its_commands() {
    let mut table =
        String::from("status × command → status, or – where the state does not take it\n\n");
    for status in Status::ALL {
        for command in Command::ALL {
            let result = attempt(standing(status), command);
            let to = match &result {
                Ok(changed) => {
                    assert!(
                        status.admits(command),
                        "{status} took {command:?} without admitting it"
                    );
                    assert_eq!(changed.event.from, Some(status));
                    assert_eq!(changed.event.to, changed.case.status());
                    changed.case.status().code()
                }
                Err(Rejected::State { .. } | Rejected::Stage { .. }) => "–",
                Err(Rejected::Guard(faults)) => panic!("{status} {command:?}: {faults:?}"),
            };
            writeln!(table, "{:<17} {:<16} {to}", status.code(), command.code()).expect("writes");
        }
        table.push('\n');
    }
    reviewed("state_command.txt", &table);
}

#[test]
fn a_change_is_one_version_on_and_tells_of_itself() {
    for status in Status::ALL {
        for command in Command::ALL {
            let before = standing(status);
            let version = before.version;
            if let Ok(changed) = attempt(before, command) {
                // Deciding is attempted in two steps.
                let steps = if command == Command::DecideMeasures { 2 } else { 1 };
                assert_eq!(changed.case.version, version + steps, "{status} {command:?}");
                assert_eq!(changed.event.command, command);
            }
        }
    }
}

#[test]
fn from_every_state_an_honest_user_has_a_way_to_an_end() {
    // Breadth first over all commands: an end must be near.
    for status in Status::ALL {
        let mut reached = vec![standing(status)];
        let mut steps = 0;
        while !reached.iter().any(|case| matches!(case.status(), Status::Closed | Status::Void)) {
            steps += 1;
            assert!(steps <= 2, "no end within two steps from {status}");
            reached = reached
                .into_iter()
                .flat_map(|case| {
                    Command::ALL.into_iter().filter_map(move |command| {
                        attempt(case.clone(), command).ok().map(|changed| changed.case)
                    })
                })
                .collect();
        }
    }
    // And not only by withdrawing: the way by work ends as well.
    assert_eq!(standing(Status::Closed).status(), Status::Closed);
}

#[test]
fn a_reopened_case_goes_on_where_it_stood() {
    for (status, resumed) in [
        (Status::Reported, Status::Reported),
        (Status::Triaged, Status::Triaged),
        (Status::Investigating, Status::Investigating),
        (Status::MeasuresDecided, Status::MeasuresDecided),
        (Status::FollowingUp, Status::FollowingUp),
    ] {
        let closed = attempt(standing(status), Command::Close).expect("closes").case;
        let reopened = closed.reopen("Nya uppgifter.".into(), now()).expect("reopens");
        assert_eq!(reopened.case.status(), resumed);
        let noted = |field: &str| {
            let change = reopened.event.changes.iter().find(|change| change.field == field);
            change.map(|change| change.old.clone()).unwrap_or_default()
        };
        assert_eq!(noted("outcome"), "UTF.ATE");
        assert_eq!(noted("summary"), "Därför.", "how it had ended is kept");
        assert_eq!(reopened.case.closed_at(), None);
    }
}

fn faults<T: std::fmt::Debug>(result: Result<T, Rejected>) -> Vec<(String, String)> {
    match result {
        Err(Rejected::Guard(faults)) => faults
            .into_iter()
            .map(|fault| (fault.field.clone(), fault.reason.code().to_owned()))
            .collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

#[test]
fn a_harmless_fall_is_closed_with_one_command() {
    let one = Close {
        outcome: "UTF.DIR".into(),
        summary: Some("Harmlöst fall.".into()),
        action_taken: Some("Larmmatta.".into()),
        triage: Some(full_triage(Track::Simple)),
        feedback: Some(feedback()),
        ..Close::default()
    };
    let closed = close(reported(), one.clone()).expect("closes");
    assert_eq!(closed.outcome(), Some("UTF.DIR"));
    assert_eq!(closed.progress.triaged_at, Some(now()));

    let missing = Close { summary: None, action_taken: None, feedback: None, ..one.clone() };
    let fields: Vec<String> =
        faults(close(reported(), missing)).into_iter().map(|fault| fault.0).collect();
    assert_eq!(fields, ["/summary", "/action_taken", "/feedback"]);

    // The simple track is for the harmless only.
    for (grave, code) in [
        (
            Triage { severity_actual: Some(2), ..full_triage(Track::Simple) },
            "too_grave_for_simple_track",
        ),
        (
            Triage {
                severity_potential: Some(4),
                probability: Some(2),
                ..full_triage(Track::Simple)
            },
            "risk_score_too_high_for_simple_track",
        ),
        (
            Triage {
                lex: [(LexQuestion::LexMaria, LexAnswer::Perhaps)].into(),
                ..full_triage(Track::Simple)
            },
            "lex_question_open_for_simple_track",
        ),
        (
            Triage { vardskada: Some(Vardskada::CouldHave), ..full_triage(Track::Simple) },
            "vardskada_on_simple_track",
        ),
    ] {
        let close_so = Close { triage: Some(grave), ..one.clone() };
        let found = faults(close(reported(), close_so));
        assert!(found.iter().any(|fault| fault.1 == code), "{code}: {found:?}");
    }
}

#[test]
fn triage_in_parts_is_complete_when_nothing_is_missing() {
    let codes = CodeLists::shared();
    let part = |case: Case, triage: Triage| {
        case.triage(triage, &codes, Limits::default(), manager(), now()).expect("takes a part").case
    };
    let case = part(reported(), Triage { severity_actual: Some(2), ..Triage::default() });
    assert_eq!(case.status(), Status::Reported);
    assert_eq!(case.triage_awaits(), ["/category", "/track", "/law", "/probability"]);
    let case = part(
        case,
        Triage {
            law: Some(vec!["HSL".into(), "SOL".into()]),
            category: Some("HSL.FAL".into()),
            probability: Some(1),
            track: Some(Track::Standard),
            ..Triage::default()
        },
    );
    assert_eq!(
        case.triage_awaits(),
        ["/lex/lex_maria", "/lex/lex_sarah"],
        "two laws, two questions"
    );
    let case = part(
        case,
        Triage {
            lex: [
                (LexQuestion::LexMaria, LexAnswer::No),
                (LexQuestion::LexSarah, LexAnswer::Perhaps),
            ]
            .into(),
            ..Triage::default()
        },
    );
    assert_eq!(case.status(), Status::Triaged);
    assert!(case.assessment.lex_flagged(), "anything but no raises the flag and blocks nothing");
    assert_eq!(case.assessment.judged["severity"].by, Some(manager()));

    let again = Triage { severity_actual: Some(3), ..Triage::default() };
    let without_reason =
        case.clone().triage(again.clone(), &codes, Limits::default(), manager(), now());
    assert_eq!(faults(without_reason.map(|c| c.case))[0].0, "/reason");
    let changed = case
        .triage(
            Triage { reason: Some("Ny uppgift.".into()), ..again },
            &codes,
            Limits::default(),
            manager(),
            now(),
        )
        .expect("judges anew");
    assert_eq!(changed.case.status(), Status::Triaged);
    let change = &changed.event.changes[0];
    assert_eq!(
        (change.field.as_str(), &change.old["actual"], &change.new["actual"]),
        ("severity", &2.into(), &3.into())
    );
}

#[test]
fn triage_names_every_wrong_code() {
    let wrong = Triage {
        law: Some(vec!["HSL".into(), "HSL".into(), "ABC".into()]),
        category: Some("K.OMV".into()),
        severity_actual: Some(5),
        probability: Some(0),
        injury: Some("XXX".into()),
        serious: Some(true),
        ..Triage::default()
    };
    let codes = CodeLists::shared();
    let result = reported().triage(wrong, &codes, Limits::default(), manager(), now());
    let fields: Vec<String> =
        faults(result.map(|c| c.case)).into_iter().map(|fault| fault.0).collect();
    assert_eq!(
        fields,
        ["/category", "/harm/injury", "/severity/actual", "/probability", "/law/1", "/law/2"]
    );
}

#[test]
fn each_cause_needs_a_measure_or_a_reason() {
    let codes = CodeLists::shared();
    let case = standing(Status::Investigating);
    let found = faults(case.clone().decide_measures(now()).map(|c| c.case));
    assert_eq!(found.len(), 2, "both causes: {found:?}");
    let case =
        case.add_measures(vec![measure(500, &[200])], vec![], &codes, now()).expect("adds").case;
    assert_eq!(faults(case.clone().decide_measures(now()).map(|c| c.case)).len(), 1);
    let waiver = Waiver { cause: CauseId(id(201)), reason: "Kan inte påverkas.".into() };
    let case = case.add_measures(vec![], vec![waiver], &codes, now()).expect("waives").case;
    assert_eq!(
        case.decide_measures(now()).expect("decides").case.status(),
        Status::MeasuresDecided
    );
}

#[test]
fn an_incomplete_investigation_decides_nothing() {
    let codes = CodeLists::shared();
    let begun = standing(Status::Triaged)
        .investigate(Findings::default(), InvestigationId(id(400)), &codes, manager(), now())
        .expect("begins")
        .case;
    assert_eq!(begun.status(), Status::Investigating);
    let complete = Findings { complete: true, ..Findings::default() };
    let result =
        begun.clone().investigate(complete, InvestigationId(id(400)), &codes, manager(), now());
    let fields: Vec<String> = faults(result.map(|c| c.case)).into_iter().map(|f| f.0).collect();
    assert_eq!(fields, ["/course_of_events", "/assessment", "/causes"]);
    assert!(
        faults(begun.decide_measures(now()).map(|c| c.case))
            .iter()
            .any(|fault| fault.1 == "investigation_not_complete")
    );
}

#[test]
fn closing_asks_by_the_table() {
    let mut table = String::from("kind × track × ending → what closing asks for\n\n");
    for kind in Kind::ALL {
        for track in Track::ALL {
            for ending in [
                Ending::Handled,
                Ending::Elsewhere,
                Ending::OtherUnit,
                Ending::Unfounded,
                Ending::Duplicate,
                Ending::Withdrawn,
            ] {
                let from: Vec<_> = Status::ALL
                    .into_iter()
                    .filter(|status| ending.open_from(*status, kind, Some(track)))
                    .map(Status::code)
                    .collect();
                let asks = asked(kind, Some(track), ending);
                writeln!(
                    table,
                    "{:<10} {:<9} {:<10} from {:<62} asks {asks:?}",
                    kind.code(),
                    track.code(),
                    format!("{ending:?}"),
                    from.join(" ")
                )
                .expect("writes");
            }
        }
        table.push('\n');
    }
    reviewed("closing.txt", &table);
    assert!(
        asked(Kind::Avvikelse, Some(Track::Standard), Ending::Handled).contains(&Asked::Vardskada)
    );
}

#[test]
fn a_vardskada_is_not_closed_before_the_patient_is_informed() {
    let again = Triage {
        vardskada: Some(Vardskada::Yes),
        reason: Some("Ny uppgift.".into()),
        ..Triage::default()
    };
    let case = triage(standing(Status::FollowingUp), again);
    let found = faults(close(case.clone(), handled()));
    assert_eq!(found, [("/patient_information".to_owned(), "required".to_owned())]);

    let mut five = information();
    five.points.pop();
    let some = Close { patient_information: Some(five), ..handled() };
    assert!(faults(close(case.clone(), some)).iter().any(|f| f.1 == "six_points_of_psl_3_8"));

    let hindered = domain::case::information::PatientInformation {
        points: vec![],
        informed_at: None,
        how: None,
        impediment: Some("Sekretess mot anhörig.".into()),
        journal_note_confirmed: true,
    };
    let lawful = Close { patient_information: Some(hindered), ..handled() };
    assert!(close(case.clone(), lawful).is_ok());

    let all = Close { patient_information: Some(information()), ..handled() };
    let closed = close(case, all).expect("closes");
    assert_eq!(closed.progress.patient_informed_at, Some(now()));
}

#[test]
fn a_deep_case_waits_for_the_effect() {
    let deep = Triage {
        reason: Some("Allvarligt.".into()),
        track: Some(Track::Deep),
        ..Triage::default()
    };
    let case = triage(standing(Status::FollowingUp), deep);
    assert!(
        faults(close(case.clone(), handled())).iter().any(|f| f.1 == "measure_effect_not_judged")
    );
    let mut case = case;
    for n in [500, 501] {
        let progress = MeasureProgress {
            done_on: Some(date(2026, 3, 9)),
            effect: Some(Effect::Partly),
            ..MeasureProgress::default()
        };
        case = case.progress_measure(MeasureId(id(n)), progress, now()).expect("progresses").case;
    }
    assert!(close(case, handled()).is_ok());
}

#[test]
fn a_measure_outlives_its_case() {
    let progress = MeasureProgress {
        done_on: Some(date(2026, 3, 9)),
        effect: Some(Effect::Yes),
        ..MeasureProgress::default()
    };
    let case = standing(Status::Closed);
    let after =
        case.progress_measure(MeasureId(id(500)), progress, now()).expect("progresses").case;
    assert_eq!(after.status(), Status::Closed);

    let early = MeasureProgress { effect: Some(Effect::Yes), ..MeasureProgress::default() };
    let found = faults(
        standing(Status::Closed).progress_measure(MeasureId(id(501)), early, now()).map(|c| c.case),
    );
    assert_eq!(found[0].1, "effect_before_done");
}

#[test]
fn a_correction_keeps_the_old_value_and_never_the_future() {
    let case = standing(Status::Triaged);
    let correction = Correction {
        unit: Some(UnitId(id(12))),
        occurred_at: Some(None),
        reason: "Fel enhet vald.".into(),
        ..Correction::default()
    };
    let changed =
        case.clone().correct(correction, &CodeLists::shared(), manager(), now()).expect("corrects");
    assert_eq!(changed.case.unit, UnitId(id(12)));
    assert_eq!(changed.case.occurred_at, None);
    let unit = changed.event.changes.iter().find(|change| change.field == "unit").expect("is told");
    assert_eq!(unit.old, id(11).to_string());
    assert_eq!(changed.event.reason.as_deref(), Some("Fel enhet vald."));

    let ahead = Correction {
        occurred_at: Some(Some("2026-03-10T08:00:01Z".parse().expect("a time"))),
        reason: "x".into(),
        ..Correction::default()
    };
    assert_eq!(
        faults(case.clone().correct(ahead, &CodeLists::shared(), manager(), now()).map(|c| c.case))
            [0]
        .1,
        "in_future"
    );

    let nothing = Correction { unit: Some(case.unit), reason: "x".into(), ..Correction::default() };
    assert_eq!(
        faults(
            case.clone().correct(nothing, &CodeLists::shared(), manager(), now()).map(|c| c.case)
        )[0]
        .1,
        "nothing_to_correct"
    );

    let law = Correction {
        law: Some(vec![domain::law::Law::Sol]),
        reason: "Fel lag.".into(),
        ..Correction::default()
    };
    let found =
        faults(case.correct(law.clone(), &CodeLists::shared(), manager(), now()).map(|c| c.case));
    assert_eq!(found, [("/law".to_owned(), "lex_question_unanswered".to_owned())]);
    let early =
        reported().correct(law, &CodeLists::shared(), manager(), now()).expect("before triage");
    assert_eq!(early.case.laws(), [domain::law::Law::Sol]);
    assert_eq!(early.case.filing.law, ["HSL"], "what the reporter chose is kept");
}

#[test]
fn duplicates_hold_their_original() {
    let other = CaseId(id(777));
    let duplicate =
        Close { outcome: "UTF.DUB".into(), duplicate_of: Some(other), ..Close::default() };
    let closed = close(reported(), duplicate.clone()).expect("closes from reported");
    assert_eq!(closed.links[0].kind, LinkKind::DuplicateOf);
    let reopened = closed.reopen("Inte samma.".into(), now()).expect("reopens").case;
    assert!(reopened.links.is_empty());
    let itself = Close { duplicate_of: Some(reported().id), ..duplicate };
    assert_eq!(faults(close(reported(), itself))[0].0, "/duplicate_of");
    let held = reported().void("x".into(), manager(), true, now());
    assert_eq!(faults(held.map(|c| c.case))[0].1, "has_duplicates");
}

#[test]
fn a_complaint_cannot_end_without_an_answer_to_someone() {
    let complaint = {
        let mut intake = intake();
        intake.filing.category = Some("K.BEM".into());
        filed(Kind::Klagomal, false, intake, false).changed.case
    };
    let judged = Triage { category: Some("K.BEM".into()), ..Triage::default() };
    let mut close_so = Close {
        outcome: "UTF.BER".into(),
        summary: Some("Bemötandet brast.".into()),
        triage: Some(judged),
        ..Close::default()
    };
    let wanting = faults(close(complaint.clone(), close_so.clone()));
    assert_eq!(wanting[0].1, "klagomal_needs_answer_or_ending");
    // Having told somebody of the staff is no answer.
    close_so.feedback = Some(feedback());
    assert_eq!(faults(close(complaint.clone(), close_so.clone())), wanting);
    let answer = AnswerGiven {
        explanation: Some("Bemötandet brast.".into()),
        no_measures: true,
        secrecy_ground: Some("Inget om någon enskild.".into()),
        channel: Some(Channel::Letter),
        gates: GatesGiven { avvikelse: Some(false), lex_sarah: Some(LexAnswer::No) },
        ..AnswerGiven::default()
    };
    let answered = complaint.answer_opinion(answer, manager(), now()).expect("is answered").case;
    assert_eq!(close(answered, close_so).expect("closes").outcome(), Some("UTF.BER"));
}

#[test]
fn leading_and_linking_ask_for_sense() {
    assert_eq!(
        faults(reported().lead(StaffId(id(9)), " ".into(), now()).map(|c| c.case))[0].0,
        "/reason"
    );
    let itself = reported().link_to(LinkKind::Related, reported().id, now());
    assert_eq!(faults(itself.map(|c| c.case))[0].1, "link_to_itself");
    let by_hand = reported().link_to(LinkKind::DuplicateOf, CaseId(id(5)), now());
    assert_eq!(faults(by_hand.map(|c| c.case))[0].1, "link_made_by_command");
    let meeting =
        domain::case::Feedback { audience: domain::case::feedback::Audience::Unit, ..feedback() };
    let undated = reported().give_feedback(meeting, date(2026, 3, 10), now());
    assert!(matches!(undated, Err(Rejected::Guard(f)) if f[0].reason == Reason::Required));
}

#[test]
fn a_draft_handed_in_counts_from_when_it_came_in_and_has_that_years_number() {
    let mut draft = standing(Status::Draft);
    draft.filing.received_at = Some("2025-12-30T10:00:00Z".parse().expect("a time"));
    let case = draft.submit(5, now()).expect("submits").case;
    assert_eq!(case.reported_at.to_string(), "2025-12-30T10:00:00Z");
    assert_eq!(case.number.year(), 2025);
    assert_eq!(case.registered_at, now());
}

#[test]
fn what_an_investigation_needs_cannot_be_taken_out_again() {
    let codes = CodeLists::shared();
    let case = standing(Status::Investigating);
    let emptied = Findings { causes: Some(vec![]), ..Findings::default() };
    let new = InvestigationId(id(400));
    let result = case.clone().investigate(emptied, new, &codes, manager(), now());
    assert_eq!(faults(result.map(|c| c.case))[0].0, "/causes");
    let twice = Findings { causes: Some(vec![cause(200), cause(200)]), ..Findings::default() };
    let result = case.clone().investigate(twice, new, &codes, manager(), now());
    assert_eq!(faults(result.map(|c| c.case))[0], ("/causes/1/id".into(), "not_unique".into()));

    // Made deep after it was complete: what the deep track asks for is asked for now.
    let deep = Triage { track: Some(Track::Deep), reason: Some("x".into()), ..Triage::default() };
    let mut case = triage(case, deep);
    case.investigation.as_mut().expect("is there").support_offered = None;
    let measured = case
        .add_measures(vec![measure(500, &[200, 201])], vec![], &codes, now())
        .expect("adds")
        .case;
    assert_eq!(
        faults(measured.decide_measures(now()).map(|c| c.case))[0].1,
        "investigation_not_complete"
    );
}

#[test]
fn closing_does_not_go_around_the_guards_of_what_rides_along() {
    let again = Triage { category: Some("HSL.LKM".into()), ..Triage::default() };
    let case = standing(Status::FollowingUp);
    let silent = Close { triage: Some(again.clone()), ..handled() };
    assert_eq!(faults(close(case.clone(), silent))[0].0, "/triage/reason");
    let said = Triage { reason: Some("Ny uppgift.".into()), ..again };
    let closed = close(case.clone(), Close { triage: Some(said), ..handled() }).expect("closes");
    assert_eq!(closed.category(), Some("HSL.LKM"));
    let blank = domain::case::Feedback { text: " ".into(), ..feedback() };
    let unsaid = Close { feedback: Some(blank), ..handled() };
    assert_eq!(faults(close(case, unsaid))[0].0, "/feedback/text");

    let near =
        Triage { severity_potential: Some(4), probability: Some(1), ..full_triage(Track::Simple) };
    let simple = Close {
        outcome: "UTF.DIR".into(),
        action_taken: Some("x".into()),
        triage: Some(near),
        ..handled()
    };
    assert_eq!(faults(close(reported(), simple))[0].1, "too_grave_for_simple_track");
}

#[test]
fn a_case_found_to_be_deep_while_followed_up_still_ends() {
    let deep =
        Triage {
            track: Some(Track::Deep), reason: Some("Vårdskada?".into()), ..Triage::default()
        };
    let mut case = triage(standing(Status::FollowingUp), deep);
    let inquiry = case.investigation.as_mut().expect("is there");
    inquiry.person_account = None;
    inquiry.support_offered = None;
    let found = faults(close(case.clone(), handled()));
    assert!(found.iter().any(|fault| fault.1 == "investigation_not_complete"), "{found:?}");
    let more = Findings {
        person_account: Some("Berättade.".into()),
        support_offered: Some(true),
        ..Findings::default()
    };
    let codes = CodeLists::shared();
    let mut case = case
        .investigate(more, InvestigationId(id(400)), &codes, manager(), now())
        .expect("adds")
        .case;
    assert_eq!(case.status(), Status::FollowingUp);
    for n in [500, 501] {
        let done = MeasureProgress {
            done_on: Some(date(2026, 3, 9)),
            effect: Some(Effect::Yes),
            ..MeasureProgress::default()
        };
        case = case.progress_measure(MeasureId(id(n)), done, now()).expect("progresses").case;
    }
    assert!(close(case, handled()).is_ok());
}

#[test]
fn what_is_judged_for_the_first_time_needs_no_reason() {
    let mut case = standing(Status::FollowingUp);
    case.assessment.harm.vardskada = Vardskada::NotAssessed;
    let late = Triage { vardskada: Some(Vardskada::No), ..Triage::default() };
    assert!(close(case, Close { triage: Some(late), ..handled() }).is_ok());
}

#[test]
fn odd_times_keep_nothing_else_from_being_put_right() {
    let mut case = standing(Status::Reported);
    case.discovered_at = Some("2026-03-09T20:00:00Z".parse().expect("a time"));
    let unit =
        Correction { unit: Some(UnitId(id(12))), reason: "x".into(), ..Correction::default() };
    assert!(case.clone().correct(unit, &CodeLists::shared(), manager(), now()).is_ok());
    let when =
        Correction { occurred_until: Some(None), reason: "x".into(), ..Correction::default() };
    assert_eq!(
        faults(case.correct(when, &CodeLists::shared(), manager(), now()).map(|c| c.case))[0].0,
        "/discovered_at"
    );
}

#[test]
fn a_file_may_come_late_from_those_who_handle_the_case_and_never_too_many() {
    let closed = attempt(standing(Status::Triaged), Command::Close).expect("closes").case;
    assert!(closed.clone().attach(&photo(), Attached::default(), AddedBy::Handler, now()).is_ok());
    let own = closed.clone().attach(&photo(), Attached::default(), AddedBy::Reporter, now());
    assert!(matches!(own, Err(Rejected::State { .. })), "{own:?}");
    let withdrawn = closed.withdraw_attachment(&photo(), "Fel bild.".into(), now());
    assert!(matches!(withdrawn, Err(Rejected::State { .. })), "{withdrawn:?}");

    let full = Attached { number: MOST_ATTACHMENTS, bytes: LARGEST_TOTAL };
    let found = faults(reported().attach(&photo(), full, AddedBy::Reporter, now()).map(|c| c.case));
    assert_eq!(found.len(), 2, "{found:?}");
    let last = Attached { number: MOST_ATTACHMENTS - 1, bytes: LARGEST_TOTAL - 1000 };
    assert!(reported().attach(&photo(), last, AddedBy::Reporter, now()).is_ok());
    let found = faults(
        reported().withdraw_attachment(&photo(), "  ".into(), now()).map(|changed| changed.case),
    );
    assert_eq!(found[0].0, "/reason");
}
