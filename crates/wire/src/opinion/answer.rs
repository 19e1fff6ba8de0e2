//! The answer to an opinion.

use domain::opinion as d;
use domain::opinion::gate::GatesGiven;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{LexAnswer, wire_enum};

wire_enum!(
    /// How an answer is given.
    OpinionAnswerChannel = d::Channel {
        Letter = "letter", SecureMessage = "secure_message", ReceiptPage = "receipt_page",
        Oral = "oral",
    }
);

/// An answer, or a draft of one. Of a klagomål it needs an explanation of what happened, the measures or
/// that there are none, the judgement of secrecy unless the sender is the person it is about, where to turn
/// next, and how it is given (PSL 3 kap. 8 b §). What is missing is told all at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "explanation": "Larmet gick till en grupp som inte längre tar emot larm.",
    "measures": "Larmlistan är rättad och gås igenom varje måndag.",
    "secrecy_ground": "Brukaren har samtyckt till att dottern får svaret.",
    "channel": "letter", "avvikelse": false, "lex_sarah": "no",
}))]
pub struct OpinionAnswerRequest {
    /// Keep it as a draft; nothing is asked for yet.
    pub draft: bool,
    /// What happened, and why.
    #[schema(max_length = 20000)]
    pub explanation: Option<String>,
    /// What is done.
    #[schema(max_length = 20000)]
    pub measures: Option<String>,
    /// That nothing is to be done.
    pub no_measures: bool,
    /// On which ground it may be told to somebody who is not the person it is about.
    #[schema(max_length = 4000)]
    pub secrecy_ground: Option<String>,
    /// Where to turn next: `PN`, `IVO`; what the laws of the case name, unless given.
    #[schema(max_items = 10)]
    pub next_steps: Option<Vec<String>>,
    /// More on that, in words.
    #[schema(max_length = 4000)]
    pub next_text: Option<String>,
    /// How it is given.
    pub channel: Option<OpinionAnswerChannel>,
    /// The day a letter or message was sent; today, unless given.
    pub sent_on: Option<Date>,
    /// By mouth: when.
    pub told_at: Option<Timestamp>,
    /// By mouth: to whom.
    #[schema(max_length = 200)]
    pub told_to: Option<String>,
    /// By mouth: what was said; the explanation, unless given.
    #[schema(max_length = 20000)]
    pub said: Option<String>,
    /// Whether it is an avvikelse, where nobody has answered that yet.
    pub avvikelse: Option<bool>,
    /// Whether it may be lex Sarah, where nobody has answered that yet. Anything but no raises a flag.
    pub lex_sarah: Option<LexAnswer>,
    /// Why it may be.
    #[schema(max_length = 4000)]
    pub lex_sarah_reason: Option<String>,
}

impl From<OpinionAnswerRequest> for d::AnswerGiven {
    fn from(given: OpinionAnswerRequest) -> Self {
        Self {
            explanation: given.explanation,
            measures: given.measures,
            no_measures: given.no_measures,
            secrecy_ground: given.secrecy_ground,
            next_steps: given.next_steps,
            next_text: given.next_text,
            channel: given.channel.map(Into::into),
            sent_on: given.sent_on,
            told_at: given.told_at,
            told_to: given.told_to,
            said: given.said,
            gates: GatesGiven {
                avvikelse: given.avvikelse,
                lex_sarah: given.lex_sarah.map(Into::into),
            },
        }
    }
}

/// An answer by mouth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OralAnswerView {
    /// When.
    pub at: Timestamp,
    /// The staff id of who told it.
    pub by: Uuid,
    /// To whom.
    pub to: String,
    /// What was said.
    pub said: String,
}

/// The judgement of secrecy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SecrecyCheckView {
    /// The staff id of who judged.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
    /// On which ground.
    pub ground: String,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionAnswerView {
    /// What happened, and why.
    pub explanation: String,
    /// What is done; `null` says that there is nothing to be done.
    pub measures: Option<String>,
    /// The judgement of secrecy.
    pub secrecy: Option<SecrecyCheckView>,
    /// Where to turn next.
    pub next_steps: Vec<String>,
    /// More on that.
    pub next_text: Option<String>,
    /// How it was given.
    pub channel: OpinionAnswerChannel,
    /// The day a letter or message was sent.
    pub sent_on: Option<Date>,
    /// By mouth.
    pub oral: Option<OralAnswerView>,
    /// When it was written.
    pub at: Timestamp,
    /// The staff id of who wrote it.
    pub by: Uuid,
}

impl From<&d::Answer> for OpinionAnswerView {
    fn from(answer: &d::Answer) -> Self {
        let (sent_on, oral) = match &answer.given {
            d::Given::Letter(day) | d::Given::SecureMessage(day) => (Some(*day), None),
            d::Given::ReceiptPage => (None, None),
            d::Given::Oral(told) => {
                let (to, said) = (told.to.clone(), told.said.clone());
                (None, Some(OralAnswerView { at: told.at, by: told.by.0, to, said }))
            }
        };
        Self {
            explanation: answer.explanation.clone(),
            measures: answer.measures.clone(),
            secrecy: answer.secrecy.as_ref().map(|it| SecrecyCheckView {
                by: it.by.0,
                at: it.at,
                ground: it.ground.clone(),
            }),
            next_steps: answer.next_steps.clone(),
            next_text: answer.next_text.clone(),
            channel: answer.given.channel().into(),
            sent_on,
            oral,
            at: answer.at,
            by: answer.by.0,
        }
    }
}

/// An answer that is being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionDraftView {
    /// What happened, and why.
    pub explanation: Option<String>,
    /// What is done.
    pub measures: Option<String>,
    /// That nothing is to be done.
    pub no_measures: bool,
    /// The ground for telling it.
    pub secrecy_ground: Option<String>,
    /// Where to turn next.
    pub next_steps: Option<Vec<String>>,
    /// More on that.
    pub next_text: Option<String>,
    /// How it is to be given.
    pub channel: Option<OpinionAnswerChannel>,
}

impl From<&d::AnswerGiven> for OpinionDraftView {
    fn from(draft: &d::AnswerGiven) -> Self {
        Self {
            explanation: draft.explanation.clone(),
            measures: draft.measures.clone(),
            no_measures: draft.no_measures,
            secrecy_ground: draft.secrecy_ground.clone(),
            next_steps: draft.next_steps.clone(),
            next_text: draft.next_text.clone(),
            channel: draft.channel.map(Into::into),
        }
    }
}
