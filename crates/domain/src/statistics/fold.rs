//! From what the facts say, column by column, to the answer: pure, so that a test can count by hand.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::base::{BaseRow, CaseRow, Summed, Values};
use super::cube::{Cube, Figures, Key, NamedUnit, Row};
use super::dimension::{Dimension, half, hour_band, tertial};
use super::lead_time::Spans;
use super::months::Months;
use super::order::{Cell, QuickMap, Ranks, Seen, in_swedish_order};
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
    /// What rows have on each dimension of the grouping.
    seen: Vec<Seen>,
    /// The place of each row among the tallies, by the numbers of what it has.
    rows: QuickMap<Box<[u32]>, usize>,
    tallies: Vec<Tally>,
    /// The numbers of the row that is being taken in: kept, so that it is made once.
    at: Vec<u32>,
    /// The first case of each shared event in the period, and in the one before.
    events: [HashMap<CaseId, CaseRow>; 2],
}

/// What was counted of a row. Less than nothing only until all is taken in: see [`Summed`].
#[derive(Debug, Default)]
struct Tally {
    count: i64,
    closed: i64,
    answered: i64,
    previous: i64,
    spans: Option<Box<Spans>>,
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
        let seen = query.group_by.iter().map(|_| Seen::default()).collect();
        let ends = Vec::new();
        let (rows, tallies, at, events) = Default::default();
        Self { query, units, codes, areas, ends, seen, rows, tallies, at, events }
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
        for side in self.sides(row.at.year, row.at.month) {
            self.each_row(&row.at, side, |tally| match side {
                Side::Current => {
                    tally.count += row.count.cast_signed();
                    tally.closed += row.closed.cast_signed();
                    tally.answered += row.answered.cast_signed();
                }
                Side::Previous => tally.previous += row.count.cast_signed(),
            });
        }
    }

    /// Takes in what the sums tell: for a question by year, month, unit, area, law, category and kind alone.
    pub fn add_summed(&mut self, row: &Summed<'_>) {
        for side in self.sides(row.year, row.month) {
            for law in counted_laws(self.query, row.laws) {
                let mut at = std::mem::take(&mut self.at);
                at.clear();
                at.extend((0..self.seen.len()).map(|place| self.summed_key(place, row, side, law)));
                let tally = self.tally(&at);
                match side {
                    Side::Current => tally.count += row.count,
                    Side::Previous => tally.previous += row.count,
                }
                self.at = at;
            }
        }
    }

    /// Takes in one fact by itself. Of an event that several share, only the first reported counts
    /// in the end: among those that match, so that the rows add to the total.
    pub fn add_case(&mut self, row: CaseRow) {
        for side in self.sides(row.at.year, row.at.month) {
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
        self.each_row(&row.at, side, |tally| match side {
            Side::Current => {
                tally.count += 1;
                tally.closed += i64::from(row.times.closed.is_some_and(|closed| closed < cutoff));
                tally.answered += i64::from(row.answered.is_some_and(|at| at < cutoff));
                if spans {
                    tally.spans.get_or_insert_default().add(&row.times, cutoff);
                }
            }
            Side::Previous => tally.previous += 1,
        });
    }

    /// Hands over each row that a fact belongs to.
    fn each_row(&mut self, at: &Values, side: Side, mut each: impl FnMut(&mut Tally)) {
        for law in counted_laws(self.query, &at.laws) {
            let numbers: Vec<u32> = (0..self.seen.len())
                .map(|place| {
                    let cell = self.cell(self.query.group_by[place], at, side, law);
                    self.seen[place].cell(cell)
                })
                .collect();
            each(self.tally(&numbers));
        }
    }

    fn tally(&mut self, numbers: &[u32]) -> &mut Tally {
        let place = match self.rows.get(numbers) {
            Some(place) => *place,
            None => {
                self.rows.insert(numbers.into(), self.tallies.len());
                self.tallies.push(Tally::default());
                self.tallies.len() - 1
            }
        };
        &mut self.tallies[place]
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
        for tally in &self.tallies {
            total.count += tally.count;
            total.closed += tally.closed;
            total.answered += tally.answered;
            total.previous += tally.previous;
            if let Some(spans) = &tally.spans {
                total.spans.get_or_insert_default().extend(spans);
            }
        }
        let rows = self.rows_in_order();
        Cube {
            period: query.period,
            previous_period: query.previous_period(),
            count_by: query.count_by,
            of: query.of,
            measures: query.measures.clone(),
            as_of: query.as_of,
            group_by: query.group_by.clone(),
            rows,
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

    /// The rows in order. What came to nothing, and was never there, is none.
    fn rows_in_order(&mut self) -> Vec<Row> {
        let dimensions = self.seen.len();
        let mut places: Vec<Vec<u32>> = Vec::with_capacity(dimensions);
        let mut keys: Vec<Vec<Arc<Key>>> = Vec::with_capacity(dimensions);
        for (dimension, seen) in self.query.group_by.iter().zip(&self.seen) {
            let ranks = Ranks::new(*dimension, self.units, self.codes, &self.ends);
            let (of_each, cells) = seen.in_order(&ranks);
            places.push(of_each);
            keys.push(cells.into_iter().map(|cell| Arc::new(self.key(cell.clone()))).collect());
        }
        // Places instead of numbers, so that rows compare as they stand: as one number, where that holds them all.
        let sizes: Vec<u128> = keys.iter().map(|keys| keys.len() as u128).collect();
        let fits = sizes.iter().try_fold(1_u128, |all, size| all.checked_mul(*size)).is_some();
        let rows = std::mem::take(&mut self.rows).into_iter().map(|(mut row, tally)| {
            let mut place = 0_u128;
            for ((number, places), size) in row.iter_mut().zip(&places).zip(&sizes) {
                *number = places[*number as usize];
                place = place.wrapping_mul(*size).wrapping_add((*number).into());
            }
            (if fits { place } else { 0 }, row, tally)
        });
        let mut rows: Vec<(u128, Box<[u32]>, usize)> = rows.collect();
        rows.sort_unstable();
        let mut tallies = std::mem::take(&mut self.tallies);
        let mut ordered = Vec::with_capacity(rows.len());
        for (_, row, tally) in rows {
            let tally = std::mem::take(&mut tallies[tally]);
            if tally.is_there() {
                let key =
                    |(place, keys): (&u32, &Vec<Arc<Key>>)| Arc::clone(&keys[*place as usize]);
                let keys = row.iter().zip(&keys).map(key).collect();
                ordered.push(Row { keys, figures: self.figures(tally) });
            }
        }
        ordered
    }

    fn figures(&self, tally: Tally) -> Figures {
        let wants = |measure| self.query.wants(measure);
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        let spans = tally.spans.unwrap_or_default();
        Figures {
            count: count(tally.count),
            previous: self.query.compare.then_some(count(tally.previous)),
            open: wants(Measure::Open).then(|| count(tally.count - tally.closed)),
            closed: wants(Measure::Closed).then_some(count(tally.closed)),
            answered: wants(Measure::Answered).then_some(count(tally.answered)),
            lead_time: wants(Measure::LeadTime).then(|| Box::new(spans.into_lead_times())),
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
    fn sides(&self, year: Option<i16>, month: Option<i16>) -> impl Iterator<Item = Side> + use<> {
        let within = |months: Months| year.is_some_and(|year| months.covers(year, month));
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

    /// The number of what a row of the sums has on a dimension of the grouping.
    fn summed_key(&mut self, place: usize, row: &Summed<'_>, side: Side, law: Option<Law>) -> u32 {
        let code = match self.query.group_by[place] {
            Dimension::Kind => row.kind,
            Dimension::Law => law.map(Law::code),
            Dimension::Category => row.category,
            Dimension::CategoryTop => {
                row.category.map(|category| category_top(self.codes, category))
            }
            Dimension::Area => row.unit.and_then(|unit| self.areas.get(&unit)?.as_deref()),
            dimension => {
                let cell = self.placed_cell(dimension, (row.year, row.month, row.unit), side);
                return self.seen[place].cell(cell.unwrap_or(Cell::None));
            }
        };
        match code {
            Some(code) => self.seen[place].code(code),
            None => self.seen[place].cell(Cell::None),
        }
    }

    /// What follows from year, month and unit and is no code; `None` for no value, too.
    fn placed_cell(
        &self,
        dimension: Dimension,
        (year, month, unit): (Option<i16>, Option<i16>, Option<UnitId>),
        side: Side,
    ) -> Option<Cell> {
        match dimension {
            Dimension::Year => year.map(|year| match side {
                Side::Current => Cell::Number(year),
                Side::Previous => Cell::Number(year + 1),
            }),
            Dimension::Half => month.map(half).map(Cell::Number),
            Dimension::Tertial => month.map(tertial).map(Cell::Number),
            Dimension::Month => month.map(Cell::Number),
            Dimension::Unit => unit.map(Cell::Unit),
            Dimension::AreaGroup => {
                unit.and_then(|unit| self.units.area_group_place(unit)).map(Cell::Group)
            }
            _ => None,
        }
    }

    fn cell(&self, dimension: Dimension, at: &Values, side: Side, law: Option<Law>) -> Cell {
        let number = |value: Option<i16>| value.map_or(Cell::None, Cell::Number);
        let flag = |value: Option<bool>| value.map_or(Cell::None, Cell::Flag);
        let unit = |value: Option<UnitId>| value.map_or(Cell::None, Cell::Unit);
        let code = |value: Option<&str>| value.map_or(Cell::None, |it| Cell::Code(it.to_owned()));
        match dimension {
            Dimension::Year
            | Dimension::Half
            | Dimension::Tertial
            | Dimension::Month
            | Dimension::Unit
            | Dimension::AreaGroup => {
                let cell = self.placed_cell(dimension, (at.year, at.month, at.unit), side);
                cell.unwrap_or(Cell::None)
            }
            Dimension::Week => number(at.week),
            Dimension::Weekday => number(at.weekday),
            Dimension::HourBand => code(at.hour.map(hour_band)),
            Dimension::Kind => code(at.kind.as_deref()),
            Dimension::ReportingUnit => unit(at.reporting_unit),
            Dimension::Area => {
                let area = at.unit.and_then(|unit| self.areas.get(&unit)?.as_deref());
                code(area)
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

impl Tally {
    /// Whether anything was counted.
    fn is_there(&self) -> bool {
        self.count != 0 || self.previous != 0
    }
}

/// The laws a fact counts under: one or none, but where each counts by itself.
fn counted_laws(query: &CubeQuery, laws: &[Law]) -> impl Iterator<Item = Option<Law>> {
    let each = query.each_law() && !laws.is_empty();
    let first = (!each).then(|| laws.first().copied());
    let wanted = |law: &Law| query.laws.as_ref().is_none_or(|wanted| wanted.contains(&Some(*law)));
    let all = laws.iter().copied().filter(move |law| each && wanted(law));
    first.into_iter().chain(all.map(Some))
}

/// The highest code above a category. Those of avvikelser and those of complaints are two lists.
fn category_top<'a>(codes: &'a CodeLists, category: &'a str) -> &'a str {
    let known = |list: &&&str| codes.get(list, category).is_some();
    let list = Dimension::CategoryTop.lists().iter().find(known);
    list.map_or(category, |list| codes.top(list, category))
}
