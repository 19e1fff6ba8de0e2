//! The worklist: what waits for one person, by rules over brief facts of cases.
//!
//! A new kind of work is a variant of [`Group`], what is known of it a field of [`Facts`], and a rule
//! in `rules.rs` that makes a [`Task`] of it. Nothing here holds a text or says whom a case is about.

mod escalations;
mod facts;
mod forwardings;
mod reviews;
pub mod roster;
mod rules;
mod undelivered;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::case::Status;
use crate::case::watch::Wish;
use crate::ids::{
    CommentId, EscalationId, ForwardingId, HandoverId, ImprovementId, MeasureId, ReviewId, StaffId,
    UnitId, WatchId,
};
use crate::organisation::Role;

pub use facts::{Brief, Clocked, Facts, HandoverBrief, Mention, OpenMeasure, Request, awaits};
pub use roster::{Holder, Place, Roster, Seat};
pub use rules::{Me, tasks};

/// How many days before its day a measure shows.
pub const MEASURE_NOTICE_DAYS: i8 = 10;

/// The kinds of work, in the order in which a person takes them up where they are equally grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Reported, and nobody has looked yet.
    New,
    /// A part of triage.
    Triage,
    /// Cases one leads, or that by rule wait for one's role.
    Lead,
    /// Measures that are due soon or overdue, also those of closed cases.
    Measures,
    /// Measures whose day of follow-up has come and whose effect nobody has judged.
    FollowUps,
    /// What one was asked about a case.
    Watches,
    /// Filings that were kept with warnings.
    Corrections,
    /// Comments that mention one, and that one has not answered.
    Questions,
    /// Simple closings picked for a look by MAS, MAR or SAS.
    Samples,
    /// Handovers that are not signed by both.
    Handovers,
    /// Flags that nobody has screened.
    Screening,
    /// Escalations to receive, propose, notify, follow up.
    Escalations,
    /// Escalations that wait for one's decision.
    Decisions,
    /// Neighbouring duties that are not answered.
    Duties,
    /// What the public has left: to register, give to somebody, answer.
    Opinions,
    /// What goes between caregivers.
    Forwardings,
    /// Half-yearly reviews to write and sign, and what they decided.
    Reviews,
}

impl Group {
    /// Every group.
    pub const ALL: [Group; 17] = [
        Group::New,
        Group::Triage,
        Group::Lead,
        Group::Measures,
        Group::FollowUps,
        Group::Watches,
        Group::Corrections,
        Group::Questions,
        Group::Samples,
        Group::Handovers,
        Group::Screening,
        Group::Escalations,
        Group::Decisions,
        Group::Duties,
        Group::Opinions,
        Group::Forwardings,
        Group::Reviews,
    ];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Group::New => "new",
            Group::Triage => "triage",
            Group::Lead => "lead",
            Group::Measures => "measures",
            Group::FollowUps => "follow_ups",
            Group::Watches => "watches",
            Group::Corrections => "corrections",
            Group::Questions => "questions",
            Group::Samples => "samples",
            Group::Handovers => "handovers",
            Group::Screening => "screening",
            Group::Escalations => "escalations",
            Group::Decisions => "decisions",
            Group::Duties => "duties",
            Group::Opinions => "opinions",
            Group::Forwardings => "forwardings",
            Group::Reviews => "reviews",
        }
    }
}

impl std::str::FromStr for Group {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Group::ALL.into_iter().find(|group| group.code() == code).ok_or(())
    }
}

/// What is asked of whom it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// Look at it and assess it.
    Assess,
    /// Give the health part of triage.
    HealthPart,
    /// Lead it on.
    Handle,
    /// Do a measure.
    Measure,
    /// Judge whether a measure helped.
    JudgeEffect,
    /// Read it.
    Read,
    /// Say something to it.
    Contribute,
    /// Do something.
    Act,
    /// Put right what was kept with a warning.
    Correct,
    /// Answer a comment.
    Answer,
    /// Look at a closing.
    LookAt,
    /// Sign a handover.
    Sign,
    /// Nothing, until the other has signed.
    AwaitSignature,
    /// Screen a flag.
    Screen,
    /// Receive a lex Sarah report.
    Receive,
    /// Protect the person.
    Protect,
    /// Investigate a lex Sarah report.
    Investigate,
    /// Propose a decision.
    Propose,
    /// Decide.
    Decide,
    /// Notify IVO.
    NotifyIvo,
    /// Send the investigation to IVO.
    SubmitInquiry,
    /// Send what IVO asks for.
    Supplement,
    /// Put right and follow up.
    FollowUp,
    /// End an escalation.
    CloseEscalation,
    /// Answer a neighbouring duty.
    AnswerDuty,
    /// Put an opinion into the register.
    Register,
    /// Tell its sender that it has come, and give it to somebody.
    Assign,
    /// Answer it.
    AnswerOpinion,
    /// Read what its sender has said.
    HearSender,
    /// End what is answered.
    CloseOpinion,
    /// Decide what may leave for another caregiver.
    CheckForwarding,
    /// Let it leave.
    SendForwarding,
    /// Reply to what another caregiver asks.
    ReplyForwarding,
    /// Decide what becomes of what another caregiver does not answer.
    SettleForwarding,
    /// Tell the unit what another caregiver answered.
    ShareForwarding,
    /// End what goes between caregivers.
    CloseForwarding,
    /// Say that something from another caregiver has arrived.
    AcknowledgeForwarding,
    /// Give it to a unit.
    AssignForwarding,
    /// Look into it.
    InvestigateForwarding,
    /// Approve what is answered.
    ApproveForwarding,
    /// Answer it.
    AnswerForwarding,
    /// Let it go to whose it is.
    PassOnForwarding,
    /// See to it that a message reaches the other side's system: it was given up.
    DeliverForwarding,
    /// Write the half-yearly review of a unit.
    WriteReview,
    /// Sign it.
    SignReview,
    /// Carry out what a review decided.
    Improve,
    /// Say whether that helped.
    JudgeImprovement,
}

impl Asked {
    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Asked::Assess => "assess",
            Asked::HealthPart => "health_part",
            Asked::Handle => "handle",
            Asked::Measure => "measure",
            Asked::JudgeEffect => "judge_effect",
            Asked::Read => "read",
            Asked::Contribute => "contribute",
            Asked::Act => "act",
            Asked::Correct => "correct",
            Asked::Answer => "answer",
            Asked::LookAt => "look_at",
            Asked::Sign => "sign",
            Asked::AwaitSignature => "await_signature",
            Asked::Screen => "screen",
            Asked::Receive => "receive",
            Asked::Protect => "protect",
            Asked::Investigate => "investigate",
            Asked::Propose => "propose",
            Asked::Decide => "decide",
            Asked::NotifyIvo => "notify_ivo",
            Asked::SubmitInquiry => "submit_inquiry",
            Asked::Supplement => "supplement",
            Asked::FollowUp => "follow_up",
            Asked::CloseEscalation => "close_escalation",
            Asked::AnswerDuty => "answer_duty",
            Asked::Register => "register",
            Asked::Assign => "assign",
            Asked::AnswerOpinion => "answer_opinion",
            Asked::HearSender => "hear_sender",
            Asked::CloseOpinion => "close_opinion",
            Asked::CheckForwarding => "check_forwarding",
            Asked::SendForwarding => "send_forwarding",
            Asked::ReplyForwarding => "reply_forwarding",
            Asked::SettleForwarding => "settle_forwarding",
            Asked::ShareForwarding => "share_forwarding",
            Asked::CloseForwarding => "close_forwarding",
            Asked::AcknowledgeForwarding => "acknowledge_forwarding",
            Asked::AssignForwarding => "assign_forwarding",
            Asked::InvestigateForwarding => "investigate_forwarding",
            Asked::ApproveForwarding => "approve_forwarding",
            Asked::AnswerForwarding => "answer_forwarding",
            Asked::PassOnForwarding => "pass_on_forwarding",
            Asked::DeliverForwarding => "deliver_forwarding",
            Asked::WriteReview => "write_review",
            Asked::SignReview => "sign_review",
            Asked::Improve => "improve",
            Asked::JudgeImprovement => "judge_improvement",
        }
    }
}

impl From<Wish> for Asked {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Read => Asked::Read,
            Wish::Contribute => Asked::Contribute,
            Wish::Act => Asked::Act,
        }
    }
}

impl Status {
    /// Whether a case that stands here is being handled: neither a draft nor ended.
    pub fn open(self) -> bool {
        match self {
            Status::Reported
            | Status::Triaged
            | Status::Investigating
            | Status::MeasuresDecided
            | Status::FollowingUp => true,
            Status::Draft | Status::Closed | Status::Void => false,
        }
    }
}

/// For whom something waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitingFor {
    /// A role.
    pub role: Option<Role>,
    /// A person.
    pub staff: Option<StaffId>,
    /// A profession.
    pub profession: Option<String>,
    /// The role it would wait for, where nobody is there.
    pub instead_of: Option<Role>,
    /// For whom the person stands in, who has it on their list.
    pub stands_in_for: Option<StaffId>,
    /// A decision that waits for the role since nobody holds a delegation to make it.
    pub delegation_missing: bool,
}

/// What is more closely meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// The case as a whole.
    Case,
    /// A measure.
    Measure(MeasureId),
    /// A watch.
    Watch(WatchId),
    /// A comment.
    Comment(CommentId),
    /// A handover.
    Handover(HandoverId),
    /// An escalation.
    Escalation(EscalationId),
    /// What goes between caregivers.
    Forwarding(ForwardingId),
    /// A half-yearly review.
    Review(ReviewId),
    /// What a review decided.
    Improvement(ImprovementId),
}

impl Item {
    /// Its id, where it is not the case.
    pub fn id(self) -> Option<uuid::Uuid> {
        match self {
            Item::Case => None,
            Item::Measure(id) => Some(id.0),
            Item::Watch(id) => Some(id.0),
            Item::Comment(id) => Some(id.0),
            Item::Handover(id) => Some(id.0),
            Item::Escalation(id) => Some(id.0),
            Item::Forwarding(id) => Some(id.0),
            Item::Review(id) => Some(id.0),
            Item::Improvement(id) => Some(id.0),
        }
    }
}

/// One thing that waits for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// What kind of work it is.
    pub group: Group,
    /// What is asked.
    pub asked: Asked,
    /// The case; none of a handover, of a riskperson, and of a review.
    pub case: Option<Arc<Brief>>,
    /// The unit, where it is about no case.
    pub unit: Option<UnitId>,
    /// What is more closely meant.
    pub item: Item,
    /// What of triage is needed, as JSON pointers.
    pub awaits: Vec<String>,
    /// The neighbouring duty that is meant.
    pub duty: Option<String>,
    /// Until which day.
    pub due_on: Option<Date>,
    /// For whom it waits.
    pub waiting_for: WaitingFor,
    /// It has come to the person since its unit has no manager.
    pub inherited: bool,
    /// How grave.
    pub weight: u8,
    /// Since when.
    pub since: Timestamp,
}

impl Task {
    /// How many days it has been there: the case, or what has none.
    pub fn age_on(&self, day: Date) -> i64 {
        let since = self.case.as_ref().map_or(self.since, |case| case.reported_at);
        facts::days_since(since, day)
    }

    /// Whether its day has passed.
    pub fn overdue(&self, day: Date) -> bool {
        self.due_on.is_some_and(|due| due < day)
    }

    /// Its place in a list, as a text that sorts: what has come from a manager who is gone, then the
    /// gravest, then the oldest.
    pub fn place(&self) -> String {
        let first = u8::from(!self.inherited);
        let light = u8::MAX - self.weight;
        // Years before 1970 sort before, too.
        let since = self.since.as_microsecond().cast_unsigned() ^ (1 << 63);
        let group = self.group as u8;
        let case = self.case.as_ref().map(|case| case.id.to_string()).unwrap_or_default();
        let item = self.item.id().map(|id| id.to_string()).unwrap_or_default();
        let duty = self.duty.as_deref().unwrap_or_default();
        format!("{first}{light:03}{since:020}{group:02}{case}{}{item}{duty}", self.asked as u8)
    }
}

/// How many tasks of each group, every group named.
pub fn counts(tasks: &[Task]) -> BTreeMap<Group, usize> {
    let mut counts: BTreeMap<Group, usize> = Group::ALL.map(|group| (group, 0)).into();
    for task in tasks {
        *counts.entry(task.group).or_default() += 1;
    }
    counts
}
