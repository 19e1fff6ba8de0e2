//! Cases as whoever filed them follows them, also when they go on as another kind.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::case::Case;
use domain::case::link::LinkKind;
use domain::ids::{CaseId, MessageId, StaffId};
use jiff::Timestamp;
use serde_json::Value;

use crate::Tx;
use crate::case_lists::own;
use crate::cases::CaseRow;
use crate::error::Error;
use crate::records::Message;
use crate::schema::{attachments, case_links, cases, outbox};
use crate::sql_types::Db;

/// Which of one's own filings a list holds.
#[derive(Clone, Copy, Debug)]
pub struct OwnFilter {
    /// Whose.
    pub staff: StaffId,
    /// What one registered for a reporter without a token is one's own too; not on a shared phone.
    pub registered_too: bool,
    /// Go on after this place.
    pub after: Option<(Timestamp, CaseId)>,
    /// How many at most.
    pub limit: i64,
}

impl Tx<'_> {
    /// One's own filings, newest first, without what hangs on them in other tables. What was filed
    /// again as another kind stands there once, as what it goes on as.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn own_cases(&mut self, filter: OwnFilter) -> Result<Vec<Case>, Error> {
        let goes_on = case_links::table
            .filter(case_links::tenant_id.eq(cases::tenant_id))
            .filter(case_links::case_id.eq(cases::case_id))
            .filter(case_links::kind.eq(LinkKind::RefiledAs.code()));
        let mut query = cases::table
            .select(CaseRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(own(filter.staff, filter.registered_too))
            .filter(not(exists(goes_on)))
            .order((cases::reported_at.desc(), cases::case_id.desc()))
            .limit(filter.limit)
            .into_boxed();
        if let Some((at, id)) = filter.after {
            let tie = cases::reported_at.eq(Db(at)).and(cases::case_id.lt(Db(id)));
            query = query.filter(cases::reported_at.lt(Db(at)).or(tie));
        }
        let rows: Vec<CaseRow> = query.load(self.conn)?;
        rows.into_iter().map(CaseRow::into_case).collect()
    }

    /// What a case was filed as before, the last before first: ids and numbers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn filed_before_as(&mut self, id: CaseId) -> Result<Vec<(CaseId, String)>, Error> {
        let mut found: Vec<(CaseId, String)> = Vec::new();
        let mut next = Some(id);
        while let Some(at) = next {
            let linked = case_links::table
                .filter(case_links::tenant_id.eq(Db(self.tenant)))
                .filter(case_links::to_case_id.eq(Db(at)))
                .filter(case_links::kind.eq(LinkKind::RefiledAs.code()))
                .select(case_links::case_id);
            let before: Option<(Db<CaseId>, String)> = cases::table
                .select((cases::case_id, cases::number))
                .filter(cases::tenant_id.eq(Db(self.tenant)))
                .filter(cases::case_id.eq_any(linked))
                .filter(cases::erased_at.is_null())
                .first(self.conn)
                .optional()?;
            next = before.as_ref().map(|(id, _)| id.get());
            found.extend(before.map(|(id, number)| (id.get(), number)));
        }
        Ok(found)
    }

    /// What is queued to be told about a case, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn messages_about(&mut self, id: CaseId) -> Result<Vec<Message>, Error> {
        type Row = (Db<MessageId>, Db<Timestamp>, String, Db<Value>);
        let rows: Vec<Row> = outbox::table
            .select((outbox::message_id, outbox::created_at, outbox::topic, outbox::payload))
            .filter(outbox::tenant_id.eq(Db(self.tenant)))
            .filter(outbox::case_id.assume_not_null().eq(Db(id)))
            .order(outbox::message_id)
            .load(self.conn)?;
        let case = Some(id);
        let message = |(message, at, topic, payload): Row| {
            let (id, at, payload) = (message.get(), at.get(), payload.get());
            Message { id, at, topic, case, payload }
        };
        Ok(rows.into_iter().map(message).collect())
    }

    /// Hangs the attachments of one case on another: the file is one and the same, and so is its
    /// content.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn move_attachments(&mut self, from: CaseId, to: CaseId) -> Result<(), Error> {
        let here =
            attachments::tenant_id.eq(Db(self.tenant)).and(attachments::case_id.eq(Db(from)));
        diesel::update(attachments::table.filter(here))
            .set(attachments::case_id.eq(Db(to)))
            .execute(self.conn)?;
        Ok(())
    }
}
