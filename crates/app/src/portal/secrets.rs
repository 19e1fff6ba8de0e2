//! What a contact carries: the token of a link, a one-time code, the code word, the cookie. The database
//! has none of them, and nothing in it makes one.

use std::num::NonZeroU32;

use aws_lc_rs::{pbkdf2, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{CodeId, CounterpartyId, LinkId, SessionId, StaffId, TenantId};
use domain::portal::locator;
use jiff::Timestamp;
use store::{KeptWord, Sealed};
use tokio::sync::Semaphore;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::sealing::Sealer;

/// What the keyed hashes are for.
const LINKS: &str = "portal link";
const CODES: &str = "portal one-time code";
const LOCATORS: &str = "portal letter locator";
const WORDS: &str = "portal code word";
/// What the envelope of a cookie is bound to.
const COOKIES: &str = "portal_sessions";
/// The length of an id, and of what a token is signed with, in bytes.
const ID: usize = 16;
const SIGNATURE: usize = 16;
/// How often a code word is stretched: what OWASP asks of PBKDF2-HMAC-SHA256.
const ROUNDS: u32 = 600_000;
/// The parts of a cookie, in bytes: which master key, the wrapped key, the nonce; the rest is sealed.
const KEY_VERSION: usize = 4;
const WRAPPED: usize = 60;
const NONCE: usize = 12;

/// How many code words are stretched at once: each takes a core for a fraction of a second.
pub(crate) static STRETCHING: Semaphore = Semaphore::const_new(2);

/// Random bytes.
///
/// # Errors
/// [`Error::Internal`] when the system gives none.
pub(crate) fn draw<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Error::Internal("no randomness".into()))?;
    Ok(bytes)
}

/// What a code word becomes before it is compared or kept.
fn stretched(
    sealer: &Sealer,
    tenant: TenantId,
    counterparty: CounterpartyId,
    (word, salt, rounds): (&str, &[u8], u32),
) -> Vec<u8> {
    // Keyed before it is stretched: without the key file not even a guess can be tried.
    let parts = [tenant.0.as_bytes().as_slice(), counterparty.0.as_bytes(), word.as_bytes()];
    let keyed = Zeroizing::new(sealer.mac(WORDS, &parts));
    let rounds = NonZeroU32::new(rounds).unwrap_or(NonZeroU32::MIN);
    let mut out = vec![0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, &keyed, &mut out);
    out
}

/// Keeps a code word. Takes its time: not on a thread that others wait for.
///
/// # Errors
/// [`Error::Internal`] when the system gives no randomness.
pub(crate) fn keep_word(
    sealer: &Sealer,
    (tenant, counterparty): (TenantId, CounterpartyId),
    word: &str,
    (by, now): (StaffId, Timestamp),
) -> Result<KeptWord, Error> {
    let salt = draw::<16>()?.to_vec();
    let hash = stretched(sealer, tenant, counterparty, (word, &salt, ROUNDS));
    Ok(KeptWord { salt, rounds: ROUNDS, hash, set_at: now, set_by: by })
}

/// Whether a word is the one that is kept. Takes as long where none is.
pub(crate) fn word_holds(
    sealer: &Sealer,
    (tenant, counterparty): (TenantId, CounterpartyId),
    word: &str,
    kept: Option<&KeptWord>,
) -> bool {
    let (salt, rounds) = kept.map_or((&[0_u8; 16][..], ROUNDS), |kept| (&kept.salt, kept.rounds));
    let hash = stretched(sealer, tenant, counterparty, (word, salt, rounds));
    let same = |kept: &KeptWord| {
        aws_lc_rs::constant_time::verify_slices_are_equal(&hash, &kept.hash).is_ok()
    };
    kept.is_some_and(same)
}

impl Sealer {
    /// The token of a link: its id, signed.
    pub fn link_token(&self, tenant: TenantId, link: LinkId) -> String {
        let mac = self.mac(LINKS, &[tenant.0.as_bytes(), link.0.as_bytes()]);
        let signature = mac.get(..SIGNATURE).unwrap_or(&mac);
        URL_SAFE_NO_PAD.encode([link.0.as_bytes().as_slice(), signature].concat())
    }

    /// The link of a token; `None` for one that we did not sign for this tenant.
    pub fn read_link_token(&self, tenant: TenantId, token: &str) -> Option<LinkId> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, signature) = bytes.split_at_checked(ID)?;
        let mac = self.mac(LINKS, &[tenant.0.as_bytes(), id]);
        let own = mac.get(..SIGNATURE)?;
        aws_lc_rs::constant_time::verify_slices_are_equal(own, signature).ok()?;
        Some(LinkId(Uuid::from_slice(id).ok()?))
    }

    /// What is kept of a one-time code.
    pub(crate) fn code_hash(&self, tenant: TenantId, id: CodeId, code: &str) -> Vec<u8> {
        self.mac(CODES, &[tenant.0.as_bytes(), id.0.as_bytes(), code.as_bytes()])
    }

    /// Whether a code is the one that is kept.
    pub(crate) fn code_holds(&self, tenant: TenantId, id: CodeId, code: &str, kept: &[u8]) -> bool {
        self.mac_holds(CODES, &[tenant.0.as_bytes(), id.0.as_bytes(), code.as_bytes()], kept)
    }

    /// By what a letter's code is found.
    pub(crate) fn code_locator(&self, tenant: TenantId, code: &str) -> Vec<u8> {
        self.mac(LOCATORS, &[tenant.0.as_bytes(), locator(code).as_bytes()])
    }

    /// The value of a session's cookie: sealed, so that who reads the database can make none.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system gives no randomness.
    pub(crate) fn seal_cookie(&self, tenant: TenantId, id: SessionId) -> Result<String, Error> {
        let sealed = self
            .seal(tenant, COOKIES, "cookie", id.0.as_bytes())
            .map_err(|error| Error::Internal(error.to_string()))?;
        let version = sealed.key_version.to_be_bytes();
        let parts = [&version[..], &sealed.wrapped_key, &sealed.nonce, &sealed.ciphertext];
        Ok(URL_SAFE_NO_PAD.encode(parts.concat()))
    }

    /// The session of a cookie; `None` for anything that is no cookie of this tenant.
    pub(crate) fn open_cookie(&self, tenant: TenantId, value: &str) -> Option<SessionId> {
        let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (version, rest) = bytes.split_at_checked(KEY_VERSION)?;
        let (wrapped_key, rest) = rest.split_at_checked(WRAPPED)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE)?;
        let sealed = Sealed {
            key_version: i32::from_be_bytes(version.try_into().ok()?),
            wrapped_key: wrapped_key.to_vec(),
            nonce: nonce.to_vec(),
            ciphertext: ciphertext.to_vec(),
        };
        let id = self.open(tenant, COOKIES, "cookie", &sealed).ok()?;
        Some(SessionId(Uuid::from_slice(&id).ok()?))
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
    fn a_token_is_ours_and_this_tenants() {
        let sealer = sealer();
        let (here, there) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
        let link = LinkId(Uuid::now_v7());
        let token = sealer.link_token(here, link);
        assert_eq!(token.len(), 43, "{token}");
        assert_eq!(sealer.read_link_token(here, &token), Some(link));
        assert_eq!(sealer.read_link_token(there, &token), None);
        assert_eq!(self::sealer().read_link_token(here, &token), None, "other keys");
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'Q' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(sealer.read_link_token(here, &changed), None, "{at}");
        }
        for none in ["", "x", &token[..42], &format!("{token}AAAA")] {
            assert_eq!(sealer.read_link_token(here, none), None, "{none}");
        }
    }

    #[test]
    fn a_cookie_opens_for_its_tenant_and_not_when_it_is_changed() {
        let sealer = sealer();
        let (here, there) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
        let id = SessionId(Uuid::now_v7());
        let cookie = sealer.seal_cookie(here, id).expect("a cookie");
        assert_eq!(sealer.open_cookie(here, &cookie), Some(id));
        assert_eq!(sealer.open_cookie(there, &cookie), None);
        assert_eq!(sealer.open_cookie(here, &cookie[4..]), None);
        assert_eq!(sealer.open_cookie(here, &id.to_string()), None);
    }

    #[test]
    fn a_code_word_is_kept_so_that_only_it_fits() {
        let sealer = sealer();
        let of = (TenantId(Uuid::now_v7()), CounterpartyId(Uuid::now_v7()));
        let other = (of.0, CounterpartyId(Uuid::now_v7()));
        let by = (StaffId(Uuid::now_v7()), Timestamp::UNIX_EPOCH);
        let kept = keep_word(&sealer, of, "röda stugan", by).expect("kept");
        assert!(word_holds(&sealer, of, "röda stugan", Some(&kept)));
        assert!(!word_holds(&sealer, of, "röda stugor", Some(&kept)));
        assert!(!word_holds(&sealer, other, "röda stugan", Some(&kept)));
        assert!(!word_holds(&sealer, of, "röda stugan", None));
        assert!(!String::from_utf8_lossy(&kept.hash).contains("stugan"));
    }
}
