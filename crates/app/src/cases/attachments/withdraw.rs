//! Taking a file of a case away.

use domain::ids::{AttachmentId, CaseId};
use domain::policy::{Act, Target, allow};

use super::super::execute::lost_a_race;
use super::super::read::Opened;
use super::super::record::Record;
use super::TRIES;
use crate::context::{App, Caller};
use crate::error::Error;

/// Whether the caller leads the case, or may take the lead.
fn leads(caller: &Caller, opened: &Opened) -> bool {
    opened.case.assessment.lead == Some(caller.staff.id)
        || allow(&caller.actor, Act::Lead, &Target::from(&opened.case)).allowed()
}

impl App {
    /// Takes a file away: its key goes at once and its content as soon as may be; the history keeps
    /// that it was there, and why it went. For whoever added it, and for those who lead. With
    /// `version` only if the case still has that one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is gone, or is not the caller's to see; [`Error::Forbidden`]
    /// for one that somebody else added; [`Error::State`] where the case has ended; [`Error::Stale`].
    pub async fn withdraw_attachment(
        &self,
        caller: &Caller,
        case: CaseId,
        id: AttachmentId,
        reason: String,
        version: Option<i64>,
    ) -> Result<(), Error> {
        let tenant = caller.tenant_id();
        for _ in 0..TRIES {
            let opened = self.open(caller, case, Act::Read).await?;
            let kept = self.withdrawable(caller, &opened, id).await?;
            let Opened { case: before, .. } = opened;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let (reason, content) = (reason.clone(), kept.content.clone());
            let changed =
                before.clone().withdraw_attachment(&kept.attachment, reason, caller.now)?;
            let mut record = Record::new(self, caller, changed);
            record.withdrawn = Some(kept);
            match self.store.write(tenant, move |tx| record.write(&before, tx)).await {
                Ok(()) => {
                    self.erase_or_leave(tenant, content.id, content.place).await;
                    return Ok(());
                }
                Err(error) if lost_a_race(&error) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("the case changes all the time".to_owned()))
    }

    /// An attachment that the caller may take away.
    ///
    /// # Errors
    /// As [`App::withdraw_attachment`].
    pub async fn withdrawable(
        &self,
        caller: &Caller,
        opened: &Opened,
        id: AttachmentId,
    ) -> Result<store::KeptAttachment, Error> {
        opened.permit(caller, Act::Attach)?;
        let kept = self.attachment(caller, opened, id).await?;
        let own = kept.attachment.added_by == Some(caller.staff.id);
        if own || leads(caller, opened) { Ok(kept) } else { Err(Error::Forbidden) }
    }
}
