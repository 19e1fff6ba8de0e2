//! The month's figures for the board, and units that report nothing.

use domain::board::BoardFigures;
use domain::ladder::LadderStep as Step;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::case::UnitRef;
use crate::code::LadderStep;

/// What lies at a step at the end of the month.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AtStepView {
    /// The step.
    pub step: LadderStep,
    /// How many cases.
    pub open: usize,
    /// How many of them are past the tenant's own target.
    pub late: usize,
    /// How many days ago the oldest of them was reported.
    pub oldest_days: Option<i64>,
}

/// Neighbouring duties that are not answered.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OpenDutiesView {
    /// How many.
    pub open: usize,
    /// How many of them are late.
    pub late: usize,
}

/// Escalations of a kind in a state.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LexCountView {
    /// `lex_maria` or `lex_sarah`.
    pub kind: String,
    /// Where they stand.
    pub state: String,
    /// How many, today.
    pub count: usize,
}

/// A month's figures for the board's agenda: counts of the tenant, never a case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BoardFiguresView {
    /// The month, `YYYY-MM`.
    #[schema(example = "2026-03")]
    pub month: String,
    /// What the figures of the end hold for: the month's end, or now while it lasts.
    pub as_of: Timestamp,
    /// Cases reported in the month, without drafts, void cases and duplicates.
    pub filed: usize,
    /// Cases closed in the month.
    pub closed: usize,
    /// Cases open at the end.
    pub open: usize,
    /// The open cases by step.
    pub steps: Vec<AtStepView>,
    /// Neighbouring duties not answered at the end.
    pub duties: OpenDutiesView,
    /// Escalations by kind and state, as they stand today.
    pub lex: Vec<LexCountView>,
}

impl From<&BoardFigures> for BoardFiguresView {
    fn from(figures: &BoardFigures) -> Self {
        let of_cases = [Step::Triage, Step::Investigation, Step::Measures, Step::FollowUp];
        let steps = of_cases.into_iter().map(|step| {
            let at = figures.steps.get(&step).copied().unwrap_or_default();
            AtStepView {
                step: step.into(),
                open: at.open,
                late: at.late,
                oldest_days: at.oldest_days,
            }
        });
        let lex = figures.lex.iter().map(|((kind, state), count)| LexCountView {
            kind: kind.clone(),
            state: state.clone(),
            count: *count,
        });
        Self {
            month: figures.month.to_string(),
            as_of: figures.as_of,
            filed: figures.filed,
            closed: figures.closed,
            open: figures.open,
            steps: steps.collect(),
            duties: OpenDutiesView { open: figures.duties.0, late: figures.duties.1 },
            lex: lex.collect(),
        }
    }
}

/// A unit that has reported nothing for a while.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SilentUnitView {
    /// Which.
    pub unit: UnitRef,
    /// When it last reported anything; `null` is never.
    pub last_reported_at: Option<Timestamp>,
}

/// Units that report nothing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SilentUnitsView {
    /// Since which day.
    pub since: Date,
    /// How many units were asked about: those with none below them that were open all the while.
    pub of: usize,
    /// The silent ones: those that never reported first, then by the last time.
    pub items: Vec<SilentUnitView>,
}
