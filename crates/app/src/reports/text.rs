//! Writing in the report of a year: texts, paragraphs of units, goals.

use domain::case::Kind;
use domain::fault::{Fault, Reason};
use domain::ids::{GoalId, MessageId, ParagraphId, UnitId};
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::organisation::Role;
use domain::policy::{Act, allow_at};
use domain::yearly::state::Report;
use domain::yearly::text::{AskedParagraph, CarriedGoal, GoalKind, MOST_GOALS, SectionText};
use domain::yearly::{Reached, SectionId};
use jiff::civil::Date;
use serde_json::json;
use store::{Message, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, today};

/// Units that are asked for a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// In which section.
    pub section: SectionId,
    /// The units, by id or code.
    pub units: Vec<String>,
    /// Until when.
    pub due_on: Option<Date>,
}

/// A goal to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGoal {
    /// In which section.
    pub section: SectionId,
    /// For which year; the year after the report's unless given.
    pub year: Option<i16>,
    /// The words.
    pub text: String,
}

/// What is said of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoalCommand {
    /// Write it anew.
    Rewrite(String),
    /// How it went.
    Answer(Reached, String),
}

impl App {
    /// The report of a year, begun if nobody had.
    async fn begun(&self, caller: &Caller, year: i16) -> Result<Report, Error> {
        let before = self.report_unasked(caller, year).await?;
        if before.version > 0 {
            return Ok(before);
        }
        let row = Report { version: 1, updated_at: caller.now, ..before.clone() };
        let trace = self.report_trace(caller, "report.begin", year, json!({}));
        let write = move |tx: &mut Tx<'_>| Ok(tx.save_report(&before, &row)?);
        match self.change_set_up(caller, trace, write).await.map_err(Refused::into_error) {
            // Somebody else has begun it at the same moment.
            Ok(()) | Err(Error::Stale) => self.report_unasked(caller, year).await,
            Err(other) => Err(other),
        }
    }

    /// The author's text of a section, for whoever writes it; `None` before the first.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn section_text(
        &self,
        caller: &Caller,
        year: i16,
        section: SectionId,
    ) -> Result<Option<SectionText>, Error> {
        caller.may(Act::WriteReport)?;
        let read = move |tx: &mut Tx<'_>| tx.report_text(year, section);
        Ok(self.store.ask(caller.tenant_id(), read).await?)
    }

    /// Writes the text of a section that was read as `before`.
    ///
    /// # Errors
    /// [`Error::State`] while the report is frozen; [`Error::Faults`]; [`Error::Stale`] when somebody else
    /// was faster.
    pub async fn write_section(
        &self,
        caller: &Caller,
        year: i16,
        section: SectionId,
        before: Option<SectionText>,
        text: &str,
    ) -> Result<SectionText, Error> {
        let report = self.begun(caller, year).await?;
        report.may_write()?;
        let author = caller.author();
        let written = SectionText::write(before.as_ref(), section, text, caller.done(), &author);
        let written = written.map_err(Error::Faults)?;
        let details = json!({ "section": section.code(), "version": written.version });
        let trace = self.report_trace(caller, "report.write", year, details);
        let (row, now) = (written.clone(), caller.now);
        let write = move |tx: &mut Tx<'_>| {
            tx.touch_report(&report, now)?;
            Ok(tx.save_report_text(year, &row)?)
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok(written)
    }

    /// The paragraphs that were asked for in the report of a year: all of them for whoever writes it, for
    /// others those of the units they answer for.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is never asked.
    pub async fn paragraphs(
        &self,
        caller: &Caller,
        year: i16,
    ) -> Result<Vec<AskedParagraph>, Error> {
        caller.may(Act::GiveParagraph)?;
        let read = move |tx: &mut Tx<'_>| tx.report_paragraphs(year);
        let mut found = self.store.ask(caller.tenant_id(), read).await?;
        found.retain(|it| allow_at(&caller.actor, Act::GiveParagraph, Some(it.unit)));
        Ok(found)
    }

    /// A paragraph that the caller may give.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is never asked; [`Error::NotFound`], also for that of another unit.
    pub async fn paragraph(
        &self,
        caller: &Caller,
        year: i16,
        id: ParagraphId,
    ) -> Result<AskedParagraph, Error> {
        caller.may(Act::GiveParagraph)?;
        let read = move |tx: &mut Tx<'_>| tx.report_paragraph(id);
        let found = self.store.ask(caller.tenant_id(), read).await?;
        let theirs = allow_at(&caller.actor, Act::GiveParagraph, Some(found.unit));
        if theirs && found.year == year { Ok(found) } else { Err(Error::NotFound) }
    }

    /// Asks units for a paragraph; their managers get a notice. `render` makes the answer from what was
    /// asked.
    ///
    /// # Errors
    /// [`Error::State`] while the report is frozen; [`Error::Faults`] with every unit that is unknown or was
    /// asked before.
    pub async fn ask_for_paragraphs(
        &self,
        caller: &Caller,
        year: i16,
        asking: Asking,
        once: Option<Once>,
        render: impl FnOnce(&[AskedParagraph]) -> Answer,
    ) -> Result<Answer, Error> {
        let report = self.begun(caller, year).await?;
        report.may_write()?;
        let read = move |tx: &mut Tx<'_>| tx.report_paragraphs(year);
        let known = self.store.ask(caller.tenant_id(), read).await?;
        let mut faults = Vec::new();
        let mut asked: Vec<AskedParagraph> = Vec::new();
        if asking.units.is_empty() {
            faults.push(Fault::at("/units", Reason::Required));
        }
        if asking.due_on.is_some_and(|day| day < today(caller)) {
            faults.push(Fault::at("/due_on", Reason::Before { other: "today".into() }));
        }
        for (at, given) in asking.units.iter().enumerate() {
            let unit = caller.set_up.units.find(given).map(|unit| unit.id);
            let twice = |unit: UnitId| {
                let same = |it: &AskedParagraph| it.unit == unit && it.section == asking.section;
                known.iter().chain(&asked).any(same)
            };
            let wrong = match unit {
                None => Reason::UnknownUnit { given: given.clone() },
                Some(unit) if twice(unit) => Reason::NotUnique,
                Some(unit) => {
                    asked.push(AskedParagraph {
                        id: ParagraphId(self.new_id()),
                        year,
                        section: asking.section,
                        unit,
                        asked: caller.done(),
                        due_on: asking.due_on,
                        given: None,
                        version: 1,
                    });
                    continue;
                }
            };
            faults.push(Fault::at(format!("/units/{at}"), wrong));
        }
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let answer = render(&asked);
        let details = json!({ "section": asking.section.code(), "units": asked.len() });
        let trace = self.report_trace(caller, "report.ask", year, details);
        let notices: Vec<Message> = asked.iter().map(|it| self.to_manager(caller, it)).collect();
        let now = caller.now;
        let write = move |tx: &mut Tx<'_>| {
            tx.touch_report(&report, now)?;
            tx.add_rows(|rows| {
                asked.iter().for_each(|it| rows.report_paragraph(it));
                notices.iter().for_each(|notice| rows.message(notice));
            })?;
            Ok(())
        };
        match self.make(caller, trace, once.as_ref(), answer, write).await {
            Err(refused)
                if refused.conflict() == Some("report_paragraphs_year_section_unit_id_key") =>
            {
                Err(Error::Stale)
            }
            made => made.map_err(Refused::into_error),
        }
    }

    /// The notice to whoever manages the unit.
    fn to_manager(&self, caller: &Caller, it: &AskedParagraph) -> Message {
        let notice = Notice {
            about: About::Everything,
            number: None,
            step: Step::ReportParagraph,
            urgency: Urgency::Normal,
            to: Audience::Role {
                role: Role::UnitManager,
                unit: it.unit,
                laws: Vec::new(),
                kind: Kind::Avvikelse,
            },
            due_on: it.due_on,
            while_open: false,
        };
        Message {
            id: MessageId(self.new_id()),
            at: caller.now,
            topic: "report.paragraph_asked".to_owned(),
            case: None,
            payload: json!({ "paragraph": it.id, "notice": notice }),
        }
    }

    /// Gives a paragraph that was read as `before`, or writes it anew.
    ///
    /// # Errors
    /// [`Error::State`] while the report is frozen; [`Error::Faults`]; [`Error::Stale`].
    pub async fn give_paragraph(
        &self,
        caller: &Caller,
        before: AskedParagraph,
        text: &str,
    ) -> Result<AskedParagraph, Error> {
        let year = before.year;
        let report = self.begun(caller, year).await?;
        report.may_write()?;
        let given = before.give(text, caller.done(), &caller.author()).map_err(Error::Faults)?;
        let details = json!({ "paragraph": given.id, "version": given.version });
        let trace = self.report_trace(caller, "report.paragraph", year, details);
        let (row, now) = (given.clone(), caller.now);
        let write = move |tx: &mut Tx<'_>| {
            tx.touch_report(&report, now)?;
            Ok(tx.save_report_paragraph(&row)?)
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok(given)
    }

    /// A goal or decision that stands in the report of a year, for whoever writes it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn goal(&self, caller: &Caller, year: i16, id: GoalId) -> Result<CarriedGoal, Error> {
        caller.may(Act::WriteReport)?;
        let read = move |tx: &mut Tx<'_>| tx.report_goals(year);
        let found = self.store.ask(caller.tenant_id(), read).await?;
        found.into_iter().find(|goal| goal.id == id).ok_or(Error::NotFound)
    }

    /// Sets a goal. `render` makes the answer from it.
    ///
    /// # Errors
    /// [`Error::State`] while the report is frozen; [`Error::Faults`].
    pub async fn set_goal(
        &self,
        caller: &Caller,
        year: i16,
        new: NewGoal,
        once: Option<Once>,
        render: impl FnOnce(&CarriedGoal) -> Answer,
    ) -> Result<Answer, Error> {
        let report = self.begun(caller, year).await?;
        report.may_write()?;
        let read = move |tx: &mut Tx<'_>| tx.report_goals(year);
        let known = self.store.ask(caller.tenant_id(), read).await?;
        let goal = CarriedGoal {
            id: GoalId(self.new_id()),
            kind: GoalKind::Goal,
            set_in: year,
            year: new.year.unwrap_or(year.saturating_add(1)),
            section: new.section,
            text: new.text.trim().to_owned(),
            set: caller.done(),
            answer: None,
            version: 1,
        };
        let mut faults = goal.faults();
        if known.len() >= MOST_GOALS {
            faults.push(Fault::at("", Reason::TooMany { max: MOST_GOALS }));
        }
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let answer = render(&goal);
        let details = json!({ "goal": goal.id, "for": goal.year, "section": goal.section });
        let trace = self.report_trace(caller, "report.goal", year, details);
        let now = caller.now;
        let write = move |tx: &mut Tx<'_>| {
            tx.touch_report(&report, now)?;
            Ok(tx.add_rows(|rows| rows.report_goal(&goal))?)
        };
        let made = self.make(caller, trace, once.as_ref(), answer, write).await;
        made.map_err(Refused::into_error)
    }

    /// Writes a goal anew, or answers it, in the report of `year`.
    ///
    /// # Errors
    /// [`Error::State`] while that is frozen; [`Error::Faults`]; [`Error::Stale`].
    pub async fn change_goal(
        &self,
        caller: &Caller,
        year: i16,
        before: CarriedGoal,
        commands: Vec<GoalCommand>,
    ) -> Result<CarriedGoal, Error> {
        let report = self.begun(caller, year).await?;
        report.may_write()?;
        let version = before.version + 1;
        let mut goal = before;
        let mut faults = Vec::new();
        for command in commands {
            let from = goal.clone();
            let changed = match command {
                GoalCommand::Rewrite(text) => from.rewrite(&text, year),
                GoalCommand::Answer(reached, text) => {
                    from.answer(reached, &text, year, caller.done())
                }
            };
            match changed {
                Ok(changed) => goal = changed,
                Err(wrong) => faults.extend(wrong),
            }
        }
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        // Both at once are one change.
        goal.version = version;
        let details = json!({ "goal": goal.id, "version": version });
        let trace = self.report_trace(caller, "report.goal", year, details);
        let (row, now) = (goal.clone(), caller.now);
        let write = move |tx: &mut Tx<'_>| {
            tx.touch_report(&report, now)?;
            Ok(tx.save_report_goal(&row)?)
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok(goal)
    }
}
