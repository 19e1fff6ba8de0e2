//! The machines of escalations: the whole table of state × command, guards, and that no sequence of
//! commands gets past one.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use common::*;
use domain::case::measure::{Effect, MeasureProgress};
use domain::case::triage::{LexAnswer, LexQuestion, Vardskada};
use domain::case::{Case, Status as CaseStatus, Track};
use domain::code_lists::CodeLists;
use domain::escalation::flag::{FlagCause, FlagPreview, FlagRules};
use domain::escalation::ivo::{IvoDecided, Notifying};
use domain::escalation::lex_sarah::{Assessing, Findings, Remedy};
use domain::escalation::matter::Report;
use domain::escalation::screening::Screen;
use domain::escalation::{
    Around, AskedIn, BoardInformed, Changed, Channel, Command, Deciding, Degree, Delegated,
    Delegation, EndingGiven, Escalation, Kind, Proposing, Rejected, SeriousTest, State, Status,
    SupplementRequest, raise,
};
use domain::ids::{DelegationId, EscalationId, MeasureId, StaffId, UnitId};
use domain::law::Law;
use jiff::civil::date;
use proptest::prelude::*;

const MAS: u128 = 50;
const DECIDER: u128 = 51;
const CRITICISED: u128 = 52;

fn staff(n: u128) -> StaffId {
    StaffId(id(n))
}

fn line(matter: Delegated) -> Delegation {
    Delegation {
        id: DelegationId(id(600)),
        staff: staff(DECIDER),
        matter,
        valid_from: date(2026, 1, 1),
        valid_to: None,
        reference: "SN 2026/12".into(),
        decided_by: "Socialnämnden".into(),
        ended_at: None,
        ended_reason: None,
        version: 1,
    }
}

fn register() -> Vec<Delegation> {
    Delegated::ALL.into_iter().map(line).collect()
}

/// A case whose investigation is complete, each cause answered and each measure judged.
fn whole_case(vardskada: Vardskada) -> Case {
    let mut case = standing(CaseStatus::FollowingUp);
    case.assessment.harm.vardskada = vardskada;
    for n in [500, 501] {
        let done = MeasureProgress {
            done_on: Some(date(2026, 3, 9)),
            effect: Some(Effect::Yes),
            ..MeasureProgress::default()
        };
        case = case.progress_measure(MeasureId(id(n)), done, now()).expect("progresses").case;
    }
    case
}

/// What may be wrong with a command, and with what surrounds it.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    /// Zero is a command that passes every guard; else something is wrong.
    wrong: u8,
    degree: Degree,
    yes: bool,
    private: bool,
    /// Which case it stands beside.
    case: usize,
}

const HONEST: Attempt =
    Attempt { wrong: 0, degree: Degree::Serious, yes: true, private: false, case: 0 };

struct World {
    codes: CodeLists,
    cases: Vec<Case>,
    register: Vec<Delegation>,
}

fn world() -> World {
    World {
        codes: CodeLists::shared(),
        cases: vec![
            whole_case(Vardskada::CouldHave),
            whole_case(Vardskada::Yes),
            standing(CaseStatus::Investigating),
            reported(),
        ],
        register: register(),
    }
}

fn begin(kind: Kind, case: &Case) -> Escalation {
    let new = EscalationId(id(700));
    let text = || "Två doser samma kväll.".to_owned();
    match kind {
        Kind::LexMaria => {
            raise::by_hand(new, kind, case, text(), staff(MAS), now()).expect("raises").escalation
        }
        Kind::LexSarah => {
            let mut case = case.clone();
            case.assessment.law = vec![Law::Sol];
            raise::by_hand(new, kind, &case, text(), staff(MAS), now()).expect("raises").escalation
        }
        Kind::Riskperson => {
            let unit = UnitId(id(11));
            raise::riskperson(new, unit, text(), BTreeSet::new(), staff(MAS), now())
                .expect("raises")
                .escalation
        }
    }
}

/// Does a command, with something wrong with it where that is asked.
fn attempt(
    world: &World,
    escalation: Escalation,
    command: Command,
    how: Attempt,
) -> Result<Changed, Rejected> {
    let wrong = how.wrong;
    let empty: [Delegation; 0] = [];
    let around = Around {
        case: escalation.case.map(|_| &world.cases[how.case]),
        codes: &world.codes,
        private_provider: how.private,
        delegations: if wrong == 1 { &empty } else { &world.register },
        by: staff(if wrong == 2 { CRITICISED } else { DECIDER }),
        now: now(),
    };
    let words = || if wrong == 3 { " ".to_owned() } else { "Därför.".to_owned() };
    let later = jiff::SignedDuration::from_hours(if wrong == 4 { 48 } else { 0 });
    let on = (wrong == 4).then(|| date(2026, 3, 12));
    let told = (wrong != 5).then(|| BoardInformed { on: date(2026, 3, 10), how: None });
    let test = match (wrong, how.yes) {
        (5, _) => None,
        (6, _) => Some(SeriousTest::None),
        (_, true) => Some(SeriousTest::IncreasedCare),
        (_, false) => Some(SeriousTest::None),
    };
    let kind = escalation.kind;
    match command {
        Command::Flag | Command::Report => unreachable!("not a command on an escalation"),
        Command::ScreenOut => {
            let reasons = match wrong {
                3 => vec![],
                5 => vec!["NEJ".into()],
                _ => vec!["SCR.EJA".into(), "SCR.ANM".into()],
            };
            escalation.screen(Screen::Out { reasons, text: None }, around)
        }
        Command::TakeUp => escalation.screen(Screen::TakeUp, around),
        Command::Receive => escalation.receive(told, Some([staff(CRITICISED)].into()), around),
        Command::ActAtOnce => escalation.act_at_once(words(), around),
        Command::Investigate => {
            let text = || Some(words());
            let findings = Findings {
                investigator: Some(staff(if wrong == 6 { CRITICISED } else { MAS })),
                course_of_events: text(),
                consequences: text(),
                causes: text(),
                recurrence: (wrong != 5).then(words),
                measures: text(),
                criticised: None,
                complete: wrong != 7,
            };
            escalation.inquire(findings, around)
        }
        Command::Propose => {
            let degree = (kind == Kind::LexSarah && wrong != 5).then_some(how.degree);
            let notify = (kind != Kind::LexSarah && wrong != 5).then_some(how.yes);
            escalation.propose(Proposing { notify, degree, text: words() }, around)
        }
        Command::Decide => {
            let test = test.filter(|_| kind == Kind::LexMaria);
            let new = Deciding { yes: how.yes, test, motivation: words(), on };
            escalation.decide(new, around)
        }
        Command::Assess => {
            escalation.assess(Assessing { degree: how.degree, motivation: words(), on }, around)
        }
        Command::NotTakeUp => escalation.not_take_up(words(), on, around),
        Command::Notify => {
            let open = kind == Kind::LexSarah && escalation.matter.decision.is_none();
            let degree = if wrong == 6 { Degree::Misconduct } else { how.degree };
            let assessing = Assessing { degree, motivation: words(), on: None };
            let new = Notifying {
                sent_at: now() + later,
                channel: Channel::EService,
                diary_number: if wrong == 7 { " ".into() } else { "SN 2026/77".into() },
                ivo_number: None,
                board_informed: told.filter(|_| kind == Kind::LexSarah),
                decision: open.then_some(assessing),
            };
            escalation.notify(new, around)
        }
        Command::SubmitInquiry => {
            escalation.submit_inquiry(now() + later, Channel::EService, around)
        }
        Command::IvoReceive => {
            let number = (wrong != 5).then(|| "8.1-2026/3".to_owned());
            escalation.ivo_receive(number, now() + later, around)
        }
        Command::RequestSupplement => {
            let due_on = if wrong == 5 { date(2026, 3, 1) } else { date(2026, 4, 1) };
            let request = SupplementRequest {
                what: words(),
                requested_at: now() + later,
                due_on,
                asked_in: AskedIn::default(),
            };
            escalation.request_supplement(request, around)
        }
        Command::AnswerSupplement => {
            escalation.answer_supplement(now() + later, Channel::Post, around)
        }
        Command::IvoDecide => {
            let decided = IvoDecided { at: now() + later, decision: words(), number: None };
            escalation.ivo_decide(decided, around)
        }
        Command::FollowUp => {
            let remedy = Remedy {
                put_right: Some(words()),
                put_right_on: (wrong != 5).then(|| date(2026, 3, if wrong == 4 { 30 } else { 9 })),
                person_informed: (wrong != 6).then_some(true),
                person_informed_how: None,
                file_note_confirmed: Some(wrong != 7),
                police_considered: Some(words()),
            };
            escalation.follow_up(remedy, around)
        }
        Command::Withdraw => escalation.withdraw(words(), around),
        Command::Reassess => escalation.reassess(words(), around),
        Command::Close => {
            let given = kind == Kind::LexMaria && wrong != 5;
            let patient_information = given.then(information);
            let end = EndingGiven { summary: Some(words()), patient_information };
            escalation.close(end, around)
        }
        Command::ChooseReaders => {
            let readers =
                if wrong == 3 { BTreeSet::new() } else { [staff(MAS), staff(DECIDER)].into() };
            escalation.choose_readers(readers, around)
        }
    }
}

/// One of each state that honest commands lead to, by the shortest way.
fn one_of_each(world: &World, kind: Kind) -> BTreeMap<Status, Escalation> {
    let first = begin(kind, &world.cases[0]);
    let mut found = BTreeMap::from([(first.status(), first.clone())]);
    let mut edge = vec![first];
    while let Some(at) = edge.pop() {
        for command in Command::ALL {
            for (yes, degree) in
                [(true, Degree::Serious), (false, Degree::Misconduct), (true, Degree::None)]
            {
                let how = Attempt { yes, degree, ..HONEST };
                if let Ok(changed) = attempt(world, at.clone(), command, how)
                    && !found.contains_key(&changed.escalation.status())
                {
                    found.insert(changed.escalation.status(), changed.escalation.clone());
                    edge.insert(0, changed.escalation);
                } else if let Ok(changed) = attempt(world, at.clone(), command, how)
                    && changed.escalation.status() == at.status()
                    && changed.escalation.matter.proposals.len() < 2
                    && changed.escalation.matter.protections.len() < 2
                    && changed.escalation.matter != at.matter
                    && changed.escalation.version < 9
                {
                    edge.insert(0, changed.escalation);
                }
            }
        }
    }
    found
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
    let world = world();
    for kind in Kind::ALL {
        let mut table = String::from(
            "status × command → status; – where the state does not take it, and what is missing where\n\
             an honest user has something to do first\n\n",
        );
        let each = one_of_each(&world, kind);
        let known: Vec<Status> = each.keys().copied().collect();
        assert_eq!(
            known,
            kind.statuses()
                .iter()
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>(),
            "{kind}: every state is reached"
        );
        for status in kind.statuses() {
            for command in Command::ALL {
                let result = attempt(&world, each[status].clone(), command, HONEST);
                let to = match &result {
                    Ok(changed) => {
                        assert!(kind.admits(*status, command), "{kind} {status} {command:?}");
                        assert_eq!(changed.event.from, Some(*status));
                        assert_eq!(changed.event.to, changed.escalation.status());
                        assert_eq!(changed.escalation.version, each[status].version + 1);
                        changed.escalation.status().code().to_owned()
                    }
                    Err(Rejected::State { .. }) => {
                        assert!(!kind.admits(*status, command), "{kind} {status} {command:?}");
                        "–".to_owned()
                    }
                    Err(Rejected::Guard(faults)) => {
                        let codes: Vec<_> = faults
                            .iter()
                            .map(|fault| format!("{} {}", fault.field, fault.reason.code()))
                            .collect();
                        format!("({})", codes.join(", "))
                    }
                    Err(other) => panic!("{kind} {status} {command:?}: {other:?}"),
                };
                if to != "–" {
                    writeln!(table, "{:<20} {:<18} {to}", status.code(), command.code())
                        .expect("writes");
                } else {
                    writeln!(table, "{:<20} {:<18} –", status.code(), command.code())
                        .expect("writes");
                }
            }
            table.push('\n');
        }
        reviewed(&format!("escalation_{kind}.txt"), &table);
    }
}

#[test]
fn from_every_state_an_honest_user_has_a_way_to_an_end() {
    let world = world();
    for kind in Kind::ALL {
        for (status, from) in one_of_each(&world, kind) {
            let mut reached = BTreeMap::from([((status, from.version), from)]);
            let mut steps = 0;
            while !reached.values().any(|it| !it.open()) {
                steps += 1;
                assert!(steps <= 10, "{kind}: no end within ten steps from {status}");
                let mut next = BTreeMap::new();
                for at in reached.into_values() {
                    for command in Command::ALL {
                        for how in
                            [HONEST, Attempt { yes: false, degree: Degree::Misconduct, ..HONEST }]
                        {
                            if let Ok(changed) = attempt(&world, at.clone(), command, how) {
                                let it = changed.escalation;
                                let proposed = it.matter.proposals.len() as i64;
                                next.entry((
                                    it.status(),
                                    proposed.min(1) + 2 * i64::from(it.matter.inquiry.is_some()),
                                ))
                                .or_insert(it);
                            }
                        }
                    }
                }
                reached = next;
            }
        }
    }
}

fn said(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|text| !text.trim().is_empty())
}

/// What must hold of a matter that stands where it stands, said anew and apart from the guards.
fn must_hold(it: &Escalation, command: Command, case: &Case, private: bool) {
    let matter = &it.matter;
    let decided = matter.deciding();
    let in_order = |decision: &domain::escalation::Decision| {
        assert!(said(&decision.motivation), "a decision says why");
        assert_eq!(decision.by, Some(staff(DECIDER)));
        assert_eq!(decision.delegation.as_deref(), Some("SN 2026/12"));
        assert!(decision.on <= date(2026, 3, 10));
    };
    matter.decision.iter().chain(&matter.preliminary).for_each(in_order);
    matter.earlier.iter().filter_map(|it| it.decision.as_ref()).for_each(in_order);
    let inquired = matter.inquiry.as_ref().is_some_and(|inquiry| {
        let parts = [
            &inquiry.course_of_events,
            &inquiry.consequences,
            &inquiry.causes,
            &inquiry.recurrence,
            &inquiry.measures,
        ];
        inquiry.completed_at.is_some() && parts.into_iter().all(said)
    });
    let notified = || {
        let notification = matter.notification.as_ref().expect("notified");
        assert!(said(&notification.diary_number) && notification.channel.is_some());
        assert!(notification.sent_at <= now());
        // Found to be milder after it was notified at once: it stays notified.
        let by = matter.preliminary.as_ref().or(decided).expect("decided");
        assert!(by.yes, "only a yes goes to IVO");
        if it.kind == Kind::LexSarah {
            assert!(by.degree.expect("a degree") >= Degree::PalpableRiskSerious);
        }
    };
    let submitted = || {
        notified();
        if it.kind != Kind::Riskperson {
            assert!(matter.submission.is_some());
        }
        if it.kind == Kind::LexSarah {
            assert!(inquired && matter.decision.is_some());
        }
    };
    if it.kind == Kind::LexSarah && !matter.protections.is_empty() {
        assert!(matter.receipt.is_some());
    }
    if command == Command::SubmitInquiry && it.kind == Kind::LexMaria {
        let inquiry = case.investigation.as_ref().expect("an investigation");
        assert!(inquiry.completed_at.is_some() && inquiry.unanswered_causes().is_empty());
        assert!(said(&inquiry.person_account) && said(&inquiry.course_of_events));
    }
    if command == Command::Receive || (command == Command::Notify && it.kind == Kind::LexSarah) {
        let informed = match command {
            Command::Receive => matter.receipt.as_ref().and_then(|it| it.board_informed.clone()),
            _ => matter.notification.as_ref().and_then(|it| it.board_informed.clone()),
        };
        assert!(informed.is_some() || !private, "the nämnd was told");
    }
    match &it.state {
        State::Flagged | State::Assessing | State::Reassessing => {}
        State::ScreenedOut(screening) => assert!(!screening.reasons.is_empty()),
        State::Reported => assert!(matter.report.is_some()),
        State::Received => assert!(matter.receipt.is_some()),
        State::ImmediateAction | State::Investigating => assert!(!matter.protections.is_empty()),
        State::Assessed => {
            assert!(inquired && !matter.proposals.is_empty());
            assert!(matter.decision.as_ref().is_some_and(|it| it.degree.is_some()));
        }
        State::NotTakenUp => assert!(matter.decision.as_ref().is_some_and(|it| !it.yes)),
        State::DecidedNo | State::DecidedYes => {
            let decision = matter.decision.as_ref().expect("a decision");
            assert!(!matter.proposals.is_empty(), "a proposal comes first");
            assert_eq!(decision.yes, it.status() == Status::DecidedYes);
            if it.kind == Kind::LexMaria {
                let test = decision.test.expect("the test of PSL 1:5");
                assert!(!decision.yes || test != SeriousTest::None);
            }
        }
        State::Notified => notified(),
        State::InquirySubmitted | State::InquirySupplemented | State::AtIvo => submitted(),
        State::SupplementRequested(request) => {
            match request.asked_in {
                AskedIn::Notified => notified(),
                AskedIn::InquirySubmitted | AskedIn::InquirySupplemented | AskedIn::AtIvo => {
                    submitted();
                }
            }
            assert!(request.due_on >= date(2026, 3, 10));
        }
        State::IvoDecided => {
            submitted();
            assert!(matter.ivo.decided_at.is_some() && said(&matter.ivo.decision));
            assert!(said(&matter.ivo.number));
        }
        State::FollowingUp => {
            assert!(inquired && matter.decision.is_some());
            let serious = matter.decision.as_ref().is_some_and(|it| it.yes);
            assert!(!serious || matter.ivo.decided_at.is_some(), "what is serious was notified");
        }
        State::Withdrawn(withdrawal) => {
            notified();
            assert!(!withdrawal.reason.trim().is_empty());
        }
        State::Closed(_) => match it.kind {
            Kind::LexMaria => {
                submitted();
                if case.assessment.harm.vardskada == Vardskada::Yes {
                    let given = matter.patient_information.as_ref().expect("PSL 3:8");
                    assert!(given.faults("").is_empty());
                }
                let inquiry = case.investigation.as_ref();
                assert!(inquiry.is_none_or(|it| it.unanswered_causes().is_empty()));
                assert!(
                    inquiry.is_none_or(|it| it.measures.iter().all(|m| m.effect != Effect::NotYet))
                );
            }
            Kind::LexSarah => {
                assert!(inquired && matter.decision.is_some());
                let remedy = matter.remedy.as_ref().expect("followed up");
                let nothing =
                    matter.decision.as_ref().and_then(|it| it.degree) == Some(Degree::None);
                assert!(nothing || remedy.put_right_on.is_some());
                assert!(remedy.person_informed.is_some());
                assert_eq!(remedy.file_note_confirmed, Some(true));
                assert!(said(&remedy.police_considered));
            }
            Kind::Riskperson => submitted(),
        },
    }
}

/// 100,000 random sequences of one machine.
fn never_past_a_guard(kind: Kind) {
    let world = world();
    let config =
        ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() };
    let mut ends: BTreeSet<Status> = BTreeSet::new();
    let seen = std::cell::RefCell::new(&mut ends);
    let steps = proptest::collection::vec(any::<u32>(), 1..22);
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&steps, |steps| {
            let mut at = begin(kind, &world.cases[0]);
            for step in steps {
                let [which, wrong, choice, more] = step.to_le_bytes();
                let open: Vec<Command> = at.commands().collect();
                let any = more & 7 == 0 || open.is_empty();
                let command = match any {
                    true => Command::ALL[usize::from(which) % Command::ALL.len()],
                    false => open[usize::from(which) % open.len()],
                };
                let how = Attempt {
                    // Two of three are honest.
                    wrong: if wrong % 3 == 0 { wrong / 3 % 8 } else { 0 },
                    degree: Degree::ALL[usize::from(choice) % 5],
                    yes: choice & 8 != 0,
                    private: more & 8 != 0,
                    case: [0, 0, 1, 1, 2, 3, 0, 1][usize::from(choice >> 4) % 8],
                };
                let before = at.clone();
                match attempt(&world, at, command, how) {
                    Ok(changed) => {
                        at = changed.escalation;
                        must_hold(&at, command, &world.cases[how.case], how.private);
                        let deciding = [
                            Command::Decide,
                            Command::Assess,
                            Command::NotTakeUp,
                            Command::Withdraw,
                        ];
                        prop_assert!(![1, 2].contains(&how.wrong) || !deciding.contains(&command));
                        let criticised = before.matter.criticised.contains(&staff(CRITICISED));
                        prop_assert!(
                            how.wrong != 2 || !criticised || command == Command::ActAtOnce,
                            "nobody acts in their own matter"
                        );
                        seen.borrow_mut().insert(at.status());
                    }
                    Err(_) => at = before,
                }
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{kind}: {error}"));
    for status in kind.statuses() {
        assert!(
            *status == Status::Flagged || ends.contains(status),
            "{kind}: never came to {status}"
        );
    }
}

#[test]
fn no_sequence_of_commands_gets_lex_maria_past_a_guard() {
    never_past_a_guard(Kind::LexMaria);
}

#[test]
fn no_sequence_of_commands_gets_lex_sarah_past_a_guard() {
    never_past_a_guard(Kind::LexSarah);
}

#[test]
fn no_sequence_of_commands_gets_a_riskperson_past_a_guard() {
    never_past_a_guard(Kind::Riskperson);
}

fn codes_of(result: Result<Changed, Rejected>) -> Vec<String> {
    match result {
        Err(Rejected::Guard(faults)) => {
            faults.iter().map(|it| format!("{} {}", it.field, it.reason.code())).collect()
        }
        other => panic!("expected faults, got {other:?}"),
    }
}

#[test]
fn who_decides_holds_a_line_of_the_register_that_day() {
    let world = world();
    let at = one_of_each(&world, Kind::LexMaria)[&Status::Assessing].clone();
    let proposed = attempt(&world, at, Command::Propose, HONEST).expect("proposes").escalation;
    let decide = |lines: &[Delegation], on| {
        let around = Around {
            case: Some(&world.cases[0]),
            codes: &world.codes,
            private_provider: false,
            delegations: lines,
            by: staff(DECIDER),
            now: now(),
        };
        let new = Deciding {
            yes: false,
            test: Some(SeriousTest::None),
            motivation: "Ej allvarlig.".into(),
            on,
        };
        proposed.clone().decide(new, around)
    };
    let missing = Err(Rejected::NotDelegated(Delegated::LexMaria));
    let held = line(Delegated::LexMaria);
    assert!(decide(std::slice::from_ref(&held), None).is_ok());
    let other = line(Delegated::LexSarah);
    assert_eq!(decide(&[other, line(Delegated::Notify)], None), missing);
    let over = Delegation { valid_to: Some(date(2026, 3, 9)), ..held.clone() };
    assert_eq!(decide(&[over], None), missing);
    let coming = Delegation { valid_from: date(2026, 3, 11), ..held.clone() };
    assert_eq!(decide(&[coming], None), missing);
    let ended = Delegation { ended_at: Some(now()), ..held.clone() };
    assert_eq!(decide(&[ended], None), missing);
    let before = codes_of(decide(&[held], Some(date(2026, 3, 9))));
    assert_eq!(before, ["/decided_on before"], "not before it was raised");
}

#[test]
fn a_lex_sarah_notified_at_once_is_still_investigated_before_it_ends() {
    let world = world();
    let reported = {
        let report = Report { by: None, at: now(), oral_from: Some("Kim".into()), text: None };
        raise::report(EscalationId(id(1)), &world.cases[3], report, now()).expect("reports")
    };
    let go = |at: Escalation, command| {
        attempt(&world, at, command, HONEST)
            .unwrap_or_else(|why| panic!("{command:?}: {why:?}"))
            .escalation
    };
    let notified = go(go(reported.escalation, Command::Receive), Command::Notify);
    assert_eq!(notified.status(), Status::Notified);
    let early = codes_of(attempt(&world, notified.clone(), Command::SubmitInquiry, HONEST));
    assert_eq!(early, [" investigation_not_complete", " degree_not_decided"]);
    let noted = go(notified, Command::IvoReceive);
    assert_eq!(
        noted.status(),
        Status::Notified,
        "IVO's number moves nothing while the inquiry is open"
    );
    let mut at = noted;
    for command in [
        Command::ActAtOnce,
        Command::Investigate,
        Command::Propose,
        Command::Assess,
        Command::SubmitInquiry,
        Command::IvoReceive,
        Command::RequestSupplement,
        Command::AnswerSupplement,
        Command::IvoDecide,
        Command::FollowUp,
        Command::Close,
    ] {
        at = go(at, command);
    }
    assert_eq!(at.status(), Status::Closed);
    assert!(
        at.matter.preliminary.is_some() && at.matter.decision.is_some(),
        "both decisions are kept"
    );
}

#[test]
fn an_old_decision_stays_when_a_no_is_taken_up_again() {
    let world = world();
    let no = one_of_each(&world, Kind::LexMaria)[&Status::DecidedNo].clone();
    let again = attempt(&world, no, Command::Reassess, HONEST).expect("reassesses").escalation;
    assert_eq!(again.status(), Status::Reassessing);
    assert!(!again.matter.earlier[0].decision.as_ref().expect("kept").yes);
    // The proposal of before does not do for a new decision.
    let faults = codes_of(attempt(&world, again, Command::Decide, HONEST));
    assert_eq!(faults, [" nothing_proposed"]);
}

#[test]
fn a_flag_is_raised_by_what_is_new_and_by_the_law_it_falls_under() {
    let rules = FlagRules::default();
    let mut case = triage(reported(), full_triage(Track::Standard));
    assert_eq!(rules.of(&case), []);
    let asking = |case: &Case| -> Vec<(Kind, Law, Vec<FlagCause>)> {
        let each = rules.of(case).into_iter();
        each.map(|it| (it.kind, it.law, it.causes.into_iter().collect())).collect()
    };
    let before = case.clone();
    case.assessment.severity = severity(3, 3);
    let all = vec![FlagCause::ActualSeverity, FlagCause::PotentialSeverity];
    assert_eq!(asking(&case), [(Kind::LexMaria, Law::Hsl, all.clone())]);
    assert_eq!(rules.newly(&before, &case).len(), 1);
    let graver = case.clone();
    case.assessment.law = vec![Law::Hsl, Law::Lss];
    assert_eq!(asking(&case)[1], (Kind::LexSarah, Law::Lss, all));
    let newly = rules.newly(&graver, &case);
    assert_eq!(newly.iter().map(|it| it.kind).collect::<Vec<_>>(), [Kind::LexSarah]);
    case.assessment.severity = severity(1, 3);
    case.assessment.probability = Some(1);
    assert_eq!(asking(&case), [], "grave, but hardly to happen again");
    case.assessment.lex.insert(LexQuestion::LexSarah, LexAnswer::Perhaps);
    assert_eq!(asking(&case), [(Kind::LexSarah, Law::Lss, vec![FlagCause::LexAnswer])]);
    let off = FlagRules { lex_answer: false, ..rules };
    assert_eq!(off.of(&case), []);

    let mut preview = FlagPreview::default();
    preview.count(&rules, &[Law::Lss], &case.assessment);
    preview.count(&rules, &[Law::Hsl], &case.assessment);
    assert_eq!((preview.cases, preview.flagged, preview.by_cause), (2, 1, [1, 0, 0, 0]));
    assert_eq!((preview.lex_maria, preview.lex_sarah), (0, 1));
}
