//! Escalations: what is asked of them, and how they are shown.

use std::collections::BTreeSet;

use domain::escalation as d;
use domain::escalation::ivo::{self, Notifying};
use domain::escalation::lex_sarah::{self, Assessing, Findings};
use domain::escalation::matter;
use domain::escalation::screening::Screen;
use domain::ids::StaffId;
use domain::organisation::UnitTree;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;
use crate::code::{
    Degree, EscalationChannel, EscalationKind, EscalationStatus, FlagCause, Law, SeriousTest,
};
use crate::command::PatientInformationView;
use crate::fault::FaultView;
use crate::many::ActionResult;

/// A lex Sarah report told by mouth, as whoever was told it puts it down.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OralReport {
    /// Who told it: a name or a role.
    #[schema(min_length = 1, max_length = 200)]
    pub from: String,
    /// When.
    pub at: Timestamp,
}

/// An escalation to be raised beside a case.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "lex_maria", "reason": "Dubbel dos, kunde ha blivit allvarligt."}))]
pub struct EscalationRequest {
    /// Which: `lex_maria` or `lex_sarah`. A riskperson stands apart from cases.
    pub kind: EscalationKind,
    /// Why, in words. Needed for a flag; of a report, what is more than the case says.
    #[schema(max_length = 10000)]
    pub reason: Option<String>,
    /// Lex Sarah: this is one's own report, rather than a flag that asks.
    #[serde(default)]
    pub report: bool,
    /// Lex Sarah: a report told by mouth.
    pub oral: Option<OralReport>,
}

/// A riskperson: a matter of its own, shown to nobody but those named here.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskpersonRequest {
    /// `riskperson`.
    pub kind: EscalationKind,
    /// Where: a unit's id or its own code.
    #[schema(min_length = 1, max_length = 200)]
    pub unit: String,
    /// Who it is, in words. Kept sealed.
    #[schema(min_length = 1, max_length = 1000)]
    pub person: String,
    /// What has come to light.
    #[schema(min_length = 1, max_length = 10000)]
    pub reason: String,
    /// The staff ids of those who may see it, beside oneself.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub readers: Vec<Uuid>,
}

/// What becomes of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningOutcome {
    /// It is taken up; of lex Sarah, as a report by whoever screens it.
    TakeUp,
    /// It is no matter for this process.
    Out,
}

/// A screening.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "out", "reasons": ["SCR.EJA"], "text": "Blåmärke, läkt."}))]
pub struct ScreenRequest {
    /// What becomes of it.
    pub outcome: ScreeningOutcome,
    /// Codes of the list `screening`; needed for `out`.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub reasons: Vec<String>,
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

impl From<ScreenRequest> for Screen {
    fn from(request: ScreenRequest) -> Self {
        match request.outcome {
            ScreeningOutcome::TakeUp => Screen::TakeUp,
            ScreeningOutcome::Out => Screen::Out { reasons: request.reasons, text: request.text },
        }
    }
}

/// One flag of many, with what becomes of it.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreeningRequest {
    /// The escalation's id.
    pub id: Uuid,
    /// The version that was read.
    pub version: i64,
    /// What becomes of it.
    pub outcome: ScreeningOutcome,
    /// Codes of the list `screening`; needed for `out`.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub reasons: Vec<String>,
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

impl ScreeningRequest {
    /// What becomes of it.
    pub fn screen(self) -> Screen {
        let Self { outcome, reasons, text, .. } = self;
        ScreenRequest { outcome, reasons, text }.into()
    }
}

/// Many flags screened at once.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreeningsRequest {
    /// The flags, each once.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<ScreeningRequest>,
}

/// One of the flags, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScreeningResultView {
    /// The escalation's id.
    pub id: Uuid,
    /// Done or refused.
    pub result: ActionResult,
    /// Its new version, where it is done.
    pub version: Option<i64>,
    /// Where it stands, where it is done.
    pub status: Option<EscalationStatus>,
    /// The code of the problem, where it is refused.
    pub code: Option<String>,
    /// The same in words.
    pub title: Option<String>,
    /// Every fault, where it is refused.
    pub errors: Vec<FaultView>,
}

/// What became of each flag.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScreeningsView {
    /// How many are done.
    pub done: usize,
    /// How many were refused.
    pub refused: usize,
    /// Each, in the order asked.
    pub items: Vec<ScreeningResultView>,
}

/// That the nämnd was told, by a private provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardInformedView {
    /// The day.
    pub on: Date,
    /// How, or whom.
    #[schema(max_length = 1000)]
    pub how: Option<String>,
}

impl From<BoardInformedView> for d::BoardInformed {
    fn from(view: BoardInformedView) -> Self {
        Self { on: view.on, how: view.how }
    }
}

impl From<&d::BoardInformed> for BoardInformedView {
    fn from(informed: &d::BoardInformed) -> Self {
        Self { on: informed.on, how: informed.how.clone() }
    }
}

/// That a lex Sarah report was received.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiveRequest {
    /// That the nämnd was told; needed from a private provider.
    pub board_informed: Option<BoardInformedView>,
    /// The staff ids of those it criticises.
    #[schema(max_items = 20)]
    pub criticised: Option<Vec<Uuid>>,
}

fn staff(ids: Vec<Uuid>) -> BTreeSet<StaffId> {
    ids.into_iter().map(StaffId).collect()
}

impl ReceiveRequest {
    /// What the domain is told.
    pub fn parts(self) -> (Option<d::BoardInformed>, Option<BTreeSet<StaffId>>) {
        (self.board_informed.map(Into::into), self.criticised.map(staff))
    }
}

/// What was done at once to protect the person.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImmediateActionRequest {
    /// What; or why nothing was needed.
    #[schema(max_length = 10000)]
    pub text: String,
}

/// The investigation of a lex Sarah report. What is left out stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InquiryRequest {
    /// The staff id of who investigates: nobody it criticises.
    pub investigator: Option<Uuid>,
    /// What happened.
    #[schema(max_length = 20000)]
    pub course_of_events: Option<String>,
    /// What it meant for the person.
    #[schema(max_length = 20000)]
    pub consequences: Option<String>,
    /// Why it happened.
    #[schema(max_length = 20000)]
    pub causes: Option<String>,
    /// Whether it could happen again, or has.
    #[schema(max_length = 20000)]
    pub recurrence: Option<String>,
    /// What is done about it.
    #[schema(max_length = 20000)]
    pub measures: Option<String>,
    /// The staff ids of everyone it criticises.
    #[schema(max_items = 20)]
    pub criticised: Option<Vec<Uuid>>,
    /// The investigation is complete.
    pub complete: bool,
}

impl From<InquiryRequest> for Findings {
    fn from(request: InquiryRequest) -> Self {
        Self {
            investigator: request.investigator.map(StaffId),
            course_of_events: request.course_of_events,
            consequences: request.consequences,
            causes: request.causes,
            recurrence: request.recurrence,
            measures: request.measures,
            criticised: request.criticised.map(staff),
            complete: request.complete,
        }
    }
}

/// A proposal. It decides nothing.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeRequest {
    /// Whether to notify IVO; lex Maria and riskperson.
    pub notify: Option<bool>,
    /// Lex Sarah: the degree.
    pub degree: Option<Degree>,
    /// In words.
    #[schema(max_length = 10000)]
    pub text: String,
}

impl From<ProposeRequest> for d::Proposing {
    fn from(request: ProposeRequest) -> Self {
        Self { notify: request.notify, degree: request.degree.map(Into::into), text: request.text }
    }
}

/// A decision whether IVO is notified, by whoever the register lets decide.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "notify": false, "test": "none", "motivation": "Övergående obehag, inget ökat vårdbehov.",
}))]
pub struct DecideRequest {
    /// Whether IVO is notified.
    pub notify: bool,
    /// Lex Maria: the test of PSL 1 kap. 5 §, second paragraph.
    pub test: Option<SeriousTest>,
    /// Why, also of a "no".
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub motivation: String,
    /// The day; today unless given.
    pub decided_on: Option<Date>,
}

impl From<DecideRequest> for d::Deciding {
    fn from(request: DecideRequest) -> Self {
        Self {
            yes: request.notify,
            test: request.test.map(Into::into),
            motivation: request.motivation,
            on: request.decided_on,
        }
    }
}

/// A decision on the degree under lex Sarah.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessRequest {
    /// The degree.
    pub degree: Degree,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub motivation: String,
    /// The day; today unless given.
    pub decided_on: Option<Date>,
}

impl From<AssessRequest> for Assessing {
    fn from(request: AssessRequest) -> Self {
        Self {
            degree: request.degree.into(),
            motivation: request.motivation,
            on: request.decided_on,
        }
    }
}

/// A decision that a lex Sarah report is a mere avvikelse.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DismissRequest {
    /// Why.
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub motivation: String,
    /// The day; today unless given.
    pub decided_on: Option<Date>,
}

/// That IVO was notified.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sent_at": "2026-03-10T09:30:00Z", "channel": "e_service", "diary_number": "SN 2026/112",
}))]
pub struct NotifyRequest {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How: never by e-mail or fax.
    pub channel: EscalationChannel,
    /// The tenant's own diarienummer.
    #[schema(max_length = 100)]
    pub diary_number: String,
    /// IVO's diarienummer, where it is known already.
    #[schema(max_length = 100)]
    pub ivo_number: Option<String>,
    /// Lex Sarah: that the nämnd was told; needed from a private provider.
    pub board_informed: Option<BoardInformedView>,
    /// Lex Sarah: the decision, where it is notified before it was investigated.
    pub decision: Option<AssessRequest>,
}

impl From<NotifyRequest> for Notifying {
    fn from(request: NotifyRequest) -> Self {
        Self {
            sent_at: request.sent_at,
            channel: request.channel.into(),
            diary_number: request.diary_number,
            ivo_number: request.ivo_number,
            board_informed: request.board_informed.map(Into::into),
            decision: request.decision.map(Into::into),
        }
    }
}

/// That something was sent to IVO.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SentRequest {
    /// When.
    pub sent_at: Timestamp,
    /// How.
    pub channel: EscalationChannel,
}

/// What IVO asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplementAsked {
    /// What.
    #[schema(max_length = 10000)]
    pub what: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until which day.
    pub due_on: Date,
}

impl From<SupplementAsked> for d::SupplementRequest {
    fn from(asked: SupplementAsked) -> Self {
        Self { what: asked.what, requested_at: asked.requested_at, due_on: asked.due_on }
    }
}

impl From<&d::SupplementRequest> for SupplementAsked {
    fn from(asked: &d::SupplementRequest) -> Self {
        Self { what: asked.what.clone(), requested_at: asked.requested_at, due_on: asked.due_on }
    }
}

/// A supplement: asked for, or sent. Exactly one of the two.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplementToIvoRequest {
    /// IVO asks for it.
    pub requested: Option<SupplementAsked>,
    /// It was sent.
    pub sent: Option<SentRequest>,
}

/// That IVO has received the notification.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IvoReceivedRequest {
    /// When.
    pub received_at: Timestamp,
    /// IVO's diarienummer.
    #[schema(max_length = 100)]
    pub number: Option<String>,
}

/// What IVO decided.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IvoDecidedRequest {
    /// When.
    pub decided_at: Timestamp,
    /// In short.
    #[schema(max_length = 10000)]
    pub decision: String,
    /// IVO's diarienummer, where it was not known.
    #[schema(max_length = 100)]
    pub number: Option<String>,
}

impl From<IvoDecidedRequest> for ivo::IvoDecided {
    fn from(request: IvoDecidedRequest) -> Self {
        Self { at: request.decided_at, decision: request.decision, number: request.number }
    }
}

/// What came from IVO. Exactly one of the two.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IvoRequest {
    /// IVO has received it.
    pub received: Option<IvoReceivedRequest>,
    /// IVO has decided.
    pub decided: Option<IvoDecidedRequest>,
}

/// What was put right under lex Sarah, and who was told. What is left out stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RemedyView {
    /// What was put right.
    #[schema(max_length = 10000)]
    pub put_right: Option<String>,
    /// The day it was.
    pub put_right_on: Option<Date>,
    /// Whether the person or their representative was told.
    pub person_informed: Option<bool>,
    /// How, or why not.
    #[schema(max_length = 4000)]
    pub person_informed_how: Option<String>,
    /// That the personakt holds a note of it.
    pub file_note_confirmed: Option<bool>,
    /// Whether it was considered to report it to the police, and with what result.
    #[schema(max_length = 4000)]
    pub police_considered: Option<String>,
}

impl From<RemedyView> for lex_sarah::Remedy {
    fn from(view: RemedyView) -> Self {
        Self {
            put_right: view.put_right,
            put_right_on: view.put_right_on,
            person_informed: view.person_informed,
            person_informed_how: view.person_informed_how,
            file_note_confirmed: view.file_note_confirmed,
            police_considered: view.police_considered,
        }
    }
}

impl From<&lex_sarah::Remedy> for RemedyView {
    fn from(remedy: &lex_sarah::Remedy) -> Self {
        let remedy = remedy.clone();
        Self {
            put_right: remedy.put_right,
            put_right_on: remedy.put_right_on,
            person_informed: remedy.person_informed,
            person_informed_how: remedy.person_informed_how,
            file_note_confirmed: remedy.file_note_confirmed,
            police_considered: remedy.police_considered,
        }
    }
}

/// The end of an escalation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CloseEscalationRequest {
    /// In a sentence.
    #[schema(max_length = 4000)]
    pub summary: Option<String>,
    /// Lex Maria: the information of PSL 3 kap. 8 §, where it was a vårdskada and the case has none yet.
    pub patient_information: Option<PatientInformationView>,
}

impl From<CloseEscalationRequest> for d::EndingGiven {
    fn from(request: CloseEscalationRequest) -> Self {
        Self {
            summary: request.summary,
            patient_information: request.patient_information.map(Into::into),
        }
    }
}

/// Who may see a riskperson.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadersRequest {
    /// Their staff ids: all of them.
    #[schema(max_items = 50)]
    pub readers: Vec<Uuid>,
}

/// How it was raised.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FlagView {
    /// Why, by rule; or by hand.
    pub causes: Vec<FlagCause>,
    /// The staff id of who assessed the case, or raised it.
    pub by: Option<Uuid>,
    /// In words.
    pub text: Option<String>,
}

/// An employee's lex Sarah report.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportView {
    /// The staff id of who reported.
    pub by: Option<Uuid>,
    /// When.
    pub at: Timestamp,
    /// Who told it by mouth.
    pub oral_from: Option<String>,
    /// In words.
    pub text: Option<String>,
}

/// That it was screened out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScreeningView {
    /// Codes of the list `screening`.
    pub reasons: Vec<String>,
    /// In words.
    pub text: Option<String>,
    /// The staff id of who screened it.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// That a report was received.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReceiptView {
    /// The staff id of who received it.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
    /// That the nämnd was told.
    pub board_informed: Option<BoardInformedView>,
}

/// What was done at once.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProtectionView {
    /// What.
    pub text: String,
    /// The staff id of who put it down.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// The investigation of a report.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InquiryView {
    /// The staff id of who investigates.
    pub investigator: Option<Uuid>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// What happened.
    pub course_of_events: Option<String>,
    /// What it meant for the person.
    pub consequences: Option<String>,
    /// Why it happened.
    pub causes: Option<String>,
    /// Whether it could happen again.
    pub recurrence: Option<String>,
    /// What is done about it.
    pub measures: Option<String>,
    /// When it was complete.
    pub completed_at: Option<Timestamp>,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProposalView {
    /// Whether to notify.
    pub notify: bool,
    /// The degree.
    pub degree: Option<Degree>,
    /// In words.
    pub text: String,
    /// The staff id of who proposes.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DecisionView {
    /// Whether IVO is notified.
    pub notify: bool,
    /// Lex Sarah: the degree.
    pub degree: Option<Degree>,
    /// Lex Maria: the test of PSL 1 kap. 5 §.
    pub test: Option<SeriousTest>,
    /// Why.
    pub motivation: Option<String>,
    /// The day.
    pub decided_on: Date,
    /// The staff id of who decided.
    pub by: Option<Uuid>,
    /// By which decision of the register.
    pub delegation: Option<String>,
}

impl From<&d::Decision> for DecisionView {
    fn from(decision: &d::Decision) -> Self {
        Self {
            notify: decision.yes,
            degree: decision.degree.map(Into::into),
            test: decision.test.map(Into::into),
            motivation: decision.motivation.clone(),
            decided_on: decision.on,
            by: decision.by.map(|staff| staff.0),
            delegation: decision.delegation.clone(),
        }
    }
}

/// What held before, and why it holds no more.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EarlierView {
    /// The screening.
    pub screening: Option<ScreeningView>,
    /// The decision.
    pub decision: Option<DecisionView>,
    /// When the notification that was withdrawn had been sent.
    pub notified_at: Option<Timestamp>,
    /// Why it holds no more.
    pub reason: String,
    /// The staff id of who took it up.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// A supplement that was sent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SupplementSentView {
    /// What was asked for.
    pub requested: SupplementAsked,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// What was said and done in an escalation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MatterView {
    /// How it was raised.
    pub flag: Option<FlagView>,
    /// Lex Sarah: the report.
    pub report: Option<ReportView>,
    /// That it was screened out.
    pub screening: Option<ScreeningView>,
    /// The staff ids of whom it criticises.
    pub criticised: Vec<Uuid>,
    /// Lex Sarah: that it was received.
    pub receipt: Option<ReceiptView>,
    /// Lex Sarah: what was done at once.
    pub protections: Vec<ProtectionView>,
    /// Lex Sarah: the investigation; never shown to whom it criticises.
    pub inquiry: Option<InquiryView>,
    /// Proposals, oldest first.
    pub proposals: Vec<ProposalView>,
    /// Lex Sarah: the decision by which it was notified before it was investigated.
    pub preliminary: Option<DecisionView>,
    /// The decision that holds.
    pub decision: Option<DecisionView>,
    /// What held before.
    pub earlier: Vec<EarlierView>,
    /// How IVO was notified.
    pub channel: Option<EscalationChannel>,
    /// That the nämnd was told of the notification.
    pub board_informed: Option<BoardInformedView>,
    /// What IVO asks for now.
    pub supplement: Option<SupplementAsked>,
    /// Supplements that were sent.
    pub supplements: Vec<SupplementSentView>,
    /// When IVO said that it has received it.
    pub ivo_received_at: Option<Timestamp>,
    /// What IVO decided.
    pub ivo_decision: Option<String>,
    /// Lex Sarah: what was put right, and who was told.
    pub remedy: Option<RemedyView>,
    /// Lex Maria: the information of PSL 3 kap. 8 §.
    pub patient_information: Option<PatientInformationView>,
    /// How it ended.
    pub summary: Option<String>,
    /// Why the notification was withdrawn.
    pub withdrawn_reason: Option<String>,
    /// Riskperson: who it is.
    pub person: Option<String>,
    /// Riskperson: the staff ids of those who may see it.
    pub readers: Vec<Uuid>,
}

fn screening(it: &matter::Screening) -> ScreeningView {
    ScreeningView { reasons: it.reasons.clone(), text: it.text.clone(), by: it.by.0, at: it.at }
}

impl MatterView {
    /// All of it; or, for whom it criticises, what was reported and what protects the person.
    fn new(escalation: &d::Escalation, person: Option<&str>, whole: bool) -> Self {
        let it = &escalation.matter;
        let (mut screened, mut supplement, mut summary, mut withdrawn) = (None, None, None, None);
        match &escalation.state {
            d::State::ScreenedOut(by) => screened = Some(screening(by)),
            d::State::SupplementRequested(asked) => supplement = Some(asked.into()),
            d::State::Closed(ending) => summary = ending.summary.clone(),
            d::State::Withdrawn(by) => withdrawn = Some(by.reason.clone()),
            _ => {}
        }
        let all = Self {
            flag: it.flag.as_ref().map(|flag| FlagView {
                causes: flag.causes.iter().copied().map(Into::into).collect(),
                by: flag.by.map(|staff| staff.0),
                text: flag.text.clone(),
            }),
            report: it.report.as_ref().map(|report| ReportView {
                by: report.by.map(|staff| staff.0),
                at: report.at,
                oral_from: report.oral_from.clone(),
                text: report.text.clone(),
            }),
            screening: screened,
            criticised: it.criticised.iter().map(|staff| staff.0).collect(),
            receipt: it.receipt.as_ref().map(|receipt| ReceiptView {
                by: receipt.by.0,
                at: receipt.at,
                board_informed: receipt.board_informed.as_ref().map(Into::into),
            }),
            protections: it
                .protections
                .iter()
                .map(|one| ProtectionView { text: one.text.clone(), by: one.by.0, at: one.at })
                .collect(),
            inquiry: it.inquiry.clone().map(|inquiry| InquiryView {
                investigator: inquiry.investigator.map(|staff| staff.0),
                started_at: inquiry.started_at,
                course_of_events: inquiry.course_of_events,
                consequences: inquiry.consequences,
                causes: inquiry.causes,
                recurrence: inquiry.recurrence,
                measures: inquiry.measures,
                completed_at: inquiry.completed_at,
            }),
            proposals: it
                .proposals
                .iter()
                .map(|one| ProposalView {
                    notify: one.notify,
                    degree: one.degree.map(Into::into),
                    text: one.text.clone(),
                    by: one.by.0,
                    at: one.at,
                })
                .collect(),
            preliminary: it.preliminary.as_ref().map(Into::into),
            decision: it.decision.as_ref().map(Into::into),
            earlier: it
                .earlier
                .iter()
                .map(|one| EarlierView {
                    screening: one.screening.as_ref().map(screening),
                    decision: one.decision.as_ref().map(Into::into),
                    notified_at: one.notification.as_ref().map(|sent| sent.sent_at),
                    reason: one.reason.clone(),
                    by: one.by.0,
                    at: one.at,
                })
                .collect(),
            channel: it.notification.as_ref().and_then(|sent| sent.channel).map(Into::into),
            board_informed: it
                .notification
                .as_ref()
                .and_then(|sent| sent.board_informed.as_ref())
                .map(Into::into),
            supplement,
            supplements: it
                .supplements
                .iter()
                .map(|one| SupplementSentView {
                    requested: (&one.request).into(),
                    sent_at: one.sent.sent_at,
                })
                .collect(),
            ivo_received_at: it.ivo.received_at,
            ivo_decision: it.ivo.decision.clone(),
            remedy: it.remedy.as_ref().map(Into::into),
            patient_information: it.patient_information.clone().map(Into::into),
            summary,
            withdrawn_reason: withdrawn,
            person: person.map(str::to_owned),
            readers: escalation.readers.iter().map(|staff| staff.0).collect(),
        };
        if whole {
            return all;
        }
        Self {
            inquiry: None,
            proposals: Vec::new(),
            preliminary: None,
            decision: None,
            earlier: Vec::new(),
            supplement: None,
            supplements: Vec::new(),
            ivo_decision: None,
            summary: None,
            withdrawn_reason: None,
            ..all
        }
    }
}

/// An escalation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EscalationView {
    /// Its id.
    pub id: Uuid,
    /// Which process it is.
    pub kind: EscalationKind,
    /// Where it stands.
    pub status: EscalationStatus,
    /// Whether something is still to be done.
    pub open: bool,
    /// The id of the case it stands beside; `null` for a riskperson.
    pub case: Option<Uuid>,
    /// That case's number.
    pub number: Option<String>,
    /// Where it happened.
    pub unit: UnitRef,
    /// The law it is judged by.
    pub law: Law,
    /// What its time is counted from: the event, or the report.
    pub starts_at: Timestamp,
    /// When it was raised.
    pub flagged_at: Timestamp,
    /// Lex Sarah: when it was received.
    pub received_at: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// When IVO was notified.
    pub notified_at: Option<Timestamp>,
    /// When the investigation went to IVO.
    pub inquiry_submitted_at: Option<Timestamp>,
    /// Until when IVO wants more.
    pub supplement_due_on: Option<Date>,
    /// When IVO decided.
    pub ivo_decided_at: Option<Timestamp>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// The tenant's own diarienummer.
    pub diary_number: Option<String>,
    /// IVO's diarienummer.
    pub ivo_number: Option<String>,
    /// What is to be done next; `null` when it has ended.
    pub next: Option<String>,
    /// What one may do to it, before any guard.
    pub commands: Vec<String>,
    /// What was said and done; `null` in lists, and for whoever sees only where it stands.
    pub matter: Option<MatterView>,
    /// Came by import.
    pub imported: bool,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How much of an escalation is shown.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// Where it stands.
    State,
    /// What was reported, and what protects the person.
    Facts,
    /// All of it, with who a riskperson is.
    Whole(Option<&'a str>),
}

impl EscalationView {
    /// An escalation beside a case of this number.
    pub fn new(
        it: &d::Escalation,
        number: Option<String>,
        commands: &[d::Command],
        shown: Shown<'_>,
        units: &UnitTree,
    ) -> Self {
        let matter = &it.matter;
        let notification = matter.notification.as_ref();
        let (supplement_due_on, closed_at) = match &it.state {
            d::State::SupplementRequested(asked) => (Some(asked.due_on), None),
            d::State::Closed(ending) => (None, Some(ending.at)),
            _ => (None, None),
        };
        Self {
            id: it.id.0,
            kind: it.kind.into(),
            status: it.status().into(),
            open: it.open(),
            // A riskperson is shown beside no case.
            case: it.case.filter(|_| it.kind != d::Kind::Riskperson).map(|case| case.0),
            number,
            unit: UnitRef::of(units, it.unit),
            law: it.law.into(),
            starts_at: it.starts_at,
            flagged_at: it.flagged_at,
            received_at: matter.receipt.as_ref().map(|receipt| receipt.at),
            decided_at: matter.deciding().map(|decision| decision.at),
            notified_at: notification.map(|sent| sent.sent_at),
            inquiry_submitted_at: matter.submission.as_ref().map(|sent| sent.sent_at),
            supplement_due_on,
            ivo_decided_at: matter.ivo.decided_at,
            closed_at,
            diary_number: notification.and_then(|sent| sent.diary_number.clone()),
            ivo_number: matter.ivo.number.clone(),
            next: it.todo().map(|todo| todo.code().to_owned()),
            commands: commands.iter().map(|command| command.code().to_owned()).collect(),
            matter: match shown {
                Shown::State => None,
                Shown::Facts => Some(MatterView::new(it, None, false)),
                Shown::Whole(person) => Some(MatterView::new(it, person, true)),
            },
            imported: it.imported,
            version: it.version,
            updated_at: it.updated_at,
        }
    }
}

/// Escalations beside a case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EscalationsView {
    /// The escalations, oldest first.
    pub items: Vec<EscalationView>,
}

/// One part of a dossier.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DossierPartView {
    /// Under which heading: `who`, `event`, `inquiry`, `information` or `decision`.
    pub section: String,
    /// What it is.
    pub code: String,
    /// Its title.
    pub title: String,
    /// What stands there.
    pub text: Option<String>,
    /// It is asked for, and not there.
    pub missing: bool,
    /// Whether the statute asks for it, as far as somebody has read it; else it is a local template.
    pub statutory: bool,
}

/// The paragraph a dossier rests on.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DossierProvisionView {
    /// Chapter and paragraph.
    pub paragraph: String,
    /// The act's number in Svensk författningssamling.
    pub sfs: String,
}

/// A supplement in the tracker of a dossier.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DossierSupplementView {
    /// What IVO asks for.
    pub what: String,
    /// Until when.
    pub due_on: Date,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
}

/// Everything a notification to IVO asks for, and what is missing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DossierView {
    /// The escalation's id.
    pub id: Uuid,
    /// Which process it is.
    pub kind: EscalationKind,
    /// Where it stands.
    pub status: EscalationStatus,
    /// The case's number.
    pub number: Option<String>,
    /// The paragraph it rests on, where somebody has read it.
    pub provision: Option<DossierProvisionView>,
    /// Its parts, in order.
    pub parts: Vec<DossierPartView>,
    /// The codes of the parts that are missing.
    pub missing: Vec<String>,
    /// IVO's diarienummer.
    pub ivo_number: Option<String>,
    /// What IVO has asked for.
    pub supplements: Vec<DossierSupplementView>,
    /// What IVO decided.
    pub ivo_decision: Option<String>,
    /// When IVO decided.
    pub ivo_decided_at: Option<Timestamp>,
}

impl DossierView {
    /// A dossier.
    pub fn new(
        escalation: &d::Escalation,
        number: Option<String>,
        dossier: &d::dossier::Dossier,
        english: bool,
    ) -> Self {
        Self {
            id: escalation.id.0,
            kind: escalation.kind.into(),
            status: escalation.status().into(),
            number,
            provision: dossier
                .provision
                .clone()
                .map(|(paragraph, sfs)| DossierProvisionView { paragraph, sfs }),
            parts: dossier
                .parts
                .iter()
                .map(|filled| DossierPartView {
                    section: filled.part.section.clone(),
                    code: filled.part.code.clone(),
                    title: if english { &filled.part.en } else { &filled.part.sv }.clone(),
                    text: filled.text.clone(),
                    missing: filled.missing(),
                    statutory: filled.part.basis.verified(),
                })
                .collect(),
            missing: dossier.missing().map(|part| part.code.clone()).collect(),
            ivo_number: dossier.ivo_number.clone(),
            supplements: dossier
                .supplements
                .iter()
                .map(|(what, due_on, sent_at)| DossierSupplementView {
                    what: what.clone(),
                    due_on: *due_on,
                    sent_at: *sent_at,
                })
                .collect(),
            ivo_decision: dossier.ivo_decision.as_ref().map(|(text, _)| text.clone()),
            ivo_decided_at: dossier.ivo_decision.as_ref().map(|(_, at)| *at),
        }
    }
}
