//! What a check knows of readings: made from entries, with the sealed compared as keyed hashes and never
//! shown.

use std::collections::HashMap;

use domain::calendar::swedish_date;
use domain::ids::{CaseId, StaffId, TenantId};
use domain::organisation::{Grant, Staff};
use domain::personnummer::{PersonalId, SubjectIdentity};
use domain::spot_check::{CaseRead, Reader, Reading};
use jiff::Timestamp;
use store::{AccessEntry, LoggedCase};

use crate::context::App;
use crate::error::Error;

/// What the keyed hash of a surname is for.
const SURNAMES: &str = "surnames in checks of the log";
/// What the keyed hash of a name or an address is for.
const SENDERS: &str = "senders in checks of the log";

/// A member of the staff, with the keyed hashes by which the sealed is compared.
pub(super) struct Known {
    /// What checks know.
    pub reader: Reader,
    /// Their name.
    pub name: Option<String>,
    surname: Option<Vec<u8>>,
    /// Of their name, and of their address.
    marks: Vec<Vec<u8>>,
    /// The blind index of their identity, where the token names it.
    index: Option<Vec<u8>>,
}

/// The last word of a name, as it is compared.
fn surname(name: &str) -> Option<String> {
    let last = name.split_whitespace().last()?.to_lowercase();
    (last.chars().count() > 1).then_some(last)
}

impl App {
    fn mark(&self, tenant: TenantId, purpose: &str, text: &str) -> Vec<u8> {
        let text = text.trim().to_lowercase();
        self.sealer.mac(purpose, &[tenant.0.as_bytes(), text.as_bytes()])
    }

    /// The whole staff, as checks know it.
    pub(super) fn known_readers(
        &self,
        tenant: TenantId,
        staff: Vec<Staff>,
        grants: Vec<Grant>,
        now: Timestamp,
    ) -> HashMap<StaffId, Known> {
        let mut held: HashMap<StaffId, Vec<Grant>> = HashMap::new();
        for grant in grants {
            held.entry(grant.staff).or_default().push(grant);
        }
        let known = |it: Staff| {
            let name = it.name.as_deref().filter(|name| !name.trim().is_empty());
            let full = name.filter(|name| name.split_whitespace().count() > 1);
            let personal = PersonalId::parse(&it.subject, swedish_date(now)).ok();
            let known = Known {
                reader: Reader {
                    ended_at: it.deactivated_at,
                    grants: held.remove(&it.id).unwrap_or_default(),
                },
                surname: name
                    .and_then(surname)
                    .map(|surname| self.mark(tenant, SURNAMES, &surname)),
                marks: [full, it.email.as_deref()]
                    .into_iter()
                    .flatten()
                    .map(|text| self.mark(tenant, SENDERS, text))
                    .collect(),
                index: personal.map(|personal| {
                    self.sealer.blind_index(tenant, &SubjectIdentity::Personal(personal))
                }),
                name: it.name,
            };
            (it.id, known)
        };
        staff.into_iter().map(known).collect()
    }

    /// An entry as checks see it.
    pub(super) fn reading_of(
        &self,
        tenant: TenantId,
        entry: &AccessEntry,
        known: &Known,
        cases: &HashMap<CaseId, LoggedCase>,
        seen: impl Fn(&CaseRead) -> bool,
    ) -> Result<Reading, Error> {
        let mut read = Vec::new();
        for (case, _) in &entry.exposed {
            let Some(case) = cases.get(case).filter(|case| seen(&case.read)) else { continue };
            let mut one = case.read.clone();
            one.about_reader =
                known.index.as_ref().is_some_and(|index| case.persons.contains(index));
            let sender = case.sender.as_ref();
            let sender = sender.map(|it| self.unseal_sender(tenant, one.case, it)).transpose()?;
            if let Some(sender) = sender.flatten() {
                let name = sender.name.as_deref();
                let marks = [name, sender.email.as_deref()].into_iter().flatten();
                let mut marks = marks.map(|text| self.mark(tenant, SENDERS, text));
                one.about_reader |= marks.any(|mark| known.marks.contains(&mark));
                let theirs = name.and_then(surname).map(|name| self.mark(tenant, SURNAMES, &name));
                one.same_surname = theirs.is_some() && theirs == known.surname;
            }
            read.push(one);
        }
        Ok(Reading {
            entry: entry.id,
            at: entry.at,
            reader: entry.by,
            act: entry.act.clone(),
            role: entry.role.as_deref().and_then(|role| role.parse().ok()),
            unit: entry.unit,
            refused: entry.refused,
            on_ground: entry.ground.is_some(),
            cases: read,
        })
    }
}
