//! Keys: whoever signs has a pair, whoever verifies has the public part.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::digest::sha256;

/// Why something is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongKey {
    /// Only Ed25519 is spoken: `kty` OKP, `crv` Ed25519.
    #[error("not an Ed25519 key")]
    NotEd25519,
    /// `x` is not 32 bytes in base64url.
    #[error("x is not 32 bytes in base64url")]
    NotAKey,
    /// `kid` is not the key's thumbprint.
    #[error("kid is not the thumbprint of the key")]
    WrongId,
    /// The system gave no randomness, or what was kept is no key.
    #[error("the system's cryptography failed")]
    Crypto,
}

/// A public key as JSON Web Key (RFC 7517, RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwk {
    /// `OKP`.
    #[schema(max_length = 16, example = "OKP")]
    pub kty: String,
    /// `Ed25519`.
    #[schema(max_length = 16, example = "Ed25519")]
    pub crv: String,
    /// The key, base64url without padding.
    #[schema(
        min_length = 43,
        max_length = 43,
        example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    )]
    pub x: String,
    /// Its id: the thumbprint by RFC 7638. May be left out by whoever registers a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 43, example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    pub kid: Option<String>,
    /// What it is for: `sig`.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, example = "sig")]
    pub used_for: Option<String>,
    /// The algorithm: `EdDSA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, example = "EdDSA")]
    pub alg: Option<String>,
}

/// A key that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// [`WrongKey::NotAKey`] for anything but 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WrongKey> {
        bytes.try_into().map(Self).map_err(|_| WrongKey::NotAKey)
    }

    /// The key of a JSON Web Key.
    ///
    /// # Errors
    /// [`WrongKey`]: which part of it is wrong.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, WrongKey> {
        let other =
            |given: &Option<String>, right: &str| given.as_deref().is_some_and(|g| g != right);
        if jwk.kty != "OKP" || jwk.crv != "Ed25519" || other(&jwk.used_for, "sig") {
            return Err(WrongKey::NotEd25519);
        }
        // The name of RFC 8037, and that of RFC 9864 for the same.
        if other(&jwk.alg, "EdDSA") && other(&jwk.alg, "Ed25519") {
            return Err(WrongKey::NotEd25519);
        }
        let bytes = URL_SAFE_NO_PAD.decode(&jwk.x).map_err(|_| WrongKey::NotAKey)?;
        let key = Self::from_bytes(&bytes)?;
        if other(&jwk.kid, &key.id()) { Err(WrongKey::WrongId) } else { Ok(key) }
    }

    /// The key as JSON Web Key.
    #[must_use]
    pub fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: URL_SAFE_NO_PAD.encode(self.0),
            kid: Some(self.id()),
            used_for: Some("sig".to_owned()),
            alg: Some("EdDSA".to_owned()),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// RFC 7638 and RFC 8037: the members in this order and nothing between them.
    fn hash(&self) -> Vec<u8> {
        let x = URL_SAFE_NO_PAD.encode(self.0);
        sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes())
    }

    /// Its id: the thumbprint of the JSON Web Key.
    #[must_use]
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.hash())
    }

    /// The same thumbprint in groups of hexadecimal digits, to be read aloud over the telephone.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let group = |pair: &[u8]| pair.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
        self.hash().chunks(2).map(group).collect::<Vec<_>>().join(" ")
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

/// A key that signs. Never shown.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A new key, and what to keep of it: PKCS#8.
    ///
    /// # Errors
    /// [`WrongKey::Crypto`] when the system gives no randomness.
    pub fn generate() -> Result<(Self, Zeroizing<Vec<u8>>), WrongKey> {
        let pair = Ed25519KeyPair::generate().map_err(|_| WrongKey::Crypto)?;
        let kept = pair.to_pkcs8().map_err(|_| WrongKey::Crypto)?;
        Ok((Self::of(pair)?, Zeroizing::new(kept.as_ref().to_vec())))
    }

    /// The key that was kept.
    ///
    /// # Errors
    /// [`WrongKey::Crypto`] when it is none.
    pub fn from_pkcs8(kept: &[u8]) -> Result<Self, WrongKey> {
        Self::of(Ed25519KeyPair::from_pkcs8(kept).map_err(|_| WrongKey::Crypto)?)
    }

    /// The key of a seed, as JSON Web Keys have it in `d`.
    ///
    /// # Errors
    /// [`WrongKey::Crypto`] when it is none.
    pub fn from_seed(seed: &[u8]) -> Result<Self, WrongKey> {
        Self::of(Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| WrongKey::Crypto)?)
    }

    fn of(pair: Ed25519KeyPair) -> Result<Self, WrongKey> {
        let public = PublicKey::from_bytes(pair.public_key().as_ref())?;
        Ok(Self { pair, public })
    }

    /// Its public part.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The signature over `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.3.
    #[test]
    fn an_id_is_the_thumbprint_of_the_standard() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let jwk = |change: fn(&mut Jwk)| {
            let mut jwk = Jwk {
                kty: "OKP".to_owned(),
                crv: "Ed25519".to_owned(),
                x: x.to_owned(),
                kid: None,
                used_for: None,
                alg: None,
            };
            change(&mut jwk);
            PublicKey::from_jwk(&jwk)
        };
        let key = jwk(|_| {}).expect("a key");
        assert_eq!(key.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert!(key.fingerprint().starts_with("90FA CAFE A9B1 5566 "), "{}", key.fingerprint());
        assert_eq!(key.fingerprint().len(), 16 * 5 - 1);
        assert_eq!(PublicKey::from_jwk(&key.jwk()), Ok(key));
        assert_eq!(jwk(|jwk| jwk.kid = Some("other".to_owned())), Err(WrongKey::WrongId));
        assert_eq!(jwk(|jwk| jwk.crv = "X25519".to_owned()), Err(WrongKey::NotEd25519));
        assert_eq!(jwk(|jwk| jwk.used_for = Some("enc".to_owned())), Err(WrongKey::NotEd25519));
        assert_eq!(jwk(|jwk| jwk.alg = Some("RS256".to_owned())), Err(WrongKey::NotEd25519));
        assert_eq!(jwk(|jwk| jwk.x.truncate(40)), Err(WrongKey::NotAKey));
    }

    #[test]
    fn a_kept_key_signs_as_before_and_is_never_shown() {
        let (key, kept) = SigningKey::generate().expect("a key");
        let again = SigningKey::from_pkcs8(&kept).expect("the same key");
        assert!(key.public().verifies(b"words", &again.sign(b"words")));
        assert!(!key.public().verifies(b"word", &again.sign(b"words")));
        assert!(!key.public().verifies(b"words", b"short"));
        assert!(SigningKey::from_pkcs8(&kept[1..]).is_err());
        assert!(format!("{key:?}").contains("public"));
    }
}
