//! How an escalation comes to be: by a rule or by hand, by an employee's report, as a riskperson, or by
//! import.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::flag::{Asking, FlagCause};
use super::matter::{Flag, Report};
use super::{
    Changed, Command, Decision, Escalation, Event, Kind, Matter, Rejected, State, Status, blank,
    held,
};
use crate::calendar::swedish_date;
use crate::case::event::{Changes, Faults};
use crate::case::{Case, Status as CaseStatus};
use crate::fault::Reason;
use crate::ids::{CaseId, EscalationId, StaffId, UnitId};
use crate::law::Law;

/// What only an import knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Which process.
    pub kind: Kind,
    /// When it was flagged.
    pub flagged_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// When IVO was notified.
    pub notified_at: Option<Timestamp>,
    /// When IVO decided.
    pub ivo_decided_at: Option<Timestamp>,
    /// Why it was decided so.
    pub motivation: Option<String>,
}

/// What an import has to know of the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The case.
    pub case: CaseId,
    /// Where it happened.
    pub unit: UnitId,
    /// The laws that hold.
    pub laws: Vec<Law>,
    /// When it happened, or was reported.
    pub event_at: Timestamp,
    /// When it was reported.
    pub reported_at: Timestamp,
}

impl Beside {
    /// What an import has to know of a case.
    pub fn of(case: &Case) -> Self {
        Self {
            case: case.id,
            unit: case.unit,
            laws: case.laws(),
            event_at: case.event_time(),
            reported_at: case.reported_at,
        }
    }
}

/// The law a process is judged by, of those that a case falls under; where it falls under none of its
/// laws, the first of them.
pub fn law_of(kind: Kind, laws: &[Law]) -> Law {
    let own: &[Law] = match kind {
        Kind::LexMaria | Kind::Riskperson => &[Law::Hsl],
        Kind::LexSarah => &[Law::Sol, Law::Lss],
    };
    laws.iter().copied().find(|law| own.contains(law)).unwrap_or(own[0])
}

fn new(
    id: EscalationId,
    kind: Kind,
    state: State,
    case: &Case,
    law: Law,
    now: Timestamp,
) -> Escalation {
    let starts_at = match kind {
        Kind::LexMaria => case.event_time(),
        Kind::LexSarah | Kind::Riskperson => now,
    };
    Escalation {
        id,
        kind,
        state,
        case: Some(case.id),
        unit: case.unit,
        law,
        starts_at,
        flagged_at: now,
        matter: Matter::default(),
        readers: BTreeSet::new(),
        imported: false,
        version: 1,
        updated_at: now,
    }
}

fn raised(escalation: Escalation, command: Command, reason: Option<String>) -> Changed {
    let to = escalation.status();
    Changed { escalation, event: Event { command, from: None, to, changes: Vec::new(), reason } }
}

/// A fault where nothing can stand beside the case: it is void, or its author's draft.
pub(super) fn stands_beside(case: &Case, faults: &mut Faults) {
    let void = case.status() == CaseStatus::Void;
    faults.require(!void, "", Reason::inconsistent("case_is_void"));
    faults.require(void || !case.private(), "", Reason::inconsistent("draft_raises_nothing"));
}

/// What a case asks for, as a flag.
pub fn by_rule(
    id: EscalationId,
    asking: &Asking,
    case: &Case,
    by: StaffId,
    now: Timestamp,
) -> Changed {
    let mut escalation = new(id, asking.kind, State::Flagged, case, asking.law, now);
    let causes = asking.causes.iter().copied().collect();
    escalation.matter.flag = Some(Flag { causes, by: Some(by), text: None });
    raised(escalation, Command::Flag, None)
}

/// A flag that somebody raises, with why.
///
/// # Errors
/// [`Rejected`] without a reason; for a riskperson, who is raised apart from any case; under a law that
/// the case does not fall under; and beside a draft or what is void.
pub fn by_hand(
    id: EscalationId,
    kind: Kind,
    case: &Case,
    text: String,
    by: StaffId,
    now: Timestamp,
) -> Result<Changed, Rejected> {
    let mut faults = Faults::default();
    stands_beside(case, &mut faults);
    faults.require(!blank(&text), "/reason", Reason::Required);
    faults.require(
        kind != Kind::Riskperson,
        "/kind",
        Reason::inconsistent("riskperson_stands_apart"),
    );
    let (laws, law) = (case.laws(), law_of(kind, &case.laws()));
    let of_case = laws.is_empty() || laws.contains(&law);
    faults.require(of_case, "/kind", Reason::inconsistent("law_not_of_case"));
    held(faults)?;
    let mut escalation = new(id, kind, State::Flagged, case, law, now);
    let causes = vec![FlagCause::ByHand];
    escalation.matter.flag = Some(Flag { causes, by: Some(by), text: Some(text.clone()) });
    Ok(raised(escalation, Command::Flag, Some(text)))
}

/// An employee's own lex Sarah report: at filing, later, or by mouth to whoever puts it down. A case
/// that nobody has put under SoL or LSS is judged by SoL: the employee need not know the law.
///
/// # Errors
/// [`Rejected`] for a report from the future; one by mouth that does not say from whom, or is older than
/// the event or than a year; and beside a draft or what is void.
pub fn report(
    id: EscalationId,
    case: &Case,
    report: Report,
    now: Timestamp,
) -> Result<Changed, Rejected> {
    let mut faults = Faults::default();
    sound(&report, case, now, &mut faults);
    held(faults)?;
    let law = law_of(Kind::LexSarah, &case.laws());
    let mut escalation = new(id, Kind::LexSarah, State::Reported, case, law, now);
    escalation.starts_at = report.at;
    let text = report.text.clone();
    escalation.matter.report = Some(report);
    Ok(raised(escalation, Command::Report, text))
}

/// What is wrong with a report.
fn sound(report: &Report, case: &Case, now: Timestamp, faults: &mut Faults) {
    stands_beside(case, faults);
    let later = report.at > now;
    faults.require(!later, "/oral/at", Reason::InFuture { given: report.at });
    let Some(from) = &report.oral_from else { return };
    faults.require(!blank(from), "/oral/from", Reason::Required);
    let day = swedish_date(report.at);
    // What was told by mouth is put down in whole minutes or hours: the day counts.
    let after = case.occurred_at.is_none_or(|event| day >= swedish_date(event));
    faults.require(after, "/oral/at", Reason::Before { other: "/occurred_at".into() });
    let a_year_ago = swedish_date(now).checked_sub(jiff::Span::new().years(1));
    let lately = a_year_ago.is_ok_and(|then| day >= then);
    faults.require(!after || lately, "/oral/at", Reason::inconsistent("over_a_year_ago"));
}

impl Escalation {
    /// A further report under lex Sarah of what is open already. A mere flag becomes reported by it, and
    /// its clock runs from the report; a later one is added to those before, and changes nothing else.
    ///
    /// # Errors
    /// [`Rejected`] as [`report`]; where it has ended, and a new one is raised.
    pub fn report_too(
        mut self,
        case: &Case,
        report: Report,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let status = self.status();
        if self.kind != Kind::LexSarah || !self.open() {
            return Err(Rejected::State { status, command: Command::Report });
        }
        let mut faults = Faults::default();
        sound(&report, case, now, &mut faults);
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("reported_at", &None, &Some(report.at));
        let text = report.text.clone();
        if self.matter.report.is_none() {
            self.starts_at = report.at;
            self.matter.report = Some(report);
        } else {
            self.matter.later_reports.push(report);
        }
        if status == Status::Flagged {
            self.state = State::Reported;
        }
        Ok(self.changed(Command::Report, status, changes, text, now))
    }
}

/// A riskperson, at a unit and beside no case. Whoever raises it holds it, and may see it with those
/// they choose. Who it is about lies sealed elsewhere.
///
/// # Errors
/// [`Rejected`] without a reason.
pub fn riskperson(
    id: EscalationId,
    unit: UnitId,
    text: String,
    readers: BTreeSet<StaffId>,
    by: StaffId,
    now: Timestamp,
) -> Result<Changed, Rejected> {
    let mut faults = Faults::default();
    faults.require(!blank(&text), "/reason", Reason::Required);
    held(faults)?;
    let mut readers = readers;
    readers.insert(by);
    let causes = vec![FlagCause::ByHand];
    let flag = Flag { causes, by: Some(by), text: Some(text) };
    let escalation = Escalation {
        id,
        kind: Kind::Riskperson,
        state: State::Flagged,
        case: None,
        unit,
        law: Law::Hsl,
        starts_at: now,
        flagged_at: now,
        matter: Matter { flag: Some(flag), ..Matter::default() },
        readers,
        imported: false,
        version: 1,
        updated_at: now,
    };
    Ok(raised(escalation, Command::Flag, None))
}

/// What an import brings, in the state its dates tell: IVO has decided, was notified, or nobody has
/// decided. What was decided and not followed by a notification was a "no".
pub fn imported(id: EscalationId, brought: Brought, beside: Beside, now: Timestamp) -> Escalation {
    let Brought { kind, flagged_at, decided_at, notified_at, ivo_decided_at, motivation } = brought;
    let state = match (decided_at, notified_at, ivo_decided_at) {
        (_, _, Some(_)) => State::IvoDecided,
        (_, Some(_), None) => State::Notified,
        (Some(_), None, None) => match kind {
            Kind::LexMaria | Kind::Riskperson => State::DecidedNo,
            Kind::LexSarah => State::NotTakenUp,
        },
        (None, None, None) => State::Flagged,
    };
    let yes = notified_at.is_some() || ivo_decided_at.is_some();
    let at = decided_at.or(notified_at).or(ivo_decided_at);
    let decision = |at| Decision {
        yes,
        degree: None,
        test: None,
        motivation: motivation.clone(),
        on: swedish_date(at),
        at,
        by: None,
        delegation: None,
    };
    let mut matter = Matter { decision: at.map(decision), ..Matter::default() };
    matter.notification = notified_at.map(super::ivo::Notification::imported);
    matter.ivo.decided_at = ivo_decided_at;
    // What was said though nothing was decided: why it was flagged.
    let text = motivation.filter(|_| at.is_none());
    matter.flag = Some(Flag { causes: Vec::new(), by: None, text });
    Escalation {
        id,
        kind,
        state,
        case: Some(beside.case),
        unit: beside.unit,
        law: law_of(kind, &beside.laws),
        starts_at: match kind {
            Kind::LexMaria => beside.event_at,
            Kind::LexSarah => beside.reported_at,
            Kind::Riskperson => flagged_at,
        },
        flagged_at,
        matter,
        readers: BTreeSet::new(),
        imported: true,
        version: 1,
        updated_at: now,
    }
}
