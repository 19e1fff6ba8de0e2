//! Carrying out a command on a forwarding: it was opened and its version compared; the domain decides;
//! everything is written at once, if it still stands where it stood.

use std::collections::BTreeSet;

use domain::fault::{Fault, Reason};
use domain::forwarding::{
    Answer as Answered, Approving, Around, Changed, Channel, Command, Deciding, Direction, Editing,
    Forwarding, JointMeasure, PassingOn, Rejected, Remark, Sending, SharedEvent, Side,
};
use domain::ids::{AttachmentId, ExchangeId, MeasureId};
use domain::personnummer::SubjectIdentity;
use jiff::civil::Date;
use store::Sealed;

use super::acting::Acting;
use super::read::OpenedForwarding;
use super::record::{ForwardingRecord, Identity, lost_a_race};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::sealing::SUBJECTS as CASE_SUBJECTS;

/// A command as the service understands it.
#[derive(Clone, Debug, PartialEq)]
pub enum ForwardingCommand {
    /// Write a draft on.
    Edit(Editing),
    /// Decide what may leave.
    Check(Deciding),
    /// Let it leave.
    Send {
        /// By which way.
        channel: Channel,
    },
    /// Say that it has arrived: they did, or we do.
    Acknowledge(Answered),
    /// Remind them.
    Remind {
        /// By which way.
        channel: Channel,
    },
    /// Put it on the list for the samverkansmöte.
    Escalate,
    /// Take in their answer.
    RegisterAnswer(Answered),
    /// Say something, or take in what they say.
    Converse(Remark),
    /// Tell the unit.
    ShareWithUnit {
        /// How.
        how: String,
    },
    /// End it.
    Close {
        /// In a sentence.
        summary: Option<String>,
    },
    /// Give up waiting.
    CloseWithoutAnswer {
        /// Why.
        reason: String,
    },
    /// Take it back.
    Recall {
        /// Why.
        reason: String,
    },
    /// Put down what was found.
    Investigate {
        /// In words.
        text: String,
    },
    /// Approve what is answered.
    ApproveAnswer(Approving),
    /// Answer.
    Answer {
        /// The id of what is said.
        id: ExchangeId,
        /// By which way.
        channel: Channel,
    },
    /// Say that it is not ours.
    WrongRecipient {
        /// The id of what is said.
        id: ExchangeId,
        /// Whose it is.
        whom: String,
        /// By which way they are told.
        channel: Channel,
    },
    /// Let it go to whose it is.
    PassOn(PassingOn),
    /// Joint: share what happened.
    ShareEvent(SharedEvent),
    /// Joint: put a measure down.
    AddMeasure(JointMeasure),
    /// Joint: say that one is done.
    FinishMeasure {
        /// Which.
        id: MeasureId,
        /// Whose it is.
        side: Side,
        /// The day.
        on: Date,
    },
}

impl ForwardingCommand {
    /// The domain's command.
    pub fn command(&self) -> Command {
        match self {
            ForwardingCommand::Edit(_) => Command::Edit,
            ForwardingCommand::Check(_) => Command::Check,
            ForwardingCommand::Send { .. } => Command::Send,
            ForwardingCommand::Acknowledge(_) => Command::Acknowledge,
            ForwardingCommand::Remind { .. } => Command::Remind,
            ForwardingCommand::Escalate => Command::Escalate,
            ForwardingCommand::RegisterAnswer(_) => Command::RegisterAnswer,
            ForwardingCommand::Converse(_) => Command::Converse,
            ForwardingCommand::ShareWithUnit { .. } => Command::ShareWithUnit,
            ForwardingCommand::Close { .. } => Command::Close,
            ForwardingCommand::CloseWithoutAnswer { .. } => Command::CloseWithoutAnswer,
            ForwardingCommand::Recall { .. } => Command::Recall,
            ForwardingCommand::Investigate { .. } => Command::Investigate,
            ForwardingCommand::ApproveAnswer(_) => Command::ApproveAnswer,
            ForwardingCommand::Answer { .. } => Command::Answer,
            ForwardingCommand::WrongRecipient { .. } => Command::WrongRecipient,
            ForwardingCommand::PassOn(_) => Command::PassOn,
            ForwardingCommand::ShareEvent(_) => Command::ShareEvent,
            ForwardingCommand::AddMeasure(_) => Command::AddMeasure,
            ForwardingCommand::FinishMeasure { .. } => Command::FinishMeasure,
        }
    }

    fn decide(
        self,
        opened: &OpenedForwarding,
        caller: &Caller,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let forwarding = opened.forwarding.clone();
        let known = opened.case.as_ref().is_some_and(|case| case.subject.is_some());
        match self {
            ForwardingCommand::Edit(editing) => forwarding.edit(editing, around),
            ForwardingCommand::Check(deciding) => forwarding.check(deciding, known, around),
            ForwardingCommand::Send { channel } => {
                let rules = &caller.set_up.settings.forwardings;
                let counterparty = &opened.counterparty;
                forwarding.send(Sending { channel, counterparty, rules }, around)
            }
            ForwardingCommand::Acknowledge(answer) => match forwarding.direction {
                Direction::Sent => forwarding.take_answer(answer, around),
                Direction::Received => forwarding.acknowledge(answer, around),
            },
            ForwardingCommand::Remind { channel } => forwarding.remind(channel, around),
            ForwardingCommand::Escalate => forwarding.escalate(around),
            ForwardingCommand::RegisterAnswer(answer) => forwarding.take_answer(answer, around),
            ForwardingCommand::Converse(remark) => forwarding.converse(remark, around),
            ForwardingCommand::ShareWithUnit { how } => forwarding.share_with_unit(how, around),
            ForwardingCommand::Close { summary } => forwarding.close(summary, around),
            ForwardingCommand::CloseWithoutAnswer { reason } => {
                forwarding.close_without_answer(reason, around)
            }
            ForwardingCommand::Recall { reason } => forwarding.recall(reason, around),
            ForwardingCommand::Investigate { text } => forwarding.investigated(text, around),
            ForwardingCommand::ApproveAnswer(approving) => {
                forwarding.approve_answer(approving, around)
            }
            ForwardingCommand::Answer { id, channel } => forwarding.answer(id, channel, around),
            ForwardingCommand::WrongRecipient { id, whom, channel } => {
                forwarding.wrong_recipient(id, whom, channel, around)
            }
            ForwardingCommand::PassOn(passing) => forwarding.pass_on(passing, around),
            ForwardingCommand::ShareEvent(event) => forwarding.share_event(event, around),
            ForwardingCommand::AddMeasure(measure) => forwarding.add_measure(measure, around),
            ForwardingCommand::FinishMeasure { id, side, on } => {
                forwarding.finish_measure(id, side, on, around)
            }
        }
    }

    /// The files that came with what was said.
    fn attachments(&self) -> &[AttachmentId] {
        match self {
            ForwardingCommand::Acknowledge(answer) | ForwardingCommand::RegisterAnswer(answer) => {
                &answer.attachments
            }
            ForwardingCommand::Converse(remark) => &remark.attachments,
            _ => &[],
        }
    }
}

impl App {
    /// Carries out a command on a forwarding that was opened. `render` makes the answer from it as it will
    /// stand.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster; [`Error::State`] and [`Error::Faults`] from the
    /// domain; [`Error::Forbidden`].
    pub async fn execute_forwarding(
        &self,
        caller: &Caller,
        mut opened: OpenedForwarding,
        command: ForwardingCommand,
        once: Option<Once>,
        render: impl Fn(&OpenedForwarding) -> Answer,
    ) -> Result<Answer, Error> {
        let asked = command.command();
        opened.permit(caller, asked)?;
        self.known_attachments(caller, &opened, command.attachments()).await?;
        self.hold_machine(caller, &opened.forwarding, &command).await?;
        let before = opened.forwarding.clone();
        if let ForwardingCommand::Edit(editing) = &command
            && let Some(id) = editing.counterparty
        {
            opened.counterparty = std::sync::Arc::new(self.known_end(caller, id).await?);
        }
        let acting = Acting::from(caller);
        let changed = command.decide(&opened, caller, acting.around())?;
        let identity = self.identity_after(caller, &opened, asked, &changed.forwarding).await?;
        let after = opened.after(caller, changed.forwarding.clone());
        let answer = render(&after);
        let act = format!("forwarding.{}", asked.code());
        let (access, trail) = self.forwarding_access(caller, &act, &opened);
        let mut record = ForwardingRecord::new(self, &acting, Some(before), changed);
        record.identity = identity;
        record.access.push(access);
        record.trail.extend(trail);
        if let Some(once) = &once {
            let of = opened.case.as_ref().map(|case| case.id);
            record.kept = Some(self.to_keep(caller, once, &answer, of)?);
        }
        let written = self.store.write(caller.tenant_id(), move |tx| record.write(tx)).await;
        match written {
            Ok(()) => Ok(answer),
            Err(error) if lost_a_race(&error) => match once {
                // The same request, twice at once: the first one's answer holds for both.
                Some(once) => self.answered(caller, &once).await?.ok_or(Error::Stale),
                None => Err(Error::Stale),
            },
            Err(other) => Err(other.into()),
        }
    }

    /// What becomes of who the person is: it goes along by the decision, and with the decision it goes.
    async fn identity_after(
        &self,
        caller: &Caller,
        opened: &OpenedForwarding,
        command: Command,
        forwarding: &Forwarding,
    ) -> Result<Identity, Error> {
        let goes = forwarding.matter.decision.as_ref().is_some_and(|it| it.identity);
        match (command, forwarding.direction) {
            (Command::Check, Direction::Sent) if goes => {
                let sealed = self.identity_of_case(caller, opened).await?;
                Ok(Identity::Put(sealed))
            }
            (Command::Check | Command::Edit, Direction::Sent) => Ok(Identity::Drop),
            // What was taken back is nowhere any more.
            (Command::Recall, Direction::Sent | Direction::Received) => Ok(Identity::Drop),
            _ => Ok(Identity::Keep),
        }
    }

    /// Who the case is about, sealed anew for the forwarding.
    async fn identity_of_case(
        &self,
        caller: &Caller,
        opened: &OpenedForwarding,
    ) -> Result<Sealed, Error> {
        let subject = opened.case.as_ref().and_then(|case| case.subject);
        let missing =
            || Error::Faults(vec![Fault::at("/identity", Reason::inconsistent("no_identity"))]);
        let id = subject.ok_or_else(missing)?;
        let tenant = caller.tenant_id();
        let kept = self.store.read(tenant, move |tx| tx.subject(id)).await?;
        let failed = |why: String| Error::Internal(why);
        let content = self
            .sealer
            .open(tenant, CASE_SUBJECTS, &id.to_string(), &kept.sealed)
            .map_err(|error| failed(error.to_string()))?;
        let identity: SubjectIdentity =
            serde_json::from_slice(&content).map_err(|error| failed(error.to_string()))?;
        self.seal_forwarded_identity(caller, opened.forwarding.id, &identity)
    }

    /// Every file that is named must be one of the case.
    async fn known_attachments(
        &self,
        caller: &Caller,
        opened: &OpenedForwarding,
        named: &[AttachmentId],
    ) -> Result<(), Error> {
        if named.is_empty() {
            return Ok(());
        }
        let case = opened.case.as_ref().map(|case| case.id);
        let there: BTreeSet<AttachmentId> = match case {
            Some(case) => {
                let load = move |tx: &mut store::Tx<'_>| tx.attachments_of(case);
                let kept = self.store.read(caller.tenant_id(), load).await?;
                kept.into_iter().map(|it| it.attachment.id).collect()
            }
            None => BTreeSet::new(),
        };
        let missing = named.iter().enumerate().filter(|(_, id)| !there.contains(id));
        let faults: Vec<Fault> = missing
            .map(|(at, _)| Fault::at(format!("/attachments/{at}"), Reason::NotFound))
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::Faults(faults)) }
    }
}
