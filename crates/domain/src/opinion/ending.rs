//! The ends of an opinion without an answer, each with its reason; and what leads to them: attempts to
//! reach the sender, handing over, passing on.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Opinion;
use super::answer::{Answer, filled};
use crate::calendar::swedish_date;
use crate::case::Kind;
use crate::case::event::Faults;
use crate::fault::Reason;
use crate::ids::{CounterpartyId, StaffId};

/// How an opinion ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// With its answer.
    Answered(Box<Answer>),
    /// Without one, for a reason.
    Otherwise(Ending),
    /// In another system, which does not say more.
    Imported,
}

/// Why an opinion ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndingKind {
    /// Its sender took it back.
    Withdrawn,
    /// Another says the same.
    Duplicate,
    /// It is not about anything that the tenant does.
    NotWithinTenant,
    /// Its sender wants none. What happened is written down all the same.
    NoAnswerWanted,
    /// Its sender cannot be reached.
    Unreachable,
    /// It is not seriously meant: the area manager decides.
    NotSerious,
    /// A synpunkt that asks for none.
    NoAnswerDue,
}

impl EndingKind {
    /// Every kind.
    pub const ALL: [EndingKind; 7] = [
        EndingKind::Withdrawn,
        EndingKind::Duplicate,
        EndingKind::NotWithinTenant,
        EndingKind::NoAnswerWanted,
        EndingKind::Unreachable,
        EndingKind::NotSerious,
        EndingKind::NoAnswerDue,
    ];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            EndingKind::Withdrawn => "withdrawn",
            EndingKind::Duplicate => "duplicate",
            EndingKind::NotWithinTenant => "not_within_tenant",
            EndingKind::NoAnswerWanted => "no_answer_wanted",
            EndingKind::Unreachable => "unreachable",
            EndingKind::NotSerious => "not_serious",
            EndingKind::NoAnswerDue => "no_answer_due",
        }
    }

    /// Whether a case that ends so may have this outcome.
    pub fn goes_with(self, outcome: &str) -> bool {
        match self {
            EndingKind::Withdrawn => outcome == "UTF.ATE",
            EndingKind::Duplicate => outcome == "UTF.DUB",
            EndingKind::NotWithinTenant => matches!(outcome, "UTF.ANN" | "UTF.ARB"),
            EndingKind::NoAnswerWanted
            | EndingKind::Unreachable
            | EndingKind::NotSerious
            | EndingKind::NoAnswerDue => !matches!(outcome, "UTF.ATE" | "UTF.DUB" | "UTF.VG"),
        }
    }
}

impl std::str::FromStr for EndingKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        EndingKind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// An end without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Why.
    pub kind: EndingKind,
    /// Why, in words.
    pub reason: String,
    /// What happened, where its sender wants no answer.
    pub explanation: Option<String>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
}

/// An end as somebody gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingGiven {
    /// Why.
    pub kind: EndingKind,
    /// Why, in words.
    pub reason: Option<String>,
    /// What happened.
    pub explanation: Option<String>,
}

impl EndingGiven {
    /// The end; `None` with everything that is missing. `least` is after how many attempts a sender
    /// counts as out of reach.
    pub(super) fn whole(
        &self,
        kind: Kind,
        opinion: &Opinion,
        least: u8,
        by: StaffId,
        now: Timestamp,
        faults: &mut Faults,
    ) -> Option<Ending> {
        let reason = filled(&self.reason);
        faults.require(reason.is_some(), "/ending/reason", Reason::Required);
        let explanation = filled(&self.explanation);
        match self.kind {
            EndingKind::NoAnswerWanted => {
                faults.require(explanation.is_some(), "/ending/explanation", Reason::Required);
            }
            EndingKind::Unreachable => {
                // Whoever left no way to reach them cannot be tried.
                // On days of their own: three calls in a minute are one.
                let days: BTreeSet<Date> = opinion.attempts.iter().map(|it| it.on).collect();
                let tried = days.len() >= usize::from(least);
                let code = Reason::inconsistent("too_few_attempts");
                faults.require(tried || !opinion.reachable(), "/ending/kind", code);
            }
            EndingKind::NoAnswerDue => {
                let due = kind == Kind::Klagomal;
                faults.require(!due, "/ending/kind", Reason::inconsistent("klagomal_is_answered"));
            }
            EndingKind::Withdrawn
            | EndingKind::Duplicate
            | EndingKind::NotWithinTenant
            | EndingKind::NotSerious => {}
        }
        Some(Ending { kind: self.kind, reason: reason?, explanation, at: now, by })
    }
}

/// That somebody tried in vain to reach the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// On which day.
    pub on: Date,
    /// How: a code of the list `channel`.
    pub way: String,
    /// What came of it.
    pub note: Option<String>,
    /// Who tried.
    pub by: StaffId,
    /// When it was written down.
    pub at: Timestamp,
}

/// That an opinion was handed over to whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// To whom, in words.
    pub to: String,
    /// To whom, where the register knows them.
    pub counterparty: Option<CounterpartyId>,
    /// Why there.
    pub reason: String,
    /// The day the sender was told; `None` where there is no way to tell them.
    pub sender_told_on: Option<Date>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
}

/// Handing over as somebody asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandOverGiven {
    /// To whom, in words.
    pub to: Option<String>,
    /// To whom, where the register knows them.
    pub counterparty: Option<CounterpartyId>,
    /// Why there.
    pub reason: Option<String>,
    /// The day the sender was told.
    pub sender_told_on: Option<Date>,
}

impl HandOverGiven {
    /// The handing over; `None` with everything that is missing. `known` is the name of the counterparty, `arrived`
    /// the day it came.
    pub(super) fn whole(
        &self,
        opinion: &Opinion,
        (known, arrived): (Option<&str>, Date),
        by: StaffId,
        now: Timestamp,
        faults: &mut Faults,
    ) -> Option<HandOver> {
        let to = filled(&self.to).or(known.map(str::to_owned));
        faults.require(to.is_some(), "/to", Reason::Required);
        let reason = filled(&self.reason);
        faults.require(reason.is_some(), "/reason", Reason::Required);
        let told = self.sender_told_on.is_some() || !opinion.reachable();
        faults.require(told, "/sender_told_on", Reason::Required);
        let later = self.sender_told_on.is_some_and(|day| day > swedish_date(now));
        faults.require(!later, "/sender_told_on", Reason::inconsistent("day_in_future"));
        let early = self.sender_told_on.is_some_and(|day| day < arrived);
        let other = "/reported_at".to_owned();
        faults.require(!early, "/sender_told_on", Reason::Before { other });
        Some(HandOver {
            to: to?,
            counterparty: self.counterparty,
            reason: reason?,
            sender_told_on: self.sender_told_on,
            at: now,
            by,
        })
    }
}

/// To whom an opinion is passed on that is handled here all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// The patientnämnd.
    Patientnamnd,
    /// IVO.
    Ivo,
}

impl Authority {
    /// Every authority.
    pub const ALL: [Authority; 2] = [Authority::Patientnamnd, Authority::Ivo];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Authority::Patientnamnd => "patientnamnd",
            Authority::Ivo => "ivo",
        }
    }
}

/// That it was passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOn {
    /// To whom.
    pub to: Authority,
    /// The number it has there.
    pub number: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
}
