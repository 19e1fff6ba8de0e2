//! Lex Maria, lex Sarah and riskperson: processes beside a case, independent of each other. Several may
//! run on one case; each keeps its own documents, decisions and clocks.
//!
//! A machine is a table in its own file ([`lex_maria`], [`lex_sarah`], [`riskperson`]): which command it
//! takes where. What each command asks for besides is the guard in its function.

pub mod delegation;
pub mod dossier;
pub mod flag;
pub mod ivo;
pub mod lex_maria;
pub mod lex_sarah;
pub mod matter;
pub mod next;
pub mod raise;
pub mod riskperson;
pub mod screening;
mod steps;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::case::event::{Changes, Faults, FieldChange};
use crate::code_lists::CodeLists;
use crate::fault::Fault;
use crate::ids::{CaseId, EscalationId, StaffId, UnitId};
use crate::law::Law;

pub use delegation::{Delegated, Delegation};
pub use matter::{
    BoardInformed, Channel, Decision, Degree, Ending, Matter, Screening, SeriousTest,
    SupplementRequest, Withdrawal,
};
pub use steps::{Closing as EndingGiven, Deciding, Proposing};

/// Which process it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What caused or could have caused a serious vårdskada is notified to IVO (PSL 3 kap. 5 §).
    LexMaria,
    /// Misconduct, or a palpable risk of it (SoL 27 kap., LSS 24 b–f §§).
    LexSarah,
    /// Somebody licensed who may endanger patients (PSL 3 kap. 7 §).
    Riskperson,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 3] = [Kind::LexMaria, Kind::LexSarah, Kind::Riskperson];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Kind::LexMaria => "lex_maria",
            Kind::LexSarah => "lex_sarah",
            Kind::Riskperson => "riskperson",
        }
    }

    /// Every status of this machine, in the order of its way.
    pub fn statuses(self) -> &'static [Status] {
        match self {
            Kind::LexMaria => &lex_maria::STATUSES,
            Kind::LexSarah => &lex_sarah::STATUSES,
            Kind::Riskperson => &riskperson::STATUSES,
        }
    }

    /// Whether a matter of this kind that stands at `status` takes the command at all.
    pub fn admits(self, status: Status, command: Command) -> bool {
        match self {
            Kind::LexMaria => lex_maria::admits(status, command),
            Kind::LexSarah => lex_sarah::admits(status, command),
            Kind::Riskperson => riskperson::admits(status, command),
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

/// Where an escalation stands, of whatever kind; each machine has its own of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Something asks; nobody has looked.
    Flagged,
    /// Looked at, and no matter for this process.
    ScreenedOut,
    /// Lex Sarah: reported by an employee; nobody has received it.
    Reported,
    /// Lex Sarah: received by whoever is to.
    Received,
    /// Lex Sarah: the person is protected.
    ImmediateAction,
    /// Lex Sarah: under investigation.
    Investigating,
    /// Lex Sarah: the degree is decided.
    Assessed,
    /// Lex Sarah: decided to be a mere avvikelse.
    NotTakenUp,
    /// Being assessed for a decision.
    Assessing,
    /// A "no" is taken up again.
    Reassessing,
    /// Decided: no notification.
    DecidedNo,
    /// Decided: to be notified.
    DecidedYes,
    /// Notified to IVO.
    Notified,
    /// Lex Maria: the investigation is with IVO.
    InquirySubmitted,
    /// Lex Sarah: the investigation followed the notification.
    InquirySupplemented,
    /// IVO handles it.
    AtIvo,
    /// IVO asks for more.
    SupplementRequested,
    /// IVO has decided.
    IvoDecided,
    /// Lex Sarah: put right and followed up.
    FollowingUp,
    /// Ended.
    Closed,
    /// The notification was withdrawn.
    Withdrawn,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 21] = [
        Status::Flagged,
        Status::ScreenedOut,
        Status::Reported,
        Status::Received,
        Status::ImmediateAction,
        Status::Investigating,
        Status::Assessed,
        Status::NotTakenUp,
        Status::Assessing,
        Status::Reassessing,
        Status::DecidedNo,
        Status::DecidedYes,
        Status::Notified,
        Status::InquirySubmitted,
        Status::InquirySupplemented,
        Status::AtIvo,
        Status::SupplementRequested,
        Status::IvoDecided,
        Status::FollowingUp,
        Status::Closed,
        Status::Withdrawn,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Status::Flagged => "flagged",
            Status::ScreenedOut => "screened_out",
            Status::Reported => "reported",
            Status::Received => "received",
            Status::ImmediateAction => "immediate_action",
            Status::Investigating => "investigating",
            Status::Assessed => "assessed",
            Status::NotTakenUp => "not_taken_up",
            Status::Assessing => "assessing",
            Status::Reassessing => "reassessing",
            Status::DecidedNo => "decided_no",
            Status::DecidedYes => "decided_yes",
            Status::Notified => "notified",
            Status::InquirySubmitted => "inquiry_submitted",
            Status::InquirySupplemented => "inquiry_supplemented",
            Status::AtIvo => "at_ivo",
            Status::SupplementRequested => "supplement_requested",
            Status::IvoDecided => "ivo_decided",
            Status::FollowingUp => "following_up",
            Status::Closed => "closed",
            Status::Withdrawn => "withdrawn",
        }
    }

    /// Whether something is still to be done. A "no" is an end, until somebody takes it up again.
    pub fn open(self) -> bool {
        match self {
            Status::Flagged
            | Status::Reported
            | Status::Received
            | Status::ImmediateAction
            | Status::Investigating
            | Status::Assessed
            | Status::Assessing
            | Status::Reassessing
            | Status::DecidedYes
            | Status::Notified
            | Status::InquirySubmitted
            | Status::InquirySupplemented
            | Status::AtIvo
            | Status::SupplementRequested
            | Status::IvoDecided
            | Status::FollowingUp => true,
            Status::ScreenedOut
            | Status::NotTakenUp
            | Status::DecidedNo
            | Status::Closed
            | Status::Withdrawn => false,
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

/// Where an escalation stands, with what only that state has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// See [`Status::Flagged`].
    Flagged,
    /// Why it is no matter for this process.
    ScreenedOut(Screening),
    /// See [`Status::Reported`].
    Reported,
    /// See [`Status::Received`].
    Received,
    /// See [`Status::ImmediateAction`].
    ImmediateAction,
    /// See [`Status::Investigating`].
    Investigating,
    /// See [`Status::Assessed`].
    Assessed,
    /// See [`Status::NotTakenUp`].
    NotTakenUp,
    /// See [`Status::Assessing`].
    Assessing,
    /// See [`Status::Reassessing`].
    Reassessing,
    /// See [`Status::DecidedNo`].
    DecidedNo,
    /// See [`Status::DecidedYes`].
    DecidedYes,
    /// See [`Status::Notified`].
    Notified,
    /// See [`Status::InquirySubmitted`].
    InquirySubmitted,
    /// See [`Status::InquirySupplemented`].
    InquirySupplemented,
    /// See [`Status::AtIvo`].
    AtIvo,
    /// What IVO asks for, and until when.
    SupplementRequested(SupplementRequest),
    /// See [`Status::IvoDecided`].
    IvoDecided,
    /// See [`Status::FollowingUp`].
    FollowingUp,
    /// How it ended.
    Closed(Ending),
    /// Why the notification was withdrawn.
    Withdrawn(Withdrawal),
}

impl State {
    /// The state's name.
    pub fn status(&self) -> Status {
        match self {
            State::Flagged => Status::Flagged,
            State::ScreenedOut(_) => Status::ScreenedOut,
            State::Reported => Status::Reported,
            State::Received => Status::Received,
            State::ImmediateAction => Status::ImmediateAction,
            State::Investigating => Status::Investigating,
            State::Assessed => Status::Assessed,
            State::NotTakenUp => Status::NotTakenUp,
            State::Assessing => Status::Assessing,
            State::Reassessing => Status::Reassessing,
            State::DecidedNo => Status::DecidedNo,
            State::DecidedYes => Status::DecidedYes,
            State::Notified => Status::Notified,
            State::InquirySubmitted => Status::InquirySubmitted,
            State::InquirySupplemented => Status::InquirySupplemented,
            State::AtIvo => Status::AtIvo,
            State::SupplementRequested(_) => Status::SupplementRequested,
            State::IvoDecided => Status::IvoDecided,
            State::FollowingUp => Status::FollowingUp,
            State::Closed(_) => Status::Closed,
            State::Withdrawn(_) => Status::Withdrawn,
        }
    }
}

/// Everything that can be done to an escalation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Raise it: by rule, or by hand.
    Flag,
    /// Lex Sarah: an employee reports.
    Report,
    /// Screen it out, with reasons.
    ScreenOut,
    /// Take a flag up.
    TakeUp,
    /// Lex Sarah: receive the report.
    Receive,
    /// Lex Sarah: protect the person.
    ActAtOnce,
    /// Lex Sarah: write or complete the investigation.
    Investigate,
    /// Propose a decision.
    Propose,
    /// Decide whether IVO is notified.
    Decide,
    /// Lex Sarah: decide the degree.
    Assess,
    /// Lex Sarah: decide that it is a mere avvikelse.
    NotTakeUp,
    /// Note that IVO was notified.
    Notify,
    /// Note that the investigation went to IVO.
    SubmitInquiry,
    /// Note that IVO has received it, and IVO's number.
    IvoReceive,
    /// Note that IVO asks for more.
    RequestSupplement,
    /// Note that it was sent.
    AnswerSupplement,
    /// Note what IVO decided.
    IvoDecide,
    /// Lex Sarah: note what was put right, and who was told.
    FollowUp,
    /// Withdraw the notification.
    Withdraw,
    /// Take a "no" up again.
    Reassess,
    /// End it.
    Close,
    /// Riskperson: choose who may see it.
    ChooseReaders,
}

impl Command {
    /// Every command that acts on an escalation that exists.
    pub const ALL: [Command; 20] = [
        Command::ScreenOut,
        Command::TakeUp,
        Command::Receive,
        Command::ActAtOnce,
        Command::Investigate,
        Command::Propose,
        Command::Decide,
        Command::Assess,
        Command::NotTakeUp,
        Command::Notify,
        Command::SubmitInquiry,
        Command::IvoReceive,
        Command::RequestSupplement,
        Command::AnswerSupplement,
        Command::IvoDecide,
        Command::FollowUp,
        Command::Withdraw,
        Command::Reassess,
        Command::Close,
        Command::ChooseReaders,
    ];

    /// Its name in history, audit and problem details.
    pub fn code(self) -> &'static str {
        match self {
            Command::Flag => "flag",
            Command::Report => "report",
            Command::ScreenOut => "screen_out",
            Command::TakeUp => "take_up",
            Command::Receive => "receive",
            Command::ActAtOnce => "act_at_once",
            Command::Investigate => "investigate",
            Command::Propose => "propose",
            Command::Decide => "decide",
            Command::Assess => "assess",
            Command::NotTakeUp => "not_take_up",
            Command::Notify => "notify",
            Command::SubmitInquiry => "submit_inquiry",
            Command::IvoReceive => "ivo_receive",
            Command::RequestSupplement => "request_supplement",
            Command::AnswerSupplement => "answer_supplement",
            Command::IvoDecide => "ivo_decide",
            Command::FollowUp => "follow_up",
            Command::Withdraw => "withdraw",
            Command::Reassess => "reassess",
            Command::Close => "close",
            Command::ChooseReaders => "choose_readers",
        }
    }
}

impl FromStr for Command {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        let first = [Command::Flag, Command::Report];
        let mut all = Command::ALL.into_iter().chain(first);
        all.find(|command| command.code() == code).ok_or(())
    }
}

/// One process beside a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Escalation {
    /// Its id.
    pub id: EscalationId,
    /// Which process it is.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// The case it stands beside; a riskperson has none of its own.
    pub case: Option<CaseId>,
    /// Where it happened.
    pub unit: UnitId,
    /// The law it is judged by.
    pub law: Law,
    /// What its clock runs from: lex Maria the event, or the report where the event's time is unknown;
    /// lex Sarah the report; riskperson the day it was raised.
    pub starts_at: Timestamp,
    /// When it was raised.
    pub flagged_at: Timestamp,
    /// Everything that was said and done.
    pub matter: Matter,
    /// Riskperson: the only ones who may see it.
    pub readers: BTreeSet<StaffId>,
    /// Came by import: wakes no clock, notice or list until a person does something with it.
    pub imported: bool,
    /// Grows by one with every change; the ETag.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What happened to an escalation, for its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The command that made it happen.
    pub command: Command,
    /// Where it stood; `None` when it was raised.
    pub from: Option<Status>,
    /// Where it stands now.
    pub to: Status,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
}

/// An escalation after a command, with its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// As it is now; its version has grown by one.
    pub escalation: Escalation,
    /// What happened.
    pub event: Event,
}

/// Why a command was not carried out. The escalation is as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejected {
    /// The command does not exist where it stands.
    State {
        /// Where it stands.
        status: Status,
        /// What was asked.
        command: Command,
    },
    /// Nobody has given the person this to decide on that day.
    NotDelegated(Delegated),
    /// It is about the person who acts.
    OwnMatter,
    /// Something is missing or wrong; every fault is named.
    Guard(Vec<Fault>),
}

/// What a command is judged against.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The case it stands beside, as it is now.
    pub case: Option<&'a Case>,
    /// The code lists.
    pub codes: &'a CodeLists,
    /// Whether the tenant is a private provider, who tells the nämnd of reports and notifications.
    pub private_provider: bool,
    /// What the register gives the person who acts, at any time.
    pub delegations: &'a [Delegation],
    /// Who acts.
    pub by: StaffId,
    /// When.
    pub now: Timestamp,
}

impl Escalation {
    /// The state's name.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// Whether something is still to be done.
    pub fn open(&self) -> bool {
        self.status().open()
    }

    /// Whether it came by import and nobody has touched it since.
    pub fn quiet(&self) -> bool {
        self.imported && self.version == 1
    }

    /// What it takes where it stands, before any guard.
    pub fn commands(&self) -> impl Iterator<Item = Command> {
        let (kind, status) = (self.kind, self.status());
        Command::ALL.into_iter().filter(move |command| kind.admits(status, *command))
    }

    /// The status, when it takes `command`.
    fn admit(&self, command: Command) -> Result<Status, Rejected> {
        let status = self.status();
        if self.kind.admits(status, command) {
            Ok(status)
        } else {
            Err(Rejected::State { status, command })
        }
    }

    /// Finishes a command: one version on, with the event that tells of it.
    fn changed(
        mut self,
        command: Command,
        from: Status,
        changes: Changes,
        reason: Option<String>,
        now: Timestamp,
    ) -> Changed {
        self.version += 1;
        self.updated_at = now;
        let to = self.status();
        let event = Event { command, from: Some(from), to, changes: changes.into_vec(), reason };
        Changed { escalation: self, event }
    }
}

/// `Ok` when nothing was wrong.
fn held(faults: Faults) -> Result<(), Rejected> {
    if faults.is_empty() { Ok(()) } else { Err(Rejected::Guard(faults.into_vec())) }
}

/// Whether a text says nothing.
fn blank(text: &str) -> bool {
    text.trim().is_empty()
}
