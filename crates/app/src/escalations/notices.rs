//! Who is told that an escalation waits for them: a number, a step, and where to look.

use std::collections::BTreeSet;

use domain::case::Kind as CaseKind;
use domain::clock::due_of_escalation;
use domain::escalation::next::{Todo, Whose};
use domain::escalation::{Changed, Delegation, Escalation};
use domain::ids::MessageId;
use domain::notice::{About, Audience, Notice, Urgency};
use serde_json::json;
use store::Message;

use crate::context::{App, Caller};
use crate::setup::today;

/// The notices of a change: to those it waits for now, when that is something else than before, and to
/// whoever is to investigate.
/// `number` is the case's; `register` is everyone's lines, where somebody has to decide. Where nobody
/// may, whoever answers for the law is told.
pub(super) fn of_change(
    app: &App,
    caller: &Caller,
    before: Option<&Escalation>,
    changed: &Changed,
    number: Option<&str>,
    register: &[Delegation],
) -> Vec<Message> {
    let escalation = &changed.escalation;
    let Some((todo, whose)) = escalation.waits_for() else { return Vec::new() };
    let moved = before.and_then(Escalation::waits_for) != Some((todo, whose));
    // Whoever was just appointed to investigate, and then of what the investigator does next.
    let investigator = escalation.matter.investigator();
    let appointed = investigator != before.and_then(|it| it.matter.investigator());
    let theirs = matches!(todo, Todo::Investigate | Todo::Propose);
    let investigator = investigator
        .filter(|it| *it != caller.staff.id && (appointed || (moved && theirs)))
        .map(Audience::Staff);
    let day = today(caller);
    let due_on = due_of_escalation(escalation, &caller.set_up.settings.clocks);
    let deciders = match whose {
        Whose::Deciders(of) => escalation.deciders(of, register, &BTreeSet::new(), day),
        Whose::Role(_) | Whose::Readers | Whose::Ivo => BTreeSet::new(),
    };
    let nobody = matches!(whose, Whose::Deciders(_)) && deciders.is_empty();
    let whose = if nobody { escalation.instead_of_deciders() } else { whose };
    let mut audiences: Vec<Audience> = match whose {
        _ if !moved => Vec::new(),
        Whose::Ivo => Vec::new(),
        Whose::Role(role) => vec![Audience::Role {
            role,
            unit: escalation.unit,
            laws: vec![escalation.law],
            kind: CaseKind::Avvikelse,
        }],
        Whose::Deciders(_) => deciders.into_iter().map(Audience::Staff).collect(),
        Whose::Readers => escalation
            .readers
            .iter()
            .filter(|staff| **staff != caller.staff.id)
            .map(|staff| Audience::Staff(*staff))
            .collect(),
    };
    audiences.extend(investigator);
    let message = |to: Audience| {
        let notice = Notice {
            about: About::Escalation(escalation.id),
            number: number.map(str::to_owned),
            step: todo.step(),
            urgency: match todo {
                // *Genast* runs.
                Todo::Receive => Urgency::Urgent,
                _ => Urgency::Normal,
            },
            to,
            due_on,
            while_open: true,
        };
        Message {
            id: MessageId(app.new_id()),
            at: caller.now,
            topic: format!("escalation.{}", changed.event.command.code()),
            case: escalation.case,
            payload: json!({ "number": number, "notice": notice }),
        }
    };
    audiences.into_iter().map(message).collect()
}
