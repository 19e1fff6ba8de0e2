//! What IVO's notification asks for, and what is missing.

use domain::escalation as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{EscalationKind, EscalationStatus};

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
    /// It is there, and not shown to whoever reads.
    pub hidden: bool,
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
                    hidden: filled.hidden,
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
