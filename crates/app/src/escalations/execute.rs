//! Carrying out a command on an escalation. Every command goes the same way as those of cases: it was
//! opened and its version compared; the domain decides; everything is written at once, if it still
//! stands where it stood.

use std::collections::BTreeSet;

use domain::escalation::ivo::{IvoDecided, Notifying};
use domain::escalation::lex_sarah::{Assessing, Findings, Remedy};
use domain::escalation::next::Whose;
use domain::escalation::screening::Screen;
use domain::escalation::{
    Around, BoardInformed, Changed, Channel, Command, Deciding, EndingGiven, Escalation, Proposing,
    Rejected, SupplementRequest,
};
use domain::fault::Fault;
use domain::ids::StaffId;
use jiff::Timestamp;
use jiff::civil::Date;

use super::raise::already_open;
use super::read::OpenedEscalation;
use super::record::{EscalationRecord, ONE_OPEN, lost_a_race};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// A command as the service understands it.
#[derive(Clone, Debug, PartialEq)]
pub enum EscalationCommand {
    /// Screen a flag.
    Screen(Screen),
    /// Lex Sarah: receive the report.
    Receive {
        /// That the nämnd was told, by a private provider.
        board_informed: Option<BoardInformed>,
        /// Whom it criticises.
        criticised: Option<BTreeSet<StaffId>>,
    },
    /// Lex Sarah: protect the person.
    ActAtOnce {
        /// What was done.
        text: String,
    },
    /// Lex Sarah: write or complete the investigation.
    Investigate(Findings),
    /// Propose.
    Propose(Proposing),
    /// Decide whether IVO is notified.
    Decide(Deciding),
    /// Lex Sarah: decide the degree.
    Assess(Assessing),
    /// Lex Sarah: decide that it is a mere avvikelse.
    NotTakeUp {
        /// Why.
        motivation: String,
        /// The day; `None` is today.
        on: Option<Date>,
    },
    /// Notify IVO.
    Notify(Box<Notifying>),
    /// Send the investigation.
    SubmitInquiry {
        /// When it was sent.
        sent_at: Timestamp,
        /// How.
        channel: Channel,
    },
    /// IVO has received it.
    IvoReceive {
        /// IVO's diarienummer.
        number: Option<String>,
        /// When.
        received_at: Timestamp,
    },
    /// IVO asks for more.
    RequestSupplement(SupplementRequest),
    /// It was sent.
    AnswerSupplement {
        /// When.
        sent_at: Timestamp,
        /// How.
        channel: Channel,
    },
    /// IVO has decided.
    IvoDecide(IvoDecided),
    /// Lex Sarah: put right, told.
    FollowUp(Remedy),
    /// Withdraw the notification.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Take a "no" up again.
    Reassess {
        /// Why.
        reason: String,
    },
    /// End it.
    Close(EndingGiven),
    /// Riskperson: choose who may see it.
    ChooseReaders(BTreeSet<StaffId>),
}

impl EscalationCommand {
    /// The domain's command.
    pub fn command(&self) -> Command {
        match self {
            EscalationCommand::Screen(Screen::Out { .. }) => Command::ScreenOut,
            EscalationCommand::Screen(Screen::TakeUp) => Command::TakeUp,
            EscalationCommand::Receive { .. } => Command::Receive,
            EscalationCommand::ActAtOnce { .. } => Command::ActAtOnce,
            EscalationCommand::Investigate(_) => Command::Investigate,
            EscalationCommand::Propose(_) => Command::Propose,
            EscalationCommand::Decide(_) => Command::Decide,
            EscalationCommand::Assess(_) => Command::Assess,
            EscalationCommand::NotTakeUp { .. } => Command::NotTakeUp,
            EscalationCommand::Notify(_) => Command::Notify,
            EscalationCommand::SubmitInquiry { .. } => Command::SubmitInquiry,
            EscalationCommand::IvoReceive { .. } => Command::IvoReceive,
            EscalationCommand::RequestSupplement(_) => Command::RequestSupplement,
            EscalationCommand::AnswerSupplement { .. } => Command::AnswerSupplement,
            EscalationCommand::IvoDecide(_) => Command::IvoDecide,
            EscalationCommand::FollowUp(_) => Command::FollowUp,
            EscalationCommand::Withdraw { .. } => Command::Withdraw,
            EscalationCommand::Reassess { .. } => Command::Reassess,
            EscalationCommand::Close(_) => Command::Close,
            EscalationCommand::ChooseReaders(_) => Command::ChooseReaders,
        }
    }

    fn decide(self, escalation: Escalation, around: Around<'_>) -> Result<Changed, Rejected> {
        match self {
            EscalationCommand::Screen(screen) => escalation.screen(screen, around),
            EscalationCommand::Receive { board_informed, criticised } => {
                escalation.receive(board_informed, criticised, around)
            }
            EscalationCommand::ActAtOnce { text } => escalation.act_at_once(text, around),
            EscalationCommand::Investigate(findings) => escalation.inquire(findings, around),
            EscalationCommand::Propose(new) => escalation.propose(new, around),
            EscalationCommand::Decide(new) => escalation.decide(new, around),
            EscalationCommand::Assess(assessing) => escalation.assess(assessing, around),
            EscalationCommand::NotTakeUp { motivation, on } => {
                escalation.not_take_up(motivation, on, around)
            }
            EscalationCommand::Notify(new) => escalation.notify(*new, around),
            EscalationCommand::SubmitInquiry { sent_at, channel } => {
                escalation.submit_inquiry(sent_at, channel, around)
            }
            EscalationCommand::IvoReceive { number, received_at } => {
                escalation.ivo_receive(number, received_at, around)
            }
            EscalationCommand::RequestSupplement(request) => {
                escalation.request_supplement(request, around)
            }
            EscalationCommand::AnswerSupplement { sent_at, channel } => {
                escalation.answer_supplement(sent_at, channel, around)
            }
            EscalationCommand::IvoDecide(decided) => escalation.ivo_decide(decided, around),
            EscalationCommand::FollowUp(remedy) => escalation.follow_up(remedy, around),
            EscalationCommand::Withdraw { reason } => escalation.withdraw(reason, around),
            EscalationCommand::Reassess { reason } => escalation.reassess(reason, around),
            EscalationCommand::Close(end) => escalation.close(end, around),
            EscalationCommand::ChooseReaders(readers) => escalation.choose_readers(readers, around),
        }
    }

    /// The staff that a command names, each with its field.
    fn named(&self) -> Vec<(StaffId, String)> {
        match self {
            EscalationCommand::Receive { criticised: Some(criticised), .. } => {
                each(criticised, "/criticised")
            }
            EscalationCommand::Investigate(findings) => {
                let mut named = findings
                    .criticised
                    .as_ref()
                    .map_or_else(Vec::new, |criticised| each(criticised, "/criticised"));
                named.extend(findings.investigator.map(|staff| (staff, "/investigator".into())));
                named
            }
            EscalationCommand::ChooseReaders(readers) => each(readers, "/readers"),
            _ => Vec::new(),
        }
    }
}

fn each(staff: &BTreeSet<StaffId>, field: &str) -> Vec<(StaffId, String)> {
    staff.iter().enumerate().map(|(at, staff)| (*staff, format!("{field}/{at}"))).collect()
}

/// What the domain makes of a command: nothing is written yet.
pub(super) fn decided(
    caller: &Caller,
    opened: &OpenedEscalation,
    command: EscalationCommand,
) -> Result<Changed, Error> {
    opened.permit(caller, command.command())?;
    let around = Around {
        case: opened.case.as_deref(),
        codes: &caller.set_up.codes,
        private_provider: caller.set_up.settings.private_provider,
        delegations: &opened.delegations,
        by: caller.staff.id,
        now: caller.now,
    };
    Ok(command.decide(opened.escalation.clone(), around)?)
}

impl App {
    /// Carries out a command on an escalation that was opened. `render` makes the answer from it as it
    /// will stand.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster; [`Error::State`], [`Error::Faults`],
    /// [`Error::NotDelegated`] and [`Error::OwnMatter`] from the domain; [`Error::Forbidden`].
    pub async fn execute_escalation(
        &self,
        caller: &Caller,
        opened: OpenedEscalation,
        command: EscalationCommand,
        once: Option<Once>,
        render: impl Fn(&OpenedEscalation) -> Answer,
    ) -> Result<Answer, Error> {
        opened.permit(caller, command.command())?;
        let act = format!("escalation.{}", command.command().code());
        self.known_each(caller, command.named()).await?;
        let changed = decided(caller, &opened, command)?;
        let number = opened.case.as_ref().map(|case| case.number.to_string());
        let waits = changed.escalation.waits_for();
        let register = match waits {
            Some((_, Whose::Deciders(_))) => {
                self.store.read(caller.tenant_id(), |tx| tx.delegations()).await?
            }
            _ => Vec::new(),
        };
        let mut after = opened.clone();
        if let Some(seen) = OpenedEscalation::of(
            caller,
            changed.escalation.clone(),
            opened.case.clone(),
            opened.delegations.clone(),
        ) {
            after = seen;
        } else {
            // Whoever gave it away still sees what they did.
            after.escalation = changed.escalation.clone();
        }
        self.show_person(caller, &mut after).await?;
        let answer = render(&after);
        let before = opened.escalation;
        let case = opened.case.as_deref();
        // What is taken up again stands beside a case that nobody ends meanwhile.
        let beside = (!before.open() && changed.escalation.open())
            .then(|| case.map(|case| case.id))
            .flatten();
        let (access, _) = self.escalation_access(caller, &act, opened.access, &before, case);
        let mut record = EscalationRecord::new(
            self,
            caller,
            Some(before),
            changed,
            number.as_deref(),
            &register,
        );
        record.access.push(access);
        if let Some(once) = &once {
            let of = opened.case.as_ref().map(|case| case.id);
            record.kept = Some(self.to_keep(caller, once, &answer, of)?);
        }
        let work = move |tx: &mut store::Tx<'_>| {
            if let Some(case) = beside {
                tx.hold_case(case)?;
            }
            record.write(tx)
        };
        let written = self.store.write(caller.tenant_id(), work).await;
        match written {
            Ok(()) => Ok(answer),
            Err(error) if error.conflict() == Some(ONE_OPEN) => Err(already_open()),
            Err(error) if lost_a_race(&error) => match once {
                // The same request, twice at once: the first one's answer holds for both.
                Some(once) => self.answered(caller, &once).await?.ok_or(Error::Stale),
                None => Err(Error::Stale),
            },
            Err(other) => Err(other.into()),
        }
    }

    /// Everyone a command names must be staff.
    async fn known_each(
        &self,
        caller: &Caller,
        named: Vec<(StaffId, String)>,
    ) -> Result<(), Error> {
        if named.is_empty() {
            return Ok(());
        }
        let staff = self.store.read(caller.tenant_id(), |tx| tx.all_staff()).await?;
        let missing = named.into_iter().filter(|(id, _)| staff.iter().all(|it| it.id != *id));
        let faults: Vec<Fault> =
            missing.map(|(_, field)| Fault::at(field, domain::fault::Reason::NotFound)).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::Faults(faults)) }
    }
}
