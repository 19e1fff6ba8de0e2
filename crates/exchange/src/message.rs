//! What a message says: the contract, version 1. Names change here and nowhere else.
//!
//! An envelope around a content of some kind. Fields may be added within a version, and are passed over
//! by whoever does not know them; so may kinds, which are refused one by one. Texts hold no personal
//! identity number; who it is about stands in `identity` alone, and only where somebody decided so.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

pub use crate::description::{DescribedKey, Description, Receipt};

/// The contract and its version.
pub const CONTRACT: &str = "avvikelse-exchange/1";
/// The largest message taken, in bytes.
pub const LARGEST: usize = 8 * 1024 * 1024;

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeMessage, example = json!({
    "contract": "avvikelse-exchange/1", "id": "0199c3a0-0000-7000-8000-000000000001",
    "thread": "0199c3a0-0000-7000-8000-000000000002", "sequence": 1, "sent_at": "2026-11-26T12:00:00Z",
    "sender": "0199c3a0-0000-7000-8000-00000000000a", "receiver": "0199c3a0-0000-7000-8000-00000000000b",
    "kind": "document", "content": {
        "form": "single", "matter": "Utskrivning utan läkemedelslista",
        "text": "Ingen läkemedelslista följde med vid utskrivningen.", "unit": "Vårdcentralen",
        "event_on": "2026-11-20", "due_on": "2027-01-25", "ground": "no_person", "decided_on": "2026-11-26",
    },
}))]
pub struct Envelope {
    /// `avvikelse-exchange/1`.
    #[schema(max_length = 64)]
    pub contract: String,
    /// Its id: the same message twice is taken once.
    pub id: Uuid,
    /// The matter it belongs to: chosen by whoever sent the document, and the same in both directions.
    pub thread: Uuid,
    /// Its number among the messages of this thread from this sender: 1, 2, 3 …
    #[schema(minimum = 1)]
    pub sequence: i64,
    /// When it was made.
    pub sent_at: Timestamp,
    /// Who sends it: the id that the sender is registered by.
    #[schema(max_length = 255)]
    pub sender: String,
    /// To whom: the id of the receiver.
    #[schema(max_length = 255)]
    pub receiver: String,
    /// What kind it is: `document`, `acknowledgement`, `status`, `question`, `remark`, `answer`, `event`,
    /// `measure`, `measure_done`, `reminder`, `recall`, `attachment`.
    #[schema(max_length = 64)]
    pub kind: String,
    /// What it says, by its kind.
    #[schema(value_type = Content)]
    pub content: Value,
}

/// A minimised document with its own text: what begins a thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeDocument)]
pub struct Document {
    /// `single`: one tells, the other answers. `joint`: both put together what happened and what is done.
    #[schema(max_length = 16)]
    pub form: String,
    /// The number it has where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub number: Option<String>,
    /// The law it falls under at the sender's: `HSL`, `SOL` or `LSS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 8)]
    pub law: Option<String>,
    /// What it is about, in a line.
    #[schema(max_length = 200)]
    pub matter: String,
    /// What happened.
    #[schema(max_length = 10_000)]
    pub text: String,
    /// What is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    pub question: Option<String>,
    /// Where it happened at the receiver's: unit or function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub unit: Option<String>,
    /// The day it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_on: Option<Date>,
    /// By when an answer is agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
    /// On what ground it was let out: `consent`, `no_harm`, `duty`, `no_person`.
    #[schema(max_length = 16)]
    pub ground: String,
    /// The day that was decided.
    pub decided_on: Date,
    /// Who it is about, where that decision lets it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
}

/// Who a document is about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeIdentity)]
pub struct Identity {
    /// The personal identity number, coordination number or other id.
    #[schema(max_length = 64)]
    pub id: String,
    /// Who gave the id, for one that is no personal identity number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub issuer: Option<String>,
}

/// Never shown.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// It has arrived, and somebody has said so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeAcknowledgement)]
pub struct Acknowledgement {
    /// Its id, the same on both sides.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The number it has where it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub number: Option<String>,
}

/// Where it stands at the other end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeStatus)]
pub struct Status {
    /// `assigned`, `investigated`, `wrong_recipient`, `passed_on`, `closed`.
    #[schema(max_length = 32)]
    pub status: String,
    /// When.
    pub at: Timestamp,
    /// To whom it went, for `passed_on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub whom: Option<String>,
}

/// A question back, or a word that asks for nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeRemark)]
pub struct Remark {
    /// Its id, the same on both sides.
    pub id: Uuid,
    /// In words.
    #[schema(max_length = 10_000)]
    pub text: String,
    /// When it was said.
    pub at: Timestamp,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeAnswer)]
pub struct Answer {
    /// Its id, the same on both sides.
    pub id: Uuid,
    /// In a word: `received`, `investigating`, `not_ours`, `done`.
    #[schema(max_length = 16)]
    pub short: String,
    /// Until when an answer is promised, for `investigating`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Whose it is, for `not_ours`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub whom: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    pub text: Option<String>,
    /// The diarienummer it has where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub diary_number: Option<String>,
    /// When it was said.
    pub at: Timestamp,
}

/// Joint: what happened, as one side saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeEvent)]
pub struct Event {
    /// Its id, the same on both sides.
    pub id: Uuid,
    /// When it happened.
    pub happened_at: Timestamp,
    /// What.
    #[schema(max_length = 10_000)]
    pub text: String,
}

/// Joint: what is done about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeMeasure)]
pub struct Measure {
    /// Its id, the same on both sides.
    pub id: Uuid,
    /// Which side does it: `sender` or `receiver` of this message.
    #[schema(max_length = 16)]
    pub owner: String,
    /// Who there: a role or a function.
    #[schema(max_length = 200)]
    pub who: String,
    /// What.
    #[schema(max_length = 10_000)]
    pub text: String,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
}

/// Joint: a measure of the sender's is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeMeasureDone)]
pub struct MeasureDone {
    /// The measure.
    pub id: Uuid,
    /// The day.
    pub on: Date,
}

/// An answer is awaited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeReminder)]
pub struct Reminder {
    /// By when an answer was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
    /// When it was sent.
    pub at: Timestamp,
}

/// The document is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeRecall)]
pub struct Recall {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    pub reason: Option<String>,
}

/// A file that belongs to something said before in this thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExchangeAttachment)]
pub struct Attachment {
    /// Its id, the same on both sides.
    pub id: Uuid,
    /// What it belongs to: the id of an answer, question or remark; of the document when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Uuid>,
    /// Its name.
    #[schema(max_length = 200)]
    pub name: String,
    /// Its media type.
    #[schema(max_length = 100)]
    pub media_type: String,
    /// The file, in base64.
    #[schema(max_length = 7_000_000)]
    pub data: String,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ExchangeContent)]
pub enum Content {
    /// `document`.
    Document(Box<Document>),
    /// `acknowledgement`.
    Acknowledgement(Acknowledgement),
    /// `status`.
    Status(Status),
    /// `question`.
    Question(Remark),
    /// `remark`.
    Remark(Remark),
    /// `answer`.
    Answer(Answer),
    /// `event`.
    Event(Event),
    /// `measure`.
    Measure(Measure),
    /// `measure_done`.
    MeasureDone(MeasureDone),
    /// `reminder`.
    Reminder(Reminder),
    /// `recall`.
    Recall(Recall),
    /// `attachment`.
    Attachment(Attachment),
}

/// Why a content is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongContent {
    /// Of a kind that is not known here.
    #[error("a kind of message that is not known here")]
    UnknownKind,
    /// Not what its kind says.
    #[error("the content is not what its kind says")]
    Malformed,
}

impl Content {
    /// The name of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Content::Document(_) => "document",
            Content::Acknowledgement(_) => "acknowledgement",
            Content::Status(_) => "status",
            Content::Question(_) => "question",
            Content::Remark(_) => "remark",
            Content::Answer(_) => "answer",
            Content::Event(_) => "event",
            Content::Measure(_) => "measure",
            Content::MeasureDone(_) => "measure_done",
            Content::Reminder(_) => "reminder",
            Content::Recall(_) => "recall",
            Content::Attachment(_) => "attachment",
        }
    }

    /// The content of a message of this kind.
    ///
    /// # Errors
    /// [`WrongContent`].
    pub fn read(kind: &str, content: &Value) -> Result<Self, WrongContent> {
        fn of<T: DeserializeOwned>(content: &Value) -> Result<T, WrongContent> {
            T::deserialize(content).map_err(|_| WrongContent::Malformed)
        }
        Ok(match kind {
            "document" => Content::Document(of(content)?),
            "acknowledgement" => Content::Acknowledgement(of(content)?),
            "status" => Content::Status(of(content)?),
            "question" => Content::Question(of(content)?),
            "remark" => Content::Remark(of(content)?),
            "answer" => Content::Answer(of(content)?),
            "event" => Content::Event(of(content)?),
            "measure" => Content::Measure(of(content)?),
            "measure_done" => Content::MeasureDone(of(content)?),
            "reminder" => Content::Reminder(of(content)?),
            "recall" => Content::Recall(of(content)?),
            "attachment" => Content::Attachment(of(content)?),
            _ => return Err(WrongContent::UnknownKind),
        })
    }
}

impl Envelope {
    /// Reads a message.
    ///
    /// # Errors
    /// [`WrongContent::Malformed`] for anything but a message of this contract.
    pub fn read(body: &[u8]) -> Result<Self, WrongContent> {
        let envelope: Envelope =
            serde_json::from_slice(body).map_err(|_| WrongContent::Malformed)?;
        let named = |id: &str| (1..=255).contains(&id.len());
        let whole = envelope.contract == CONTRACT
            && envelope.sequence >= 1
            && named(&envelope.sender)
            && named(&envelope.receiver);
        if whole { Ok(envelope) } else { Err(WrongContent::Malformed) }
    }

    /// What it says.
    ///
    /// # Errors
    /// [`WrongContent`].
    pub fn content(&self) -> Result<Content, WrongContent> {
        Content::read(&self.kind, &self.content)
    }

    /// The message as bytes.
    ///
    /// # Errors
    /// [`WrongContent::Malformed`], which nothing made here is.
    pub fn write(&self) -> Result<Vec<u8>, WrongContent> {
        serde_json::to_vec(self).map_err(|_| WrongContent::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope() -> Value {
        json!({
            "contract": CONTRACT, "id": Uuid::nil(), "thread": Uuid::nil(), "sequence": 1,
            "sent_at": "2026-11-26T12:00:00Z", "sender": "a", "receiver": "b", "kind": "remark",
            "content": {"id": Uuid::nil(), "text": "Hej", "at": "2026-11-26T12:00:00Z"},
        })
    }

    #[test]
    fn what_is_written_is_read_and_what_is_not_known_is_passed_over() {
        let mut given = envelope();
        given["later"] = json!(1);
        given["content"]["later"] = json!({"a": 1});
        let read = Envelope::read(given.to_string().as_bytes()).expect("a message");
        let content = read.content().expect("a remark");
        assert_eq!(content.kind(), "remark");
        let again = Envelope::read(&read.write().expect("bytes")).expect("a message");
        assert_eq!(again.content().expect("a remark"), content);
        let kept = serde_json::to_value(&content).expect("a value");
        assert_eq!(Content::read(content.kind(), &kept), Ok(content));
    }

    #[test]
    fn other_versions_and_kinds_are_not_understood() {
        type Change = fn(&mut Value);
        let wrong: [Change; 5] = [
            |it| it["contract"] = json!("avvikelse-exchange/2"),
            |it| it["sequence"] = json!(0),
            |it| it["sender"] = json!(""),
            |it| it["id"] = json!("1"),
            |it| {
                it.as_object_mut().map(|it| it.remove("thread"));
            },
        ];
        for change in wrong {
            let mut given = envelope();
            change(&mut given);
            let read = Envelope::read(given.to_string().as_bytes());
            assert_eq!(read, Err(WrongContent::Malformed), "{given}");
        }
        assert_eq!(Content::read("poem", &json!({})), Err(WrongContent::UnknownKind));
        assert_eq!(Content::read("remark", &json!({"id": 1})), Err(WrongContent::Malformed));
        assert_eq!(Content::read("remark", &json!([])), Err(WrongContent::Malformed));
    }
}
