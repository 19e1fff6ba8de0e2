//! From receipt to decision: what protects the person, what was found, what is proposed and decided.

use std::collections::BTreeSet;

use domain::escalation as d;
use domain::escalation::lex_sarah::{Assessing, Findings};
use domain::ids::StaffId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{Degree, SeriousTest};

/// That the nämnd was told, by a private provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardInformedView {
    /// The day.
    pub on: Date,
    /// How, or whom.
    #[schema(max_length = 1000)]
    pub how: Option<String>,
}

impl From<BoardInformedView> for d::BoardInformed {
    fn from(view: BoardInformedView) -> Self {
        Self { on: view.on, how: view.how }
    }
}

impl From<&d::BoardInformed> for BoardInformedView {
    fn from(informed: &d::BoardInformed) -> Self {
        Self { on: informed.on, how: informed.how.clone() }
    }
}

/// That a lex Sarah report was received.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiveRequest {
    /// That the nämnd was told; needed from a private provider.
    pub board_informed: Option<BoardInformedView>,
    /// The staff ids of those it criticises.
    #[schema(max_items = 20)]
    pub criticised: Option<Vec<Uuid>>,
}

fn staff(ids: Vec<Uuid>) -> BTreeSet<StaffId> {
    ids.into_iter().map(StaffId).collect()
}

impl ReceiveRequest {
    /// What the domain is told.
    pub fn parts(self) -> (Option<d::BoardInformed>, Option<BTreeSet<StaffId>>) {
        (self.board_informed.map(Into::into), self.criticised.map(staff))
    }
}

/// What was done at once to protect the person.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImmediateActionRequest {
    /// What; or why nothing was needed.
    #[schema(max_length = 10000)]
    pub text: String,
}

/// The investigation of a lex Sarah report. What is left out stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InquiryRequest {
    /// The staff id of who investigates: nobody it criticises.
    pub investigator: Option<Uuid>,
    /// What happened.
    #[schema(max_length = 20000)]
    pub course_of_events: Option<String>,
    /// What it meant for the person.
    #[schema(max_length = 20000)]
    pub consequences: Option<String>,
    /// Why it happened.
    #[schema(max_length = 20000)]
    pub causes: Option<String>,
    /// Whether it could happen again, or has.
    #[schema(max_length = 20000)]
    pub recurrence: Option<String>,
    /// What is done about it.
    #[schema(max_length = 20000)]
    pub measures: Option<String>,
    /// The staff ids of everyone it criticises.
    #[schema(max_items = 20)]
    pub criticised: Option<Vec<Uuid>>,
    /// The investigation is complete.
    pub complete: bool,
}

impl From<InquiryRequest> for Findings {
    fn from(request: InquiryRequest) -> Self {
        Self {
            investigator: request.investigator.map(StaffId),
            course_of_events: request.course_of_events,
            consequences: request.consequences,
            causes: request.causes,
            recurrence: request.recurrence,
            measures: request.measures,
            criticised: request.criticised.map(staff),
            complete: request.complete,
        }
    }
}

/// A proposal. It decides nothing.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeRequest {
    /// Whether to notify IVO; lex Maria and riskperson.
    pub notify: Option<bool>,
    /// Lex Sarah: the degree.
    pub degree: Option<Degree>,
    /// In words.
    #[schema(max_length = 10000)]
    pub text: String,
}

impl From<ProposeRequest> for d::Proposing {
    fn from(request: ProposeRequest) -> Self {
        Self { notify: request.notify, degree: request.degree.map(Into::into), text: request.text }
    }
}

/// A decision whether IVO is notified, by whoever the register lets decide.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "notify": false, "test": "none", "motivation": "Övergående obehag, inget ökat vårdbehov.",
}))]
pub struct DecideRequest {
    /// Whether IVO is notified.
    pub notify: bool,
    /// Lex Maria: the test of PSL 1 kap. 5 §, second paragraph.
    pub test: Option<SeriousTest>,
    /// Why, also of a "no".
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub motivation: String,
    /// The day; today unless given.
    pub decided_on: Option<Date>,
}

impl From<DecideRequest> for d::Deciding {
    fn from(request: DecideRequest) -> Self {
        Self {
            yes: request.notify,
            test: request.test.map(Into::into),
            motivation: request.motivation,
            on: request.decided_on,
        }
    }
}

/// A decision on the degree under lex Sarah.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessRequest {
    /// The degree.
    pub degree: Degree,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub motivation: String,
    /// The day; today unless given.
    pub decided_on: Option<Date>,
}

impl From<AssessRequest> for Assessing {
    fn from(request: AssessRequest) -> Self {
        Self {
            degree: request.degree.into(),
            motivation: request.motivation,
            on: request.decided_on,
        }
    }
}

/// A decision that a lex Sarah report is a mere avvikelse.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DismissRequest {
    /// Why.
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub motivation: String,
    /// The day; today unless given.
    pub decided_on: Option<Date>,
}
