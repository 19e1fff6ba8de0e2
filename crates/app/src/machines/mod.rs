//! From machine to machine: keys, the systems of counterparties, sending and taking.
//!
//! What leaves is made from what stands in a forwarding (`tell`), sent in order (`send`), and taken once
//! (`take`). Two tenants of one service go the same way as two services: the request is signed,
//! verified and taken alike; only the wire between is left out.

mod content;
mod deliveries;
mod follow;
mod guard;
mod keys;
mod not_taken;
mod peers;
mod send;
mod take;
mod tell;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use domain::organisation::Tenant;
use exchange::message::{CONTRACT, DescribedKey, Description};
use exchange::{Carrier, Target};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::context::App;
use crate::error::Error;

pub use deliveries::Deliveries;
pub(crate) use deliveries::undelivered;
pub use keys::MachineKey;
pub(crate) use keys::TABLE as KEYS;
pub use not_taken::NotTaken;
pub use peers::{NewPeerKey, PeerChange, PeerWithKeys};
pub use send::ExchangeTurn;
pub use take::Admitted;

/// The table whose name goes into the envelopes of messages that wait.
pub(crate) const MESSAGES: &str = "machine_messages";
/// How long a tenant without any system registered is not looked at: another instance may register one.
const QUIET_FOR: SignedDuration = SignedDuration::from_secs(30);

/// How messages leave and arrive.
#[derive(Debug)]
pub struct Exchanging {
    /// Where others see this service.
    pub base: Target,
    /// What takes messages away.
    pub carrier: Carrier,
    /// How long after a first failure a message is tried again.
    pub first_retry: SignedDuration,
    /// Who holds the leases. Where the database has one service at most, always the same.
    pub holder: Uuid,
    quiet: Mutex<HashMap<TenantId, Timestamp>>,
    turn: tokio::sync::Mutex<()>,
}

impl Exchanging {
    /// Messages that leave and arrive so.
    pub fn new(base: Target, carrier: Carrier, first_retry: SignedDuration, holder: Uuid) -> Self {
        let (quiet, turn) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { base, carrier, first_retry, holder, quiet, turn }
    }

    fn quiet_since(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, Timestamp>> {
        // A panic elsewhere leaves it whole: each change is one insertion or removal.
        self.quiet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One turn at a time in this process: a lease keeps only other processes away.
    async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Whether a tenant was found a moment ago to have no system registered.
    fn quiet(&self, tenant: TenantId, now: Timestamp) -> bool {
        let since = self.quiet_since().get(&tenant).copied();
        since.is_some_and(|since| now.duration_since(since).abs() < QUIET_FOR)
    }

    fn keep_quiet(&self, tenant: TenantId, now: Timestamp) {
        self.quiet_since().insert(tenant, now);
    }

    /// A tenant has a system registered now.
    fn wake(&self, tenant: TenantId) {
        self.quiet_since().remove(&tenant);
    }

    /// The path below the base where a tenant takes messages.
    pub fn path(slug: &str) -> String {
        format!("/api/v1/public/{slug}/machine/messages")
    }

    /// Where a tenant of this service takes messages.
    pub fn endpoint(&self, slug: &str) -> String {
        self.base.below(&Self::path(slug))
    }

    /// The slug of the tenant of this service that takes messages at `endpoint`.
    pub(crate) fn own<'a>(&self, endpoint: &'a str) -> Option<&'a str> {
        let rest = endpoint.strip_prefix(&self.base.below("/api/v1/public/"))?;
        rest.strip_suffix("/machine/messages").filter(|slug| !slug.contains('/'))
    }

    /// How long one message may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.carrier.rules().timeout
    }
}

/// By which id a tenant is known to the systems of others.
pub fn machine_id(tenant: &Tenant) -> String {
    tenant.id.to_string()
}

impl App {
    /// How to reach a tenant from machine to machine: for everybody.
    ///
    /// # Errors
    /// [`Error::NotFound`] for no tenant, one that is suspended, or a service that takes no messages.
    pub async fn describe_machine(&self, slug: &str) -> Result<Description, Error> {
        let exchanging = self.exchanging().ok_or(Error::NotFound)?;
        let tenant = self.store.tenant_by_slug(slug).await?;
        if tenant.suspended_at.is_some() {
            return Err(Error::NotFound);
        }
        let keys = self.own_machine_keys(tenant.id).await?;
        let published = keys.iter().filter(|key| key.state.published());
        Ok(Description {
            contract: CONTRACT.to_owned(),
            id: machine_id(&tenant),
            name: tenant.name.clone(),
            endpoint: exchanging.endpoint(slug),
            keys: published
                .map(|key| DescribedKey {
                    jwk: key.public.jwk(),
                    fingerprint: key.public.fingerprint(),
                    signs_from: key.key.signs_from,
                })
                .collect(),
        })
    }
}
