//! Which tokens were found good a moment ago? Spares the signature check for a client that calls again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use jiff::{SignedDuration, Timestamp};

use crate::Identity;

/// Half of the most entries held.
const HALF: usize = 5_000;
/// No answer is older than this.
const LONGEST: SignedDuration = SignedDuration::from_secs(60);

/// SHA-256 of a whole token: the cache holds no token that could be stolen from memory.
pub(crate) type Fingerprint = [u8; 32];

struct Entry {
    identity: Identity,
    verified_at: Timestamp,
    /// `exp` with the issuer's leeway.
    refused_from: Timestamp,
    /// The state of the issuer's keys the answer rests on.
    keys: KeysState,
}

/// Which issuer's keys, in which state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeysState {
    pub(crate) issuer: usize,
    pub(crate) generation: u64,
}

/// Two maps of which the older is thrown away when the younger is full: bounded, and no entry is ever searched for.
/// Only good tokens enter, so a stranger cannot push anything out.
#[derive(Default)]
struct Halves {
    young: HashMap<Fingerprint, Entry>,
    old: HashMap<Fingerprint, Entry>,
}

/// The tokens found good within the last minute, at most 10,000.
#[derive(Default)]
pub(crate) struct RecentTokens(Mutex<Halves>);

impl RecentTokens {
    pub(crate) fn fingerprint(token: &str) -> Fingerprint {
        let mut fingerprint = Fingerprint::default();
        let hash = digest::digest(&digest::SHA256, token.as_bytes());
        for (to, from) in fingerprint.iter_mut().zip(hash.as_ref()) {
            *to = *from;
        }
        fingerprint
    }

    /// The answer given before, if it still stands: within its minute, before the token's end, and on the same keys.
    /// A clock that went back finds nothing, so that `nbf` is asked again.
    pub(crate) fn get(
        &self,
        fingerprint: &Fingerprint,
        now: Timestamp,
        generation: impl Fn(usize) -> Option<u64>,
    ) -> Option<Identity> {
        let halves = self.lock();
        let entry = halves.young.get(fingerprint).or_else(|| halves.old.get(fingerprint))?;
        let age = now.duration_since(entry.verified_at);
        let stands = !age.is_negative()
            && age < LONGEST
            && now < entry.refused_from
            && generation(entry.keys.issuer) == Some(entry.keys.generation);
        stands.then(|| entry.identity.clone())
    }

    pub(crate) fn put(
        &self,
        fingerprint: Fingerprint,
        identity: Identity,
        now: Timestamp,
        refused_from: Timestamp,
        keys: KeysState,
    ) {
        let mut halves = self.lock();
        if halves.young.len() >= HALF {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert(fingerprint, Entry { identity, verified_at: now, refused_from, keys });
    }

    /// No code panics while it holds the lock, and a half-written map is not possible: a poisoned lock is usable.
    fn lock(&self) -> MutexGuard<'_, Halves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_forgets() {
        let recent = RecentTokens::default();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let identity = Identity {
            issuer: "i".into(),
            subject: "s".into(),
            personal: false,
            tenant: "t".into(),
            name: None,
            email: None,
            groups: None,
            expires_at: now + SignedDuration::from_secs(30),
        };
        let keys = KeysState { issuer: 0, generation: 1 };
        for n in 0..25_000_u32 {
            let fingerprint = RecentTokens::fingerprint(&n.to_string());
            recent.put(
                fingerprint,
                identity.clone(),
                now,
                now + SignedDuration::from_secs(300),
                keys,
            );
        }
        let halves = recent.lock();
        assert!(halves.young.len() + halves.old.len() <= 2 * HALF);
        drop(halves);

        let last = RecentTokens::fingerprint("24999");
        let at = |seconds| now + SignedDuration::from_secs(seconds);
        assert!(recent.get(&last, at(0), |_| Some(1)).is_some());
        assert!(recent.get(&last, at(59), |_| Some(1)).is_some());
        assert!(recent.get(&last, at(60), |_| Some(1)).is_none(), "a minute is the most");
        assert!(recent.get(&last, at(-1), |_| Some(1)).is_none(), "a clock that went back");
        assert!(recent.get(&last, at(1), |_| Some(2)).is_none(), "the keys have changed");
        assert!(
            recent.get(&RecentTokens::fingerprint("1"), at(0), |_| Some(1)).is_none(),
            "pushed out"
        );
    }
}
