//! Half-yearly reviews, and the page of a month.

use domain::board::Month;
use domain::ids::StaffId;
use domain::organisation::UnitTree;
use domain::review as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::{ChangeView, UnitRef};
use crate::code::{Effect, ReviewStatus, Role};
use crate::learning::CaseNumberView;
use crate::table::TableView;

/// Who sees to something: a person or a role, never both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerView {
    /// The staff id of a person.
    Staff(Uuid),
    /// Whoever holds a role over the unit: `team`, `deputy`, `unit_manager`, `area_manager`, `mas`, `mar`
    /// or `sas`.
    Role(Role),
}

impl From<d::Owner> for OwnerView {
    fn from(owner: d::Owner) -> Self {
        match owner {
            d::Owner::Staff(staff) => Self::Staff(staff.0),
            d::Owner::Role(role) => Self::Role(role.into()),
        }
    }
}

impl From<OwnerView> for d::Owner {
    fn from(owner: OwnerView) -> Self {
        match owner {
            OwnerView::Staff(staff) => Self::Staff(StaffId(staff)),
            OwnerView::Role(role) => Self::Role(role.into()),
        }
    }
}

/// What the team makes of the figures.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Fallen på natten har minskat sedan tillsynen ändrades i mars."}))]
pub struct AnalysisRequest {
    /// In words, without persons.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

/// Something that is to be better.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Fallriskbedömning inom en vecka efter inflyttning", "owner": {"role": "unit_manager"}, "due_on": "2026-10-01"}))]
pub struct ImprovementRequest {
    /// What is done, without persons.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
    /// Who sees to it.
    pub owner: OwnerView,
    /// Until which day.
    pub due_on: Date,
    /// From which day it is asked whether it helped; 60 days after its day unless given.
    pub follow_up_on: Option<Date>,
}

/// How far an improvement has come. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"done_on": "2026-09-14"}))]
pub struct ImprovementProgress {
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped: `yes`, `partly` or `no`. Only of what is done.
    pub effect: Option<Effect>,
    /// That, in words.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// Another day until which it is to be done.
    pub due_on: Option<Date>,
    /// Another who sees to it.
    pub owner: Option<OwnerView>,
    /// It is given up: why.
    #[schema(min_length = 1, max_length = 2000)]
    pub dropped: Option<String>,
}

impl From<ImprovementProgress> for d::Progress {
    fn from(said: ImprovementProgress) -> Self {
        Self {
            done_on: said.done_on,
            effect: said.effect.map(Into::into),
            note: said.note,
            due_on: said.due_on,
            owner: said.owner.map(Into::into),
            dropped: said.dropped,
        }
    }
}

/// Something that was decided to be better.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ImprovementView {
    /// Its id.
    pub id: Uuid,
    /// The half whose review decided it, such as `2026-H1`.
    pub half: String,
    /// What is done.
    pub text: String,
    /// Who sees to it.
    pub owner: OwnerView,
    /// Until which day. The unit has set it, no law.
    pub due_on: Date,
    /// From which day it is asked whether it helped.
    pub follow_up_on: Date,
    /// `decided`, `done`, `judged` (it is said whether it helped) or `dropped`.
    pub status: &'static str,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Option<Effect>,
    /// That, in words.
    pub note: Option<String>,
    /// Why it was given up.
    pub dropped: Option<String>,
    /// Whether it is not done and its day has passed.
    pub overdue: bool,
    /// The staff id of who decided it.
    pub decided_by: Uuid,
    /// When.
    pub decided_at: Timestamp,
}

impl ImprovementView {
    /// An improvement as it stands on a day.
    pub fn new(half: d::Half, it: &d::Improvement, today: Date) -> Self {
        let (note, dropped) = match &it.state {
            d::ImprovementState::Judged { note, .. } => (note.clone(), None),
            d::ImprovementState::Dropped { reason, .. } => (None, Some(reason.clone())),
            d::ImprovementState::Decided | d::ImprovementState::Done { .. } => (None, None),
        };
        let decided = matches!(it.state, d::ImprovementState::Decided);
        Self {
            id: it.id.0,
            half: half.to_string(),
            text: it.text.clone(),
            owner: it.owner.into(),
            due_on: it.due_on,
            follow_up_on: it.follow_up_on,
            status: it.state.code(),
            done_on: it.state.done_on(),
            effect: it.state.effect().map(Into::into),
            note,
            dropped,
            overdue: decided && it.due_on < today,
            decided_by: it.decided.by.0,
            decided_at: it.decided.at,
        }
    }
}

/// What the team made of the figures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AnalysisView {
    /// In words.
    pub text: String,
    /// The staff id of who wrote it last.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// A signature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct SignatureView {
    /// The staff id of who signed.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
    /// The version that was read and is bound by it.
    pub version: i64,
}

impl From<&d::Signature> for SignatureView {
    fn from(it: &d::Signature) -> Self {
        Self { by: it.signed.by.0, at: it.signed.at, version: it.version }
    }
}

/// A review in a list: neither analysis nor decisions.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReviewLineView {
    /// Its id.
    pub id: Uuid,
    /// Of which half, such as `2026-H1`.
    pub half: String,
    /// The name of the unit, or of the small units together.
    pub name: String,
    /// The units.
    pub units: Vec<UnitRef>,
    /// Where it stands.
    pub status: ReviewStatus,
    /// Until which day it is to be signed: the tenant's own target, no law.
    pub due_on: Date,
    /// Whether that day has passed and it is not signed.
    pub overdue: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was signed.
    pub signed_at: Option<Timestamp>,
    /// How many improvements were decided.
    pub improvements: usize,
    /// How many of them are not settled.
    pub owed: usize,
    /// Its version.
    pub version: i64,
}

impl ReviewLineView {
    /// A review as it stands on a day.
    pub fn new(review: &d::Review, units: &UnitTree, today: Date) -> Self {
        Self {
            id: review.id.0,
            half: review.half.to_string(),
            name: review.subject.name.clone(),
            units: review.subject.units.iter().map(|unit| UnitRef::of(units, *unit)).collect(),
            status: review.status().into(),
            due_on: review.due_on,
            overdue: review.overdue(today),
            created_at: review.created_at,
            signed_at: review.signed_at(),
            improvements: review.improvements.len(),
            owed: review.owed().count(),
            version: review.version,
        }
    }
}

/// A review: what was written, decided and signed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReviewView {
    /// Its id.
    pub id: Uuid,
    /// Of which half, such as `2026-H1`.
    pub half: String,
    /// The name of the unit, or of the small units together.
    pub name: String,
    /// The units.
    pub units: Vec<UnitRef>,
    /// Where it stands.
    pub status: ReviewStatus,
    /// Until which day it is to be signed.
    pub due_on: Date,
    /// Who has set that day: always `local`, the tenant itself.
    pub due_by: &'static str,
    /// Whether that day has passed and it is not signed.
    pub overdue: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the team made of the figures.
    pub analysis: Option<AnalysisView>,
    /// What was decided, oldest first.
    pub improvements: Vec<ImprovementView>,
    /// The signature that holds.
    pub signature: Option<SignatureView>,
    /// Signatures that hold no longer since it was taken up again, oldest first.
    pub superseded: Vec<SignatureView>,
    /// Its version.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ReviewView {
    /// A review as it stands on a day.
    pub fn new(review: &d::Review, units: &UnitTree, today: Date) -> Self {
        let improvement = |it| ImprovementView::new(review.half, it, today);
        Self {
            id: review.id.0,
            half: review.half.to_string(),
            name: review.subject.name.clone(),
            units: review.subject.units.iter().map(|unit| UnitRef::of(units, *unit)).collect(),
            status: review.status().into(),
            due_on: review.due_on,
            due_by: "local",
            overdue: review.overdue(today),
            created_at: review.created_at,
            analysis: review.state.analysis().map(|it| AnalysisView {
                text: it.text.clone(),
                by: it.written.by.0,
                at: it.written.at,
            }),
            improvements: review.improvements.iter().map(improvement).collect(),
            signature: review.state.signature().map(SignatureView::from),
            superseded: review.superseded.iter().map(SignatureView::from).collect(),
            version: review.version,
            updated_at: review.updated_at,
        }
    }
}

/// Figures of a half or a month: counts, no text of a case and no person.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PageView {
    /// When they were read.
    pub read_at: Timestamp,
    /// The last day of the period that is known.
    pub as_of: Date,
    /// By which definitions.
    pub definitions: u16,
    /// The tables.
    pub tables: Vec<TableView>,
}

impl From<&d::Page> for PageView {
    fn from(page: &d::Page) -> Self {
        Self {
            read_at: page.read_at,
            as_of: page.as_of,
            definitions: page.definitions,
            tables: page.tables.iter().map(TableView::from).collect(),
        }
    }
}

/// A review with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReviewPageView {
    /// The review.
    pub review: ReviewView,
    /// The figures: as they were signed, or as they are now.
    pub figures: PageView,
    /// Whether they are those of a signature, which never change.
    pub frozen: bool,
    /// What earlier reviews decided that is not settled, and all of the one before; oldest first.
    pub earlier: Vec<ImprovementView>,
}

/// What a review decided, with whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OwedView {
    /// The review.
    pub review: Uuid,
    /// The name of the unit, or of the small units together.
    pub name: String,
    /// What was decided.
    pub improvement: ImprovementView,
}

/// The page of a month.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FollowUpView {
    /// The month, `YYYY-MM`.
    #[schema(example = "2026-03")]
    pub month: String,
    /// The unit it is about, with all below it; `null` is every unit one sees figures of.
    pub unit: Option<UnitRef>,
    /// The figures, as they are now.
    pub figures: PageView,
    /// What half-yearly reviews of these units decided that is not settled, as far as one reads those.
    pub owed: Vec<OwedView>,
}

impl FollowUpView {
    /// The page of a month.
    pub fn new(
        month: Month,
        unit: Option<UnitRef>,
        page: &d::Page,
        owed: &[(d::Review, d::Improvement)],
        today: Date,
    ) -> Self {
        let line = |(review, it): &(d::Review, d::Improvement)| OwedView {
            review: review.id.0,
            name: review.subject.name.clone(),
            improvement: ImprovementView::new(review.half, it, today),
        };
        Self {
            month: month.to_string(),
            unit,
            figures: page.into(),
            owed: owed.iter().map(line).collect(),
        }
    }
}

/// The cases of a person who comes again. Who it is, the case itself tells to whoever may read it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PersonAgainView {
    /// The cases by the day of report.
    pub cases: Vec<CaseNumberView>,
}

/// The cases of persons who come again.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PersonsAgainView {
    /// By person, the one with most first.
    pub items: Vec<PersonAgainView>,
}

/// Who did what to a review.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReviewHistoryEntryView {
    /// The version that came of it.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// The staff id of who did it; `null` for the service itself.
    pub by: Option<Uuid>,
    /// What was done.
    pub command: String,
    /// Where it stood; `null` when it was made.
    pub from: Option<ReviewStatus>,
    /// Where it stands since.
    pub to: ReviewStatus,
    /// The fields that changed.
    pub changes: Vec<ChangeView>,
    /// Why.
    pub reason: Option<String>,
}

/// A review's history.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReviewHistoryView {
    /// Oldest first.
    pub items: Vec<ReviewHistoryEntryView>,
}
