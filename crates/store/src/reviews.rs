//! Half-yearly reviews: the row of each, its history, and the figures a signature binds.

use diesel::prelude::*;
use domain::case::event::FieldChange;
use domain::ids::{ReviewId, StaffId, TenantId, UnitId};
use domain::review::{Event, Half, Improvement, Page, Review, Signature, State, Status, Subject};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::among::among;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{review_figures, review_history, reviews};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reviews, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, review_id), treat_none_as_null = true)]
struct ReviewRow {
    tenant_id: Db<TenantId>,
    review_id: Db<ReviewId>,
    half: String,
    subject_key: String,
    unit_id: Db<UnitId>,
    status: String,
    due_on: Db<Date>,
    signed_at: Option<Db<Timestamp>>,
    signed_by: Option<Db<StaffId>>,
    owed: i32,
    document: Db<Value>,
    created_at: Db<Timestamp>,
    version: i64,
    updated_at: Db<Timestamp>,
}

/// The document of a row.
#[derive(Serialize, Deserialize)]
struct Kept {
    name: String,
    units: Vec<UnitId>,
    state: State,
    #[serde(default)]
    improvements: Vec<Improvement>,
    #[serde(default)]
    superseded: Vec<Signature>,
}

impl ReviewRow {
    fn of(tenant: TenantId, review: &Review) -> Result<Self, Error> {
        let subject = &review.subject;
        let kept = Kept {
            name: subject.name.clone(),
            units: subject.units.clone(),
            state: review.state.clone(),
            improvements: review.improvements.clone(),
            superseded: review.superseded.clone(),
        };
        let signature = review.state.signature();
        let none = || Error::Corrupt("a review of no unit".to_owned());
        Ok(Self {
            tenant_id: Db(tenant),
            review_id: Db(review.id),
            half: review.half.to_string(),
            subject_key: subject.key.clone(),
            unit_id: Db(*subject.units.first().ok_or_else(none)?),
            status: review.status().code().to_owned(),
            due_on: Db(review.due_on),
            signed_at: signature.map(|it| Db(it.signed.at)),
            signed_by: signature.map(|it| Db(it.signed.by)),
            owed: i32::try_from(review.owed().count()).unwrap_or(i32::MAX),
            document: Db(document(&kept)?),
            created_at: Db(review.created_at),
            version: review.version,
            updated_at: Db(review.updated_at),
        })
    }

    fn into_review(self) -> Result<Review, Error> {
        let kept: Kept = from_document(self.document.get(), "reviews.document")?;
        Ok(Review {
            id: self.review_id.get(),
            subject: Subject { key: self.subject_key, name: kept.name, units: kept.units },
            half: code(&self.half, "reviews.half")?,
            created_at: self.created_at.get(),
            due_on: self.due_on.get(),
            state: kept.state,
            improvements: kept.improvements,
            superseded: kept.superseded,
            version: self.version,
            updated_at: self.updated_at.get(),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = review_history, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct HistoryRow {
    tenant_id: Db<TenantId>,
    review_id: Db<ReviewId>,
    version: i64,
    at: Db<Timestamp>,
    staff_id: Option<Db<StaffId>>,
    command: String,
    from_status: Option<String>,
    to_status: String,
    changes: Db<Value>,
    reason: Option<String>,
}

/// Who did what to a review.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewEntry {
    /// The version that came of it.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// Who; `None` is the service itself.
    pub by: Option<StaffId>,
    /// What was done.
    pub command: String,
    /// Where it stood.
    pub from: Option<Status>,
    /// Where it stands since.
    pub to: Status,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// Why.
    pub reason: Option<String>,
}

impl Additions {
    /// Adds a review; a conflict over `reviews_half_subject_key_key` when its half has one already.
    pub fn review(&mut self, review: &Review) {
        match ReviewRow::of(self.tenant, review) {
            Ok(row) => self.push(diesel::insert_into(reviews::table).values(row)),
            Err(fault) => self.refuse(fault),
        }
    }

    /// Adds what made `version` of a review to its history; a conflict over
    /// `review_history_review_id_version_key` when that version has its entry already.
    pub fn review_history(&mut self, review: &Review, event: &Event, by: Option<StaffId>) {
        let changes = match document(&event.changes) {
            Ok(changes) => changes,
            Err(fault) => return self.refuse(fault),
        };
        self.push(diesel::insert_into(review_history::table).values(HistoryRow {
            tenant_id: Db(self.tenant),
            review_id: Db(review.id),
            version: review.version,
            at: Db(review.updated_at),
            staff_id: by.map(Db),
            command: event.command.code().to_owned(),
            from_status: event.from.map(|status| status.code().to_owned()),
            to_status: event.to.code().to_owned(),
            changes: Db(changes),
            reason: event.reason.clone(),
        }));
    }

    /// Adds the figures that the signature of a version binds.
    pub fn review_figures(&mut self, review: ReviewId, version: i64, page: &Page) {
        let page = match document(page) {
            Ok(page) => page,
            Err(fault) => return self.refuse(fault),
        };
        self.push(diesel::insert_into(review_figures::table).values((
            review_figures::tenant_id.eq(Db(self.tenant)),
            review_figures::review_id.eq(Db(review)),
            review_figures::version.eq(version),
            review_figures::page.eq(Db(page)),
        )));
    }
}

impl Tx<'_> {
    /// Saves a changed review if it still stands where the change began.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_review(&mut self, before: &Review, review: &Review) -> Result<(), Error> {
        let row = ReviewRow::of(self.tenant, review)?;
        let here = reviews::tenant_id
            .eq(Db(self.tenant))
            .and(reviews::review_id.eq(Db(review.id)))
            .and(reviews::status.eq(before.status().code()))
            .and(reviews::version.eq(before.version));
        let changed = diesel::update(reviews::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// A review.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn review(&mut self, id: ReviewId) -> Result<Review, Error> {
        let row: ReviewRow = reviews::table
            .select(ReviewRow::as_select())
            .filter(reviews::tenant_id.eq(Db(self.tenant)))
            .filter(reviews::review_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_review()
    }

    /// The reviews of both halves of a year, by half, then by id.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn reviews(&mut self, year: i16) -> Result<Vec<Review>, Error> {
        let halves = [false, true].map(|second| Half::new(year, second).map(|it| it.to_string()));
        let halves: Vec<String> = halves.into_iter().flatten().collect();
        let rows: Vec<ReviewRow> = reviews::table
            .select(ReviewRow::as_select())
            .filter(reviews::tenant_id.eq(Db(self.tenant)))
            .filter(reviews::half.eq_any(among(halves)))
            .order((reviews::half, reviews::review_id))
            .load(self.conn)?;
        rows.into_iter().map(ReviewRow::into_review).collect()
    }

    /// The reviews of one unit, or of units together, by half.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn reviews_of(&mut self, subject_key: &str) -> Result<Vec<Review>, Error> {
        let rows: Vec<ReviewRow> = reviews::table
            .select(ReviewRow::as_select())
            .filter(reviews::tenant_id.eq(Db(self.tenant)))
            .filter(reviews::subject_key.eq(subject_key.to_owned()))
            .order(reviews::half)
            .load(self.conn)?;
        rows.into_iter().map(ReviewRow::into_review).collect()
    }

    /// The reviews that are not signed, or of which something that was decided is not settled; with
    /// `since` also those that changed since.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn reviews_awaiting(&mut self, since: Option<Timestamp>) -> Result<Vec<Review>, Error> {
        let awaiting = reviews::status.ne(Status::Signed.code()).or(reviews::owed.gt(0));
        let mut query = reviews::table
            .select(ReviewRow::as_select())
            .filter(reviews::tenant_id.eq(Db(self.tenant)))
            .order((reviews::due_on, reviews::review_id))
            .into_boxed();
        query = match since {
            None => query.filter(awaiting),
            Some(since) => query.filter(awaiting.or(reviews::updated_at.ge(Db(since)))),
        };
        let rows: Vec<ReviewRow> = query.load(self.conn)?;
        rows.into_iter().map(ReviewRow::into_review).collect()
    }

    /// The figures that the signature of a version binds.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn review_page(&mut self, id: ReviewId, version: i64) -> Result<Page, Error> {
        let page: Db<Value> = review_figures::table
            .select(review_figures::page)
            .filter(review_figures::tenant_id.eq(Db(self.tenant)))
            .filter(review_figures::review_id.eq(Db(id)))
            .filter(review_figures::version.eq(version))
            .get_result(self.conn)?;
        from_document(page.get(), "review_figures.page")
    }

    /// Who did what to a review, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn review_history(&mut self, id: ReviewId) -> Result<Vec<ReviewEntry>, Error> {
        let rows: Vec<HistoryRow> = review_history::table
            .select(HistoryRow::as_select())
            .filter(review_history::tenant_id.eq(Db(self.tenant)))
            .filter(review_history::review_id.eq(Db(id)))
            .order(review_history::version)
            .load(self.conn)?;
        let entry = |row: HistoryRow| {
            let from = row.from_status.as_deref();
            Ok(ReviewEntry {
                version: row.version,
                at: row.at.get(),
                by: row.staff_id.map(Db::get),
                command: row.command,
                from: from.map(|it| code(it, "review_history.from_status")).transpose()?,
                to: code(&row.to_status, "review_history.to_status")?,
                changes: from_document(row.changes.get(), "review_history.changes")?,
                reason: row.reason,
            })
        };
        rows.into_iter().map(entry).collect()
    }
}
