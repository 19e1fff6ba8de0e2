//! The key file: read, made, and held to the database it belongs to.

use app::sealing::{SUBJECTS, Sealer};
use domain::organisation::Tenant;
use store::Store;

use crate::config::Config;
use crate::failure::Failure;

/// Reads the keys, or makes them for a database that is new.
///
/// # Errors
/// When the key file cannot be used, or is missing beside a database in use.
pub(crate) async fn open_keys(config: &Config, store: &Store) -> Result<Sealer, Failure> {
    let path = config.key_file.display();
    if !config.key_file.exists() {
        // New keys beside an old database would open nothing that was sealed before, and seal what
        // the other instances cannot open.
        if !store.tenants().await?.is_empty() {
            return Err(Failure::new(format!(
                "the database is in use and there is no key file {path}: put back the file that \
                 belongs to the database (--key-file), the same one for every instance"
            )));
        }
        tracing::info!(key_file = %path, "made new keys; keep a copy apart from the database");
    }
    Ok(Sealer::from_file(&config.key_file, true)?)
}

/// Refuses keys that do not open what is sealed: everything new would be sealed with the wrong ones.
/// One identity is enough to tell.
///
/// # Errors
/// When they do not fit, or the database does not answer.
pub(crate) async fn hold_fit(
    config: &Config,
    store: &Store,
    sealer: &Sealer,
) -> Result<(), Failure> {
    for tenant in store.tenants().await? {
        if let Some(fits) = opens(store, sealer, &tenant).await? {
            return if fits {
                Ok(())
            } else {
                Err(Failure::new(does_not_fit(config, &tenant.slug)))
            };
        }
    }
    Ok(())
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
    /// Not that of this tenant.
    Not(String),
}

/// Tries the keys on the newest sealed identity of each tenant.
pub async fn opened(store: &Store, sealer: &Sealer) -> Result<Opened, store::Error> {
    let mut number = 0;
    for tenant in store.tenants().await? {
        match opens(store, sealer, &tenant).await? {
            Some(true) => number += 1,
            Some(false) => return Ok(Opened::Not(tenant.slug)),
            None => {}
        }
    }
    Ok(if number == 0 { Opened::NothingSealed } else { Opened::All(number) })
}
