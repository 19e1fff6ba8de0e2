//! Clocks (frister): from what they run, by which word of the law, until when.
//!
//! The statutes hold hardly any numbers. Two times are statutory: 1 March for the yearly report and 72
//! hours for a personal data breach. Everything else is a target that the tenant has set for itself, and
//! no constructor lets such a one call itself statutory.

mod chosen;
mod entries;
mod target;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::law::{self, Duty, Law, provision};

pub use chosen::ClockSettings;
pub use entries::{
    ClockFacts, DutyFact, Entry, LexFact, LexKind, YearlyFact, clocks_of_lex, due_of_escalation,
    entries, entry_place, of_case,
};
pub use target::{Due, Target};

/// What is to be done before time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Assess a case.
    Triage,
    /// Investigate it.
    Investigation,
    /// Carry out a measure.
    Measure,
    /// Tell a patient who suffered a vårdskada (PSL 3 kap. 8 §).
    PatientInformation,
    /// Tell whoever left a klagomål that it has come.
    ComplaintAcknowledgement,
    /// Answer a klagomål.
    ComplaintAnswer,
    /// Screen what was flagged for lex Maria.
    LexMariaScreening,
    /// Notify it to IVO. Runs from the event.
    LexMariaNotification,
    /// Send IVO the investigation, where it did not go with the notification.
    LexMariaInquiry,
    /// Screen what was flagged for lex Sarah.
    LexSarahScreening,
    /// Receive a lex Sarah report.
    LexSarahReceipt,
    /// Investigate it.
    LexSarahInvestigation,
    /// Notify it to IVO.
    LexSarahNotification,
    /// Give IVO what it has asked for.
    Supplement,
    /// Do a neighbouring duty.
    Duty,
    /// Publish the yearly patientsäkerhetsberättelse.
    YearlyReport,
    /// Answer what came from another caregiver.
    ForwardingAnswer,
    /// Another caregiver answers what we sent.
    CounterpartyAnswer,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 18] = [
        Kind::Triage,
        Kind::Investigation,
        Kind::Measure,
        Kind::PatientInformation,
        Kind::ComplaintAcknowledgement,
        Kind::ComplaintAnswer,
        Kind::LexMariaScreening,
        Kind::LexMariaNotification,
        Kind::LexMariaInquiry,
        Kind::LexSarahScreening,
        Kind::LexSarahReceipt,
        Kind::LexSarahInvestigation,
        Kind::LexSarahNotification,
        Kind::Supplement,
        Kind::Duty,
        Kind::YearlyReport,
        Kind::ForwardingAnswer,
        Kind::CounterpartyAnswer,
    ];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Triage => "triage",
            Kind::Investigation => "investigation",
            Kind::Measure => "measure",
            Kind::PatientInformation => "patient_information",
            Kind::ComplaintAcknowledgement => "complaint_acknowledgement",
            Kind::ComplaintAnswer => "complaint_answer",
            Kind::LexMariaScreening => "lex_maria_screening",
            Kind::LexMariaNotification => "lex_maria_notification",
            Kind::LexMariaInquiry => "lex_maria_inquiry",
            Kind::LexSarahScreening => "lex_sarah_screening",
            Kind::LexSarahReceipt => "lex_sarah_receipt",
            Kind::LexSarahInvestigation => "lex_sarah_investigation",
            Kind::LexSarahNotification => "lex_sarah_notification",
            Kind::Supplement => "supplement",
            Kind::Duty => "duty",
            Kind::YearlyReport => "yearly_report",
            Kind::ForwardingAnswer => "forwarding_answer",
            Kind::CounterpartyAnswer => "counterparty_answer",
        }
    }

    /// The duty in law behind it.
    fn duty(self) -> Option<Duty> {
        match self {
            Kind::Investigation => Some(Duty::Investigate),
            Kind::PatientInformation => Some(Duty::InformPatient),
            Kind::ComplaintAnswer => Some(Duty::AnswerComplaint),
            Kind::LexMariaScreening | Kind::LexMariaNotification | Kind::LexMariaInquiry => {
                Some(Duty::LexMaria)
            }
            Kind::LexSarahReceipt => Some(Duty::LexSarahReport),
            Kind::LexSarahInvestigation => Some(Duty::LexSarahInvestigate),
            Kind::LexSarahNotification => Some(Duty::LexSarahNotify),
            Kind::YearlyReport => Some(Duty::YearlyReport),
            // Their laws stand with the duty; the others have none that says how soon. A flag is no
            // report yet.
            Kind::Duty
            | Kind::LexSarahScreening
            | Kind::Triage
            | Kind::Measure
            | Kind::ComplaintAcknowledgement
            | Kind::Supplement
            | Kind::ForwardingAnswer
            | Kind::CounterpartyAnswer => None,
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// What a clock runs from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartEvent {
    /// It happened.
    Occurred,
    /// It reached the organisation.
    Reported,
    /// It was assessed.
    Triaged,
    /// It was judged to be a vårdskada.
    Judged,
    /// Somebody planned it.
    Planned,
    /// It was flagged.
    Flagged,
    /// A report was received.
    Received,
    /// It was decided.
    Decided,
    /// IVO was notified.
    Notified,
    /// IVO asked for more.
    Requested,
    /// The organisation knew of it.
    Known,
    /// The calendar year ended.
    YearEnded,
    /// Its sender asked again.
    AskedAgain,
    /// It left for another caregiver.
    Sent,
}

/// The times that a statute sets. There are no others, and their targets cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statutory {
    /// 1 March after the year the report is about (PSL 3 kap. 10 §).
    YearlyReport {
        /// The year it is about.
        year: i16,
    },
    /// 72 hours from knowledge of a personal data breach (GDPR article 33).
    PersonalDataBreach,
}

impl Statutory {
    fn target(self) -> Target {
        match self {
            Statutory::YearlyReport { year } => {
                Target::On(date(year.saturating_add(1).clamp(-9999, 9999), 3, 1))
            }
            Statutory::PersonalDataBreach => Target::Hours(72),
        }
    }
}

/// What limits a clock. A statutory limit brings its own target; a local one is a target, and nothing
/// turns it into the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Set by statute.
    Statutory(Statutory),
    /// Set by the tenant, or by a person.
    Local(Target),
}

/// Whether a statute or the tenant has set the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binding {
    /// A statute.
    Statutory,
    /// The tenant, or a person.
    Local,
}

impl Limit {
    /// The target.
    pub fn target(self) -> Target {
        match self {
            Limit::Statutory(statutory) => statutory.target(),
            Limit::Local(target) => target,
        }
    }

    /// Who has set it.
    pub fn binding(self) -> Binding {
        match self {
            Limit::Statutory(_) => Binding::Statutory,
            Limit::Local(_) => Binding::Local,
        }
    }
}

/// A paragraph that may be shown as law, with its word for how soon: somebody has read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The act's number, such as `2010:659`.
    pub act: String,
    /// The paragraph, where one is meant.
    pub paragraph: Option<String>,
    /// The law's own word, such as `snarast`.
    pub word: Option<String>,
}

impl Citation {
    /// The paragraph behind `duty` for a case of any of `laws` on a day, the first law first. `None`
    /// where there is none, or nobody has read it.
    pub fn of(duty: Duty, laws: &[Law], on: Date) -> Option<Self> {
        let found = laws.iter().find_map(|law| provision(duty, *law, on));
        found.filter(|it| it.verified()).map(Self::from)
    }
}

impl From<&law::Provision> for Citation {
    fn from(provision: &law::Provision) -> Self {
        Self {
            act: provision.sfs.clone(),
            paragraph: Some(provision.paragraph.clone()),
            word: provision.legal_word.clone(),
        }
    }
}

/// Where a clock stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockState {
    /// It runs.
    Running,
    /// It runs while the case waits for somebody outside; waiting stops no clock.
    Waiting,
    /// Done in time, or done where there was no number.
    Kept,
    /// Time is up: done too late, or not done.
    Missed,
}

impl ClockState {
    /// Every state.
    pub const ALL: [ClockState; 4] =
        [ClockState::Running, ClockState::Waiting, ClockState::Kept, ClockState::Missed];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            ClockState::Running => "running",
            ClockState::Waiting => "waiting",
            ClockState::Kept => "kept",
            ClockState::Missed => "missed",
        }
    }
}

/// One clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// What is to be done.
    pub kind: Kind,
    /// What it runs from.
    pub start: StartEvent,
    /// Since when; `None` where a day was set and nothing else.
    pub started_at: Option<Timestamp>,
    /// The law, where it may be shown.
    pub law: Option<Citation>,
    limit: Limit,
    due: Option<Due>,
    /// When it was done.
    pub met_at: Option<Timestamp>,
    /// Until when the case waits for somebody outside.
    pub waiting_until: Option<Date>,
}

impl Clock {
    /// A clock that a statute sets. No day of it moves.
    pub fn statutory(
        kind: Kind,
        limit: Statutory,
        (start, started_at): (StartEvent, Timestamp),
        chosen: &ClockSettings,
    ) -> Self {
        let limit = Limit::Statutory(limit);
        let due = limit.target().due(started_at, &chosen.working_days, false);
        Self::with(kind, limit, due, (start, Some(started_at)))
    }

    /// A clock with a target of the tenant's own.
    pub fn local(
        kind: Kind,
        target: Target,
        (start, started_at): (StartEvent, Timestamp),
        chosen: &ClockSettings,
    ) -> Self {
        let due = target.due(started_at, &chosen.working_days, chosen.rolls);
        Self::with(kind, Limit::Local(target), due, (start, Some(started_at)))
    }

    /// A clock of a day that somebody has set.
    pub fn on(kind: Kind, day: Date, start: StartEvent) -> Self {
        let due = Target::On(day).due(
            Timestamp::UNIX_EPOCH,
            &ClockSettings::default().working_days,
            false,
        );
        Self::with(kind, Limit::Local(Target::On(day)), due, (start, None))
    }

    fn with(
        kind: Kind,
        limit: Limit,
        due: Option<Due>,
        (start, started_at): (StartEvent, Option<Timestamp>),
    ) -> Self {
        let (law, met_at, waiting_until) = (None, None, None);
        Self { kind, start, started_at, law, limit, due, met_at, waiting_until }
    }

    /// The clock with the law behind it, as it stood on a day, for a case of `laws`.
    #[must_use]
    pub fn under(self, laws: &[Law], on: Date) -> Self {
        let law = self.kind.duty().and_then(|duty| Citation::of(duty, laws, on));
        Self { law, ..self }
    }

    /// The clock with a law of its own.
    #[must_use]
    pub fn citing(self, law: Option<Citation>) -> Self {
        Self { law, ..self }
    }

    /// The clock with when it was done.
    #[must_use]
    pub fn met(self, met_at: Option<Timestamp>) -> Self {
        Self { met_at, ..self }
    }

    /// The clock of a case that waits for somebody outside until a day.
    #[must_use]
    pub fn waiting(self, waiting_until: Option<Date>) -> Self {
        Self { waiting_until, ..self }
    }

    /// The target.
    pub fn target(&self) -> Target {
        self.limit.target()
    }

    /// Who has set it.
    pub fn binding(&self) -> Binding {
        self.limit.binding()
    }

    /// When time is up.
    pub fn due(&self) -> Option<Due> {
        self.due
    }

    /// The last day, in Sweden.
    pub fn due_on(&self) -> Option<Date> {
        self.due.map(|due| due.on)
    }

    /// Whether it is still to be done, and time is up.
    pub fn late(&self, now: Timestamp) -> bool {
        self.met_at.is_none() && self.due.is_some_and(|due| due.passed(now))
    }

    /// Where it stands.
    pub fn state(&self, now: Timestamp) -> ClockState {
        let at = self.met_at.unwrap_or(now);
        let passed = self.due.is_some_and(|due| due.passed(at));
        let waits =
            self.waiting_until.is_some_and(|until| crate::calendar::swedish_date(now) <= until);
        match (self.met_at, passed) {
            (_, true) => ClockState::Missed,
            (Some(_), false) => ClockState::Kept,
            (None, false) if waits => ClockState::Waiting,
            (None, false) => ClockState::Running,
        }
    }
}
