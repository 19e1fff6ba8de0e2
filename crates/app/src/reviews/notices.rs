//! Who is told of a review: the manager when it waits, and whoever is given something to see to.

use domain::case::Kind;
use domain::ids::{MessageId, StaffId};
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::organisation::Role;
use domain::review::{Changed, Command, Owner, Review};
use jiff::Timestamp;
use serde_json::json;
use store::Message;

use crate::context::App;

/// What a change of a review queues: numbers, days and ids.
pub(super) fn of_change(
    app: &App,
    changed: &Changed,
    by: Option<StaffId>,
    at: Timestamp,
) -> Vec<Message> {
    let review = &changed.review;
    let notice = match changed.event.command {
        Command::Create => to_manager(review),
        Command::Improve => to_owner(review, by),
        Command::Write | Command::Progress | Command::Sign | Command::Reopen => None,
    };
    let payload = match &notice {
        Some(notice) => {
            json!({ "number": notice.number, "review": review.id, "notice": notice })
        }
        None => json!({ "number": review.half.to_string(), "review": review.id }),
    };
    vec![Message {
        id: MessageId(app.new_id()),
        at,
        topic: format!("review.{}", changed.event.command.code()),
        case: None,
        payload,
    }]
}

fn to_manager(review: &Review) -> Option<Notice> {
    let unit = *review.subject.units.first()?;
    let kind = Kind::Avvikelse;
    Some(Notice {
        about: About::Review(review.id),
        number: Some(review.half.to_string()),
        step: Step::Review,
        urgency: Urgency::Normal,
        to: Audience::Role { role: Role::UnitManager, unit, laws: Vec::new(), kind },
        due_on: Some(review.due_on),
        while_open: true,
    })
}

/// To whoever sees to what was decided last, unless they decided it themselves.
fn to_owner(review: &Review, by: Option<StaffId>) -> Option<Notice> {
    let improvement = review.improvements.last()?;
    let unit = *review.subject.units.first()?;
    let to = match improvement.owner {
        Owner::Staff(staff) if Some(staff) == by => return None,
        Owner::Staff(staff) => Audience::Staff(staff),
        Owner::Role(role) => Audience::Role { role, unit, laws: Vec::new(), kind: Kind::Avvikelse },
    };
    Some(Notice {
        about: About::Review(review.id),
        number: Some(review.half.to_string()),
        step: Step::Improvement,
        urgency: Urgency::Normal,
        to,
        due_on: Some(improvement.due_on),
        while_open: false,
    })
}
