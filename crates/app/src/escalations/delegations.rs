//! The register of delegations: who may decide what, from when to when, by which decision.

use domain::escalation::{Delegated, Delegation};
use domain::fault::{Fault, Reason};
use domain::ids::{DelegationId, StaffId};
use domain::policy::Act;
use jiff::civil::Date;
use serde_json::json;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace, today};

/// A line to be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelegation {
    /// Who may decide.
    pub staff: StaffId,
    /// What.
    pub matter: Delegated,
    /// First day; today unless given.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// By which decision: its diarienummer.
    pub reference: String,
    /// Who decided it.
    pub decided_by: String,
}

impl App {
    /// The register, also what is over, by id. Everyone of the tenant may read it: it is public who
    /// decides.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn list_delegations(&self, caller: &Caller) -> Result<Vec<Delegation>, Error> {
        caller.may(Act::ReadSetup)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.delegations()).await?)
    }

    /// A line of the register.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn read_delegation(
        &self,
        caller: &Caller,
        id: DelegationId,
    ) -> Result<Delegation, Error> {
        caller.may(Act::ReadSetup)?;
        Ok(self.store.read(caller.tenant_id(), move |tx| tx.delegation(id)).await?)
    }

    /// Enters a line. `render` makes the answer from it as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong.
    pub async fn enter_delegation(
        &self,
        caller: &Caller,
        new: NewDelegation,
        once: Option<Once>,
        render: impl Fn(&Delegation) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageGrants)?;
        let line = Delegation {
            id: DelegationId(self.new_id()),
            staff: new.staff,
            matter: new.matter,
            valid_from: new.valid_from.unwrap_or_else(|| today(caller)),
            valid_to: new.valid_to,
            reference: new.reference.trim().to_owned(),
            decided_by: new.decided_by.trim().to_owned(),
            ended_at: None,
            ended_reason: None,
            version: 1,
        };
        let mut faults = line.faults();
        let staff = new.staff;
        match self.store.read(caller.tenant_id(), move |tx| tx.staff(staff)).await {
            Ok(_) => {}
            Err(store::Error::NotFound) => faults.push(Fault::at("/staff", Reason::NotFound)),
            Err(other) => return Err(other.into()),
        }
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let answer = render(&line);
        let details = json!({
            "staff": line.staff, "matter": line.matter, "valid_from": line.valid_from,
            "valid_to": line.valid_to, "reference": line.reference,
        });
        let object = ("delegation", line.id.0);
        let trace = Trace::new(self, caller, "delegation.enter", object, details);
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.insert_delegation(&line)?);
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(Refused::into_error)
    }

    /// Ends a line that was read in `version`. What was decided by it stands.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`]; [`Error::Stale`] when somebody else was faster.
    pub async fn end_delegation(
        &self,
        caller: &Caller,
        line: Delegation,
        reason: String,
    ) -> Result<Delegation, Error> {
        caller.may(Act::ManageGrants)?;
        let ended = line.end(reason, caller.now).map_err(Error::Faults)?;
        let details = json!({ "version": ended.version });
        let object = ("delegation", ended.id.0);
        let trace = Trace::new(self, caller, "delegation.end", object, details);
        let row = ended.clone();
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.save_delegation(&row)?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(ended)
    }
}
