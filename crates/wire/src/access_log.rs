//! The access log: who read what, the extract of a person, checks, and grounds to read across.

use std::collections::HashMap;

use domain::access_log::{self as log, Line};
use domain::ids::{GroundId, StaffId};
use domain::organisation::UnitTree;
use domain::reading_ground::{GroundOf, ReadingGround};
use domain::spot_check as s;
use domain::statistics::NamedUnit;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{GroundKind, Kind, Law, Role, Status, wire_enum};
use crate::filing::SubjectRequest;
use crate::statistics::UnitKey;

wire_enum!(
    /// Why the log is searched. Finding out who has spoken to the press is no purpose, and never lawful
    /// (TF 3 kap. 5 §).
    LogPurpose = log::Purpose {
        SpotCheck = "spot_check", Complaint = "complaint", Incident = "incident",
        Supervision = "supervision", OwnExtract = "own_extract",
    }
);
wire_enum!(
    /// A rule by which readings are drawn.
    CheckRule = s::Rule {
        OwnCase = "own_case", OutsideGrants = "outside_grants", Protected = "protected",
        AfterLeaving = "after_leaving", UnusualNumber = "unusual_number", AtNight = "at_night",
        SameSurname = "same_surname", OnGround = "on_ground", Refused = "refused",
    }
);
wire_enum!(
    /// How a reader stood to a case when it was read.
    ReaderRelation = s::Relation {
        Unit = "unit", Concerned = "concerned", Asked = "asked", Leads = "leads", Own = "own",
        Ground = "ground", Lex = "lex", Outside = "outside",
    }
);
wire_enum!(
    /// What whoever looked at a reading says: `ask` first asks the reader, or their manager.
    CheckVerdict = s::Verdict { Proper = "proper", Improper = "improper", Ask = "ask" }
);

/// A unit by its name.
pub(crate) fn unit_key(id: domain::ids::UnitId, units: &UnitTree) -> UnitKey {
    let name = units.get(id).map(|unit| unit.name.clone()).unwrap_or_default();
    NamedUnit { id, name }.into()
}

/// Somebody of the staff.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StaffKey {
    /// Their staff id.
    pub id: Uuid,
    /// Their name, where it is known.
    pub name: Option<String>,
}

/// A search of the log that names a person, who has no place in an address.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "purpose": "complaint", "reason": "Anmälan från den enskilde, dnr VON 2026/88",
    "subject": {"personal_id": "640823-3234"}, "from": "2026-01-01",
}))]
pub struct LogSearchRequest {
    /// Why.
    pub purpose: LogPurpose,
    /// Why, in words.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// Whoever read.
    pub staff: Option<Uuid>,
    /// What was read.
    pub case: Option<Uuid>,
    /// Whom it is about.
    pub subject: Option<SubjectRequest>,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Only what was refused, or only what was shown.
    pub refused: Option<bool>,
    /// Lines of a page; 50 unless given.
    #[schema(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[schema(max_length = 200)]
    pub cursor: Option<String>,
}

/// A case in the log: no text, no person.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LogCaseView {
    /// Its id.
    pub id: Uuid,
    /// Its number, while it is kept.
    pub number: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// Where it stands today.
    pub status: Status,
    /// Where it is.
    pub unit: UnitKey,
    /// The laws.
    pub laws: Vec<Law>,
}

impl LogCaseView {
    fn of(case: &s::CaseRead, units: &UnitTree) -> Self {
        Self {
            id: case.case.0,
            number: case.number.clone(),
            kind: case.kind.into(),
            status: case.status.into(),
            unit: unit_key(case.unit, units),
            laws: case.laws.iter().copied().map(Into::into).collect(),
        }
    }
}

/// Why the log was searched.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StatedView {
    /// From the list.
    pub purpose: LogPurpose,
    /// In words.
    pub reason: String,
}

/// The ground of a reading across.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GroundKey {
    /// Its id.
    pub id: Uuid,
    /// Which.
    pub kind: GroundKind,
}

/// A line of the log: who, as what, where, did what, with whose data, when, from where.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LogEntryView {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub staff: StaffKey,
    /// In which role; `null` is as reporter, as somebody who was asked, or refused.
    pub role: Option<Role>,
    /// At which unit, where all that was read is at one.
    pub unit: Option<UnitKey>,
    /// By which operation.
    pub act: String,
    /// The same in Swedish.
    pub act_text: String,
    /// Nothing was shown: it was tried, and refused.
    pub refused: bool,
    /// The network it came from, such as `192.0.2.0/24`; never a whole address.
    pub from: Option<String>,
    /// The ground on which it was read.
    pub ground: Option<GroundKey>,
    /// Why the log was searched, where that is what was done.
    pub search: Option<StatedView>,
    /// What was read, as far as one may see the log of it.
    pub cases: Vec<LogCaseView>,
    /// The request.
    pub request_id: Uuid,
}

/// What a line of the log is made of.
#[derive(Clone, Copy, Debug)]
pub struct LogEntryParts<'a> {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub staff: (StaffId, Option<&'a str>),
    /// In which role.
    pub role: Option<&'a str>,
    /// At which unit.
    pub unit: Option<domain::ids::UnitId>,
    /// By which operation.
    pub act: &'a str,
    /// Whether it was refused.
    pub refused: bool,
    /// From where.
    pub from: Option<&'a str>,
    /// On which ground.
    pub ground: Option<(GroundId, domain::case::joint::GroundKind)>,
    /// Why the log was searched.
    pub stated: Option<&'a log::Stated>,
    /// What was read.
    pub cases: &'a [s::CaseRead],
    /// The request.
    pub request: Uuid,
}

impl LogEntryView {
    /// A line as it is shown.
    pub fn of(parts: LogEntryParts<'_>, units: &UnitTree) -> Self {
        let role = parts.role.and_then(|role| role.parse::<domain::organisation::Role>().ok());
        Self {
            id: parts.id,
            at: parts.at,
            staff: StaffKey { id: parts.staff.0.0, name: parts.staff.1.map(str::to_owned) },
            role: role.map(Into::into),
            unit: parts.unit.map(|unit| unit_key(unit, units)),
            act: parts.act.to_owned(),
            act_text: log::act_in_words(parts.act),
            refused: parts.refused,
            from: parts.from.map(str::to_owned),
            ground: parts.ground.map(|(id, kind)| GroundKey { id: id.0, kind: kind.into() }),
            search: parts.stated.map(|stated| StatedView {
                purpose: stated.purpose.into(),
                reason: stated.reason.clone(),
            }),
            cases: parts.cases.iter().map(|case| LogCaseView::of(case, units)).collect(),
            request_id: parts.request,
        }
    }
}

/// Of whom an extract is made, and for what.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "subject": {"personal_id": "640823-3234"}, "from": "2026-01-01",
    "reason": "Begäran om loggutdrag, dnr VON 2026/91",
}))]
pub struct LogExtractRequest {
    /// The person.
    pub subject: SubjectRequest,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// For what: the number of the request, say.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A line of an extract.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExtractLineView {
    /// When.
    pub at: Timestamp,
    /// At which units whoever read works, by name; empty is the whole tenant.
    pub units: Vec<String>,
    /// In which role.
    pub role: Option<Role>,
    /// Who, where the tenant tells names.
    pub name: Option<String>,
    /// What was done, in Swedish.
    pub act: String,
    /// The numbers of the cases.
    pub numbers: Vec<String>,
    /// All of it as a sentence in Swedish.
    pub text: String,
}

impl From<&Line> for ExtractLineView {
    fn from(line: &Line) -> Self {
        Self {
            at: line.at,
            units: line.units.clone(),
            role: line.role.map(Into::into),
            name: line.name.clone(),
            act: log::act_in_words(&line.act),
            numbers: line.numbers.clone(),
            text: log::sentence(line),
        }
    }
}

/// What a person is told of who has read what is about them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LogExtractView {
    /// The tenant's name.
    pub tenant: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// The laws it is limited to; empty is all.
    pub laws: Vec<Law>,
    /// What was read, the earliest first.
    pub lines: Vec<ExtractLineView>,
}

/// What is to be drawn from the log.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "2026-01-01", "to": "2026-03-31", "sample": 20, "reason": "Kvartalets stickprov",
}))]
pub struct SpotCheckRequest {
    /// The first day.
    pub from: Date,
    /// The last day; at most half a year after the first.
    pub to: Date,
    /// How many readings at random; 20 unless given.
    #[schema(maximum = 200)]
    pub sample: Option<u16>,
    /// By which rules beside; all unless given. Up to ten readings by each.
    #[schema(max_items = 9)]
    pub rules: Option<Vec<CheckRule>>,
    /// Why it is made.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The seed of a check whose draw is repeated; drawn unless given.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub seed: Option<i64>,
}

/// A grant as it was on the day of a reading.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckGrantView {
    /// As what.
    pub role: Role,
    /// Over which units, with those below; empty is the whole tenant.
    pub units: Vec<UnitKey>,
    /// Over which laws; empty is all the role sees.
    pub laws: Vec<Law>,
}

/// A case of a reading: no text, no person.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckCaseView {
    /// Its number, while it is kept.
    pub number: Option<String>,
    /// Where it was.
    pub unit: UnitKey,
    /// The laws.
    pub laws: Vec<Law>,
    /// What it is.
    pub kind: Kind,
    /// Where it stood when it was drawn.
    pub status: Status,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// How the reader stood to it: the nearest that explains the reading.
    pub relation: ReaderRelation,
    /// The reader was asked by name (bevakning).
    pub asked: bool,
    /// The reader leads it.
    pub leads: bool,
    /// The reader reported or registered it.
    pub own: bool,
    /// How many changes the reader made to it within 30 days before or after.
    pub works: u32,
    /// The person's data are protected.
    pub protected: bool,
    /// It is about the reader, or was left by them.
    pub about_reader: bool,
    /// Whoever left it has the reader's surname: compared sealed.
    pub same_surname: bool,
}

/// A judgement of a reading.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct JudgedView {
    /// Which.
    pub verdict: CheckVerdict,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: StaffKey,
    /// When.
    pub at: Timestamp,
}

/// A reading that was drawn, as the log told of it then.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckReadingView {
    /// Its entry in the log.
    pub entry: Uuid,
    /// The rules it meets; empty is at random alone.
    pub reasons: Vec<CheckRule>,
    /// Who read.
    pub reader: StaffKey,
    /// When.
    pub at: Timestamp,
    /// By which operation.
    pub act: String,
    /// The same in Swedish.
    pub act_text: String,
    /// In which role.
    pub role: Option<Role>,
    /// The network it came from.
    pub from: Option<String>,
    /// It was tried, and refused.
    pub refused: bool,
    /// The ground that was stated.
    pub ground: Option<GroundKind>,
    /// When the reader left.
    pub left_at: Option<Timestamp>,
    /// What the reader held that day.
    pub grants: Vec<CheckGrantView>,
    /// The cases; of many the first.
    pub cases: Vec<CheckCaseView>,
    /// How many cases in all.
    pub cases_of: usize,
    /// What came of it.
    pub judged: Option<JudgedView>,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckClosedView {
    /// By whom.
    pub by: StaffKey,
    /// When.
    pub at: Timestamp,
    /// In words.
    pub summary: String,
}

/// How many readings of the period met a rule.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleMetView {
    /// The rule.
    pub rule: CheckRule,
    /// How many.
    pub readings: u32,
}

/// A check in a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckLineView {
    /// Its id.
    pub id: Uuid,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Why it was made.
    pub reason: String,
    /// When it was drawn.
    pub drawn_at: Timestamp,
    /// How many readings are looked at.
    pub readings: usize,
    /// How many are judged `proper`.
    pub proper: usize,
    /// How many are judged `improper`.
    pub improper: usize,
    /// How many are asked about.
    pub asked: usize,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
}

impl From<&s::SpotCheck> for CheckLineView {
    fn from(check: &s::SpotCheck) -> Self {
        Self {
            id: check.id.0,
            from: check.from,
            to: check.to,
            reason: check.reason.clone(),
            drawn_at: check.at,
            readings: check.readings.len(),
            proper: check.counted(s::Verdict::Proper),
            improper: check.counted(s::Verdict::Improper),
            asked: check.counted(s::Verdict::Ask),
            closed_at: check.closed.as_ref().map(|closed| closed.at),
            version: check.version,
        }
    }
}

/// The checks, and when the next is to be closed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckPage {
    /// The checks, the newest first.
    pub items: Vec<CheckLineView>,
    /// Give this as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// When the next one is to be closed.
    pub next_due_on: Date,
    /// Whether that day is over.
    pub overdue: bool,
    /// Always `true`: the day is the tenant's own target. The law says that checks are done again and again.
    pub local_target: bool,
}

/// A check of the log.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SpotCheckView {
    /// Its id.
    pub id: Uuid,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// The same seed over the same log draws the same readings.
    pub seed: i64,
    /// How many at random at most.
    pub sample: u16,
    /// By which rules beside.
    pub rules: Vec<CheckRule>,
    /// The laws of the cases; empty is all.
    pub laws: Vec<Law>,
    /// The units of the cases; empty is all.
    pub units: Vec<UnitKey>,
    /// How many readings the period has.
    pub considered: u32,
    /// How many of them met each rule.
    pub met: Vec<RuleMetView>,
    /// Why it was made.
    pub reason: String,
    /// Who drew.
    pub drawn_by: StaffKey,
    /// When.
    pub drawn_at: Timestamp,
    /// What was drawn, the earliest first.
    pub readings: Vec<CheckReadingView>,
    /// How it ended.
    pub closed: Option<CheckClosedView>,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
}

impl SpotCheckView {
    /// As it is shown, with the names of whom it names.
    pub fn of(check: &s::SpotCheck, names: &HashMap<StaffId, String>, units: &UnitTree) -> Self {
        let who = |id: StaffId| StaffKey { id: id.0, name: names.get(&id).cloned() };
        let case = |case: &s::CaseShown| CheckCaseView {
            number: case.number.clone(),
            unit: unit_key(case.unit, units),
            laws: case.laws.iter().copied().map(Into::into).collect(),
            kind: case.kind.into(),
            status: case.status.into(),
            closed_at: case.closed_at,
            relation: case.relation.into(),
            asked: case.asked,
            leads: case.leads,
            own: case.own,
            works: case.works,
            protected: case.protected,
            about_reader: case.about_reader,
            same_surname: case.same_surname,
        };
        let grant = |grant: &s::GrantShown| CheckGrantView {
            role: grant.role.into(),
            units: grant.units.iter().map(|unit| unit_key(*unit, units)).collect(),
            laws: grant.laws.iter().copied().map(Into::into).collect(),
        };
        let reading = |looked: &s::Looked| CheckReadingView {
            entry: looked.entry.0,
            reasons: looked.reasons.iter().copied().map(Into::into).collect(),
            reader: who(looked.reader),
            at: looked.shown.at,
            act: looked.shown.act.clone(),
            act_text: log::act_in_words(&looked.shown.act),
            role: looked.shown.role.map(Into::into),
            from: looked.shown.from.clone(),
            refused: looked.shown.refused,
            ground: looked.shown.ground.map(Into::into),
            left_at: looked.shown.ended_at,
            grants: looked.shown.grants.iter().map(grant).collect(),
            cases: looked.shown.cases.iter().map(case).collect(),
            cases_of: looked.shown.of,
            judged: looked.judged.as_ref().map(|judged| JudgedView {
                verdict: judged.verdict.into(),
                reason: judged.reason.clone(),
                by: who(judged.by),
                at: judged.at,
            }),
        };
        let met = |(rule, readings): (&s::Rule, &u32)| RuleMetView {
            rule: (*rule).into(),
            readings: *readings,
        };
        Self {
            id: check.id.0,
            from: check.from,
            to: check.to,
            seed: check.seed,
            sample: check.sample,
            rules: check.rules.iter().copied().map(Into::into).collect(),
            laws: check.reach.laws.iter().copied().map(Into::into).collect(),
            units: check.reach.units.iter().map(|unit| unit_key(*unit, units)).collect(),
            considered: check.considered,
            met: check.reach.met.iter().map(met).collect(),
            reason: check.reason.clone(),
            drawn_by: who(check.by),
            drawn_at: check.at,
            readings: check.readings.iter().map(reading).collect(),
            closed: check.closed.as_ref().map(|closed| CheckClosedView {
                by: who(closed.by),
                at: closed.at,
                summary: closed.summary.clone(),
            }),
            version: check.version,
        }
    }
}

/// A judgement of one reading.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgementRequest {
    /// The reading's entry.
    pub entry: Uuid,
    /// What is said of it.
    pub verdict: CheckVerdict,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Judgements of readings, all taken or none.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgementsRequest {
    /// The judgements.
    #[schema(min_items = 1, max_items = 300)]
    pub judgements: Vec<JudgementRequest>,
}

/// How a check ends.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckCloseRequest {
    /// What came of it, and what is done now.
    #[schema(min_length = 1, max_length = 2000)]
    pub summary: String,
}

/// A ground on which one reads what lies with the other branch, or another unit: of a `case`, or of all cases
/// of a `unit` under a `law`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "case": "0199c3a0-0000-7000-8000-000000000001", "kind": "consent", "on": "2026-03-01",
    "reason": "Samordnad individuell plan med hälso- och sjukvården", "until": "2026-04-30",
}))]
pub struct ReadingGroundRequest {
    /// The case's id.
    pub case: Option<Uuid>,
    /// A unit of one's own, by id or code.
    #[schema(max_length = 200)]
    pub unit: Option<String>,
    /// The law of the unit's cases.
    pub law: Option<Law>,
    /// Which ground: the person's consent, a harm test (menprövning), or a decision of the tenant.
    pub kind: GroundKind,
    /// The day of the consent, the test or the decision.
    pub on: Date,
    /// The number of the decision; needed for a decision.
    #[schema(max_length = 200)]
    pub reference: Option<String>,
    /// Why it is needed.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
    /// The last day; at most half a year ahead.
    pub until: Date,
}

/// A ground on which somebody reads across.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReadingGroundView {
    /// Its id.
    pub id: Uuid,
    /// The staff id of whoever reads on it.
    pub staff: Uuid,
    /// The case.
    pub case: Option<Uuid>,
    /// The unit.
    pub unit: Option<UnitKey>,
    /// The law of the unit's cases.
    pub law: Option<Law>,
    /// Which.
    pub kind: GroundKind,
    /// The day of the consent, the test or the decision.
    pub on: Date,
    /// The number of the decision.
    pub reference: Option<String>,
    /// Why it is needed.
    pub reason: String,
    /// The last day.
    pub until: Date,
    /// When it was stated.
    pub stated_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// The staff id of who took it back.
    pub revoked_by: Option<Uuid>,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
}

impl ReadingGroundView {
    /// As it is shown.
    pub fn of(ground: &ReadingGround, units: &UnitTree) -> Self {
        let (case, unit, law) = match ground.of {
            GroundOf::Case(case) => (Some(case.0), None, None),
            GroundOf::Unit(unit, law) => (None, Some(unit_key(unit, units)), Some(law.into())),
        };
        Self {
            id: ground.id.0,
            staff: ground.staff.0,
            case,
            unit,
            law,
            kind: ground.kind.into(),
            on: ground.on,
            reference: ground.reference.clone(),
            reason: ground.reason.clone(),
            until: ground.until,
            stated_at: ground.stated_at,
            revoked_at: ground.revoked.map(|(_, at)| at),
            revoked_by: ground.revoked.map(|(by, _)| by.0),
            version: ground.version,
        }
    }
}
