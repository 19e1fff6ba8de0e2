//! Checks of the access log, with the readings they drew.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::calendar::start_of_year;
use domain::ids::{EntryId, SpotCheckId, StaffId, TenantId};
use domain::spot_check::{Closed, Judged, Looked, Rule, SpotCheck};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{spot_check_readings, spot_checks};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = spot_checks, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct CheckRow {
    tenant_id: Db<TenantId>,
    check_id: Db<SpotCheckId>,
    from_day: Db<Date>,
    to_day: Db<Date>,
    seed: i64,
    sample: i32,
    rules: String,
    scope: Db<Value>,
    considered: i32,
    reason: String,
    drawn_by: Db<StaffId>,
    drawn_at: Db<Timestamp>,
    closed_by: Option<Db<StaffId>>,
    closed_at: Option<Db<Timestamp>>,
    summary: Option<String>,
    version: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = spot_check_readings, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct LookedRow {
    tenant_id: Db<TenantId>,
    check_id: Db<SpotCheckId>,
    entry_id: Db<EntryId>,
    place: i32,
    reader_id: Db<StaffId>,
    reasons: String,
    shown: Db<Value>,
    verdict: Option<String>,
    verdict_reason: Option<String>,
    judged_by: Option<Db<StaffId>>,
    judged_at: Option<Db<Timestamp>>,
}

/// Rules as one column: codes by comma.
fn rules_column(rules: &[Rule]) -> String {
    rules.iter().map(|rule| rule.code()).collect::<Vec<_>>().join(",")
}

fn rules_of(column: &str) -> Result<Vec<Rule>, Error> {
    let codes = column.split(',').filter(|code| !code.is_empty());
    codes.map(|text| code(text, "spot_checks.rules")).collect()
}

impl CheckRow {
    fn of(tenant: TenantId, it: &SpotCheck) -> Result<Self, Error> {
        let considered = i32::try_from(it.considered);
        Ok(Self {
            tenant_id: Db(tenant),
            check_id: Db(it.id),
            from_day: Db(it.from),
            to_day: Db(it.to),
            seed: it.seed,
            sample: it.sample.into(),
            rules: rules_column(&it.rules),
            scope: Db(document(&it.reach)?),
            considered: considered.map_err(|_| Error::Corrupt("spot_checks.considered".into()))?,
            reason: it.reason.clone(),
            drawn_by: Db(it.by),
            drawn_at: Db(it.at),
            closed_by: it.closed.as_ref().map(|closed| Db(closed.by)),
            closed_at: it.closed.as_ref().map(|closed| Db(closed.at)),
            summary: it.closed.as_ref().map(|closed| closed.summary.clone()),
            version: it.version,
        })
    }

    fn into_check(self, readings: Vec<Looked>) -> Result<SpotCheck, Error> {
        let corrupt = |column: &str| Error::Corrupt(format!("spot_checks.{column}"));
        let closed = match (self.closed_by, self.closed_at, self.summary) {
            (Some(by), Some(at), Some(summary)) => {
                Some(Closed { by: by.get(), at: at.get(), summary })
            }
            (None, None, None) => None,
            _ => return Err(corrupt("closed_at")),
        };
        Ok(SpotCheck {
            id: self.check_id.get(),
            from: self.from_day.get(),
            to: self.to_day.get(),
            seed: self.seed,
            sample: u16::try_from(self.sample).map_err(|_| corrupt("sample"))?,
            rules: rules_of(&self.rules)?,
            reach: from_document(self.scope.get(), "spot_checks.scope")?,
            considered: u32::try_from(self.considered).map_err(|_| corrupt("considered"))?,
            reason: self.reason,
            by: self.drawn_by.get(),
            at: self.drawn_at.get(),
            readings,
            closed,
            version: self.version,
        })
    }
}

impl LookedRow {
    fn into_looked(self) -> Result<Looked, Error> {
        let judged = match (self.verdict, self.verdict_reason, self.judged_by, self.judged_at) {
            (Some(verdict), Some(reason), Some(by), Some(at)) => {
                let verdict = code(&verdict, "spot_check_readings.verdict")?;
                Some(Judged { verdict, reason, by: by.get(), at: at.get() })
            }
            (None, None, None, None) => None,
            _ => return Err(Error::Corrupt("spot_check_readings.verdict".into())),
        };
        Ok(Looked {
            entry: self.entry_id.get(),
            reader: self.reader_id.get(),
            reasons: rules_of(&self.reasons)?,
            shown: from_document(self.shown.get(), "spot_check_readings.shown")?,
            judged,
        })
    }
}

impl Tx<'_> {
    /// Takes a check in, with what it drew.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn insert_spot_check(&mut self, it: &SpotCheck) -> Result<(), Error> {
        let mut rows = Additions::to(self.tenant);
        rows.push(diesel::insert_into(spot_checks::table).values(CheckRow::of(self.tenant, it)?));
        for (place, looked) in it.readings.iter().enumerate() {
            let row = LookedRow {
                tenant_id: Db(self.tenant),
                check_id: Db(it.id),
                entry_id: Db(looked.entry),
                place: i32::try_from(place)
                    .map_err(|_| Error::Corrupt("spot_check_readings.place".into()))?,
                reader_id: Db(looked.reader),
                reasons: rules_column(&looked.reasons),
                shown: Db(document(&looked.shown)?),
                verdict: None,
                verdict_reason: None,
                judged_by: None,
                judged_at: None,
            };
            rows.push(diesel::insert_into(spot_check_readings::table).values(row));
        }
        self.add(rows)
    }

    /// Every check, the newest first, with what it drew.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn spot_checks(&mut self) -> Result<Vec<SpotCheck>, Error> {
        let rows: Vec<CheckRow> = spot_checks::table
            .select(CheckRow::as_select())
            .filter(spot_checks::tenant_id.eq(Db(self.tenant)))
            .order((spot_checks::drawn_at.desc(), spot_checks::check_id.desc()))
            .load(self.conn)?;
        let looked: Vec<LookedRow> = spot_check_readings::table
            .select(LookedRow::as_select())
            .filter(spot_check_readings::tenant_id.eq(Db(self.tenant)))
            .order((spot_check_readings::check_id, spot_check_readings::place))
            .load(self.conn)?;
        let mut drawn: HashMap<SpotCheckId, Vec<Looked>> = HashMap::new();
        for row in looked {
            let check = row.check_id.get();
            drawn.entry(check).or_default().push(row.into_looked()?);
        }
        let check = |row: CheckRow| {
            let readings = drawn.remove(&row.check_id.get()).unwrap_or_default();
            row.into_check(readings)
        };
        rows.into_iter().map(check).collect()
    }

    /// The checks that were closed in a year, by the Swedish calendar.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn spot_checks_closed(&mut self, year: i16) -> Result<Vec<SpotCheck>, Error> {
        let (from, before) = (start_of_year(year), start_of_year(year.saturating_add(1)));
        let ids: Vec<Db<SpotCheckId>> = spot_checks::table
            .select(spot_checks::check_id)
            .filter(spot_checks::tenant_id.eq(Db(self.tenant)))
            .filter(spot_checks::closed_at.ge(Some(Db(from))))
            .filter(spot_checks::closed_at.lt(Some(Db(before))))
            .order((spot_checks::closed_at, spot_checks::check_id))
            .load(self.conn)?;
        ids.into_iter().map(|id| self.spot_check(id.get())).collect()
    }

    /// A check, with what it drew.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn spot_check(&mut self, id: SpotCheckId) -> Result<SpotCheck, Error> {
        let row: CheckRow = spot_checks::table
            .select(CheckRow::as_select())
            .filter(spot_checks::tenant_id.eq(Db(self.tenant)))
            .filter(spot_checks::check_id.eq(Db(id)))
            .get_result(self.conn)?;
        let looked: Vec<LookedRow> = spot_check_readings::table
            .select(LookedRow::as_select())
            .filter(spot_check_readings::tenant_id.eq(Db(self.tenant)))
            .filter(spot_check_readings::check_id.eq(Db(id)))
            .order(spot_check_readings::place)
            .load(self.conn)?;
        let looked: Result<Vec<Looked>, Error> =
            looked.into_iter().map(LookedRow::into_looked).collect();
        row.into_check(looked?)
    }

    /// Saves what became of a check, judgements and end, if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn save_spot_check(&mut self, it: &SpotCheck) -> Result<(), Error> {
        let here = spot_checks::tenant_id
            .eq(Db(self.tenant))
            .and(spot_checks::check_id.eq(Db(it.id)))
            .and(spot_checks::version.eq(it.version - 1));
        let changed = diesel::update(spot_checks::table.filter(here))
            .set((
                spot_checks::closed_by.eq(it.closed.as_ref().map(|closed| Db(closed.by))),
                spot_checks::closed_at.eq(it.closed.as_ref().map(|closed| Db(closed.at))),
                spot_checks::summary.eq(it.closed.as_ref().map(|closed| closed.summary.clone())),
                spot_checks::version.eq(it.version),
            ))
            .execute(self.conn)?;
        if changed != 1 {
            return Err(Error::Stale);
        }
        for looked in &it.readings {
            let Some(judged) = &looked.judged else { continue };
            let here = spot_check_readings::tenant_id
                .eq(Db(self.tenant))
                .and(spot_check_readings::check_id.eq(Db(it.id)))
                .and(spot_check_readings::entry_id.eq(Db(looked.entry)));
            diesel::update(spot_check_readings::table.filter(here))
                .set((
                    spot_check_readings::verdict.eq(Some(judged.verdict.code())),
                    spot_check_readings::verdict_reason.eq(Some(judged.reason.clone())),
                    spot_check_readings::judged_by.eq(Some(Db(judged.by))),
                    spot_check_readings::judged_at.eq(Some(Db(judged.at))),
                ))
                .execute(self.conn)?;
        }
        Ok(())
    }
}
