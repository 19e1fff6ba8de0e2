//! Forwardings: the two machines as a reviewed table, and what each step asks for.

use domain::fault::Reason;
use domain::forwarding::Channel;
use domain::forwarding::ledger::{ForwardingFact, ledger};
use domain::forwarding::party::NotShown;
use domain::forwarding::silence::{Overdue, Todo};
use domain::forwarding::{
    Answer, Approving, Around, Changed, Command, Counterparty, Deciding, Details, Direction,
    Document, Editing, Forwarding, ForwardingRules, Ground, Hand, JointMeasure, Kind, NewDraft,
    NewReceived, PassingOn, Rejected, Remark, Sending, SharedEvent, Short, Side, Status,
};
use domain::ids::{CaseId, CounterpartyId, ExchangeId, ForwardingId, MeasureId, StaffId, UnitId};
use domain::law::Law;
use jiff::Timestamp;
use uuid::Uuid;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

const ME: StaffId = StaffId(Uuid::from_u128(1));
const VC: CounterpartyId = CounterpartyId(Uuid::from_u128(2));
const RULES: ForwardingRules =
    ForwardingRules { answer_days: 60, our_answer_days: 60, reminders: 2, remind_every_days: 14 };

fn on(day: &str) -> Around<'static> {
    Around { by: Hand::Staff(ME), name: Some("Maria MAS"), now: at(&format!("{day}T10:00:00Z")) }
}

fn them(day: &str) -> Around<'static> {
    Around { by: Hand::Counterparty(None), name: None, ..on(day) }
}

fn service(day: &str) -> Around<'static> {
    Around { by: Hand::Job, name: None, ..on(day) }
}

fn document() -> Document {
    Document {
        matter: "Läkemedelslista saknades vid hemgång".into(),
        text: "Vid hemgången följde ingen aktuell läkemedelslista med.".into(),
        question: Some("Hur säkras listan nästa gång?".into()),
        unit: Some("Askersunds vårdcentral".into()),
        event_on: None,
    }
}

fn counterparty() -> Counterparty {
    Counterparty {
        id: VC,
        name: "Askersunds vårdcentral".into(),
        kind: "VC".into(),
        hsa_id: None,
        answer_days: Some(30),
        valid_from: None,
        valid_to: None,
        details: Details {
            address: vec!["Askersunds vårdcentral".into(), "696 82 Askersund".into()],
            channels: vec![Channel::Post],
            ..Details::default()
        },
        version: 1,
        updated_at: at("2026-01-01T00:00:00Z"),
    }
}

fn new_draft(kind: Kind) -> NewDraft {
    NewDraft {
        id: ForwardingId(id(3)),
        seed: 7,
        case: CaseId(id(4)),
        unit: UnitId(id(5)),
        law: Law::Hsl,
        counterparty: VC,
        kind,
        document: document(),
    }
}

fn deciding() -> Deciding {
    Deciding {
        ground: Ground::NoHarm,
        motivation: "Uppgifterna behövs för vården och är till ingen skada.".into(),
        identity: true,
    }
}

fn draft(kind: Kind) -> Forwarding {
    Forwarding::draft(new_draft(kind), on("2026-03-01")).expect("a draft").forwarding
}

fn sent() -> Forwarding {
    let checked = draft(Kind::Joint).check(deciding(), true, on("2026-03-01")).expect("checked");
    send(checked.forwarding).expect("sent").forwarding
}

fn send(forwarding: Forwarding) -> Result<Changed, Rejected> {
    let counterparty = counterparty();
    let sending = Sending { channel: Channel::Post, counterparty: &counterparty, rules: &RULES };
    forwarding.send(sending, on("2026-03-02"))
}

fn answer(n: u128, short: Short) -> Answer {
    Answer {
        id: ExchangeId(id(n)),
        channel: Channel::Post,
        short,
        text: Some("Rutinen är ändrad.".into()),
        diary_number: Some("RS 2026/12".into()),
        at: None,
        attachments: Vec::new(),
        contact: None,
    }
}

fn received() -> Forwarding {
    let new = NewReceived {
        id: ForwardingId(id(6)),
        seed: 8,
        counterparty: VC,
        kind: Kind::Joint,
        document: document(),
        unit: None,
        law: Law::Hsl,
        channel: Channel::Post,
        received_at: None,
        due_on: None,
        their_number: Some("A-17".into()),
        identity: false,
    };
    Forwarding::register(new, &RULES, on("2026-03-02")).expect("registered").forwarding
}

fn remark(n: u128, from: Side, asks: bool) -> Remark {
    Remark {
        id: ExchangeId(id(n)),
        from,
        channel: Channel::Phone,
        asks,
        text: "När gick patienten hem?".into(),
        at: None,
        attachments: Vec::new(),
        contact: None,
    }
}

fn measure() -> JointMeasure {
    JointMeasure {
        id: MeasureId(id(9)),
        owner: Side::Us,
        who: "Enhetschef".into(),
        text: "Ringa före hemgång".into(),
        due_on: None,
        from: Side::Us,
        done_on: None,
    }
}

/// Carries out a command with what would pass every guard.
fn carry_out(forwarding: Forwarding, command: Command) -> Result<Changed, Rejected> {
    let (day, sent) = (on("2026-06-20"), forwarding.direction == Direction::Sent);
    // What is said again is said anew.
    let next = 1_000 + u128::from(forwarding.version.unsigned_abs());
    match command {
        Command::Draft => Forwarding::draft(new_draft(Kind::Single), day),
        Command::Register => unreachable!("begins one"),
        Command::Edit => forwarding.edit(Editing::default(), day),
        Command::Check => forwarding.check(deciding(), true, day),
        Command::Send => send(forwarding),
        Command::Acknowledge if sent => forwarding.take_answer(answer(next, Short::Received), day),
        Command::Acknowledge => forwarding.acknowledge(answer(next, Short::Received), day),
        Command::Remind => forwarding.remind(Channel::Post, day),
        Command::Escalate => {
            let mut twice = forwarding;
            while twice.matter.reminders.len() < 2 {
                match twice.clone().remind(Channel::Post, on("2026-06-01")) {
                    Ok(changed) => twice = changed.forwarding,
                    Err(_) => break,
                }
            }
            twice.escalate(day)
        }
        Command::RegisterAnswer => forwarding.take_answer(answer(next, Short::Done), day),
        Command::Converse => forwarding.converse(remark(next, Side::Them, true), day),
        Command::ShareWithUnit => forwarding.share_with_unit("På arbetsplatsträffen".into(), day),
        Command::Close => forwarding.close(None, day),
        Command::CloseWithoutAnswer => {
            forwarding.close_without_answer("Enheten är nedlagd".into(), day)
        }
        Command::Recall => forwarding.recall("Fel mottagare".into(), day),
        Command::Assign => forwarding.assign(UnitId(id(5)), CaseId(id(4)), day),
        Command::Investigate => forwarding.investigated("Vi missade att ringa.".into(), day),
        Command::ApproveAnswer => {
            let deciding = Deciding { identity: false, ..deciding() };
            let text = "Vi ringer alltid före hemgång.".into();
            forwarding.approve_answer(Approving { text, deciding }, day)
        }
        Command::Answer => forwarding.answer(ExchangeId(id(next)), Channel::Post, day),
        Command::WrongRecipient => {
            let whom = "Ambulansen".into();
            forwarding.wrong_recipient(ExchangeId(id(next)), whom, Channel::Post, day)
        }
        Command::PassOn => {
            let deciding = Some(Deciding { identity: false, ..deciding() });
            let to = "Ambulansen".into();
            let passing = PassingOn { to, counterparty: None, returned: false, deciding };
            forwarding.pass_on(passing, day)
        }
        Command::ShareEvent => {
            let event = SharedEvent {
                id: ExchangeId(id(next)),
                from: Side::Us,
                happened_at: at("2026-02-20T08:00:00Z"),
                text: "Hemgång utan lista".into(),
                shared_at: day.now,
            };
            forwarding.share_event(event, day)
        }
        Command::AddMeasure => {
            let measure = JointMeasure { id: MeasureId(id(next)), ..measure() };
            forwarding.add_measure(measure, day)
        }
        Command::FinishMeasure => {
            let mut with = forwarding;
            if with.matter.joint.measures.iter().all(|it| it.id != MeasureId(id(9))) {
                with.matter.joint.measures.push(measure());
            }
            let on = jiff::civil::date(2026, 6, 1);
            with.finish_measure(MeasureId(id(9)), Side::Us, on, day)
        }
    }
}

/// One forwarding in each status of a machine.
fn each(direction: Direction) -> Vec<Forwarding> {
    let way: Vec<Vec<Command>> = match direction {
        Direction::Sent => vec![
            vec![Command::Check],
            vec![Command::Check, Command::Send, Command::Acknowledge],
            vec![Command::Check, Command::Send, Command::Escalate],
            vec![
                Command::Check,
                Command::Send,
                Command::RegisterAnswer,
                Command::ShareWithUnit,
                Command::Close,
            ],
            vec![Command::Check, Command::Send, Command::CloseWithoutAnswer],
            vec![Command::Check, Command::Send, Command::Recall],
        ],
        Direction::Received => vec![
            vec![
                Command::Acknowledge,
                Command::Assign,
                Command::Investigate,
                Command::ApproveAnswer,
                Command::Answer,
                Command::Close,
            ],
            vec![Command::WrongRecipient, Command::PassOn],
            vec![Command::Recall],
        ],
    };
    let begin = match direction {
        Direction::Sent => draft(Kind::Joint),
        Direction::Received => received(),
    };
    let mut found = vec![begin.clone()];
    for steps in way {
        let mut now = begin.clone();
        for step in steps {
            now = carry_out(now, step).unwrap_or_else(|why| panic!("{step:?}: {why:?}")).forwarding;
            found.push(now.clone());
        }
    }
    direction
        .statuses()
        .iter()
        .map(|status| {
            let there = found.iter().find(|it| it.status() == *status);
            there.unwrap_or_else(|| panic!("no way leads to {status}")).clone()
        })
        .collect()
}

fn snapshot(name: &str, now: &str) {
    let path = format!("{}/tests/snapshots/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, now).expect("writes the snapshot");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(now, kept, "{name} differs; read it, then set UPDATE_SNAPSHOTS=1");
}

#[test]
fn state_by_command() {
    let mut table = String::new();
    for direction in Direction::ALL {
        for forwarding in each(*direction) {
            let from = forwarding.status();
            for command in Command::ALL.iter().filter(|it| **it != Command::Register) {
                if matches!(command, Command::Draft) {
                    continue;
                }
                let line = match carry_out(forwarding.clone(), *command) {
                    Ok(changed) => {
                        assert!(direction.admits(from, *command), "{from} {command}");
                        assert_eq!(changed.event.from, Some(from));
                        assert!(direction.statuses().contains(&changed.event.to));
                        changed.event.to.code().to_owned()
                    }
                    Err(Rejected::State { status, command: asked }) => {
                        assert_eq!(status, from);
                        assert_eq!(asked, *command);
                        "-".to_owned()
                    }
                    Err(other) => panic!("{direction} {from} {command}: {other:?}"),
                };
                if line != "-" {
                    table.push_str(&format!(
                        "{direction:9} {:22} {:22} {line}\n",
                        from.code(),
                        command.code()
                    ));
                }
            }
        }
    }
    snapshot("forwardings.txt", &table);
}

fn faults(rejected: Result<Changed, Rejected>) -> Vec<(String, String)> {
    match rejected.expect_err("refused") {
        Rejected::Guard(faults) => {
            faults.into_iter().map(|it| (it.field, it.reason.code().to_owned())).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn a_personal_identity_number_is_refused_with_its_position_wherever_it_would_leave() {
    let with = |text: &str| Document { text: text.into(), ..document() };
    let new = NewDraft { document: with("Om 19640823-3234, hemma."), ..new_draft(Kind::Single) };
    let Err(Rejected::Guard(found)) = Forwarding::draft(new, on("2026-03-01")) else { panic!() };
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].field, "/text");
    assert_eq!(found[0].reason, Reason::PersonalNumber { position: 3, length: 13 });

    let edited = Editing { document: Some(with("640823-3234")), ..Editing::default() };
    let refused = draft(Kind::Single).edit(edited, on("2026-03-01"));
    assert_eq!(faults(refused), pairs(&[("/text", "personal_number")]));
    let said = Remark { text: "Gäller 640823-3234?".into(), ..remark(1, Side::Us, true) };
    assert_eq!(
        faults(sent().converse(said, on("2026-03-03"))),
        pairs(&[("/text", "personal_number")])
    );
    let mut answered = received();
    for command in [Command::Acknowledge, Command::Investigate] {
        answered = carry_out(answered, command).expect("goes on").forwarding;
    }
    let approving = Approving {
        text: "640823-3234 är kontaktad".into(),
        deciding: Deciding { identity: false, ..deciding() },
    };
    let refused = answered.approve_answer(approving, on("2026-06-21"));
    assert_eq!(faults(refused), pairs(&[("/text", "personal_number")]));
}

#[test]
fn nothing_leaves_without_a_decision_about_this_very_document() {
    let half = Document { text: String::new(), unit: None, ..document() };
    let new = NewDraft { document: half, ..new_draft(Kind::Single) };
    let half = Forwarding::draft(new, on("2026-03-01")).expect("half written").forwarding;
    let refused =
        half.check(Deciding { motivation: " ".into(), ..deciding() }, false, on("2026-03-01"));
    assert_eq!(
        faults(refused),
        pairs(&[
            ("/motivation", "required"),
            ("/identity", "no_identity"),
            ("/text", "required"),
            ("/counterparty_unit", "required"),
        ])
    );
    let nobody = Deciding { ground: Ground::NoPerson, ..deciding() };
    let refused = draft(Kind::Single).check(nobody, true, on("2026-03-01"));
    assert_eq!(faults(refused), pairs(&[("/identity", "identity_without_ground")]));

    let checked = draft(Kind::Single).check(deciding(), true, on("2026-03-01")).expect("checked");
    let decision = checked.forwarding.matter.decision.clone().expect("a decision");
    assert_eq!(decision.name.as_deref(), Some("Maria MAS"));
    assert_eq!(decision.on, jiff::civil::date(2026, 3, 1));
    // Written on, it is another document.
    let edited = checked.forwarding.clone().edit(Editing::default(), on("2026-03-01"));
    let edited = edited.expect("edited").forwarding;
    assert_eq!((edited.status(), &edited.matter.decision), (Status::Draft, &None));
    assert!(matches!(send(edited), Err(Rejected::State { .. })));
    // By a way that is agreed, to one that is a counterparty still.
    let mut over = counterparty();
    over.valid_to = Some(jiff::civil::date(2026, 2, 1));
    let sending = Sending { channel: Channel::Sdk, counterparty: &over, rules: &RULES };
    let refused = checked.forwarding.send(sending, on("2026-03-02"));
    let expected = [("/counterparty", "counterparty_ended"), ("/channel", "channel_not_agreed")];
    assert_eq!(faults(refused), pairs(&expected));
    // The agreed time, not the usual one.
    assert_eq!(sent().due_on, Some(jiff::civil::date(2026, 4, 1)));
}

#[test]
fn a_counterpartys_own_hand_speaks_for_itself_alone() {
    let forwarding = sent();
    let ours = remark(1, Side::Us, false);
    assert_eq!(
        forwarding.clone().converse(ours, them("2026-03-03")).err(),
        Some(Rejected::NotTheirs)
    );
    let day = them("2026-03-03");
    assert_eq!(forwarding.clone().recall("x".into(), day).err(), Some(Rejected::NotTheirs));
    assert_eq!(forwarding.clone().remind(Channel::Post, day).err(), Some(Rejected::NotTheirs));
    assert_eq!(
        forwarding.clone().close_without_answer("x".into(), day).err(),
        Some(Rejected::NotTheirs)
    );
    assert_eq!(draft(Kind::Single).edit(Editing::default(), day).err(), Some(Rejected::NotTheirs));
    assert_eq!(
        received().answer(ExchangeId(id(1)), Channel::Portal, day).err(),
        Some(Rejected::State { status: Status::Received, command: Command::Answer })
    );
    // It recalls what it sent, and a service recalls nothing.
    assert!(received().recall("Fel person".into(), day).is_ok());
    let job = service("2026-03-03");
    assert_eq!(received().recall("x".into(), job).err(), Some(Rejected::NotTheirs));
    // The same answer twice is one.
    let once = forwarding.take_answer(answer(9, Short::Done), day).expect("answers").forwarding;
    assert_eq!(
        once.clone().take_answer(answer(9, Short::Done), day).err(),
        Some(Rejected::AlreadySaid)
    );
    // A measure is done by whose it is.
    let with = sent().add_measure(measure(), on("2026-03-03")).expect("added").forwarding;
    let on = jiff::civil::date(2026, 3, 3);
    let refused = with.clone().finish_measure(MeasureId(id(9)), Side::Them, on, day);
    assert_eq!(faults(refused), pairs(&[("/measure", "owned_by_other_side")]));
    assert_eq!(
        with.finish_measure(MeasureId(id(9)), Side::Us, on, day).err(),
        Some(Rejected::NotTheirs)
    );
}

#[test]
fn a_letter_counts_from_the_day_it_came_and_not_before_it_was_asked_for() {
    let came = |at: &str| {
        let answer = Answer { at: Some(self::at(at)), ..answer(1, Short::Done) };
        sent().take_answer(answer, on("2026-04-10"))
    };
    let answered = came("2026-03-20T00:00:00Z").expect("answers").forwarding;
    assert_eq!(answered.matter.answered_at, Some(at("2026-03-20T00:00:00Z")));
    assert_eq!(answered.matter.acknowledged_at, answered.matter.answered_at);
    assert_eq!(answered.matter.answer_channel, Some(Channel::Post));
    assert_eq!(faults(came("2026-03-01T12:00:00Z")), pairs(&[("/on", "before")]));
    assert_eq!(faults(came("2026-04-11T12:00:00Z")), pairs(&[("/on", "in_future")]));
    // A letter of the very day bears no hour: it is not before the hour at which it left.
    let same_day = came("2026-03-01T23:00:00Z").expect("answers").forwarding;
    assert_eq!(same_day.matter.answered_at, same_day.sent_at);
    // The first answer counts, whatever is added.
    let again = answered.take_answer(answer(2, Short::Done), on("2026-05-01")).expect("adds");
    assert_eq!(again.forwarding.matter.answered_at, Some(at("2026-03-20T00:00:00Z")));
    // After we gave up, an answer still answers.
    let gone = sent().close_without_answer("Nedlagd".into(), on("2026-05-01")).expect("gives up");
    let late = gone.forwarding.take_answer(answer(3, Short::Done), on("2026-06-01"));
    assert_eq!(late.expect("answers").forwarding.status(), Status::Answered);
}

#[test]
fn silence_is_reminded_of_twice_and_then_goes_to_the_meeting() {
    let day = |month: i8, day: i8| jiff::civil::date(2026, month, day);
    let mut now = sent();
    assert_eq!(now.overdue_step(&RULES, day(4, 1)), None, "due that day");
    let mut told = Vec::new();
    let mut today = day(4, 2);
    while today < day(8, 1) {
        let around = service(&today.to_string());
        match now.overdue_step(&RULES, today) {
            Some(Overdue::Remind) => {
                told.push((today, "remind"));
                now = now.remind(Channel::Post, around).expect("reminds").forwarding;
            }
            Some(Overdue::Escalate) => {
                told.push((today, "escalate"));
                now = now.escalate(around).expect("goes to the meeting").forwarding;
            }
            None => {}
        }
        today = today.tomorrow().expect("a day");
    }
    let expected = [(day(4, 2), "remind"), (day(4, 16), "remind"), (day(4, 30), "escalate")];
    assert_eq!(told, expected);
    assert_eq!((now.status(), now.todo()), (Status::EscalatedUnanswered, Some(Todo::Settle)));

    // A day that was promised is waited for.
    let until = day(5, 20);
    let promised = answer(1, Short::Investigating { until });
    let waits = sent().take_answer(promised, them("2026-03-20")).expect("promises").forwarding;
    assert_eq!(waits.overdue_step(&RULES, day(5, 20)), None);
    assert_eq!(waits.overdue_step(&RULES, day(5, 21)), Some(Overdue::Remind));
    // Nobody reminds by himself where people do it, and then it goes nowhere by itself.
    let by_hand = ForwardingRules { reminders: 0, ..RULES };
    assert_eq!(sent().overdue_step(&by_hand, day(8, 1)), None);
    assert_eq!(
        faults(sent().escalate(on("2026-03-20"))),
        pairs(&[("", "not_due"), ("", "not_reminded_twice")])
    );
}

fn brought(direction: Direction) -> Forwarding {
    let brought = domain::forwarding::import::Brought {
        id: ForwardingId(id(30)),
        seed: 1,
        direction,
        counterparty: VC,
        case: (direction == Direction::Sent).then_some((CaseId(id(4)), UnitId(id(5)), Law::Hsl)),
        matter: "Brist i informationsöverföring".into(),
        sent_at: at("2025-06-01T08:00:00Z"),
        answered_at: None,
    };
    Forwarding::imported(brought, at("2026-03-01T08:00:00Z"))
}

#[test]
fn what_an_import_brought_wakes_nothing_until_a_person_takes_it_up() {
    let today = jiff::civil::date(2026, 6, 1);
    for direction in Direction::ALL {
        let it = brought(*direction);
        assert!(it.quiet() && it.todo().is_none() && !it.overdue(today));
        assert_eq!(it.overdue_step(&RULES, today), None);
        assert_eq!(
            it.shown_to(VC).err(),
            Some(match direction {
                Direction::Sent => NotShown::NotSent,
                Direction::Received => NotShown::NotTheirs,
            })
        );
    }
    let taken_up =
        brought(Direction::Sent).remind(Channel::Post, on("2026-05-01")).expect("reminds");
    let it = taken_up.forwarding;
    assert!(it.overdue(today) && it.shown_to(VC).is_ok());
    assert_eq!(it.overdue_step(&RULES, today), Some(Overdue::Remind));
}

#[test]
fn a_counterparty_sees_what_is_addressed_to_it_and_has_left() {
    let other = CounterpartyId(id(99));
    assert_eq!(draft(Kind::Single).shown_to(VC).err(), Some(NotShown::NotSent));
    let checked = carry_out(draft(Kind::Single), Command::Check).expect("checked").forwarding;
    assert_eq!(checked.shown_to(VC).err(), Some(NotShown::NotSent));
    let it = sent();
    assert_eq!(it.shown_to(other).err(), Some(NotShown::NotTheirs));
    let view = it.shown_to(VC).expect("theirs");
    assert_eq!((view.document, view.identity, view.awaits_answer), (&document(), true, true));
    assert_eq!(received().shown_to(VC).err(), Some(NotShown::NotTheirs), "theirs to know already");
    let back = it.recall("Fel mottagare".into(), on("2026-03-03")).expect("recalled").forwarding;
    assert_eq!(back.shown_to(VC).err(), Some(NotShown::Recalled));
    let never =
        draft(Kind::Single).recall("Behövs inte".into(), on("2026-03-03")).expect("discarded");
    assert_eq!(never.forwarding.shown_to(VC).err(), Some(NotShown::NotSent));
}

/// The ledger as somebody would count it with a pencil.
fn by_hand(
    facts: &[ForwardingFact],
    end: CounterpartyId,
    direction: Direction,
    as_of: Timestamp,
) -> (usize, usize, [usize; 3], Option<i64>) {
    let here: Vec<&ForwardingFact> = facts
        .iter()
        .filter(|it| {
            it.counterparty == end && it.direction == direction && it.status != Status::Recalled
        })
        .collect();
    let answered = |it: &ForwardingFact| it.answered_at.filter(|at| *at <= as_of);
    let waited = |it: &ForwardingFact| {
        (answered(it).unwrap_or(as_of).as_second() - it.sent_at.as_second()) / 86_400
    };
    let mut spans: Vec<i64> =
        here.iter().filter(|it| answered(it).is_some()).map(|it| waited(it)).collect();
    spans.sort_unstable();
    let median = match spans.len() {
        0 => None,
        n if n % 2 == 1 => Some(spans[n / 2]),
        n => Some((spans[n / 2 - 1] + spans[n / 2]) / 2),
    };
    let silent = [30, 60, 90].map(|after| here.iter().filter(|it| waited(it) > after).count());
    (here.len(), here.iter().filter(|it| answered(it).is_some()).count(), silent, median)
}

mod generated {
    use proptest::prelude::*;

    use super::*;

    /// What the two sides and time do, in any order.
    #[derive(Clone, Debug)]
    enum Move {
        Staff(Command),
        TheyAcknowledge,
        TheyAnswer { again: bool, not_ours: bool },
        TheyAsk,
        TheyRecall,
        Days(u16),
    }

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let any = prop_oneof![
            4 => proptest::sample::select(Command::ALL.to_vec()).prop_map(Move::Staff),
            2 => proptest::sample::select(vec![Command::Check, Command::Send]).prop_map(Move::Staff),
            1 => Just(Move::TheyAcknowledge),
            2 => (any::<bool>(), any::<bool>())
                .prop_map(|(again, not_ours)| Move::TheyAnswer { again, not_ours }),
            1 => Just(Move::TheyAsk),
            1 => Just(Move::TheyRecall),
            2 => (1_u16..40).prop_map(Move::Days),
        ];
        proptest::collection::vec(any, 1..24)
    }

    /// What must hold of any forwarding, wherever it stands.
    fn hold(before: &Forwarding, after: &Forwarding) -> Result<(), TestCaseError> {
        let (matter, status) = (&after.matter, after.status());
        prop_assert!(after.direction.statuses().contains(&status));
        prop_assert_eq!(after.version, before.version + 1);
        prop_assert!(
            matter.exchanges.starts_with(&before.matter.exchanges),
            "what was said stays said"
        );
        prop_assert!(matter.reminders.len() >= before.matter.reminders.len());
        if let Some(first) = before.matter.answered_at {
            prop_assert_eq!(matter.answered_at, Some(first), "the first answer counts");
        }
        // What has left left by a decision, and has a day.
        if after.direction == Direction::Sent && after.sent_at.is_some() {
            prop_assert!(matter.decision.is_some() && after.due_on.is_some());
        }
        prop_assert_eq!(after.state.ended_at().is_some(), !after.open());
        let answered = matches!(status, Status::Answered | Status::SharedWithUnit);
        prop_assert!(!answered || matter.answered_at.is_some());
        // Whoever it is not addressed to sees nothing; whoever it is, sees it exactly from its leaving
        // until it is taken back.
        let stranger = CounterpartyId(id(99));
        prop_assert_eq!(after.shown_to(stranger).err(), Some(NotShown::NotTheirs));
        let shown = after.shown_to(VC).is_ok();
        let due = after.direction == Direction::Sent
            && !matches!(status, Status::Draft | Status::Checked | Status::Recalled);
        prop_assert_eq!(shown, due, "{}", status);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn ten_thousand_sequences_never_show_anybody_what_is_not_theirs(
            sent in any::<bool>(),
            moves in moves(),
        ) {
            let mut it = if sent { draft(Kind::Joint) } else { received() };
            let mut now = at("2026-03-02T12:00:00Z");
            let mut last = None;
            for (turn, step) in moves.into_iter().enumerate() {
                let ours = Around { by: Hand::Staff(ME), name: None, now };
                let theirs = Around { by: Hand::Counterparty(None), name: None, now };
                let fresh = 10_000 + turn as u128;
                let before = it.clone();
                let done = match step {
                    Move::Days(days) => {
                        now += jiff::SignedDuration::from_hours(24 * i64::from(days));
                        let today = domain::calendar::swedish_date(now);
                        let job = Around { by: Hand::Job, name: None, now };
                        match it.overdue_step(&RULES, today) {
                            Some(Overdue::Remind) => it.clone().remind(Channel::Post, job),
                            Some(Overdue::Escalate) => it.clone().escalate(job),
                            None => continue,
                        }
                    }
                    Move::TheyAcknowledge => it.clone().take_answer(answer(fresh, Short::Received), theirs),
                    Move::TheyAnswer { again, not_ours } => {
                        let said = last.filter(|_| again).unwrap_or(fresh);
                        let short = if not_ours {
                            Short::NotOurs { whom: "Ambulansen".into() }
                        } else {
                            Short::Done
                        };
                        let was_said = it.said(ExchangeId(id(said)));
                        let done = it.clone().take_answer(answer(said, short), theirs);
                        // What was said once is done once.
                        prop_assert_eq!(was_said, done.as_ref().err() == Some(&Rejected::AlreadySaid));
                        if done.is_ok() {
                            last = Some(said);
                        }
                        done
                    }
                    Move::TheyAsk => it.clone().converse(remark(fresh, Side::Them, true), theirs),
                    Move::TheyRecall => {
                        let done = it.clone().recall("Fel".into(), theirs);
                        prop_assert!(!(sent && done.is_ok()), "they take back nothing of ours");
                        done
                    }
                    Move::Staff(Command::Draft | Command::Register) => continue,
                    Move::Staff(Command::Send) => {
                        let counterparty = counterparty();
                        let sending = Sending {
                            channel: Channel::Post, counterparty: &counterparty, rules: &RULES,
                        };
                        it.clone().send(sending, ours)
                    }
                    Move::Staff(command) => carry_out(it.clone(), command),
                };
                match done {
                    Ok(changed) => {
                        prop_assert_eq!(changed.event.from, Some(before.status()));
                        // Reminders that a step of the test gives by itself are counted elsewhere.
                        if changed.event.command != Command::Escalate
                            && changed.event.command != Command::FinishMeasure
                        {
                            hold(&before, &changed.forwarding)?;
                        }
                        it = changed.forwarding;
                    }
                    Err(Rejected::State { status, command }) => {
                        prop_assert_eq!(status, before.status());
                        // Nobody answers us what they sent us, and a unit has it once.
                        let crossed = before.direction == Direction::Received
                            && matches!(command, Command::Acknowledge | Command::RegisterAnswer);
                        let given = before.case.is_some() && command == Command::Assign;
                        prop_assert!(!before.direction.admits(status, command) || crossed || given);
                    }
                    Err(Rejected::NotTheirs | Rejected::AlreadySaid | Rejected::Guard(_)) => {}
                }
            }
        }

        #[test]
        fn the_ledger_agrees_with_a_plain_recount(
            rows in proptest::collection::vec(
                (0_u128..3, any::<bool>(), 0_i64..400, proptest::option::of(0_i64..200), 0_usize..3),
                0..60,
            ),
        ) {
            let start = at("2025-01-01T00:00:00Z");
            let day = |days: i64| start + jiff::SignedDuration::from_hours(24 * days);
            let facts: Vec<ForwardingFact> = rows
                .into_iter()
                .map(|(end, sent, left, waited, state)| ForwardingFact {
                    counterparty: CounterpartyId(id(end)),
                    direction: if sent { Direction::Sent } else { Direction::Received },
                    kind: Kind::Single,
                    status: [Status::Acknowledged, Status::Recalled, Status::Closed][state],
                    unit: None,
                    law: Law::Hsl,
                    sent_at: day(left),
                    acknowledged_at: None,
                    answered_at: waited.map(|days| day(left + days)),
                })
                .collect();
            let as_of = day(300);
            let facts: Vec<ForwardingFact> =
                facts.into_iter().filter(|fact| fact.sent_at <= as_of).collect();
            let counted = ledger(&facts, as_of);
            for end in 0..3 {
                let end = CounterpartyId(id(end));
                let line = counted.get(&end).cloned().unwrap_or_default();
                for (direction, tally) in
                    [(Direction::Sent, &line.sent), (Direction::Received, &line.received)]
                {
                    let (total, answered, silent, median) = by_hand(&facts, end, direction, as_of);
                    prop_assert_eq!(tally.total as usize, total);
                    prop_assert_eq!(tally.answered as usize, answered);
                    prop_assert_eq!(tally.silent.map(|it| it as usize), silent);
                    prop_assert_eq!(tally.median_days, median);
                }
            }
        }
    }
}
