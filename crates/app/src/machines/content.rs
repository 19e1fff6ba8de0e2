//! Between what a forwarding says and what a message says.
//!
//! What is told is made from the forwarding as it stands and from what was told before: so nothing that
//! stands in it is lost, and nothing is told twice. Only what leaves is looked at: the document after it
//! was sent, what we said, what we shared; never what was found, nor anything of a case.

use domain::forwarding::{
    Answer, Channel, Decision, Direction, Document, Exchange, Forwarding, JointMeasure, Kind,
    Remark, Said, SharedEvent, Short, Side, State, Status,
};
use domain::ids::{ExchangeId, MeasureId};
use domain::machine::Told;
use domain::personnummer::{PersonalId, SubjectIdentity};
use exchange::message as m;
use exchange::message::Content;

/// What is to be told, in order, and what has been told when that is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Telling {
    /// The contents.
    pub contents: Vec<Content>,
    /// What has been told then.
    pub told: Told,
}

/// Whether there is something to tell the other side at all: what was never told is not recalled.
fn left(forwarding: &Forwarding, told: &Told) -> bool {
    if forwarding.channel != Some(Channel::Machine) {
        return false;
    }
    match forwarding.direction {
        Direction::Received => true,
        Direction::Sent => match forwarding.status() {
            Status::Draft | Status::Checked => false,
            Status::Recalled => told.document,
            Status::Sent
            | Status::Acknowledged
            | Status::Answered
            | Status::SharedWithUnit
            | Status::EscalatedUnanswered
            | Status::ClosedWithoutAnswer
            | Status::Received
            | Status::Assigned
            | Status::Investigated
            | Status::AnswerApproved
            | Status::WrongRecipient
            | Status::PassedOn
            | Status::Closed => true,
        },
    }
}

/// What is to be told of a forwarding. `identity` is who it is about, where the decision lets it out.
pub(super) fn telling(
    forwarding: &Forwarding,
    told: &Told,
    identity: Option<&SubjectIdentity>,
) -> Telling {
    let mut telling = Telling { contents: Vec::new(), told: told.clone() };
    if !left(forwarding, told) {
        return telling;
    }
    if matches!(forwarding.state, State::Recalled(_)) {
        // Whoever sent it takes it back; whoever got it need not say so.
        if forwarding.direction == Direction::Sent && status_told(&mut telling, "recalled") {
            // Why is ours to know: nobody has judged what of it may leave.
            telling.contents.push(Content::Recall(m::Recall { reason: None }));
        }
        return telling;
    }
    if forwarding.direction == Direction::Sent && !telling.told.document {
        telling.told.document = true;
        let document = document(forwarding, forwarding.matter.decision.as_ref(), identity);
        telling.contents.push(Content::Document(Box::new(document)));
    }
    // What was said over the telephone has been said.
    let by_machine = |it: &&Exchange| it.from == Side::Us && it.channel == Channel::Machine;
    for exchange in forwarding.matter.exchanges.iter().filter(by_machine) {
        if telling.told.items.insert(exchange.id.0)
            && let Some(content) = said(forwarding, exchange)
        {
            telling.contents.push(content);
        }
    }
    joint(forwarding, &mut telling);
    if forwarding.direction == Direction::Sent {
        reminders(forwarding, &mut telling);
    } else {
        status(forwarding, &mut telling);
    }
    telling
}

/// Notes that the other side knows where it stands; `false` when it did.
fn status_told(telling: &mut Telling, status: &str) -> bool {
    if telling.told.status.as_deref() == Some(status) {
        return false;
    }
    telling.told.status = Some(status.to_owned());
    true
}

fn document(
    forwarding: &Forwarding,
    decision: Option<&Decision>,
    identity: Option<&SubjectIdentity>,
) -> m::Document {
    let it = &forwarding.document;
    let sent_on =
        domain::calendar::swedish_date(forwarding.sent_at.unwrap_or(forwarding.created_at));
    let identity = identity.map(|identity| match identity {
        SubjectIdentity::Personal(id) => m::Identity { id: id.canonical(), issuer: None },
        SubjectIdentity::Other { id, issuer } => m::Identity {
            id: id.clone(),
            issuer: Some(issuer.clone().unwrap_or_else(|| UNKNOWN_ISSUER.to_owned())),
        },
    });
    m::Document {
        form: forwarding.kind.code().to_owned(),
        number: forwarding.number.map(|number| number.to_string()),
        law: Some(forwarding.law.code().to_owned()),
        matter: it.matter.clone(),
        text: it.text.clone(),
        question: it.question.clone(),
        unit: it.unit.clone(),
        event_on: it.event_on,
        due_on: forwarding.due_on,
        ground: decision.map_or("no_person", |decision| decision.ground.code()).to_owned(),
        decided_on: decision.map_or(sent_on, |decision| decision.on),
        identity: identity.filter(|_| decision.is_some_and(|decision| decision.identity)),
    }
}

/// Who gave an id of which it is not known who did.
const UNKNOWN_ISSUER: &str = "unknown";

/// What we said, as the contract has it.
fn said(forwarding: &Forwarding, exchange: &Exchange) -> Option<Content> {
    let (id, at) = (exchange.id.0, exchange.at);
    let text = exchange.text.clone();
    let remark = || m::Remark { id, text: text.clone().unwrap_or_default(), at };
    let short = match &exchange.act {
        Said::Question => return Some(Content::Question(remark())),
        Said::Remark => return Some(Content::Remark(remark())),
        Said::Answer(short) => short,
    };
    // Answers go back to whoever sent it.
    if forwarding.direction == Direction::Sent {
        return None;
    }
    let number = forwarding.number.map(|number| number.to_string());
    if let (Short::Received, None) = (short, &text) {
        return Some(Content::Acknowledgement(m::Acknowledgement { id, at, number }));
    }
    let (until, whom) = match short {
        Short::Investigating { until } => (Some(*until), None),
        Short::NotOurs { whom } => (None, Some(whom.clone())),
        Short::Received | Short::Done => (None, None),
    };
    Some(Content::Answer(m::Answer {
        id,
        short: short.code().to_owned(),
        until,
        whom,
        text,
        diary_number: exchange.diary_number.clone().or(number),
        at,
    }))
}

fn joint(forwarding: &Forwarding, telling: &mut Telling) {
    let joint = &forwarding.matter.joint;
    for event in joint.timeline.iter().filter(|event| event.from == Side::Us) {
        if telling.told.items.insert(event.id.0) {
            telling.contents.push(Content::Event(m::Event {
                id: event.id.0,
                happened_at: event.happened_at,
                text: event.text.clone(),
            }));
        }
    }
    for measure in &joint.measures {
        if measure.from == Side::Us && telling.told.items.insert(measure.id.0) {
            let owner = match measure.owner {
                Side::Us => "sender",
                Side::Them => "receiver",
            };
            telling.contents.push(Content::Measure(m::Measure {
                id: measure.id.0,
                owner: owner.to_owned(),
                who: measure.who.clone(),
                text: measure.text.clone(),
                due_on: measure.due_on,
            }));
        }
        if let (Side::Us, Some(on)) = (measure.owner, measure.done_on)
            && telling.told.done.insert(measure.id.0)
        {
            telling.contents.push(Content::MeasureDone(m::MeasureDone { id: measure.id.0, on }));
        }
    }
}

fn reminders(forwarding: &Forwarding, telling: &mut Telling) {
    let all = &forwarding.matter.reminders;
    let new = all.iter().skip(telling.told.reminders);
    for reminder in new.filter(|it| it.channel == Channel::Machine) {
        let (due_on, at) = (forwarding.due_on, reminder.at);
        telling.contents.push(Content::Reminder(m::Reminder { due_on, at }));
    }
    telling.told.reminders = all.len();
}

/// Where it stands with us, where no answer says so.
fn status(forwarding: &Forwarding, telling: &mut Telling) {
    let whom = match &forwarding.state {
        State::PassedOn(passed) => Some(passed.to.clone()),
        _ => None,
    };
    let status = match forwarding.status() {
        Status::Assigned | Status::Investigated | Status::PassedOn | Status::Closed => {
            forwarding.status().code()
        }
        // Findings and drafts of an answer are ours; that one is approved is not said before it leaves.
        Status::AnswerApproved => Status::Investigated.code(),
        // Said in an answer, or nothing to say.
        Status::Received
        | Status::Acknowledged
        | Status::Answered
        | Status::WrongRecipient
        | Status::Recalled => return,
        // States of what we send.
        Status::Draft
        | Status::Checked
        | Status::Sent
        | Status::SharedWithUnit
        | Status::EscalatedUnanswered
        | Status::ClosedWithoutAnswer => return,
    };
    if status_told(telling, status) {
        let (status, at) = (status.to_owned(), forwarding.updated_at);
        telling.contents.push(Content::Status(m::Status { status, at, whom }));
    }
}

/// What a document says, as the domain has it.
pub(super) fn document_of(given: &m::Document) -> (Document, Option<Kind>) {
    let document = Document {
        matter: given.matter.clone(),
        text: given.text.clone(),
        question: given.question.clone(),
        unit: given.unit.clone(),
        event_on: given.event_on,
    };
    (document, given.form.parse().ok())
}

/// Who a document is about; `None` for what is no identity.
pub(super) fn identity_of(
    given: &m::Identity,
    today: jiff::civil::Date,
) -> Option<SubjectIdentity> {
    match &given.issuer {
        None => PersonalId::parse(&given.id, today).ok().map(SubjectIdentity::Personal),
        Some(_) if given.id.trim().is_empty() => None,
        Some(issuer) => Some(SubjectIdentity::Other {
            id: given.id.clone(),
            issuer: (issuer != UNKNOWN_ISSUER).then(|| issuer.clone()),
        }),
    }
}

/// What they answer, as the domain has it; `None` for a word that is not in the contract.
pub(super) fn answer_of(given: m::Answer) -> Option<Answer> {
    let short = match (given.short.as_str(), given.until, given.whom) {
        ("received", ..) => Short::Received,
        ("investigating", Some(until), _) => Short::Investigating { until },
        ("not_ours", _, Some(whom)) => Short::NotOurs { whom },
        ("done", ..) => Short::Done,
        _ => return None,
    };
    Some(Answer {
        id: ExchangeId(given.id),
        channel: Channel::Machine,
        short,
        text: given.text,
        diary_number: given.diary_number,
        // When it came counts, by our clock; what they say of the hour is theirs.
        at: None,
        attachments: Vec::new(),
        contact: None,
    })
}

/// A word of theirs.
pub(super) fn remark_of(given: m::Remark, asks: bool) -> Remark {
    Remark {
        id: ExchangeId(given.id),
        from: Side::Them,
        channel: Channel::Machine,
        asks,
        text: given.text,
        at: None,
        attachments: Vec::new(),
        contact: None,
    }
}

/// What they share of what happened.
pub(super) fn event_of(given: m::Event, now: jiff::Timestamp) -> SharedEvent {
    SharedEvent {
        id: ExchangeId(given.id),
        from: Side::Them,
        happened_at: given.happened_at,
        text: given.text,
        shared_at: now,
    }
}

/// A measure they put down: their "sender" is them. `None` for a word that is not in the contract.
pub(super) fn measure_of(given: m::Measure) -> Option<JointMeasure> {
    let owner = match given.owner.as_str() {
        "sender" => Side::Them,
        "receiver" => Side::Us,
        _ => return None,
    };
    Some(JointMeasure {
        id: MeasureId(given.id),
        owner,
        who: given.who,
        text: given.text,
        due_on: given.due_on,
        from: Side::Them,
        done_on: None,
    })
}
