//! Counterparties.

use domain::forwarding as d;
use domain::ids::ContactId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::BetweenChannel;

/// Where a counterparty is reached: a role or a function; no person need be known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CounterpartyContactView {
    /// Its id; drawn here where it is new.
    pub id: Option<Uuid>,
    /// The role or function.
    #[schema(max_length = 200)]
    pub role: String,
    /// Its e-mail address.
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// Its telephone number.
    #[schema(max_length = 200)]
    pub phone: Option<String>,
}

/// What the register is to say of a counterparty.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Askersunds vårdcentral", "kind": "VC", "answer_days": 30, "channels": ["post"],
    "address": ["Askersunds vårdcentral", "696 82 Askersund"],
}))]
pub struct CounterpartyRequest {
    /// Its name.
    #[schema(max_length = 200)]
    pub name: String,
    /// A code of the list `counterparty`.
    #[schema(max_length = 40)]
    pub kind: String,
    /// Its HSA-id.
    #[schema(max_length = 40)]
    pub hsa_id: Option<String>,
    /// The agreed time for an answer, in days; the tenant's usual one unless given.
    #[schema(minimum = 1, maximum = 366)]
    pub answer_days: Option<u16>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// Where it is reached, in the order in which it is tried.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub contacts: Vec<CounterpartyContactView>,
    /// The lines of its postal address.
    #[serde(default)]
    #[schema(max_items = 8, max_length = 200)]
    pub address: Vec<String>,
    /// Its address in the municipality's SDK client.
    #[schema(max_length = 200)]
    pub sdk_address: Option<String>,
    /// By which ways something may be sent there, of `portal`, `post`, `sdk` and `machine`; the first is
    /// the usual one.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub channels: Vec<BetweenChannel>,
}

impl CounterpartyRequest {
    /// Everything but what has columns of its own. `new` draws an id.
    pub fn details(&self, new: impl Fn() -> Uuid) -> d::Details {
        let contact = |contact: &CounterpartyContactView| d::Contact {
            id: ContactId(contact.id.unwrap_or_else(&new)),
            role: contact.role.clone(),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
        };
        d::Details {
            contacts: self.contacts.iter().map(contact).collect(),
            address: self.address.clone(),
            sdk_address: self.sdk_address.clone(),
            channels: self.channels.iter().map(|channel| (*channel).into()).collect(),
        }
    }
}

/// A counterparty.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CounterpartyView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// A code of the list `counterparty`.
    pub kind: String,
    /// Its HSA-id.
    pub hsa_id: Option<String>,
    /// The agreed time for an answer, in days.
    pub answer_days: Option<u16>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// Where it is reached.
    pub contacts: Vec<CounterpartyContactView>,
    /// The lines of its postal address.
    pub address: Vec<String>,
    /// Its address in the municipality's SDK client.
    pub sdk_address: Option<String>,
    /// By which ways something may be sent there.
    pub channels: Vec<BetweenChannel>,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl From<&d::Counterparty> for CounterpartyView {
    fn from(it: &d::Counterparty) -> Self {
        let contact = |contact: &d::Contact| CounterpartyContactView {
            id: Some(contact.id.0),
            role: contact.role.clone(),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
        };
        Self {
            id: it.id.0,
            name: it.name.clone(),
            kind: it.kind.clone(),
            hsa_id: it.hsa_id.as_ref().map(ToString::to_string),
            answer_days: it.answer_days,
            valid_from: it.valid_from,
            valid_to: it.valid_to,
            contacts: it.details.contacts.iter().map(contact).collect(),
            address: it.details.address.clone(),
            sdk_address: it.details.sdk_address.clone(),
            channels: it.details.channels.iter().map(|channel| (*channel).into()).collect(),
            version: it.version,
            updated_at: it.updated_at,
        }
    }
}
