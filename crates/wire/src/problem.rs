//! Problem details (RFC 9457): the body of every answer that is not a success.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fault::FaultView;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// A stable URI of the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:avvikelse:problem:invalid_request")]
    pub kind: String,
    /// The kind of problem, in the language asked for.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The last part of `type`: a stable code.
    #[schema(example = "invalid_request")]
    pub code: String,
    /// More about this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The request's id, as in the log.
    pub request_id: Uuid,
    /// Every fault of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FaultView>,
}
