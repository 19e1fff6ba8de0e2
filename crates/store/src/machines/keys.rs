//! The keys a tenant signs with. The store sees the private part sealed.

use diesel::prelude::*;
use domain::ids::TenantId;
use domain::machine::OwnKey;
use jiff::Timestamp;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::machine_keys;
use crate::sql_types::Db;
use crate::subjects::Sealed;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = machine_keys, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct KeyRow {
    tenant_id: Db<TenantId>,
    key_id: String,
    public_key: Vec<u8>,
    key_version: i32,
    wrapped_key: Vec<u8>,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
    made_at: Db<Timestamp>,
    signs_from: Db<Timestamp>,
    withdrawn_at: Option<Db<Timestamp>>,
}

impl Tx<'_> {
    /// The tenant's own keys, oldest first, each with its private part sealed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn machine_keys(&mut self) -> Result<Vec<(OwnKey, Sealed)>, Error> {
        let rows: Vec<KeyRow> = machine_keys::table
            .select(KeyRow::as_select())
            .filter(machine_keys::tenant_id.eq(Db(self.tenant)))
            .order((machine_keys::made_at, machine_keys::signs_from, machine_keys::key_id))
            .load(self.conn)?;
        let key = |row: KeyRow| {
            let sealed = Sealed {
                key_version: row.key_version,
                wrapped_key: row.wrapped_key,
                nonce: row.nonce,
                ciphertext: row.ciphertext,
            };
            let key = OwnKey {
                id: row.key_id,
                public: row.public_key,
                made_at: row.made_at.get(),
                signs_from: row.signs_from.get(),
                withdrawn_at: row.withdrawn_at.map(Db::get),
            };
            (key, sealed)
        };
        Ok(rows.into_iter().map(key).collect())
    }

    /// Keeps a key of the tenant's own.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `machine_keys_key_id_key`.
    pub fn insert_machine_key(&mut self, key: &OwnKey, sealed: &Sealed) -> Result<(), Error> {
        let row = KeyRow {
            tenant_id: Db(self.tenant),
            key_id: key.id.clone(),
            public_key: key.public.clone(),
            key_version: sealed.key_version,
            wrapped_key: sealed.wrapped_key.clone(),
            nonce: sealed.nonce.clone(),
            ciphertext: sealed.ciphertext.clone(),
            made_at: Db(key.made_at),
            signs_from: Db(key.signs_from),
            withdrawn_at: key.withdrawn_at.map(Db),
        };
        diesel::insert_into(machine_keys::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Withdraws a key of the tenant's own: from now on it neither signs nor is published.
    ///
    /// # Errors
    /// [`Error::Stale`] when it is not there, or was withdrawn before.
    pub fn withdraw_machine_key(&mut self, id: &str, at: Timestamp) -> Result<(), Error> {
        let here = machine_keys::tenant_id
            .eq(Db(self.tenant))
            .and(machine_keys::key_id.eq(id.to_owned()))
            .and(machine_keys::withdrawn_at.is_null());
        let changed = diesel::update(machine_keys::table.filter(here))
            .set(machine_keys::withdrawn_at.eq(Some(Db(at))))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
