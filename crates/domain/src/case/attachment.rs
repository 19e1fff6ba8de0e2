//! Files that go with a case (bilagor): photos, documents. The bytes lie elsewhere; here is what is
//! known of them, and when one may come and go.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::event::{Changes, Faults};
use super::lifecycle::{Command, said};
use super::{Case, Changed, Rejected, Status};
use crate::fault::Reason;
use crate::ids::{AttachmentId, StaffId};
use crate::personnummer::{find_in, redact};

/// The largest file taken, in bytes: a photo of a good phone camera is a third of it.
pub const LARGEST_FILE: u64 = 20 * 1024 * 1024;
/// How many attachments a case has at most, those withdrawn not counted.
pub const MOST_ATTACHMENTS: usize = 20;
/// How many bytes the attachments of a case have together at most, those withdrawn not counted.
pub const LARGEST_TOTAL: u64 = 100 * 1024 * 1024;
/// For how many minutes after registering a case a shared phone may add files to it.
pub const SHARED_PHONE_MINUTES: i64 = 60;
/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 2000;
/// The longest name kept, in characters; what is longer is cut.
const LONGEST_NAME: usize = 120;

/// Codes in JSON and in tables, for an enum whose values carry nothing.
macro_rules! coded {
    ($name:ident: $($value:ident = $code:literal),+ $(,)?) => {
        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$value),+];

            /// The value in JSON and in tables.
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$value => $code),+
                }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(code: &str) -> Result<Self, ()> {
                $name::ALL.iter().copied().find(|value| value.code() == code).ok_or(())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

/// What a file is, by its content. Nothing else is taken: these need no program to run, and are
/// what phones and offices make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A JPEG image.
    Jpeg,
    /// A PNG image.
    Png,
    /// A WebP image.
    Webp,
    /// A HEIC image, as iPhones take.
    Heic,
    /// A PDF document.
    Pdf,
    /// A Word document without macros.
    Docx,
    /// An Excel workbook without macros.
    Xlsx,
    /// An OpenDocument text without macros.
    Odt,
    /// Plain text in UTF-8.
    Text,
}

coded!(FileKind: Jpeg = "jpeg", Png = "png", Webp = "webp", Heic = "heic", Pdf = "pdf",
    Docx = "docx", Xlsx = "xlsx", Odt = "odt", Text = "text");

impl FileKind {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::Webp => "image/webp",
            FileKind::Heic => "image/heic",
            FileKind::Pdf => "application/pdf",
            FileKind::Docx => {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
            FileKind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            FileKind::Odt => "application/vnd.oasis.opendocument.text",
            FileKind::Text => "text/plain",
        }
    }

    /// The endings a name of such a file has; the first is given to a name that has none of them.
    fn endings(self) -> &'static [&'static str] {
        match self {
            FileKind::Jpeg => &["jpg", "jpeg"],
            FileKind::Png => &["png"],
            FileKind::Webp => &["webp"],
            FileKind::Heic => &["heic", "heif"],
            FileKind::Pdf => &["pdf"],
            FileKind::Docx => &["docx"],
            FileKind::Xlsx => &["xlsx"],
            FileKind::Odt => &["odt"],
            FileKind::Text => &["txt", "text", "csv", "md", "log"],
        }
    }

    /// Whether a client that declared `media_type` said what this is. What says nothing is right.
    pub fn is_declared_by(self, media_type: &str) -> bool {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let is = |other: &str| essence.eq_ignore_ascii_case(other);
        essence.is_empty()
            || is("application/octet-stream")
            || is(self.media_type())
            || match self {
                FileKind::Jpeg => is("image/jpg") || is("image/pjpeg"),
                FileKind::Heic => is("image/heif"),
                FileKind::Text => essence.to_ascii_lowercase().starts_with("text/"),
                FileKind::Png
                | FileKind::Webp
                | FileKind::Pdf
                | FileKind::Docx
                | FileKind::Xlsx
                | FileKind::Odt => false,
            }
    }
}

/// Whether what a file said of its maker, place and time was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metadata {
    /// Taken out.
    Removed,
    /// Still there: that kind of file cannot be rewritten here.
    Kept,
    /// Files of that kind have none.
    None,
}

coded!(Metadata: Removed = "removed", Kept = "kept", None = "none");

/// What a scanner for malware said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scan {
    /// There is none.
    None,
    /// It was away; it will be asked again.
    Pending,
    /// It found nothing.
    Clean,
    /// It found something afterwards; the content was erased.
    Infected,
}

coded!(Scan: None = "none", Pending = "pending", Clean = "clean", Infected = "infected");

/// One file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// A name to save it under: see [`clean_name`].
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// The size of what is kept, in bytes.
    pub size: u64,
    /// SHA-256 of what is kept.
    pub sha256: [u8; 32],
    /// What it shows.
    pub description: Option<String>,
    /// Whether its metadata are out.
    pub metadata: Metadata,
    /// What the scanner said.
    pub scan: Scan,
    /// When it came.
    pub added_at: Timestamp,
    /// Who of the staff added it; `None` for the sender of an opinion.
    pub added_by: Option<StaffId>,
}

/// As what somebody adds a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedBy {
    /// As one who handles the case.
    Handler,
    /// As the one whose filing it is.
    Reporter,
    /// As the sender of an opinion, who is nobody of the staff.
    Sender,
    /// As the shared phone that registered it, for somebody who may have put it down again.
    SharedPhone,
}

/// The attachments a case has, without those withdrawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// How many.
    pub number: usize,
    /// How many bytes together.
    pub bytes: u64,
}

/// A file's name as it is kept: the last part of a path, without what no file system takes or what
/// shows a name other than it is, cut to a length, ending as its kind does. A personal identity
/// number in it is taken out: a camera or a scanner may have put it there.
pub fn clean_name(given: &str, kind: FileKind, today: Date) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let redacted = redact(last, &find_in(last, today));
    let plain: String = redacted.chars().filter(|c| !is_hidden(*c)).collect();
    let plain = plain.replace([':', '*', '?', '"', '<', '>', '|', '%', ';'], "_");
    let plain = plain.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let known = |ending: &str| kind.endings().iter().any(|it| it.eq_ignore_ascii_case(ending));
    let (stem, ending) = match plain.rsplit_once('.') {
        Some((stem, ending)) if known(ending) => (stem, ending.to_owned()),
        _ => (plain, kind.endings()[0].to_owned()),
    };
    let stem: String = stem.chars().take(LONGEST_NAME - ending.len() - 1).collect();
    let stem = stem.trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    let stem = if stem.is_empty() { "bilaga" } else { stem };
    format!("{stem}.{ending}")
}

/// Whether a letter is not to be seen, or changes the way the others are shown.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

impl Case {
    /// Whether the case is of a moment ago, so that the shared phone that registered it still has what
    /// belongs to it.
    pub fn just_registered(&self, now: Timestamp) -> bool {
        let until = self.registered_at + SignedDuration::from_mins(SHARED_PHONE_MINUTES);
        self.status().open() && now < until
    }

    /// Whether a file may be added where the case stands: until it is closed, and after that by those
    /// who handle it. A shared phone is told nothing of where it stands: see
    /// [`Case::just_registered`].
    ///
    /// # Errors
    /// [`Rejected::State`].
    pub fn admits_attachment(&self, by: AddedBy) -> Result<Status, Rejected> {
        let status = self.admit(Command::Attach)?;
        if by != AddedBy::Handler && status == Status::Closed {
            return Err(Rejected::State { status, command: Command::Attach });
        }
        Ok(status)
    }

    /// Adds a file to the case.
    ///
    /// # Errors
    /// [`Rejected`] where the case stands, or when it would have too many or too large ones.
    pub fn attach(
        self,
        file: &Attachment,
        attached: Attached,
        by: AddedBy,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admits_attachment(by)?;
        let mut faults = Faults::default();
        let few = attached.number < MOST_ATTACHMENTS;
        faults.require(few, "/file", Reason::inconsistent("too_many_attachments"));
        let small = attached.bytes.saturating_add(file.size) <= LARGEST_TOTAL;
        faults.require(small, "/file", Reason::inconsistent("attachments_too_large"));
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("attachments", &None, &Some(shown(file)));
        Ok(self.changed(Command::Attach, from, changes, None, now))
    }

    /// Takes a file of the case away: its content is erased, the history keeps that it was there.
    ///
    /// # Errors
    /// [`Rejected`] for a case that has ended, or without a reason.
    pub fn withdraw_attachment(
        self,
        file: &Attachment,
        reason: String,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::WithdrawAttachment)?;
        let reason = said(reason)?;
        Ok(self.without(file, from, reason, now))
    }

    /// As [`Case::withdraw_attachment`], by the service itself, for what must not stay: in every
    /// state.
    pub fn erase_attachment(self, file: &Attachment, reason: String, now: Timestamp) -> Changed {
        let from = self.status();
        self.without(file, from, reason, now)
    }

    fn without(self, file: &Attachment, from: Status, reason: String, now: Timestamp) -> Changed {
        let mut changes = Changes::default();
        changes.note("attachments", &Some(shown(file)), &None);
        self.changed(Command::WithdrawAttachment, from, changes, Some(reason), now)
    }
}

/// A file as the history tells of it.
fn shown(file: &Attachment) -> serde_json::Value {
    let sha256: String = file.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "id": file.id, "name": file.name, "kind": file.kind.code(), "size": file.size,
        "sha256": sha256,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_harmless_and_ends_as_its_kind_does() {
        let today = jiff::civil::date(2026, 3, 10);
        for (given, kind, kept) in [
            ("IMG_0001.JPG", FileKind::Jpeg, "IMG_0001.JPG"),
            ("C:\\Users\\Kalle\\skärm bild.png", FileKind::Png, "skärm bild.png"),
            ("../../etc/passwd", FileKind::Text, "passwd.txt"),
            ("faktura.exe", FileKind::Pdf, "faktura.exe.pdf"),
            ("bild\u{202e}gpj.exe\r\nX: y", FileKind::Jpeg, "bildgpj.exeX_ y.jpg"),
            ("  ..  ", FileKind::Heic, "bilaga.heic"),
            ("", FileKind::Odt, "bilaga.odt"),
            ("19640823-3234 fall.jpg", FileKind::Jpeg, "[personnummer] fall.jpg"),
        ] {
            assert_eq!(clean_name(given, kind, today), kept);
        }
        let long = clean_name(&"å".repeat(500), FileKind::Docx, today);
        assert_eq!(long.chars().count(), LONGEST_NAME);
    }

    #[test]
    fn a_declared_type_is_right_when_it_says_the_same_or_nothing() {
        assert!(FileKind::Jpeg.is_declared_by("image/JPG"));
        assert!(FileKind::Text.is_declared_by("text/csv; charset=utf-8"));
        assert!(FileKind::Pdf.is_declared_by(""));
        assert!(FileKind::Pdf.is_declared_by("application/octet-stream"));
        assert!(!FileKind::Png.is_declared_by("image/jpeg"));
    }

    #[test]
    fn codes_are_read_as_they_are_written() {
        for kind in FileKind::ALL {
            assert_eq!(kind.code().parse(), Ok(*kind));
        }
        for scan in Scan::ALL {
            assert_eq!(scan.code().parse(), Ok(*scan));
        }
        for metadata in Metadata::ALL {
            assert_eq!(metadata.code().parse(), Ok(*metadata));
        }
    }
}
