//! Screening flags, one or many at once.

use domain::escalation::screening::Screen;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::EscalationStatus;
use crate::fault::FaultView;
use crate::many::ActionResult;

/// What becomes of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningOutcome {
    /// It is taken up; of lex Sarah, as a report by whoever screens it.
    TakeUp,
    /// It is no matter for this process.
    Out,
}

/// A screening.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "out", "reasons": ["SCR.EJA"], "text": "Blåmärke, läkt."}))]
pub struct ScreenRequest {
    /// What becomes of it.
    pub outcome: ScreeningOutcome,
    /// Codes of the list `screening`; needed for `out`.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub reasons: Vec<String>,
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

impl From<ScreenRequest> for Screen {
    fn from(request: ScreenRequest) -> Self {
        match request.outcome {
            ScreeningOutcome::TakeUp => Screen::TakeUp,
            ScreeningOutcome::Out => Screen::Out { reasons: request.reasons, text: request.text },
        }
    }
}

/// One flag of many, with what becomes of it.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreeningRequest {
    /// The escalation's id.
    pub id: Uuid,
    /// The version that was read.
    pub version: i64,
    /// What becomes of it.
    pub outcome: ScreeningOutcome,
    /// Codes of the list `screening`; needed for `out`.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub reasons: Vec<String>,
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

impl ScreeningRequest {
    /// What becomes of it.
    pub fn screen(self) -> Screen {
        let Self { outcome, reasons, text, .. } = self;
        ScreenRequest { outcome, reasons, text }.into()
    }
}

/// Many flags screened at once.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreeningsRequest {
    /// The flags, each once.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<ScreeningRequest>,
}

/// One of the flags, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScreeningResultView {
    /// The escalation's id.
    pub id: Uuid,
    /// Done or refused.
    pub result: ActionResult,
    /// Its new version, where it is done.
    pub version: Option<i64>,
    /// Where it stands, where it is done.
    pub status: Option<EscalationStatus>,
    /// The code of the problem, where it is refused.
    pub code: Option<String>,
    /// The same in words.
    pub title: Option<String>,
    /// Every fault, where it is refused.
    pub errors: Vec<FaultView>,
}

/// What became of each flag.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScreeningsView {
    /// How many are done.
    pub done: usize,
    /// How many were refused.
    pub refused: usize,
    /// Each, in the order asked.
    pub items: Vec<ScreeningResultView>,
}
