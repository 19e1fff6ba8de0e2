//! Reading a case: what it says, its history, and who it is about. Each leaves an access entry
//! before the answer leaves.

use domain::case::Case;
use domain::ids::{CaseId, EntryId};
use domain::personnummer::SubjectIdentity;
use domain::policy::{Access, Act, Target, allow};
use store::{AccessEntry, HistoryEntry, SealedSubject};

use crate::context::{App, Caller};
use crate::error::Error;

/// The table whose name goes into the envelopes of identities.
pub(super) const SUBJECTS: &str = "subjects";

/// A case that the caller may do something to.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The case.
    pub case: Case,
    /// Why the caller may.
    pub access: Access,
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
pub(super) fn access_entry(
    app: &App,
    caller: &Caller,
    act: &str,
    access: Access,
    case: &Case,
) -> AccessEntry {
    AccessEntry {
        id: EntryId(app.new_id()),
        at: caller.now,
        by: caller.staff.id,
        act: act.to_owned(),
        role: match access {
            Access::Role(role) => Some(role.code().to_owned()),
            Access::Own | Access::Forbidden | Access::Hidden => None,
        },
        request: caller.request,
        exposed: vec![(case.id, case.subject)],
    }
}

impl App {
    /// Finds a case and lets the caller at it. Reads only; shows nothing yet.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it does not exist or must not be known; [`Error::Forbidden`].
    pub async fn open(&self, caller: &Caller, id: CaseId, act: Act) -> Result<Opened, Error> {
        let case = self.store.read(caller.tenant_id(), move |tx| tx.case(id)).await?;
        let access = allow(&caller.actor, act, &Target::from(&case));
        match access {
            Access::Role(_) | Access::Own => Ok(Opened { case, access }),
            Access::Forbidden => Err(Error::Forbidden),
            Access::Hidden => Err(Error::NotFound),
        }
    }

    async fn keep_access(&self, caller: &Caller, act: &str, opened: &Opened) -> Result<(), Error> {
        let entry = access_entry(self, caller, act, opened.access, &opened.case);
        Ok(self.store.write(caller.tenant_id(), move |tx| tx.insert_access(&entry)).await?)
    }

    /// Reads a case.
    ///
    /// # Errors
    /// Those of [`App::open`]; and no answer without its access entry.
    pub async fn read_case(&self, caller: &Caller, id: CaseId) -> Result<Opened, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        self.keep_access(caller, "case.read", &opened).await?;
        Ok(opened)
    }

    /// Reads who did what to a case, oldest first. Whoever only filed it sees the steps, not what
    /// the assessors wrote.
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
        }
        self.keep_access(caller, "case.history", &opened).await?;
        Ok(history)
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
        let opened = self.open(caller, id, Act::ReadSubject).await?;
        let subject = opened.case.subject.ok_or(Error::NotFound)?;
        let tenant = caller.tenant_id();
        let sealed = self.store.read(tenant, move |tx| tx.subject(subject)).await?;
        let clear = self.unseal(caller, &sealed)?;
        self.keep_access(caller, "subject.read", &opened).await?;
        Ok((opened, clear))
    }

    fn unseal(&self, caller: &Caller, sealed: &SealedSubject) -> Result<SubjectInClear, Error> {
        let id = sealed.id.to_string();
        let content = self
            .sealer
            .open(caller.tenant_id(), SUBJECTS, &id, &sealed.sealed)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let identity =
            serde_json::from_slice(&content).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(SubjectInClear {
            identity,
            confirmed: sealed.confirmed,
            protected: sealed.protected.clone(),
        })
    }
}
