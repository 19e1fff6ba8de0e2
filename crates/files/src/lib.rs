//! Files that people hand in: what is really in them, what must come out of them, whether a scanner
//! finds anything, and where their bytes are kept outside the database.
//!
//! Knows neither cases nor HTTP. A file is looked at in memory and by its content alone; nothing
//! here trusts a name or a declared type, and nothing unpacks more than a bound.

mod depot;
mod heic;
mod image;
mod kind;
mod office;
mod scanner;
mod xml;

use bytes::Bytes;
use domain::case::attachment::{FileKind, Metadata};

pub use depot::{Depot, DepotError, DepotUrl};
pub use scanner::{ScanError, Scanner, Verdict};

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is of no kind on the list.
    #[error("not a kind of file that is taken")]
    Kind,
    /// It begins like one, and goes on otherwise.
    #[error("the file is damaged")]
    Damaged,
    /// It holds a program.
    #[error("the file holds macros")]
    Macros,
    /// It cannot be looked into.
    #[error("the file is encrypted")]
    Encrypted,
    /// Unpacked it would be out of proportion.
    #[error("the file unpacks to too much")]
    Bomb,
    /// What it says of place and time cannot be found in it, and so not be taken out.
    #[error("the file's metadata cannot be taken out")]
    Metadata,
}

/// A file as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it is.
    pub kind: FileKind,
    /// Its bytes, rewritten where there was something to take out.
    pub bytes: Bytes,
    /// Whether its metadata are out.
    pub metadata: Metadata,
}

/// Looks at a file, and takes out what it says of its maker, place and time. Works for a while:
/// not on a thread that others wait for.
///
/// # Errors
/// Why the file is not taken.
pub fn take_in(bytes: Bytes) -> Result<Taken, Refused> {
    let kind = kind::of(&bytes)?;
    let (bytes, metadata) = match kind {
        FileKind::Jpeg => (image::jpeg(bytes)?, Metadata::Removed),
        FileKind::Png => (image::png(bytes)?, Metadata::Removed),
        FileKind::Webp => (image::webp(bytes)?, Metadata::Removed),
        FileKind::Heic => (heic::without_metadata(bytes)?, Metadata::Removed),
        FileKind::Docx | FileKind::Xlsx | FileKind::Odt => {
            (office::without_metadata(&bytes, kind)?, Metadata::Removed)
        }
        FileKind::Pdf => (bytes, Metadata::Kept),
        FileKind::Text => (bytes, Metadata::None),
    };
    Ok(Taken { kind, bytes, metadata })
}
