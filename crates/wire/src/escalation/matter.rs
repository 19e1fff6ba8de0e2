//! Everything that was said and done in an escalation, as its readers see it.

use domain::escalation as d;
use domain::escalation::matter;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ending::RemedyView;
use super::handling::BoardInformedView;
use super::ivo::SupplementAsked;
use crate::code::{Degree, EscalationChannel, FlagCause, SeriousTest};
use crate::command::PatientInformationView;

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
    /// The number that IVO had given it.
    pub ivo_number: Option<String>,
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
    /// Lex Sarah: what others reported of the same afterwards, oldest first.
    pub later_reports: Vec<ReportView>,
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

fn reported(report: &matter::Report) -> ReportView {
    ReportView {
        by: report.by.map(|staff| staff.0),
        at: report.at,
        oral_from: report.oral_from.clone(),
        text: report.text.clone(),
    }
}

fn screening(it: &matter::Screening) -> ScreeningView {
    ScreeningView { reasons: it.reasons.clone(), text: it.text.clone(), by: it.by.0, at: it.at }
}

impl MatterView {
    /// All of it; or, for whom it criticises, what was reported and what protects the person.
    pub(super) fn new(escalation: &d::Escalation, person: Option<&str>, whole: bool) -> Self {
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
            report: it.report.as_ref().map(reported),
            later_reports: it.later_reports.iter().map(reported).collect(),
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
                    ivo_number: one.ivo.as_ref().and_then(|ivo| ivo.number.clone()),
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
