//! The figures of a report as unknowns with what is known to hold between them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::naming::{OWN_OF, Set, is_nearly, is_own, kin, named, no_more_than};
use super::{Before, Mark, Rules, causes, whole};
use crate::case::measure::Effect;
use crate::exposure::Kind;
use crate::table::{Cell, Holds, Limit, Row, Table};
use crate::yearly::Yearly;

/// Where a figure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    /// The table, in the order of the report.
    pub table: usize,
    /// The row; `None` is the total.
    pub row: Option<usize>,
    /// The column.
    pub column: usize,
}

/// What a figure counts. Two cells of one key are the same number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    /// What one of the things is, and of which set and year.
    pub set: Set,
    /// Its limits, in order.
    pub limits: Vec<Limit>,
    /// Set apart from others that should be the same and are not.
    pub apart: usize,
}

/// A number, printed or not.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    /// What it counts; `None` for what is left of a whole.
    pub key: Option<Key>,
    /// How many.
    pub value: u64,
    /// Where it is printed.
    pub places: Vec<Place>,
    /// Where a change is printed that tells it to whoever has the later figure.
    pub told_by: Vec<Place>,
    /// Law or template asks for it.
    pub fixed: bool,
    /// It is in nobody's reach: it is printed nowhere, or kept back.
    pub kept: bool,
    /// It could point at a person.
    pub few: bool,
    /// Kept back by hand.
    pub marked: bool,
    /// Kept back by an earlier issue, for whatever reason.
    pub carried: bool,
    /// It was kept back before, for itself or for another.
    pub recalled: bool,
    /// What is left where parts seem to be all of their whole: nothing, to whoever knows that they are.
    pub none_left: bool,
    /// The equations it stands in, with its sign.
    pub equations: Vec<(usize, i8)>,
    /// The rows that would not stand there without one of their figures.
    pub rows: Vec<usize>,
}

impl Figure {
    fn new(key: Option<Key>, value: u64) -> Self {
        Self {
            key,
            value,
            places: Vec::new(),
            told_by: Vec::new(),
            fixed: false,
            kept: false,
            few: false,
            marked: false,
            carried: false,
            recalled: false,
            none_left: false,
            equations: Vec::new(),
            rows: Vec::new(),
        }
    }
}

/// The figures of a row, of which at least one counts something.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The figures.
    pub figures: Vec<usize>,
    /// Whether the table has more rows.
    pub among_others: bool,
}

/// A report's figures.
#[derive(Debug, Default)]
pub(super) struct System {
    /// The figures, those that are printed first.
    pub figures: Vec<Figure>,
    /// Sums that are nothing: figures with their signs.
    pub equations: Vec<Vec<(usize, i8)>>,
    /// Rows that stand there because something is counted in them.
    pub rows: Vec<Line>,
    by_key: HashMap<Key, usize>,
    /// Which figure stands in a place.
    pub at: HashMap<Place, usize>,
    /// What was marked, calculated figures included.
    pub marked: HashSet<Place>,
    seen: HashSet<Vec<(usize, i8)>>,
    within: HashSet<(Limit, Limit)>,
    /// What is counted in the months that an exposure covers, where that is another number.
    covered: BTreeSet<usize>,
}

/// A unit with all units below it, as a limit.
pub(super) const BELOW: &str = "unit_below";
/// The table of units that reported nothing.
pub(super) const SILENT: &str = "silent_units";

/// Dimensions that tell what somebody was exposed to, or who it was.
fn tells_of_persons(limit: &Limit) -> bool {
    match limit.dimension.as_str() {
        "injury" | "sex" | "age" | "age_band" | "cause" | "vardskada" | "serious"
        | "reached_person" => true,
        // Those below the highest.
        "category" | "complaint" => {
            limit.code.as_deref().is_some_and(|code| code.matches('.').count() >= 2)
        }
        dimension => dimension.starts_with("severity"),
    }
}

fn is_unit(dimension: &str) -> bool {
    matches!(dimension, "unit" | "reporting_unit" | BELOW)
}

/// Whether a figure of these limits is about a part of the tenant.
fn is_of_a_part(limits: &[Limit]) -> bool {
    limits.iter().any(|limit| {
        is_unit(&limit.dimension) || matches!(limit.dimension.as_str(), "area" | "area_group")
    })
}

/// Whether a small count of these limits could point at a person.
pub(super) fn is_sensitive(limits: &[Limit], rules: &Rules) -> bool {
    limits.iter().any(|limit| {
        if is_unit(&limit.dimension) {
            let persons = limit.code.as_ref().and_then(|id| rules.sizes.get(id));
            return persons.is_none_or(|persons| *persons < rules.small_unit);
        }
        tells_of_persons(limit)
    })
}

impl System {
    /// The figures of a report and what holds between them.
    pub(super) fn read(report: &Yearly, rules: &Rules, before: &[Before<'_>]) -> Self {
        let within = rules.within.iter().map(|it| (it.inner.clone(), it.outer.clone()));
        let mut system = Self { within: within.collect(), ..Self::default() };
        let mut tables: Vec<&Table> = report.tables().collect();
        let own = tables.len();
        tables.extend(before.iter().flat_map(|it| it.whole.tables()));
        for nearly in [false, true] {
            for (at, table) in tables.iter().enumerate() {
                system.read_counts(at, table, nearly);
            }
        }
        for (at, table) in tables.iter().enumerate() {
            system.read_changes(at, table);
            system.read_rows(at, table);
        }
        for (at, table) in tables.iter().enumerate() {
            match table.id.as_str() {
                SILENT => system.read_silent(table, report.year),
                "deviations_by_cause" => causes::read(&mut system, at, table),
                "measures_by_effect" => system.read_effects(at, table),
                "unsigned_doses" => system.read_doses(at, table),
                _ => {}
            }
        }
        system.bound();
        system.read_covered(rules);
        // What is marked in the report of another year is marked in this one, which has that year beside it.
        let others = before.iter().map(|it| (it.whole.tables().count(), it.marks));
        let mut first = 0;
        for (many, marks) in [(own, rules.marks.as_slice())].into_iter().chain(others) {
            system.mark(&tables, first..first + many, marks);
            system.read_rates(&tables, first..first + many);
            first += many;
        }
        system.mark_kin();
        system.recall(&tables, own, before);
        whole::relate(&mut system, rules);
        for figure in &mut system.figures {
            let small = (1..rules.threshold).contains(&figure.value);
            let limits = figure.key.as_ref().map(|key| key.limits.as_slice());
            // What is left of a whole says itself whether it is.
            if let Some(limits) = limits {
                figure.few = small && is_sensitive(limits, rules);
            }
        }
        system
    }

    /// The figure of a key; one of another value is set apart.
    pub(super) fn figure(&mut self, mut key: Key, value: u64) -> usize {
        loop {
            match self.by_key.get(&key) {
                Some(at) if self.figures[*at].value == value => return *at,
                Some(_) => key.apart += 1,
                None => break,
            }
        }
        let at = self.figures.len();
        self.by_key.insert(key.clone(), at);
        self.figures.push(Figure::new(Some(key), value));
        at
    }

    /// The figure of a key, if there is one.
    pub(super) fn find(&self, set: &Set, limits: &[Limit]) -> Option<usize> {
        let key = Key { set: set.clone(), limits: limits.to_vec(), apart: 0 };
        self.by_key.get(&key).copied()
    }

    /// What is left of a whole: a number that is printed nowhere.
    pub(super) fn left(&mut self, value: u64, few: bool, none_left: bool) -> usize {
        let at = self.figures.len();
        self.figures.push(Figure { kept: true, few, none_left, ..Figure::new(None, value) });
        at
    }

    /// That a sum is nothing; said twice is said once.
    pub(super) fn equate(&mut self, mut terms: Vec<(usize, i8)>) {
        terms.sort_unstable();
        if terms.is_empty() || !self.seen.insert(terms.clone()) {
            return;
        }
        let at = self.equations.len();
        for (figure, sign) in &terms {
            self.figures[*figure].equations.push((at, *sign));
        }
        self.equations.push(terms);
    }

    /// Of what is counted nearly as something else is (`nearly`), what is the same number is the same figure.
    fn read_counts(&mut self, at: usize, table: &Table, nearly: bool) {
        for (nth, column) in table.columns.iter().enumerate() {
            if column.holds != Holds::Count || is_nearly(&column.set) != nearly {
                continue;
            }
            let lines = lines(table);
            let mut sum = Vec::new();
            for (row, limits, cells) in lines {
                let Some(Cell::Count(value)) = cells.get(nth) else { continue };
                let place = Place { table: at, row, column: nth };
                let mut key = self.key(table, nth, column.year, limits, place);
                if nearly && !self.of_whole_year(table, row, &mut key) {
                    let same = self.find(&key.set, &key.limits);
                    let same = same.is_some_and(|at| self.figures[at].value == *value);
                    key.apart = usize::from(!same);
                }
                let fixed = table.asked_for && !is_of_a_part(&key.limits);
                let covered = nearly && key.apart > 0;
                let figure = self.figure(key, *value);
                if covered {
                    self.covered.insert(figure);
                }
                self.figures[figure].places.push(place);
                self.figures[figure].fixed |= fixed;
                self.at.insert(place, figure);
                sum.push((figure, if row.is_some() { 1 } else { -1 }));
            }
            if column.adds && sum.last().is_some_and(|(_, sign)| *sign < 0) {
                self.equate(sum);
            }
        }
    }

    /// A change tells the earlier figure where no column of the table does.
    fn read_changes(&mut self, at: usize, table: &Table) {
        for (nth, column) in table.columns.iter().enumerate() {
            if column.holds != Holds::Change || column.from.len() > 1 {
                continue;
            }
            let now = column.from.first().copied().unwrap_or(nth);
            let mut sum = Vec::new();
            for (row, limits, cells) in lines(table) {
                let Some(Cell::Change(change)) = cells.get(nth) else { continue };
                let place = Place { table: at, row, column: now };
                let key = self.key(table, now, table.columns[now].year, limits, place);
                let of_place = self.at.get(&place).copied();
                let Some(later) = of_place.or_else(|| self.find(&key.set, &key.limits)) else {
                    continue;
                };
                let before = i128::from(self.figures[later].value) - i128::from(*change);
                let (Ok(before), Some(year)) = (u64::try_from(before), key.set.1) else { continue };
                let set = (key.set.0.clone(), Some(year - 1));
                let key = Key { set, ..key };
                let fixed = table.asked_for && !is_of_a_part(&key.limits);
                let figure = self.figure(key, before);
                self.figures[figure].told_by.push(Place { column: nth, ..place });
                self.figures[figure].fixed |= fixed;
                sum.push((figure, if row.is_some() { 1 } else { -1 }));
            }
            if column.adds && sum.last().is_some_and(|(_, sign)| *sign < 0) {
                self.equate(sum);
            }
        }
    }

    /// Rows that stand there because something is counted in them: those of a table that has no row of
    /// nothing.
    fn read_rows(&mut self, at: usize, table: &Table) {
        let mut rows = Vec::new();
        for row in 0..table.rows.len() {
            let places =
                (0..table.columns.len()).map(|column| Place { table: at, row: Some(row), column });
            let figures: Vec<usize> =
                places.filter_map(|place| self.at.get(&place).copied()).collect();
            if figures.is_empty() {
                continue;
            }
            if figures.iter().all(|figure| self.figures[*figure].value == 0) {
                return;
            }
            rows.push(figures);
        }
        let among_others = rows.len() > 1;
        for figures in rows {
            for figure in &figures {
                self.figures[*figure].rows.push(self.rows.len());
            }
            self.rows.push(Line { figures, among_others });
        }
    }

    /// What a cell counts. Where the column does not say, the cell is like no other.
    fn key(
        &self,
        table: &Table,
        column: usize,
        year: Option<i16>,
        row: Vec<Limit>,
        place: Place,
    ) -> Key {
        let it = &table.columns[column];
        let set = match it.set.as_str() {
            "" => format!("{}/{}/{:?}", table.id, place.column, place.row),
            set if is_own(set) && it.id.starts_with("of_") => OWN_OF.to_owned(),
            set => set.to_owned(),
        };
        let (set, mut limits) = named((set, year), it.limits.iter().cloned().chain(row));
        // A unit's area says nothing more than the unit.
        let wider = |wide: &Limit| {
            limits.iter().any(|limit| self.within.contains(&(limit.clone(), wide.clone())))
        };
        let said: Vec<bool> = limits.iter().map(wider).collect();
        let mut said = said.iter();
        limits.retain(|_| said.next() != Some(&true));
        Key { set, limits, apart: 0 }
    }

    /// Units that reported nothing are known by standing in a table of them; the others by not.
    fn read_silent(&mut self, table: &Table, year: i16) {
        let silent = |unit: &Limit| {
            table.rows.iter().any(|row| row.keys.first().is_some_and(|key| key.code == unit.code))
        };
        for at in 0..self.figures.len() {
            let it = &self.figures[at];
            let Some(Key { set: (set, Some(of)), limits, .. }) = &it.key else { continue };
            let [unit] = limits.as_slice() else { continue };
            if set != "deviations" || *of != year || unit.dimension != "unit" {
                continue;
            }
            if silent(unit) {
                self.figures[at].fixed = true;
            } else if it.value > 0 {
                self.figures[at].rows.push(self.rows.len());
                self.rows.push(Line { figures: vec![at], among_others: true });
            }
        }
    }

    /// Whether a figure is that of a unit and all units below it over a whole year; then it is named so.
    fn of_whole_year(&self, table: &Table, row: Option<usize>, key: &mut Key) -> bool {
        let months = table.column("months").zip(row);
        let months = months.and_then(|(column, row)| table.rows[row].cells.get(column));
        let Some(unit) = key.limits.iter_mut().find(|limit| limit.dimension == "unit") else {
            return false;
        };
        if months != Some(&Cell::Count(12)) {
            return false;
        }
        let all = Limit { dimension: BELOW.to_owned(), code: unit.code.clone() };
        if self.has_below(&all) {
            *unit = all;
            key.limits.sort();
        }
        true
    }

    /// Whether there are units below that of a limit.
    fn has_below(&self, all: &Limit) -> bool {
        self.within.iter().any(|(_, outer)| outer == all)
    }

    /// What is counted in some months of a year leaves of the whole year what is counted in the others.
    fn read_covered(&mut self, rules: &Rules) {
        for part in std::mem::take(&mut self.covered) {
            let Some(Key { set, limits, .. }) = self.figures[part].key.clone() else { continue };
            let mut all = limits.clone();
            for limit in all.iter_mut().filter(|limit| limit.dimension == "unit") {
                let below = Limit { dimension: BELOW.to_owned(), code: limit.code.clone() };
                if self.has_below(&below) {
                    *limit = below;
                }
            }
            all.sort();
            let Some(whole) = self.find(&set, &all).filter(|whole| *whole != part) else {
                continue;
            };
            let left = self.figures[whole].value.checked_sub(self.figures[part].value);
            if let Some(left) = left {
                let few = (1..rules.threshold).contains(&left) && is_sensitive(&limits, rules);
                let left = self.left(left, few, false);
                self.equate(vec![(whole, -1), (part, 1), (left, 1)]);
            }
        }
    }

    /// A rate beside the reports of a unit tells of what it is a rate, to whoever knows how many persons or
    /// staff there were.
    fn read_rates(&mut self, tables: &[&Table], of: Range<usize>) {
        let find = |id: &str| of.clone().find(|at| tables[*at].id == id);
        let (Some(beside), Some(rates)) =
            (find("reports_and_injury_by_unit"), find("rates_by_unit"))
        else {
            return;
        };
        let Some(counted) = tables[rates].column("deviations") else { return };
        for (id, kind) in [("per_staff", Kind::Staff), ("per_persons", Kind::Persons)] {
            let Some(column) = tables[beside].column(id) else { continue };
            for (nth, row) in tables[beside].rows.iter().enumerate() {
                let (Some(unit), Some(cell)) = (row.keys.first(), row.cells.get(column)) else {
                    continue;
                };
                let of_unit = [unit.code.as_deref(), Some(kind.code())];
                let same = |it: &Row| it.keys.iter().map(|key| key.code.as_deref()).eq(of_unit);
                let line = tables[rates].rows.iter().position(same);
                let Some(row) = line.filter(|_| *cell != Cell::None) else { continue };
                let place = Place { table: rates, row: Some(row), column: counted };
                if let Some(figure) = self.at.get(&place).copied() {
                    let told_by = Place { table: beside, row: Some(nth), column };
                    self.figures[figure].told_by.push(told_by);
                }
            }
        }
    }

    /// Of every measure it is said whether it helped, or that nobody has looked yet.
    fn read_effects(&mut self, at: usize, table: &Table) {
        let all = table.column("count");
        let effects: Vec<Option<usize>> =
            Effect::ALL.iter().map(|effect| table.column(effect.code())).collect();
        for (row, _, _) in lines(table) {
            let of = |column: Option<usize>| {
                self.at.get(&Place { table: at, row, column: column? }).copied()
            };
            let parts: Option<Vec<(usize, i8)>> =
                effects.iter().map(|column| Some((of(*column)?, 1))).collect();
            if let (Some(whole), Some(mut terms)) = (of(all), parts) {
                terms.push((whole, -1));
                self.equate(terms);
            }
        }
    }

    /// Doses to sign are those that were signed and those that were not.
    fn read_doses(&mut self, at: usize, table: &Table) {
        let columns = ["to_sign", "signed", "unsigned"].map(|id| table.column(id));
        for (row, _, _) in lines(table) {
            let of = |column: Option<usize>| {
                self.at.get(&Place { table: at, row, column: column? }).copied()
            };
            let [Some(all), Some(signed), Some(unsigned)] = columns.map(of) else { continue };
            self.equate(vec![(signed, 1), (unsigned, 1), (all, -1)]);
        }
    }

    /// What is never more than another figure leaves nothing or something of it.
    fn bound(&mut self) {
        for at in 0..self.figures.len() {
            let Some(Key { set, limits, apart: 0 }) = self.figures[at].key.clone() else {
                continue;
            };
            for (set, limits) in no_more_than(&set, &limits) {
                let Some(whole) = self.find(&set, &limits) else { continue };
                let left = self.figures[whole].value.checked_sub(self.figures[at].value);
                if let Some(left) = left {
                    let left = self.left(left, false, false);
                    self.equate(vec![(whole, -1), (at, 1), (left, 1)]);
                }
            }
        }
    }

    /// The figures of a year that count the same thing, though another report has another number for it.
    fn of_any_value(&self, set: &Set, limits: &[Limit]) -> Vec<usize> {
        if set.1.is_none() {
            return Vec::new();
        }
        let key = |apart: usize| Key { set: set.clone(), limits: limits.to_vec(), apart };
        let first = self.by_key.get(&key(0));
        let apart = (1..).map_while(|apart| self.by_key.get(&key(apart)));
        first.into_iter().chain(apart).copied().collect()
    }

    /// What is marked in one table is marked in every other that shows it, or what anybody would take for it.
    fn mark_kin(&mut self) {
        let mut marked: Vec<usize> =
            (0..self.figures.len()).filter(|at| self.figures[*at].marked).collect();
        while let Some(at) = marked.pop() {
            let Some(Key { set, limits, apart }) = self.figures[at].key.clone() else {
                continue;
            };
            for other in self.of_any_value(&set, &limits) {
                if !self.figures[other].marked {
                    self.figures[other].marked = true;
                    marked.push(other);
                }
            }
            if apart > 0 {
                continue;
            }
            for (set, limits) in kin(&set, &limits) {
                let Some(other) = self.find(&set, &limits).filter(|other| *other != at) else {
                    continue;
                };
                if self.figures[other].value == self.figures[at].value {
                    self.equate(vec![(at.min(other), 1), (at.max(other), -1)]);
                }
                if !self.figures[other].marked {
                    self.figures[other].marked = true;
                    marked.push(other);
                }
            }
        }
    }

    /// What was published before is known for good; what was kept back is kept back again.
    fn recall(&mut self, tables: &[&Table], own: usize, before: &[Before<'_>]) {
        let public = before.iter().flat_map(|it| {
            it.whole.tables().map(|table| it.public.table(&table.id)).collect::<Vec<_>>()
        });
        let public: Vec<Option<&Table>> = public.collect();
        let is_kept = |place: Place| {
            let (whole, public) =
                (tables[place.table], public.get(place.table - own).copied().flatten());
            let line = public.and_then(|public| match place.row {
                None => public.total.as_ref(),
                Some(row) => {
                    let same = |it: &&Row| it.keys == whole.rows[row].keys;
                    public.rows.iter().find(same).map(|row| &row.cells)
                }
            });
            line.and_then(|line| line.get(place.column)).is_none_or(|it| *it == Cell::Suppressed)
        };
        for figure in &mut self.figures {
            let places = figure.places.iter().chain(&figure.told_by);
            let then: Vec<bool> =
                places.filter(|place| place.table >= own).map(|place| is_kept(*place)).collect();
            let known = then.contains(&false);
            figure.fixed |= known;
            figure.recalled = !known && !then.is_empty();
        }
    }

    /// Marks figures of one of the reports: that of these tables.
    fn mark(&mut self, tables: &[&Table], of: Range<usize>, marks: &[Mark]) {
        let by_id: BTreeMap<&str, usize> = of.map(|at| (tables[at].id.as_str(), at)).collect();
        for mark in marks {
            let Some(at) = by_id.get(mark.table.as_str()) else { continue };
            let table = tables[*at];
            let Some(column) = table.column(&mark.column) else { continue };
            let row = match &mark.row {
                None => None,
                Some(codes) => {
                    let same = |row: &Row| row.keys.iter().map(|key| &key.code).eq(codes.iter());
                    match table.rows.iter().position(same) {
                        Some(row) => Some(row),
                        None => continue,
                    }
                }
            };
            // Of what is calculated, that from which it is.
            let place = |column| Place { table: *at, row, column };
            self.marked.insert(place(column));
            let from = table.columns[column].from.first().copied();
            let counts = [Some(column), from].into_iter().flatten();
            let first = counts.filter_map(|column| self.at.get(&place(column)).copied()).next();
            if let Some(figure) = first {
                let by_hand = !mark.ground.is_empty();
                self.figures[figure].marked |= by_hand;
                self.figures[figure].carried |= !by_hand;
            }
        }
    }
}

/// The rows and last the total, with what each is limited to.
fn lines(table: &Table) -> Vec<(Option<usize>, Vec<Limit>, &[Cell])> {
    let mut lines = Vec::with_capacity(table.rows.len() + 1);
    for (at, row) in table.rows.iter().enumerate() {
        let limits = table
            .heads
            .iter()
            .zip(&row.keys)
            .map(|(head, key)| Limit { dimension: head.id.clone(), code: key.code.clone() });
        lines.push((Some(at), limits.collect(), row.cells.as_slice()));
    }
    if let Some(total) = &table.total {
        lines.push((None, Vec::new(), total.as_slice()));
    }
    lines
}
