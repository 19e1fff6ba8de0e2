//! Giving a case the number that the municipality's register gave the matter.

use jiff::Timestamp;

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::{Case, Changed, Rejected};
use crate::calendar::swedish_date;
use crate::diary::{DiarySeries, check};
use crate::fault::Reason;

impl Case {
    /// Gives the case a diarienummer, or takes it away. That no other case has it, the database says.
    ///
    /// # Errors
    /// [`Rejected`] for a draft or a void case; for a number that no series writes so; without a reason
    /// where there was another; for the one it has.
    pub fn give_number(
        mut self,
        given: Option<&str>,
        reason: Option<String>,
        series: &[DiarySeries],
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::GiveNumber)?;
        let mut faults = Faults::default();
        let mut number = None;
        if let Some(given) = given {
            match check(series, self.kind, given, swedish_date(now), "/diary_number") {
                Ok(canonical) => number = Some(canonical),
                Err(wrong) => faults.extend(wrong),
            }
        }
        let same = number == self.diary_number;
        if faults.is_empty() && same {
            faults.push("/diary_number", Reason::inconsistent("nothing_to_correct"));
        }
        let said = reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
        faults.require(self.diary_number.is_none() || said, "/reason", Reason::Required);
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("diary_number", &self.diary_number, &number);
        self.diary_number = number;
        Ok(self.changed(Command::GiveNumber, from, changes, reason, now))
    }
}
