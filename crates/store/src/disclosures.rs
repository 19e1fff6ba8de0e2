//! What was asked for as a public record, and what was decided.

use diesel::prelude::*;
use domain::disclosure::{Decision, Disclosure, Mask};
use domain::ids::{CaseId, DisclosureId, StaffId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::disclosures;
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = disclosures, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct DisclosureRow {
    tenant_id: Db<TenantId>,
    disclosure_id: Db<DisclosureId>,
    case_id: Db<CaseId>,
    case_version: i64,
    decision: String,
    asked_on: Db<Date>,
    reference: Option<String>,
    motivation: Option<String>,
    appeal: Option<String>,
    content: Option<String>,
    sha256: Option<Vec<u8>>,
    masks: Db<Value>,
    decided_by: Db<StaffId>,
    decided_at: Db<Timestamp>,
}

impl DisclosureRow {
    fn into_disclosure(self) -> Result<Disclosure, Error> {
        Ok(Disclosure {
            id: self.disclosure_id.get(),
            case: self.case_id.get(),
            case_version: self.case_version,
            decision: code::<Decision>(&self.decision, "disclosures.decision")?,
            asked_on: self.asked_on.get(),
            reference: self.reference,
            motivation: self.motivation,
            appeal: self.appeal,
            content: self.content,
            sha256: self.sha256,
            masks: from_document::<Vec<Mask>>(self.masks.get(), "disclosures.masks")?,
            by: self.decided_by.get(),
            at: self.decided_at.get(),
        })
    }
}

impl Additions {
    /// Adds a disclosure.
    pub fn disclosure(&mut self, it: &Disclosure) {
        let masks = match document(&it.masks) {
            Ok(masks) => masks,
            Err(fault) => return self.refuse(fault),
        };
        self.push(diesel::insert_into(disclosures::table).values(DisclosureRow {
            tenant_id: Db(self.tenant),
            disclosure_id: Db(it.id),
            case_id: Db(it.case),
            case_version: it.case_version,
            decision: it.decision.code().to_owned(),
            asked_on: Db(it.asked_on),
            reference: it.reference.clone(),
            motivation: it.motivation.clone(),
            appeal: it.appeal.clone(),
            content: it.content.clone(),
            sha256: it.sha256.clone(),
            masks: Db(masks),
            decided_by: Db(it.by),
            decided_at: Db(it.at),
        }));
    }
}

impl Tx<'_> {
    /// The disclosures of a case, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn disclosures_of(&mut self, case: CaseId) -> Result<Vec<Disclosure>, Error> {
        let rows: Vec<DisclosureRow> = disclosures::table
            .select(DisclosureRow::as_select())
            .filter(disclosures::tenant_id.eq(Db(self.tenant)))
            .filter(disclosures::case_id.eq(Db(case)))
            .order(disclosures::disclosure_id)
            .load(self.conn)?;
        rows.into_iter().map(DisclosureRow::into_disclosure).collect()
    }

    /// A disclosure of a case.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn disclosure(&mut self, case: CaseId, id: DisclosureId) -> Result<Disclosure, Error> {
        let row: DisclosureRow = disclosures::table
            .select(DisclosureRow::as_select())
            .filter(disclosures::tenant_id.eq(Db(self.tenant)))
            .filter(disclosures::case_id.eq(Db(case)))
            .filter(disclosures::disclosure_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_disclosure()
    }
}
