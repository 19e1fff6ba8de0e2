//! Files of a case, as JSON.

use domain::case::Attachment;
use domain::case::attachment as domain_attachment;
use domain::fault::Fault;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fault::FaultView;
use crate::language::Language;

/// A file on its way in: `multipart/form-data`.
#[derive(Clone, Debug, ToSchema)]
pub struct AttachmentUpload {
    /// The file, with its name; one. At most 20 MiB (20 971 520 bytes).
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// What it shows. No personal identity numbers.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
}

/// A file, as it is kept.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct FileContent(pub Vec<u8>);

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the name of a file format")]
pub enum FileKind {
    Jpeg,
    Png,
    Webp,
    Heic,
    Pdf,
    Docx,
    Xlsx,
    Odt,
    Text,
}

impl From<domain_attachment::FileKind> for FileKind {
    fn from(kind: domain_attachment::FileKind) -> Self {
        use domain_attachment::FileKind as Of;
        match kind {
            Of::Jpeg => Self::Jpeg,
            Of::Png => Self::Png,
            Of::Webp => Self::Webp,
            Of::Heic => Self::Heic,
            Of::Pdf => Self::Pdf,
            Of::Docx => Self::Docx,
            Of::Xlsx => Self::Xlsx,
            Of::Odt => Self::Odt,
            Of::Text => Self::Text,
        }
    }
}

/// Whether what the file said of its maker, place and time was taken out: `removed`; `kept` where
/// files of that kind cannot be rewritten (PDF); `none` where they have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileMetadata {
    /// Taken out.
    Removed,
    /// Still there.
    Kept,
    /// Files of that kind have none.
    None,
}

impl From<domain_attachment::Metadata> for FileMetadata {
    fn from(metadata: domain_attachment::Metadata) -> Self {
        match metadata {
            domain_attachment::Metadata::Removed => Self::Removed,
            domain_attachment::Metadata::Kept => Self::Kept,
            domain_attachment::Metadata::None => Self::None,
        }
    }
}

/// What the scanner for malware said: `none` where there is no scanner, `pending` while it is away.
/// One that turns out `infected` later is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileScan {
    /// There is none.
    None,
    /// It has not said yet.
    Pending,
    /// It found nothing.
    Clean,
    /// It found something.
    Infected,
}

impl From<domain_attachment::Scan> for FileScan {
    fn from(scan: domain_attachment::Scan) -> Self {
        match scan {
            domain_attachment::Scan::None => Self::None,
            domain_attachment::Scan::Pending => Self::Pending,
            domain_attachment::Scan::Clean => Self::Clean,
            domain_attachment::Scan::Infected => Self::Infected,
        }
    }
}

/// What is known of a file of a case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AttachmentView {
    /// Its id.
    pub id: Uuid,
    /// A name to save it under. What was given, without path, hidden letters or personal identity
    /// numbers, ending as its kind does.
    #[schema(example = "IMG_0001.jpg")]
    pub name: String,
    /// What it is, by its content: neither its name nor its declared type is asked.
    pub kind: FileKind,
    /// The size of what is kept, in bytes.
    pub size: u64,
    /// SHA-256 of what is kept, in hexadecimal digits. It differs from that of what was sent where
    /// metadata were taken out.
    pub sha256: String,
    /// What it shows.
    pub description: Option<String>,
    /// Whether its metadata are out.
    pub metadata: FileMetadata,
    /// What the scanner said.
    pub scan: FileScan,
    /// When it came.
    pub added_at: Timestamp,
    /// Who added it: a staff id.
    pub added_by: Option<Uuid>,
    /// What is odd about it, though it was kept; told once, to whoever added it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<FaultView>,
}

impl AttachmentView {
    /// A file, with what is odd about it.
    pub fn new(file: &Attachment, warnings: &[Fault], language: Language) -> Self {
        Self {
            id: file.id.0,
            name: file.name.clone(),
            kind: file.kind.into(),
            size: file.size,
            sha256: file.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
            description: file.description.clone(),
            metadata: file.metadata.into(),
            scan: file.scan.into(),
            added_at: file.added_at,
            added_by: file.added_by.map(|staff| staff.0),
            warnings: FaultView::all(warnings, language),
        }
    }
}

/// The files of a case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AttachmentsView {
    /// Oldest first.
    pub items: Vec<AttachmentView>,
}
