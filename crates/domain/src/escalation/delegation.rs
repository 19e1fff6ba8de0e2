//! The register of who may decide what, from when to when, by which decision.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Kind, Rejected};
use crate::case::event::Faults;
use crate::fault::{Fault, Reason};
use crate::ids::{DelegationId, StaffId};

/// What can be given to somebody to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delegated {
    /// Whether IVO is notified under lex Maria.
    LexMaria,
    /// The degree under lex Sarah, and whether a report is taken up.
    LexSarah,
    /// Whether IVO is notified of a riskperson.
    Riskperson,
    /// Notifying IVO of what somebody else decided.
    Notify,
    /// Establishing the report of a year for the vårdgivare.
    YearlyReport,
}

impl Delegated {
    /// Everything that can be given.
    pub const ALL: [Delegated; 5] = [
        Delegated::LexMaria,
        Delegated::LexSarah,
        Delegated::Riskperson,
        Delegated::Notify,
        Delegated::YearlyReport,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Delegated::LexMaria => "lex_maria",
            Delegated::LexSarah => "lex_sarah",
            Delegated::Riskperson => "riskperson",
            Delegated::Notify => "notify",
            Delegated::YearlyReport => "yearly_report",
        }
    }
}

impl FromStr for Delegated {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Delegated::ALL.into_iter().find(|delegated| delegated.code() == code).ok_or(())
    }
}

impl From<Kind> for Delegated {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::LexMaria => Delegated::LexMaria,
            Kind::LexSarah => Delegated::LexSarah,
            Kind::Riskperson => Delegated::Riskperson,
        }
    }
}

/// One line of the register. It is ended, never deleted: what was decided by it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// Who may decide.
    pub staff: StaffId,
    /// What.
    pub matter: Delegated,
    /// First day.
    pub valid_from: Date,
    /// Last day; `None` is until further notice.
    pub valid_to: Option<Date>,
    /// By which decision: its diarienummer.
    pub reference: String,
    /// Who decided it, such as the nämnd.
    pub decided_by: String,
    /// When it was ended before its last day.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub ended_reason: Option<String>,
    /// Grows with every change.
    pub version: i64,
}

impl Delegation {
    /// Whether it holds on `day`. One that was ended holds up to the day before.
    pub fn valid_on(&self, day: Date) -> bool {
        let ended = self.ended_at.map(crate::calendar::swedish_date);
        self.valid_from <= day
            && self.valid_to.is_none_or(|to| day <= to)
            && ended.is_none_or(|ended| day < ended)
    }

    /// What is wrong with a new line.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let before = self.valid_to.is_some_and(|to| to < self.valid_from);
        faults.require(!before, "/valid_to", Reason::Before { other: "/valid_from".into() });
        faults.require(!super::blank(&self.reference), "/reference", Reason::Required);
        faults.require(!super::blank(&self.decided_by), "/decided_by", Reason::Required);
        faults.into_vec()
    }

    /// Ends it now.
    ///
    /// # Errors
    /// A fault without a reason, or when it was ended already.
    pub fn end(mut self, reason: String, now: Timestamp) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        faults.require(!super::blank(&reason), "/reason", Reason::Required);
        faults.require(self.ended_at.is_none(), "", Reason::inconsistent("delegation_ended"));
        if !faults.is_empty() {
            return Err(faults.into_vec());
        }
        self.ended_at = Some(now);
        self.ended_reason = Some(reason);
        self.version += 1;
        Ok(self)
    }
}

/// The line of `held` that lets `by` decide `any` of these on a day.
///
/// # Errors
/// [`Rejected::NotDelegated`], naming the first.
pub(super) fn delegated<'a>(
    held: &'a [Delegation],
    any: &[Delegated],
    by: StaffId,
    day: Date,
) -> Result<&'a Delegation, Rejected> {
    let found = held
        .iter()
        .find(|line| line.staff == by && any.contains(&line.matter) && line.valid_on(day));
    match (found, any.first()) {
        (Some(line), _) => Ok(line),
        (None, Some(first)) => Err(Rejected::NotDelegated(*first)),
        (None, None) => Err(Rejected::Guard(Vec::new())),
    }
}
