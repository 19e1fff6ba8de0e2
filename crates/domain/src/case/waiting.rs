//! A case that waits for somebody outside. It stops the ladder until its day; no clock stops for it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::lifecycle::{Command, said};
use super::{Case, Changed, Rejected};
use crate::calendar::{add_days, swedish_date};
use crate::fault::Reason;
use crate::ids::StaffId;

/// How many days ahead a case may wait before somebody looks again.
const MOST_DAYS: i32 = 366;

/// For whom a case waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// The police.
    Police,
    /// IVO.
    Ivo,
    /// The region.
    Region,
    /// Somebody else.
    Other,
}

impl Outside {
    /// Every one.
    pub const ALL: [Outside; 4] = [Outside::Police, Outside::Ivo, Outside::Region, Outside::Other];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Outside::Police => "police",
            Outside::Ivo => "ivo",
            Outside::Region => "region",
            Outside::Other => "other",
        }
    }
}

/// That a case waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// For whom.
    pub whom: Outside,
    /// Up to which day, with it.
    pub until: Date,
    /// For what.
    pub reason: String,
    /// Who said so.
    pub by: StaffId,
    /// Since when.
    pub since: Timestamp,
}

impl Waiting {
    /// Whether it still waits on a day.
    pub fn on(&self, day: Date) -> bool {
        day <= self.until
    }
}

impl Case {
    /// Says for whom the case waits; again, to wait for longer or for somebody else.
    ///
    /// # Errors
    /// [`Rejected`] for a case that is not being handled; for a day that is over or more than a year
    /// ahead; without a reason.
    pub fn wait(mut self, waiting: Waiting, now: Timestamp) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Wait)?;
        let today = swedish_date(now);
        let mut faults = Faults::default();
        let other = "today".to_owned();
        faults.require(waiting.until >= today, "/until", Reason::Before { other });
        let near = waiting.until <= add_days(today, MOST_DAYS);
        faults.require(near, "/until", Reason::inconsistent("waits_too_long"));
        faults.require(!waiting.reason.trim().is_empty(), "/reason", Reason::Required);
        faults.into_result()?;
        let mut changes = Changes::default();
        let told = |it: &Waiting| (it.whom, it.until);
        let old = self.assessment.waiting.as_ref().map(told);
        changes.note("waiting_for", &old, &Some(told(&waiting)));
        let reason = waiting.reason.clone();
        self.assessment.waiting = Some(waiting);
        Ok(self.changed(Command::Wait, from, changes, Some(reason), now))
    }

    /// Says that the case waits no longer.
    ///
    /// # Errors
    /// [`Rejected`] for a case that is not being handled or does not wait, or without a reason.
    pub fn stop_waiting(mut self, reason: String, now: Timestamp) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Wait)?;
        let reason = said(reason)?;
        let mut faults = Faults::default();
        let waited = self.assessment.waiting.is_some();
        faults.require(waited, "", Reason::inconsistent("does_not_wait"));
        faults.into_result()?;
        let mut changes = Changes::default();
        let old = self.assessment.waiting.take().map(|it| (it.whom, it.until));
        changes.note("waiting_for", &old, &None);
        Ok(self.changed(Command::Wait, from, changes, Some(reason), now))
    }
}
