//! The built-in issuer: how does a service without an identity provider make its first tokens?
//!
//! Its key is made on first use and lies in the data directory. It serves `demo` and the `token` command, and stops
//! counting as soon as a real issuer is registered.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest;
use aws_lc_rs::rand;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use zeroize::Zeroizing;

use crate::issuer::Algorithm;
use crate::jwks::VerifyingKey;
use crate::token::{self, Parsed, TokenType};
use crate::{Identity, LOCAL_AUDIENCE, LOCAL_ISSUER, TokenError, claims, is_slug};

const FILE_NAME: &str = "local-issuer.pk8";
/// The claim that names the tenant.
const TENANT_CLAIM: &str = "tenant";
const NAME_CLAIM: &str = "name";
/// The clock that signs is the clock that verifies, save for a correction in between.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
/// A key file is some 83 bytes.
const MAX_FILE: u64 = 4096;

/// The built-in issuer with its key.
pub struct LocalIssuer {
    key_pair: Ed25519KeyPair,
    key: VerifyingKey,
    kid: String,
}

/// Why the local issuer cannot be used, or will not sign.
#[derive(Debug, thiserror::Error)]
pub enum LocalIssuerError {
    /// The key file cannot be read or made.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others could read the key, and so sign as anybody.
    #[error("{path} can be read by others (mode {mode:03o}); run: chmod 600 {path}", path = .path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file is no key.
    #[error("{path} is not an Ed25519 key in PKCS#8; restore it, or remove it and let a new one be made", path = .path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// No key could be made.
    #[error("the system's cryptography failed")]
    Crypto,
    /// The subject would be refused at verification.
    #[error("the subject must be 1 to 255 characters without control characters")]
    InvalidSubject,
    /// The tenant would be refused at verification.
    #[error("the tenant must be a slug (a-z, 0-9 and -, at most 63)")]
    InvalidTenant,
    /// The time to live is nil or beyond the calendar.
    #[error("the time to live must be at least a second and end within the calendar")]
    InvalidTtl,
}

impl LocalIssuer {
    /// Opens the key in the data directory, or makes it.
    ///
    /// # Errors
    /// When the file cannot be read or made, is no key, or can be read by anybody but its owner.
    pub fn open(data_dir: &Path) -> Result<Self, LocalIssuerError> {
        let path = data_dir.join(FILE_NAME);
        let pkcs8 = match read(&path) {
            Err(LocalIssuerError::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                create(data_dir, &path)?;
                // Read back, and not kept from before: another process may have been first.
                read(&path)?
            }
            other => other?,
        };
        let key_pair = Ed25519KeyPair::from_pkcs8(&pkcs8)
            .map_err(|_| LocalIssuerError::NotAKey { path: path.clone() })?;
        let key = VerifyingKey::ed25519(key_pair.public_key().as_ref());
        let kid = thumbprint(key_pair.public_key().as_ref());
        Ok(Self { key_pair, key, kid })
    }

    /// The id of the key: its thumbprint (RFC 7638).
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.kid
    }

    /// Signs an access token (RFC 9068) that begins now.
    ///
    /// # Errors
    /// When the token would be refused at verification.
    pub fn sign(
        &self,
        subject: &str,
        tenant: &str,
        name: Option<&str>,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<String, LocalIssuerError> {
        if !claims::is_subject(subject) {
            return Err(LocalIssuerError::InvalidSubject);
        }
        if !is_slug(tenant) {
            return Err(LocalIssuerError::InvalidTenant);
        }
        let expires_at = SignedDuration::try_from(ttl)
            .ok()
            .filter(|ttl| ttl.as_secs() >= 1)
            .and_then(|ttl| now.checked_add(ttl).ok())
            .ok_or(LocalIssuerError::InvalidTtl)?;
        let mut id = [0_u8; 16];
        rand::fill(&mut id).map_err(|_| LocalIssuerError::Crypto)?;

        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid});
        let mut payload = json!({
            "iss": LOCAL_ISSUER,
            "aud": LOCAL_AUDIENCE,
            "sub": subject,
            TENANT_CLAIM: tenant,
            "iat": now.as_second(),
            "exp": expires_at.as_second(),
            "jti": URL_SAFE_NO_PAD.encode(id),
        });
        if let (Some(name), Some(payload)) = (name, payload.as_object_mut()) {
            payload.insert(NAME_CLAIM.to_owned(), name.into());
        }
        let encode = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&payload));
        let signature = URL_SAFE_NO_PAD.encode(self.key_pair.sign(signed.as_bytes()).as_ref());
        Ok(format!("{signed}.{signature}"))
    }

    /// Verifies a token of this issuer.
    ///
    /// # Errors
    /// Why the token is refused.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, TokenError> {
        self.verify_parsed(&token::parse(token)?, now)
    }

    pub(crate) fn verify_parsed(
        &self,
        parsed: &Parsed<'_>,
        now: Timestamp,
    ) -> Result<Identity, TokenError> {
        let claims = &parsed.claims;
        if claims.get("iss").and_then(serde_json::Value::as_str) != Some(LOCAL_ISSUER) {
            return Err(TokenError::UnknownIssuer);
        }
        if parsed.algorithm != Algorithm::EdDSA {
            return Err(TokenError::UnacceptableAlgorithm);
        }
        if parsed.token_type != TokenType::AccessToken {
            return Err(TokenError::IdToken);
        }
        if parsed.kid.as_deref() != Some(self.kid.as_str()) {
            return Err(TokenError::UnknownKey);
        }
        self.key.verify(parsed.signed, parsed.signature)?;
        claims::refuse_other_purposes(claims)?;
        claims::check_audience(claims, std::iter::once(LOCAL_AUDIENCE))?;
        // No longest lifetime: whoever holds the data directory decides that himself.
        let expires_at = claims::check_times(claims, now, LEEWAY, None)?;
        Ok(Identity {
            issuer: LOCAL_ISSUER.to_owned(),
            subject: claims::subject(claims)?,
            personal: false,
            tenant: claims::any_tenant(claims, TENANT_CLAIM)?,
            name: claims::name(claims, NAME_CLAIM),
            email: None,
            groups: None,
            expires_at,
        })
    }

    pub(crate) fn leeway() -> SignedDuration {
        LEEWAY
    }
}

/// The key must not reach a log by way of a derived `Debug`.
impl std::fmt::Debug for LocalIssuer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LocalIssuer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, LocalIssuerError> {
    let io = |source| LocalIssuerError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    // Of the open file and not of its name, which could lead elsewhere a moment later.
    let metadata = file.metadata().map_err(io)?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(LocalIssuerError::TooOpen { path: path.to_owned(), mode });
    }
    if !metadata.is_file() || metadata.len() > MAX_FILE {
        return Err(LocalIssuerError::NotAKey { path: path.to_owned() });
    }
    // Wide enough from the start: a vector that grows leaves copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize));
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Makes the key file, whole or not at all: written under another name, brought to the disk, then linked to its own,
/// which fails if that exists. So a crash leaves no half key, and of two processes the first one wins.
fn create(data_dir: &Path, path: &Path) -> Result<(), LocalIssuerError> {
    let key_pair = Ed25519KeyPair::generate().map_err(|_| LocalIssuerError::Crypto)?;
    let pkcs8 = key_pair.to_pkcs8().map_err(|_| LocalIssuerError::Crypto)?;
    let mut unique = [0_u8; 8];
    rand::fill(&mut unique).map_err(|_| LocalIssuerError::Crypto)?;
    let draft = data_dir.join(format!(".{FILE_NAME}.{}", URL_SAFE_NO_PAD.encode(unique)));

    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(pkcs8.as_ref())?;
        file.sync_all()?;
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    })();
    // The draft is a second name of the key, or waste.
    let removed = fs::remove_file(&draft);
    written
        .and(removed)
        .and_then(|()| File::open(data_dir)?.sync_all())
        .map_err(|source| LocalIssuerError::Io { path: path.to_owned(), source })
}

/// RFC 7638 and RFC 8037: the members in this order and nothing between them.
fn thumbprint(public_key: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public_key);
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.3.
    #[test]
    fn the_thumbprint_is_the_one_of_the_standard() {
        let public = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(thumbprint(&public), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
