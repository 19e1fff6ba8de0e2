//! Files that the sender of an opinion adds. They go the way of all files: what one is its content decides,
//! what it says of its maker is taken out, and it is sealed.

use std::sync::Arc;

use bytes::Bytes;
use domain::calendar::swedish_date;
use domain::case::Attachment;
use domain::case::attachment::{AddedBy, Scan, clean_name};
use domain::ids::{AttachmentId, CaseId, ContentId};
use files::Taken;
use store::KeptAttachment;

use super::super::Door;
use crate::cases::{Record, lost_a_race, refused_file};
use crate::context::App;
use crate::error::Error;
use crate::keeping::{Room, Scanned};

/// How often a file is added anew to a case that others keep changing.
const TRIES: usize = 5;

/// A file as the public hands it in.
#[derive(Debug)]
pub struct HandedFile {
    /// Its name, as given.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The memory they take up.
    pub room: Room,
}

/// A file that was looked at and may be kept.
#[derive(Debug)]
pub struct LookedAt {
    name: String,
    taken: Taken,
    sha256: [u8; 32],
    scan: Scan,
    _room: Room,
}

impl App {
    /// Looks at a file before anything is done with it, so that whoever hands it in is told at once.
    ///
    /// # Errors
    /// [`Error::FileKind`]; [`Error::Faults`] for one that is not taken.
    pub async fn look_at_file(&self, handed: HandedFile) -> Result<LookedAt, Error> {
        let HandedFile { name, bytes, room } = handed;
        let (taken, sha256) = self.look_at(bytes).await?;
        match self.keeping.scan(taken.bytes.clone()).await {
            Scanned::So(scan) => Ok(LookedAt { name, taken, sha256, scan, _room: room }),
            Scanned::Infected => Err(refused_file("file_infected")),
        }
    }

    /// Adds a file to what its sender left. It goes on top of whatever others do to it meanwhile.
    ///
    /// # Errors
    /// [`Error::State`] where the case has ended; [`Error::Faults`] for one too many.
    pub async fn attach_from_sender(
        self: &Arc<Self>,
        door: &Door,
        case: CaseId,
        file: LookedAt,
    ) -> Result<Attachment, Error> {
        let (tenant, now) = (door.tenant.id, door.now);
        let LookedAt { name, taken, sha256, scan, _room } = file;
        let attachment = Attachment {
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
        let content = self.keep_content(tenant, content, sealed, now).await?;
        let kept = KeptAttachment { case, attachment, content };
        let (id, place) = (kept.content.id, kept.content.place);
        let added = self.add_from_sender(door, &kept).await;
        if added.is_err() {
            self.erase_or_leave(tenant, id, place).await;
        }
        added.map(|()| kept.attachment)
    }

    async fn add_from_sender(&self, door: &Door, kept: &KeptAttachment) -> Result<(), Error> {
        let (tenant, id) = (door.tenant.id, kept.case);
        for _ in 0..TRIES {
            let load = move |tx: &mut store::Tx<'_>| Ok((tx.case(id)?, tx.attached(id)?));
            let loaded: Result<_, store::Error> = self.store.read(tenant, load).await;
            let (before, attached) = loaded?;
            let changed =
                before.clone().attach(&kept.attachment, attached, AddedBy::Sender, door.now)?;
            let mut record = Record::by(self, door.doer(), changed);
            record.attached = Some(kept.clone());
            match self.store.write(tenant, move |tx| record.write(&before, tx)).await {
                Ok(()) => return Ok(()),
                Err(error) if lost_a_race(&error) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("the case changes all the time".to_owned()))
    }

    /// The names of the files that the sender of an opinion has added, oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn files_of_sender(&self, door: &Door, case: CaseId) -> Result<Vec<String>, Error> {
        let all = self.store.read(door.tenant.id, move |tx| tx.attachments_of(case)).await?;
        let own = all.into_iter().map(|kept| kept.attachment);
        Ok(own.filter(|file| file.added_by.is_none()).map(|file| file.name).collect())
    }
}
