//! What must be known of a caller before anything else, asked in one statement: every request
//! begins with it.

use diesel::prelude::*;
use domain::ids::{GrantId, UnitId};
use domain::organisation::{Grant, Staff, Tenant};

use crate::error::Error;
use crate::grants::{GrantRow, joined};
use crate::schema::{grant_units, grants, staff, tenants};
use crate::sql_types::Db;
use crate::staff::StaffRow;
use crate::tenants::TenantRow;
use crate::{Tx, dialect};

/// A tenant, and one of its staff with what they hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Entrance {
    /// The tenant.
    pub tenant: Tenant,
    /// The person; `None` when never seen.
    pub staff: Option<Staff>,
    /// All grants of the person, also those that are over or revoked, by id.
    pub grants: Vec<Grant>,
}

impl Tx<'_> {
    /// The tenant of this transaction, and the person who comes with this token. One statement.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such tenant; [`Error::Corrupt`] when a code is unknown.
    pub fn entrance(&mut self, issuer: &str, subject: &str) -> Result<Entrance, Error> {
        type Row = (TenantRow, Option<StaffRow>, Option<GrantRow>, Option<Db<UnitId>>);
        let rows: Vec<Row> = dialect::each!(&mut *self.conn, |conn| {
            let person = staff::tenant_id
                .eq(tenants::tenant_id)
                .and(staff::issuer.eq(issuer.to_owned()))
                .and(staff::subject.eq(subject.to_owned()));
            let theirs =
                grants::tenant_id.eq(tenants::tenant_id).and(grants::staff_id.eq(staff::staff_id));
            let over = grant_units::tenant_id
                .eq(tenants::tenant_id)
                .and(grant_units::grant_id.eq(grants::grant_id));
            tenants::table
                .left_join(staff::table.on(person))
                .left_join(grants::table.on(theirs))
                .left_join(grant_units::table.on(over))
                .filter(tenants::tenant_id.eq(Db(self.tenant)))
                .order((grants::grant_id, grant_units::unit_id))
                .select((
                    TenantRow::as_select(),
                    Option::<StaffRow>::as_select(),
                    Option::<GrantRow>::as_select(),
                    grant_units::unit_id.nullable(),
                ))
                .load(conn)?
        });
        let mut rows = rows.into_iter().peekable();
        let Some((tenant, person, ..)) = rows.peek() else { return Err(Error::NotFound) };
        let (tenant, person) = (tenant.clone().into(), person.clone().map(Staff::from));
        let mut held: Vec<GrantRow> = Vec::new();
        let mut units: Vec<(Db<GrantId>, Db<UnitId>)> = Vec::new();
        for (_, _, grant, unit) in rows {
            let Some(grant) = grant else { continue };
            if let Some(unit) = unit {
                units.push((grant.grant_id, unit));
            }
            if held.last().is_none_or(|last| last.grant_id != grant.grant_id) {
                held.push(grant);
            }
        }
        Ok(Entrance { tenant, staff: person, grants: joined(held, units)? })
    }
}
