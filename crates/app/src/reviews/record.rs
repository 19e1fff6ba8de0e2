//! What a change of a review leaves behind, in the transaction of the change.

use domain::ids::{EntryId, StaffId};
use domain::review::{Changed, Page, Review};
use jiff::Timestamp;
use serde_json::json;
use store::{Additions, AuditEntry, KeptAnswer, Message, Tx};
use uuid::Uuid;

use super::notices::of_change;
use crate::context::App;

/// Everything one change writes, ready before the transaction begins.
pub(crate) struct ReviewRecord {
    before: Option<Review>,
    changed: Changed,
    audit: AuditEntry,
    messages: Vec<Message>,
    by: Option<StaffId>,
    /// The figures that a signature binds.
    pub figures: Option<Page>,
    /// The answer to keep.
    pub kept: Option<KeptAnswer>,
}

impl ReviewRecord {
    /// What a change writes; `before` is `None` for one just made, `by` for the service itself.
    pub(crate) fn new(
        app: &App,
        before: Option<Review>,
        changed: Changed,
        (by, at, request): (Option<StaffId>, Timestamp, Uuid),
    ) -> Self {
        let (review, event) = (&changed.review, &changed.event);
        let audit = AuditEntry {
            id: EntryId(app.new_id()),
            at,
            by,
            action: format!("review.{}", event.command.code()),
            object_kind: "review",
            object: review.id.0,
            details: json!({
                "half": review.half.to_string(),
                "units": review.subject.units,
                "from": event.from.map(|status| status.code()),
                "to": event.to.code(),
                "version": review.version,
            }),
            request,
        };
        let messages = of_change(app, &changed, by, at);
        Self { before, changed, audit, messages, by, figures: None, kept: None }
    }

    /// The review as it will stand.
    pub(crate) fn review(&self) -> &Review {
        &self.changed.review
    }

    fn add(&self, rows: &mut Additions) {
        let (review, event) = (&self.changed.review, &self.changed.event);
        if self.before.is_none() {
            rows.review(review);
        }
        if let Some(kept) = &self.kept {
            rows.answer(kept);
        }
        rows.review_history(review, event, self.by);
        if let (Some(page), Some(signature)) = (&self.figures, review.state.signature()) {
            rows.review_figures(review.id, signature.version, page);
        }
        rows.audit(&self.audit);
        self.messages.iter().for_each(|message| rows.message(message));
    }

    /// Writes a change. The rows it adds come first: with them another change of the same version, or the
    /// same request, collides.
    pub(crate) fn write(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        tx.add_rows(|rows| self.add(rows))?;
        match &self.before {
            Some(before) => tx.save_review(before, &self.changed.review),
            None => Ok(()),
        }
    }
}

/// Whether a write failed because somebody else was faster. Of two who sign, either row may be the one that
/// collides.
pub(super) fn lost_a_race(error: &store::Error) -> bool {
    matches!(error, store::Error::Stale)
        || matches!(
            error.conflict(),
            Some("review_history_review_id_version_key" | "review_figures_review_id_version_key")
        )
}
