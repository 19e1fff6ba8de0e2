//! The ladder: what nobody touches for too long is told to one after the other who answers for it, and
//! ends with the director. Of each unit and step the oldest climbs; touching it starts anew.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::calendar::holidays::WorkingDays;
use crate::calendar::swedish_date;
use crate::case::{Kind, Status};
use crate::fault::{Fault, Reason};
use crate::ids::{StaffId, UnitId};
use crate::law::Law;
use crate::organisation::Role;

/// A step at which something may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LadderStep {
    /// Reported, and not assessed.
    Triage,
    /// Assessed, and its investigation not done.
    Investigation,
    /// Measures decided, and not begun to be followed.
    Measures,
    /// Being followed up.
    FollowUp,
    /// A neighbouring duty not answered.
    Duty,
    /// An escalation on its way.
    Escalation,
    /// A half-yearly review whose day has passed unsigned.
    Review,
}

impl LadderStep {
    /// Every step.
    pub const ALL: [LadderStep; 7] = [
        LadderStep::Triage,
        LadderStep::Investigation,
        LadderStep::Measures,
        LadderStep::FollowUp,
        LadderStep::Duty,
        LadderStep::Escalation,
        LadderStep::Review,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            LadderStep::Triage => "triage",
            LadderStep::Investigation => "investigation",
            LadderStep::Measures => "measures",
            LadderStep::FollowUp => "follow_up",
            LadderStep::Duty => "duty",
            LadderStep::Escalation => "escalation",
            LadderStep::Review => "review",
        }
    }

    /// The step at which a case lies; `None` for what has ended or is a draft.
    pub fn of(status: Status) -> Option<Self> {
        match status {
            Status::Reported => Some(LadderStep::Triage),
            Status::Triaged | Status::Investigating => Some(LadderStep::Investigation),
            Status::MeasuresDecided => Some(LadderStep::Measures),
            Status::FollowingUp => Some(LadderStep::FollowUp),
            Status::Draft | Status::Closed | Status::Void => None,
        }
    }
}

impl std::str::FromStr for LadderStep {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        LadderStep::ALL.into_iter().find(|step| step.code() == code).ok_or(())
    }
}

/// A rung: who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// The unit's manager.
    UnitManager,
    /// The area manager.
    AreaManager,
    /// Whoever answers for the law: MAS or MAR, or SAS.
    Expert,
    /// The director: the last.
    Director,
}

impl Rung {
    /// Every rung, the lowest first.
    pub const ALL: [Rung; 4] = [Rung::UnitManager, Rung::AreaManager, Rung::Expert, Rung::Director];

    /// The value in tables.
    pub fn code(self) -> &'static str {
        match self {
            Rung::UnitManager => "unit_manager",
            Rung::AreaManager => "area_manager",
            Rung::Expert => "expert",
            Rung::Director => "director",
        }
    }

    /// The roles told on this rung of something under these laws; the first that anybody holds.
    pub fn roles(self, laws: &[Law]) -> &'static [Role] {
        match self {
            Rung::UnitManager => &[Role::UnitManager, Role::Deputy],
            Rung::AreaManager => &[Role::AreaManager],
            Rung::Expert if laws.first().is_none_or(|law| *law == Law::Hsl) => {
                &[Role::Mas, Role::Mar]
            }
            Rung::Expert => &[Role::Sas],
            Rung::Director => &[Role::Director],
        }
    }
}

impl std::str::FromStr for Rung {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Rung::ALL.into_iter().find(|rung| rung.code() == code).ok_or(())
    }
}

/// After how many working days without a touch each rung is told, the lowest first.
pub type Limits = [u16; 4];

/// The tenant's limits, by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LadderSettings {
    /// Whether anybody is told at all.
    pub climbs: bool,
    /// Reported, and not assessed.
    pub triage: Limits,
    /// Assessed, and its investigation not done.
    pub investigation: Limits,
    /// Measures decided, and not begun to be followed.
    pub measures: Limits,
    /// Being followed up.
    pub follow_up: Limits,
    /// A neighbouring duty not answered.
    pub duty: Limits,
    /// An escalation on its way.
    pub escalation: Limits,
    /// A half-yearly review that is not signed, from its day on.
    pub review: Limits,
}

impl Default for LadderSettings {
    fn default() -> Self {
        Self {
            climbs: true,
            triage: [3, 5, 8, 10],
            investigation: [15, 20, 25, 30],
            measures: [15, 20, 25, 30],
            follow_up: [65, 75, 85, 95],
            duty: [1, 2, 3, 5],
            escalation: [5, 8, 10, 15],
            review: [1, 5, 10, 20],
        }
    }
}

/// The longest a rung may wait, in working days.
const LONGEST: u16 = 250;

impl LadderSettings {
    /// The limits of a step.
    pub fn limits(&self, step: LadderStep) -> Limits {
        match step {
            LadderStep::Triage => self.triage,
            LadderStep::Investigation => self.investigation,
            LadderStep::Measures => self.measures,
            LadderStep::FollowUp => self.follow_up,
            LadderStep::Duty => self.duty,
            LadderStep::Escalation => self.escalation,
            LadderStep::Review => self.review,
        }
    }

    /// Everything that is wrong, by JSON pointer below `at`: each rung waits at least a day and not
    /// less than the one below.
    pub fn faults(&self, at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        for step in LadderStep::ALL {
            let limits = self.limits(step);
            let mut least = 1;
            for (nth, limit) in limits.into_iter().enumerate() {
                if !(least..=LONGEST).contains(&limit) {
                    let range =
                        Reason::OutOfRange { min: i64::from(least), max: i64::from(LONGEST) };
                    faults.push(Fault::at(format!("{at}/{}/{nth}", step.code()), range));
                }
                least = least.max(limit.min(LONGEST));
            }
        }
        faults
    }
}

/// Something that may lie untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// Its id: of the case, the escalation or the review.
    pub id: Uuid,
    /// Its number, or that of its case; the half of a review.
    pub number: String,
    /// At which step it lies.
    pub step: LadderStep,
    /// Where.
    pub unit: UnitId,
    /// Under which laws.
    pub laws: Vec<Law>,
    /// Of which kind its case is.
    pub kind: Kind,
    /// When it was touched last.
    pub touched_at: Timestamp,
    /// Its version: grows with every touch.
    pub version: i64,
    /// Up to which day it waits for somebody outside.
    pub waiting_until: Option<Date>,
    /// Whom it is kept from.
    pub kept_from: BTreeSet<StaffId>,
}

impl Matter {
    /// Whether it waits for somebody outside on a day.
    pub fn waits(&self, day: Date) -> bool {
        self.waiting_until.is_some_and(|until| day <= until)
    }
}

impl AsRef<Matter> for Matter {
    fn as_ref(&self) -> &Matter {
        self
    }
}

/// For whom the oldest is looked for: those who are told differ by each of these.
type Shelf = (UnitId, LadderStep, Kind, Vec<Law>);

/// Finds the oldest untouched matter of each unit and step, each kind and law for itself, out of any number
/// that are shown to it one by one.
#[derive(Debug)]
pub struct Oldest<T>(BTreeMap<Shelf, T>);

impl<T> Default for Oldest<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: AsRef<Matter>> Oldest<T> {
    /// Shows one. What waits for somebody outside on that day is passed over, and so is what was `told` to
    /// the last rung: it hides nothing that lies behind it.
    pub fn show(&mut self, one: T, told: bool, day: Date) {
        let matter = one.as_ref();
        if told || matter.waits(day) {
            return;
        }
        let age = |it: &T| (it.as_ref().touched_at, it.as_ref().id);
        let shelf = (matter.unit, matter.step, matter.kind, matter.laws.clone());
        if self.0.get(&shelf).is_none_or(|known| age(&one) < age(known)) {
            self.0.insert(shelf, one);
        }
    }

    /// Those found.
    pub fn found(self) -> Vec<T> {
        self.0.into_values().collect()
    }
}

/// Somebody to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// On which rung.
    pub rung: Rung,
    /// The role.
    pub role: Role,
}

/// How far a matter has climbed on a day, the lowest rung first. A rung on which nobody is to be told
/// gives way to the next at once: `there` says whether anybody holds a role over it.
pub fn climbed(
    matter: &Matter,
    settings: &LadderSettings,
    working: &WorkingDays,
    day: Date,
    there: impl Fn(Role) -> bool,
) -> Vec<Told> {
    if !settings.climbs || matter.waits(day) {
        return Vec::new();
    }
    let limits = settings.limits(matter.step);
    let untouched = working.between(swedish_date(matter.touched_at), day, LONGEST);
    let mut reached = limits.iter().filter(|limit| **limit <= untouched).count();
    let mut told = Vec::new();
    if reached == 0 {
        return told;
    }
    for (nth, rung) in Rung::ALL.into_iter().enumerate() {
        if nth >= reached {
            break;
        }
        match rung.roles(&matter.laws).iter().find(|role| there(**role)) {
            Some(role) => told.push(Told { rung, role: *role }),
            None => reached += 1,
        }
    }
    told
}
