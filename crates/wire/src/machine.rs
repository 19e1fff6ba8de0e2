//! From machine to machine: one's own keys, the systems of counterparties, and what was delivered.

use domain::machine::{self as d, GIVE_UP_HOURS, OVERLAP_DAYS};
use exchange::{Jwk, PublicKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

fn overlap_days() -> u16 {
    OVERLAP_DAYS
}

fn give_up_hours() -> u16 {
    GIVE_UP_HOURS
}

/// A key to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineKeyRequest {
    /// How many days it is published before it signs. 14 unless given; the first key signs at once.
    #[serde(default = "overlap_days")]
    #[schema(minimum = 0, maximum = 90, default = 14)]
    pub overlap_days: u16,
}

/// A key the tenant signs with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MachineKeyView {
    /// Its id.
    pub id: String,
    /// The public part.
    pub jwk: Jwk,
    /// Its fingerprint: tell it to those who register the key, over another way than the key goes.
    pub fingerprint: String,
    /// `announced`, `signing`, `retiring`, `retired`, `withdrawn`.
    pub state: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

impl MachineKeyView {
    /// A key as it is shown.
    pub fn new(key: &d::OwnKey, public: &PublicKey, state: d::KeyState) -> Self {
        Self {
            id: key.id.clone(),
            jwk: public.jwk(),
            fingerprint: public.fingerprint(),
            state: state.code().to_owned(),
            made_at: key.made_at,
            signs_from: key.signs_from,
            withdrawn_at: key.withdrawn_at,
        }
    }
}

/// The system of a counterparty, as an administrator registers it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "peer_id": "0199c3a0-0000-7000-8000-00000000000b",
    "endpoint": "https://avvikelse.region.se/api/v1/public/region/machine/messages",
}))]
pub struct MachinePeerRequest {
    /// The id it is known by: what messages to it are addressed to. Stands in its description.
    #[schema(min_length = 1, max_length = 255)]
    pub peer_id: String,
    /// Where messages go: `https://`.
    #[schema(min_length = 1, max_length = 1000)]
    pub endpoint: String,
    /// How many hours a message is tried before it counts as not delivered. 72 unless agreed otherwise.
    #[serde(default = "give_up_hours")]
    #[schema(minimum = 1, maximum = 720, default = 72)]
    pub give_up_hours: u16,
}

/// A key to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachinePeerKeyRequest {
    /// The key, as it stands in the counterparty's description.
    pub jwk: Jwk,
    /// Its fingerprint as the counterparty told it over another way, such as by telephone. Blanks and
    /// colons do not count.
    #[schema(min_length = 1, max_length = 200)]
    pub fingerprint: String,
}

/// A key of a counterparty's system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MachinePeerKeyView {
    /// Its id.
    pub id: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// The staff id of who registered it.
    pub registered_by: Uuid,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The staff id of who revoked it.
    pub revoked_by: Option<Uuid>,
}

impl From<&d::PeerKey> for MachinePeerKeyView {
    fn from(key: &d::PeerKey) -> Self {
        let public = PublicKey::from_bytes(&key.public).ok();
        Self {
            id: key.id.clone(),
            fingerprint: public.map(|key| key.fingerprint()).unwrap_or_default(),
            registered_at: key.registered_at,
            registered_by: key.registered_by.0,
            revoked_at: key.revoked.map(|(at, _)| at),
            revoked_by: key.revoked.map(|(_, by)| by.0),
        }
    }
}

/// The system of a counterparty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MachinePeerView {
    /// Whose it is.
    pub counterparty: Uuid,
    /// The id it is known by.
    pub peer_id: String,
    /// Where messages go.
    pub endpoint: String,
    /// How many hours a message is tried.
    pub give_up_hours: u16,
    /// The keys it signs with, oldest first, revoked ones included.
    pub keys: Vec<MachinePeerKeyView>,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl MachinePeerView {
    /// A system as it is shown.
    pub fn new(peer: &d::Peer, keys: &[d::PeerKey]) -> Self {
        Self {
            counterparty: peer.counterparty.0,
            peer_id: peer.id.clone(),
            endpoint: peer.endpoint.clone(),
            give_up_hours: peer.give_up_hours,
            keys: keys.iter().map(MachinePeerKeyView::from).collect(),
            version: peer.version,
            updated_at: peer.updated_at,
        }
    }
}

/// A message to the system of the counterparty, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its id.
    pub message: Uuid,
    /// Its number among those of the forwarding.
    pub sequence: i64,
    /// What kind it is: `document`, `answer` …
    pub kind: String,
    /// `waiting`, `delivered`, `refused`, `not_delivered`.
    pub state: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// Why it was not delivered the last time, or was refused.
    pub problem: Option<String>,
    /// When it is tried next; also `null` where an earlier one must be looked after first.
    pub next_try_at: Option<Timestamp>,
    /// Until when it is tried.
    pub give_up_at: Timestamp,
    /// When it was taken or refused.
    pub settled_at: Option<Timestamp>,
}

impl From<&d::Delivery> for DeliveryView {
    fn from(delivery: &d::Delivery) -> Self {
        Self {
            message: delivery.message.0,
            sequence: delivery.sequence,
            kind: delivery.kind.clone(),
            state: delivery.state().code().to_owned(),
            made_at: delivery.made_at,
            attempts: delivery.attempts,
            tried_at: delivery.tried_at,
            problem: delivery.problem.clone(),
            next_try_at: delivery.next_try_at,
            give_up_at: delivery.give_up_at,
            settled_at: delivery.settled.map(|(at, _)| at),
        }
    }
}

/// What was sent, and is to be sent, about a forwarding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveriesView {
    /// Where it stands at the other end, as their system says: `assigned`, `investigated`,
    /// `wrong_recipient`, `passed_on`, `closed`.
    pub their_status: Option<String>,
    /// Since when.
    pub their_status_at: Option<Timestamp>,
    /// In the order in which they are sent: a later one waits for those before it.
    pub items: Vec<DeliveryView>,
}
