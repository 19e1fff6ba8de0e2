//! Keeping a case from someone it concerns (jäv): nobody decides a case about themselves.

use jiff::Timestamp;

use super::event::{Changes, Faults};
use super::lifecycle::{Command, said};
use super::{Case, Changed, Rejected};
use crate::fault::Reason;
use crate::ids::StaffId;

/// One person a case is kept from: to them it does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Who.
    pub staff: StaffId,
    /// Why.
    pub reason: String,
    /// Who said so: a colleague, a superior, or the person themselves; `None` for the sender of an
    /// opinion that is about them.
    pub by: Option<StaffId>,
    /// Since when.
    pub at: Timestamp,
}

impl Case {
    /// Keeps the case from someone. If they lead it, nobody leads it now; what they were asked is
    /// theirs no longer.
    ///
    /// # Errors
    /// [`Rejected`] for a draft or a void case, without a reason, or when it is kept from them.
    pub fn keep_from(mut self, conflict: Conflict, now: Timestamp) -> Result<Changed, Rejected> {
        let from = self.admit(Command::KeepFrom)?;
        let reason = said(conflict.reason.clone())?;
        let mut faults = Faults::default();
        let known = self.conflicts.iter().any(|known| known.staff == conflict.staff);
        faults.require(!known, "/staff", Reason::NotUnique);
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("conflicts", &None, &Some(conflict.staff));
        if self.assessment.lead == Some(conflict.staff) {
            changes.note("lead", &self.assessment.lead, &None);
            self.assessment.lead = None;
        }
        self.conflicts.push(conflict);
        Ok(self.changed(Command::KeepFrom, from, changes, Some(reason), now))
    }

    /// Keeps the case from someone no longer.
    ///
    /// # Errors
    /// [`Rejected`] without a reason, or when it was not kept from them.
    pub fn let_in(
        mut self,
        staff: StaffId,
        reason: String,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::KeepFrom)?;
        let reason = said(reason)?;
        let before = self.conflicts.len();
        self.conflicts.retain(|conflict| conflict.staff != staff);
        let mut faults = Faults::default();
        faults.require(self.conflicts.len() < before, "", Reason::NotFound);
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("conflicts", &Some(staff), &None);
        Ok(self.changed(Command::KeepFrom, from, changes, Some(reason), now))
    }
}
