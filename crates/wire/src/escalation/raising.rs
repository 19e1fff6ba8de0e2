//! Raising an escalation: a flag by hand, a lex Sarah report, a riskperson.

use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::EscalationKind;

/// A lex Sarah report told by mouth, as whoever was told it puts it down.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OralReport {
    /// Who told it: a name or a role.
    #[schema(min_length = 1, max_length = 200)]
    pub from: String,
    /// When.
    pub at: Timestamp,
}

/// An escalation to be raised beside a case.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "lex_maria", "reason": "Dubbel dos, kunde ha blivit allvarligt."}))]
pub struct EscalationRequest {
    /// Which: `lex_maria` or `lex_sarah`. A riskperson stands apart from cases.
    pub kind: EscalationKind,
    /// Why, in words. Needed for a flag; of a report, what is more than the case says.
    #[schema(max_length = 10000)]
    pub reason: Option<String>,
    /// Lex Sarah: this is one's own report, rather than a flag that asks.
    #[serde(default)]
    pub report: bool,
    /// Lex Sarah: a report told by mouth.
    pub oral: Option<OralReport>,
}

/// A riskperson: a matter of its own, shown to nobody but those named here.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskpersonRequest {
    /// `riskperson`.
    pub kind: EscalationKind,
    /// Where: a unit's id or its own code.
    #[schema(min_length = 1, max_length = 200)]
    pub unit: String,
    /// Who it is, in words. Kept sealed.
    #[schema(min_length = 1, max_length = 1000)]
    pub person: String,
    /// What has come to light.
    #[schema(min_length = 1, max_length = 10000)]
    pub reason: String,
    /// The staff ids of those who may see it, beside oneself.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub readers: Vec<Uuid>,
}
