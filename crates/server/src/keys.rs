//! The key file: read, made, and held to the database it belongs to.

use std::sync::Arc;
use std::time::Duration;

use app::sealing::{SUBJECTS, Sealer, keep_keys, learn_all};
use app::{App, Clock as _};
use domain::organisation::Tenant;
use store::Store;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::Failure;

/// How often the keys are looked after: more often than a new one is old enough to be used.
pub(crate) const KEEP_EVERY: Duration = Duration::from_secs(15);

/// Reads the keys with those of the tenants, or makes them for a database that is new.
///
/// # Errors
/// When the keys cannot be used, or are missing beside a database in use.
pub(crate) async fn open_keys(config: &Config, store: &Store) -> Result<Sealer, Failure> {
    let path = config.key_file.display();
    if config.keys_in_file() && !config.key_file.exists() {
        // New keys beside an old database would open nothing that was sealed before, and seal what
        // the other instances cannot open.
        if !store.tenants().await?.is_empty() {
            return Err(Failure::new(format!(
                "the database is in use and there is no key file {path}: put back the file that \
                 belongs to the database (--key-file), the same one for every instance"
            )));
        }
        tracing::info!(key_file = %path, "made new keys; keep a copy apart from the database");
        Sealer::from_file(&config.key_file, true)?;
    }
    read_keys(config, store).await
}

/// Reads the keys with those of the tenants.
///
/// # Errors
/// When the keys cannot be used.
pub(crate) async fn read_keys(config: &Config, store: &Store) -> Result<Sealer, Failure> {
    let sealer = Sealer::from_source(config.key_source())?;
    learn_all(store, &sealer, SystemClock.now())
        .await
        .map_err(|error| Failure::new(error.to_string()))?;
    Ok(sealer)
}

/// Looks after the keys while the service runs.
pub(crate) async fn keep(app: Arc<App>, every: Duration) {
    loop {
        if let Err(error) = keep_keys(&app.store, &app.sealer, app.now()).await {
            tracing::error!(%error, "could not look after the keys; trying again");
        }
        tokio::time::sleep(every).await;
    }
}

/// Refuses keys that do not open what is sealed: everything new would be sealed with the wrong ones.
/// One identity is enough to tell; and of each tenant that has keys one must open.
///
/// # Errors
/// When they do not fit, or the database does not answer.
pub(crate) async fn hold_fit(
    config: &Config,
    store: &Store,
    sealer: &Sealer,
) -> Result<(), Failure> {
    let mut told = false;
    for tenant in store.tenants().await? {
        let mut fits = own_key_opens(store, sealer, &tenant).await?;
        if fits
            && !told
            && let Some(opens) = opens(store, sealer, &tenant).await?
        {
            (fits, told) = (opens, true);
        }
        if !fits {
            return Err(Failure::new(does_not_fit(config, &tenant.slug)));
        }
    }
    Ok(())
}

/// Whether a master key opens one of a tenant's keys, or there is none: else all that is sealed from now on would be
/// sealed with what the others do not have.
async fn own_key_opens(
    store: &Store,
    sealer: &Sealer,
    tenant: &Tenant,
) -> Result<bool, store::Error> {
    let kept = store.ask::<_, store::Error, _>(tenant.id, |tx| tx.tenant_keys()).await?;
    Ok(kept.is_empty() || kept.iter().any(|key| sealer.opens_tenant_key(tenant.id, key)))
}

/// Whether the keys open the newest sealed identity of a tenant; `None` where nothing is sealed.
async fn opens(
    store: &Store,
    sealer: &Sealer,
    tenant: &Tenant,
) -> Result<Option<bool>, store::Error> {
    let newest = store.read(tenant.id, |tx| match tx.newest_subject()? {
        Some(id) => tx.subject(id).map(Some),
        None => Ok(None),
    });
    let Some(subject) = newest.await? else { return Ok(None) };
    let id = subject.id.to_string();
    Ok(Some(sealer.open(tenant.id, SUBJECTS, &id, &subject.sealed).is_ok()))
}

/// What to do about keys of another database.
pub fn does_not_fit(config: &Config, tenant: &str) -> String {
    format!(
        "the key file {} does not open what is sealed in the database (tried {tenant}): put the one \
         that belongs to it there before the service starts",
        config.key_file.display()
    )
}

/// Whether keys open what is sealed.
pub enum Opened {
    /// One identity of each of so many tenants.
    All(usize),
    /// There is none to try.
    NothingSealed,
    /// There are so many, and the key of none is here.
    Locked(u64),
    /// Not that of this tenant.
    Not(String),
}

/// Tries the keys on each tenant's keys, and on its newest sealed identity.
pub async fn opened(store: &Store, sealer: &Sealer) -> Result<Opened, store::Error> {
    let mut number = 0;
    for tenant in store.tenants().await? {
        if !own_key_opens(store, sealer, &tenant).await? {
            return Ok(Opened::Not(tenant.slug));
        }
        match opens(store, sealer, &tenant).await? {
            Some(true) => number += 1,
            Some(false) => return Ok(Opened::Not(tenant.slug)),
            None => {}
        }
    }
    Ok(match number {
        0 if !store.keys_lie_apart().await? => Opened::NothingSealed,
        0 => match store.sealed_without_key().await? {
            0 => Opened::NothingSealed,
            locked => Opened::Locked(locked),
        },
        _ => Opened::All(number),
    })
}
