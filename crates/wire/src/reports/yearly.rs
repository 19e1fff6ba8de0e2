//! The report of a year in JSON. Its figures are exact: counts and changes are whole numbers, shares and days
//! are tenths, rates hundredths.

use domain::yearly::Yearly;
use domain::yearly::state::{BoardStatus, Status};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::state::VersionParts;

/// The report of a year, with where it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct YearlyAnswer {
    /// The year.
    pub year: i16,
    /// Where what is shown stands: `open` while its figures move, else `locked`, `checked` or `established`.
    pub state: String,
    /// Which version it is; null while it is open.
    pub version: Option<u32>,
    /// The SHA-256 of the version's canonical JSON, in hexadecimal; null while it is open.
    pub sha256: Option<String>,
    /// Where it stands with the nämnd: `none`, `submitted`, `approved` or `noted`.
    pub board: String,
    /// The report.
    pub report: YearlyView,
}

impl YearlyAnswer {
    /// The figures as they stand now, and what the nämnd has done with what was frozen.
    pub fn live(report: Yearly, board: BoardStatus) -> Self {
        Self {
            year: report.year,
            state: Status::Open.code().to_owned(),
            version: None,
            sha256: None,
            board: board.code().to_owned(),
            report: YearlyView(Content::Live(Box::new(report))),
        }
    }

    /// A frozen version, whose content goes out exactly as it was frozen.
    ///
    /// # Errors
    /// What is no JSON, which no frozen content is.
    pub fn frozen(
        year: i16,
        parts: &VersionParts,
        content: String,
        board: BoardStatus,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            year,
            state: parts.state.code().to_owned(),
            version: Some(parts.lock.version),
            sha256: Some(parts.sha256.clone()),
            board: board.code().to_owned(),
            report: YearlyView(Content::Frozen(RawValue::from_string(content)?)),
        })
    }
}

/// The report itself: written as it is kept and signed.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct YearlyView(Content);

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Content {
    Live(Box<Yearly>),
    Frozen(Box<RawValue>),
}

impl From<Yearly> for YearlyView {
    fn from(report: Yearly) -> Self {
        Self(Content::Live(Box::new(report)))
    }
}

impl PartialSchema for YearlyView {
    fn schema() -> RefOr<Schema> {
        Report::schema()
    }
}

impl ToSchema for YearlyView {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Report::schemas(schemas);
    }
}

/// The report of a year: sections under the national template's headings.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The tenant.
    pub tenant: String,
    /// What of it.
    pub about: ReportAbout,
    /// The year.
    pub year: i16,
    /// When the figures were read.
    pub read_at: Timestamp,
    /// The last day that is known.
    pub as_of: Date,
    /// Which definitions the figures were made by.
    pub definitions: u16,
    /// Earlier years beside it, latest first.
    pub beside: Vec<i16>,
    /// Why years may differ for another reason than what happened.
    pub breaks: Vec<ReportBreak>,
    /// The first page, for the nämnd.
    pub first_page: Vec<ReportFirstPage>,
    /// The sections, in the template's order.
    pub sections: Vec<ReportSection>,
}

/// What of the tenant a report is about.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReportAbout {
    /// All of it.
    Whole,
    /// An area and the areas below it.
    Area {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
    },
    /// A unit and the units below it.
    Unit {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
}

/// Where a series breaks.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBreak {
    /// The first year of the new way, be it in part.
    pub year: i16,
    /// The first month of it, where the tenant has named one.
    pub month: Option<u8>,
    /// In a sentence, in Swedish.
    pub why: String,
}

/// A part of the first page.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportFirstPage {
    /// `better`, `not_better` or `decided`.
    pub part: String,
    /// A sentence each.
    pub lines: Vec<String>,
}

/// A section.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSection {
    /// Which, such as `knowledge_of_harm`.
    pub id: String,
    /// The figures in words, in Swedish.
    pub sentences: Vec<String>,
    /// The figures.
    pub tables: Vec<ReportTable>,
    /// The author's own text.
    pub text: Option<ReportText>,
    /// What the units wrote.
    pub paragraphs: Vec<ReportParagraph>,
    /// The goals that belong here.
    pub goals: Vec<ReportGoal>,
}

/// What somebody wrote.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportText {
    /// The words.
    pub text: String,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A unit's own paragraph.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportParagraph {
    /// The unit's name.
    pub unit: String,
    /// What its manager wrote; null until then.
    pub written: Option<ReportText>,
}

/// A goal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportGoal {
    /// Its name.
    pub id: String,
    /// The year it is for.
    pub year: i16,
    /// The words.
    pub text: String,
    /// How it went; null until somebody said.
    pub answer: Option<ReportGoalAnswer>,
}

/// How it went with a goal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportGoalAnswer {
    /// `yes`, `partly`, `no` or `not_followed_up`.
    pub reached: String,
    /// In words.
    pub text: String,
}

/// A table: rows of figures that add to its total.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportTable {
    /// Its name, stable from year to year.
    pub id: String,
    /// In Swedish.
    pub title: String,
    /// What is counted, such as `deviations`.
    pub counts: String,
    /// How it is counted, in Swedish.
    pub definition: String,
    /// The last day that is known.
    pub as_of: Date,
    /// Whether law or template asks for it as a figure of the whole tenant.
    pub asked_for: bool,
    /// What the rows differ by.
    pub heads: Vec<ReportHead>,
    /// The columns of figures.
    pub columns: Vec<ReportColumn>,
    /// The rows; no value last.
    pub rows: Vec<ReportRow>,
    /// All of it, a cell a column; null where rows have no sum that says anything.
    pub total: Option<Vec<ReportCell>>,
    /// How it is drawn.
    pub chart: Option<ReportChart>,
    /// What whoever reads it must know, in Swedish.
    pub notes: Vec<String>,
}

/// A dimension.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportHead {
    /// Its name.
    pub id: String,
    /// In Swedish.
    pub title: String,
}

/// A column of figures.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportColumn {
    /// Its name, unique in the table.
    pub id: String,
    /// In Swedish.
    pub title: String,
    /// `count`, `change`, `share`, `days`, `rate` or `text`.
    pub holds: String,
    /// Whether its rows add to the total.
    pub adds: bool,
    /// The set that is counted, before limits.
    pub set: String,
    /// The year it is about.
    pub year: Option<i16>,
    /// What it is limited to.
    pub limits: Vec<ReportLimit>,
    /// The places of the columns it is calculated from.
    pub from: Vec<usize>,
}

/// A limit of what a column counts.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportLimit {
    /// The dimension's name.
    pub dimension: String,
    /// The value; null is no value.
    pub code: Option<String>,
}

/// A row.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRow {
    /// Its values, one a head.
    pub keys: Vec<ReportLabel>,
    /// Its figures, one a column.
    pub cells: Vec<ReportCell>,
}

/// A value of a dimension.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportLabel {
    /// The code, the unit's id or the number; null is no value.
    pub code: Option<String>,
    /// In Swedish.
    pub text: String,
}

/// A figure.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportCell {
    /// Nothing can be said.
    None,
    /// How many.
    Count(u64),
    /// How many more or fewer.
    Change(i64),
    /// Tenths: 843 is 84.3.
    Tenths(i64),
    /// Hundredths.
    Hundredths(i64),
    /// Words.
    Text(String),
    /// Kept back to protect persons.
    Suppressed,
}

/// How a table is drawn: the places of the columns.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportChart {
    /// A bar a row.
    Bars {
        /// The column that is drawn.
        column: usize,
    },
    /// For each row a bar a column.
    Grouped {
        /// The columns that are drawn.
        columns: Vec<usize>,
    },
    /// A line over the rows.
    Line {
        /// The columns that are drawn.
        columns: Vec<usize>,
    },
}
