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

/// A number as one compares it.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
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
                let contact = self.unseal_sender(tenant, case, &sealed)?;
                let by_mail = contact.email.as_deref().map(|it| it.trim().to_lowercase());
                let same_mail = email.is_some() && by_mail == email;
                let by_phone = contact.phone.as_deref().map(digits);
                let same_phone = phone.is_some() && by_phone == phone;
                if same_mail || same_phone {
                    found.insert(case, contact);
                }
            }
        }
    }
}
