//! What hangs on a case in tables of its own: investigation, feedback, links, history.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use diesel::prelude::*;
use domain::case::event::FieldChange;
use domain::case::investigation::Cause;
use domain::case::link::LinkKind;
use domain::case::measure::Measure;
use domain::case::{Event, Feedback, Investigation, Link, Status};
use domain::ids::{CaseId, CauseId, FeedbackId, InvestigationId, MeasureId, StaffId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{
    case_facts, case_history, case_links, cases, causes, feedback, investigations, measure_causes,
    measures,
};
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

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = feedback, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct FeedbackRow {
    tenant_id: Db<TenantId>,
    case_id: Db<CaseId>,
    feedback_id: Db<FeedbackId>,
    audience: String,
    meeting_on: Option<Db<Date>>,
    text: String,
    given_at: Db<Timestamp>,
    given_by: Db<StaffId>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = case_history, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct HistoryRow {
    tenant_id: Db<TenantId>,
    case_id: Db<CaseId>,
    version: i64,
    at: Db<Timestamp>,
    staff_id: Option<Db<StaffId>>,
    command: String,
    from_status: Option<String>,
    to_status: String,
    changes: Db<Value>,
    reason: Option<String>,
}

/// One entry of a case's history.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The version of the case that it made.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// By whom; `None` for an import.
    pub by: Option<StaffId>,
    /// The command's code; `import` for an import.
    pub command: String,
    /// The status before.
    pub from: Option<String>,
    /// The status after.
    pub to: String,
    /// What changed.
    pub changes: Vec<FieldChange>,
    /// Why.
    pub reason: Option<String>,
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

impl FeedbackRow {
    fn into_feedback(self) -> Result<Feedback, Error> {
        Ok(Feedback {
            id: self.feedback_id.get(),
            audience: code(&self.audience, "feedback.audience")?,
            meeting_on: self.meeting_on.map(Db::get),
            text: self.text,
            at: self.given_at.get(),
            by: self.given_by.get(),
        })
    }
}

fn link_of(kind: &str, to: Db<CaseId>, at: Db<Timestamp>) -> Result<Link, Error> {
    Ok(Link { kind: code(kind, "case_links.kind")?, to: to.get(), at: at.get() })
}

/// Each with those that are its own, in their order.
pub(crate) fn grouped<K: Eq + Hash, T>(
    found: impl IntoIterator<Item = (K, T)>,
) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for (key, one) in found {
        groups.entry(key).or_default().push(one);
    }
    groups
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

    /// Adds a feedback.
    pub fn feedback(&mut self, case: CaseId, given: &Feedback) {
        self.push(diesel::insert_into(feedback::table).values(FeedbackRow {
            tenant_id: Db(self.tenant),
            case_id: Db(case),
            feedback_id: Db(given.id),
            audience: given.audience.code().to_owned(),
            meeting_on: given.meeting_on.map(Db),
            text: given.text.clone(),
            given_at: Db(given.at),
            given_by: Db(given.by),
        }));
    }

    /// Adds a link; a conflict when it stands already.
    pub fn link(&mut self, case: CaseId, link: &Link) {
        self.push(diesel::insert_into(case_links::table).values((
            case_links::tenant_id.eq(Db(self.tenant)),
            case_links::case_id.eq(Db(case)),
            case_links::kind.eq(link.kind.code()),
            case_links::to_case_id.eq(Db(link.to)),
            case_links::linked_at.eq(Db(link.at)),
        )));
    }

    /// Adds what made `version` of a case to its history; a conflict over
    /// `case_history_case_id_version_key` when that version has its entry already.
    pub fn history(
        &mut self,
        case: CaseId,
        version: i64,
        event: &Event,
        by: Option<StaffId>,
        at: Timestamp,
    ) {
        let changes = match serde_json::to_value(&event.changes) {
            Ok(changes) => changes,
            Err(fault) => return self.refuse(Error::Corrupt(fault.to_string())),
        };
        self.push(diesel::insert_into(case_history::table).values(HistoryRow {
            tenant_id: Db(self.tenant),
            case_id: Db(case),
            version,
            at: Db(at),
            staff_id: by.map(Db),
            command: event.command.code().to_owned(),
            from_status: event.from.map(|status| status.code().to_owned()),
            to_status: event.to.code().to_owned(),
            changes: Db(changes),
            reason: event.reason.clone(),
        }));
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
            .filter(investigations::investigation_id.eq_any(&ids))
            .load(self.conn)?;
        let causes: Vec<CauseRow> = causes::table
            .select(CauseRow::as_select())
            .filter(causes::tenant_id.eq(Db(self.tenant)))
            .filter(causes::investigation_id.eq_any(&ids))
            .order(causes::position)
            .load(self.conn)?;
        let measures: Vec<MeasureRow> = measures::table
            .select(MeasureRow::as_select())
            .filter(measures::tenant_id.eq(Db(self.tenant)))
            .filter(measures::investigation_id.eq_any(&ids))
            .order(measures::position)
            .load(self.conn)?;
        // Measures have ids of their own: no two investigations share one.
        let pairs: Vec<(Db<MeasureId>, Db<CauseId>)> = measure_causes::table
            .select((measure_causes::measure_id, measure_causes::cause_id))
            .filter(measure_causes::tenant_id.eq(Db(self.tenant)))
            .filter(measure_causes::investigation_id.eq_any(&ids))
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

    /// The feedback given on a case, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn feedback_of(&mut self, case: CaseId) -> Result<Vec<Feedback>, Error> {
        let rows: Vec<FeedbackRow> = feedback::table
            .select(FeedbackRow::as_select())
            .filter(feedback::tenant_id.eq(Db(self.tenant)))
            .filter(feedback::case_id.eq(Db(case)))
            .order((feedback::given_at, feedback::feedback_id))
            .load(self.conn)?;
        rows.into_iter().map(FeedbackRow::into_feedback).collect()
    }

    /// The feedback given on several cases, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub(crate) fn feedback_of_each(
        &mut self,
        cases: &[Db<CaseId>],
    ) -> Result<HashMap<CaseId, Vec<Feedback>>, Error> {
        let rows: Vec<FeedbackRow> = feedback::table
            .select(FeedbackRow::as_select())
            .filter(feedback::tenant_id.eq(Db(self.tenant)))
            .filter(feedback::case_id.eq_any(cases))
            .order((feedback::given_at, feedback::feedback_id))
            .load(self.conn)?;
        let found = rows.into_iter().map(|row| Ok((row.case_id.get(), row.into_feedback()?)));
        Ok(grouped(found.collect::<Result<Vec<_>, Error>>()?))
    }

    /// Takes a link away; the history keeps that it stood.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn delete_link(&mut self, case: CaseId, link: &Link) -> Result<(), Error> {
        let here = case_links::tenant_id
            .eq(Db(self.tenant))
            .and(case_links::case_id.eq(Db(case)))
            .and(case_links::kind.eq(link.kind.code()))
            .and(case_links::to_case_id.eq(Db(link.to)));
        diesel::delete(case_links::table.filter(here)).execute(self.conn)?;
        Ok(())
    }

    /// The links a case holds, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn links_of(&mut self, case: CaseId) -> Result<Vec<Link>, Error> {
        let rows: Vec<(String, Db<CaseId>, Db<Timestamp>)> = case_links::table
            .select((case_links::kind, case_links::to_case_id, case_links::linked_at))
            .filter(case_links::tenant_id.eq(Db(self.tenant)))
            .filter(case_links::case_id.eq(Db(case)))
            .order((case_links::linked_at, case_links::to_case_id))
            .load(self.conn)?;
        rows.into_iter().map(|(kind, to, at)| link_of(&kind, to, at)).collect()
    }

    /// The links several cases hold, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub(crate) fn links_of_each(
        &mut self,
        cases: &[Db<CaseId>],
    ) -> Result<HashMap<CaseId, Vec<Link>>, Error> {
        let rows: Vec<(Db<CaseId>, String, Db<CaseId>, Db<Timestamp>)> = case_links::table
            .select((
                case_links::case_id,
                case_links::kind,
                case_links::to_case_id,
                case_links::linked_at,
            ))
            .filter(case_links::tenant_id.eq(Db(self.tenant)))
            .filter(case_links::case_id.eq_any(cases))
            .order((case_links::linked_at, case_links::to_case_id))
            .load(self.conn)?;
        let found =
            rows.into_iter().map(|(id, kind, to, at)| Ok((id.get(), link_of(&kind, to, at)?)));
        Ok(grouped(found.collect::<Result<Vec<_>, Error>>()?))
    }

    /// Whether other cases are closed as duplicates of this one. A duplicate that was made void is
    /// counted nowhere anyway.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn has_duplicates(&mut self, case: CaseId) -> Result<bool, Error> {
        let linked: Vec<Db<CaseId>> = case_links::table
            .select(case_links::case_id)
            .filter(case_links::tenant_id.eq(Db(self.tenant)))
            .filter(case_links::to_case_id.eq(Db(case)))
            .filter(case_links::kind.eq(LinkKind::DuplicateOf.code()))
            .load(self.conn)?;
        let closed: Option<Db<CaseId>> = cases::table
            .select(cases::case_id)
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(linked))
            .filter(cases::status.eq(Status::Closed.code()))
            .first(self.conn)
            .optional()?;
        Ok(closed.is_some())
    }

    /// Whether a case is counted: neither a draft nor void, nor itself closed as a duplicate.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn is_counted(&mut self, case: CaseId) -> Result<bool, Error> {
        let found: Option<Db<CaseId>> = case_facts::table
            .select(case_facts::case_id)
            .filter(case_facts::tenant_id.eq(Db(self.tenant)))
            .filter(case_facts::case_id.eq(Db(case)))
            .filter(case_facts::counted.eq(true))
            .filter(case_facts::duplicate.eq(false))
            .first(self.conn)
            .optional()?;
        Ok(found.is_some())
    }

    /// A case's history, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn history_of(&mut self, case: CaseId) -> Result<Vec<HistoryEntry>, Error> {
        let rows: Vec<HistoryRow> = case_history::table
            .select(HistoryRow::as_select())
            .filter(case_history::tenant_id.eq(Db(self.tenant)))
            .filter(case_history::case_id.eq(Db(case)))
            .order(case_history::version)
            .load(self.conn)?;
        rows.into_iter()
            .map(|row| {
                let changes = serde_json::from_value(row.changes.get())
                    .map_err(|error| Error::Corrupt(format!("case_history.changes: {error}")))?;
                Ok(HistoryEntry {
                    version: row.version,
                    at: row.at.get(),
                    by: row.staff_id.map(Db::get),
                    command: row.command,
                    from: row.from_status,
                    to: row.to_status,
                    changes,
                    reason: row.reason,
                })
            })
            .collect()
    }
}
