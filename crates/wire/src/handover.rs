//! Units handed over from one hand to another.

use domain::handover::{Content, Handover, RiskBand};
use domain::organisation::UnitTree;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;
use crate::code::Status;

/// A handover to be made by whoever asks.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"units": ["gran"], "to": "0198c9a5-0000-7000-8000-000000000000", "note": "Två fall väntar på läkare."}))]
pub struct HandoverRequest {
    /// The units, by id or code, each with all below it.
    #[schema(min_items = 1, max_items = 500)]
    pub units: Vec<String>,
    /// The staff id of who takes over.
    pub to: Uuid,
    /// In words, without persons.
    #[schema(max_length = 4000)]
    pub note: Option<String>,
}

/// An open case of a handover.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HandedCaseView {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// The responsible unit.
    pub unit: UnitRef,
    /// Where it stood.
    pub status: Status,
    /// Its risk score.
    pub risk_score: Option<u8>,
    /// How many days it had been there.
    pub age_days: i64,
}

/// A measure not done, or a watch not answered.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HandedPartView {
    /// Its id.
    pub id: Uuid,
    /// The id of the case, which may be closed.
    pub case: Uuid,
    /// The case's number.
    pub number: String,
    /// Until which day.
    pub due_on: Option<Date>,
}

/// A half-yearly review that was not signed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HandedReviewView {
    /// Its id.
    pub id: Uuid,
    /// The name of the unit, or of small units together.
    pub name: String,
    /// Of which half, such as `2026-H1`.
    pub half: String,
    /// Until which day it is to be signed: the tenant's own target, no law.
    pub due_on: Date,
    /// Whether that day had passed.
    pub overdue: bool,
}

/// Open cases by how long they had been there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ByAgeView {
    /// At most a week.
    pub days_0_7: usize,
    /// At most 30 days.
    pub days_8_30: usize,
    /// At most 90 days.
    pub days_31_90: usize,
    /// Longer.
    pub days_over_90: usize,
}

/// Open cases by how grave they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ByRiskView {
    /// The risk score reached the tenant's threshold.
    pub flagged: usize,
    /// It did not.
    pub below: usize,
    /// Nobody had judged it.
    pub not_assessed: usize,
}

/// How many of what were open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HandoverCountsView {
    /// Open cases.
    pub cases: usize,
    /// By age.
    pub by_age: ByAgeView,
    /// By risk.
    pub by_risk: ByRiskView,
    /// Measures not done.
    pub measures: usize,
    /// Those whose day had passed.
    pub measures_overdue: usize,
    /// Watches not answered.
    pub watches: usize,
    /// Half-yearly reviews not signed.
    pub reviews: usize,
    /// Those whose day had passed.
    pub reviews_overdue: usize,
}

/// What was open when the page was made. No texts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HandoverContentView {
    /// How many of what.
    pub counts: HandoverCountsView,
    /// The open cases, gravest and then oldest first.
    pub cases: Vec<HandedCaseView>,
    /// The measures not done, also of closed cases.
    pub measures: Vec<HandedPartView>,
    /// The watches not answered.
    pub watches: Vec<HandedPartView>,
    /// The half-yearly reviews not signed.
    pub reviews: Vec<HandedReviewView>,
}

impl HandoverContentView {
    /// A content.
    pub fn new(content: &Content, units: &UnitTree) -> Self {
        let counts = content.counts();
        let [days_0_7, days_8_30, days_31_90, days_over_90] = counts.by_age;
        let of = |band: RiskBand| counts.by_risk[band as usize];
        let cases = content.cases.iter().map(|case| HandedCaseView {
            id: case.id.0,
            number: case.number.clone(),
            unit: UnitRef::of(units, case.unit),
            status: case.status.into(),
            risk_score: case.risk_score,
            age_days: case.age_days,
        });
        let measures = content.measures.iter().map(|measure| HandedPartView {
            id: measure.id.0,
            case: measure.case.0,
            number: measure.number.clone(),
            due_on: measure.due_on,
        });
        let watches = content.watches.iter().map(|watch| HandedPartView {
            id: watch.id.0,
            case: watch.case.0,
            number: watch.number.clone(),
            due_on: watch.due_on,
        });
        let reviews = content.reviews.iter().map(|review| HandedReviewView {
            id: review.id.0,
            name: review.name.clone(),
            half: review.half.clone(),
            due_on: review.due_on,
            overdue: review.overdue,
        });
        Self {
            counts: HandoverCountsView {
                cases: counts.cases,
                by_age: ByAgeView { days_0_7, days_8_30, days_31_90, days_over_90 },
                by_risk: ByRiskView {
                    flagged: of(RiskBand::Flagged),
                    below: of(RiskBand::Below),
                    not_assessed: of(RiskBand::NotAssessed),
                },
                measures: counts.measures,
                measures_overdue: counts.measures_overdue,
                watches: counts.watches,
                reviews: counts.reviews,
                reviews_overdue: counts.reviews_overdue,
            },
            cases: cases.collect(),
            measures: measures.collect(),
            watches: watches.collect(),
            reviews: reviews.collect(),
        }
    }
}

/// A handover.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HandoverView {
    /// Its id.
    pub id: Uuid,
    /// The units, each with all below it.
    pub units: Vec<UnitRef>,
    /// The staff id of who hands over.
    pub giver: Uuid,
    /// The staff id of who takes over.
    pub taker: Uuid,
    /// In words.
    pub note: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When the giver signed.
    pub giver_signed_at: Option<Timestamp>,
    /// When the taker signed.
    pub taker_signed_at: Option<Timestamp>,
    /// When both had.
    pub signed_at: Option<Timestamp>,
    /// What was open when it was made; it never changes. Without what is kept from whoever reads.
    pub content: HandoverContentView,
    /// Grows with every signature.
    pub version: i64,
}

impl HandoverView {
    /// A handover.
    pub fn new(handover: &Handover, units: &UnitTree) -> Self {
        Self {
            id: handover.id.0,
            units: handover.units.iter().map(|unit| UnitRef::of(units, *unit)).collect(),
            giver: handover.giver.0,
            taker: handover.taker.0,
            note: handover.note.clone(),
            made_at: handover.made_at,
            giver_signed_at: handover.giver_signed_at,
            taker_signed_at: handover.taker_signed_at,
            signed_at: handover.signed_at(),
            content: HandoverContentView::new(&handover.content, units),
            version: handover.version,
        }
    }
}

/// Handovers, newest first, and the page as it would be made now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HandoversView {
    /// A page of them.
    pub items: Vec<HandoverView>,
    /// Give this as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What is open now in the unit asked for, when one may hand it over; `null` otherwise.
    pub open: Option<HandoverContentView>,
}
