//! Sealing what must not lie in the clear: identities and kept answers.
//!
//! Envelopes: each content has a key of its own (AES-256-GCM), wrapped by a master key that has a
//! version, so that master keys can be changed without touching the contents. The associated data
//! names tenant, table and id: an envelope moved to another row does not open.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::ids::TenantId;
use domain::personnummer::SubjectIdentity;
use serde::{Deserialize, Serialize};
use store::Sealed;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Why sealing or opening failed. Never says anything of the content or the keys.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key file cannot be read or made.
    #[error("key file {path}: {why}")]
    KeyFile {
        /// Which file.
        path: String,
        /// Why, with what to do.
        why: String,
    },
    /// The keys themselves are unusable.
    #[error("keys: {0}")]
    Keys(String),
    /// An envelope does not open: wrong key, or moved, or changed.
    #[error("an envelope does not open")]
    Opening,
}

/// The table whose name goes into the envelopes of identities.
pub const SUBJECTS: &str = "subjects";

type Key = Zeroizing<[u8; 32]>;

/// The key file: base64 of 32 random bytes each.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    /// The version that new envelopes are wrapped with.
    current: i32,
    /// Master keys by version.
    master: BTreeMap<String, String>,
    /// For the blind index of identities: it does not change when the master key does.
    blind_index: String,
    /// For the MACs of requests with an Idempotency-Key, and, derived from it, for the keyed hashes of
    /// codes and tokens: while one of those holds, it does not change.
    request_mac: String,
}

/// Holds the keys, seals and opens.
pub struct Sealer {
    current: i32,
    master: BTreeMap<i32, Key>,
    blind_index: hmac::Key,
    request_mac: hmac::Key,
    /// Derived from `request_mac`, for keyed hashes of codes and tokens that outsiders carry. A key of
    /// its own, so that nothing hashed with the one is ever taken for something of the other.
    tokens: hmac::Key,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("current", &self.current).finish_non_exhaustive()
    }
}

fn draw<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| SealError::Keys("no randomness".into()))?;
    Ok(bytes)
}

impl Sealer {
    /// Reads the keys from their text, the content of a key file.
    ///
    /// # Errors
    /// [`SealError::Keys`] for anything but 32 bytes each.
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        let file: KeyFile =
            serde_json::from_str(text).map_err(|error| SealError::Keys(error.to_string()))?;
        let key = |name: &str, text: &str| -> Result<Key, SealError> {
            let bytes = Zeroizing::new(
                STANDARD
                    .decode(text)
                    .map_err(|_| SealError::Keys(format!("{name} is not base64")))?,
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
        };
        let mut master = BTreeMap::new();
        for (version, text) in &file.master {
            let number = version.parse().map_err(|_| {
                SealError::Keys(format!("master key version {version:?} is no number"))
            })?;
            master.insert(number, key(&format!("master key {version}"), text)?);
        }
        if !master.contains_key(&file.current) {
            return Err(SealError::Keys(format!("there is no master key {}", file.current)));
        }
        let mac = |name: &str, text: &str| {
            key(name, text).map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
        };
        let request_mac = mac("request_mac", &file.request_mac)?;
        let tokens = hmac::sign(&request_mac, b"keyed hashes of codes and tokens");
        Ok(Self {
            current: file.current,
            master,
            blind_index: mac("blind_index", &file.blind_index)?,
            request_mac,
            tokens: hmac::Key::new(hmac::HMAC_SHA256, tokens.as_ref()),
        })
    }

    /// Reads the key file, or makes one (mode 0600) when `create` and there is none.
    ///
    /// # Errors
    /// [`SealError::KeyFile`] when it is missing, unreadable, or readable by others.
    pub fn from_file(path: &Path, create: bool) -> Result<Self, SealError> {
        let fail = |why: String| SealError::KeyFile { path: path.display().to_string(), why };
        if create && !path.exists() {
            let text = |bytes: [u8; 32]| STANDARD.encode(bytes);
            let file = KeyFile {
                current: 1,
                master: BTreeMap::from([("1".to_owned(), text(draw()?))]),
                blind_index: text(draw()?),
                request_mac: text(draw()?),
            };
            let body =
                serde_json::to_string_pretty(&file).map_err(|error| fail(error.to_string()))?;
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            match made {
                Ok(mut opened) => opened
                    .write_all(body.as_bytes())
                    .and_then(|()| opened.sync_all())
                    .map_err(|error| fail(error.to_string()))?,
                // Another process was faster: use its keys.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(fail(error.to_string())),
            }
        }
        let mode = path.metadata().map_err(|error| fail(error.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(fail("others can read it; run: chmod 600 on it".into()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        Self::from_text(&Zeroizing::new(text))
    }

    fn associated(tenant: TenantId, table: &str, id: &str) -> Vec<u8> {
        [tenant.0.as_bytes().as_slice(), table.as_bytes(), b"\0", id.as_bytes()].concat()
    }

    fn cipher(key: &[u8]) -> Result<LessSafeKey, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError::Opening)?;
        Ok(LessSafeKey::new(key))
    }

    /// Seals `content` for the row `id` of `table`.
    ///
    /// # Errors
    /// [`SealError::Keys`] when the system gives no randomness.
    pub fn seal(
        &self,
        tenant: TenantId,
        table: &str,
        id: &str,
        content: &[u8],
    ) -> Result<Sealed, SealError> {
        let aad = Self::associated(tenant, table, id);
        let lock = |key: &[u8], nonce: [u8; NONCE_LEN], content: &[u8]| {
            let mut sealed = content.to_vec();
            Self::cipher(key)?
                .seal_in_place_append_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(&aad),
                    &mut sealed,
                )
                .map_err(|_| SealError::Keys("sealing failed".into()))?;
            Ok::<_, SealError>(sealed)
        };
        let own: Key = Zeroizing::new(draw()?);
        let nonce = draw::<NONCE_LEN>()?;
        let ciphertext = lock(own.as_slice(), nonce, content)?;
        let master = self.master.get(&self.current).ok_or(SealError::Opening)?;
        let wrap_nonce = draw::<NONCE_LEN>()?;
        let mut wrapped_key = wrap_nonce.to_vec();
        wrapped_key.extend(lock(master.as_slice(), wrap_nonce, own.as_slice())?);
        Ok(Sealed { key_version: self.current, wrapped_key, nonce: nonce.to_vec(), ciphertext })
    }

    /// Opens an envelope of the row `id` of `table`.
    ///
    /// # Errors
    /// [`SealError::Opening`] for any envelope that is not exactly that row's.
    pub fn open(
        &self,
        tenant: TenantId,
        table: &str,
        id: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let aad = Self::associated(tenant, table, id);
        let unlock = |key: &[u8], nonce: &[u8], content: &[u8]| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Opening)?;
            let mut opened = Zeroizing::new(content.to_vec());
            let length = Self::cipher(key)?
                .open_in_place(nonce, Aad::from(&aad), &mut opened)
                .map_err(|_| SealError::Opening)?
                .len();
            opened.truncate(length);
            Ok::<_, SealError>(opened)
        };
        let master = self.master.get(&sealed.key_version).ok_or(SealError::Opening)?;
        let (nonce, wrapped) =
            sealed.wrapped_key.split_at_checked(NONCE_LEN).ok_or(SealError::Opening)?;
        let own = unlock(master.as_slice(), nonce, wrapped)?;
        unlock(&own, &sealed.nonce, &sealed.ciphertext)
    }

    /// A keyed hash of an identity: equal for the same person in one tenant, and of no use without
    /// the key.
    pub fn blind_index(&self, tenant: TenantId, identity: &SubjectIdentity) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.blind_index);
        context.update(tenant.0.as_bytes());
        match identity {
            SubjectIdentity::Personal(id) => {
                context.update(b"personal\0");
                context.update(Zeroizing::new(id.canonical()).as_bytes());
            }
            SubjectIdentity::Other { id, issuer } => {
                context.update(b"other\0");
                context.update(issuer.as_deref().unwrap_or("").as_bytes());
                context.update(b"\0");
                context.update(id.as_bytes());
            }
        }
        context.sign().as_ref().to_vec()
    }

    fn over(&self, purpose: &str, parts: &[&[u8]]) -> hmac::Context {
        let mut context = hmac::Context::with_key(&self.tokens);
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context
    }

    /// A keyed hash of what an outsider carries: a code, a link, the token of a form. One made for a
    /// `purpose` is none for another; whoever wants it bound to a tenant puts the tenant in.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
        self.over(purpose, parts).sign().as_ref().to_vec()
    }

    /// What is kept of a personal identity number that names somebody at an issuer, hyphen or not: the same for the same
    /// keys, and of no use without them.
    pub fn personal_subject(&self, issuer: &str, number: &str) -> String {
        let number: String = number.chars().filter(|it| *it != '-').collect();
        let mac = self.mac("staff subject", &[issuer.as_bytes(), number.as_bytes()]);
        format!("person:{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// Whether `given` is that keyed hash; takes as long whatever is given.
    pub fn mac_holds(&self, purpose: &str, parts: &[&[u8]], given: &[u8]) -> bool {
        let made = self.over(purpose, parts).sign();
        verify_slices_are_equal(made.as_ref(), given).is_ok()
    }

    /// Whether `given` is the first `length` bytes of that keyed hash; takes as long whatever is given.
    pub fn mac_begins(&self, purpose: &str, parts: &[&[u8]], given: &[u8], length: usize) -> bool {
        let made = self.over(purpose, parts).sign();
        let begin = made.as_ref().get(..length).unwrap_or(made.as_ref());
        verify_slices_are_equal(begin, given).is_ok()
    }

    /// A MAC over a request: of a request with an Idempotency-Key nothing else is kept.
    pub fn request_mac(&self, principal: Uuid, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.request_mac);
        for part in [principal.as_bytes().as_slice(), method.as_bytes(), path.as_bytes(), body] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer() -> Sealer {
        let dir = tempfile::tempdir().expect("a directory");
        Sealer::from_file(&dir.path().join("keys.json"), true).expect("keys")
    }

    #[test]
    fn an_envelope_opens_only_in_its_own_row() {
        let sealer = sealer();
        let (here, there) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
        let sealed = sealer.seal(here, "subjects", "a", b"content").expect("seals");
        assert_eq!(&**sealer.open(here, "subjects", "a", &sealed).expect("opens"), b"content");
        assert!(sealer.open(there, "subjects", "a", &sealed).is_err());
        assert!(sealer.open(here, "subjects", "b", &sealed).is_err());
        assert!(sealer.open(here, "answers", "a", &sealed).is_err());
        let mut changed = sealed.clone();
        changed.ciphertext[0] ^= 1;
        assert!(sealer.open(here, "subjects", "a", &changed).is_err());
        assert!(self::sealer().open(here, "subjects", "a", &sealed).is_err(), "other keys");
    }

    #[test]
    fn a_keyed_hash_is_for_one_purpose_and_its_own_parts() {
        let sealer = sealer();
        let made = sealer.mac("a", &[b"x", b"yz"]);
        assert!(sealer.mac_holds("a", &[b"x", b"yz"], &made));
        let others: [(&str, &[&[u8]]); 3] =
            [("b", &[b"x", b"yz"]), ("a", &[b"xy", b"z"]), ("a", &[b"x", b"yz", b""])];
        for (purpose, parts) in others {
            assert!(!sealer.mac_holds(purpose, parts, &made), "{purpose} {parts:?}");
        }
        assert!(!sealer.mac_holds("a", &[b"x", b"yz"], &made[1..]));
        assert_ne!(made, self::sealer().mac("a", &[b"x", b"yz"]), "other keys");
    }

    #[test]
    fn the_key_file_is_the_owners_alone_and_is_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("keys.json");
        assert!(Sealer::from_file(&path, false).is_err(), "made only when asked");
        let sealed = Sealer::from_file(&path, true)
            .and_then(|sealer| sealer.seal(TenantId(Uuid::nil()), "t", "1", b"x"))
            .expect("seals");
        assert_eq!(path.metadata().expect("is there").permissions().mode() & 0o777, 0o600);
        let again = Sealer::from_file(&path, true).expect("reads");
        assert!(again.open(TenantId(Uuid::nil()), "t", "1", &sealed).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("chmod");
        assert!(Sealer::from_file(&path, true).is_err());
    }

    #[test]
    fn short_and_default_keys_are_refused() {
        let zero = STANDARD.encode([0u8; 32]);
        let good = STANDARD.encode((0u8..32).collect::<Vec<_>>());
        let text = |master: &str| {
            format!(
                r#"{{"current":1,"master":{{"1":"{master}"}},"blind_index":"{good}","request_mac":"{good}"}}"#
            )
        };
        assert!(Sealer::from_text(&text(&good)).is_ok());
        assert!(Sealer::from_text(&text(&zero)).is_err());
        assert!(Sealer::from_text(&text("c2hvcnQ=")).is_err());
    }
}
