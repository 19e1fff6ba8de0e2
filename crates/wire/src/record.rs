//! What lies in the archive of a whole matter.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ManifestFileView {
    /// Where it lies in the archive.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its media type.
    pub media_type: String,
    /// What it shows, as whoever added it said.
    pub description: Option<String>,
}

/// What lies in the archive: `manifest.json` in it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ManifestView {
    /// The case's number.
    pub number: String,
    /// The register's number.
    pub diary_number: Option<String>,
    /// The tenant's name.
    pub tenant: String,
    /// When it was taken out.
    pub taken_at: Timestamp,
    /// By whom.
    pub taken_by: String,
    /// The case's version then.
    pub version: i64,
    /// Its files, but for this list.
    pub files: Vec<ManifestFileView>,
}

/// A page to print, or a zip archive.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct RecordContent(pub Vec<u8>);
