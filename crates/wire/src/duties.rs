//! Neighbouring duties of a case, and a case that waits for somebody outside.

use domain::case::{self as d, CaseDuty, DutyState};
use domain::clock::{ClockSettings, DutyFact};
use domain::duty;
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clocks::{ClockLawView, TargetView};
use crate::code::{Binding, DutyStateCode, Outside};

/// Asking for a neighbouring duty by hand, or answering one.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"duty": "MTP", "answer": "done", "reference": "Läkemedelsverket 2026/17"}))]
pub struct DutyRequest {
    /// A code of the list `duty`.
    #[schema(min_length = 1, max_length = 40)]
    pub duty: String,
    /// `done` or `not_needed`; left out, the duty is asked for.
    pub answer: Option<DutyAnswerCode>,
    /// When it was done; now unless said.
    pub done_at: Option<Timestamp>,
    /// Where what was done can be found, such as a number given by whoever received it.
    #[schema(max_length = 200)]
    pub reference: Option<String>,
    /// Why it was not needed.
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// When it is asked for: since when the organisation knew, where that is not since the report.
    pub known_at: Option<Timestamp>,
}

/// The answer to a neighbouring duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DutyAnswerCode {
    /// It was done.
    Done,
    /// It was not needed.
    NotNeeded,
}

/// What a request about a duty asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DutyAsked {
    /// The duty itself.
    Ask(Option<Timestamp>),
    /// Its answer.
    Answer(d::DutyAnswer),
}

impl DutyRequest {
    /// What is asked for.
    ///
    /// # Errors
    /// The fields that do not go with the answer.
    pub fn asked(self) -> Result<(String, DutyAsked), Vec<Fault>> {
        let mut faults = Vec::new();
        let mut alone = |given: bool, field: &str| {
            if given {
                let code = Reason::inconsistent("not_with_this_answer");
                faults.push(Fault::at(field, code));
            }
        };
        let asked = match self.answer {
            None => {
                alone(self.done_at.is_some(), "/done_at");
                alone(self.reference.is_some(), "/reference");
                alone(self.reason.is_some(), "/reason");
                DutyAsked::Ask(self.known_at)
            }
            Some(DutyAnswerCode::Done) => {
                alone(self.reason.is_some(), "/reason");
                alone(self.known_at.is_some(), "/known_at");
                let (at, reference) = (self.done_at, self.reference);
                DutyAsked::Answer(d::DutyAnswer::Done { at, reference })
            }
            Some(DutyAnswerCode::NotNeeded) => {
                alone(self.done_at.is_some(), "/done_at");
                alone(self.reference.is_some(), "/reference");
                alone(self.known_at.is_some(), "/known_at");
                let reason = self.reason.unwrap_or_default();
                DutyAsked::Answer(d::DutyAnswer::NotNeeded { reason })
            }
        };
        if faults.is_empty() { Ok((self.duty, asked)) } else { Err(faults) }
    }
}

/// One neighbouring duty.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DutyView {
    /// A code of the list `duty`.
    pub duty: String,
    /// Where it stands.
    pub state: DutyStateCode,
    /// Since when it is asked for.
    pub asked_at: Timestamp,
    /// The staff id of who asked for it, or assessed the case so that it is asked for.
    pub asked_by: Uuid,
    /// Whether the assessment asked for it, and not a person by hand.
    pub by_rule: bool,
    /// Since when the organisation knew: what its clock runs from.
    pub known_at: Timestamp,
    /// The law behind it, where somebody has read it.
    pub law: Option<ClockLawView>,
    /// How much time there is.
    pub target: TargetView,
    /// `statutory` where a statute sets the time; `local` where the tenant has.
    pub binding: Binding,
    /// When time is up.
    pub due_at: Option<Timestamp>,
    /// Whether it is still to be answered, and time is up.
    pub late: bool,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// Where what was done can be found.
    pub reference: Option<String>,
    /// Why it was not needed.
    pub reason: Option<String>,
    /// The staff id of who answered.
    pub answered_by: Option<Uuid>,
}

/// The neighbouring duties of a case, in the order in which they were asked for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DutiesView {
    /// The duties.
    pub items: Vec<DutyView>,
}

impl DutiesView {
    /// The duties of a case as they stand at an instant.
    pub fn new(case: &d::Case, chosen: &ClockSettings, now: Timestamp) -> Self {
        let view = |duty: &CaseDuty| DutyView::new(case.id, duty, chosen, now);
        Self { items: case.assessment.duties.iter().map(view).collect() }
    }
}

impl DutyView {
    fn new(case: CaseId, asked: &CaseDuty, chosen: &ClockSettings, now: Timestamp) -> Self {
        let fact = DutyFact {
            case,
            code: asked.code.clone(),
            asked_at: asked.asked_at,
            known_at: asked.known_at,
            answered_at: asked.answered_at(),
        };
        let clock = duty::clock(&fact, chosen);
        let (state, done_at, reference, reason, by) = match &asked.state {
            DutyState::Asked => (DutyStateCode::Asked, None, None, None, None),
            DutyState::Done { done_at, reference, by, .. } => {
                (DutyStateCode::Done, Some(*done_at), reference.clone(), None, Some(*by))
            }
            DutyState::NotNeeded { reason, by, .. } => {
                (DutyStateCode::NotNeeded, None, None, Some(reason.clone()), Some(*by))
            }
        };
        Self {
            duty: asked.code.clone(),
            state,
            asked_at: asked.asked_at,
            asked_by: asked.asked_by.0,
            by_rule: asked.by_rule,
            known_at: asked.known_at,
            law: clock.law.as_ref().map(|law| ClockLawView {
                statute: law.act.clone(),
                paragraph: law.paragraph.clone(),
                legal_word: law.word.clone(),
            }),
            target: clock.target().into(),
            binding: clock.binding().into(),
            due_at: clock.due().map(|due| due.at),
            late: clock.late(now),
            done_at,
            reference,
            reason,
            answered_by: by.map(|staff| staff.0),
        }
    }
}

/// Saying for whom a case waits; with `end`, that it waits no longer.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"for": "police", "until": "2026-05-01", "reason": "Förundersökning pågår."}))]
pub struct WaitingRequest {
    /// For whom.
    #[serde(rename = "for")]
    pub whom: Option<Outside>,
    /// Up to which day, with it: at most a year ahead.
    pub until: Option<Date>,
    /// For what; or why it waits no longer.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// It waits no longer.
    #[serde(default)]
    pub end: bool,
}

/// What a request about waiting asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitingAsked {
    /// To wait.
    Wait(d::Waiting),
    /// To wait no longer, and why.
    End(String),
}

impl WaitingRequest {
    /// What is asked for, by whom and when.
    ///
    /// # Errors
    /// What is missing, or does not go with the end.
    pub fn asked(self, by: StaffId, since: Timestamp) -> Result<WaitingAsked, Vec<Fault>> {
        match (self.end, self.whom, self.until) {
            (true, None, None) => Ok(WaitingAsked::End(self.reason)),
            (false, Some(whom), Some(until)) => {
                let (whom, reason) = (whom.into(), self.reason);
                Ok(WaitingAsked::Wait(d::Waiting { whom, until, reason, by, since }))
            }
            (true, whom, until) => {
                let code = || Reason::inconsistent("not_with_the_end");
                let given = [("/for", whom.is_some()), ("/until", until.is_some())];
                let given = given.into_iter().filter(|(_, given)| *given);
                Err(given.map(|(field, _)| Fault::at(field, code())).collect())
            }
            (false, whom, until) => {
                let missing = [("/for", whom.is_none()), ("/until", until.is_none())];
                let missing = missing.into_iter().filter(|(_, missing)| *missing);
                Err(missing.map(|(field, _)| Fault::at(field, Reason::Required)).collect())
            }
        }
    }
}

/// For whom a case waits. It stops the ladder until its day, and no clock.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CaseWaitingView {
    /// For whom.
    #[serde(rename = "for")]
    pub whom: Outside,
    /// Up to which day, with it.
    pub until: Date,
    /// For what.
    pub reason: String,
    /// The staff id of who said so.
    pub by: Uuid,
    /// Since when.
    pub since: Timestamp,
}

impl From<&d::Waiting> for CaseWaitingView {
    fn from(waiting: &d::Waiting) -> Self {
        Self {
            whom: waiting.whom.into(),
            until: waiting.until,
            reason: waiting.reason.clone(),
            by: waiting.by.0,
            since: waiting.since,
        }
    }
}
