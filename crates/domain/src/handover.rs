//! Units handed over from one hand to another (överlämning): what was open, frozen when the page is
//! made, and signed by both.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::case::Status;
use crate::ids::{CaseId, HandoverId, MeasureId, ReviewId, StaffId, UnitId, WatchId};
use crate::organisation::{Grant, Role, UnitTree};
use crate::policy::Held;
use crate::review::Review;
use crate::worklist::{Brief, OpenMeasure, Request, Roster};

/// For how long a signed handover says that its units are in new hands. Whoever takes over may begin
/// only when the giver has ended.
pub const HOLDS_FOR: SignedDuration = SignedDuration::from_hours(31 * 24);

/// How grave a case is, as far as a handover counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskBand {
    /// The risk score reaches the tenant's threshold.
    Flagged,
    /// It does not.
    Below,
    /// Nobody has judged it.
    NotAssessed,
}

/// How long a case has been there, as far as a handover counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgeBand {
    /// At most a week.
    Week,
    /// At most 30 days.
    Month,
    /// At most 90 days.
    Quarter,
    /// Longer.
    Longer,
}

impl AgeBand {
    /// The band of an age in days.
    pub fn of(days: i64) -> Self {
        match days {
            ..=7 => AgeBand::Week,
            8..=30 => AgeBand::Month,
            31..=90 => AgeBand::Quarter,
            _ => AgeBand::Longer,
        }
    }
}

/// An open case of a handover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedCase {
    /// Its id.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// The responsible unit.
    pub unit: UnitId,
    /// Where it stood.
    pub status: Status,
    /// Its risk score.
    pub risk_score: Option<u8>,
    /// How grave that was.
    pub risk: RiskBand,
    /// How many days it had been there.
    pub age_days: i64,
}

/// A measure of a handover that was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedMeasure {
    /// Its id.
    pub id: MeasureId,
    /// The case, which may be closed: a measure outlives it.
    pub case: CaseId,
    /// The case's number.
    pub number: String,
    /// Until which day.
    pub due_on: Option<Date>,
    /// Whether that day had passed.
    pub overdue: bool,
}

/// A watch of a handover that nobody had answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedWatch {
    /// Its id.
    pub id: WatchId,
    /// The case.
    pub case: CaseId,
    /// The case's number.
    pub number: String,
    /// Until when.
    pub due_on: Option<Date>,
}

/// A half-yearly review of a handover that was not signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedReview {
    /// Its id.
    pub id: ReviewId,
    /// The name of the unit, or of small units together.
    pub name: String,
    /// Of which half, such as `2026-H1`.
    pub half: String,
    /// Until which day it is to be signed: the tenant's own target.
    pub due_on: Date,
    /// Whether that day had passed.
    pub overdue: bool,
}

/// What was open. No texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// The open cases, gravest and then oldest first.
    pub cases: Vec<HandedCase>,
    /// The measures not done.
    pub measures: Vec<HandedMeasure>,
    /// The watches not answered.
    pub watches: Vec<HandedWatch>,
    /// The reviews not signed.
    pub reviews: Vec<HandedReview>,
}

/// How many of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open cases.
    pub cases: usize,
    /// By age: a week, 30 days, 90 days, longer.
    pub by_age: [usize; 4],
    /// By risk: flagged, below, not assessed.
    pub by_risk: [usize; 3],
    /// Measures not done.
    pub measures: usize,
    /// Those whose day has passed.
    pub measures_overdue: usize,
    /// Watches not answered.
    pub watches: usize,
    /// Reviews not signed.
    pub reviews: usize,
    /// Those whose day has passed.
    pub reviews_overdue: usize,
}

impl Content {
    /// What is open on a day among `cases`, of which the measures and watches are.
    pub fn of(
        cases: &[Brief],
        measures: &[OpenMeasure],
        watches: &[Request],
        threshold: u8,
        day: Date,
    ) -> Self {
        let find = |id: CaseId| cases.iter().find(|case| case.id == id);
        let mut open: Vec<&Brief> = cases.iter().filter(|case| case.status.open()).collect();
        open.sort_by_key(|case| {
            let light = u8::MAX - case.risk_score.unwrap_or(threshold.saturating_sub(1));
            (light, case.reported_at, case.id)
        });
        let handed = open.into_iter().map(|case| HandedCase {
            id: case.id,
            number: case.number.clone(),
            unit: case.unit,
            status: case.status,
            risk_score: case.risk_score,
            risk: match case.risk_score {
                Some(score) if score >= threshold => RiskBand::Flagged,
                Some(_) => RiskBand::Below,
                None => RiskBand::NotAssessed,
            },
            age_days: case.age_on(day),
        });
        let mut seen = BTreeSet::new();
        let undone = measures.iter().filter(|measure| measure.done_on.is_none());
        let mut measures: Vec<HandedMeasure> = undone
            .filter_map(|measure| Some((measure, find(measure.case)?)))
            .filter(|(measure, case)| case.status != Status::Void && seen.insert(measure.id))
            .map(|(measure, case)| HandedMeasure {
                id: measure.id,
                case: case.id,
                number: case.number.clone(),
                due_on: measure.due_on,
                overdue: measure.due_on.is_some_and(|due| due < day),
            })
            .collect();
        measures.sort_by_key(|measure| (measure.due_on.is_none(), measure.due_on, measure.id));
        let unanswered = watches.iter().filter(|watch| watch.open);
        let mut watches: Vec<HandedWatch> = unanswered
            .filter_map(|watch| Some((watch, find(watch.case)?)))
            .map(|(watch, case)| HandedWatch {
                id: watch.id,
                case: case.id,
                number: case.number.clone(),
                due_on: watch.due_on,
            })
            .collect();
        watches.sort_by_key(|watch| (watch.due_on.is_none(), watch.due_on, watch.id));
        Self { cases: handed.collect(), measures, watches, reviews: Vec::new() }
    }

    /// With the reviews of these units that are not signed on a day, those due first first.
    #[must_use]
    pub fn with_reviews(mut self, reviews: &[Review], units: &BTreeSet<UnitId>, day: Date) -> Self {
        let here = |review: &&Review| {
            review.missing() && review.subject.units.iter().any(|unit| units.contains(unit))
        };
        let handed = reviews.iter().filter(here).map(|review| HandedReview {
            id: review.id,
            name: review.subject.name.clone(),
            half: review.half.to_string(),
            due_on: review.due_on,
            overdue: review.overdue(day),
        });
        self.reviews = handed.collect();
        self.reviews.sort_by_key(|one| (one.due_on, one.id));
        self
    }

    /// Without what belongs to some cases: what is kept from a reader is not there for them.
    #[must_use]
    pub fn without(mut self, hidden: &BTreeSet<CaseId>) -> Self {
        self.cases.retain(|it| !hidden.contains(&it.id));
        self.measures.retain(|it| !hidden.contains(&it.case));
        self.watches.retain(|it| !hidden.contains(&it.case));
        self
    }

    /// How many of what; of what is there, so that nothing hidden is counted.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            cases: self.cases.len(),
            measures: self.measures.len(),
            measures_overdue: self.measures.iter().filter(|measure| measure.overdue).count(),
            watches: self.watches.len(),
            reviews: self.reviews.len(),
            reviews_overdue: self.reviews.iter().filter(|review| review.overdue).count(),
            ..Counts::default()
        };
        for case in &self.cases {
            counts.by_age[AgeBand::of(case.age_days) as usize] += 1;
            counts.by_risk[case.risk as usize] += 1;
        }
        counts
    }
}

/// Units handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Its id.
    pub id: HandoverId,
    /// The units, each with all below it.
    pub units: Vec<UnitId>,
    /// Who hands over.
    pub giver: StaffId,
    /// Who takes over.
    pub taker: StaffId,
    /// In words.
    pub note: Option<String>,
    /// What was open when it was made. It never changes.
    pub content: Content,
    /// When it was made.
    pub made_at: Timestamp,
    /// When the giver signed.
    pub giver_signed_at: Option<Timestamp>,
    /// When the taker signed.
    pub taker_signed_at: Option<Timestamp>,
    /// Grows with every signature.
    pub version: i64,
}

impl Handover {
    /// When both had signed.
    pub fn signed_at(&self) -> Option<Timestamp> {
        Some(self.giver_signed_at?.max(self.taker_signed_at?))
    }

    /// The handover with the signature of `by`; as it is when they have signed before. `None` when it
    /// is not theirs to sign.
    #[must_use]
    pub fn sign(mut self, by: StaffId, now: Timestamp) -> Option<Self> {
        let place = match by {
            giver if giver == self.giver => &mut self.giver_signed_at,
            taker if taker == self.taker => &mut self.taker_signed_at,
            _ => return None,
        };
        if place.is_none() {
            *place = Some(now);
            self.version += 1;
        }
        Some(self)
    }

    /// Whether it says, at `now`, that a unit is in new hands.
    pub fn covers(&self, unit: UnitId, units: &UnitTree, now: Timestamp) -> bool {
        let holds = self.signed_at().is_some_and(|at| now.duration_since(at) <= HOLDS_FOR);
        holds && self.units.iter().any(|above| units.with_ancestors(unit).contains(above))
    }
}

/// The open cases that would be left alone if a manager's grant ended now: those it reaches where
/// nobody else is manager or deputy, and which no signed handover has put into new hands. `rest` is
/// everyone else's grants, and the holder's others.
pub fn left_alone<'a>(
    grant: &Grant,
    cases: &'a [Brief],
    rest: &Roster,
    handovers: &[Handover],
    units: &UnitTree,
    (now, day): (Timestamp, Date),
) -> Vec<&'a Brief> {
    let held = Held::of(grant, units);
    let alone = |case: &&Brief| {
        let place = case.place();
        case.status.open()
            && held.reaches(case.unit, &case.laws, case.kind)
            && ![Role::UnitManager, Role::Deputy]
                .into_iter()
                .any(|role| rest.held_by_anyone(role, place, day))
            && !handovers.iter().any(|handover| handover.covers(case.unit, units, now))
    };
    cases.iter().filter(alone).collect()
}
