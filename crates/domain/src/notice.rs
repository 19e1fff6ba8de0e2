//! What somebody is told of outside the service: a number, a step, a day and where to look. Never a
//! text, a name, nor where a protected person is: e-mail is no place for them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::case::Kind;
use crate::ids::{CaseId, ContactId, EscalationId, ForwardingId, ReviewId, StaffId, UnitId};
use crate::law::Law;
use crate::organisation::Role;

/// How soon somebody has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// By day.
    Normal,
    /// At once, at night too.
    Urgent,
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A case.
    Case(CaseId),
    /// An escalation.
    Escalation(EscalationId),
    /// Everything that waits for somebody, or the tenant's figures.
    Everything,
    /// What goes between caregivers.
    Forwarding(ForwardingId),
    /// The half-yearly review of a unit.
    Review(ReviewId),
}

/// Who is told. Persons are found when the notice leaves: whoever stands in then is the one told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// One person.
    Staff(StaffId),
    /// A contact of a counterparty, who has no account.
    Contact(ContactId),
    /// Whoever holds a role over a place, or stands in for them.
    Role {
        /// Which.
        role: Role,
        /// Over which unit.
        unit: UnitId,
        /// Under which laws; empty is any.
        laws: Vec<Law>,
        /// Over which kind of case.
        kind: Kind,
    },
    /// Whoever left the opinion that the case is. Who that is lies sealed, and is opened when the notice
    /// leaves.
    Sender,
}

/// What is to be done, or has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Something came of one's own filing: see there.
    OwnFiling,
    /// A case waits to be assessed.
    Triage,
    /// A case waits to be handled further.
    Handle,
    /// One was asked to read, contribute or act.
    Watch,
    /// One was called to a comment.
    Mention,
    /// A serious event waits to be screened.
    Screen,
    /// A lex Sarah report has come in: *genast* runs.
    ReceiveReport,
    /// An escalation waits for a decision.
    Decide,
    /// An escalation waits to be notified to IVO.
    NotifyIvo,
    /// An escalation waits for its investigation, for IVO.
    SubmitInquiry,
    /// IVO has asked for more.
    Supplement,
    /// An escalation waits to be handled further.
    Escalation,
    /// A neighbouring duty waits.
    Duty,
    /// Nobody has touched it for too long: it has climbed to whoever is told.
    Untouched,
    /// Units are handed over, and wait for a signature.
    Handover,
    /// What waits for somebody, gathered.
    Digest,
    /// The month's figures for the board.
    BoardFigures,
    /// Something new waits for a counterparty's answer.
    Reply,
    /// What waits for a counterparty's answer, gathered.
    ReplyDigest,
    /// A counterparty's contact has handed over to a colleague.
    ContactHandedOver,
    /// The sender of an opinion has said something.
    SenderSaid,
    /// To the sender: it has come.
    OpinionReceived,
    /// To the sender: there is a question.
    OpinionQuestion,
    /// To the sender: there is an answer.
    OpinionAnswered,
    /// To the sender: somebody else has it now.
    OpinionHandedOver,
    /// To the sender: a link to a new receipt code.
    NewReceipt,
    /// Something came from another caregiver.
    ForwardingReceived,
    /// Another caregiver has answered, or asks.
    ForwardingAnswered,
    /// Another caregiver does not answer.
    ForwardingSilent,
    /// One's unit is asked for a paragraph in the report of the year.
    ReportParagraph,
    /// The half-yearly review of a unit waits to be written and signed.
    Review,
    /// A review decided that one sees to something.
    Improvement,
    /// A review is not signed though its day has passed: it has climbed to whoever is told.
    ReviewOverdue,
    /// A provider has shared its report of a year, or a new version of it.
    ReportShared,
    /// A provider has taken back a report that it had shared.
    ReportWithdrawn,
}

impl Step {
    /// Every step.
    pub const ALL: [Step; 35] = [
        Step::OwnFiling,
        Step::Triage,
        Step::Handle,
        Step::Watch,
        Step::Mention,
        Step::Screen,
        Step::ReceiveReport,
        Step::Decide,
        Step::NotifyIvo,
        Step::SubmitInquiry,
        Step::Supplement,
        Step::Escalation,
        Step::Duty,
        Step::Untouched,
        Step::Handover,
        Step::Digest,
        Step::BoardFigures,
        Step::Reply,
        Step::ReplyDigest,
        Step::ContactHandedOver,
        Step::SenderSaid,
        Step::OpinionReceived,
        Step::OpinionQuestion,
        Step::OpinionAnswered,
        Step::OpinionHandedOver,
        Step::NewReceipt,
        Step::ForwardingReceived,
        Step::ForwardingAnswered,
        Step::ForwardingSilent,
        Step::ReportParagraph,
        Step::Review,
        Step::Improvement,
        Step::ReviewOverdue,
        Step::ReportShared,
        Step::ReportWithdrawn,
    ];

    /// The value in JSON, in templates and in the log.
    pub fn code(self) -> &'static str {
        match self {
            Step::OwnFiling => "own_filing",
            Step::Triage => "triage",
            Step::Handle => "handle",
            Step::Watch => "watch",
            Step::Mention => "mention",
            Step::Screen => "screen",
            Step::ReceiveReport => "receive_report",
            Step::Decide => "decide",
            Step::NotifyIvo => "notify_ivo",
            Step::SubmitInquiry => "submit_inquiry",
            Step::Supplement => "supplement",
            Step::Escalation => "escalation",
            Step::Duty => "duty",
            Step::Untouched => "untouched",
            Step::Handover => "handover",
            Step::Digest => "digest",
            Step::BoardFigures => "board_figures",
            Step::Reply => "reply",
            Step::ReplyDigest => "reply_digest",
            Step::ContactHandedOver => "contact_handed_over",
            Step::SenderSaid => "sender_said",
            Step::OpinionReceived => "opinion_received",
            Step::OpinionQuestion => "opinion_question",
            Step::OpinionAnswered => "opinion_answered",
            Step::OpinionHandedOver => "opinion_handed_over",
            Step::NewReceipt => "new_receipt",
            Step::ForwardingReceived => "forwarding_received",
            Step::ForwardingAnswered => "forwarding_answered",
            Step::ForwardingSilent => "forwarding_silent",
            Step::ReportParagraph => "report_paragraph",
            Step::Review => "review",
            Step::Improvement => "improvement",
            Step::ReviewOverdue => "review_overdue",
            Step::ReportShared => "report_shared",
            Step::ReportWithdrawn => "report_withdrawn",
        }
    }
}

/// One notice, as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub about: About,
    /// Its number, for people; `None` for what has none.
    pub number: Option<String>,
    /// What is to be done.
    pub step: Step,
    /// How soon somebody has to know.
    pub urgency: Urgency,
    /// Who is told.
    pub to: Audience,
    /// Until when it is to be done.
    pub due_on: Option<Date>,
    /// Falls away when what it is about has ended before the notice leaves.
    pub while_open: bool,
}
