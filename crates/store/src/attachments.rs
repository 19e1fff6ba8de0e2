//! Files that go with a case: what is known of each, the sealed bytes of those kept here, and the
//! contents that no attachment holds.

use diesel::prelude::*;
use domain::case::Attachment;
use domain::case::attachment::{Attached, Scan};
use domain::ids::{AttachmentId, CaseId, ContentId, StaffId, TenantId};
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{attachment_contents, attachments, loose_contents};
use crate::sql_types::Db;

/// Where the sealed bytes of a content lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the database.
    Database,
    /// In a directory.
    Directory,
    /// In a bucket.
    Bucket,
}

impl Place {
    /// The value in tables.
    pub fn code(self) -> &'static str {
        match self {
            Place::Database => "database",
            Place::Directory => "directory",
            Place::Bucket => "bucket",
        }
    }
}

impl std::str::FromStr for Place {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        let all = [Place::Database, Place::Directory, Place::Bucket];
        all.into_iter().find(|place| place.code() == code).ok_or(())
    }
}

/// Where the content of an attachment is, and the key it is sealed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptContent {
    /// Its id.
    pub id: ContentId,
    /// Where its bytes lie.
    pub place: Place,
    /// Which master key wrapped its key.
    pub key_version: i32,
    /// Its key, wrapped, with the nonce in front.
    pub wrapped_key: Vec<u8>,
    /// Its nonce.
    pub nonce: Vec<u8>,
}

/// An attachment with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAttachment {
    /// The case.
    pub case: CaseId,
    /// What is known of it.
    pub attachment: Attachment,
    /// Its content.
    pub content: KeptContent,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct AttachmentRow {
    tenant_id: Db<TenantId>,
    case_id: Db<CaseId>,
    attachment_id: Db<AttachmentId>,
    name: String,
    kind: String,
    size: i64,
    sha256: Vec<u8>,
    description: Option<String>,
    metadata: String,
    scan: String,
    added_at: Db<Timestamp>,
    added_by: Option<Db<StaffId>>,
    content_id: Option<Db<ContentId>>,
    place: Option<String>,
    key_version: Option<i32>,
    wrapped_key: Option<Vec<u8>>,
    nonce: Option<Vec<u8>>,
}

impl AttachmentRow {
    fn into_kept(self) -> Result<KeptAttachment, Error> {
        let missing = || Error::Corrupt("an attachment without its content".to_owned());
        let wrong = |what: &str| Error::Corrupt(format!("attachments.{what}"));
        Ok(KeptAttachment {
            case: self.case_id.get(),
            attachment: Attachment {
                id: self.attachment_id.get(),
                name: self.name,
                kind: code(&self.kind, "attachments.kind")?,
                size: self.size.try_into().map_err(|_| wrong("size"))?,
                sha256: self.sha256.try_into().map_err(|_| wrong("sha256"))?,
                description: self.description,
                metadata: code(&self.metadata, "attachments.metadata")?,
                scan: code(&self.scan, "attachments.scan")?,
                added_at: self.added_at.get(),
                added_by: self.added_by.map(Db::get),
            },
            content: KeptContent {
                id: self.content_id.ok_or_else(missing)?.get(),
                place: code(&self.place.ok_or_else(missing)?, "attachments.place")?,
                key_version: self.key_version.ok_or_else(missing)?,
                wrapped_key: self.wrapped_key.ok_or_else(missing)?,
                nonce: self.nonce.ok_or_else(missing)?,
            },
        })
    }
}

impl Additions {
    /// Adds an attachment whose content is written.
    pub fn attachment(&mut self, kept: &KeptAttachment) {
        let (file, content) = (&kept.attachment, &kept.content);
        self.push(diesel::insert_into(attachments::table).values(AttachmentRow {
            tenant_id: Db(self.tenant),
            case_id: Db(kept.case),
            attachment_id: Db(file.id),
            name: file.name.clone(),
            kind: file.kind.code().to_owned(),
            size: i64::try_from(file.size).unwrap_or(i64::MAX),
            sha256: file.sha256.to_vec(),
            description: file.description.clone(),
            metadata: file.metadata.code().to_owned(),
            scan: file.scan.code().to_owned(),
            added_at: Db(file.added_at),
            added_by: file.added_by.map(Db),
            content_id: Some(Db(content.id)),
            place: Some(content.place.code().to_owned()),
            key_version: Some(content.key_version),
            wrapped_key: Some(content.wrapped_key.clone()),
            nonce: Some(content.nonce.clone()),
        }));
    }

    /// Notes that a content lies at `place`, or soon will, and that no attachment holds it.
    pub fn loose_content(&mut self, content: ContentId, place: Place, since: Timestamp) {
        self.push(diesel::insert_into(loose_contents::table).values((
            loose_contents::tenant_id.eq(Db(self.tenant)),
            loose_contents::content_id.eq(Db(content)),
            loose_contents::place.eq(place.code()),
            loose_contents::since.eq(Db(since)),
            loose_contents::erasing.eq(false),
        )));
    }

    /// Adds a part of a content that is kept here.
    pub fn content_part(&mut self, content: ContentId, part: i32, ciphertext: Vec<u8>) {
        self.push(diesel::insert_into(attachment_contents::table).values((
            attachment_contents::tenant_id.eq(Db(self.tenant)),
            attachment_contents::content_id.eq(Db(content)),
            attachment_contents::part.eq(part),
            attachment_contents::ciphertext.eq(ciphertext),
        )));
    }
}

impl Tx<'_> {
    /// The attachments of a case, oldest first, without those withdrawn.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn attachments_of(&mut self, case: CaseId) -> Result<Vec<KeptAttachment>, Error> {
        let rows: Vec<AttachmentRow> = attachments::table
            .select(AttachmentRow::as_select())
            .filter(attachments::tenant_id.eq(Db(self.tenant)))
            .filter(attachments::case_id.eq(Db(case)))
            .filter(attachments::withdrawn_at.is_null())
            .order((attachments::added_at, attachments::attachment_id))
            .load(self.conn)?;
        rows.into_iter().map(AttachmentRow::into_kept).collect()
    }

    /// An attachment that was not withdrawn.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn attachment(&mut self, case: CaseId, id: AttachmentId) -> Result<KeptAttachment, Error> {
        let row: AttachmentRow = attachments::table
            .select(AttachmentRow::as_select())
            .filter(attachments::tenant_id.eq(Db(self.tenant)))
            .filter(attachments::case_id.eq(Db(case)))
            .filter(attachments::attachment_id.eq(Db(id)))
            .filter(attachments::withdrawn_at.is_null())
            .get_result(self.conn)?;
        row.into_kept()
    }

    /// How many attachments a case has, and how large they are together.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn attached(&mut self, case: CaseId) -> Result<Attached, Error> {
        let sizes: Vec<i64> = attachments::table
            .select(attachments::size)
            .filter(attachments::tenant_id.eq(Db(self.tenant)))
            .filter(attachments::case_id.eq(Db(case)))
            .filter(attachments::withdrawn_at.is_null())
            .load(self.conn)?;
        let bytes = sizes.iter().map(|size| size.unsigned_abs()).sum();
        Ok(Attached { number: sizes.len(), bytes })
    }

    /// Takes an attachment away: its key and its description go here and now, and its content is
    /// loose. `scan` says why, when it was the scanner.
    ///
    /// # Errors
    /// [`Error::Stale`] when it is gone already.
    pub fn withdraw_attachment(
        &mut self,
        kept: &KeptAttachment,
        scan: Scan,
        by: Option<StaffId>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let here = attachments::tenant_id
            .eq(Db(self.tenant))
            .and(attachments::case_id.eq(Db(kept.case)))
            .and(attachments::attachment_id.eq(Db(kept.attachment.id)))
            .and(attachments::withdrawn_at.is_null());
        let changed = diesel::update(attachments::table.filter(here))
            .set((
                attachments::description.eq(None::<String>),
                attachments::scan.eq(scan.code()),
                attachments::withdrawn_at.eq(Some(Db(at))),
                attachments::withdrawn_by.eq(by.map(Db)),
                attachments::content_id.eq(None::<Db<ContentId>>),
                attachments::place.eq(None::<String>),
                attachments::key_version.eq(None::<i32>),
                attachments::wrapped_key.eq(None::<Vec<u8>>),
                attachments::nonce.eq(None::<Vec<u8>>),
            ))
            .execute(self.conn)?;
        if changed != 1 {
            return Err(Error::Stale);
        }
        self.add_rows(|rows| rows.loose_content(kept.content.id, kept.content.place, at))
    }

    /// Notes what the scanner said of an attachment, if it still waits for that.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn settle_scan(&mut self, kept: &KeptAttachment, scan: Scan) -> Result<(), Error> {
        let here = attachments::tenant_id
            .eq(Db(self.tenant))
            .and(attachments::case_id.eq(Db(kept.case)))
            .and(attachments::attachment_id.eq(Db(kept.attachment.id)))
            .and(attachments::scan.eq(Scan::Pending.code()));
        diesel::update(attachments::table.filter(here))
            .set(attachments::scan.eq(scan.code()))
            .execute(self.conn)?;
        Ok(())
    }

    /// Attachments that wait for the scanner, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn unscanned(&mut self, limit: i64) -> Result<Vec<KeptAttachment>, Error> {
        let rows: Vec<AttachmentRow> = attachments::table
            .select(AttachmentRow::as_select())
            .filter(attachments::tenant_id.eq(Db(self.tenant)))
            .filter(attachments::scan.eq(Scan::Pending.code()))
            .filter(attachments::withdrawn_at.is_null())
            .order(attachments::attachment_id)
            .limit(limit)
            .load(self.conn)?;
        rows.into_iter().map(AttachmentRow::into_kept).collect()
    }

    /// The sealed bytes of a content that is kept here.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there are none.
    pub fn content(&mut self, content: ContentId) -> Result<Vec<u8>, Error> {
        let parts: Vec<Vec<u8>> = attachment_contents::table
            .select(attachment_contents::ciphertext)
            .filter(attachment_contents::tenant_id.eq(Db(self.tenant)))
            .filter(attachment_contents::content_id.eq(Db(content)))
            .order(attachment_contents::part)
            .load(self.conn)?;
        if parts.is_empty() { Err(Error::NotFound) } else { Ok(parts.concat()) }
    }

    /// The contents that are kept here.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn contents(&mut self) -> Result<Vec<ContentId>, Error> {
        let ids: Vec<Db<ContentId>> = attachment_contents::table
            .select(attachment_contents::content_id)
            .filter(attachment_contents::tenant_id.eq(Db(self.tenant)))
            .distinct()
            .load(self.conn)?;
        Ok(ids.into_iter().map(Db::get).collect())
    }

    /// Lets an attachment of this transaction take its content over.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it took so long to come that it is being erased.
    pub fn take_over(&mut self, content: ContentId) -> Result<(), Error> {
        let here = loose_contents::tenant_id
            .eq(Db(self.tenant))
            .and(loose_contents::content_id.eq(Db(content)))
            .and(loose_contents::erasing.eq(false));
        match diesel::delete(loose_contents::table.filter(here)).execute(self.conn)? {
            1 => Ok(()),
            _ => Err(Error::Unavailable("a content came too late".to_owned())),
        }
    }

    /// Contents that have been loose since before `before`, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn loose_contents(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<(ContentId, Place)>, Error> {
        let rows: Vec<(Db<ContentId>, String)> = loose_contents::table
            .select((loose_contents::content_id, loose_contents::place))
            .filter(loose_contents::tenant_id.eq(Db(self.tenant)))
            .filter(loose_contents::since.lt(Db(before)))
            .order((loose_contents::since, loose_contents::content_id))
            .limit(limit)
            .load(self.conn)?;
        rows.into_iter()
            .map(|(id, place)| Ok((id.get(), code(&place, "loose_contents.place")?)))
            .collect()
    }

    /// Marks a loose content, so that no attachment takes it over any more. Whether it was there.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn begin_erasing(&mut self, content: ContentId) -> Result<bool, Error> {
        let here = loose_contents::tenant_id
            .eq(Db(self.tenant))
            .and(loose_contents::content_id.eq(Db(content)));
        let changed = diesel::update(loose_contents::table.filter(here))
            .set(loose_contents::erasing.eq(true))
            .execute(self.conn)?;
        Ok(changed == 1)
    }

    /// Erases the bytes of a content that are kept here, if any are, and forgets that it was loose.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn end_erasing(&mut self, content: ContentId) -> Result<(), Error> {
        let bytes = attachment_contents::tenant_id
            .eq(Db(self.tenant))
            .and(attachment_contents::content_id.eq(Db(content)));
        diesel::delete(attachment_contents::table.filter(bytes)).execute(self.conn)?;
        let here = loose_contents::tenant_id
            .eq(Db(self.tenant))
            .and(loose_contents::content_id.eq(Db(content)));
        diesel::delete(loose_contents::table.filter(here)).execute(self.conn)?;
        Ok(())
    }
}
