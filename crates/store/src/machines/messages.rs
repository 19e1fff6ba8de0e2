//! What was sent and is to be sent from machine to machine, and what was taken.

use diesel::dsl::{count_star, exists, min, not};
use diesel::prelude::*;
use domain::forwarding::Forwarding;
use domain::ids::{CounterpartyId, ForwardingId, MessageId, TenantId};
use domain::machine::{Delivery, Settled};
use jiff::Timestamp;
use uuid::Uuid;

use crate::Tx;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::forwardings::ForwardingRow;
use crate::mail::Backlog;
use crate::schema::{forwardings, machine_messages, machine_taken};
use crate::sql_types::Db;
use crate::subjects::Sealed;

diesel::alias!(machine_messages as earlier: Earlier);

#[derive(Queryable, Selectable)]
#[diesel(table_name = machine_messages, check_for_backend(MultiBackend))]
struct DeliveryRow {
    message_id: Db<MessageId>,
    forwarding_id: Db<ForwardingId>,
    sequence: i64,
    kind: String,
    made_at: Db<Timestamp>,
    give_up_at: Db<Timestamp>,
    next_try_at: Option<Db<Timestamp>>,
    attempts: i32,
    tried_at: Option<Db<Timestamp>>,
    problem: Option<String>,
    settled_at: Option<Db<Timestamp>>,
    outcome: Option<String>,
}

impl DeliveryRow {
    fn into_delivery(self) -> Result<Delivery, Error> {
        let outcome = self.outcome.map(|text| code::<Settled>(&text, "machine_messages.outcome"));
        Ok(Delivery {
            message: self.message_id.get(),
            forwarding: self.forwarding_id.get(),
            sequence: self.sequence,
            kind: self.kind,
            made_at: self.made_at.get(),
            give_up_at: self.give_up_at.get(),
            next_try_at: self.next_try_at.map(Db::get),
            attempts: u32::try_from(self.attempts).unwrap_or_default(),
            tried_at: self.tried_at.map(Db::get),
            problem: self.problem,
            settled: self.settled_at.map(Db::get).zip(outcome.transpose()?),
        })
    }
}

type SealedRow = (Option<i32>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

fn sealed((version, wrapped_key, nonce, ciphertext): SealedRow) -> Option<Sealed> {
    Some(Sealed {
        key_version: version?,
        wrapped_key: wrapped_key?,
        nonce: nonce?,
        ciphertext: ciphertext?,
    })
}

#[derive(Insertable)]
#[diesel(table_name = machine_messages, treat_none_as_default_value = false)]
struct NewMessage {
    tenant_id: Db<TenantId>,
    message_id: Db<MessageId>,
    forwarding_id: Db<ForwardingId>,
    sequence: i64,
    kind: String,
    key_version: Option<i32>,
    wrapped_key: Option<Vec<u8>>,
    nonce: Option<Vec<u8>>,
    ciphertext: Option<Vec<u8>>,
    made_at: Db<Timestamp>,
    give_up_at: Db<Timestamp>,
    next_try_at: Option<Db<Timestamp>>,
    attempts: i32,
}

/// A message that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenMessage {
    /// Who sent it.
    pub counterparty: CounterpartyId,
    /// Its id.
    pub message: MessageId,
    /// The thread it belongs to.
    pub thread: Uuid,
    /// The forwarding it is about; `None` where it made none.
    pub forwarding: Option<ForwardingId>,
    /// Its number.
    pub sequence: i64,
    /// What kind it is.
    pub kind: String,
    /// The hash of what it said.
    pub digest: Vec<u8>,
    /// When it was taken.
    pub at: Timestamp,
    /// Why what it says was refused, though its number was taken.
    pub refused: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = machine_taken, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct TakenRow {
    tenant_id: Db<TenantId>,
    counterparty_id: Db<CounterpartyId>,
    message_id: Db<MessageId>,
    thread_id: Db<Uuid>,
    forwarding_id: Option<Db<ForwardingId>>,
    sequence: i64,
    kind: String,
    digest: Vec<u8>,
    taken_at: Db<Timestamp>,
    refused: Option<String>,
}

impl Tx<'_> {
    /// Keeps a message to be sent, with its content sealed.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `machine_messages_forwarding_id_sequence_key`.
    pub fn insert_machine_message(
        &mut self,
        delivery: &Delivery,
        sealed: &Sealed,
    ) -> Result<(), Error> {
        let row = NewMessage {
            tenant_id: Db(self.tenant),
            message_id: Db(delivery.message),
            forwarding_id: Db(delivery.forwarding),
            sequence: delivery.sequence,
            kind: delivery.kind.clone(),
            key_version: Some(sealed.key_version),
            wrapped_key: Some(sealed.wrapped_key.clone()),
            nonce: Some(sealed.nonce.clone()),
            ciphertext: Some(sealed.ciphertext.clone()),
            made_at: Db(delivery.made_at),
            give_up_at: Db(delivery.give_up_at),
            next_try_at: delivery.next_try_at.map(Db),
            attempts: i32::try_from(delivery.attempts).unwrap_or(i32::MAX),
        };
        diesel::insert_into(machine_messages::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// How much waits to be sent, since when, and when the next is to be tried. What was given up does
    /// not wait.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn machine_backlog(&mut self) -> Result<Backlog, Error> {
        type Row = (i64, Option<Db<Timestamp>>, Option<Db<Timestamp>>);
        let (waiting, oldest, next): Row = machine_messages::table
            .select((
                count_star(),
                min(machine_messages::made_at),
                min(machine_messages::next_try_at),
            ))
            .filter(machine_messages::tenant_id.eq(Db(self.tenant)))
            .filter(machine_messages::next_try_at.is_not_null())
            .get_result(self.conn)?;
        Ok(Backlog { waiting, oldest: oldest.map(Db::get), next: next.map(Db::get) })
    }

    /// The messages to be tried by now, each the first of its forwarding that is not settled: a later
    /// one waits for it, also where it was given up. What has waited longest comes first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn due_machine_messages(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(Delivery, Option<Sealed>)>, Error> {
        let before = earlier
            .select(earlier.field(machine_messages::message_id))
            .filter(earlier.field(machine_messages::tenant_id).eq(Db(self.tenant)))
            .filter(
                earlier.field(machine_messages::forwarding_id).eq(machine_messages::forwarding_id),
            )
            .filter(earlier.field(machine_messages::settled_at).is_null())
            .filter(earlier.field(machine_messages::sequence).lt(machine_messages::sequence));
        let rows: Vec<(DeliveryRow, SealedRow)> = machine_messages::table
            .select((
                DeliveryRow::as_select(),
                (
                    machine_messages::key_version,
                    machine_messages::wrapped_key,
                    machine_messages::nonce,
                    machine_messages::ciphertext,
                ),
            ))
            .filter(machine_messages::tenant_id.eq(Db(self.tenant)))
            .filter(machine_messages::next_try_at.is_not_null())
            .filter(machine_messages::next_try_at.assume_not_null().le(Db(now)))
            .filter(not(exists(before)))
            .order((machine_messages::next_try_at, machine_messages::message_id))
            .limit(limit)
            .load(self.conn)?;
        rows.into_iter().map(|(row, kept)| Ok((row.into_delivery()?, sealed(kept)))).collect()
    }

    /// Settles a message, once and for all, and erases its content. Tells whether it waited.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn settle_machine_message(
        &mut self,
        id: MessageId,
        how: Settled,
        problem: Option<String>,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let here = machine_messages::tenant_id
            .eq(Db(self.tenant))
            .and(machine_messages::message_id.eq(Db(id)))
            .and(machine_messages::settled_at.is_null());
        let settled = diesel::update(machine_messages::table.filter(here))
            .set((
                machine_messages::next_try_at.eq(None::<Db<Timestamp>>),
                machine_messages::attempts.eq(machine_messages::attempts + 1),
                machine_messages::tried_at.eq(Some(Db(at))),
                machine_messages::problem.eq(problem),
                machine_messages::settled_at.eq(Some(Db(at))),
                machine_messages::outcome.eq(Some(how.code())),
                machine_messages::key_version.eq(None::<i32>),
                machine_messages::wrapped_key.eq(None::<Vec<u8>>),
                machine_messages::nonce.eq(None::<Vec<u8>>),
                machine_messages::ciphertext.eq(None::<Vec<u8>>),
            ))
            .execute(self.conn)?;
        Ok(settled == 1)
    }

    /// Puts down a try that failed, and when the next is made; `None` gives it up.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn postpone_machine_message(
        &mut self,
        id: MessageId,
        next: Option<Timestamp>,
        problem: String,
        at: Timestamp,
    ) -> Result<(), Error> {
        let here = machine_messages::tenant_id
            .eq(Db(self.tenant))
            .and(machine_messages::message_id.eq(Db(id)))
            .and(machine_messages::settled_at.is_null());
        diesel::update(machine_messages::table.filter(here))
            .set((
                machine_messages::next_try_at.eq(next.map(Db)),
                machine_messages::attempts.eq(machine_messages::attempts + 1),
                machine_messages::tried_at.eq(Some(Db(at))),
                machine_messages::problem.eq(Some(problem)),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Has what waits or was given up about a forwarding tried again from now on, until `give_up_at`.
    /// Gives how much that is.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn retry_machine_messages(
        &mut self,
        forwarding: ForwardingId,
        now: Timestamp,
        give_up_at: Timestamp,
    ) -> Result<usize, Error> {
        let open = machine_messages::tenant_id
            .eq(Db(self.tenant))
            .and(machine_messages::forwarding_id.eq(Db(forwarding)))
            .and(machine_messages::settled_at.is_null());
        Ok(diesel::update(machine_messages::table.filter(open))
            .set((
                machine_messages::next_try_at.eq(Some(Db(now))),
                machine_messages::give_up_at.eq(Db(give_up_at)),
            ))
            .execute(self.conn)?)
    }

    /// What is not settled about a forwarding, in order, with its content sealed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn unsettled_machine_messages(
        &mut self,
        forwarding: ForwardingId,
    ) -> Result<Vec<(MessageId, Sealed)>, Error> {
        let rows: Vec<(Db<MessageId>, SealedRow)> = machine_messages::table
            .select((
                machine_messages::message_id,
                (
                    machine_messages::key_version,
                    machine_messages::wrapped_key,
                    machine_messages::nonce,
                    machine_messages::ciphertext,
                ),
            ))
            .filter(machine_messages::tenant_id.eq(Db(self.tenant)))
            .filter(machine_messages::forwarding_id.eq(Db(forwarding)))
            .filter(machine_messages::settled_at.is_null())
            .order(machine_messages::sequence)
            .load(self.conn)?;
        Ok(rows.into_iter().filter_map(|(id, kept)| Some((id.get(), sealed(kept)?))).collect())
    }

    /// Puts another content in place of that of a message that is not settled.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn reseal_machine_message(&mut self, id: MessageId, sealed: &Sealed) -> Result<(), Error> {
        let here = machine_messages::tenant_id
            .eq(Db(self.tenant))
            .and(machine_messages::message_id.eq(Db(id)))
            .and(machine_messages::settled_at.is_null());
        diesel::update(machine_messages::table.filter(here))
            .set((
                machine_messages::key_version.eq(Some(sealed.key_version)),
                machine_messages::wrapped_key.eq(Some(sealed.wrapped_key.clone())),
                machine_messages::nonce.eq(Some(sealed.nonce.clone())),
                machine_messages::ciphertext.eq(Some(sealed.ciphertext.clone())),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// What was sent and is to be sent about a forwarding, in order.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn machine_deliveries(&mut self, forwarding: ForwardingId) -> Result<Vec<Delivery>, Error> {
        let rows: Vec<DeliveryRow> = machine_messages::table
            .select(DeliveryRow::as_select())
            .filter(machine_messages::tenant_id.eq(Db(self.tenant)))
            .filter(machine_messages::forwarding_id.eq(Db(forwarding)))
            .order(machine_messages::sequence)
            .load(self.conn)?;
        rows.into_iter().map(DeliveryRow::into_delivery).collect()
    }

    /// The forwardings of which a message was given up, each with when that message was made. Several
    /// messages of one are several lines.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn undelivered_forwardings(&mut self) -> Result<Vec<(Forwarding, Timestamp)>, Error> {
        let same = forwardings::tenant_id
            .eq(machine_messages::tenant_id)
            .and(forwardings::forwarding_id.eq(machine_messages::forwarding_id));
        let rows: Vec<(ForwardingRow, Db<Timestamp>)> = machine_messages::table
            .inner_join(forwardings::table.on(same))
            .select((ForwardingRow::as_select(), machine_messages::made_at))
            .filter(machine_messages::tenant_id.eq(Db(self.tenant)))
            .filter(machine_messages::settled_at.is_null())
            .filter(machine_messages::next_try_at.is_null())
            .order((machine_messages::made_at, machine_messages::message_id))
            .load(self.conn)?;
        rows.into_iter().map(|(row, at)| Ok((row.into_forwarding()?, at.get()))).collect()
    }

    /// A message taken before, if it was.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn machine_taken(
        &mut self,
        counterparty: CounterpartyId,
        message: MessageId,
    ) -> Result<Option<TakenMessage>, Error> {
        let row: Option<TakenRow> = machine_taken::table
            .select(TakenRow::as_select())
            .filter(machine_taken::tenant_id.eq(Db(self.tenant)))
            .filter(machine_taken::counterparty_id.eq(Db(counterparty)))
            .filter(machine_taken::message_id.eq(Db(message)))
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(|row| TakenMessage {
            counterparty: row.counterparty_id.get(),
            message: row.message_id.get(),
            thread: row.thread_id.get(),
            forwarding: row.forwarding_id.map(Db::get),
            sequence: row.sequence,
            kind: row.kind,
            digest: row.digest,
            at: row.taken_at.get(),
            refused: row.refused,
        }))
    }

    /// Whether the document of a thread was refused: then nothing that follows it can be done.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn machine_thread_refused(
        &mut self,
        counterparty: CounterpartyId,
        thread: Uuid,
    ) -> Result<bool, Error> {
        let refused: i64 = machine_taken::table
            .select(count_star())
            .filter(machine_taken::tenant_id.eq(Db(self.tenant)))
            .filter(machine_taken::counterparty_id.eq(Db(counterparty)))
            .filter(machine_taken::thread_id.eq(Db(thread)))
            .filter(machine_taken::refused.is_not_null())
            .get_result(self.conn)?;
        Ok(refused > 0)
    }

    /// Puts down that a message was taken. Belongs in the transaction that does what it says.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `machine_taken_counterparty_id_message_id_key` when it was before.
    pub fn insert_machine_taken(&mut self, taken: &TakenMessage) -> Result<(), Error> {
        let row = TakenRow {
            tenant_id: Db(self.tenant),
            counterparty_id: Db(taken.counterparty),
            message_id: Db(taken.message),
            thread_id: Db(taken.thread),
            forwarding_id: taken.forwarding.map(Db),
            sequence: taken.sequence,
            kind: taken.kind.clone(),
            digest: taken.digest.clone(),
            taken_at: Db(taken.at),
            refused: taken.refused.clone(),
        };
        diesel::insert_into(machine_taken::table).values(row).execute(self.conn)?;
        Ok(())
    }
}
