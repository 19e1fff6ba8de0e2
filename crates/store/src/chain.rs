//! The chain over audit and access entries: what is not linked yet, the links, and what they are about.
//!
//! Entries are found by what they lack, a link, and never by how new they are: a transaction that
//! commits late has older ids than what was linked before it. The questions go by the order of ids, so
//! that a part of the entries can be asked for; whoever asks sees to it that all are asked for in the end.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::ids::{CaseId, EntryId, StaffId, SubjectId, TenantId, UnitId};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::Tx;
use crate::case_parts::HistoryRow;
use crate::connection::MultiBackend;
use crate::dialect;
use crate::error::Error;
use crate::schema::{
    access_entries, access_exposures, access_searches, audit_entries, case_history, chain_heads,
    chain_links,
};
use crate::sql_types::Db;

/// What an audit entry of an erased case is called.
const ERASED: &str = "case.erase";

/// Which log an entry stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// Who changed what.
    Audit,
    /// Who read what.
    Access,
}

impl Log {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Audit, Self::Access];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Access => "access",
        }
    }

    fn of(code: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|log| log.code() == code);
        found.ok_or_else(|| Error::Corrupt(format!("chain_links.log {code:?}")))
    }
}

/// An entry of either log, as the chain sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedEntry {
    /// Which log it stands in.
    pub log: Log,
    /// Its id.
    pub id: EntryId,
    /// When it was made.
    pub at: Timestamp,
    /// What was done.
    pub action: String,
    /// The case, of an audit entry about one.
    pub case: Option<CaseId>,
    /// The version of the case that the change made.
    pub version: Option<i64>,
    /// Commitments to the history entries of the change, 32 bytes each, the last to `version`.
    pub commitment: Option<Vec<u8>>,
    /// Everything that is kept of it, by column; what is empty is left out. Over this the hash is made.
    pub columns: Value,
}

/// One link: the place of an entry, and the hash over everything up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// Its place, from 1 without gaps.
    pub sequence: i64,
    /// Which log the entry stands in.
    pub log: Log,
    /// Which entry.
    pub entry: EntryId,
    /// How the entry was made into bytes.
    pub format: i16,
    /// When it was linked.
    pub at: Timestamp,
    /// 32 bytes.
    pub hash: Vec<u8>,
}

/// Where a chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The place of the last link.
    pub sequence: i64,
    /// Its hash.
    pub hash: Vec<u8>,
    /// When it was linked.
    pub at: Timestamp,
}

/// What waits to be linked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unlinked {
    /// How many entries.
    pub entries: i64,
    /// When the oldest of them was made.
    pub oldest: Option<Timestamp>,
    /// The oldest of them, by its id.
    pub first: Option<EntryId>,
}

/// A history entry of a case, as a commitment sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryDocument {
    /// The case.
    pub case: CaseId,
    /// The version it made.
    pub version: i64,
    /// The salt of its commitment; `None` for one that has none.
    pub salt: Option<Vec<u8>>,
    /// Everything that is kept of it, by column, without the salt.
    pub columns: Value,
}

/// Columns by name, without those that are empty.
pub(crate) fn columns<const N: usize>(all: [(&str, Option<Value>); N]) -> Value {
    let kept = all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(kept.collect::<Map<_, _>>())
}

/// A moment as both databases keep it.
pub(crate) fn micros(at: Timestamp) -> Value {
    json!(at.as_microsecond())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_entries, check_for_backend(MultiBackend))]
struct AuditRow {
    tenant_id: Db<TenantId>,
    entry_id: Db<EntryId>,
    at: Db<Timestamp>,
    staff_id: Option<Db<StaffId>>,
    action: String,
    object_kind: String,
    object_id: Db<Uuid>,
    details: Db<Value>,
    request_id: Db<Uuid>,
    commitment: Option<Vec<u8>>,
}

impl AuditRow {
    /// Every column stands in `columns`: one that did not could be changed unseen.
    fn logged(self) -> LoggedEntry {
        let about_case = self.object_kind == "case";
        let version = self.details.0.get("version").and_then(Value::as_i64);
        LoggedEntry {
            log: Log::Audit,
            id: self.entry_id.0,
            at: self.at.0,
            case: about_case.then_some(CaseId(self.object_id.0)),
            version,
            commitment: self.commitment.clone(),
            columns: columns([
                ("tenant_id", Some(json!(self.tenant_id.0.0))),
                ("entry_id", Some(json!(self.entry_id.0.0))),
                ("at", Some(micros(self.at.0))),
                ("staff_id", self.staff_id.map(|id| json!(id.0.0))),
                ("action", Some(json!(self.action))),
                ("object_kind", Some(json!(self.object_kind))),
                ("object_id", Some(json!(self.object_id.0))),
                ("details", Some(self.details.0)),
                ("request_id", Some(json!(self.request_id.0))),
                ("commitment", self.commitment.map(|bytes| json!(bytes))),
            ]),
            action: self.action,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = access_entries, check_for_backend(MultiBackend))]
struct AccessRow {
    tenant_id: Db<TenantId>,
    entry_id: Db<EntryId>,
    at: Db<Timestamp>,
    staff_id: Db<StaffId>,
    act: String,
    role: Option<String>,
    request_id: Db<Uuid>,
    unit_id: Option<Db<UnitId>>,
    origin: Option<String>,
    outcome: Option<String>,
    ground_id: Option<Db<Uuid>>,
}

/// Whom a reading showed, in the order of the cases.
type Exposed = (Db<EntryId>, Db<CaseId>, Option<Db<SubjectId>>);

impl AccessRow {
    /// Every column stands in `columns`, with everyone who was exposed, and why the log itself was searched.
    fn logged(
        self,
        exposed: &[(CaseId, Option<SubjectId>)],
        search: Option<(String, String)>,
    ) -> LoggedEntry {
        let stated = |(purpose, reason)| json!({ "purpose": purpose, "reason": reason });
        let one = |(case, subject): &(CaseId, Option<SubjectId>)| {
            columns([
                ("case_id", Some(json!(case.0))),
                ("subject_id", subject.map(|subject| json!(subject.0))),
            ])
        };
        LoggedEntry {
            log: Log::Access,
            id: self.entry_id.0,
            at: self.at.0,
            case: None,
            version: None,
            commitment: None,
            columns: columns([
                ("tenant_id", Some(json!(self.tenant_id.0.0))),
                ("entry_id", Some(json!(self.entry_id.0.0))),
                ("at", Some(micros(self.at.0))),
                ("staff_id", Some(json!(self.staff_id.0.0))),
                ("act", Some(json!(self.act))),
                ("role", self.role.as_ref().map(|role| json!(role))),
                ("request_id", Some(json!(self.request_id.0))),
                ("unit_id", self.unit_id.map(|id| json!(id.0.0))),
                ("origin", self.origin.as_ref().map(|origin| json!(origin))),
                ("outcome", self.outcome.as_ref().map(|outcome| json!(outcome))),
                ("ground_id", self.ground_id.map(|id| json!(id.0))),
                ("exposed", Some(exposed.iter().map(one).collect())),
                ("search", search.map(stated)),
            ]),
            action: self.act,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = chain_links, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
pub(crate) struct LinkRow {
    tenant_id: Db<TenantId>,
    sequence: i64,
    log: String,
    entry_id: Db<EntryId>,
    format: i16,
    linked_at: Db<Timestamp>,
    hash: Vec<u8>,
}

impl LinkRow {
    fn into_link(self) -> Result<ChainLink, Error> {
        Ok(ChainLink {
            sequence: self.sequence,
            log: Log::of(&self.log)?,
            entry: self.entry_id.0,
            format: self.format,
            at: self.linked_at.0,
            hash: self.hash,
        })
    }
}

impl Tx<'_> {
    /// Entries of a log without a link, in the order of their ids: those after `after` and up to
    /// `until`, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn unlinked(
        &mut self,
        log: Log,
        after: Option<EntryId>,
        until: Option<EntryId>,
        limit: i64,
    ) -> Result<Vec<LoggedEntry>, Error> {
        let tenant = Db(self.tenant);
        match log {
            Log::Audit => {
                let link = chain_links::table
                    .filter(chain_links::tenant_id.eq(tenant))
                    .filter(chain_links::entry_id.eq(audit_entries::entry_id));
                let mut query = audit_entries::table
                    .select(AuditRow::as_select())
                    .filter(audit_entries::tenant_id.eq(tenant))
                    .filter(not(exists(link)))
                    .order(audit_entries::entry_id)
                    .limit(limit)
                    .into_boxed();
                if let Some(after) = after {
                    query = query.filter(audit_entries::entry_id.gt(Db(after)));
                }
                if let Some(until) = until {
                    query = query.filter(audit_entries::entry_id.le(Db(until)));
                }
                let rows: Vec<AuditRow> = query.load(self.conn)?;
                Ok(rows.into_iter().map(AuditRow::logged).collect())
            }
            Log::Access => {
                let link = chain_links::table
                    .filter(chain_links::tenant_id.eq(tenant))
                    .filter(chain_links::entry_id.eq(access_entries::entry_id));
                let mut query = access_entries::table
                    .select(AccessRow::as_select())
                    .filter(access_entries::tenant_id.eq(tenant))
                    .filter(not(exists(link)))
                    .order(access_entries::entry_id)
                    .limit(limit)
                    .into_boxed();
                if let Some(after) = after {
                    query = query.filter(access_entries::entry_id.gt(Db(after)));
                }
                if let Some(until) = until {
                    query = query.filter(access_entries::entry_id.le(Db(until)));
                }
                let rows: Vec<AccessRow> = query.load(self.conn)?;
                self.logged_with_all(rows)
            }
        }
    }

    fn logged_with_all(&mut self, rows: Vec<AccessRow>) -> Result<Vec<LoggedEntry>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Db<EntryId>> = rows.iter().map(|row| row.entry_id).collect();
        let found: Vec<Exposed> = access_exposures::table
            .select((
                access_exposures::entry_id,
                access_exposures::case_id,
                access_exposures::subject_id,
            ))
            .filter(access_exposures::tenant_id.eq(Db(self.tenant)))
            .filter(access_exposures::entry_id.eq_any(ids.clone()))
            .order((access_exposures::entry_id, access_exposures::case_id))
            .load(self.conn)?;
        let stated: Vec<(Db<EntryId>, String, String)> = access_searches::table
            .select((access_searches::entry_id, access_searches::purpose, access_searches::reason))
            .filter(access_searches::tenant_id.eq(Db(self.tenant)))
            .filter(access_searches::entry_id.eq_any(ids))
            .load(self.conn)?;
        let mut searches: HashMap<EntryId, (String, String)> = stated
            .into_iter()
            .map(|(entry, purpose, reason)| (entry.get(), (purpose, reason)))
            .collect();
        let mut exposed: HashMap<EntryId, Vec<(CaseId, Option<SubjectId>)>> = HashMap::new();
        for (entry, case, subject) in found {
            exposed.entry(entry.get()).or_default().push((case.get(), subject.map(Db::get)));
        }
        let logged = |row: AccessRow| {
            let id = row.entry_id.0;
            let shown = exposed.remove(&id).unwrap_or_default();
            row.logged(&shown, searches.remove(&id))
        };
        Ok(rows.into_iter().map(logged).collect())
    }

    /// The id `count` entries of a log after `after`; `None` where there are not so many.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn entry_far_on(
        &mut self,
        log: Log,
        after: Option<EntryId>,
        count: i64,
    ) -> Result<Option<EntryId>, Error> {
        let (tenant, after) = (Db(self.tenant), Db(after.unwrap_or(EntryId(Uuid::nil()))));
        let skipped = (count - 1).max(0);
        let found: Option<Db<EntryId>> = match log {
            Log::Audit => audit_entries::table
                .select(audit_entries::entry_id)
                .filter(audit_entries::tenant_id.eq(tenant))
                .filter(audit_entries::entry_id.gt(after))
                .order(audit_entries::entry_id)
                .offset(skipped)
                .limit(1)
                .get_result(self.conn)
                .optional()?,
            Log::Access => access_entries::table
                .select(access_entries::entry_id)
                .filter(access_entries::tenant_id.eq(tenant))
                .filter(access_entries::entry_id.gt(after))
                .order(access_entries::entry_id)
                .offset(skipped)
                .limit(1)
                .get_result(self.conn)
                .optional()?,
        };
        Ok(found.map(Db::get))
    }

    /// How many entries wait to be linked, of those after `after`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn count_unlinked(&mut self, after: Option<EntryId>) -> Result<Unlinked, Error> {
        let (tenant, after) = (Db(self.tenant), Db(after.unwrap_or(EntryId(Uuid::nil()))));
        let audit = audit_entries::table
            .filter(audit_entries::tenant_id.eq(tenant))
            .filter(audit_entries::entry_id.gt(after))
            .filter(not(exists(
                chain_links::table
                    .filter(chain_links::tenant_id.eq(tenant))
                    .filter(chain_links::entry_id.eq(audit_entries::entry_id)),
            )));
        let access = access_entries::table
            .filter(access_entries::tenant_id.eq(tenant))
            .filter(access_entries::entry_id.gt(after))
            .filter(not(exists(
                chain_links::table
                    .filter(chain_links::tenant_id.eq(tenant))
                    .filter(chain_links::entry_id.eq(access_entries::entry_id)),
            )));
        type First = Option<(Db<EntryId>, Db<Timestamp>)>;
        let entries: i64 = audit.count().get_result::<i64>(self.conn)?
            + access.count().get_result::<i64>(self.conn)?;
        if entries == 0 {
            return Ok(Unlinked::default());
        }
        let changed: First = audit
            .select((audit_entries::entry_id, audit_entries::at))
            .order(audit_entries::entry_id)
            .limit(1)
            .get_result(self.conn)
            .optional()?;
        let read: First = access
            .select((access_entries::entry_id, access_entries::at))
            .order(access_entries::entry_id)
            .limit(1)
            .get_result(self.conn)
            .optional()?;
        let found = || changed.iter().chain(&read);
        Ok(Unlinked {
            entries,
            oldest: found().map(|(_, at)| at.get()).min(),
            first: found().map(|(id, _)| id.get()).min(),
        })
    }

    /// The entries of a log with these ids, as far as they are there.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn logged(&mut self, log: Log, ids: &[EntryId]) -> Result<Vec<LoggedEntry>, Error> {
        let ids: Vec<Db<EntryId>> = ids.iter().copied().map(Db).collect();
        match log {
            Log::Audit => {
                let rows: Vec<AuditRow> = audit_entries::table
                    .select(AuditRow::as_select())
                    .filter(audit_entries::tenant_id.eq(Db(self.tenant)))
                    .filter(audit_entries::entry_id.eq_any(ids))
                    .load(self.conn)?;
                Ok(rows.into_iter().map(AuditRow::logged).collect())
            }
            Log::Access => {
                let rows: Vec<AccessRow> = access_entries::table
                    .select(AccessRow::as_select())
                    .filter(access_entries::tenant_id.eq(Db(self.tenant)))
                    .filter(access_entries::entry_id.eq_any(ids))
                    .load(self.conn)?;
                self.logged_with_all(rows)
            }
        }
    }

    /// Links after a place, in their order.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown log.
    pub fn links(&mut self, after: i64, limit: i64) -> Result<Vec<ChainLink>, Error> {
        let rows: Vec<LinkRow> = chain_links::table
            .select(LinkRow::as_select())
            .filter(chain_links::tenant_id.eq(Db(self.tenant)))
            .filter(chain_links::sequence.gt(after))
            .order(chain_links::sequence)
            .limit(limit)
            .load(self.conn)?;
        rows.into_iter().map(LinkRow::into_link).collect()
    }

    /// Where the chain ends, as was noted with its last link; `None` for none.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn chain_head(&mut self) -> Result<Option<ChainHead>, Error> {
        let row: Option<(i64, Vec<u8>, Db<Timestamp>)> = chain_heads::table
            .select((chain_heads::sequence, chain_heads::hash, chain_heads::linked_at))
            .filter(chain_heads::tenant_id.eq(Db(self.tenant)))
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(|(sequence, hash, at)| ChainHead { sequence, hash, at: at.get() }))
    }

    /// Lengthens a chain that ends at `before`.
    ///
    /// # Errors
    /// [`Error::Stale`], or a conflict, when it does not end there any more: somebody else was faster.
    pub fn append_links(
        &mut self,
        before: Option<&ChainHead>,
        links: Vec<ChainLink>,
    ) -> Result<(), Error> {
        let Some(last) = links.last() else { return Ok(()) };
        let tenant = Db(self.tenant);
        let moved = (
            chain_heads::sequence.eq(last.sequence),
            chain_heads::hash.eq(last.hash.clone()),
            chain_heads::linked_at.eq(Db(last.at)),
        );
        match before {
            Some(before) => {
                let here = chain_heads::tenant_id
                    .eq(tenant)
                    .and(chain_heads::sequence.eq(before.sequence))
                    .and(chain_heads::hash.eq(before.hash.clone()));
                let done = diesel::update(chain_heads::table.filter(here))
                    .set(moved)
                    .execute(self.conn)?;
                if done != 1 {
                    return Err(Error::Stale);
                }
            }
            None => {
                diesel::insert_into(chain_heads::table)
                    .values((chain_heads::tenant_id.eq(tenant), moved))
                    .execute(self.conn)?;
            }
        }
        let row = |link: ChainLink| LinkRow {
            tenant_id: tenant,
            sequence: link.sequence,
            log: link.log.code().to_owned(),
            entry_id: Db(link.entry),
            format: link.format,
            linked_at: Db(link.at),
            hash: link.hash,
        };
        dialect::insert_links(self.conn, links.into_iter().map(row).collect())
    }

    /// The history of some cases, as commitments see it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn history_documents(&mut self, cases: &[CaseId]) -> Result<Vec<HistoryDocument>, Error> {
        let cases: Vec<Db<CaseId>> = cases.iter().copied().map(Db).collect();
        let rows: Vec<HistoryRow> = case_history::table
            .select(HistoryRow::as_select())
            .filter(case_history::tenant_id.eq(Db(self.tenant)))
            .filter(case_history::case_id.eq_any(cases))
            .load(self.conn)?;
        Ok(rows.into_iter().map(HistoryRow::into_document).collect())
    }

    /// Which cases have a history, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases_with_history(
        &mut self,
        after: Option<CaseId>,
        limit: i64,
    ) -> Result<Vec<CaseId>, Error> {
        let after = after.unwrap_or(CaseId(Uuid::nil()));
        let found: Vec<Db<CaseId>> = case_history::table
            .select(case_history::case_id)
            .filter(case_history::tenant_id.eq(Db(self.tenant)))
            .filter(case_history::case_id.gt(Db(after)))
            .order(case_history::case_id)
            .distinct()
            .limit(limit)
            .load(self.conn)?;
        Ok(found.into_iter().map(Db::get).collect())
    }

    /// The audit entries about some cases that have a commitment, or tell that the case was erased.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn committed(&mut self, cases: &[CaseId]) -> Result<Vec<LoggedEntry>, Error> {
        let cases: Vec<Db<Uuid>> = cases.iter().map(|case| Db(case.0)).collect();
        let rows: Vec<AuditRow> = audit_entries::table
            .select(AuditRow::as_select())
            .filter(audit_entries::tenant_id.eq(Db(self.tenant)))
            .filter(audit_entries::object_id.eq_any(cases))
            .filter(audit_entries::object_kind.eq("case"))
            .filter(audit_entries::commitment.is_not_null())
            .load(self.conn)?;
        Ok(rows.into_iter().map(AuditRow::logged).collect())
    }

    /// Which of some cases an audit entry tells to be erased.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn erased(&mut self, cases: &[CaseId]) -> Result<BTreeSet<CaseId>, Error> {
        let cases: Vec<Db<Uuid>> = cases.iter().map(|case| Db(case.0)).collect();
        let found: Vec<Db<Uuid>> = audit_entries::table
            .select(audit_entries::object_id)
            .filter(audit_entries::tenant_id.eq(Db(self.tenant)))
            .filter(audit_entries::object_id.eq_any(cases))
            .filter(audit_entries::object_kind.eq("case"))
            .filter(audit_entries::action.eq(ERASED))
            .load(self.conn)?;
        Ok(found.into_iter().map(|id| CaseId(id.get())).collect())
    }
}
