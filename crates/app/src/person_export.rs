//! Everything that is held about a person, for that person (GDPR art. 15).

use std::collections::{BTreeMap, BTreeSet};

use domain::disclosure::Copy;
use domain::ids::{CaseId, SubjectId};
use domain::opinion::Contact;
use domain::personnummer::SubjectIdentity;
use domain::policy::Act;
use serde_json::json;
use store::{Additions, Tx};

use crate::context::{App, Caller};
use crate::disclosures::taken_out;
use crate::error::Error;

/// Who it is.
#[derive(Clone, Debug)]
pub struct WhoAsks {
    /// The person as the subject of cases.
    pub identity: Option<SubjectIdentity>,
    /// Their address of e-mail, as they gave it with an opinion.
    pub email: Option<String>,
    /// Their telephone number, as they gave it with an opinion.
    pub phone: Option<String>,
}

/// What is held of a person in one matter.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonCase {
    /// The matter.
    pub copy: Copy,
    /// It is about the person.
    pub as_subject: bool,
    /// The person left it, with what they said of themselves.
    pub as_sender: Option<Contact>,
}

/// How many envelopes are opened between two looks at the database.
const AT_ONCE: i64 = 500;

/// A number as one compares it: as it is dialled within Sweden.
fn digits(text: &str) -> String {
    // In what is written "+46 (0)70" the nought is not dialled from abroad.
    let dialled: String = text.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    let abroad = if text.contains('+') { "46" } else { "0046" };
    match dialled.strip_prefix(abroad) {
        Some(rest) => format!("0{rest}"),
        None => dialled,
    }
}

/// Whether the sender of an opinion is who asks, by the address and the number asked for. Several may share a
/// telephone: the number counts only where no address says who it is.
fn left_it(contact: &Contact, email: Option<&str>, phone: Option<&str>) -> bool {
    let theirs = contact.email.as_deref().map(|it| it.trim().to_lowercase());
    match (email, theirs.filter(|it| !it.is_empty())) {
        (Some(asked), Some(theirs)) => asked == theirs,
        (None, _) | (_, None) => {
            phone.is_some() && contact.phone.as_deref().map(digits).as_deref() == phone
        }
    }
}

impl App {
    /// Takes out everything that is held about a person: the matters they are the subject of, and the opinions they
    /// left. One access entry names every matter.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Unavailable`] and the like: then nothing is shown.
    pub async fn export_person(
        &self,
        caller: &Caller,
        who: WhoAsks,
        reason: &str,
    ) -> Result<Vec<PersonCase>, Error> {
        let access = caller.may(Act::ExportPerson)?;
        let tenant = caller.tenant_id();
        let mut about = BTreeSet::new();
        if let Some(identity) = &who.identity {
            let index = self.sealer.blind_index(tenant, identity);
            about = self.store.read(tenant, move |tx| tx.cases_about(&index)).await?;
        }
        let left = self.left_by(caller, &who).await?;
        let ids: BTreeSet<CaseId> = about.iter().copied().chain(left.keys().copied()).collect();
        let named = ids.clone();
        let cases = self.store.read(tenant, move |tx| tx.cases(&named)).await?;
        let mut exposed: Vec<(CaseId, Option<SubjectId>)> = Vec::new();
        let mut found = Vec::new();
        for case in cases.into_iter().filter(|case| !case.private()) {
            // Everybody else in it stays sealed: others have rights of their own.
            let taken = self.lay_out(caller, &case, false).await?;
            exposed.push((case.id, case.subject));
            found.push(PersonCase {
                copy: Copy::of(&taken.record),
                as_subject: about.contains(&case.id),
                as_sender: left.get(&case.id).cloned(),
            });
        }
        let mut rows = Additions::to(tenant);
        rows.audit(&taken_out(self, caller, json!({ "reason": reason, "cases": found.len() })));
        rows.access(&caller.entry(self, "person.export", access, exposed));
        self.store.add(rows).await?;
        Ok(found)
    }

    /// The opinions left from an address or a number.
    async fn left_by(
        &self,
        caller: &Caller,
        who: &WhoAsks,
    ) -> Result<BTreeMap<CaseId, Contact>, Error> {
        let mut found = BTreeMap::new();
        let email = who.email.as_deref().map(|it| it.trim().to_lowercase());
        let email = email.filter(|it| !it.is_empty());
        let phone = who.phone.as_deref().map(digits).filter(|it| !it.is_empty());
        if email.is_none() && phone.is_none() {
            return Ok(found);
        }
        let (tenant, mut after) = (caller.tenant_id(), None);
        loop {
            let load = move |tx: &mut Tx<'_>| tx.opinion_senders_after(after, AT_ONCE);
            let sealed = self.store.read(tenant, load).await?;
            let Some(last) = sealed.last() else { return Ok(found) };
            after = Some(last.0);
            for (case, sealed) in sealed {
                let Some(contact) = self.unseal_sender(tenant, case, &sealed)? else { continue };
                if left_it(&contact, email.as_deref(), phone.as_deref()) {
                    found.insert(case, contact);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_dialled() {
        for text in ["070-123 45 67", "+46 70 123 45 67", "0046701234567", "+46 (0)70-1234567"] {
            assert_eq!(digits(text), "0701234567", "{text}");
        }
    }

    #[test]
    fn a_shared_telephone_tells_only_where_no_address_does() {
        let left = |email: Option<&str>| Contact {
            email: email.map(str::to_owned),
            phone: Some("+46 70 123 45 67".to_owned()),
            ..Contact::default()
        };
        let (asked, phone) = (Some("vera@example.se"), Some("0701234567"));
        assert!(left_it(&left(Some(" Vera@example.se")), asked, None));
        assert!(!left_it(&left(Some("bo@example.se")), asked, phone));
        assert!(left_it(&left(None), asked, phone));
        assert!(left_it(&left(Some("bo@example.se")), None, phone));
        assert!(!left_it(&left(None), asked, None));
    }
}
