//! Neighbouring duties of a case: asked for, and done or not needed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::{Case, Changed, Rejected};
use crate::calendar::swedish_date;
use crate::code_lists::CodeLists;
use crate::duty::asked_by;
use crate::fault::{Fault, Reason};
use crate::ids::StaffId;

/// Where a duty stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum DutyState {
    /// It is to be answered.
    Asked,
    /// Somebody did it.
    Done {
        /// When.
        done_at: Timestamp,
        /// Where it can be found, such as a number given by whoever received it.
        reference: Option<String>,
        /// Who said so.
        by: StaffId,
        /// When they said so.
        noted_at: Timestamp,
    },
    /// It was not needed.
    NotNeeded {
        /// Why.
        reason: String,
        /// Who said so.
        by: StaffId,
        /// When.
        noted_at: Timestamp,
    },
}

impl DutyState {
    /// The value in JSON and in tables.
    pub fn code(&self) -> &'static str {
        match self {
            DutyState::Asked => "asked",
            DutyState::Done { .. } => "done",
            DutyState::NotNeeded { .. } => "not_needed",
        }
    }
}

/// A duty of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDuty {
    /// A code of the list `duty`; once a case.
    pub code: String,
    /// Since when it is asked for.
    pub asked_at: Timestamp,
    /// Who asked for it: whoever assessed the case, or asked by hand.
    pub asked_by: StaffId,
    /// Whether the assessment asked for it, and not a person by hand.
    pub by_rule: bool,
    /// Since when the organisation knew: what its clock runs from.
    pub known_at: Timestamp,
    /// Where it stands.
    pub state: DutyState,
}

impl CaseDuty {
    /// Whether it is still to be answered.
    pub fn open(&self) -> bool {
        match self.state {
            DutyState::Asked => true,
            DutyState::Done { .. } | DutyState::NotNeeded { .. } => false,
        }
    }

    /// When it was done or found not to be needed.
    pub fn answered_at(&self) -> Option<Timestamp> {
        match &self.state {
            DutyState::Asked => None,
            DutyState::Done { done_at, .. } => Some(*done_at),
            DutyState::NotNeeded { noted_at, .. } => Some(*noted_at),
        }
    }
}

/// The answer to a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DutyAnswer {
    /// It was done.
    Done {
        /// When; `None` is now.
        at: Option<Timestamp>,
        /// Where it can be found.
        reference: Option<String>,
    },
    /// It was not needed.
    NotNeeded {
        /// Why.
        reason: String,
    },
}

impl Case {
    /// When the organisation knew of the event: when it was found out, or when it was reported,
    /// whichever came first.
    pub fn known_at(&self) -> Timestamp {
        self.discovered_at.map_or(self.reported_at, |at| at.min(self.reported_at))
    }

    /// The duties that are still to be answered.
    pub fn open_duties(&self) -> impl Iterator<Item = &CaseDuty> {
        self.assessment.duties.iter().filter(|duty| duty.open())
    }

    /// Asks for the duties that the assessment asks for and that were never asked for.
    pub(super) fn ask_by_rule(&mut self, by: StaffId, now: Timestamp, changes: &mut Changes) {
        let known_at = self.known_at();
        for code in asked_by(self) {
            if self.assessment.duties.iter().any(|duty| duty.code == code) {
                continue;
            }
            changes.note("duties", &None, &Some(code));
            self.assessment.duties.push(CaseDuty {
                code: code.to_owned(),
                asked_at: now,
                asked_by: by,
                by_rule: true,
                known_at,
                state: DutyState::Asked,
            });
        }
    }

    /// Asks for a duty by hand; one that was answered before is asked for anew. `known_at` is since when
    /// the organisation knew, where that is not since the report.
    ///
    /// # Errors
    /// [`Rejected`] for a case that is not being handled, an unknown code, a time to come, or a duty
    /// that is asked for already.
    pub fn ask_duty(
        mut self,
        code: String,
        known_at: Option<Timestamp>,
        codes: &CodeLists,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Duty)?;
        let mut faults = Faults::default();
        if let Err(reason) = codes.check("duty", &code, swedish_date(now)) {
            faults.push("/duty", reason);
        }
        if let Some(given) = known_at.filter(|at| *at > now) {
            faults.push("/known_at", Reason::InFuture { given });
        }
        let known = self.assessment.duties.iter().position(|duty| duty.code == code);
        let open = known.is_some_and(|at| self.assessment.duties[at].open());
        faults.require(!open, "/duty", Reason::NotUnique);
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("duties", &None, &Some(&code));
        let duty = CaseDuty {
            code,
            asked_at: now,
            asked_by: by,
            by_rule: false,
            known_at: known_at.unwrap_or_else(|| self.known_at()),
            state: DutyState::Asked,
        };
        match known {
            Some(at) => self.assessment.duties[at] = duty,
            None => self.assessment.duties.push(duty),
        }
        Ok(self.changed(Command::Duty, from, changes, None, now))
    }

    /// Answers a duty: done, or not needed. What was answered is answered anew with the new answer; the
    /// history keeps the old.
    ///
    /// # Errors
    /// [`Rejected`] for a case that is not being handled; for a duty that was never asked for, a time to
    /// come or before the organisation knew, or without a reason why it was not needed.
    pub fn answer_duty(
        mut self,
        code: &str,
        answer: DutyAnswer,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Duty)?;
        let mut faults = Faults::default();
        let mut changes = Changes::default();
        let Some(duty) = self.assessment.duties.iter_mut().find(|duty| duty.code == code) else {
            return Err(Rejected::Guard(vec![Fault::at("/duty", Reason::NotFound)]));
        };
        let mut why = None;
        let state = match answer {
            DutyAnswer::Done { at, reference } => {
                let done_at = at.unwrap_or(now);
                if done_at > now {
                    faults.push("/done_at", Reason::InFuture { given: done_at });
                }
                let other = "known_at".to_owned();
                faults.require(done_at >= duty.known_at, "/done_at", Reason::Before { other });
                let reference = reference.filter(|text| !text.trim().is_empty());
                DutyState::Done { done_at, reference, by, noted_at: now }
            }
            DutyAnswer::NotNeeded { reason } => {
                faults.require(!reason.trim().is_empty(), "/reason", Reason::Required);
                why = Some(reason.clone());
                DutyState::NotNeeded { reason, by, noted_at: now }
            }
        };
        faults.into_result()?;
        changes.note(&format!("duties.{code}"), &duty.state, &state);
        duty.state = state;
        Ok(self.changed(Command::Duty, from, changes, why, now))
    }

    /// Names every duty that is still to be answered.
    pub(crate) fn duty_faults(&self, faults: &mut Faults) {
        for duty in self.open_duties() {
            let code = Reason::inconsistent("duty_not_answered");
            faults.push(format!("/duties/{}", duty.code), code);
        }
    }
}
