//! Grants that come with a group at the identity provider, and end with it.
//!
//! The youngest token decides. What it says is compared with what is held by groups, and what differs is written at once:
//! such a grant is a grant like any other, with its audit entry, so that lists, worklists and notices know of it. An older
//! token that is still valid changes nothing any more. What was found in order is remembered by token, so that the next
//! request with it asks for nothing.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::calendar::swedish_date;
use domain::ids::{EntryId, GrantId, GroupGrantId, StaffId, TenantId};
use domain::organisation::{Grant, GroupGrant, Staff, Tenant};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{AuditEntry, Tx};
use uuid::Uuid;

use crate::context::App;
use crate::error::Error;

/// People and tenants remembered at most; when there are more, all are asked for anew.
const KEPT: usize = 20_000;
/// How often a change is tried that met another of the same person.
const TRIES: usize = 3;

/// What groups give, of which version of the set-up.
type Giving = (i64, Arc<[GroupGrant]>);

#[derive(Debug, Default)]
struct Known {
    giving: HashMap<TenantId, Giving>,
    /// By person: of which token, groups and version of the set-up it is known that nothing is to be changed.
    in_order: HashMap<(TenantId, StaffId), (Timestamp, u64, i64)>,
}

/// What is remembered of groups.
#[derive(Debug, Default)]
pub(crate) struct KeptGroups(Mutex<Known>);

impl KeptGroups {
    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere leaves the maps whole: each change is one insertion.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a token says somebody is to hold by groups.
#[derive(Clone)]
struct Said {
    staff: StaffId,
    issued_at: Timestamp,
    reaching: Arc<[GroupGrant]>,
    now: Timestamp,
    request: Uuid,
}

/// What is to be changed of what somebody holds by groups.
#[derive(Default)]
struct Change {
    /// When the token was issued that last changed it.
    last: Option<Timestamp>,
    /// Each with its version.
    ends: Vec<(GrantId, i64)>,
    comes: Vec<(Grant, GroupGrantId)>,
}

impl App {
    /// What groups give in the tenant.
    async fn giving(&self, tenant: &Tenant) -> Result<Arc<[GroupGrant]>, Error> {
        let id = tenant.id;
        let known = self.groups.lock().giving.get(&id).cloned();
        if let Some((version, giving)) = known
            && version == tenant.config_version
        {
            return Ok(giving);
        }
        let read = self.store.read(id, |tx| {
            Ok::<_, store::Error>((tx.own_tenant()?.config_version, tx.group_grants()?))
        });
        let (version, all) = read.await?;
        let giving: Arc<[GroupGrant]> =
            all.into_iter().filter(|it| it.ended_at.is_none()).collect();
        let mut known = self.groups.lock();
        if known.giving.len() >= KEPT {
            known.giving.clear();
        }
        known.giving.insert(id, (version, Arc::clone(&giving)));
        Ok(giving)
    }

    /// Brings what somebody holds by groups to what their token says, and gives all they hold; `grants` is what they held
    /// when they came.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like: who cannot be brought in order is not let in with what they may have lost.
    pub(crate) async fn follow_groups(
        &self,
        tenant: &Tenant,
        staff: &Staff,
        (groups, issued_at): &(Vec<String>, Timestamp),
        grants: Vec<Grant>,
        request: Uuid,
    ) -> Result<Vec<Grant>, Error> {
        let giving = self.giving(tenant).await?;
        let mut hasher = DefaultHasher::new();
        groups.hash(&mut hasher);
        let seen = (*issued_at, hasher.finish(), tenant.config_version);
        let (key, person) = ((tenant.id, staff.id), staff.id);
        if self.groups.lock().in_order.get(&key) == Some(&seen) {
            return Ok(grants);
        }
        let reaching =
            giving.iter().filter(|it| it.reaches(&staff.issuer, groups)).cloned().collect();
        let (issued_at, now) = (*issued_at, self.now());
        let said = Said { staff: person, issued_at, reaching, now, request };
        for _ in 0..TRIES {
            let asked = said.clone();
            let look = self.store.read(tenant.id, move |tx| {
                let change = asked.differing(tx)?;
                let held = tx.grants_of(asked.staff)?;
                Ok::<_, store::Error>((change.is_none(), held))
            });
            let (in_order, held) = look.await?;
            if in_order {
                let mut known = self.groups.lock();
                if known.in_order.len() >= KEPT {
                    known.in_order.clear();
                }
                known.in_order.insert(key, seen);
                return Ok(held);
            }
            let asked = said.clone();
            let write = self.store.write(tenant.id, move |tx| match asked.differing(tx)? {
                None => Ok(()),
                Some(change) => asked.write(tx, change),
            });
            match write.await {
                // The same person came twice at once; the other has written it.
                Ok(()) | Err(store::Error::Stale | store::Error::Conflict { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("grants by groups keep changing".into()))
    }
}

impl Said {
    /// What differs between what is held by groups and what the token gives; nothing, where a younger token has said
    /// something else since.
    fn differing(&self, tx: &mut Tx<'_>) -> Result<Option<Change>, store::Error> {
        let last = tx.group_token(self.staff)?;
        if last.is_some_and(|last| last > self.issued_at) {
            return Ok(None);
        }
        let mut change = Change { last, ..Change::default() };
        let held = tx.held_by_groups(self.staff)?;
        for (grant, by, version) in &held {
            if !self.reaching.iter().any(|it| it.id == *by) {
                change.ends.push((*grant, *version));
            }
        }
        for group in self.reaching.iter() {
            if !held.iter().any(|(_, by, _)| *by == group.id) {
                let id = GrantId(Uuid::now_v7());
                let grant = group.grant(id, self.staff, swedish_date(self.now));
                change.comes.push((grant, group.id));
            }
        }
        Ok((!change.ends.is_empty() || !change.comes.is_empty()).then_some(change))
    }

    fn write(&self, tx: &mut Tx<'_>, change: Change) -> Result<(), store::Error> {
        tx.keep_group_token(self.staff, change.last, self.issued_at)?;
        for (grant, version) in change.ends {
            tx.revoke_grant(grant, self.now, version)?;
            let details = json!({"staff": self.staff, "reason": "group_left"});
            self.trace(tx, "grant.revoke", grant, details)?;
        }
        for (grant, by) in change.comes {
            tx.insert_grant_by_group(&grant, by)?;
            let details = json!({
                "staff": grant.staff,
                "role": grant.role,
                "units": grant.units,
                "laws": grant.laws,
                "valid_from": grant.valid_from,
                "group_grant": by,
            });
            self.trace(tx, "grant.give", grant.id, details)?;
        }
        Ok(())
    }

    /// By whom: the person, who came with the token.
    fn trace(
        &self,
        tx: &mut Tx<'_>,
        action: &str,
        grant: GrantId,
        details: Value,
    ) -> Result<(), store::Error> {
        let entry = AuditEntry {
            id: EntryId(Uuid::now_v7()),
            at: self.now,
            by: Some(self.staff),
            action: action.to_owned(),
            object_kind: "grant",
            object: grant.0,
            details,
            request: self.request,
        };
        tx.add_rows(|rows| rows.audit(&entry))
    }
}
