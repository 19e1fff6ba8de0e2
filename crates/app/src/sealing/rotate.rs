//! Master keys and tenants' keys change while the service runs: everything is wrapped anew, some
//! hundred keys at a time, by a command that may be killed and run again.

use std::collections::BTreeMap;

use domain::ids::TenantId;
use jiff::Timestamp;
use store::{Keyed, SealedTable, Store, TenantKey, Tx};

use super::masters::KeyText;
use super::{KeySource, SETTLED, SUBJECTS, SealError, Sealer};
use crate::error::Error;
use crate::escalations::PERSONS;
use crate::forwardings::SUBJECTS as FORWARDING_SUBJECTS;
use crate::keeping::CONTENTS;
use crate::machines::{KEYS, MESSAGES};
use crate::opinions::SENDERS;

/// Keys wrapped anew in one transaction.
const BATCH: i64 = 200;

/// What envelopes of a table are bound to.
fn bound_table(table: SealedTable) -> &'static str {
    match table {
        SealedTable::Apart(kind) | SealedTable::Inside(kind) => match kind {
            Keyed::Subject => SUBJECTS,
            Keyed::Sender => SENDERS,
            Keyed::Forwarding => FORWARDING_SUBJECTS,
            Keyed::Person => PERSONS,
        },
        SealedTable::Attachments | SealedTable::PortalFiles => CONTENTS,
        SealedTable::MachineKeys => KEYS,
        SealedTable::MachineMessages => MESSAGES,
        SealedTable::Answers => "idempotency_keys",
    }
}

/// What was wrapped anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Keys of tenants, by the current master key.
    pub tenant_keys: u64,
    /// Keys of records, by the newest key of their tenant.
    pub records: u64,
    /// Keys of records that no key at hand opens; they are left as they are.
    pub unopened: u64,
}

/// How many keys there are under each version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyCount {
    /// Tenants' keys, by the master key that wraps them.
    pub tenant_keys: BTreeMap<i32, i64>,
    /// Keys of records by table, and by version: above zero a master key, below a tenant's.
    pub records: BTreeMap<&'static str, BTreeMap<i32, i64>>,
}

impl KeyCount {
    /// How many keys a master key wraps.
    pub fn under_master(&self, version: i32) -> i64 {
        let own = self.tenant_keys.get(&version).copied().unwrap_or(0);
        let direct = self.records.values().filter_map(|counts| counts.get(&version));
        own + direct.sum::<i64>()
    }

    /// Whether anything is not under the current master key.
    pub fn unfinished(&self, current: i32) -> bool {
        let versions =
            self.records.values().flat_map(BTreeMap::keys).chain(self.tenant_keys.keys());
        let mut masters = versions.filter(|version| **version > 0);
        masters.any(|version| *version != current)
    }
}

/// Adds a master key to the keys of a source; it is the current one from then on. Gives its version.
///
/// # Errors
/// [`SealError`] when they cannot be read or written.
pub fn add_master(source: &dyn KeySource) -> Result<i32, SealError> {
    let mut keys = KeyText::read(&source.read()?)?;
    let version = keys.add()?;
    source.replace(&keys.write()?)?;
    Ok(version)
}

/// Takes a master key away that nothing needs any more.
///
/// # Errors
/// [`SealError::Keys`] for the current one, and for one that is not there.
pub fn drop_master(source: &dyn KeySource, version: i32) -> Result<(), SealError> {
    let mut keys = KeyText::read(&source.read()?)?;
    if keys.current == version {
        return Err(SealError::Keys(format!("{version} is the current master key")));
    }
    if keys.master.remove(&version.to_string()).is_none() {
        return Err(SealError::Keys(format!("there is no master key {version}")));
    }
    source.replace(&keys.write()?)
}

/// Takes in the keys of every tenant.
///
/// # Errors
/// Those of the store.
pub async fn learn_all(store: &Store, sealer: &Sealer, now: Timestamp) -> Result<(), Error> {
    for tenant in store.tenants().await? {
        learn(store, sealer, tenant.id, now).await?;
    }
    Ok(())
}

async fn learn(
    store: &Store,
    sealer: &Sealer,
    tenant: TenantId,
    now: Timestamp,
) -> Result<Vec<TenantKey>, Error> {
    let kept = store.ask::<_, store::Error, _>(tenant, |tx| tx.tenant_keys()).await?;
    let mut unknown = sealer.learn(tenant, &kept, now);
    if !unknown.is_empty() {
        // Wrapped by a master key of another instance, which has come here meanwhile.
        let read = sealer.read_again(true);
        if read.map_err(|error| Error::Internal(error.to_string()))? {
            unknown = sealer.learn(tenant, &kept, now);
        }
    }
    if !unknown.is_empty() {
        tracing::error!(?unknown, "keys of a tenant that no master key at hand opens");
    }
    Ok(kept)
}

/// Looks after the keys while the service runs: reads the master keys again where they changed, takes in
/// tenants' keys, and makes one for a tenant that has none.
///
/// # Errors
/// Those of the store, and of the source of the keys.
pub async fn keep_keys(store: &Store, sealer: &Sealer, now: Timestamp) -> Result<(), Error> {
    sealer.read_again(false).map_err(|error| Error::Internal(error.to_string()))?;
    for tenant in store.tenants().await? {
        let kept = learn(store, sealer, tenant.id, now).await?;
        if kept.is_empty() {
            make_key(store, sealer, tenant.id, 1, now).await?;
        }
    }
    Ok(())
}

/// Makes a key for a tenant; another instance may be faster.
async fn make_key(
    store: &Store,
    sealer: &Sealer,
    tenant: TenantId,
    number: i32,
    now: Timestamp,
) -> Result<(), Error> {
    let key = sealer.new_tenant_key(tenant, number, now);
    let key = key.map_err(|error| Error::Internal(error.to_string()))?;
    let insert = move |tx: &mut Tx<'_>| {
        tx.insert_tenant_key(&key)?;
        // Whoever lets somebody in from now on takes it in.
        tx.bump_config_version().map(|_| ())
    };
    match store.write(tenant, insert).await {
        Ok(()) | Err(store::Error::Conflict { .. }) => {}
        Err(other) => return Err(other.into()),
    }
    learn(store, sealer, tenant, now).await.map(|_| ())
}

/// Counts the keys of all tenants by version.
///
/// # Errors
/// Those of the store.
pub async fn count_keys(store: &Store) -> Result<KeyCount, Error> {
    let mut all = KeyCount::default();
    for tenant in store.tenants().await? {
        let count = |tx: &mut Tx<'_>| {
            let mut counted = Vec::new();
            for table in SealedTable::ALL {
                counted.push((table.name(), tx.count_wrapped_keys(table)?));
            }
            Ok::<_, store::Error>((tx.tenant_keys()?, counted))
        };
        let (own, counted) = store.read(tenant.id, count).await?;
        for key in own {
            *all.tenant_keys.entry(key.master_version).or_default() += 1;
        }
        for (name, by_version) in counted {
            let here = all.records.entry(name).or_default();
            for (version, count) in by_version {
                *here.entry(version).or_default() += count;
            }
        }
    }
    all.records.retain(|_, counts| !counts.is_empty());
    Ok(all)
}

/// Wraps everything anew: tenants' keys by the current master key, and keys of records by the newest key
/// of their tenant, where they are not already. With `new_tenant_keys` each tenant gets a new key first.
/// `wait` is called with how long to wait where a key is so new that not every instance knows it.
///
/// # Errors
/// Those of the store; [`SealError::Opening`] when a tenant's key opens with no master key at hand.
pub async fn rotate<W: Future<Output = ()>>(
    store: &Store,
    sealer: &Sealer,
    clock: impl Fn() -> Timestamp,
    new_tenant_keys: bool,
    wait: impl Fn(jiff::SignedDuration) -> W,
) -> Result<Rotated, Error> {
    let failed = |error: SealError| Error::Internal(error.to_string());
    let mut done = Rotated::default();
    let tenants = store.tenants().await?;
    for tenant in &tenants {
        for key in learn(store, sealer, tenant.id, clock()).await? {
            let Some(new) = sealer.rewrap_tenant_key(tenant.id, &key).map_err(failed)? else {
                continue;
            };
            let save = move |tx: &mut Tx<'_>| tx.rewrap_tenant_key(&key, &new);
            done.tenant_keys +=
                u64::from(store.write::<_, store::Error, _>(tenant.id, save).await?);
        }
        let kept = store.ask::<_, store::Error, _>(tenant.id, |tx| tx.tenant_keys()).await?;
        let newest = kept.last().map_or(0, |key| key.number);
        if newest == 0 || new_tenant_keys {
            make_key(store, sealer, tenant.id, newest + 1, clock()).await?;
        }
    }
    for tenant in &tenants {
        let kept = learn(store, sealer, tenant.id, clock()).await?;
        let Some(newest) = kept.last() else { continue };
        let age = clock().duration_since(newest.made_at);
        if age < SETTLED {
            wait(SETTLED - age).await;
            learn(store, sealer, tenant.id, clock()).await?;
        }
        for table in SealedTable::ALL {
            rewrap_table(store, sealer, tenant.id, table, -newest.number, &mut done).await?;
        }
    }
    Ok(done)
}

async fn rewrap_table(
    store: &Store,
    sealer: &Sealer,
    tenant: TenantId,
    table: SealedTable,
    to: i32,
    done: &mut Rotated,
) -> Result<(), Error> {
    let mut after: Option<String> = None;
    loop {
        let from = after.clone();
        let read = move |tx: &mut Tx<'_>| tx.wrapped_keys(table, from.as_deref(), BATCH);
        let page = store.ask::<_, store::Error, _>(tenant, read).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.row.clone());
        let mut new = Vec::new();
        let stays = |key: &store::WrappedKey| {
            key.version == to && !matches!(table, SealedTable::Inside(_)) || key.wrapped.is_empty()
        };
        for key in page.into_iter().filter(|key| !stays(key)) {
            let at = (bound_table(table), key.bound_to.as_str());
            match sealer.rewrap(tenant, at, (key.version, &key.wrapped), to) {
                Ok(wrapped) => new.push((key, (to, wrapped))),
                Err(error) => {
                    tracing::error!(table = table.name(), row = key.row, %error, "not wrapped anew");
                    done.unopened += 1;
                }
            }
        }
        if new.is_empty() {
            continue;
        }
        let save = move |tx: &mut Tx<'_>| {
            let mut saved = 0;
            for (key, wrapped) in new {
                saved += u64::from(tx.save_wrapped_key(table, &key, wrapped)?);
            }
            Ok::<_, store::Error>(saved)
        };
        done.records += store.write(tenant, save).await?;
    }
}
