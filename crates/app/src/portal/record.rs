//! What a contact's word leaves behind, in the transaction of the change.

use domain::forwarding::{Changed, Forwarding};
use store::{AuditEntry, PortalEntry, Tx};

use super::Visitor;
use crate::context::App;

/// Everything one change writes, ready before the transaction begins.
pub(super) struct Record {
    before: Forwarding,
    changed: Changed,
    audit: AuditEntry,
    entry: PortalEntry,
}

impl App {
    pub(super) fn record_of(
        &self,
        visitor: &Visitor,
        before: Forwarding,
        changed: Changed,
        entry: PortalEntry,
    ) -> Record {
        let action = format!("forwarding.{}", changed.event.command.code());
        let object = ("forwarding", changed.forwarding.id.0);
        let audit = self.contacts_audit(visitor, &action, object);
        Record { before, changed, audit, entry }
    }
}

impl Record {
    pub(super) fn write(self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { before, changed, audit, entry } = self;
        tx.save_forwarding(&before, &changed.forwarding)?;
        tx.add_rows(|rows| {
            rows.forwarding_history(&changed.forwarding, &changed.event, audit.at);
            rows.audit(&audit);
            rows.portal_entry(&entry);
        })
    }
}
