//! Forwardings that go from machine to machine: the numbers of their messages, and how far they are told.

use diesel::prelude::*;
use domain::forwarding::{Channel, Direction, Status};
use domain::ids::{CounterpartyId, ForwardingId, TenantId};
use domain::machine::{Thread, Told};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{forwardings, machine_peers, machine_threads};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = machine_threads, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct ThreadRow {
    tenant_id: Db<TenantId>,
    forwarding_id: Db<ForwardingId>,
    counterparty_id: Db<CounterpartyId>,
    thread_id: Db<Uuid>,
    told_version: i64,
    told: Db<Value>,
    sent_sequence: i64,
    taken_sequence: i64,
    their_status: Option<String>,
    their_status_at: Option<Db<Timestamp>>,
}

impl ThreadRow {
    fn into_thread(self) -> Result<Thread, Error> {
        Ok(Thread {
            forwarding: self.forwarding_id.get(),
            counterparty: self.counterparty_id.get(),
            id: self.thread_id.get(),
            told_version: self.told_version,
            told: serde_json::from_value(self.told.get())
                .map_err(|error| Error::Corrupt(format!("machine_threads.told: {error}")))?,
            sent: self.sent_sequence,
            taken: self.taken_sequence,
            their_status: self.their_status.zip(self.their_status_at.map(Db::get)),
        })
    }
}

fn told_value(told: &Told) -> Result<Value, Error> {
    serde_json::to_value(told)
        .map_err(|error| Error::Corrupt(format!("machine_threads.told: {error}")))
}

impl Tx<'_> {
    /// The thread of a forwarding, if it goes from machine to machine.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what cannot be read.
    pub fn machine_thread(&mut self, forwarding: ForwardingId) -> Result<Option<Thread>, Error> {
        let row: Option<ThreadRow> = machine_threads::table
            .select(ThreadRow::as_select())
            .filter(machine_threads::tenant_id.eq(Db(self.tenant)))
            .filter(machine_threads::forwarding_id.eq(Db(forwarding)))
            .get_result(self.conn)
            .optional()?;
        row.map(ThreadRow::into_thread).transpose()
    }

    /// The thread with the name both sides have for it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what cannot be read.
    pub fn machine_thread_named(
        &mut self,
        counterparty: CounterpartyId,
        id: Uuid,
    ) -> Result<Option<Thread>, Error> {
        let row: Option<ThreadRow> = machine_threads::table
            .select(ThreadRow::as_select())
            .filter(machine_threads::tenant_id.eq(Db(self.tenant)))
            .filter(machine_threads::counterparty_id.eq(Db(counterparty)))
            .filter(machine_threads::thread_id.eq(Db(id)))
            .get_result(self.conn)
            .optional()?;
        row.map(ThreadRow::into_thread).transpose()
    }

    /// The forwardings that go from machine to machine and have changed since the other side was told,
    /// those that have waited longest first. What was taken back before it was told does not count.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn untold_forwardings(&mut self, limit: i64) -> Result<Vec<ForwardingId>, Error> {
        let thread = machine_threads::tenant_id
            .eq(forwardings::tenant_id)
            .and(machine_threads::forwarding_id.eq(forwardings::forwarding_id));
        let peer = machine_peers::tenant_id
            .eq(forwardings::tenant_id)
            .and(machine_peers::counterparty_id.eq(forwardings::counterparty_id));
        let begins = machine_threads::told_version
            .is_null()
            .and(forwardings::direction.eq(Direction::Sent.code()))
            .and(forwardings::status.ne(Status::Recalled.code()));
        let goes_on = machine_threads::told_version
            .is_not_null()
            .and(machine_threads::told_version.assume_not_null().lt(forwardings::version));
        let rows: Vec<Db<ForwardingId>> = forwardings::table
            .inner_join(machine_peers::table.on(peer))
            .left_join(machine_threads::table.on(thread))
            .select(forwardings::forwarding_id)
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::channel.eq(Channel::Machine.code()))
            .filter(begins.or(goes_on))
            .order((forwardings::updated_at, forwardings::forwarding_id))
            .limit(limit)
            .load(self.conn)?;
        Ok(rows.into_iter().map(Db::get).collect())
    }

    /// Begins a thread.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `machine_threads_forwarding_id_key` or
    /// `machine_threads_counterparty_id_thread_id_key`; [`Error::Reference`] without forwarding or system.
    pub fn insert_machine_thread(&mut self, thread: &Thread) -> Result<(), Error> {
        let row = ThreadRow {
            tenant_id: Db(self.tenant),
            forwarding_id: Db(thread.forwarding),
            counterparty_id: Db(thread.counterparty),
            thread_id: Db(thread.id),
            told_version: thread.told_version,
            told: Db(told_value(&thread.told)?),
            sent_sequence: thread.sent,
            taken_sequence: thread.taken,
            their_status: thread.their_status.as_ref().map(|(status, _)| status.clone()),
            their_status_at: thread.their_status.as_ref().map(|(_, at)| Db(*at)),
        };
        diesel::insert_into(machine_threads::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves how far a thread is told, if nobody told anything since it was read as `before`. Belongs in
    /// the transaction that keeps what is told.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn tell_machine_thread(&mut self, before: &Thread, after: &Thread) -> Result<(), Error> {
        let here = machine_threads::tenant_id
            .eq(Db(self.tenant))
            .and(machine_threads::forwarding_id.eq(Db(before.forwarding)))
            .and(machine_threads::told_version.eq(before.told_version))
            .and(machine_threads::sent_sequence.eq(before.sent));
        let changed = diesel::update(machine_threads::table.filter(here))
            .set((
                machine_threads::told_version.eq(after.told_version),
                machine_threads::told.eq(Db(told_value(&after.told)?)),
                machine_threads::sent_sequence.eq(after.sent),
            ))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Takes the number after that of `before`, and where it stands at the other end, if that is what
    /// they say. Belongs in the transaction that takes the message.
    ///
    /// # Errors
    /// [`Error::Stale`] when it has been taken.
    pub fn take_machine_sequence(
        &mut self,
        before: &Thread,
        their_status: Option<(String, Timestamp)>,
    ) -> Result<(), Error> {
        let here = machine_threads::tenant_id
            .eq(Db(self.tenant))
            .and(machine_threads::forwarding_id.eq(Db(before.forwarding)))
            .and(machine_threads::taken_sequence.eq(before.taken));
        let (status, at) = their_status.or_else(|| before.their_status.clone()).unzip();
        let changed = diesel::update(machine_threads::table.filter(here))
            .set((
                machine_threads::taken_sequence.eq(before.taken + 1),
                machine_threads::their_status.eq(status),
                machine_threads::their_status_at.eq(at.map(Db)),
            ))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
