//! The commands by which an opinion is handled.

use std::collections::BTreeSet;

use domain::ids::{CounterpartyId, StaffId};
use domain::opinion as d;
use domain::opinion::ending::Authority;
use domain::opinion::gate::GatesGiven;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{LexAnswer, wire_enum};
use crate::filing::SeverityView;

wire_enum!(
    /// To which authority an opinion is passed on.
    PassedOnTo = Authority { Patientnamnd = "patientnamnd", Ivo = "ivo" }
);

/// Put an opinion into the register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"diary_number": "VON 2026/123"}))]
pub struct RegisterOpinionRequest {
    /// Its number in the municipality's own diary; no two have the same.
    #[schema(max_length = 100)]
    pub diary_number: Option<String>,
    /// What the patientnämnd would call it: a code of the list `patientnamnd`.
    #[schema(max_length = 40)]
    pub complaint_pn: Option<String>,
    /// The staff ids of whom it is about: to them the case does not exist.
    #[schema(max_items = 50)]
    pub concerns_staff: Vec<Uuid>,
    /// Whether it is about whoever manages the unit.
    pub concerns_manager: bool,
}

impl From<RegisterOpinionRequest> for d::Registering {
    fn from(given: RegisterOpinionRequest) -> Self {
        Self {
            diary_number: given.diary_number,
            complaint_pn: given.complaint_pn,
            concerns: d::Concerns {
                staff: given.concerns_staff.into_iter().map(StaffId).collect(),
                manager: given.concerns_manager,
            },
            managers: BTreeSet::new(),
        }
    }
}

/// Tell the sender that it has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"way": "BRV"}))]
pub struct AcknowledgeOpinionRequest {
    /// How: a code of the list `channel`; on the receipt page, unless given.
    #[schema(max_length = 40)]
    pub way: Option<String>,
}

/// Give an opinion to whoever is to handle it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AssignOpinionRequest {
    /// Their staff id; the caller's, unless given.
    pub staff: Option<Uuid>,
    /// Why.
    #[schema(max_length = 4000)]
    pub reason: Option<String>,
}

/// Answer the two gates and find out what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"avvikelse": false, "lex_sarah": "no"}))]
pub struct InvestigateOpinionRequest {
    /// Whether it is an avvikelse: then one is made of it (`spin_off`) before it is answered.
    pub avvikelse: Option<bool>,
    /// Whether it may be lex Sarah: anything but no raises a flag.
    pub lex_sarah: Option<LexAnswer>,
    /// Why it may be.
    #[schema(max_length = 4000)]
    pub lex_sarah_reason: Option<String>,
}

impl InvestigateOpinionRequest {
    /// The gates.
    pub fn gates(&self) -> GatesGiven {
        let lex_sarah = self.lex_sarah.map(Into::into);
        GatesGiven { avvikelse: self.avvikelse, lex_sarah }
    }
}

/// Ask the sender something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskSenderRequest {
    /// What.
    #[schema(max_length = 10000)]
    pub text: String,
}

/// That somebody tried in vain to reach the sender.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"on": "2026-03-12", "way": "TEL"}))]
pub struct ContactAttemptRequest {
    /// On which day.
    pub on: Date,
    /// How: a code of the list `channel`.
    #[schema(max_length = 40)]
    pub way: String,
    /// What came of it.
    #[schema(max_length = 4000)]
    pub note: Option<String>,
}

impl ContactAttemptRequest {
    /// The attempt, as written down now by `by`.
    pub fn into_attempt(self, by: StaffId, now: Timestamp) -> d::Attempt {
        d::Attempt { on: self.on, way: self.way, note: self.note, by, at: now }
    }
}

/// Hand an opinion over to whom it concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HandOverOpinionRequest {
    /// To whom, in words.
    #[schema(max_length = 500)]
    pub to: Option<String>,
    /// The id of the counterparty.
    pub counterparty: Option<Uuid>,
    /// Why there.
    #[schema(max_length = 4000)]
    pub reason: Option<String>,
    /// The day the sender was told; asked for wherever they can be.
    pub sender_told_on: Option<Date>,
}

impl From<HandOverOpinionRequest> for d::HandOverGiven {
    fn from(given: HandOverOpinionRequest) -> Self {
        let HandOverOpinionRequest { to, counterparty, reason, sender_told_on } = given;
        Self { to, counterparty: counterparty.map(CounterpartyId), reason, sender_told_on }
    }
}

/// Pass an opinion on to an authority; it is handled here all the same.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassOnOpinionRequest {
    /// To which.
    pub to: PassedOnTo,
    /// The number it has there.
    #[schema(max_length = 100)]
    pub number: Option<String>,
    /// Why.
    #[schema(max_length = 4000)]
    pub reason: Option<String>,
}

impl PassOnOpinionRequest {
    /// That it is passed on, now by `by`.
    pub fn into_passed(self, by: StaffId, now: Timestamp) -> d::PassedOn {
        d::PassedOn { to: self.to.into(), number: self.number, reason: self.reason, at: now, by }
    }
}

/// Make an avvikelse of an opinion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpinOffRequest {
    /// What happened, without who said so.
    #[schema(max_length = 20000)]
    pub description: String,
    /// A code of the list `category`.
    #[schema(max_length = 100)]
    pub category: Option<String>,
    /// The laws; those of the opinion, unless given.
    #[schema(max_items = 20)]
    pub law: Option<Vec<String>>,
    /// Where it happened, by id or code; where the opinion is, unless given.
    #[schema(max_length = 100)]
    pub unit: Option<String>,
    /// What was done at once.
    #[schema(max_length = 10000)]
    pub immediate_action: Option<String>,
    /// How grave.
    pub severity: SeverityView,
}
