//! From what the facts say, column by column, to the answer: pure, so that a test can count by hand.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::base::{BaseRow, CaseRow, Values};
use super::cube::{Cube, Figures, Key, NamedUnit, Row};
use super::dimension::{Dimension, half, hour_band, tertial};
use super::lead_time::Spans;
use super::months::Months;
use super::order::{Cell, Ranks, in_swedish_order};
use super::query::{CubeQuery, Measure, Of};
use crate::code_lists::CodeLists;
use crate::ids::{CaseId, CounterpartyId, UnitId};
use crate::law::Law;
use crate::organisation::UnitTree;
use crate::policy::Scope;

/// What has been counted so far.
#[derive(Debug)]
pub struct Fold<'a> {
    query: &'a CubeQuery,
    units: &'a UnitTree,
    codes: &'a CodeLists,
    /// Of each unit; empty unless asked for.
    areas: HashMap<UnitId, Option<String>>,
    /// The counterparties by name, where rows may be about them.
    ends: Vec<(CounterpartyId, String)>,
    tallies: HashMap<Vec<Cell>, Tally>,
    /// The first case of each shared event in the period, and in the one before.
    events: [HashMap<CaseId, CaseRow>; 2],
}

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    closed: u64,
    answered: u64,
    previous: u64,
    spans: Spans,
}

/// Which of the two periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Current,
    Previous,
}

impl<'a> Fold<'a> {
    /// Nothing counted yet.
    pub fn new(query: &'a CubeQuery, units: &'a UnitTree, codes: &'a CodeLists) -> Self {
        let mut areas = HashMap::new();
        if query.group_by.contains(&Dimension::Area) {
            let area = |id| units.area_of(id).map(str::to_owned);
            areas = units.iter().map(|unit| (unit.id, area(unit.id))).collect();
        }
        let tallies = HashMap::new();
        let ends = Vec::new();
        Self { query, units, codes, areas, ends, tallies, events: Default::default() }
    }

    /// Gives the names of counterparties, for rows that are about them.
    pub fn name_counterparties(
        &mut self,
        ends: impl IntoIterator<Item = (CounterpartyId, String)>,
    ) {
        self.ends = ends.into_iter().collect();
    }

    /// Takes in facts that are alike.
    pub fn add(&mut self, row: &BaseRow) {
        // A reading that groups by nothing answers even when it found nothing.
        if row.count == 0 {
            return;
        }
        for side in self.sides(&row.at) {
            for keys in self.keys(&row.at, side) {
                let tally = self.tallies.entry(keys).or_default();
                match side {
                    Side::Current => {
                        tally.count += row.count;
                        tally.closed += row.closed;
                        tally.answered += row.answered;
                    }
                    Side::Previous => tally.previous += row.count,
                }
            }
        }
    }

    /// Takes in one fact by itself. Of an event that several share, only the first reported counts
    /// in the end: among those that match, so that the rows add to the total.
    pub fn add_case(&mut self, row: CaseRow) {
        for side in self.sides(&row.at) {
            let shared = row.shared_event.filter(|_| self.query.of == Of::Events);
            match shared.map(|event| self.events[side as usize].entry(event)) {
                None => self.count_case(&row, side),
                Some(Entry::Vacant(first)) => {
                    first.insert(row.clone());
                }
                Some(Entry::Occupied(mut first)) => {
                    let before = |row: &CaseRow| (row.times.reported, row.case);
                    if before(&row) < before(first.get()) {
                        first.insert(row.clone());
                    }
                }
            }
        }
    }

    fn count_case(&mut self, row: &CaseRow, side: Side) {
        let cutoff = self.query.cutoff();
        let spans = self.query.wants(Measure::LeadTime);
        for keys in self.keys(&row.at, side) {
            let tally = self.tallies.entry(keys).or_default();
            match side {
                Side::Current => {
                    tally.count += 1;
                    tally.closed +=
                        u64::from(row.times.closed.is_some_and(|closed| closed < cutoff));
                    tally.answered += u64::from(row.answered.is_some_and(|at| at < cutoff));
                    if spans {
                        tally.spans.add(&row.times, cutoff);
                    }
                }
                Side::Previous => tally.previous += 1,
            }
        }
    }

    /// The answer. `unplaced` is the number of cases that have no place in time, where that matters;
    /// `scope` the units that were read.
    pub fn finish(mut self, unplaced: Option<u64>, scope: &Scope<UnitId>) -> Cube {
        for side in [Side::Current, Side::Previous] {
            for row in std::mem::take(&mut self.events[side as usize]).into_values() {
                self.count_case(&row, side);
            }
        }
        let query = self.query;
        let mut total = Tally::default();
        for tally in self.tallies.values() {
            total.count += tally.count;
            total.closed += tally.closed;
            total.answered += tally.answered;
            total.previous += tally.previous;
            total.spans.extend(&tally.spans);
        }
        let ranks: Vec<Ranks> = query
            .group_by
            .iter()
            .map(|dimension| Ranks::new(*dimension, self.units, self.codes, &self.ends))
            .collect();
        let mut rows: Vec<(Vec<i64>, Vec<Cell>, Tally)> = std::mem::take(&mut self.tallies)
            .into_iter()
            .map(|(cells, tally)| {
                let places = ranks.iter().zip(&cells).map(|(ranks, cell)| ranks.of(cell)).collect();
                (places, cells, tally)
            })
            .collect();
        rows.sort_unstable_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        let rows = rows.into_iter().map(|(_, cells, tally)| Row {
            keys: cells.into_iter().map(|cell| self.key(cell)).collect(),
            figures: self.figures(tally),
        });
        Cube {
            period: query.period,
            previous_period: query.previous_period(),
            count_by: query.count_by,
            of: query.of,
            measures: query.measures.clone(),
            as_of: query.as_of,
            group_by: query.group_by.clone(),
            rows: rows.collect(),
            total: self.figures(total),
            unplaced,
            scope: match scope {
                Scope::All => None,
                Scope::Only(units) => {
                    Some(in_swedish_order(units.iter().map(|unit| self.named(*unit))))
                }
            },
        }
    }

    fn figures(&self, tally: Tally) -> Figures {
        let wants = |measure| self.query.wants(measure);
        Figures {
            count: tally.count,
            previous: self.query.compare.then_some(tally.previous),
            open: wants(Measure::Open).then(|| tally.count - tally.closed),
            closed: wants(Measure::Closed).then_some(tally.closed),
            answered: wants(Measure::Answered).then_some(tally.answered),
            lead_time: wants(Measure::LeadTime).then(|| tally.spans.into_lead_times()),
        }
    }

    fn key(&self, cell: Cell) -> Key {
        match cell {
            Cell::None => Key::None,
            Cell::Number(number) => Key::Number(number),
            Cell::Flag(flag) => Key::Flag(flag),
            Cell::Group(place) => match self.units.area_groups().get(place) {
                Some(group) => Key::Group { code: group.code.clone(), name: group.name.clone() },
                None => Key::None,
            },
            Cell::Code(code) => Key::Code(code),
            Cell::Unit(id) => Key::Unit(self.named(id)),
            Cell::Counterparty(id) => {
                let named = self.ends.iter().find(|(end, _)| *end == id);
                let name = named.map(|(_, name)| name.clone()).unwrap_or_default();
                Key::Counterparty { id, name }
            }
        }
    }

    fn named(&self, id: UnitId) -> NamedUnit {
        let name = self.units.get(id).map(|unit| unit.name.clone());
        NamedUnit { id, name: name.unwrap_or_default() }
    }

    /// The periods a fact belongs to: both, where they overlap.
    fn sides(&self, at: &Values) -> impl Iterator<Item = Side> + use<> {
        let within = |months: Months| at.year.is_some_and(|year| months.covers(year, at.month));
        let sides = match self.query.previous_period() {
            // Nothing else was read.
            None => [true, false],
            Some(previous) => [within(self.query.period), within(previous)],
        };
        [Side::Current, Side::Previous]
            .into_iter()
            .zip(sides)
            .filter(|(_, is)| *is)
            .map(|(side, _)| side)
    }

    /// The rows a fact belongs to: one, but for laws that each count by themselves. One of the
    /// previous period stands where it would be a year later.
    fn keys(&self, at: &Values, side: Side) -> Vec<Vec<Cell>> {
        let keys = |law: Option<Law>| -> Vec<Cell> {
            let cell = |dimension: &Dimension| self.cell(*dimension, at, side, law);
            self.query.group_by.iter().map(cell).collect()
        };
        if !self.query.each_law() || at.laws.is_empty() {
            return vec![keys(at.laws.first().copied())];
        }
        let wanted = |law: &&Law| match &self.query.laws {
            None => true,
            Some(wanted) => wanted.contains(&Some(**law)),
        };
        at.laws.iter().filter(wanted).map(|law| keys(Some(*law))).collect()
    }

    fn cell(&self, dimension: Dimension, at: &Values, side: Side, law: Option<Law>) -> Cell {
        let number = |value: Option<i16>| value.map_or(Cell::None, Cell::Number);
        let flag = |value: Option<bool>| value.map_or(Cell::None, Cell::Flag);
        let unit = |value: Option<UnitId>| value.map_or(Cell::None, Cell::Unit);
        let code = |value: Option<&str>| value.map_or(Cell::None, |it| Cell::Code(it.to_owned()));
        match dimension {
            Dimension::Year => number(at.year.map(|year| match side {
                Side::Current => year,
                Side::Previous => year + 1,
            })),
            Dimension::Half => number(at.month.map(half)),
            Dimension::Tertial => number(at.month.map(tertial)),
            Dimension::Month => number(at.month),
            Dimension::Week => number(at.week),
            Dimension::Weekday => number(at.weekday),
            Dimension::HourBand => code(at.hour.map(hour_band)),
            Dimension::Kind => code(at.kind.as_deref()),
            Dimension::Unit => unit(at.unit),
            Dimension::ReportingUnit => unit(at.reporting_unit),
            Dimension::Area => {
                let area = at.unit.and_then(|unit| self.areas.get(&unit)?.as_deref());
                code(area)
            }
            Dimension::AreaGroup => {
                let place = at.unit.and_then(|unit| self.units.area_group_place(unit));
                place.map_or(Cell::None, Cell::Group)
            }
            Dimension::Law => code(law.map(Law::code)),
            Dimension::Category => code(at.category.as_deref()),
            Dimension::CategoryTop => {
                code(at.category.as_deref().map(|category| category_top(self.codes, category)))
            }
            Dimension::Nature => code(at.nature.as_deref()),
            Dimension::Severity => number(at.severity),
            Dimension::Probability => number(at.probability),
            Dimension::Vardskada => code(at.vardskada.as_deref()),
            Dimension::Serious => flag(at.serious),
            Dimension::Injury => code(at.injury.as_deref()),
            Dimension::ReachedPerson => flag(at.reached_person),
            Dimension::Track => code(at.track.as_deref()),
            Dimension::Outcome => code(at.outcome.as_deref()),
            Dimension::Status => code(at.status.as_deref()),
            Dimension::Source => code(at.source.as_deref()),
            Dimension::Channel => code(at.channel.as_deref()),
            Dimension::Profession => code(at.profession.as_deref()),
            Dimension::Sex => code(at.sex.as_deref()),
            Dimension::AgeBand => code(at.age_band.as_deref()),
            Dimension::Suggestion => code(at.suggestion.as_deref()),
            Dimension::SuggestionReported => code(at.suggestion_reported.as_deref()),
            Dimension::Understood => code(at.understood.as_deref()),
            Dimension::Helped => code(at.helped.as_deref()),
            Dimension::Patientnamnd => code(at.patientnamnd.as_deref()),
            Dimension::Cause => code(at.cause.as_deref()),
            Dimension::Counterparty => at.counterparty.map_or(Cell::None, Cell::Counterparty),
            // Of several answers, each stands in a row of its own.
            Dimension::Answer(asked) => {
                let answer = at.answers.iter().find(|answer| answer.asked == asked);
                code(answer.map(|answer| answer.code.as_str()))
            }
        }
    }
}

/// The highest code above a category. Those of avvikelser and those of complaints are two lists.
fn category_top<'a>(codes: &'a CodeLists, category: &'a str) -> &'a str {
    let known = |list: &&&str| codes.get(list, category).is_some();
    let list = Dimension::CategoryTop.lists().iter().find(known);
    list.map_or(category, |list| codes.top(list, category))
}
