//! A tenant's keys, wrapped. What they open the store does not see.

use diesel::prelude::*;
use jiff::Timestamp;

use crate::Tx;
use crate::error::Error;
use crate::schema::tenant_keys;
use crate::sql_types::Db;

/// A key of a tenant, wrapped by a master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantKey {
    /// Its number, from 1.
    pub number: i32,
    /// Which master key wrapped it.
    pub master_version: i32,
    /// The key, with the nonce in front.
    pub wrapped_key: Vec<u8>,
    /// When it was made: a moment later all instances know it, and it is used.
    pub made_at: Timestamp,
}

impl Tx<'_> {
    /// The tenant's keys, by number.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn tenant_keys(&mut self) -> Result<Vec<TenantKey>, Error> {
        let rows: Vec<(i32, i32, Vec<u8>, Db<Timestamp>)> = tenant_keys::table
            .select((
                tenant_keys::number,
                tenant_keys::master_version,
                tenant_keys::wrapped_key,
                tenant_keys::made_at,
            ))
            .filter(tenant_keys::tenant_id.eq(Db(self.tenant)))
            .order(tenant_keys::number)
            .load(self.conn)?;
        let key = |(number, master_version, wrapped_key, made_at): (i32, i32, Vec<u8>, _)| {
            let made_at = Db::<Timestamp>::get(made_at);
            TenantKey { number, master_version, wrapped_key, made_at }
        };
        Ok(rows.into_iter().map(key).collect())
    }

    /// Adds a key.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `tenant_keys_number_key` when another has made it at the same time.
    pub fn insert_tenant_key(&mut self, key: &TenantKey) -> Result<(), Error> {
        diesel::insert_into(tenant_keys::table)
            .values((
                tenant_keys::tenant_id.eq(Db(self.tenant)),
                tenant_keys::number.eq(key.number),
                tenant_keys::master_version.eq(key.master_version),
                tenant_keys::wrapped_key.eq(key.wrapped_key.clone()),
                tenant_keys::made_at.eq(Db(key.made_at)),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Keeps a key as it was wrapped anew, unless somebody else has wrapped it anew meanwhile.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn rewrap_tenant_key(
        &mut self,
        before: &TenantKey,
        new: &TenantKey,
    ) -> Result<bool, Error> {
        let here = tenant_keys::tenant_id
            .eq(Db(self.tenant))
            .and(tenant_keys::number.eq(before.number))
            .and(tenant_keys::wrapped_key.eq(before.wrapped_key.clone()));
        let done = diesel::update(tenant_keys::table.filter(here))
            .set((
                tenant_keys::master_version.eq(new.master_version),
                tenant_keys::wrapped_key.eq(new.wrapped_key.clone()),
            ))
            .execute(self.conn)?;
        Ok(done == 1)
    }

    /// Forgets a key: what it wrapped opens no more.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn drop_tenant_key(&mut self, number: i32) -> Result<(), Error> {
        let here = tenant_keys::tenant_id.eq(Db(self.tenant)).and(tenant_keys::number.eq(number));
        diesel::delete(tenant_keys::table.filter(here)).execute(self.conn)?;
        Ok(())
    }

    /// Puts a key in the place of the one with its number.
    pub(crate) fn put_tenant_key(&mut self, key: &TenantKey) -> Result<(), Error> {
        self.drop_tenant_key(key.number)?;
        self.insert_tenant_key(key)
    }
}
