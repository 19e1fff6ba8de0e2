//! What the sender of an opinion says of the answer.

use domain::survey as d;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::code::Satisfied;

/// The two questions, answered. One may be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"understood": "yes", "helped": "partly"}))]
pub struct SurveyRequest {
    /// Whether the answer could be understood.
    pub understood: Option<Satisfied>,
    /// Whether it helped.
    pub helped: Option<Satisfied>,
}

impl From<SurveyRequest> for d::SurveyGiven {
    fn from(request: SurveyRequest) -> Self {
        Self {
            understood: request.understood.map(Into::into),
            helped: request.helped.map(Into::into),
        }
    }
}

/// The two questions, answered by whoever left the opinion.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderSurveyRequest {
    /// The receipt code.
    #[schema(max_length = 40)]
    pub code: String,
    /// Whether the answer could be understood.
    pub understood: Option<Satisfied>,
    /// Whether it helped.
    pub helped: Option<Satisfied>,
}

impl From<SenderSurveyRequest> for d::SurveyGiven {
    fn from(request: SenderSurveyRequest) -> Self {
        let SenderSurveyRequest { code: _, understood, helped } = request;
        SurveyRequest { understood, helped }.into()
    }
}

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SurveyView {
    /// Whether the answer could be understood.
    pub understood: Option<Satisfied>,
    /// Whether it helped.
    pub helped: Option<Satisfied>,
    /// When; `null` while nobody has said anything.
    pub at: Option<Timestamp>,
}

impl From<Option<d::Survey>> for SurveyView {
    fn from(survey: Option<d::Survey>) -> Self {
        Self {
            understood: survey.and_then(|it| it.understood).map(Into::into),
            helped: survey.and_then(|it| it.helped).map(Into::into),
            at: survey.map(|it| it.at),
        }
    }
}
