//! What people write in the reports of years: texts, paragraphs, goals.

use std::str::FromStr;

use diesel::prelude::*;
use domain::ids::{GoalId, ParagraphId, StaffId, TenantId, UnitId};
use domain::learning::Done;
use domain::yearly::text::{AskedParagraph, CarriedGoal, Draft, GoalKind, SectionText};
use domain::yearly::{GoalAnswer, Reached, SectionId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::reports::done;
use crate::schema::{report_goals, report_paragraphs, report_texts};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = report_texts, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, year, section))]
struct TextRow {
    tenant_id: Db<TenantId>,
    year: i16,
    section: String,
    text: String,
    written_by: Db<StaffId>,
    author: String,
    written_at: Db<Timestamp>,
    version: i64,
}

impl TextRow {
    fn into_text(self) -> Result<SectionText, Error> {
        Ok(SectionText {
            section: code(&self.section, "report_texts.section")?,
            text: self.text,
            written: Done { by: self.written_by.get(), at: self.written_at.get() },
            author: self.author,
            version: self.version,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = report_paragraphs, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, paragraph_id), treat_none_as_null = true)]
struct ParagraphRow {
    tenant_id: Db<TenantId>,
    paragraph_id: Db<ParagraphId>,
    year: i16,
    section: String,
    unit_id: Db<UnitId>,
    asked_by: Db<StaffId>,
    asked_at: Db<Timestamp>,
    due_on: Option<Db<Date>>,
    text: Option<String>,
    written_by: Option<Db<StaffId>>,
    author: Option<String>,
    written_at: Option<Db<Timestamp>>,
    version: i64,
}

impl ParagraphRow {
    fn of(tenant: TenantId, it: &AskedParagraph) -> Self {
        let given = it.given.as_ref();
        Self {
            tenant_id: Db(tenant),
            paragraph_id: Db(it.id),
            year: it.year,
            section: it.section.code().to_owned(),
            unit_id: Db(it.unit),
            asked_by: Db(it.asked.by),
            asked_at: Db(it.asked.at),
            due_on: it.due_on.map(Db),
            text: given.map(|(text, _, _)| text.clone()),
            written_by: given.map(|(_, done, _)| Db(done.by)),
            author: given.map(|(_, _, author)| author.clone()),
            written_at: given.map(|(_, done, _)| Db(done.at)),
            version: it.version,
        }
    }

    fn into_paragraph(self) -> Result<AskedParagraph, Error> {
        let given = (self.text, done(self.written_by, self.written_at), self.author);
        Ok(AskedParagraph {
            id: self.paragraph_id.get(),
            year: self.year,
            section: code(&self.section, "report_paragraphs.section")?,
            unit: self.unit_id.get(),
            asked: Done { by: self.asked_by.get(), at: self.asked_at.get() },
            due_on: self.due_on.map(Db::get),
            given: match given {
                (Some(text), Some(done), Some(author)) => Some((text, done, author)),
                (_, _, _) => None,
            },
            version: self.version,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = report_goals, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, goal_id), treat_none_as_null = true)]
struct GoalRow {
    tenant_id: Db<TenantId>,
    goal_id: Db<GoalId>,
    kind: String,
    set_in: i16,
    year: i16,
    section: String,
    text: String,
    set_by: Db<StaffId>,
    set_at: Db<Timestamp>,
    reached: Option<String>,
    answer: Option<String>,
    answered_by: Option<Db<StaffId>>,
    answered_at: Option<Db<Timestamp>>,
    version: i64,
}

/// How a goal went, by its code.
struct ReachedCode(Reached);

impl FromStr for ReachedCode {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        let all = [Reached::Yes, Reached::Partly, Reached::No, Reached::NotFollowedUp];
        all.into_iter().find(|it| reached_code(*it) == code).map(Self).ok_or(())
    }
}

fn reached_code(reached: Reached) -> &'static str {
    match reached {
        Reached::Yes => "yes",
        Reached::Partly => "partly",
        Reached::No => "no",
        Reached::NotFollowedUp => "not_followed_up",
    }
}

impl GoalRow {
    fn of(tenant: TenantId, it: &CarriedGoal) -> Self {
        let answer = it.answer.as_ref();
        Self {
            tenant_id: Db(tenant),
            goal_id: Db(it.id),
            kind: it.kind.code().to_owned(),
            set_in: it.set_in,
            year: it.year,
            section: it.section.code().to_owned(),
            text: it.text.clone(),
            set_by: Db(it.set.by),
            set_at: Db(it.set.at),
            reached: answer.map(|(answer, _)| reached_code(answer.reached).to_owned()),
            answer: answer.map(|(answer, _)| answer.text.clone()),
            answered_by: answer.map(|(_, done)| Db(done.by)),
            answered_at: answer.map(|(_, done)| Db(done.at)),
            version: it.version,
        }
    }

    fn into_goal(self) -> Result<CarriedGoal, Error> {
        let given = (self.reached, self.answer, done(self.answered_by, self.answered_at));
        let answer = match given {
            (Some(reached), Some(text), Some(done)) => {
                let reached = code::<ReachedCode>(&reached, "report_goals.reached")?.0;
                Some((GoalAnswer { reached, text }, done))
            }
            (_, _, _) => None,
        };
        Ok(CarriedGoal {
            id: self.goal_id.get(),
            kind: code::<GoalKind>(&self.kind, "report_goals.kind")?,
            set_in: self.set_in,
            year: self.year,
            section: code(&self.section, "report_goals.section")?,
            text: self.text,
            set: Done { by: self.set_by.get(), at: self.set_at.get() },
            answer,
            version: self.version,
        })
    }
}

impl Additions {
    /// Adds a paragraph that is asked for; a conflict over
    /// `report_paragraphs_year_section_unit_id_key` where the unit was asked before.
    pub fn report_paragraph(&mut self, it: &AskedParagraph) {
        let row = ParagraphRow::of(self.tenant, it);
        self.push(diesel::insert_into(report_paragraphs::table).values(row));
    }

    /// Adds a goal or decision.
    pub fn report_goal(&mut self, it: &CarriedGoal) {
        let row = GoalRow::of(self.tenant, it);
        self.push(diesel::insert_into(report_goals::table).values(row));
    }
}

impl Tx<'_> {
    /// Everything that people have written in the report of a year.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn report_draft(&mut self, year: i16) -> Result<Draft, Error> {
        let texts: Vec<TextRow> = report_texts::table
            .select(TextRow::as_select())
            .filter(report_texts::tenant_id.eq(Db(self.tenant)))
            .filter(report_texts::year.eq(year))
            .load(self.conn)?;
        let mut texts: Vec<SectionText> =
            texts.into_iter().map(TextRow::into_text).collect::<Result<_, _>>()?;
        texts.sort_by_key(|text| text.section);
        Ok(Draft {
            texts,
            paragraphs: self.report_paragraphs(year)?,
            goals: self.report_goals(year)?,
        })
    }

    /// The author's text of a section; `None` before the first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn report_text(
        &mut self,
        year: i16,
        section: SectionId,
    ) -> Result<Option<SectionText>, Error> {
        let row: Option<TextRow> = report_texts::table
            .select(TextRow::as_select())
            .filter(report_texts::tenant_id.eq(Db(self.tenant)))
            .filter(report_texts::year.eq(year))
            .filter(report_texts::section.eq(section.code()))
            .get_result(self.conn)
            .optional()?;
        row.map(TextRow::into_text).transpose()
    }

    /// Adds a text, or saves a changed one if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_report_text(&mut self, year: i16, it: &SectionText) -> Result<(), Error> {
        let row = TextRow {
            tenant_id: Db(self.tenant),
            year,
            section: it.section.code().to_owned(),
            text: it.text.clone(),
            written_by: Db(it.written.by),
            author: it.author.clone(),
            written_at: Db(it.written.at),
            version: it.version,
        };
        if it.version == 1 {
            let added = diesel::insert_into(report_texts::table).values(row).execute(self.conn);
            return match added.map_err(Error::from) {
                Ok(_) => Ok(()),
                Err(Error::Conflict { .. }) => Err(Error::Stale),
                Err(other) => Err(other),
            };
        }
        let here = report_texts::tenant_id
            .eq(Db(self.tenant))
            .and(report_texts::year.eq(year))
            .and(report_texts::section.eq(it.section.code()))
            .and(report_texts::version.eq(it.version - 1));
        let changed =
            diesel::update(report_texts::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// The paragraphs asked for in the report of a year, as they were asked for.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn report_paragraphs(&mut self, year: i16) -> Result<Vec<AskedParagraph>, Error> {
        let rows: Vec<ParagraphRow> = report_paragraphs::table
            .select(ParagraphRow::as_select())
            .filter(report_paragraphs::tenant_id.eq(Db(self.tenant)))
            .filter(report_paragraphs::year.eq(year))
            .order(report_paragraphs::paragraph_id)
            .load(self.conn)?;
        rows.into_iter().map(ParagraphRow::into_paragraph).collect()
    }

    /// A paragraph.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn report_paragraph(&mut self, id: ParagraphId) -> Result<AskedParagraph, Error> {
        let row: ParagraphRow = report_paragraphs::table
            .select(ParagraphRow::as_select())
            .filter(report_paragraphs::tenant_id.eq(Db(self.tenant)))
            .filter(report_paragraphs::paragraph_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_paragraph()
    }

    /// Saves a changed paragraph if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_report_paragraph(&mut self, it: &AskedParagraph) -> Result<(), Error> {
        let row = ParagraphRow::of(self.tenant, it);
        let here = report_paragraphs::tenant_id
            .eq(Db(self.tenant))
            .and(report_paragraphs::paragraph_id.eq(Db(it.id)))
            .and(report_paragraphs::version.eq(it.version - 1));
        let changed =
            diesel::update(report_paragraphs::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// The goals and decisions for a year, and those set in its report, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn report_goals(&mut self, year: i16) -> Result<Vec<CarriedGoal>, Error> {
        let rows: Vec<GoalRow> = report_goals::table
            .select(GoalRow::as_select())
            .filter(report_goals::tenant_id.eq(Db(self.tenant)))
            .filter(report_goals::year.eq_any([year, year.saturating_add(1)]))
            .order(report_goals::goal_id)
            .load(self.conn)?;
        let goals: Result<Vec<CarriedGoal>, Error> =
            rows.into_iter().map(GoalRow::into_goal).collect();
        // Next year's own goals are none of this report.
        let here = |goal: &CarriedGoal| goal.year == year || goal.set_in == year;
        Ok(goals?.into_iter().filter(here).collect())
    }

    /// Saves a changed goal if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_report_goal(&mut self, it: &CarriedGoal) -> Result<(), Error> {
        let row = GoalRow::of(self.tenant, it);
        let here = report_goals::tenant_id
            .eq(Db(self.tenant))
            .and(report_goals::goal_id.eq(Db(it.id)))
            .and(report_goals::version.eq(it.version - 1));
        let changed =
            diesel::update(report_goals::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
