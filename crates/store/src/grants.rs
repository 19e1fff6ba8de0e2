//! What the tenant's staff may do, over which units and laws, and when.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::ids::{GrantId, StaffId, TenantId, UnitId};
use domain::law::Law;
use domain::organisation::Grant;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::among::among;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{grant_units, grants};
use crate::sql_types::Db;

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
pub(crate) struct GrantRow {
    tenant_id: Db<TenantId>,
    pub(crate) grant_id: Db<GrantId>,
    staff_id: Db<StaffId>,
    role: String,
    laws: String,
    valid_from: Db<Date>,
    valid_to: Option<Db<Date>>,
    stands_in_for: Option<Db<StaffId>>,
    revoked_at: Option<Db<Timestamp>>,
    version: i64,
}

#[derive(Insertable)]
#[diesel(table_name = grant_units, treat_none_as_default_value = false)]
struct GrantUnitRow {
    tenant_id: Db<TenantId>,
    grant_id: Db<GrantId>,
    unit_id: Db<UnitId>,
}

impl GrantRow {
    fn into_grant(self, units: Vec<UnitId>) -> Result<Grant, Error> {
        let role = self
            .role
            .parse()
            .map_err(|()| Error::Corrupt(format!("grants.role {:?}", self.role)))?;
        Ok(Grant {
            id: self.grant_id.get(),
            staff: self.staff_id.get(),
            role,
            units,
            laws: laws_from_text(&self.laws)?,
            valid_from: self.valid_from.get(),
            valid_to: self.valid_to.map(Db::get),
            stands_in_for: self.stands_in_for.map(Db::get),
            revoked_at: self.revoked_at.map(Db::get),
            version: self.version,
        })
    }
}

/// The laws as `HSL,SOL`: each once, in the order of [`Law::ALL`], so that one set has one text.
pub(crate) fn laws_to_text(laws: &[Law]) -> String {
    let codes: Vec<&str> =
        Law::ALL.into_iter().filter(|law| laws.contains(law)).map(Law::code).collect();
    codes.join(",")
}

pub(crate) fn laws_from_text(text: &str) -> Result<Vec<Law>, Error> {
    let codes = text.split(',').filter(|code| !code.is_empty());
    codes
        .map(|code| code.parse().map_err(|()| Error::Corrupt(format!("grants.laws {text:?}"))))
        .collect()
}

impl Tx<'_> {
    /// All grants of one person, also those that are over or revoked, by id.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a code is unknown.
    pub fn grants_of(&mut self, staff: StaffId) -> Result<Vec<Grant>, Error> {
        let rows: Vec<GrantRow> = grants::table
            .select(GrantRow::as_select())
            .filter(grants::tenant_id.eq(Db(self.tenant)))
            .filter(grants::staff_id.eq(Db(staff)))
            .order(grants::grant_id)
            .load(self.conn)?;
        self.with_units(rows)
    }

    /// All grants of the tenant, also those that are over or revoked, by id.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a code is unknown.
    pub fn all_grants(&mut self) -> Result<Vec<Grant>, Error> {
        let rows: Vec<GrantRow> = grants::table
            .select(GrantRow::as_select())
            .filter(grants::tenant_id.eq(Db(self.tenant)))
            .order(grants::grant_id)
            .load(self.conn)?;
        let units: Vec<(Db<GrantId>, Db<UnitId>)> = grant_units::table
            .select((grant_units::grant_id, grant_units::unit_id))
            .filter(grant_units::tenant_id.eq(Db(self.tenant)))
            .order((grant_units::grant_id, grant_units::unit_id))
            .load(self.conn)?;
        joined(rows, units)
    }

    /// The grant with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Corrupt`] when a code is unknown.
    pub fn grant(&mut self, id: GrantId) -> Result<Grant, Error> {
        let row: GrantRow = grants::table
            .select(GrantRow::as_select())
            .filter(grants::tenant_id.eq(Db(self.tenant)))
            .filter(grants::grant_id.eq(Db(id)))
            .get_result(self.conn)?;
        self.with_units(vec![row])?.pop().ok_or(Error::NotFound)
    }

    /// Takes a grant in, with the version it has. Units named twice are kept once.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `grants_grant_id_key`; [`Error::Reference`] when a person or a unit
    /// is not there.
    pub fn insert_grant(&mut self, grant: &Grant) -> Result<(), Error> {
        let row = GrantRow {
            tenant_id: Db(self.tenant),
            grant_id: Db(grant.id),
            staff_id: Db(grant.staff),
            role: grant.role.code().to_owned(),
            laws: laws_to_text(&grant.laws),
            valid_from: Db(grant.valid_from),
            valid_to: grant.valid_to.map(Db),
            stands_in_for: grant.stands_in_for.map(Db),
            revoked_at: grant.revoked_at.map(Db),
            version: grant.version,
        };
        diesel::insert_into(grants::table).values(row).execute(self.conn)?;
        let mut units = grant.units.clone();
        units.sort_unstable();
        units.dedup();
        // One by one: the derive has no insert of several rows for both databases.
        for unit_id in units {
            let row = GrantUnitRow {
                tenant_id: Db(self.tenant),
                grant_id: Db(grant.id),
                unit_id: Db(unit_id),
            };
            diesel::insert_into(grant_units::table).values(row).execute(self.conn)?;
        }
        Ok(())
    }

    /// Takes the grant back from `at` if it still has the expected version, and gives the new one.
    ///
    /// # Errors
    /// [`Error::Stale`] when it has moved on, [`Error::NotFound`].
    pub fn revoke_grant(
        &mut self,
        id: GrantId,
        at: Timestamp,
        expected_version: i64,
    ) -> Result<i64, Error> {
        let version = expected_version + 1;
        let key = grants::tenant_id.eq(Db(self.tenant)).and(grants::grant_id.eq(Db(id)));
        let changed =
            diesel::update(grants::table.filter(key).filter(grants::version.eq(expected_version)))
                .set((grants::revoked_at.eq(Some(Db(at))), grants::version.eq(version)))
                .execute(self.conn)?;
        if changed == 0 {
            let found = grants::table
                .filter(key)
                .select(grants::version)
                .get_result::<i64>(self.conn)
                .optional()?;
            return Err(if found.is_some() { Error::Stale } else { Error::NotFound });
        }
        Ok(version)
    }

    /// Reads the units of these few grants.
    fn with_units(&mut self, rows: Vec<GrantRow>) -> Result<Vec<Grant>, Error> {
        let ids: Vec<Db<GrantId>> = rows.iter().map(|row| row.grant_id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let units: Vec<(Db<GrantId>, Db<UnitId>)> = grant_units::table
            .select((grant_units::grant_id, grant_units::unit_id))
            .filter(grant_units::tenant_id.eq(Db(self.tenant)))
            .filter(grant_units::grant_id.eq_any(among(ids)))
            .order((grant_units::grant_id, grant_units::unit_id))
            .load(self.conn)?;
        joined(rows, units)
    }
}

/// Grants with their units.
pub(crate) fn joined(
    rows: Vec<GrantRow>,
    units: Vec<(Db<GrantId>, Db<UnitId>)>,
) -> Result<Vec<Grant>, Error> {
    let mut by_grant: HashMap<GrantId, Vec<UnitId>> = HashMap::new();
    for (Db(grant), Db(unit)) in units {
        by_grant.entry(grant).or_default().push(unit);
    }
    rows.into_iter()
        .map(|row| {
            let units = by_grant.remove(&row.grant_id.0).unwrap_or_default();
            row.into_grant(units)
        })
        .collect()
}
