//! Opinions: the whole table of stage × command, the guards of each, and what the sender sees.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use common::*;
use domain::case::closing::Close;
use domain::case::filing::{Entry, Filing, Intake, Surroundings, file};
use domain::case::link::LinkKind;
use domain::case::triage::{LexAnswer, Limits, Triage};
use domain::case::{Case, Changed, Command, Kind, Rejected, State, Status, Subkind, Voiding};
use domain::clock::{ClockSettings, Kind as ClockKind, StartEvent, of_case};
use domain::code_lists::CodeLists;
use domain::ids::{CaseId, InvestigationId, StaffId, UnitId};
use domain::opinion::ending::Authority;
use domain::opinion::gate::GatesGiven;
use domain::opinion::{
    AnswerGiven, Attempt, Channel, Concerns, Contact, EndingGiven, EndingKind, EntryWay, Evidence,
    HandOverGiven, Opinion, OpinionGiven, PassedOn, PlainStatus, Registering, Representation,
    Sender, SenderGiven, SenderSays, SenderView, Stage, StageName, TakenDown,
};
use domain::worklist::Brief;
use jiff::ToSpan as _;
use jiff::civil::date;

fn sender() -> SenderGiven {
    SenderGiven {
        facts: Sender { kind: Some("NAR".into()), ..Sender::default() },
        contact: Contact {
            name: Some("Vera Sjögren".into()),
            email: Some("vera@example.se".into()),
            phone: Some("070-123 45 67".into()),
            ..Contact::default()
        },
    }
}

fn said(opinion: OpinionGiven) -> Intake {
    Intake {
        unit: "gran".into(),
        filing: Filing {
            description: "Mamma fick vänta i två timmar.".into(),
            law: vec!["HSL".into()],
            ..Filing::default()
        },
        opinion: Some(opinion),
        ..Intake::default()
    }
}

fn given() -> OpinionGiven {
    OpinionGiven { sender: sender(), ..OpinionGiven::default() }
}

fn public(kind: Kind, opinion: OpinionGiven) -> Case {
    let (units, codes) = (units(), CodeLists::shared());
    let around = Surroundings { units: &units, codes: &codes, now: now(), may_backdate: false };
    let entry = Entry { reported_by: None, registered_by: None, ..entry(kind, false) };
    file(entry, said(opinion), around).expect("files").changed.case
}

fn by_staff(kind: Kind, opinion: OpinionGiven) -> Case {
    filed(kind, false, said(opinion), true).changed.case
}

fn gates() -> GatesGiven {
    GatesGiven { avvikelse: Some(false), lex_sarah: Some(LexAnswer::No) }
}

fn answer() -> AnswerGiven {
    AnswerGiven {
        explanation: Some("Larmet gick till fel grupp.".into()),
        measures: Some("Larmlistan är rättad.".into()),
        secrecy_ground: Some("Samtycke av brukaren.".into()),
        channel: Some(Channel::Letter),
        gates: gates(),
        ..AnswerGiven::default()
    }
}

fn categorised(close: Close) -> Close {
    let triage = Triage { category: Some("K.OMV".into()), ..Triage::default() };
    Close { triage: Some(triage), ..close }
}

fn upheld() -> Close {
    let summary = Some("Larmet gick fel.".into());
    categorised(Close { outcome: "UTF.BER".into(), summary, ..Close::default() })
}

fn ending(kind: EndingKind, outcome: &str) -> Close {
    let reason = Some("Därför.".to_owned());
    let explanation = Some("Larmet gick fel.".to_owned());
    let ending = Some(EndingGiven { kind, reason, explanation });
    categorised(Close { outcome: outcome.into(), ending, ..Close::default() })
}

fn attempt(day: i8) -> Attempt {
    Attempt { on: date(2026, 3, day), way: "TEL".into(), note: None, by: manager(), at: now() }
}

fn handed() -> HandOverGiven {
    HandOverGiven {
        to: Some("Region Örebro län".into()),
        counterparty: None,
        reason: Some("Det gäller vårdcentralen.".into()),
        sender_told_on: Some(date(2026, 3, 10)),
    }
}

fn ok(result: Result<Changed, Rejected>) -> Case {
    result.expect("is taken").case
}

/// A klagomål that stands at a stage.
fn standing_at(stage: StageName) -> Case {
    let codes = CodeLists::shared();
    match stage {
        StageName::Received => public(Kind::Klagomal, given()),
        StageName::Registered => {
            let new = Registering::default();
            ok(standing_at(StageName::Received).register_opinion(new, &codes, manager(), now()))
        }
        StageName::Acknowledged => ok(standing_at(StageName::Registered).acknowledge_opinion(
            Some("EPO".into()),
            &codes,
            manager(),
            now(),
        )),
        StageName::Assigned => {
            ok(standing_at(StageName::Acknowledged).assign_opinion(manager(), None, now()))
        }
        StageName::Investigating => {
            ok(standing_at(StageName::Assigned).investigate_opinion(gates(), manager(), now()))
        }
        StageName::Answered => {
            ok(standing_at(StageName::Investigating).answer_opinion(answer(), manager(), now()))
        }
        StageName::Closed => {
            common::close(standing_at(StageName::Answered), upheld()).expect("closes")
        }
        StageName::HandedOver => {
            ok(standing_at(StageName::Assigned).hand_over_opinion(handed(), None, manager(), now()))
        }
    }
}

/// Does a command that would pass every guard, if the stage takes it.
fn attempted(case: Case, command: Command) -> Result<Changed, Rejected> {
    let codes = CodeLists::shared();
    match command {
        Command::Register => {
            case.register_opinion(Registering::default(), &codes, manager(), now())
        }
        Command::Acknowledge => {
            // Told late, where nobody was told before.
            let mut case = case;
            if let Some(opinion) = &mut case.opinion {
                opinion.acknowledged = None;
            }
            case.acknowledge_opinion(None, &codes, manager(), now())
        }
        Command::Assign => case.assign_opinion(StaffId(id(70)), None, now()),
        Command::Inquire => case.investigate_opinion(gates(), manager(), now()),
        Command::Ask => case.ask_sender(now()),
        Command::Attempt => case.note_attempt(attempt(10), &codes, now()),
        Command::Answer => case.answer_opinion(answer(), manager(), now()),
        Command::HandOver => case.hand_over_opinion(handed(), None, manager(), now()),
        Command::PassOn => {
            let (to, number, reason) = (Authority::Patientnamnd, Some("PN 26/12".into()), None);
            case.pass_on_opinion(PassedOn { to, number, reason, at: now(), by: manager() }, now())
        }
        Command::SpinOff => case.spin_off_opinion(CaseId(id(990)), manager(), now()),
        Command::SenderMessage => {
            case.hear_sender(&SenderSays { text: "Hur går det?".into(), asks: true }, now())
        }
        Command::Close => {
            let answered = case.opinion.as_ref().is_some_and(|it| it.answer().is_some());
            let close = if answered { upheld() } else { ending(EndingKind::Withdrawn, "UTF.ATE") };
            case.close(close, &codes, Limits::default(), manager(), now())
        }
        Command::Reopen => case.reopen("Ny fråga.".into(), now()),
        other => unreachable!("{other:?} is no command of opinions"),
    }
}

fn commands() -> impl Iterator<Item = Command> {
    Command::OPINION.into_iter().chain([Command::Close, Command::Reopen])
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
fn every_stage_takes_exactly_its_commands() {
    let mut table = String::from(
        "stage × command → stage (status of the case), or – where the stage does not take it\n\n",
    );
    for stage in StageName::ALL {
        for command in commands() {
            let before = standing_at(stage);
            assert_eq!(before.status(), stage.status(), "{stage:?}");
            let version = before.version;
            let to = match attempted(before, command) {
                Ok(Changed { case, event }) => {
                    assert!(stage.admits(command), "{stage:?} took {command:?}");
                    assert_eq!(event.command, command);
                    assert_eq!(case.version, version + 1, "{command:?}");
                    let now_at = case.opinion.as_ref().expect("stays").stage_name();
                    assert_eq!(case.status(), now_at.status(), "{stage:?} {command:?}");
                    format!("{} ({})", now_at.code(), case.status())
                }
                Err(Rejected::Stage { .. } | Rejected::State { .. }) => {
                    assert!(!stage.admits(command), "{stage:?} {command:?}");
                    "–".to_owned()
                }
                Err(Rejected::Guard(faults)) => panic!("{stage:?} {command:?}: {faults:?}"),
            };
            writeln!(table, "{:<14} {:<15} {to}", stage.code(), command.code()).expect("writes");
        }
        table.push('\n');
    }
    reviewed("opinion_stage_command.txt", &table);
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

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn what_an_answer_lacks_is_told_all_at_once() {
    let case = standing_at(StageName::Registered);
    let nothing = case.clone().answer_opinion(AnswerGiven::default(), manager(), now());
    assert_eq!(
        faults(nothing),
        pairs(&[
            ("/avvikelse", "required"),
            ("/lex_sarah", "required"),
            ("/explanation", "required"),
            ("/measures", "required"),
            ("/secrecy_ground", "required"),
            ("/channel", "required"),
        ])
    );
    let by_mouth = AnswerGiven { channel: Some(Channel::Oral), ..answer() };
    let told = case.clone().answer_opinion(by_mouth.clone(), manager(), now());
    assert_eq!(faults(told), pairs(&[("/told_to", "required"), ("/told_at", "required")]));
    let later = AnswerGiven {
        told_to: Some("Vera".into()),
        told_at: Some(now() + 1.hour()),
        ..by_mouth.clone()
    };
    let told = case.clone().answer_opinion(later, manager(), now());
    assert_eq!(faults(told), pairs(&[("/told_at", "in_future")]));
    let whole = AnswerGiven { told_to: Some("Vera".into()), told_at: Some(now()), ..by_mouth };
    assert!(case.clone().answer_opinion(whole, manager(), now()).is_ok());
    let none = AnswerGiven { no_measures: true, ..answer() };
    let both = case.clone().answer_opinion(none.clone(), manager(), now());
    assert_eq!(faults(both), pairs(&[("/no_measures", "measures_and_none")]));
    let none = AnswerGiven { measures: None, ..none };
    let answered = ok(case.answer_opinion(none, manager(), now()));
    let kept = answered.opinion.expect("stays");
    let kept = kept.answer().expect("is there");
    assert_eq!((kept.measures.clone(), kept.next_steps.len()), (None, 2));
}

#[test]
fn the_person_themselves_needs_no_judgement_of_secrecy() {
    let mut opinion = given();
    opinion.sender.facts.kind = Some("BRU".into());
    let case = by_staff(Kind::Klagomal, opinion.clone());
    let open = AnswerGiven { secrecy_ground: None, ..answer() };
    assert!(case.answer_opinion(open.clone(), manager(), now()).is_ok());
    opinion.sender.facts.speaks_as = Some(Representation::GodMan);
    let case = by_staff(Kind::Klagomal, opinion);
    let faults = faults(case.answer_opinion(open, manager(), now()));
    assert_eq!(faults, pairs(&[("/secrecy_ground", "required")]));
}

#[test]
fn whoever_stays_unknown_is_answered_on_the_receipt_page_alone() {
    let unknown = OpinionGiven { anonymous: true, ..OpinionGiven::default() };
    let case = public(Kind::Klagomal, unknown.clone());
    let case =
        ok(case.register_opinion(Registering::default(), &CodeLists::shared(), manager(), now()));
    let letter = case.clone().answer_opinion(answer(), manager(), now());
    assert_eq!(faults(letter), pairs(&[("/channel", "sender_is_unknown")]));
    let page = AnswerGiven { channel: Some(Channel::ReceiptPage), ..answer() };
    assert!(case.answer_opinion(page.clone(), manager(), now()).is_ok());
    let told = by_staff(Kind::Klagomal, unknown);
    let faults = faults(told.clone().answer_opinion(page, manager(), now()));
    assert_eq!(faults, pairs(&[("/channel", "no_receipt")]));
    // Nobody can be told that it has come, so no clock asks for it.
    let kinds = |case: &Case| -> Vec<ClockKind> {
        of_case(&Brief::of(case), &ClockSettings::default()).iter().map(|it| it.kind).collect()
    };
    assert!(!kinds(&told).contains(&ClockKind::ComplaintAcknowledgement));
    let known = by_staff(Kind::Klagomal, given());
    assert!(kinds(&known).contains(&ClockKind::ComplaintAcknowledgement));
    assert!(kinds(&known).contains(&ClockKind::ComplaintAnswer));
}

#[test]
fn of_whoever_stays_unknown_nothing_is_kept() {
    let mut opinion = OpinionGiven { anonymous: true, ..given() };
    opinion.sender.facts.case_number = Some("PN 12/26".into());
    let filed = filed(Kind::Klagomal, false, said(opinion), true);
    assert_eq!(filed.contact, None);
    let case = filed.changed.case;
    let kept = case.opinion.as_ref().expect("is there");
    assert_eq!(kept.sender, Sender { kind: Some("NAR".into()), ..Sender::default() });
    let codes: Vec<_> = case.filing.warnings.iter().map(|it| it.reason.code()).collect();
    assert_eq!(codes, ["anonymous_sender_not_kept"]);
    let document = serde_json::to_string(&kept).expect("a document");
    assert!(!document.contains("Vera") && !document.contains("vera@"), "{document}");
}

#[test]
fn a_klagomal_has_an_answer_or_a_named_end_by_whatever_door() {
    let open = || standing_at(StageName::Assigned);
    for outcome in ["UTF.ATG", "UTF.BER", "UTF.ING", "UTF.ATE", "UTF.EJU", "UTF.ANN"] {
        let close = categorised(Close {
            outcome: outcome.into(),
            summary: Some("Klart.".into()),
            feedback: Some(feedback()),
            ..Close::default()
        });
        let codes = faults(common::close(open(), close));
        assert!(
            codes.contains(&("/ending".into(), "klagomal_needs_answer_or_ending".into())),
            "{outcome}: {codes:?}"
        );
    }
    for (kind, outcome) in [
        (EndingKind::Withdrawn, "UTF.ATE"),
        (EndingKind::NotWithinTenant, "UTF.ANN"),
        (EndingKind::NoAnswerWanted, "UTF.ING"),
        (EndingKind::NotSerious, "UTF.OBE"),
    ] {
        let closed = common::close(open(), ending(kind, outcome)).expect("ends");
        assert_eq!(closed.status(), Status::Closed);
        assert_eq!(closed.opinion.expect("stays").stage_name(), StageName::Closed);
    }
    let without = |kind, outcome: &str, reason: Option<String>| {
        let given = EndingGiven { kind, reason, explanation: None };
        let close = Close { ending: Some(given), ..ending(kind, outcome) };
        faults(common::close(open(), close))
    };
    let why = || Some("Därför.".to_owned());
    let found = without(EndingKind::Withdrawn, "UTF.ATE", None);
    assert!(found.contains(&("/ending/reason".into(), "required".into())), "{found:?}");
    let found = without(EndingKind::NoAnswerWanted, "UTF.ING", why());
    assert_eq!(found, pairs(&[("/ending/explanation", "required")]));
    let found = without(EndingKind::Unreachable, "UTF.EJU", why());
    assert_eq!(found, pairs(&[("/ending/kind", "too_few_attempts")]));
    let found = without(EndingKind::NoAnswerDue, "UTF.ING", why());
    assert_eq!(found, pairs(&[("/ending/kind", "klagomal_is_answered")]));
    let found = without(EndingKind::Withdrawn, "UTF.BER", why());
    assert_eq!(found, pairs(&[("/outcome", "outcome_not_of_ending")]));
    // A duplicate names its original, and that is a named end.
    let duplicate = Close {
        outcome: "UTF.DUB".into(),
        duplicate_of: Some(CaseId(id(991))),
        ..Close::default()
    };
    assert!(common::close(open(), duplicate).is_ok());
}

#[test]
fn a_sender_counts_as_out_of_reach_after_so_many_attempts() {
    let codes = CodeLists::shared();
    let mut case = by_staff(Kind::Klagomal, given());
    let close = || ending(EndingKind::Unreachable, "UTF.EJU");
    for tried in 0..3_i8 {
        let found = faults(common::close(case.clone(), close()));
        assert_eq!(found, pairs(&[("/ending/kind", "too_few_attempts")]), "after {tried}");
        // Three calls on one day are one attempt.
        let then = now() + jiff::SignedDuration::from_hours(24 * i64::from(tried));
        case = ok(case.note_attempt(attempt(10 + tried), &codes, then));
        case = ok(case.note_attempt(attempt(10 + tried), &codes, then));
    }
    assert!(common::close(case, close()).is_ok());
    // Whoever left no way to reach them cannot be tried.
    let unknown = OpinionGiven { anonymous: true, ..OpinionGiven::default() };
    assert!(common::close(by_staff(Kind::Klagomal, unknown), close()).is_ok());
    let case = by_staff(Kind::Klagomal, given());
    let early = Attempt { on: date(2026, 3, 1), ..attempt(10) };
    let found = faults(case.clone().note_attempt(early, &codes, now()));
    assert_eq!(found, pairs(&[("/on", "before")]));
    let later = Attempt { on: date(2026, 3, 30), way: "RÖK".into(), ..attempt(10) };
    let found = faults(case.note_attempt(later, &codes, now()));
    assert_eq!(found, pairs(&[("/way", "unknown_code"), ("/on", "day_in_future")]));
}

#[test]
fn a_synpunkt_may_end_without_an_answer() {
    let case = by_staff(Kind::Synpunkt, OpinionGiven::default());
    let summary = Some("Framfört till personalen.".to_owned());
    let close = categorised(Close { outcome: "UTF.ING".into(), summary, ..Close::default() });
    let closed = common::close(case, close).expect("ends");
    let opinion = closed.opinion.expect("stays");
    let Stage::Closed(domain::opinion::Ended::Otherwise(end)) = &opinion.stage else {
        panic!("{:?}", opinion.stage)
    };
    assert_eq!(end.kind, EndingKind::NoAnswerDue);
    // Praise is thanked without asking whether it is an avvikelse.
    let mut praise = by_staff(Kind::Synpunkt, given());
    praise.subkind = Some(Subkind::Praise);
    let thanks = AnswerGiven { gates: GatesGiven::default(), ..answer() };
    assert!(praise.answer_opinion(thanks, manager(), now()).is_ok());
}

#[test]
fn what_is_an_avvikelse_is_made_one_before_the_answer() {
    let case = standing_at(StageName::Assigned);
    let both = GatesGiven { avvikelse: Some(true), lex_sarah: Some(LexAnswer::Perhaps) };
    let half = GatesGiven { lex_sarah: None, ..both };
    let found = faults(case.clone().investigate_opinion(half, manager(), now()));
    assert_eq!(found, pairs(&[("/lex_sarah", "required")]));
    let case = ok(case.investigate_opinion(both, manager(), now()));
    let answer = AnswerGiven { gates: GatesGiven::default(), ..answer() };
    let found = faults(case.clone().answer_opinion(answer.clone(), manager(), now()));
    assert_eq!(found, pairs(&[("/avvikelse", "avvikelse_not_spun_off")]));
    let case = ok(case.spin_off_opinion(CaseId(id(990)), manager(), now()));
    let answered = ok(case.answer_opinion(answer, manager(), now()));
    let gates = answered.opinion.expect("stays").gates.expect("kept");
    assert_eq!((gates.avvikelse, gates.lex_sarah), (true, LexAnswer::Perhaps));
}

#[test]
fn nobody_handles_what_is_about_themselves() {
    let boss = StaffId(id(80));
    let concerns = Concerns { staff: BTreeSet::from([manager()]), manager: true };
    let opinion =
        OpinionGiven { concerns: concerns.clone(), managers: BTreeSet::from([boss]), ..given() };
    let case = by_staff(Kind::Klagomal, opinion);
    let kept: Vec<StaffId> = case.conflicts.iter().map(|it| it.staff).collect();
    assert_eq!(kept, [manager(), boss]);
    for about in [manager(), boss] {
        let found = faults(case.clone().assign_opinion(about, None, now()));
        assert_eq!(found, pairs(&[("/staff", "handler_is_concerned")]));
    }
    assert!(case.assign_opinion(StaffId(id(81)), None, now()).is_ok());
    // Found out when it is registered, too; nobody of the staff said so before.
    let case = public(Kind::Klagomal, given());
    let new = Registering { concerns, managers: BTreeSet::from([boss]), ..Registering::default() };
    let case = ok(case.register_opinion(new, &CodeLists::shared(), manager(), now()));
    assert_eq!(case.conflicts.len(), 2);
    assert!(case.conflicts.iter().all(|it| it.by.is_none()));
}

#[test]
fn another_unit_gives_it_to_somebody_there_and_the_clock_runs_on() {
    let case = standing_at(StageName::Assigned);
    let due = |case: &Case| {
        let clocks = of_case(&Brief::of(case), &ClockSettings::default());
        let answer = clocks.iter().find(|it| it.kind == ClockKind::ComplaintAnswer);
        answer.expect("runs").due_on()
    };
    let before = due(&case);
    let moved = ok(case.transfer(UnitId(id(12)), "Fel enhet.".into(), now() + 48.hours()));
    assert_eq!(moved.assessment.lead, None);
    assert_eq!(moved.opinion.as_ref().expect("stays").stage_name(), StageName::Acknowledged);
    assert_eq!(moved.status(), Status::Reported);
    assert_eq!(due(&moved), before);
    assert_eq!(before, Some(date(2026, 4, 10)));
}

#[test]
fn a_sender_who_asks_again_has_it_taken_up_again() {
    let again = SenderSays { text: "Men varför?".into(), asks: true };
    let thanks = SenderSays { text: "Tack.".into(), asks: false };
    for stage in [StageName::Answered, StageName::Closed, StageName::HandedOver] {
        let stays = ok(standing_at(stage).hear_sender(&thanks, now()));
        assert_eq!(stays.opinion.as_ref().expect("stays").stage_name(), stage);
        let later = now() + 240.hours();
        let up = ok(standing_at(stage).hear_sender(&again, later));
        assert!(up.status().open(), "{stage:?}");
        assert_eq!(up.closed_at(), None);
        let opinion = up.opinion.as_ref().expect("stays");
        assert_eq!(opinion.earlier.len(), 1);
        assert_eq!(opinion.said_at, Some(later));
        let clocks = of_case(&Brief::of(&up), &ClockSettings::default());
        let answer = clocks.iter().find(|it| it.kind == ClockKind::ComplaintAnswer);
        let answer = answer.expect("runs anew");
        assert_eq!((answer.start, answer.met_at), (StartEvent::AskedAgain, None));
    }
    let empty = SenderSays { text: " ".into(), asks: true };
    let found = faults(standing_at(StageName::Answered).hear_sender(&empty, now()));
    assert_eq!(found, pairs(&[("/text", "required")]));
}

#[test]
fn handing_over_says_to_whom_why_and_that_the_sender_knows() {
    let case = standing_at(StageName::Registered);
    let nothing = HandOverGiven::default();
    let found = faults(case.clone().hand_over_opinion(nothing.clone(), None, manager(), now()));
    assert_eq!(
        found,
        pairs(&[("/to", "required"), ("/reason", "required"), ("/sender_told_on", "required")])
    );
    // The register's name does for one in words.
    let known = HandOverGiven { to: None, ..handed() };
    let gone = ok(case.hand_over_opinion(known, Some("Regionen"), manager(), now()));
    assert_eq!(gone.outcome(), Some("UTF.VG"));
    let view = SenderView::of(&gone, Vec::new(), &ClockSettings::default()).expect("is seen");
    assert_eq!(view.status, PlainStatus::HandedOver);
    assert_eq!(view.handed_over_to.as_deref(), Some("Regionen"));
    // Whoever nobody can tell is not waited for.
    let unknown = OpinionGiven { anonymous: true, ..OpinionGiven::default() };
    let untold = HandOverGiven { sender_told_on: None, ..handed() };
    let case = by_staff(Kind::Klagomal, unknown);
    assert!(case.hand_over_opinion(untold, None, manager(), now()).is_ok());
}

#[test]
fn generic_commands_that_would_break_the_stage_say_what_to_use() {
    let case = standing_at(StageName::Assigned);
    let lead = case.clone().lead(manager(), "Jag.".into(), now());
    assert_eq!(faults(lead), pairs(&[("", "use_opinion_assign")]));
    let codes = CodeLists::shared();
    let begun =
        case.clone().investigate(findings(), InvestigationId(id(4)), &codes, manager(), now());
    assert_eq!(faults(begun), pairs(&[("", "use_opinion_investigate")]));
    let case = standing_at(StageName::Investigating);
    let case = ok(case.investigate(findings(), InvestigationId(id(4)), &codes, manager(), now()));
    let found = faults(case.decide_measures(now()));
    assert_eq!(found, pairs(&[("", "use_opinion_answer")]));
    // A triage judges, and leaves the stage alone.
    let case = standing_at(StageName::Registered);
    let triage = Triage { category: Some("K.OMV".into()), ..Triage::default() };
    let judged = ok(case.triage(triage, &codes, Limits::default(), manager(), now()));
    assert_eq!(judged.status(), Status::Reported);
    assert_eq!(judged.assessment.category.as_deref(), Some("K.OMV"));
    // Nothing of an opinion is done to an avvikelse.
    assert!(matches!(reported().ask_sender(now()), Err(Rejected::State { .. })));
}

#[test]
fn what_came_without_an_opinion_reads_as_imported() {
    assert!(Opinion::imported(&reported()).is_none());
    for stage in StageName::ALL {
        let case = standing_at(stage);
        let read = Opinion::imported(&case).expect("of a klagomål");
        assert_eq!(read.entry, EntryWay::Import);
        assert_eq!(read.stage_name().status(), stage.status(), "{stage:?}");
    }
    let draft = filed(Kind::Klagomal, true, Intake { opinion: None, ..said(given()) }, true);
    assert!(draft.changed.case.opinion.is_none());
    let handed_in = ok(draft.changed.case.submit(7, now()));
    assert_eq!(handed_in.opinion.expect("made").stage_name(), StageName::Registered);
}

#[test]
fn between_synpunkt_and_klagomal_the_sender_goes_along_until_acknowledged() {
    let case = by_staff(Kind::Synpunkt, given());
    let refiled = common::refiled(case, Kind::Klagomal).expect("is filed again");
    let opinion = refiled.new.case.opinion.as_ref().expect("goes along");
    assert!(opinion.sender.has_email);
    assert!(refiled.new.case.links.iter().any(|it| it.kind == LinkKind::SpunOffFrom));
    let told = common::refiled(standing_at(StageName::Acknowledged), Kind::Synpunkt);
    assert_eq!(faults(told), pairs(&[("/kind", "acknowledged_already")]));
    // What has a receipt stays an opinion, and an avvikelse is made beside it.
    let public = common::refiled(standing_at(StageName::Registered), Kind::Avvikelse);
    assert_eq!(faults(public), pairs(&[("/kind", "use_opinion_spin_off")]));
}

#[test]
fn what_is_wrong_with_a_sender_is_kept_out_and_named() {
    let mut opinion = given();
    opinion.sender.facts.kind = Some("XYZ".into());
    opinion.sender.contact.email = Some("vera".into());
    opinion.sender.contact.name = Some("Vera 19811218-9876".into());
    let what = "Tingsrättens beslut".to_owned();
    opinion.sender.facts.evidence =
        Some(Evidence { what, seen_by: manager(), seen_on: date(2026, 3, 9) });
    opinion.taken_down = Some(TakenDown { said_at: now() + 2.hours(), at: now(), by: manager() });
    let filed = filed(Kind::Klagomal, false, said(opinion), true);
    let warnings = &filed.changed.case.filing.warnings;
    let found: Vec<_> = warnings.iter().map(|it| (it.field.as_str(), it.reason.code())).collect();
    assert_eq!(
        found,
        [
            ("/opinion/sender/evidence", "evidence_of_nothing"),
            ("/opinion/sender/email", "wrong_type"),
            ("/opinion/sender/kind", "unknown_code"),
            ("/opinion/sender/name", "personal_number"),
            ("/opinion/taken_down", "in_future"),
            ("/opinion/taken_down/at", "before"),
        ]
    );
    let contact = filed.contact.expect("is kept");
    assert_eq!(contact.email, None);
    assert!(!contact.name.expect("is kept").contains("9876"));
}

#[test]
fn a_text_that_tells_who_the_sender_is_is_known() {
    let contact = sender().contact;
    for telling in [
        "Vera Sjögren ringde.",
        "Anhörig Sjögren ringde.",
        "Svar till VERA@example.se",
        "Ring 070 123 45 67",
        "Ring +46701234567",
    ] {
        assert!(contact.told_by(telling), "{telling}");
    }
    for silent in ["Vera står i Bibeln.", "En anhörig ringde 2026-03-09 kl 21.", "Vid sjön."] {
        assert!(!contact.told_by(silent), "{silent}");
    }
    assert!(!Contact::default().told_by("Vad som helst."));
}

#[test]
fn the_sender_sees_plain_words_and_no_names() {
    let clocks = ClockSettings::default();
    let see = |stage| SenderView::of(&standing_at(stage), Vec::new(), &clocks).expect("is seen");
    let waiting = see(StageName::Registered);
    assert_eq!(waiting.status, PlainStatus::Received);
    assert_eq!(waiting.answer_due_on, Some(date(2026, 4, 10)));
    assert!(waiting.may_write && !waiting.may_ask_again);
    let answered = see(StageName::Answered);
    assert_eq!(answered.status, PlainStatus::Answered);
    assert_eq!(answered.answer_due_on, None);
    assert!(answered.answer.is_some() && answered.may_ask_again);
    // Whoever left it is owed an answer or a named end.
    let owed = standing_at(StageName::Registered).void("Fel.".into(), manager(), false, now());
    assert_eq!(faults(owed), pairs(&[("", "use_a_named_ending")]));
    let mut void = standing_at(StageName::Registered);
    let reason = "Fel.".to_owned();
    void.state = State::Void(Voiding { at: now(), by: None, reason, never_handed_in: false });
    assert_eq!(SenderView::of(&void, Vec::new(), &clocks), None);
}
