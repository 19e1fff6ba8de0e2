//! Where the chain over audit and access entries ends.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the chain of a tenant ended at some time. As a line of JSON it is what the service exports each
/// day, and what `avvikelse verify --heads` compares with.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChainHeadView {
    /// The tenant's short name.
    pub tenant: String,
    /// Its id.
    pub tenant_id: Uuid,
    /// How many entries the chain had; 0 before the first.
    pub sequence: i64,
    /// SHA-256 over everything up to the last of them, in hexadecimal.
    pub hash: String,
    /// When that was.
    pub at: Timestamp,
    /// HMAC-SHA-256 over all that by a key of the service, in base64.
    pub mac: String,
}
