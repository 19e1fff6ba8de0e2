//! The ends of an opinion without an answer.

use domain::opinion::{EndingGiven, EndingKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::code::wire_enum;

wire_enum!(
    /// Why a klagomål or synpunkt ends without an answer: its sender took it back; another says the same;
    /// it is not about anything the tenant does; its sender wants none; its sender cannot be reached; it is
    /// not seriously meant, which the area manager decides; a synpunkt that asks for none.
    OpinionEnding = EndingKind {
        Withdrawn = "withdrawn", Duplicate = "duplicate", NotWithinTenant = "not_within_tenant",
        NoAnswerWanted = "no_answer_wanted", Unreachable = "unreachable",
        NotSerious = "not_serious", NoAnswerDue = "no_answer_due",
    }
);

/// Why a klagomål or synpunkt ends without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionEndingRequest {
    /// Why.
    pub kind: OpinionEnding,
    /// Why, in words.
    #[schema(max_length = 4000)]
    pub reason: Option<String>,
    /// What happened; asked for where the sender wants no answer.
    #[schema(max_length = 20000)]
    pub explanation: Option<String>,
}

impl From<OpinionEndingRequest> for EndingGiven {
    fn from(given: OpinionEndingRequest) -> Self {
        let OpinionEndingRequest { kind, reason, explanation } = given;
        Self { kind: kind.into(), reason, explanation }
    }
}
