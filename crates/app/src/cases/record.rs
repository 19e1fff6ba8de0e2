//! What a change leaves behind, in the transaction of the change.

use domain::case::link::LinkKind;
use domain::case::{Case, Changed, Status};
use domain::ids::{EntryId, MessageId, TenantId};
use domain::statistics::Fact;
use serde_json::json;
use store::{AccessEntry, Additions, AuditEntry, KeptAnswer, Message, SealedSubject, Tx};

use crate::context::{App, Caller};

/// Everything one change writes, ready before the transaction begins: inside it there is neither
/// cryptography nor thought.
pub(crate) struct Record {
    changed: Changed,
    fact: Fact,
    audit: AuditEntry,
    message: Option<Message>,
    /// A new sealed identity.
    pub subject: Option<SealedSubject>,
    /// The answer to keep.
    pub kept: Option<KeptAnswer>,
    /// The reading that the answer itself is.
    pub access: Option<AccessEntry>,
    by: domain::ids::StaffId,
}

impl Record {
    pub(crate) fn new(app: &App, caller: &Caller, changed: Changed) -> Self {
        let (case, event) = (&changed.case, &changed.event);
        let action = format!("case.{}", event.command.code());
        let audit = AuditEntry {
            id: EntryId(app.new_id()),
            at: caller.now,
            by: Some(caller.staff.id),
            action: action.clone(),
            object_kind: "case",
            object: case.id.0,
            details: json!({
                "from": event.from.map(|status| status.code()),
                "to": event.to.code(),
                "version": case.version,
            }),
            request: caller.request,
        };
        // A draft is its author's alone: nobody is told of it.
        let message = (!case.private()).then(|| Message {
            id: MessageId(app.new_id()),
            at: caller.now,
            topic: action,
            case: Some(case.id),
            payload: json!({ "number": case.number }),
        });
        let fact = Fact::of(case, &caller.set_up.codes);
        let by = caller.staff.id;
        Self { changed, fact, audit, message, subject: None, kept: None, access: None, by }
    }

    /// Everything a new case leaves, which is rows to add and nothing else.
    pub(crate) fn of_new(&self, tenant: TenantId) -> Additions {
        let mut rows = Additions::to(tenant);
        if let Some(subject) = &self.subject {
            rows.subject(subject);
        }
        rows.case(&self.changed.case);
        rows.fact(&self.fact);
        self.trace(&mut rows);
        rows
    }

    /// Writes everything a change leaves. The rows it adds come early: with them another request with
    /// the same Idempotency-Key, or another change of the same version, collides.
    pub(crate) fn write(&self, before: &Case, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let case = &self.changed.case;
        let mut rows = Additions::to(tx.tenant());
        if let Some(subject) = &self.subject {
            rows.subject(subject);
        }
        for given in case.feedback.iter().filter(|given| !before.feedback.contains(given)) {
            rows.feedback(case.id, given);
        }
        for link in case.links.iter().filter(|link| !before.links.contains(link)) {
            rows.link(case.id, link);
        }
        self.trace(&mut rows);
        let inquiry =
            case.investigation.as_ref().filter(|_| case.investigation != before.investigation);
        if let Some(inquiry) = inquiry.filter(|_| before.investigation.is_none()) {
            rows.investigation(inquiry);
        }
        self.hold_others(tx, before)?;
        tx.add(rows)?;
        if let Some(inquiry) = inquiry.filter(|_| before.investigation.is_some()) {
            tx.save_investigation(inquiry)?;
        }
        tx.save_case(case, (before.status(), before.version))?;
        tx.update_fact(&self.fact)?;
        for gone in before.links.iter().filter(|link| !case.links.contains(link)) {
            tx.delete_link(case.id, gone)?;
        }
        for link in case.links.iter().filter(|link| !before.links.contains(link)) {
            if link.kind == LinkKind::SameEvent {
                tx.join_events(case.id, link.to)?;
            }
        }
        Ok(())
    }

    /// What every change leaves behind.
    fn trace(&self, rows: &mut Additions) {
        let (case, event) = (&self.changed.case, &self.changed.event);
        if let Some(kept) = &self.kept {
            rows.answer(kept);
        }
        rows.history(case.id, case.version, event, Some(self.by), self.audit.at);
        rows.audit(&self.audit);
        if let Some(access) = &self.access {
            rows.access(access);
        }
        if let Some(message) = &self.message {
            rows.message(message);
        }
    }

    /// What depends on another case is asked once more, where nobody can change it any more: a
    /// duplicate needs an original that is counted, and an original with duplicates stays one.
    fn hold_others(&self, tx: &mut Tx<'_>, before: &Case) -> Result<(), store::Error> {
        let case = &self.changed.case;
        let mut new = case.links.iter().filter(|link| !before.links.contains(link)).peekable();
        let voided = case.status() == Status::Void;
        if new.peek().is_some() || voided {
            tx.one_at_a_time()?;
        }
        for link in new.filter(|link| link.kind == LinkKind::DuplicateOf) {
            if !tx.is_counted(link.to)? || tx.has_duplicates(case.id)? {
                return Err(store::Error::Stale);
            }
        }
        if voided && tx.has_duplicates(case.id)? {
            return Err(store::Error::Stale);
        }
        Ok(())
    }
}
