//! One investigation over several cases.

use domain::case::Case;
use domain::case::joint::Ground;
use domain::ids::StaffId;
use domain::organisation::UnitTree;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::{InvestigationView, UnitRef};
use crate::code::{GroundKind, InCommon, Status, Track};
use crate::command::{CauseRequest, InvestigationRequest};

/// On what ground the other branch reads, where the cases lie in health care and in social services.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroundRequest {
    /// Which.
    pub kind: GroundKind,
    /// The day of the consent, the test or the decision.
    pub on: Date,
    /// In words.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
}

impl GroundRequest {
    /// The ground as recorded now by `by`.
    pub fn into_ground(self, by: StaffId, now: Timestamp) -> Ground {
        Ground { kind: self.kind.into(), on: self.on, text: self.text, by, at: now }
    }
}

/// Begins one investigation over several cases. The findings may come with it or later.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "cases": ["0199c3a0-0000-7000-8000-000000000001", "0199c3a0-0000-7000-8000-000000000002"],
    "reason": "same_person",
    "course_of_events": "Fem fall på tre veckor, alla vid toalettbesök nattetid.",
}))]
pub struct BeginInvestigationRequest {
    /// The ids of the cases; each triaged, and without an investigation of its own.
    #[schema(min_items = 1, max_items = 100)]
    pub cases: Vec<Uuid>,
    /// What they have in common.
    pub reason: InCommon,
    /// Asked for where some cases are health care's and others social services'.
    pub ground: Option<GroundRequest>,
    /// The staff id of who investigates; oneself, unless given.
    pub investigator: Option<Uuid>,
    /// What happened, step by step.
    #[schema(max_length = 50000)]
    pub course_of_events: Option<String>,
    /// Every cause.
    #[schema(max_items = 50)]
    pub causes: Option<Vec<CauseRequest>>,
    /// The investigator's judgement.
    #[schema(max_length = 20000)]
    pub assessment: Option<String>,
    /// The person's own account, or why there is none. Asked for on the deep track.
    #[schema(max_length = 20000)]
    pub person_account: Option<String>,
    /// Whether support was offered to the person, relatives and staff. Asked for on the deep track.
    pub support_offered: Option<bool>,
    /// The investigation is complete, for all of them.
    pub complete: Option<bool>,
}

impl BeginInvestigationRequest {
    /// The findings apart from the rest.
    pub fn into_parts(self) -> (Vec<Uuid>, InCommon, Option<GroundRequest>, InvestigationRequest) {
        let findings = InvestigationRequest {
            investigator: self.investigator,
            course_of_events: self.course_of_events,
            causes: self.causes,
            assessment: self.assessment,
            person_account: self.person_account,
            support_offered: self.support_offered,
            complete: self.complete,
        };
        (self.cases, self.reason, self.ground, findings)
    }
}

/// Adds a case to an investigation.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"case": "0199c3a0-0000-7000-8000-000000000003"}))]
pub struct JoinInvestigationRequest {
    /// The id of the case; triaged, and without an investigation of its own.
    pub case: Uuid,
    /// What it has in common with the others; asked for where that has not been said.
    pub reason: Option<InCommon>,
    /// Asked for where it lies in the other branch, and no ground is recorded yet.
    pub ground: Option<GroundRequest>,
}

/// A ground on which the other branch reads.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GroundView {
    /// Which.
    pub kind: GroundKind,
    /// The day of the consent, the test or the decision.
    pub on: Date,
    /// In words.
    pub text: String,
    /// The staff id of who recorded it.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// A case as its investigation shows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InvestigatedCaseView {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub status: Status,
    /// The way it is handled.
    pub track: Option<Track>,
    /// The responsible unit.
    pub unit: UnitRef,
    /// The laws that hold.
    pub law: Vec<String>,
    /// The category that holds.
    pub category: Option<String>,
    /// When its investigation began.
    pub investigation_started_at: Option<Timestamp>,
    /// When its investigation was complete.
    pub investigation_done_at: Option<Timestamp>,
    /// When its measures were decided.
    pub measures_decided_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Its version, for the commands of the case itself.
    pub version: i64,
}

impl InvestigatedCaseView {
    /// A case in short.
    pub fn new(case: &Case, units: &UnitTree) -> Self {
        Self {
            id: case.id.0,
            number: case.number.to_string(),
            status: case.status().into(),
            track: case.assessment.track.map(Into::into),
            unit: UnitRef::of(units, case.unit),
            law: case.laws().iter().map(|law| law.code().to_owned()).collect(),
            category: case.category().map(str::to_owned),
            investigation_started_at: case.progress.investigation_started_at,
            investigation_done_at: case.progress.investigation_done_at,
            measures_decided_at: case.progress.measures_decided_at,
            closed_at: case.closed_at(),
            version: case.version,
        }
    }
}

/// An investigation with the cases it serves.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SharedInvestigationView {
    /// Its id.
    pub id: Uuid,
    /// Grows by one with every change to it and every case that joins; the ETag is this in quotes. The
    /// steps of its cases have versions of their own.
    pub version: i64,
    /// What its cases have in common; `null` for one that was begun for one case.
    pub reason: Option<InCommon>,
    /// On what grounds the other branch reads it.
    pub grounds: Vec<GroundView>,
    /// The cases it serves, as far as one may read them.
    pub cases: Vec<InvestigatedCaseView>,
    /// Course of events, causes and measures.
    pub investigation: InvestigationView,
}

impl SharedInvestigationView {
    /// An investigation with those of its cases that are shown.
    pub fn new(inquiry: &domain::case::Investigation, cases: Vec<InvestigatedCaseView>) -> Self {
        let ground = |ground: &Ground| GroundView {
            kind: ground.kind.into(),
            on: ground.on,
            text: ground.text.clone(),
            by: ground.by.0,
            at: ground.at,
        };
        Self {
            id: inquiry.id.0,
            version: inquiry.version,
            reason: inquiry.in_common.map(Into::into),
            grounds: inquiry.grounds.iter().map(ground).collect(),
            cases,
            investigation: inquiry.into(),
        }
    }
}
