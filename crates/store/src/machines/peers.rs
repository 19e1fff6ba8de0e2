//! The systems of counterparties, and the keys they sign with.

use diesel::prelude::*;
use domain::ids::{CounterpartyId, StaffId, TenantId};
use domain::machine::{Peer, PeerKey};
use jiff::Timestamp;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{machine_nonces, machine_peer_keys, machine_peers};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = machine_peers, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, counterparty_id), treat_none_as_null = true)]
struct PeerRow {
    tenant_id: Db<TenantId>,
    counterparty_id: Db<CounterpartyId>,
    peer_id: String,
    endpoint: String,
    give_up_hours: i32,
    version: i64,
    updated_at: Db<Timestamp>,
}

impl PeerRow {
    fn of(tenant: TenantId, peer: &Peer) -> Self {
        Self {
            tenant_id: Db(tenant),
            counterparty_id: Db(peer.counterparty),
            peer_id: peer.id.clone(),
            endpoint: peer.endpoint.clone(),
            give_up_hours: i32::from(peer.give_up_hours),
            version: peer.version,
            updated_at: Db(peer.updated_at),
        }
    }

    fn into_peer(self) -> Result<Peer, Error> {
        let hours = u16::try_from(self.give_up_hours);
        Ok(Peer {
            counterparty: self.counterparty_id.get(),
            id: self.peer_id,
            endpoint: self.endpoint,
            give_up_hours: hours
                .map_err(|_| Error::Corrupt("machine_peers.give_up_hours".to_owned()))?,
            version: self.version,
            updated_at: self.updated_at.get(),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = machine_peer_keys, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct PeerKeyRow {
    tenant_id: Db<TenantId>,
    key_id: String,
    counterparty_id: Db<CounterpartyId>,
    public_key: Vec<u8>,
    registered_at: Db<Timestamp>,
    registered_by: Db<StaffId>,
    revoked_at: Option<Db<Timestamp>>,
    revoked_by: Option<Db<StaffId>>,
}

impl From<PeerKeyRow> for PeerKey {
    fn from(row: PeerKeyRow) -> Self {
        Self {
            id: row.key_id,
            counterparty: row.counterparty_id.get(),
            public: row.public_key,
            registered_at: row.registered_at.get(),
            registered_by: row.registered_by.get(),
            revoked: row.revoked_at.map(Db::get).zip(row.revoked_by.map(Db::get)),
        }
    }
}

impl Tx<'_> {
    /// The system of a counterparty.
    ///
    /// # Errors
    /// [`Error::NotFound`] where none is registered.
    pub fn machine_peer(&mut self, counterparty: CounterpartyId) -> Result<Peer, Error> {
        let row: PeerRow = machine_peers::table
            .select(PeerRow::as_select())
            .filter(machine_peers::tenant_id.eq(Db(self.tenant)))
            .filter(machine_peers::counterparty_id.eq(Db(counterparty)))
            .get_result(self.conn)?;
        row.into_peer()
    }

    /// Whether any system is registered: without one nothing goes from machine to machine.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn any_machine_peer(&mut self) -> Result<bool, Error> {
        let one: Option<i64> = machine_peers::table
            .select(machine_peers::version)
            .filter(machine_peers::tenant_id.eq(Db(self.tenant)))
            .limit(1)
            .get_result(self.conn)
            .optional()?;
        Ok(one.is_some())
    }

    /// Registers the system of a counterparty.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `machine_peers_counterparty_id_key` or `machine_peers_peer_id_key`;
    /// [`Error::Reference`] for no counterparty.
    pub fn insert_machine_peer(&mut self, peer: &Peer) -> Result<(), Error> {
        let row = PeerRow::of(self.tenant, peer);
        diesel::insert_into(machine_peers::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves a changed system if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Conflict`] over `machine_peers_peer_id_key`.
    pub fn save_machine_peer(&mut self, peer: &Peer) -> Result<(), Error> {
        let here = machine_peers::tenant_id
            .eq(Db(self.tenant))
            .and(machine_peers::counterparty_id.eq(Db(peer.counterparty)))
            .and(machine_peers::version.eq(peer.version - 1));
        let row = PeerRow::of(self.tenant, peer);
        let changed =
            diesel::update(machine_peers::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// The keys registered for a counterparty, revoked ones included, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn machine_peer_keys(
        &mut self,
        counterparty: CounterpartyId,
    ) -> Result<Vec<PeerKey>, Error> {
        let rows: Vec<PeerKeyRow> = machine_peer_keys::table
            .select(PeerKeyRow::as_select())
            .filter(machine_peer_keys::tenant_id.eq(Db(self.tenant)))
            .filter(machine_peer_keys::counterparty_id.eq(Db(counterparty)))
            .order((machine_peer_keys::registered_at, machine_peer_keys::key_id))
            .load(self.conn)?;
        Ok(rows.into_iter().map(PeerKey::from).collect())
    }

    /// The key of this id with the system that signs with it, if it is registered.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn machine_signer(&mut self, key: &str) -> Result<Option<(PeerKey, Peer)>, Error> {
        let same = machine_peers::tenant_id
            .eq(machine_peer_keys::tenant_id)
            .and(machine_peers::counterparty_id.eq(machine_peer_keys::counterparty_id));
        let found: Option<(PeerKeyRow, PeerRow)> = machine_peer_keys::table
            .inner_join(machine_peers::table.on(same))
            .select((PeerKeyRow::as_select(), PeerRow::as_select()))
            .filter(machine_peer_keys::tenant_id.eq(Db(self.tenant)))
            .filter(machine_peer_keys::key_id.eq(key.to_owned()))
            .get_result(self.conn)
            .optional()?;
        found.map(|(key, peer)| Ok((key.into(), peer.into_peer()?))).transpose()
    }

    /// Registers a key of a counterparty's system.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `machine_peer_keys_key_id_key`, whoever it was registered for;
    /// [`Error::Reference`] where no system is registered.
    pub fn insert_machine_peer_key(&mut self, key: &PeerKey) -> Result<(), Error> {
        let row = PeerKeyRow {
            tenant_id: Db(self.tenant),
            key_id: key.id.clone(),
            counterparty_id: Db(key.counterparty),
            public_key: key.public.clone(),
            registered_at: Db(key.registered_at),
            registered_by: Db(key.registered_by),
            revoked_at: key.revoked.map(|(at, _)| Db(at)),
            revoked_by: key.revoked.map(|(_, by)| Db(by)),
        };
        diesel::insert_into(machine_peer_keys::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Revokes a key of a counterparty's system: nothing it signs is taken any more.
    ///
    /// # Errors
    /// [`Error::Stale`] when it is not there, or was revoked before.
    pub fn revoke_machine_peer_key(
        &mut self,
        counterparty: CounterpartyId,
        id: &str,
        at: Timestamp,
        by: StaffId,
    ) -> Result<(), Error> {
        let here = machine_peer_keys::tenant_id
            .eq(Db(self.tenant))
            .and(machine_peer_keys::key_id.eq(id.to_owned()))
            .and(machine_peer_keys::counterparty_id.eq(Db(counterparty)))
            .and(machine_peer_keys::revoked_at.is_null());
        let changed = diesel::update(machine_peer_keys::table.filter(here))
            .set((
                machine_peer_keys::revoked_at.eq(Some(Db(at))),
                machine_peer_keys::revoked_by.eq(Some(Db(by))),
            ))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Whether the nonce of a key has been used.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn nonce_used(&mut self, key: &str, nonce: &str) -> Result<bool, Error> {
        let found: Option<String> = machine_nonces::table
            .select(machine_nonces::nonce)
            .filter(machine_nonces::tenant_id.eq(Db(self.tenant)))
            .filter(machine_nonces::key_id.eq(key.to_owned()))
            .filter(machine_nonces::nonce.eq(nonce.to_owned()))
            .get_result(self.conn)
            .optional()?;
        Ok(found.is_some())
    }

    /// Uses the nonce of a key up. Belongs in the transaction that takes its message.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `machine_nonces_key_id_nonce_key` when it has been used.
    pub fn use_nonce(
        &mut self,
        key: &str,
        nonce: &str,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        diesel::insert_into(machine_nonces::table)
            .values((
                machine_nonces::tenant_id.eq(Db(self.tenant)),
                machine_nonces::key_id.eq(key.to_owned()),
                machine_nonces::nonce.eq(nonce.to_owned()),
                machine_nonces::expires_at.eq(Db(expires_at)),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Forgets nonces whose signatures expired before `before`. Gives how many they were.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn forget_nonces(&mut self, before: Timestamp) -> Result<usize, Error> {
        let old = machine_nonces::tenant_id
            .eq(Db(self.tenant))
            .and(machine_nonces::expires_at.lt(Db(before)));
        Ok(diesel::delete(machine_nonces::table.filter(old)).execute(self.conn)?)
    }
}
