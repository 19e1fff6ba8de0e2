//! The tenant's staff: who is there, and who has left. Nobody is removed: what they did stays.

use domain::fault::{Fault, Reason};
use domain::ids::StaffId;
use domain::organisation::Staff;
use domain::policy::{Act, role_may};
use serde_json::json;

use super::leaving::may_go;
use super::{Trace, line, still_manages, today};
use crate::context::{App, Caller};
use crate::error::Error;

/// The longest name, in characters.
const MAX_NAME: usize = 200;

/// The longest e-mail address, in characters (RFC 5321).
const MAX_EMAIL: usize = 254;

/// What changes in a member of the staff; `None` stays as it is, `Some(None)` is taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffChange {
    /// Name.
    pub name: Option<Option<String>>,
    /// Profession, a code of the list `profession`.
    pub profession: Option<Option<String>>,
    /// E-mail address for notices.
    pub email: Option<Option<String>>,
    /// `false` keeps the person out from now on; `true` lets them in again.
    pub active: Option<bool>,
    /// The area manager who takes over what a manager who is deactivated would leave alone.
    pub taken_over_by: Option<StaffId>,
}

impl App {
    /// Everyone, also who has left, by id.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_staff(&self, caller: &Caller) -> Result<Vec<Staff>, Error> {
        caller.may(Act::ManageGrants)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.all_staff()).await?)
    }

    /// Reads a member of the staff.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn read_staff(&self, caller: &Caller, id: StaffId) -> Result<Staff, Error> {
        caller.may(Act::ManageGrants)?;
        Ok(self.store.read(caller.tenant_id(), move |tx| tx.staff(id)).await?)
    }

    /// Changes a member of the staff whom the caller has read as `before`. Who is deactivated is
    /// refused from their next request on: everyone's row is read at every request.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Stale`]; [`Error::Faults`] with everything that is wrong, also
    /// for who would deactivate themselves, or a manager over open cases: see [`may_go`].
    pub async fn change_staff(
        &self,
        caller: &Caller,
        before: &Staff,
        change: StaffChange,
    ) -> Result<Staff, Error> {
        caller.may(Act::ManageGrants)?;
        let taken_over_by = change.taken_over_by;
        let mut person = apply(caller, before, change).map_err(Error::Faults)?;
        if person == *before {
            return Ok(person);
        }
        let expected = before.version;
        person.version = expected + 1;
        let active = person.deactivated_at.is_none();
        let switched = active != before.deactivated_at.is_none();
        let fields = [
            ("name", person.name != before.name),
            ("profession", person.profession != before.profession),
            ("email", person.email != before.email),
            ("active", switched),
        ];
        let changed: Vec<_> = fields.iter().filter(|(_, it)| *it).map(|(name, _)| name).collect();
        let details = json!({
            "version": person.version,
            "fields": changed,
            "active": active,
            "taken_over_by": taken_over_by,
        });
        let trace = Trace::new(self, caller, "staff.change", ("staff", person.id.0), details);
        let (row, by) = (person.clone(), caller.clone());
        let write = self.change_set_up(caller, trace, move |tx| {
            if switched && !active {
                let grants = tx.grants_of(row.id)?;
                let manages = |grant: &domain::organisation::Grant| {
                    role_may(grant.role, Act::ManageGrants) && grant.revoked_at.is_none()
                };
                if grants.iter().any(manages) {
                    still_manages(tx, &by)?;
                }
                may_go(tx, &by, row.id, taken_over_by)?;
            }
            tx.update_staff(&row, expected)?;
            Ok(())
        });
        write.await.map_err(super::Refused::into_error)?;
        Ok(person)
    }
}

/// The person after a change, or everything that is wrong with it.
fn apply(caller: &Caller, before: &Staff, change: StaffChange) -> Result<Staff, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut person = before.clone();
    if let Some(name) = change.name {
        person.name = name.map(|name| line(&name, "/name", MAX_NAME, &mut faults));
    }
    if let Some(profession) = change.profession {
        if let Some(code) = &profession
            && before.profession.as_ref() != Some(code)
            && let Err(reason) = caller.set_up.codes.check("profession", code, today(caller))
        {
            faults.push(Fault::at("/profession", reason));
        }
        person.profession = profession;
    }
    if let Some(email) = change.email {
        person.email = email.map(|email| {
            let email = line(&email, "/email", MAX_EMAIL, &mut faults);
            if !email.is_empty() && !is_address(&email) {
                let expected = "e-mail address".to_owned();
                faults.push(Fault::at("/email", Reason::WrongType { expected }));
            }
            email
        });
    }
    match change.active {
        Some(true) => person.deactivated_at = None,
        Some(false) if before.id == caller.staff.id => {
            faults.push(Fault::at("/active", Reason::inconsistent("own_account")));
        }
        // Who left already left when they left.
        Some(false) => person.deactivated_at = before.deactivated_at.or(Some(caller.now)),
        None => {}
    }
    if change.taken_over_by.is_some() && change.active != Some(false) {
        faults.push(Fault::at("/taken_over_by", Reason::inconsistent("nobody_leaves")));
    }
    if faults.is_empty() { Ok(person) } else { Err(faults) }
}

/// Whether this may be an e-mail address; whether it is one, only a mail to it tells.
fn is_address(text: &str) -> bool {
    let blank = text.contains(char::is_whitespace);
    let parts = text.rsplit_once('@');
    !blank && parts.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{in_a_world, pairs, told};
    use super::*;

    fn active(active: bool) -> StaffChange {
        StaffChange { active: Some(active), ..StaffChange::default() }
    }

    #[test]
    fn an_address_has_two_sides() {
        assert!(is_address("anna@example.se"));
        for text in ["anna", "@example.se", "anna@", "an na@example.se"] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn who_is_deactivated_stays_out_until_let_in_again() {
        in_a_world(async |world| {
            let admin = world.admin("anna").await;
            let bo = world.enter("bo").await.unwrap().staff;
            let gone = world.app.change_staff(&admin, &bo, active(false)).await.unwrap();
            assert_eq!((gone.version, gone.deactivated_at), (2, Some(admin.now)));
            assert!(matches!(world.enter("bo").await, Err(Error::NotLetIn(_))));
            let stale = world.app.change_staff(&admin, &bo, active(false)).await;
            assert!(matches!(stale, Err(Error::Stale)));
            let back = world.app.change_staff(&admin, &gone, active(true)).await.unwrap();
            assert_eq!(back.deactivated_at, None);
            assert!(world.enter("bo").await.is_ok());
        });
    }

    #[test]
    fn nobody_deactivates_themselves() {
        in_a_world(async |world| {
            let admin = world.admin("anna").await;
            let change = StaffChange {
                name: Some(Some(" ".into())),
                profession: Some(Some("NEJ".into())),
                email: Some(Some("nej".into())),
                active: Some(false),
                taken_over_by: None,
            };
            let refused = world.app.change_staff(&admin, &admin.staff, change).await.unwrap_err();
            let expected = pairs(&[
                ("/name", "required"),
                ("/profession", "unknown_code"),
                ("/email", "wrong_type"),
                ("/active", "own_account"),
            ]);
            assert_eq!(told(&refused), expected);
        });
    }

    #[test]
    fn two_admins_cannot_shut_each_other_out() {
        in_a_world(async |world| {
            let anna = world.admin("anna").await;
            let bo = world.admin("bo").await;
            world.app.change_staff(&anna, &bo.staff, active(false)).await.unwrap();
            // Bo's request was let in before that.
            let late = world.app.change_staff(&bo, &anna.staff, active(false)).await;
            assert!(matches!(late, Err(Error::Forbidden)));
            assert!(world.enter("anna").await.is_ok());
        });
    }
}
