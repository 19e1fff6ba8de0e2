//! Adding a file to a case.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use domain::calendar::swedish_date;
use domain::case::attachment::{AddedBy, clean_name};
use domain::case::{Attachment, Case};
use domain::fault::{Fault, Reason};
use domain::ids::{AttachmentId, CaseId, ContentId, TenantId};
use domain::policy::{Access, Act, Target, registered_here};
use files::{Refused, Taken};
use store::{KeptAttachment, Sealed};

use super::super::execute::lost_a_race;
use super::super::read::{Opened, permitted};
use super::super::record::Record;
use super::TRIES;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::keeping::{CONTENTS, Room, Scanned};

/// A file as it was handed in.
#[derive(Debug)]
pub struct Handed {
    /// Its name, as given.
    pub name: String,
    /// The type it was said to be; empty where nothing was said.
    pub declared: String,
    /// What it shows.
    pub description: Option<String>,
    /// Its bytes.
    pub bytes: Bytes,
    /// The memory they take up.
    pub room: Room,
}

/// A file that is not taken, and why.
pub(crate) fn refused(code: &'static str) -> Error {
    Error::Faults(vec![Fault::at("/file", Reason::inconsistent(code))])
}

impl From<Refused> for Error {
    fn from(why: Refused) -> Self {
        match why {
            Refused::Kind => Error::FileKind,
            Refused::Damaged => refused("file_damaged"),
            Refused::Macros => refused("file_has_macros"),
            Refused::Encrypted => refused("file_encrypted"),
            Refused::Bomb => refused("file_unpacks_to_too_much"),
            Refused::Metadata => refused("file_metadata_not_removable"),
        }
    }
}

/// As what the caller adds a file to a case.
fn adds_as(caller: &Caller, case: &Case) -> Result<AddedBy, Error> {
    let target = Target::from(case);
    match permitted(caller, Act::Attach, case)? {
        Access::Own if registered_here(&caller.actor, &target) => {
            let still = case.just_registered(caller.now);
            // Afterwards it is nothing to whoever holds the phone.
            if still { Ok(AddedBy::SharedPhone) } else { Err(Error::NotFound) }
        }
        Access::Own => Ok(AddedBy::Reporter),
        Access::Role(_) | Access::Asked | Access::Forbidden | Access::Hidden => {
            Ok(AddedBy::Handler)
        }
    }
}

impl App {
    /// Opens a case to add a file to it: one that the caller may read, or that was registered on their
    /// shared phone a moment ago.
    ///
    /// # Errors
    /// As [`App::open`].
    pub async fn open_to_attach(&self, caller: &Caller, id: CaseId) -> Result<Opened, Error> {
        let case = self.store.read(caller.tenant_id(), move |tx| tx.case(id)).await?;
        let access = match permitted(caller, Act::Read, &case) {
            Err(Error::NotFound) => {
                adds_as(caller, &case).and_then(|_| permitted(caller, Act::Attach, &case))
            }
            read => read,
        };
        let access = access.inspect_err(|_| caller.trail.refused(&case))?;
        caller.trail.opened(&case, None);
        Ok(Opened { case, access })
    }

    /// Adds a file to a case that was opened. It is an addition: whatever others do to the case
    /// meanwhile, it goes on top of that, where the case still takes it. `render` makes the answer.
    ///
    /// # Errors
    /// [`Error::FileKind`]; [`Error::Faults`] for a file that is not taken, or one too many;
    /// [`Error::State`] where the case has ended; [`Error::Forbidden`].
    pub async fn attach(
        self: &Arc<Self>,
        caller: &Caller,
        opened: &Opened,
        handed: Handed,
        once: Option<Once>,
        render: impl Fn(CaseId, &Attachment, &[Fault]) -> Answer,
    ) -> Result<Answer, Error> {
        let by = adds_as(caller, &opened.case)?;
        let (case, tenant) = (opened.case.id, caller.tenant_id());
        // What will not fit is told before any work is done for it.
        opened.case.admits_attachment(by)?;

        let (taken, sha256) = self.look_at(handed.bytes.clone()).await?;
        let Handed { name, declared, description, bytes, room } = handed;
        // From here on only what is kept is in memory; there is as much room for it.
        drop(bytes);
        let scan = match self.keeping.scan(taken.bytes.clone()).await {
            Scanned::So(scan) => scan,
            Scanned::Infected => return Err(refused("file_infected")),
        };
        let mut warnings = Vec::new();
        if !taken.kind.is_declared_by(&declared) {
            warnings.push(Fault::at("/file", Reason::inconsistent("declared_type_differs")));
        }
        let file = Attachment {
            id: AttachmentId(self.new_id()),
            name: clean_name(&name, taken.kind, swedish_date(caller.now)),
            kind: taken.kind,
            size: u64::try_from(taken.bytes.len()).unwrap_or(u64::MAX),
            sha256,
            description,
            metadata: taken.metadata,
            scan,
            added_at: caller.now,
            added_by: Some(caller.staff.id),
        };
        let content_id = ContentId(self.new_id());
        let sealed = self.seal_content(tenant, content_id, taken).await?;
        let content = self.keep_content(tenant, content_id, sealed, caller.now).await;
        drop(room);
        let kept = KeptAttachment { case, attachment: file, content: content? };
        let (id, place) = (kept.content.id, kept.content.place);
        let added =
            self.add_to_case(caller, kept, once, |file| render(case, file, &warnings)).await;
        // An answer that was given before went with another content.
        if !matches!(added, Ok((_, true))) {
            self.erase_or_leave(tenant, id, place).await;
        }
        added.map(|(answer, _)| answer)
    }

    /// Takes a file in, on a thread that may take its time. A file that makes that panic is damaged.
    pub(crate) async fn look_at(&self, bytes: Bytes) -> Result<(Taken, [u8; 32]), Error> {
        let work = move || {
            let taken = files::take_in(bytes)?;
            let mut sha256 = [0; 32];
            sha256.copy_from_slice(digest(&SHA256, &taken.bytes).as_ref());
            Ok::<_, Refused>((taken, sha256))
        };
        let looked = self.keeping.work(work).await;
        Ok(looked.unwrap_or(Err(Refused::Damaged))?)
    }

    /// Seals what is kept of a file.
    pub(crate) async fn seal_content(
        self: &Arc<Self>,
        tenant: TenantId,
        id: ContentId,
        taken: Taken,
    ) -> Result<Sealed, Error> {
        let app = Arc::clone(self);
        let seal = move || app.sealer.seal(tenant, CONTENTS, &id.to_string(), &taken.bytes);
        let sealed = self.keeping.work(seal).await;
        let sealed = sealed.ok_or_else(|| Error::Internal("sealing panicked".into()))?;
        sealed.map_err(|error| Error::Internal(error.to_string()))
    }

    /// Adds an attachment whose content is written; also whether it was this one that was added.
    async fn add_to_case(
        &self,
        caller: &Caller,
        kept: KeptAttachment,
        once: Option<Once>,
        render: impl Fn(&Attachment) -> Answer,
    ) -> Result<(Answer, bool), Error> {
        let (id, tenant) = (kept.case, caller.tenant_id());
        let answer = render(&kept.attachment);
        for _ in 0..TRIES {
            // As it stands now: the file may have been minutes on its way.
            let load = move |tx: &mut store::Tx<'_>| Ok((tx.case(id)?, tx.attached(id)?));
            let loaded: Result<_, store::Error> = self.store.read(tenant, load).await;
            let (before, attached) = loaded?;
            let by = adds_as(caller, &before)?;
            let changed = before.clone().attach(&kept.attachment, attached, by, caller.now)?;
            let mut record = Record::new(self, caller, changed);
            record.attached = Some(kept.clone());
            if let Some(once) = &once {
                record.kept = Some(self.to_keep(caller, once, &answer, Some(id))?);
            }
            match self.store.write(tenant, move |tx| record.write(&before, tx)).await {
                Ok(()) => return Ok((answer, true)),
                Err(error) if lost_a_race(&error) => {
                    // The same request, twice at once: the first one's answer holds for both.
                    if let Some(once) = &once
                        && let Some(first) = self.answered(caller, once).await?
                    {
                        return Ok((first, false));
                    }
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("the case changes all the time".to_owned()))
    }
}
