//! Who is told that something came from another caregiver, or that nothing does: a number, a step, and
//! where to look.

use domain::case::Kind as CaseKind;
use domain::escalation::next::answers_for;
use domain::forwarding::{Changed, Command, Direction, Hand};
use domain::ids::MessageId;
use domain::notice::{About, Audience, Notice, Step, Urgency};
use serde_json::json;
use store::Message;

use super::acting::Acting;
use crate::context::App;

/// The notices of a change: what a counterparty or a job did is told to whoever answers for the law, and
/// to whoever began it; what one of ours takes in, to whoever answers for the law.
pub(super) fn of_change(app: &App, acting: &Acting, changed: &Changed) -> Vec<Message> {
    let (forwarding, event) = (&changed.forwarding, &changed.event);
    let step = match (forwarding.direction, event.command, event.by) {
        (Direction::Received, Command::Register, Hand::Staff(_) | Hand::Counterparty(_)) => {
            Step::ForwardingReceived
        }
        (_, Command::Escalate, Hand::Job) => Step::ForwardingSilent,
        (
            _,
            Command::RegisterAnswer
            | Command::Converse
            | Command::Recall
            | Command::ShareEvent
            | Command::AddMeasure,
            Hand::Counterparty(_),
        ) => Step::ForwardingAnswered,
        _ => return Vec::new(),
    };
    let units = &acting.set_up.units;
    let place = forwarding.unit.or_else(|| units.unknown().map(|unit| unit.id));
    let role = place.map(|unit| Audience::Role {
        role: answers_for(forwarding.law),
        unit,
        laws: vec![forwarding.law],
        kind: CaseKind::Avvikelse,
    });
    let begun = forwarding.matter.begun_by.filter(|staff| acting.staff() != Some(*staff));
    let begun = begun.filter(|_| forwarding.direction == Direction::Sent).map(Audience::Staff);
    let message = |to: Audience| {
        let notice = Notice {
            about: About::Forwarding(forwarding.id),
            number: forwarding.number.map(|number| number.to_string()),
            step,
            urgency: Urgency::Normal,
            to,
            due_on: forwarding.awaited_on().filter(|_| step == Step::ForwardingReceived),
            while_open: true,
        };
        Message {
            id: MessageId(app.new_id()),
            at: acting.now,
            topic: format!("forwarding.{}", event.command.code()),
            case: forwarding.case,
            payload: json!({ "number": forwarding.number, "notice": notice }),
        }
    };
    role.into_iter().chain(begun).map(message).collect()
}
