//! A whole matter, taken out for the municipality's diary: everything that was said and done, with its
//! files. One entry in the access log says that it was, and whom it is about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use domain::case::{Attachment, Case};
use domain::ids::{CaseId, StaffId};
use domain::opinion::Contact;
use domain::personnummer::SubjectIdentity;
use domain::policy::Act;
use domain::record::opinion::{self, AroundOpinion};
use domain::record::{Facts, Known, Named, Record, Step};
use store::{HistoryEntry, KeptContent, Tx};

use super::read::{Opened, SubjectInClear, access_entry, permitted};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::keeping::Room;

/// A file of a matter.
#[derive(Clone, Debug)]
pub struct RecordFile {
    /// What is known of it.
    pub attachment: Attachment,
    content: KeptContent,
}

/// A matter on its way out.
#[derive(Debug)]
pub struct TakenRecord {
    /// What it says.
    pub record: Record,
    /// Its files, oldest first.
    pub files: Vec<RecordFile>,
    /// The case's version.
    pub version: i64,
}

/// Who a case is about, term by term.
fn named(subject: &SubjectInClear, codes: &domain::code_lists::CodeLists) -> Named {
    let mut facts = Facts::default();
    match &subject.identity {
        SubjectIdentity::Personal(id) => facts.put("Personnummer", id.canonical()),
        SubjectIdentity::Other { id, issuer } => {
            facts.put("Annan identitet", id.clone()).put_if("Utfärdad av", issuer.clone())
        }
    };
    if let Some(code) = &subject.protected {
        let words = codes.get("protected", code).map_or(code.as_str(), |it| it.sv.as_str());
        facts.put("Skydd", words);
    }
    facts.flag("Bekräftad", Some(subject.confirmed));
    Named::Clear(facts.into_vec())
}

/// Who left an opinion, term by term.
fn contacted(contact: Contact) -> Named {
    let Contact { name, email, phone, address, when, speaks_for } = contact;
    let mut facts = Facts::default();
    facts
        .put_if("Namn", name)
        .put_if("E-post", email)
        .put_if("Telefon", phone)
        .put_if("Adress", address)
        .put_if("Nås bäst", when)
        .put_if("Talar för", speaks_for);
    Named::Clear(facts.into_vec())
}

fn step(entry: HistoryEntry) -> Step {
    let HistoryEntry { version, at, by, command, to, changes, reason, from: _ } = entry;
    Step { version, at, by, command, to, changes, reason }
}

impl App {
    /// Takes a whole matter out. Who it is about stands in it for those who may read that; cases that
    /// one may not read do not.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] for those who may read the case and no more.
    pub async fn take_record(&self, caller: &Caller, id: CaseId) -> Result<TakenRecord, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        let access = opened.permit(caller, Act::ReadRecord)?;
        let Opened { case, .. } = opened;
        let taken = self.lay_out(caller, &case, true).await?;
        self.keep(caller, &access_entry(self, caller, "case.record", access, &case)).await?;
        Ok(taken)
    }

    /// Lays a whole matter out, as [`App::take_record`] does; whoever calls keeps the access entry. Without
    /// `persons`, nobody whose identity is sealed is opened: that somebody is there stands in it, and no more.
    pub(crate) async fn lay_out(
        &self,
        caller: &Caller,
        case: &Case,
        persons: bool,
    ) -> Result<TakenRecord, Error> {
        let id = case.id;
        let (mut subject, mut protected) = (Named::Nobody, false);
        if case.subject.is_some() && !persons {
            subject = Named::Hidden;
        } else if case.subject.is_some() {
            // For whoever may read it; the entry of the whole names the person.
            subject = match self.open_subject(caller, id).await {
                Ok((_, clear)) => {
                    protected = clear.protected.is_some();
                    named(&clear, &caller.set_up.codes)
                }
                Err(Error::NotFound | Error::Forbidden) => Named::Hidden,
                Err(other) => return Err(other),
            };
        }
        let around = self.around_opinion(caller, case, persons).await?;
        let linked: BTreeSet<CaseId> = case.links.iter().map(|link| link.to).collect();
        let readable = self.readable_among(caller, linked).await?;
        let load = move |tx: &mut Tx<'_>| {
            let history = tx.history_of(id)?;
            let files = tx.attachments_of(id)?;
            let linked = tx.cases(&readable)?;
            Ok::<_, store::Error>((history, files, linked, tx.all_staff()?))
        };
        let loaded = self.store.read(caller.tenant_id(), load).await?;
        let (mut history, files, linked, staff) = loaded;
        self.leave_out_hidden(caller, &mut history).await?;
        let names: BTreeMap<StaffId, String> =
            staff.into_iter().map(|it| (it.id, it.name.unwrap_or(it.subject))).collect();
        let numbers: BTreeMap<CaseId, String> =
            linked.iter().map(|case| (case.id, case.number.to_string())).collect();
        let history: Vec<Step> = history.into_iter().map(step).collect();
        let attachments: Vec<_> = files.iter().map(|kept| kept.attachment.clone()).collect();
        let known = Known {
            tenant: &caller.tenant.name,
            units: &caller.set_up.units,
            codes: &caller.set_up.codes,
            name: &|id| names.get(&id).cloned().unwrap_or_default(),
            number: &|id| numbers.get(&id).cloned(),
            subject,
            protected,
            history: &history,
            attachments: &attachments,
        };
        let more = opinion::sections(case, &around, &known);
        let record = Record::of(case, &known, more, caller.staff.id, caller.now);
        let files = files
            .into_iter()
            .map(|kept| RecordFile { attachment: kept.attachment, content: kept.content })
            .collect();
        Ok(TakenRecord { record, files, version: case.version })
    }

    /// Who left the opinion of a case, for whoever may read who it is about, and what was said of it.
    async fn around_opinion(
        &self,
        caller: &Caller,
        case: &Case,
        persons: bool,
    ) -> Result<AroundOpinion, Error> {
        if case.opinion.is_none() {
            return Ok(AroundOpinion::default());
        }
        let (id, tenant) = (case.id, caller.tenant_id());
        let load = move |tx: &mut Tx<'_>| {
            Ok::<_, store::Error>((tx.opinion_sender(id)?, tx.opinion_messages(id)?))
        };
        let (sealed, messages) = self.store.read(tenant, load).await?;
        let sender = match sealed {
            None => Named::Nobody,
            Some(_) if !persons => Named::Hidden,
            Some(sealed) => match permitted(caller, Act::ReadSubject, case) {
                Ok(access) => match self.unseal_sender(tenant, id, &sealed)? {
                    None => Named::Nobody,
                    Some(contact) => {
                        // With its own access entry, as everywhere.
                        let entry = access_entry(self, caller, "opinion.sender", access, case);
                        self.keep(caller, &entry).await?;
                        contacted(contact)
                    }
                },
                Err(Error::NotFound | Error::Forbidden) => Named::Hidden,
                Err(other) => return Err(other),
            },
        };
        let survey = self.survey_of(tenant, id).await?;
        Ok(AroundOpinion { sender, messages, survey })
    }

    /// Room for the files of a record on their way out, of which one at a time is in memory.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many are read at once.
    pub fn room_for_record(&self, taken: &TakenRecord) -> Result<Room, Error> {
        let largest = taken.files.iter().map(|file| file.attachment.size).max().unwrap_or(0);
        let mut room = self.keeping.room();
        // As it is, and packed.
        room.grow(usize::try_from(largest.saturating_mul(2)).unwrap_or(usize::MAX))?;
        Ok(room)
    }

    /// One file of a record that was taken out.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn record_file(
        self: &Arc<Self>,
        caller: &Caller,
        file: &RecordFile,
    ) -> Result<Bytes, Error> {
        self.open_content(caller.tenant_id(), &file.content).await
    }
}

/// SHA-256 of bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, bytes).as_ref());
    sum
}
