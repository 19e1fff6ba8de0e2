//! A legal hold: what is needed for a dispute, an inspection or a request stays, whatever the plan says.

use jiff::Timestamp;
use jiff::civil::Date;

use super::LONGEST_REASON;
use crate::fault::{Fault, Reason};
use crate::ids::{CaseId, HoldId, StaffId};

/// Why a hold was lifted, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
    /// Why.
    pub reason: String,
}

/// A hold on one case, or on everything about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHold {
    /// Its id.
    pub id: HoldId,
    /// The case; `None` is every case about a person, named by the keyed hash of who that is.
    pub case: Option<CaseId>,
    /// That hash.
    pub blind_index: Option<Vec<u8>>,
    /// Why.
    pub reason: String,
    /// By whom.
    pub placed_by: StaffId,
    /// When.
    pub placed_at: Timestamp,
    /// The last day; `None` is until it is lifted.
    pub until: Option<Date>,
    /// That it was lifted.
    pub lifted: Option<Lifted>,
    /// Grows by one with every change; the ETag.
    pub version: i64,
}

/// What is wrong with a reason.
fn reason_faults(reason: &str) -> Vec<Fault> {
    let length = reason.chars().count();
    match reason.trim().is_empty() {
        true => vec![Fault::at("/reason", Reason::Required)],
        false if length > LONGEST_REASON => {
            vec![Fault::at("/reason", Reason::TooLong { max: LONGEST_REASON })]
        }
        false => Vec::new(),
    }
}

impl LegalHold {
    /// Everything that is wrong with a new hold.
    pub fn faults(&self, today: Date) -> Vec<Fault> {
        let mut faults = reason_faults(&self.reason);
        if self.case.is_some() == self.blind_index.is_some() {
            faults.push(Fault::at("", Reason::inconsistent("case_or_subject")));
        }
        if self.until.is_some_and(|until| until < today) {
            faults.push(Fault::at("/until", Reason::inconsistent("day_has_passed")));
        }
        faults
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.lifted.is_none() && self.until.is_none_or(|until| day <= until)
    }

    /// Lifted.
    ///
    /// # Errors
    /// Without a reason, or where it is lifted already.
    pub fn lift(self, reason: String, by: StaffId, at: Timestamp) -> Result<Self, Vec<Fault>> {
        let faults = reason_faults(&reason);
        if !faults.is_empty() {
            return Err(faults);
        }
        if self.lifted.is_some() {
            return Err(vec![Fault::at("", Reason::inconsistent("hold_is_lifted"))]);
        }
        let lifted = Some(Lifted { at, by, reason: reason.trim().to_owned() });
        Ok(Self { lifted, version: self.version + 1, ..self })
    }
}
