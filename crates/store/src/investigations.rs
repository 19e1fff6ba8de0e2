//! Investigations with their causes and measures.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use domain::case::Investigation;
use domain::case::investigation::Cause;
use domain::case::measure::Measure;
use domain::ids::{CauseId, InvestigationId, MeasureId, StaffId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::among::among;
use crate::case_parts::grouped;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{causes, investigations, measure_causes, measures};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = investigations, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, investigation_id), treat_none_as_null = true)]
struct InvestigationRow {
    tenant_id: Db<TenantId>,
    investigation_id: Db<InvestigationId>,
    investigator: Option<Db<StaffId>>,
    started_at: Db<Timestamp>,
    completed_at: Option<Db<Timestamp>>,
    course_of_events: Option<String>,
    assessment: Option<String>,
    person_account: Option<String>,
    support_offered: Option<bool>,
    in_common: Option<String>,
    grounds: Db<Value>,
    version: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = causes, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct CauseRow {
    tenant_id: Db<TenantId>,
    investigation_id: Db<InvestigationId>,
    cause_id: Db<CauseId>,
    position: i32,
    code: String,
    text: Option<String>,
    waiver: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = measures, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct MeasureRow {
    tenant_id: Db<TenantId>,
    investigation_id: Db<InvestigationId>,
    measure_id: Db<MeasureId>,
    position: i32,
    kind: String,
    text: String,
    owner: Option<String>,
    due_on: Option<Db<Date>>,
    follow_up_on: Option<Db<Date>>,
    done_on: Option<Db<Date>>,
    effect: String,
    effect_note: Option<String>,
}

/// A place in a list, as a column.
fn position(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX)
}

impl InvestigationRow {
    fn of(tenant: TenantId, inquiry: &Investigation) -> Result<Self, Error> {
        Ok(Self {
            tenant_id: Db(tenant),
            investigation_id: Db(inquiry.id),
            investigator: inquiry.investigator.map(Db),
            started_at: Db(inquiry.started_at),
            completed_at: inquiry.completed_at.map(Db),
            course_of_events: inquiry.course_of_events.clone(),
            assessment: inquiry.assessment.clone(),
            person_account: inquiry.person_account.clone(),
            support_offered: inquiry.support_offered,
            in_common: inquiry.in_common.map(|value| value.code().to_owned()),
            grounds: Db(document(&inquiry.grounds)?),
            version: inquiry.version,
        })
    }
}

impl InvestigationRow {
    /// The investigation, with its causes and measures in their order.
    fn with(
        self,
        causes: Vec<CauseRow>,
        measures: Vec<MeasureRow>,
        pairs: &[(Db<MeasureId>, Db<CauseId>)],
    ) -> Result<Investigation, Error> {
        let causes: Vec<Cause> = causes
            .into_iter()
            .map(|row| Cause {
                id: row.cause_id.get(),
                code: row.code,
                text: row.text,
                waiver: row.waiver,
            })
            .collect();
        // A measure's causes stand in the order of the investigation's.
        let of_measure = |id: Db<MeasureId>| {
            let all = causes.iter().map(|cause| cause.id);
            all.filter(|cause| pairs.contains(&(id, Db(*cause)))).collect()
        };
        let measure = |row: MeasureRow| {
            Ok(Measure {
                id: row.measure_id.get(),
                kind: row.kind,
                text: row.text,
                causes: of_measure(row.measure_id),
                owner: row.owner,
                due_on: row.due_on.map(Db::get),
                follow_up_on: row.follow_up_on.map(Db::get),
                done_on: row.done_on.map(Db::get),
                effect: code(&row.effect, "measures.effect")?,
                effect_note: row.effect_note,
            })
        };
        Ok(Investigation {
            id: self.investigation_id.get(),
            investigator: self.investigator.map(Db::get),
            started_at: self.started_at.get(),
            completed_at: self.completed_at.map(Db::get),
            course_of_events: self.course_of_events,
            assessment: self.assessment,
            person_account: self.person_account,
            support_offered: self.support_offered,
            in_common: self
                .in_common
                .map(|text| code(&text, "investigations.in_common"))
                .transpose()?,
            grounds: from_document(self.grounds.get(), "investigations.grounds")?,
            version: self.version,
            measures: measures.into_iter().map(measure).collect::<Result<_, Error>>()?,
            causes,
        })
    }
}

impl Additions {
    /// Adds an investigation with its causes and measures.
    pub fn investigation(&mut self, inquiry: &Investigation) {
        match InvestigationRow::of(self.tenant, inquiry) {
            Ok(row) => self.push(diesel::insert_into(investigations::table).values(row)),
            Err(fault) => return self.refuse(fault),
        }
        self.parts_of(inquiry);
    }

    fn parts_of(&mut self, inquiry: &Investigation) {
        let (tenant_id, investigation_id) = (Db(self.tenant), Db(inquiry.id));
        for (at, cause) in inquiry.causes.iter().enumerate() {
            self.push(diesel::insert_into(causes::table).values(CauseRow {
                tenant_id,
                investigation_id,
                cause_id: Db(cause.id),
                position: position(at),
                code: cause.code.clone(),
                text: cause.text.clone(),
                waiver: cause.waiver.clone(),
            }));
        }
        for (at, measure) in inquiry.measures.iter().enumerate() {
            self.push(diesel::insert_into(measures::table).values(MeasureRow {
                tenant_id,
                investigation_id,
                measure_id: Db(measure.id),
                position: position(at),
                kind: measure.kind.clone(),
                text: measure.text.clone(),
                owner: measure.owner.clone(),
                due_on: measure.due_on.map(Db),
                follow_up_on: measure.follow_up_on.map(Db),
                done_on: measure.done_on.map(Db),
                effect: measure.effect.code().to_owned(),
                effect_note: measure.effect_note.clone(),
            }));
            // Naming a cause twice says no more than once.
            for cause in measure.causes.iter().collect::<BTreeSet<_>>() {
                self.push(diesel::insert_into(measure_causes::table).values((
                    measure_causes::tenant_id.eq(tenant_id),
                    measure_causes::investigation_id.eq(investigation_id),
                    measure_causes::measure_id.eq(Db(measure.id)),
                    measure_causes::cause_id.eq(Db(*cause)),
                )));
            }
        }
    }
}

impl Tx<'_> {
    /// Saves a changed investigation with its causes and measures, if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster; [`Error::Reference`] and the like.
    pub fn save_investigation(&mut self, inquiry: &Investigation) -> Result<(), Error> {
        let (tenant_id, investigation_id) = (Db(self.tenant), Db(inquiry.id));
        let row = InvestigationRow::of(self.tenant, inquiry)?;
        let here = investigations::tenant_id
            .eq(tenant_id)
            .and(investigations::investigation_id.eq(investigation_id))
            .and(investigations::version.eq(inquiry.version - 1));
        let changed =
            diesel::update(investigations::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 0 {
            return Err(Error::Stale);
        }
        // The parts keep their ids, so writing them anew loses nothing and needs no comparing.
        let of = measure_causes::tenant_id
            .eq(tenant_id)
            .and(measure_causes::investigation_id.eq(investigation_id));
        diesel::delete(measure_causes::table.filter(of)).execute(self.conn)?;
        let of =
            measures::tenant_id.eq(tenant_id).and(measures::investigation_id.eq(investigation_id));
        diesel::delete(measures::table.filter(of)).execute(self.conn)?;
        let of = causes::tenant_id.eq(tenant_id).and(causes::investigation_id.eq(investigation_id));
        diesel::delete(causes::table.filter(of)).execute(self.conn)?;
        self.add_rows(|rows| rows.parts_of(inquiry))
    }

    /// An investigation with its causes and measures.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn investigation(&mut self, id: InvestigationId) -> Result<Investigation, Error> {
        let row: InvestigationRow = investigations::table
            .select(InvestigationRow::as_select())
            .filter(investigations::tenant_id.eq(Db(self.tenant)))
            .filter(investigations::investigation_id.eq(Db(id)))
            .get_result(self.conn)?;
        let causes: Vec<CauseRow> = causes::table
            .select(CauseRow::as_select())
            .filter(causes::tenant_id.eq(Db(self.tenant)))
            .filter(causes::investigation_id.eq(Db(id)))
            .order(causes::position)
            .load(self.conn)?;
        let measures: Vec<MeasureRow> = measures::table
            .select(MeasureRow::as_select())
            .filter(measures::tenant_id.eq(Db(self.tenant)))
            .filter(measures::investigation_id.eq(Db(id)))
            .order(measures::position)
            .load(self.conn)?;
        let pairs: Vec<(Db<MeasureId>, Db<CauseId>)> = measure_causes::table
            .select((measure_causes::measure_id, measure_causes::cause_id))
            .filter(measure_causes::tenant_id.eq(Db(self.tenant)))
            .filter(measure_causes::investigation_id.eq(Db(id)))
            .load(self.conn)?;
        row.with(causes, measures, &pairs)
    }

    /// Several investigations with their causes and measures: those that are there.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub(crate) fn investigations(
        &mut self,
        ids: &BTreeSet<InvestigationId>,
    ) -> Result<HashMap<InvestigationId, Investigation>, Error> {
        let ids: Vec<_> = ids.iter().copied().map(Db).collect();
        let rows: Vec<InvestigationRow> = investigations::table
            .select(InvestigationRow::as_select())
            .filter(investigations::tenant_id.eq(Db(self.tenant)))
            .filter(investigations::investigation_id.eq_any(among(&ids)))
            .load(self.conn)?;
        let causes: Vec<CauseRow> = causes::table
            .select(CauseRow::as_select())
            .filter(causes::tenant_id.eq(Db(self.tenant)))
            .filter(causes::investigation_id.eq_any(among(&ids)))
            .order(causes::position)
            .load(self.conn)?;
        let measures: Vec<MeasureRow> = measures::table
            .select(MeasureRow::as_select())
            .filter(measures::tenant_id.eq(Db(self.tenant)))
            .filter(measures::investigation_id.eq_any(among(&ids)))
            .order(measures::position)
            .load(self.conn)?;
        // Measures have ids of their own: no two investigations share one.
        let pairs: Vec<(Db<MeasureId>, Db<CauseId>)> = measure_causes::table
            .select((measure_causes::measure_id, measure_causes::cause_id))
            .filter(measure_causes::tenant_id.eq(Db(self.tenant)))
            .filter(measure_causes::investigation_id.eq_any(among(&ids)))
            .load(self.conn)?;
        let mut causes = grouped(causes.into_iter().map(|row| (row.investigation_id.get(), row)));
        let measures = measures.into_iter().map(|row| (row.investigation_id.get(), row));
        let mut measures = grouped(measures);
        rows.into_iter()
            .map(|row| {
                let id = row.investigation_id.get();
                let (causes, measures) = (causes.remove(&id), measures.remove(&id));
                let whole =
                    row.with(causes.unwrap_or_default(), measures.unwrap_or_default(), &pairs)?;
                Ok((id, whole))
            })
            .collect()
    }
}
