//! Who is told of a change, and of what: that something is there, not what. Whether they may still
//! read it is asked when the notice leaves.

use domain::case::feedback::Audience as FeedbackAudience;
use domain::case::watch::Watcher;
use domain::case::{Case, Changed, Command, Comment};
use domain::ids::{MessageId, StaffId};
use domain::notice::{About, Audience, Notice, Step, Urgency};
use jiff::civil::Date;
use serde_json::json;
use store::Message;

use crate::context::{App, Caller, Doer};

/// The topic of the notice to the reporter that a change asks for, if it does.
fn topic(changed: &Changed) -> Option<&'static str> {
    let event = &changed.event;
    let told = |audience: FeedbackAudience| {
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
        Command::Feedback if told(FeedbackAudience::Reporter) => Some("reporter.feedback"),
        // The one that goes on tells of both.
        Command::Refile if event.from.is_none() => Some("reporter.refiled"),
        _ => None,
    }
}

/// A notice about a case to one person.
struct ToStaff {
    topic: &'static str,
    step: Step,
    to: StaffId,
    due_on: Option<Date>,
    while_open: bool,
}

impl ToStaff {
    fn message(self, app: &App, doer: Doer<'_>, case: &Case) -> Message {
        let Self { topic, step, to, due_on, while_open } = self;
        let notice = Notice {
            about: About::Case(case.id),
            number: Some(case.number.to_string()),
            step,
            urgency: Urgency::Normal,
            to: Audience::Staff(to),
            due_on,
            while_open,
        };
        // Whoever did it knows.
        let payload = if Some(to) == doer.by {
            json!({ "number": case.number })
        } else {
            json!({ "number": case.number, "notice": notice })
        };
        Message {
            id: MessageId(app.new_id()),
            at: doer.now,
            topic: topic.to_owned(),
            case: Some(case.id),
            payload,
        }
    }
}

/// The notices that a change asks for. Nobody is told of a draft, and the reporter of an imported case
/// is not.
pub(super) fn of_change(app: &App, doer: Doer<'_>, changed: &Changed) -> Vec<Message> {
    let case = &changed.case;
    if case.private() {
        return Vec::new();
    }
    // Who has no token is told by other means.
    let reporter = case.reported_by.filter(|_| !case.imported).and_then(|to| {
        let (topic, step) = (topic(changed)?, Step::OwnFiling);
        Some(ToStaff { topic, step, to, due_on: None, while_open: false })
    });
    let asked = case.watches.last().filter(|_| changed.event.command == Command::Watch);
    let asked = asked.and_then(|watch| match watch.to {
        Watcher::Staff(to) if Some(to) != doer.by => Some(ToStaff {
            topic: "watch.asked",
            step: Step::Watch,
            to,
            due_on: watch.due_on,
            // What was asked of a closed case still waits for its answer.
            while_open: false,
        }),
        // Whoever of the profession looks finds it on their list, and in the digest.
        Watcher::Staff(_) | Watcher::Profession(_) => None,
    });
    let lead = case.assessment.lead.filter(|to| Some(*to) != doer.by);
    let given = lead.and_then(|to| {
        let (topic, step) = match changed.event.command {
            Command::Lead => ("lead.given", Step::Handle),
            Command::Assign => ("opinion.assigned", Step::Handle),
            Command::SenderMessage => ("opinion.said", Step::SenderSaid),
            _ => return None,
        };
        Some(ToStaff { topic, step, to, due_on: None, while_open: step == Step::Handle })
    });
    let all = reporter.into_iter().chain(asked).chain(given);
    all.map(|notice| notice.message(app, doer, case)).collect()
}

/// The notices to those whom a comment calls to it.
pub(super) fn of_mentions(
    app: &App,
    caller: &Caller,
    case: &Case,
    comment: &Comment,
) -> Vec<Message> {
    let called = comment.mentions.iter().filter(|to| **to != caller.staff.id);
    called
        .map(|to| ToStaff {
            topic: "comment.mention",
            step: Step::Mention,
            to: *to,
            due_on: None,
            while_open: false,
        })
        .map(|notice| notice.message(app, caller.doer(), case))
        .collect()
}

/// The notice to the sender of an opinion that a change asks for: that there is something, not what. Only
/// to whoever has left an address of e-mail; whoever wants to stay unknown has none.
pub(super) fn to_sender(app: &App, doer: Doer<'_>, changed: &Changed) -> Option<Message> {
    let case = &changed.case;
    let opinion = case.opinion.as_ref()?;
    if opinion.anonymous || !opinion.sender.has_email || case.private() {
        return None;
    }
    let draft = opinion.draft.is_some();
    let (topic, step) = match changed.event.command {
        Command::Acknowledge => ("sender.acknowledged", Step::OpinionReceived),
        Command::Ask => ("sender.asked", Step::OpinionQuestion),
        Command::Answer if !draft => ("sender.answered", Step::OpinionAnswered),
        Command::HandOver => ("sender.handed_over", Step::OpinionHandedOver),
        _ => return None,
    };
    let notice = Notice {
        about: About::Case(case.id),
        number: Some(case.number.to_string()),
        step,
        urgency: Urgency::Normal,
        to: Audience::Sender,
        due_on: None,
        while_open: false,
    };
    Some(Message {
        id: MessageId(app.new_id()),
        at: doer.now,
        topic: topic.to_owned(),
        case: Some(case.id),
        payload: json!({ "number": case.number, "notice": notice }),
    })
}
