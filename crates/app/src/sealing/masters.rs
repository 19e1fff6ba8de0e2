//! The keys of a key file: master keys by version, and those that never change.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::source::Mark;
use super::{Key, SealError, draw};

/// The key file: base64 of 32 random bytes each.
#[derive(Serialize, Deserialize)]
pub(super) struct KeyText {
    /// The version that new keys are wrapped with.
    pub current: i32,
    /// Master keys by version.
    pub master: BTreeMap<String, String>,
    /// For the blind index of identities: it does not change when the master key does.
    blind_index: String,
    /// For the MACs of requests with an Idempotency-Key, and, derived from it, for the keyed hashes of
    /// codes and tokens: while one of those holds, it does not change.
    request_mac: String,
}

impl KeyText {
    /// New keys, as version 1.
    pub(super) fn new() -> Result<Self, SealError> {
        let text = |bytes: [u8; 32]| STANDARD.encode(bytes);
        Ok(Self {
            current: 1,
            master: BTreeMap::from([("1".to_owned(), text(draw()?))]),
            blind_index: text(draw()?),
            request_mac: text(draw()?),
        })
    }

    pub(super) fn read(text: &str) -> Result<Self, SealError> {
        serde_json::from_str(text).map_err(|error| SealError::Keys(error.to_string()))
    }

    pub(super) fn write(&self) -> Result<Zeroizing<String>, SealError> {
        let text = serde_json::to_string_pretty(self);
        text.map(Zeroizing::new).map_err(|error| SealError::Keys(error.to_string()))
    }

    /// Adds a master key, which is the current one from then on; gives its version.
    pub(super) fn add(&mut self) -> Result<i32, SealError> {
        let versions = self.master.keys().filter_map(|version| version.parse::<i32>().ok());
        let next = versions.max().unwrap_or(0) + 1;
        self.master.insert(next.to_string(), STANDARD.encode(draw::<32>()?));
        self.current = next;
        Ok(next)
    }
}

/// Master keys, read.
pub(super) struct Masters {
    pub current: i32,
    pub keys: BTreeMap<i32, Key>,
    /// What the source said of itself when they were read.
    pub mark: Option<Mark>,
}

/// Keys that are read once: they do not change while a database lives.
pub(super) struct Lasting {
    pub blind_index: Key,
    pub request_mac: Key,
}

/// Reads keys from their text.
pub(super) fn parse(text: &str, mark: Option<Mark>) -> Result<(Masters, Lasting), SealError> {
    let file = KeyText::read(text)?;
    let mut keys = BTreeMap::new();
    for (version, text) in &file.master {
        let number = version.parse::<i32>().ok().filter(|number| *number > 0).ok_or_else(|| {
            SealError::Keys(format!("master key version {version:?} is no number above zero"))
        })?;
        keys.insert(number, key(&format!("master key {version}"), text)?);
    }
    if !keys.contains_key(&file.current) {
        return Err(SealError::Keys(format!("there is no master key {}", file.current)));
    }
    let lasting = Lasting {
        blind_index: key("blind_index", &file.blind_index)?,
        request_mac: key("request_mac", &file.request_mac)?,
    };
    Ok((Masters { current: file.current, keys, mark }, lasting))
}

pub(super) fn mac(key: &Key) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key.as_slice())
}

fn key(name: &str, text: &str) -> Result<Key, SealError> {
    let bytes = Zeroizing::new(
        STANDARD.decode(text).map_err(|_| SealError::Keys(format!("{name} is not base64")))?,
    );
    let bytes: [u8; 32] = bytes
        .as_slice()
        .try_into()
        .map_err(|_| SealError::Keys(format!("{name} is not 32 bytes long")))?;
    // A key of equal bytes is a placeholder somebody forgot to replace.
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return Err(SealError::Keys(format!("{name} is not random")));
    }
    Ok(Zeroizing::new(bytes))
}
