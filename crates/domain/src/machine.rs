//! From machine to machine: the systems of counterparties, the keys on both sides, and what was sent
//! and taken. What a message says and how it is signed is not known here.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fault::{Fault, Reason};
use crate::ids::{CounterpartyId, ForwardingId, MessageId, StaffId};

/// How long a message is tried before it stands among what was not delivered, in hours, unless agreed
/// otherwise with the counterparty.
pub const GIVE_UP_HOURS: u16 = 72;
/// The longest that may be agreed, in hours.
pub const LONGEST_GIVE_UP_HOURS: u16 = 720;
/// How long a new key is published before it signs, in days, unless said otherwise.
pub const OVERLAP_DAYS: u16 = 14;
/// The longest that may be, in days.
pub const LONGEST_OVERLAP_DAYS: u16 = 90;
/// How many keys of one tenant are published at once, at most.
pub const OWN_KEYS: usize = 4;
/// The longest name by which a system is known, in characters.
pub const LONGEST_PEER_ID: usize = 255;
/// How long a key is still published after another has begun to sign: what it signed is under way.
pub const STILL_PUBLISHED: SignedDuration = SignedDuration::from_hours(24);

/// A key of ours, without its private part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnKey {
    /// Its id.
    pub id: String,
    /// The public part.
    pub public: Vec<u8>,
    /// When it was made.
    pub made_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

/// What a key of ours is for at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, and not signing yet.
    Announced,
    /// It signs.
    Signing,
    /// Another signs; it is still published.
    Retiring,
    /// It is published no more.
    Retired,
    /// It was withdrawn.
    Withdrawn,
}

impl KeyState {
    /// Its name in JSON.
    pub fn code(self) -> &'static str {
        match self {
            KeyState::Announced => "announced",
            KeyState::Signing => "signing",
            KeyState::Retiring => "retiring",
            KeyState::Retired => "retired",
            KeyState::Withdrawn => "withdrawn",
        }
    }

    /// Whether whoever verifies what we sign should know the key.
    pub fn published(self) -> bool {
        match self {
            KeyState::Announced | KeyState::Signing | KeyState::Retiring => true,
            KeyState::Retired | KeyState::Withdrawn => false,
        }
    }
}

/// The key that signs at `now`: of those that may, the one that began last.
pub fn signing(keys: &[OwnKey], now: Timestamp) -> Option<&OwnKey> {
    let may = keys.iter().filter(|key| key.withdrawn_at.is_none() && key.signs_from <= now);
    may.max_by_key(|key| (key.signs_from, key.made_at, &key.id))
}

/// What `key`, one of `keys`, is for at `now`.
pub fn state_of(key: &OwnKey, keys: &[OwnKey], now: Timestamp) -> KeyState {
    if key.withdrawn_at.is_some() {
        return KeyState::Withdrawn;
    }
    if key.signs_from > now {
        return KeyState::Announced;
    }
    match signing(keys, now) {
        Some(other) if other.id != key.id => {
            if now.duration_since(other.signs_from) < STILL_PUBLISHED {
                KeyState::Retiring
            } else {
                KeyState::Retired
            }
        }
        _ => KeyState::Signing,
    }
}

/// The system of a counterparty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Whose it is.
    pub counterparty: CounterpartyId,
    /// By which name it is known: what messages to it are addressed to.
    pub id: String,
    /// Where messages go.
    pub endpoint: String,
    /// How long a message is tried, in hours.
    pub give_up_hours: u16,
    /// Grows by one with every change; the ETag.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Peer {
    /// Everything that is wrong with it by itself, by JSON pointer.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if self.id.is_empty() {
            faults.push(Fault::at("/peer_id", Reason::Required));
        } else if self.id.len() > LONGEST_PEER_ID {
            faults.push(Fault::at("/peer_id", Reason::TooLong { max: LONGEST_PEER_ID }));
        } else if !plain(&self.id) {
            let expected = "letters, digits and signs of ASCII without blanks".to_owned();
            faults.push(Fault::at("/peer_id", Reason::WrongType { expected }));
        }
        if !(1..=LONGEST_GIVE_UP_HOURS).contains(&self.give_up_hours) {
            let max = i64::from(LONGEST_GIVE_UP_HOURS);
            faults.push(Fault::at("/give_up_hours", Reason::OutOfRange { min: 1, max }));
        }
        faults
    }
}

/// A public key that a counterparty's system signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerKey {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub counterparty: CounterpartyId,
    /// The key.
    pub public: Vec<u8>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// By whom, who compared its fingerprint.
    pub registered_by: StaffId,
    /// When and by whom it was revoked.
    pub revoked: Option<(Timestamp, StaffId)>,
}

/// What the other side has been told of a forwarding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The document.
    pub document: bool,
    /// Where it stands here, by the last word of the contract for it.
    pub status: Option<String>,
    /// What was said, shared and decided, by id.
    pub items: BTreeSet<Uuid>,
    /// Measures that are done, by id.
    pub done: BTreeSet<Uuid>,
    /// How many reminders.
    pub reminders: usize,
}

/// A forwarding that goes from machine to machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The forwarding here.
    pub forwarding: ForwardingId,
    /// The other side.
    pub counterparty: CounterpartyId,
    /// The name both sides have for it.
    pub id: Uuid,
    /// The version of the forwarding up to which the other side has been told.
    pub told_version: i64,
    /// What it has been told.
    pub told: Told,
    /// The number of the last message made.
    pub sent: i64,
    /// The number of the last message taken.
    pub taken: i64,
    /// Where it stands at the other end, as far as they say, and since when.
    pub their_status: Option<(String, Timestamp)>,
}

/// What became of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The other side has taken it.
    Delivered,
    /// The other side has taken its number and refused what it says.
    Refused,
}

impl Settled {
    /// Its name in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Settled::Delivered => "delivered",
            Settled::Refused => "refused",
        }
    }
}

impl std::str::FromStr for Settled {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        [Settled::Delivered, Settled::Refused].into_iter().find(|it| it.code() == code).ok_or(())
    }
}

/// A message sent, or to be sent, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, by which the other side takes it once.
    pub message: MessageId,
    /// The forwarding it is about.
    pub forwarding: ForwardingId,
    /// Its number among those of the forwarding.
    pub sequence: i64,
    /// What kind it is.
    pub kind: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it is tried.
    pub give_up_at: Timestamp,
    /// When it is tried next; `None` when it is settled or given up.
    pub next_try_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// Why it could not be delivered the last time, or was refused.
    pub problem: Option<String>,
    /// When it was settled, and how.
    pub settled: Option<(Timestamp, Settled)>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is tried, or waits for those before it.
    Waiting,
    /// The other side has taken it.
    Delivered,
    /// The other side has refused what it says.
    Refused,
    /// It was given up: somebody must look after it.
    NotDelivered,
}

impl DeliveryState {
    /// Its name in JSON.
    pub fn code(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Refused => "refused",
            DeliveryState::NotDelivered => "not_delivered",
        }
    }
}

impl Delivery {
    /// Where it stands.
    pub fn state(&self) -> DeliveryState {
        match (self.settled, self.next_try_at) {
            (Some((_, Settled::Delivered)), _) => DeliveryState::Delivered,
            (Some((_, Settled::Refused)), _) => DeliveryState::Refused,
            (None, Some(_)) => DeliveryState::Waiting,
            (None, None) => DeliveryState::NotDelivered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
    }

    fn key(id: &str, signs_from: i64) -> OwnKey {
        OwnKey {
            id: id.to_owned(),
            public: Vec::new(),
            made_at: at(0),
            signs_from: at(signs_from),
            withdrawn_at: None,
        }
    }

    #[test]
    fn a_new_key_is_published_before_it_signs_and_the_old_one_a_day_longer() {
        let mut keys = vec![key("old", 0), key("new", 100)];
        let states = |keys: &[OwnKey], hour| -> Vec<KeyState> {
            keys.iter().map(|key| state_of(key, keys, at(hour))).collect()
        };
        assert_eq!(states(&keys, 99), [KeyState::Signing, KeyState::Announced]);
        assert_eq!(signing(&keys, at(99)).map(|key| key.id.as_str()), Some("old"));
        assert_eq!(states(&keys, 100), [KeyState::Retiring, KeyState::Signing]);
        assert_eq!(signing(&keys, at(100)).map(|key| key.id.as_str()), Some("new"));
        assert_eq!(states(&keys, 124), [KeyState::Retired, KeyState::Signing]);
        // A key that became known to others signs no more, and the one before does.
        keys[1].withdrawn_at = Some(at(101));
        assert_eq!(states(&keys, 124), [KeyState::Signing, KeyState::Withdrawn]);
        keys[0].withdrawn_at = Some(at(101));
        assert_eq!(signing(&keys, at(124)), None);
    }

    #[test]
    fn a_peer_has_a_name_that_fits_a_field() {
        let peer = |id: &str, hours| Peer {
            counterparty: CounterpartyId(Uuid::nil()),
            id: id.to_owned(),
            endpoint: "https://a.se/m".to_owned(),
            give_up_hours: hours,
            version: 1,
            updated_at: at(0),
        };
        assert!(peer("SE2321000131-E000000000001", GIVE_UP_HOURS).faults().is_empty());
        for wrong in ["", "a b", "å", "a\n", &"x".repeat(256)] {
            assert_eq!(peer(wrong, 1).faults().len(), 1, "{wrong:?}");
        }
        assert_eq!(peer("a", 0).faults().len(), 1);
        assert_eq!(peer("a", 721).faults().len(), 1);
    }
}
