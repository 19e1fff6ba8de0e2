//! Reports between a private provider and the nämnd that buys its care.

use domain::table::Table;
use domain::yearly::shared as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::yearly::ReportTable;
use crate::code::ReportSide;

/// Our word that reports are shared with another tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerRequest {
    /// Which end we are.
    pub side: ReportSide,
}

/// Another tenant with which reports are shared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PartnerView {
    /// Its name in paths.
    pub tenant: String,
    /// Its name.
    pub name: String,
    /// Which end we are.
    pub side: ReportSide,
    /// Whether both ends have given their word, and neither has taken it back.
    pub agreed: bool,
    /// When we gave ours.
    pub agreed_at: Timestamp,
    /// When we took it back.
    pub ended_at: Option<Timestamp>,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
}

impl PartnerView {
    /// Our word, and whether both ends agree.
    pub fn new(it: &d::Partner, agreed: bool) -> Self {
        Self {
            tenant: it.slug.clone(),
            name: it.name.clone(),
            side: it.side.into(),
            agreed,
            agreed_at: it.agreed.at,
            ended_at: it.ended.as_ref().map(|done| done.at),
            version: it.version,
        }
    }
}

/// The other tenants with which reports are shared, or were.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PartnersView {
    /// The tenants.
    pub items: Vec<PartnerView>,
}

/// Sharing an established report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareRequest {
    /// With whom, by name in paths.
    #[schema(min_length = 1, max_length = 100)]
    pub to: String,
}

/// Taking back what was shared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to": "vardnamnden", "report_version": 1, "reason": "Fel enhet i tabell 3"}))]
pub struct WithdrawShareRequest {
    /// From whom, by name in paths.
    #[schema(min_length = 1, max_length = 100)]
    pub to: String,
    /// Which version.
    #[schema(minimum = 1)]
    pub report_version: u32,
    /// Why: the other end is told.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// What was shared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SharedView {
    /// With whom.
    pub with: String,
    /// The year.
    pub year: i16,
    /// Which version.
    pub report_version: u32,
    /// SHA-256 over its content.
    pub sha256: String,
}

/// A provider's report that was shared with us.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SharedReportView {
    /// The provider's name in paths.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// The year.
    pub year: i16,
    /// Which of its versions.
    pub report_version: u32,
    /// SHA-256 over the bytes that `/reports/shared/{provider}/{year}?version=` answers.
    pub sha256: String,
    /// When it was frozen.
    pub locked_at: Timestamp,
    /// When it was established there.
    pub established_on: Date,
    /// When it was shared.
    pub shared_at: Timestamp,
    /// The day of the meeting at which it was noted.
    pub noted_on: Option<Date>,
    /// The paragraph of its minutes.
    pub noted_paragraph: Option<String>,
    /// When the provider took it back; it stays readable as it was given.
    pub withdrawn_at: Option<Timestamp>,
    /// Why, in the provider's words.
    pub withdrawn_reason: Option<String>,
    /// Whether a newer version was shared that was not taken back.
    pub superseded: bool,
    /// Grows by one with every change; the ETag is `report_version`, `-` and this, in quotes.
    pub version: i64,
}

impl SharedReportView {
    /// A report, and whether a newer version stands.
    pub fn new(it: &d::SharedReport, superseded: bool) -> Self {
        Self {
            provider: it.slug.clone(),
            name: it.name.clone(),
            year: it.year,
            report_version: it.report_version,
            sha256: it.sha256.clone(),
            locked_at: it.locked_at,
            established_on: it.established_on,
            shared_at: it.shared_at,
            noted_on: it.noted.as_ref().map(|noted| noted.on),
            noted_paragraph: it.noted.as_ref().map(|noted| noted.paragraph.clone()),
            withdrawn_at: it.withdrawn.as_ref().map(|it| it.at),
            withdrawn_reason: it.withdrawn.as_ref().map(|it| it.reason.clone()),
            superseded,
            version: it.version,
        }
    }
}

/// What providers have shared, the newest year first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SharedReportsView {
    /// The reports.
    pub items: Vec<SharedReportView>,
}

/// That the nämnd noted a provider's report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteSharedRequest {
    /// The day of the meeting.
    pub on: Date,
    /// The paragraph of its minutes.
    #[schema(max_length = 200)]
    pub paragraph: String,
    /// Which version it noted; the newest that was not taken back unless given.
    #[schema(minimum = 1)]
    pub report_version: Option<u32>,
}

/// A table, written as in a report.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct TableView(pub Table);

impl PartialSchema for TableView {
    fn schema() -> RefOr<Schema> {
        ReportTable::schema()
    }
}

impl ToSchema for TableView {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ReportTable::schemas(schemas);
    }
}

/// Our own report and those of providers side by side.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportsBesideView {
    /// The year.
    pub year: i16,
    /// The counts that law asks for, a column a report.
    pub table: TableView,
}
