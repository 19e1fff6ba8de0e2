//! Files that came with the answer of a contact.

use diesel::prelude::*;
use domain::case::Attachment;
use domain::ids::{AttachmentId, ContactId, ContentId, ForwardingId, TenantId};
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::attachments::{KeptContent, Place};
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::portal_files;
use crate::sql_types::Db;

/// A file of a forwarding, with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalFile {
    /// The forwarding.
    pub forwarding: ForwardingId,
    /// Who added it.
    pub contact: ContactId,
    /// What is known of it.
    pub file: Attachment,
    /// Its content.
    pub content: KeptContent,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = portal_files, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct FileRow {
    tenant_id: Db<TenantId>,
    file_id: Db<AttachmentId>,
    forwarding_id: Db<ForwardingId>,
    contact_id: Db<ContactId>,
    name: String,
    kind: String,
    size: i64,
    sha256: Vec<u8>,
    metadata: String,
    scan: String,
    added_at: Db<Timestamp>,
    content_id: Db<ContentId>,
    place: String,
    key_version: i32,
    wrapped_key: Vec<u8>,
    nonce: Vec<u8>,
}

impl FileRow {
    fn into_file(self) -> Result<PortalFile, Error> {
        let corrupt = |column: &str| Error::Corrupt(format!("portal_files.{column}"));
        Ok(PortalFile {
            forwarding: self.forwarding_id.get(),
            contact: self.contact_id.get(),
            file: Attachment {
                id: self.file_id.get(),
                name: self.name,
                kind: code(&self.kind, "portal_files.kind")?,
                size: u64::try_from(self.size).map_err(|_| corrupt("size"))?,
                sha256: self.sha256.try_into().map_err(|_| corrupt("sha256"))?,
                description: None,
                metadata: code(&self.metadata, "portal_files.metadata")?,
                scan: code(&self.scan, "portal_files.scan")?,
                added_at: self.added_at.get(),
                added_by: None,
            },
            content: KeptContent {
                id: self.content_id.get(),
                place: code::<Place>(&self.place, "portal_files.place")?,
                key_version: self.key_version,
                wrapped_key: self.wrapped_key,
                nonce: self.nonce,
            },
        })
    }
}

impl Additions {
    /// Adds a file whose content is written.
    pub fn portal_file(&mut self, kept: &PortalFile) {
        let (file, content) = (&kept.file, &kept.content);
        self.push(diesel::insert_into(portal_files::table).values(FileRow {
            tenant_id: Db(self.tenant),
            file_id: Db(file.id),
            forwarding_id: Db(kept.forwarding),
            contact_id: Db(kept.contact),
            name: file.name.clone(),
            kind: file.kind.code().to_owned(),
            size: i64::try_from(file.size).unwrap_or(i64::MAX),
            sha256: file.sha256.to_vec(),
            metadata: file.metadata.code().to_owned(),
            scan: file.scan.code().to_owned(),
            added_at: Db(file.added_at),
            content_id: Db(content.id),
            place: content.place.code().to_owned(),
            key_version: content.key_version,
            wrapped_key: content.wrapped_key.clone(),
            nonce: content.nonce.clone(),
        }));
    }
}

impl Tx<'_> {
    /// The files that came with answers to a forwarding, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a row that does not hold together.
    pub fn portal_files(&mut self, forwarding: ForwardingId) -> Result<Vec<PortalFile>, Error> {
        let rows: Vec<FileRow> = portal_files::table
            .select(FileRow::as_select())
            .filter(portal_files::tenant_id.eq(Db(self.tenant)))
            .filter(portal_files::forwarding_id.eq(Db(forwarding)))
            .order(portal_files::file_id)
            .load(self.conn)?;
        rows.into_iter().map(FileRow::into_file).collect()
    }
}
