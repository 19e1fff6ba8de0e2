//! What every change and every reading leaves behind: audit, access, outbox, idempotency.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::ids::{CaseId, EntryId, GroundId, MessageId, StaffId, SubjectId, TenantId, UnitId};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::Tx;
use crate::additions::Additions;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{
    access_entries, access_exposures, audit_entries, case_facts, case_history, cases,
    idempotency_keys, outbox,
};
use crate::sql_types::Db;
use crate::subjects::Sealed;

/// Who changed what. Holds no personal text: it outlives what it tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: EntryId,
    /// When.
    pub at: Timestamp,
    /// By whom; `None` for a command of the operator.
    pub by: Option<StaffId>,
    /// What was done, such as `case.triage`.
    pub action: String,
    /// To what kind of thing: `case`, `unit`, `grant` …
    pub object_kind: &'static str,
    /// To which.
    pub object: Uuid,
    /// More, without any personal text.
    pub details: Value,
    /// The request it came with.
    pub request: Uuid,
}

/// Who read what: one entry a request.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessEntry {
    /// Its id.
    pub id: EntryId,
    /// When.
    pub at: Timestamp,
    /// Who read.
    pub by: StaffId,
    /// By which operation, such as `case.read`.
    pub act: String,
    /// In which role; `None` for one's own filing.
    pub role: Option<String>,
    /// The request.
    pub request: Uuid,
    /// The unit whose case it was; `None` where there are several, or none.
    pub unit: Option<UnitId>,
    /// The network the request came from, such as `192.0.2.0/24`: never a whole address, and none for a
    /// phone that is shared.
    pub from: Option<String>,
    /// Nothing was shown: the reader was refused what is named.
    pub refused: bool,
    /// The ground on which the reader read what lies with the other branch.
    pub ground: Option<GroundId>,
    /// The cases shown, or refused, each with the person it is about.
    pub exposed: Vec<(CaseId, Option<SubjectId>)>,
}

/// The word for an entry of what was refused.
pub(crate) const REFUSED: &str = "refused";

/// Something to be told to somebody later. No text, no person.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// When it was queued.
    pub at: Timestamp,
    /// What it is about, such as `case.filed`.
    pub topic: String,
    /// The case.
    pub case: Option<CaseId>,
    /// More, without any personal text.
    pub payload: Value,
}

/// What a request with an Idempotency-Key was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAnswer {
    /// Who asked.
    pub principal: Uuid,
    /// The key.
    pub key: String,
    /// MAC over the request: the request itself is not kept.
    pub request_mac: Vec<u8>,
    /// HTTP status.
    pub status: i16,
    /// Location header.
    pub location: Option<String>,
    /// ETag header.
    pub etag: Option<String>,
    /// The case it is about, with which it is erased.
    pub case: Option<CaseId>,
    /// The body, sealed.
    pub body: Sealed,
    /// When.
    pub at: Timestamp,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct KeptRow {
    tenant_id: Db<TenantId>,
    principal: Db<Uuid>,
    key: String,
    request_mac: Vec<u8>,
    status: i16,
    location: Option<String>,
    etag: Option<String>,
    case_id: Option<Db<CaseId>>,
    key_version: i32,
    wrapped_key: Vec<u8>,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
    created_at: Db<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = access_entries, check_for_backend(MultiBackend))]
pub(crate) struct EntryRow {
    pub(crate) entry_id: Db<EntryId>,
    pub(crate) at: Db<Timestamp>,
    staff_id: Db<StaffId>,
    act: String,
    role: Option<String>,
    request_id: Db<Uuid>,
    unit_id: Option<Db<UnitId>>,
    origin: Option<String>,
    outcome: Option<String>,
    ground_id: Option<Db<GroundId>>,
}

impl EntryRow {
    fn into_entry(self, exposed: Vec<(CaseId, Option<SubjectId>)>) -> AccessEntry {
        AccessEntry {
            id: self.entry_id.get(),
            at: self.at.get(),
            by: self.staff_id.get(),
            act: self.act,
            role: self.role,
            request: self.request_id.get(),
            unit: self.unit_id.map(Db::get),
            from: self.origin,
            refused: self.outcome.as_deref() == Some(REFUSED),
            ground: self.ground_id.map(Db::get),
            exposed,
        }
    }
}

/// The member of a message's payload that says whom to tell, and of what.
pub(crate) const NOTICE: &str = "notice";

impl Additions {
    /// Adds an audit entry.
    pub fn audit(&mut self, entry: &AuditEntry) {
        self.audit_committed(entry, None);
    }

    /// Adds an audit entry with what it commits to: 32 bytes for each history entry of the change, the
    /// last for the newest.
    pub fn audit_committed(&mut self, entry: &AuditEntry, commitment: Option<&[u8]>) {
        self.push(diesel::insert_into(audit_entries::table).values((
            audit_entries::tenant_id.eq(Db(self.tenant)),
            audit_entries::entry_id.eq(Db(entry.id)),
            audit_entries::at.eq(Db(entry.at)),
            audit_entries::staff_id.eq(entry.by.map(Db)),
            audit_entries::action.eq(entry.action.clone()),
            audit_entries::object_kind.eq(entry.object_kind),
            audit_entries::object_id.eq(Db(entry.object)),
            audit_entries::details.eq(Db(entry.details.clone())),
            audit_entries::request_id.eq(Db(entry.request)),
            audit_entries::commitment.eq(commitment.map(<[u8]>::to_vec)),
        )));
    }

    /// Adds an access entry with everyone it exposed. Its reader must be staff.
    pub fn access(&mut self, entry: &AccessEntry) {
        self.push(diesel::insert_into(access_entries::table).values((
            access_entries::tenant_id.eq(Db(self.tenant)),
            access_entries::entry_id.eq(Db(entry.id)),
            access_entries::at.eq(Db(entry.at)),
            access_entries::staff_id.eq(Db(entry.by)),
            access_entries::act.eq(entry.act.clone()),
            access_entries::role.eq(entry.role.clone()),
            access_entries::request_id.eq(Db(entry.request)),
            access_entries::unit_id.eq(entry.unit.map(Db)),
            access_entries::origin.eq(entry.from.clone()),
            access_entries::outcome.eq(entry.refused.then_some(REFUSED)),
            access_entries::ground_id.eq(entry.ground.map(Db)),
        )));
        for (case, subject) in &entry.exposed {
            self.push(diesel::insert_into(access_exposures::table).values((
                access_exposures::tenant_id.eq(Db(self.tenant)),
                access_exposures::entry_id.eq(Db(entry.id)),
                access_exposures::case_id.eq(Db(*case)),
                access_exposures::subject_id.eq(subject.map(Db)),
            )));
        }
    }

    /// Queues a message. One whose payload has a `notice` waits to be delivered; any other is there
    /// to be read, and its row is never written again.
    pub fn message(&mut self, message: &Message) {
        let row = (
            outbox::tenant_id.eq(Db(self.tenant)),
            outbox::message_id.eq(Db(message.id)),
            outbox::created_at.eq(Db(message.at)),
            outbox::topic.eq(message.topic.clone()),
            outbox::case_id.eq(message.case.map(Db)),
            outbox::payload.eq(Db(message.payload.clone())),
        );
        let insert = diesel::insert_into(outbox::table);
        if message.payload.get(NOTICE).is_some() {
            self.push(insert.values((row, outbox::next_try_at.eq(Some(Db(message.at))))));
        } else {
            self.push(insert.values(row));
        }
    }

    /// Keeps an answer under its key; a conflict over `idempotency_keys_principal_key_key` when the
    /// key has one.
    pub fn answer(&mut self, kept: &KeptAnswer) {
        self.push(diesel::insert_into(idempotency_keys::table).values(KeptRow {
            tenant_id: Db(self.tenant),
            principal: Db(kept.principal),
            key: kept.key.clone(),
            request_mac: kept.request_mac.clone(),
            status: kept.status,
            location: kept.location.clone(),
            etag: kept.etag.clone(),
            case_id: kept.case.map(Db),
            key_version: kept.body.key_version,
            wrapped_key: kept.body.wrapped_key.clone(),
            nonce: kept.body.nonce.clone(),
            ciphertext: kept.body.ciphertext.clone(),
            created_at: Db(kept.at),
        }));
    }
}

impl Tx<'_> {
    /// The answer kept under a key, however old.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn kept_answer(&mut self, principal: Uuid, key: &str) -> Result<Option<KeptAnswer>, Error> {
        let row: Option<KeptRow> = idempotency_keys::table
            .select(KeptRow::as_select())
            .filter(idempotency_keys::tenant_id.eq(Db(self.tenant)))
            .filter(idempotency_keys::principal.eq(Db(principal)))
            .filter(idempotency_keys::key.eq(key))
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(|row| KeptAnswer {
            principal: row.principal.get(),
            key: row.key,
            request_mac: row.request_mac,
            status: row.status,
            location: row.location,
            etag: row.etag,
            case: row.case_id.map(Db::get),
            body: Sealed {
                key_version: row.key_version,
                wrapped_key: row.wrapped_key,
                nonce: row.nonce,
                ciphertext: row.ciphertext,
            },
            at: row.created_at.get(),
        }))
    }

    /// What is queued, under one topic or any, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn queued(&mut self, topic: Option<&str>) -> Result<Vec<Message>, Error> {
        type Row = (Db<MessageId>, Db<Timestamp>, String, Option<Db<CaseId>>, Db<Value>);
        let mut queued = outbox::table
            .select((
                outbox::message_id,
                outbox::created_at,
                outbox::topic,
                outbox::case_id,
                outbox::payload,
            ))
            .filter(outbox::tenant_id.eq(Db(self.tenant)))
            .order((outbox::created_at, outbox::message_id))
            .into_boxed();
        if let Some(topic) = topic {
            queued = queued.filter(outbox::topic.eq(topic.to_owned()));
        }
        let rows: Vec<Row> = queued.load(self.conn)?;
        let message = |(id, at, topic, case, payload): Row| Message {
            id: id.get(),
            at: at.get(),
            topic,
            case: case.map(Db::get),
            payload: payload.get(),
        };
        Ok(rows.into_iter().map(message).collect())
    }

    /// Forgets the answers of the tenant that are older than `since`, so that their keys may be used
    /// anew and what is kept does not grow. Gives how many they were.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn forget_answers(&mut self, since: Timestamp) -> Result<usize, Error> {
        let old = idempotency_keys::tenant_id
            .eq(Db(self.tenant))
            .and(idempotency_keys::created_at.lt(Db(since)));
        Ok(diesel::delete(idempotency_keys::table.filter(old)).execute(self.conn)?)
    }
}

/// How many rows stand behind the cases of a tenant: what a crash must not set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordCounts {
    /// Cases.
    pub cases: i64,
    /// Facts.
    pub facts: i64,
    /// Entries of histories.
    pub history: i64,
    /// Audit entries about cases.
    pub audit_of_cases: i64,
    /// Messages about cases.
    pub messages: i64,
    /// Answers kept that are about a case.
    pub answers: i64,
}

impl Tx<'_> {
    /// Access entries after `after` in the order of their ids, oldest first, with whom they exposed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn access_entries(
        &mut self,
        after: Option<EntryId>,
        limit: i64,
    ) -> Result<Vec<AccessEntry>, Error> {
        let mut query = access_entries::table
            .select(EntryRow::as_select())
            .filter(access_entries::tenant_id.eq(Db(self.tenant)))
            .order(access_entries::entry_id)
            .limit(limit)
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(access_entries::entry_id.gt(Db(after)));
        }
        let rows: Vec<EntryRow> = query.load(self.conn)?;
        self.with_exposed(rows)
    }

    /// The entries of these rows, with whom they exposed.
    pub(crate) fn with_exposed(&mut self, rows: Vec<EntryRow>) -> Result<Vec<AccessEntry>, Error> {
        type Exposed = (Db<EntryId>, Db<CaseId>, Option<Db<SubjectId>>);
        let ids: Vec<Db<EntryId>> = rows.iter().map(|row| row.entry_id).collect();
        let found: Vec<Exposed> = access_exposures::table
            .select((
                access_exposures::entry_id,
                access_exposures::case_id,
                access_exposures::subject_id,
            ))
            .filter(access_exposures::tenant_id.eq(Db(self.tenant)))
            .filter(access_exposures::entry_id.eq_any(ids))
            .order((access_exposures::entry_id, access_exposures::case_id))
            .load(self.conn)?;
        let mut exposed: HashMap<EntryId, Vec<(CaseId, Option<SubjectId>)>> = HashMap::new();
        for (entry, case, subject) in found {
            exposed.entry(entry.get()).or_default().push((case.get(), subject.map(Db::get)));
        }
        let entry = |row: EntryRow| {
            let exposed = exposed.remove(&row.entry_id.get()).unwrap_or_default();
            row.into_entry(exposed)
        };
        Ok(rows.into_iter().map(entry).collect())
    }

    /// Counts the rows that belong together.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn record_counts(&mut self) -> Result<RecordCounts, Error> {
        let tenant = Db(self.tenant);
        Ok(RecordCounts {
            cases: cases::table
                .filter(cases::tenant_id.eq(tenant))
                .count()
                .get_result(self.conn)?,
            facts: case_facts::table
                .filter(case_facts::tenant_id.eq(tenant))
                .count()
                .get_result(self.conn)?,
            history: case_history::table
                .filter(case_history::tenant_id.eq(tenant))
                .count()
                .get_result(self.conn)?,
            audit_of_cases: audit_entries::table
                .filter(audit_entries::tenant_id.eq(tenant))
                .filter(audit_entries::object_kind.eq("case"))
                .count()
                .get_result(self.conn)?,
            messages: outbox::table
                .filter(outbox::tenant_id.eq(tenant))
                .filter(outbox::case_id.is_not_null())
                .count()
                .get_result(self.conn)?,
            answers: idempotency_keys::table
                .filter(idempotency_keys::tenant_id.eq(tenant))
                .filter(idempotency_keys::case_id.is_not_null())
                .count()
                .get_result(self.conn)?,
        })
    }
}
