//! Whose token is this? The one place where that is answered.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::issuer::{ConfigError, IssuerConfig};
use crate::jwks::KeyCache;
use crate::local::LocalIssuer;
use crate::mapping::Mapping;
use crate::recent::{KeysState, RecentTokens};
use crate::token::{self, Parsed, TokenType};
use crate::{Identity, LOCAL_ISSUER, TokenError, claims};

/// A token of a registered issuer that is valid for longer is refused.
const LONGEST_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// The number of the local issuer in [`KeysState`]: no registered one has it. Its key never changes.
const LOCAL: KeysState = KeysState { issuer: usize::MAX, generation: 0 };

/// Verifies tokens of the registered issuers, or of the local one where none is registered. Share it: it holds the
/// issuers' keys.
pub struct Verifier {
    issuers: Vec<Issuer>,
    by_name: HashMap<String, usize>,
    local: Option<LocalIssuer>,
    recent: RecentTokens,
}

struct Issuer {
    config: IssuerConfig,
    mapping: Mapping,
    keys: KeyCache,
}

impl Verifier {
    /// A verifier for these issuers. The local issuer counts only if there is no other: a key that lies in a file
    /// must not stand beside the identity provider of a municipality.
    ///
    /// # Errors
    /// When an issuer's configuration is unsafe, one is registered twice, or there is no issuer at all.
    pub fn new(
        issuers: Vec<IssuerConfig>,
        local: Option<LocalIssuer>,
    ) -> Result<Self, ConfigError> {
        if issuers.is_empty() && local.is_none() {
            return Err(ConfigError::NoIssuer);
        }
        let local = match local {
            Some(_) if !issuers.is_empty() => {
                tracing::warn!("an issuer is registered, so tokens of the local one are refused");
                None
            }
            local => local,
        };
        let mut by_name = HashMap::new();
        for (number, config) in issuers.iter().enumerate() {
            config.validate()?;
            if by_name.insert(config.issuer.clone(), number).is_some() {
                return Err(ConfigError::IssuerTwice(config.issuer.clone()));
            }
        }
        let issuers = issuers
            .into_iter()
            .map(|config| {
                let (keys, mapping) = (KeyCache::new(&config), Mapping::of(&config));
                Issuer { config, mapping, keys }
            })
            .collect();
        Ok(Self { issuers, by_name, local, recent: RecentTokens::default() })
    }

    /// Says whose the token is. May wait some seconds for an issuer's keys; must run within a tokio runtime with time
    /// enabled.
    ///
    /// # Errors
    /// Why the token is refused. [`TokenError::KeysUnavailable`] alone is no verdict on the token.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, TokenError> {
        // Before the hash: that costs time in proportion to the length.
        if token.len() > crate::MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let fingerprint = RecentTokens::fingerprint(token);
        if let Some(identity) = self.recent.get(&fingerprint, now, |issuer| self.generation(issuer))
        {
            return Ok(identity);
        }

        let parsed = token::parse(token)?;
        let (identity, leeway, keys) = match parsed.claims.get("iss").and_then(Value::as_str) {
            Some(LOCAL_ISSUER) => {
                let local = self.local.as_ref().ok_or(TokenError::UnknownIssuer)?;
                (local.verify_parsed(&parsed, now)?, LocalIssuer::leeway(), LOCAL)
            }
            Some(name) => {
                let number = *self.by_name.get(name).ok_or(TokenError::UnknownIssuer)?;
                let issuer = self.issuers.get(number).ok_or(TokenError::UnknownIssuer)?;
                let (identity, generation) = issuer.verify(&parsed, now).await?;
                (identity, issuer.leeway(), KeysState { issuer: number, generation })
            }
            None => return Err(TokenError::UnknownIssuer),
        };
        let refused_from = identity.expires_at.checked_add(leeway).unwrap_or(identity.expires_at);
        self.recent.put(fingerprint, identity.clone(), now, refused_from, keys);
        Ok(identity)
    }

    /// Fetches what is not held yet or is old, one issuer after the other, and names the issuers without keys.
    ///
    /// Called at start it spares the first request the wait; called each minute it spares every request.
    pub async fn warm(&self, now: Timestamp) -> Vec<String> {
        let mut without = Vec::new();
        for issuer in &self.issuers {
            if !issuer.keys.warm(now).await {
                without.push(issuer.config.issuer.clone());
            }
        }
        without
    }

    fn generation(&self, issuer: usize) -> Option<u64> {
        if issuer == LOCAL.issuer {
            return self.local.is_some().then_some(LOCAL.generation);
        }
        self.issuers.get(issuer).map(|issuer| issuer.keys.generation())
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.issuers.iter().map(|issuer| &issuer.config.issuer).collect();
        formatter
            .debug_struct("Verifier")
            .field("issuers", &names)
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}

impl Issuer {
    fn leeway(&self) -> SignedDuration {
        SignedDuration::from_secs(self.config.leeway_seconds.into())
    }

    /// The identity, and the generation of keys it rests on.
    async fn verify(
        &self,
        parsed: &Parsed<'_>,
        now: Timestamp,
    ) -> Result<(Identity, u64), TokenError> {
        let config = &self.config;
        if !config.algorithms.contains(&parsed.algorithm) {
            return Err(TokenError::UnacceptableAlgorithm);
        }
        if config.require_typ.is_some() && parsed.token_type != TokenType::AccessToken {
            return Err(TokenError::IdToken);
        }
        // Without a key id every key would have to be tried, and a key could not be taken back by name.
        let kid = parsed.kid.as_deref().ok_or(TokenError::UnknownKey)?;
        let (key, generation) = self.keys.key(kid, now).await?;
        if key.algorithm() != parsed.algorithm {
            return Err(TokenError::UnacceptableAlgorithm);
        }
        key.verify(parsed.signed, parsed.signature)?;

        let claims = &parsed.claims;
        claims::refuse_other_purposes(claims)?;
        claims::check_audience(claims, config.audience.iter())?;
        let expires_at = claims::check_times(claims, now, self.leeway(), Some(LONGEST_LIFETIME))?;
        let subject = self.mapping.subject(claims)?;
        // A machine is in no groups: what it may do is given to it alone.
        let groups = if subject.machine { None } else { self.mapping.groups(claims)? };
        let identity = Identity {
            issuer: config.issuer.clone(),
            subject: subject.text,
            personal: subject.personal,
            tenant: claims::tenant(claims, &config.tenants)?,
            name: claims::name(claims, &config.name_claim),
            email: self.mapping.email(claims),
            groups,
            expires_at,
        };
        Ok((identity, generation))
    }
}
