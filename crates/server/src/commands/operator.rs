//! What the commands beside the service share: the open database, the time, and who did it.

use app::Clock as _;
use domain::ids::EntryId;
use domain::organisation::{Tenant, Unit, UnitTree};
use jiff::Timestamp;
use serde_json::Value;
use store::{Additions, AuditEntry, Store};
use uuid::Uuid;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::Failure;
use crate::keys::open_keys;
use crate::serve::open_store;

/// Tokens name no longer one.
const LONGEST_SLUG: usize = 63;
/// More units than this would bury the message.
const UNITS_SHOWN: usize = 40;

/// The operator at work.
pub struct Operator {
    /// How the program runs.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// When the command began.
    pub now: Timestamp,
    /// Ties together what one command leaves in the audit trail.
    run: Uuid,
}

impl Operator {
    /// Opens the database, and sets it up when it is new. One of an earlier release is left as it
    /// is: that release may be serving it.
    pub async fn open(config: Config) -> Result<Self, Failure> {
        let store = open_store(&config)?;
        let pending = store.pending_migrations().await?;
        if !pending.is_empty() {
            if store.schema_version().await?.is_some() {
                return Err(Failure::new(format!(
                    "the database is of an earlier release ({} migrations behind); run: avvikelse \
                     migrate, or start this release's service",
                    pending.len()
                )));
            }
            store.migrate().await?;
            open_keys(&config, &store).await?;
        }
        Ok(Self { config, store, now: SystemClock.now(), run: Uuid::now_v7() })
    }

    /// The tenant with this slug.
    pub async fn tenant(&self, slug: &str) -> Result<Tenant, Failure> {
        match self.store.tenant_by_slug(slug).await {
            Err(store::Error::NotFound) => {
                let all = self.store.tenants().await?;
                let slugs: Vec<_> = all.iter().map(|tenant| tenant.slug.as_str()).collect();
                Err(Failure::new(if slugs.is_empty() {
                    format!(
                        "there is no tenant {slug:?}, nor any other; run: avvikelse tenant add \
                         {slug} --name NAME"
                    )
                } else {
                    format!("there is no tenant {slug:?}; there are: {}", slugs.join(", "))
                }))
            }
            found => Ok(found?),
        }
    }

    /// The units of a tenant.
    pub async fn units(&self, tenant: &Tenant) -> Result<UnitTree, Failure> {
        self.store.read(tenant.id, |tx| Ok(UnitTree::new(tx.units()?))).await
    }

    /// An entry of the audit trail for what this command does.
    pub fn audit(
        &self,
        action: &str,
        object_kind: &'static str,
        object: Uuid,
        details: Value,
    ) -> AuditEntry {
        AuditEntry {
            id: EntryId(Uuid::now_v7()),
            at: self.now,
            by: None,
            action: action.to_owned(),
            object_kind,
            object,
            details,
            request: self.run,
        }
    }

    /// Leaves an entry in the audit trail of a tenant.
    pub async fn record(
        &self,
        tenant: &Tenant,
        action: &str,
        details: Value,
    ) -> Result<(), Failure> {
        let entry = self.audit(action, "tenant", tenant.id.0, details);
        let mut rows = Additions::to(tenant.id);
        rows.audit(&entry);
        self.store.add(rows).await?;
        Ok(())
    }
}

/// Refuses what no token could name.
pub fn check_slug(slug: &str) -> Result<(), Failure> {
    if app::tenants::is_slug(slug) && slug.len() <= LONGEST_SLUG {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{slug:?} cannot be a tenant's short name: a-z, 0-9 and - only, at most {LONGEST_SLUG}"
    )))
}

/// The units given by id or code, each once.
pub fn find_units(units: &UnitTree, given: &[String]) -> Result<Vec<Unit>, Failure> {
    let mut found: Vec<Unit> = Vec::new();
    for one in given {
        let Some(unit) = units.find(one) else {
            return Err(Failure::new(format!("there is no unit {one:?}; {}", listed(units))));
        };
        if found.iter().all(|other| other.id != unit.id) {
            found.push(unit.clone());
        }
    }
    found.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(found)
}

fn listed(units: &UnitTree) -> String {
    let mut all: Vec<_> = units.iter().filter(|unit| !unit.unknown).collect();
    all.sort_by(|one, other| one.code.cmp(&other.code));
    if all.is_empty() {
        return "the tenant has none yet; import or add them first".to_owned();
    }
    let shown = all.iter().take(UNITS_SHOWN).map(|unit| format!("{} ({})", unit.code, unit.name));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(UNITS_SHOWN) {
        0 => format!("there are: {shown}"),
        more => format!("there are: {shown} and {more} more"),
    }
}
