//! Filing a case again as another kind.

use domain::case::refile::Refiling;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::code::{Kind, Subkind};

/// Files a case again as the right kind. What was said, by whom and when stays.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "klagomal", "category": "K.OMV", "reason": "Anhörig klagar på bemötandet."}))]
pub struct RefileRequest {
    /// The right kind.
    pub kind: Kind,
    /// What a synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// The category among those of the right kind, where it is known; else it is judged at triage.
    #[schema(max_length = 40)]
    pub category: Option<String>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl From<RefileRequest> for Refiling {
    fn from(request: RefileRequest) -> Self {
        Self {
            kind: request.kind.into(),
            subkind: request.subkind.map(Into::into),
            category: request.category,
            reason: request.reason,
        }
    }
}
