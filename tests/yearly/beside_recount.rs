//! The plain recount of what is set beside the cases: rates, doses nobody signed, own figures, what was notified
//! to IVO, and what went between caregivers.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::Kind;
use domain::ids::UnitId;
use domain::statistics::Fact;
use domain::table::{Cell, Column, Holds, Row, Table};
use jiff::Timestamp;

use crate::beside::{Own, Raised, Went};
use crate::recount::{Plain, counted, per_mille};

/// How much care of a kind there was in the year: hundredths, those of an average once for every month, and in
/// which months.
struct Known {
    hundredths: u64,
    months: BTreeSet<i8>,
}

type Keyed = BTreeMap<Vec<String>, Vec<Cell>>;

fn is_average(kind: &str) -> bool {
    matches!(kind, "persons" | "staff")
}

/// How many there are for `per` of what is given in hundredths; in hundredths, half up.
fn for_each(per: u64, count: usize, hundredths: u64) -> Cell {
    if hundredths == 0 {
        return Cell::None;
    }
    let rate = (count as u64 * per * 20_000 + hundredths) / (hundredths * 2);
    Cell::Hundredths(i64::try_from(rate).expect("small"))
}

/// Reports for each 1,000 of what adds up, or for each 100 of an average in a whole year.
fn rate(kind: &str, known: &Known, count: usize) -> Cell {
    if is_average(kind) {
        for_each(100, count * 12, known.hundredths)
    } else {
        for_each(1_000, count, known.hundredths)
    }
}

/// How many are of a category or below it.
fn of_categories(facts: &[&Fact], wanted: &[&str]) -> usize {
    let below =
        |code: &str| wanted.iter().any(|top| code == *top || code.starts_with(&format!("{top}.")));
    facts.iter().filter(|fact| fact.category.as_deref().is_some_and(below)).count()
}

/// The rows of a table by the codes of their keys, each of which stands there once.
fn rows(table: &Table) -> Keyed {
    let code = |row: &Row| -> Vec<String> {
        row.keys.iter().map(|key| key.code.clone().unwrap_or_default()).collect()
    };
    let found: Keyed = table.rows.iter().map(|row| (code(row), row.cells.clone())).collect();
    assert_eq!(found.len(), table.rows.len(), "{}", table.id);
    found
}

fn year_of(at: Timestamp) -> i16 {
    domain::calendar::swedish(at).year
}

fn small(count: u64) -> usize {
    usize::try_from(count).expect("small")
}

impl Plain<'_> {
    /// Whether a unit is another, or lies below it.
    fn lies_in(&self, unit: UnitId, above: UnitId) -> bool {
        let mut here = Some(unit);
        while let Some(id) = here {
            if id == above {
                return true;
            }
            let found = self.world.units.iter().find(|it| it.id == id);
            here = found.and_then(|it| it.parent);
        }
        false
    }

    fn known(&self, kind: &str, unit: UnitId) -> Option<Known> {
        let mut known = Known { hundredths: 0, months: BTreeSet::new() };
        let given = self.world.beside.care.iter();
        for care in given.filter(|it| it.year == self.year && it.kind == kind && it.unit == unit) {
            for month in care.from..=care.to {
                known.months.insert(month);
                if is_average(kind) {
                    known.hundredths += care.hundredths;
                }
            }
            if !is_average(kind) {
                known.hundredths += care.hundredths;
            }
        }
        (!known.months.is_empty()).then_some(known)
    }

    /// The avvikelser at a unit and below it in the months of which the care is known.
    fn reported(&self, unit: UnitId, known: &Known) -> Vec<&Fact> {
        let facts = self.facts.iter().copied();
        facts
            .filter(|it| it.kind == Kind::Avvikelse && it.reported.year == self.year)
            .filter(|it| known.months.iter().any(|month| i16::from(*month) == it.reported.month))
            .filter(|it| self.lies_in(it.unit, unit))
            .collect()
    }

    /// Beside the reports of a unit: those for each 100 of its staff or persons.
    pub fn per_hundred(&self, column: &Column, row: Option<&Row>) -> Cell {
        let kind = match column.id.as_str() {
            "per_staff" => "staff",
            "per_persons" => "persons",
            other => panic!("a rate nobody recounts: {other}"),
        };
        let Some(row) = row else { return Cell::None };
        let code = row.keys[0].code.as_deref().expect("a unit");
        let unit = self.units.iter().copied().find(|unit| unit.to_string() == code);
        let unit = unit.expect("a unit of the report");
        self.known(kind, unit)
            .map_or(Cell::None, |known| rate(kind, &known, self.reported(unit, &known).len()))
    }

    pub fn expected_rates(&self) -> Keyed {
        let mut expected = Keyed::new();
        for unit in &self.units {
            for kind in ["bed_days", "interventions", "persons", "staff"] {
                let Some(known) = self.known(kind, *unit) else { continue };
                let of = self.reported(*unit, &known);
                let falls = of_categories(&of, &["HSL.FAL", "SOC.FAL"]);
                let medication = of_categories(&of, &["HSL.LKM"]);
                let months = known.months.len() as u64;
                let shown = if is_average(kind) {
                    let average = (known.hundredths * 2 + months) / (months * 2);
                    Cell::Hundredths(i64::try_from(average).expect("small"))
                } else {
                    Cell::Count(known.hundredths / 100)
                };
                let mut cells = vec![shown, Cell::Count(months)];
                for count in [of.len(), falls, medication] {
                    cells.extend([Cell::Count(count as u64), rate(kind, &known, count)]);
                }
                expected.insert(vec![unit.to_string(), kind.to_owned()], cells);
            }
        }
        expected
    }

    pub fn rates(&self, table: &Table) {
        assert_eq!(rows(table), self.expected_rates());
        assert_eq!(table.total, None);
    }

    /// Doses to sign, signed, not signed, and the avvikelser of medication in the same months: of units of
    /// which both were given for the same months, and not more signed than there were.
    pub fn expected_doses(&self) -> BTreeMap<Vec<String>, [u64; 4]> {
        let mut expected = BTreeMap::new();
        for unit in &self.units {
            let both = self.known("doses_to_sign", *unit).zip(self.known("signed_doses", *unit));
            let Some((due, signed)) = both else { continue };
            if due.months != signed.months || signed.hundredths > due.hundredths {
                continue;
            }
            let reported = of_categories(&self.reported(*unit, &due), &["HSL.LKM"]) as u64;
            let (due, signed) = (due.hundredths / 100, signed.hundredths / 100);
            expected.insert(vec![unit.to_string()], [due, signed, due - signed, reported]);
        }
        expected
    }

    pub fn unsigned(&self, table: &Table) {
        let cells = |[due, signed, unsigned, reported]: [u64; 4]| {
            vec![
                Cell::Count(due),
                Cell::Count(signed),
                Cell::Count(unsigned),
                per_mille(small(unsigned), small(due)),
                Cell::Count(reported),
                for_each(1_000, small(reported), unsigned * 100),
            ]
        };
        let expected = self.expected_doses();
        let sum = |at: usize| expected.values().map(|it| it[at]).sum::<u64>();
        assert_eq!(table.total, Some(cells([sum(0), sum(1), sum(2), sum(3)])));
        let expected: Keyed = expected.into_iter().map(|(key, it)| (key, cells(it))).collect();
        assert_eq!(rows(table), expected);
    }

    fn raised(&self, kind: &str, when: impl Fn(&Raised) -> bool) -> usize {
        let raised = self.world.beside.raised.iter();
        let here = raised.filter(|it| it.kind == kind && self.units.contains(&it.unit));
        here.filter(|it| when(it)).count()
    }

    /// How many of a kind were notified to IVO in a year, whenever they were raised.
    pub fn notified(&self, kind: &str, year: i16) -> usize {
        self.raised(kind, |it| it.notified_at.is_some_and(|at| year_of(at) == year))
    }

    pub fn escalations(&self, table: &Table) {
        let mut kinds = vec!["lex_maria", "lex_sarah"];
        // Who is a riskperson is told for the whole alone, and so is how many there are.
        if self.whole {
            kinds.push("riskperson");
        }
        let cells = |kinds: &[&str]| -> Vec<Cell> {
            let cell = |column: &Column| {
                let year = column.year.expect("a year");
                let count = |kind: &&str| match column.set.as_str() {
                    "escalations" => self.raised(kind, |it| year_of(it.flagged_at) == year),
                    "escalations_notified" => self.notified(kind, year),
                    other => panic!("a set nobody recounts: {other}"),
                };
                let all: usize = kinds.iter().map(count).sum();
                if self.counts(true, year) { Cell::Count(all as u64) } else { Cell::None }
            };
            table.columns.iter().map(cell).collect()
        };
        let row = |kind: &&str| (vec![(*kind).to_owned()], cells(&[*kind]));
        let expected: Keyed = kinds.iter().map(row).collect();
        assert_eq!(rows(table), expected);
        assert_eq!(table.total, Some(cells(kinds.as_slice())));
    }

    /// What went to or came from ends of these kinds, and was not taken back.
    fn went(&self, kinds: &BTreeSet<&str>, sent: bool, year: i16) -> Vec<&Went> {
        let all = self.world.beside.went.iter().filter(|it| kinds.contains(it.to));
        let all = all.filter(|it| it.sent == sent && !it.taken_back);
        all.filter(|it| it.at.is_some_and(|at| year_of(at) == year))
            // What came for no unit yet is told of the whole.
            .filter(|it| self.whole || it.unit.is_some_and(|unit| self.units.contains(&unit)))
            .collect()
    }

    pub fn forwardings(&self, table: &Table) {
        // A share says of which year it is by the counts it is made of.
        let year_at = |at: usize| table.columns[at].year.expect("a year");
        let ways = |column: &Column| match column.set.as_str() {
            "forwardings_sent" => true,
            "forwardings_received" => false,
            other => panic!("a set nobody recounts: {other}"),
        };
        let cells = |kinds: &BTreeSet<&str>| -> Vec<Cell> {
            let cell = |(at, column): (usize, &Column)| {
                let year = if column.holds == Holds::Share {
                    year_at(column.from[0])
                } else {
                    year_at(at)
                };
                let all = self.went(kinds, ways(column), year);
                let answered = all.iter().filter(|it| it.answered).count();
                let of_answered = column.limits.iter().any(|it| it.dimension == "answered");
                match column.holds {
                    Holds::Share => per_mille(answered, all.len()),
                    Holds::Count if !self.counts(true, year) => Cell::None,
                    Holds::Count if of_answered => Cell::Count(answered as u64),
                    Holds::Count => Cell::Count(all.len() as u64),
                    other => panic!("{other:?}"),
                }
            };
            table.columns.iter().enumerate().map(cell).collect()
        };
        let known: BTreeSet<&str> = self.world.beside.went.iter().map(|it| it.to).collect();
        let mut expected = Keyed::new();
        for kind in &known {
            let cells = cells(&BTreeSet::from([*kind]));
            // A kind has a row where anything went.
            if cells.iter().any(|cell| matches!(cell, Cell::Count(count) if *count > 0)) {
                expected.insert(vec![(*kind).to_owned()], cells);
            }
        }
        assert_eq!(rows(table), expected);
        let total = cells(&known);
        assert_eq!(table.total.as_ref(), Some(&total));
        // The rows add to the total.
        for (at, column) in table.columns.iter().enumerate() {
            if column.holds == Holds::Count && total[at] != Cell::None {
                let sum: i64 = table.rows.iter().map(|row| counted(&row.cells[at])).sum();
                assert_eq!(sum, counted(&total[at]), "{}", column.id);
            }
        }
    }

    /// Figures that are counted elsewhere: periods of a year added up, of shares without numbers the last.
    pub fn own_figures(&self, table: Option<&Table>) {
        let own = self.world.beside.own.iter();
        let here: Vec<&Own> = own
            .filter(|it| self.whole || it.unit.is_some_and(|unit| self.units.contains(&unit)))
            .collect();
        let of_year = |year: i16| here.iter().copied().filter(move |it| it.to.year() == year);
        if of_year(self.year).next().is_none() {
            assert_eq!(table, None);
            return;
        }
        let table = table.expect("a table of own figures");
        let mut years = vec![self.year];
        if of_year(self.year - 1).next().is_some() {
            years.push(self.year - 1);
        }
        let ids: Vec<&str> = table.columns.iter().map(|column| column.id.as_str()).collect();
        let wanted =
            years.iter().flat_map(|year| ["count", "of", "share"].map(|id| format!("{id}_{year}")));
        assert_eq!(ids, wanted.collect::<Vec<_>>());
        let place = |it: &Own| it.unit.map_or_else(|| "whole".to_owned(), |unit| unit.to_string());
        let mut expected = Keyed::new();
        for of in years.iter().flat_map(|year| of_year(*year)) {
            let mut cells = Vec::new();
            for year in &years {
                let same = of_year(*year).filter(|it| it.name == of.name && it.unit == of.unit);
                cells.extend(together(&same.collect::<Vec<_>>()));
            }
            expected.insert(vec![of.name.to_owned(), place(of)], cells);
        }
        assert_eq!(rows(table), expected);
        assert_eq!(table.total, None);
    }
}

/// The figures of one name and unit in one year: how many, of how many, and the share.
fn together(figures: &[&Own]) -> [Cell; 3] {
    let values: Vec<u64> = figures.iter().filter_map(|it| it.value).collect();
    if values.is_empty() {
        let last = figures.iter().max_by_key(|it| it.to).and_then(|it| it.tenths);
        let share = last.map_or(Cell::None, |it| Cell::Tenths(i64::try_from(it).expect("small")));
        return [Cell::None, Cell::None, share];
    }
    let value: u64 = values.iter().sum();
    // A whole of which a part is not known is not known.
    let of: Option<u64> = figures.iter().map(|it| it.of).sum();
    match of {
        Some(of) => [Cell::Count(value), Cell::Count(of), per_mille(small(value), small(of))],
        None => [Cell::Count(value), Cell::None, Cell::None],
    }
}
