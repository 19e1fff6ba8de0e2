//! The rest of the policy as a reviewed table: roles alone, and what stands beside a case.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::case::Case;
use domain::escalation::lex_sarah::Inquiry;
use domain::escalation::{self, Delegated, Delegation, Escalation, raise};
use domain::forwarding::{
    Around, Channel, Command, Direction, Document, Forwarding, ForwardingRules, Hand, Kind,
    NewDraft, NewReceived,
};
use domain::ids::{CaseId, CounterpartyId, DelegationId, EscalationId, ForwardingId};
use domain::policy::{
    Sight, across, across_unit, allow_at, allow_forwarding, allow_review, forwarding_act,
    may_command, received_for, role_may, sight,
};

use super::*;

/// Acts on forwardings, and on reviews.
const ON_FORWARDINGS: [Act; 5] = [
    Act::ReadForwarding,
    Act::DraftForwarding,
    Act::SendForwarding,
    Act::ReceiveForwarding,
    Act::AnswerForwarding,
];
const ON_REVIEWS: [Act; 3] = [Act::ReadReview, Act::WriteReview, Act::SignReview];

/// No grant, and each role over `norr`.
fn actors() -> Vec<(String, Actor)> {
    let of = |role: Role| (role.code().to_owned(), actor(&[grant(role, &[10], &[])]));
    std::iter::once(("no grant".to_owned(), actor(&[])))
        .chain(Role::ALL.into_iter().map(of))
        .collect()
}

fn mark(access: Access) -> &'static str {
    match access {
        Access::Role(_) => "  ●",
        Access::Own => "  ○",
        Access::Asked => "  ◐",
        Access::Forbidden => "  –",
        Access::Hidden => "  ·",
    }
}

fn yes(yes: bool) -> &'static str {
    if yes { "  ●" } else { "  –" }
}

/// A table: a line each for who, a mark for each question.
fn table(
    text: &mut String,
    title: &str,
    who: &[(String, Actor)],
    marks: impl Fn(&Actor) -> String,
) {
    writeln!(text, "\n{title}").expect("writes");
    for (name, actor) in who {
        writeln!(text, "{name:<34}{}", marks(actor)).expect("writes");
    }
}

fn beside_case(kind: escalation::Kind, case: &Case) -> Escalation {
    let (new, text, by) = (EscalationId(id(700)), "Två doser.".to_owned(), StaffId(id(REPORTER)));
    let raised = match kind {
        escalation::Kind::Riskperson => {
            raise::riskperson(new, UnitId(id(10)), text, BTreeSet::new(), by, now())
        }
        escalation::Kind::LexMaria | escalation::Kind::LexSarah => {
            let mut case = case.clone();
            if kind == escalation::Kind::LexSarah {
                case.assessment.law = vec![Law::Sol];
            }
            raise::by_hand(new, kind, &case, text, by, now())
        }
    };
    raised.expect("raises").escalation
}

/// An escalation as it stands to me, and what I hold of the register.
fn escalations(case: &Case) -> Vec<(String, Escalation, Vec<Delegation>)> {
    let me = StaffId(id(ME));
    let line = Delegation {
        id: DelegationId(id(600)),
        staff: me,
        matter: Delegated::Notify,
        valid_from: date(2026, 1, 1),
        valid_to: None,
        reference: "SN 2026/12".into(),
        decided_by: "Socialnämnden".into(),
        ended_at: None,
        ended_reason: None,
        version: 1,
    };
    let mut found = Vec::new();
    for kind in escalation::Kind::ALL {
        let plain = beside_case(kind, case);
        let mut criticised = plain.clone();
        criticised.matter.criticised.insert(me);
        let mut mine = plain.clone();
        mine.matter.inquiry = Some(Inquiry { investigator: Some(me), ..Inquiry::default() });
        let mut opened = plain.clone();
        opened.readers.insert(me);
        for (how, it, lines) in [
            ("", plain.clone(), vec![]),
            (", criticises me", criticised, vec![]),
            (", I investigate", mine, vec![]),
            (", opened to me", opened, vec![]),
            (", I may notify", plain, vec![line.clone()]),
        ] {
            found.push((format!("{}{how}", kind.code()), it, lines));
        }
    }
    found
}

fn forwarding(direction: Direction, unit: Option<u128>, law: Law) -> Forwarding {
    let document = Document {
        matter: "Läkemedelslista saknades".into(),
        text: "Ingen aktuell lista följde med.".into(),
        question: None,
        unit: None,
        event_on: None,
    };
    let around = Around { by: Hand::Staff(StaffId(id(1))), name: None, now: now() };
    let mut made = match direction {
        Direction::Sent => Forwarding::draft(
            NewDraft {
                id: ForwardingId(id(3)),
                seed: 7,
                case: CaseId(id(4)),
                unit: UnitId(id(10)),
                law,
                counterparty: CounterpartyId(id(2)),
                kind: Kind::Single,
                document,
            },
            around,
        ),
        Direction::Received => Forwarding::register(
            NewReceived {
                id: ForwardingId(id(6)),
                seed: 8,
                counterparty: CounterpartyId(id(2)),
                kind: Kind::Single,
                document,
                unit: None,
                law,
                channel: Channel::Post,
                received_at: None,
                due_on: None,
                their_number: None,
                identity: false,
            },
            &ForwardingRules {
                answer_days: 60,
                our_answer_days: 60,
                reminders: 2,
                remind_every_days: 14,
            },
            around,
        ),
    }
    .expect("made")
    .forwarding;
    made.unit = unit.map(|unit| UnitId(id(unit)));
    made
}

#[test]
fn the_policy_beside_a_case_is_the_reviewed_table() {
    let who = actors();
    let mut text = String::from(
        "What a role may at all, and who may do what beside a case: each role with a grant over `norr`.\n\
         ● yes, by the role   ◐ yes, asked by name   ○ yes, as one's own   – forbidden   · hidden: 404\n",
    );
    writeln!(text, "\n## roles alone\n").expect("writes");
    for act in Act::ALL {
        let roles: Vec<&str> =
            Role::ALL.into_iter().filter(|role| role_may(*role, act)).map(|it| it.code()).collect();
        writeln!(text, "{:<22}{}", format!("{act:?}"), roles.join(" ")).expect("writes");
    }

    writeln!(text, "\n## reading across, on a ground: any case, a unit of one's own, another")
        .expect("writes");
    for (relation, target) in relations() {
        table(&mut text, relation, &who, |actor| {
            [across(actor, &target), across_unit(actor, target.unit)]
                .map(|role| yes(role.is_some()))
                .concat()
        });
    }

    writeln!(text, "\n## reviews: {ON_REVIEWS:?}, then as whoever sees to what it decided")
        .expect("writes");
    for (title, units) in [("own unit", &[11][..]), ("sibling", &[13]), ("both", &[11, 13])] {
        let units: Vec<UnitId> = units.iter().map(|unit| UnitId(id(*unit))).collect();
        table(&mut text, title, &who, |actor| {
            let ask = |owner| ON_REVIEWS.map(|act| mark(allow_review(actor, act, &units, owner)));
            [ask(false), ask(true)].concat().concat()
        });
    }

    writeln!(
        text,
        "\n## at a unit, or the tenant: GiveParagraph, WriteOwnFigures, ManageExposures"
    )
    .expect("writes");
    let whole: Vec<(String, Actor)> = Role::ALL
        .into_iter()
        .map(|role| (role.code().to_owned(), actor(&[grant(role, &[], &[])])))
        .collect();
    for (title, who) in [("over `norr`", &who), ("over all", &whole)] {
        table(&mut text, title, who, |actor| {
            let acts = [Act::GiveParagraph, Act::WriteOwnFigures, Act::ManageExposures];
            let at = |unit: Option<u128>| {
                acts.map(|act| yes(allow_at(actor, act, unit.map(|unit| UnitId(id(unit))))))
            };
            [at(Some(11)), at(Some(13)), at(None)].concat().concat()
        });
    }

    writeln!(text, "\n## escalations: how much is seen (S state, F facts, W whole), then commands by their number\n").expect("writes");
    for (at, command) in escalation::Command::ALL.into_iter().enumerate() {
        writeln!(text, "{:>2} {}", at + 1, command.code()).expect("writes");
    }
    let mut case = reported();
    case.unit = UnitId(id(10));
    case.reporting_unit = UnitId(id(10));
    let today = date(2026, 3, 10);
    for (title, escalation, lines) in escalations(&case) {
        table(&mut text, &title, &who, |actor| {
            let seen = sight(actor, &escalation, Some(&case), &lines, today);
            let seen = seen.map_or("  ·".to_owned(), |(sight, access)| {
                let letter = match sight {
                    Sight::State => 'S',
                    Sight::Facts => 'F',
                    Sight::Whole => 'W',
                };
                format!(" {letter}{}", mark(access).trim())
            });
            let may =
                |command| may_command(actor, command, &escalation, Some(&case), &lines, today);
            let commands = escalation::Command::ALL.map(|command| yes(may(command))).concat();
            format!("{seen} {commands}")
        });
    }

    writeln!(text, "\n## forwardings: {ON_FORWARDINGS:?}").expect("writes");
    let others = Target { kept_from: BTreeSet::from([StaffId(id(ME))]), ..target(10, &[Law::Hsl]) };
    let (own, elsewhere) = (target(10, &[Law::Hsl]), target(13, &[Law::Hsl]));
    let open = [OpenLex { unit: UnitId(id(10)), law: Law::Hsl }];
    for direction in [Direction::Sent, Direction::Received] {
        for (title, unit, law, case, open) in [
            ("own unit, its case", Some(10), Law::Hsl, Some(&own), &[][..]),
            ("own unit, SoL, no case", Some(10), Law::Sol, None, &[]),
            ("sibling unit, no case", Some(13), Law::Hsl, None, &[]),
            ("no unit, no case", None, Law::Hsl, None, &[]),
            ("sibling unit, its case", Some(13), Law::Hsl, Some(&elsewhere), &[]),
            ("sibling unit, lex at mine", Some(13), Law::Hsl, Some(&elsewhere), &open),
            ("own unit, kept from me", Some(10), Law::Hsl, Some(&others), &[]),
        ] {
            let it = forwarding(direction, unit, law);
            table(&mut text, &format!("{}: {title}", direction.code()), &who, |actor| {
                let ask = |act| mark(allow_forwarding(actor, act, &it, case, open));
                ON_FORWARDINGS.map(ask).concat()
            });
        }
    }
    writeln!(text, "\n## what each command on a forwarding asks for: sent, received\n")
        .expect("writes");
    for command in Command::ALL {
        let acts = [Direction::Sent, Direction::Received].map(|it| forwarding_act(it, *command));
        writeln!(text, "{:<22}{:?} {:?}", command.code(), acts[0], acts[1]).expect("writes");
    }
    writeln!(text, "\n## lists of what came: of which units, and without a unit").expect("writes");
    for (title, who) in [("over `norr`", &who), ("over all", &whole)] {
        table(&mut text, title, who, |actor| {
            let read = received_for(actor, Act::ReadForwarding);
            let all = read.iter().any(|it| it.units == Scope::All);
            [yes(!read.is_empty()), yes(all), yes(read.iter().any(|it| it.unplaced))].concat()
        });
    }
    reviewed("policy_beside.txt", &text);
}
