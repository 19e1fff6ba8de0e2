//! The request that files a case.

use domain::case::filing::{Filing, Intake, SubjectGiven};
use domain::case::triage::Severity;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{Kind, Subkind};
use crate::opinion::OpinionRequest;

/// How grave, 1–4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityView {
    /// What happened.
    #[schema(minimum = 0, maximum = 255)]
    pub actual: Option<u8>,
    /// What could have happened; follows `actual` unless given.
    #[schema(minimum = 0, maximum = 255)]
    pub potential: Option<u8>,
}

impl From<SeverityView> for Severity {
    fn from(view: SeverityView) -> Self {
        Self { actual: view.actual, potential: view.potential }
    }
}

/// What the reporter knows of the harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HarmGiven {
    /// Whether it reached the person at all.
    pub reached_person: Option<bool>,
    /// A code of the list `injury`; `ING` is none.
    #[schema(max_length = 40)]
    pub injury: Option<String>,
}

/// Who the case is about. Sealed apart from the case, and readable only by those who handle it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectRequest {
    /// Personnummer or samordningsnummer, ten or twelve digits.
    #[schema(max_length = 20)]
    pub personal_id: Option<String>,
    /// Another id, such as a region's reserve number.
    #[schema(max_length = 100)]
    pub other_id: Option<String>,
    /// Who gave the other id out.
    #[schema(max_length = 100)]
    pub issuer: Option<String>,
    /// A code of the list `protected`: the person's data are protected.
    #[schema(max_length = 10)]
    pub protected: Option<String>,
}

impl SubjectRequest {
    /// Who was given, if anyone.
    pub fn given(&self) -> Option<SubjectGiven> {
        match (&self.personal_id, &self.other_id) {
            (Some(id), _) => Some(SubjectGiven::Personal(id.clone())),
            (None, Some(id)) => {
                Some(SubjectGiven::Other { id: id.clone(), issuer: self.issuer.clone() })
            }
            (None, None) => None,
        }
    }
}

/// A filing. Only `kind`, `unit` and `description` are needed; what is wrong in the rest is kept as
/// given and named in `warnings` (unless `Prefer: handling=strict`).
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "avvikelse",
    "unit": "Smedsgården",
    "description": "Gled ner från sängkanten, ingen smärta.",
    "category": "HSL.FAL",
}))]
pub struct FilingRequest {
    /// The client's own id, a UUIDv7, for filing without network.
    pub id: Option<Uuid>,
    /// What it is.
    pub kind: Kind,
    /// What a synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// Where it happened: a unit's id or its own code.
    #[schema(min_length = 1, max_length = 200)]
    pub unit: String,
    /// What happened, in the reporter's words. A personal identity number is taken out.
    #[schema(min_length = 1, max_length = 20000)]
    pub description: String,
    /// What was done at once.
    #[schema(max_length = 10000)]
    pub immediate_action: Option<String>,
    /// The unit that reports, when another.
    #[schema(max_length = 200)]
    pub reporting_unit: Option<String>,
    /// Other units concerned.
    #[schema(max_items = 20)]
    pub also_units: Option<Vec<String>>,
    /// When it happened, or began; leave out when unknown.
    pub occurred_at: Option<Timestamp>,
    /// When it ended.
    pub occurred_until: Option<Timestamp>,
    /// When it was found out.
    pub discovered_at: Option<Timestamp>,
    /// When it had reached the organisation before now: with `channel` and `received_reason`, by
    /// registrar, manager, intake and others who may register for someone else.
    pub received_at: Option<Timestamp>,
    /// Why it is registered later than it came in.
    #[schema(max_length = 1000)]
    pub received_reason: Option<String>,
    /// When an offline client wrote it down; kept, never counted.
    pub composed_at: Option<Timestamp>,
    /// The laws, the first counts: codes of the list `law`.
    #[schema(max_items = 10)]
    pub law: Option<Vec<String>>,
    /// A code of the list `category`, or `complaint` for synpunkter and klagomål.
    #[schema(max_length = 40)]
    pub category: Option<String>,
    /// A code of the list `nature`.
    #[schema(max_length = 40)]
    pub nature: Option<String>,
    /// How grave, 1–4.
    pub severity: Option<SeverityView>,
    /// How likely to happen again, 1–4.
    #[schema(minimum = 0, maximum = 255)]
    pub probability: Option<u8>,
    /// What it did to the person.
    pub harm: Option<HarmGiven>,
    /// Who was told at once: codes of the list `informed`.
    #[schema(max_items = 20)]
    pub informed: Option<Vec<String>>,
    /// Answers to the questions of forms (`/forms/{kind}`), by their codes. None is mandatory; what
    /// no form asks, or asks in another way, is kept with a warning.
    #[schema(value_type = Option<Object>)]
    pub details: Option<Map<String, Value>>,
    /// A code of the list `source`.
    #[schema(max_length = 40)]
    pub source: Option<String>,
    /// A code of the list `channel`.
    #[schema(max_length = 40)]
    pub channel: Option<String>,
    /// The reporter's profession, a code of the list `profession`.
    #[schema(max_length = 40)]
    pub profession: Option<String>,
    /// The person's sex, a code of the list `sex`; follows from the personal identity number.
    #[schema(max_length = 40)]
    pub sex: Option<String>,
    /// The person's age band, a code of the list `age_band`; follows likewise.
    #[schema(max_length = 40)]
    pub age_band: Option<String>,
    /// The name of a reporter without a token, as on a shared phone.
    #[schema(max_length = 200)]
    pub reporter_name: Option<String>,
    /// The staff id of the reporter, when someone else registers.
    pub reported_by: Option<Uuid>,
    /// Who it is about.
    pub subject: Option<SubjectRequest>,
    /// Keep it as a draft: its author's alone, counted nowhere, until `submit`.
    pub draft: Option<bool>,
    /// Report it under lex Sarah, too (SoL, LSS): one's own report, which goes straight to whoever
    /// receives such. Of an avvikelse.
    pub lex_sarah: Option<bool>,
    /// What is given of a synpunkt or klagomål beside its text.
    pub opinion: Option<OpinionRequest>,
}

impl From<FilingRequest> for Intake {
    fn from(request: FilingRequest) -> Self {
        let harm = request.harm.unwrap_or_default();
        Intake {
            subkind: request.subkind.map(Into::into),
            unit: request.unit,
            reporting_unit: request.reporting_unit,
            also_units: request.also_units.unwrap_or_default(),
            occurred_at: request.occurred_at,
            occurred_until: request.occurred_until,
            discovered_at: request.discovered_at,
            received_at: request.received_at,
            nature: request.nature,
            severity: request.severity.unwrap_or_default().into(),
            probability: request.probability,
            reached_person: harm.reached_person,
            injury: harm.injury,
            filing: Filing {
                law: request.law.unwrap_or_default(),
                category: request.category,
                reporter_name: request.reporter_name,
                profession: request.profession,
                source: request.source,
                channel: request.channel,
                sex: request.sex,
                age_band: request.age_band,
                informed: request.informed.unwrap_or_default(),
                details: request.details.unwrap_or_default(),
                forms: Vec::new(),
                suggestion: None,
                description: request.description,
                immediate_action: request.immediate_action,
                composed_at: request.composed_at,
                received_at: None,
                received_reason: request.received_reason,
                supplements: Vec::new(),
                warnings: Vec::new(),
                lex_sarah: request.lex_sarah.unwrap_or_default(),
            },
            protected: request.subject.as_ref().and_then(|subject| subject.protected.clone()),
            subject: request.subject.and_then(|subject| subject.given()),
            opinion: None,
        }
    }
}
