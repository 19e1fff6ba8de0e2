//! An opinion as whoever handles it sees it.

use std::collections::BTreeSet;

use domain::case::{Case, Command};
use domain::clock::{self, ClockSettings};
use domain::ids::CaseId;
use domain::opinion as d;
use domain::worklist::Brief;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{OpinionAnswerView, OpinionDraftView};
use super::command::PassedOnTo;
use super::ending::OpinionEnding;
use super::message::OpinionMessageView;
use super::request::{SenderEvidenceView, SenderReach, SpeaksAs};
use crate::code::{LexAnswer, wire_enum};

wire_enum!(
    /// Where an opinion stands.
    OpinionStage = d::StageName {
        Received = "received", Registered = "registered", Acknowledged = "acknowledged",
        Assigned = "assigned", Investigating = "investigating", Answered = "answered",
        Closed = "closed", HandedOver = "handed_over",
    }
);
wire_enum!(
    /// How an opinion came into the register.
    OpinionEntry = d::EntryWay { Public = "public", Staff = "staff", Import = "import" }
);

/// An opinion in brief, as a part of its case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionBriefView {
    /// Where it stands.
    pub stage: OpinionStage,
    /// How it came into the register.
    pub entry: OpinionEntry,
    /// Whether its sender wants to stay unknown.
    pub anonymous: bool,
    /// When its sender was told that it has come.
    pub acknowledged_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Its number in the municipality's own diary.
    pub diary_number: Option<String>,
}

impl From<&d::Opinion> for OpinionBriefView {
    fn from(opinion: &d::Opinion) -> Self {
        Self {
            stage: opinion.stage_name().into(),
            entry: opinion.entry.into(),
            anonymous: opinion.anonymous,
            acknowledged_at: opinion.acknowledged.as_ref().map(|it| it.at),
            answered_at: opinion.answer().map(|it| it.at),
            diary_number: opinion.diary_number.clone(),
        }
    }
}

/// Who left it, as far as one may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SenderInFullView {
    /// What they are to the care: a code of the list `source`.
    pub kind: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their postal address.
    pub address: Option<String>,
    /// How they want to be reached.
    pub reach: Option<SenderReach>,
    /// When they are best reached.
    pub when: Option<String>,
    /// The language in which they need an interpreter.
    pub interpreter: Option<String>,
    /// By which right they speak for the person it is about.
    pub speaks_as: Option<SpeaksAs>,
    /// For whom.
    pub speaks_for: Option<String>,
    /// What showed that they may.
    pub evidence: Option<SenderEvidenceView>,
    /// The number an authority has given it.
    pub case_number: Option<String>,
}

impl SenderInFullView {
    fn new(sender: &d::Sender, contact: Option<&d::Contact>) -> Self {
        let contact = contact.cloned().unwrap_or_default();
        Self {
            kind: sender.kind.clone(),
            name: contact.name,
            email: contact.email,
            phone: contact.phone,
            address: contact.address,
            reach: sender.reach.map(Into::into),
            when: contact.when,
            interpreter: sender.interpreter.clone(),
            speaks_as: sender.speaks_as.map(Into::into),
            speaks_for: contact.speaks_for,
            evidence: sender.evidence.as_ref().map(|it| SenderEvidenceView {
                what: it.what.clone(),
                seen_by: it.seen_by.0,
                seen_on: it.seen_on,
            }),
            case_number: sender.case_number.clone(),
        }
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionDoneView {
    /// When.
    pub at: Timestamp,
    /// The staff id of who did it.
    pub by: Option<Uuid>,
}

/// What was said by mouth, written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TakenDownView {
    /// When it was said.
    pub said_at: Timestamp,
    /// When it was written down.
    pub at: Timestamp,
    /// The staff id of who wrote it down.
    pub by: Uuid,
}

/// The two gates, answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GatesView {
    /// Whether it is an avvikelse.
    pub avvikelse: bool,
    /// Whether it may be lex Sarah.
    pub lex_sarah: LexAnswer,
    /// When that was answered.
    pub at: Timestamp,
    /// The staff id of who answered.
    pub by: Uuid,
}

/// An end without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionEndingView {
    /// Why.
    pub kind: OpinionEnding,
    /// Why, in words.
    pub reason: String,
    /// What happened.
    pub explanation: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The staff id of who ended it.
    pub by: Uuid,
}

/// That it was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionHandedOverView {
    /// To whom.
    pub to: String,
    /// The id of the counterparty.
    pub counterparty: Option<Uuid>,
    /// Why there.
    pub reason: String,
    /// The day the sender was told.
    pub sender_told_on: Option<Date>,
    /// When.
    pub at: Timestamp,
    /// The staff id of who handed it over.
    pub by: Uuid,
}

/// That somebody tried in vain to reach the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContactAttemptView {
    /// On which day.
    pub on: Date,
    /// How: a code of the list `channel`.
    pub way: String,
    /// What came of it.
    pub note: Option<String>,
    /// The staff id of who tried.
    pub by: Uuid,
}

/// That it was passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassedOnView {
    /// To which authority.
    pub to: PassedOnTo,
    /// The number it has there.
    pub number: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The staff id of who passed it on.
    pub by: Uuid,
}

/// How it stood before its sender asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionEarlierView {
    /// When it was taken up again.
    pub until: Timestamp,
    /// Where it stood.
    pub stage: OpinionStage,
    /// The answer.
    pub answer: Option<OpinionAnswerView>,
    /// The end without one.
    pub ending: Option<OpinionEndingView>,
    /// To whom it had been handed over.
    pub handed_over: Option<OpinionHandedOverView>,
}

/// An opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionView {
    /// The case's id.
    pub case: Uuid,
    /// The case's number.
    pub number: String,
    /// Where it stands.
    pub stage: OpinionStage,
    /// How it came into the register.
    pub entry: OpinionEntry,
    /// How it came: a code of the list `channel`.
    pub channel: Option<String>,
    /// When it arrived; clocks run from there.
    pub arrived_at: Timestamp,
    /// What was said by mouth, written down (FL 27 §).
    pub taken_down: Option<TakenDownView>,
    /// Whether its sender wants to stay unknown.
    pub anonymous: bool,
    /// Who left it.
    pub sender: SenderInFullView,
    /// The staff ids of whom it is about.
    pub concerns_staff: Vec<Uuid>,
    /// Whether it is about whoever manages the unit.
    pub concerns_manager: bool,
    /// That it was put into the register.
    pub registered: Option<OpinionDoneView>,
    /// Its number in the municipality's own diary.
    pub diary_number: Option<String>,
    /// What the patientnämnd would call it.
    pub complaint_pn: Option<String>,
    /// That its sender was told that it has come.
    pub acknowledged: Option<OpinionDoneView>,
    /// Until when they are to be told: a target of the tenant's own.
    pub acknowledge_by: Option<Date>,
    /// The staff id of who handles it.
    pub handler: Option<Uuid>,
    /// The two gates.
    pub gates: Option<GatesView>,
    /// Until when it is to be answered: a target of the tenant's own. It stays where it was handed over.
    pub answer_by: Option<Date>,
    /// An answer that is being written.
    pub draft: Option<OpinionDraftView>,
    /// The answer.
    pub answer: Option<OpinionAnswerView>,
    /// The end without one.
    pub ending: Option<OpinionEndingView>,
    /// To whom it was handed over.
    pub handed_over: Option<OpinionHandedOverView>,
    /// When somebody tried in vain to reach the sender.
    pub attempts: Vec<ContactAttemptView>,
    /// To whom it was passed on.
    pub passed_on: Vec<PassedOnView>,
    /// The ids of the cases made of it that one may read.
    pub spun_off: Vec<Uuid>,
    /// How it stood before its sender asked again, oldest first.
    pub earlier: Vec<OpinionEarlierView>,
    /// What was said, oldest first.
    pub messages: Vec<OpinionMessageView>,
    /// Since when something the sender said waits.
    pub said_at: Option<Timestamp>,
    /// What it takes where it stands, before any guard.
    pub commands: Vec<String>,
    /// Grows by one with every change of the case; the ETag.
    pub version: i64,
}

fn ending(stage: &d::Stage) -> Option<OpinionEndingView> {
    let d::Stage::Closed(d::Ended::Otherwise(end)) = stage else { return None };
    Some(OpinionEndingView {
        kind: end.kind.into(),
        reason: end.reason.clone(),
        explanation: end.explanation.clone(),
        at: end.at,
        by: end.by.0,
    })
}

fn handed_over(stage: &d::Stage) -> Option<OpinionHandedOverView> {
    let d::Stage::HandedOver(handed) = stage else { return None };
    Some(OpinionHandedOverView {
        to: handed.to.clone(),
        counterparty: handed.counterparty.map(|id| id.0),
        reason: handed.reason.clone(),
        sender_told_on: handed.sender_told_on,
        at: handed.at,
        by: handed.by.0,
    })
}

impl OpinionView {
    /// The opinion of a case, with who left it and what was said, to whoever may read `made` of what was
    /// made of it; `None` for what is none.
    pub fn new(
        case: &Case,
        contact: Option<&d::Contact>,
        messages: &[d::Message],
        made: &BTreeSet<CaseId>,
        chosen: &ClockSettings,
    ) -> Option<Self> {
        let opinion = case.opinion.as_ref()?;
        let clocks = clock::of_case(&Brief::of(case), chosen);
        let due = |kind: clock::Kind| {
            clocks.iter().find(|clock| clock.kind == kind).and_then(clock::Clock::due_on)
        };
        let stage = opinion.stage_name();
        let ends = [Command::Close, Command::Reopen];
        let commands = Command::OPINION.into_iter().chain(ends);
        Some(Self {
            case: case.id.0,
            number: case.number.to_string(),
            stage: stage.into(),
            entry: opinion.entry.into(),
            channel: opinion.arrival.channel.clone(),
            arrived_at: case.reported_at,
            taken_down: opinion.arrival.taken_down.as_ref().map(|it| TakenDownView {
                said_at: it.said_at,
                at: it.at,
                by: it.by.0,
            }),
            anonymous: opinion.anonymous,
            sender: SenderInFullView::new(&opinion.sender, contact),
            concerns_staff: opinion.concerns.staff.iter().map(|staff| staff.0).collect(),
            concerns_manager: opinion.concerns.manager,
            registered: opinion
                .registered
                .as_ref()
                .map(|it| OpinionDoneView { at: it.at, by: it.by.map(|by| by.0) }),
            diary_number: opinion.diary_number.clone(),
            complaint_pn: opinion.complaint_pn.clone(),
            acknowledged: opinion
                .acknowledged
                .as_ref()
                .map(|it| OpinionDoneView { at: it.at, by: Some(it.by.0) }),
            acknowledge_by: due(clock::Kind::ComplaintAcknowledgement),
            handler: case.assessment.lead.map(|staff| staff.0),
            gates: opinion.gates.as_ref().map(|it| GatesView {
                avvikelse: it.avvikelse,
                lex_sarah: it.lex_sarah.into(),
                at: it.at,
                by: it.by.0,
            }),
            answer_by: due(clock::Kind::ComplaintAnswer),
            draft: opinion.draft.as_ref().map(Into::into),
            answer: opinion.answer().map(Into::into),
            ending: ending(&opinion.stage),
            handed_over: handed_over(&opinion.stage),
            attempts: opinion
                .attempts
                .iter()
                .map(|it| ContactAttemptView {
                    on: it.on,
                    way: it.way.clone(),
                    note: it.note.clone(),
                    by: it.by.0,
                })
                .collect(),
            passed_on: opinion
                .passed_on
                .iter()
                .map(|it| PassedOnView {
                    to: it.to.into(),
                    number: it.number.clone(),
                    reason: it.reason.clone(),
                    at: it.at,
                    by: it.by.0,
                })
                .collect(),
            spun_off: opinion
                .spun_off
                .iter()
                .filter(|id| made.contains(id))
                .map(|id| id.0)
                .collect(),
            earlier: opinion
                .earlier
                .iter()
                .map(|it| OpinionEarlierView {
                    until: it.until,
                    stage: it.stage.name().into(),
                    answer: it.stage.answer().map(Into::into),
                    ending: ending(&it.stage),
                    handed_over: handed_over(&it.stage),
                })
                .collect(),
            messages: messages.iter().map(Into::into).collect(),
            said_at: opinion.said_at,
            commands: commands
                .filter(|command| stage.admits(*command))
                .filter(|command| *command != Command::SenderMessage)
                .map(|command| command.code().to_owned())
                .collect(),
            version: case.version,
        })
    }
}
