//! The sample of simple closings.

use domain::case::Case;
use domain::case::sample::Looked;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{Status, Verdict};

/// What was found of a closing, and a word back to the unit.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"verdict": "talk", "text": "Tredje fallet på en vecka: se det som en serie."}))]
pub struct SampleRequest {
    /// What was found.
    pub verdict: Verdict,
    /// A word to the unit, kept as a comment on the case; with `reopen` the reason. Needed for anything
    /// but `fine`.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

/// A look at a closing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SampleView {
    /// The case's id.
    pub case: Uuid,
    /// Its number.
    pub number: String,
    /// What was found.
    pub verdict: Verdict,
    /// The word to the unit.
    pub text: Option<String>,
    /// The staff id of who looked.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
    /// Where the case stands now.
    pub status: Status,
    /// Its version now.
    pub version: i64,
}

impl SampleView {
    /// A look at the closing of a case.
    pub fn new(case: &Case, looked: &Looked) -> Self {
        Self {
            case: case.id.0,
            number: case.number.to_string(),
            verdict: looked.verdict.into(),
            text: looked.text.clone(),
            by: looked.by.0,
            at: looked.at,
            status: case.status().into(),
            version: case.version,
        }
    }
}
