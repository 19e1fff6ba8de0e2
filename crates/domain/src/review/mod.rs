//! The half-yearly review of a unit (halvårssammanställning): the team reads the half's figures, writes
//! what it makes of them, decides what is to be better, and signs.
//!
//! The figures are live until it is signed, so that the team sees what is known. A signature binds the
//! version that was read and the figures as they stood: a later change of a case changes neither. What
//! was decided goes on: an improvement is owed until it is done and somebody has said whether it helped.

mod half;
mod page;
mod plan;
mod rules;
mod steps;
mod yearly;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::case::event::FieldChange;
use crate::case::measure::Effect;
use crate::fault::Fault;
use crate::ids::{ImprovementId, ReviewId, StaffId, UnitId};
use crate::organisation::Role;

pub use half::{Half, Period};
pub use page::{About, Codes, MeasureFact, Page, PageFacts, page};
pub use plan::{Planned, plan};
pub use rules::{ReviewGroup, ReviewRules};
pub use steps::{LONGEST_ANALYSIS, LONGEST_IMPROVEMENT, NewImprovement, Progress};
pub use yearly::{IMPROVEMENTS, improvements_by_unit, reviews_by_unit};

/// Who did something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Who.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// What the team made of the figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// In words.
    pub text: String,
    /// Who wrote it last.
    pub written: Done,
}

/// A signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whose, and when.
    pub signed: Done,
    /// The version of the review that was read and is bound by it, with the figures of that version.
    pub version: i64,
}

/// Where a review stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum State {
    /// Nobody has written anything yet.
    Open,
    /// The team is at it.
    Written {
        /// What it made of the figures.
        analysis: Analysis,
    },
    /// Signed: what was written and decided stands.
    Signed {
        /// What the team made of the figures.
        analysis: Analysis,
        /// By whom.
        signature: Signature,
    },
}

/// The name of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nobody has written anything yet.
    Open,
    /// The team is at it.
    Written,
    /// Signed.
    Signed,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 3] = [Status::Open, Status::Written, Status::Signed];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Written => "written",
            Status::Signed => "signed",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Status::ALL.into_iter().find(|status| status.code() == code).ok_or(())
    }
}

impl State {
    /// Its name.
    pub fn status(&self) -> Status {
        match self {
            State::Open => Status::Open,
            State::Written { .. } => Status::Written,
            State::Signed { .. } => Status::Signed,
        }
    }

    /// What the team made of the figures.
    pub fn analysis(&self) -> Option<&Analysis> {
        match self {
            State::Open => None,
            State::Written { analysis } | State::Signed { analysis, .. } => Some(analysis),
        }
    }

    /// The signature that holds.
    pub fn signature(&self) -> Option<&Signature> {
        match self {
            State::Open | State::Written { .. } => None,
            State::Signed { signature, .. } => Some(signature),
        }
    }
}

/// Who sees to an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A person.
    Staff(StaffId),
    /// Whoever holds a role over the unit.
    Role(Role),
}

/// The roles that can own an improvement.
pub const OWNING: [Role; 7] = [
    Role::Team,
    Role::Deputy,
    Role::UnitManager,
    Role::AreaManager,
    Role::Mas,
    Role::Mar,
    Role::Sas,
];

/// How far an improvement has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum ImprovementState {
    /// It is to be done.
    Decided,
    /// It is done; whether it helped is to be seen.
    Done {
        /// The day.
        on: Date,
        /// Who said so.
        noted: Done,
    },
    /// Somebody has said whether it helped.
    Judged {
        /// The day it was done.
        on: Date,
        /// Whether it helped; never "nobody has looked yet".
        effect: Effect,
        /// In words.
        note: Option<String>,
        /// Who said so.
        noted: Done,
    },
    /// It was given up.
    Dropped {
        /// Why.
        reason: String,
        /// By whom.
        noted: Done,
    },
}

impl ImprovementState {
    /// The value in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            ImprovementState::Decided => "decided",
            ImprovementState::Done { .. } => "done",
            ImprovementState::Judged { .. } => "judged",
            ImprovementState::Dropped { .. } => "dropped",
        }
    }

    /// The day it was done.
    pub fn done_on(&self) -> Option<Date> {
        match self {
            ImprovementState::Done { on, .. } | ImprovementState::Judged { on, .. } => Some(*on),
            ImprovementState::Decided | ImprovementState::Dropped { .. } => None,
        }
    }

    /// Whether it helped; `None` until somebody said.
    pub fn effect(&self) -> Option<Effect> {
        match self {
            ImprovementState::Judged { effect, .. } => Some(*effect),
            ImprovementState::Decided
            | ImprovementState::Done { .. }
            | ImprovementState::Dropped { .. } => None,
        }
    }

    /// Whether something is still to be done about it.
    pub fn owed(&self) -> bool {
        match self {
            ImprovementState::Decided | ImprovementState::Done { .. } => true,
            ImprovementState::Judged { .. } | ImprovementState::Dropped { .. } => false,
        }
    }
}

/// What was decided to be better (förbättring).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Improvement {
    /// Its id.
    pub id: ImprovementId,
    /// What is done.
    pub text: String,
    /// Who sees to it.
    pub owner: Owner,
    /// Until which day it is to be done.
    pub due_on: Date,
    /// From which day it is asked whether it helped.
    pub follow_up_on: Date,
    /// Who decided it, and when.
    pub decided: Done,
    /// How far it has come.
    pub state: ImprovementState,
}

/// What a review is of, where it is no single unit: small units together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What makes it one of its half: the id of the unit, or the code of the group.
    pub key: String,
    /// The name of the unit or of the group, as it was when the review was made.
    pub name: String,
    /// The units, none twice, in order of id; those below are not part of it.
    pub units: Vec<UnitId>,
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// Of what.
    pub subject: Subject,
    /// Of which half.
    pub half: Half,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until which day it is to be signed: a target of the tenant's own, never law.
    pub due_on: Date,
    /// Where it stands.
    pub state: State,
    /// What was decided, oldest first.
    pub improvements: Vec<Improvement>,
    /// Signatures that hold no longer since it was taken up again, oldest first.
    pub superseded: Vec<Signature>,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Review {
    /// Where it stands.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// Whether it is still to be signed.
    pub fn missing(&self) -> bool {
        match self.status() {
            Status::Open | Status::Written => true,
            Status::Signed => false,
        }
    }

    /// Whether its day has passed and it is not signed.
    pub fn overdue(&self, day: Date) -> bool {
        self.missing() && self.due_on < day
    }

    /// When it was signed.
    pub fn signed_at(&self) -> Option<Timestamp> {
        self.state.signature().map(|signature| signature.signed.at)
    }

    /// What was decided and is not settled.
    pub fn owed(&self) -> impl Iterator<Item = &Improvement> {
        self.improvements.iter().filter(|improvement| improvement.state.owed())
    }

    /// Whether a person sees to any of what was decided.
    pub fn owned_by(&self, staff: StaffId) -> bool {
        self.improvements.iter().any(|it| it.owner == Owner::Staff(staff))
    }
}

/// What can be done to a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// Made, when the half had ended.
    Create,
    /// Write the analysis.
    Write,
    /// Decide an improvement.
    Improve,
    /// Say how far an improvement has come.
    Progress,
    /// Sign.
    Sign,
    /// Take up again what is signed.
    Reopen,
}

impl Command {
    /// Every command.
    pub const ALL: [Command; 6] = [
        Command::Create,
        Command::Write,
        Command::Improve,
        Command::Progress,
        Command::Sign,
        Command::Reopen,
    ];

    /// The value in histories.
    pub fn code(self) -> &'static str {
        match self {
            Command::Create => "create",
            Command::Write => "write",
            Command::Improve => "improve",
            Command::Progress => "progress",
            Command::Sign => "sign",
            Command::Reopen => "reopen",
        }
    }
}

/// What happened to a review, for its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The command that made it happen.
    pub command: Command,
    /// Where it stood; `None` when it was made.
    pub from: Option<Status>,
    /// Where it stands now.
    pub to: Status,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
}

/// A review after a command, with its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// As it is now; its version has grown by one.
    pub review: Review,
    /// What happened.
    pub event: Event,
}

/// Why a command was not carried out. The review is as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejected {
    /// The command does not exist for a review that stands there.
    State {
        /// Where it stands.
        status: Status,
        /// What was asked.
        command: Command,
    },
    /// The review has no such improvement.
    NotThere,
    /// Something is missing or wrong; every fault is named.
    Guard(Vec<Fault>),
}
