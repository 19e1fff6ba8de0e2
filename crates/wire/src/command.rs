//! The requests that act on a case.

use std::collections::BTreeMap;

use domain::case::closing::Close;
use domain::case::feedback::Feedback;
use domain::case::information::PatientInformation;
use domain::case::investigation::{Cause, Findings};
use domain::case::measure::{Measure, MeasureProgress, Waiver};
use domain::case::triage::{LexQuestion, Triage};
use domain::ids::{CaseId, CauseId, FeedbackId, MeasureId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{Audience, Effect, InformationPoint, LexAnswer, LinkKind, Track, Vardskada};
use crate::filing::{SeverityView, SubjectRequest};
use crate::opinion::OpinionEndingRequest;

/// Answers to the lex questions the laws of the case ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LexView {
    /// May this be a serious vårdskada, or have been able to cause one (HSL; PSL 3 kap. 5 §)?
    pub lex_maria: Option<LexAnswer>,
    /// May this be a missförhållande, or a palpable risk of one (SoL, LSS)?
    pub lex_sarah: Option<LexAnswer>,
}

/// What the assessors judge of the harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HarmRequest {
    /// Whether it reached the person at all.
    pub reached_person: Option<bool>,
    /// A code of the list `injury`.
    #[schema(max_length = 40)]
    pub injury: Option<String>,
    /// Whether it was a vårdskada.
    pub vardskada: Option<Vardskada>,
    /// Whether the vårdskada, or the one it could have caused, was serious.
    pub serious: Option<bool>,
    /// Whether the person died of it.
    pub death: Option<bool>,
}

/// One part of a triage. What is left out stays as it was; the case is triaged when nothing is
/// missing (`awaits` of the case says what is).
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 2}, "probability": 3,
    "harm": {"vardskada": "could_have"}, "lex": {"lex_maria": "no"}, "track": "standard",
}))]
pub struct TriageRequest {
    /// The laws, the first counts.
    #[schema(max_items = 3)]
    pub law: Option<Vec<String>>,
    /// The category.
    #[schema(max_length = 40)]
    pub category: Option<String>,
    /// What the patientnämnd calls an opinion: a code of the list `patientnamnd`.
    #[schema(max_length = 40)]
    pub patientnamnd: Option<String>,
    /// Negative event, near miss or risk.
    #[schema(max_length = 40)]
    pub nature: Option<String>,
    /// How grave, 1–4.
    pub severity: Option<SeverityView>,
    /// How likely to happen again, 1–4.
    #[schema(minimum = 0, maximum = 255)]
    pub probability: Option<u8>,
    /// What it did to the person.
    pub harm: Option<HarmRequest>,
    /// Answers to the lex questions.
    pub lex: Option<LexView>,
    /// The way it is handled.
    pub track: Option<Track>,
    /// Why: asked for when what was judged is judged anew.
    #[schema(max_length = 4000)]
    pub reason: Option<String>,
}

impl From<TriageRequest> for Triage {
    fn from(request: TriageRequest) -> Self {
        let severity = request.severity.unwrap_or_default();
        let harm = request.harm.unwrap_or_default();
        let lex = request.lex.unwrap_or_default();
        let answers =
            [(LexQuestion::LexMaria, lex.lex_maria), (LexQuestion::LexSarah, lex.lex_sarah)];
        Triage {
            law: request.law,
            category: request.category,
            patientnamnd: request.patientnamnd,
            nature: request.nature,
            severity_actual: severity.actual,
            severity_potential: severity.potential,
            probability: request.probability,
            reached_person: harm.reached_person,
            injury: harm.injury,
            vardskada: harm.vardskada.map(Into::into),
            serious: harm.serious,
            death: harm.death,
            lex: answers
                .into_iter()
                .filter_map(|(question, answer)| Some((question, answer?.into())))
                .collect::<BTreeMap<_, _>>(),
            track: request.track.map(Into::into),
            reason: request.reason,
        }
    }
}

/// Taking or giving the lead.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadRequest {
    /// The staff id of who leads; left out is oneself.
    pub staff: Option<Uuid>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// One cause.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseRequest {
    /// The id of a cause that stands already; left out for a new one.
    pub id: Option<Uuid>,
    /// A code of the list `cause`.
    #[schema(max_length = 40)]
    pub code: String,
    /// In words.
    #[schema(max_length = 10000)]
    pub text: Option<String>,
    /// Why no measure is taken against it.
    #[schema(max_length = 4000)]
    pub waiver: Option<String>,
}

/// Begins, writes or completes the investigation. What is left out stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvestigationRequest {
    /// The staff id of who investigates; the first to write, unless given.
    pub investigator: Option<Uuid>,
    /// What happened, step by step.
    #[schema(max_length = 50000)]
    pub course_of_events: Option<String>,
    /// Every cause: what is left out here is taken away.
    #[schema(max_items = 50)]
    pub causes: Option<Vec<CauseRequest>>,
    /// The investigator's judgement.
    #[schema(max_length = 20000)]
    pub assessment: Option<String>,
    /// The person's own account, or why there is none. Asked for on the deep track.
    #[schema(max_length = 20000)]
    pub person_account: Option<String>,
    /// Whether support was offered to the person, relatives and staff. Asked for on the deep track.
    pub support_offered: Option<bool>,
    /// The investigation is complete.
    pub complete: Option<bool>,
}

impl InvestigationRequest {
    /// The findings; `new_id` draws the ids of new causes.
    pub fn into_findings(self, new_id: impl Fn() -> Uuid) -> Findings {
        Findings {
            investigator: self.investigator.map(StaffId),
            course_of_events: self.course_of_events,
            assessment: self.assessment,
            person_account: self.person_account,
            support_offered: self.support_offered,
            causes: self.causes.map(|causes| {
                causes
                    .into_iter()
                    .map(|cause| Cause {
                        id: CauseId(cause.id.unwrap_or_else(&new_id)),
                        code: cause.code,
                        text: cause.text,
                        waiver: cause.waiver,
                    })
                    .collect()
            }),
            complete: self.complete.unwrap_or(false),
        }
    }
}

/// One measure.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureRequest {
    /// A code of the list `measure_type`.
    #[serde(rename = "type")]
    #[schema(max_length = 40)]
    pub kind: String,
    /// What is done.
    #[schema(min_length = 1, max_length = 10000)]
    pub text: String,
    /// Ids of the causes it is meant against.
    #[schema(max_items = 50)]
    pub causes: Option<Vec<Uuid>>,
    /// Who does it: a name or a role.
    #[schema(max_length = 200)]
    pub owner: Option<String>,
    /// Until which day.
    pub due_on: Option<Date>,
    /// The day on which someone looks whether it helped.
    pub follow_up_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
}

/// A cause answered by a reason instead of a measure.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverRequest {
    /// Id of the cause.
    pub cause: Uuid,
    /// Why no measure is taken.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Adds measures, and waives causes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasuresRequest {
    /// New measures.
    #[schema(max_items = 50)]
    pub measures: Option<Vec<MeasureRequest>>,
    /// Causes waived.
    #[schema(max_items = 50)]
    pub waivers: Option<Vec<WaiverRequest>>,
}

impl MeasuresRequest {
    /// The measures and waivers; `new_id` draws the ids of the measures.
    pub fn into_parts(self, new_id: impl Fn() -> Uuid) -> (Vec<Measure>, Vec<Waiver>) {
        let measures = self.measures.unwrap_or_default().into_iter().map(|measure| Measure {
            id: MeasureId(new_id()),
            kind: measure.kind,
            text: measure.text,
            causes: measure.causes.unwrap_or_default().into_iter().map(CauseId).collect(),
            owner: measure.owner,
            due_on: measure.due_on,
            follow_up_on: measure.follow_up_on,
            done_on: measure.done_on,
            effect: Default::default(),
            effect_note: None,
        });
        let waivers = self
            .waivers
            .unwrap_or_default()
            .into_iter()
            .map(|waiver| Waiver { cause: CauseId(waiver.cause), reason: waiver.reason });
        (measures.collect(), waivers.collect())
    }
}

/// How a measure goes. What is left out stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureProgressRequest {
    /// Who does it.
    #[schema(max_length = 200)]
    pub owner: Option<String>,
    /// Until which day.
    pub due_on: Option<Date>,
    /// The day on which someone looks whether it helped.
    pub follow_up_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Option<Effect>,
    /// In words.
    #[schema(max_length = 4000)]
    pub effect_note: Option<String>,
}

impl From<MeasureProgressRequest> for MeasureProgress {
    fn from(request: MeasureProgressRequest) -> Self {
        Self {
            owner: request.owner,
            due_on: request.due_on,
            follow_up_on: request.follow_up_on,
            done_on: request.done_on,
            effect: request.effect.map(Into::into),
            effect_note: request.effect_note,
        }
    }
}

/// Feedback: who was told what came of it.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackRequest {
    /// Who was told.
    pub audience: Audience,
    /// The day of the meeting; asked for with audience `unit`.
    pub meeting_on: Option<Date>,
    /// What was said.
    #[schema(min_length = 1, max_length = 10000)]
    pub text: String,
}

impl FeedbackRequest {
    /// The feedback as given now by `by`.
    pub fn into_feedback(self, id: Uuid, by: StaffId, now: Timestamp) -> Feedback {
        Feedback {
            id: FeedbackId(id),
            audience: self.audience.into(),
            meeting_on: self.meeting_on,
            text: self.text,
            at: now,
            by,
        }
    }
}

/// Tells a field that is `null` from one that is left out.
fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Puts right what was put down wrong: person, unit, day, law. The old value stays in the history.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"unit": "Syrenen", "reason": "Fel enhet vald i appen."}))]
pub struct CorrectionRequest {
    /// Where it happened.
    #[schema(max_length = 200)]
    pub unit: Option<String>,
    /// Who reported it.
    #[schema(max_length = 200)]
    pub reporting_unit: Option<String>,
    /// Other units concerned.
    #[schema(max_items = 20)]
    pub also_units: Option<Vec<String>>,
    /// When it happened; `null` makes it unknown.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub occurred_at: Option<Option<Timestamp>>,
    /// When it ended; `null` makes it unknown.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub occurred_until: Option<Option<Timestamp>>,
    /// When it was found out; `null` makes it unknown.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub discovered_at: Option<Option<Timestamp>>,
    /// The laws it falls under, the first counts.
    #[schema(max_items = 3)]
    pub law: Option<Vec<crate::code::Law>>,
    /// Answers to the questions of forms that are counted, by their codes; `null` takes one away. What
    /// the reporter answered stays in the history.
    #[schema(value_type = Option<Object>)]
    pub details: Option<Map<String, Value>>,
    /// Who it is about.
    pub subject: Option<SubjectRequest>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Giving the case to another unit.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// The unit's id or its own code.
    #[schema(min_length = 1, max_length = 200)]
    pub unit: String,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Linking to another case.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// How; `duplicate_of` and `refiled_as` are made by their own commands.
    pub kind: LinkKind,
    /// The id of the other case.
    pub case: Uuid,
}

/// The number that the municipality's register gave the matter.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"diary_number": "VON 2026/00123"}))]
pub struct DiaryNumberRequest {
    /// As the board writes it; `null` takes the one that stands away.
    #[schema(min_length = 1, max_length = 200)]
    pub diary_number: Option<String>,
    /// Why: asked for where another stands.
    #[schema(max_length = 4000)]
    pub reason: Option<String>,
}

/// A command that needs nothing but a reason.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonRequest {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// A command that needs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmptyRequest {}

/// The information of PSL 3 kap. 8 §: given, or lawfully not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientInformationView {
    /// The points given; all six, unless there is an impediment.
    #[serde(default)]
    pub points: Vec<InformationPoint>,
    /// When.
    pub informed_at: Option<Timestamp>,
    /// By whom, and how.
    #[schema(max_length = 1000)]
    pub how: Option<String>,
    /// The lawful reason why it was not given.
    #[schema(max_length = 4000)]
    pub impediment: Option<String>,
    /// That the journal holds a note of it.
    #[serde(default)]
    pub journal_note_confirmed: bool,
}

impl From<PatientInformationView> for PatientInformation {
    fn from(view: PatientInformationView) -> Self {
        Self {
            points: view.points.into_iter().map(Into::into).collect(),
            informed_at: view.informed_at,
            how: view.how,
            impediment: view.impediment,
            journal_note_confirmed: view.journal_note_confirmed,
        }
    }
}

impl From<PatientInformation> for PatientInformationView {
    fn from(given: PatientInformation) -> Self {
        Self {
            points: given.points.into_iter().map(Into::into).collect(),
            informed_at: given.informed_at,
            how: given.how,
            impediment: given.impediment,
            journal_note_confirmed: given.journal_note_confirmed,
        }
    }
}

/// Ending a case. On the simple track this is the one command: triage and feedback ride along.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outcome": "UTF.DIR",
    "summary": "Harmlöst fall, rörelselarm på plats.",
    "action_taken": "Larmmatta lagd, sängen sänkt.",
    "triage": {
        "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 1}, "probability": 2,
        "lex": {"lex_maria": "no"}, "track": "simple",
    },
    "feedback": {"audience": "reporter", "text": "Tack. Larmmattan är på plats."},
}))]
pub struct CloseRequest {
    /// How it ends: a code of the list `outcome`.
    #[schema(max_length = 40)]
    pub outcome: String,
    /// In a sentence.
    #[schema(max_length = 4000)]
    pub summary: Option<String>,
    /// What was done.
    #[schema(max_length = 10000)]
    pub action_taken: Option<String>,
    /// A triage given in the same breath.
    pub triage: Option<TriageRequest>,
    /// Feedback given in the same breath.
    pub feedback: Option<FeedbackRequest>,
    /// The id of the case this one is a duplicate of, for `UTF.DUB`.
    pub duplicate_of: Option<Uuid>,
    /// The information of PSL 3 kap. 8 §; asked for when it was a vårdskada.
    pub patient_information: Option<PatientInformationView>,
    /// Why a klagomål or synpunkt ends without an answer.
    pub ending: Option<OpinionEndingRequest>,
}

impl CloseRequest {
    /// The command, as given now by `by`.
    pub fn into_close(self, feedback_id: Uuid, by: StaffId, now: Timestamp) -> Close {
        Close {
            outcome: self.outcome,
            summary: self.summary,
            action_taken: self.action_taken,
            triage: self.triage.map(Into::into),
            feedback: self.feedback.map(|given| given.into_feedback(feedback_id, by, now)),
            duplicate_of: self.duplicate_of.map(CaseId),
            patient_information: self.patient_information.map(Into::into),
            ending: self.ending.map(Into::into),
        }
    }
}
