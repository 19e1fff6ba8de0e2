//! Making a tenant.

use domain::ids::{TenantId, UnitId};
use domain::organisation::{Tenant, Unit};
use jiff::Timestamp;
use store::Store;
use uuid::Uuid;

/// The code of the unit that takes the filings whose unit nobody knows.
pub const UNKNOWN_UNIT: &str = "okand";

/// Why a tenant was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// The name in public paths has other characters than it may.
    #[error("a tenant's short name has lower-case letters a–z, digits and - only")]
    Slug,
    /// There is one with that name in public paths.
    #[error("there is a tenant with this short name already")]
    Taken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Whether `slug` may be a tenant's name in public paths.
pub fn is_slug(slug: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !slug.is_empty() && slug.bytes().all(plain)
}

/// The unit that every tenant needs before anything can be filed.
pub fn unknown_unit(id: UnitId) -> Unit {
    Unit {
        id,
        code: UNKNOWN_UNIT.to_owned(),
        name: "Okänd enhet".to_owned(),
        area: None,
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: true,
        version: 1,
    }
}

/// Makes a tenant with its unknown unit.
///
/// # Errors
/// [`TenantError::Slug`] and [`TenantError::Taken`]; else the database's.
pub async fn create_tenant(
    store: &Store,
    slug: &str,
    name: &str,
    now: Timestamp,
    ids: &(dyn Fn() -> Uuid + Sync),
) -> Result<Tenant, TenantError> {
    if !is_slug(slug) {
        return Err(TenantError::Slug);
    }
    let id = TenantId(ids());
    let tenant = Tenant {
        id,
        slug: slug.to_owned(),
        name: name.to_owned(),
        suspended_at: None,
        config_version: 1,
    };
    store.insert_tenant(tenant.clone(), now).await.map_err(|error| match error {
        store::Error::Conflict { .. } => TenantError::Taken,
        other => TenantError::Store(other),
    })?;
    let unit = unknown_unit(UnitId(ids()));
    store.write(id, move |tx| tx.insert_unit(&unit)).await?;
    Ok(tenant)
}
