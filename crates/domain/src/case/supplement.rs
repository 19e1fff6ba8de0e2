//! What the reporter adds afterwards. Their first words are never overwritten.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::{Case, Changed, Rejected};
use crate::fault::Reason;
use crate::ids::StaffId;

/// One addition, in the reporter's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    /// When.
    pub at: Timestamp,
    /// By whom: the reporter, or whoever registered it for them.
    pub by: StaffId,
    /// In their words.
    pub text: String,
}

impl Case {
    /// Adds to what was reported; until the case is closed.
    ///
    /// # Errors
    /// [`Rejected`] for a draft, a closed or a void case, or an empty text.
    pub fn supplement(
        mut self,
        supplement: Supplement,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Supplement)?;
        let mut faults = Faults::default();
        let said = !supplement.text.trim().is_empty();
        faults.require(said, "/text", Reason::Required);
        faults.into_result()?;
        let mut changes = Changes::default();
        // That something was added, not what: a history outlives the text.
        changes.note(
            "supplements",
            &self.filing.supplements.len(),
            &(self.filing.supplements.len() + 1),
        );
        self.filing.supplements.push(supplement);
        Ok(self.changed(Command::Supplement, from, changes, None, now))
    }
}
