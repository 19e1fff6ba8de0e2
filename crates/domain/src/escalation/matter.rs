//! Everything that is said and done in an escalation: one document, part by part.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Escalation;
use super::flag::FlagCause;
use super::ivo::{Ivo, Notification, Submission, SupplementDone};
use super::lex_sarah::{Inquiry, Protection, Receipt, Remedy};
use super::state::{State, Status};
use crate::case::information::PatientInformation;
use crate::ids::StaffId;

/// How grave a missförhållande is judged to be (lex Sarah), mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Degree {
    /// No missförhållande.
    None,
    /// A palpable risk of one.
    PalpableRisk,
    /// A missförhållande.
    Misconduct,
    /// A palpable risk of a serious one.
    PalpableRiskSerious,
    /// A serious one.
    Serious,
}

impl Degree {
    /// All five.
    pub const ALL: [Degree; 5] = [
        Degree::None,
        Degree::PalpableRisk,
        Degree::Misconduct,
        Degree::PalpableRiskSerious,
        Degree::Serious,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Degree::None => "none",
            Degree::PalpableRisk => "palpable_risk",
            Degree::Misconduct => "misconduct",
            Degree::PalpableRiskSerious => "palpable_risk_serious",
            Degree::Serious => "serious",
        }
    }

    /// Whether IVO is notified of it.
    pub fn notified(self) -> bool {
        match self {
            Degree::PalpableRiskSerious | Degree::Serious => true,
            Degree::None | Degree::PalpableRisk | Degree::Misconduct => false,
        }
    }
}

impl FromStr for Degree {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Degree::ALL.into_iter().find(|degree| degree.code() == code).ok_or(())
    }
}

/// The test of PSL 1 kap. 5 §, second paragraph: what the event caused, or could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriousTest {
    /// None of these.
    None,
    /// An injury that is permanent and not slight.
    PermanentNotSlight,
    /// A markedly increased need of care.
    IncreasedCare,
    /// Death.
    Death,
}

/// A way to IVO. E-mail and fax are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// IVO's e-service.
    EService,
    /// A letter.
    Post,
}

/// How it was raised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// Why, by rule; or by hand.
    pub causes: Vec<FlagCause>,
    /// By whom: who assessed the case, or raised it by hand. `None` for an import.
    pub by: Option<StaffId>,
    /// In words, where somebody raised it by hand.
    pub text: Option<String>,
}

/// An employee's own lex Sarah report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Who reported; `None` where they have no token.
    pub by: Option<StaffId>,
    /// When it came.
    pub at: Timestamp,
    /// From whom, where it was told by mouth.
    pub oral_from: Option<String>,
    /// In words, where it is more than what was filed.
    pub text: Option<String>,
}

/// How much of a lex Sarah report is told to whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// It has come in.
    CameIn,
    /// It is being handled.
    Handled,
    /// It has ended.
    Ended,
}

impl Reported {
    /// Where it stands, for whoever made it.
    pub fn of(escalation: &Escalation) -> Self {
        match (escalation.status(), escalation.open()) {
            (Status::Flagged | Status::Reported, _) => Reported::CameIn,
            (_, true) => Reported::Handled,
            (_, false) => Reported::Ended,
        }
    }
}

/// That a flag is no matter for this process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Screening {
    /// Codes of the list `screening`.
    pub reasons: Vec<String>,
    /// In words.
    pub text: Option<String>,
    /// Who screened it.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// What MAS, MAR or SAS, or the investigator, proposes. Never a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Whether to notify.
    pub notify: bool,
    /// Lex Sarah: the degree proposed.
    pub degree: Option<Degree>,
    /// In words.
    pub text: String,
    /// Who proposes.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// A delegate's decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether IVO is to be notified.
    pub yes: bool,
    /// Lex Sarah: the degree; `None` where it was not taken up, and of imports.
    pub degree: Option<Degree>,
    /// Lex Maria: the test of PSL 1 kap. 5 §.
    pub test: Option<SeriousTest>,
    /// Why, in words; only an import may lack it.
    pub motivation: Option<String>,
    /// The day it was decided, in Sweden.
    pub on: Date,
    /// When it was put down.
    pub at: Timestamp,
    /// Who decided; `None` for an import.
    pub by: Option<StaffId>,
    /// By which decision of the register (diarienummer).
    pub delegation: Option<String>,
}

/// What once held and holds no more, with why it was taken up again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// The screening that held.
    pub screening: Option<Screening>,
    /// The decision that held.
    pub decision: Option<Decision>,
    /// The notification that was withdrawn.
    pub notification: Option<Notification>,
    /// What IVO had said of the notification that was withdrawn.
    pub ivo: Option<Ivo>,
    /// How many proposals had been made by then: they count for it, not for the next decision.
    pub proposals: usize,
    /// Why it holds no more.
    pub reason: String,
    /// Who took it up.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// What IVO asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupplementRequest {
    /// What.
    pub what: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until which day.
    pub due_on: Date,
    /// Where the matter stood, and stands again when it was sent.
    #[serde(default)]
    pub asked_in: AskedIn,
}

/// Where a matter stands when IVO asks for more: the investigation may still be to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedIn {
    /// IVO has the notification.
    Notified,
    /// Lex Maria: IVO has the investigation.
    InquirySubmitted,
    /// Lex Sarah: IVO has the investigation.
    InquirySupplemented,
    /// IVO has said that it has received it.
    #[default]
    AtIvo,
}

impl AskedIn {
    const ALL: [AskedIn; 4] = [
        AskedIn::Notified,
        AskedIn::InquirySubmitted,
        AskedIn::InquirySupplemented,
        AskedIn::AtIvo,
    ];

    /// As a state of the machine.
    pub(super) fn state(self) -> State {
        match self {
            AskedIn::Notified => State::Notified,
            AskedIn::InquirySubmitted => State::InquirySubmitted,
            AskedIn::InquirySupplemented => State::InquirySupplemented,
            AskedIn::AtIvo => State::AtIvo,
        }
    }

    /// The one in which a matter stands, if it is one of them.
    pub(super) fn of(status: Status) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.state().status() == status)
    }
}

/// That the nämnd was told, by a private provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardInformed {
    /// The day.
    pub on: Date,
    /// How, or whom.
    pub how: Option<String>,
}

/// Why and when a notification was withdrawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// In a sentence.
    pub summary: Option<String>,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// Everything that was said and done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Matter {
    /// How it was raised.
    pub flag: Option<Flag>,
    /// Lex Sarah: the employee's report.
    pub report: Option<Report>,
    /// Lex Sarah: what others reported of the same afterwards, oldest first.
    pub later_reports: Vec<Report>,
    /// Whom it criticises: they read neither investigation nor decision, and do nothing in it.
    pub criticised: BTreeSet<StaffId>,
    /// Lex Sarah: that it was received.
    pub receipt: Option<Receipt>,
    /// Lex Sarah: what was done at once, oldest first.
    pub protections: Vec<Protection>,
    /// Lex Sarah: the investigation.
    pub inquiry: Option<Inquiry>,
    /// Proposals, oldest first. Those of an earlier round stand before its decision.
    pub proposals: Vec<Proposal>,
    /// Lex Sarah: the decision by which it was notified before it was investigated.
    pub preliminary: Option<Decision>,
    /// The decision that holds.
    pub decision: Option<Decision>,
    /// What held before.
    pub earlier: Vec<Earlier>,
    /// The notification that holds.
    pub notification: Option<Notification>,
    /// That the investigation went to IVO.
    pub submission: Option<Submission>,
    /// Supplements that were sent.
    pub supplements: Vec<SupplementDone>,
    /// What IVO says.
    pub ivo: Ivo,
    /// Lex Sarah: what was put right, and who was told.
    pub remedy: Option<Remedy>,
    /// Lex Maria: the information of PSL 3 kap. 8 §, where the case has none yet.
    pub patient_information: Option<PatientInformation>,
}

impl Matter {
    /// The decision that holds, or the one by which it was notified before it was investigated.
    pub fn deciding(&self) -> Option<&Decision> {
        self.decision.as_ref().or(self.preliminary.as_ref())
    }

    /// Why it was decided so; of what nobody has decided, why it was flagged.
    pub fn told(&self) -> Option<String> {
        let motivation = self.deciding().and_then(|decision| decision.motivation.clone());
        motivation.or_else(|| self.flag.as_ref()?.text.clone())
    }

    /// Lex Sarah: who investigates it.
    pub fn investigator(&self) -> Option<StaffId> {
        self.inquiry.as_ref()?.investigator
    }

    /// The proposals since a decision was last taken up again.
    pub fn standing_proposal(&self) -> Option<&Proposal> {
        let before = self.earlier.last().map_or(0, |earlier| earlier.proposals);
        self.proposals.get(before..).and_then(<[Proposal]>::last)
    }
}
