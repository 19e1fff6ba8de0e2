//! One action on many cases.

use domain::case::closing::Close;
use domain::ids::{CaseId, StaffId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::beside::WatchRequest;
use crate::code::Status;
use crate::command::{FeedbackRequest, LeadRequest, TransferRequest, TriageRequest};
use crate::fault::FaultView;

/// A case, as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseVersionRequest {
    /// Its id.
    pub id: Uuid,
    /// The version that was read, as lists show it.
    pub version: i64,
}

/// Ending many cases in the same way. What concerns one person alone, such as the information of PSL
/// 3 kap. 8 §, is given case by case.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseManyRequest {
    /// How they end: a code of the list `outcome`.
    #[schema(max_length = 40)]
    pub outcome: String,
    /// In a sentence.
    #[schema(max_length = 4000)]
    pub summary: Option<String>,
    /// What was done.
    #[schema(max_length = 10000)]
    pub action_taken: Option<String>,
    /// A triage given in the same breath. It judges no case milder than it was judged before.
    pub triage: Option<TriageRequest>,
    /// Feedback given in the same breath, such as one meeting for all of them.
    pub feedback: Option<FeedbackRequest>,
    /// The id of the case that all of them are duplicates of, for `UTF.DUB`.
    pub duplicate_of: Option<Uuid>,
}

impl CloseManyRequest {
    /// The command for one of the cases, as given now by `by`.
    pub fn to_close(&self, feedback_id: Uuid, by: StaffId, now: Timestamp) -> Close {
        let given = self.feedback.clone();
        Close {
            outcome: self.outcome.clone(),
            summary: self.summary.clone(),
            action_taken: self.action_taken.clone(),
            triage: self.triage.clone().map(Into::into),
            feedback: given.map(|given| given.into_feedback(feedback_id, by, now)),
            duplicate_of: self.duplicate_of.map(CaseId),
            patient_information: None,
            ending: None,
        }
    }
}

/// What is done to each of the cases: exactly one of these, as the command of a single case takes it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionRequest {
    /// Assess them, or a part of it.
    pub triage: Option<TriageRequest>,
    /// Take or give the lead.
    pub lead: Option<LeadRequest>,
    /// Give feedback: one text, or one meeting, for all of them.
    pub feedback: Option<FeedbackRequest>,
    /// End them.
    pub close: Option<CloseManyRequest>,
    /// Give them to another unit.
    pub transfer: Option<TransferRequest>,
    /// Ask someone to read, contribute or act.
    pub watch: Option<WatchRequest>,
}

/// One action on many cases, each on the version that was read.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "cases": [
        {"id": "0199c3a0-0000-7000-8000-000000000001", "version": 1},
        {"id": "0199c3a0-0000-7000-8000-000000000002", "version": 3},
    ],
    "action": {"close": {
        "outcome": "UTF.DIR",
        "summary": "Harmlösa fall, genomgångna på enhetens möte.",
        "action_taken": "Larmmattor kontrollerade.",
        "triage": {
            "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 1}, "probability": 2,
            "lex": {"lex_maria": "no"}, "track": "simple",
        },
        "feedback": {"audience": "unit", "meeting_on": "2026-03-09", "text": "Genomgångna på mötet."},
    }},
}))]
pub struct ActionsRequest {
    /// The cases, each once.
    #[schema(min_items = 1, max_items = 200)]
    pub cases: Vec<CaseVersionRequest>,
    /// What is done to each.
    pub action: ActionRequest,
}

/// What became of one of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionResult {
    /// It is done.
    Done,
    /// The case is as it was.
    Refused,
}

/// One of the cases, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ActionResultView {
    /// The case's id.
    pub id: Uuid,
    /// Its number, where one may read it.
    pub number: Option<String>,
    /// Done or refused.
    pub result: ActionResult,
    /// Its new version, where it is done.
    pub version: Option<i64>,
    /// Where it stands, where it is done.
    pub status: Option<Status>,
    /// The code of the problem that the command alone would have met, where it is refused.
    #[schema(example = "invalid_request")]
    pub code: Option<String>,
    /// The same in words.
    pub title: Option<String>,
    /// More about it.
    pub detail: Option<String>,
    /// Every fault, where it is refused; pointers are into the body of this request.
    pub errors: Vec<FaultView>,
}

/// What became of each case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ActionsView {
    /// How many are done.
    pub done: usize,
    /// How many were refused.
    pub refused: usize,
    /// Each case, in the order asked.
    pub items: Vec<ActionResultView>,
}
