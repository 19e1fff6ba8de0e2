//! What groups at the identity provider give: set up by an admin, ended by one. The grants themselves come and go with
//! the tokens (see [`crate::groups`]).

use std::collections::HashMap;

use domain::fault::{Fault, Reason};
use domain::ids::{EntryId, GrantId, GroupGrantId};
use domain::law::Law;
use domain::organisation::{GroupGrant, Role};
use domain::policy::Act;
use serde_json::json;
use store::AuditEntry;

use super::grants::{laws_outside_role, units_named};
use super::{Refused, Trace, line, still_manages, today};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// The longest issuer, in characters.
const MAX_ISSUER: usize = 500;
/// The longest name of a group, in characters.
const MAX_GROUP: usize = 200;

/// What a group is to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGroupGrant {
    /// Who signs the tokens.
    pub issuer: String,
    /// The group, as the tokens name it.
    pub group: String,
    /// As what.
    pub role: Role,
    /// The units, by id or code; empty is the whole tenant.
    pub units: Vec<String>,
    /// The laws; empty is every law the role may see.
    pub laws: Vec<Law>,
}

impl App {
    /// Everything that groups give, also what is over, by id.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_group_grants(&self, caller: &Caller) -> Result<Vec<GroupGrant>, Error> {
        caller.may(Act::ManageGrants)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.group_grants()).await?)
    }

    /// Reads what a group gives.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn read_group_grant(
        &self,
        caller: &Caller,
        id: GroupGrantId,
    ) -> Result<GroupGrant, Error> {
        let all = self.list_group_grants(caller).await?;
        all.into_iter().find(|it| it.id == id).ok_or(Error::NotFound)
    }

    /// By which groups' grants the grants came, those that did.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn grants_by_groups(
        &self,
        caller: &Caller,
    ) -> Result<HashMap<GrantId, GroupGrantId>, Error> {
        caller.may(Act::ManageGrants)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.grants_by_groups()).await?)
    }

    /// Has a group give something from now on. `render` makes the answer from it as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong.
    pub async fn give_to_group(
        &self,
        caller: &Caller,
        new: NewGroupGrant,
        once: Option<Once>,
        render: impl Fn(&GroupGrant) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageGrants)?;
        let mut faults = Vec::new();
        let issuer = line(&new.issuer, "/issuer", MAX_ISSUER, &mut faults);
        let group = line(&new.group, "/group", MAX_GROUP, &mut faults);
        let units = units_named(&new.units, &caller.set_up.units, &mut faults);
        // Whoever keeps the groups would else give the right to give rights.
        if new.role == Role::Admin {
            faults.push(Fault::at("/role", Reason::inconsistent("admin_by_group")));
        }
        let given = GroupGrant {
            id: GroupGrantId(self.new_id()),
            issuer,
            group,
            role: new.role,
            units,
            laws: Law::ALL.into_iter().filter(|law| new.laws.contains(law)).collect(),
            ended_at: None,
            version: 1,
        };
        let sample = given.grant(GrantId(given.id.0), caller.staff.id, today(caller));
        faults.extend(laws_outside_role(&sample, &new.laws));
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let answer = render(&given);
        let details = json!({
            "issuer": given.issuer,
            "group": given.group,
            "role": given.role,
            "units": given.units,
            "laws": given.laws,
        });
        let object = ("group_grant", given.id.0);
        let trace = Trace::new(self, caller, "group_grant.give", object, details);
        let by = caller.clone();
        let made = self.make(caller, trace, once.as_ref(), answer, move |tx| {
            // Counts the set-up up, so that every instance hears of it.
            still_manages(tx, &by)?;
            Ok(tx.insert_group_grant(&given)?)
        });
        made.await.map_err(Refused::into_error)
    }

    /// Ends what a group gives, which the caller has read as `before`, and takes back every grant that came by it.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Stale`]; [`Error::State`] when it had ended before.
    pub async fn end_group_grant(
        &self,
        caller: &Caller,
        before: &GroupGrant,
    ) -> Result<GroupGrant, Error> {
        caller.may(Act::ManageGrants)?;
        if before.ended_at.is_some() {
            return Err(Error::State { status: "ended", command: "end" });
        }
        let (id, expected, by) = (before.id, before.version, caller.clone());
        let details = json!({"role": before.role, "version": expected + 1});
        let object = ("group_grant", id.0);
        let trace = Trace::new(self, caller, "group_grant.end", object, details);
        let write = self.change_set_up(caller, trace, move |tx| {
            still_manages(tx, &by)?;
            for (grant, staff) in tx.end_group_grant(id, by.now, expected)? {
                let entry = AuditEntry {
                    id: EntryId(uuid::Uuid::now_v7()),
                    at: by.now,
                    by: Some(by.staff.id),
                    action: "grant.revoke".to_owned(),
                    object_kind: "grant",
                    object: grant.0,
                    details: json!({"staff": staff, "reason": "group_grant_ended"}),
                    request: by.request,
                };
                tx.add_rows(|rows| rows.audit(&entry))?;
            }
            Ok(())
        });
        write.await.map_err(Refused::into_error)?;
        Ok(GroupGrant { ended_at: Some(caller.now), version: expected + 1, ..before.clone() })
    }
}
