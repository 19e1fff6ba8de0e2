//! A case as clients see it.

use domain::case::investigation as di;
use domain::case::triage::LexQuestion;
use domain::case::{self as d, Command, State};
use domain::code_lists::suggested_law;
use domain::ids::UnitId;
use domain::organisation::UnitTree;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::beside::{ConflictView, SupplementView, WatchView};
use crate::code::{
    Audience, Effect, Kind, LexAnswer, LinkKind, Status, Subkind, Track, TriagePart, Vardskada,
};
use crate::command::{LexView, PatientInformationView};
use crate::duties::CaseWaitingView;
use crate::fault::FaultView;
use crate::filing::SeverityView;
use crate::forms::FormVersionView;
use crate::language::Language;
use crate::opinion::OpinionBriefView;
use crate::suggest::SuggestionView;

/// A unit, as far as a case names it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct UnitRef {
    /// Its id.
    pub id: Uuid,
    /// The tenant's own code for it.
    pub code: String,
    /// Its name.
    pub name: String,
}

impl UnitRef {
    /// A unit of the tree; one that has left it keeps its id.
    pub fn of(units: &UnitTree, id: UnitId) -> Self {
        let unit = units.get(id);
        let text = |pick: fn(&domain::organisation::Unit) -> &String| {
            unit.map(|unit| pick(unit).clone()).unwrap_or_default()
        };
        Self { id: id.0, code: text(|unit| &unit.code), name: text(|unit| &unit.name) }
    }
}

/// The law three ways: by rule, by the reporter, by the assessor. The first of a list counts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LawView {
    /// What the text, the area and the category suggest.
    pub suggested: Vec<String>,
    /// What the reporter gave, unknown codes included.
    pub reported: Vec<String>,
    /// What the assessor judged.
    pub assessed: Vec<String>,
}

/// The category three ways.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CategoryView {
    /// What the text and the area suggest: the first of `suggestion`.
    pub suggested: Option<String>,
    /// What the reporter gave.
    pub reported: Option<String>,
    /// What the assessor judged.
    pub assessed: Option<String>,
}

/// What the event did to the person.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HarmView {
    /// Whether it reached the person at all.
    pub reached_person: Option<bool>,
    /// A code of the list `injury`.
    pub injury: Option<String>,
    /// Whether it was a vårdskada.
    pub vardskada: Vardskada,
    /// Whether that was serious.
    pub serious: Option<bool>,
    /// Whether the person died of it.
    pub death: Option<bool>,
}

/// Whether the case is about someone; who, is read apart.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubjectRef {
    /// The id of the sealed identity.
    pub id: Uuid,
}

/// One cause.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CauseView {
    /// Its id.
    pub id: Uuid,
    /// A code of the list `cause`.
    pub code: String,
    /// In words.
    pub text: Option<String>,
    /// Why no measure is taken against it.
    pub waiver: Option<String>,
}

/// One measure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MeasureView {
    /// Its id.
    pub id: Uuid,
    /// A code of the list `measure_type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is done.
    pub text: String,
    /// Ids of the causes it is meant against.
    pub causes: Vec<Uuid>,
    /// Who does it.
    pub owner: Option<String>,
    /// Until which day.
    pub due_on: Option<Date>,
    /// The day on which someone looks whether it helped.
    pub follow_up_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Effect,
    /// In words.
    pub effect_note: Option<String>,
}

/// Course of events, causes, measures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InvestigationView {
    /// Its id.
    pub id: Uuid,
    /// The staff id of who investigates.
    pub investigator: Option<Uuid>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was complete.
    pub completed_at: Option<Timestamp>,
    /// What happened.
    pub course_of_events: Option<String>,
    /// The judgement.
    pub assessment: Option<String>,
    /// The person's own account.
    pub person_account: Option<String>,
    /// Whether support was offered.
    pub support_offered: Option<bool>,
    /// Why it happened.
    pub causes: Vec<CauseView>,
    /// What is done.
    pub measures: Vec<MeasureView>,
}

impl From<&di::Investigation> for InvestigationView {
    fn from(inquiry: &di::Investigation) -> Self {
        Self {
            id: inquiry.id.0,
            investigator: inquiry.investigator.map(|staff| staff.0),
            started_at: inquiry.started_at,
            completed_at: inquiry.completed_at,
            course_of_events: inquiry.course_of_events.clone(),
            assessment: inquiry.assessment.clone(),
            person_account: inquiry.person_account.clone(),
            support_offered: inquiry.support_offered,
            causes: inquiry
                .causes
                .iter()
                .map(|cause| CauseView {
                    id: cause.id.0,
                    code: cause.code.clone(),
                    text: cause.text.clone(),
                    waiver: cause.waiver.clone(),
                })
                .collect(),
            measures: inquiry
                .measures
                .iter()
                .map(|measure| MeasureView {
                    id: measure.id.0,
                    kind: measure.kind.clone(),
                    text: measure.text.clone(),
                    causes: measure.causes.iter().map(|cause| cause.0).collect(),
                    owner: measure.owner.clone(),
                    due_on: measure.due_on,
                    follow_up_on: measure.follow_up_on,
                    done_on: measure.done_on,
                    effect: measure.effect.into(),
                    effect_note: measure.effect_note.clone(),
                })
                .collect(),
        }
    }
}

/// One giving of feedback.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FeedbackView {
    /// Its id.
    pub id: Uuid,
    /// Who was told.
    pub audience: Audience,
    /// The day of the meeting.
    pub meeting_on: Option<Date>,
    /// What was said.
    pub text: String,
    /// When it was given here.
    pub at: Timestamp,
    /// The staff id of who gave it.
    pub by: Uuid,
}

/// A link to another case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LinkView {
    /// How.
    pub kind: LinkKind,
    /// The id of the other case.
    pub case: Uuid,
    /// Since when.
    pub at: Timestamp,
}

/// How and why a case ended.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EndingView {
    /// In a sentence.
    pub summary: Option<String>,
    /// What was done.
    pub action_taken: Option<String>,
    /// Why it was made void.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The staff id of who ended it.
    pub by: Option<Uuid>,
}

/// A case. Reporters see their own filings without `investigation`, `lex`, `links`, `watches`,
/// `waiting_for`, `open_duties` and `kept_from`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CaseView {
    /// Its id.
    pub id: Uuid,
    /// Its number, for people.
    #[schema(example = "AVV-2026-7K3Q9D2F")]
    pub number: String,
    /// The number it had in the system it was imported from.
    pub external_number: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// What a synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// What it is as something the public has left; of synpunkter and klagomål. `/opinion` says more.
    pub opinion: Option<OpinionBriefView>,
    /// Where it stands.
    pub status: Status,
    /// The way it is handled.
    pub track: Option<Track>,
    /// How it ended: a code of the list `outcome`.
    pub outcome: Option<String>,
    /// Where it happened; responsible.
    pub unit: UnitRef,
    /// The unit that reported it.
    pub reporting_unit: UnitRef,
    /// Other units concerned.
    pub also_units: Vec<UnitRef>,
    /// When it happened, or began; `null` is unknown.
    pub occurred_at: Option<Timestamp>,
    /// When it ended.
    pub occurred_until: Option<Timestamp>,
    /// When it was found out.
    pub discovered_at: Option<Timestamp>,
    /// When it reached the organisation; year and clocks use this.
    pub reported_at: Timestamp,
    /// When it was registered: the server's clock.
    pub registered_at: Timestamp,
    /// When an offline client wrote it down.
    pub composed_at: Option<Timestamp>,
    /// When triage was complete.
    pub triaged_at: Option<Timestamp>,
    /// When the investigation began.
    pub investigation_started_at: Option<Timestamp>,
    /// When the investigation was complete.
    pub investigation_done_at: Option<Timestamp>,
    /// When the measures were decided.
    pub measures_decided_at: Option<Timestamp>,
    /// When follow-up began.
    pub following_up_at: Option<Timestamp>,
    /// When the patient was informed (PSL 3 kap. 8 §).
    pub patient_informed_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The staff id of who reported it.
    pub reported_by: Option<Uuid>,
    /// The staff id of who registered it.
    pub registered_by: Option<Uuid>,
    /// The name of a reporter without a token.
    pub reporter_name: Option<String>,
    /// Why it was registered later than it came in.
    pub received_reason: Option<String>,
    /// The law three ways.
    pub law: LawView,
    /// The category three ways.
    pub category: CategoryView,
    /// Negative event, near miss or risk.
    pub nature: Option<String>,
    /// How grave, 1–4.
    pub severity: SeverityView,
    /// How likely to happen again, 1–4.
    pub probability: Option<u8>,
    /// Potential severity times probability. It asks a question and decides none.
    pub risk_score: Option<u8>,
    /// What it did to the person.
    pub harm: HarmView,
    /// Answers to the lex questions.
    pub lex: LexView,
    /// The staff id of who leads.
    pub lead: Option<Uuid>,
    /// Who was told at once.
    pub informed: Vec<String>,
    /// Answers to the questions of forms, as given.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
    /// The versions of the forms that were answered.
    pub forms: Vec<FormVersionView>,
    /// What was suggested for the text as it was filed; `null` for an import.
    pub suggestion: Option<SuggestionView>,
    /// Who left it.
    pub source: Option<String>,
    /// How it came in.
    pub channel: Option<String>,
    /// The reporter's profession.
    pub profession: Option<String>,
    /// The person's sex.
    pub sex: Option<String>,
    /// The person's age band.
    pub age_band: Option<String>,
    /// Whether it is about someone.
    pub subject: Option<SubjectRef>,
    /// What happened, in the reporter's words.
    pub description: String,
    /// What was done at once.
    pub immediate_action: Option<String>,
    /// What was wrong with the filing, and kept all the same.
    pub warnings: Vec<FaultView>,
    /// What triage still needs, as JSON pointers into a triage body.
    pub awaits: Vec<String>,
    /// The parts of triage that are missing before it can end as handled: who has to give one.
    pub awaits_parts: Vec<TriagePart>,
    /// The commands a case takes that stands here.
    pub commands: Vec<String>,
    /// Course of events, causes and measures.
    pub investigation: Option<InvestigationView>,
    /// The information of PSL 3 kap. 8 §.
    pub patient_information: Option<PatientInformationView>,
    /// Who was told what came of it.
    pub feedback: Vec<FeedbackView>,
    /// Other cases it belongs with, as far as one may read them.
    pub links: Vec<LinkView>,
    /// Who was asked to read, contribute or act.
    pub watches: Vec<WatchView>,
    /// Whom it is kept from.
    pub kept_from: Vec<ConflictView>,
    /// What the reporter added afterwards, oldest first.
    pub supplements: Vec<SupplementView>,
    /// For whom outside it waits; `null` for nobody.
    pub waiting_for: Option<CaseWaitingView>,
    /// The neighbouring duties that are not answered: codes of the list `duty`.
    pub open_duties: Vec<String>,
    /// How often it was given to another unit.
    pub hops: u16,
    /// How and why it ended.
    pub ending: Option<EndingView>,
    /// When the case is read by a role: the ids of the cases, this one included, that are a series of
    /// one person's events of one kind, which proposes one investigation. Empty where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<Vec<Uuid>>,
    /// Whether it came by import.
    pub imported: bool,
    /// Grows by one with every change; the ETag is this in quotes, with `-own` in a reporter's view.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The law that is suggested: the first by text and area, else what the category suggests.
fn suggested_laws(filing: &d::Filing) -> Vec<String> {
    let by_text =
        filing.suggestion.as_ref().and_then(|it| it.laws.first()).map(std::slice::from_ref);
    let by_category = || filing.category.as_deref().map(suggested_law);
    let laws = by_text.or_else(by_category).unwrap_or_default();
    laws.iter().map(|law| law.code().to_owned()).collect()
}

impl CaseView {
    /// The case in a language. `own` is the reporter's view of one's own filing.
    pub fn new(case: &d::Case, units: &UnitTree, language: Language, own: bool) -> Self {
        let unit = |id: UnitId| UnitRef::of(units, id);
        let (filing, assessment, progress) = (&case.filing, &case.assessment, &case.progress);
        let lex = |question: LexQuestion| -> Option<LexAnswer> {
            assessment.lex.get(&question).filter(|_| !own).map(|answer| (*answer).into())
        };
        let ending = match &case.state {
            State::Closed(closing) => Some(EndingView {
                summary: closing.summary.clone(),
                action_taken: closing.action_taken.clone(),
                reason: None,
                at: closing.at,
                by: closing.by.map(|staff| staff.0),
            }),
            State::Void(voiding) => Some(EndingView {
                summary: None,
                action_taken: None,
                reason: Some(voiding.reason.clone()),
                at: voiding.at,
                by: voiding.by.map(|staff| staff.0),
            }),
            State::Draft
            | State::Reported
            | State::Triaged
            | State::Investigating
            | State::MeasuresDecided
            | State::FollowingUp => None,
        };
        let opinion = case.opinion.as_ref();
        let ends = |command: Command| matches!(command, Command::Close | Command::Reopen);
        let of_stage = |command: Command| match opinion.map(|opinion| opinion.stage_name()) {
            Some(stage) if ends(command) && !case.uncounted() => stage.admits(command),
            Some(_) | None => case.status().admits(command),
        };
        let commands = Command::ALL.into_iter().filter(|command| of_stage(*command));
        Self {
            id: case.id.0,
            number: case.number.to_string(),
            external_number: case.external_number.clone(),
            kind: case.kind.into(),
            subkind: case.subkind.map(Into::into),
            opinion: opinion.map(|opinion| opinion.as_ref().into()),
            status: case.status().into(),
            track: assessment.track.map(Into::into),
            outcome: case.outcome().map(str::to_owned),
            unit: unit(case.unit),
            reporting_unit: unit(case.reporting_unit),
            also_units: case.also_units.iter().map(|id| unit(*id)).collect(),
            occurred_at: case.occurred_at,
            occurred_until: case.occurred_until,
            discovered_at: case.discovered_at,
            reported_at: case.reported_at,
            registered_at: case.registered_at,
            composed_at: filing.composed_at,
            triaged_at: progress.triaged_at,
            investigation_started_at: progress.investigation_started_at,
            investigation_done_at: progress.investigation_done_at,
            measures_decided_at: progress.measures_decided_at,
            following_up_at: progress.following_up_at,
            patient_informed_at: progress.patient_informed_at,
            closed_at: case.closed_at(),
            reported_by: case.reported_by.map(|staff| staff.0),
            registered_by: case.registered_by.map(|staff| staff.0),
            reporter_name: filing.reporter_name.clone(),
            received_reason: filing.received_reason.clone(),
            law: LawView {
                suggested: suggested_laws(filing),
                reported: filing.law.clone(),
                assessed: assessment.law.iter().map(|law| law.code().to_owned()).collect(),
            },
            category: CategoryView {
                suggested: filing.suggestion.as_ref().and_then(|it| it.categories.first()).cloned(),
                reported: filing.category.clone(),
                assessed: assessment.category.clone(),
            },
            nature: assessment.nature.clone(),
            severity: SeverityView {
                actual: assessment.severity.actual,
                potential: assessment.severity.potential(),
            },
            probability: assessment.probability,
            risk_score: assessment.risk_score(),
            harm: HarmView {
                reached_person: assessment.harm.reached_person,
                injury: assessment.harm.injury.clone(),
                vardskada: assessment.harm.vardskada.into(),
                serious: assessment.harm.serious,
                death: assessment.harm.death,
            },
            lex: LexView {
                lex_maria: lex(LexQuestion::LexMaria),
                lex_sarah: lex(LexQuestion::LexSarah),
            },
            lead: assessment.lead.map(|staff| staff.0),
            informed: filing.informed.clone(),
            details: filing.details.clone(),
            forms: filing.forms.iter().map(Into::into).collect(),
            suggestion: filing.suggestion.as_ref().map(Into::into),
            source: filing.source.clone(),
            channel: filing.channel.clone(),
            profession: filing.profession.clone(),
            sex: filing.sex.clone(),
            age_band: filing.age_band.clone(),
            subject: case.subject.map(|id| SubjectRef { id: id.0 }),
            description: filing.description.clone(),
            immediate_action: filing.immediate_action.clone(),
            warnings: FaultView::all(&filing.warnings, language),
            awaits: case.triage_awaits().into_iter().map(str::to_owned).collect(),
            awaits_parts: case
                .awaits_parts()
                .into_iter()
                .filter(|_| !own)
                .map(Into::into)
                .collect(),
            commands: commands.map(|command| command.code().to_owned()).collect(),
            investigation: case.investigation.as_ref().filter(|_| !own).map(Into::into),
            patient_information: assessment
                .patient_information
                .clone()
                .filter(|_| !own)
                .map(Into::into),
            feedback: case
                .feedback
                .iter()
                .map(|given| FeedbackView {
                    id: given.id.0,
                    audience: given.audience.into(),
                    meeting_on: given.meeting_on,
                    text: given.text.clone(),
                    at: given.at,
                    by: given.by.0,
                })
                .collect(),
            links: case
                .links
                .iter()
                .filter(|_| !own)
                .map(|link| LinkView { kind: link.kind.into(), case: link.to.0, at: link.at })
                .collect(),
            watches: case.watches.iter().filter(|_| !own).map(Into::into).collect(),
            kept_from: case.conflicts.iter().filter(|_| !own).map(Into::into).collect(),
            supplements: filing.supplements.iter().map(Into::into).collect(),
            waiting_for: assessment.waiting.as_ref().filter(|_| !own).map(Into::into),
            open_duties: case
                .open_duties()
                .filter(|_| !own)
                .map(|duty| duty.code.clone())
                .collect(),
            hops: assessment.hops,
            ending,
            series: None,
            imported: case.imported,
            version: case.version,
            updated_at: case.updated_at,
        }
    }
}

/// One line of a list: neither text nor subject.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CaseLineView {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub status: Status,
    /// The way it is handled.
    pub track: Option<Track>,
    /// How it ended.
    pub outcome: Option<String>,
    /// The responsible unit.
    pub unit: UnitRef,
    /// The reporting unit.
    pub reporting_unit: UnitRef,
    /// The laws that hold: assessed, else reported.
    pub law: Vec<String>,
    /// The category that holds.
    pub category: Option<String>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Its version.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One field that changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangeView {
    /// The field.
    pub field: String,
    /// What it was.
    #[schema(value_type = Value)]
    pub old: Value,
    /// What it is.
    #[schema(value_type = Value)]
    pub new: Value,
}

/// One step of a case's history.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HistoryEntryView {
    /// The version it made.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// The staff id of who did it; `null` for an import.
    pub by: Option<Uuid>,
    /// What was done.
    pub command: String,
    /// The status before; `null` at filing.
    pub from: Option<String>,
    /// The status after.
    pub to: String,
    /// What changed.
    pub changes: Vec<ChangeView>,
    /// Why.
    pub reason: Option<String>,
}

/// A case's history, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HistoryView {
    /// The steps.
    pub items: Vec<HistoryEntryView>,
}

/// Who a case is about, in the clear.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubjectView {
    /// Personnummer or samordningsnummer, twelve digits.
    pub personal_id: Option<String>,
    /// Another id.
    pub other_id: Option<String>,
    /// Who gave the other id out.
    pub issuer: Option<String>,
    /// Whether someone said so, rather than a number having been found in a text.
    pub confirmed: bool,
    /// A code of the list `protected`.
    pub protected: Option<String>,
}
