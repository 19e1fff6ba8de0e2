//! What is said beside messages: how to reach a tenant, and that a message was taken.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// That a message was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeReceipt)]
pub struct Receipt {
    /// The message.
    pub id: Uuid,
    /// It had been taken before.
    pub again: bool,
    /// The number its matter has here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// How to reach a tenant from machine to machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeDescription)]
pub struct Description {
    /// `avvikelse-exchange/1`.
    pub contract: String,
    /// Its id: what messages to it are addressed to, and what it sends as.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where messages to it go.
    pub endpoint: String,
    /// The keys it signs with, now and soon.
    pub keys: Vec<DescribedKey>,
}

/// A key of a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeKey)]
pub struct DescribedKey {
    /// The key.
    pub jwk: crate::key::Jwk,
    /// Its fingerprint: compare it over another way before the key is registered.
    pub fingerprint: String,
    /// From when on it signs.
    pub signs_from: Timestamp,
}
