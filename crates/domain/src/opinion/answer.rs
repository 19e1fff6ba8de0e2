//! The answer to an opinion, and what it needs: of a klagomål an explanation of what happened, where there
//! is cause the measures (PSL 3 kap. 8 b §), what secrecy allows, and where to turn next.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::gate::GatesGiven;
use super::{EntryWay, Opinion, next_step};
use crate::calendar::swedish_date;
use crate::case::event::Faults;
use crate::case::{Case, Kind};
use crate::fault::Reason;
use crate::ids::StaffId;

/// How an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By letter.
    Letter,
    /// By secure message.
    SecureMessage,
    /// On the receipt page.
    ReceiptPage,
    /// By mouth.
    Oral,
}

impl Channel {
    /// Every way.
    pub const ALL: [Channel; 4] =
        [Channel::Letter, Channel::SecureMessage, Channel::ReceiptPage, Channel::Oral];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Letter => "letter",
            Channel::SecureMessage => "secure_message",
            Channel::ReceiptPage => "receipt_page",
            Channel::Oral => "oral",
        }
    }
}

/// How an answer was given, with what only that way has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// By letter, sent on a day.
    Letter(Date),
    /// By secure message, sent on a day.
    SecureMessage(Date),
    /// On the receipt page, from now on.
    ReceiptPage,
    /// By mouth.
    Oral(OralGiven),
}

/// An answer by mouth: when, by whom, to whom, and what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OralGiven {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
    /// To whom.
    pub to: String,
    /// What was said.
    pub said: String,
}

impl Given {
    /// The way.
    pub fn channel(&self) -> Channel {
        match self {
            Given::Letter(_) => Channel::Letter,
            Given::SecureMessage(_) => Channel::SecureMessage,
            Given::ReceiptPage => Channel::ReceiptPage,
            Given::Oral(_) => Channel::Oral,
        }
    }
}

/// That somebody has judged what may be told to a sender who is not the person it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecrecyCheck {
    /// Who judged.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
    /// On which ground it may be told, or what was left out.
    pub ground: String,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What happened, and why.
    pub explanation: String,
    /// What is done; `None` says that there is nothing to be done.
    pub measures: Option<String>,
    /// The judgement of secrecy, where one is asked for.
    pub secrecy: Option<SecrecyCheck>,
    /// Where the sender may turn next: codes of [`next_step`].
    pub next_steps: Vec<String>,
    /// More on that, in words.
    pub next_text: Option<String>,
    /// How it was given.
    pub given: Given,
    /// When it was written.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
}

/// An answer as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswerGiven {
    /// What happened, and why.
    pub explanation: Option<String>,
    /// What is done.
    pub measures: Option<String>,
    /// That nothing is to be done.
    pub no_measures: bool,
    /// On which ground it may be told to somebody who is not the person it is about.
    pub secrecy_ground: Option<String>,
    /// Where to turn next; `None` is what the laws of the case name.
    pub next_steps: Option<Vec<String>>,
    /// More on that.
    pub next_text: Option<String>,
    /// How it is given.
    pub channel: Option<Channel>,
    /// The day a letter or message was sent; `None` is today.
    pub sent_on: Option<Date>,
    /// By mouth: when.
    pub told_at: Option<Timestamp>,
    /// By mouth: to whom.
    pub told_to: Option<String>,
    /// By mouth: what was said; `None` is the explanation.
    pub said: Option<String>,
    /// The gates, where they are answered in the same breath.
    #[serde(skip)]
    pub gates: GatesGiven,
}

/// A text that says something.
pub(super) fn filled(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

impl AnswerGiven {
    /// The answer to the opinion of a case; `None` with everything that is missing, all at once.
    pub(super) fn whole(
        &self,
        case: &Case,
        opinion: &Opinion,
        by: StaffId,
        now: Timestamp,
        faults: &mut Faults,
    ) -> Option<Answer> {
        let complaint = case.kind == Kind::Klagomal;
        let explanation = filled(&self.explanation);
        faults.require(explanation.is_some(), "/explanation", Reason::Required);
        let measures = filled(&self.measures);
        let both = measures.is_some() && self.no_measures;
        faults.require(!both, "/no_measures", Reason::inconsistent("measures_and_none"));
        let stated = measures.is_some() || self.no_measures || !complaint;
        faults.require(stated, "/measures", Reason::Required);
        let ground = filled(&self.secrecy_ground);
        let asked = complaint && !opinion.sender.is_the_person();
        faults.require(ground.is_some() || !asked, "/secrecy_ground", Reason::Required);
        let laws = case.laws();
        let next_steps = match &self.next_steps {
            Some(given) => given.clone(),
            None if complaint => next_step::defaults(&laws),
            None => Vec::new(),
        };
        for (at, code) in next_steps.iter().enumerate() {
            if next_step::step(code).is_none() {
                let (list, given) = ("next_step".to_owned(), code.clone());
                faults.push(format!("/next_steps/{at}"), Reason::UnknownCode { list, given });
            }
        }
        let next_text = filled(&self.next_text);
        let shown = !complaint || !next_steps.is_empty() || next_text.is_some();
        faults.require(shown, "/next_steps", Reason::Required);
        let arrived = swedish_date(case.reported_at);
        let given = self.given(opinion, (&explanation, arrived), by, now, faults);
        Some(Answer {
            explanation: explanation?,
            measures,
            secrecy: ground.map(|ground| SecrecyCheck { by, at: now, ground }),
            next_steps,
            next_text,
            given: given?,
            at: now,
            by,
        })
    }

    /// How it was given.
    fn given(
        &self,
        opinion: &Opinion,
        (explanation, arrived): (&Option<String>, Date),
        by: StaffId,
        now: Timestamp,
        faults: &mut Faults,
    ) -> Option<Given> {
        let Some(channel) = self.channel else {
            faults.push("/channel", Reason::Required);
            return None;
        };
        let today = swedish_date(now);
        let sent_on = self.sent_on.unwrap_or(today);
        let known = match channel {
            Channel::Letter | Channel::SecureMessage => !opinion.anonymous,
            Channel::ReceiptPage | Channel::Oral => true,
        };
        faults.require(known, "/channel", Reason::inconsistent("sender_is_unknown"));
        match channel {
            Channel::Letter | Channel::SecureMessage => {
                let later = sent_on > today;
                faults.require(!later, "/sent_on", Reason::inconsistent("day_in_future"));
                let other = "/reported_at".to_owned();
                faults.require(sent_on >= arrived, "/sent_on", Reason::Before { other });
                Some(match channel {
                    Channel::Letter => Given::Letter(sent_on),
                    Channel::SecureMessage | Channel::ReceiptPage | Channel::Oral => {
                        Given::SecureMessage(sent_on)
                    }
                })
            }
            Channel::ReceiptPage => {
                let there = opinion.entry == EntryWay::Public;
                faults.require(there, "/channel", Reason::inconsistent("no_receipt"));
                Some(Given::ReceiptPage)
            }
            Channel::Oral => {
                let to = filled(&self.told_to);
                faults.require(to.is_some(), "/told_to", Reason::Required);
                faults.require(self.told_at.is_some(), "/told_at", Reason::Required);
                let at = self.told_at?;
                faults.require(at <= now, "/told_at", Reason::InFuture { given: at });
                let other = "/reported_at".to_owned();
                faults.require(swedish_date(at) >= arrived, "/told_at", Reason::Before { other });
                let said = filled(&self.said).or(explanation.clone());
                Some(Given::Oral(OralGiven { at, by, to: to?, said: said? }))
            }
        }
    }
}
