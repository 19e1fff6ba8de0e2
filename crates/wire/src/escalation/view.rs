//! An escalation, as far as its reader may see it.

use domain::escalation as d;
use domain::organisation::UnitTree;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::matter::MatterView;
use crate::case::UnitRef;
use crate::code::{EscalationKind, EscalationStatus, Law};

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
