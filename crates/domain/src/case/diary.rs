//! Giving a case the number that the municipality's register gave the matter.

use jiff::Timestamp;

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::{Case, Changed, Rejected};
use crate::calendar::swedish_date;
use crate::diary::{DiarySeries, check};
use crate::fault::Reason;

impl Case {
    /// The number that the municipality's register gave the matter; an opinion may have got it when it
    /// was put into ours.
    pub fn registered_as(&self) -> Option<&str> {
        let of_opinion = self.opinion.as_ref().and_then(|it| it.diary_number.as_deref());
        of_opinion.or(self.diary_number.as_deref())
    }

    /// Puts a number, or none, wherever the case has one.
    pub(super) fn put_number(&mut self, number: Option<String>) {
        if let Some(opinion) = &mut self.opinion {
            opinion.diary_number.clone_from(&number);
        }
        self.diary_number = number;
    }

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
        let before = self.registered_as().map(str::to_owned);
        let same = number == before;
        if faults.is_empty() && same {
            faults.push("/diary_number", Reason::inconsistent("nothing_to_correct"));
        }
        let said = reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
        faults.require(before.is_none() || said, "/reason", Reason::Required);
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("diary_number", &before, &number);
        self.put_number(number);
        Ok(self.changed(Command::GiveNumber, from, changes, reason, now))
    }
}
