//! Which issuers are registered, and what may each of them say?

use std::collections::HashSet;

use serde::Deserialize;
use ureq::http::Uri;

use crate::mapping::{Claims, Mapping, Preset};
use crate::{LOCAL_ISSUER, is_slug};

/// The signature algorithms that are accepted at all. No symmetric one: with those, whoever can verify can sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Algorithm {
    /// Ed25519.
    EdDSA,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// RSA PKCS#1 v1.5 with SHA-256, 2048 bits or more.
    RS256,
}

impl Algorithm {
    /// The algorithm of that exact name; `alg` is case-sensitive.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "EdDSA" => Some(Self::EdDSA),
            "ES256" => Some(Self::ES256),
            "RS256" => Some(Self::RS256),
            _ => None,
        }
    }
}

/// The audiences that mean us: one, or several while a name changes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One name.
    One(String),
    /// Several names, each of which will do.
    Several(Vec<String>),
}

impl Audience {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}

/// The tenants an issuer may speak for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Tenants {
    /// Always this one; no claim is read.
    Fixed(String),
    /// The one a claim names, if it is among the allowed.
    Claim(TenantClaim),
}

/// Where a token names its tenant, and which ones its issuer may speak for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantClaim {
    /// The name of the claim, at the top level of the token.
    pub claim: String,
    /// The slugs it may hold.
    pub allowed: Vec<String>,
}

/// One registered issuer, as it stands in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// `iss`, letter for letter; also where the keys are discovered.
    pub issuer: String,
    /// What `aud` must name.
    pub audience: Audience,
    /// Where the keys are; without it `{issuer}/.well-known/openid-configuration` says.
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// Whom the issuer may speak for.
    pub tenants: Tenants,
    /// The algorithms accepted from this issuer.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<Algorithm>,
    /// The claim that holds a name to show.
    #[serde(default = "default_name_claim")]
    pub name_claim: String,
    /// How far the issuer's clock may be off.
    #[serde(default = "default_leeway")]
    pub leeway_seconds: u32,
    /// `at+jwt`, where the issuer marks its access tokens as RFC 9068 says: then nothing else is accepted.
    #[serde(default)]
    pub require_typ: Option<String>,
    /// How long keys already held serve while the issuer cannot be reached.
    #[serde(default = "default_stale")]
    pub keys_serve_seconds: u32,
    /// Whose claims these are, where that is known; each may be set otherwise below.
    #[serde(default)]
    pub preset: Option<Preset>,
    /// The claims that together name a person; `sub` unless said otherwise.
    #[serde(default)]
    pub subject_claim: Option<Claims>,
    /// Whether they are a personal identity number, of which a keyed hash is kept.
    #[serde(default)]
    pub subject_is_personal_number: Option<bool>,
    /// The claim that holds an address for notices; none is read unless said.
    #[serde(default)]
    pub email_claim: Option<String>,
    /// The claims that hold groups, by which grants may come and go; none is read unless said.
    #[serde(default)]
    pub groups_claim: Option<Claims>,
    /// The claim that names the client: a token whose `sub` is that is a machine's.
    #[serde(default)]
    pub client_claim: Option<String>,
}

fn default_algorithms() -> Vec<Algorithm> {
    vec![Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256]
}

fn default_name_claim() -> String {
    "name".to_owned()
}

fn default_leeway() -> u32 {
    30
}

fn default_stale() -> u32 {
    4 * 3600
}

/// More leeway than this hides a broken clock.
const MAX_LEEWAY: u32 = 300;
/// Keys serve at least as long as they count as fresh, and at most a day.
const KEYS_SERVE: std::ops::RangeInclusive<u32> = 600..=86_400;

/// What is wrong with the registered issuers. Raised at start, so that no request meets it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Neither an issuer nor the local one: every token would be refused.
    #[error("no issuer is registered and there is no local one")]
    NoIssuer,
    /// Two entries for one issuer.
    #[error("issuer {0} is registered twice")]
    IssuerTwice(String),
    /// The name of the built-in issuer.
    #[error("issuer {LOCAL_ISSUER} is built in and cannot be registered")]
    ReservedIssuer,
    /// No absolute URL, or one with user, query or fragment in it.
    #[error("{field} of issuer {issuer}: not a plain https URL")]
    NotAUrl {
        /// The issuer.
        issuer: String,
        /// The field.
        field: &'static str,
    },
    /// Plain HTTP to another machine: whoever sits between could swap the keys.
    #[error("{field} of issuer {issuer}: must be https, http serves for loopback addresses only")]
    Insecure {
        /// The issuer.
        issuer: String,
        /// The field.
        field: &'static str,
    },
    /// An empty text or an empty list.
    #[error("{field} of issuer {issuer}: must not be empty")]
    Empty {
        /// The issuer.
        issuer: String,
        /// The field.
        field: &'static str,
    },
    /// One value twice in a list.
    #[error("{field} of issuer {issuer}: {value} is there twice")]
    Twice {
        /// The issuer.
        issuer: String,
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// No slug.
    #[error("tenants of issuer {issuer}: {value} is not a slug (a-z, 0-9 and -, at most 63)")]
    NotASlug {
        /// The issuer.
        issuer: String,
        /// The value.
        value: String,
    },
    /// A number that is too small or too large.
    #[error("{field} of issuer {issuer}: must be between {low} and {high}")]
    OutOfRange {
        /// The issuer.
        issuer: String,
        /// The field.
        field: &'static str,
        /// The least.
        low: u32,
        /// The most.
        high: u32,
    },
    /// A type other than the one that marks an access token.
    #[error("require_typ of issuer {issuer}: only at+jwt can be required")]
    UnknownTyp {
        /// The issuer.
        issuer: String,
    },
}

impl IssuerConfig {
    /// Whether its tokens name people by their personal identity number.
    #[must_use]
    pub fn names_by_number(&self) -> bool {
        Mapping::of(self).is_personal()
    }

    /// Checks what can be checked without the network.
    ///
    /// # Errors
    /// The first fault found.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let issuer = || self.issuer.clone();
        if self.issuer == LOCAL_ISSUER {
            return Err(ConfigError::ReservedIssuer);
        }
        self.check_url("issuer", &self.issuer, false)?;
        if let Some(uri) = &self.jwks_uri {
            self.check_url("jwks_uri", uri, true)?;
        }
        self.check_list("audience", self.audience.iter())?;
        match &self.tenants {
            Tenants::Fixed(slug) => self.check_slug(slug)?,
            Tenants::Claim(TenantClaim { claim, allowed }) => {
                if claim.is_empty() {
                    return Err(ConfigError::Empty { issuer: issuer(), field: "tenants.claim" });
                }
                self.check_list("tenants.allowed", allowed.iter().map(String::as_str))?;
                allowed.iter().try_for_each(|slug| self.check_slug(slug))?;
            }
        }
        for (field, claims) in
            [("subject_claim", &self.subject_claim), ("groups_claim", &self.groups_claim)]
        {
            if let Some(claims) = claims {
                self.check_list(field, claims.iter())?;
            }
        }
        for (field, claim) in
            [("email_claim", &self.email_claim), ("client_claim", &self.client_claim)]
        {
            if claim.as_deref() == Some("") {
                return Err(ConfigError::Empty { issuer: issuer(), field });
            }
        }
        if self.algorithms.is_empty() {
            return Err(ConfigError::Empty { issuer: issuer(), field: "algorithms" });
        }
        let mut seen = HashSet::new();
        if let Some(twice) = self.algorithms.iter().find(|algorithm| !seen.insert(**algorithm)) {
            let value = format!("{twice:?}");
            return Err(ConfigError::Twice { issuer: issuer(), field: "algorithms", value });
        }
        if self.leeway_seconds > MAX_LEEWAY {
            let field = "leeway_seconds";
            return Err(ConfigError::OutOfRange {
                issuer: issuer(),
                field,
                low: 0,
                high: MAX_LEEWAY,
            });
        }
        if !KEYS_SERVE.contains(&self.keys_serve_seconds) {
            let (field, low, high) = ("keys_serve_seconds", *KEYS_SERVE.start(), *KEYS_SERVE.end());
            return Err(ConfigError::OutOfRange { issuer: issuer(), field, low, high });
        }
        if self.require_typ.as_ref().is_some_and(|typ| typ != "at+jwt") {
            return Err(ConfigError::UnknownTyp { issuer: issuer() });
        }
        Ok(())
    }

    fn check_url(&self, field: &'static str, url: &str, query: bool) -> Result<(), ConfigError> {
        let issuer = self.issuer.clone();
        match url_kind(url, query) {
            UrlKind::Secure | UrlKind::Loopback => Ok(()),
            UrlKind::Insecure => Err(ConfigError::Insecure { issuer, field }),
            UrlKind::None => Err(ConfigError::NotAUrl { issuer, field }),
        }
    }

    fn check_list<'a>(
        &self,
        field: &'static str,
        values: impl Iterator<Item = &'a str>,
    ) -> Result<(), ConfigError> {
        let mut seen = HashSet::new();
        for value in values {
            if value.is_empty() {
                return Err(ConfigError::Empty { issuer: self.issuer.clone(), field });
            }
            if !seen.insert(value) {
                let value = value.to_owned();
                return Err(ConfigError::Twice { issuer: self.issuer.clone(), field, value });
            }
        }
        if seen.is_empty() {
            return Err(ConfigError::Empty { issuer: self.issuer.clone(), field });
        }
        Ok(())
    }

    fn check_slug(&self, slug: &str) -> Result<(), ConfigError> {
        if is_slug(slug) {
            Ok(())
        } else {
            Err(ConfigError::NotASlug { issuer: self.issuer.clone(), value: slug.to_owned() })
        }
    }
}

/// Where a URL leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlKind {
    /// To this machine, with or without TLS.
    Loopback,
    /// Elsewhere, with TLS.
    Secure,
    /// Elsewhere, in the clear.
    Insecure,
    /// Nowhere that we would go.
    None,
}

/// Judges a URL without resolving it.
pub(crate) fn url_kind(url: &str, may_have_query: bool) -> UrlKind {
    // The parser below drops a fragment silently, and takes a user before the host.
    if url.contains('#') || (!may_have_query && url.contains('?')) {
        return UrlKind::None;
    }
    let Ok(uri) = url.parse::<Uri>() else {
        return UrlKind::None;
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return UrlKind::None;
    };
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return UrlKind::None;
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let loopback = host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match (scheme, loopback) {
        ("http" | "https", true) => UrlKind::Loopback,
        ("https", false) => UrlKind::Secure,
        ("http", false) => UrlKind::Insecure,
        _ => UrlKind::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn with(changes: Value) -> Result<(), String> {
        let mut config = json!({"issuer": "https://id.example.se", "audience": "avvikelse", "tenants": "askersund"});
        for (name, value) in changes.as_object().unwrap() {
            config[name] = value.clone();
        }
        let config: IssuerConfig =
            serde_json::from_value(config).map_err(|error| error.to_string())?;
        config.validate().map_err(|error| error.to_string())
    }

    #[test]
    fn a_short_entry_has_the_documented_defaults() {
        let config: IssuerConfig = serde_json::from_value(
            json!({"issuer": "https://id.example.se/realms/a", "audience": ["a", "b"], "tenants": {"claim": "org", "allowed": ["x"]}}),
        )
        .unwrap();
        assert_eq!(config.validate(), Ok(()));
        assert_eq!(config.algorithms, [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256]);
        assert_eq!(
            (config.name_claim.as_str(), config.leeway_seconds, config.keys_serve_seconds),
            ("name", 30, 14_400)
        );
        assert_eq!(config.audience.iter().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn what_is_unsafe_or_unclear_is_refused_at_start() {
        assert_eq!(with(json!({})), Ok(()));
        assert_eq!(with(json!({"issuer": "http://127.0.0.1:9000/x"})), Ok(()));
        assert_eq!(with(json!({"issuer": "http://[::1]:9000"})), Ok(()));
        assert_eq!(with(json!({"jwks_uri": "https://id.example.se/keys?tenant=1"})), Ok(()));
        for (bad, expected) in [
            (json!({"issuer": "http://id.example.se"}), "must be https"),
            (json!({"issuer": "http://127.0.0.1.example.se"}), "must be https"),
            (json!({"issuer": "https://user@id.example.se"}), "not a plain"),
            (json!({"issuer": "https://id.example.se?x"}), "not a plain"),
            (json!({"issuer": "https://id.example.se#x"}), "not a plain"),
            (json!({"issuer": "id.example.se"}), "not a plain"),
            (json!({"issuer": "file:///etc/passwd"}), "not a plain"),
            (json!({"issuer": ""}), "not a plain"),
            (json!({"issuer": "urn:avvikelse:local"}), "built in"),
            (json!({"jwks_uri": "http://id.example.se/keys"}), "must be https"),
            (json!({"audience": ""}), "must not be empty"),
            (json!({"audience": []}), "must not be empty"),
            (json!({"audience": ["a", "a"]}), "twice"),
            (json!({"tenants": "Askersund"}), "not a slug"),
            (json!({"tenants": {"claim": "org", "allowed": []}}), "must not be empty"),
            (json!({"tenants": {"claim": "", "allowed": ["a"]}}), "must not be empty"),
            (json!({"tenants": {"claim": "org", "allowed": ["a", "a"]}}), "twice"),
            (json!({"tenants": {"claim": "org", "allowed": ["a/b"]}}), "not a slug"),
            (json!({"algorithms": []}), "must not be empty"),
            (json!({"algorithms": ["ES256", "ES256"]}), "twice"),
            (json!({"algorithms": ["HS256"]}), "unknown variant"),
            (json!({"algorithms": ["none"]}), "unknown variant"),
            (json!({"leeway_seconds": 301}), "between 0 and 300"),
            (json!({"keys_serve_seconds": 599}), "between 600 and 86400"),
            (json!({"require_typ": "JWT"}), "only at+jwt"),
            (json!({"jwks_url": "https://id.example.se/keys"}), "unknown field"),
        ] {
            let refused = with(bad.clone()).expect_err(&bad.to_string());
            assert!(refused.contains(expected), "{bad}: {refused}");
        }
    }
}
