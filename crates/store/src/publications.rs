//! What is published of opinions and their answers, and what keeps it from being shown.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::case::{Kind, Status};
use domain::ids::{CaseId, StaffId, TenantId};
use domain::learning::Done;
use domain::publication::{Publication, PublicationStatus, PublicationText};
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{case_links, cases, escalations, publications};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = publications, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, case_id), treat_none_as_null = true)]
struct PublicationRow {
    tenant_id: Db<TenantId>,
    case_id: Db<CaseId>,
    question: String,
    answer: String,
    status: String,
    written_by: Db<StaffId>,
    written_at: Db<Timestamp>,
    approved_by: Option<Db<StaffId>>,
    approved_at: Option<Db<Timestamp>>,
    withdrawn_by: Option<Db<StaffId>>,
    withdrawn_at: Option<Db<Timestamp>>,
    withdrawn_reason: Option<String>,
    version: i64,
    updated_at: Db<Timestamp>,
}

impl PublicationRow {
    fn of(tenant: TenantId, it: &Publication) -> Self {
        let withdrawn = it.withdrawn.as_ref();
        Self {
            tenant_id: Db(tenant),
            case_id: Db(it.case),
            question: it.text.question.clone(),
            answer: it.text.answer.clone(),
            status: it.status().code().to_owned(),
            written_by: Db(it.written.by),
            written_at: Db(it.written.at),
            approved_by: it.approved.as_ref().map(|done| Db(done.by)),
            approved_at: it.approved.as_ref().map(|done| Db(done.at)),
            withdrawn_by: withdrawn.map(|(done, _)| Db(done.by)),
            withdrawn_at: withdrawn.map(|(done, _)| Db(done.at)),
            withdrawn_reason: withdrawn.map(|(_, reason)| reason.clone()),
            version: it.version,
            updated_at: Db(it.updated_at),
        }
    }

    fn into_publication(self) -> Publication {
        let done = |by: Option<Db<StaffId>>, at: Option<Db<Timestamp>>| {
            Some(Done { by: by?.get(), at: at?.get() })
        };
        Publication {
            case: self.case_id.get(),
            text: PublicationText { question: self.question, answer: self.answer },
            written: Done { by: self.written_by.get(), at: self.written_at.get() },
            approved: done(self.approved_by, self.approved_at),
            withdrawn: done(self.withdrawn_by, self.withdrawn_at).zip(self.withdrawn_reason),
            version: self.version,
            updated_at: self.updated_at.get(),
        }
    }
}

/// What anybody reads of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
    /// The category that holds.
    pub category: Option<String>,
    /// When it went out.
    pub at: Timestamp,
}

impl Tx<'_> {
    /// What is to be published, or was, of a case.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn publication(&mut self, case: CaseId) -> Result<Publication, Error> {
        let row: PublicationRow = publications::table
            .select(PublicationRow::as_select())
            .filter(publications::tenant_id.eq(Db(self.tenant)))
            .filter(publications::case_id.eq(Db(case)))
            .get_result(self.conn)?;
        Ok(row.into_publication())
    }

    /// Everything of a status, newest first; `None` is all.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn publications(
        &mut self,
        status: Option<PublicationStatus>,
        limit: i64,
    ) -> Result<Vec<Publication>, Error> {
        let mut query = publications::table
            .select(PublicationRow::as_select())
            .filter(publications::tenant_id.eq(Db(self.tenant)))
            .order((publications::updated_at.desc(), publications::case_id.desc()))
            .limit(limit)
            .into_boxed();
        if let Some(status) = status {
            query = query.filter(publications::status.eq(status.code()));
        }
        let rows: Vec<PublicationRow> = query.load(self.conn)?;
        Ok(rows.into_iter().map(PublicationRow::into_publication).collect())
    }

    /// Adds a publication, or saves a changed one if it still has the version of `before`.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_publication(
        &mut self,
        before: Option<&Publication>,
        it: &Publication,
    ) -> Result<(), Error> {
        let row = PublicationRow::of(self.tenant, it);
        let Some(before) = before else {
            let mut rows = Additions::to(self.tenant);
            rows.push(diesel::insert_into(publications::table).values(row));
            return self.add(rows).map_err(|error| match error {
                Error::Conflict { .. } => Error::Stale,
                other => other,
            });
        };
        let here = publications::tenant_id
            .eq(Db(self.tenant))
            .and(publications::case_id.eq(Db(it.case)))
            .and(publications::version.eq(before.version));
        let changed =
            diesel::update(publications::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Whether an avvikelse is linked to a case, from either side, and whether lex Maria, lex Sarah or a
    /// riskperson stands, or stood, beside it or beside what is linked to it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn near_avvikelse_or_lex(&mut self, case: CaseId) -> Result<(bool, bool), Error> {
        let tenant = Db(self.tenant);
        let forth: Vec<Db<CaseId>> = case_links::table
            .select(case_links::to_case_id)
            .filter(case_links::tenant_id.eq(tenant))
            .filter(case_links::case_id.eq(Db(case)))
            .load(self.conn)?;
        let back: Vec<Db<CaseId>> = case_links::table
            .select(case_links::case_id)
            .filter(case_links::tenant_id.eq(tenant))
            .filter(case_links::to_case_id.eq(Db(case)))
            .load(self.conn)?;
        let linked: BTreeSet<CaseId> = forth.into_iter().chain(back).map(Db::get).collect();
        let of = |ids: &BTreeSet<CaseId>| ids.iter().copied().map(Db).collect::<Vec<_>>();
        let avvikelser: i64 = cases::table
            .filter(cases::tenant_id.eq(tenant))
            .filter(cases::case_id.eq_any(of(&linked)))
            .filter(cases::kind.eq(Kind::Avvikelse.code()))
            .count()
            .get_result(self.conn)?;
        let beside: BTreeSet<CaseId> = linked.into_iter().chain([case]).collect();
        let lex: i64 = escalations::table
            .filter(escalations::tenant_id.eq(tenant))
            .filter(escalations::case_id.assume_not_null().eq_any(of(&beside)))
            .count()
            .get_result(self.conn)?;
        Ok((avvikelser > 0, lex > 0))
    }

    /// What anybody reads, newest first: what is out and has nothing beside it that keeps it back today,
    /// whenever that came.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn published(&mut self, skip: i64, limit: i64) -> Result<Vec<Published>, Error> {
        type Row = (Db<CaseId>, String, String, Option<Db<Timestamp>>);
        let linked_to = case_links::table
            .inner_join(
                cases::table.on(cases::tenant_id
                    .eq(case_links::tenant_id)
                    .and(cases::case_id.eq(case_links::to_case_id))),
            )
            .filter(case_links::tenant_id.eq(publications::tenant_id))
            .filter(case_links::case_id.eq(publications::case_id))
            .filter(cases::kind.eq(Kind::Avvikelse.code()));
        let linked_from = case_links::table
            .inner_join(
                cases::table.on(cases::tenant_id
                    .eq(case_links::tenant_id)
                    .and(cases::case_id.eq(case_links::case_id))),
            )
            .filter(case_links::tenant_id.eq(publications::tenant_id))
            .filter(case_links::to_case_id.eq(publications::case_id))
            .filter(cases::kind.eq(Kind::Avvikelse.code()));
        let lex = escalations::table
            .filter(escalations::tenant_id.eq(publications::tenant_id))
            .filter(escalations::case_id.assume_not_null().eq(publications::case_id));
        let lex_of_linked_to = case_links::table
            .inner_join(
                escalations::table.on(escalations::tenant_id
                    .eq(case_links::tenant_id)
                    .and(escalations::case_id.assume_not_null().eq(case_links::to_case_id))),
            )
            .filter(case_links::tenant_id.eq(publications::tenant_id))
            .filter(case_links::case_id.eq(publications::case_id));
        let lex_of_linked_from = case_links::table
            .inner_join(
                escalations::table.on(escalations::tenant_id
                    .eq(case_links::tenant_id)
                    .and(escalations::case_id.assume_not_null().eq(case_links::case_id))),
            )
            .filter(case_links::tenant_id.eq(publications::tenant_id))
            .filter(case_links::to_case_id.eq(publications::case_id));
        let standing = cases::table
            .filter(cases::tenant_id.eq(publications::tenant_id))
            .filter(cases::case_id.eq(publications::case_id))
            .filter(cases::status.ne(Status::Void.code()));
        let rows: Vec<Row> = publications::table
            .select((
                publications::case_id,
                publications::question,
                publications::answer,
                publications::approved_at,
            ))
            .filter(publications::tenant_id.eq(Db(self.tenant)))
            .filter(publications::status.eq(PublicationStatus::Published.code()))
            .filter(exists(standing))
            .filter(not(exists(linked_to)))
            .filter(not(exists(linked_from)))
            .filter(not(exists(lex)))
            .filter(not(exists(lex_of_linked_to)))
            .filter(not(exists(lex_of_linked_from)))
            .order((publications::approved_at.desc(), publications::case_id.desc()))
            .offset(skip)
            .limit(limit)
            .load(self.conn)?;
        let ids: Vec<_> = rows.iter().map(|row| row.0).collect();
        let categories: Vec<(Db<CaseId>, Option<String>)> = cases::table
            .select((cases::case_id, cases::category))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(ids))
            .load(self.conn)?;
        let mut categories: BTreeMap<CaseId, Option<String>> =
            categories.into_iter().map(|(id, category)| (id.get(), category)).collect();
        rows.into_iter()
            .map(|(id, question, answer, at)| {
                let at = at.ok_or_else(|| Error::Corrupt("published by nobody".into()))?.get();
                let category = categories.remove(&id.get()).flatten();
                Ok(Published { question, answer, category, at })
            })
            .collect()
    }
}
