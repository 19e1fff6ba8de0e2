//! What stands beside the handling of a case: who was asked, whom it is kept from, what is said.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use domain::case::watch::{WatchAnswered, Watcher};
use domain::case::{Case, Comment, Conflict, Watch};
use domain::ids::{CaseId, CommentId, StaffId, TenantId, UnitId, WatchId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::among::among;
use crate::case_parts::grouped;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{case_units, comment_mentions, comments, conflicts, watches};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = watches, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct WatchRow {
    tenant_id: Db<TenantId>,
    watch_id: Db<WatchId>,
    case_id: Db<CaseId>,
    staff_id: Option<Db<StaffId>>,
    profession: Option<String>,
    wish: String,
    text: Option<String>,
    due_on: Option<Db<Date>>,
    asked_by: Db<StaffId>,
    asked_at: Db<Timestamp>,
    answer: Option<String>,
    answer_text: Option<String>,
    answered_by: Option<Db<StaffId>>,
    answered_at: Option<Db<Timestamp>>,
}

impl WatchRow {
    fn into_watch(self) -> Result<Watch, Error> {
        let to = match (self.staff_id, self.profession) {
            (Some(staff), _) => Watcher::Staff(staff.get()),
            (None, Some(profession)) => Watcher::Profession(profession),
            (None, None) => return Err(Error::Corrupt("a watch is for nobody".into())),
        };
        let answered = match (self.answer, self.answered_by, self.answered_at) {
            (Some(answer), Some(by), Some(at)) => Some(WatchAnswered {
                answer: code(&answer, "watches.answer")?,
                text: self.answer_text,
                by: by.get(),
                at: at.get(),
            }),
            _ => None,
        };
        Ok(Watch {
            id: self.watch_id.get(),
            to,
            wish: code(&self.wish, "watches.wish")?,
            text: self.text,
            due_on: self.due_on.map(Db::get),
            by: self.asked_by.get(),
            at: self.asked_at.get(),
            answered,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = conflicts, check_for_backend(MultiBackend))]
struct ConflictRow {
    case_id: Db<CaseId>,
    staff_id: Db<StaffId>,
    reason: String,
    kept_by: Option<Db<StaffId>>,
    kept_at: Db<Timestamp>,
}

impl ConflictRow {
    fn into_conflict(self) -> Conflict {
        Conflict {
            staff: self.staff_id.get(),
            reason: self.reason,
            by: self.kept_by.map(Db::get),
            at: self.kept_at.get(),
        }
    }
}

/// The cases that are kept from somebody, to be asked within a statement.
#[diesel::dsl::auto_type]
pub(crate) fn hidden_from(tenant: Db<TenantId>, staff: Db<StaffId>) -> _ {
    conflicts::table
        .select(conflicts::case_id)
        .filter(conflicts::tenant_id.eq(tenant))
        .filter(conflicts::staff_id.eq(staff))
}

impl Additions {
    /// Adds everything that stands beside a new case.
    pub(crate) fn beside(&mut self, case: &Case) {
        case.watches.iter().for_each(|watch| self.watch(case.id, watch));
        case.conflicts.iter().for_each(|conflict| self.conflict(case.id, conflict));
        for unit in case.also_units.iter().collect::<BTreeSet<_>>() {
            self.also_unit(case.id, *unit);
        }
    }

    /// Adds a watch.
    pub fn watch(&mut self, case: CaseId, watch: &Watch) {
        let (staff_id, profession) = match &watch.to {
            Watcher::Staff(staff) => (Some(Db(*staff)), None),
            Watcher::Profession(profession) => (None, Some(profession.clone())),
        };
        let answered = watch.answered.as_ref();
        self.push(diesel::insert_into(watches::table).values(WatchRow {
            tenant_id: Db(self.tenant),
            watch_id: Db(watch.id),
            case_id: Db(case),
            staff_id,
            profession,
            wish: watch.wish.code().to_owned(),
            text: watch.text.clone(),
            due_on: watch.due_on.map(Db),
            asked_by: Db(watch.by),
            asked_at: Db(watch.at),
            answer: answered.map(|it| it.answer.code().to_owned()),
            answer_text: answered.and_then(|it| it.text.clone()),
            answered_by: answered.map(|it| Db(it.by)),
            answered_at: answered.map(|it| Db(it.at)),
        }));
    }

    /// Adds someone the case is kept from.
    pub fn conflict(&mut self, case: CaseId, conflict: &Conflict) {
        self.push(diesel::insert_into(conflicts::table).values((
            conflicts::tenant_id.eq(Db(self.tenant)),
            conflicts::case_id.eq(Db(case)),
            conflicts::staff_id.eq(Db(conflict.staff)),
            conflicts::reason.eq(conflict.reason.clone()),
            conflicts::kept_by.eq(conflict.by.map(Db)),
            conflicts::kept_at.eq(Db(conflict.at)),
        )));
    }

    /// Adds a unit that is concerned, too.
    pub fn also_unit(&mut self, case: CaseId, unit: UnitId) {
        self.push(diesel::insert_into(case_units::table).values((
            case_units::tenant_id.eq(Db(self.tenant)),
            case_units::case_id.eq(Db(case)),
            case_units::unit_id.eq(Db(unit)),
        )));
    }

    /// Adds a comment.
    pub fn comment(&mut self, case: CaseId, comment: &Comment) {
        let mentions = serde_json::json!(comment.mentions);
        self.push(diesel::insert_into(comments::table).values((
            comments::tenant_id.eq(Db(self.tenant)),
            comments::case_id.eq(Db(case)),
            comments::comment_id.eq(Db(comment.id)),
            comments::text.eq(comment.text.clone()),
            comments::to_reporter.eq(comment.to_reporter),
            comments::mentions.eq(Db(mentions)),
            comments::said_by.eq(Db(comment.by)),
            comments::said_at.eq(Db(comment.at)),
        )));
        // Calling somebody twice says no more than once.
        for staff in comment.mentions.iter().collect::<std::collections::BTreeSet<_>>() {
            self.push(diesel::insert_into(comment_mentions::table).values((
                comment_mentions::tenant_id.eq(Db(self.tenant)),
                comment_mentions::case_id.eq(Db(case)),
                comment_mentions::comment_id.eq(Db(comment.id)),
                comment_mentions::staff_id.eq(Db(*staff)),
            )));
        }
    }
}

impl Tx<'_> {
    /// Who was asked about a case, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn watches_of(&mut self, case: CaseId) -> Result<Vec<Watch>, Error> {
        let rows: Vec<WatchRow> = watches::table
            .select(WatchRow::as_select())
            .filter(watches::tenant_id.eq(Db(self.tenant)))
            .filter(watches::case_id.eq(Db(case)))
            .order((watches::asked_at, watches::watch_id))
            .load(self.conn)?;
        rows.into_iter().map(WatchRow::into_watch).collect()
    }

    /// Who was asked about several cases, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub(crate) fn watches_of_each(
        &mut self,
        cases: &[Db<CaseId>],
    ) -> Result<HashMap<CaseId, Vec<Watch>>, Error> {
        let rows: Vec<WatchRow> = watches::table
            .select(WatchRow::as_select())
            .filter(watches::tenant_id.eq(Db(self.tenant)))
            .filter(watches::case_id.eq_any(among(cases)))
            .order((watches::asked_at, watches::watch_id))
            .load(self.conn)?;
        let found = rows.into_iter().map(|row| Ok((row.case_id.get(), row.into_watch()?)));
        Ok(grouped(found.collect::<Result<Vec<_>, Error>>()?))
    }

    /// Writes down how a watch was answered.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn save_watch(&mut self, watch: &Watch) -> Result<(), Error> {
        let answered = watch.answered.as_ref();
        let here = watches::tenant_id.eq(Db(self.tenant)).and(watches::watch_id.eq(Db(watch.id)));
        let changed = diesel::update(watches::table.filter(here))
            .set((
                watches::answer.eq(answered.map(|it| it.answer.code())),
                watches::answer_text.eq(answered.and_then(|it| it.text.clone())),
                watches::answered_by.eq(answered.map(|it| Db(it.by))),
                watches::answered_at.eq(answered.map(|it| Db(it.at))),
            ))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Whom a case is kept from, since longest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn conflicts_of(&mut self, case: CaseId) -> Result<Vec<Conflict>, Error> {
        let rows: Vec<ConflictRow> = conflicts::table
            .select(ConflictRow::as_select())
            .filter(conflicts::tenant_id.eq(Db(self.tenant)))
            .filter(conflicts::case_id.eq(Db(case)))
            .order((conflicts::kept_at, conflicts::staff_id))
            .load(self.conn)?;
        Ok(rows.into_iter().map(ConflictRow::into_conflict).collect())
    }

    /// Whom several cases are kept from, since longest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub(crate) fn conflicts_of_each(
        &mut self,
        cases: &[Db<CaseId>],
    ) -> Result<HashMap<CaseId, Vec<Conflict>>, Error> {
        let rows: Vec<ConflictRow> = conflicts::table
            .select(ConflictRow::as_select())
            .filter(conflicts::tenant_id.eq(Db(self.tenant)))
            .filter(conflicts::case_id.eq_any(among(cases)))
            .order((conflicts::kept_at, conflicts::staff_id))
            .load(self.conn)?;
        Ok(grouped(rows.into_iter().map(|row| (row.case_id.get(), row.into_conflict()))))
    }

    /// Keeps a case from someone no longer; the history keeps that it was.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn delete_conflict(&mut self, case: CaseId, staff: StaffId) -> Result<(), Error> {
        let here = conflicts::tenant_id
            .eq(Db(self.tenant))
            .and(conflicts::case_id.eq(Db(case)))
            .and(conflicts::staff_id.eq(Db(staff)));
        diesel::delete(conflicts::table.filter(here)).execute(self.conn)?;
        Ok(())
    }

    /// Puts other units in the place of those that were concerned, too.
    ///
    /// # Errors
    /// [`Error::Reference`] when a unit is not there.
    pub fn replace_also_units(&mut self, case: CaseId, units: &[UnitId]) -> Result<(), Error> {
        let of = case_units::tenant_id.eq(Db(self.tenant)).and(case_units::case_id.eq(Db(case)));
        diesel::delete(case_units::table.filter(of)).execute(self.conn)?;
        let units: BTreeSet<_> = units.iter().copied().collect();
        self.add_rows(|rows| units.iter().for_each(|unit| rows.also_unit(case, *unit)))
    }

    /// What was said about a case, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for mentions that are no list of ids.
    pub fn comments_of(&mut self, case: CaseId) -> Result<Vec<Comment>, Error> {
        type Row = (Db<CommentId>, String, bool, Db<Value>, Db<StaffId>, Db<Timestamp>);
        let rows: Vec<Row> = comments::table
            .select((
                comments::comment_id,
                comments::text,
                comments::to_reporter,
                comments::mentions,
                comments::said_by,
                comments::said_at,
            ))
            .filter(comments::tenant_id.eq(Db(self.tenant)))
            .filter(comments::case_id.eq(Db(case)))
            .order((comments::said_at, comments::comment_id))
            .load(self.conn)?;
        rows.into_iter()
            .map(|(id, text, to_reporter, mentions, by, at)| {
                let mentions = serde_json::from_value(mentions.get())
                    .map_err(|error| Error::Corrupt(format!("comments.mentions: {error}")))?;
                Ok(Comment {
                    id: id.get(),
                    text,
                    to_reporter,
                    mentions,
                    by: by.get(),
                    at: at.get(),
                })
            })
            .collect()
    }
}
