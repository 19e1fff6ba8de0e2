//! The register of delegations.

use diesel::prelude::*;
use domain::escalation::{Delegated, Delegation};
use domain::ids::{DelegationId, StaffId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::delegations;
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = delegations, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, delegation_id), treat_none_as_null = true)]
struct DelegationRow {
    tenant_id: Db<TenantId>,
    delegation_id: Db<DelegationId>,
    staff_id: Db<StaffId>,
    matter: String,
    valid_from: Db<Date>,
    valid_to: Option<Db<Date>>,
    reference: String,
    decided_by: String,
    ended_at: Option<Db<Timestamp>>,
    ended_reason: Option<String>,
    version: i64,
}

impl DelegationRow {
    fn of(tenant: TenantId, line: &Delegation) -> Self {
        Self {
            tenant_id: Db(tenant),
            delegation_id: Db(line.id),
            staff_id: Db(line.staff),
            matter: line.matter.code().to_owned(),
            valid_from: Db(line.valid_from),
            valid_to: line.valid_to.map(Db),
            reference: line.reference.clone(),
            decided_by: line.decided_by.clone(),
            ended_at: line.ended_at.map(Db),
            ended_reason: line.ended_reason.clone(),
            version: line.version,
        }
    }

    fn into_delegation(self) -> Result<Delegation, Error> {
        Ok(Delegation {
            id: self.delegation_id.get(),
            staff: self.staff_id.get(),
            matter: code::<Delegated>(&self.matter, "delegations.matter")?,
            valid_from: self.valid_from.get(),
            valid_to: self.valid_to.map(Db::get),
            reference: self.reference,
            decided_by: self.decided_by,
            ended_at: self.ended_at.map(Db::get),
            ended_reason: self.ended_reason,
            version: self.version,
        })
    }
}

impl Tx<'_> {
    /// Every line of the register, also those that are over, by id.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn delegations(&mut self) -> Result<Vec<Delegation>, Error> {
        let rows: Vec<DelegationRow> = delegations::table
            .select(DelegationRow::as_select())
            .filter(delegations::tenant_id.eq(Db(self.tenant)))
            .order(delegations::delegation_id)
            .load(self.conn)?;
        rows.into_iter().map(DelegationRow::into_delegation).collect()
    }

    /// What the register gives one person, at any time.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn delegations_of(&mut self, staff: StaffId) -> Result<Vec<Delegation>, Error> {
        let rows: Vec<DelegationRow> = delegations::table
            .select(DelegationRow::as_select())
            .filter(delegations::tenant_id.eq(Db(self.tenant)))
            .filter(delegations::staff_id.eq(Db(staff)))
            .order(delegations::delegation_id)
            .load(self.conn)?;
        rows.into_iter().map(DelegationRow::into_delegation).collect()
    }

    /// A line of the register.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn delegation(&mut self, id: DelegationId) -> Result<Delegation, Error> {
        let row: DelegationRow = delegations::table
            .select(DelegationRow::as_select())
            .filter(delegations::tenant_id.eq(Db(self.tenant)))
            .filter(delegations::delegation_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_delegation()
    }

    /// Takes a line in.
    ///
    /// # Errors
    /// [`Error::Reference`] for somebody who is no staff.
    pub fn insert_delegation(&mut self, line: &Delegation) -> Result<(), Error> {
        let row = DelegationRow::of(self.tenant, line);
        diesel::insert_into(delegations::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves a changed line if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_delegation(&mut self, line: &Delegation) -> Result<(), Error> {
        let here = delegations::tenant_id
            .eq(Db(self.tenant))
            .and(delegations::delegation_id.eq(Db(line.id)))
            .and(delegations::version.eq(line.version - 1));
        let row = DelegationRow::of(self.tenant, line);
        let changed =
            diesel::update(delegations::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
