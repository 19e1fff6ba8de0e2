//! Reading the files of a case: which there are, and one of them. Each leaves an access entry before
//! the answer leaves.

use std::sync::Arc;

use bytes::Bytes;
use domain::case::Attachment;
use domain::ids::{AttachmentId, CaseId};
use domain::policy::Act;
use store::KeptAttachment;

use super::super::read::Opened;
use super::sees;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::keeping::Room;

/// A file on its way out.
#[derive(Debug)]
pub struct ContentInClear {
    /// What is known of it.
    pub attachment: Attachment,
    /// Its bytes.
    pub bytes: Bytes,
    /// The memory they take up.
    pub room: Room,
}

impl App {
    /// Which files a case has, oldest first.
    ///
    /// # Errors
    /// As [`App::read_case`].
    pub async fn read_attachments(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<Vec<Attachment>, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        let kept = self.store.read(caller.tenant_id(), move |tx| tx.attachments_of(id)).await?;
        self.keep_access(caller, "case.attachments", &opened).await?;
        let files = kept.into_iter().map(|kept| kept.attachment);
        Ok(files.filter(|file| sees(caller, opened.access, file)).collect())
    }

    /// One file of a case.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for one that was withdrawn, or is not the caller's to see;
    /// [`Error::Unavailable`] when too many are read at once.
    pub async fn read_attachment(
        self: &Arc<Self>,
        caller: &Caller,
        case: CaseId,
        id: AttachmentId,
    ) -> Result<ContentInClear, Error> {
        let opened = self.open(caller, case, Act::Read).await?;
        let kept = self.attachment(caller, &opened, id).await?;
        let mut room = self.keeping.room();
        room.grow(usize::try_from(kept.attachment.size).unwrap_or(usize::MAX))?;
        let bytes = self.open_content(caller.tenant_id(), &kept.content).await?;
        self.keep_access(caller, "attachment.read", &opened).await?;
        Ok(ContentInClear { attachment: kept.attachment, bytes, room })
    }

    /// An attachment of a case that was opened, if the caller may see it.
    pub(super) async fn attachment(
        &self,
        caller: &Caller,
        opened: &Opened,
        id: AttachmentId,
    ) -> Result<KeptAttachment, Error> {
        let case = opened.case.id;
        let kept = self.store.read(caller.tenant_id(), move |tx| tx.attachment(case, id)).await?;
        if sees(caller, opened.access, &kept.attachment) { Ok(kept) } else { Err(Error::NotFound) }
    }
}
