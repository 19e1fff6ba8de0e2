//! Opinions: the row of each, its sealed sender, and what sender and handler say to each other.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::case::Case;
use domain::ids::{CaseId, MessageId, StaffId, TenantId};
use domain::opinion::{Ended, Message, Opinion, Stage};
use jiff::Timestamp;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::among::among;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::record_keys::{Apart, Keyed, apart, keyed};
use crate::schema::{opinion_messages, opinion_senders, opinions, record_keys};
use crate::sql_types::Db;
use crate::subjects::Sealed;

/// What a change of an opinion writes. What its sender says of the answer is not among it.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = opinions, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, case_id), treat_none_as_null = true)]
struct OpinionRow {
    tenant_id: Db<TenantId>,
    case_id: Db<CaseId>,
    stage: String,
    anonymous: bool,
    entry: String,
    sender_kind: Option<String>,
    handler_id: Option<Db<StaffId>>,
    acknowledged_at: Option<Db<Timestamp>>,
    answered_at: Option<Db<Timestamp>>,
    answer_channel: Option<String>,
    ending: Option<String>,
    handed_over_at: Option<Db<Timestamp>>,
    passed_on_to: Option<String>,
    diary_number: Option<String>,
    complaint_pn: Option<String>,
    document: Db<Value>,
}

impl OpinionRow {
    fn of(tenant: TenantId, case: &Case, opinion: &Opinion) -> Result<Self, Error> {
        let answer = opinion.answer();
        let ending = match &opinion.stage {
            Stage::Closed(Ended::Otherwise(ending)) => Some(ending.kind.code().to_owned()),
            Stage::Received
            | Stage::Registered
            | Stage::Acknowledged
            | Stage::Assigned
            | Stage::Investigating
            | Stage::Answered(_)
            | Stage::Closed(Ended::Answered(_) | Ended::Imported)
            | Stage::HandedOver(_) => None,
        };
        let handed_over_at = match &opinion.stage {
            Stage::HandedOver(handed) => Some(Db(handed.at)),
            Stage::Received
            | Stage::Registered
            | Stage::Acknowledged
            | Stage::Assigned
            | Stage::Investigating
            | Stage::Answered(_)
            | Stage::Closed(_) => None,
        };
        Ok(Self {
            tenant_id: Db(tenant),
            case_id: Db(case.id),
            stage: opinion.stage_name().code().to_owned(),
            anonymous: opinion.anonymous,
            entry: opinion.entry.code().to_owned(),
            sender_kind: opinion.sender.kind.clone(),
            handler_id: case.assessment.lead.map(Db),
            acknowledged_at: opinion.acknowledged.as_ref().map(|it| Db(it.at)),
            answered_at: answer.map(|it| Db(it.at)),
            answer_channel: answer.map(|it| it.given.channel().code().to_owned()),
            ending,
            handed_over_at,
            passed_on_to: opinion.passed_on.last().map(|it| it.to.code().to_owned()),
            diary_number: opinion.diary_number.clone(),
            complaint_pn: opinion.complaint_pn.clone(),
            document: Db(document(opinion)?),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = opinion_messages, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct MessageRow {
    tenant_id: Db<TenantId>,
    case_id: Db<CaseId>,
    message_id: Db<MessageId>,
    from_sender: bool,
    kind: String,
    text: String,
    created_at: Db<Timestamp>,
    staff_id: Option<Db<StaffId>>,
    read_at: Option<Db<Timestamp>>,
}

impl MessageRow {
    fn into_message(self) -> Result<Message, Error> {
        Ok(Message {
            id: self.message_id.get(),
            from_sender: self.from_sender,
            kind: code(&self.kind, "opinion_messages.kind")?,
            text: self.text,
            at: self.created_at.get(),
            by: self.staff_id.map(Db::get),
            read_at: self.read_at.map(Db::get),
        })
    }
}

impl Additions {
    /// Adds the opinion of a new case, where it has one; a conflict over `opinions_diary_number_key` when
    /// its number in the diary is another's.
    pub fn opinion(&mut self, case: &Case) {
        let Some(opinion) = &case.opinion else { return };
        match OpinionRow::of(self.tenant, case, opinion) {
            Ok(row) => self.push(diesel::insert_into(opinions::table).values(row)),
            Err(fault) => self.refuse(fault),
        }
    }

    /// Adds who left an opinion, sealed.
    pub fn opinion_sender(&mut self, case: CaseId, sealed: &Sealed, at: Timestamp) {
        self.record_key(Keyed::Sender, case.0, sealed);
        self.push(diesel::insert_into(opinion_senders::table).values((
            opinion_senders::tenant_id.eq(Db(self.tenant)),
            opinion_senders::case_id.eq(Db(case)),
            opinion_senders::key_version.eq(0),
            opinion_senders::wrapped_key.eq(Vec::<u8>::new()),
            opinion_senders::nonce.eq(sealed.nonce.clone()),
            opinion_senders::ciphertext.eq(sealed.ciphertext.clone()),
            opinion_senders::created_at.eq(Db(at)),
        )));
    }

    /// Adds something that was said.
    pub fn opinion_message(&mut self, case: CaseId, message: &Message) {
        self.push(diesel::insert_into(opinion_messages::table).values(MessageRow {
            tenant_id: Db(self.tenant),
            case_id: Db(case),
            message_id: Db(message.id),
            from_sender: message.from_sender,
            kind: message.kind.code().to_owned(),
            text: message.text.clone(),
            created_at: Db(message.at),
            staff_id: message.by.map(Db),
            read_at: message.read_at.map(Db),
        }));
    }
}

/// A sender with the key that lies apart.
type SenderRow = (Db<CaseId>, i32, Vec<u8>, Vec<u8>, Vec<u8>, Apart);

/// Senders, each with its key.
#[diesel::dsl::auto_type(no_type_alias)]
fn senders() -> _ {
    let kind: &'static str = Keyed::Sender.code();
    let its_own = record_keys::tenant_id
        .eq(opinion_senders::tenant_id)
        .and(record_keys::record_id.eq(opinion_senders::case_id))
        .and(record_keys::kind.eq(kind));
    opinion_senders::table.left_join(record_keys::table.on(its_own)).select((
        opinion_senders::case_id,
        opinion_senders::key_version,
        opinion_senders::wrapped_key,
        opinion_senders::nonce,
        opinion_senders::ciphertext,
        (record_keys::key_version.nullable(), record_keys::wrapped_key.nullable()),
    ))
}

fn sender((case, version, wrapped, nonce, ciphertext, apart): SenderRow) -> (CaseId, Sealed) {
    (case.get(), keyed(apart, (version, wrapped), nonce, ciphertext))
}

impl Tx<'_> {
    /// Saves the opinion of a changed case, where it has one; the first change of what came before there
    /// were opinions makes its row.
    pub(crate) fn save_opinion(&mut self, case: &Case) -> Result<(), Error> {
        let Some(opinion) = &case.opinion else { return Ok(()) };
        let row = OpinionRow::of(self.tenant, case, opinion)?;
        let here = opinions::tenant_id.eq(Db(self.tenant)).and(opinions::case_id.eq(Db(case.id)));
        let changed = diesel::update(opinions::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 0 {
            self.add_rows(|rows| rows.opinion(case))?;
        }
        Ok(())
    }

    /// Puts its opinion into a case that may have one.
    pub(crate) fn with_opinion(&mut self, case: &mut Case) -> Result<(), Error> {
        if let Some(bare) = Opinion::imported(case) {
            let mut known = self.opinions_of_each(&[Db(case.id)])?;
            case.opinion = Some(known.remove(&case.id).unwrap_or(bare));
        }
        Ok(())
    }

    /// The opinions of several cases, of those that have a row.
    pub(crate) fn opinions_of_each(
        &mut self,
        ids: &[Db<CaseId>],
    ) -> Result<HashMap<CaseId, Box<Opinion>>, Error> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Db<CaseId>, Db<Value>)> = opinions::table
            .select((opinions::case_id, opinions::document))
            .filter(opinions::tenant_id.eq(Db(self.tenant)))
            .filter(opinions::case_id.eq_any(among(ids)))
            .load(self.conn)?;
        rows.into_iter()
            .map(|(id, Db(value))| Ok((id.get(), from_document(value, "opinions.document")?)))
            .collect()
    }

    /// Who left the opinion of a case, sealed; `None` where nobody knows.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn opinion_sender(&mut self, case: CaseId) -> Result<Option<Sealed>, Error> {
        type Row = (i32, Vec<u8>, Vec<u8>, Vec<u8>, Apart);
        let its_own = record_keys::tenant_id
            .eq(opinion_senders::tenant_id)
            .and(record_keys::record_id.eq(opinion_senders::case_id))
            .and(record_keys::kind.eq(Keyed::Sender.code()));
        let row: Option<Row> = opinion_senders::table
            .left_join(record_keys::table.on(its_own))
            .select((
                opinion_senders::key_version,
                opinion_senders::wrapped_key,
                opinion_senders::nonce,
                opinion_senders::ciphertext,
                apart(),
            ))
            .filter(opinion_senders::tenant_id.eq(Db(self.tenant)))
            .filter(opinion_senders::case_id.eq(Db(case)))
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(|(version, wrapped, nonce, ciphertext, apart)| {
            keyed(apart, (version, wrapped), nonce, ciphertext)
        }))
    }

    /// Who left the opinions of some cases, sealed; in the order of the cases.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn opinion_senders_of(
        &mut self,
        cases: impl IntoIterator<Item = CaseId>,
    ) -> Result<Vec<(CaseId, Sealed)>, Error> {
        let ids: Vec<_> = cases.into_iter().map(Db).collect();
        let rows = senders().filter(opinion_senders::tenant_id.eq(Db(self.tenant)));
        let rows = rows.filter(opinion_senders::case_id.eq_any(among(ids)));
        let rows = rows.order(opinion_senders::case_id).load(self.conn)?;
        Ok(rows.into_iter().map(sender).collect())
    }

    /// Who left each opinion, sealed, after a case in the order of their ids, at most so many.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn opinion_senders_after(
        &mut self,
        after: Option<CaseId>,
        limit: i64,
    ) -> Result<Vec<(CaseId, Sealed)>, Error> {
        let rows = senders().filter(opinion_senders::tenant_id.eq(Db(self.tenant)));
        let mut rows = rows.order(opinion_senders::case_id).limit(limit).into_boxed();
        if let Some(after) = after {
            rows = rows.filter(opinion_senders::case_id.gt(Db(after)));
        }
        Ok(rows.load(self.conn)?.into_iter().map(sender).collect())
    }

    /// What was said between the sender of an opinion and those who handle it, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn opinion_messages(&mut self, case: CaseId) -> Result<Vec<Message>, Error> {
        let rows: Vec<MessageRow> = opinion_messages::table
            .select(MessageRow::as_select())
            .filter(opinion_messages::tenant_id.eq(Db(self.tenant)))
            .filter(opinion_messages::case_id.eq(Db(case)))
            .order((opinion_messages::created_at, opinion_messages::message_id))
            .load(self.conn)?;
        rows.into_iter().map(MessageRow::into_message).collect()
    }

    /// Notes that one side has read what the other said: what the sender said where `from_sender`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn read_opinion_messages(
        &mut self,
        case: CaseId,
        from_sender: bool,
        at: Timestamp,
    ) -> Result<(), Error> {
        let unread = opinion_messages::tenant_id
            .eq(Db(self.tenant))
            .and(opinion_messages::case_id.eq(Db(case)))
            .and(opinion_messages::from_sender.eq(from_sender))
            .and(opinion_messages::read_at.is_null());
        diesel::update(opinion_messages::table.filter(unread))
            .set(opinion_messages::read_at.eq(Some(Db(at))))
            .execute(self.conn)?;
        Ok(())
    }

    /// Gives what was said about one case to the one that goes on in its place.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn move_opinion_messages(&mut self, from: CaseId, to: CaseId) -> Result<(), Error> {
        let of = opinion_messages::tenant_id
            .eq(Db(self.tenant))
            .and(opinion_messages::case_id.eq(Db(from)));
        diesel::update(opinion_messages::table.filter(of))
            .set(opinion_messages::case_id.eq(Db(to)))
            .execute(self.conn)?;
        Ok(())
    }

    /// Takes the number in the diary from one case, for the one that goes on in its place.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn free_diary_number(&mut self, case: CaseId) -> Result<(), Error> {
        let of = opinions::tenant_id.eq(Db(self.tenant)).and(opinions::case_id.eq(Db(case)));
        diesel::update(opinions::table.filter(of))
            .set(opinions::diary_number.eq(None::<String>))
            .execute(self.conn)?;
        Ok(())
    }

    /// Erases who left the opinion of a case, with the key.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn delete_opinion_sender(&mut self, case: CaseId) -> Result<(), Error> {
        let of = opinion_senders::tenant_id
            .eq(Db(self.tenant))
            .and(opinion_senders::case_id.eq(Db(case)));
        diesel::delete(opinion_senders::table.filter(of)).execute(self.conn)?;
        self.erase_record_key(Keyed::Sender, case.0)
    }
}
