//! Tenants. The only table that is read without naming one.

use diesel::prelude::*;
use domain::ids::TenantId;
use domain::organisation::Tenant;
use jiff::Timestamp;

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::Error;
use crate::schema::tenants;
use crate::sql_types::Db;
use crate::{Store, Tx};

#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(MultiBackend))]
pub(crate) struct TenantRow {
    tenant_id: Db<TenantId>,
    slug: String,
    name: String,
    suspended_at: Option<Db<Timestamp>>,
    config_version: i64,
}

#[derive(Insertable)]
#[diesel(table_name = tenants, treat_none_as_default_value = false)]
struct NewTenant {
    tenant_id: Db<TenantId>,
    slug: String,
    name: String,
    suspended_at: Option<Db<Timestamp>>,
    config_version: i64,
    created_at: Db<Timestamp>,
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Self {
        Self {
            id: row.tenant_id.get(),
            slug: row.slug,
            name: row.name,
            suspended_at: row.suspended_at.map(Db::get),
            config_version: row.config_version,
        }
    }
}

impl Store {
    /// Every tenant, by slug.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        let all = |conn: &mut AnyConnection| {
            let rows: Vec<TenantRow> =
                tenants::table.select(TenantRow::as_select()).order(tenants::slug).load(conn)?;
            Ok(rows.into_iter().map(Tenant::from).collect())
        };
        self.database.read(None, all).await
    }

    /// The tenant with this name in public paths, suspended or not.
    ///
    /// # Errors
    /// [`Error::NotFound`]; else as [`Store::read`].
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Tenant, Error> {
        let slug = slug.to_owned();
        let one = move |conn: &mut AnyConnection| {
            let row: TenantRow = tenants::table
                .select(TenantRow::as_select())
                .filter(tenants::slug.eq(slug))
                .get_result(conn)?;
            Ok(row.into())
        };
        self.database.read(None, one).await
    }

    /// Takes a tenant in. Its unknown unit is inserted by the caller, in the tenant's context.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `tenants_key` or `tenants_slug_key`; else as [`Store::write`].
    pub async fn insert_tenant(&self, tenant: Tenant, created_at: Timestamp) -> Result<(), Error> {
        let id = tenant.id;
        let row = NewTenant {
            tenant_id: Db(tenant.id),
            slug: tenant.slug,
            name: tenant.name,
            suspended_at: tenant.suspended_at.map(Db),
            config_version: tenant.config_version,
            created_at: Db(created_at),
        };
        self.database
            .write(id, |conn: &mut AnyConnection| {
                diesel::insert_into(tenants::table).values(row).execute(conn)?;
                Ok(())
            })
            .await
    }

    /// Keeps everybody of the tenant out from `at`, or lets them in again with `None`.
    ///
    /// # Errors
    /// [`Error::NotFound`]; else as [`Store::write`].
    pub async fn set_suspended(
        &self,
        tenant: TenantId,
        at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let set = move |conn: &mut AnyConnection| {
            let changed = diesel::update(tenants::table.filter(tenants::tenant_id.eq(Db(tenant))))
                .set(tenants::suspended_at.eq(at.map(Db)))
                .execute(conn)?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        };
        self.database.write(tenant, set).await
    }
}

impl Tx<'_> {
    /// The tenant of this transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with its id.
    pub fn own_tenant(&mut self) -> Result<Tenant, Error> {
        let row: TenantRow = tenants::table
            .select(TenantRow::as_select())
            .filter(tenants::tenant_id.eq(Db(self.tenant)))
            .get_result(self.conn)?;
        Ok(row.into())
    }

    /// When the tenant was taken in.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with its id.
    pub fn tenant_began(&mut self) -> Result<Timestamp, Error> {
        let began: Db<Timestamp> = tenants::table
            .select(tenants::created_at)
            .filter(tenants::tenant_id.eq(Db(self.tenant)))
            .get_result(self.conn)?;
        Ok(began.get())
    }

    /// Marks that units, codes or settings of the tenant have changed, and gives the new version.
    /// Belongs in the transaction that changes them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such tenant.
    pub fn bump_config_version(&mut self) -> Result<i64, Error> {
        let version = diesel::update(tenants::table.filter(tenants::tenant_id.eq(Db(self.tenant))))
            .set(tenants::config_version.eq(tenants::config_version + 1))
            .returning(tenants::config_version)
            .get_result(self.conn)?;
        Ok(version)
    }
}
