//! The tenant's units.

use diesel::prelude::*;
use domain::ids::{TenantId, UnitId};
use domain::organisation::Unit;
use jiff::civil::Date;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::units;
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = units, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct UnitRow {
    tenant_id: Db<TenantId>,
    unit_id: Db<UnitId>,
    code: String,
    name: String,
    area: Option<String>,
    parent_id: Option<Db<UnitId>>,
    successor_id: Option<Db<UnitId>>,
    valid_from: Option<Db<Date>>,
    valid_to: Option<Db<Date>>,
    is_unknown: bool,
    version: i64,
}

/// What an update sets: everything but the key. `None` is written as NULL.
#[derive(AsChangeset)]
#[diesel(table_name = units, treat_none_as_null = true)]
struct UnitChange<'a> {
    code: &'a str,
    name: &'a str,
    area: Option<&'a str>,
    parent_id: Option<Db<UnitId>>,
    successor_id: Option<Db<UnitId>>,
    valid_from: Option<Db<Date>>,
    valid_to: Option<Db<Date>>,
    is_unknown: bool,
    version: i64,
}

impl From<UnitRow> for Unit {
    fn from(row: UnitRow) -> Self {
        Self {
            id: row.unit_id.get(),
            code: row.code,
            name: row.name,
            area: row.area,
            parent: row.parent_id.map(Db::get),
            successor: row.successor_id.map(Db::get),
            valid_from: row.valid_from.map(Db::get),
            valid_to: row.valid_to.map(Db::get),
            unknown: row.is_unknown,
            version: row.version,
        }
    }
}

impl Tx<'_> {
    /// Every unit of the tenant, open or closed, by code.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn units(&mut self) -> Result<Vec<Unit>, Error> {
        let rows: Vec<UnitRow> = units::table
            .select(UnitRow::as_select())
            .filter(units::tenant_id.eq(Db(self.tenant)))
            .order(units::code)
            .load(self.conn)?;
        Ok(rows.into_iter().map(Unit::from).collect())
    }

    /// Takes a unit in, with the version it has.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `units_unit_id_key`, `units_code_key` or, for a second unknown unit,
    /// `units_is_unknown_key`; [`Error::Reference`] when the parent or the successor is not there.
    pub fn insert_unit(&mut self, unit: &Unit) -> Result<(), Error> {
        let row = UnitRow {
            tenant_id: Db(self.tenant),
            unit_id: Db(unit.id),
            code: unit.code.clone(),
            name: unit.name.clone(),
            area: unit.area.clone(),
            parent_id: unit.parent.map(Db),
            successor_id: unit.successor.map(Db),
            valid_from: unit.valid_from.map(Db),
            valid_to: unit.valid_to.map(Db),
            is_unknown: unit.unknown,
            version: unit.version,
        };
        diesel::insert_into(units::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves the unit if it still has the expected version, and gives the new one, which is the
    /// next; the version inside `unit` is not looked at.
    ///
    /// # Errors
    /// [`Error::Stale`] when it has moved on, [`Error::NotFound`], and those of
    /// [`Tx::insert_unit`].
    pub fn update_unit(&mut self, unit: &Unit, expected_version: i64) -> Result<i64, Error> {
        let version = expected_version + 1;
        let key = units::tenant_id.eq(Db(self.tenant)).and(units::unit_id.eq(Db(unit.id)));
        let changed =
            diesel::update(units::table.filter(key).filter(units::version.eq(expected_version)))
                .set(UnitChange {
                    code: &unit.code,
                    name: &unit.name,
                    area: unit.area.as_deref(),
                    parent_id: unit.parent.map(Db),
                    successor_id: unit.successor.map(Db),
                    valid_from: unit.valid_from.map(Db),
                    valid_to: unit.valid_to.map(Db),
                    is_unknown: unit.unknown,
                    version,
                })
                .execute(self.conn)?;
        if changed == 0 {
            let found = units::table
                .filter(key)
                .select(units::version)
                .get_result::<i64>(self.conn)
                .optional()?;
            return Err(if found.is_some() { Error::Stale } else { Error::NotFound });
        }
        Ok(version)
    }
}
