//! The commands by which an opinion is handled. They go the way of every command of a case.

use domain::calendar::swedish_date;
use domain::case::triage::LexAnswer;
use domain::case::{Case, Changed, Command};
use domain::escalation::{self, raise};
use domain::fault::{Fault, Reason};
use domain::ids::{EscalationId, MessageId, StaffId};
use domain::opinion::gate::GatesGiven;
use domain::opinion::{
    AnswerGiven, Attempt, HandOverGiven, Message, MessageKind, PassedOn, Registering,
};
use domain::policy::{Act, Actor, Target, allow};

use crate::context::{App, Caller};
use crate::error::Error;

/// A command on an opinion as the service understands it.
#[derive(Clone, Debug, PartialEq)]
pub enum OpinionCommand {
    /// Put it into the register.
    Register(Registering),
    /// Tell its sender that it has come.
    Acknowledge {
        /// How: a code of the list `channel`.
        way: Option<String>,
    },
    /// Give it to whoever is to handle it.
    Assign {
        /// To whom; `None` is oneself.
        staff: Option<StaffId>,
        /// Why.
        reason: Option<String>,
    },
    /// Answer the gates and find out what happened.
    Investigate {
        /// The gates.
        gates: GatesGiven,
        /// Why it may be lex Sarah.
        lex_reason: Option<String>,
    },
    /// Ask the sender something.
    Ask {
        /// What.
        text: String,
    },
    /// Write down that somebody tried in vain to reach the sender.
    Attempt(Attempt),
    /// Keep an answer that is being written.
    Draft(AnswerGiven),
    /// Answer it.
    Answer {
        /// The answer.
        answer: Box<AnswerGiven>,
        /// Why it may be lex Sarah.
        lex_reason: Option<String>,
    },
    /// Hand it over to whom it concerns.
    HandOver(HandOverGiven),
    /// Pass it on to an authority.
    PassOn(PassedOn),
}

impl OpinionCommand {
    /// The act the policy is asked about.
    pub(crate) fn act(&self) -> Act {
        match self {
            OpinionCommand::Register(_)
            | OpinionCommand::Acknowledge { .. }
            | OpinionCommand::Assign { .. }
            | OpinionCommand::Attempt(_) => Act::RegisterOpinion,
            OpinionCommand::Investigate { .. }
            | OpinionCommand::Ask { .. }
            | OpinionCommand::Draft(_) => Act::Investigate,
            OpinionCommand::Answer { .. }
            | OpinionCommand::HandOver(_)
            | OpinionCommand::PassOn(_) => Act::AnswerOpinion,
        }
    }

    /// The domain's command.
    pub(crate) fn command(&self) -> Command {
        match self {
            OpinionCommand::Register(_) => Command::Register,
            OpinionCommand::Acknowledge { .. } => Command::Acknowledge,
            OpinionCommand::Assign { .. } => Command::Assign,
            OpinionCommand::Investigate { .. } => Command::Inquire,
            OpinionCommand::Ask { .. } => Command::Ask,
            OpinionCommand::Attempt(_) => Command::Attempt,
            OpinionCommand::Draft(_) | OpinionCommand::Answer { .. } => Command::Answer,
            OpinionCommand::HandOver(_) => Command::HandOver,
            OpinionCommand::PassOn(_) => Command::PassOn,
        }
    }

    /// Whether it ends the case.
    pub(crate) fn ends(&self) -> bool {
        matches!(self, OpinionCommand::HandOver(_))
    }

    fn lex_reason(&self) -> Option<&str> {
        match self {
            OpinionCommand::Investigate { lex_reason, .. }
            | OpinionCommand::Answer { lex_reason, .. } => lex_reason.as_deref(),
            OpinionCommand::Register(_)
            | OpinionCommand::Acknowledge { .. }
            | OpinionCommand::Assign { .. }
            | OpinionCommand::Ask { .. }
            | OpinionCommand::Attempt(_)
            | OpinionCommand::Draft(_)
            | OpinionCommand::HandOver(_)
            | OpinionCommand::PassOn(_) => None,
        }
    }
}

/// What a command on an opinion writes beside the change itself.
#[derive(Default)]
pub(crate) struct Alongside {
    /// What is said to the sender.
    pub said: Option<Message>,
    /// The lex Sarah that is raised.
    pub raised: Option<escalation::Changed>,
}

impl App {
    /// What the domain makes of a command on an opinion; nothing is written yet.
    pub(crate) async fn decide_opinion(
        &self,
        caller: &Caller,
        case: Case,
        command: OpinionCommand,
    ) -> Result<Changed, Error> {
        let (by, now, tenant) = (caller.staff.id, caller.now, caller.tenant_id());
        let codes = &caller.set_up.codes;
        Ok(match command {
            OpinionCommand::Register(mut new) => {
                for (at, staff) in new.concerns.staff.iter().enumerate() {
                    self.known_staff(caller, *staff, &format!("/concerns_staff/{at}")).await?;
                }
                if new.concerns.manager {
                    let place = (case.unit, case.kind);
                    new.managers = self.managers_of(tenant, &caller.set_up, place, now).await?;
                }
                case.register_opinion(new, codes, by, now)?
            }
            OpinionCommand::Acknowledge { way } => case.acknowledge_opinion(way, codes, by, now)?,
            OpinionCommand::Assign { staff, reason } => {
                let handler = staff.unwrap_or(by);
                self.may_handle(caller, &case, handler).await?;
                case.assign_opinion(handler, reason, now)?
            }
            OpinionCommand::Investigate { gates, .. } => {
                case.investigate_opinion(gates, by, now)?
            }
            OpinionCommand::Ask { text } => {
                if text.trim().is_empty() {
                    return Err(Error::Faults(vec![Fault::at("/text", Reason::Required)]));
                }
                case.ask_sender(now)?
            }
            OpinionCommand::Attempt(attempt) => case.note_attempt(attempt, codes, now)?,
            OpinionCommand::Draft(draft) => case.draft_answer(draft, now)?,
            OpinionCommand::Answer { answer, .. } => case.answer_opinion(*answer, by, now)?,
            OpinionCommand::HandOver(given) => {
                let known = match given.counterparty {
                    None => None,
                    Some(id) => {
                        let all = self.store.read(tenant, |tx| tx.counterparties()).await?;
                        let found = all.into_iter().find(|it| it.id == id);
                        let missing = || Fault::at("/counterparty", Reason::NotFound);
                        Some(found.ok_or_else(|| Error::Faults(vec![missing()]))?.name)
                    }
                };
                case.hand_over_opinion(given, known.as_deref(), by, now)?
            }
            OpinionCommand::PassOn(passed) => case.pass_on_opinion(passed, now)?,
        })
    }

    /// Whoever is to handle an opinion must be staff who may.
    async fn may_handle(
        &self,
        caller: &Caller,
        case: &Case,
        handler: StaffId,
    ) -> Result<(), Error> {
        if handler == caller.staff.id {
            return Ok(());
        }
        self.known_staff(caller, handler, "/staff").await?;
        let load = move |tx: &mut store::Tx<'_>| tx.grants_of(handler);
        let grants = self.store.read(caller.tenant_id(), load).await?;
        let (units, today) = (&caller.set_up.units, swedish_date(caller.now));
        let actor = Actor::new(handler, &grants, units, today).under(caller.actor.rules);
        let mut target = Target::from(case);
        // Whom it is about is told by its own fault.
        target.kept_from.clear();
        if allow(&actor, Act::Investigate, &target).allowed() {
            return Ok(());
        }
        let reason = Reason::inconsistent("handler_may_not_handle");
        Err(Error::Faults(vec![Fault::at("/staff", reason)]))
    }

    /// What a decided command writes beside the change: a question to the sender, and lex Sarah, where
    /// the gate is answered with anything but no.
    ///
    /// # Errors
    /// [`Error::Faults`] where it cannot be raised: without a reason, or under a law that has none.
    pub(crate) fn alongside(
        &self,
        caller: &Caller,
        before: &Case,
        command: &OpinionCommand,
        changed: &Changed,
    ) -> Result<Alongside, Error> {
        let mut alongside = Alongside::default();
        if let OpinionCommand::Ask { text } = command {
            alongside.said = Some(Message {
                id: MessageId(self.new_id()),
                from_sender: false,
                kind: MessageKind::Question,
                text: text.clone(),
                at: caller.now,
                by: Some(caller.staff.id),
                read_at: None,
            });
        }
        let reason = command.lex_reason();
        alongside.raised = self.lex_sarah_of(caller, Some(before), &changed.case, reason)?;
        Ok(alongside)
    }

    /// The lex Sarah that the gate of an opinion raises, where it was not raised by it before.
    pub(crate) fn lex_sarah_of(
        &self,
        caller: &Caller,
        before: Option<&Case>,
        case: &Case,
        reason: Option<&str>,
    ) -> Result<Option<escalation::Changed>, Error> {
        let asks = |case: &Case| {
            let gates = case.opinion.as_ref().and_then(|opinion| opinion.gates.as_ref());
            gates.is_some_and(|gates| gates.lex_sarah != LexAnswer::No)
        };
        if !asks(case) || before.is_some_and(asks) {
            return Ok(None);
        }
        let id = EscalationId(self.new_id());
        let (kind, text) = (escalation::Kind::LexSarah, reason.unwrap_or_default().to_owned());
        match raise::by_hand(id, kind, case, text, caller.staff.id, caller.now) {
            Ok(raised) => Ok(Some(raised)),
            Err(escalation::Rejected::Guard(faults)) => {
                let here = |fault: Fault| match fault.field.as_str() {
                    "/reason" => Fault::at("/lex_sarah_reason", fault.reason),
                    "/kind" => Fault::at("/lex_sarah", fault.reason),
                    _ => fault,
                };
                Err(Error::Faults(faults.into_iter().map(here).collect()))
            }
            Err(other) => Err(other.into()),
        }
    }
}
