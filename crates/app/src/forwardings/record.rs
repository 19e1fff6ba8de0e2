//! What a change of a forwarding leaves behind, in the transaction of the change.

use domain::forwarding::{Changed, Forwarding};
use domain::ids::{EntryId, MessageId};
use serde_json::json;
use store::{AccessEntry, Additions, AuditEntry, KeptAnswer, Message, Sealed, Tx};

use super::acting::Acting;
use super::notices::of_change;
use crate::context::App;
use crate::error::Error;

/// What becomes of who the person is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Identity {
    /// It stays as it is.
    #[default]
    Keep,
    /// It goes along from now on.
    Put(Sealed),
    /// It goes along no more.
    Drop,
}

/// Everything one change writes, ready before the transaction begins.
pub struct ForwardingRecord {
    before: Option<Forwarding>,
    changed: Changed,
    audit: AuditEntry,
    messages: Vec<Message>,
    /// Who the person is.
    pub identity: Identity,
    /// The reading that the answer is.
    pub access: Vec<AccessEntry>,
    /// More of the trail that the reading leaves.
    pub trail: Vec<AuditEntry>,
    /// The answer to keep.
    pub kept: Option<KeptAnswer>,
}

impl ForwardingRecord {
    /// What a change writes; `before` is `None` for one just begun.
    pub fn new(app: &App, acting: &Acting, before: Option<Forwarding>, changed: Changed) -> Self {
        let (forwarding, event) = (&changed.forwarding, &changed.event);
        let action = format!("forwarding.{}", event.command.code());
        let audit = AuditEntry {
            id: EntryId(app.new_id()),
            at: acting.now,
            by: acting.staff(),
            action: action.clone(),
            object_kind: "forwarding",
            object: forwarding.id.0,
            details: json!({
                "direction": forwarding.direction.code(),
                "from": event.from.map(|status| status.code()),
                "to": event.to.code(),
                "version": forwarding.version,
            }),
            request: acting.request,
        };
        // Numbers and ids: whoever reads it finds the rest where they may.
        let mut messages = vec![Message {
            id: MessageId(app.new_id()),
            at: acting.now,
            topic: action,
            case: forwarding.case,
            payload: json!({
                "number": forwarding.number,
                "forwarding": forwarding.id,
                "counterparty": forwarding.counterparty,
            }),
        }];
        messages.extend(of_change(app, acting, &changed));
        Self {
            before,
            changed,
            audit,
            messages,
            identity: Identity::Keep,
            access: Vec::new(),
            trail: Vec::new(),
            kept: None,
        }
    }

    /// The forwarding as it will stand.
    pub fn forwarding(&self) -> &Forwarding {
        &self.changed.forwarding
    }

    fn add(&self, rows: &mut Additions) {
        let (forwarding, event) = (&self.changed.forwarding, &self.changed.event);
        if self.before.is_none() {
            rows.forwarding(forwarding);
        }
        if let Some(kept) = &self.kept {
            rows.answer(kept);
        }
        rows.forwarding_history(forwarding, event, self.audit.at);
        if let Identity::Put(sealed) = &self.identity {
            rows.forwarding_subject(forwarding.id, sealed);
        }
        rows.audit(&self.audit);
        self.trail.iter().for_each(|entry| rows.audit(entry));
        self.access.iter().for_each(|entry| rows.access(entry));
        self.messages.iter().for_each(|message| rows.message(message));
    }

    /// Writes a change. The rows it adds come first: with them another change of the same version, or the
    /// same request, collides.
    ///
    /// # Errors
    /// [`store::Error::Stale`] when somebody else was faster, and what [`lost_a_race`] knows.
    pub fn write(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        match &self.identity {
            Identity::Put(_) | Identity::Drop if self.before.is_some() => {
                tx.delete_forwarding_subject(self.changed.forwarding.id)?;
            }
            Identity::Put(_) | Identity::Drop | Identity::Keep => {}
        }
        tx.add_rows(|rows| self.add(rows))?;
        match &self.before {
            Some(before) => tx.save_forwarding(before, &self.changed.forwarding),
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
                "forwarding_history_forwarding_id_version_key"
                    | "idempotency_keys_principal_key_key"
            )
        )
}

impl App {
    /// Writes a change that nobody waits to have rendered: of a counterparty's own hand, or of a job.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub async fn keep_forwarding(
        &self,
        acting: &Acting,
        record: ForwardingRecord,
    ) -> Result<(), Error> {
        let work = move |tx: &mut Tx<'_>| record.write(tx);
        match self.store.write(acting.tenant, work).await {
            Ok(()) => Ok(()),
            Err(error) if lost_a_race(&error) => Err(Error::Stale),
            Err(other) => Err(other.into()),
        }
    }
}
