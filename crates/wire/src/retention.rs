//! The information plan, legal holds, and runs of what goes.

use std::collections::BTreeMap;

use domain::retention as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::wire_enum;
use crate::filing::SubjectRequest;

wire_enum!(
    /// What the plan has lines for: cases by law and kind, cases with a lex Maria, lex Sarah or riskperson (`lex`),
    /// drafts, what came from other caregivers and became no case, notices, receipts, and files of cases that are
    /// themselves kept longer.
    RetentionKind = d::Kind {
        AvvikelseHsl = "avvikelse_hsl", AvvikelseSol = "avvikelse_sol", AvvikelseLss = "avvikelse_lss",
        Synpunkt = "synpunkt", Klagomal = "klagomal", Lex = "lex", Draft = "draft",
        ForwardingReceived = "forwarding_received", Notice = "notice", Receipt = "receipt",
        Attachment = "attachment",
    }
);
wire_enum!(
    /// Why something whose time is over stays.
    HeldBack = d::Held {
        LegalHold = "legal_hold", NotEnded = "not_ended", OpenEscalation = "open_escalation",
        OpenForwarding = "open_forwarding", LinkedOpen = "linked_open", OpenMeasure = "open_measure",
        SpotCheck = "spot_check", JointInvestigation = "joint_investigation",
    }
);
wire_enum!(
    /// What came of a line.
    RetentionOutcome = d::Outcome { Erased = "erased", Changed = "changed", Held = "held" }
);

/// A line of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// Of what.
    pub kind: RetentionKind,
    /// So many years from the end, counted in Swedish days; `null` is preserved (bevaras).
    #[schema(minimum = 1, maximum = 200)]
    pub years: Option<u16>,
    /// The paragraph of the plan and the decision that adopted it.
    #[schema(min_length = 1, max_length = 200)]
    pub basis: String,
    /// The first day on which the line is applied.
    pub valid_from: Date,
}

/// The plan, all of its lines.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "rules": [{
        "kind": "avvikelse_hsl", "years": 10, "basis": "Dokumenthanteringsplan 4.2, SN 2025/401 § 12",
        "valid_from": "2026-01-01",
    }],
}))]
pub struct RetentionPlanRequest {
    /// Its lines. A kind without one is preserved.
    #[schema(max_items = 200)]
    pub rules: Vec<RetentionRule>,
}

/// The plan as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetentionPlanView {
    /// Its lines. A kind without one is preserved.
    pub rules: Vec<RetentionRule>,
    /// The staff id of who set it.
    pub set_by: Option<Uuid>,
    /// When.
    pub set_at: Option<Timestamp>,
    /// Grows with every change; the ETag is this in quotes. 0 where nobody has set one.
    pub version: i64,
}

impl From<RetentionRule> for d::Rule {
    fn from(rule: RetentionRule) -> Self {
        Self {
            kind: rule.kind.into(),
            keep: rule.years.map_or(d::Keep::Preserved, d::Keep::Years),
            basis: rule.basis.trim().to_owned(),
            valid_from: rule.valid_from,
        }
    }
}

impl From<&d::Rule> for RetentionRule {
    fn from(rule: &d::Rule) -> Self {
        Self {
            kind: rule.kind.into(),
            years: match rule.keep {
                d::Keep::Preserved => None,
                d::Keep::Years(years) => Some(years),
            },
            basis: rule.basis.clone(),
            valid_from: rule.valid_from,
        }
    }
}

/// A hold to be placed: on a case, or on everything about a person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// The case, by id or number.
    #[schema(max_length = 40)]
    pub case: Option<String>,
    /// The person. A keyed hash of who it is is kept, and nothing else.
    pub subject: Option<SubjectRequest>,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The last day; until it is lifted unless given.
    pub until: Option<Date>,
}

/// A legal hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HoldView {
    /// Its id.
    pub id: Uuid,
    /// The case it is on.
    pub case: Option<Uuid>,
    /// It is on everything about a person, who is not named here.
    pub of_person: bool,
    /// Why.
    pub reason: String,
    /// The staff id of who placed it.
    pub placed_by: Uuid,
    /// When.
    pub placed_at: Timestamp,
    /// The last day.
    pub until: Option<Date>,
    /// Whether it holds today.
    pub holds: bool,
    /// The staff id of who lifted it.
    pub lifted_by: Option<Uuid>,
    /// When.
    pub lifted_at: Option<Timestamp>,
    /// Why.
    pub lifted_reason: Option<String>,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
}

impl HoldView {
    /// A hold, as it stands on a day.
    pub fn on(hold: &d::LegalHold, day: Date) -> Self {
        let lifted = hold.lifted.as_ref();
        Self {
            id: hold.id.0,
            case: hold.case.map(|case| case.0),
            of_person: hold.blind_index.is_some(),
            reason: hold.reason.clone(),
            placed_by: hold.placed_by.0,
            placed_at: hold.placed_at,
            until: hold.until,
            holds: hold.holds_on(day),
            lifted_by: lifted.map(|it| it.by.0),
            lifted_at: lifted.map(|it| it.at),
            lifted_reason: lifted.map(|it| it.reason.clone()),
            version: hold.version,
        }
    }
}

/// The decision by which what is listed goes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionOrderRequest {
    /// The number of the gallringsbeslut.
    #[schema(min_length = 1, max_length = 200)]
    pub decision: String,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionStatus {
    /// The list is made; nothing has gone.
    Listed,
    /// It is being carried out.
    Ordered,
    /// It is carried out.
    Done,
}

/// A run: the list that was made, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetentionRunView {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub status: RetentionStatus,
    /// The version of the plan it was made by.
    pub plan_version: i64,
    /// The day it looks from.
    pub as_of: Date,
    /// The staff id of who made the list.
    pub made_by: Uuid,
    /// When.
    pub made_at: Timestamp,
    /// How many lines would go.
    pub listed: u64,
    /// How many are held back.
    pub held: u64,
    /// SHA-256 over the list, in hexadecimal digits; the ETag is this in quotes.
    pub hash: String,
    /// The number of the gallringsbeslut.
    pub decision: Option<String>,
    /// The staff id of who ordered it.
    pub ordered_by: Option<Uuid>,
    /// When.
    pub ordered_at: Option<Timestamp>,
    /// When the last line was carried out.
    pub done_at: Option<Timestamp>,
    /// How many lines are erased.
    pub erased: u64,
    /// How many had changed since the list was made, and stay.
    pub changed: u64,
    /// How many something holds back that did not when the list was made, and stay.
    pub held_since: u64,
}

impl RetentionRunView {
    /// A run, with how many lines came to what.
    pub fn of(run: &d::Run, outcomes: &[(d::Outcome, u64)]) -> Self {
        let count = |of: d::Outcome| {
            outcomes.iter().filter(|(outcome, _)| *outcome == of).map(|(_, count)| count).sum()
        };
        let (status, ordered_by, ordered_at, done_at) = match &run.state {
            d::RunState::Listed => (RetentionStatus::Listed, None, None, None),
            d::RunState::Ordered { by, at, .. } => {
                (RetentionStatus::Ordered, Some(by.0), Some(*at), None)
            }
            d::RunState::Done { by, ordered_at, at, .. } => {
                (RetentionStatus::Done, Some(by.0), Some(*ordered_at), Some(*at))
            }
        };
        Self {
            id: run.id.0,
            status,
            plan_version: run.plan,
            as_of: run.as_of,
            made_by: run.made_by.0,
            made_at: run.made_at,
            listed: run.listed,
            held: run.held,
            hash: domain::record::hex(&run.hash),
            decision: run.state.decision().map(str::to_owned),
            ordered_by,
            ordered_at,
            done_at,
            erased: count(d::Outcome::Erased),
            changed: count(d::Outcome::Changed),
            held_since: count(d::Outcome::Held),
        }
    }
}

/// A line of a run's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetentionItemView {
    /// Its place on the list.
    pub position: i64,
    /// What it is.
    pub kind: RetentionKind,
    /// Which: of receipts and files their case.
    pub object: Uuid,
    /// The case it belongs to.
    pub case: Option<Uuid>,
    /// Its number.
    pub number: Option<String>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The first day on which it may go.
    pub due_on: Date,
    /// The line of the plan.
    pub basis: String,
    /// What would go with it: how many of what.
    pub parts: BTreeMap<String, u64>,
    /// Why it stays; absent of what would go.
    pub held: Option<HeldBack>,
    /// What came of it, once the run is carried out.
    pub outcome: Option<RetentionOutcome>,
    /// When.
    pub settled_at: Option<Timestamp>,
}

impl RetentionItemView {
    /// The line at a place.
    pub fn at(position: i64, item: &d::Item) -> Self {
        Self {
            position,
            kind: item.kind.into(),
            object: item.object,
            case: item.case.map(|case| case.0),
            number: item.number.clone(),
            ended_at: item.since,
            due_on: item.due_on,
            basis: item.basis.clone(),
            parts: item.parts.clone(),
            held: item.held.map(Into::into),
            outcome: item.outcome.map(Into::into),
            settled_at: item.settled_at,
        }
    }
}
