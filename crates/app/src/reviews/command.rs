//! What is done to a review.

use domain::fault::{Fault, Reason};
use domain::ids::{ImprovementId, StaffId};
use domain::policy::{Access, Act};
use domain::review::{Changed, Done, NewImprovement, Owner, Progress, Rejected, Review};
use jiff::civil::Date;
use store::Tx;

use super::read::{ReviewShown, access, figures};
use super::record::{ReviewRecord, lost_a_race};
use super::shown::hold;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// An improvement to be decided, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Improved {
    /// What is done.
    pub text: String,
    /// Who sees to it.
    pub owner: Owner,
    /// Until which day.
    pub due_on: Date,
    /// From which day it is asked whether it helped.
    pub follow_up_on: Option<Date>,
}

/// What is done to a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewCommand {
    /// Write the analysis.
    Write {
        /// In words.
        text: String,
    },
    /// Decide an improvement.
    Improve(Improved),
    /// Say how far one has come.
    Progress {
        /// Which.
        improvement: ImprovementId,
        /// What is said.
        said: Progress,
    },
    /// Sign.
    Sign {
        /// The tag of the figures that were shown, if any were.
        shown: Option<String>,
    },
    /// Take up again.
    Reopen {
        /// Why.
        reason: String,
    },
}

impl ReviewCommand {
    /// Who names the owner of something.
    fn owner(&self) -> Option<StaffId> {
        let owner = match self {
            ReviewCommand::Improve(new) => Some(new.owner),
            ReviewCommand::Progress { said, .. } => said.owner,
            ReviewCommand::Write { .. }
            | ReviewCommand::Sign { .. }
            | ReviewCommand::Reopen { .. } => None,
        };
        match owner {
            Some(Owner::Staff(staff)) => Some(staff),
            Some(Owner::Role(_)) | None => None,
        }
    }
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::State { status, command } => {
                Error::State { status: status.code(), command: command.code() }
            }
            Rejected::NotThere => Error::NotFound,
            Rejected::Guard(faults) => Error::Faults(faults),
        }
    }
}

impl App {
    /// Whether the caller may say how far an improvement has come: whoever writes the review, and who
    /// sees to it by name.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such improvement; [`Error::Forbidden`].
    pub fn may_progress(
        &self,
        caller: &Caller,
        shown: &ReviewShown,
        improvement: ImprovementId,
    ) -> Result<(), Error> {
        let found = shown.review.improvements.iter().find(|it| it.id == improvement);
        let owner = found.ok_or(Error::NotFound)?.owner;
        if owner == Owner::Staff(caller.staff.id) {
            return Ok(());
        }
        let held = match owner {
            // Whoever holds the role that sees to it, too: a MAS writes no review.
            Owner::Role(role) => caller.actor.held.iter().any(|held| {
                held.role == role
                    && shown.review.subject.units.iter().any(|unit| held.units.covers(unit))
            }),
            Owner::Staff(_) => false,
        };
        if held { Ok(()) } else { self.may_review(caller, Act::WriteReview, shown) }
    }

    /// Carries out a command on a review that the caller was shown and may do this to. `render` makes the
    /// answer from the review as it will stand.
    ///
    /// # Errors
    /// [`Error::State`]; [`Error::Faults`] with everything that is wrong; [`Error::Stale`] when somebody
    /// else was faster; [`Error::FiguresChanged`] where a signature is for other figures than there are.
    pub async fn command_review(
        &self,
        caller: &Caller,
        shown: ReviewShown,
        command: ReviewCommand,
        once: Option<Once>,
        render: impl FnOnce(&ReviewShown) -> Answer,
    ) -> Result<Answer, Error> {
        self.owner_is_there(caller, &command).await?;
        let before = shown.review;
        let signed = match &command {
            ReviewCommand::Sign { shown } if before.missing() => {
                let (asking, review) = (caller.clone(), before.clone());
                let read = move |tx: &mut Tx<'_>| figures(tx, &asking, &review);
                let page = self.store.read(caller.tenant_id(), read).await?;
                hold(shown.as_deref(), &page)?;
                Some(page)
            }
            ReviewCommand::Write { .. }
            | ReviewCommand::Improve(_)
            | ReviewCommand::Progress { .. }
            | ReviewCommand::Sign { .. }
            | ReviewCommand::Reopen { .. } => None,
        };
        let changed = self.changed(caller, before.clone(), command)?;
        let by = (Some(caller.staff.id), caller.now, caller.request);
        let mut record = ReviewRecord::new(self, Some(before), changed, by);
        record.figures = signed;
        let review = record.review().clone();
        // Whoever has given away what they saw to still sees what came of it.
        let seen = access(caller, Act::ReadReview, &review);
        let access = if seen == Access::Hidden { shown.access } else { seen };
        let answer = render(&ReviewShown { review, access });
        if let Some(once) = &once {
            record.kept = Some(self.to_keep(caller, once, &answer, None)?);
        }
        match self.store.write(caller.tenant_id(), move |tx| record.write(tx)).await {
            Ok(()) => Ok(answer),
            Err(error) if error.conflict() == Some("idempotency_keys_principal_key_key") => {
                let given = match &once {
                    Some(once) => self.answered(caller, once).await?,
                    None => None,
                };
                given.ok_or_else(|| Error::Unavailable("an answer is being kept".into()))
            }
            Err(error) if lost_a_race(&error) => Err(Error::Stale),
            Err(other) => Err(other.into()),
        }
    }

    fn changed(
        &self,
        caller: &Caller,
        review: Review,
        command: ReviewCommand,
    ) -> Result<Changed, Rejected> {
        let done = Done { by: caller.staff.id, at: caller.now };
        match command {
            ReviewCommand::Write { text } => review.write(&text, done),
            ReviewCommand::Improve(Improved { text, owner, due_on, follow_up_on }) => {
                let id = ImprovementId(self.new_id());
                let new = NewImprovement { id, text, owner, due_on, follow_up_on };
                review.improve(new, done)
            }
            ReviewCommand::Progress { improvement, said } => {
                review.progress(improvement, said, done)
            }
            ReviewCommand::Sign { .. } => review.sign(done),
            ReviewCommand::Reopen { reason } => review.reopen(&reason, done),
        }
    }

    /// Whoever is to see to something works here.
    async fn owner_is_there(&self, caller: &Caller, command: &ReviewCommand) -> Result<(), Error> {
        let Some(owner) = command.owner() else { return Ok(()) };
        let reason = match self.store.ask(caller.tenant_id(), move |tx| tx.staff(owner)).await {
            Err(store::Error::NotFound) => Reason::NotFound,
            Err(other) => return Err(other.into()),
            Ok(staff) if staff.deactivated_at.is_some() => {
                Reason::inconsistent("staff_deactivated")
            }
            Ok(_) => return Ok(()),
        };
        Err(Error::Faults(vec![Fault::at("/owner/staff", reason)]))
    }
}
