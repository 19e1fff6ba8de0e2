//! Where the report of a year stands, and what was frozen of it.

use domain::yearly::differ as f;
use domain::yearly::state as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::yearly::ReportCell;
use crate::code::{ReportBoardStatus, ReportCapacity, ReportStatus};
use crate::fault::FaultView;

/// That a report was established.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EstablishmentView {
    /// The day.
    pub on: Date,
    /// As whom.
    pub capacity: ReportCapacity,
    /// By which decision: its paragraph or diarienummer.
    pub reference: String,
    /// When it was noted.
    pub noted_at: Timestamp,
    /// The staff id of who noted it.
    pub noted_by: Uuid,
}

impl From<&d::Establishment> for EstablishmentView {
    fn from(it: &d::Establishment) -> Self {
        Self {
            on: it.on,
            capacity: it.capacity.into(),
            reference: it.reference.clone(),
            noted_at: it.done.at,
            noted_by: it.done.by.0,
        }
    }
}

/// What the nämnd has done with a report.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportBoardView {
    /// What.
    pub state: ReportBoardStatus,
    /// With which frozen version.
    pub report_version: Option<u32>,
    /// The day it got it, or the day of the meeting.
    pub on: Option<Date>,
    /// The paragraph of the minutes.
    pub paragraph: Option<String>,
    /// When it was noted here.
    pub noted_at: Option<Timestamp>,
    /// The staff id of who noted it.
    pub noted_by: Option<Uuid>,
}

impl From<&d::Board> for ReportBoardView {
    fn from(board: &d::Board) -> Self {
        let (version, on, paragraph, done) = match board {
            d::Board::None => (None, None, None, None),
            d::Board::Submitted { version, on, done } => {
                (Some(*version), Some(*on), None, Some(done))
            }
            d::Board::Approved(minute) | d::Board::Noted(minute) => {
                let paragraph = Some(minute.paragraph.clone());
                (Some(minute.version), Some(minute.on), paragraph, Some(&minute.done))
            }
        };
        Self {
            state: board.status().into(),
            report_version: version,
            on,
            paragraph,
            noted_at: done.map(|done| done.at),
            noted_by: done.map(|done| done.by.0),
        }
    }
}

/// Where the report of a year stands.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportStateView {
    /// The year.
    pub year: i16,
    /// Where it stands.
    pub state: ReportStatus,
    /// The newest version that was ever frozen.
    pub newest: Option<u32>,
    /// When it was frozen; `null` while it is open.
    pub locked_at: Option<Timestamp>,
    /// The staff id of who froze it.
    pub locked_by: Option<Uuid>,
    /// When what is frozen was checked.
    pub checked_at: Option<Timestamp>,
    /// The staff id of who checked it.
    pub checked_by: Option<Uuid>,
    /// That what is frozen was established.
    pub established: Option<EstablishmentView>,
    /// The day on which a version was first established: the clock of 1 March stops there.
    pub established_on: Option<Date>,
    /// What the nämnd has done.
    pub board: ReportBoardView,
    /// Grows by one with every change of state; the ETag begins with it. 0 while nobody has begun it.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What the public version leaves out, since nobody has confirmed that these words may go out: told when a
    /// report is checked or established.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FaultView>,
}

impl From<&d::Report> for ReportStateView {
    fn from(it: &d::Report) -> Self {
        let lock = it.state.lock();
        let (checked, established) = match &it.state {
            d::State::Open | d::State::Locked(_) => (None, None),
            d::State::Checked { checked, .. } => (Some(checked), None),
            d::State::Established { checked, established, .. } => {
                (Some(checked), Some(established))
            }
        };
        Self {
            year: it.year,
            state: it.status().into(),
            newest: (it.newest > 0).then_some(it.newest),
            locked_at: lock.map(|lock| lock.done.at),
            locked_by: lock.map(|lock| lock.done.by.0),
            checked_at: checked.map(|done| done.at),
            checked_by: checked.map(|done| done.by.0),
            established: established.map(EstablishmentView::from),
            established_on: it.established_on,
            board: (&it.board).into(),
            version: it.version,
            updated_at: it.updated_at,
            warnings: Vec::new(),
        }
    }
}

/// The years that were begun, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportsView {
    /// Where each stands.
    pub items: Vec<ReportStateView>,
}

/// Establishing a report.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"on": "2026-02-24", "capacity": "vardgivare", "reference": "VN 2026/31 § 12"}))]
pub struct EstablishRequest {
    /// The day.
    pub on: Date,
    /// As whom.
    pub capacity: ReportCapacity,
    /// By which decision: its paragraph or diarienummer.
    #[schema(max_length = 200)]
    pub reference: String,
}

/// What the nämnd has done.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "state": "approved", "on": "2026-02-24", "paragraph": "§ 12",
    "decided": ["Antalet fall på Smedsgården följs upp varje tertial."],
}))]
pub struct ReportBoardRequest {
    /// `submitted`, `approved` or `noted`.
    pub state: ReportBoardStatus,
    /// The day it got it, or the day of the meeting.
    pub on: Date,
    /// The paragraph of the minutes; not while it is only submitted.
    #[schema(max_length = 200)]
    pub paragraph: Option<String>,
    /// What else it decided, a sentence each: next year's report answers whether it happened.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub decided: Vec<String>,
}

/// A frozen version of the report of a year.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportVersionView {
    /// The year.
    pub year: i16,
    /// Its number, from 1.
    pub report_version: u32,
    /// Where this version stands, whatever came after it.
    pub state: ReportStatus,
    /// SHA-256 over the bytes that `/reports/yearly/{year}/versions/{version}` answers, in hexadecimal.
    pub sha256: String,
    /// When it was frozen.
    pub locked_at: Timestamp,
    /// The staff id of who froze it.
    pub locked_by: Uuid,
    /// When its figures were read: what happened later is not in it.
    pub read_at: Timestamp,
    /// The last day that is known to figures of open and closed.
    pub as_of: Date,
    /// By which definitions it was made.
    pub definitions: u16,
    /// When it was checked.
    pub checked_at: Option<Timestamp>,
    /// The staff id of who checked it.
    pub checked_by: Option<Uuid>,
    /// That it was established.
    pub established: Option<EstablishmentView>,
}

/// What stands beside the content of a frozen version.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionParts {
    /// Where it stands.
    pub state: d::Status,
    /// SHA-256 over the content.
    pub sha256: String,
    /// Its number, and who locked it.
    pub lock: d::Lock,
    /// When its figures were read.
    pub read_at: Timestamp,
    /// The last day that is known.
    pub as_of: Date,
    /// By which definitions.
    pub definitions: u16,
    /// Who checked it.
    pub checked: Option<domain::learning::Done>,
    /// Who established it.
    pub established: Option<d::Establishment>,
}

impl ReportVersionView {
    /// The version of a year.
    pub fn new(year: i16, it: &VersionParts) -> Self {
        Self {
            year,
            report_version: it.lock.version,
            state: it.state.into(),
            sha256: it.sha256.clone(),
            locked_at: it.lock.done.at,
            locked_by: it.lock.done.by.0,
            read_at: it.read_at,
            as_of: it.as_of,
            definitions: it.definitions,
            checked_at: it.checked.as_ref().map(|done| done.at),
            checked_by: it.checked.as_ref().map(|done| done.by.0),
            established: it.established.as_ref().map(EstablishmentView::from),
        }
    }
}

/// The frozen versions of a year, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportVersionsView {
    /// The versions.
    pub items: Vec<ReportVersionView>,
}

/// A figure, written as in the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CellView(domain::table::Cell);

impl PartialSchema for CellView {
    fn schema() -> RefOr<Schema> {
        ReportCell::schema()
    }
}

impl ToSchema for CellView {}

/// A key of a row.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CellKeyView {
    /// The code, the unit's id or the number; null is no value.
    pub code: Option<String>,
    /// In Swedish.
    pub text: String,
}

/// A cell that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangedCellView {
    /// The table's name.
    pub table: String,
    /// The keys of the row; null for the total.
    pub row: Option<Vec<CellKeyView>>,
    /// The column's name.
    pub column: String,
    /// What stood there; null where there was no such cell.
    pub before: Option<CellView>,
    /// What stands there now; null where there is no such cell any more.
    pub after: Option<CellView>,
}

impl From<&f::Difference> for ChangedCellView {
    fn from(it: &f::Difference) -> Self {
        let key = |label: &domain::table::Label| CellKeyView {
            code: label.code.clone(),
            text: label.text.clone(),
        };
        Self {
            table: it.table.clone(),
            row: it.row.as_ref().map(|keys| keys.iter().map(key).collect()),
            column: it.column.clone(),
            before: it.before.clone().map(CellView),
            after: it.after.clone().map(CellView),
        }
    }
}

/// What a version says otherwise than another.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportChangesView {
    /// The year.
    pub year: i16,
    /// Which version.
    pub report_version: u32,
    /// Than which; null for the first.
    pub against: Option<u32>,
    /// The two were made by different definitions, so that cells may differ for that alone.
    pub redefined: bool,
    /// The sections whose words differ, such as `leadership`.
    pub sections: Vec<String>,
    /// The cells that differ.
    pub cells: Vec<ChangedCellView>,
}

impl ReportChangesView {
    /// What differs, where there is something to compare with.
    pub fn new(year: i16, version: u32, found: Option<&(u32, f::Differences)>) -> Self {
        let differences = found.map(|(_, differences)| differences);
        let sections = differences.iter().flat_map(|it| &it.sections);
        let cells = differences.iter().flat_map(|it| &it.cells);
        Self {
            year,
            report_version: version,
            against: found.map(|(against, _)| *against),
            redefined: differences.is_some_and(|it| it.redefined),
            sections: sections.map(|section| section.code().to_owned()).collect(),
            cells: cells.map(ChangedCellView::from).collect(),
        }
    }
}
