//! What goes by the information plan: the plan, holds, the list, and the decision to carry it out. The carrying out
//! is a job (`jobs/retention.rs`), so that nothing of it hangs on a request.

mod holds;
mod list;

use domain::policy::Act;
use domain::retention::{Plan, Rejected};
use serde_json::json;
use store::{KeptPlan, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::{Refused, Trace};

pub use holds::NewHold;
pub use list::RunShown;

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::State(status) => Error::State { status, command: "order" },
            Rejected::Guard(faults) => Error::Faults(faults),
        }
    }
}

impl App {
    /// The information plan as it stands.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn retention_plan(&self, caller: &Caller) -> Result<KeptPlan, Error> {
        caller.may(Act::ManageRetention)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.retention_plan()).await?)
    }

    /// Sets the plan that was read in version `expected`; all of its lines at once.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`]; [`Error::Stale`] when somebody else was faster.
    pub async fn set_retention_plan(
        &self,
        caller: &Caller,
        plan: Plan,
        expected: i64,
    ) -> Result<(), Error> {
        caller.may(Act::ManageRetention)?;
        let faults = plan.faults();
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let details = json!({ "version": expected + 1, "rules": plan.rules });
        let object = ("retention_plan", caller.tenant_id().0);
        let trace = Trace::new(self, caller, "retention.plan", object, details);
        let (by, at) = (caller.staff.id, caller.now);
        let work = move |tx: &mut Tx<'_>| Ok(tx.save_retention_plan(&plan, (by, at), expected)?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)
    }
}
