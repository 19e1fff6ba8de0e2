//! Giving a matter out as a public record: what is proposed to be masked, the decision, the copy as it was issued.

use std::collections::BTreeMap;

use domain::disclosure::{
    Copy, Decision, Disclosure, Found, KnownNames, Mask, What, faults, propose,
};
use domain::ids::{CaseId, DisclosureId, EntryId};
use domain::policy::{Access, Act};
use jiff::civil::Date;
use serde_json::json;
use store::{Additions, AuditEntry, Tx};

use crate::cases::read::{Opened, access_entry};
use crate::cases::sha256;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace, today};

/// What may be masked of a matter, before anything is decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The copy, nothing masked.
    pub copy: Copy,
    /// What was found in it.
    pub found: Vec<Found>,
    /// The data of whom it is about are protected.
    pub protected: bool,
    /// The case's version.
    pub version: i64,
    /// Which copy it is, whenever it was made: the case's version does not tell.
    pub shown: String,
}

/// How many digits tell one copy of a case from another.
const DIGITS: usize = 16;

/// Which copy it is, whenever it was made. Masks name places in it, and what stands in it depends on who reads, and on
/// names and links that are none of the case's version.
fn shown(copy: &Copy) -> Result<String, Error> {
    let text =
        serde_json::to_vec(&copy.parts).map_err(|error| Error::Internal(error.to_string()))?;
    let mut digits = domain::record::hex(&sha256(&text));
    digits.truncate(DIGITS);
    Ok(digits)
}

/// A decision to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDisclosure {
    /// What is decided.
    pub decision: Decision,
    /// The day somebody asked for it.
    pub asked_on: Date,
    /// The number of the matter in which it is decided.
    pub reference: Option<String>,
    /// Why not all of it.
    pub motivation: Option<String>,
    /// How the decision is appealed.
    pub appeal: Option<String>,
    /// What is masked by hand.
    pub masks: Vec<Mask>,
    /// Which of what is found is masked, each with its ground.
    pub accepted: BTreeMap<What, String>,
}

impl App {
    /// What may be masked of a case. Keeps an access entry: it shows the text.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] for those who may read the case and not give it out.
    pub async fn propose_disclosure(&self, caller: &Caller, id: CaseId) -> Result<Proposal, Error> {
        let (opened, access) = self.to_disclose(caller, id).await?;
        let proposal = self.proposal(caller, &opened).await?;
        let entry = access_entry(self, caller, "case.disclosure_proposal", access, &opened.case);
        self.keep(caller, &entry).await?;
        Ok(proposal)
    }

    /// Opens a case for whoever may give it out.
    async fn to_disclose(&self, caller: &Caller, id: CaseId) -> Result<(Opened, Access), Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        let access = opened.permit(caller, Act::Disclose)?;
        if opened.case.private() {
            // A draft is nobody's record yet.
            return Err(Error::Forbidden);
        }
        Ok((opened, access))
    }

    /// The version of a case for whoever may give it out.
    ///
    /// # Errors
    /// As [`App::propose_disclosure`].
    pub async fn disclosable(&self, caller: &Caller, id: CaseId) -> Result<i64, Error> {
        Ok(self.to_disclose(caller, id).await?.0.case.version)
    }

    async fn proposal(&self, caller: &Caller, opened: &Opened) -> Result<Proposal, Error> {
        let case = &opened.case;
        let taken = self.lay_out(caller, case, false).await?;
        let (id, subject, tenant) = (case.id, case.subject, caller.tenant_id());
        let load = move |tx: &mut Tx<'_>| {
            let sender = tx.opinion_sender(id)?;
            let protected = match subject {
                Some(subject) => tx.subject(subject)?.protected.is_some(),
                None => false,
            };
            Ok::<_, store::Error>((sender, protected, tx.all_staff()?))
        };
        let (sender, protected, staff) = self.store.read(tenant, load).await?;
        // Opened to be looked for in the text, and shown to nobody.
        let sender = sender.map(|sealed| self.unseal_sender(tenant, id, &sealed)).transpose()?;
        let sender = match sender.flatten() {
            Some(it) => [it.name, it.email, it.phone, it.address].into_iter().flatten().collect(),
            None => Vec::new(),
        };
        // As the copy names them; who reported without a token stands in no list.
        let staff = staff.into_iter().map(|it| it.name.unwrap_or(it.subject));
        let staff = staff.chain(case.filing.reporter_name.clone()).collect();
        let copy = Copy::of(&taken.record);
        let found = propose(&copy, &KnownNames { sender, staff }, today(caller));
        let shown = shown(&copy)?;
        Ok(Proposal { copy, found, protected, version: case.version, shown })
    }

    /// Decides, and keeps the copy as it is issued. `render` makes the answer. The case must have the version
    /// `expected`, and its copy must be the one that was `seen`: masks name places in it.
    ///
    /// # Errors
    /// Those of [`App::propose_disclosure`]; [`Error::Faults`]; [`Error::Stale`].
    pub async fn disclose(
        &self,
        caller: &Caller,
        id: CaseId,
        new: NewDisclosure,
        (expected, seen, once): (i64, Option<String>, Option<Once>),
        render: impl Fn(&Disclosure) -> Answer,
    ) -> Result<Answer, Error> {
        let (opened, access) = self.to_disclose(caller, id).await?;
        if opened.case.version != expected {
            return Err(Error::Stale);
        }
        let proposal = self.proposal(caller, &opened).await?;
        if seen.as_deref() != Some(proposal.shown.as_str()) {
            return Err(Error::Stale);
        }
        let mut masks = new.masks;
        let accepted = proposal.found.into_iter().filter_map(|found| {
            let ground = new.accepted.get(&found.what)?.clone();
            let range = Some((found.from, found.to));
            Some(Mask { field: found.field, range, ground, found: Some(found.what) })
        });
        if new.decision != Decision::Refused {
            masks.extend(accepted);
        }
        let texts = (new.motivation.as_deref(), new.appeal.as_deref());
        let mut wrong = faults(new.decision, &masks, texts, (new.asked_on, today(caller)));
        let content = match proposal.copy.masked(&masks) {
            Ok(copy) => Some(copy).filter(|_| new.decision != Decision::Refused),
            Err(more) => {
                wrong.extend(more);
                None
            }
        };
        if !wrong.is_empty() {
            return Err(Error::Faults(wrong));
        }
        let failed = |error: serde_json::Error| Error::Internal(error.to_string());
        let content = content.map(|it| serde_json::to_string(&it)).transpose().map_err(failed)?;
        let trimmed = |text: Option<String>| text.map(|it| it.trim().to_owned());
        let it = Disclosure {
            id: DisclosureId(self.new_id()),
            case: id,
            case_version: expected,
            decision: new.decision,
            asked_on: new.asked_on,
            reference: trimmed(new.reference).filter(|it| !it.is_empty()),
            motivation: trimmed(new.motivation).filter(|it| !it.is_empty()),
            appeal: trimmed(new.appeal).filter(|it| !it.is_empty()),
            sha256: content.as_ref().map(|text| sha256(text.as_bytes()).to_vec()),
            content,
            masks,
            by: caller.staff.id,
            at: caller.now,
        };
        let answer = render(&it);
        let details = json!({
            "disclosure": it.id, "decision": it.decision, "masks": it.masks.len(),
            "sha256": it.sha256.as_deref().map(domain::record::hex),
        });
        let trace = Trace::new(self, caller, "case.disclose", ("case", id.0), details);
        let entry = access_entry(self, caller, "case.disclose", access, &opened.case);
        let work = move |tx: &mut Tx<'_>| {
            let mut rows = Additions::to(tx.tenant());
            rows.disclosure(&it);
            rows.access(&entry);
            Ok(tx.add(rows)?)
        };
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(Refused::into_error)
    }

    /// The disclosures of a case, oldest first.
    ///
    /// # Errors
    /// As [`App::propose_disclosure`].
    pub async fn disclosures(&self, caller: &Caller, id: CaseId) -> Result<Vec<Disclosure>, Error> {
        let (opened, access) = self.to_disclose(caller, id).await?;
        let found = self.store.read(caller.tenant_id(), move |tx| tx.disclosures_of(id)).await?;
        let entry = access_entry(self, caller, "case.disclosures", access, &opened.case);
        self.keep(caller, &entry).await?;
        Ok(found)
    }

    /// A disclosure, with the copy as it was issued.
    ///
    /// # Errors
    /// As [`App::propose_disclosure`].
    pub async fn disclosure(
        &self,
        caller: &Caller,
        case: CaseId,
        id: DisclosureId,
    ) -> Result<(Disclosure, Option<Copy>), Error> {
        let (opened, access) = self.to_disclose(caller, case).await?;
        let load = move |tx: &mut Tx<'_>| tx.disclosure(case, id);
        let found = self.store.read(caller.tenant_id(), load).await?;
        let failed = |error: serde_json::Error| Error::Internal(error.to_string());
        let copy = found.content.as_deref().map(serde_json::from_str).transpose();
        let copy = copy.map_err(failed)?;
        let entry = access_entry(self, caller, "case.disclosure", access, &opened.case);
        self.keep(caller, &entry).await?;
        Ok((found, copy))
    }
}

/// The audit entry of something that was taken out and is about no single case.
pub(crate) fn taken_out(app: &App, caller: &Caller, details: serde_json::Value) -> AuditEntry {
    AuditEntry {
        id: EntryId(app.new_id()),
        at: caller.now,
        by: Some(caller.staff.id),
        action: "person.export".to_owned(),
        object_kind: "tenant",
        object: caller.tenant_id().0,
        details,
        request: caller.request,
    }
}
