//! Forwardings: the two machines as a reviewed table, and what each step asks for.

use domain::forwarding::answer::Channel;
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
        Command::AddMeasure => forwarding.add_measure(measure(), day),
        Command::FinishMeasure => {
            let mut with = forwarding;
            if with.matter.joint.measures.is_empty() {
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
