//! What the rules are given: cases in brief, and what hangs on them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::roster::Place;
use crate::calendar::swedish_date;
use crate::case::closing::Ending;
use crate::case::measure::Effect;
use crate::case::parts::TriagePart;
use crate::case::triage::Vardskada;
use crate::case::watch::{Watcher, Wish};
use crate::case::{Case, Kind, Status, Track};
use crate::clock::DutyFact;
use crate::escalation::{Delegation, Escalation};
use crate::forwarding::Forwarding;
use crate::ids::{CaseId, CommentId, HandoverId, MeasureId, StaffId, UnitId, WatchId};
use crate::law::Law;
use crate::opinion::OpinionBrief;
use crate::organisation::Role;
use crate::policy::Target;
use crate::review::Review;
use crate::settings::{LeadTraits, Settings};

/// A case in brief: what the rules need, and what a list may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Its id.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub status: Status,
    /// The way it is handled.
    pub track: Option<Track>,
    /// The responsible unit.
    pub unit: UnitId,
    /// The unit that reported it.
    pub reporting_unit: UnitId,
    /// Other units concerned.
    pub also_units: Vec<UnitId>,
    /// The laws that hold.
    pub laws: Vec<Law>,
    /// The category that holds.
    pub category: Option<String>,
    /// The potential severity.
    pub severity: Option<u8>,
    /// The risk score.
    pub risk_score: Option<u8>,
    /// Whether it was a vårdskada.
    pub vardskada: Vardskada,
    /// Who leads.
    pub lead: Option<StaffId>,
    /// How often it was given to another unit.
    pub hops: u16,
    /// What triage still needs: see [`awaits`].
    pub awaits: Vec<String>,
    /// Whether the filing was kept with warnings.
    pub warned: bool,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// Whom it is kept from.
    pub kept_from: BTreeSet<StaffId>,
    /// What clocks and rules ask of it as an opinion; `None` for what is none, or came before opinions
    /// were kept apart.
    pub opinion: Option<OpinionBrief>,
    /// When it passed what clocks ask about.
    pub clocked: Clocked,
}

/// What clocks and the ladder need to know of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocked {
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// When triage was complete.
    pub triaged_at: Option<Timestamp>,
    /// When the investigation was complete.
    pub investigation_done_at: Option<Timestamp>,
    /// When measures were decided.
    pub measures_decided_at: Option<Timestamp>,
    /// When follow-up began.
    pub following_up_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// When it was judged to be a vårdskada.
    pub vardskada_at: Option<Timestamp>,
    /// When the patient was told, or it was said why not.
    pub informed_at: Option<Timestamp>,
    /// Up to which day it waits for somebody outside.
    pub waiting_until: Option<Date>,
    /// Closed as a duplicate.
    pub duplicate: bool,
    /// Came by import.
    pub imported: bool,
    /// Its version.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The instants of a case's clocks, from the case as a whole: what stands in columns beside it.
impl Case {
    /// Since when it is judged to be a vårdskada; `None` where it is none, or an import says nothing.
    pub fn vardskada_at(&self) -> Option<Timestamp> {
        let judged = self.assessment.judged.get("harm.vardskada").map(|judged| judged.at);
        judged.filter(|_| self.assessment.harm.vardskada == Vardskada::Yes)
    }

    /// When the patient was told of it, or it was said why not.
    pub fn informed_at(&self) -> Option<Timestamp> {
        self.assessment.patient_information.as_ref()?;
        let told = self.progress.patient_informed_at.or(self.closed_at());
        Some(told.unwrap_or(self.updated_at))
    }
}

/// Where the health part of triage stands in a triage body.
const HEALTH: &str = "/harm/";

/// What triage still needs of anybody, as JSON pointers into its body: beside
/// [`Case::triage_awaits`] what the health part lacks. That holds up no triage, but the end.
pub fn awaits(case: &Case) -> Vec<&'static str> {
    let mut awaits = match case.status() {
        Status::Reported => case.triage_awaits(),
        _ => Vec::new(),
    };
    if case.awaits_parts().contains(&TriagePart::Health) {
        awaits.push("/harm/vardskada");
    }
    awaits
}

impl Brief {
    /// A case in brief, with whom it is kept from.
    pub fn of(case: &Case) -> Self {
        let (assessment, progress) = (&case.assessment, &case.progress);
        Self {
            id: case.id,
            number: case.number.to_string(),
            kind: case.kind,
            status: case.status(),
            track: assessment.track,
            unit: case.unit,
            reporting_unit: case.reporting_unit,
            also_units: case.also_units.clone(),
            laws: case.laws(),
            category: case.category().map(str::to_owned),
            severity: assessment.severity.potential(),
            risk_score: assessment.risk_score(),
            vardskada: assessment.harm.vardskada,
            lead: assessment.lead,
            hops: assessment.hops,
            awaits: awaits(case).into_iter().map(str::to_owned).collect(),
            warned: !case.filing.warnings.is_empty(),
            reported_at: case.reported_at,
            kept_from: case.conflicts.iter().map(|conflict| conflict.staff).collect(),
            opinion: case.opinion_brief(),
            clocked: Clocked {
                occurred_at: case.occurred_at,
                triaged_at: progress.triaged_at,
                investigation_done_at: progress.investigation_done_at,
                measures_decided_at: progress.measures_decided_at,
                following_up_at: progress.following_up_at,
                closed_at: case.closed_at(),
                vardskada_at: case.vardskada_at(),
                informed_at: case.informed_at(),
                waiting_until: assessment.waiting.as_ref().map(|it| it.until),
                duplicate: case.outcome().map(Ending::of) == Some(Ending::Duplicate),
                imported: case.imported,
                version: case.version,
                updated_at: case.updated_at,
            },
        }
    }

    /// Where it stands, as far as that decides who gets it.
    pub fn place(&self) -> Place<'_> {
        Place { unit: self.unit, laws: &self.laws, kind: self.kind }
    }

    pub(crate) fn traits(&self) -> LeadTraits<'_> {
        LeadTraits {
            laws: &self.laws,
            category: self.category.as_deref(),
            severity: self.severity,
            vardskada: self.vardskada,
            track: self.track,
        }
    }

    /// What the health part, or the unit's part, still needs.
    pub(super) fn missing(&self, health: bool) -> Vec<String> {
        let of_part = |field: &&String| field.starts_with(HEALTH) == health;
        self.awaits.iter().filter(of_part).cloned().collect()
    }

    /// Whether it came by import and nobody has done anything to it: it wakes no clock, and does not
    /// climb.
    pub fn asleep(&self) -> bool {
        self.clocked.imported && self.clocked.version == 1
    }

    /// Whether nobody has judged anything of the unit's part yet.
    pub(super) fn untouched(&self) -> bool {
        let open = |field: &str| self.awaits.iter().any(|it| it == field);
        let law = self.kind != Kind::Avvikelse || open("/law");
        self.status == Status::Reported && open("/category") && open("/track") && law
    }

    /// The risk score; one that nobody has given counts as just below the threshold, for nobody has
    /// said that it is harmless.
    pub(super) fn weight(&self, settings: &Settings) -> u8 {
        self.risk_score.unwrap_or(settings.risk_threshold.saturating_sub(1))
    }

    /// How many days it has been there.
    pub fn age_on(&self, day: Date) -> i64 {
        days_since(self.reported_at, day)
    }

    /// What the policy needs to know of it, for somebody who has not filed it. `asked` are those
    /// asked by name whom it still concerns.
    pub fn target(&self, asked: BTreeSet<StaffId>) -> Target {
        Target {
            unit: self.unit,
            reporting_unit: self.reporting_unit,
            laws: self.laws.clone(),
            kind: self.kind,
            owner: None,
            registered_only: false,
            private: false,
            also_units: self.also_units.clone(),
            asked,
            kept_from: self.kept_from.clone(),
        }
    }
}

/// How many days lie between the Swedish day of an instant and a later day.
pub(super) fn days_since(at: Timestamp, day: Date) -> i64 {
    (day.duration_since(swedish_date(at)).as_hours() / 24).max(0)
}

/// A measure that is not done, or whose effect nobody has judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMeasure {
    /// The case; one investigation may serve several, and then there is one of these for each.
    pub case: CaseId,
    /// Which.
    pub id: MeasureId,
    /// Who does it: a name or a role.
    pub owner: Option<String>,
    /// Until which day.
    pub due_on: Option<Date>,
    /// The day on which someone looks whether it helped.
    pub follow_up_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Effect,
}

/// A request to read, contribute or act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The case.
    pub case: CaseId,
    /// Which.
    pub id: WatchId,
    /// Who is asked.
    pub to: Watcher,
    /// For what.
    pub wish: Wish,
    /// Until when.
    pub due_on: Option<Date>,
    /// Whether nobody has answered yet. What was done still lets the person asked read the case.
    pub open: bool,
}

/// A comment that mentions the person and that they have said nothing after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The case.
    pub case: CaseId,
    /// Which.
    pub comment: CommentId,
    /// When it was said.
    pub at: Timestamp,
}

/// A handover in brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverBrief {
    /// Its id.
    pub id: HandoverId,
    /// Who hands over.
    pub giver: StaffId,
    /// Who takes over.
    pub taker: StaffId,
    /// Since when.
    pub made_at: Timestamp,
    /// Whether the giver has signed.
    pub giver_signed: bool,
    /// Whether the taker has signed.
    pub taker_signed: bool,
}

/// Everything the rules are given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The cases that anything below speaks of, and the open ones of the person's units.
    pub cases: BTreeMap<CaseId, Arc<Brief>>,
    /// Measures that are not done or not judged.
    pub measures: Vec<OpenMeasure>,
    /// What the person was asked, by name or by profession.
    pub requests: Vec<Request>,
    /// Comments that mention the person.
    pub mentions: Vec<Mention>,
    /// Closings in the sample that nobody has looked at.
    pub samples: Vec<CaseId>,
    /// Handovers that the person gives or takes.
    pub handovers: Vec<HandoverBrief>,
    /// Open escalations that the person may see.
    pub escalations: Vec<Escalation>,
    /// What the register gives the person.
    pub delegations: Vec<Delegation>,
    /// Everyone's lines of the register, where a decision waits.
    pub register: Vec<Delegation>,
    /// Neighbouring duties that are not answered.
    pub duties: Vec<DutyFact>,
    /// What goes between caregivers and the person may take further, each as what.
    pub forwardings: Vec<(Forwarding, Role)>,
    /// Of what the person may take further, as what: where a message to the other side's system was given
    /// up, and since when.
    pub undelivered: Vec<(Forwarding, Role, Timestamp)>,
    /// Half-yearly reviews that are not signed, or whose decisions are not settled.
    pub reviews: Vec<Review>,
}
