//! What a message that follows a document does to it; decided by the domain, as for every other hand.

use domain::fault::Fault;
use domain::forwarding::{Answer, Around, Channel, Forwarding, Rejected, Short, Side};
use domain::ids::{ExchangeId, MeasureId};
use exchange::message::{Content, Envelope};

use super::NotTaken;
use super::content::{answer_of, event_of, measure_of, remark_of};
use super::take::{Effect, Lost};
use crate::error::Error;

/// What a message that follows a document does to it.
pub(super) fn follow(
    forwarding: &Forwarding,
    envelope: &Envelope,
    content: Content,
    around: Around<'_>,
) -> Result<Effect, Lost> {
    let before = forwarding.clone();
    let unknown = || not_possible("unknown_word");
    let changed = match content {
        Content::Acknowledgement(given) => before.take_answer(
            Answer {
                id: ExchangeId(given.id),
                channel: Channel::Machine,
                short: Short::Received,
                text: None,
                diary_number: given.number,
                at: None,
                attachments: Vec::new(),
                contact: None,
            },
            around,
        ),
        Content::Answer(given) => before.take_answer(answer_of(given).ok_or_else(unknown)?, around),
        Content::Question(given) => before.converse(remark_of(given, true), around),
        Content::Remark(given) => before.converse(remark_of(given, false), around),
        Content::Event(given) => before.share_event(event_of(given, around.now), around),
        Content::Measure(given) => {
            before.add_measure(measure_of(given).ok_or_else(unknown)?, around)
        }
        Content::MeasureDone(given) => {
            before.finish_measure(MeasureId(given.id), Side::Them, given.on, around)
        }
        Content::Reminder(given) => {
            let due = given.due_on.map_or(String::new(), |day| format!(" Svar senast {day}."));
            let text = format!("Påminnelse: avsändaren väntar på svar.{due}");
            let (id, at) = (envelope.id, given.at);
            let remark = exchange::message::Remark { id, text, at };
            before.converse(remark_of(remark, false), around)
        }
        Content::Recall(given) => {
            let reason = given.reason.unwrap_or_else(|| "Återkallad av avsändaren.".to_owned());
            before.recall(reason, around)
        }
        Content::Status(given) => {
            let known = ["assigned", "investigated", "wrong_recipient", "passed_on", "closed"];
            if !known.contains(&given.status.as_str()) {
                return Err(unknown());
            }
            let their_status = Some((given.status, given.at));
            return Ok(Effect { before: Some(before), their_status, ..Effect::default() });
        }
        Content::Document(_) => return Err(not_possible("document_again")),
        Content::Attachment(_) => return Err(not_possible("no_attachments")),
    };
    match changed {
        Ok(changed) => Ok(Effect {
            before: Some(forwarding.clone()),
            changed: Some(changed),
            ..Effect::default()
        }),
        // By another way, or from another message: it is said, and nothing is to be done.
        Err(Rejected::AlreadySaid) => {
            Ok(Effect { before: Some(forwarding.clone()), ..Effect::default() })
        }
        Err(other) => Err(rejected(other)),
    }
}

pub(super) fn not_possible(why: &str) -> Lost {
    Lost::For(Error::NotTaken(NotTaken::NotPossible(why.to_owned())))
}

/// Why the domain does not do what a message says, in one line without what it says.
pub(super) fn rejected(rejected: Rejected) -> Lost {
    let why = match rejected {
        Rejected::State { status, command } => {
            format!("{} while {}", command.code(), status.code())
        }
        Rejected::NotTheirs => "not_yours".to_owned(),
        Rejected::AlreadySaid => "already_said".to_owned(),
        Rejected::Guard(faults) => {
            let told = |fault: &Fault| {
                let Fault { field, reason, .. } = fault;
                format!("{field} {}", reason.code()).trim().to_owned()
            };
            faults.iter().take(10).map(told).collect::<Vec<_>>().join(", ")
        }
    };
    not_possible(&why)
}
