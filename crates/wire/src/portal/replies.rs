//! What a contact of a counterparty reads and writes. Nothing of the case is in it, and nobody of ours
//! by name.

use domain::forwarding::party::PartyView;
use domain::forwarding::{Exchange, Said, Short, Side};
use domain::personnummer::SubjectIdentity;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The second thing besides a link.
#[derive(Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorRequest {
    /// The counterparty's code word, or a one-time code from a letter or the telephone.
    #[schema(max_length = 200)]
    pub code: String,
}

/// The code of a letter, without a link.
#[derive(Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterRequest {
    /// The code as it is printed; blanks, dashes and small letters do not matter.
    #[schema(max_length = 200)]
    pub code: String,
}

/// Somebody was let in. The session is in a cookie.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LetView {
    /// The token to go on with: `/public/{tenant}/replies/{token}`.
    pub token: String,
    /// Until when the session lasts.
    pub ends_at: Timestamp,
}

/// An answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyShort {
    /// It has arrived.
    Received,
    /// It is looked into, until a day.
    Investigating,
    /// It is not ours, but somebody else's.
    NotOurs,
    /// It is looked into, and done.
    Done,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"answer": "done", "text": "Rutinen för provsvar är ändrad.", "diary_number": "RS 2026/17"}))]
pub struct ReplyAnswerRequest {
    /// An id of one's own: the same answer twice is one.
    pub id: Option<Uuid>,
    /// In a word.
    pub answer: ReplyShort,
    /// With `investigating`: until when.
    pub until: Option<Date>,
    /// With `not_ours`: whose it is.
    #[schema(max_length = 200)]
    pub whom: Option<String>,
    /// In words.
    #[schema(max_length = 10000)]
    pub text: Option<String>,
    /// The diarienummer it has at the one who answers.
    #[schema(max_length = 200)]
    pub diary_number: Option<String>,
}

/// A question back.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionRequest {
    /// An id of one's own: the same question twice is one.
    pub id: Option<Uuid>,
    /// The question.
    #[schema(max_length = 10000)]
    pub text: String,
}

/// A colleague to hand over to.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverRequest {
    /// Their e-mail address, of the same house as one's own.
    #[schema(max_length = 254)]
    pub email: String,
    /// Who or what is there.
    #[schema(max_length = 100)]
    pub name: Option<String>,
}

/// Who it is about, where that was decided to be told.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReplyIdentityView {
    /// Personnummer or samordningsnummer, twelve digits; or the other identity as it was given.
    pub id: String,
    /// Who gave an identity that is no personnummer.
    pub issuer: Option<String>,
}

impl From<&SubjectIdentity> for ReplyIdentityView {
    fn from(identity: &SubjectIdentity) -> Self {
        match identity {
            SubjectIdentity::Personal(id) => Self { id: id.canonical(), issuer: None },
            SubjectIdentity::Other { id, issuer } => {
                Self { id: id.clone(), issuer: issuer.clone() }
            }
        }
    }
}

/// Something said between the two sides.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReplyExchangeView {
    /// Its id.
    pub id: Uuid,
    /// `sender`, who sent it, or `receiver`, who answers.
    pub from: String,
    /// `answer`, `question` or `remark`.
    pub kind: String,
    /// The answer in a word.
    pub answer: Option<ReplyShort>,
    /// Until when an answer is promised.
    pub until: Option<Date>,
    /// Whose it is said to be.
    pub whom: Option<String>,
    /// In words.
    pub text: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl From<&Exchange> for ReplyExchangeView {
    fn from(said: &Exchange) -> Self {
        let (answer, until, whom) = match &said.act {
            Said::Answer(Short::Received) => (Some(ReplyShort::Received), None, None),
            Said::Answer(Short::Investigating { until }) => {
                (Some(ReplyShort::Investigating), Some(*until), None)
            }
            Said::Answer(Short::NotOurs { whom }) => {
                (Some(ReplyShort::NotOurs), None, Some(whom.clone()))
            }
            Said::Answer(Short::Done) => (Some(ReplyShort::Done), None, None),
            Said::Question | Said::Remark => (None, None, None),
        };
        let from = match said.from {
            Side::Us => "sender",
            Side::Them => "receiver",
        };
        Self {
            id: said.id.0,
            from: from.to_owned(),
            kind: said.act.code().to_owned(),
            answer,
            until,
            whom,
            text: said.text.clone(),
            at: said.at,
        }
    }
}

/// One matter, as the one who answers sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReplyView {
    /// Its id.
    pub id: Uuid,
    /// The sender's number.
    pub number: Option<String>,
    /// What it is about, in a line.
    pub matter: String,
    /// What happened.
    pub text: String,
    /// What the sender wants to know, or wants done.
    pub question: Option<String>,
    /// Where it happened at the one who answers.
    pub unit: Option<String>,
    /// The day it happened.
    pub event_on: Option<Date>,
    /// Who it is about; `null` where that is not told.
    pub identity: Option<ReplyIdentityView>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Until when an answer is wanted.
    pub due_on: Option<Date>,
    /// Until when one was promised.
    pub expected_on: Option<Date>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Whether it waits for an answer.
    pub open: bool,
    /// Whether the sender asks something that was not replied to.
    pub asked: bool,
    /// The diarienummer it has at the one who answers.
    pub diary_number: Option<String>,
    /// What was said, oldest first.
    pub exchanges: Vec<ReplyExchangeView>,
}

impl ReplyView {
    /// What is shown of a forwarding.
    pub fn new(
        id: Uuid,
        view: &PartyView<'_>,
        open: bool,
        identity: Option<&SubjectIdentity>,
    ) -> Self {
        let document = view.document;
        Self {
            id,
            number: view.number.map(|number| number.to_string()),
            matter: document.matter.clone(),
            text: document.text.clone(),
            question: document.question.clone(),
            unit: document.unit.clone(),
            event_on: document.event_on,
            identity: identity.map(ReplyIdentityView::from),
            sent_at: view.sent_at,
            due_on: view.due_on,
            expected_on: view.expected_on,
            answered_at: view.answered_at,
            open,
            asked: view.asked,
            diary_number: view.their_number.map(str::to_owned),
            exchanges: view.exchanges.iter().map(|said| ReplyExchangeView::from(*said)).collect(),
        }
    }
}

/// The page of a contact.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RepliesView {
    /// Who sent it.
    pub sender: String,
    /// Whether the second thing is still to be shown: then nothing else is told.
    pub factor_needed: bool,
    /// For whom one answers.
    pub counterparty: Option<String>,
    /// Until when the session lasts.
    pub ends_at: Option<Timestamp>,
    /// What waits for an answer, the longest first; then what is answered, the newest first.
    pub replies: Vec<ReplyView>,
}
