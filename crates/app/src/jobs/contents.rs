//! The contents of attachments: those that nobody holds are erased, those that were not scanned are
//! scanned.

use std::sync::Arc;

use domain::case::attachment::Scan;
use domain::ids::{EntryId, MessageId, TenantId};
use jiff::SignedDuration;
use serde_json::json;
use store::{Additions, AuditEntry, KeptAttachment, Message, Tx};
use uuid::Uuid;

use crate::chain::Commitment;
use crate::context::App;
use crate::error::Error;
use crate::keeping::Scanned;

/// How long a content may be on its way in. A file comes within minutes, or its request is given up.
pub const LOOSE_FOR: SignedDuration = SignedDuration::from_hours(1);
/// How many a tenant's turn is.
const TURN: i64 = 100;
/// Why the service takes an attachment away.
const INFECTED: &str = "Skadlig kod hittades vid en senare genomsökning.";

impl App {
    /// Erases the contents that no attachment holds: of uploads that broke off, and of attachments
    /// that were withdrawn while the place of their content was away. Of every tenant; running it
    /// twice at once, or on several instances, does no harm.
    ///
    /// # Errors
    /// Those of the store. A content whose place is away waits for the next time, and holds up no
    /// other.
    pub async fn sweep_contents(&self) -> Result<usize, Error> {
        let before = self.now() - LOOSE_FOR;
        let (mut erased, mut left) = (0, None);
        for tenant in self.store.tenants().await? {
            let tenant = tenant.id;
            let loose = self.store.ask(tenant, move |tx| tx.loose_contents(before, TURN)).await?;
            for (content, place) in loose {
                match self.erase_content(tenant, content, place).await {
                    Ok(()) => erased += 1,
                    Err(error) => left = Some(error),
                }
            }
        }
        if let Some(error) = left {
            tracing::warn!(%error, "some contents are not erased yet; trying again");
        }
        Ok(erased)
    }

    /// Has the attachments scanned that came while the scanner was away. Where it finds something,
    /// the content is erased, and the case's history tells.
    ///
    /// # Errors
    /// Those of the store; an attachment the scanner still says nothing of waits on.
    pub async fn scan_again(self: &Arc<Self>) -> Result<usize, Error> {
        let mut settled = 0;
        if !self.keeping.scans() {
            return Ok(0);
        }
        for tenant in self.store.tenants().await? {
            let tenant = tenant.id;
            for kept in self.store.ask(tenant, |tx| tx.unscanned(TURN)).await? {
                let mut room = self.keeping.room();
                room.grow(usize::try_from(kept.attachment.size).unwrap_or(usize::MAX))?;
                let bytes = self.open_content(tenant, &kept.content).await?;
                match self.keeping.scan(bytes).await {
                    // Away still: the others would fare no better.
                    Scanned::So(Scan::Pending | Scan::None) => return Ok(settled),
                    Scanned::So(scan) => {
                        self.store.write(tenant, move |tx| tx.settle_scan(&kept, scan)).await?;
                    }
                    Scanned::Infected => self.erase_infected(tenant, kept).await?,
                }
                settled += 1;
            }
        }
        Ok(settled)
    }

    async fn erase_infected(&self, tenant: TenantId, kept: KeptAttachment) -> Result<(), Error> {
        let (id, content, now) = (kept.case, kept.content.clone(), self.now());
        let before = self.store.read(tenant, move |tx| tx.case(id)).await?;
        let changed = before.clone().erase_attachment(&kept.attachment, INFECTED.to_owned(), now);
        let (case, event) = (changed.case, changed.event);
        let action = format!("case.{}", event.command.code());
        let mut rows = Additions::to(tenant);
        let made = (case.id, case.version);
        let committed = Commitment::to(made, &event, None, now);
        rows.history(made, &event, None, now, committed.as_ref().map(|it| it.salt));
        let audit = AuditEntry {
            id: EntryId(self.new_id()),
            at: now,
            by: None,
            action: action.clone(),
            object_kind: "case",
            object: case.id.0,
            details: json!({
                "attachment": kept.attachment.id,
                "scan": Scan::Infected.code(),
                "version": case.version,
            }),
            // Nobody asked.
            request: Uuid::nil(),
        };
        rows.audit_committed(&audit, Commitment::join([committed.as_ref()]).as_deref());
        if !case.private() {
            rows.message(&Message {
                id: MessageId(self.new_id()),
                at: now,
                topic: action,
                case: Some(case.id),
                payload: json!({ "number": case.number }),
            });
        }
        let write = move |tx: &mut Tx<'_>| {
            tx.add(rows)?;
            tx.withdraw_attachment(&kept, Scan::Infected, None, now)?;
            // The figures know nothing of attachments: the case's fact stays as it is.
            tx.save_case(&case, (before.status(), before.version))
        };
        self.store.write(tenant, write).await?;
        tracing::warn!("an attachment was infected and is erased");
        self.erase_or_leave(tenant, content.id, content.place).await;
        Ok(())
    }
}
