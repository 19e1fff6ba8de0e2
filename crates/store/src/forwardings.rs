//! Forwardings: the row of each, its history, and who the person is, sealed.

use diesel::prelude::*;
use domain::case::event::FieldChange;
use domain::forwarding::{
    Channel, Direction, Document, Event, Forwarding, Hand, Kind, Matter, State, Status,
};
use domain::ids::{CaseId, ContactId, CounterpartyId, ForwardingId, StaffId, TenantId, UnitId};
use domain::law::Law;
use domain::number::CaseNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::among::codes;
use crate::cases::{code, document, from_document, laws_of};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::record_keys::{Apart, Keyed, apart, keyed};
use crate::schema::{cases, forwarding_history, forwarding_subjects, forwardings, record_keys};
use crate::sql_types::Db;
use crate::subjects::Sealed;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = forwardings, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
// What is named a key here is not written by a change: what an import knew it by stays.
#[diesel(primary_key(tenant_id, forwarding_id, import_key), treat_none_as_null = true)]
pub(crate) struct ForwardingRow {
    tenant_id: Db<TenantId>,
    forwarding_id: Db<ForwardingId>,
    number: Option<String>,
    direction: String,
    kind: String,
    status: String,
    case_id: Option<Db<CaseId>>,
    counterparty_id: Db<CounterpartyId>,
    unit_id: Option<Db<UnitId>>,
    law: String,
    matter: String,
    channel: Option<String>,
    created_at: Db<Timestamp>,
    sent_at: Option<Db<Timestamp>>,
    due_on: Option<Db<Date>>,
    awaited_on: Option<Db<Date>>,
    reminders: i32,
    acknowledged_at: Option<Db<Timestamp>>,
    answered_at: Option<Db<Timestamp>>,
    answer_channel: Option<String>,
    ended_at: Option<Db<Timestamp>>,
    todo: Option<String>,
    document: Db<Value>,
    import_key: Option<String>,
    imported: bool,
    version: i64,
    updated_at: Db<Timestamp>,
}

/// The document of a row.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: State,
    #[serde(default)]
    document: Document,
    #[serde(default)]
    matter: Matter,
}

impl ForwardingRow {
    fn of(tenant: TenantId, it: &Forwarding, import_key: Option<String>) -> Result<Self, Error> {
        let matter = &it.matter;
        let kept =
            Kept { state: it.state.clone(), document: it.document.clone(), matter: matter.clone() };
        let reminders = i32::try_from(matter.reminders.len()).unwrap_or(i32::MAX);
        let channel = |channel: Option<Channel>| channel.map(|it| it.code().to_owned());
        Ok(Self {
            tenant_id: Db(tenant),
            forwarding_id: Db(it.id),
            number: it.number.map(|number| number.to_string()),
            direction: it.direction.code().to_owned(),
            kind: it.kind.code().to_owned(),
            status: it.status().code().to_owned(),
            case_id: it.case.map(Db),
            counterparty_id: Db(it.counterparty),
            unit_id: it.unit.map(Db),
            law: it.law.code().to_owned(),
            matter: it.document.matter.clone(),
            channel: channel(it.channel),
            created_at: Db(it.created_at),
            sent_at: it.sent_at.map(Db),
            due_on: it.due_on.map(Db),
            awaited_on: it.awaited_on().map(Db),
            reminders,
            acknowledged_at: matter.acknowledged_at.map(Db),
            answered_at: matter.answered_at.map(Db),
            answer_channel: channel(matter.answer_channel),
            ended_at: it.state.ended_at().map(Db),
            todo: it.todo().map(|todo| todo.code().to_owned()),
            document: Db(document(&kept)?),
            import_key,
            imported: it.imported,
            version: it.version,
            updated_at: Db(it.updated_at),
        })
    }

    pub(crate) fn into_forwarding(self) -> Result<Forwarding, Error> {
        let Kept { state, document, mut matter } =
            from_document(self.document.get(), "forwardings.document")?;
        // What an import brought before there were documents stands in columns alone.
        matter.answered_at = matter.answered_at.or(self.answered_at.map(Db::get));
        let channel = self.channel.as_deref();
        let channel = channel.map(|it| code(it, "forwardings.channel")).transpose()?;
        let number = self.number.as_deref();
        let number: Option<CaseNumber> =
            number.map(|it| code(it, "forwardings.number")).transpose()?;
        Ok(Forwarding {
            id: self.forwarding_id.get(),
            number,
            direction: code::<Direction>(&self.direction, "forwardings.direction")?,
            kind: code::<Kind>(&self.kind, "forwardings.kind")?,
            state,
            case: self.case_id.map(Db::get),
            counterparty: self.counterparty_id.get(),
            unit: self.unit_id.map(Db::get),
            law: code::<Law>(&self.law, "forwardings.law")?,
            document,
            matter,
            channel,
            created_at: self.created_at.get(),
            sent_at: self.sent_at.map(Db::get),
            due_on: self.due_on.map(Db::get),
            imported: self.imported,
            version: self.version,
            updated_at: self.updated_at.get(),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = forwarding_history, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct HistoryRow {
    tenant_id: Db<TenantId>,
    forwarding_id: Db<ForwardingId>,
    version: i64,
    at: Db<Timestamp>,
    hand: String,
    staff_id: Option<Db<StaffId>>,
    contact_id: Option<Db<ContactId>>,
    command: String,
    from_status: Option<String>,
    to_status: String,
    changes: Db<Value>,
    reason: Option<String>,
}

/// Who did what to a forwarding.
#[derive(Clone, Debug, PartialEq)]
pub struct ForwardingEntry {
    /// The version that came of it.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// Whose hand it was.
    pub by: Hand,
    /// What was done.
    pub command: String,
    /// Where it stood.
    pub from: Option<Status>,
    /// Where it stands since.
    pub to: Status,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// Why.
    pub reason: Option<String>,
}

impl Additions {
    /// Adds a forwarding; a conflict over `forwardings_number_key` when its number is taken.
    pub fn forwarding(&mut self, forwarding: &Forwarding) {
        match ForwardingRow::of(self.tenant, forwarding, None) {
            Ok(row) => self.push(diesel::insert_into(forwardings::table).values(row)),
            Err(fault) => self.refuse(fault),
        }
    }

    /// Adds what made `version` of a forwarding to its history; a conflict over
    /// `forwarding_history_forwarding_id_version_key` when that version has its entry already.
    pub fn forwarding_history(&mut self, forwarding: &Forwarding, event: &Event, at: Timestamp) {
        let changes = match document(&event.changes) {
            Ok(changes) => changes,
            Err(fault) => return self.refuse(fault),
        };
        let (hand, staff, contact) = match event.by {
            Hand::Staff(staff) => ("staff", Some(staff), None),
            Hand::Counterparty(contact) => ("counterparty", None, contact),
            Hand::Job => ("job", None, None),
        };
        self.push(diesel::insert_into(forwarding_history::table).values(HistoryRow {
            tenant_id: Db(self.tenant),
            forwarding_id: Db(forwarding.id),
            version: forwarding.version,
            at: Db(at),
            hand: hand.to_owned(),
            staff_id: staff.map(Db),
            contact_id: contact.map(Db),
            command: event.command.code().to_owned(),
            from_status: event.from.map(|status| status.code().to_owned()),
            to_status: event.to.code().to_owned(),
            changes: Db(changes),
            reason: event.reason.clone(),
        }));
    }

    /// Adds who the person is that a forwarding is about, sealed.
    pub fn forwarding_subject(&mut self, forwarding: ForwardingId, sealed: &Sealed) {
        self.record_key(Keyed::Forwarding, forwarding.0, sealed);
        self.push(diesel::insert_into(forwarding_subjects::table).values((
            forwarding_subjects::tenant_id.eq(Db(self.tenant)),
            forwarding_subjects::forwarding_id.eq(Db(forwarding)),
            forwarding_subjects::key_version.eq(0),
            forwarding_subjects::wrapped_key.eq(Vec::<u8>::new()),
            forwarding_subjects::nonce.eq(sealed.nonce.clone()),
            forwarding_subjects::ciphertext.eq(sealed.ciphertext.clone()),
        )));
    }
}

impl Tx<'_> {
    /// Takes in a forwarding that an import brings.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `forwardings_import_key_key`.
    pub fn insert_forwarding(
        &mut self,
        forwarding: &Forwarding,
        import_key: Option<&str>,
    ) -> Result<(), Error> {
        let row = ForwardingRow::of(self.tenant, forwarding, import_key.map(str::to_owned))?;
        diesel::insert_into(forwardings::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves a changed forwarding if it still stands where the change began.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_forwarding(
        &mut self,
        before: &Forwarding,
        forwarding: &Forwarding,
    ) -> Result<(), Error> {
        let row = ForwardingRow::of(self.tenant, forwarding, None)?;
        let here = forwardings::tenant_id
            .eq(Db(self.tenant))
            .and(forwardings::forwarding_id.eq(Db(forwarding.id)))
            .and(forwardings::status.eq(before.status().code()))
            .and(forwardings::version.eq(before.version));
        let changed =
            diesel::update(forwardings::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// A forwarding.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn forwarding(&mut self, id: ForwardingId) -> Result<Forwarding, Error> {
        let row: ForwardingRow = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::forwarding_id.eq(Db(id)))
            .filter(forwardings::erased_at.is_null())
            .get_result(self.conn)?;
        row.into_forwarding()
    }

    /// The forwardings that rest on a case, or became it, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn forwardings_of(&mut self, case: CaseId) -> Result<Vec<Forwarding>, Error> {
        let rows: Vec<ForwardingRow> = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::case_id.eq(Db(case)))
            .order((forwardings::created_at, forwardings::forwarding_id))
            .load(self.conn)?;
        rows.into_iter().map(ForwardingRow::into_forwarding).collect()
    }

    /// Everything that left for a counterparty and is not taken back, the oldest first: what one page of
    /// theirs holds. Drafts are not among it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn forwardings_to(
        &mut self,
        counterparty: CounterpartyId,
    ) -> Result<Vec<Forwarding>, Error> {
        let none = [Status::Draft, Status::Checked, Status::Recalled].map(Status::code);
        let rows: Vec<ForwardingRow> = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::counterparty_id.eq(Db(counterparty)))
            .filter(forwardings::direction.eq(Direction::Sent.code()))
            .filter(forwardings::status.ne_all(codes(none)))
            .filter(forwardings::erased_at.is_null())
            .order((forwardings::sent_at, forwardings::forwarding_id))
            .load(self.conn)?;
        rows.into_iter().map(ForwardingRow::into_forwarding).collect()
    }

    /// Every forwarding with what an import knew it by, oldest first: for an export.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn forwardings(&mut self) -> Result<Vec<(Forwarding, Option<String>)>, Error> {
        let rows: Vec<ForwardingRow> = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::erased_at.is_null())
            .order((forwardings::created_at, forwardings::forwarding_id))
            .load(self.conn)?;
        let whole = |mut row: ForwardingRow| {
            let key = row.import_key.take();
            Ok((row.into_forwarding()?, key))
        };
        rows.into_iter().map(whole).collect()
    }

    /// Where a case is, and the law that counts of it; HSL where it is under none.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn case_place(&mut self, case: CaseId) -> Result<(UnitId, Law), Error> {
        let (unit, laws): (Db<UnitId>, String) = cases::table
            .select((cases::unit_id, cases::laws))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq(Db(case)))
            .get_result(self.conn)?;
        Ok((unit.get(), laws_of(&laws)?.first().copied().unwrap_or(Law::Hsl)))
    }

    /// Takes the forwardings of a case along to another unit.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn move_forwardings(&mut self, case: CaseId, unit: UnitId) -> Result<(), Error> {
        let here =
            forwardings::tenant_id.eq(Db(self.tenant)).and(forwardings::case_id.eq(Db(case)));
        diesel::update(forwardings::table.filter(here))
            .set(forwardings::unit_id.eq(Some(Db(unit))))
            .execute(self.conn)?;
        Ok(())
    }

    /// Hangs the forwardings of a case on another, that it goes on as.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn rehang_forwardings(&mut self, from: CaseId, to: CaseId) -> Result<(), Error> {
        let here =
            forwardings::tenant_id.eq(Db(self.tenant)).and(forwardings::case_id.eq(Db(from)));
        diesel::update(forwardings::table.filter(here))
            .set(forwardings::case_id.eq(Some(Db(to))))
            .execute(self.conn)?;
        Ok(())
    }

    /// Who did what to a forwarding, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn forwarding_history(&mut self, id: ForwardingId) -> Result<Vec<ForwardingEntry>, Error> {
        let rows: Vec<HistoryRow> = forwarding_history::table
            .select(HistoryRow::as_select())
            .filter(forwarding_history::tenant_id.eq(Db(self.tenant)))
            .filter(forwarding_history::forwarding_id.eq(Db(id)))
            .order(forwarding_history::version)
            .load(self.conn)?;
        let entry = |row: HistoryRow| {
            let by = match (row.hand.as_str(), row.staff_id) {
                ("staff", Some(staff)) => Hand::Staff(staff.get()),
                ("counterparty", _) => Hand::Counterparty(row.contact_id.map(Db::get)),
                ("job", _) => Hand::Job,
                (other, _) => {
                    return Err(Error::Corrupt(format!("forwarding_history.hand: {other:?}")));
                }
            };
            let from = row.from_status.as_deref();
            let from = from.map(|it| code(it, "forwarding_history.from_status")).transpose()?;
            Ok(ForwardingEntry {
                version: row.version,
                at: row.at.get(),
                by,
                command: row.command,
                from,
                to: code(&row.to_status, "forwarding_history.to_status")?,
                changes: from_document(row.changes.get(), "forwarding_history.changes")?,
                reason: row.reason,
            })
        };
        rows.into_iter().map(entry).collect()
    }

    /// Who the person is that a forwarding is about, sealed; `None` where that did not go along.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn forwarding_subject(&mut self, id: ForwardingId) -> Result<Option<Sealed>, Error> {
        let its_own = record_keys::tenant_id
            .eq(forwarding_subjects::tenant_id)
            .and(record_keys::record_id.eq(forwarding_subjects::forwarding_id))
            .and(record_keys::kind.eq(Keyed::Forwarding.code()));
        let sealed = forwarding_subjects::table
            .left_join(record_keys::table.on(its_own))
            .select((
                forwarding_subjects::key_version,
                forwarding_subjects::wrapped_key,
                forwarding_subjects::nonce,
                forwarding_subjects::ciphertext,
                apart(),
            ))
            .filter(forwarding_subjects::tenant_id.eq(Db(self.tenant)))
            .filter(forwarding_subjects::forwarding_id.eq(Db(id)))
            .get_result::<(i32, Vec<u8>, Vec<u8>, Vec<u8>, Apart)>(self.conn)
            .optional()?;
        Ok(sealed.map(|(version, wrapped, nonce, ciphertext, apart)| {
            keyed(apart, (version, wrapped), nonce, ciphertext)
        }))
    }

    /// Takes back who the person is, where it goes along no more.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn delete_forwarding_subject(&mut self, id: ForwardingId) -> Result<(), Error> {
        let here = forwarding_subjects::tenant_id
            .eq(Db(self.tenant))
            .and(forwarding_subjects::forwarding_id.eq(Db(id)));
        diesel::delete(forwarding_subjects::table.filter(here)).execute(self.conn)?;
        self.erase_record_key(Keyed::Forwarding, id.0)
    }
}
