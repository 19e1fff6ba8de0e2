//! Legal holds.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::forwarding::Direction;
use domain::ids::{CaseId, ForwardingId, HoldId, StaffId, SubjectId, TenantId};
use domain::retention::{LegalHold, Lifted};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{cases, forwarding_subjects, forwardings, legal_holds, subjects};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = legal_holds, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, hold_id), treat_none_as_null = true)]
struct HoldRow {
    tenant_id: Db<TenantId>,
    hold_id: Db<HoldId>,
    case_id: Option<Db<CaseId>>,
    blind_index: Option<Vec<u8>>,
    reason: String,
    placed_by: Db<StaffId>,
    placed_at: Db<Timestamp>,
    until: Option<Db<Date>>,
    lifted_by: Option<Db<StaffId>>,
    lifted_at: Option<Db<Timestamp>>,
    lifted_reason: Option<String>,
    version: i64,
}

impl HoldRow {
    fn of(tenant: TenantId, hold: &LegalHold) -> Self {
        let lifted = hold.lifted.as_ref();
        Self {
            tenant_id: Db(tenant),
            hold_id: Db(hold.id),
            case_id: hold.case.map(Db),
            blind_index: hold.blind_index.clone(),
            reason: hold.reason.clone(),
            placed_by: Db(hold.placed_by),
            placed_at: Db(hold.placed_at),
            until: hold.until.map(Db),
            lifted_by: lifted.map(|it| Db(it.by)),
            lifted_at: lifted.map(|it| Db(it.at)),
            lifted_reason: lifted.map(|it| it.reason.clone()),
            version: hold.version,
        }
    }

    fn into_hold(self) -> LegalHold {
        let lifted = self.lifted_at.zip(self.lifted_by).zip(self.lifted_reason);
        LegalHold {
            id: self.hold_id.get(),
            case: self.case_id.map(Db::get),
            blind_index: self.blind_index,
            reason: self.reason,
            placed_by: self.placed_by.get(),
            placed_at: self.placed_at.get(),
            until: self.until.map(Db::get),
            lifted: lifted.map(|((at, by), reason)| Lifted { at: at.get(), by: by.get(), reason }),
            version: self.version,
        }
    }
}

impl Tx<'_> {
    /// Every legal hold, also those that are lifted or over, by id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn legal_holds(&mut self) -> Result<Vec<LegalHold>, Error> {
        let rows: Vec<HoldRow> = legal_holds::table
            .select(HoldRow::as_select())
            .filter(legal_holds::tenant_id.eq(Db(self.tenant)))
            .order(legal_holds::hold_id)
            .load(self.conn)?;
        Ok(rows.into_iter().map(HoldRow::into_hold).collect())
    }

    /// A legal hold.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn legal_hold(&mut self, id: HoldId) -> Result<LegalHold, Error> {
        let row: HoldRow = legal_holds::table
            .select(HoldRow::as_select())
            .filter(legal_holds::tenant_id.eq(Db(self.tenant)))
            .filter(legal_holds::hold_id.eq(Db(id)))
            .get_result(self.conn)?;
        Ok(row.into_hold())
    }

    /// Places a hold.
    ///
    /// # Errors
    /// [`Error::Reference`] for a case that is not there.
    pub fn insert_legal_hold(&mut self, hold: &LegalHold) -> Result<(), Error> {
        let row = HoldRow::of(self.tenant, hold);
        diesel::insert_into(legal_holds::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves a changed hold if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_legal_hold(&mut self, hold: &LegalHold) -> Result<(), Error> {
        let here = legal_holds::tenant_id
            .eq(Db(self.tenant))
            .and(legal_holds::hold_id.eq(Db(hold.id)))
            .and(legal_holds::version.eq(hold.version - 1));
        let row = HoldRow::of(self.tenant, hold);
        let changed =
            diesel::update(legal_holds::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// The case with this id, or number, whatever stands of it; `None` where it is not there, or erased.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn case_named(
        &mut self,
        id: Option<CaseId>,
        number: &str,
    ) -> Result<Option<CaseId>, Error> {
        let mut query = cases::table
            .select(cases::case_id)
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::erased_at.is_null())
            .into_boxed();
        query = match id {
            Some(id) => query.filter(cases::case_id.eq(Db(id))),
            None => query.filter(cases::number.eq(number.to_owned())),
        };
        let found: Option<Db<CaseId>> = query.first(self.conn).optional()?;
        Ok(found.map(Db::get))
    }

    /// The cases that a legal hold holds on a day: by themselves, or by whom they are about.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases_on_hold(&mut self, day: Date) -> Result<BTreeSet<CaseId>, Error> {
        let mut held = BTreeSet::new();
        for hold in self.legal_holds()?.into_iter().filter(|hold| hold.holds_on(day)) {
            held.extend(hold.case);
            if let Some(index) = hold.blind_index {
                held.extend(self.cases_about(&index)?);
            }
        }
        Ok(held)
    }

    /// What other caregivers sent that a legal hold on a person holds on a day: everything that names one, since
    /// whom it is about is sealed without a hash to find them by.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn received_on_hold(&mut self, day: Date) -> Result<BTreeSet<ForwardingId>, Error> {
        let holds = self.legal_holds()?;
        if !holds.iter().any(|hold| hold.blind_index.is_some() && hold.holds_on(day)) {
            return Ok(BTreeSet::new());
        }
        let of = forwarding_subjects::tenant_id
            .eq(forwardings::tenant_id)
            .and(forwarding_subjects::forwarding_id.eq(forwardings::forwarding_id));
        let found: Vec<Db<ForwardingId>> = forwardings::table
            .inner_join(forwarding_subjects::table.on(of))
            .select(forwardings::forwarding_id)
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::direction.eq(Direction::Received.code()))
            .load(self.conn)?;
        Ok(found.into_iter().map(Db::get).collect())
    }

    /// The cases that are about whoever has this keyed hash, erased ones not among them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases_about(&mut self, blind_index: &[u8]) -> Result<BTreeSet<CaseId>, Error> {
        let subjects: Vec<Db<SubjectId>> = subjects::table
            .select(subjects::subject_id)
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            .filter(subjects::blind_index.eq(blind_index.to_vec()))
            .load(self.conn)?;
        let subjects: Vec<_> = subjects.into_iter().map(Some).collect();
        let found: Vec<Db<CaseId>> = cases::table
            .select(cases::case_id)
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::erased_at.is_null())
            .filter(cases::subject_id.eq_any(subjects))
            .load(self.conn)?;
        Ok(found.into_iter().map(Db::get).collect())
    }
}
