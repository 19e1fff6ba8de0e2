//! Sealing what must not lie in the clear: identities and kept answers.
//!
//! Envelopes: each content has a key of its own (AES-256-GCM), wrapped by a key of its tenant, wrapped by a
//! master key that has a version. So master keys change without touching what they protect, and a tenant
//! can be moved, or erased, by its key. The associated data names tenant, table and id: an envelope moved
//! to another row does not open. What was sealed before a tenant had a key, or in the first minute, is
//! wrapped by the master key itself.

mod masters;
mod rotate;
mod source;

use std::collections::{BTreeMap, HashMap};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::TenantId;
use domain::personnummer::SubjectIdentity;
use jiff::{SignedDuration, Timestamp};
use store::{Sealed, TenantKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use masters::{KeyText, Lasting, Masters, mac, parse};
use source::Mark;

pub use rotate::{
    KeyCount, Rotated, add_master, count_keys, drop_master, keep_keys, learn_all, rotate,
};
pub use source::{KeyCommand, KeyFile, KeySource, KeyVariable};

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
    /// An envelope does not open because its key was erased.
    #[error("its key was erased")]
    Erased,
}

/// The table whose name goes into the envelopes of identities.
pub const SUBJECTS: &str = "subjects";
/// What a tenant's key is bound to.
const TENANT_KEYS: &str = "tenant_keys";

/// How old a tenant's key is before anything is sealed with it: by then every instance knows it.
pub const SETTLED: SignedDuration = SignedDuration::from_secs(60);

type Key = Zeroizing<[u8; 32]>;

/// A tenant's keys, open.
#[derive(Default)]
struct TenantKeys {
    by_number: BTreeMap<i32, Key>,
    /// The one that seals: the newest that every instance knows.
    current: Option<i32>,
}

/// Holds the keys, seals and opens.
pub struct Sealer {
    masters: RwLock<Masters>,
    tenants: RwLock<HashMap<TenantId, TenantKeys>>,
    source: Option<Box<dyn KeySource>>,
    lasting: Lasting,
    blind_index: hmac::Key,
    request_mac: hmac::Key,
    /// Derived from `request_mac`, for keyed hashes of codes and tokens that outsiders carry. A key of
    /// its own, so that nothing hashed with the one is ever taken for something of the other.
    tokens: hmac::Key,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("current", &self.master_version()).finish_non_exhaustive()
    }
}

fn draw<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| SealError::Keys("no randomness".into()))?;
    Ok(bytes)
}

/// Nothing is left half done under these locks by a panic.
fn reading<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn writing<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

fn associated(tenant: TenantId, table: &str, id: &str) -> Vec<u8> {
    [tenant.0.as_bytes().as_slice(), table.as_bytes(), b"\0", id.as_bytes()].concat()
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, SealError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError::Opening)?;
    Ok(LessSafeKey::new(key))
}

fn lock(
    key: &[u8],
    nonce: [u8; NONCE_LEN],
    aad: &[u8],
    content: &[u8],
) -> Result<Vec<u8>, SealError> {
    let mut sealed = content.to_vec();
    cipher(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut sealed)
        .map_err(|_| SealError::Keys("sealing failed".into()))?;
    Ok(sealed)
}

fn unlock(
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    content: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Opening)?;
    let mut opened = Zeroizing::new(content.to_vec());
    let length = cipher(key)?
        .open_in_place(nonce, Aad::from(aad), &mut opened)
        .map_err(|_| SealError::Opening)?
        .len();
    opened.truncate(length);
    Ok(opened)
}

/// Wraps a key, with the nonce in front.
fn wrap_key(key: &[u8], aad: &[u8], own: &[u8]) -> Result<Vec<u8>, SealError> {
    let nonce = draw::<NONCE_LEN>()?;
    let mut wrapped = nonce.to_vec();
    wrapped.extend(lock(key, nonce, aad, own)?);
    Ok(wrapped)
}

fn unwrap_key(key: &[u8], aad: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if wrapped.is_empty() {
        return Err(SealError::Erased);
    }
    let (nonce, wrapped) = wrapped.split_at_checked(NONCE_LEN).ok_or(SealError::Opening)?;
    unlock(key, nonce, aad, wrapped)
}

impl Sealer {
    /// Reads the keys from their text, the content of a key file.
    ///
    /// # Errors
    /// [`SealError::Keys`] for anything but 32 bytes each.
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        Self::of(text, None, None)
    }

    /// Reads the keys from where they come from, and again when they change there.
    ///
    /// # Errors
    /// Those of the source; [`SealError::Keys`] for anything but 32 bytes each.
    pub fn from_source(source: Box<dyn KeySource>) -> Result<Self, SealError> {
        // Before they are read: what changes meanwhile is then seen to have changed.
        let mark = source.mark();
        let text = source.read()?;
        Self::of(&text, mark, Some(source))
    }

    fn of(
        text: &str,
        mark: Option<Mark>,
        source: Option<Box<dyn KeySource>>,
    ) -> Result<Self, SealError> {
        let (masters, lasting) = parse(text, mark)?;
        let request_mac = mac(&lasting.request_mac);
        let tokens = hmac::sign(&request_mac, b"keyed hashes of codes and tokens");
        Ok(Self {
            masters: RwLock::new(masters),
            tenants: RwLock::default(),
            source,
            blind_index: mac(&lasting.blind_index),
            request_mac,
            tokens: hmac::Key::new(hmac::HMAC_SHA256, tokens.as_ref()),
            lasting,
        })
    }

    /// Reads the key file, or makes one (mode 0600) when `create` and there is none.
    ///
    /// # Errors
    /// [`SealError::KeyFile`] when it is missing, unreadable, or readable by others.
    pub fn from_file(path: &Path, create: bool) -> Result<Self, SealError> {
        let fail = |why: String| SealError::KeyFile { path: path.display().to_string(), why };
        if create && !path.exists() {
            let body = KeyText::new()?.write()?;
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
        Self::from_source(Box::new(KeyFile(path.to_owned())))
    }

    /// The version of the master key that new keys are wrapped with.
    pub fn master_version(&self) -> i32 {
        reading(&self.masters).current
    }

    /// Reads the master keys again where they come from, if they changed there, or in any case.
    ///
    /// # Errors
    /// Those of the source; [`SealError::Keys`] when what must not change has changed.
    pub fn read_again(&self, in_any_case: bool) -> Result<bool, SealError> {
        let Some(source) = &self.source else { return Ok(false) };
        let mark = source.mark();
        if !in_any_case && (mark.is_none() || mark == reading(&self.masters).mark) {
            return Ok(false);
        }
        let (new, lasting) = parse(&source.read()?, mark)?;
        let same = lasting.blind_index == self.lasting.blind_index
            && lasting.request_mac == self.lasting.request_mac;
        if !same {
            return Err(SealError::Keys(
                "blind_index and request_mac must stay as they are; the new keys are not used"
                    .into(),
            ));
        }
        *writing(&self.masters) = new;
        Ok(true)
    }

    fn master(&self, version: i32) -> Option<Key> {
        let known = || reading(&self.masters).keys.get(&version).cloned();
        known().or_else(|| match self.read_again(false) {
            Ok(true) => known(),
            Ok(false) => None,
            Err(error) => {
                tracing::error!(%error, version, "a master key is not known");
                None
            }
        })
    }

    /// Takes in a tenant's keys as they are kept, and gives the numbers of those that no master key at
    /// hand opens. What is new seals once it is settled.
    pub fn learn(&self, tenant: TenantId, kept: &[TenantKey], now: Timestamp) -> Vec<i32> {
        let (mut known, mut unknown) = (TenantKeys::default(), Vec::new());
        for key in kept {
            let before = reading(&self.tenants)
                .get(&tenant)
                .and_then(|keys| keys.by_number.get(&key.number).cloned());
            // A key is the same however it is wrapped.
            match before.or_else(|| self.unwrap_tenant_key(tenant, key).ok()) {
                Some(own) => {
                    if now.duration_since(key.made_at) >= SETTLED {
                        known.current = known.current.max(Some(key.number));
                    }
                    known.by_number.insert(key.number, own);
                }
                None => unknown.push(key.number),
            }
        }
        writing(&self.tenants).insert(tenant, known);
        unknown
    }

    /// Whether a tenant's key opens with a master key at hand.
    pub fn opens_tenant_key(&self, tenant: TenantId, key: &TenantKey) -> bool {
        self.unwrap_tenant_key(tenant, key).is_ok()
    }

    fn unwrap_tenant_key(&self, tenant: TenantId, key: &TenantKey) -> Result<Key, SealError> {
        let master = self.master(key.master_version).ok_or(SealError::Opening)?;
        let aad = associated(tenant, TENANT_KEYS, &key.number.to_string());
        let own = unwrap_key(master.as_slice(), &aad, &key.wrapped_key)?;
        let own: [u8; 32] = own.as_slice().try_into().map_err(|_| SealError::Opening)?;
        Ok(Zeroizing::new(own))
    }

    fn wrap_tenant_key(
        &self,
        tenant: TenantId,
        number: i32,
        own: &Key,
        made_at: Timestamp,
    ) -> Result<TenantKey, SealError> {
        let master_version = self.master_version();
        let master = self.master(master_version).ok_or(SealError::Opening)?;
        let aad = associated(tenant, TENANT_KEYS, &number.to_string());
        let wrapped_key = wrap_key(master.as_slice(), &aad, own.as_slice())?;
        Ok(TenantKey { number, master_version, wrapped_key, made_at })
    }

    /// A new key for a tenant, wrapped, to be kept.
    ///
    /// # Errors
    /// [`SealError::Keys`] when the system gives no randomness.
    pub fn new_tenant_key(
        &self,
        tenant: TenantId,
        number: i32,
        now: Timestamp,
    ) -> Result<TenantKey, SealError> {
        self.wrap_tenant_key(tenant, number, &Zeroizing::new(draw()?), now)
    }

    /// A tenant's key as the current master key wraps it; `None` where it does already.
    ///
    /// # Errors
    /// [`SealError::Opening`] when its master key is not at hand.
    pub fn rewrap_tenant_key(
        &self,
        tenant: TenantId,
        key: &TenantKey,
    ) -> Result<Option<TenantKey>, SealError> {
        if key.master_version == self.master_version() {
            return Ok(None);
        }
        let own = self.unwrap_tenant_key(tenant, key)?;
        self.wrap_tenant_key(tenant, key.number, &own, key.made_at).map(Some)
    }

    /// The key that wraps keys of a version: see [`Sealed::key_version`].
    fn wrapping(&self, tenant: TenantId, version: i32) -> Option<Key> {
        if version > 0 {
            return self.master(version);
        }
        let number = version.checked_neg()?;
        reading(&self.tenants).get(&tenant)?.by_number.get(&number).cloned()
    }

    /// The version that new envelopes of a tenant are wrapped with.
    fn sealing_version(&self, tenant: TenantId) -> i32 {
        let own = reading(&self.tenants).get(&tenant).and_then(|keys| keys.current);
        own.map_or_else(|| self.master_version(), |number| -number)
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
        let aad = associated(tenant, table, id);
        let own: Key = Zeroizing::new(draw()?);
        let nonce = draw::<NONCE_LEN>()?;
        let ciphertext = lock(own.as_slice(), nonce, &aad, content)?;
        let key_version = self.sealing_version(tenant);
        let wrapping = self.wrapping(tenant, key_version).ok_or(SealError::Opening)?;
        let wrapped_key = wrap_key(wrapping.as_slice(), &aad, own.as_slice())?;
        Ok(Sealed { key_version, wrapped_key, nonce: nonce.to_vec(), ciphertext })
    }

    /// Opens an envelope of the row `id` of `table`.
    ///
    /// # Errors
    /// [`SealError::Opening`] for any envelope that is not exactly that row's; [`SealError::Erased`] for
    /// one whose key is gone.
    pub fn open(
        &self,
        tenant: TenantId,
        table: &str,
        id: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if sealed.wrapped_key.is_empty() {
            return Err(SealError::Erased);
        }
        let aad = associated(tenant, table, id);
        let wrapping = self.wrapping(tenant, sealed.key_version).ok_or(SealError::Opening)?;
        let own = unwrap_key(wrapping.as_slice(), &aad, &sealed.wrapped_key)?;
        unlock(&own, &sealed.nonce, &aad, &sealed.ciphertext)
    }

    /// The key of an envelope as the key of this version wraps it, without opening what it seals.
    ///
    /// # Errors
    /// [`SealError::Opening`] when either key is not at hand, or it is not exactly that row's.
    pub fn rewrap(
        &self,
        tenant: TenantId,
        (table, id): (&str, &str),
        (version, wrapped): (i32, &[u8]),
        to: i32,
    ) -> Result<Vec<u8>, SealError> {
        let aad = associated(tenant, table, id);
        let before = self.wrapping(tenant, version).ok_or(SealError::Opening)?;
        let after = self.wrapping(tenant, to).ok_or(SealError::Opening)?;
        let own = unwrap_key(before.as_slice(), &aad, wrapped)?;
        wrap_key(after.as_slice(), &aad, &own)
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
    use std::os::unix::fs::PermissionsExt as _;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

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
    fn a_tenants_key_seals_once_it_is_settled_and_goes_from_master_to_master() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("keys.json");
        let (one, two) = (
            Sealer::from_file(&path, true).expect("keys"),
            Sealer::from_file(&path, false).expect("keys"),
        );
        let tenant = TenantId(Uuid::now_v7());
        let made = Timestamp::UNIX_EPOCH;
        let direct = one.seal(tenant, "subjects", "a", b"before").expect("seals");
        let key = one.new_tenant_key(tenant, 1, made).expect("a key");
        assert!(one.learn(tenant, std::slice::from_ref(&key), made).is_empty());
        assert_eq!(one.seal(tenant, "subjects", "a", b"x").expect("seals").key_version, 1);
        let later = made + SETTLED;
        assert!(one.learn(tenant, std::slice::from_ref(&key), later).is_empty());
        let sealed = one.seal(tenant, "subjects", "a", b"content").expect("seals");
        assert_eq!((direct.key_version, sealed.key_version), (1, -1));
        assert!(two.open(tenant, "subjects", "a", &sealed).is_err(), "it does not know the key");
        assert!(two.learn(tenant, std::slice::from_ref(&key), made).is_empty());
        assert_eq!(&**two.open(tenant, "subjects", "a", &sealed).expect("opens"), b"content");

        // A new master key; one wraps the tenant's key anew, the other reads it when it meets it.
        assert_eq!(add_master(&KeyFile(path.clone())).expect("a version"), 2);
        assert!(one.read_again(false).expect("reads"));
        let rewrapped = one.rewrap_tenant_key(tenant, &key).expect("opens").expect("another");
        assert_eq!(rewrapped.master_version, 2);
        assert_eq!(one.rewrap_tenant_key(tenant, &rewrapped).expect("opens"), None);
        let new = Sealer::from_file(&path, false).expect("keys");
        assert!(new.learn(tenant, std::slice::from_ref(&rewrapped), later).is_empty());
        assert_eq!(&**new.open(tenant, "subjects", "a", &sealed).expect("opens"), b"content");
        let another = one.new_tenant_key(tenant, 2, made).expect("a key");
        assert!(two.learn(tenant, &[rewrapped, another], later).is_empty(), "read again");

        // What the master key wrapped itself goes below the tenant's.
        let at = ("subjects", "a");
        let wrapped = one.rewrap(tenant, at, (1, &direct.wrapped_key), -1).expect("opens");
        let moved = Sealed { key_version: -1, wrapped_key: wrapped, ..direct };
        assert_eq!(&**two.open(tenant, "subjects", "a", &moved).expect("opens"), b"before");
        let erased = Sealed { wrapped_key: Vec::new(), ..moved };
        assert!(matches!(two.open(tenant, "subjects", "a", &erased), Err(SealError::Erased)));
    }

    #[test]
    fn keys_come_from_a_program_that_unwraps_them() {
        let dir = tempfile::tempdir().expect("a directory");
        let plain = dir.path().join("plain.json");
        Sealer::from_file(&plain, true).expect("keys");
        // What lies there is of no use without the program.
        let file = dir.path().join("keys.enc");
        let text = std::fs::read(&plain).expect("keys");
        std::fs::write(&file, STANDARD.encode(text)).expect("writes");
        let command = |words: &[&str]| KeyCommand {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            file: file.clone(),
        };
        let unwrapped = Sealer::from_source(Box::new(command(&["base64", "-d"]))).expect("keys");
        let sealed = unwrapped.seal(TenantId(Uuid::nil()), "t", "1", b"x").expect("seals");
        let same = Sealer::from_file(&plain, false).expect("keys");
        assert!(same.open(TenantId(Uuid::nil()), "t", "1", &sealed).is_ok());
        for wrong in [&["cat"][..], &["false"], &["/no/such/program"], &[]] {
            assert!(Sealer::from_source(Box::new(command(wrong))).is_err(), "{wrong:?}");
        }
        assert!(add_master(&command(&["base64", "-d"])).is_err(), "it cannot write there");
    }

    #[test]
    fn what_must_not_change_does_not_change_by_reading_again() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("keys.json");
        let sealer = Sealer::from_file(&path, true).expect("keys");
        let other = dir.path().join("other.json");
        Sealer::from_file(&other, true).expect("keys");
        std::fs::rename(other, &path).expect("renames");
        assert!(sealer.read_again(true).is_err());
        assert_eq!(sealer.master_version(), 1);
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
