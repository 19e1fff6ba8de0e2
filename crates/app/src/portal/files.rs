//! Files that come with an answer: taken in as all files are, kept beside the forwarding, and read by the
//! contact who sees it and by those of ours who may read it.

use std::sync::Arc;

use bytes::Bytes;
use domain::calendar::swedish_date;
use domain::case::Attachment;
use domain::case::attachment::{MOST_ATTACHMENTS, Scan, clean_name};
use domain::fault::{Fault, Reason};
use domain::forwarding::{Channel, Remark, Side};
use domain::ids::{AttachmentId, ContentId, ExchangeId, ForwardingId};
use store::{PortalFile, Tx};

use super::record::Record;
use super::{TRIES, Visitor};
use crate::cases::refused_file;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::keeping::{Room, Scanned};

/// A file as a contact hands it in.
#[derive(Debug)]
pub struct FileHanded {
    /// Its name, as given.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The memory they take up.
    pub room: Room,
}

/// A file on its way out.
#[derive(Debug)]
pub struct FileInClear {
    /// What is known of it.
    pub file: Attachment,
    /// Its bytes.
    pub bytes: Bytes,
    /// The memory they take up.
    pub room: Room,
}

impl App {
    /// Adds a file to what a contact says of a forwarding; the word that it came is among what was said.
    ///
    /// # Errors
    /// [`Error::FactorNeeded`]; [`Error::NotFound`]; [`Error::State`] where nothing is taken any more;
    /// [`Error::FileKind`] and [`Error::Faults`] for a file that is not taken, or one too many;
    /// [`Error::Unavailable`] while files cannot be scanned that should be.
    pub async fn attach_by_portal(
        self: &Arc<Self>,
        visitor: &Visitor,
        id: ForwardingId,
        handed: FileHanded,
    ) -> Result<Attachment, Error> {
        let (tenant, now, contact) = (visitor.tenant.id, visitor.now, visitor.contact.id);
        self.visible_alone(visitor, id).await?;
        let known = self.store.ask(tenant, move |tx| tx.portal_files(id)).await?;
        if known.len() >= MOST_ATTACHMENTS {
            let max = i64::try_from(MOST_ATTACHMENTS).unwrap_or(i64::MAX);
            return Err(Error::Faults(vec![Fault::at(
                "/file",
                Reason::OutOfRange { min: 0, max },
            )]));
        }
        let FileHanded { name, bytes, room } = handed;
        let (taken, sha256) = self.look_at(bytes).await?;
        let scan = match self.keeping.scan(taken.bytes.clone()).await {
            Scanned::So(Scan::Pending) => {
                return Err(Error::Unavailable("a file could not be scanned".to_owned()));
            }
            Scanned::So(scan) => scan,
            Scanned::Infected => return Err(refused_file("file_infected")),
        };
        let file = Attachment {
            id: AttachmentId(self.new_id()),
            name: clean_name(&name, taken.kind, swedish_date(now)),
            kind: taken.kind,
            size: u64::try_from(taken.bytes.len()).unwrap_or(u64::MAX),
            sha256,
            description: None,
            metadata: taken.metadata,
            scan,
            added_at: now,
            added_by: None,
        };
        let content = ContentId(self.new_id());
        let sealed = self.seal_content(tenant, content, taken).await?;
        let content = self.keep_content(tenant, content, sealed, now).await;
        drop(room);
        let kept = PortalFile { forwarding: id, contact, file, content: content? };
        let (content, place) = (kept.content.id, kept.content.place);
        let added = self.add_portal_file(visitor, &kept).await;
        if added.is_err() {
            self.erase_or_leave(tenant, content, place).await;
        }
        added.map(|()| kept.file)
    }

    async fn add_portal_file(&self, visitor: &Visitor, kept: &PortalFile) -> Result<(), Error> {
        let (tenant, id) = (visitor.tenant.id, kept.forwarding);
        let (contact, acting) = (visitor.contact.id, self.acting(visitor).await?);
        for _ in 0..TRIES {
            let seen = self.visible_alone(visitor, id).await?;
            let remark = Remark {
                id: ExchangeId(self.new_id()),
                from: Side::Them,
                channel: Channel::Portal,
                asks: false,
                text: format!("Fil: {}", kept.file.name),
                at: None,
                attachments: Vec::new(),
                contact: Some(contact),
            };
            let changed = seen.clone().converse(remark, acting.around())?;
            let mut entry = visitor.entry(self, "reply.attached", None);
            entry.exposed = vec![(id, false)];
            let record = Record::new(self, &acting, (seen, changed), entry);
            let kept = kept.clone();
            let write = move |tx: &mut Tx<'_>| {
                record.write(tx)?;
                tx.add_rows(|rows| rows.portal_file(&kept))?;
                tx.take_over(kept.content.id)
            };
            match self.store.write(tenant, write).await {
                Ok(()) => return Ok(()),
                Err(store::Error::Stale | store::Error::Conflict { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("the forwarding changes all the time".to_owned()))
    }

    /// The files that came with answers to a forwarding, for the contact who sees it.
    ///
    /// # Errors
    /// [`Error::FactorNeeded`]; [`Error::NotFound`].
    pub async fn files_by_portal(
        &self,
        visitor: &Visitor,
        id: ForwardingId,
    ) -> Result<Vec<Attachment>, Error> {
        self.visible_alone(visitor, id).await?;
        let kept = self.store.ask(visitor.tenant.id, move |tx| tx.portal_files(id)).await?;
        Ok(kept.into_iter().map(|kept| kept.file).collect())
    }

    /// One of them, for the contact. It leaves an entry before its first byte leaves.
    ///
    /// # Errors
    /// As [`App::files_by_portal`]; [`Error::Unavailable`] when too many are read at once.
    pub async fn file_by_portal(
        self: &Arc<Self>,
        visitor: &Visitor,
        id: ForwardingId,
        file: AttachmentId,
    ) -> Result<FileInClear, Error> {
        self.visible_alone(visitor, id).await?;
        let kept = self.store.ask(visitor.tenant.id, move |tx| tx.portal_files(id)).await?;
        let kept = kept.into_iter().find(|kept| kept.file.id == file).ok_or(Error::NotFound)?;
        let opened = self.open_portal_file(visitor.tenant.id, kept).await?;
        let mut entry = visitor.entry(self, "file.read", None);
        entry.exposed = vec![(id, false)];
        self.keep_portal_entry(visitor.tenant.id, &entry).await?;
        Ok(opened)
    }

    async fn open_portal_file(
        self: &Arc<Self>,
        tenant: domain::ids::TenantId,
        kept: PortalFile,
    ) -> Result<FileInClear, Error> {
        let mut room = self.keeping.room();
        room.grow(usize::try_from(kept.file.size).unwrap_or(usize::MAX))?;
        let bytes = self.open_content(tenant, &kept.content).await?;
        Ok(FileInClear { file: kept.file, bytes, room })
    }

    /// The files that came with answers to a forwarding, for whoever of ours may read it. It leaves an
    /// access entry.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a forwarding that is not the caller's to see.
    pub async fn forwarding_files(
        &self,
        caller: &Caller,
        id: ForwardingId,
    ) -> Result<Vec<Attachment>, Error> {
        let kept = self.readable_files(caller, id, "forwarding.files").await?;
        Ok(kept.into_iter().map(|kept| kept.file).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::forwarding_files`].
    pub async fn forwarding_file(
        self: &Arc<Self>,
        caller: &Caller,
        id: ForwardingId,
        file: AttachmentId,
    ) -> Result<FileInClear, Error> {
        let kept = self.readable_files(caller, id, "forwarding.file").await?;
        let kept = kept.into_iter().find(|kept| kept.file.id == file).ok_or(Error::NotFound)?;
        self.open_portal_file(caller.tenant_id(), kept).await
    }

    async fn readable_files(
        &self,
        caller: &Caller,
        id: ForwardingId,
        act: &str,
    ) -> Result<Vec<PortalFile>, Error> {
        let opened = self.open_forwarding(caller, id).await?;
        let files = self.store.ask(caller.tenant_id(), move |tx| tx.portal_files(id)).await?;
        self.keep_forwarding_access(caller, act, &opened).await?;
        Ok(files)
    }
}
