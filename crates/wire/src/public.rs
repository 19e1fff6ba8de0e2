//! What the public sends and sees in JSON, without a login.

use domain::case::Kind;
use domain::case::filing::{Filing, Intake};
use domain::fault::{Fault, Reason};
use domain::opinion::{
    self as d, Concerns, Contact, Given, MessageKind, OpinionGiven, PlainStatus, Sender,
    SenderGiven, SenderView, next_step,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::code::Subkind;
use crate::fault::FaultView;
use crate::language::Language;
use crate::survey::SurveyView;

/// What the public may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpinionKind {
    /// A synpunkt; its `subkind` says whether it is praise (BER) or a proposal (FOR).
    Synpunkt,
    /// A klagomål: it is answered.
    Klagomal,
}

impl From<OpinionKind> for Kind {
    fn from(kind: OpinionKind) -> Self {
        match kind {
            OpinionKind::Synpunkt => Kind::Synpunkt,
            OpinionKind::Klagomal => Kind::Klagomal,
        }
    }
}

/// How somebody wants to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReachBy {
    /// By letter.
    Letter,
    /// By telephone.
    Phone,
    /// By e-mail that says that there is something to read, and no more.
    Email,
    /// By secure message.
    SecureMessage,
    /// By meeting.
    Meeting,
}

impl From<ReachBy> for d::Reach {
    fn from(by: ReachBy) -> Self {
        match by {
            ReachBy::Letter => d::Reach::Letter,
            ReachBy::Phone => d::Reach::Phone,
            ReachBy::Email => d::Reach::Email,
            ReachBy::SecureMessage => d::Reach::SecureMessage,
            ReachBy::Meeting => d::Reach::Meeting,
        }
    }
}

/// By which right somebody speaks for the person it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpeaksAs {
    /// God man.
    GodMan,
    /// Förvaltare.
    Forvaltare,
    /// Holds a fullmakt.
    Fullmakt,
    /// Guardian of a child.
    Vardnadshavare,
    /// Närstående.
    Narstaende,
}

impl From<SpeaksAs> for d::Representation {
    fn from(by: SpeaksAs) -> Self {
        match by {
            SpeaksAs::GodMan => d::Representation::GodMan,
            SpeaksAs::Forvaltare => d::Representation::Forvaltare,
            SpeaksAs::Fullmakt => d::Representation::Fullmakt,
            SpeaksAs::Vardnadshavare => d::Representation::Vardnadshavare,
            SpeaksAs::Narstaende => d::Representation::Narstaende,
        }
    }
}

/// Who leaves an opinion. Sealed apart from its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpinionSender {
    /// What they are to the care: a code of the list `source`.
    #[schema(max_length = 10)]
    pub kind: Option<String>,
    /// Their name.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Their e-mail address. A mail says that there is something to read, and never what.
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// Their telephone number.
    #[schema(max_length = 50)]
    pub phone: Option<String>,
    /// Their postal address.
    #[schema(max_length = 500)]
    pub address: Option<String>,
    /// How they want to be reached.
    pub reach: Option<ReachBy>,
    /// When they are best reached, in words.
    #[schema(max_length = 200)]
    pub when: Option<String>,
    /// The language in which they need an interpreter.
    #[schema(max_length = 100)]
    pub interpreter: Option<String>,
    /// By which right they speak for somebody else.
    pub speaks_as: Option<SpeaksAs>,
    /// For whom they speak.
    #[schema(max_length = 200)]
    pub speaks_for: Option<String>,
}

/// An opinion. Only `kind` and `text` are needed; what is wrong in the rest is kept out and named in
/// `warnings`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "klagomal",
    "text": "Mamma fick vänta två timmar på hjälp i natt.",
    "unit": "Smedsgården",
    "anonymous": true,
}))]
pub struct PublicOpinionRequest {
    /// What it is.
    pub kind: OpinionKind,
    /// What a synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// In the sender's words. A personal identity number is taken out.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// Which unit it is about, by id or code; leave out when not known.
    #[schema(max_length = 200)]
    pub unit: Option<String>,
    /// On which day it happened, when it is known.
    pub occurred_on: Option<Date>,
    /// Whether the sender wants to stay unknown; without it, who says nothing of themselves does.
    pub anonymous: Option<bool>,
    /// Who they are. Nothing of it is kept of a sender who wants to stay unknown.
    pub sender: Option<OpinionSender>,
    /// Whether it is about whoever manages the unit: somebody else gets it then.
    pub about_manager: Option<bool>,
    /// Answers to the questions of `GET /forms/klagomal` or `/forms/synpunkt`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub details: Option<Map<String, Value>>,
}

/// A text that says something.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl OpinionSender {
    fn given(self) -> SenderGiven {
        let facts = Sender {
            kind: filled(self.kind),
            speaks_as: self.speaks_as.map(Into::into),
            reach: self.reach.map(Into::into),
            interpreter: filled(self.interpreter),
            ..Sender::default()
        };
        let contact = Contact {
            name: filled(self.name),
            email: filled(self.email),
            phone: filled(self.phone),
            address: filled(self.address),
            when: filled(self.when),
            speaks_for: filled(self.speaks_for),
        };
        SenderGiven { facts, contact }
    }
}

/// The day, from its first moment to its last, in Sweden; only as far as it is over.
fn on_day(day: Date, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let Ok(zone) = TimeZone::get("Europe/Stockholm") else { return (None, None) };
    let begins = |day: Date| day.to_zoned(zone.clone()).map(|at| at.timestamp()).ok();
    let ends =
        day.tomorrow().ok().and_then(begins).map(|end| end - jiff::SignedDuration::from_secs(1));
    (begins(day), ends.filter(|end| *end <= now))
}

impl PublicOpinionRequest {
    /// The request as the domain takes it in, at `now`.
    pub fn into_intake(self, now: Timestamp) -> (Kind, Intake) {
        let sender = self.sender.unwrap_or_default().given();
        let silent = sender.contact.is_empty();
        let given = OpinionGiven {
            anonymous: self.anonymous.unwrap_or(silent),
            sender,
            concerns: Concerns {
                manager: self.about_manager.unwrap_or(false),
                ..Concerns::default()
            },
            ..OpinionGiven::default()
        };
        let day = self.occurred_on.map(|day| on_day(day, now));
        let (occurred_at, occurred_until) = day.unwrap_or_default();
        let filing = Filing {
            description: self.text,
            channel: Some("WEB".to_owned()),
            details: self.details.unwrap_or_default(),
            ..Filing::default()
        };
        let intake = Intake {
            subkind: self.subkind.map(Into::into),
            unit: filled(self.unit).unwrap_or_default(),
            occurred_at,
            occurred_until,
            filing,
            opinion: Some(given),
            ..Intake::default()
        };
        (self.kind.into(), intake)
    }
}

/// An opinion that was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OpinionLeft {
    /// Its number.
    pub number: String,
    /// When it came.
    pub received_at: Timestamp,
    /// The code to follow it by: sixteen digits. It is shown now, and cannot be shown again: only a keyed
    /// hash of it is kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(min_length = 16, max_length = 16, example = "4929123412341232")]
    pub receipt: String,
    /// What was wrong with it, and was kept out or taken out.
    #[schema(value_type = Vec<FaultView>)]
    pub warnings: Vec<Value>,
}

impl OpinionLeft {
    /// What is told of a case that was left, without its receipt.
    pub fn new(case: &domain::case::Case, language: Language) -> Self {
        let told = |fault: &Fault| {
            let mut view = FaultView::new(fault, language);
            view.field = public_field(&fault.field);
            if matches!(fault.reason, Reason::PersonalNumber { .. }) {
                view.message = pick(language, TAKEN_OUT.0, TAKEN_OUT.1, TAKEN_OUT.2).to_owned();
            }
            serde_json::to_value(view).unwrap_or_default()
        };
        Self {
            number: case.number.to_string(),
            received_at: case.reported_at,
            receipt: String::new(),
            warnings: case
                .filing
                .warnings
                .iter()
                .filter(|it| it.field != "/unit" || named(it))
                .map(told)
                .collect(),
        }
    }
}

/// A personal identity number was in the text: Swedish, easy Swedish, English.
const TAKEN_OUT: (&str, &str, &str) = (
    "Ett personnummer stod i texten. Vi har tagit bort det.",
    "Du skrev ett personnummer. Vi har tagit bort det.",
    "A personal identity number stood in the text. We have taken it out.",
);

/// Whether a unit was named at all: that nobody knows which one it is is no fault.
fn named(fault: &Fault) -> bool {
    !matches!(&fault.reason, Reason::UnknownUnit { given } if given.is_empty())
}

/// The field of the request that a fault of the filing is about.
fn public_field(field: &str) -> String {
    match field {
        "/description" => "/text".to_owned(),
        "/occurred_at" | "/occurred_until" => "/occurred_on".to_owned(),
        other => other.strip_prefix("/opinion").unwrap_or(other).to_owned(),
    }
}

/// A receipt code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptRequest {
    /// The sixteen digits; spaces and hyphens between them do not matter.
    #[schema(max_length = 40)]
    pub code: String,
}

/// What the sender says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderMessageRequest {
    /// The receipt code.
    #[schema(max_length = 40)]
    pub code: String,
    /// In the sender's words. A personal identity number is taken out.
    #[schema(min_length = 1, max_length = 10000)]
    pub text: String,
    /// That the sender is not content with the answer, or the end: it is taken up again where that is
    /// still possible.
    pub asks_again: Option<bool>,
}

/// A request for a new code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LostReceiptRequest {
    /// The e-mail address that was given with the opinion.
    #[schema(max_length = 254)]
    pub email: String,
}

/// That a request was taken; the same whether there was anybody to send anything to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LostReceiptTaken {
    /// What happens now, in words.
    pub message: String,
}

/// The link of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalRequest {
    /// The last part of the link.
    #[schema(max_length = 100)]
    pub token: String,
}

/// A new code. The one before opens nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RenewedReceipt {
    /// Sixteen digits, shown now and never again.
    pub receipt: String,
}

/// A file that the sender added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SenderFile {
    /// Its name as it is kept.
    pub name: String,
    /// Its size as it is kept, in bytes.
    pub size: u64,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SaidToSenderView {
    /// Whether the sender said it, rather than whoever handles it.
    pub from_sender: bool,
    /// `question`, `reply`, `addition` or `notice`.
    pub kind: String,
    /// In words.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// Where to turn next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextStepView {
    /// `PN` the patientnämnd, `IVO` the inspectorate.
    pub code: String,
    /// In words.
    pub text: String,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SenderAnswer {
    /// What happened, and why.
    pub explanation: String,
    /// What is done; `null`: there is nothing to be done.
    pub measures: Option<String>,
    /// Where the sender may turn next.
    pub next_steps: Vec<NextStepView>,
    /// More on that.
    pub next_text: Option<String>,
    /// `letter`, `secure_message`, `receipt_page` or `oral`.
    pub given_by: String,
    /// On which day.
    pub given_on: Date,
}

/// What the sender sees of an opinion.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FollowedOpinionView {
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: OpinionKind,
    /// What a synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// `received`, `acknowledged`, `being_handled`, `answered`, `ended` or `handed_over`.
    pub status: String,
    /// The same in words.
    pub status_text: String,
    /// When it came.
    pub received_at: Timestamp,
    /// Until when it is to be answered: a target of the tenant's own.
    pub answer_due_on: Option<Date>,
    /// The sender's own words.
    pub text: String,
    /// The names of the files the sender added.
    pub files: Vec<String>,
    /// The answer.
    pub answer: Option<SenderAnswer>,
    /// Why it ended without one, in words.
    pub ending: Option<String>,
    /// What was said, oldest first.
    pub messages: Vec<SaidToSenderView>,
    /// Whether a question waits for the sender's reply.
    pub question_waits: bool,
    /// Whether the sender may add something.
    pub may_write: bool,
    /// Whether the sender may ask again, so that it is taken up again.
    pub may_ask_again: bool,
    /// What the sender said of the answer.
    pub survey: SurveyView,
    /// Whether the sender may still say what they think of the answer.
    pub may_answer_survey: bool,
}

fn pick<'a>(language: Language, sv: &'a str, easy: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Sv => sv,
        Language::SvEasy => easy,
        Language::En => en,
    }
}

/// Where it stands, as a sentence.
fn status_text(view: &SenderView, language: Language) -> String {
    let say = |sv, easy, en| pick(language, sv, easy, en).to_owned();
    let mut text = match view.status {
        PlainStatus::Received => {
            say("Den har kommit fram.", "Vi har fått det du skrev.", "It has arrived.")
        }
        PlainStatus::Acknowledged => say(
            "Den har kommit fram, och någon ska se på den.",
            "Vi har fått det du skrev. Någon ska läsa det.",
            "It has arrived, and somebody is going to look at it.",
        ),
        PlainStatus::BeingHandled => say(
            "Någon arbetar med den.",
            "Någon arbetar med det du skrev.",
            "Somebody is working on it.",
        ),
        PlainStatus::Answered => say("Den är besvarad.", "Du har fått svar.", "It is answered."),
        PlainStatus::Ended => say("Den är avslutad.", "Det är avslutat.", "It is closed."),
        PlainStatus::HandedOver => say(
            "Den är överlämnad till någon annan, som svarar dig.",
            "Någon annan svarar dig.",
            "It is handed over to somebody else, who will answer you.",
        ),
    };
    if let Some(to) = &view.handed_over_to {
        text.push(' ');
        text.push_str(pick(language, "Till:", "Till:", "To:"));
        text.push(' ');
        text.push_str(to);
        text.push('.');
    }
    text
}

/// Why it ended, as a sentence.
fn ending_text(kind: d::EndingKind, language: Language) -> &'static str {
    use d::EndingKind as E;
    let (sv, easy, en) = match kind {
        E::Withdrawn => ("Du har tagit tillbaka den.", "Du tog tillbaka det.", "You took it back."),
        E::Duplicate => (
            "Någon har sagt samma sak förut, och vi går vidare med det.",
            "Någon annan har sagt samma sak. Vi arbetar med det.",
            "Somebody said the same before, and we go on with that.",
        ),
        E::NotWithinTenant => (
            "Det gäller något som vi inte ansvarar för.",
            "Det är inte vi som ansvarar för det.",
            "It is about something that we are not responsible for.",
        ),
        E::NoAnswerWanted => {
            ("Du ville inte ha något svar.", "Du ville inte ha svar.", "You wanted no answer.")
        }
        E::Unreachable => (
            "Vi har försökt nå dig och inte lyckats.",
            "Vi försökte prata med dig, men det gick inte.",
            "We tried to reach you and did not succeed.",
        ),
        E::NotSerious => (
            "Vi har bedömt att den inte var allvarligt menad.",
            "Vi tror inte att det var menat på allvar.",
            "We judged that it was not meant seriously.",
        ),
        E::NoAnswerDue => (
            "Tack! Vi har läst den.",
            "Tack! Vi har läst det du skrev.",
            "Thank you! We have read it.",
        ),
    };
    pick(language, sv, easy, en)
}

/// Where to turn next, in a language.
fn next_view(code: &str, language: Language) -> NextStepView {
    let text = next_step::step(code).map(|step| match language {
        Language::Sv => step.sv.clone(),
        Language::En => step.en.clone(),
        Language::SvEasy => step.easy.clone(),
    });
    NextStepView { code: code.to_owned(), text: text.unwrap_or_else(|| code.to_owned()) }
}

/// The day of an instant, in Sweden.
fn day(at: Timestamp) -> Date {
    domain::calendar::swedish_date(at)
}

impl SenderAnswer {
    fn new(answer: &d::Answer, language: Language) -> Self {
        let given_on = match &answer.given {
            Given::Letter(on) | Given::SecureMessage(on) => *on,
            Given::ReceiptPage => day(answer.at),
            Given::Oral(oral) => day(oral.at),
        };
        Self {
            explanation: answer.explanation.clone(),
            measures: answer.measures.clone(),
            next_steps: answer.next_steps.iter().map(|code| next_view(code, language)).collect(),
            next_text: answer.next_text.clone(),
            given_by: answer.given.channel().code().to_owned(),
            given_on,
        }
    }
}

impl FollowedOpinionView {
    /// What the sender sees, with the files they added, in a language.
    pub fn new(view: &SenderView, files: Vec<String>, language: Language) -> Self {
        let asked = view.messages.iter().rfind(|it| it.kind != MessageKind::Notice);
        let question_waits =
            asked.is_some_and(|it| !it.from_sender && it.kind == MessageKind::Question);
        Self {
            number: view.number.clone(),
            kind: match view.kind {
                Kind::Klagomal => OpinionKind::Klagomal,
                Kind::Synpunkt | Kind::Avvikelse => OpinionKind::Synpunkt,
            },
            subkind: view.subkind.map(Into::into),
            status: view.status.code().to_owned(),
            status_text: status_text(view, language),
            received_at: view.received_at,
            answer_due_on: view.answer_due_on,
            text: view.text.clone(),
            files,
            answer: view.answer.as_ref().map(|answer| SenderAnswer::new(answer, language)),
            ending: view.ending.map(|kind| ending_text(kind, language).to_owned()),
            messages: view
                .messages
                .iter()
                .map(|it| SaidToSenderView {
                    from_sender: it.from_sender,
                    kind: it.kind.code().to_owned(),
                    text: it.text.clone(),
                    at: it.at,
                })
                .collect(),
            question_waits,
            may_write: view.may_write,
            may_ask_again: view.may_ask_again,
            survey: SurveyView::from(None),
            may_answer_survey: false,
        }
    }
}
