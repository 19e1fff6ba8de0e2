//! Escalations counted: by process, state, unit, law, year and month, with the days from the event to
//! the decision and on to the notification.
//!
//! Of a riskperson only the number of a year is told, and only to whoever sees the whole tenant: neither
//! unit nor month nor state, by which somebody could be known.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::cube::{Key, NamedUnit};
use super::dimension::{FIRST_YEAR, LAST_YEAR};
use super::lead_time::{LeadTime, lead_time};
use super::months::Months;
use super::parse::Reader;
use super::query::Format;
use crate::calendar::{start_of_month, swedish, swedish_date};
use crate::code_lists::CodeLists;
use crate::escalation::{Kind, Status};
use crate::fault::{Fault, Reason};
use crate::ids::UnitId;
use crate::law::Law;
use crate::organisation::UnitTree;
use crate::policy::Scope;

/// What the figures ask of an escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationFact {
    /// Which process.
    pub kind: Kind,
    /// Where it stands.
    pub status: Status,
    /// Where it happened.
    pub unit: UnitId,
    /// The law it is judged by.
    pub law: Law,
    /// The event, or the report where the event's time is unknown; of lex Sarah the report.
    pub starts_at: Timestamp,
    /// When it was raised: what places it in a year.
    pub flagged_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// When IVO was notified.
    pub notified_at: Option<Timestamp>,
}

/// What escalations are grouped by, and filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EscalationDimension {
    /// The process.
    Kind,
    /// The state.
    Status,
    /// The unit.
    Unit,
    /// The law.
    Law,
    /// The year it was raised.
    Year,
    /// The month it was raised.
    Month,
}

impl EscalationDimension {
    /// Every dimension.
    pub const ALL: [EscalationDimension; 6] = [
        EscalationDimension::Kind,
        EscalationDimension::Status,
        EscalationDimension::Unit,
        EscalationDimension::Law,
        EscalationDimension::Year,
        EscalationDimension::Month,
    ];

    /// The value in a request.
    pub fn code(self) -> &'static str {
        match self {
            EscalationDimension::Kind => "escalation_kind",
            EscalationDimension::Status => "escalation_status",
            EscalationDimension::Unit => "unit",
            EscalationDimension::Law => "law",
            EscalationDimension::Year => "year",
            EscalationDimension::Month => "month",
        }
    }

    /// Whether it would tell more of a riskperson than that there is one.
    fn tells(self) -> bool {
        match self {
            EscalationDimension::Status
            | EscalationDimension::Unit
            | EscalationDimension::Law
            | EscalationDimension::Month => true,
            EscalationDimension::Kind | EscalationDimension::Year => false,
        }
    }
}

/// A question about escalations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationQuery {
    /// The months in which they were raised.
    pub period: Months,
    /// The last day that is known.
    pub as_of: Date,
    /// What they are grouped by.
    pub group_by: Vec<EscalationDimension>,
    /// Processes; empty is all.
    pub kinds: BTreeSet<Kind>,
    /// States; empty is all.
    pub statuses: BTreeSet<Status>,
    /// Units with those below; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Laws; empty is all.
    pub laws: BTreeSet<Law>,
    /// The form of the answer.
    pub format: Format,
}

/// What is counted of some escalations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EscalationFigures {
    /// How many.
    pub count: u64,
    /// From the event to the decision.
    pub to_decision: LeadTime,
    /// From the decision to the notification.
    pub decision_to_notification: LeadTime,
    /// From the event to the notification.
    pub to_notification: LeadTime,
}

/// The answer: rows of figures that add to a total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationCube {
    /// What was asked.
    pub query: EscalationQuery,
    /// The rows, each with its keys.
    pub rows: Vec<(Vec<Key>, EscalationFigures)>,
    /// All of it.
    pub total: EscalationFigures,
    /// The units it is limited to.
    pub scope: Option<Vec<NamedUnit>>,
}

impl EscalationQuery {
    /// Whether the parameters of a request ask about escalations.
    pub fn asked(params: &[(String, String)]) -> bool {
        params.iter().any(|(name, value)| name == "of" && value == "escalations")
    }

    /// Reads the parameters of a request.
    ///
    /// # Errors
    /// Every fault; its field is the name of the parameter.
    pub fn parse(
        params: &[(String, String)],
        units: &UnitTree,
        codes: &CodeLists,
        now: Timestamp,
    ) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader::new(units, codes);
        let mut query = Self {
            period: Months::years(FIRST_YEAR, LAST_YEAR),
            as_of: swedish_date(now),
            group_by: Vec::new(),
            kinds: BTreeSet::new(),
            statuses: BTreeSet::new(),
            units: None,
            laws: BTreeSet::new(),
            format: Format::default(),
        };
        let mut given = BTreeSet::new();
        let (mut years, mut from, mut to) = (None, None, None);
        for (name, value) in params {
            if !given.insert(name.as_str()) {
                reader.fault(name, Reason::NotUnique);
                continue;
            }
            match name.as_str() {
                "of" => {}
                "year" => years = reader.years(value),
                "from" => from = reader.month(name, value),
                "to" => to = reader.month(name, value),
                "group_by" => {
                    for value in reader.values(name, value) {
                        let found = EscalationDimension::ALL.into_iter();
                        match found.into_iter().find(|it| it.code() == value) {
                            Some(found) if query.group_by.contains(&found) => {
                                reader.fault(name, Reason::NotUnique);
                            }
                            Some(found) => query.group_by.push(found),
                            None => reader.unknown(name, "dimension", value),
                        }
                    }
                }
                "escalation_kind" => reader.each(name, value, &mut query.kinds),
                "escalation_status" => reader.each(name, value, &mut query.statuses),
                "law" => reader.each(name, value, &mut query.laws),
                "unit" => reader.below(name, value, query.units.get_or_insert_default()),
                "format" => reader.coded(name, value, &mut query.format),
                _ => reader.fault(name, Reason::UnknownField),
            }
        }
        if let Some(period) = reader.period(&given, years, (from, to)) {
            query.period = period;
        }
        let faults = reader.into_faults();
        if faults.is_empty() { Ok(query) } else { Err(faults) }
    }

    /// The instants between which they were raised: the first, and the first after.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let from = self.period.from;
        (start_of_month(from.year, from.month), self.period.end())
    }

    fn wants(&self, fact: &EscalationFact, scope: &Scope<UnitId>) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&fact.kind);
        if fact.kind == Kind::Riskperson {
            let narrowed =
                self.units.is_some() || !self.statuses.is_empty() || !self.laws.is_empty();
            return kind && *scope == Scope::All && !narrowed && self.period.whole_years();
        }
        kind && scope.covers(&fact.unit)
            && (self.statuses.is_empty() || self.statuses.contains(&fact.status))
            && self.units.as_ref().is_none_or(|units| units.contains(&fact.unit))
            && (self.laws.is_empty() || self.laws.contains(&fact.law))
    }

    /// Counts the facts of its span.
    pub fn count(
        self,
        facts: &[EscalationFact],
        scope: &Scope<UnitId>,
        units: &UnitTree,
    ) -> EscalationCube {
        let named = |id: UnitId| NamedUnit {
            id,
            name: units.get(id).map(|unit| unit.name.clone()).unwrap_or_default(),
        };
        let wanted: Vec<&EscalationFact> =
            facts.iter().filter(|fact| self.wants(fact, scope)).collect();
        // By place first: the order of the states, the names of units, what has no value last.
        type Place = Vec<(usize, String)>;
        let mut grouped: BTreeMap<Place, (Vec<Key>, Vec<&EscalationFact>)> = BTreeMap::new();
        for fact in &wanted {
            let cell = |dimension: &EscalationDimension| -> ((usize, String), Key) {
                if fact.kind == Kind::Riskperson && dimension.tells() {
                    return ((usize::MAX, String::new()), Key::None);
                }
                let at = swedish(fact.flagged_at);
                let number = |number: i16| {
                    let place = usize::try_from(number).unwrap_or_default();
                    ((place, String::new()), Key::Number(number))
                };
                let coded =
                    |place: usize, code: &str| ((place, String::new()), Key::Code(code.to_owned()));
                match dimension {
                    EscalationDimension::Kind => coded(fact.kind as usize, fact.kind.code()),
                    EscalationDimension::Status => coded(fact.status as usize, fact.status.code()),
                    EscalationDimension::Law => coded(fact.law as usize, fact.law.code()),
                    EscalationDimension::Year => number(at.year),
                    EscalationDimension::Month => number(at.month.into()),
                    EscalationDimension::Unit => {
                        let unit = named(fact.unit);
                        ((0, format!("{} {}", unit.name, unit.id)), Key::Unit(unit))
                    }
                }
            };
            let (place, keys): (Place, Vec<Key>) = self.group_by.iter().map(cell).unzip();
            grouped.entry(place).or_insert_with(|| (keys, Vec::new())).1.push(fact);
        }
        let rows = grouped.into_values().map(|(keys, facts)| (keys, figures(&facts))).collect();
        let scope = match scope {
            Scope::All => None,
            Scope::Only(units) => Some(units.iter().map(|unit| named(*unit)).collect()),
        };
        EscalationCube { rows, total: figures(&wanted), scope, query: self }
    }
}

fn figures(facts: &[&EscalationFact]) -> EscalationFigures {
    let lex = || facts.iter().filter(|fact| fact.kind != Kind::Riskperson);
    let span = |from: Timestamp, to: Timestamp| {
        let seconds = to.as_second() - from.as_second();
        i32::try_from(seconds).unwrap_or(if seconds < 0 { i32::MIN } else { i32::MAX })
    };
    EscalationFigures {
        count: facts.len() as u64,
        to_decision: lead_time(
            lex().filter_map(|it| Some(span(it.starts_at, it.decided_at?))).collect(),
        ),
        decision_to_notification: lead_time(
            lex().filter_map(|it| Some(span(it.decided_at?, it.notified_at?))).collect(),
        ),
        to_notification: lead_time(
            lex().filter_map(|it| Some(span(it.starts_at, it.notified_at?))).collect(),
        ),
    }
}
