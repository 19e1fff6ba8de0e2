//! Which processes there are, where each may stand, and what it takes there.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::matter::{Ending, Screening, SupplementRequest, Withdrawal};
use super::{lex_maria, lex_sarah, riskperson};

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
    /// Until when IVO wants more, while it does.
    pub fn supplement_due_on(&self) -> Option<Date> {
        match self {
            State::SupplementRequested(request) => Some(request.due_on),
            _ => None,
        }
    }

    /// When it was closed.
    pub fn closed_at(&self) -> Option<Timestamp> {
        match self {
            State::Closed(ending) => Some(ending.at),
            _ => None,
        }
    }

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
