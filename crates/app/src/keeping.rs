//! Where the contents of attachments are kept, who scans them, and how much of them is in memory at
//! once. Contents are sealed wherever they lie; the key of each lies in its row alone.

use std::sync::Arc;

use bytes::Bytes;
use domain::case::attachment::Scan;
use domain::ids::{ContentId, TenantId};
use files::{Depot, DepotError, Scanner, Verdict};
use jiff::Timestamp;
use store::{Additions, KeptContent, Place, Sealed};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::context::App;
use crate::error::Error;

/// The table whose name goes into the envelopes of contents.
pub(crate) const CONTENTS: &str = "attachment_contents";
/// How much of files may be in memory at once, on their way in or out, in units of [`UNIT`].
const ROOM: usize = 256 * 1024 * 1024 / UNIT;
/// What room is counted in, in bytes.
const UNIT: usize = 64 * 1024;
/// How many files are worked on at once: each may take some times its size for a moment.
const HANDS: usize = 2;
/// How many files the scanner looks at at once. Should it hang, it holds no more threads than these.
const SCANS: usize = 8;
/// How much of a content is written to the database at once: filings wait no longer than that takes.
const PART: usize = 1024 * 1024;

/// Where attachments are kept, and what looks at them.
#[derive(Debug)]
pub struct Keeping {
    depot: Option<Depot>,
    scanner: Option<Scanner>,
    room: Arc<Semaphore>,
    hands: Arc<Semaphore>,
    scans: Arc<Semaphore>,
}

impl Default for Keeping {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl Keeping {
    /// New contents go to the depot, or to the database where there is none.
    pub fn new(depot: Option<Depot>, scanner: Option<Scanner>) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        let (room, hands, scans) = (semaphore(ROOM), semaphore(HANDS), semaphore(SCANS));
        Self { depot, scanner, room, hands, scans }
    }

    /// Room for a file that has not begun to come.
    pub fn room(&self) -> Room {
        Room { of: Arc::clone(&self.room), held: None, units: 0 }
    }

    /// Whether files are scanned.
    pub fn scans(&self) -> bool {
        self.scanner.is_some()
    }

    /// Where new contents go.
    fn place(&self) -> Place {
        match &self.depot {
            None => Place::Database,
            Some(depot) if depot.is_bucket() => Place::Bucket,
            Some(_) => Place::Directory,
        }
    }

    /// The depot in which contents of `place` lie.
    fn depot(&self, place: Place) -> Result<&Depot, Error> {
        let found = self.depot.as_ref().filter(|_| self.place() == place);
        found.ok_or_else(|| {
            Error::Unavailable(format!("contents lie in a {} that is not configured", place.code()))
        })
    }

    /// Does heavy work on a file, on a thread that may, when it is its turn. `None` when the work
    /// panicked.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        // It is never closed.
        let turn = Arc::clone(&self.hands).acquire_owned().await.ok();
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// Has a file scanned. A scanner that is away, or has too much to do, is asked again later.
    pub(crate) async fn scan(&self, bytes: Bytes) -> Scanned {
        let Some(scanner) = self.scanner.clone() else { return Scanned::So(Scan::None) };
        let Ok(turn) = Arc::clone(&self.scans).try_acquire_owned() else {
            return Scanned::So(Scan::Pending);
        };
        let asked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            scanner.scan(&bytes)
        });
        match asked.await {
            Ok(Ok(Verdict::Clean)) => Scanned::So(Scan::Clean),
            Ok(Ok(Verdict::Infected)) => Scanned::Infected,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a file was not scanned; trying again");
                Scanned::So(Scan::Pending)
            }
            Err(_) => Scanned::So(Scan::Pending),
        }
    }
}

/// What scanning a file came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// It may be kept, with this note.
    So(Scan),
    /// It must not.
    Infected,
}

/// Memory that a file takes up; given back when this is dropped.
#[derive(Debug)]
pub struct Room {
    of: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
    units: usize,
}

impl Room {
    /// Takes room for `bytes` in all.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when others have it; nobody waits, since whoever holds it may be slow.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Error> {
        let wanted = bytes.div_ceil(UNIT);
        let Some(more) = wanted.checked_sub(self.units).filter(|more| *more > 0) else {
            return Ok(());
        };
        let full = || Error::Unavailable("too many files at once".to_owned());
        let permits = u32::try_from(more).map_err(|_| full())?;
        let taken = Arc::clone(&self.of).try_acquire_many_owned(permits).map_err(|_| full())?;
        match &mut self.held {
            Some(held) => held.merge(taken),
            None => self.held = Some(taken),
        }
        self.units = wanted;
        Ok(())
    }
}

/// The name of a content in a depot.
fn name(tenant: TenantId, content: ContentId) -> String {
    format!("{tenant}/{content}")
}

impl From<DepotError> for Error {
    fn from(error: DepotError) -> Self {
        match error {
            DepotError::Missing(_) | DepotError::Config(_) => Error::Internal(error.to_string()),
            DepotError::Away(_) => Error::Unavailable(error.to_string()),
        }
    }
}

impl App {
    /// Writes a sealed content where contents go. It is on disk when this returns, and noted as
    /// loose from before its first byte on: until an attachment takes it over, it will be swept.
    pub(crate) async fn keep_content(
        &self,
        tenant: TenantId,
        id: ContentId,
        sealed: Sealed,
        now: Timestamp,
    ) -> Result<KeptContent, Error> {
        let place = self.keeping.place();
        let mut rows = Additions::to(tenant);
        rows.loose_content(id, place, now);
        self.store.add(rows).await?;
        let Sealed { key_version, wrapped_key, nonce, ciphertext } = sealed;
        if place == Place::Database {
            for (number, part) in ciphertext.chunks(PART).enumerate() {
                let mut rows = Additions::to(tenant);
                let number = i32::try_from(number).unwrap_or(i32::MAX);
                rows.content_part(id, number, part.to_vec());
                self.store.add(rows).await?;
            }
        } else {
            self.keeping.depot(place)?.put(&name(tenant, id), ciphertext.into()).await?;
        }
        Ok(KeptContent { id, place, key_version, wrapped_key, nonce })
    }

    /// A content in the clear.
    pub(crate) async fn open_content(
        self: &Arc<Self>,
        tenant: TenantId,
        kept: &KeptContent,
    ) -> Result<Bytes, Error> {
        let id = kept.id;
        let ciphertext = if kept.place == Place::Database {
            self.store.ask(tenant, move |tx| tx.content(id)).await.map_err(|error| match error {
                store::Error::NotFound => Error::Internal(format!("there is no content {id}")),
                other => other.into(),
            })?
        } else {
            self.keeping.depot(kept.place)?.get(&name(tenant, id)).await?.into()
        };
        let (app, key_version) = (Arc::clone(self), kept.key_version);
        let (wrapped_key, nonce) = (kept.wrapped_key.clone(), kept.nonce.clone());
        let opened = self.keeping.work(move || {
            let sealed = Sealed { key_version, wrapped_key, nonce, ciphertext };
            app.sealer.open(tenant, CONTENTS, &id.to_string(), &sealed)
        });
        let opened = opened.await.ok_or_else(|| Error::Internal("opening panicked".into()))?;
        // Its memory is overwritten when the last reader lets go of it.
        let opened = opened.map_err(|error| Error::Internal(format!("content {id}: {error}")))?;
        Ok(Bytes::from_owner(opened))
    }

    /// Erases a loose content. Should it fail half-way, the sweep goes on with it.
    pub(crate) async fn erase_content(
        &self,
        tenant: TenantId,
        id: ContentId,
        place: Place,
    ) -> Result<(), Error> {
        // From here on no attachment can take it over.
        if !self.store.write(tenant, move |tx| tx.begin_erasing(id)).await? {
            return Ok(());
        }
        if place != Place::Database {
            self.keeping.depot(place)?.erase(&name(tenant, id)).await?;
        }
        Ok(self.store.write(tenant, move |tx| tx.end_erasing(id)).await?)
    }

    /// As [`App::erase_content`], where nobody waits for it.
    pub(crate) async fn erase_or_leave(&self, tenant: TenantId, id: ContentId, place: Place) {
        if let Err(error) = self.erase_content(tenant, id, place).await {
            tracing::warn!(%error, "a content is not erased yet; trying again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back_and_nobody_waits_for_it() {
        let keeping = Keeping::default();
        let mut first = keeping.room();
        first.grow(ROOM * UNIT - 1).expect("room");
        first.grow(1).expect("it has that already");
        let mut second = keeping.room();
        assert!(matches!(second.grow(1), Err(Error::Unavailable(_))));
        drop(first);
        second.grow(UNIT + 1).expect("room");
        assert_eq!(keeping.room.available_permits(), ROOM - 2);
    }
}
