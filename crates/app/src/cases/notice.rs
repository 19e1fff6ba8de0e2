//! What whoever reported a case is told of it: that something came of it, not what. Where to look, they
//! know; whom to tell, the case says when the notice leaves.

use domain::case::feedback::Audience;
use domain::case::{Changed, Command};
use domain::ids::MessageId;
use serde_json::json;
use store::Message;

use crate::context::{App, Caller};

/// The topic of the notice that a change asks for, if it does.
fn topic(changed: &Changed) -> Option<&'static str> {
    let event = &changed.event;
    let told = |audience: Audience| {
        let to = |change: &domain::case::FieldChange| {
            change.field == "feedback" && change.new == audience.code()
        };
        event.changes.iter().any(to)
    };
    match event.command {
        // What is said in the same breath needs no notice of its own.
        Command::Close => Some("reporter.closed"),
        Command::Void => Some("reporter.voided"),
        Command::Reopen => Some("reporter.reopened"),
        Command::Feedback if told(Audience::Reporter) => Some("reporter.feedback"),
        // The one that goes on tells of both.
        Command::Refile if event.from.is_none() => Some("reporter.refiled"),
        _ => None,
    }
}

/// The notice to whoever reported the case. Nobody is told of a draft or of an import, and who has no
/// token is told by other means.
pub(super) fn to_reporter(app: &App, caller: &Caller, changed: &Changed) -> Option<Message> {
    let case = &changed.case;
    if case.private() || case.imported || case.reported_by.is_none() {
        return None;
    }
    Some(Message {
        id: MessageId(app.new_id()),
        at: caller.now,
        topic: topic(changed)?.to_owned(),
        case: Some(case.id),
        payload: json!({ "number": case.number }),
    })
}
