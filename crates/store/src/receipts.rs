//! Receipts of what the public has left, and links to new ones.

use diesel::prelude::*;
use domain::ids::{CaseId, MessageId};
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::error::Error;
use crate::schema::{receipt_renewals, receipts};
use crate::sql_types::Db;

/// A receipt as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The keyed hash of its code.
    pub hash: Vec<u8>,
    /// What it opens.
    pub case: CaseId,
    /// The keyed hash of the address a new code may be sent to.
    pub contact: Option<Vec<u8>>,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// A link to a new code, sent by the message of the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Its id, and that of the message.
    pub id: MessageId,
    /// For what.
    pub case: CaseId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Until when it opens.
    pub expires_at: Timestamp,
}

impl Additions {
    /// Adds a receipt; a conflict over `receipts_receipt_hash_key` when its code is another's.
    pub fn receipt(&mut self, receipt: &Receipt) {
        self.push(diesel::insert_into(receipts::table).values((
            receipts::tenant_id.eq(Db(self.tenant)),
            receipts::receipt_hash.eq(receipt.hash.clone()),
            receipts::case_id.eq(Db(receipt.case)),
            receipts::contact_hash.eq(receipt.contact.clone()),
            receipts::issued_at.eq(Db(receipt.issued_at)),
        )));
    }

    /// Adds a link to a new code.
    pub fn renewal(&mut self, renewal: &Renewal) {
        self.push(diesel::insert_into(receipt_renewals::table).values((
            receipt_renewals::tenant_id.eq(Db(self.tenant)),
            receipt_renewals::renewal_id.eq(Db(renewal.id)),
            receipt_renewals::case_id.eq(Db(renewal.case)),
            receipt_renewals::sent_at.eq(Db(renewal.sent_at)),
            receipt_renewals::expires_at.eq(Db(renewal.expires_at)),
        )));
    }
}

impl Tx<'_> {
    /// What the receipt with this hash opens; `None` for one that was never issued, or was replaced.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn receipt_opens(&mut self, hash: &[u8]) -> Result<Option<CaseId>, Error> {
        let case: Option<Db<CaseId>> = receipts::table
            .select(receipts::case_id)
            .filter(receipts::tenant_id.eq(Db(self.tenant)))
            .filter(receipts::receipt_hash.eq(hash))
            .filter(receipts::replaced_at.is_null())
            .get_result(self.conn)
            .optional()?;
        Ok(case.map(Db::get))
    }

    /// What was left from this address, newest first, `limit` at most, without those to which a link was
    /// sent after `since`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn receipts_of_contact(
        &mut self,
        contact: &[u8],
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<CaseId>, Error> {
        let rows: Vec<Db<CaseId>> = receipts::table
            .select(receipts::case_id)
            .filter(receipts::tenant_id.eq(Db(self.tenant)))
            .filter(receipts::contact_hash.eq(contact))
            .filter(receipts::replaced_at.is_null())
            .order((receipts::issued_at.desc(), receipts::case_id))
            .load(self.conn)?;
        let sent: Vec<Db<CaseId>> = receipt_renewals::table
            .select(receipt_renewals::case_id)
            .filter(receipt_renewals::tenant_id.eq(Db(self.tenant)))
            .filter(receipt_renewals::case_id.eq_any(&rows))
            .filter(receipt_renewals::sent_at.gt(Db(since)))
            .load(self.conn)?;
        let sent: Vec<CaseId> = sent.into_iter().map(Db::get).collect();
        let fresh = rows.into_iter().map(Db::get).filter(|case| !sent.contains(case));
        Ok(fresh.take(limit).collect())
    }

    /// Uses up a link, if it still opens at `now`, and puts `made`, of the link's case, in place of the
    /// receipts it had. Gives the case, or `None` where the link does not open.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `receipts_receipt_hash_key`.
    pub fn renew_receipt(
        &mut self,
        renewal: MessageId,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<CaseId>, Error> {
        let used = receipt_renewals::tenant_id
            .eq(Db(self.tenant))
            .and(receipt_renewals::renewal_id.eq(Db(renewal)))
            .and(receipt_renewals::used_at.is_null())
            .and(receipt_renewals::expires_at.gt(Db(now)));
        let case: Option<Db<CaseId>> = diesel::update(receipt_renewals::table.filter(used))
            .set(receipt_renewals::used_at.eq(Some(Db(now))))
            .returning(receipt_renewals::case_id)
            .get_result(self.conn)
            .optional()?;
        let Some(case) = case.map(Db::get) else { return Ok(None) };
        let standing = receipts::tenant_id
            .eq(Db(self.tenant))
            .and(receipts::case_id.eq(Db(case)))
            .and(receipts::replaced_at.is_null());
        let contact: Option<Option<Vec<u8>>> = receipts::table
            .select(receipts::contact_hash)
            .filter(standing)
            .first(self.conn)
            .optional()?;
        diesel::update(receipts::table.filter(standing))
            .set(receipts::replaced_at.eq(Some(Db(now))))
            .execute(self.conn)?;
        let (hash, contact) = (hash.to_vec(), contact.flatten());
        self.add_rows(|rows| rows.receipt(&Receipt { hash, case, contact, issued_at: now }))?;
        Ok(Some(case))
    }

    /// Lets what opened one case open the one that goes on in its place.
    ///
    /// # Errors
    /// [`Error::Reference`] when there is no such case.
    pub fn move_receipts(&mut self, from: CaseId, to: CaseId) -> Result<(), Error> {
        let opens = receipts::tenant_id.eq(Db(self.tenant)).and(receipts::case_id.eq(Db(from)));
        diesel::update(receipts::table.filter(opens))
            .set(receipts::case_id.eq(Db(to)))
            .execute(self.conn)?;
        let sent = receipt_renewals::tenant_id
            .eq(Db(self.tenant))
            .and(receipt_renewals::case_id.eq(Db(from)));
        diesel::update(receipt_renewals::table.filter(sent))
            .set(receipt_renewals::case_id.eq(Db(to)))
            .execute(self.conn)?;
        Ok(())
    }

    /// Whether a link still opens at `now`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn renewal_opens(&mut self, renewal: MessageId, now: Timestamp) -> Result<bool, Error> {
        let case: Option<Db<CaseId>> = receipt_renewals::table
            .select(receipt_renewals::case_id)
            .filter(receipt_renewals::tenant_id.eq(Db(self.tenant)))
            .filter(receipt_renewals::renewal_id.eq(Db(renewal)))
            .filter(receipt_renewals::used_at.is_null())
            .filter(receipt_renewals::expires_at.gt(Db(now)))
            .get_result(self.conn)
            .optional()?;
        Ok(case.is_some())
    }
}
