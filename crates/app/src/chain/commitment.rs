//! A commitment to what a change says: it can be checked while the words are there, and tells nothing
//! of them when they are gone.

use aws_lc_rs::digest::{Context, SHA256};
use domain::case::Event;
use domain::ids::{CaseId, StaffId};
use jiff::Timestamp;
use store::HistoryDocument;
use uuid::Uuid;

use super::text::text;

/// Length of a hash in bytes.
pub(super) const HASH: usize = 32;

/// SHA-256 over a salt and a history entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Without it nobody can try words until they fit. Kept with the words and erased with them.
    pub salt: [u8; 16],
    hash: [u8; HASH],
}

impl Commitment {
    /// Commits to the history entry that a change will leave; `None` for one that cannot be written.
    pub(crate) fn to(
        change: (CaseId, i64),
        event: &Event,
        by: Option<StaffId>,
        at: Timestamp,
    ) -> Option<Self> {
        let document = HistoryDocument::of(change, event, by, at).ok()?;
        // 122 random bits.
        let salt = Uuid::new_v4().into_bytes();
        Some(Self { salt, hash: hash(&salt, &document) })
    }

    /// The commitments of one change, as its audit entry has them: all or none.
    pub(crate) fn join<'a>(all: impl IntoIterator<Item = Option<&'a Self>>) -> Option<Vec<u8>> {
        let all: Option<Vec<[u8; HASH]>> = all.into_iter().map(|it| Some(it?.hash)).collect();
        all.map(|hashes| hashes.concat())
    }
}

fn hash(salt: &[u8], document: &HistoryDocument) -> [u8; HASH] {
    let mut context = Context::new(&SHA256);
    context.update(salt);
    context.update(text(&document.columns).as_bytes());
    let mut hash = [0; HASH];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Whether a history entry is what was committed to.
pub(super) fn holds(document: &HistoryDocument, commitment: &[u8]) -> bool {
    document.salt.as_ref().is_some_and(|salt| hash(salt, document) == *commitment)
}
