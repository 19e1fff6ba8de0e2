//! Which keys does an issuer sign with, now?
//!
//! One cache an issuer. Keys count as fresh for ten minutes; older ones are fetched anew, and while that fails they go
//! on serving for some hours. All fetches of an issuer share one limit, one in thirty seconds, whatever asked for
//! them: a stranger who invents key ids cannot make this service knock at the issuer's door any faster.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use serde_json::Value;
use tokio::sync::watch;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use crate::TokenError;
use crate::issuer::{Algorithm, IssuerConfig, UrlKind, url_kind};

/// Older keys are fetched anew.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// The least time between two fetches, whether they succeed or not.
const BETWEEN_FETCHES: SignedDuration = SignedDuration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// For a whole refresh: discovery, keys and both bodies.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than a refresh can take, in case no thread is free to begin one.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
const MAX_BODY: u64 = 256 * 1024;
/// No issuer publishes so many; a longer list is cut.
const MAX_KEYS: usize = 100;
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A public key together with the one algorithm it verifies.
pub(crate) struct VerifyingKey {
    algorithm: Algorithm,
    decoding: DecodingKey,
    /// The bytes of the key, to tell a changed key from the same one.
    material: Vec<u8>,
}

impl VerifyingKey {
    /// An Ed25519 public key.
    pub(crate) fn ed25519(public: &[u8]) -> Self {
        // The library's name speaks of DER; for this family it takes the 32 bytes as they are.
        let decoding = DecodingKey::from_ed_der(public);
        Self { algorithm: Algorithm::EdDSA, decoding, material: public.to_vec() }
    }

    /// Checks a signature. The algorithm is the key's: the caller must have compared it with the header's before.
    pub(crate) fn verify(&self, signed: &[u8], signature: &str) -> Result<(), TokenError> {
        let algorithm = match self.algorithm {
            Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
            Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
        };
        match jsonwebtoken::crypto::verify(signature, signed, &self.decoding, algorithm) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TokenError::BadSignature),
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn same_as(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.material == other.material
    }
}

type Keys = HashMap<String, Arc<VerifyingKey>>;

/// The keys of one issuer.
pub(crate) struct KeyCache(Arc<Shared>);

struct Shared {
    source: Source,
    serve_for: SignedDuration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: Keys,
    /// Grows when the keys change.
    generation: u64,
    fetched_at: Option<Timestamp>,
    attempted_at: Option<Timestamp>,
    /// The last attempt failed, or has not succeeded yet.
    failed: bool,
    /// The last attempt that came to an end failed.
    down: bool,
    /// Closes when the fetch under way is over, however it ends.
    under_way: Option<watch::Receiver<()>>,
}

impl State {
    /// The fetch under way. One whose task died counts as over.
    fn under_way(&self) -> Option<watch::Receiver<()>> {
        self.under_way.clone().filter(|receiver| receiver.has_changed().is_ok())
    }

    fn usable(&self, now: Timestamp, serve_for: SignedDuration) -> bool {
        self.fetched_at.is_some_and(|fetched_at| within(fetched_at, now, serve_for))
    }
}

/// Whether two instants are less than that apart. Either way: a clock that was set back must neither keep keys fresh
/// for ever nor hold back a fetch.
fn within(then: Timestamp, now: Timestamp, span: SignedDuration) -> bool {
    now.duration_since(then).abs() < span
}

enum Step {
    Done(Result<(Arc<VerifyingKey>, u64), TokenError>),
    Wait(watch::Receiver<()>),
}

impl KeyCache {
    pub(crate) fn new(config: &IssuerConfig) -> Self {
        Self(Arc::new(Shared {
            source: Source::new(config),
            serve_for: SignedDuration::from_secs(config.keys_serve_seconds.into()),
            state: Mutex::default(),
        }))
    }

    /// The state of the keys: another number means other keys.
    pub(crate) fn generation(&self) -> u64 {
        self.0.lock().generation
    }

    /// The key of that id, and the generation it belongs to.
    ///
    /// Waits for a fetch if the key is unknown or the keys are old; not, if the key is known and the issuer was down
    /// at the last attempt, since then every caller would wait for a time-out each half minute.
    pub(crate) async fn key(
        &self,
        kid: &str,
        now: Timestamp,
    ) -> Result<(Arc<VerifyingKey>, u64), TokenError> {
        // Once to wait for a fetch that was under way, once for the one that is then due.
        for _ in 0..2 {
            match self.step(kid, now, true) {
                Step::Done(result) => return result,
                Step::Wait(receiver) => wait(receiver).await,
            }
        }
        match self.step(kid, now, false) {
            Step::Done(result) => result,
            Step::Wait(_) => Err(TokenError::KeysUnavailable),
        }
    }

    fn step(&self, kid: &str, now: Timestamp, may_wait: bool) -> Step {
        let mut state = self.0.lock();
        let usable = state.usable(now, self.0.serve_for);
        let generation = state.generation;
        let found = if usable {
            state.keys.get(kid).map(|key| (Arc::clone(key), generation))
        } else {
            None
        };
        let fresh = state.fetched_at.is_some_and(|fetched_at| within(fetched_at, now, FRESH));
        if let (Some((key, _)), true) = (&found, fresh) {
            return Step::Done(Ok((Arc::clone(key), generation)));
        }
        if may_wait && let Some(receiver) = self.fetch(&mut state, now) {
            return match found {
                Some(key) if state.down => Step::Done(Ok(key)),
                _ => Step::Wait(receiver),
            };
        }
        Step::Done(match found {
            Some(key) => Ok(key),
            // Whether the key is a new one cannot be told while the issuer is down.
            None if !usable || state.failed || state.keys.is_empty() => {
                Err(TokenError::KeysUnavailable)
            }
            None => Err(TokenError::UnknownKey),
        })
    }

    /// Fetches the keys if they are old and a fetch is allowed. Whether there are keys that serve.
    pub(crate) async fn warm(&self, now: Timestamp) -> bool {
        let receiver = {
            let mut state = self.0.lock();
            let fresh = state.fetched_at.is_some_and(|fetched_at| within(fetched_at, now, FRESH));
            if fresh { None } else { self.fetch(&mut state, now) }
        };
        if let Some(receiver) = receiver {
            wait(receiver).await;
        }
        let state = self.0.lock();
        state.usable(now, self.0.serve_for) && !state.keys.is_empty()
    }

    /// The fetch under way, else a new one, else none because the last was too short a time ago.
    ///
    /// The fetch belongs to no caller: one that goes away while it waits does not lose it for the others.
    fn fetch(&self, state: &mut State, now: Timestamp) -> Option<watch::Receiver<()>> {
        if let Some(receiver) = state.under_way() {
            return Some(receiver);
        }
        if state.attempted_at.is_some_and(|attempted_at| within(attempted_at, now, BETWEEN_FETCHES))
        {
            return None;
        }
        // Outside a runtime `spawn_blocking` would panic.
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        let (sender, receiver) = watch::channel(());
        state.attempted_at = Some(now);
        // Until it has succeeded: so a task that dies leaves the right answer.
        state.failed = true;
        state.under_way = Some(receiver.clone());
        let shared = Arc::clone(&self.0);
        runtime.spawn_blocking(move || {
            let fetched = shared.source.fetch();
            shared.store(fetched, now);
            drop(sender);
        });
        Some(receiver)
    }
}

async fn wait(mut receiver: watch::Receiver<()>) {
    // An error is the expected end: the sender is gone, so the fetch is over. After a time-out the state tells what
    // can be said without it.
    let _ = tokio::time::timeout(LONGEST_WAIT, receiver.changed()).await;
}

impl Shared {
    /// No code panics while it holds the lock, so a poisoned one is usable.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, fetched: Result<Keys, FetchError>, now: Timestamp) {
        let mut state = self.lock();
        state.under_way = None;
        match fetched {
            Ok(keys) => {
                let same = state.keys.len() == keys.len()
                    && keys
                        .iter()
                        .all(|(kid, key)| state.keys.get(kid).is_some_and(|old| old.same_as(key)));
                (state.failed, state.down) = (false, false);
                state.fetched_at = Some(now);
                if !same {
                    tracing::info!(issuer = %self.source.issuer, keys = keys.len(), "the issuer's keys have changed");
                    state.keys = keys;
                    state.generation += 1;
                }
                if state.keys.is_empty() {
                    tracing::warn!(issuer = %self.source.issuer, "the issuer publishes no key that can be used");
                }
            }
            Err(error) => {
                (state.failed, state.down) = (true, true);
                tracing::warn!(issuer = %self.source.issuer, %error, "the issuer's keys could not be fetched");
            }
        }
    }
}

/// Why the keys could not be fetched. For the log only.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("{0}")]
    Http(#[from] ureq::Error),
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the answer is not the JSON expected")]
    NotJson,
    #[error("the discovery document is of another issuer")]
    OtherIssuer,
    #[error("the discovery document names no acceptable jwks_uri")]
    NoKeysUri,
    #[error("the fetch took too long")]
    TooLate,
}

/// Where the keys come from.
struct Source {
    issuer: String,
    jwks_uri: Option<String>,
    algorithms: Vec<Algorithm>,
    agent: Agent,
}

impl Source {
    fn new(config: &IssuerConfig) -> Self {
        let loopback = |url: &str| url_kind(url, true) == UrlKind::Loopback;
        let local = config.jwks_uri.as_deref().map_or_else(|| loopback(&config.issuer), loopback);
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::WebPki)
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build();
        let mut builder = Agent::config_builder()
            .tls_config(tls)
            .https_only(!local)
            // Keys are where the configuration says. A redirect could lead into the internal network.
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TOTAL_TIMEOUT))
            .max_response_header_size(16 * 1024)
            // A connection kept for ten minutes is a dead one.
            .max_idle_connections(0)
            .user_agent("avvikelse")
            .accept("application/json");
        if local {
            // A proxy from the environment is for the world outside.
            builder = builder.proxy(None);
        }
        Self {
            issuer: config.issuer.clone(),
            jwks_uri: config.jwks_uri.clone(),
            algorithms: config.algorithms.clone(),
            agent: builder.build().new_agent(),
        }
    }

    fn fetch(&self) -> Result<Keys, FetchError> {
        let deadline = Instant::now() + TOTAL_TIMEOUT;
        let discovered;
        let uri = match &self.jwks_uri {
            Some(uri) => uri,
            None => {
                discovered = self.discover(deadline)?;
                &discovered
            }
        };
        let set = self.get(uri, deadline)?;
        let Some(Value::Array(keys)) = set.get("keys") else {
            return Err(FetchError::NotJson);
        };
        Ok(self.usable_keys(keys))
    }

    /// Asked each time: an issuer may move its keys.
    fn discover(&self, deadline: Instant) -> Result<String, FetchError> {
        let base = self.issuer.trim_end_matches('/');
        let document = self.get(&format!("{base}/.well-known/openid-configuration"), deadline)?;
        if document.get("issuer").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return Err(FetchError::OtherIssuer);
        }
        let uri = document.get("jwks_uri").and_then(Value::as_str).ok_or(FetchError::NoKeysUri)?;
        // An issuer elsewhere must not point us at this machine.
        match (url_kind(uri, true), url_kind(&self.issuer, false)) {
            (UrlKind::Secure, _) | (UrlKind::Loopback, UrlKind::Loopback) => Ok(uri.to_owned()),
            _ => Err(FetchError::NoKeysUri),
        }
    }

    fn get(&self, uri: &str, deadline: Instant) -> Result<Value, FetchError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(FetchError::TooLate);
        }
        let mut response =
            self.agent.get(uri).config().timeout_global(Some(left)).build().call()?;
        if response.status() != 200 {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let body = response.body_mut().with_config().limit(MAX_BODY).read_to_vec()?;
        serde_json::from_slice(&body).map_err(|_| FetchError::NotJson)
    }

    /// The keys that can be used, by id. Those that cannot are left out one by one: an issuer that adds a key of a
    /// new kind does not lock everybody out.
    fn usable_keys(&self, jwks: &[Value]) -> Keys {
        let mut keys = Keys::new();
        let mut ambiguous = Vec::new();
        for jwk in jwks.iter().take(MAX_KEYS) {
            let Some(kid) = jwk.get("kid").and_then(Value::as_str) else {
                continue;
            };
            let Some(key) =
                verifying_key(jwk).filter(|key| self.algorithms.contains(&key.algorithm))
            else {
                continue;
            };
            match keys.get(kid) {
                Some(other) if !other.same_as(&key) => ambiguous.push(kid),
                _ => {
                    keys.insert(kid.to_owned(), Arc::new(key));
                }
            }
        }
        for kid in ambiguous {
            // Which of the two is meant depends on the reader, so neither is.
            keys.remove(kid);
            tracing::warn!(issuer = %self.issuer, "the issuer publishes two keys of one id; neither is used");
        }
        keys
    }
}

/// The key, if it is a public one for signatures, and its type fixes one of our algorithms.
fn verifying_key(jwk: &Value) -> Option<VerifyingKey> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();

    // A published private key is everybody's.
    let private = jwk.get("d").is_some() || jwk.get("k").is_some();
    let for_signatures = jwk.get("use").is_none_or(|usage| usage.as_str() == Some("sig"))
        && jwk.get("key_ops").is_none_or(|operations| {
            operations
                .as_array()
                .is_some_and(|operations| operations.iter().any(|op| op.as_str() == Some("verify")))
        });
    if private || !for_signatures {
        return None;
    }

    let (algorithm, decoding, material) = match (text("kty")?, text("crv")) {
        ("OKP", Some("Ed25519")) => {
            let x = bytes("x").filter(|x| x.len() == 32)?;
            return Some(VerifyingKey::ed25519(&x)).filter(|key| alg_agrees(jwk, key.algorithm));
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != 32 || y.len() != 32 {
                return None;
            }
            let point = [&[4_u8][..], &x, &y].concat();
            (Algorithm::ES256, DecodingKey::from_ec_der(&point), point)
        }
        ("RSA", _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            let (n, e) = (without_leading_zeros(&n), without_leading_zeros(&e));
            // An exponent of more than 32 bits, or an even one or 1, is nobody's honest key.
            let odd = e.last().is_some_and(|last| last % 2 == 1) && e != [1] && e.len() <= 4;
            if !RSA_BITS.contains(&bits(n)) || !odd {
                return None;
            }
            (Algorithm::RS256, DecodingKey::from_rsa_raw_components(n, e), [n, &[0], e].concat())
        }
        _ => return None,
    };
    alg_agrees(jwk, algorithm).then_some(VerifyingKey { algorithm, decoding, material })
}

/// `alg` of a JWK may be left out; if it is there, it must be the one that the key's type gives.
fn alg_agrees(jwk: &Value, algorithm: Algorithm) -> bool {
    match jwk.get("alg").map(Value::as_str) {
        None => true,
        // RFC 9864 renames the algorithm of Ed25519 keys.
        Some(Some("Ed25519")) => algorithm == Algorithm::EdDSA,
        Some(Some(name)) => Algorithm::from_name(name) == Some(algorithm),
        Some(None) => false,
    }
}

fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
