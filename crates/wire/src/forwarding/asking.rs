//! What is asked of a forwarding.

use domain::calendar::{start_of_day, swedish_date};
use domain::fault::{Fault, Reason};
use domain::forwarding as d;
use domain::ids::{AttachmentId, CounterpartyId, ExchangeId, MeasureId};
use domain::personnummer::{PersonalId, SubjectIdentity};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{BetweenChannel, ForwardingGround, ForwardingKind, ForwardingSide, Law};
use crate::filing::SubjectRequest;

/// A document for a counterparty, as far as it is written. It is a text of its own: nothing of the case
/// goes along.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "counterparty": "0199c3a0-0000-7000-8000-000000000001", "matter": "Läkemedelslista saknades vid hemgång",
    "text": "Vid hemgången följde ingen aktuell läkemedelslista med.", "question": "Hur säkras listan nästa gång?",
}))]
pub struct ForwardingDraftRequest {
    /// To whom: the id of a counterparty.
    pub counterparty: Uuid,
    /// `single` unless given; `joint` lets both sides put together what happened and what is done.
    pub kind: Option<ForwardingKind>,
    /// By whose rules it is judged; the case's first law unless given.
    pub law: Option<Law>,
    /// What it is about, in a line.
    #[schema(max_length = 200)]
    pub matter: Option<String>,
    /// What happened, as far as the reader needs it.
    #[schema(max_length = 10000)]
    pub text: Option<String>,
    /// What we want to know, or want done.
    #[schema(max_length = 10000)]
    pub question: Option<String>,
    /// Where it happened at the other end; the counterparty's name unless given.
    #[schema(max_length = 200)]
    pub counterparty_unit: Option<String>,
    /// The day it happened, where that may be told.
    pub event_on: Option<Date>,
}

impl ForwardingDraftRequest {
    /// The document.
    pub fn document(&self) -> d::Document {
        d::Document {
            matter: self.matter.clone().unwrap_or_default(),
            text: self.text.clone().unwrap_or_default(),
            question: self.question.clone(),
            unit: self.counterparty_unit.clone(),
            event_on: self.event_on,
        }
    }
}

/// A draft written on. What is left out stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ForwardingEditRequest {
    /// To whom.
    pub counterparty: Option<Uuid>,
    /// Single or joint.
    pub kind: Option<ForwardingKind>,
    /// By whose rules it is judged.
    pub law: Option<Law>,
    /// What it is about, in a line.
    #[schema(max_length = 200)]
    pub matter: Option<String>,
    /// What happened, as far as the reader needs it.
    #[schema(max_length = 10000)]
    pub text: Option<String>,
    /// What we want to know, or want done.
    #[schema(max_length = 10000)]
    pub question: Option<String>,
    /// Where it happened at the other end.
    #[schema(max_length = 200)]
    pub counterparty_unit: Option<String>,
    /// The day it happened.
    pub event_on: Option<Date>,
}

impl ForwardingEditRequest {
    /// What the domain is told, over the document as it stands.
    pub fn over(self, document: &d::Document) -> d::Editing {
        let new = d::Document {
            matter: self.matter.unwrap_or_else(|| document.matter.clone()),
            text: self.text.unwrap_or_else(|| document.text.clone()),
            question: self.question.or_else(|| document.question.clone()),
            unit: self.counterparty_unit.or_else(|| document.unit.clone()),
            event_on: self.event_on.or(document.event_on),
        };
        d::Editing {
            counterparty: self.counterparty.map(CounterpartyId),
            kind: self.kind.map(Into::into),
            law: self.law.map(Into::into),
            document: Some(new),
        }
    }
}

/// One that came from a counterparty, registered by hand. Who the person is goes sealed.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceivedForwardingRequest {
    /// Who sent it: the id of a counterparty.
    pub counterparty: Uuid,
    /// `single` unless given.
    pub kind: Option<ForwardingKind>,
    /// By whose rules it is judged; `HSL` unless given.
    pub law: Option<Law>,
    /// Where it happened with us, by id or code, where that is known.
    #[schema(max_length = 100)]
    pub unit: Option<String>,
    /// What it is about, in a line.
    #[schema(max_length = 200)]
    pub matter: String,
    /// What it says.
    #[schema(max_length = 10000)]
    pub text: String,
    /// What they want to know, or want done.
    #[schema(max_length = 10000)]
    pub question: Option<String>,
    /// Which unit of theirs it comes from.
    #[schema(max_length = 200)]
    pub counterparty_unit: Option<String>,
    /// The day it happened.
    pub event_on: Option<Date>,
    /// By which way it came.
    pub channel: BetweenChannel,
    /// The day it reached us; today unless given.
    pub received_on: Option<Date>,
    /// Until when they want an answer; by the tenant's own target unless given.
    pub due_on: Option<Date>,
    /// The diarienummer it has at the other end.
    #[schema(max_length = 200)]
    pub diary_number: Option<String>,
    /// Who the person is.
    pub subject: Option<SubjectRequest>,
}

impl ReceivedForwardingRequest {
    /// The document.
    pub fn document(&self) -> d::Document {
        d::Document {
            matter: self.matter.clone(),
            text: self.text.clone(),
            question: self.question.clone(),
            unit: self.counterparty_unit.clone(),
            event_on: self.event_on,
        }
    }

    /// Who the person is.
    ///
    /// # Errors
    /// The fault of a number that is none.
    pub fn identity(&self, today: Date) -> Result<Option<SubjectIdentity>, Vec<Fault>> {
        let Some(subject) = &self.subject else { return Ok(None) };
        match (&subject.personal_id, &subject.other_id) {
            (Some(id), _) => match PersonalId::parse(id, today) {
                Ok(id) => Ok(Some(SubjectIdentity::Personal(id))),
                Err(_) => Err(vec![Fault::at("/subject/personal_id", Reason::BadCheckDigit)]),
            },
            (None, Some(id)) => {
                let issuer = subject.issuer.clone();
                Ok(Some(SubjectIdentity::Other { id: id.clone(), issuer }))
            }
            (None, None) => Ok(None),
        }
    }
}

/// A decision what may leave, by name and date.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckForwardingRequest {
    /// On what ground.
    pub ground: ForwardingGround,
    /// Why, in words.
    #[schema(max_length = 2000)]
    pub motivation: String,
    /// Whether who the person is goes along: sealed, shown after the second factor only.
    #[serde(default)]
    pub identity: bool,
}

impl From<CheckForwardingRequest> for d::Deciding {
    fn from(given: CheckForwardingRequest) -> Self {
        Self { ground: given.ground.into(), motivation: given.motivation, identity: given.identity }
    }
}

/// How it leaves.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SendForwardingRequest {
    /// By which way: `portal`, `post`, `sdk` or `machine`; the counterparty's usual one unless given.
    pub channel: Option<BetweenChannel>,
}

/// That it has arrived, and perhaps until when it is looked into.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeForwardingRequest {
    /// By which way it was said.
    pub channel: BetweenChannel,
    /// Until when an answer is promised.
    pub until: Option<Date>,
    /// In words.
    #[schema(max_length = 10000)]
    pub text: Option<String>,
    /// The diarienummer it has at the other end.
    #[schema(max_length = 200)]
    pub diary_number: Option<String>,
    /// The day it was said; today unless given.
    pub on: Option<Date>,
}

/// The instant of a day: now, or the beginning of an earlier day.
fn instant(on: Option<Date>, now: Timestamp) -> Option<Timestamp> {
    on.filter(|day| *day != swedish_date(now)).map(start_of_day)
}

impl AcknowledgeForwardingRequest {
    /// What the domain is told.
    pub fn answer(self, id: Uuid, now: Timestamp) -> d::Answer {
        d::Answer {
            id: ExchangeId(id),
            channel: self.channel.into(),
            short: match self.until {
                Some(until) => d::Short::Investigating { until },
                None => d::Short::Received,
            },
            text: self.text,
            diary_number: self.diary_number,
            at: instant(self.on, now),
            attachments: Vec::new(),
            contact: None,
        }
    }
}

/// By which way they are reminded.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RemindForwardingRequest {
    /// As it was sent, unless given.
    pub channel: Option<BetweenChannel>,
}

/// An answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForwardingShortAnswer {
    /// It has arrived.
    Received,
    /// It is looked into, `until` a day.
    Investigating,
    /// It is not theirs; `whom` says whose.
    NotOurs,
    /// It is done.
    Done,
}

/// An answer that came by letter, telephone or any other way, registered by us. A scan is an attachment of
/// the case, named by its id.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "channel": "post", "short": "done", "on": "2026-03-09", "text": "Rutinen är ändrad.", "diary_number": "RS 2026/12",
}))]
pub struct AnswerLetterRequest {
    /// By which way it came.
    pub channel: BetweenChannel,
    /// In a word.
    pub short: ForwardingShortAnswer,
    /// With `investigating`: until when an answer is promised.
    pub until: Option<Date>,
    /// With `not_ours`: whose it is.
    #[schema(max_length = 200)]
    pub whom: Option<String>,
    /// In words.
    #[schema(max_length = 10000)]
    pub text: Option<String>,
    /// The diarienummer it has at the other end.
    #[schema(max_length = 200)]
    pub diary_number: Option<String>,
    /// The day it came; today unless given.
    pub on: Option<Date>,
    /// Attachments of the case that came with it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub attachments: Vec<Uuid>,
}

impl AnswerLetterRequest {
    /// What the domain is told.
    ///
    /// # Errors
    /// The faults of a word without what belongs to it.
    pub fn answer(self, id: Uuid, now: Timestamp) -> Result<d::Answer, Vec<Fault>> {
        let needed = |field| Err(vec![Fault::at(field, Reason::Required)]);
        let unknown = |field| Err(vec![Fault::at(field, Reason::UnknownField)]);
        let short = match (self.short, self.until, self.whom) {
            (ForwardingShortAnswer::Received, None, None) => d::Short::Received,
            (ForwardingShortAnswer::Done, None, None) => d::Short::Done,
            (ForwardingShortAnswer::Investigating, Some(until), None) => {
                d::Short::Investigating { until }
            }
            (ForwardingShortAnswer::NotOurs, None, Some(whom)) => d::Short::NotOurs { whom },
            (ForwardingShortAnswer::Investigating, None, _) => return needed("/until"),
            (ForwardingShortAnswer::NotOurs, _, None) => return needed("/whom"),
            (ForwardingShortAnswer::Investigating, Some(_), Some(_)) => return unknown("/whom"),
            (ForwardingShortAnswer::NotOurs, Some(_), Some(_)) => return unknown("/until"),
            (ForwardingShortAnswer::Received | ForwardingShortAnswer::Done, Some(_), _) => {
                return unknown("/until");
            }
            (ForwardingShortAnswer::Received | ForwardingShortAnswer::Done, None, Some(_)) => {
                return unknown("/whom");
            }
        };
        Ok(d::Answer {
            id: ExchangeId(id),
            channel: self.channel.into(),
            short,
            text: self.text,
            diary_number: self.diary_number,
            at: instant(self.on, now),
            attachments: self.attachments.into_iter().map(AttachmentId).collect(),
            contact: None,
        })
    }
}

/// A question back, what is replied to one, or a word. Both sides see it.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardingMessageRequest {
    /// Who says it; `us` unless given. `them` puts down what they said by letter or telephone.
    pub from: Option<ForwardingSide>,
    /// By which way.
    pub channel: BetweenChannel,
    /// Whether the other side is asked for something.
    #[serde(default)]
    pub asks: bool,
    /// In words.
    #[schema(max_length = 10000)]
    pub text: String,
    /// The day it was said; today unless given.
    pub on: Option<Date>,
    /// Attachments of the case that came with it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub attachments: Vec<Uuid>,
}

impl ForwardingMessageRequest {
    /// What the domain is told.
    pub fn remark(self, id: Uuid, now: Timestamp) -> d::Remark {
        d::Remark {
            id: ExchangeId(id),
            from: self.from.map_or(d::Side::Us, Into::into),
            channel: self.channel.into(),
            asks: self.asks,
            text: self.text,
            at: instant(self.on, now),
            attachments: self.attachments.into_iter().map(AttachmentId).collect(),
            contact: None,
        }
    }
}

/// How the unit was told.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareAnswerRequest {
    /// How, or at which meeting.
    #[schema(max_length = 2000)]
    pub how: String,
}

/// The end.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CloseForwardingRequest {
    /// In a sentence.
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
}

/// To which unit it is given.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignReceivedRequest {
    /// The unit, by id or code.
    #[schema(max_length = 100)]
    pub unit: String,
    /// The category, where it is plain already.
    #[schema(max_length = 40)]
    pub category: Option<String>,
}

/// What was found, for us alone.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardingFindingsRequest {
    /// In words.
    #[schema(max_length = 10000)]
    pub text: String,
}

/// What is answered, approved by name.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveForwardingAnswerRequest {
    /// What leaves.
    #[schema(max_length = 10000)]
    pub text: String,
    /// On what ground it may leave.
    pub ground: ForwardingGround,
    /// Why, in words.
    #[schema(max_length = 2000)]
    pub motivation: String,
}

impl From<ApproveForwardingAnswerRequest> for d::Approving {
    fn from(given: ApproveForwardingAnswerRequest) -> Self {
        let deciding = d::Deciding {
            ground: given.ground.into(),
            motivation: given.motivation,
            identity: false,
        };
        Self { text: given.text, deciding }
    }
}

/// By which way the answer leaves.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendForwardingAnswerRequest {
    /// By which way.
    pub channel: BetweenChannel,
}

/// That it is not ours.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongRecipientRequest {
    /// Whose it is, in words.
    #[schema(max_length = 200)]
    pub whom: String,
    /// By which way they are told.
    pub channel: BetweenChannel,
}

/// Where what is not ours goes.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassOnForwardingRequest {
    /// To whom, in words.
    #[schema(max_length = 200)]
    pub to: String,
    /// To whom, where it is in the register.
    pub counterparty: Option<Uuid>,
    /// It goes back to whoever sent it. To anybody else it goes by a decision.
    #[serde(default)]
    pub returned: bool,
    /// On what ground.
    pub ground: Option<ForwardingGround>,
    /// Why, in words.
    #[schema(max_length = 2000)]
    pub motivation: Option<String>,
}

impl From<PassOnForwardingRequest> for d::PassingOn {
    fn from(given: PassOnForwardingRequest) -> Self {
        let deciding = given.ground.map(|ground| d::Deciding {
            ground: ground.into(),
            motivation: given.motivation.unwrap_or_default(),
            identity: false,
        });
        Self {
            to: given.to,
            counterparty: given.counterparty.map(CounterpartyId),
            returned: given.returned,
            deciding,
        }
    }
}

/// Joint: what happened, as one side saw it.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedEventRequest {
    /// Who shares it; `us` unless given.
    pub from: Option<ForwardingSide>,
    /// When it happened.
    pub happened_at: Timestamp,
    /// What.
    #[schema(max_length = 10000)]
    pub text: String,
}

impl SharedEventRequest {
    /// What the domain is told.
    pub fn event(self, id: Uuid, now: Timestamp) -> d::SharedEvent {
        d::SharedEvent {
            id: ExchangeId(id),
            from: self.from.map_or(d::Side::Us, Into::into),
            happened_at: self.happened_at,
            text: self.text,
            shared_at: now,
        }
    }
}

/// Joint: a measure with its owner.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JointMeasureRequest {
    /// Which side does it.
    pub owner: ForwardingSide,
    /// Who there: a role or a function.
    #[schema(max_length = 200)]
    pub who: String,
    /// What.
    #[schema(max_length = 10000)]
    pub text: String,
    /// Until when.
    pub due_on: Option<Date>,
    /// Which side puts it down; `us` unless given.
    pub from: Option<ForwardingSide>,
}

impl JointMeasureRequest {
    /// What the domain is told.
    pub fn measure(self, id: Uuid) -> d::JointMeasure {
        d::JointMeasure {
            id: MeasureId(id),
            owner: self.owner.into(),
            who: self.who,
            text: self.text,
            due_on: self.due_on,
            from: self.from.map_or(d::Side::Us, Into::into),
            done_on: None,
        }
    }
}

/// Joint: that a measure is done.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishMeasureRequest {
    /// Which.
    pub measure: Uuid,
    /// Whose it is; `us` unless given.
    pub owner: Option<ForwardingSide>,
    /// The day; today unless given.
    pub done_on: Option<Date>,
}
