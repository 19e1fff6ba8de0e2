//! Which clocks the facts of cases, measures, duties and escalations make, and for whom they run.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::{Clock, ClockSettings, Kind, StartEvent, Statutory, Target};
use crate::calendar::{start_of_day, start_of_year, swedish, swedish_date};
use crate::case::triage::Vardskada;
use crate::case::{Kind as CaseKind, Status, Track};
use crate::duty;
use crate::escalation::{self, Escalation};
use crate::forwarding::{Direction, Forwarding};
use crate::ids::{CaseId, EscalationId, UnitId};
use crate::law::Law;
use crate::organisation::Role;
use crate::review::{ImprovementState, Owner, Review};
use crate::settings::Settings;
use crate::worklist::{Brief, OpenMeasure};

/// A neighbouring duty of a case, in brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyFact {
    /// The case.
    pub case: CaseId,
    /// A code of the list `duty`.
    pub code: String,
    /// Since when it is asked for.
    pub asked_at: Timestamp,
    /// Since when the organisation knew.
    pub known_at: Timestamp,
    /// When it was done, or found not to be needed.
    pub answered_at: Option<Timestamp>,
}

/// Which escalation it is. That of a person is nobody's to see here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LexKind {
    /// Lex Maria.
    LexMaria,
    /// Lex Sarah.
    LexSarah,
}

/// An escalation of a case, in brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexFact {
    /// Which.
    pub id: EscalationId,
    /// Of which kind.
    pub kind: LexKind,
    /// The case.
    pub case: CaseId,
    /// Where it happened.
    pub unit: UnitId,
    /// The law it is judged by, whatever those of the case.
    pub law: Law,
    /// Where it stands, by its code.
    pub status: String,
    /// What its clock runs from.
    pub starts_at: Timestamp,
    /// When it was flagged.
    pub flagged_at: Timestamp,
    /// When it was received.
    pub received_at: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Whether it is to be notified.
    pub decided_yes: Option<bool>,
    /// When it was notified to IVO.
    pub notified_at: Option<Timestamp>,
    /// When IVO had the investigation.
    pub inquiry_submitted_at: Option<Timestamp>,
    /// Until when IVO wants more.
    pub supplement_due_on: Option<Date>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// Came by import, and nobody has touched it.
    pub asleep: bool,
    /// Its version.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl LexFact {
    /// What the clocks of an escalation beside a case are made of; a riskperson has none.
    pub fn of(escalation: &Escalation) -> Option<Self> {
        let kind = match escalation.kind {
            escalation::Kind::LexMaria => LexKind::LexMaria,
            escalation::Kind::LexSarah => LexKind::LexSarah,
            escalation::Kind::Riskperson => return None,
        };
        let matter = &escalation.matter;
        Some(Self {
            id: escalation.id,
            kind,
            case: escalation.case?,
            unit: escalation.unit,
            law: escalation.law,
            status: escalation.status().code().to_owned(),
            starts_at: escalation.starts_at,
            flagged_at: escalation.flagged_at,
            received_at: matter.receipt.as_ref().map(|receipt| receipt.at),
            decided_at: matter.deciding().map(|decision| decision.at),
            decided_yes: matter.deciding().map(|decision| decision.yes),
            notified_at: matter.notification.as_ref().map(|it| it.sent_at),
            inquiry_submitted_at: matter.submission.as_ref().map(|it| it.sent_at),
            supplement_due_on: escalation.state.supplement_due_on(),
            closed_at: escalation.state.closed_at(),
            asleep: escalation.quiet(),
            version: escalation.version,
            updated_at: escalation.updated_at,
        })
    }

    /// Whether something is still to be done.
    pub fn open(&self) -> bool {
        self.status.parse().is_ok_and(escalation::Status::open)
    }
}

/// Until which day the next step of an escalation is to be taken: the first of its clocks that nobody
/// has met.
pub fn due_of_escalation(escalation: &Escalation, chosen: &ClockSettings) -> Option<Date> {
    let fact = LexFact::of(escalation)?;
    let on = swedish_date(escalation.starts_at);
    let clocks = of_lex(&fact, on, chosen);
    clocks.iter().filter(|clock| clock.met_at.is_none()).filter_map(Clock::due_on).min()
}

/// What is known of the report of last year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YearlyFact {
    /// Somebody has begun it here.
    pub begun: bool,
    /// The day on which it was first established.
    pub established_on: Option<Date>,
}

/// Every clock of an escalation, met or not.
pub fn clocks_of_lex(fact: &LexFact, chosen: &ClockSettings) -> Vec<Clock> {
    of_lex(fact, swedish_date(fact.starts_at), chosen)
}

/// Everything that clocks are made of.
#[derive(Clone, Debug, Default)]
pub struct ClockFacts {
    /// The cases.
    pub cases: BTreeMap<CaseId, Arc<Brief>>,
    /// Cases of which nothing is asked but what stands beside them: they have ended, or are read by
    /// others.
    pub beside: BTreeMap<CaseId, Arc<Brief>>,
    /// Measures that are not done.
    pub measures: Vec<OpenMeasure>,
    /// Neighbouring duties.
    pub duties: Vec<DutyFact>,
    /// Escalations.
    pub lex: Vec<LexFact>,
    /// What goes between caregivers and an answer is still to come to.
    pub forwardings: Vec<Forwarding>,
    /// Half-yearly reviews of units.
    pub reviews: Vec<Review>,
    /// The report of last year, where the tenant's own clocks are asked for, too.
    pub of_tenant: Option<YearlyFact>,
}

/// A clock with whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The clock.
    pub clock: Clock,
    /// The case; none of the tenant's own.
    pub case: Option<Arc<Brief>>,
    /// The measure or escalation.
    pub item: Option<Uuid>,
    /// The duty, a code of the list `duty`.
    pub duty: Option<String>,
    /// For which role it runs.
    pub role: Role,
    /// The number of what it is about, where that is no case.
    pub number: Option<String>,
    /// The unit, where it is about no case.
    pub unit: Option<UnitId>,
}

impl Entry {
    fn of(case: &Arc<Brief>, clock: Clock, role: Role) -> Self {
        let clock = clock.waiting(case.clocked.waiting_until);
        let case = Some(Arc::clone(case));
        Self { clock, case, item: None, duty: None, role, number: None, unit: None }
    }
}

/// The clocks of a case alone: of its handling, not of what hangs on it. Drafts, void cases and imports
/// that nobody has touched have none.
pub fn of_case(case: &Brief, chosen: &ClockSettings) -> Vec<Clock> {
    let times = &case.clocked;
    if matches!(case.status, Status::Draft | Status::Void) || case.asleep() {
        return Vec::new();
    }
    let on = swedish_date(times.occurred_at.unwrap_or(case.reported_at));
    let local = |kind: Kind, start| {
        Clock::local(kind, chosen.target(kind), start, chosen).under(&case.laws, on)
    };
    let ended = times.closed_at;
    let reported = (StartEvent::Reported, case.reported_at);
    let mut clocks = Vec::new();
    let assessed = times.triaged_at.or(ended);
    let past = match case.status {
        Status::Triaged | Status::Investigating | Status::MeasuresDecided => true,
        Status::FollowingUp => true,
        Status::Draft | Status::Reported | Status::Closed | Status::Void => false,
    };
    // An import may say where a case stands and not when it came there.
    if assessed.is_some() || !past {
        clocks.push(local(Kind::Triage, reported).met(assessed));
    }
    let investigated = match case.track {
        Some(Track::Standard | Track::Deep) => case.kind == CaseKind::Avvikelse,
        None => case.kind == CaseKind::Avvikelse && past,
        Some(Track::Simple) => false,
    };
    let begun = times.triaged_at.map(|at| (StartEvent::Triaged, at));
    if let Some(start) = begun.or(past.then_some(reported)).filter(|_| investigated) {
        let decided = times.measures_decided_at.or(times.following_up_at);
        let done = times.investigation_done_at.or(decided).or(ended);
        clocks.push(local(Kind::Investigation, start).met(done));
    }
    if case.kind == CaseKind::Klagomal {
        let opinion = case.opinion.as_ref();
        if let Some(opinion) = opinion.filter(|opinion| opinion.reachable) {
            let clock = local(Kind::ComplaintAcknowledgement, reported);
            clocks.push(clock.met(opinion.acknowledged_at));
        }
        let again = opinion.and_then(|opinion| opinion.asked_again_at);
        let start = again.map_or(reported, |at| (StartEvent::AskedAgain, at));
        let answered = opinion.map_or(ended, |opinion| opinion.answered_at);
        clocks.push(local(Kind::ComplaintAnswer, start).met(answered));
    }
    if let Some(at) = times.vardskada_at.filter(|_| case.vardskada == Vardskada::Yes) {
        let clock = local(Kind::PatientInformation, (StartEvent::Judged, at));
        clocks.push(clock.met(times.informed_at));
    }
    clocks
}

/// The clocks of an escalation.
fn of_lex(lex: &LexFact, on: Date, chosen: &ClockSettings) -> Vec<Clock> {
    if lex.asleep {
        return Vec::new();
    }
    let local = |kind: Kind, start| {
        Clock::local(kind, chosen.target(kind), start, chosen).under(&[lex.law], on)
    };
    let ended = lex.closed_at;
    let settled = lex.decided_yes == Some(false) || (ended.is_some() && lex.notified_at.is_none());
    let mut clocks = Vec::new();
    match lex.kind {
        LexKind::LexMaria => {
            let left = || (lex.status != "flagged").then_some(lex.updated_at);
            let screened = lex.received_at.or(lex.decided_at).or(ended).or_else(left);
            let start = (StartEvent::Flagged, lex.flagged_at);
            clocks.push(local(Kind::LexMariaScreening, start).met(screened));
            if !settled && lex.status != "screened_out" && lex.status != "withdrawn" {
                let start = (StartEvent::Occurred, lex.starts_at);
                clocks.push(local(Kind::LexMariaNotification, start).met(lex.notified_at));
            }
            let to_send = lex.inquiry_submitted_at.is_some() || lex.status != "withdrawn";
            if let Some(at) = lex.notified_at.filter(|_| to_send) {
                // An import may say that IVO has decided, and not when it had the investigation.
                let decided = (lex.status == "ivo_decided").then_some(lex.updated_at);
                let done = lex.inquiry_submitted_at.or(ended).or(decided);
                clocks.push(local(Kind::LexMariaInquiry, (StartEvent::Notified, at)).met(done));
            }
        }
        LexKind::LexSarah => {
            // A flag that nobody has reported is only to be looked at.
            let screened = match lex.status.as_str() {
                "flagged" => Some(None),
                "screened_out" => Some(Some(lex.updated_at)),
                _ => None,
            };
            let became = (lex.flagged_at < lex.starts_at).then_some(Some(lex.starts_at));
            if let Some(met) = screened.or(became) {
                let start = (StartEvent::Flagged, lex.flagged_at);
                clocks.push(local(Kind::LexSarahScreening, start).met(met));
            }
            let received = lex.received_at.or(lex.decided_at).or(ended);
            if screened.is_none() {
                let start = (StartEvent::Reported, lex.starts_at);
                clocks.push(local(Kind::LexSarahReceipt, start).met(received));
            }
            if let Some(at) = received {
                // Notifying straight after receipt is legal; the investigation is still to be done.
                let assessed = lex.decided_at.filter(|_| lex.notified_at.is_none());
                let done = lex.inquiry_submitted_at.or(assessed).or(ended);
                let start = (StartEvent::Received, at);
                clocks.push(local(Kind::LexSarahInvestigation, start).met(done));
            }
            if let Some(at) = lex.decided_at.filter(|_| lex.decided_yes == Some(true)) {
                let start = (StartEvent::Decided, at);
                clocks.push(local(Kind::LexSarahNotification, start).met(lex.notified_at));
            }
        }
    }
    if let Some(day) = lex.supplement_due_on {
        let done = (lex.status != "supplement_requested").then_some(lex.updated_at);
        clocks.push(Clock::on(Kind::Supplement, day, StartEvent::Requested).met(done));
    }
    clocks
}

/// Every clock that the facts make, the first to be up first. Those of escalations are told to whoever
/// `sees` them.
pub fn entries(
    facts: &ClockFacts,
    settings: &Settings,
    sees: impl Fn(&Brief, &LexFact) -> bool,
    now: Timestamp,
) -> Vec<Entry> {
    let chosen = &settings.clocks;
    let mut found = Vec::new();
    for case in facts.cases.values() {
        let role = settings.lead_by(case.traits());
        found.extend(of_case(case, chosen).into_iter().map(|clock| Entry::of(case, clock, role)));
    }
    let of = |id: &CaseId| facts.cases.get(id).filter(|case| case.status != Status::Void);
    for measure in &facts.measures {
        let (Some(case), Some(day)) = (of(&measure.case), measure.due_on) else { continue };
        if measure.done_on.is_some() || case.asleep() {
            continue;
        }
        let clock = Clock::on(Kind::Measure, day, StartEvent::Planned);
        let item = Some(measure.id.0);
        found.push(Entry { item, ..Entry::of(case, clock, Role::UnitManager) });
    }
    for fact in &facts.duties {
        let Some(case) = of(&fact.case) else { continue };
        let clock = duty::clock(fact, chosen);
        let role = settings.lead_by(case.traits());
        found.push(Entry { duty: Some(fact.code.clone()), ..Entry::of(case, clock, role) });
    }
    for lex in &facts.lex {
        // It goes on beside a case that has ended.
        let case = facts.cases.get(&lex.case).or_else(|| facts.beside.get(&lex.case));
        let shown =
            |case: &&Arc<Brief>| (lex.open() || case.status != Status::Void) && sees(case, lex);
        let Some(case) = case.filter(shown) else { continue };
        let role = match lex.kind {
            LexKind::LexMaria => Role::Mas,
            LexKind::LexSarah => Role::Sas,
        };
        let on = swedish_date(case.clocked.occurred_at.unwrap_or(case.reported_at));
        for clock in of_lex(lex, on, chosen) {
            found.push(Entry { item: Some(lex.id.0), ..Entry::of(case, clock, role) });
        }
    }
    found.extend(facts.forwardings.iter().filter_map(|it| of_forwarding(it, facts)));
    found.extend(facts.reviews.iter().flat_map(of_review));
    if let Some(report) = facts.of_tenant {
        found.extend(yearly_report(chosen, report, now));
    }
    found.sort_by_cached_key(entry_place);
    found
}

/// The clock of an answer between caregivers: ours, or theirs. Both days are agreed or chosen, never law.
fn of_forwarding(forwarding: &Forwarding, facts: &ClockFacts) -> Option<Entry> {
    if forwarding.quiet() || !forwarding.awaits_answer() {
        return None;
    }
    let day = forwarding.awaited_on()?;
    let (kind, start) = match forwarding.direction {
        Direction::Sent => (Kind::CounterpartyAnswer, StartEvent::Sent),
        Direction::Received => (Kind::ForwardingAnswer, StartEvent::Received),
    };
    let mut clock = Clock::on(kind, day, start);
    clock.started_at = forwarding.sent_at;
    let case =
        forwarding.case.and_then(|id| facts.cases.get(&id).or_else(|| facts.beside.get(&id)));
    Some(Entry {
        clock,
        case: case.cloned(),
        item: Some(forwarding.id.0),
        duty: None,
        role: escalation::next::answers_for(forwarding.law),
        number: forwarding.number.map(|number| number.to_string()),
        unit: None,
    })
}

/// The clocks of a review: until when it is to be signed, and until when what it decided is to be done.
/// The tenant has set both.
fn of_review(review: &Review) -> Vec<Entry> {
    let entry = |clock: Clock, item: Uuid, role: Role| Entry {
        clock,
        case: None,
        item: Some(item),
        duty: None,
        role,
        number: Some(review.half.to_string()),
        unit: review.subject.units.first().copied(),
    };
    let mut clock = Clock::on(Kind::Review, review.due_on, StartEvent::HalfEnded);
    clock.started_at = Some(review.created_at);
    let clock = clock.met(review.signed_at());
    let mut found = vec![entry(clock, review.id.0, Role::UnitManager)];
    for improvement in &review.improvements {
        let met = match &improvement.state {
            ImprovementState::Decided => None,
            ImprovementState::Done { noted, .. } | ImprovementState::Judged { noted, .. } => {
                Some(noted.at)
            }
            ImprovementState::Dropped { .. } => continue,
        };
        let role = match improvement.owner {
            Owner::Role(role) => role,
            Owner::Staff(_) => Role::UnitManager,
        };
        let mut clock = Clock::on(Kind::Improvement, improvement.due_on, StartEvent::Decided);
        clock.started_at = Some(improvement.decided.at);
        found.push(entry(clock.met(met), improvement.id.0, role));
    }
    found
}

/// The clock of last year's report: from the new year until the day it is established. Of one that nobody
/// has begun here, nobody says whether it is made elsewhere, so that it is not called late.
fn yearly_report(chosen: &ClockSettings, report: YearlyFact, now: Timestamp) -> Option<Entry> {
    let this = swedish(now).year;
    let limit = Statutory::YearlyReport { year: this - 1 };
    let start = (StartEvent::YearEnded, start_of_year(this));
    let clock = Clock::statutory(Kind::YearlyReport, limit, start, chosen)
        .under(&[Law::Hsl], swedish_date(now))
        .met(report.established_on.map(start_of_day));
    let (case, item, duty, number, unit) = (None, None, None, None, None);
    let entry = Entry { clock, case, item, duty, role: Role::Mas, number, unit };
    (report.begun || !entry.clock.late(now)).then_some(entry)
}

/// The place of an entry in a list, as a text that sorts: the first to be up first, what has no number
/// last.
pub fn entry_place(entry: &Entry) -> String {
    let due = entry.clock.due().map_or(i64::MAX, |due| due.at.as_microsecond());
    let due = due.cast_unsigned() ^ (1 << 63);
    let case = entry.case.as_ref().map(|case| case.id.to_string()).unwrap_or_default();
    let item = entry.item.map(|id| id.to_string()).unwrap_or_default();
    let duty = entry.duty.as_deref().unwrap_or_default();
    format!("{due:020}{case}{:02}{item}{duty}", entry.clock.kind as u8)
}

impl Target {
    /// The target of a duty, from its amount and unit.
    pub(crate) fn of(unit: &str, amount: Option<u16>) -> Option<Self> {
        match (unit, amount) {
            ("none", None) => Some(Target::None),
            ("hours", Some(amount)) => Some(Target::Hours(amount)),
            ("days", Some(amount)) => Some(Target::Days(amount)),
            ("working_days", Some(amount)) => Some(Target::WorkingDays(amount)),
            _ => None,
        }
    }
}
