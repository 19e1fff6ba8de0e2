//! What hangs on a case in tables of its own: feedback, links, history.

use std::collections::HashMap;
use std::hash::Hash;

use diesel::prelude::*;
use domain::case::event::FieldChange;
use domain::case::link::LinkKind;
use domain::case::{Event, Feedback, Link, Status};
use domain::ids::{CaseId, FeedbackId, StaffId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::Tx;
use crate::additions::Additions;
use crate::among::among;
use crate::cases::code;
use crate::chain::{HistoryDocument, columns, micros};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{case_facts, case_history, case_links, cases, feedback};
use crate::sql_types::Db;

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
pub(crate) struct HistoryRow {
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
    salt: Option<Vec<u8>>,
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

    /// Adds what made `version` of a case to its history, with the salt of its commitment, if it has one; a
    /// conflict over `case_history_case_id_version_key` when that version has its entry already.
    pub fn history(
        &mut self,
        (case, version): (CaseId, i64),
        event: &Event,
        by: Option<StaffId>,
        at: Timestamp,
        salt: Option<[u8; 16]>,
    ) {
        let made = HistoryRow::of(self.tenant, (case, version), event, by, at);
        let mut row = match made {
            Ok(row) => row,
            Err(fault) => return self.refuse(fault),
        };
        row.salt = salt.map(Vec::from);
        self.push(diesel::insert_into(case_history::table).values(row));
    }
}

impl HistoryRow {
    fn of(
        tenant: TenantId,
        (case, version): (CaseId, i64),
        event: &Event,
        by: Option<StaffId>,
        at: Timestamp,
    ) -> Result<Self, Error> {
        let changes = serde_json::to_value(&event.changes);
        let changes = changes.map_err(|fault| Error::Corrupt(fault.to_string()))?;
        Ok(Self {
            tenant_id: Db(tenant),
            case_id: Db(case),
            version,
            at: Db(at),
            staff_id: by.map(Db),
            command: event.command.code().to_owned(),
            from_status: event.from.map(|status| status.code().to_owned()),
            to_status: event.to.code().to_owned(),
            changes: Db(changes),
            reason: event.reason.clone(),
            salt: None,
        })
    }

    /// Every column but tenant and salt stands in it: one that did not could be changed unseen.
    pub(crate) fn into_document(self) -> HistoryDocument {
        HistoryDocument {
            case: self.case_id.0,
            version: self.version,
            columns: columns([
                ("case_id", Some(json!(self.case_id.0.0))),
                ("version", Some(json!(self.version))),
                ("at", Some(micros(self.at.0))),
                ("staff_id", self.staff_id.map(|id| json!(id.0.0))),
                ("command", Some(json!(self.command))),
                ("from_status", self.from_status.map(|status| json!(status))),
                ("to_status", Some(json!(self.to_status))),
                ("changes", Some(self.changes.0)),
                ("reason", self.reason.map(|reason| json!(reason))),
            ]),
            salt: self.salt,
        }
    }
}

impl HistoryDocument {
    /// What [`Additions::history`] will keep, to commit to it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a change that is no JSON, which none is.
    pub fn of(
        change: (CaseId, i64),
        event: &Event,
        by: Option<StaffId>,
        at: Timestamp,
    ) -> Result<Self, Error> {
        // Whose it is stands beside the document.
        let row = HistoryRow::of(TenantId(Default::default()), change, event, by, at);
        row.map(HistoryRow::into_document)
    }
}

impl Tx<'_> {
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
            .filter(feedback::case_id.eq_any(among(cases)))
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
        type Row = (Db<CaseId>, String, Db<CaseId>, Db<Timestamp>);
        let rows: Vec<Row> = case_links::table
            .select((
                case_links::case_id,
                case_links::kind,
                case_links::to_case_id,
                case_links::linked_at,
            ))
            .filter(case_links::tenant_id.eq(Db(self.tenant)))
            .filter(case_links::case_id.eq_any(among(cases)))
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
            .filter(cases::case_id.eq_any(among(linked)))
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
