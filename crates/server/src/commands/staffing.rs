//! People and what they may do, as the operator's commands set them up.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::ids::{GrantId, StaffId, UnitId};
use domain::law::Law;
use domain::organisation::{Grant, Role, Staff, Tenant, Unit};
use domain::policy::{Actor, Scope};
use jiff::civil::Date;
use serde_json::json;
use store::{Error, Tx};
use uuid::Uuid;

use super::operator::Operator;
use crate::failure::Failure;

/// How often two commands at the same time may get in each other's way.
const ATTEMPTS: usize = 3;

/// A role, as the command line names it.
pub fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|()| {
        let roles: Vec<_> = Role::ALL.iter().map(|role| role.code()).collect();
        format!("there are: {}", roles.join(", "))
    })
}

/// A law, as the command line names it.
pub fn law(text: &str) -> Result<Law, String> {
    text.to_ascii_uppercase().parse().map_err(|()| "there are: HSL, SOL, LSS".to_owned())
}

/// Who is to hold what.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Who signs for the person.
    pub issuer: String,
    /// The person at that issuer.
    pub subject: String,
    /// A name to show for somebody new.
    pub name: Option<String>,
    /// As what, if as anything.
    pub role: Option<Role>,
    /// Over which units; none is the whole tenant.
    pub units: Vec<Unit>,
    /// Over which laws; none is all that the role may see.
    pub laws: Vec<Law>,
    /// First day; `None` is today, or any day before for a grant that is there already.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

/// What was there and what was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The person was new.
    pub staff_made: bool,
    /// The grant was new.
    pub grant_made: bool,
    /// The person has left, and nothing was done.
    pub has_left: bool,
}

impl Operator {
    /// Sees to it that the person is there and holds the grant. What is there already is not made
    /// again.
    pub async fn staff(&self, tenant: &Tenant, wanted: &Wanted) -> Result<Done, Failure> {
        let today = swedish_date(self.now);
        let from = wanted.from.unwrap_or(today);
        if wanted.to.is_some_and(|to| to < from) {
            return Err(Failure::usage(format!("--to lies before the first day, {from}")));
        }
        let units: Vec<UnitId> = wanted.units.iter().map(|unit| unit.id).collect();
        let grant = |staff| {
            wanted.role.map(|role| Grant {
                id: GrantId(Uuid::now_v7()),
                staff,
                role,
                units: units.clone(),
                laws: wanted.laws.clone(),
                valid_from: from,
                valid_to: wanted.to,
                stands_in_for: None,
                revoked_at: None,
                version: 1,
            })
        };
        let mut attempt = 1;
        loop {
            let person = Staff {
                id: StaffId(Uuid::now_v7()),
                issuer: wanted.issuer.clone(),
                subject: wanted.subject.clone(),
                name: wanted.name.clone(),
                profession: None,
                email: None,
                deactivated_at: None,
                version: 1,
            };
            let grant = grant(person.id);
            if let Some(grant) = &grant {
                refuse_void(grant)?;
            }
            let details = json!({ "role": wanted.role.map(Role::code) });
            let entries = [
                self.audit("staff.add", "staff", person.id.0, json!({})),
                self.audit(
                    "grant.give",
                    "grant",
                    grant.as_ref().map_or(Uuid::nil(), |it| it.id.0),
                    details,
                ),
            ];
            let since = wanted.from;
            let write = move |tx: &mut Tx<'_>| {
                let mut done = Done::default();
                let staff = match tx.staff_by_identity(&person.issuer, &person.subject)? {
                    Some(known) if known.deactivated_at.is_some() => {
                        return Ok(Done { has_left: true, ..done });
                    }
                    Some(known) => known.id,
                    None => {
                        tx.insert_staff(&person)?;
                        tx.add_rows(|rows| rows.audit(&entries[0]))?;
                        done.staff_made = true;
                        person.id
                    }
                };
                if let Some(grant) = grant.map(|grant| Grant { staff, ..grant }) {
                    let known = tx.grants_of(staff)?;
                    if !known.iter().any(|known| same(known, &grant, since)) {
                        tx.insert_grant(&grant)?;
                        tx.add_rows(|rows| rows.audit(&entries[1]))?;
                        done.grant_made = true;
                    }
                }
                Ok(done)
            };
            match self.store.write(tenant.id, write).await {
                Ok(Done { has_left: true, .. }) => {
                    let subject = &wanted.subject;
                    return Err(Failure::new(format!(
                        "{subject} has left the tenant and cannot be let in"
                    )));
                }
                Ok(done) => return Ok(done),
                Err(Error::Conflict { .. } | Error::Busy) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether a grant that is there does what the new one would.
fn same(known: &Grant, new: &Grant, since: Option<Date>) -> bool {
    let begins = match since {
        Some(day) => known.valid_from == day,
        None => known.valid_from <= new.valid_from,
    };
    let set = |units: &[UnitId]| units.iter().copied().collect::<BTreeSet<_>>();
    let laws = |laws: &[Law]| laws.iter().copied().collect::<BTreeSet<_>>();
    begins
        && known.revoked_at.is_none()
        && known.valid_to == new.valid_to
        && known.role == new.role
        && set(&known.units) == set(&new.units)
        && laws(&known.laws) == laws(&new.laws)
}

/// Refuses a grant over laws that its role does not stand on: it would open nothing.
fn refuse_void(grant: &Grant) -> Result<(), Failure> {
    let whole = Grant { units: Vec::new(), ..grant.clone() };
    let actor = Actor::new(grant.staff, &[whole], &Default::default(), grant.valid_from);
    let none = Scope::Only(BTreeSet::new());
    if actor.held.iter().any(|held| held.laws == none) {
        return Err(Failure::usage(format!(
            "the role {} has nothing to do with the laws of --law; leave it out for all the role may see",
            grant.role
        )));
    }
    Ok(())
}
