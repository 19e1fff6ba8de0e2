//! How much there was that could go wrong, by unit and months.

use diesel::prelude::*;
use domain::exposure::{Amount, Exposure};
use domain::ids::{ExposureId, TenantId, UnitId};
use domain::statistics::{Month, Months};
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::exposures;
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = exposures, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, exposure_id), treat_none_as_null = true)]
struct ExposureRow {
    tenant_id: Db<TenantId>,
    exposure_id: Db<ExposureId>,
    unit_id: Db<UnitId>,
    kind: String,
    year: i16,
    from_month: i16,
    to_month: i16,
    hundredths: i64,
    source: Option<String>,
    version: i64,
    updated_at: Db<Timestamp>,
}

impl ExposureRow {
    fn of(tenant: TenantId, it: &Exposure) -> Result<Self, Error> {
        let hundredths = i64::try_from(it.amount.hundredths);
        Ok(Self {
            tenant_id: Db(tenant),
            exposure_id: Db(it.id),
            unit_id: Db(it.unit),
            kind: it.kind.code().to_owned(),
            year: it.year(),
            from_month: it.period.from.month.into(),
            to_month: it.period.to.month.into(),
            hundredths: hundredths.map_err(|_| Error::Corrupt("exposures.hundredths".into()))?,
            source: it.source.clone(),
            version: it.version,
            updated_at: Db(it.updated_at),
        })
    }

    fn into_exposure(self) -> Result<Exposure, Error> {
        let corrupt = |column: &str| Error::Corrupt(format!("exposures.{column}"));
        let month = |month: i16, column: &str| {
            let month = i8::try_from(month).map_err(|_| corrupt(column))?;
            Ok::<_, Error>(Month { year: self.year, month })
        };
        Ok(Exposure {
            id: self.exposure_id.get(),
            unit: self.unit_id.get(),
            kind: code(&self.kind, "exposures.kind")?,
            period: Months {
                from: month(self.from_month, "from_month")?,
                to: month(self.to_month, "to_month")?,
            },
            amount: Amount {
                hundredths: u64::try_from(self.hundredths).map_err(|_| corrupt("hundredths"))?,
            },
            source: self.source,
            version: self.version,
            updated_at: self.updated_at.get(),
        })
    }
}

impl Tx<'_> {
    /// The exposures of some years, both included, by year, kind, unit and month.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn exposures(&mut self, from: i16, to: i16) -> Result<Vec<Exposure>, Error> {
        let rows: Vec<ExposureRow> = exposures::table
            .select(ExposureRow::as_select())
            .filter(exposures::tenant_id.eq(Db(self.tenant)))
            .filter(exposures::year.between(from, to))
            .order((exposures::year, exposures::kind, exposures::unit_id, exposures::from_month))
            .load(self.conn)?;
        rows.into_iter().map(ExposureRow::into_exposure).collect()
    }

    /// An exposure.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn exposure(&mut self, id: ExposureId) -> Result<Exposure, Error> {
        let row: ExposureRow = exposures::table
            .select(ExposureRow::as_select())
            .filter(exposures::tenant_id.eq(Db(self.tenant)))
            .filter(exposures::exposure_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_exposure()
    }

    /// Takes exposures in together.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `exposures_year_kind_unit_id_from_month_key`.
    pub fn insert_exposures(&mut self, of: &[Exposure]) -> Result<(), Error> {
        let mut rows = Additions::to(self.tenant);
        for it in of {
            let row = ExposureRow::of(self.tenant, it)?;
            rows.push(diesel::insert_into(exposures::table).values(row));
        }
        self.add(rows)
    }

    /// Saves a changed exposure if it still has the version the change began with.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Conflict`] as for a new one.
    pub fn save_exposure(&mut self, it: &Exposure, before: i64) -> Result<(), Error> {
        let row = ExposureRow::of(self.tenant, it)?;
        let here = exposures::tenant_id
            .eq(Db(self.tenant))
            .and(exposures::exposure_id.eq(Db(it.id)))
            .and(exposures::version.eq(before));
        let changed = diesel::update(exposures::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Takes an exposure away if it still has this version.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn remove_exposure(&mut self, id: ExposureId, version: i64) -> Result<(), Error> {
        let here = exposures::tenant_id
            .eq(Db(self.tenant))
            .and(exposures::exposure_id.eq(Db(id)))
            .and(exposures::version.eq(version));
        let removed = diesel::delete(exposures::table.filter(here)).execute(self.conn)?;
        if removed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
