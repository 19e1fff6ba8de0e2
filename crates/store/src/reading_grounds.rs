//! Grounds on which somebody reads what lies with the other branch, or another unit.

use diesel::prelude::*;
use domain::case::joint::GroundKind;
use domain::ids::{CaseId, GroundId, StaffId, TenantId, UnitId};
use domain::reading_ground::{GroundOf, ReadingGround};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::reading_grounds;
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = reading_grounds, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct GroundRow {
    tenant_id: Db<TenantId>,
    ground_id: Db<GroundId>,
    staff_id: Db<StaffId>,
    case_id: Option<Db<CaseId>>,
    unit_id: Option<Db<UnitId>>,
    law: Option<String>,
    kind: String,
    grounded_on: Db<Date>,
    reference: Option<String>,
    reason: String,
    valid_until: Db<Date>,
    stated_at: Db<Timestamp>,
    revoked_at: Option<Db<Timestamp>>,
    revoked_by: Option<Db<StaffId>>,
    version: i64,
}

impl GroundRow {
    fn of(tenant: TenantId, it: &ReadingGround) -> Self {
        let (case, unit, law) = match it.of {
            GroundOf::Case(case) => (Some(case), None, None),
            GroundOf::Unit(unit, law) => (None, Some(unit), Some(law)),
        };
        Self {
            tenant_id: Db(tenant),
            ground_id: Db(it.id),
            staff_id: Db(it.staff),
            case_id: case.map(Db),
            unit_id: unit.map(Db),
            law: law.map(|law| law.code().to_owned()),
            kind: it.kind.code().to_owned(),
            grounded_on: Db(it.on),
            reference: it.reference.clone(),
            reason: it.reason.clone(),
            valid_until: Db(it.until),
            stated_at: Db(it.stated_at),
            revoked_at: it.revoked.map(|(_, at)| Db(at)),
            revoked_by: it.revoked.map(|(by, _)| Db(by)),
            version: it.version,
        }
    }

    fn into_ground(self) -> Result<ReadingGround, Error> {
        let corrupt = || Error::Corrupt("reading_grounds: of nothing".into());
        let of = match (self.case_id, self.unit_id, self.law) {
            (Some(case), None, None) => GroundOf::Case(case.get()),
            (None, Some(unit), Some(law)) => {
                GroundOf::Unit(unit.get(), code(&law, "reading_grounds.law")?)
            }
            _ => return Err(corrupt()),
        };
        Ok(ReadingGround {
            id: self.ground_id.get(),
            staff: self.staff_id.get(),
            of,
            kind: code::<GroundKind>(&self.kind, "reading_grounds.kind")?,
            on: self.grounded_on.get(),
            reference: self.reference,
            reason: self.reason,
            until: self.valid_until.get(),
            stated_at: self.stated_at.get(),
            revoked: self.revoked_by.zip(self.revoked_at).map(|(by, at)| (by.get(), at.get())),
            version: self.version,
        })
    }
}

impl Additions {
    /// Adds a ground.
    pub fn reading_ground(&mut self, it: &ReadingGround) {
        let row = GroundRow::of(self.tenant, it);
        self.push(diesel::insert_into(reading_grounds::table).values(row));
    }
}

impl Tx<'_> {
    /// The grounds of somebody, or of all, also those that are over or taken back, the newest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a ground of nothing.
    pub fn reading_grounds(&mut self, staff: Option<StaffId>) -> Result<Vec<ReadingGround>, Error> {
        let mut query = reading_grounds::table
            .select(GroundRow::as_select())
            .filter(reading_grounds::tenant_id.eq(Db(self.tenant)))
            .order(reading_grounds::ground_id.desc())
            .into_boxed();
        if let Some(staff) = staff {
            query = query.filter(reading_grounds::staff_id.eq(Db(staff)));
        }
        query.load(self.conn)?.into_iter().map(GroundRow::into_ground).collect()
    }

    /// A ground.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn reading_ground(&mut self, id: GroundId) -> Result<ReadingGround, Error> {
        let row: GroundRow = reading_grounds::table
            .select(GroundRow::as_select())
            .filter(reading_grounds::tenant_id.eq(Db(self.tenant)))
            .filter(reading_grounds::ground_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_ground()
    }

    /// Writes down that a ground was taken back, if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn revoke_reading_ground(&mut self, it: &ReadingGround) -> Result<(), Error> {
        let here = reading_grounds::tenant_id
            .eq(Db(self.tenant))
            .and(reading_grounds::ground_id.eq(Db(it.id)))
            .and(reading_grounds::version.eq(it.version - 1));
        let changed = diesel::update(reading_grounds::table.filter(here))
            .set((
                reading_grounds::revoked_by.eq(it.revoked.map(|(by, _)| Db(by))),
                reading_grounds::revoked_at.eq(it.revoked.map(|(_, at)| Db(at))),
                reading_grounds::version.eq(it.version),
            ))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
