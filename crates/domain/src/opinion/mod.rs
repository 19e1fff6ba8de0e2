//! What somebody outside says of the care (synpunkter och klagomål), from its arrival to the answer.
//!
//! An opinion is a part of a case of kind synpunkt or klagomål, never a second matter: its version is
//! the case's, and where the case stands follows from its [`Stage`]. What each command asks for is the
//! guard in its function; which stage takes it is the table in [`stage`].

pub mod answer;
pub mod arrival;
mod closing;
pub mod ending;
pub mod gate;
pub mod message;
pub mod next_step;
pub mod sender;
pub mod stage;
mod steps;
mod view;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Kind, State, Status, Subkind};
use crate::ids::{CaseId, StaffId};

pub use answer::{Answer, AnswerGiven, Channel, Given, OralGiven, SecrecyCheck};
pub use arrival::{Arrival, Concerns, OpinionGiven, TakenDown};
pub use ending::{
    Attempt, Ended, Ending, EndingGiven, EndingKind, HandOver, HandOverGiven, PassedOn,
};
pub use gate::{Gates, GatesGiven};
pub use message::{Message, MessageKind};
pub use sender::{Contact, Evidence, Reach, Representation, Sender, SenderGiven};
pub use stage::{Stage, StageName};
pub use steps::{Opinions, Registering, SenderSays};
pub use view::{PlainStatus, SenderView};

/// How an opinion came into the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryWay {
    /// Through the public form: its sender has a receipt.
    Public,
    /// Written down by somebody of the staff.
    Staff,
    /// From another system, or from before opinions were kept apart.
    Import,
}

impl EntryWay {
    /// Every way.
    pub const ALL: [EntryWay; 3] = [EntryWay::Public, EntryWay::Staff, EntryWay::Import];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            EntryWay::Public => "public",
            EntryWay::Staff => "staff",
            EntryWay::Import => "import",
        }
    }
}

/// That it was put into the register, and by whom; of what came through the public form it is not
/// until somebody has looked at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// When.
    pub at: Timestamp,
    /// By whom; `None` for what was imported.
    pub by: Option<StaffId>,
}

/// That its sender was told that it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
    /// How: a code of the list `channel`; `None` is on the receipt page.
    pub way: Option<String>,
}

/// How it stood before its sender asked again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// When it was taken up again.
    pub until: Timestamp,
    /// The answer, or the end, that did not last.
    pub stage: Stage,
}

/// An opinion, beside what it has as a case: text, category, unit, who leads (its handler).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Where it stands.
    pub stage: Stage,
    /// How it came into the register.
    pub entry: EntryWay,
    /// Whether its sender wants to stay unknown. Then nothing of them is kept.
    pub anonymous: bool,
    /// What may be known of the sender without opening who it is.
    #[serde(default)]
    pub sender: Sender,
    /// How it was said.
    #[serde(default)]
    pub arrival: Arrival,
    /// Whom it is about among the staff.
    #[serde(default)]
    pub concerns: Concerns,
    /// That it was put into the register.
    #[serde(default)]
    pub registered: Option<Registered>,
    /// Its number in the municipality's own diary.
    #[serde(default)]
    pub diary_number: Option<String>,
    /// What the patientnämnd would call it: a code of the list `patientnamnd`.
    #[serde(default)]
    pub complaint_pn: Option<String>,
    /// That its sender was told that it has come.
    #[serde(default)]
    pub acknowledged: Option<Acknowledged>,
    /// Whether it is an avvikelse, and may be lex Sarah.
    #[serde(default)]
    pub gates: Option<Gates>,
    /// An answer that is being written.
    #[serde(default)]
    pub draft: Option<AnswerGiven>,
    /// When somebody tried in vain to reach the sender.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// To whom it was passed on beside being handled here.
    #[serde(default)]
    pub passed_on: Vec<PassedOn>,
    /// The cases that it made.
    #[serde(default)]
    pub spun_off: Vec<CaseId>,
    /// How it stood before its sender asked again, oldest first.
    #[serde(default)]
    pub earlier: Vec<Earlier>,
    /// What the answer's clock runs from now, where its sender asked again.
    #[serde(default)]
    pub asked_again_at: Option<Timestamp>,
    /// Since when something its sender said waits for whoever handles it.
    #[serde(default)]
    pub said_at: Option<Timestamp>,
}

/// An opinion in brief: what clocks and worklists ask, kept in a column of its case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpinionBrief {
    /// Where it stands.
    pub stage: StageName,
    /// Whether its sender can be told that it has come.
    pub reachable: bool,
    /// When they were told so, or were given an answer instead.
    pub acknowledged_at: Option<Timestamp>,
    /// When it was answered or, without an answer, ended.
    pub answered_at: Option<Timestamp>,
    /// What the answer's clock runs from, where its sender asked again.
    pub asked_again_at: Option<Timestamp>,
    /// Since when something its sender said waits.
    pub said_at: Option<Timestamp>,
}

impl Opinion {
    /// An opinion that came into the register so, and of which nothing else is known yet.
    pub fn bare(entry: EntryWay, stage: Stage) -> Self {
        Self {
            stage,
            entry,
            anonymous: false,
            sender: Sender::default(),
            arrival: Arrival::default(),
            concerns: Concerns::default(),
            registered: None,
            diary_number: None,
            complaint_pn: None,
            acknowledged: None,
            gates: None,
            draft: None,
            attempts: Vec::new(),
            passed_on: Vec::new(),
            spun_off: Vec::new(),
            earlier: Vec::new(),
            asked_again_at: None,
            said_at: None,
        }
    }

    /// The opinion of a case that came without one: by import, or before they were kept apart. `None`
    /// for what is no opinion, and for a draft.
    pub fn imported(case: &Case) -> Option<Box<Self>> {
        let stage = match (case.kind, case.status()) {
            (Kind::Avvikelse, _) | (_, Status::Draft) => return None,
            (_, Status::Reported | Status::Void) => Stage::Registered,
            (_, Status::Triaged) => Stage::Assigned,
            (_, Status::Investigating | Status::MeasuresDecided | Status::FollowingUp) => {
                Stage::Investigating
            }
            (_, Status::Closed) => Stage::Closed(Ended::Imported),
        };
        let mut opinion = Self::bare(EntryWay::Import, stage);
        opinion.sender.kind = case.filing.source.clone();
        opinion.arrival.channel = case.filing.channel.clone();
        opinion.registered = Some(Registered { at: case.registered_at, by: case.registered_by });
        Some(Box::new(opinion))
    }

    /// Where it stands, by name.
    pub fn stage_name(&self) -> StageName {
        self.stage.name()
    }

    /// Whether there is a way to tell the sender anything: the receipt page, or a contact.
    pub fn reachable(&self) -> bool {
        self.entry == EntryWay::Public || (!self.anonymous && self.sender.has_contact())
    }

    /// Whether somebody outside left it, as far as is known here: they are owed an answer or a named end,
    /// and it is neither made void nor filed again as something else.
    pub fn is_owed_an_end(&self) -> bool {
        match self.entry {
            EntryWay::Public => true,
            EntryWay::Staff => self.sender != Sender::default(),
            EntryWay::Import => false,
        }
    }

    /// Whether whoever said the same is answered with it: it is answered, or will be.
    pub fn answers_another(&self) -> bool {
        self.stage_name().open() || self.answer().is_some() || self.entry == EntryWay::Import
    }

    /// The answer that stands.
    pub fn answer(&self) -> Option<&Answer> {
        self.stage.answer()
    }

    /// The first answer its sender was given, also where they asked again after it.
    pub fn first_answer(&self) -> Option<&Answer> {
        self.earlier.iter().find_map(|it| it.stage.answer()).or(self.answer())
    }

    /// In brief. `ended_at` is when its case was closed.
    pub fn brief(&self, ended_at: Option<Timestamp>) -> OpinionBrief {
        let answered_at = self.answer().map(|answer| answer.at).or(ended_at);
        let told = self.acknowledged.as_ref().map(|it| it.at);
        OpinionBrief {
            stage: self.stage_name(),
            reachable: self.reachable() && self.entry != EntryWay::Import,
            acknowledged_at: told.or(self.first_answer().map(|it| it.at)).or(ended_at),
            answered_at,
            asked_again_at: self.asked_again_at,
            said_at: self.said_at,
        }
    }
}

impl Case {
    /// The opinion in brief, of a case that has one.
    pub fn opinion_brief(&self) -> Option<OpinionBrief> {
        Some(self.opinion.as_ref()?.brief(self.closed_at()))
    }

    /// Whether whoever left it is thanked rather than answered.
    pub fn praises(&self) -> bool {
        self.subkind == Some(Subkind::Praise)
    }

    /// Puts the case where its opinion's stage says, unless an end of its own says where it stands.
    pub(crate) fn follow_stage(&mut self) {
        let Some(opinion) = &self.opinion else { return };
        self.state = match opinion.stage.name().status() {
            Status::Triaged => State::Triaged,
            Status::Investigating => State::Investigating,
            // An end has its closing, and whoever ends it sets both.
            Status::Closed => return,
            Status::Draft
            | Status::Reported
            | Status::MeasuresDecided
            | Status::FollowingUp
            | Status::Void => State::Reported,
        };
    }
}
