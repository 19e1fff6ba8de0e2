//! One filed matter (ärende): what it is, where it stands, and what it carries.

pub mod attachment;
pub mod closing;
pub mod comment;
pub mod conflict;
pub mod correction;
pub mod duty;
pub mod event;
pub mod feedback;
pub mod filing;
pub mod information;
pub mod investigation;
pub mod joint;
pub mod lifecycle;
pub mod link;
pub mod many;
pub mod measure;
pub mod parts;
pub mod refile;
pub mod sample;
pub mod series;
pub mod supplement;
pub mod triage;
pub mod waiting;
pub mod watch;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code_lists::CodeLists;
use crate::ids::{CaseId, StaffId, SubjectId, UnitId};
use crate::law::Law;
use crate::number::{CaseNumber, NumberKind};
use crate::opinion::Opinion;

pub use attachment::Attachment;
pub use closing::Closing;
pub use comment::Comment;
pub use conflict::Conflict;
pub use duty::{CaseDuty, DutyAnswer, DutyState};
pub use event::{Changed, Event, FieldChange, Rejected};
pub use feedback::Feedback;
pub use filing::Filing;
pub use investigation::Investigation;
pub use lifecycle::Command;
pub use link::Link;
pub use supplement::Supplement;
pub use triage::Assessment;
pub use waiting::{Outside, Waiting};
pub use watch::Watch;

/// What a case is. It never changes; cases of other kinds are linked instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An event or risk reported by staff.
    Avvikelse,
    /// A view, praise or proposal from the public.
    Synpunkt,
    /// A complaint.
    Klagomal,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 3] = [Kind::Avvikelse, Kind::Synpunkt, Kind::Klagomal];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Avvikelse => "avvikelse",
            Kind::Synpunkt => "synpunkt",
            Kind::Klagomal => "klagomal",
        }
    }

    /// The prefix of its numbers.
    pub fn number_kind(self) -> NumberKind {
        match self {
            Kind::Avvikelse => NumberKind::Avv,
            Kind::Synpunkt => NumberKind::Syn,
            Kind::Klagomal => NumberKind::Kla,
        }
    }

    /// The code list its categories come from.
    pub fn category_list(self) -> &'static str {
        match self {
            Kind::Avvikelse => "category",
            Kind::Synpunkt | Kind::Klagomal => "complaint",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Kind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// What a synpunkt is more closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subkind {
    /// Beröm.
    #[serde(rename = "BER")]
    Praise,
    /// Förslag.
    #[serde(rename = "FOR")]
    Proposal,
}

impl Subkind {
    /// The last part of the code in the list `kind`, such as `BER` of `SYN.BER`.
    pub fn code(self) -> &'static str {
        match self {
            Subkind::Praise => "BER",
            Subkind::Proposal => "FOR",
        }
    }
}

impl FromStr for Subkind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        match code {
            "BER" => Ok(Subkind::Praise),
            "FOR" => Ok(Subkind::Proposal),
            _ => Err(()),
        }
    }
}

/// The way a case is handled (handläggningsväg), chosen by a person at triage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// One command assesses and closes.
    Simple,
    /// Investigated in the unit.
    Standard,
    /// Led by MAS, MAR or SAS, with the contents of HSLF-FS 2017:40.
    Deep,
}

impl Track {
    /// Every track.
    pub const ALL: [Track; 3] = [Track::Simple, Track::Standard, Track::Deep];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Track::Simple => "simple",
            Track::Standard => "standard",
            Track::Deep => "deep",
        }
    }
}

impl FromStr for Track {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Track::ALL.into_iter().find(|track| track.code() == code).ok_or(())
    }
}

/// Where a case stands, without what the state carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written; its author's alone.
    Draft,
    /// Has reached the organisation.
    Reported,
    /// Law, category, severity, track and lex questions are answered.
    Triaged,
    /// Someone finds out what happened and why.
    Investigating,
    /// The investigation is done and each cause has a measure or a reasoned waiver.
    MeasuresDecided,
    /// Measures are under way, each with owner and date.
    FollowingUp,
    /// Ended, with an outcome.
    Closed,
    /// Should never have been; kept with a reason, counted nowhere.
    Void,
}

impl Status {
    /// Every status, in the order of the lifecycle.
    pub const ALL: [Status; 8] = [
        Status::Draft,
        Status::Reported,
        Status::Triaged,
        Status::Investigating,
        Status::MeasuresDecided,
        Status::FollowingUp,
        Status::Closed,
        Status::Void,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Reported => "reported",
            Status::Triaged => "triaged",
            Status::Investigating => "investigating",
            Status::MeasuresDecided => "measures_decided",
            Status::FollowingUp => "following_up",
            Status::Closed => "closed",
            Status::Void => "void",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Status {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Status::ALL.into_iter().find(|status| status.code() == code).ok_or(())
    }
}

/// Where a case stands, with what only that state has.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Being written.
    Draft,
    /// Reached the organisation.
    Reported,
    /// Assessed.
    Triaged,
    /// Under investigation.
    Investigating,
    /// Measures decided.
    MeasuresDecided,
    /// Being followed up.
    FollowingUp,
    /// Ended.
    Closed(Closing),
    /// Made void.
    Void(Voiding),
}

impl State {
    /// The state's name.
    pub fn status(&self) -> Status {
        match self {
            State::Draft => Status::Draft,
            State::Reported => Status::Reported,
            State::Triaged => Status::Triaged,
            State::Investigating => Status::Investigating,
            State::MeasuresDecided => Status::MeasuresDecided,
            State::FollowingUp => Status::FollowingUp,
            State::Closed(_) => Status::Closed,
            State::Void(_) => Status::Void,
        }
    }
}

/// Why a case was made void, by whom and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voiding {
    /// When.
    pub at: Timestamp,
    /// By whom; `None` for what was imported void.
    pub by: Option<StaffId>,
    /// Why.
    pub reason: String,
    /// It was never handed in: a discarded draft stays its author's alone.
    #[serde(default)]
    pub never_handed_in: bool,
}

/// When the case passed each stage. `None` where it never did, or where an import does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Triage was complete.
    pub triaged_at: Option<Timestamp>,
    /// The investigation began.
    pub investigation_started_at: Option<Timestamp>,
    /// The investigation was complete.
    pub investigation_done_at: Option<Timestamp>,
    /// Measures were decided.
    pub measures_decided_at: Option<Timestamp>,
    /// Follow-up began.
    pub following_up_at: Option<Timestamp>,
    /// The patient was informed (PSL 3 kap. 8 §).
    pub patient_informed_at: Option<Timestamp>,
}

/// One filed matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its number, for people.
    pub number: CaseNumber,
    /// The number it had in the system it was imported from.
    pub external_number: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// What a synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// Where it happened; responsible.
    pub unit: UnitId,
    /// The unit that reported it.
    pub reporting_unit: UnitId,
    /// Other units concerned.
    pub also_units: Vec<UnitId>,
    /// Who reported it; `None` where an import does not say.
    pub reported_by: Option<StaffId>,
    /// Who put it into the register.
    pub registered_by: Option<StaffId>,
    /// When it happened, or when the span began; `None` is unknown.
    pub occurred_at: Option<Timestamp>,
    /// End of the span.
    pub occurred_until: Option<Timestamp>,
    /// When it was found out.
    pub discovered_at: Option<Timestamp>,
    /// When it reached the organisation: year and clocks use this.
    pub reported_at: Timestamp,
    /// When it was put into the register: always the server's clock.
    pub registered_at: Timestamp,
    /// What the reporter said.
    pub filing: Filing,
    /// What the assessors said.
    pub assessment: Assessment,
    /// When it passed each stage.
    pub progress: Progress,
    /// Where it stands.
    pub state: State,
    /// Course of events, causes and measures.
    pub investigation: Option<Investigation>,
    /// Who was told what came of it.
    pub feedback: Vec<Feedback>,
    /// Other cases it belongs with.
    pub links: Vec<Link>,
    /// Who was asked to read, contribute or act.
    pub watches: Vec<Watch>,
    /// What it is as something the public has left; of every synpunkt and klagomål that is no draft.
    pub opinion: Option<Box<Opinion>>,
    /// Whom it is kept from.
    pub conflicts: Vec<Conflict>,
    /// The sealed identity of the person it is about.
    pub subject: Option<SubjectId>,
    /// Came by import: keeps the state it came with and wakes no clock, flag or mail.
    pub imported: bool,
    /// Grows by one with every change; the ETag.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Case {
    /// The state's name.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// How it ended: the outcome code of a closed case.
    pub fn outcome(&self) -> Option<&str> {
        match &self.state {
            State::Closed(closing) => closing.outcome.as_deref(),
            State::Draft
            | State::Reported
            | State::Triaged
            | State::Investigating
            | State::MeasuresDecided
            | State::FollowingUp
            | State::Void(_) => None,
        }
    }

    /// When it was closed.
    pub fn closed_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Closed(closing) => Some(closing.at),
            State::Draft
            | State::Reported
            | State::Triaged
            | State::Investigating
            | State::MeasuresDecided
            | State::FollowingUp
            | State::Void(_) => None,
        }
    }

    /// The laws that hold: the assessed where there are any, else the reported ones that exist.
    pub fn laws(&self) -> Vec<Law> {
        if self.assessment.law.is_empty() {
            self.filing.known_laws()
        } else {
            self.assessment.law.clone()
        }
    }

    /// The category that holds: the assessed where there is one, else the reported.
    pub fn category(&self) -> Option<&str> {
        self.assessment.category.as_deref().or(self.filing.category.as_deref())
    }

    /// Whether the category that holds is a code of the list, at any time.
    pub fn known_category<'a>(&'a self, codes: &CodeLists) -> Option<&'a str> {
        self.category().filter(|code| codes.get(self.kind.category_list(), code).is_some())
    }

    /// Whether the case is its author's alone: a draft, or one that was discarded.
    pub fn private(&self) -> bool {
        match &self.state {
            State::Draft => true,
            State::Void(voiding) => voiding.never_handed_in,
            State::Reported
            | State::Triaged
            | State::Investigating
            | State::MeasuresDecided
            | State::FollowingUp
            | State::Closed(_) => false,
        }
    }

    /// Whether the case is one of those that are never counted.
    pub fn uncounted(&self) -> bool {
        matches!(self.status(), Status::Draft | Status::Void)
    }

    /// The instant whose day decides which codes and which statute hold: the event, else the report.
    pub fn event_time(&self) -> Timestamp {
        self.occurred_at.unwrap_or(self.reported_at)
    }
}
