//! Grants: given and revoked. A grant is never changed: who could do what when must stay readable.

use domain::fault::{Fault, Reason};
use domain::ids::{GrantId, StaffId, UnitId};
use domain::law::Law;
use domain::organisation::{Grant, Role, Staff, UnitTree, is_machine};
use domain::policy::{Act, Actor, role_may};
use jiff::civil::Date;
use serde_json::json;

use super::leaving::may_leave;
use super::{Refused, Trace, ends_too_early, line, manages_grants, still_manages, today};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// The longest issuer or subject, in characters.
const MAX_IDENTITY: usize = 500;

/// How often a person is looked up anew who came in for the first time just now.
const LOOKS: usize = 3;

/// The reason that lets nothing be waited for.
const MISUSE: &str = "misuse";

/// To whom a grant is given, as the request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhoGiven {
    /// A member of the staff.
    Staff(StaffId),
    /// Whoever comes with this token; a staff row is made when new.
    Identity {
        /// Who signs the person's tokens.
        issuer: String,
        /// The person at that issuer.
        subject: String,
    },
}

/// A grant to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// To whom.
    pub to: WhoGiven,
    /// As what.
    pub role: Role,
    /// The units, by id or code; empty is the whole tenant.
    pub units: Vec<String>,
    /// The laws; empty is every law the role may see.
    pub laws: Vec<Law>,
    /// First day; today unless given.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// Whom the holder stands in for.
    pub stands_in_for: Option<StaffId>,
}

/// The people a grant names, as they were found.
struct Found {
    holder: Option<Staff>,
    replaced: Option<Staff>,
}

impl App {
    /// All grants, also those that are over or revoked, by id.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_grants(&self, caller: &Caller) -> Result<Vec<Grant>, Error> {
        caller.may(Act::ManageGrants)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.all_grants()).await?)
    }

    /// Reads a grant.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn read_grant(&self, caller: &Caller, id: GrantId) -> Result<Grant, Error> {
        caller.may(Act::ManageGrants)?;
        Ok(self.store.read(caller.tenant_id(), move |tx| tx.grant(id)).await?)
    }

    /// What the caller holds today.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn own_grants(&self, caller: &Caller) -> Result<Vec<Grant>, Error> {
        let id = caller.staff.id;
        let mut grants = self.store.read(caller.tenant_id(), move |tx| tx.grants_of(id)).await?;
        grants.retain(|grant| grant.valid_on(today(caller)));
        Ok(grants)
    }

    /// Gives a grant. `render` makes the answer from the grant as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong.
    pub async fn give_grant(
        &self,
        caller: &Caller,
        mut new: NewGrant,
        once: Option<Once>,
        render: impl Fn(&Grant) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageGrants)?;
        let mut faults = Vec::new();
        if let WhoGiven::Identity { issuer, subject } = &mut new.to {
            *issuer = line(issuer, "/issuer", MAX_IDENTITY, &mut faults);
            *subject = line(subject, "/subject", MAX_IDENTITY, &mut faults);
            // As their tokens will name them.
            if self.names_by_number(issuer) && !is_machine(subject) {
                *subject = self.sealer.personal_subject(issuer, subject);
            }
        }
        for _ in 0..LOOKS {
            let found = self.people_of(caller, &new).await?;
            let mut faults = faults.clone();
            let (grant, newcomer) = match self.draft(caller, &new, found, &mut faults) {
                Some(drafted) if faults.is_empty() => drafted,
                _ => return Err(Error::Faults(faults)),
            };
            let answer = render(&grant);
            let details = json!({
                "staff": grant.staff,
                "role": grant.role,
                "units": grant.units,
                "laws": grant.laws,
                "valid_from": grant.valid_from,
                "valid_to": grant.valid_to,
                "stands_in_for": grant.stands_in_for,
                "staff_made": newcomer.is_some(),
            });
            let trace = Trace::new(self, caller, "grant.give", ("grant", grant.id.0), details);
            let made = self.make(caller, trace, once.as_ref(), answer, move |tx| {
                if let Some(person) = &newcomer {
                    tx.insert_staff(person)?;
                }
                Ok(tx.insert_grant(&grant)?)
            });
            match made.await {
                // The person came in meanwhile: the grant is for the row made then.
                Err(refused) if refused.conflict() == Some("staff_issuer_subject_key") => {}
                Err(refused) => return Err(refused.into_error()),
                Ok(answer) => return Ok(answer),
            }
        }
        Err(Error::Internal("a staff row was refused and is not there".into()))
    }

    async fn people_of(&self, caller: &Caller, new: &NewGrant) -> Result<Found, Error> {
        let (to, replaced) = (new.to.clone(), new.stands_in_for);
        let read = self.store.read(caller.tenant_id(), move |tx| {
            let absent = |error: store::Error| match error {
                store::Error::NotFound => Ok(None),
                other => Err(other),
            };
            let holder = match &to {
                WhoGiven::Staff(id) => tx.staff(*id).map(Some).or_else(absent)?,
                WhoGiven::Identity { issuer, subject } => tx.staff_by_identity(issuer, subject)?,
            };
            let replaced = match replaced {
                Some(id) => tx.staff(id).map(Some).or_else(absent)?,
                None => None,
            };
            Ok::<_, store::Error>(Found { holder, replaced })
        });
        Ok(read.await?)
    }

    /// The grant, with the staff row to make when the holder is new; what is wrong goes to `faults`.
    fn draft(
        &self,
        caller: &Caller,
        new: &NewGrant,
        found: Found,
        faults: &mut Vec<Fault>,
    ) -> Option<(Grant, Option<Staff>)> {
        let at = match &new.to {
            WhoGiven::Staff(_) => "/staff",
            WhoGiven::Identity { .. } => "/subject",
        };
        let newcomer = match (&found.holder, &new.to) {
            (None, WhoGiven::Identity { issuer, subject }) => Some(Staff {
                id: StaffId(self.new_id()),
                issuer: issuer.clone(),
                subject: subject.clone(),
                name: None,
                profession: None,
                email: None,
                deactivated_at: None,
                version: 1,
            }),
            _ => None,
        };
        let holder = found.holder.as_ref().or(newcomer.as_ref());
        match holder {
            None => faults.push(Fault::at(at, Reason::NotFound)),
            Some(person) if person.deactivated_at.is_some() => {
                faults.push(Fault::at(at, Reason::inconsistent("staff_deactivated")));
            }
            Some(_) => {}
        }
        if holder.is_some_and(Staff::is_machine) && !new.role.is_for_machines() {
            faults.push(Fault::at("/role", Reason::inconsistent("role_for_people")));
        }
        let holder = holder.map(|person| person.id);
        match (new.stands_in_for, &found.replaced) {
            (Some(_), None) => faults.push(Fault::at("/stands_in_for", Reason::NotFound)),
            (Some(replaced), Some(_)) if Some(replaced) == holder => {
                let reason = Reason::inconsistent("stands_in_for_oneself");
                faults.push(Fault::at("/stands_in_for", reason));
            }
            _ => {}
        }
        let units = units_named(&new.units, &caller.set_up.units, faults);
        let valid_from = new.valid_from.unwrap_or_else(|| today(caller));
        faults.extend(ends_too_early(Some(valid_from), new.valid_to));
        let grant = Grant {
            id: GrantId(self.new_id()),
            staff: holder?,
            role: new.role,
            units,
            laws: Law::ALL.into_iter().filter(|law| new.laws.contains(law)).collect(),
            valid_from,
            valid_to: new.valid_to,
            stands_in_for: new.stands_in_for,
            revoked_at: None,
            version: 1,
        };
        faults.extend(laws_outside_role(&grant, &new.laws));
        Some((grant, newcomer))
    }

    /// Takes back a grant that the caller has read as `before`. `reason` is a stable code: the audit
    /// trail keeps it, and the trail holds no text about persons.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Stale`]; [`Error::State`] when it was taken back before;
    /// [`Error::Conflict`] for what a group gave; [`Error::Faults`] for who would take their own last right to give grants, and for a manager's
    /// that would leave open cases alone: see [`may_leave`].
    pub async fn revoke_grant(
        &self,
        caller: &Caller,
        before: &Grant,
        reason: &'static str,
        taken_over_by: Option<StaffId>,
    ) -> Result<Grant, Error> {
        caller.may(Act::ManageGrants)?;
        if before.revoked_at.is_some() {
            return Err(Error::State { status: "revoked", command: "revoke" });
        }
        let (id, expected) = (before.id, before.version);
        let mut grant = before.clone();
        grant.revoked_at = Some(caller.now);
        grant.version = expected + 1;
        let details = json!({
            "staff": grant.staff,
            "role": grant.role,
            "reason": reason,
            "taken_over_by": taken_over_by,
            "version": grant.version,
        });
        let trace = Trace::new(self, caller, "grant.revoke", ("grant", id.0), details);
        let (row, by) = (grant.clone(), caller.clone());
        let write = self.change_set_up(caller, trace, move |tx| {
            // The next token that names the group would give it back.
            if tx.held_by_groups(row.staff)?.iter().any(|(grant, _, _)| *grant == id) {
                return Err(Error::Conflict("grant_of_group").into());
            }
            if role_may(row.role, Act::ManageGrants) {
                still_manages(tx, &by)?;
                let own = tx.grants_of(by.staff.id)?;
                let left = |grant: &Grant| grant.id != id && manages_grants(grant, today(&by));
                if row.staff == by.staff.id && !own.iter().any(left) {
                    let reason = Reason::inconsistent("own_last_admin_grant");
                    return Refused::faults(vec![Fault::at("", reason)]);
                }
            }
            // A grant in wrong hands ends at once: its cases then wait where the rules send them.
            if reason != MISUSE {
                may_leave(tx, &by, &row, taken_over_by)?;
            }
            tx.revoke_grant(id, by.now, expected)?;
            Ok(())
        });
        write.await.map_err(Refused::into_error)?;
        Ok(grant)
    }
}

/// The units named, each once; those that are not there go to `faults`.
pub(super) fn units_named(
    given: &[String],
    tree: &UnitTree,
    faults: &mut Vec<Fault>,
) -> Vec<UnitId> {
    let mut units = Vec::new();
    for (at, given) in given.iter().enumerate() {
        match tree.find(given) {
            Some(unit) if units.contains(&unit.id) => {}
            Some(unit) => units.push(unit.id),
            None => {
                let given = given.clone();
                faults.push(Fault::at(format!("/units/{at}"), Reason::UnknownUnit { given }));
            }
        }
    }
    // In the order in which they come back from the database.
    units.sort_unstable();
    units
}

/// Laws that the role never sees: a grant over them alone would give nothing, and look as if it did.
pub(super) fn laws_outside_role(grant: &Grant, named: &[Law]) -> Vec<Fault> {
    let whole = Grant { laws: Vec::new(), valid_to: None, ..grant.clone() };
    let actor = Actor::new(
        whole.staff,
        std::slice::from_ref(&whole),
        &UnitTree::default(),
        whole.valid_from,
    );
    let seen = |law: &Law| actor.held.iter().any(|held| held.laws.covers(law));
    let outside = named.iter().enumerate().filter(|(_, law)| !seen(law));
    outside
        .map(|(at, _)| Fault::at(format!("/laws/{at}"), Reason::inconsistent("law_outside_role")))
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::super::tests::{held, in_a_world, made, pairs, told};
    use super::*;

    fn to(subject: &str, role: Role) -> NewGrant {
        NewGrant {
            to: WhoGiven::Identity {
                issuer: "https://id.example".into(),
                subject: subject.to_owned(),
            },
            role,
            units: Vec::new(),
            laws: Vec::new(),
            valid_from: None,
            valid_to: None,
            stands_in_for: None,
        }
    }

    #[test]
    fn a_grant_makes_the_staff_row_of_who_is_new() {
        in_a_world(async |world| {
            let admin = world.admin("anna").await;
            let once = Once { key: "k".into(), mac: vec![1] };
            let give = async |new: NewGrant, once: Option<Once>| {
                world.app.give_grant(&admin, new, once, |grant| made(grant.version)).await
            };
            let first = give(to("bo", Role::Mas), Some(once.clone())).await.unwrap();
            assert_eq!(give(to("bo", Role::Mas), Some(once)).await.unwrap(), first);
            let bo = world.enter("bo").await.unwrap();
            assert!(bo.actor.is(Role::Mas));
            let grants = world.app.own_grants(&bo).await.unwrap();
            assert_eq!(grants.len(), 1);
            assert_eq!(grants[0].valid_from, date(2026, 3, 10));
            let mut by_id = to("", Role::Team);
            by_id.to = WhoGiven::Staff(bo.staff.id);
            by_id.units = vec!["okand".into(), "okand".into()];
            give(by_id, None).await.unwrap();
            let grants = world.app.own_grants(&bo).await.unwrap();
            assert_eq!((grants.len(), grants[1].units.len()), (2, 1));
            assert!(matches!(world.app.list_grants(&bo).await, Err(Error::Forbidden)));
        });
    }

    #[test]
    fn every_fault_of_a_grant_is_named_at_once() {
        in_a_world(async |world| {
            let admin = world.admin("anna").await;
            let give = async |new| world.app.give_grant(&admin, new, None, |_| made(1)).await;
            let mut new = to("bo", Role::Sas);
            new.units = vec!["okand".into(), "nej".into()];
            new.laws = vec![Law::Sol, Law::Hsl];
            new.valid_to = Some(date(2026, 3, 9));
            new.stands_in_for = Some(StaffId(Uuid::nil()));
            let expected = pairs(&[
                ("/stands_in_for", "not_found"),
                ("/units/1", "unknown_unit"),
                ("/valid_to", "before"),
                ("/laws/1", "law_outside_role"),
            ]);
            assert_eq!(told(&give(new).await.unwrap_err()), expected);
            let mut nobody = to("", Role::Team);
            assert_eq!(
                told(&give(nobody.clone()).await.unwrap_err()),
                pairs(&[("/subject", "required")])
            );
            nobody.to = WhoGiven::Staff(StaffId(Uuid::nil()));
            assert_eq!(told(&give(nobody).await.unwrap_err()), pairs(&[("/staff", "not_found")]));
            let mut own = to("anna", Role::Deputy);
            own.stands_in_for = Some(admin.staff.id);
            assert_eq!(
                told(&give(own).await.unwrap_err()),
                pairs(&[("/stands_in_for", "stands_in_for_oneself")])
            );
        });
    }

    #[test]
    fn a_role_has_its_laws() {
        let outside = |role, laws: &[Law]| {
            let mut grant = held(role, StaffId(Uuid::nil()));
            grant.laws = laws.to_vec();
            laws_outside_role(&grant, laws).len()
        };
        assert_eq!(outside(Role::Mas, &[Law::Hsl]), 0);
        assert_eq!(outside(Role::Mas, &[Law::Sol, Law::Lss]), 2);
        assert_eq!(outside(Role::Sas, &Law::ALL), 1);
        assert_eq!(outside(Role::UnitManager, &Law::ALL), 0);
        assert_eq!(outside(Role::Mar, &[]), 0);
    }

    #[test]
    fn nobody_revokes_their_own_last_admin_grant() {
        in_a_world(async |world| {
            let admin = world.admin("anna").await;
            let own = world.app.own_grants(&admin).await.unwrap().remove(0);
            let refused = world.app.revoke_grant(&admin, &own, "left", None).await.unwrap_err();
            assert_eq!(told(&refused), pairs(&[("", "own_last_admin_grant")]));
            // With another that holds today it is not the last.
            let admin = world.admin("anna").await;
            let revoked = world.app.revoke_grant(&admin, &own, "left", None).await.unwrap();
            assert_eq!((revoked.version, revoked.revoked_at), (2, Some(admin.now)));
            let again = world.app.revoke_grant(&admin, &revoked, "left", None).await;
            assert!(matches!(again, Err(Error::State { .. })));
            let stale = world.app.revoke_grant(&admin, &own, "left", None).await;
            assert!(matches!(stale, Err(Error::Stale)));
        });
    }

    #[test]
    fn two_admins_cannot_revoke_each_other() {
        in_a_world(async |world| {
            let anna = world.admin("anna").await;
            let bo = world.admin("bo").await;
            let of = async |caller| world.app.own_grants(caller).await.unwrap().remove(0);
            let (annas, bos) = (of(&anna).await, of(&bo).await);
            world.app.revoke_grant(&anna, &bos, "mistake", None).await.unwrap();
            let late = world.app.revoke_grant(&bo, &annas, "mistake", None).await;
            assert!(matches!(late, Err(Error::Forbidden)));
        });
    }
}
