//! Who has opened the page of a counterparty, and what it asks of the forwardings.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::forwarding::{Direction, Status};
use domain::ids::{CounterpartyId, ForwardingId, LinkId, SessionId, TenantId};
use domain::portal::{Factor, Session};
use jiff::Timestamp;

use crate::Tx;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::forwardings::ForwardingRow;
use crate::record_keys::{Apart, Keyed, apart, keyed};
use crate::schema::{forwarding_subjects, forwardings, portal_sessions, record_keys};
use crate::sql_types::Db;
use crate::subjects::Sealed;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = portal_sessions, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct SessionRow {
    tenant_id: Db<TenantId>,
    session_id: Db<SessionId>,
    link_id: Db<LinkId>,
    factor: String,
    begun_at: Db<Timestamp>,
    ends_at: Db<Timestamp>,
    left_at: Option<Db<Timestamp>>,
}

impl Tx<'_> {
    /// A session; `None` where there is no such.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown factor.
    pub fn session(&mut self, id: SessionId) -> Result<Option<Session>, Error> {
        let row: Option<SessionRow> = portal_sessions::table
            .select(SessionRow::as_select())
            .filter(portal_sessions::tenant_id.eq(Db(self.tenant)))
            .filter(portal_sessions::session_id.eq(Db(id)))
            .get_result(self.conn)
            .optional()?;
        row.map(|row| {
            Ok(Session {
                id: row.session_id.get(),
                link: row.link_id.get(),
                factor: code::<Factor>(&row.factor, "portal_sessions.factor")?,
                begun_at: row.begun_at.get(),
                ends_at: row.ends_at.get(),
                left_at: row.left_at.map(Db::get),
            })
        })
        .transpose()
    }

    /// Begins a session.
    ///
    /// # Errors
    /// [`Error::Reference`] for a link that is not there.
    pub fn insert_session(&mut self, session: &Session) -> Result<(), Error> {
        diesel::insert_into(portal_sessions::table)
            .values(SessionRow {
                tenant_id: Db(self.tenant),
                session_id: Db(session.id),
                link_id: Db(session.link),
                factor: session.factor.code().to_owned(),
                begun_at: Db(session.begun_at),
                ends_at: Db(session.ends_at),
                left_at: session.left_at.map(Db),
            })
            .execute(self.conn)?;
        Ok(())
    }

    /// Ends a session, if it has not ended.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn leave_session(&mut self, id: SessionId, at: Timestamp) -> Result<(), Error> {
        let here = portal_sessions::tenant_id
            .eq(Db(self.tenant))
            .and(portal_sessions::session_id.eq(Db(id)))
            .and(portal_sessions::left_at.is_null());
        diesel::update(portal_sessions::table.filter(here))
            .set(portal_sessions::left_at.eq(Some(Db(at))))
            .execute(self.conn)?;
        Ok(())
    }

    /// When each forwarding was sent, or last reminded of, that waits for the answer of a counterparty which
    /// has no machine for it, and to which. What an import brought waits for nobody until a person takes it up.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn replies_awaited(&mut self) -> Result<Vec<(CounterpartyId, Timestamp)>, Error> {
        type Awaited = (Db<ForwardingId>, Db<CounterpartyId>, Option<Db<Timestamp>>);
        let waiting = [Status::Sent, Status::Acknowledged, Status::EscalatedUnanswered];
        let touched = forwardings::imported.eq(false).or(forwardings::version.gt(1));
        let by_hand =
            forwardings::channel.is_null().or(forwardings::channel.assume_not_null().ne("machine"));
        let rows: Vec<Awaited> = forwardings::table
            .select((
                forwardings::forwarding_id,
                forwardings::counterparty_id,
                forwardings::sent_at,
            ))
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::direction.eq(Direction::Sent.code()))
            .filter(forwardings::status.eq_any(waiting.map(Status::code)))
            .filter(touched)
            .filter(by_hand)
            .order((forwardings::sent_at, forwardings::forwarding_id))
            .load(self.conn)?;
        let reminded = self.last_reminders()?;
        let told = |(id, to, at): Awaited| {
            let sent = at?.get();
            Some((to.get(), reminded.get(&id.get()).map_or(sent, |at| sent.max(*at))))
        };
        Ok(rows.into_iter().filter_map(told).collect())
    }

    /// When those that wait for an answer were last reminded of; few were.
    fn last_reminders(&mut self) -> Result<BTreeMap<ForwardingId, Timestamp>, Error> {
        let waiting = [Status::Sent, Status::Acknowledged, Status::EscalatedUnanswered];
        let rows: Vec<ForwardingRow> = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::direction.eq(Direction::Sent.code()))
            .filter(forwardings::status.eq_any(waiting.map(Status::code)))
            .filter(forwardings::reminders.gt(0))
            .load(self.conn)?;
        let last = |row: ForwardingRow| {
            let forwarding = row.into_forwarding()?;
            let reminder = forwarding.matter.reminders.last().map(|reminder| reminder.at);
            Ok(reminder.map(|at| (forwarding.id, at)))
        };
        rows.into_iter().filter_map(|row| last(row).transpose()).collect()
    }

    /// Who some forwardings are about, sealed; those about whom that did not go along are left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn identities_along(
        &mut self,
        ids: &[ForwardingId],
    ) -> Result<BTreeMap<ForwardingId, Sealed>, Error> {
        type Row = (Db<ForwardingId>, i32, Vec<u8>, Vec<u8>, Vec<u8>, Apart);
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let its_own = record_keys::tenant_id
            .eq(forwarding_subjects::tenant_id)
            .and(record_keys::record_id.eq(forwarding_subjects::forwarding_id))
            .and(record_keys::kind.eq(Keyed::Forwarding.code()));
        let rows: Vec<Row> = forwarding_subjects::table
            .left_join(record_keys::table.on(its_own))
            .select((
                forwarding_subjects::forwarding_id,
                forwarding_subjects::key_version,
                forwarding_subjects::wrapped_key,
                forwarding_subjects::nonce,
                forwarding_subjects::ciphertext,
                apart(),
            ))
            .filter(forwarding_subjects::tenant_id.eq(Db(self.tenant)))
            .filter(forwarding_subjects::forwarding_id.eq_any(ids.iter().copied().map(Db)))
            .load(self.conn)?;
        let sealed = |(id, version, wrapped, nonce, ciphertext, apart): Row| {
            (id.get(), keyed(apart, (version, wrapped), nonce, ciphertext))
        };
        Ok(rows.into_iter().map(sealed).collect())
    }
}
