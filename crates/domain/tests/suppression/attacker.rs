//! Somebody who has the published report, knows which unit lies in which area, and calculates: by rational
//! elimination over every sum, and by bounds. Written apart from what it attacks.

use std::collections::{BTreeMap, BTreeSet};

use domain::table::{Cell, Holds, Limit, Table};
use domain::yearly::Yearly;

use crate::world::{LEAVES_OUT, Town};

/// Unknowns with their factors, what they add to, and whether exactly that.
type Sum = (Vec<(usize, Ratio)>, Ratio, bool);

/// What a figure means: the year and its limits, in order.
pub type Meaning = (i16, Vec<Limit>);

/// An exact fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ratio(i128, i128);

impl Ratio {
    fn new(above: i128, below: i128) -> Self {
        let (mut a, mut b) = (above.abs(), below.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = if below < 0 { -1 } else { 1 };
        Self(sign * above / a.max(1), sign * below / a.max(1))
    }
    fn minus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 - other.0 * self.1, self.1 * other.1)
    }
    fn times(self, other: Self) -> Self {
        Self::new(self.0 * other.0, self.1 * other.1)
    }
    fn over(self, other: Self) -> Self {
        Self::new(self.0 * other.1, self.1 * other.0)
    }
    fn floor(self) -> i128 {
        self.0.div_euclid(self.1)
    }
    fn ceil(self) -> i128 {
        -(-self.0).div_euclid(self.1)
    }
}

/// A linear equation: the sum of the unknowns by their factors is the constant.
#[derive(Clone, Debug, Default)]
struct Equation {
    terms: BTreeMap<usize, Ratio>,
    constant: i128,
}

/// What somebody outside can make of a report.
#[derive(Default)]
pub struct Attack {
    unknowns: BTreeMap<Meaning, usize>,
    equations: Vec<Equation>,
    /// Sums that are at least something.
    at_least: Vec<(Vec<(usize, i128)>, i128)>,
    known: BTreeMap<usize, u64>,
    /// The unknowns of cells that are printed as kept back.
    kept: BTreeSet<usize>,
    bounds: Vec<(i128, i128)>,
}

/// More than any count.
const MANY: i128 = 1_000_000;

fn meaning(town: &Town, year: i16, limits: impl IntoIterator<Item = Limit>) -> Meaning {
    let mut limits: Vec<Limit> = limits.into_iter().collect();
    limits.sort();
    limits.dedup();
    // A category below another says both; a unit says its area.
    let all = limits.clone();
    let code = |limit: &Limit| limit.code.clone().unwrap_or_default();
    limits.retain(|wide| {
        !all.iter().any(|narrow| {
            let below = narrow.dimension == wide.dimension
                && code(narrow).starts_with(&format!("{}.", code(wide)));
            let lies_in = narrow.dimension == "unit"
                && wide.dimension == "area"
                && town.area_of[&code(narrow)] == code(wide);
            below || lies_in
        })
    });
    (year, limits)
}

/// What a column of a table counts in a row, or in the total, in a year.
pub fn named(town: &Town, table: &Table, row: Option<usize>, column: usize, year: i16) -> Meaning {
    let keys = row.into_iter().flat_map(|row| {
        let heads = table.heads.iter().zip(&table.rows[row].keys);
        heads.map(|(head, key)| Limit { dimension: head.id.clone(), code: key.code.clone() })
    });
    meaning(town, year, table.columns[column].limits.iter().cloned().chain(keys))
}

impl Attack {
    /// Reads reports; `hides` says of what is printed in which of them that the attacker does not have it.
    pub fn new(
        reports: &[&Yearly],
        town: &Town,
        hides: impl Fn(usize, &Table, Option<usize>, usize) -> bool,
    ) -> Self {
        let mut attack = Self::default();
        for (at, report) in reports.iter().enumerate() {
            for table in report.tables() {
                attack
                    .read(table, town, &|table: &Table, row, column| hides(at, table, row, column));
            }
        }
        attack.relate(town);
        attack.bounds = vec![(0, MANY); attack.unknowns.len()];
        for (unknown, value) in &attack.known {
            attack.bounds[*unknown] = (i128::from(*value), i128::from(*value));
        }
        attack
    }

    fn unknown(&mut self, meaning: Meaning) -> usize {
        let next = self.unknowns.len();
        *self.unknowns.entry(meaning).or_insert(next)
    }

    fn equate(&mut self, terms: &[(usize, i128)], constant: i128) {
        let mut equation = Equation { constant, ..Equation::default() };
        for (unknown, factor) in terms {
            let before = equation.terms.get(unknown).map_or(0, |ratio| ratio.0);
            equation.terms.insert(*unknown, Ratio(before + factor, 1));
        }
        equation.terms.retain(|_, factor| factor.0 != 0);
        self.equations.push(equation);
    }

    fn read(
        &mut self,
        table: &Table,
        town: &Town,
        hides: &impl Fn(&Table, Option<usize>, usize) -> bool,
    ) {
        let rows = table.rows.iter().enumerate().map(|(at, row)| (Some(at), &row.cells));
        let lines: Vec<_> = rows.chain(table.total.iter().map(|total| (None, total))).collect();
        let of = |row, column, year| named(town, table, row, column, year);
        for (nth, column) in table.columns.iter().enumerate() {
            let year = column.year.expect("a year");
            match column.holds {
                Holds::Count => {
                    let mut sum = Vec::new();
                    for (row, cells) in &lines {
                        let unknown = self.unknown(of(*row, nth, year));
                        match &cells[nth] {
                            Cell::Suppressed => {
                                self.kept.insert(unknown);
                            }
                            Cell::Count(_) if hides(table, *row, nth) => {}
                            Cell::Count(count) => {
                                self.known.insert(unknown, *count);
                            }
                            other => panic!("{other:?} is no count"),
                        }
                        sum.push((unknown, if row.is_some() { 1 } else { -1 }));
                    }
                    self.equate(&sum, 0);
                }
                Holds::Change => {
                    let mut sum = Vec::new();
                    for (row, cells) in &lines {
                        let now = self.unknown(of(*row, column.from[0], year));
                        let before = self.unknown(of(*row, column.from[0], year - 1));
                        if let Cell::Change(change) = &cells[nth]
                            && !hides(table, *row, nth)
                        {
                            self.equate(&[(now, 1), (before, -1)], i128::from(*change));
                        }
                        sum.push((before, if row.is_some() { 1 } else { -1 }));
                    }
                    self.equate(&sum, 0);
                }
                Holds::Share => {
                    for (row, cells) in &lines {
                        let part = self.unknown(of(*row, column.from[0], year));
                        let whole = self.unknown(of(*row, column.from[1], year));
                        if let Cell::Tenths(tenths) = &cells[nth]
                            && !hides(table, *row, nth)
                        {
                            // Half a tenth of a per cent either way.
                            let tenths = i128::from(*tenths);
                            self.at_least.push((vec![(part, 2000), (whole, 1 - 2 * tenths)], 0));
                            self.at_least.push((vec![(part, -2000), (whole, 1 + 2 * tenths)], 0));
                        }
                    }
                }
                Holds::Days | Holds::Rate | Holds::Text => {}
            }
        }
        if table.definition == LEAVES_OUT {
            for row in 0..table.rows.len() {
                let counts =
                    table.columns.iter().enumerate().filter(|(_, it)| it.holds == Holds::Count);
                let terms = counts.map(|(nth, it)| {
                    (self.unknown(of(Some(row), nth, it.year.expect("a year"))), 1)
                });
                let terms = terms.collect();
                self.at_least.push((terms, 1));
            }
        }
    }

    /// Parts and wholes of everything that has a name.
    fn relate(&mut self, town: &Town) {
        let all: Vec<(Meaning, usize)> =
            self.unknowns.iter().map(|(meaning, at)| (meaning.clone(), *at)).collect();
        for ((year, limits), whole) in &all {
            for (dimension, values) in &town.values {
                let has = limits.iter().find(|limit| limit.dimension == *dimension);
                let inside: Vec<&String> = match (has, *dimension) {
                    (None, "category") => {
                        values.iter().filter(|value| value.matches('.').count() < 2).collect()
                    }
                    (None, _) => values.iter().collect(),
                    (Some(has), "category") => {
                        let above = format!("{}.", has.code.clone().unwrap_or_default());
                        values.iter().filter(|value| value.starts_with(&above)).collect()
                    }
                    (Some(_), _) => continue,
                };
                let rest: Vec<Limit> =
                    limits.iter().filter(|limit| limit.dimension != *dimension).cloned().collect();
                let part = |value: &String| {
                    let narrow =
                        Limit { dimension: (*dimension).to_owned(), code: Some(value.clone()) };
                    meaning(town, *year, rest.iter().cloned().chain([narrow]))
                };
                // Of a place the units, or of the units those of the area.
                let area = limits.iter().find(|limit| limit.dimension == "area");
                let inside: Vec<&String> = match (area, *dimension) {
                    (Some(area), "unit") => inside
                        .into_iter()
                        .filter(|unit| Some(&town.area_of[*unit]) == area.code.as_ref())
                        .collect(),
                    _ => inside,
                };
                let unit = limits.iter().any(|limit| limit.dimension == "unit");
                if inside.is_empty() || (unit && *dimension == "area") {
                    continue;
                }
                let parts: Vec<usize> = inside
                    .iter()
                    .filter_map(|value| self.unknowns.get(&part(value)).copied())
                    .filter(|part| part != whole)
                    .collect();
                let mut terms: Vec<(usize, i128)> = parts.iter().map(|part| (*part, 1)).collect();
                terms.push((*whole, -1));
                // Somebody in the middle of the categories may have none of those below.
                let is_all =
                    parts.len() == inside.len() && !(has.is_some() && *dimension == "category");
                if is_all {
                    self.equate(&terms, 0);
                } else if !parts.is_empty() {
                    self.at_least.push((terms.iter().map(|(at, by)| (*at, -by)).collect(), 0));
                }
            }
        }
    }

    /// Calculates, and gives how many values are left for each figure that is kept back.
    pub fn run(&mut self) -> BTreeMap<Meaning, (i128, i128)> {
        let mut equations: Vec<Equation> = self.equations.clone();
        for equation in &mut equations {
            for (unknown, value) in &self.known {
                if let Some(factor) = equation.terms.remove(unknown) {
                    equation.constant -= factor.0 * i128::from(*value);
                }
            }
        }
        let reduced = eliminate(equations.clone());
        let mut sums: Vec<Sum> = Vec::new();
        for (terms, constant) in reduced {
            sums.push((terms.into_iter().collect(), constant, true));
        }
        for equation in equations {
            sums.push((equation.terms.into_iter().collect(), Ratio(equation.constant, 1), true));
        }
        for (terms, least) in &self.at_least {
            let terms = terms.iter().map(|(at, by)| (*at, Ratio(*by, 1))).collect();
            sums.push((terms, Ratio(*least, 1), false));
        }
        sums.retain(|(terms, _, _)| terms.len() < 40);
        for _ in 0..60 {
            let mut narrowed = false;
            for (terms, constant, exact) in &sums {
                narrowed |= self.narrow(terms, *constant, *exact);
            }
            if !narrowed {
                break;
            }
        }
        let kept = self.unknowns.iter().filter(|(_, at)| self.kept.contains(at));
        kept.map(|(meaning, at)| (meaning.clone(), self.bounds[*at])).collect()
    }

    /// What is kept back in the report under attack, for another attack to ask about.
    pub fn ask(&mut self, of: &BTreeMap<Meaning, (i128, i128)>) {
        for meaning in of.keys() {
            if let Some(unknown) = self.unknowns.get(meaning) {
                self.kept.insert(*unknown);
            }
        }
    }

    /// Narrows the bounds of each term by what the others leave.
    fn narrow(&mut self, terms: &[(usize, Ratio)], constant: Ratio, exact: bool) -> bool {
        let mut narrowed = false;
        for (at, (unknown, factor)) in terms.iter().enumerate() {
            let (mut least, mut most) = (constant, constant);
            for (nth, (other, by)) in terms.iter().enumerate() {
                if nth == at {
                    continue;
                }
                let (low, high) = self.bounds[*other];
                let (low, high) = (by.times(Ratio(low, 1)), by.times(Ratio(high, 1)));
                let (low, high) = if by.0 < 0 { (high, low) } else { (low, high) };
                least = least.minus(high);
                most = most.minus(low);
            }
            // factor × unknown lies between least and most, or is at least `least` with all others at most.
            let (low, high) = &mut self.bounds[*unknown];
            let (from, to) = (least.over(*factor), most.over(*factor));
            let (new_low, new_high) = match (exact, factor.0 > 0) {
                (true, true) => (Some(from.ceil()), Some(to.floor())),
                (true, false) => (Some(to.ceil()), Some(from.floor())),
                (false, true) => (Some(from.ceil()), None),
                (false, false) => (None, Some(from.floor())),
            };
            if let Some(new) = new_low.filter(|new| new > low) {
                *low = new;
                narrowed = true;
            }
            if let Some(new) = new_high.filter(|new| new < high) {
                *high = new;
                narrowed = true;
            }
            assert!(*low <= *high, "nothing agrees with what is published");
        }
        narrowed
    }
}

/// Gauss and Jordan, over fractions.
fn eliminate(equations: Vec<Equation>) -> Vec<(BTreeMap<usize, Ratio>, Ratio)> {
    let mut rows: Vec<(BTreeMap<usize, Ratio>, Ratio)> = equations
        .into_iter()
        .map(|equation| (equation.terms, Ratio(equation.constant, 1)))
        .filter(|(terms, _)| !terms.is_empty())
        .collect();
    let mut done: Vec<(usize, BTreeMap<usize, Ratio>, Ratio)> = Vec::new();
    while let Some((mut terms, mut constant)) = rows.pop() {
        for (pivot, of, its) in &done {
            subtract(&mut terms, &mut constant, *pivot, of, *its);
        }
        let Some((pivot, factor)) = terms.iter().next().map(|(at, by)| (*at, *by)) else {
            assert_eq!(constant.0, 0, "nothing agrees with what is published");
            continue;
        };
        for by in terms.values_mut() {
            *by = by.over(factor);
        }
        constant = constant.over(factor);
        for (_, of, its) in &mut done {
            subtract(of, its, pivot, &terms, constant);
        }
        done.push((pivot, terms, constant));
    }
    done.into_iter().map(|(_, terms, constant)| (terms, constant)).collect()
}

fn subtract(
    terms: &mut BTreeMap<usize, Ratio>,
    constant: &mut Ratio,
    pivot: usize,
    of: &BTreeMap<usize, Ratio>,
    its: Ratio,
) {
    let Some(factor) = terms.get(&pivot).copied() else { return };
    for (at, by) in of {
        let before = terms.get(at).copied().unwrap_or(Ratio(0, 1));
        let after = before.minus(by.times(factor));
        match after.0 {
            0 => terms.remove(at),
            _ => terms.insert(*at, after),
        };
    }
    *constant = constant.minus(its.times(factor));
}
