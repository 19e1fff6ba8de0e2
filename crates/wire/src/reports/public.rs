//! What is public of the reports of the years, and what is kept back of them by hand.

use domain::yearly::suppression as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::YearlyView;
use crate::fault::FaultView;

/// A year whose report is public.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicReportLine {
    /// The year.
    pub year: i16,
    /// The version that is shown.
    pub version: u32,
    /// The day it was established.
    pub established_on: Date,
    /// Where the page is.
    pub page: String,
    /// Where the figures are; with `?format=` as CSV, workbook, document or page.
    pub data: String,
}

/// The years whose reports are public, latest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicReportsView {
    /// The tenant's name.
    pub tenant: String,
    /// The years.
    pub items: Vec<PublicReportLine>,
}

/// The public version of the report of a year: figures that would point at a person are `suppressed`, and with
/// them as many others as it takes that none comes back by sums and differences.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicYearlyView {
    /// The year.
    pub year: i16,
    /// The version from which it is made.
    pub version: u32,
    /// The day that was established.
    pub established_on: Date,
    /// The report.
    pub report: YearlyView,
}

/// A figure that is kept back by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "table": "statutory_counts", "row": ["lex_maria"], "column": "count_2025",
    "ground": "Händelsen är känd på orten.",
}))]
pub struct MarkView {
    /// The table's name.
    #[schema(max_length = 100)]
    pub table: String,
    /// The codes of the row, null for no value; null instead of them is the total.
    #[schema(max_items = 5, max_length = 100)]
    pub row: Option<Vec<Option<String>>>,
    /// The column's name.
    #[schema(max_length = 100)]
    pub column: String,
    /// Why it is kept back.
    #[schema(min_length = 1, max_length = 500)]
    pub ground: String,
}

impl From<&d::Mark> for MarkView {
    fn from(it: &d::Mark) -> Self {
        let d::Mark { table, row, column, ground } = it.clone();
        Self { table, row, column, ground }
    }
}

impl From<MarkView> for d::Mark {
    fn from(given: MarkView) -> Self {
        let MarkView { table, row, column, ground } = given;
        Self { table, row, column, ground: ground.trim().to_owned() }
    }
}

/// What is to be kept back of a year by hand, instead of what was before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarksRequest {
    /// The figures.
    #[schema(max_items = 500)]
    pub marks: Vec<MarkView>,
}

/// A figure that the public version leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptBackView {
    /// The table's name.
    pub table: String,
    /// The codes of the row; null is the total.
    pub row: Option<Vec<Option<String>>>,
    /// The column's name.
    pub column: String,
    /// `marked` by hand; `few` could point at a person; `complement`: one that is few could be calculated from
    /// it; `follows`: calculated from one that is left out.
    pub why: &'static str,
}

/// What the public version of a year leaves out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MarksView {
    /// The year.
    pub year: i16,
    /// By hand.
    pub marks: Vec<MarkView>,
    /// The staff id of who marked last.
    pub marked_by: Option<Uuid>,
    /// When.
    pub marked_at: Option<Timestamp>,
    /// Everything it would leave out if it were made now, of the newest frozen version or else of the live
    /// figures.
    pub kept_back: Vec<KeptBackView>,
    /// The words it leaves out, since nobody has confirmed that they may go out.
    pub warnings: Vec<FaultView>,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
}

impl From<&d::KeptBack> for KeptBackView {
    fn from(it: &d::KeptBack) -> Self {
        let why = match it.why {
            d::Why::Marked => "marked",
            d::Why::Few => "few",
            d::Why::Complement => "complement",
            d::Why::Follows => "follows",
        };
        Self { table: it.table.clone(), row: it.row.clone(), column: it.column.clone(), why }
    }
}
