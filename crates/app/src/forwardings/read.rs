//! Finding a forwarding and letting the caller at it. What one may not see does not exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::case::Case;
use domain::forwarding::{Command, Counterparty, Forwarding};
use domain::ids::{CaseId, EntryId, ForwardingId, TenantId};
use domain::personnummer::SubjectIdentity;
use domain::policy::{Access, Act, OpenLex, Target, allow_forwarding, forwarding_act, handles_lex};
use serde_json::json;
use store::{AccessEntry, Additions, AuditEntry, ForwardingEntry, Sealed, Tx};

use super::SUBJECTS;
use crate::cases::access_entry;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::sealing::SealError;

/// A forwarding that the caller sees.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedForwarding {
    /// The forwarding.
    pub forwarding: Forwarding,
    /// The case it rests on, or became.
    pub case: Option<Arc<Case>>,
    /// The other end.
    pub counterparty: Arc<Counterparty>,
    /// Why the caller sees it.
    pub access: Access,
    /// What may be done to it next by the caller, before any guard.
    pub commands: Vec<Command>,
    /// What stands open beside the case.
    pub(super) open: Vec<OpenLex>,
}

impl OpenedForwarding {
    /// What the caller sees of a forwarding; `None` is nothing.
    pub(super) fn of(
        caller: &Caller,
        forwarding: Forwarding,
        case: Option<Arc<Case>>,
        counterparty: Arc<Counterparty>,
        open: Vec<OpenLex>,
    ) -> Option<Self> {
        let target = case.as_deref().map(Target::from);
        let may = |act| allow_forwarding(&caller.actor, act, &forwarding, target.as_ref(), &open);
        let access = may(Act::ReadForwarding);
        if !access.allowed() {
            return None;
        }
        let allowed =
            |command: &Command| may(forwarding_act(forwarding.direction, *command)).allowed();
        let commands = forwarding.commands().filter(allowed).collect();
        Some(Self { forwarding, case, counterparty, access, commands, open })
    }

    /// Whether the caller may carry out a command of this kind at all.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn permit(&self, caller: &Caller, command: Command) -> Result<(), Error> {
        let target = self.case.as_deref().map(Target::from);
        let act = forwarding_act(self.forwarding.direction, command);
        let forwarding = &self.forwarding;
        let access = allow_forwarding(&caller.actor, act, forwarding, target.as_ref(), &self.open);
        if access.allowed() { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// The same with the forwarding as it stands after a command.
    pub(super) fn after(&self, caller: &Caller, forwarding: Forwarding) -> Self {
        let (case, end, open) =
            (self.case.clone(), Arc::clone(&self.counterparty), self.open.clone());
        let seen = Self::of(caller, forwarding.clone(), case, end, open);
        // Whoever gave it away still sees what they did.
        seen.unwrap_or_else(|| Self { forwarding, commands: Vec::new(), ..self.clone() })
    }

    /// The number of the case.
    pub fn case_number(&self) -> Option<String> {
        self.case.as_ref().map(|case| case.number.to_string())
    }
}

impl App {
    /// Finds a forwarding and lets the caller at it. Reads only; shows nothing yet.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it does not exist or must not be known.
    pub async fn open_forwarding(
        &self,
        caller: &Caller,
        id: ForwardingId,
    ) -> Result<OpenedForwarding, Error> {
        let lex = handles_lex(&caller.actor);
        let load = move |tx: &mut Tx<'_>| {
            let forwarding = tx.forwarding(id)?;
            let counterparty = tx.counterparty(forwarding.counterparty)?;
            let case = forwarding.case.map(|case| tx.case(case)).transpose()?;
            let open = match forwarding.case.filter(|_| lex) {
                Some(case) => tx.open_lex(&BTreeSet::from([case]))?.remove(&case),
                None => None,
            };
            Ok::<_, store::Error>((forwarding, counterparty, case, open.unwrap_or_default()))
        };
        let (forwarding, counterparty, case, open) =
            self.store.read(caller.tenant_id(), load).await?;
        let (case, counterparty) = (case.map(Arc::new), Arc::new(counterparty));
        let opened = OpenedForwarding::of(caller, forwarding, case.clone(), counterparty, open);
        match (&opened, case) {
            (Some(_), Some(case)) => caller.trail.opened(&case, None),
            (None, Some(case)) => caller.trail.refused(&case),
            (_, None) => {}
        }
        opened.ok_or(Error::NotFound)
    }

    /// Reads a forwarding.
    ///
    /// # Errors
    /// Those of [`App::open_forwarding`]; and no answer without its access entry.
    pub async fn read_forwarding(
        &self,
        caller: &Caller,
        id: ForwardingId,
    ) -> Result<OpenedForwarding, Error> {
        let opened = self.open_forwarding(caller, id).await?;
        self.keep_forwarding_access(caller, "forwarding.read", &opened).await?;
        Ok(opened)
    }

    /// Reads who the person is that a forwarding is about, where that goes, or came, along.
    ///
    /// # Errors
    /// As [`App::read_forwarding`]; [`Error::NotFound`] where it does not; [`Error::Forbidden`] for whoever
    /// was only asked to read.
    pub async fn read_forwarding_subject(
        &self,
        caller: &Caller,
        id: ForwardingId,
    ) -> Result<SubjectIdentity, Error> {
        let opened = self.open_forwarding(caller, id).await?;
        if !matches!(opened.access, Access::Role(_)) {
            return Err(Error::Forbidden);
        }
        let identity = self.identity_along(caller, id).await?.ok_or(Error::NotFound)?;
        self.keep_forwarding_access(caller, "forwarding.subject", &opened).await?;
        Ok(identity)
    }

    /// Who the person is, as it lies sealed beside a forwarding.
    pub(super) async fn identity_along(
        &self,
        caller: &Caller,
        id: ForwardingId,
    ) -> Result<Option<SubjectIdentity>, Error> {
        let tenant = caller.tenant_id();
        let sealed = self.store.read(tenant, move |tx| tx.forwarding_subject(id)).await?;
        let found = sealed.map(|sealed| self.identity_sealed(tenant, id, &sealed)).transpose()?;
        Ok(found.flatten())
    }

    /// Opens who the person is that a forwarding is about; whose key was erased is nobody any more.
    ///
    /// # Errors
    /// [`Error::Internal`] for what does not open, or is no identity; never with what it says.
    pub(crate) fn identity_sealed(
        &self,
        tenant: TenantId,
        id: ForwardingId,
        sealed: &Sealed,
    ) -> Result<Option<SubjectIdentity>, Error> {
        let corrupt = |what: &dyn std::fmt::Display| {
            Error::Internal(format!("the identity of forwarding {id}: {what}"))
        };
        let opened = match self.sealer.open(tenant, SUBJECTS, &id.to_string(), sealed) {
            Ok(opened) => opened,
            Err(SealError::Erased) => return Ok(None),
            Err(other) => return Err(corrupt(&other)),
        };
        // Not what is wrong with it: that would repeat it.
        serde_json::from_slice(&opened).map(Some).map_err(|_| corrupt(&"not an identity"))
    }

    /// Reads who did what to a forwarding, oldest first.
    ///
    /// # Errors
    /// As [`App::read_forwarding`].
    pub async fn forwarding_history(
        &self,
        caller: &Caller,
        id: ForwardingId,
    ) -> Result<Vec<ForwardingEntry>, Error> {
        let opened = self.open_forwarding(caller, id).await?;
        let load = move |tx: &mut Tx<'_>| tx.forwarding_history(id);
        let history = self.store.read(caller.tenant_id(), load).await?;
        self.keep_forwarding_access(caller, "forwarding.history", &opened).await?;
        Ok(history)
    }

    /// The forwardings that rest on a case, or became it, oldest first.
    ///
    /// # Errors
    /// Those of [`App::open`]; [`Error::Forbidden`] for whoever reads only their own filing; and no answer
    /// without its access entry.
    pub async fn forwardings_of(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<Vec<OpenedForwarding>, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        if opened.access == Access::Own {
            return Err(Error::Forbidden);
        }
        let load = move |tx: &mut Tx<'_>| {
            let found = tx.forwardings_of(id)?;
            let ends = if found.is_empty() { Vec::new() } else { tx.counterparties()? };
            let open = tx.open_lex(&BTreeSet::from([id]))?.remove(&id).unwrap_or_default();
            Ok::<_, store::Error>((found, ends, open))
        };
        let (found, ends, open) = self.store.read(caller.tenant_id(), load).await?;
        let case = Arc::new(opened.case.clone());
        let ends: Vec<Arc<Counterparty>> = ends.into_iter().map(Arc::new).collect();
        let seen = found.into_iter().filter_map(|forwarding| {
            let end = ends.iter().find(|end| end.id == forwarding.counterparty)?;
            let (case, end) = (Some(Arc::clone(&case)), Arc::clone(end));
            OpenedForwarding::of(caller, forwarding, case, end, open.clone())
        });
        let seen = seen.collect();
        self.keep_access(caller, "forwarding.list", &opened).await?;
        Ok(seen)
    }

    /// The entries of a request that shows a forwarding: of its case; of what became none yet, in the
    /// audit trail as well.
    pub(super) fn forwarding_access(
        &self,
        caller: &Caller,
        act: &str,
        opened: &OpenedForwarding,
    ) -> (AccessEntry, Option<AuditEntry>) {
        if let Some(case) = &opened.case {
            return (access_entry(self, caller, act, opened.access, case), None);
        }
        let entry = caller.entry(self, act, opened.access, Vec::new());
        let entry = AccessEntry { unit: opened.forwarding.unit, ..entry };
        let audit = AuditEntry {
            id: EntryId(self.new_id()),
            at: caller.now,
            by: Some(caller.staff.id),
            action: act.to_owned(),
            object_kind: "forwarding",
            object: opened.forwarding.id.0,
            details: json!({}),
            request: caller.request,
        };
        (entry, Some(audit))
    }

    /// Keeps that something of a forwarding was shown.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like: then nothing may be shown.
    pub async fn keep_forwarding_access(
        &self,
        caller: &Caller,
        act: &str,
        opened: &OpenedForwarding,
    ) -> Result<(), Error> {
        let (entry, audit) = self.forwarding_access(caller, act, opened);
        let mut rows = Additions::to(caller.tenant_id());
        rows.access(&entry);
        if let Some(audit) = &audit {
            rows.audit(audit);
        }
        Ok(self.store.add(rows).await?)
    }
}
