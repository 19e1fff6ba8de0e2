//! What points at somebody by itself, told from the cases: whether any of it is printed. Written apart from what
//! keeps it back.

use std::collections::BTreeSet;

use domain::table::{Cell, Holds, Limit, Table};
use domain::yearly::Yearly;

use crate::attacker::{Meaning, named};
use crate::world::Town;

/// A figure that a cell tells: its own, or of a change without the earlier year beside it the earlier one.
struct Told<'a> {
    meaning: Meaning,
    cell: &'a Cell,
}

fn told<'a>(table: &'a Table, town: &Town) -> Vec<Told<'a>> {
    let rows = table.rows.iter().enumerate().map(|(at, row)| (Some(at), &row.cells));
    let lines: Vec<_> = rows.chain(table.total.iter().map(|total| (None, total))).collect();
    let mut all = Vec::new();
    for (nth, column) in table.columns.iter().enumerate() {
        let year = column.year.expect("a year");
        let of = match (column.holds, column.from.as_slice()) {
            (Holds::Count, _) => (nth, year),
            (Holds::Change, [now]) => (*now, year - 1),
            _ => continue,
        };
        for (row, cells) in &lines {
            let meaning = named(town, table, *row, of.0, of.1);
            all.push(Told { meaning, cell: &cells[nth] });
        }
    }
    all
}

fn is_of_a_part(limit: &Limit) -> bool {
    matches!(limit.dimension.as_str(), "unit" | "area")
}

/// Whether a small count of these limits points at somebody: in a unit that is small or of unknown size, or by
/// what happened to whom.
fn points(town: &Town, limits: &[Limit]) -> bool {
    limits.iter().any(|limit| {
        let code = limit.code.as_deref().expect("a code");
        match limit.dimension.as_str() {
            "unit" => match town.rules.sizes.get(code) {
                Some(persons) => *persons < town.rules.small_unit,
                None => true,
            },
            "injury" | "sex" | "age" | "age_band" | "severity" | "cause" => true,
            "category" => code.split('.').count() > 2,
            "area" | "law" => false,
            other => panic!("{other} is in no town"),
        }
    })
}

/// What of the figures that are small, point at somebody and are not asked for is `printed`. Law and template ask
/// for what the tables of the `whole` reports say they do.
pub fn small(printed: &Yearly, whole: &[&Yearly], town: &Town) -> Vec<(Meaning, u64)> {
    let tables = whole.iter().flat_map(|report| report.tables());
    let asked = tables.filter(|table| table.asked_for).flat_map(|table| told(table, town));
    let of_whole = asked.filter(|it| !it.meaning.1.iter().any(is_of_a_part));
    let asked: BTreeSet<Meaning> = of_whole.map(|it| it.meaning).collect();
    let mut found = Vec::new();
    for it in printed.tables().flat_map(|table| told(table, town)) {
        let (year, limits) = &it.meaning;
        let count = town.count(*year, limits);
        let is_small = (1..town.rules.threshold).contains(&count);
        let is_printed = *it.cell != Cell::Suppressed;
        if is_printed && is_small && points(town, limits) && !asked.contains(&it.meaning) {
            found.push((it.meaning, count));
        }
    }
    found
}
