//! What a contact's word leaves behind, in the transaction of the change: what every change of a forwarding
//! leaves, and the entry of who it was and by which link.

use domain::forwarding::{Changed, Forwarding};
use store::{PortalEntry, Tx};

use crate::context::App;
use crate::forwardings::{Acting, ForwardingRecord};

/// Everything one change writes, ready before the transaction begins.
pub(super) struct Record {
    forwarding: ForwardingRecord,
    entry: PortalEntry,
}

impl Record {
    pub(super) fn new(
        app: &App,
        acting: &Acting,
        (before, changed): (Forwarding, Changed),
        entry: PortalEntry,
    ) -> Self {
        Self { forwarding: ForwardingRecord::new(app, acting, Some(before), changed), entry }
    }

    pub(super) fn write(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        self.forwarding.write(tx)?;
        tx.add_rows(|rows| rows.portal_entry(&self.entry))
    }
}
