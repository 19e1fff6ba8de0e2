//! What the sender of an opinion sees of it through their receipt: in plain words, and no names.

use jiff::Timestamp;
use jiff::civil::Date;

use super::answer::Answer;
use super::ending::{Ended, EndingKind};
use super::message::Message;
use super::stage::Stage;
use crate::case::{Case, Command, Kind, Status, Subkind};
use crate::clock::{self, ClockSettings};
use crate::worklist::Brief;

/// Where an opinion stands, as its sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlainStatus {
    /// It has come.
    Received,
    /// It has come and somebody will look at it.
    Acknowledged,
    /// Somebody is looking at it.
    BeingHandled,
    /// There is an answer.
    Answered,
    /// It ended without an answer.
    Ended,
    /// Somebody else has it now.
    HandedOver,
}

impl PlainStatus {
    /// Every status.
    pub const ALL: [PlainStatus; 6] = [
        PlainStatus::Received,
        PlainStatus::Acknowledged,
        PlainStatus::BeingHandled,
        PlainStatus::Answered,
        PlainStatus::Ended,
        PlainStatus::HandedOver,
    ];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            PlainStatus::Received => "received",
            PlainStatus::Acknowledged => "acknowledged",
            PlainStatus::BeingHandled => "being_handled",
            PlainStatus::Answered => "answered",
            PlainStatus::Ended => "ended",
            PlainStatus::HandedOver => "handed_over",
        }
    }
}

/// What the sender sees.
#[derive(Clone, Debug, PartialEq)]
pub struct SenderView {
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: Kind,
    /// What a synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// Where it stands.
    pub status: PlainStatus,
    /// When it came.
    pub received_at: Timestamp,
    /// Until when it is to be answered: a target of the tenant's own.
    pub answer_due_on: Option<Date>,
    /// The sender's own words.
    pub text: String,
    /// The answer.
    pub answer: Option<Answer>,
    /// Why it ended without one.
    pub ending: Option<EndingKind>,
    /// To whom it was handed over.
    pub handed_over_to: Option<String>,
    /// To which authorities it was passed on.
    pub passed_on_to: Vec<&'static str>,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
    /// Whether they may add something.
    pub may_write: bool,
    /// Whether they may ask again, so that it is taken up again.
    pub may_ask_again: bool,
}

impl SenderView {
    /// What the sender of a case's opinion sees; `None` for what is void or has none.
    pub fn of(case: &Case, messages: Vec<Message>, chosen: &ClockSettings) -> Option<Self> {
        let opinion = case.opinion.as_ref()?;
        if matches!(case.status(), Status::Void | Status::Draft) {
            return None;
        }
        let status = match &opinion.stage {
            Stage::Received | Stage::Registered => PlainStatus::Received,
            Stage::Acknowledged => PlainStatus::Acknowledged,
            Stage::Assigned | Stage::Investigating => PlainStatus::BeingHandled,
            Stage::Answered(_) | Stage::Closed(Ended::Answered(_)) => PlainStatus::Answered,
            Stage::Closed(Ended::Otherwise(_) | Ended::Imported) => PlainStatus::Ended,
            Stage::HandedOver(_) => PlainStatus::HandedOver,
        };
        let clocks = clock::of_case(&Brief::of(case), chosen);
        let answer_clock = clocks.iter().find(|clock| clock.kind == clock::Kind::ComplaintAnswer);
        let name = opinion.stage_name();
        Some(Self {
            number: case.number.to_string(),
            kind: case.kind,
            subkind: case.subkind,
            status,
            received_at: case.reported_at,
            answer_due_on: answer_clock
                .filter(|clock| clock.met_at.is_none())
                .and_then(clock::Clock::due_on),
            text: case.filing.description.clone(),
            answer: opinion.answer().cloned(),
            ending: match &opinion.stage {
                Stage::Closed(Ended::Otherwise(ending)) => Some(ending.kind),
                Stage::Received
                | Stage::Registered
                | Stage::Acknowledged
                | Stage::Assigned
                | Stage::Investigating
                | Stage::Answered(_)
                | Stage::Closed(Ended::Answered(_) | Ended::Imported)
                | Stage::HandedOver(_) => None,
            },
            handed_over_to: match &opinion.stage {
                Stage::HandedOver(handed) => Some(handed.to.clone()),
                Stage::Received
                | Stage::Registered
                | Stage::Acknowledged
                | Stage::Assigned
                | Stage::Investigating
                | Stage::Answered(_)
                | Stage::Closed(_) => None,
            },
            passed_on_to: opinion.passed_on.iter().map(|it| it.to.code()).collect(),
            messages,
            may_write: name.admits(Command::SenderMessage),
            may_ask_again: name.admits(Command::Reopen),
        })
    }
}
