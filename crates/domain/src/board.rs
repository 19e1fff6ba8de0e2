//! The month's figures for the agenda of the board (nämnden): counts of the tenant, never a case.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::{start_of_month, swedish_date};
use crate::case::Status;
use crate::clock::{ClockSettings, Kind, of_case};
use crate::ladder::LadderStep;
use crate::worklist::Brief;

/// A month of the Swedish calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// The month, 1–12.
    pub month: i8,
}

impl Month {
    /// The month of a day.
    pub fn of(day: Date) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// The month before.
    #[must_use]
    pub fn before(self) -> Self {
        match self.month {
            1 => Self { year: self.year - 1, month: 12 },
            month => Self { year: self.year, month: month - 1 },
        }
    }

    /// Its first instant.
    pub fn start(self) -> Timestamp {
        start_of_month(self.year, self.month)
    }

    /// The first instant after it.
    pub fn end(self) -> Timestamp {
        start_of_month(self.year, self.month + 1)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl std::str::FromStr for Month {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (year, month) = text.split_once('-').ok_or(())?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return Err(());
        }
        let (year, month) = (year.parse().map_err(|_| ())?, month.parse().map_err(|_| ())?);
        if (1..=12).contains(&month) { Ok(Self { year, month }) } else { Err(()) }
    }
}

/// What lies at a step at the end of the month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AtStep {
    /// How many.
    pub open: usize,
    /// How many of them are past their day.
    pub late: usize,
    /// How many days ago the oldest of them was reported.
    pub oldest_days: Option<i64>,
}

/// The figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardFigures {
    /// The month.
    pub month: Month,
    /// What every figure of the end holds for: the month's end, or now while it lasts.
    pub as_of: Timestamp,
    /// Cases reported in the month.
    pub filed: usize,
    /// Cases closed in the month.
    pub closed: usize,
    /// Cases open at the end.
    pub open: usize,
    /// The open cases by step.
    pub steps: BTreeMap<LadderStep, AtStep>,
    /// Neighbouring duties not answered at the end, and how many of them late.
    pub duties: (usize, usize),
    /// Escalations by kind and state.
    pub lex: BTreeMap<(String, String), usize>,
}

/// The step of a case at an instant, by when it passed each stage.
pub(crate) fn step_at(case: &Brief, at: Timestamp) -> LadderStep {
    let passed = |stage: Option<Timestamp>| stage.is_some_and(|it| it < at);
    let times = &case.clocked;
    if passed(times.following_up_at) {
        LadderStep::FollowUp
    } else if passed(times.measures_decided_at) {
        LadderStep::Measures
    } else if passed(times.triaged_at) {
        LadderStep::Investigation
    } else {
        LadderStep::Triage
    }
}

/// Counts the cases of a tenant that were not closed before the month. Drafts, void cases and
/// duplicates count nowhere.
pub fn figures<'a>(
    cases: impl IntoIterator<Item = &'a Brief>,
    month: Month,
    chosen: &ClockSettings,
    now: Timestamp,
) -> BoardFigures {
    let as_of = month.end().min(now);
    let mut steps: BTreeMap<LadderStep, AtStep> = BTreeMap::new();
    let (mut filed, mut closed, mut open) = (0, 0, 0);
    let within = |at: Timestamp| month.start() <= at && at < month.end() && at <= now;
    for case in cases {
        if matches!(case.status, Status::Draft | Status::Void) || case.clocked.duplicate {
            continue;
        }
        filed += usize::from(within(case.reported_at));
        closed += usize::from(case.clocked.closed_at.is_some_and(within));
        let there = case.reported_at < as_of && case.clocked.closed_at.is_none_or(|at| at >= as_of);
        if !there {
            continue;
        }
        open += 1;
        let step = step_at(case, as_of);
        let at = steps.entry(step).or_default();
        at.open += 1;
        let kind = match step {
            LadderStep::Triage => Some(Kind::Triage),
            LadderStep::Investigation => Some(Kind::Investigation),
            LadderStep::Measures
            | LadderStep::FollowUp
            | LadderStep::Duty
            | LadderStep::Escalation
            | LadderStep::Review => None,
        };
        let late = of_case(case, chosen).into_iter().any(|clock| {
            let met = clock.met_at.filter(|met| *met < as_of);
            Some(clock.kind) == kind && clock.met(met).late(as_of)
        });
        at.late += usize::from(late);
        let age = case.age_on(swedish_date(as_of));
        at.oldest_days = Some(at.oldest_days.unwrap_or_default().max(age));
    }
    BoardFigures { month, as_of, filed, closed, open, steps, duties: (0, 0), lex: BTreeMap::new() }
}
