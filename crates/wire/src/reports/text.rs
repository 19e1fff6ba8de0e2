//! What people write in the report of a year.

use domain::fault::Fault;
use domain::organisation::UnitTree;
use domain::yearly::SectionId;
use domain::yearly::state::Report;
use domain::yearly::text as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::state::ReportStateView;
use crate::case::UnitRef;
use crate::code::{GoalReached, ReportGoalKind};
use crate::fault::FaultView;
use crate::language::Language;

/// The author's text of a section.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionTextRequest {
    /// The words: goals, egenkontroll, results and analysis. Empty takes them away.
    #[schema(max_length = 40_000)]
    pub text: String,
}

/// The author's text of a section.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SectionTextView {
    /// The section, such as `leadership`.
    pub section: String,
    /// The words.
    pub text: String,
    /// When they were written last.
    pub written_at: Timestamp,
    /// The staff id of who wrote them.
    pub written_by: Uuid,
    /// The name they had then, as it stands in the report.
    pub author: String,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
}

impl From<&d::SectionText> for SectionTextView {
    fn from(it: &d::SectionText) -> Self {
        Self {
            section: it.section.code().to_owned(),
            text: it.text.clone(),
            written_at: it.written.at,
            written_by: it.written.by.0,
            author: it.author.clone(),
            version: it.version,
        }
    }
}

/// Asking units for a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"units": ["smedsgarden", "syrenen"], "due_on": "2026-02-10"}))]
pub struct AskParagraphsRequest {
    /// The units, by id or code.
    #[schema(min_items = 1, max_items = 200)]
    pub units: Vec<String>,
    /// Until when.
    pub due_on: Option<Date>,
}

/// Giving a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParagraphRequest {
    /// The words.
    #[schema(min_length = 1, max_length = 4_000)]
    pub text: String,
}

/// A paragraph that a unit's manager was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ParagraphView {
    /// Its id.
    pub id: Uuid,
    /// In the report of which year.
    pub year: i16,
    /// In which section.
    pub section: String,
    /// Above it.
    pub heading: String,
    /// Of which unit.
    pub unit: UnitRef,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The staff id of who asked.
    pub asked_by: Uuid,
    /// Until when.
    pub due_on: Option<Date>,
    /// The words; null until they are given.
    pub text: Option<String>,
    /// When they were written last.
    pub written_at: Option<Timestamp>,
    /// The name of who wrote them.
    pub author: Option<String>,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
}

impl ParagraphView {
    /// The paragraph.
    pub fn new(it: &d::AskedParagraph, units: &UnitTree) -> Self {
        let given = it.given.as_ref();
        Self {
            id: it.id.0,
            year: it.year,
            section: it.section.code().to_owned(),
            heading: it.section.heading().to_owned(),
            unit: UnitRef::of(units, it.unit),
            asked_at: it.asked.at,
            asked_by: it.asked.by.0,
            due_on: it.due_on,
            text: given.map(|(text, _, _)| text.clone()),
            written_at: given.map(|(_, done, _)| done.at),
            author: given.map(|(_, _, author)| author.clone()),
            version: it.version,
        }
    }
}

/// Paragraphs, as they were asked for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ParagraphsView {
    /// The paragraphs.
    pub items: Vec<ParagraphView>,
}

/// A goal to be set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"section": "reliable_processes", "text": "Alla narkotikakontroller görs varje månad."}))]
pub struct GoalRequest {
    /// In which section.
    #[schema(max_length = 40)]
    pub section: String,
    /// The words.
    #[schema(min_length = 1, max_length = 500)]
    pub text: String,
    /// For which year: the one after the report's, or that year itself where last year's report was made
    /// elsewhere. The year after unless given.
    pub year: Option<i16>,
}

/// How it went with a goal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalAnswerRequest {
    /// Whether it was reached; `not_followed_up` where nobody knows.
    pub reached: GoalReached,
    /// In words; why, where nobody knows.
    #[schema(min_length = 1, max_length = 2_000)]
    pub text: String,
}

/// What is said of a goal: other words, how it went, or both.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalChange {
    /// The words, in the report it was set in.
    #[schema(min_length = 1, max_length = 500)]
    pub text: Option<String>,
    /// How it went, in the report of the year it is for.
    pub answer: Option<GoalAnswerRequest>,
}

/// How it went with a goal.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GoalAnswerView {
    /// Whether it was reached.
    pub reached: GoalReached,
    /// In words.
    pub text: String,
    /// When somebody said so.
    pub answered_at: Timestamp,
    /// The staff id of who said so.
    pub answered_by: Uuid,
}

/// A goal, or a decision of the nämnd, that is carried from one year to the next.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GoalView {
    /// Its id.
    pub id: Uuid,
    /// What it came from.
    pub kind: ReportGoalKind,
    /// In the report of which year it was set.
    pub set_in: i16,
    /// The year it is for, in whose report it is answered.
    pub year: i16,
    /// In which section.
    pub section: String,
    /// The words.
    pub text: String,
    /// How it went; null until somebody said.
    pub answer: Option<GoalAnswerView>,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
}

impl From<&d::CarriedGoal> for GoalView {
    fn from(it: &d::CarriedGoal) -> Self {
        let answer = it.answer.as_ref().map(|(answer, done)| GoalAnswerView {
            reached: answer.reached.into(),
            text: answer.text.clone(),
            answered_at: done.at,
            answered_by: done.by.0,
        });
        Self {
            id: it.id.0,
            kind: it.kind.into(),
            set_in: it.set_in,
            year: it.year,
            section: it.section.code().to_owned(),
            text: it.text.clone(),
            answer,
            version: it.version,
        }
    }
}

/// A section as it is being written.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SectionDraftView {
    /// Its name, such as `leadership`.
    pub section: String,
    /// The chapter it stands in.
    pub chapter: String,
    /// Above it.
    pub heading: String,
    /// The author's text; null before the first.
    pub text: Option<SectionTextView>,
    /// What units were asked for.
    pub paragraphs: Vec<ParagraphView>,
    /// Goals: carried to this year, and set for the next.
    pub goals: Vec<GoalView>,
}

/// The report of a year as it is being written, without its figures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportDraftView {
    /// Where it stands.
    pub report: ReportStateView,
    /// The sections, in the template's order.
    pub sections: Vec<SectionDraftView>,
    /// What the nämnd decided about last year's report, to be answered here.
    pub decisions: Vec<GoalView>,
    /// What keeps it from being frozen.
    pub missing: Vec<FaultView>,
}

impl ReportDraftView {
    /// The draft, with what is missing in a language.
    pub fn new(
        report: &Report,
        draft: &d::Draft,
        missing: &[Fault],
        units: &UnitTree,
        language: Language,
    ) -> Self {
        let section = |id: &SectionId| SectionDraftView {
            section: id.code().to_owned(),
            chapter: id.chapter().heading().to_owned(),
            heading: id.heading().to_owned(),
            text: draft.texts.iter().find(|text| text.section == *id).map(SectionTextView::from),
            paragraphs: draft
                .paragraphs
                .iter()
                .filter(|it| it.section == *id)
                .map(|it| ParagraphView::new(it, units))
                .collect(),
            goals: draft
                .goals
                .iter()
                .filter(|goal| goal.section == *id && goal.kind == d::GoalKind::Goal)
                .map(GoalView::from)
                .collect(),
        };
        let decided =
            |goal: &&d::CarriedGoal| goal.kind == d::GoalKind::Decision && goal.year == report.year;
        Self {
            report: report.into(),
            sections: SectionId::ALL.iter().map(section).collect(),
            decisions: draft.goals.iter().filter(decided).map(GoalView::from).collect(),
            missing: FaultView::all(missing, language),
        }
    }
}
