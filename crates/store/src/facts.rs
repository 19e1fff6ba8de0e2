//! The fact of each case, kept in the same transaction as the case.

use diesel::prelude::*;
use domain::ids::{CaseId, InvestigationId, TenantId, UnitId};
use domain::statistics::Fact;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::laws_column;
use crate::error::Error;
use crate::schema::case_facts;
use crate::sql_types::Db;

/// What a change of the case changes; the event it belongs to is kept by [`Tx::join_events`], what the
/// sender of an opinion said of the answer by [`Tx::save_survey`].
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = case_facts, treat_none_as_default_value = false)]
#[diesel(primary_key(tenant_id, case_id), treat_none_as_null = true)]
struct FactRow {
    tenant_id: Db<TenantId>,
    case_id: Db<CaseId>,
    counted: bool,
    duplicate: bool,
    reported_on: Db<Date>,
    reported_year: i16,
    reported_month: i16,
    reported_week: i16,
    reported_weekday: i16,
    reported_hour: i16,
    occurred_on: Option<Db<Date>>,
    occurred_year: Option<i16>,
    occurred_month: Option<i16>,
    occurred_week: Option<i16>,
    occurred_weekday: Option<i16>,
    occurred_hour: Option<i16>,
    kind: &'static str,
    subkind: Option<&'static str>,
    unit_id: Db<UnitId>,
    reporting_unit_id: Db<UnitId>,
    laws: String,
    category: Option<String>,
    nature: Option<String>,
    severity: Option<i16>,
    probability: Option<i16>,
    vardskada: &'static str,
    serious: Option<bool>,
    injury: Option<String>,
    reached_person: Option<bool>,
    track: Option<&'static str>,
    outcome: Option<String>,
    status: &'static str,
    source: Option<String>,
    channel: Option<String>,
    profession: Option<String>,
    sex: Option<String>,
    age_band: Option<String>,
    suggestion: Option<&'static str>,
    suggestion_reported: Option<&'static str>,
    patientnamnd: Option<String>,
    occurred_at: Option<Db<Timestamp>>,
    reported_at: Db<Timestamp>,
    triaged_at: Option<Db<Timestamp>>,
    investigated_at: Option<Db<Timestamp>>,
    closed_at: Option<Db<Timestamp>>,
    law_reported: Option<&'static str>,
    law_assessed: Option<&'static str>,
    category_reported: Option<String>,
    category_assessed: Option<String>,
    investigation_id: Option<Db<InvestigationId>>,
    imported: bool,
}

impl FactRow {
    fn of(tenant_id: TenantId, fact: &Fact) -> Self {
        let occurred = fact.occurred;
        Self {
            tenant_id: Db(tenant_id),
            case_id: Db(fact.case),
            counted: fact.counted,
            duplicate: fact.duplicate,
            reported_on: Db(fact.reported.day),
            reported_year: fact.reported.year,
            reported_month: fact.reported.month,
            reported_week: fact.reported.week,
            reported_weekday: fact.reported.weekday,
            reported_hour: fact.reported.hour,
            occurred_on: occurred.map(|period| period.day).map(Db),
            occurred_year: occurred.map(|period| period.year),
            occurred_month: occurred.map(|period| period.month),
            occurred_week: occurred.map(|period| period.week),
            occurred_weekday: occurred.map(|period| period.weekday),
            occurred_hour: occurred.map(|period| period.hour),
            kind: fact.kind.code(),
            subkind: fact.subkind.map(|subkind| subkind.code()),
            unit_id: Db(fact.unit),
            reporting_unit_id: Db(fact.reporting_unit),
            laws: laws_column(&fact.laws),
            category: fact.category.clone(),
            nature: fact.nature.clone(),
            severity: fact.severity.map(i16::from),
            probability: fact.probability.map(i16::from),
            vardskada: fact.vardskada.code(),
            serious: fact.serious,
            injury: fact.injury.clone(),
            reached_person: fact.reached_person,
            track: fact.track.map(|track| track.code()),
            outcome: fact.outcome.clone(),
            status: fact.status.code(),
            source: fact.source.clone(),
            channel: fact.channel.clone(),
            profession: fact.profession.clone(),
            sex: fact.sex.clone(),
            age_band: fact.age_band.clone(),
            suggestion: fact.suggestion.map(|hit| hit.code()),
            suggestion_reported: fact.suggestion_reported.map(|hit| hit.code()),
            patientnamnd: fact.patientnamnd.clone(),
            occurred_at: fact.occurred_at.map(Db),
            reported_at: Db(fact.reported_at),
            triaged_at: fact.triaged_at.map(Db),
            investigated_at: fact.investigated_at.map(Db),
            closed_at: fact.closed_at.map(Db),
            law_reported: fact.law_reported.map(|law| law.code()),
            law_assessed: fact.law_assessed.map(|law| law.code()),
            category_reported: fact.category_reported.clone(),
            category_assessed: fact.category_assessed.clone(),
            investigation_id: fact.investigation.map(Db),
            imported: fact.imported,
        }
    }
}

impl Additions {
    /// Adds the fact of a new case, an event of its own until it is linked, with the answers that
    /// are counted. A conflict when the case has one already.
    pub fn fact(&mut self, fact: &Fact) {
        let row = FactRow::of(self.tenant, fact);
        let event = (case_facts::event_id.eq(Db(fact.case)), case_facts::event_shared.eq(false));
        let said = (
            case_facts::understood.eq(fact.understood.map(|said| said.code())),
            case_facts::helped.eq(fact.helped.map(|said| said.code())),
        );
        self.push(diesel::insert_into(case_facts::table).values((row, event, said)));
        self.answers(fact.case, &fact.answers);
    }
}

impl Tx<'_> {
    /// Brings the fact of a case up to date, without its answers: see [`Tx::replace_answers`].
    ///
    /// # Errors
    /// [`Error::NotFound`] when the case has none.
    pub fn update_fact(&mut self, fact: &Fact) -> Result<(), Error> {
        let here =
            case_facts::tenant_id.eq(Db(self.tenant)).and(case_facts::case_id.eq(Db(fact.case)));
        let row = FactRow::of(self.tenant, fact);
        let changed = diesel::update(case_facts::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Makes one event of the events that two cases belong to.
    ///
    /// # Errors
    /// [`Error::NotFound`] when either case has no fact.
    pub fn join_events(&mut self, one: CaseId, other: CaseId) -> Result<(), Error> {
        // Two joins at once would each miss what the other is about to move.
        self.one_at_a_time()?;
        let mut event_of = |case: CaseId| -> Result<CaseId, Error> {
            Ok(case_facts::table
                .select(case_facts::event_id)
                .filter(case_facts::tenant_id.eq(Db(self.tenant)))
                .filter(case_facts::case_id.eq(Db(case)))
                .get_result(self.conn)?)
        };
        let (a, b) = (event_of(one)?, event_of(other)?);
        let both = case_facts::tenant_id
            .eq(Db(self.tenant))
            .and(case_facts::event_id.eq_any(vec![Db(a), Db(b)]));
        diesel::update(case_facts::table.filter(both))
            .set((case_facts::event_id.eq(Db(a.min(b))), case_facts::event_shared.eq(true)))
            .execute(self.conn)?;
        Ok(())
    }
}
