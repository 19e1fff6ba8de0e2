//! What goes between caregivers counted: by direction, counterparty, kind of counterparty, state, unit,
//! law, year and month of leaving or coming in, and whether it was answered. What was taken back, and
//! drafts, are never counted; nor is any of it a case.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::cube::{Key, NamedUnit};
use super::dimension::{FIRST_YEAR, LAST_YEAR};
use super::months::Months;
use super::parse::Reader;
use super::query::Format;
use crate::calendar::{end_of_day, start_of_month, swedish, swedish_date};
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::forwarding::ledger::ForwardingFact;
use crate::forwarding::{Counterparty, Direction, Status, counterparty};
use crate::ids::{CounterpartyId, UnitId};
use crate::law::Law;
use crate::organisation::UnitTree;
use crate::policy::Scope;

/// What forwardings are grouped by, and filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForwardingDimension {
    /// Sent or received.
    Direction,
    /// The other end.
    Counterparty,
    /// The kind of the other end.
    Kind,
    /// Whether it was answered by the cut-off.
    Answered,
    /// The state.
    Status,
    /// The unit at our end.
    Unit,
    /// The law.
    Law,
    /// The year it left or came in.
    Year,
    /// The month it left or came in.
    Month,
}

impl ForwardingDimension {
    /// Every dimension.
    pub const ALL: [ForwardingDimension; 9] = [
        ForwardingDimension::Direction,
        ForwardingDimension::Counterparty,
        ForwardingDimension::Kind,
        ForwardingDimension::Answered,
        ForwardingDimension::Status,
        ForwardingDimension::Unit,
        ForwardingDimension::Law,
        ForwardingDimension::Year,
        ForwardingDimension::Month,
    ];

    /// The value in a request.
    pub fn code(self) -> &'static str {
        match self {
            ForwardingDimension::Direction => "direction",
            ForwardingDimension::Counterparty => "counterparty",
            ForwardingDimension::Kind => "counterparty_kind",
            ForwardingDimension::Answered => "answered",
            ForwardingDimension::Status => "status",
            ForwardingDimension::Unit => "unit",
            ForwardingDimension::Law => "law",
            ForwardingDimension::Year => "year",
            ForwardingDimension::Month => "month",
        }
    }
}

/// A question about forwardings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardingQuery {
    /// The months in which they left or came in.
    pub period: Months,
    /// The last day that is known.
    pub as_of: Date,
    /// What they are grouped by.
    pub group_by: Vec<ForwardingDimension>,
    /// Whether it is told how many were answered.
    pub answered: bool,
    /// Which way; empty is both.
    pub directions: BTreeSet<Direction>,
    /// States; empty is all.
    pub statuses: BTreeSet<Status>,
    /// Counterparties by id.
    pub counterparties: BTreeSet<CounterpartyId>,
    /// Kinds of counterparty, with those below.
    pub kinds: BTreeSet<String>,
    /// Only those answered, or not, by the cut-off.
    pub only_answered: Option<bool>,
    /// Units with those below; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Laws; empty is all.
    pub laws: BTreeSet<Law>,
    /// The form of the answer.
    pub format: Format,
}

/// What is counted of some forwardings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForwardingFigures {
    /// How many.
    pub count: u64,
    /// How many were answered by the cut-off, where asked for.
    pub answered: Option<u64>,
}

/// The answer: rows of figures that add to a total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardingCube {
    /// What was asked.
    pub query: ForwardingQuery,
    /// The rows, each with its keys.
    pub rows: Vec<(Vec<Key>, ForwardingFigures)>,
    /// All of it.
    pub total: ForwardingFigures,
    /// The units it is limited to.
    pub scope: Option<Vec<NamedUnit>>,
}

impl ForwardingQuery {
    /// Whether the parameters of a request ask about forwardings.
    pub fn asked(params: &[(String, String)]) -> bool {
        params.iter().any(|(name, value)| name == "of" && value == "forwardings")
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
            answered: false,
            directions: BTreeSet::new(),
            statuses: BTreeSet::new(),
            counterparties: BTreeSet::new(),
            kinds: BTreeSet::new(),
            only_answered: None,
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
                "as_of" => match crate::calendar::parse_date(value) {
                    Ok(day) => query.as_of = day.min(query.as_of),
                    Err(_) => {
                        let expected = "YYYY-MM-DD".to_owned();
                        reader.fault(name, Reason::WrongType { expected });
                    }
                },
                "group_by" => {
                    for value in reader.values(name, value) {
                        let found = ForwardingDimension::ALL.into_iter();
                        match found.into_iter().find(|it| it.code() == value) {
                            Some(found) if query.group_by.contains(&found) => {
                                reader.fault(name, Reason::NotUnique);
                            }
                            Some(found) => query.group_by.push(found),
                            None => reader.unknown(name, "dimension", value),
                        }
                    }
                }
                "measures" => {
                    for value in reader.values(name, value) {
                        match value {
                            "count" => {}
                            "answered" => query.answered = true,
                            other => reader.unknown(name, "measure", other),
                        }
                    }
                }
                "direction" => reader.each(name, value, &mut query.directions),
                "status" => reader.each(name, value, &mut query.statuses),
                "law" => reader.each(name, value, &mut query.laws),
                // By id, or all of a kind by its code.
                "counterparty" | "counterparty_kind" => {
                    for value in reader.values(name, value) {
                        let id = value.parse::<CounterpartyId>().ok();
                        match (id.filter(|_| name == "counterparty"), codes) {
                            (Some(id), _) => {
                                query.counterparties.insert(id);
                            }
                            (None, codes) if codes.get(counterparty::LIST, value).is_some() => {
                                let below = codes.with_descendants(counterparty::LIST, value);
                                query.kinds.extend(below);
                            }
                            (None, _) => reader.unknown(name, counterparty::LIST, value),
                        }
                    }
                }
                "answered" => match value.parse::<bool>() {
                    Ok(wanted) => query.only_answered = Some(wanted),
                    Err(_) => {
                        let expected = "true | false".to_owned();
                        reader.fault(name, Reason::WrongType { expected });
                    }
                },
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

    /// The instants between which they left or came in: the first, and the first after.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let from = self.period.from;
        let before = self.period.end().min(end_of_day(self.as_of));
        (start_of_month(from.year, from.month), before)
    }

    fn answered(&self, fact: &ForwardingFact) -> bool {
        fact.answered_at.is_some_and(|at| at < end_of_day(self.as_of))
    }

    fn wants(&self, fact: &ForwardingFact, kind: Option<&str>) -> bool {
        let ends = self.counterparties.is_empty() && self.kinds.is_empty();
        let end = ends
            || self.counterparties.contains(&fact.counterparty)
            || kind.is_some_and(|kind| self.kinds.contains(kind));
        fact.status.counted()
            && end
            && (self.directions.is_empty() || self.directions.contains(&fact.direction))
            && (self.statuses.is_empty() || self.statuses.contains(&fact.status))
            && self.only_answered.is_none_or(|wanted| self.answered(fact) == wanted)
            && self
                .units
                .as_ref()
                .is_none_or(|units| fact.unit.is_some_and(|unit| units.contains(&unit)))
            && (self.laws.is_empty() || self.laws.contains(&fact.law))
    }

    /// Counts the facts of its span, read for `scope`.
    pub fn count(
        self,
        facts: &[ForwardingFact],
        ends: &[Counterparty],
        scope: &Scope<UnitId>,
        units: &UnitTree,
        codes: &CodeLists,
    ) -> ForwardingCube {
        let ends: BTreeMap<CounterpartyId, &Counterparty> =
            ends.iter().map(|end| (end.id, end)).collect();
        let named = |id: UnitId| NamedUnit {
            id,
            name: units.get(id).map(|unit| unit.name.clone()).unwrap_or_default(),
        };
        let kind_of =
            |fact: &ForwardingFact| ends.get(&fact.counterparty).map(|it| it.kind.as_str());
        let wanted: Vec<&ForwardingFact> =
            facts.iter().filter(|fact| self.wants(fact, kind_of(fact))).collect();
        // By place first: the order of lists, the names of ends and units, what has no value last.
        type Place = Vec<(usize, String)>;
        let mut grouped: BTreeMap<Place, (Vec<Key>, Vec<&ForwardingFact>)> = BTreeMap::new();
        for fact in &wanted {
            let at = swedish(fact.sent_at);
            let cell = |dimension: &ForwardingDimension| -> ((usize, String), Key) {
                let number = |number: i16| {
                    let place = usize::try_from(number).unwrap_or_default();
                    ((place, String::new()), Key::Number(number))
                };
                let coded =
                    |place: usize, code: &str| ((place, String::new()), Key::Code(code.to_owned()));
                let none = || ((usize::MAX, String::new()), Key::None);
                match dimension {
                    ForwardingDimension::Direction => {
                        coded(fact.direction as usize, fact.direction.code())
                    }
                    ForwardingDimension::Status => coded(fact.status as usize, fact.status.code()),
                    ForwardingDimension::Law => coded(fact.law as usize, fact.law.code()),
                    ForwardingDimension::Year => number(at.year),
                    ForwardingDimension::Month => number(at.month.into()),
                    ForwardingDimension::Answered => {
                        let answered = self.answered(fact);
                        ((usize::from(answered), String::new()), Key::Flag(answered))
                    }
                    ForwardingDimension::Kind => kind_of(fact).map_or_else(none, |kind| {
                        coded(codes.place(counterparty::LIST, kind).unwrap_or(usize::MAX), kind)
                    }),
                    ForwardingDimension::Counterparty => {
                        let name = ends.get(&fact.counterparty).map(|it| it.name.clone());
                        let name = name.unwrap_or_default();
                        let place = format!("{name} {}", fact.counterparty);
                        ((0, place), Key::Counterparty { id: fact.counterparty, name })
                    }
                    ForwardingDimension::Unit => fact.unit.map_or_else(none, |unit| {
                        let unit = named(unit);
                        ((0, format!("{} {}", unit.name, unit.id)), Key::Unit(unit))
                    }),
                }
            };
            let (place, keys): (Place, Vec<Key>) = self.group_by.iter().map(cell).unzip();
            grouped.entry(place).or_insert_with(|| (keys, Vec::new())).1.push(fact);
        }
        let figures = |facts: &[&ForwardingFact]| {
            let answered = facts.iter().filter(|fact| self.answered(fact)).count() as u64;
            ForwardingFigures {
                count: facts.len() as u64,
                answered: self.answered.then_some(answered),
            }
        };
        let rows = grouped.into_values().map(|(keys, facts)| (keys, figures(&facts))).collect();
        let total = figures(&wanted);
        let scope = match scope {
            Scope::All => None,
            Scope::Only(units) => Some(units.iter().map(|unit| named(*unit)).collect()),
        };
        ForwardingCube { rows, total, scope, query: self }
    }
}
