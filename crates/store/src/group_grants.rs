//! What groups of an identity provider give, and who holds what by them.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::ids::{GrantId, GroupGrantId, StaffId, TenantId, UnitId};
use domain::organisation::{Grant, GroupGrant};
use jiff::Timestamp;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::grants::{laws_from_text, laws_to_text};
use crate::schema::{grants, grants_by_group, group_grant_units, group_grants, group_tokens};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = group_grants, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct GroupGrantRow {
    tenant_id: Db<TenantId>,
    group_grant_id: Db<GroupGrantId>,
    issuer: String,
    group_name: String,
    role: String,
    laws: String,
    ended_at: Option<Db<Timestamp>>,
    version: i64,
}

impl Tx<'_> {
    /// Everything that groups give, also what is over, by id.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a code is unknown.
    pub fn group_grants(&mut self) -> Result<Vec<GroupGrant>, Error> {
        let rows: Vec<GroupGrantRow> = group_grants::table
            .select(GroupGrantRow::as_select())
            .filter(group_grants::tenant_id.eq(Db(self.tenant)))
            .order(group_grants::group_grant_id)
            .load(self.conn)?;
        let units: Vec<(Db<GroupGrantId>, Db<UnitId>)> = group_grant_units::table
            .select((group_grant_units::group_grant_id, group_grant_units::unit_id))
            .filter(group_grant_units::tenant_id.eq(Db(self.tenant)))
            .order((group_grant_units::group_grant_id, group_grant_units::unit_id))
            .load(self.conn)?;
        let mut over: HashMap<GroupGrantId, Vec<UnitId>> = HashMap::new();
        for (Db(id), Db(unit)) in units {
            over.entry(id).or_default().push(unit);
        }
        rows.into_iter()
            .map(|row| {
                let id = row.group_grant_id.get();
                let role = row
                    .role
                    .parse()
                    .map_err(|()| Error::Corrupt(format!("group_grants.role {:?}", row.role)))?;
                Ok(GroupGrant {
                    id,
                    issuer: row.issuer,
                    group: row.group_name,
                    role,
                    units: over.remove(&id).unwrap_or_default(),
                    laws: laws_from_text(&row.laws)?,
                    ended_at: row.ended_at.map(Db::get),
                    version: row.version,
                })
            })
            .collect()
    }

    /// Takes in what a group gives.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `group_grants_group_grant_id_key`; [`Error::Reference`] when a unit is not there.
    pub fn insert_group_grant(&mut self, new: &GroupGrant) -> Result<(), Error> {
        let row = GroupGrantRow {
            tenant_id: Db(self.tenant),
            group_grant_id: Db(new.id),
            issuer: new.issuer.clone(),
            group_name: new.group.clone(),
            role: new.role.code().to_owned(),
            laws: laws_to_text(&new.laws),
            ended_at: new.ended_at.map(Db),
            version: new.version,
        };
        diesel::insert_into(group_grants::table).values(row).execute(self.conn)?;
        for unit in &new.units {
            diesel::insert_into(group_grant_units::table)
                .values((
                    group_grant_units::tenant_id.eq(Db(self.tenant)),
                    group_grant_units::group_grant_id.eq(Db(new.id)),
                    group_grant_units::unit_id.eq(Db(*unit)),
                ))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// Ends what a group gives if it still has the expected version, and takes back the grants that came by it: those
    /// are given, each with its holder.
    ///
    /// # Errors
    /// [`Error::Stale`] when it has moved on or is not there.
    pub fn end_group_grant(
        &mut self,
        id: GroupGrantId,
        at: Timestamp,
        expected_version: i64,
    ) -> Result<Vec<(GrantId, StaffId)>, Error> {
        let key = group_grants::tenant_id
            .eq(Db(self.tenant))
            .and(group_grants::group_grant_id.eq(Db(id)));
        let expected = group_grants::version.eq(expected_version);
        let changed = diesel::update(group_grants::table.filter(key).filter(expected))
            .set((
                group_grants::ended_at.eq(Some(Db(at))),
                group_grants::version.eq(expected_version + 1),
            ))
            .execute(self.conn)?;
        if changed == 0 {
            return Err(Error::Stale);
        }
        let came: Vec<(Db<GrantId>, Db<StaffId>, i64)> = grants_by_group::table
            .inner_join(
                grants::table.on(grants::tenant_id
                    .eq(grants_by_group::tenant_id)
                    .and(grants::grant_id.eq(grants_by_group::grant_id))),
            )
            .filter(grants_by_group::tenant_id.eq(Db(self.tenant)))
            .filter(grants_by_group::group_grant_id.eq(Db(id)))
            .filter(grants::revoked_at.is_null())
            .order(grants::grant_id)
            .select((grants::grant_id, grants::staff_id, grants::version))
            .load(self.conn)?;
        came.into_iter()
            .map(|(Db(grant), Db(staff), version)| {
                self.revoke_grant(grant, at, version)?;
                Ok((grant, staff))
            })
            .collect()
    }

    /// What somebody holds by groups and has not lost, each with its version.
    ///
    /// # Errors
    /// What the database says.
    pub fn held_by_groups(
        &mut self,
        staff: StaffId,
    ) -> Result<Vec<(GrantId, GroupGrantId, i64)>, Error> {
        let rows: Vec<(Db<GrantId>, Db<GroupGrantId>, i64)> = grants_by_group::table
            .inner_join(
                grants::table.on(grants::tenant_id
                    .eq(grants_by_group::tenant_id)
                    .and(grants::grant_id.eq(grants_by_group::grant_id))),
            )
            .filter(grants_by_group::tenant_id.eq(Db(self.tenant)))
            .filter(grants::staff_id.eq(Db(staff)))
            .filter(grants::revoked_at.is_null())
            .order(grants::grant_id)
            .select((grants::grant_id, grants_by_group::group_grant_id, grants::version))
            .load(self.conn)?;
        Ok(rows.into_iter().map(|(grant, group, version)| (grant.0, group.0, version)).collect())
    }

    /// By which groups' grants the tenant's grants came, those that did.
    ///
    /// # Errors
    /// What the database says.
    pub fn grants_by_groups(&mut self) -> Result<HashMap<GrantId, GroupGrantId>, Error> {
        let rows: Vec<(Db<GrantId>, Db<GroupGrantId>)> = grants_by_group::table
            .filter(grants_by_group::tenant_id.eq(Db(self.tenant)))
            .select((grants_by_group::grant_id, grants_by_group::group_grant_id))
            .load(self.conn)?;
        Ok(rows.into_iter().map(|(grant, group)| (grant.0, group.0)).collect())
    }

    /// Takes in a grant that comes by a group.
    ///
    /// # Errors
    /// As [`Tx::insert_grant`].
    pub fn insert_grant_by_group(&mut self, grant: &Grant, by: GroupGrantId) -> Result<(), Error> {
        self.insert_grant(grant)?;
        diesel::insert_into(grants_by_group::table)
            .values((
                grants_by_group::tenant_id.eq(Db(self.tenant)),
                grants_by_group::grant_id.eq(Db(grant.id)),
                grants_by_group::group_grant_id.eq(Db(by)),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// When the token was issued that last changed what somebody holds by groups.
    ///
    /// # Errors
    /// What the database says.
    pub fn group_token(&mut self, staff: StaffId) -> Result<Option<Timestamp>, Error> {
        let found: Option<Db<Timestamp>> = group_tokens::table
            .filter(group_tokens::tenant_id.eq(Db(self.tenant)))
            .filter(group_tokens::staff_id.eq(Db(staff)))
            .select(group_tokens::issued_at)
            .get_result(self.conn)
            .optional()?;
        Ok(found.map(Db::get))
    }

    /// Keeps when that token was issued, where the one before is `last`: of two that change the same person's at once, one
    /// is told.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Conflict`] over `group_tokens_staff_id_key`.
    pub fn keep_group_token(
        &mut self,
        staff: StaffId,
        last: Option<Timestamp>,
        issued_at: Timestamp,
    ) -> Result<(), Error> {
        let Some(last) = last else {
            diesel::insert_into(group_tokens::table)
                .values((
                    group_tokens::tenant_id.eq(Db(self.tenant)),
                    group_tokens::staff_id.eq(Db(staff)),
                    group_tokens::issued_at.eq(Db(issued_at)),
                ))
                .execute(self.conn)?;
            return Ok(());
        };
        let key =
            group_tokens::tenant_id.eq(Db(self.tenant)).and(group_tokens::staff_id.eq(Db(staff)));
        let changed = diesel::update(
            group_tokens::table.filter(key).filter(group_tokens::issued_at.eq(Db(last))),
        )
        .set(group_tokens::issued_at.eq(Db(issued_at)))
        .execute(self.conn)?;
        if changed == 0 { Err(Error::Stale) } else { Ok(()) }
    }
}
