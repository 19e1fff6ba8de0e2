//! Measures across cases.

use domain::case::measure::Measure;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;
use crate::code::{Effect, MeasureStatus};
use crate::learning::CaseNumberView;

/// A measure in a list across cases.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MeasureLineView {
    /// Its id.
    pub id: Uuid,
    /// A code of the list `measure_type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is done.
    pub text: String,
    /// How far it has come.
    pub status: MeasureStatus,
    /// Who does it.
    pub owner: Option<String>,
    /// Until which day.
    pub due_on: Option<Date>,
    /// The day on which someone looks whether it helped.
    pub follow_up_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Effect,
    /// In words.
    pub effect_note: Option<String>,
    /// The cases it belongs to, as far as one may read them.
    pub cases: Vec<CaseAtView>,
}

/// A case as a list across cases names it, with its unit.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CaseAtView {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// The responsible unit.
    pub unit: UnitRef,
}

impl MeasureLineView {
    /// The line of a measure.
    pub fn new(measure: &Measure, cases: Vec<CaseAtView>, today: Date) -> Self {
        Self {
            id: measure.id.0,
            kind: measure.kind.clone(),
            text: measure.text.clone(),
            status: measure.status(today).into(),
            owner: measure.owner.clone(),
            due_on: measure.due_on,
            follow_up_on: measure.follow_up_on,
            done_on: measure.done_on,
            effect: measure.effect.into(),
            effect_note: measure.effect_note.clone(),
            cases,
        }
    }
}

/// What was done in a case like another.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TakenView {
    /// A code of the list `measure_type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What was done.
    pub text: String,
    /// Whether it helped.
    pub effect: Effect,
    /// In words.
    pub effect_note: Option<String>,
}

impl From<&Measure> for TakenView {
    fn from(measure: &Measure) -> Self {
        Self {
            kind: measure.kind.clone(),
            text: measure.text.clone(),
            effect: measure.effect.into(),
            effect_note: measure.effect_note.clone(),
        }
    }
}

/// A closed case like another.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SimilarCaseView {
    /// The case.
    pub case: CaseNumberView,
    /// The day it was closed, Swedish time.
    pub closed_on: Date,
    /// How it ended: a code of the list `outcome`.
    pub outcome: Option<String>,
    /// What was done.
    pub measures: Vec<TakenView>,
}

/// How often a measure was taken, and helped or not.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TakenCountView {
    /// A code of the list `measure_type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A code of the list `measure_effect`.
    pub effect: String,
    /// How often.
    pub count: u32,
}

/// What was done in the last closed cases like one, and whether it helped.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SimilarView {
    /// Their category, those below included; `null` where the case has none, and nothing is like it.
    pub category: Option<String>,
    /// The area of their units.
    pub area: Option<String>,
    /// How many they are, at most ten.
    pub count: usize,
    /// Those one may read, the last closed first.
    pub cases: Vec<SimilarCaseView>,
    /// Measures by type and effect, in all of them.
    pub measures: Vec<TakenCountView>,
}
