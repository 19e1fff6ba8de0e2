//! What must be known of a caller before anything else: every request begins with it.

use diesel::prelude::*;
use domain::ids::{GrantId, TenantId, UnitId};
use domain::organisation::{Grant, Staff, Tenant};

use crate::error::Error;
use crate::gathered::Coming;
use crate::grants::{GrantRow, joined};
use crate::schema::{grant_units, grants, staff, tenants};
use crate::sql_types::Db;
use crate::staff::StaffRow;
use crate::tenants::TenantRow;
use crate::{Store, Tx, dialect};

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

type Row = (TenantRow, Option<StaffRow>, Option<GrantRow>, Option<Db<UnitId>>);

/// The rows of a tenant's entrance for those whose issuer and subject match.
macro_rules! rows {
    ($conn:expr, $tenant:expr, $issuer:expr, $subject:expr) => {{
        let person = staff::tenant_id.eq(tenants::tenant_id).and($issuer).and($subject);
        let theirs =
            grants::tenant_id.eq(tenants::tenant_id).and(grants::staff_id.eq(staff::staff_id));
        let over = grant_units::tenant_id
            .eq(tenants::tenant_id)
            .and(grant_units::grant_id.eq(grants::grant_id));
        tenants::table
            .left_join(staff::table.on(person))
            .left_join(grants::table.on(theirs))
            .left_join(grant_units::table.on(over))
            .filter(tenants::tenant_id.eq(Db($tenant)))
            .order((staff::staff_id, grants::grant_id, grant_units::unit_id))
            .select((
                TenantRow::as_select(),
                Option::<StaffRow>::as_select(),
                Option::<GrantRow>::as_select(),
                grant_units::unit_id.nullable(),
            ))
            .load::<Row>($conn)
    }};
}

/// The entrance of one person, from the rows of all.
fn of_one(rows: &[Row], issuer: &str, subject: &str) -> Result<Entrance, Error> {
    let (tenant, ..) = rows.first().ok_or(Error::NotFound)?;
    let is_theirs =
        |row: &&Row| row.1.as_ref().is_some_and(|staff| staff.comes_as(issuer, subject));
    let mut person = None;
    let mut held: Vec<GrantRow> = Vec::new();
    let mut units: Vec<(Db<GrantId>, Db<UnitId>)> = Vec::new();
    for (_, staff, grant, unit) in rows.iter().filter(is_theirs) {
        person = staff.as_ref();
        let Some(grant) = grant else { continue };
        if let Some(unit) = unit {
            units.push((grant.grant_id, *unit));
        }
        if held.last().is_none_or(|last| last.grant_id != grant.grant_id) {
            held.push(grant.clone());
        }
    }
    Ok(Entrance {
        tenant: tenant.clone().into(),
        staff: person.cloned().map(Staff::from),
        grants: joined(held, units)?,
    })
}

impl Tx<'_> {
    /// The tenant of this transaction, and those who come with these tokens, by issuer and subject: each with an answer
    /// of their own, in this order. One statement; SQLite, which has no arrays, is asked for one person.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like. Of each: [`Error::NotFound`] when there is no such tenant;
    /// [`Error::Corrupt`] when a code is unknown.
    pub(crate) fn entrances(
        &mut self,
        persons: &[(String, String)],
    ) -> Result<Vec<Result<Entrance, Error>>, Error> {
        // Each pair is looked for among all that these make.
        let (mut issuers, mut subjects): (Vec<_>, Vec<_>) = persons.iter().cloned().unzip();
        let rows = dialect::either!(
            &mut *self.conn,
            postgres: |conn| rows!(
                conn,
                self.tenant,
                staff::issuer.eq_any(issuers),
                staff::subject.eq_any(subjects)
            ),
            sqlite: |conn| rows!(
                conn,
                self.tenant,
                staff::issuer.eq(issuers.pop().unwrap_or_default()),
                staff::subject.eq(subjects.pop().unwrap_or_default())
            )
        )?;
        let of_one = |(issuer, subject): &(String, String)| of_one(&rows, issuer, subject);
        Ok(persons.iter().map(of_one).collect())
    }
}

impl Store {
    /// The tenant, and the person who comes with this token: one statement, which on PostgreSQL is shared with whoever
    /// else of the tenant comes in meanwhile. What it answers is never older than the question.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such tenant; [`Error::Corrupt`] when a code is unknown; as [`Store::read`].
    pub async fn entrance(
        &self,
        tenant: TenantId,
        issuer: String,
        subject: String,
    ) -> Result<Entrance, Error> {
        self.database.entrance(tenant, Coming { issuer, subject }).await
    }
}
