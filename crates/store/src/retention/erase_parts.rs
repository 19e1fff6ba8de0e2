//! What may also go by itself: forwardings, files, receipts, notices.

use diesel::prelude::*;
use domain::ids::{CaseId, ContentId, ForwardingId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use super::erase::delete_of_case;
use crate::Tx;
use crate::attachments::Place;
use crate::cases::code;
use crate::error::Error;
use crate::record_keys::Keyed;
use crate::schema::{
    attachments, forwarding_history, forwarding_subjects, forwardings, machine_messages,
    machine_threads, outbox, portal_codes, portal_files, receipt_renewals, receipts,
};
use crate::sql_types::Db;

impl Tx<'_> {
    /// Erases what was sent to, or received from, another caregiver; that it was, and when, stays. Gives the
    /// contents of files that lie elsewhere.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn erase_forwarding(
        &mut self,
        id: ForwardingId,
        at: Timestamp,
    ) -> Result<Vec<(ContentId, Place)>, Error> {
        let tenant = Db(self.tenant);
        let files: Vec<(Db<ContentId>, String)> = portal_files::table
            .select((portal_files::content_id, portal_files::place))
            .filter(portal_files::tenant_id.eq(tenant))
            .filter(portal_files::forwarding_id.eq(Db(id)))
            .load(self.conn)?;
        macro_rules! delete {
            ($($table:ident),+) => {$(
                let of = $table::tenant_id.eq(tenant).and($table::forwarding_id.eq(Db(id)));
                diesel::delete($table::table.filter(of)).execute(self.conn)?;
            )+};
        }
        delete!(portal_files, forwarding_history, forwarding_subjects);
        self.erase_record_key(Keyed::Forwarding, id.0)?;
        let codes =
            portal_codes::tenant_id.eq(tenant).and(portal_codes::forwarding_id.eq(Some(Db(id))));
        diesel::delete(portal_codes::table.filter(codes)).execute(self.conn)?;
        self.erase_rungs(id.0)?;
        let of = machine_messages::tenant_id
            .eq(tenant)
            .and(machine_messages::forwarding_id.eq(Db(id)))
            .and(machine_messages::settled_at.is_not_null());
        diesel::update(machine_messages::table.filter(of))
            .set((
                machine_messages::key_version.eq(None::<i32>),
                machine_messages::wrapped_key.eq(None::<Vec<u8>>),
                machine_messages::nonce.eq(None::<Vec<u8>>),
                machine_messages::ciphertext.eq(None::<Vec<u8>>),
                machine_messages::problem.eq(None::<String>),
            ))
            .execute(self.conn)?;
        let of =
            machine_threads::tenant_id.eq(tenant).and(machine_threads::forwarding_id.eq(Db(id)));
        diesel::update(machine_threads::table.filter(of))
            .set(machine_threads::told.eq(Db(json!({}))))
            .execute(self.conn)?;
        let of = forwardings::tenant_id.eq(tenant).and(forwardings::forwarding_id.eq(Db(id)));
        diesel::update(forwardings::table.filter(of))
            .set((
                forwardings::matter.eq(""),
                forwardings::document.eq(Db(json!({}))),
                forwardings::import_key.eq(None::<String>),
                forwardings::todo.eq(None::<String>),
                forwardings::awaited_on.eq(None::<Db<Date>>),
                forwardings::erased_at.eq(Some(Db(at))),
            ))
            .execute(self.conn)?;
        self.loosen(files, at)
    }

    /// The version of what came from another caregiver; `None` where it is not there, or erased.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn forwarding_version(&mut self, id: ForwardingId) -> Result<Option<i64>, Error> {
        Ok(forwardings::table
            .select(forwardings::version)
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::forwarding_id.eq(Db(id)))
            .filter(forwardings::erased_at.is_null())
            .get_result(self.conn)
            .optional()?)
    }

    /// Erases the files of a case. Gives the contents that lie elsewhere; they are loose from here on.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn erase_attachments(
        &mut self,
        case: CaseId,
        at: Timestamp,
    ) -> Result<Vec<(ContentId, Place)>, Error> {
        let files: Vec<(Option<Db<ContentId>>, Option<String>)> = attachments::table
            .select((attachments::content_id, attachments::place))
            .filter(attachments::tenant_id.eq(Db(self.tenant)))
            .filter(attachments::case_id.eq(Db(case)))
            .load(self.conn)?;
        delete_of_case!(self, case, attachments);
        self.loosen(files.into_iter().filter_map(|(id, place)| Some((id?, place?))).collect(), at)
    }

    fn loosen(
        &mut self,
        files: Vec<(Db<ContentId>, String)>,
        at: Timestamp,
    ) -> Result<Vec<(ContentId, Place)>, Error> {
        let mut loose = Vec::new();
        for (id, place) in files {
            let place: Place = code(&place, "attachments.place")?;
            if place == Place::Database {
                // Its bytes lie here: they go in this transaction.
                self.end_erasing(id.get())?;
            } else {
                self.add_rows(|rows| rows.loose_content(id.get(), place, at))?;
                loose.push((id.get(), place));
            }
        }
        Ok(loose)
    }

    /// Erases the receipts of a case, and who left its opinion: nobody gets in by them any more.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn erase_receipts(&mut self, case: CaseId) -> Result<(), Error> {
        delete_of_case!(self, case, receipt_renewals, receipts);
        Ok(())
    }

    /// Erases a notice that waits for nothing. Whether there was one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn erase_notice(&mut self, id: Uuid) -> Result<bool, Error> {
        let of = outbox::tenant_id
            .eq(Db(self.tenant))
            .and(outbox::message_id.eq(Db(id)))
            .and(outbox::next_try_at.is_null());
        Ok(diesel::delete(outbox::table.filter(of)).execute(self.conn)? == 1)
    }
}
