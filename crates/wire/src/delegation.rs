//! The register of delegations, and what rules of flagging would have flagged.

use domain::escalation as d;
use domain::escalation::flag::{FlagCause, FlagPreview, FlagRules};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::Delegated;

/// A line to be entered.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "staff": "0199c3a0-0000-7000-8000-000000000001", "matter": "lex_maria", "valid_from": "2026-01-01",
    "reference": "SN 2025/401", "decided_by": "Socialnämnden",
}))]
pub struct DelegationRequest {
    /// The staff id of who may decide.
    pub staff: Uuid,
    /// What.
    pub matter: Delegated,
    /// First day; today unless given.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// By which decision: its diarienummer.
    #[schema(max_length = 100)]
    pub reference: String,
    /// Who decided it.
    #[schema(max_length = 200)]
    pub decided_by: String,
}

/// A line of the register.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DelegationView {
    /// Its id.
    pub id: Uuid,
    /// The staff id of who may decide.
    pub staff: Uuid,
    /// What.
    pub matter: Delegated,
    /// First day.
    pub valid_from: Date,
    /// Last day; `null` is until further notice.
    pub valid_to: Option<Date>,
    /// By which decision.
    pub reference: String,
    /// Who decided it.
    pub decided_by: String,
    /// When it was ended before its last day.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub ended_reason: Option<String>,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
}

impl From<&d::Delegation> for DelegationView {
    fn from(line: &d::Delegation) -> Self {
        Self {
            id: line.id.0,
            staff: line.staff.0,
            matter: line.matter.into(),
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            reference: line.reference.clone(),
            decided_by: line.decided_by.clone(),
            ended_at: line.ended_at,
            ended_reason: line.ended_reason.clone(),
            version: line.version,
        }
    }
}

/// When a case is flagged: local rules, each with a switch. `null` is off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FlagRulesView {
    /// A lex question answered with perhaps or yes. `true` unless chosen.
    pub lex_answer: bool,
    /// Actual severity from this on. 3 unless chosen.
    #[schema(minimum = 1, maximum = 4)]
    pub actual_severity: Option<u8>,
    /// Potential severity from this on, together with `probability`. 3 unless chosen.
    #[schema(minimum = 1, maximum = 4)]
    pub potential_severity: Option<u8>,
    /// The probability that goes with it. 2 unless chosen.
    #[schema(minimum = 1, maximum = 4)]
    pub probability: u8,
    /// A risk score from this on. 8 unless chosen.
    #[schema(minimum = 1, maximum = 16)]
    pub risk_score: Option<u8>,
}

impl Default for FlagRulesView {
    fn default() -> Self {
        FlagRules::default().into()
    }
}

impl From<FlagRules> for FlagRulesView {
    fn from(rules: FlagRules) -> Self {
        Self {
            lex_answer: rules.lex_answer,
            actual_severity: rules.actual_severity,
            potential_severity: rules.potential_severity,
            probability: rules.probability,
            risk_score: rules.risk_score,
        }
    }
}

impl From<FlagRulesView> for FlagRules {
    fn from(view: FlagRulesView) -> Self {
        Self {
            lex_answer: view.lex_answer,
            actual_severity: view.actual_severity,
            potential_severity: view.potential_severity,
            probability: view.probability,
            risk_score: view.risk_score,
        }
    }
}

/// What a rule by itself would have flagged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlagCauseCounts {
    /// A lex question answered with perhaps or yes.
    pub lex_answer: u64,
    /// Actual severity.
    pub actual_severity: u64,
    /// Potential severity and probability.
    pub potential_severity: u64,
    /// The risk score.
    pub risk_score: u64,
}

/// What rules would have flagged among the avvikelser of the last twelve months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlagPreviewView {
    /// How many there were.
    pub cases: u64,
    /// How many any rule would have flagged.
    pub flagged: u64,
    /// How many each rule would have flagged.
    pub by_cause: FlagCauseCounts,
    /// How many for lex Maria.
    pub lex_maria: u64,
    /// How many for lex Sarah.
    pub lex_sarah: u64,
}

impl From<FlagPreview> for FlagPreviewView {
    fn from(preview: FlagPreview) -> Self {
        let of = |cause: FlagCause| {
            let at = FlagCause::BY_RULE.iter().position(|it| *it == cause);
            at.map(|at| preview.by_cause[at]).unwrap_or_default()
        };
        Self {
            cases: preview.cases,
            flagged: preview.flagged,
            by_cause: FlagCauseCounts {
                lex_answer: of(FlagCause::LexAnswer),
                actual_severity: of(FlagCause::ActualSeverity),
                potential_severity: of(FlagCause::PotentialSeverity),
                risk_score: of(FlagCause::RiskScore),
            },
            lex_maria: preview.lex_maria,
            lex_sarah: preview.lex_sarah,
        }
    }
}
