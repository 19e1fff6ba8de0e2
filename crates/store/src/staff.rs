//! The tenant's staff.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::ids::{StaffId, TenantId};
use domain::organisation::Staff;
use jiff::Timestamp;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::staff;
use crate::sql_types::Db;

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
pub(crate) struct StaffRow {
    tenant_id: Db<TenantId>,
    staff_id: Db<StaffId>,
    issuer: String,
    subject: String,
    name: Option<String>,
    profession: Option<String>,
    email: Option<String>,
    deactivated_at: Option<Db<Timestamp>>,
    version: i64,
}

/// What an update sets: everything but the key. `None` is written as NULL.
#[derive(AsChangeset)]
#[diesel(table_name = staff, treat_none_as_null = true)]
struct StaffChange<'a> {
    issuer: &'a str,
    subject: &'a str,
    name: Option<&'a str>,
    profession: Option<&'a str>,
    email: Option<&'a str>,
    deactivated_at: Option<Db<Timestamp>>,
    version: i64,
}

impl StaffRow {
    /// Whether this is who comes with such a token.
    pub(crate) fn comes_as(&self, issuer: &str, subject: &str) -> bool {
        self.issuer == issuer && self.subject == subject
    }
}

impl From<StaffRow> for Staff {
    fn from(row: StaffRow) -> Self {
        Self {
            id: row.staff_id.get(),
            issuer: row.issuer,
            subject: row.subject,
            name: row.name,
            profession: row.profession,
            email: row.email,
            deactivated_at: row.deactivated_at.map(Db::get),
            version: row.version,
        }
    }
}

impl Tx<'_> {
    /// The person who comes with this token; `None` when never seen.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn staff_by_identity(
        &mut self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Staff>, Error> {
        let row: Option<StaffRow> = staff::table
            .select(StaffRow::as_select())
            .filter(staff::tenant_id.eq(Db(self.tenant)))
            .filter(staff::issuer.eq(issuer))
            .filter(staff::subject.eq(subject))
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(Staff::from))
    }

    /// The person with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn staff(&mut self, id: StaffId) -> Result<Staff, Error> {
        let row: StaffRow = staff::table
            .select(StaffRow::as_select())
            .filter(staff::tenant_id.eq(Db(self.tenant)))
            .filter(staff::staff_id.eq(Db(id)))
            .get_result(self.conn)?;
        Ok(row.into())
    }

    /// Some of the staff, also who has left, by id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn staff_among(&mut self, ids: &BTreeSet<StaffId>) -> Result<Vec<Staff>, Error> {
        let ids: Vec<_> = ids.iter().copied().map(Db).collect();
        let rows: Vec<StaffRow> = staff::table
            .select(StaffRow::as_select())
            .filter(staff::tenant_id.eq(Db(self.tenant)))
            .filter(staff::staff_id.eq_any(ids))
            .order(staff::staff_id)
            .load(self.conn)?;
        Ok(rows.into_iter().map(Staff::from).collect())
    }

    /// Everyone, also who has left, by id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn all_staff(&mut self) -> Result<Vec<Staff>, Error> {
        let rows: Vec<StaffRow> = staff::table
            .select(StaffRow::as_select())
            .filter(staff::tenant_id.eq(Db(self.tenant)))
            .order(staff::staff_id)
            .load(self.conn)?;
        Ok(rows.into_iter().map(Staff::from).collect())
    }

    /// Takes a person in, with the version they have.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `staff_staff_id_key` or `staff_issuer_subject_key`.
    pub fn insert_staff(&mut self, person: &Staff) -> Result<(), Error> {
        let row = StaffRow {
            tenant_id: Db(self.tenant),
            staff_id: Db(person.id),
            issuer: person.issuer.clone(),
            subject: person.subject.clone(),
            name: person.name.clone(),
            profession: person.profession.clone(),
            email: person.email.clone(),
            deactivated_at: person.deactivated_at.map(Db),
            version: person.version,
        };
        diesel::insert_into(staff::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves the person if they still have the expected version, and gives the new one, which is
    /// the next; the version inside `person` is not looked at.
    ///
    /// # Errors
    /// [`Error::Stale`] when the row has moved on, [`Error::NotFound`], and those of
    /// [`Tx::insert_staff`].
    pub fn update_staff(&mut self, person: &Staff, expected_version: i64) -> Result<i64, Error> {
        let version = expected_version + 1;
        let key = staff::tenant_id.eq(Db(self.tenant)).and(staff::staff_id.eq(Db(person.id)));
        let changed =
            diesel::update(staff::table.filter(key).filter(staff::version.eq(expected_version)))
                .set(StaffChange {
                    issuer: &person.issuer,
                    subject: &person.subject,
                    name: person.name.as_deref(),
                    profession: person.profession.as_deref(),
                    email: person.email.as_deref(),
                    deactivated_at: person.deactivated_at.map(Db),
                    version,
                })
                .execute(self.conn)?;
        if changed == 0 {
            let found = staff::table
                .filter(key)
                .select(staff::version)
                .get_result::<i64>(self.conn)
                .optional()?;
            return Err(if found.is_some() { Error::Stale } else { Error::NotFound });
        }
        Ok(version)
    }
}
