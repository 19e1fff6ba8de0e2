//! What a change of an escalation leaves behind, in the transaction of the change.

use domain::escalation::{Changed, Delegation, Escalation};
use domain::ids::{EntryId, StaffId};
use serde_json::json;
use store::{AccessEntry, Additions, AuditEntry, KeptAnswer, Message, Sealed, Tx};

use super::notices::of_change;
use crate::context::{App, Caller};

/// Everything one change writes, ready before the transaction begins.
pub(crate) struct EscalationRecord {
    before: Option<Escalation>,
    changed: Changed,
    audit: AuditEntry,
    messages: Vec<Message>,
    by: StaffId,
    /// Who a riskperson is, sealed.
    pub person: Option<Sealed>,
    /// The reading that the answer is.
    pub access: Vec<AccessEntry>,
    /// The answer to keep.
    pub kept: Option<KeptAnswer>,
}

impl EscalationRecord {
    /// What a change writes. `number` is the case's.
    pub(crate) fn new(
        app: &App,
        caller: &Caller,
        before: Option<Escalation>,
        changed: Changed,
        number: Option<&str>,
        register: &[Delegation],
    ) -> Self {
        let (escalation, event) = (&changed.escalation, &changed.event);
        let audit = AuditEntry {
            id: EntryId(app.new_id()),
            at: caller.now,
            by: Some(caller.staff.id),
            action: format!("escalation.{}", event.command.code()),
            object_kind: "escalation",
            object: escalation.id.0,
            details: json!({
                "kind": escalation.kind.code(),
                "from": event.from.map(|status| status.code()),
                "to": event.to.code(),
                "version": escalation.version,
            }),
            request: caller.request,
        };
        let messages = of_change(app, caller, before.as_ref(), &changed, number, register);
        let by = caller.staff.id;
        Self { before, changed, audit, messages, by, person: None, access: Vec::new(), kept: None }
    }

    /// The escalation as it will stand.
    pub(crate) fn escalation(&self) -> &Escalation {
        &self.changed.escalation
    }

    /// Adds everything that a new escalation is, or what a change adds.
    pub(crate) fn add(&self, rows: &mut Additions) {
        let (escalation, event) = (&self.changed.escalation, &self.changed.event);
        if self.before.is_none() {
            rows.escalation(escalation);
        }
        if let Some(person) = &self.person {
            rows.escalation_person(escalation.id, person);
        }
        if let Some(kept) = &self.kept {
            rows.answer(kept);
        }
        let (by, at) = (Some(self.by), self.audit.at);
        rows.escalation_history(escalation.id, escalation.version, event, by, at);
        rows.audit(&self.audit);
        self.access.iter().for_each(|entry| rows.access(entry));
        self.messages.iter().for_each(|message| rows.message(message));
    }

    /// Writes a change. The rows it adds come first: with them another change of the same version, or the
    /// same request, collides.
    pub(crate) fn write(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        tx.add_rows(|rows| self.add(rows))?;
        match &self.before {
            Some(before) => tx.save_escalation(before, &self.changed.escalation),
            None => Ok(()),
        }
    }
}

/// Whether a write failed because somebody else was faster.
pub(super) fn lost_a_race(error: &store::Error) -> bool {
    matches!(error, store::Error::Stale)
        || matches!(
            error.conflict(),
            Some(
                "escalation_history_escalation_id_version_key"
                    | "idempotency_keys_principal_key_key"
            )
        )
}

/// The constraint by which a case has one open escalation of a kind.
pub(crate) const ONE_OPEN: &str = "escalations_case_id_kind_key";
