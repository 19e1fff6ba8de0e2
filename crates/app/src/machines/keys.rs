//! The keys a tenant signs with: made here, rotated with an overlap, withdrawn when others know them.

use domain::fault::{Fault, Reason};
use domain::ids::TenantId;
use domain::machine::{KeyState, LONGEST_OVERLAP_DAYS, OWN_KEYS, OwnKey, signing, state_of};
use domain::policy::Act;
use exchange::{PublicKey, SigningKey};
use jiff::SignedDuration;
use serde_json::json;
use uuid::Uuid;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace};

/// The table whose name goes into the envelopes of keys.
pub(crate) const TABLE: &str = "machine_keys";

/// A key of ours, and what it is for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineKey {
    /// The key.
    pub key: OwnKey,
    /// Its public part.
    pub public: PublicKey,
    /// What it is for.
    pub state: KeyState,
}

fn corrupt(what: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a machine key cannot be used: {what}"))
}

impl App {
    /// Every key of a tenant, oldest first.
    pub(crate) async fn own_machine_keys(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<MachineKey>, Error> {
        let kept = self.store.ask(tenant, |tx| tx.machine_keys()).await?;
        let keys: Vec<OwnKey> = kept.into_iter().map(|(key, _)| key).collect();
        let now = self.now();
        let all = keys.clone();
        keys.into_iter()
            .map(|key| {
                let public = PublicKey::from_bytes(&key.public).map_err(corrupt)?;
                let state = state_of(&key, &all, now);
                Ok(MachineKey { key, public, state })
            })
            .collect()
    }

    /// The key a tenant signs with now, if it has one.
    pub(crate) async fn machine_signing_key(
        &self,
        tenant: TenantId,
    ) -> Result<Option<SigningKey>, Error> {
        let kept = self.store.ask(tenant, |tx| tx.machine_keys()).await?;
        let keys: Vec<OwnKey> = kept.iter().map(|(key, _)| key.clone()).collect();
        let Some(key) = signing(&keys, self.now()) else { return Ok(None) };
        let Some((_, sealed)) = kept.iter().find(|(known, _)| known.id == key.id) else {
            return Ok(None);
        };
        let opened = self.sealer.open(tenant, TABLE, &key.id, sealed).map_err(corrupt)?;
        SigningKey::from_pkcs8(&opened).map(Some).map_err(corrupt)
    }

    /// Every key of the tenant's own, oldest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_machine_keys(&self, caller: &Caller) -> Result<Vec<MachineKey>, Error> {
        caller.may(Act::ManageSetup)?;
        self.own_machine_keys(caller.tenant_id()).await
    }

    /// Makes a key. The first signs at once; another is published now and signs after `overlap_days`, so
    /// that those at the other end can register it before.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`]; [`Error::Conflict`] with too many that are published.
    pub async fn make_machine_key(
        &self,
        caller: &Caller,
        overlap_days: u16,
        once: Option<Once>,
        render: impl Fn(&MachineKey) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageSetup)?;
        if overlap_days > LONGEST_OVERLAP_DAYS {
            let max = i64::from(LONGEST_OVERLAP_DAYS);
            let fault = Fault::at("/overlap_days", Reason::OutOfRange { min: 0, max });
            return Err(Error::Faults(vec![fault]));
        }
        let known = self.own_machine_keys(caller.tenant_id()).await?;
        if known.iter().filter(|key| key.state.published()).count() >= OWN_KEYS {
            return Err(Error::Conflict("too_many_keys"));
        }
        let (made, kept) = SigningKey::generate().map_err(corrupt)?;
        let first = known.iter().all(|key| key.state != KeyState::Signing);
        let wait = if first { 0 } else { i64::from(overlap_days) };
        let public = made.public();
        let key = OwnKey {
            id: public.id(),
            public: public.as_bytes().to_vec(),
            made_at: caller.now,
            signs_from: caller.now + SignedDuration::from_hours(24 * wait),
            withdrawn_at: None,
        };
        let sealed =
            self.sealer.seal(caller.tenant_id(), TABLE, &key.id, &kept).map_err(corrupt)?;
        let mut all: Vec<OwnKey> = known.into_iter().map(|known| known.key).collect();
        all.push(key.clone());
        let state = state_of(&key, &all, caller.now);
        let answer = render(&MachineKey { key: key.clone(), public, state });
        let details = json!({ "key": key.id, "signs_from": key.signs_from });
        let trace = Trace::new(self, caller, "machine_key.make", own(caller), details);
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.insert_machine_key(&key, &sealed)?);
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(Refused::into_error)
    }

    /// Withdraws a key: it signs no more and is published no more. Those at the other end must be told
    /// to revoke it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Conflict`] when it was withdrawn before.
    pub async fn withdraw_machine_key(
        &self,
        caller: &Caller,
        id: &str,
        reason: String,
    ) -> Result<MachineKey, Error> {
        caller.may(Act::ManageSetup)?;
        let keys = self.own_machine_keys(caller.tenant_id()).await?;
        let mut key = keys.into_iter().find(|known| known.key.id == id).ok_or(Error::NotFound)?;
        if key.state == KeyState::Withdrawn {
            return Err(Error::Conflict("withdrawn_already"));
        }
        (key.key.withdrawn_at, key.state) = (Some(caller.now), KeyState::Withdrawn);
        let details = json!({ "key": key.key.id, "reason": reason });
        let trace = Trace::new(self, caller, "machine_key.withdraw", own(caller), details);
        let (id, at) = (key.key.id.clone(), caller.now);
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.withdraw_machine_key(&id, at)?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(key)
    }
}

/// A key has no id of its own in the audit: it is the tenant's, and its name stands in the details.
fn own(caller: &Caller) -> (&'static str, Uuid) {
    ("tenant", caller.tenant_id().0)
}
