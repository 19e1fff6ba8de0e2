//! What the report of a year is made from: counts and narrow facts as the database gives them, without
//! any rule of what is shown.

use jiff::Timestamp;

use crate::case::measure::Effect;
use crate::case::triage::Vardskada;
use crate::case::{Kind, Subkind, Track};
use crate::clock::LexFact;
use crate::exposure::Exposure;
use crate::forwarding::Counterparty;
use crate::forwarding::ledger::ForwardingFact;
use crate::ids::UnitId;
use crate::law::Law;
use crate::opinion::OpinionBrief;
use crate::review::Review;
use crate::statistics::{EscalationFact, Times};

/// Cases that are alike in what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseCount {
    /// The year they were reported.
    pub year: i16,
    /// What they are.
    pub kind: Kind,
    /// What synpunkter are more closely.
    pub subkind: Option<Subkind>,
    /// The responsible unit.
    pub unit: UnitId,
    /// The law that is counted: the first named.
    pub law: Option<Law>,
    /// The category.
    pub category: Option<String>,
    /// Whether they came by import.
    pub imported: bool,
    /// How many.
    pub count: u64,
}

/// Avvikelser that are alike in what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraitCount {
    /// The year they were reported.
    pub year: i16,
    /// The month, 1–12.
    pub month: i16,
    /// Actual severity.
    pub severity: Option<i16>,
    /// Whether they were a vårdskada.
    pub vardskada: Vardskada,
    /// The injury.
    pub injury: Option<String>,
    /// The person's sex.
    pub sex: Option<String>,
    /// How many.
    pub count: u64,
}

/// Events of a year that were, or could have been, a vårdskada under HSL: each once, however many
/// reported it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HarmCount {
    /// The year they were reported.
    pub year: i16,
    /// Those whose investigation is done.
    pub investigated: u64,
    /// Those that were a vårdskada.
    pub harm: u64,
    /// Those that were a serious one.
    pub serious: u64,
    /// Those that could have been a serious one.
    pub serious_risk: u64,
}

/// Synpunkter and klagomål that are alike in what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpinionCount {
    /// The year they came in.
    pub year: i16,
    /// What they are.
    pub kind: Kind,
    /// What synpunkter are more closely.
    pub subkind: Option<Subkind>,
    /// The category.
    pub category: Option<String>,
    /// Whether they were closed before the year they came in had ended, and before the cut-off.
    pub closed_at_year_end: bool,
    /// Whether they were closed before the cut-off.
    pub closed: bool,
    /// How many.
    pub count: u64,
}

/// A klagomål of the year that did not come by import: what its clocks are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintFact {
    /// When it came in.
    pub reported_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// What was asked and answered.
    pub brief: Option<OpinionBrief>,
}

/// An avvikelse of the year by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviationFact {
    /// The responsible unit.
    pub unit: UnitId,
    /// The month it was reported, 1–12.
    pub month: i16,
    /// The category.
    pub category: Option<String>,
    /// The injury.
    pub injury: Option<String>,
    /// The law the reporter named first.
    pub law_reported: Option<Law>,
    /// The law the assessor named first.
    pub law_assessed: Option<Law>,
    /// The reporter's category.
    pub category_reported: Option<String>,
    /// The assessor's category.
    pub category_assessed: Option<String>,
    /// The way it is handled.
    pub track: Option<Track>,
    /// Whether it came by import.
    pub imported: bool,
    /// When it passed each stage.
    pub times: Times,
}

/// Measures that are alike in what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureCount {
    /// A code of the list `measure_type`.
    pub kind: String,
    /// Whether they helped.
    pub effect: Effect,
    /// Whether they are done.
    pub done: bool,
    /// Whether they are not done and their day has passed.
    pub overdue: bool,
    /// How many.
    pub count: u64,
}

/// In which year a tenant began to keep what: whatever a report is about, years before that are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstYears {
    /// The year of the first avvikelse.
    pub deviations: Option<i16>,
    /// The year of the first synpunkt or klagomål.
    pub opinions: Option<i16>,
}

/// Everything but what is read case by case.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The tenant's name.
    pub tenant: String,
    /// When the tenant began.
    pub first: FirstYears,
    /// The report's year and five before, of every kind.
    pub cases: Vec<CaseCount>,
    /// The same years.
    pub traits: Vec<TraitCount>,
    /// The same years.
    pub harm: Vec<HarmCount>,
    /// Investigations of what was, or could have been, a vårdskada under HSL that were done in a calendar
    /// year, whenever it was reported: the year, and how many events.
    pub investigated_in: Vec<(i16, u64)>,
    /// The same years.
    pub opinions: Vec<OpinionCount>,
    /// Klagomål of the year itself, whose clocks run or ran.
    pub complaints: Vec<ComplaintFact>,
    /// Causes of the year's avvikelser by their code: in how many each was found.
    pub causes: Vec<(String, u64)>,
    /// Avvikelser of the year of which a cause was found.
    pub with_cause: u64,
    /// Measures of the investigations of the year's cases, each once.
    pub measures: Vec<MeasureCount>,
    /// What left or came in, of the same years.
    pub forwardings: Vec<ForwardingFact>,
    /// The other ends.
    pub counterparties: Vec<Counterparty>,
    /// How much care there was in the year, at the units the report is about.
    pub exposures: Vec<Exposure>,
    /// Raised or notified in the same years.
    pub escalations: Vec<EscalationFact>,
    /// What clocks of escalations are made of.
    pub lex: Vec<LexFact>,
    /// The reviews of the year's halves, of the units the report is about.
    pub reviews: Vec<Review>,
}
