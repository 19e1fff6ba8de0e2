//! Who does a tenant's jobs, where several instances could.

use diesel::prelude::*;
use domain::ids::TenantId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::Tx;
use crate::error::Error;
use crate::schema::leases;
use crate::sql_types::Db;

impl Tx<'_> {
    /// Takes the lease of a job until `ends_at`, unless somebody else holds it. One comparison and
    /// change: of two who try at once, one has it.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `leases_job_key` when another made the first lease of this job at the
    /// same moment: then they have it.
    pub fn take_lease(
        &mut self,
        job: &str,
        holder: Uuid,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<bool, Error> {
        let here = leases::tenant_id.eq(Db(self.tenant)).and(leases::job.eq(job.to_owned()));
        let free = leases::holder.eq(Db(holder)).or(leases::ends_at.le(Db(now)));
        let taken = diesel::update(leases::table.filter(here.clone()).filter(free))
            .set((leases::holder.eq(Db(holder)), leases::ends_at.eq(Db(ends_at))))
            .execute(self.conn)?;
        if taken == 1 {
            return Ok(true);
        }
        let held: Option<Db<TenantId>> = leases::table
            .select(leases::tenant_id)
            .filter(here)
            .get_result(self.conn)
            .optional()?;
        if held.is_some() {
            return Ok(false);
        }
        diesel::insert_into(leases::table)
            .values((
                leases::tenant_id.eq(Db(self.tenant)),
                leases::job.eq(job.to_owned()),
                leases::holder.eq(Db(holder)),
                leases::ends_at.eq(Db(ends_at)),
            ))
            .execute(self.conn)?;
        Ok(true)
    }

    /// Keeps a lease that one still holds. Whoever has let it run out has lost it, even if nobody else
    /// took it: what they knew may be old.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn renew_lease(
        &mut self,
        job: &str,
        holder: Uuid,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<bool, Error> {
        let held = leases::tenant_id
            .eq(Db(self.tenant))
            .and(leases::job.eq(job.to_owned()))
            .and(leases::holder.eq(Db(holder)))
            .and(leases::ends_at.gt(Db(now)));
        let kept = diesel::update(leases::table.filter(held))
            .set(leases::ends_at.eq(Db(ends_at)))
            .execute(self.conn)?;
        Ok(kept == 1)
    }

    /// Gives a lease back, if one holds it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn give_back_lease(
        &mut self,
        job: &str,
        holder: Uuid,
        now: Timestamp,
    ) -> Result<(), Error> {
        let held = leases::tenant_id
            .eq(Db(self.tenant))
            .and(leases::job.eq(job.to_owned()))
            .and(leases::holder.eq(Db(holder)));
        diesel::update(leases::table.filter(held))
            .set(leases::ends_at.eq(Db(now)))
            .execute(self.conn)?;
        Ok(())
    }
}
