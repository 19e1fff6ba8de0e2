//! What a change leaves behind, in the transaction of the change.

use domain::case::link::LinkKind;
use domain::case::{Case, Changed, Status};
use domain::ids::{EntryId, MessageId};
use domain::statistics::Fact;
use serde_json::json;
use store::{AccessEntry, AuditEntry, KeptAnswer, Message, SealedSubject, Tx};

use crate::context::{App, Caller};

/// Everything one change writes, ready before the transaction begins: inside it there is neither
/// cryptography nor thought.
pub(crate) struct Record {
    /// The case as it was; `None` for a new one.
    before: Option<Case>,
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
    pub(crate) fn new(app: &App, caller: &Caller, before: Option<Case>, changed: Changed) -> Self {
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
        Self { before, changed, fact, audit, message, subject: None, kept: None, access: None, by }
    }

    /// Writes everything. The first statement is the one that another request with the same
    /// Idempotency-Key would collide with.
    pub(crate) fn write(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (case, event) = (&self.changed.case, &self.changed.event);
        if let Some(kept) = &self.kept {
            tx.forget_answers(kept.principal, kept.at - crate::idempotency::KEPT_FOR)?;
            tx.keep_answer(kept)?;
        }
        if let Some(subject) = &self.subject {
            tx.insert_subject(subject)?;
        }
        match &self.before {
            None => {
                tx.insert_case(case)?;
                tx.insert_fact(&self.fact)?;
            }
            Some(before) => {
                self.hold_others(tx, before)?;
                if case.investigation != before.investigation
                    && let Some(inquiry) = &case.investigation
                {
                    tx.save_investigation(inquiry, before.investigation.is_none())?;
                }
                tx.save_case(case, (before.status(), before.version))?;
                tx.update_fact(&self.fact)?;
                self.write_parts(tx, before)?;
            }
        }
        tx.insert_history(case.id, case.version, event, Some(self.by), self.audit.at)?;
        tx.insert_audit(&self.audit)?;
        if let Some(access) = &self.access {
            tx.insert_access(access)?;
        }
        if let Some(message) = &self.message {
            tx.insert_message(message)?;
        }
        Ok(())
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

    fn write_parts(&self, tx: &mut Tx<'_>, before: &Case) -> Result<(), store::Error> {
        let case = &self.changed.case;
        for given in case.feedback.iter().filter(|given| !before.feedback.contains(given)) {
            tx.insert_feedback(case.id, given)?;
        }
        for gone in before.links.iter().filter(|link| !case.links.contains(link)) {
            tx.delete_link(case.id, gone)?;
        }
        for link in case.links.iter().filter(|link| !before.links.contains(link)) {
            tx.insert_link(case.id, link)?;
            if link.kind == LinkKind::SameEvent {
                tx.join_events(case.id, link.to)?;
            }
        }
        Ok(())
    }
}
