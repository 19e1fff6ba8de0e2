//! Cases: the row of each, and what hangs on it.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use domain::case::{Case, Kind, Progress, State, Status};
use domain::ids::{CaseId, InvestigationId, StaffId, SubjectId, TenantId, UnitId};
use domain::law::Law;
use domain::opinion::Opinion;
use domain::worklist::awaits;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::among::among;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::cases;
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, case_id), treat_none_as_null = true)]
pub(crate) struct CaseRow {
    tenant_id: Db<TenantId>,
    case_id: Db<CaseId>,
    number: String,
    external_number: Option<String>,
    kind: String,
    subkind: Option<String>,
    status: String,
    track: Option<String>,
    outcome: Option<String>,
    unit_id: Db<UnitId>,
    reporting_unit_id: Db<UnitId>,
    also_units: Db<Value>,
    reported_by: Option<Db<StaffId>>,
    registered_by: Option<Db<StaffId>>,
    occurred_at: Option<Db<Timestamp>>,
    occurred_until: Option<Db<Timestamp>>,
    discovered_at: Option<Db<Timestamp>>,
    reported_at: Db<Timestamp>,
    registered_at: Db<Timestamp>,
    triaged_at: Option<Db<Timestamp>>,
    investigation_started_at: Option<Db<Timestamp>>,
    investigation_done_at: Option<Db<Timestamp>>,
    measures_decided_at: Option<Db<Timestamp>>,
    following_up_at: Option<Db<Timestamp>>,
    patient_informed_at: Option<Db<Timestamp>>,
    closed_at: Option<Db<Timestamp>>,
    voided_at: Option<Db<Timestamp>>,
    laws: String,
    category: Option<String>,
    filing: Db<Value>,
    assessment: Db<Value>,
    ending: Option<Db<Value>>,
    investigation_id: Option<Db<InvestigationId>>,
    subject_id: Option<Db<SubjectId>>,
    imported: bool,
    private: bool,
    version: i64,
    updated_at: Db<Timestamp>,
    lead_id: Option<Db<StaffId>>,
    hops: i16,
    severity: Option<i16>,
    risk_score: Option<i16>,
    vardskada: String,
    awaits: String,
    warned: bool,
    vardskada_at: Option<Db<Timestamp>>,
    informed_at: Option<Db<Timestamp>>,
    waiting_until: Option<Db<Date>>,
    opinion: Option<Db<Value>>,
    diary_number: Option<String>,
}

/// A value as a JSON column. Domain documents have string keys only, so this cannot fail in use.
pub(crate) fn document(value: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::Corrupt(error.to_string()))
}

/// What a JSON column holds.
pub(crate) fn from_document<T: DeserializeOwned>(value: Value, column: &str) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error::Corrupt(format!("{column}: {error}")))
}

/// A code as the domain's value.
pub(crate) fn code<T: std::str::FromStr>(text: &str, column: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Corrupt(format!("{column}: unknown code {text:?}")))
}

/// Laws as one column: codes by comma, the counted one first.
pub(crate) fn laws_column(laws: &[Law]) -> String {
    laws.iter().map(|law| law.code()).collect::<Vec<_>>().join(",")
}

/// The laws of a column.
pub(crate) fn laws_of(column: &str) -> Result<Vec<Law>, Error> {
    column.split(',').filter(|code| !code.is_empty()).map(|text| code(text, "laws")).collect()
}

/// Every value the column of laws can have that names one of `wanted`.
pub(crate) fn law_columns_with(wanted: impl Fn(&Law) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut grow = vec![Vec::<Law>::new()];
    while let Some(laws) = grow.pop() {
        for law in Law::ALL.into_iter().filter(|law| !laws.contains(law)) {
            let mut longer = laws.clone();
            longer.push(law);
            if longer.iter().any(&wanted) {
                found.push(laws_column(&longer));
            }
            grow.push(longer);
        }
    }
    found
}

impl CaseRow {
    fn of(tenant_id: TenantId, case: &Case) -> Result<Self, Error> {
        let progress = &case.progress;
        let (ending, voided_at) = match &case.state {
            State::Closed(closing) => (Some(document(closing)?), None),
            State::Void(voiding) => (Some(document(voiding)?), Some(voiding.at)),
            State::Draft
            | State::Reported
            | State::Triaged
            | State::Investigating
            | State::MeasuresDecided
            | State::FollowingUp => (None, None),
        };
        Ok(Self {
            tenant_id: Db(tenant_id),
            case_id: Db(case.id),
            number: case.number.to_string(),
            external_number: case.external_number.clone(),
            kind: case.kind.code().to_owned(),
            subkind: case.subkind.map(|subkind| subkind.code().to_owned()),
            status: case.status().code().to_owned(),
            track: case.assessment.track.map(|track| track.code().to_owned()),
            outcome: case.outcome().map(str::to_owned),
            unit_id: Db(case.unit),
            reporting_unit_id: Db(case.reporting_unit),
            also_units: Db(document(&case.also_units)?),
            reported_by: case.reported_by.map(Db),
            registered_by: case.registered_by.map(Db),
            occurred_at: case.occurred_at.map(Db),
            occurred_until: case.occurred_until.map(Db),
            discovered_at: case.discovered_at.map(Db),
            reported_at: Db(case.reported_at),
            registered_at: Db(case.registered_at),
            triaged_at: progress.triaged_at.map(Db),
            investigation_started_at: progress.investigation_started_at.map(Db),
            investigation_done_at: progress.investigation_done_at.map(Db),
            measures_decided_at: progress.measures_decided_at.map(Db),
            following_up_at: progress.following_up_at.map(Db),
            patient_informed_at: progress.patient_informed_at.map(Db),
            closed_at: case.closed_at().map(Db),
            voided_at: voided_at.map(Db),
            laws: laws_column(&case.laws()),
            category: case.category().map(str::to_owned),
            filing: Db(document(&case.filing)?),
            assessment: Db(document(&case.assessment)?),
            ending: ending.map(Db),
            investigation_id: case.investigation.as_ref().map(|inquiry| inquiry.id).map(Db),
            subject_id: case.subject.map(Db),
            imported: case.imported,
            private: case.private(),
            version: case.version,
            updated_at: Db(case.updated_at),
            lead_id: case.assessment.lead.map(Db),
            hops: i16::try_from(case.assessment.hops).unwrap_or(i16::MAX),
            severity: case.assessment.severity.potential().map(i16::from),
            risk_score: case.assessment.risk_score().map(i16::from),
            vardskada: case.assessment.harm.vardskada.code().to_owned(),
            awaits: awaits(case).join(","),
            warned: !case.filing.warnings.is_empty(),
            vardskada_at: case.vardskada_at().map(Db),
            informed_at: case.informed_at().map(Db),
            waiting_until: case.assessment.waiting.as_ref().map(|it| Db(it.until)),
            opinion: case.opinion_brief().map(|brief| document(&brief)).transpose()?.map(Db),
            diary_number: case.registered_as().map(str::to_owned),
        })
    }

    /// The case, without what hangs on it in other tables.
    pub(crate) fn into_case(self) -> Result<Case, Error> {
        let ending = || {
            self.ending
                .map(Db::get)
                .clone()
                .ok_or_else(|| Error::Corrupt("a case has ended without an ending".into()))
        };
        let state = match code::<Status>(&self.status, "cases.status")? {
            Status::Draft => State::Draft,
            Status::Reported => State::Reported,
            Status::Triaged => State::Triaged,
            Status::Investigating => State::Investigating,
            Status::MeasuresDecided => State::MeasuresDecided,
            Status::FollowingUp => State::FollowingUp,
            Status::Closed => State::Closed(from_document(ending()?, "cases.ending")?),
            Status::Void => State::Void(from_document(ending()?, "cases.ending")?),
        };
        Ok(Case {
            id: self.case_id.get(),
            number: code(&self.number, "cases.number")?,
            external_number: self.external_number,
            diary_number: self.diary_number,
            kind: code(&self.kind, "cases.kind")?,
            subkind: self.subkind.map(|text| code(&text, "cases.subkind")).transpose()?,
            unit: self.unit_id.get(),
            reporting_unit: self.reporting_unit_id.get(),
            also_units: from_document(self.also_units.get(), "cases.also_units")?,
            reported_by: self.reported_by.map(Db::get),
            registered_by: self.registered_by.map(Db::get),
            occurred_at: self.occurred_at.map(Db::get),
            occurred_until: self.occurred_until.map(Db::get),
            discovered_at: self.discovered_at.map(Db::get),
            reported_at: self.reported_at.get(),
            registered_at: self.registered_at.get(),
            filing: from_document(self.filing.get(), "cases.filing")?,
            assessment: from_document(self.assessment.get(), "cases.assessment")?,
            progress: Progress {
                triaged_at: self.triaged_at.map(Db::get),
                investigation_started_at: self.investigation_started_at.map(Db::get),
                investigation_done_at: self.investigation_done_at.map(Db::get),
                measures_decided_at: self.measures_decided_at.map(Db::get),
                following_up_at: self.following_up_at.map(Db::get),
                patient_informed_at: self.patient_informed_at.map(Db::get),
            },
            state,
            investigation: None,
            feedback: Vec::new(),
            links: Vec::new(),
            watches: Vec::new(),
            conflicts: Vec::new(),
            opinion: None,
            subject: self.subject_id.map(Db::get),
            imported: self.imported,
            version: self.version,
            updated_at: self.updated_at.get(),
        })
    }
}

impl Additions {
    /// Adds a case with its investigation, feedback and links; a conflict over `cases_case_id_key` or
    /// `cases_number_key` when its id or number is taken.
    pub fn case(&mut self, case: &Case) {
        if let Some(inquiry) = &case.investigation {
            self.investigation(inquiry);
        }
        self.case_alone(case);
    }

    /// As [`Additions::case`], for a case whose investigation is there already.
    pub fn case_alone(&mut self, case: &Case) {
        match CaseRow::of(self.tenant, case) {
            Ok(row) => self.push(diesel::insert_into(cases::table).values(row)),
            Err(fault) => self.refuse(fault),
        }
        case.feedback.iter().for_each(|given| self.feedback(case.id, given));
        case.links.iter().for_each(|link| self.link(case.id, link));
        case.assessment.duties.iter().for_each(|duty| self.duty(case.id, duty));
        self.beside(case);
        self.opinion(case);
    }
}

impl Tx<'_> {
    /// Saves a changed case if it still stands where the change began. What hangs on it in other
    /// tables is saved by the calls for that.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_case(&mut self, case: &Case, expected: (Status, i64)) -> Result<(), Error> {
        let row = CaseRow::of(self.tenant, case)?;
        let here = cases::tenant_id
            .eq(Db(self.tenant))
            .and(cases::case_id.eq(Db(case.id)))
            .and(cases::status.eq(expected.0.code()))
            .and(cases::version.eq(expected.1));
        let changed = diesel::update(cases::table.filter(here)).set(row).execute(self.conn)?;
        if changed != 1 {
            return Err(Error::Stale);
        }
        self.save_opinion(case)
    }

    /// Takes a case's diarienummer away, so that the case it goes on as can have it in the same
    /// transaction; the case is saved with its version afterwards.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn free_case_number(&mut self, id: CaseId) -> Result<(), Error> {
        let here = cases::tenant_id.eq(Db(self.tenant)).and(cases::case_id.eq(Db(id)));
        diesel::update(cases::table.filter(here))
            .set(cases::diary_number.eq(None::<String>))
            .execute(self.conn)?;
        Ok(())
    }

    /// The case, with everything that hangs on it.
    ///
    /// # Errors
    /// [`Error::NotFound`], also of one that is erased: see [`Tx::erased_case`].
    pub fn case(&mut self, id: CaseId) -> Result<Case, Error> {
        let row: CaseRow = cases::table
            .select(CaseRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq(Db(id)))
            .filter(cases::erased_at.is_null())
            .get_result(self.conn)?;
        let investigation = row.investigation_id.map(Db::get);
        let mut case = row.into_case()?;
        if let Some(id) = investigation {
            case.investigation = Some(self.investigation(id)?);
        }
        case.feedback = self.feedback_of(id)?;
        case.links = self.links_of(id)?;
        case.watches = self.watches_of(id)?;
        case.conflicts = self.conflicts_of(id)?;
        self.with_opinion(&mut case)?;
        Ok(case)
    }

    /// Those of several cases that are there, each with everything that hangs on it, by id. The number
    /// of statements does not grow with theirs.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases(&mut self, ids: &BTreeSet<CaseId>) -> Result<Vec<Case>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = ids.iter().copied().map(Db).collect();
        let rows: Vec<CaseRow> = cases::table
            .select(CaseRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(among(&ids)))
            .filter(cases::erased_at.is_null())
            .order(cases::case_id)
            .load(self.conn)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let inquiries: BTreeSet<_> =
            rows.iter().filter_map(|row| row.investigation_id).map(Db::get).collect();
        let inquiries = match inquiries.is_empty() {
            true => HashMap::new(),
            false => self.investigations(&inquiries)?,
        };
        let mut feedback = self.feedback_of_each(&ids)?;
        let mut links = self.links_of_each(&ids)?;
        let mut watches = self.watches_of_each(&ids)?;
        let mut conflicts = self.conflicts_of_each(&ids)?;
        let of_opinions = |row: &&CaseRow| row.kind != Kind::Avvikelse.code();
        let opining: Vec<_> = rows.iter().filter(of_opinions).map(|row| row.case_id).collect();
        let mut opinions = self.opinions_of_each(&opining)?;
        rows.into_iter()
            .map(|row| {
                let inquiry = row.investigation_id.map(Db::get);
                let mut case = row.into_case()?;
                if let Some(id) = inquiry {
                    let whole = inquiries.get(&id).cloned();
                    case.investigation = Some(whole.ok_or(Error::NotFound)?);
                }
                case.feedback = feedback.remove(&case.id).unwrap_or_default();
                case.links = links.remove(&case.id).unwrap_or_default();
                case.watches = watches.remove(&case.id).unwrap_or_default();
                case.conflicts = conflicts.remove(&case.id).unwrap_or_default();
                case.opinion = opinions.remove(&case.id).or_else(|| Opinion::imported(&case));
                Ok(case)
            })
            .collect()
    }

    /// The ids of the cases that came with these numbers from another system.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn external_numbers(&mut self) -> Result<Vec<(String, CaseId)>, Error> {
        let rows: Vec<(Option<String>, Db<CaseId>)> = cases::table
            .select((cases::external_number, cases::case_id))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::external_number.is_not_null())
            .load(self.conn)?;
        Ok(rows.into_iter().filter_map(|(number, id)| Some((number?, id.get()))).collect())
    }

    /// Cases after `after` in the order of their ids, without what hangs on them in other tables.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases_after(&mut self, after: Option<CaseId>, limit: i64) -> Result<Vec<Case>, Error> {
        let mut query = cases::table
            .select(CaseRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::erased_at.is_null())
            .order(cases::case_id)
            .limit(limit)
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(cases::case_id.gt(Db(after)));
        }
        let rows: Vec<CaseRow> = query.load(self.conn)?;
        rows.into_iter().map(CaseRow::into_case).collect()
    }
}
