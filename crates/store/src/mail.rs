//! The notices that wait to be delivered, and what became of them.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;
use domain::ids::{CaseId, MessageId, StaffId};
use domain::mail::Outcome;
use domain::organisation::Staff;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::error::Error;
use crate::schema::{outbox, staff};
use crate::sql_types::Db;
use crate::staff::StaffRow;

/// A message that waits to be delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitingMessage {
    /// Its id, which the mail bears.
    pub id: MessageId,
    /// When it was queued.
    pub at: Timestamp,
    /// The case it is about.
    pub case: Option<CaseId>,
    /// What was queued.
    pub payload: Value,
    /// How often it was tried.
    pub attempts: u32,
}

/// What waits to be delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many messages.
    pub waiting: i64,
    /// When the oldest was queued.
    pub oldest: Option<Timestamp>,
    /// When the next is to be tried.
    pub next: Option<Timestamp>,
}

impl Tx<'_> {
    /// What waits to be delivered, in one look.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn mail_backlog(&mut self) -> Result<Backlog, Error> {
        type Row = (i64, Option<Db<Timestamp>>, Option<Db<Timestamp>>);
        let (waiting, oldest, next): Row = outbox::table
            .select((count_star(), min(outbox::created_at), min(outbox::next_try_at)))
            .filter(outbox::tenant_id.eq(Db(self.tenant)))
            .filter(outbox::next_try_at.is_not_null())
            .get_result(self.conn)?;
        Ok(Backlog { waiting, oldest: oldest.map(Db::get), next: next.map(Db::get) })
    }

    /// The messages that are to be tried by now, first what has waited longest.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn due_messages(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<WaitingMessage>, Error> {
        type Row = (Db<MessageId>, Db<Timestamp>, Option<Db<CaseId>>, Db<Value>, i32);
        let rows: Vec<Row> = outbox::table
            .select((
                outbox::message_id,
                outbox::created_at,
                outbox::case_id,
                outbox::payload,
                outbox::attempts,
            ))
            .filter(outbox::tenant_id.eq(Db(self.tenant)))
            .filter(outbox::next_try_at.is_not_null())
            .filter(outbox::next_try_at.assume_not_null().le(Db(now)))
            .order((outbox::next_try_at, outbox::message_id))
            .limit(limit)
            .load(self.conn)?;
        let message = |(id, at, case, payload, attempts): Row| WaitingMessage {
            id: id.get(),
            at: at.get(),
            case: case.map(Db::get),
            payload: payload.get(),
            attempts: u32::try_from(attempts).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(message).collect())
    }

    /// Whether a message still waits.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn message_waits(&mut self, id: MessageId) -> Result<bool, Error> {
        let waits: Option<Db<MessageId>> = outbox::table
            .select(outbox::message_id)
            .filter(outbox::tenant_id.eq(Db(self.tenant)))
            .filter(outbox::message_id.eq(Db(id)))
            .filter(outbox::next_try_at.is_not_null())
            .get_result(self.conn)
            .optional()?;
        Ok(waits.is_some())
    }

    /// Settles a message that waits, once and for all, and tells whether it did wait.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn settle_message(
        &mut self,
        id: MessageId,
        outcome: Outcome,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let waits = outbox::tenant_id
            .eq(Db(self.tenant))
            .and(outbox::message_id.eq(Db(id)))
            .and(outbox::next_try_at.is_not_null());
        let settled = diesel::update(outbox::table.filter(waits))
            .set((
                outbox::next_try_at.eq(None::<Db<Timestamp>>),
                outbox::settled_at.eq(Some(Db(at))),
                outbox::outcome.eq(Some(outcome.code())),
            ))
            .execute(self.conn)?;
        Ok(settled == 1)
    }

    /// Settles what waits and was queued before `before`, and gives how many that were.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn settle_messages_before(
        &mut self,
        before: Timestamp,
        outcome: Outcome,
        at: Timestamp,
    ) -> Result<usize, Error> {
        let old = outbox::tenant_id
            .eq(Db(self.tenant))
            .and(outbox::next_try_at.is_not_null())
            .and(outbox::created_at.lt(Db(before)));
        Ok(diesel::update(outbox::table.filter(old))
            .set((
                outbox::next_try_at.eq(None::<Db<Timestamp>>),
                outbox::settled_at.eq(Some(Db(at))),
                outbox::outcome.eq(Some(outcome.code())),
            ))
            .execute(self.conn)?)
    }

    /// Lets a message that waits wait until `until`, having been tried so often.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn postpone_message(
        &mut self,
        id: MessageId,
        until: Timestamp,
        attempts: u32,
    ) -> Result<(), Error> {
        let waits = outbox::tenant_id
            .eq(Db(self.tenant))
            .and(outbox::message_id.eq(Db(id)))
            .and(outbox::next_try_at.is_not_null());
        let attempts = i32::try_from(attempts).unwrap_or(i32::MAX);
        diesel::update(outbox::table.filter(waits))
            .set((outbox::next_try_at.eq(Some(Db(until))), outbox::attempts.eq(attempts)))
            .execute(self.conn)?;
        Ok(())
    }

    /// Those who may get the digest of `day` and have not been looked at for it: who is there, has an
    /// address and has not switched it off.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn without_digest(&mut self, day: Date, limit: i64) -> Result<Vec<Staff>, Error> {
        let before = staff::digest_on.is_null().or(staff::digest_on.assume_not_null().lt(Db(day)));
        let rows: Vec<StaffRow> = staff::table
            .select(StaffRow::as_select())
            .filter(staff::tenant_id.eq(Db(self.tenant)))
            .filter(staff::deactivated_at.is_null())
            .filter(staff::email.is_not_null())
            .filter(staff::digest.eq(true))
            .filter(before)
            .order(staff::staff_id)
            .limit(limit)
            .load(self.conn)?;
        Ok(rows.into_iter().map(Staff::from).collect())
    }

    /// Marks that a person has been looked at for the digest of `day`, and tells whether nobody had
    /// done so before. Belongs in the transaction that queues the digest.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn begin_digest(&mut self, id: StaffId, day: Date) -> Result<bool, Error> {
        let here = staff::tenant_id.eq(Db(self.tenant)).and(staff::staff_id.eq(Db(id)));
        let before = staff::digest_on.is_null().or(staff::digest_on.assume_not_null().lt(Db(day)));
        let begun = diesel::update(staff::table.filter(here).filter(before))
            .set(staff::digest_on.eq(Some(Db(day))))
            .execute(self.conn)?;
        Ok(begun == 1)
    }

    /// Whether a person wants the digest.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn wants_digest(&mut self, id: StaffId) -> Result<bool, Error> {
        Ok(staff::table
            .select(staff::digest)
            .filter(staff::tenant_id.eq(Db(self.tenant)))
            .filter(staff::staff_id.eq(Db(id)))
            .get_result(self.conn)?)
    }

    /// Sets whether a person wants the digest. It is their own affair: the version of what the tenant
    /// knows of them stays.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn want_digest(&mut self, id: StaffId, wanted: bool) -> Result<(), Error> {
        let here = staff::tenant_id.eq(Db(self.tenant)).and(staff::staff_id.eq(Db(id)));
        let changed = diesel::update(staff::table.filter(here))
            .set(staff::digest.eq(wanted))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
    }
}
