//! What is shown of a forwarding.

use domain::calendar::swedish_date;
use domain::forwarding as d;
use domain::organisation::UnitTree;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::{ChangeView, UnitRef};
use crate::code::{
    BetweenChannel, ForwardingCommand, ForwardingDirection, ForwardingGround, ForwardingKind,
    ForwardingSide, ForwardingStatus, Law,
};

/// A counterparty by its name.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CounterpartyRef {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// A code of the list `counterparty`.
    pub kind: Option<String>,
}

/// A decision what may leave.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForwardingDecisionView {
    /// On what ground.
    pub ground: ForwardingGround,
    /// Why.
    pub motivation: String,
    /// Whether who the person is goes along.
    pub identity: bool,
    /// The staff id of who decided.
    pub by: Uuid,
    /// Who that is.
    pub name: Option<String>,
    /// The day.
    pub on: Date,
}

impl From<&d::Decision> for ForwardingDecisionView {
    fn from(it: &d::Decision) -> Self {
        Self {
            ground: it.ground.into(),
            motivation: it.motivation.clone(),
            identity: it.identity,
            by: it.by.0,
            name: it.name.clone(),
            on: it.on,
        }
    }
}

/// That they were reminded.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForwardingReminderView {
    /// When.
    pub at: Timestamp,
    /// By which way.
    pub channel: BetweenChannel,
    /// The staff id of who did; `null` for the service itself.
    pub by: Option<Uuid>,
}

/// Something said between us and them. Both see it; who of ours said it, only we.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExchangeView {
    /// Its id.
    pub id: Uuid,
    /// Who said it.
    pub from: ForwardingSide,
    /// By which way.
    pub channel: BetweenChannel,
    /// `answer`, `question` or `remark`.
    pub act: &'static str,
    /// Of an answer: `received`, `investigating`, `not_ours` or `done`.
    pub short: Option<&'static str>,
    /// Until when an answer is promised.
    pub until: Option<Date>,
    /// Whose it is.
    pub whom: Option<String>,
    /// In words.
    pub text: Option<String>,
    /// The diarienummer it has where it comes from.
    pub diary_number: Option<String>,
    /// When it was said.
    pub at: Timestamp,
    /// When it was put down here.
    pub registered_at: Timestamp,
    /// The staff id of who of ours put it down.
    pub by: Option<Uuid>,
    /// Attachments of the case that came with it.
    pub attachments: Vec<Uuid>,
}

impl From<&d::Exchange> for ExchangeView {
    fn from(it: &d::Exchange) -> Self {
        let short = match &it.act {
            d::Said::Answer(short) => Some(short),
            d::Said::Question | d::Said::Remark => None,
        };
        let (until, whom) = match short {
            Some(d::Short::Investigating { until }) => (Some(*until), None),
            Some(d::Short::NotOurs { whom }) => (None, Some(whom.clone())),
            Some(d::Short::Received | d::Short::Done) | None => (None, None),
        };
        Self {
            id: it.id.0,
            from: it.from.into(),
            channel: it.channel.into(),
            act: it.act.code(),
            short: short.map(d::Short::code),
            until,
            whom,
            text: it.text.clone(),
            diary_number: it.diary_number.clone(),
            at: it.at,
            registered_at: it.registered_at,
            by: it.by.map(|staff| staff.0),
            attachments: it.attachments.iter().map(|id| id.0).collect(),
        }
    }
}

/// Joint: what one side shares of what happened.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SharedEventView {
    /// Its id.
    pub id: Uuid,
    /// Who shares it.
    pub from: ForwardingSide,
    /// When it happened.
    pub happened_at: Timestamp,
    /// What.
    pub text: String,
}

/// Joint: a measure with its owner.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct JointMeasureView {
    /// Its id.
    pub id: Uuid,
    /// Which side does it.
    pub owner: ForwardingSide,
    /// Who there.
    pub who: String,
    /// What.
    pub text: String,
    /// Until when.
    pub due_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
}

/// A forwarding.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForwardingView {
    /// Its id.
    pub id: Uuid,
    /// Its own number, which the other side quotes.
    pub number: Option<String>,
    /// Which way it goes.
    pub direction: ForwardingDirection,
    /// Single or joint.
    pub kind: ForwardingKind,
    /// Where it stands.
    pub status: ForwardingStatus,
    /// The id of the case it rests on, or became.
    pub case: Option<Uuid>,
    /// The case's number.
    pub case_number: Option<String>,
    /// The other end.
    pub counterparty: CounterpartyRef,
    /// Where it happened at our end.
    pub unit: Option<UnitRef>,
    /// By whose rules it is judged here.
    pub law: Law,
    /// What it is about.
    pub matter: String,
    /// What happened.
    pub text: String,
    /// What is asked.
    pub question: Option<String>,
    /// Where it happened at the other end.
    pub counterparty_unit: Option<String>,
    /// The day it happened.
    pub event_on: Option<Date>,
    /// The decision what may leave.
    pub decision: Option<ForwardingDecisionView>,
    /// Whether who the person is goes, or came, along.
    pub identity: bool,
    /// By which way it left, or came.
    pub channel: Option<BetweenChannel>,
    /// When it was begun here.
    pub created_at: Timestamp,
    /// When it left, or came in.
    pub sent_at: Option<Timestamp>,
    /// Until when an answer is due: theirs, or ours.
    pub due_on: Option<Date>,
    /// Until when the one who got it promised one.
    pub expected_on: Option<Date>,
    /// Whether the answer is late.
    pub overdue: bool,
    /// How often they were reminded.
    pub reminders: Vec<ForwardingReminderView>,
    /// When the one who got it first said so.
    pub acknowledged_at: Option<Timestamp>,
    /// When the one who got it first answered.
    pub answered_at: Option<Timestamp>,
    /// By which way that answer came, or went.
    pub answer_channel: Option<BetweenChannel>,
    /// The diarienummer it has at the other end.
    pub diary_number: Option<String>,
    /// What was said, in the order in which it was put down.
    pub exchanges: Vec<ExchangeView>,
    /// Received: what was found, for us alone.
    pub findings: Option<String>,
    /// Received: what is answered, once approved.
    pub answer: Option<String>,
    /// Received: who approved it.
    pub answer_decision: Option<ForwardingDecisionView>,
    /// Joint: what both shared, in the order of time.
    pub timeline: Vec<SharedEventView>,
    /// Joint: what both do.
    pub measures: Vec<JointMeasureView>,
    /// How the unit was told.
    pub shared_with_unit: Option<String>,
    /// Why it ended, or how.
    pub ending: Option<String>,
    /// To whom what was not ours went.
    pub passed_on_to: Option<String>,
    /// What is to be done next here.
    pub todo: Option<&'static str>,
    /// What the reader may do to it next, before any guard.
    pub commands: Vec<ForwardingCommand>,
    /// Came by import, and wakes nothing until a person takes it up.
    pub imported: bool,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ForwardingView {
    /// What is shown to whoever sees it.
    pub fn new(
        it: &d::Forwarding,
        counterparty: &d::Counterparty,
        case_number: Option<String>,
        commands: &[d::Command],
        units: &UnitTree,
        now: Timestamp,
    ) -> Self {
        let matter = &it.matter;
        let (mut shared, mut ending, mut passed) = (None, None, None);
        match &it.state {
            d::State::SharedWithUnit(sharing) => shared = Some(sharing.how.clone()),
            d::State::Closed(it) | d::State::ClosedWithoutAnswer(it) | d::State::Recalled(it) => {
                ending = it.reason.clone();
            }
            d::State::PassedOn(it) => passed = Some(it.to.clone()),
            d::State::Draft
            | d::State::Checked
            | d::State::Sent
            | d::State::Acknowledged
            | d::State::Answered
            | d::State::EscalatedUnanswered { .. }
            | d::State::Received
            | d::State::Assigned(_)
            | d::State::Investigated
            | d::State::AnswerApproved
            | d::State::WrongRecipient => {}
        }
        let decided = matter.decision.as_ref().is_some_and(|decision| decision.identity);
        Self {
            id: it.id.0,
            number: it.number.map(|number| number.to_string()),
            direction: it.direction.into(),
            kind: it.kind.into(),
            status: it.status().into(),
            case: it.case.map(|case| case.0),
            case_number,
            counterparty: CounterpartyRef {
                id: counterparty.id.0,
                name: counterparty.name.clone(),
                kind: Some(counterparty.kind.clone()),
            },
            unit: it.unit.map(|unit| UnitRef::of(units, unit)),
            law: it.law.into(),
            matter: it.document.matter.clone(),
            text: it.document.text.clone(),
            question: it.document.question.clone(),
            counterparty_unit: it.document.unit.clone(),
            event_on: it.document.event_on,
            decision: matter.decision.as_ref().map(Into::into),
            identity: decided || matter.identity_came,
            channel: it.channel.map(Into::into),
            created_at: it.created_at,
            sent_at: it.sent_at,
            due_on: it.due_on,
            expected_on: matter.expected_on,
            overdue: it.overdue(swedish_date(now)),
            reminders: matter
                .reminders
                .iter()
                .map(|reminder| ForwardingReminderView {
                    at: reminder.at,
                    channel: reminder.channel.into(),
                    by: reminder.by.map(|staff| staff.0),
                })
                .collect(),
            acknowledged_at: matter.acknowledged_at,
            answered_at: matter.answered_at,
            answer_channel: matter.answer_channel.map(Into::into),
            diary_number: matter.their_number.clone(),
            exchanges: matter.exchanges.iter().map(Into::into).collect(),
            findings: matter.findings.as_ref().map(|findings| findings.text.clone()),
            answer: matter.answer.as_ref().map(|answer| answer.text.clone()),
            answer_decision: matter.answer.as_ref().map(|answer| (&answer.decision).into()),
            timeline: matter
                .joint
                .timeline
                .iter()
                .map(|event| SharedEventView {
                    id: event.id.0,
                    from: event.from.into(),
                    happened_at: event.happened_at,
                    text: event.text.clone(),
                })
                .collect(),
            measures: matter
                .joint
                .measures
                .iter()
                .map(|measure| JointMeasureView {
                    id: measure.id.0,
                    owner: measure.owner.into(),
                    who: measure.who.clone(),
                    text: measure.text.clone(),
                    due_on: measure.due_on,
                    done_on: measure.done_on,
                })
                .collect(),
            shared_with_unit: shared,
            ending,
            passed_on_to: passed,
            todo: it.todo().map(|todo| todo.code()),
            commands: commands.iter().map(|command| (*command).into()).collect(),
            imported: it.imported,
            version: it.version,
            updated_at: it.updated_at,
        }
    }
}

/// The forwardings beside a case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForwardingsView {
    /// Oldest first.
    pub items: Vec<ForwardingView>,
}

/// One line of a list: where it stands, and no text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForwardingLineView {
    /// Its id.
    pub id: Uuid,
    /// Its own number.
    pub number: Option<String>,
    /// Which way it goes.
    pub direction: ForwardingDirection,
    /// Single or joint.
    pub kind: ForwardingKind,
    /// Where it stands.
    pub status: ForwardingStatus,
    /// The id of the case.
    pub case: Option<Uuid>,
    /// The case's number.
    pub case_number: Option<String>,
    /// The other end.
    pub counterparty: CounterpartyRef,
    /// Where it happened at our end.
    pub unit: Option<UnitRef>,
    /// By whose rules it is judged here.
    pub law: Law,
    /// When it left, or came in.
    pub sent_at: Option<Timestamp>,
    /// Until when an answer is due.
    pub due_on: Option<Date>,
    /// Whether the answer is late.
    pub overdue: bool,
    /// How often they were reminded.
    pub reminders: usize,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// What is to be done next here.
    pub todo: Option<&'static str>,
    /// Came by import.
    pub imported: bool,
    /// Grows with every change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ForwardingLineView {
    /// A line as it stands at an instant.
    pub fn new(
        it: &d::Forwarding,
        case_number: Option<String>,
        counterparty: String,
        units: &UnitTree,
        now: Timestamp,
    ) -> Self {
        Self {
            id: it.id.0,
            number: it.number.map(|number| number.to_string()),
            direction: it.direction.into(),
            kind: it.kind.into(),
            status: it.status().into(),
            case: it.case.map(|case| case.0),
            case_number,
            counterparty: CounterpartyRef { id: it.counterparty.0, name: counterparty, kind: None },
            unit: it.unit.map(|unit| UnitRef::of(units, unit)),
            law: it.law.into(),
            sent_at: it.sent_at,
            due_on: it.due_on,
            overdue: it.overdue(swedish_date(now)),
            reminders: it.matter.reminders.len(),
            answered_at: it.matter.answered_at,
            todo: it.todo().map(|todo| todo.code()),
            imported: it.imported,
            version: it.version,
            updated_at: it.updated_at,
        }
    }
}

/// Exactly what leaves, or would.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForwardingPreviewView {
    /// Who sends it.
    pub sender: String,
    /// Its own number.
    pub number: Option<String>,
    /// The receiver's name.
    pub receiver: String,
    /// What it is about.
    pub matter: String,
    /// What happened.
    pub text: String,
    /// What is asked.
    pub question: Option<String>,
    /// Where it happened at the other end.
    pub counterparty_unit: Option<String>,
    /// The day it happened.
    pub event_on: Option<Date>,
    /// Until when an answer is wanted.
    pub due_on: Option<Date>,
    /// Whether who the person is can be read, sealed, after the second factor. It stands in no letter.
    pub identity: bool,
    /// The letter as it would be printed.
    pub letter: String,
}

/// Who did what to a forwarding.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForwardingHistoryEntryView {
    /// The version that came of it.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// `staff`, `counterparty` or `job`.
    pub hand: &'static str,
    /// The staff id of one of ours.
    pub by: Option<Uuid>,
    /// What was done.
    pub command: String,
    /// Where it stood.
    pub from: Option<ForwardingStatus>,
    /// Where it stands since.
    pub to: ForwardingStatus,
    /// The fields that changed.
    pub changes: Vec<ChangeView>,
    /// Why.
    pub reason: Option<String>,
}

/// A forwarding's history.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForwardingHistoryView {
    /// Oldest first.
    pub items: Vec<ForwardingHistoryEntryView>,
}
