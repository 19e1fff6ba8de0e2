//! What whoever writes an opinion down gives beside its text.

use std::collections::BTreeSet;

use domain::ids::StaffId;
use domain::opinion as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::OpinionAnswerRequest;
use crate::code::wire_enum;

wire_enum!(
    /// By which right somebody speaks for the person it is about.
    SpeaksAs = d::Representation {
        GodMan = "god_man", Forvaltare = "forvaltare", Fullmakt = "fullmakt",
        Vardnadshavare = "vardnadshavare", Narstaende = "narstaende",
    }
);
wire_enum!(
    /// How somebody wants to be reached.
    SenderReach = d::Reach {
        Letter = "letter", Phone = "phone", Email = "email", SecureMessage = "secure_message",
        Meeting = "meeting",
    }
);

/// What showed that somebody may speak for another, and who saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderEvidenceView {
    /// What it was, such as a court's decision.
    #[schema(max_length = 1000)]
    pub what: String,
    /// The staff id of who saw it.
    pub seen_by: Uuid,
    /// On which day.
    pub seen_on: Date,
}

/// Who left it. What tells who they are is sealed apart from the text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OpinionSenderRequest {
    /// What they are to the care: a code of the list `source`, `PN` and `IVO` among them.
    #[schema(max_length = 40)]
    pub kind: Option<String>,
    /// Their name.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Their e-mail address.
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// Their telephone number.
    #[schema(max_length = 50)]
    pub phone: Option<String>,
    /// Their postal address.
    #[schema(max_length = 500)]
    pub address: Option<String>,
    /// How they want to be reached.
    pub reach: Option<SenderReach>,
    /// When they are best reached, in words.
    #[schema(max_length = 500)]
    pub when: Option<String>,
    /// The language in which they need an interpreter.
    #[schema(max_length = 100)]
    pub interpreter: Option<String>,
    /// By which right they speak for the person it is about.
    pub speaks_as: Option<SpeaksAs>,
    /// For whom, by name.
    #[schema(max_length = 200)]
    pub speaks_for: Option<String>,
    /// What showed that they may.
    pub evidence: Option<SenderEvidenceView>,
    /// The number the patientnämnd or IVO has given it.
    #[schema(max_length = 100)]
    pub case_number: Option<String>,
}

impl From<OpinionSenderRequest> for d::SenderGiven {
    fn from(given: OpinionSenderRequest) -> Self {
        let OpinionSenderRequest {
            kind,
            name,
            email,
            phone,
            address,
            reach,
            when,
            interpreter,
            ..
        } = given;
        Self {
            facts: d::Sender {
                kind,
                speaks_as: given.speaks_as.map(Into::into),
                evidence: given.evidence.map(|it| d::Evidence {
                    what: it.what,
                    seen_by: StaffId(it.seen_by),
                    seen_on: it.seen_on,
                }),
                case_number: given.case_number,
                reach: reach.map(Into::into),
                interpreter,
                ..d::Sender::default()
            },
            contact: d::Contact { name, email, phone, address, when, speaks_for: given.speaks_for },
        }
    }
}

/// What was said by mouth, written down (FL 27 §).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakenDownRequest {
    /// When it was said.
    pub said_at: Timestamp,
    /// When it was written down; now where it is not said.
    pub at: Option<Timestamp>,
    /// The staff id of who wrote it down; the caller where it is not said.
    pub by: Option<Uuid>,
}

/// How an opinion was solved on the spot: answered and ended in the same request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SolvedRequest {
    /// The answer.
    pub answer: OpinionAnswerRequest,
    /// How it ends: a code of the list `outcome`.
    #[schema(max_length = 40)]
    pub outcome: String,
    /// In a sentence.
    #[schema(max_length = 4000)]
    pub summary: Option<String>,
    /// A code of the list `complaint`.
    #[schema(max_length = 100)]
    pub category: Option<String>,
}

/// What is given of a synpunkt or klagomål beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OpinionRequest {
    /// Whether its sender wants to stay unknown. Then nothing of them is kept.
    pub anonymous: bool,
    /// Who left it.
    pub sender: Option<OpinionSenderRequest>,
    /// What was said by mouth: when, and by whom and when it was written down.
    pub taken_down: Option<TakenDownRequest>,
    /// The staff ids of whom it is about: to them the case does not exist.
    #[schema(max_items = 50)]
    pub concerns_staff: Vec<Uuid>,
    /// Whether it is about whoever manages the unit: it goes to the deputy or the area manager.
    pub concerns_manager: bool,
    /// Its number in the municipality's own diary.
    #[schema(max_length = 100)]
    pub diary_number: Option<String>,
    /// What the patientnämnd would call it: a code of the list `patientnamnd`.
    #[schema(max_length = 40)]
    pub complaint_pn: Option<String>,
    /// It was answered and ended on the spot.
    pub solved: Option<SolvedRequest>,
}

impl OpinionRequest {
    /// What is given, as written down by `by` now.
    pub fn given(self, by: StaffId, now: Timestamp) -> d::OpinionGiven {
        d::OpinionGiven {
            anonymous: self.anonymous,
            sender: self.sender.unwrap_or_default().into(),
            taken_down: self.taken_down.map(|it| d::TakenDown {
                said_at: it.said_at,
                at: it.at.unwrap_or(now),
                by: it.by.map_or(by, StaffId),
            }),
            concerns: d::Concerns {
                staff: self.concerns_staff.into_iter().map(StaffId).collect(),
                manager: self.concerns_manager,
            },
            managers: BTreeSet::new(),
            diary_number: self.diary_number,
            complaint_pn: self.complaint_pn,
        }
    }
}
