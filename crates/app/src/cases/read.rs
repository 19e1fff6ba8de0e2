//! Reading a case: what it says, its history, and who it is about. Each leaves an access entry
//! before the answer leaves.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::swedish_date;
use domain::case::{Case, Comment, FieldChange};
use domain::ids::CaseId;
use domain::personnummer::SubjectIdentity;
use domain::policy::{Access, Act, OpenLex, Target, allow, allow_beside, handles_lex};
use serde_json::Value;
use store::{AccessEntry, Additions, HistoryEntry, SealedSubject, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::sealing::{SUBJECTS, SealError};

/// A case that the caller may do something to.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The case.
    pub case: Case,
    /// Why the caller may.
    pub access: Access,
}

impl Opened {
    /// Whether the caller may do `act` to the case, too.
    ///
    /// # Errors
    /// [`Error::Forbidden`]: that it exists they know.
    pub fn permit(&self, caller: &Caller, act: Act) -> Result<Access, Error> {
        permitted(caller, act, &self.case).map_err(|_| Error::Forbidden)
    }

    /// As it is shown to someone who may read the cases `readable`, but no others: without the links
    /// to those.
    #[must_use]
    pub fn linked_within(mut self, readable: &BTreeSet<CaseId>) -> Self {
        self.case.links.retain(|link| readable.contains(&link.to));
        self
    }

    /// The cases that this one is linked to.
    pub fn linked(&self) -> impl Iterator<Item = CaseId> {
        self.case.links.iter().map(|link| link.to)
    }
}

/// Lets through who may do `act` to a case.
pub(super) fn permitted(caller: &Caller, act: Act, case: &Case) -> Result<Access, Error> {
    permitted_beside(caller, act, case, &[])
}

/// Lets through who may do `act` to a case with what stands open beside it.
fn permitted_beside(
    caller: &Caller,
    act: Act,
    case: &Case,
    open: &[OpenLex],
) -> Result<Access, Error> {
    match allow_beside(&caller.actor, act, &Target::from(case), open) {
        access @ (Access::Role(_) | Access::Asked | Access::Own) => Ok(access),
        Access::Forbidden => Err(Error::Forbidden),
        Access::Hidden => Err(Error::NotFound),
    }
}

/// Whether a change in the history says something of other cases.
fn names_cases(change: &FieldChange) -> bool {
    matches!(change.field.as_str(), "links" | "duplicate_of")
}

/// Every case that a value of such a change names.
fn cases_in(value: &Value, found: &mut BTreeSet<CaseId>) {
    match value {
        Value::String(text) => found.extend(text.parse::<CaseId>()),
        Value::Array(items) => items.iter().for_each(|item| cases_in(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| cases_in(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Who a case is about, in the clear.
#[derive(Clone, Debug, PartialEq)]
pub struct SubjectInClear {
    /// The identity.
    pub identity: SubjectIdentity,
    /// Whether someone said so.
    pub confirmed: bool,
    /// Whether the person's data are protected, and how.
    pub protected: Option<String>,
}

/// The access entry of a request that shows `case`.
pub(crate) fn access_entry(
    app: &App,
    caller: &Caller,
    act: &str,
    access: Access,
    case: &Case,
) -> AccessEntry {
    let entry = caller.entry(app, act, access, vec![(case.id, case.subject)]);
    AccessEntry { unit: Some(case.unit), ..entry }
}

impl App {
    /// Finds a case and lets the caller at it. Reads only; shows nothing yet.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it does not exist or must not be known; [`Error::Forbidden`].
    pub async fn open(&self, caller: &Caller, id: CaseId, act: Act) -> Result<Opened, Error> {
        let case = match self.store.read(caller.tenant_id(), move |tx| tx.case(id)).await {
            Err(store::Error::NotFound) => return Err(self.missing(caller, id).await?),
            found => found?,
        };
        let access = match permitted(caller, act, &case) {
            Ok(access @ (Access::Role(_) | Access::Asked)) => Ok(access),
            other if !handles_lex(&caller.actor) => other,
            _ => {
                let ids = BTreeSet::from([id]);
                let open = self.store.read(caller.tenant_id(), move |tx| tx.open_lex(&ids)).await?;
                permitted_beside(caller, act, &case, open.get(&id).map_or(&[], Vec::as_slice))
            }
        };
        let (access, ground) = match access {
            Err(refused) if act == Act::Read => match self.grounded(caller, &case).await? {
                Some((role, ground)) => (Access::Role(role), Some(ground)),
                None => {
                    caller.trail.refused(&case);
                    return Err(refused);
                }
            },
            Err(refused) => {
                caller.trail.refused(&case);
                return Err(refused);
            }
            Ok(access) => (access, None),
        };
        caller.trail.opened(&case, ground);
        Ok(Opened { case, access })
    }

    /// What to say of a case that is not there: that it was erased, by which decision, to whoever could have read it;
    /// to everybody else nothing.
    async fn missing(&self, caller: &Caller, id: CaseId) -> Result<Error, Error> {
        let erased = self.store.read(caller.tenant_id(), move |tx| tx.erased_case(id)).await?;
        let seen = erased.filter(|it| allow(&caller.actor, Act::Read, &it.target).allowed());
        Ok(match seen {
            Some(it) => Error::Erased { on: swedish_date(it.at), decision: it.decision },
            None => Error::NotFound,
        })
    }

    /// Those of some cases that the caller may read: what one may not read must not show as a link
    /// of something else either.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn readable_among(
        &self,
        caller: &Caller,
        ids: BTreeSet<CaseId>,
    ) -> Result<BTreeSet<CaseId>, Error> {
        if ids.is_empty() {
            return Ok(ids);
        }
        let actor = caller.actor.clone();
        let load = move |tx: &mut Tx<'_>| {
            let cases = tx.cases(&ids)?;
            let open = match handles_lex(&actor) {
                true => tx.open_lex(&ids)?,
                false => BTreeMap::new(),
            };
            Ok::<_, store::Error>((cases, open))
        };
        let (cases, open) = self.store.read(caller.tenant_id(), load).await?;
        let readable = cases.iter().filter(|case| {
            let open = open.get(&case.id).map_or(&[][..], Vec::as_slice);
            permitted_beside(caller, Act::Read, case, open).is_ok()
        });
        Ok(readable.map(|case| case.id).collect())
    }

    /// Keeps that something of a case was shown, and as what.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like: then nothing may be shown.
    pub async fn keep_access(
        &self,
        caller: &Caller,
        act: &str,
        opened: &Opened,
    ) -> Result<(), Error> {
        self.keep(caller, &access_entry(self, caller, act, opened.access, &opened.case)).await
    }

    pub(crate) async fn keep(&self, caller: &Caller, entry: &AccessEntry) -> Result<(), Error> {
        let mut rows = Additions::to(caller.tenant_id());
        rows.access(entry);
        Ok(self.store.add(rows).await?)
    }

    /// Keeps the access entry of an answer that is given again though the case is out of sight now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_replay(&self, caller: &Caller, id: CaseId) -> Result<(), Error> {
        let tenant = caller.tenant_id();
        let case = self.store.read(tenant, move |tx| tx.case(id)).await?;
        caller.trail.replayed();
        self.keep(caller, &access_entry(self, caller, "case.replay", Access::Own, &case)).await
    }

    /// Reads a case.
    ///
    /// # Errors
    /// Those of [`App::open`]; and no answer without its access entry.
    pub async fn read_case(&self, caller: &Caller, id: CaseId) -> Result<Opened, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        let readable = self.readable_among(caller, opened.linked().collect()).await?;
        self.keep_access(caller, "case.read", &opened).await?;
        Ok(opened.linked_within(&readable))
    }

    /// Reads who did what to a case, oldest first. Whoever only filed it sees the steps, not what
    /// the assessors wrote; and nobody sees which cases were linked that one may not read.
    ///
    /// # Errors
    /// As [`App::read_case`].
    pub async fn read_history(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<Vec<HistoryEntry>, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        let mut history = self.store.read(caller.tenant_id(), move |tx| tx.history_of(id)).await?;
        if opened.access == Access::Own {
            for entry in &mut history {
                entry.changes.clear();
                entry.reason = None;
            }
        } else {
            self.leave_out_hidden(caller, &mut history).await?;
        }
        self.keep_access(caller, "case.history", &opened).await?;
        Ok(history)
    }

    /// Reads what was said about a case, oldest first, also as what it was before it was filed again.
    /// Whoever only filed it sees what was said to them.
    ///
    /// # Errors
    /// As [`App::read_case`].
    pub async fn read_comments(&self, caller: &Caller, id: CaseId) -> Result<Vec<Comment>, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        let load = move |tx: &mut Tx<'_>| {
            let before: BTreeSet<_> = tx.filed_before_as(id)?.into_iter().map(|it| it.0).collect();
            let before = tx.cases(&before)?;
            let mut said = Vec::new();
            for case in before.iter().map(|case| case.id).chain([id]) {
                said.push((case, tx.comments_of(case)?));
            }
            Ok::<_, store::Error>((before, said))
        };
        let (before, said) = self.store.read(caller.tenant_id(), load).await?;
        let mut entry = access_entry(self, caller, "case.comments", opened.access, &opened.case);
        let mut shown = Vec::new();
        for (case, comments) in said {
            // What it was before may be another's to read.
            let access = match before.iter().find(|before| before.id == case) {
                Some(before) => permitted(caller, Act::Read, before).ok(),
                None => Some(opened.access),
            };
            let Some(access) = access else { continue };
            let own = access == Access::Own;
            let before = before.iter().find(|before| before.id == case);
            entry.exposed.extend(before.map(|before| (before.id, before.subject)));
            shown.extend(comments.into_iter().filter(|comment| !own || comment.to_reporter));
        }
        self.keep(caller, &entry).await?;
        shown.sort_by_key(|comment| (comment.at, comment.id));
        Ok(shown)
    }

    /// Reads a case for its neighbouring duties: for whoever may read more than their own filing.
    ///
    /// # Errors
    /// As [`App::read_case`].
    pub async fn read_duties(&self, caller: &Caller, id: CaseId) -> Result<Opened, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        if opened.access == Access::Own {
            return Err(Error::Forbidden);
        }
        self.keep_access(caller, "case.duties", &opened).await?;
        Ok(opened)
    }

    /// Takes out of a history what it says of cases that the caller may not read.
    pub(super) async fn leave_out_hidden(
        &self,
        caller: &Caller,
        history: &mut [HistoryEntry],
    ) -> Result<(), Error> {
        let mut named = BTreeSet::new();
        let changes = history.iter().flat_map(|entry| &entry.changes);
        for change in changes.filter(|change| names_cases(change)) {
            cases_in(&change.old, &mut named);
            cases_in(&change.new, &mut named);
        }
        let readable = self.readable_among(caller, named).await?;
        for change in history.iter_mut().flat_map(|entry| &mut entry.changes) {
            if names_cases(change) {
                for value in [&mut change.old, &mut change.new] {
                    let mut named = BTreeSet::new();
                    cases_in(value, &mut named);
                    if !named.is_subset(&readable) {
                        *value = Value::Null;
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads who a case is about.
    ///
    /// # Errors
    /// [`Error::NotFound`] also where the case is about nobody in particular.
    pub async fn read_subject(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<(Opened, SubjectInClear), Error> {
        let (opened, clear) = self.open_subject(caller, id).await?;
        self.keep_access(caller, "subject.read", &opened).await?;
        Ok((opened, clear))
    }

    /// [`App::read_subject`] for a request that shows more than that, and keeps one access entry of everything.
    pub(crate) async fn open_subject(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<(Opened, SubjectInClear), Error> {
        let opened = self.open(caller, id, Act::ReadSubject).await?;
        let subject = opened.case.subject.ok_or(Error::NotFound)?;
        let tenant = caller.tenant_id();
        let sealed = self.store.read(tenant, move |tx| tx.subject(subject)).await?;
        let clear = self.unseal(caller, &sealed)?;
        Ok((opened, clear))
    }

    fn unseal(&self, caller: &Caller, sealed: &SealedSubject) -> Result<SubjectInClear, Error> {
        let id = sealed.id.to_string();
        let content = self.sealer.open(caller.tenant_id(), SUBJECTS, &id, &sealed.sealed).map_err(
            |error| match error {
                // Whose key was erased is nobody any more.
                SealError::Erased => Error::NotFound,
                other => Error::Internal(other.to_string()),
            },
        )?;
        let identity =
            serde_json::from_slice(&content).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(SubjectInClear {
            identity,
            confirmed: sealed.confirmed,
            protected: sealed.protected.clone(),
        })
    }
}
