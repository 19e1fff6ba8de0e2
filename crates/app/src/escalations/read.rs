//! Finding an escalation and letting the caller at it. What one may not see does not exist.

use std::sync::Arc;

use domain::case::Case;
use domain::escalation::{Command, Delegation, Escalation, Kind};
use domain::ids::{CaseId, EntryId, EscalationId};
use domain::policy::{Access, Act, Sight, may_command, sight};
use serde_json::json;
use store::{AccessEntry, Additions, AuditEntry, HistoryEntry, Tx};

use crate::cases::access_entry;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::sealing::SealError;
use crate::setup::today;

/// The table whose name goes into the envelopes of riskpersons.
pub(crate) const PERSONS: &str = "escalation_persons";

/// An escalation that the caller sees, as far as they do.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedEscalation {
    /// The escalation.
    pub escalation: Escalation,
    /// The case it stands beside.
    pub case: Option<Arc<Case>>,
    /// How much of it the caller sees.
    pub sight: Sight,
    /// Why the caller sees it.
    pub access: Access,
    /// What the register gives the caller, at any time.
    pub delegations: Vec<Delegation>,
    /// What may be done to it next by the caller, before any guard.
    pub commands: Vec<Command>,
    /// Who a riskperson is, in the clear.
    pub person: Option<String>,
}

impl OpenedEscalation {
    /// What the caller sees of an escalation; `None` is nothing.
    pub(super) fn of(
        caller: &Caller,
        escalation: Escalation,
        case: Option<Arc<Case>>,
        delegations: Vec<Delegation>,
    ) -> Option<Self> {
        let (actor, beside, today) = (&caller.actor, case.as_deref(), today(caller));
        let (sight, access) = sight(actor, &escalation, beside, &delegations, today)?;
        let may = |command: &Command| {
            may_command(actor, *command, &escalation, beside, &delegations, today)
        };
        let commands = escalation.commands().filter(may).collect();
        let person = None;
        Some(Self { escalation, case, sight, access, delegations, commands, person })
    }

    /// Whether the caller may carry out a command of this kind at all.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn permit(&self, caller: &Caller, command: Command) -> Result<(), Error> {
        let (case, today) = (self.case.as_deref(), today(caller));
        let held = &self.delegations;
        match may_command(&caller.actor, command, &self.escalation, case, held, today) {
            true => Ok(()),
            false => Err(Error::Forbidden),
        }
    }
}

impl App {
    /// Finds an escalation and lets the caller at it. Reads only; shows nothing yet.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it does not exist or must not be known.
    pub async fn open_escalation(
        &self,
        caller: &Caller,
        id: EscalationId,
    ) -> Result<OpenedEscalation, Error> {
        let me = caller.staff.id;
        let load = move |tx: &mut Tx<'_>| {
            let escalation = tx.escalation(id)?;
            // A riskperson stands apart from any case.
            let beside = escalation.case.filter(|_| escalation.kind != Kind::Riskperson);
            let case = beside.map(|case| tx.case(case)).transpose()?;
            Ok::<_, store::Error>((escalation, case, tx.delegations_of(me)?))
        };
        let (escalation, case, held) = self.store.read(caller.tenant_id(), load).await?;
        let case = case.map(Arc::new);
        let opened = OpenedEscalation::of(caller, escalation, case.clone(), held);
        match (&opened, case) {
            (Some(_), Some(case)) => caller.trail.opened(&case, None),
            (None, Some(case)) => caller.trail.refused(&case),
            (_, None) => {}
        }
        opened.ok_or(Error::NotFound)
    }

    /// Reads an escalation, as far as the caller sees it.
    ///
    /// # Errors
    /// Those of [`App::open_escalation`]; and no answer without its access entry.
    pub async fn read_escalation(
        &self,
        caller: &Caller,
        id: EscalationId,
    ) -> Result<OpenedEscalation, Error> {
        let mut opened = self.open_escalation(caller, id).await?;
        self.show_person(caller, &mut opened).await?;
        self.keep_escalation_access(caller, "escalation.read", &opened).await?;
        Ok(opened)
    }

    /// Opens the envelope of a riskperson's name; whose key was erased is nobody any more.
    pub(super) async fn show_person(
        &self,
        caller: &Caller,
        opened: &mut OpenedEscalation,
    ) -> Result<(), Error> {
        let id = opened.escalation.id;
        if opened.escalation.kind != Kind::Riskperson {
            return Ok(());
        }
        let tenant = caller.tenant_id();
        let sealed = match self.store.read(tenant, move |tx| tx.escalation_person(id)).await {
            Ok(sealed) => sealed,
            Err(store::Error::NotFound) => return Ok(()),
            Err(other) => return Err(other.into()),
        };
        let failed = |why: String| Error::Internal(why);
        let content = match self.sealer.open(tenant, PERSONS, &id.to_string(), &sealed) {
            Ok(content) => content,
            Err(SealError::Erased) => return Ok(()),
            Err(other) => return Err(failed(other.to_string())),
        };
        let text = std::str::from_utf8(&content).map_err(|error| failed(error.to_string()))?;
        opened.person = Some(text.to_owned());
        Ok(())
    }

    /// The entry of a request that shows an escalation: of the case it stands beside; of a riskperson,
    /// who stands beside none, in the audit trail as well.
    pub(super) fn escalation_access(
        &self,
        caller: &Caller,
        act: &str,
        access: Access,
        escalation: &Escalation,
        case: Option<&Case>,
    ) -> (AccessEntry, Option<AuditEntry>) {
        if let Some(case) = case {
            return (access_entry(self, caller, act, access, case), None);
        }
        let entry = caller.entry(self, act, Access::Asked, Vec::new());
        let entry = AccessEntry { unit: Some(escalation.unit), ..entry };
        let audit = AuditEntry {
            id: EntryId(self.new_id()),
            at: caller.now,
            by: Some(caller.staff.id),
            action: act.to_owned(),
            object_kind: "escalation",
            object: escalation.id.0,
            details: json!({}),
            request: caller.request,
        };
        (entry, Some(audit))
    }

    /// Keeps that something of an escalation was shown, and as what.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like: then nothing may be shown.
    pub async fn keep_escalation_access(
        &self,
        caller: &Caller,
        act: &str,
        opened: &OpenedEscalation,
    ) -> Result<(), Error> {
        let case = opened.case.as_deref();
        let (entry, audit) =
            self.escalation_access(caller, act, opened.access, &opened.escalation, case);
        let mut rows = Additions::to(caller.tenant_id());
        rows.access(&entry);
        if let Some(audit) = &audit {
            rows.audit(audit);
        }
        Ok(self.store.add(rows).await?)
    }

    /// Reads who did what to an escalation, oldest first. Whoever sees only where it stands sees the
    /// steps, not what was said.
    ///
    /// # Errors
    /// As [`App::read_escalation`].
    pub async fn escalation_history(
        &self,
        caller: &Caller,
        id: EscalationId,
    ) -> Result<Vec<HistoryEntry>, Error> {
        let opened = self.open_escalation(caller, id).await?;
        let load = move |tx: &mut Tx<'_>| tx.escalation_history(id);
        let mut history = self.store.read(caller.tenant_id(), load).await?;
        match opened.sight {
            Sight::Whole => {}
            Sight::Facts | Sight::State => {
                for entry in &mut history {
                    entry.changes.clear();
                    entry.reason = None;
                }
            }
        }
        self.keep_escalation_access(caller, "escalation.history", &opened).await?;
        Ok(history)
    }

    /// The escalations beside a case, as far as the caller sees them. A riskperson is never there.
    ///
    /// # Errors
    /// Those of [`App::open`]; and no answer without its access entry.
    pub async fn escalations_of(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<Vec<OpenedEscalation>, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        let me = caller.staff.id;
        let load = move |tx: &mut Tx<'_>| {
            Ok::<_, store::Error>((tx.escalations_of(id)?, tx.delegations_of(me)?))
        };
        let (found, held) = self.store.read(caller.tenant_id(), load).await?;
        let case = Arc::new(opened.case.clone());
        let seen = found.into_iter().filter_map(|escalation| {
            OpenedEscalation::of(caller, escalation, Some(Arc::clone(&case)), held.clone())
        });
        let seen: Vec<OpenedEscalation> = seen.collect();
        self.keep_access(caller, "escalation.list", &opened).await?;
        Ok(seen)
    }
}
