//! Figures that are counted elsewhere.

use diesel::prelude::*;
use domain::ids::{OwnFigureId, StaffId, TenantId, UnitId};
use domain::learning::Done;
use domain::yearly::own::{Amount, OwnContent, OwnFigure};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::additions::Additions;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::own_figures;
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = own_figures, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, figure_id), treat_none_as_null = true)]
struct FigureRow {
    tenant_id: Db<TenantId>,
    figure_id: Db<OwnFigureId>,
    name: String,
    unit_id: Option<Db<UnitId>>,
    period_from: Db<Date>,
    period_to: Db<Date>,
    value: Option<i64>,
    of_value: Option<i64>,
    percent_tenths: Option<i32>,
    source: String,
    entered_by: Db<StaffId>,
    entered_at: Db<Timestamp>,
    withdrawn: bool,
    version: i64,
}

impl FigureRow {
    fn of(tenant: TenantId, it: &OwnFigure) -> Self {
        let content = &it.content;
        // The domain's largest number is far inside.
        let kept = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let (value, of, percent) = match content.amount {
            Amount::Count { value, of } => (Some(kept(value)), of.map(kept), None),
            Amount::Percent { tenths } => (None, None, Some(i32::from(tenths))),
        };
        Self {
            tenant_id: Db(tenant),
            figure_id: Db(it.id),
            name: content.name.clone(),
            unit_id: content.unit.map(Db),
            period_from: Db(content.from),
            period_to: Db(content.to),
            value,
            of_value: of,
            percent_tenths: percent,
            source: content.source.clone(),
            entered_by: Db(it.entered.by),
            entered_at: Db(it.entered.at),
            withdrawn: it.withdrawn,
            version: it.version,
        }
    }

    fn into_figure(self) -> Result<OwnFigure, Error> {
        let corrupt = || Error::Corrupt("own_figures.value".to_owned());
        let count = |value: i64| u64::try_from(value).map_err(|_| corrupt());
        let amount = match (self.value, self.percent_tenths) {
            (Some(value), None) => {
                Amount::Count { value: count(value)?, of: self.of_value.map(count).transpose()? }
            }
            (None, Some(tenths)) => {
                Amount::Percent { tenths: u16::try_from(tenths).map_err(|_| corrupt())? }
            }
            (_, _) => return Err(corrupt()),
        };
        Ok(OwnFigure {
            id: self.figure_id.get(),
            content: OwnContent {
                name: self.name,
                unit: self.unit_id.map(Db::get),
                from: self.period_from.get(),
                to: self.period_to.get(),
                amount,
                source: self.source,
            },
            entered: Done { by: self.entered_by.get(), at: self.entered_at.get() },
            withdrawn: self.withdrawn,
            version: self.version,
        })
    }
}

impl Additions {
    /// Adds a figure; a conflict over `own_figures_name_unit_id_period_from_period_to_key` or
    /// `own_figures_name_period_from_period_to_key` where there is one for its place and period.
    pub fn own_figure(&mut self, it: &OwnFigure) {
        let row = FigureRow::of(self.tenant, it);
        self.push(diesel::insert_into(own_figures::table).values(row));
    }
}

impl Tx<'_> {
    /// The figures whose period ends within these days, withdrawn ones left out, by name and period.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a figure that says nothing.
    pub fn own_figures(&mut self, from: Date, to: Date) -> Result<Vec<OwnFigure>, Error> {
        let rows: Vec<FigureRow> = own_figures::table
            .select(FigureRow::as_select())
            .filter(own_figures::tenant_id.eq(Db(self.tenant)))
            .filter(own_figures::period_to.ge(Db(from)))
            .filter(own_figures::period_to.le(Db(to)))
            .filter(own_figures::withdrawn.eq(false))
            .order((own_figures::name, own_figures::period_from, own_figures::figure_id))
            .load(self.conn)?;
        rows.into_iter().map(FigureRow::into_figure).collect()
    }

    /// A figure, withdrawn or not.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn own_figure(&mut self, id: OwnFigureId) -> Result<OwnFigure, Error> {
        let row: FigureRow = own_figures::table
            .select(FigureRow::as_select())
            .filter(own_figures::tenant_id.eq(Db(self.tenant)))
            .filter(own_figures::figure_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_figure()
    }

    /// Saves a changed figure if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster; a conflict as for a new one.
    pub fn save_own_figure(&mut self, it: &OwnFigure) -> Result<(), Error> {
        let row = FigureRow::of(self.tenant, it);
        let here = own_figures::tenant_id
            .eq(Db(self.tenant))
            .and(own_figures::figure_id.eq(Db(it.id)))
            .and(own_figures::version.eq(it.version - 1));
        let changed =
            diesel::update(own_figures::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
