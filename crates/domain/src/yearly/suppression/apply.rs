//! Writes a report without what is kept back, and without what is calculated from it.

use std::collections::{BTreeMap, BTreeSet};

use super::system::{Place, SILENT, System};
use super::{KeptBack, Public, Why};
use crate::table::{Cell, Holds, Table};
use crate::yearly::Yearly;

/// The public version.
pub(super) fn apply(report: &Yearly, system: &System) -> Public {
    let mut kept: BTreeMap<Place, Why> = BTreeMap::new();
    let mut keep = |place: Place, why: Why| {
        let known = kept.entry(place).or_insert(why);
        *known = (*known).min(why);
    };
    for figure in system.figures.iter().filter(|figure| figure.kept) {
        let why = match (figure.marked, figure.few && !figure.fixed) {
            (true, _) => Why::Marked,
            (false, true) => Why::Few,
            (false, false) => Why::Complement,
        };
        figure.places.iter().for_each(|place| keep(*place, why));
        figure.told_by.iter().for_each(|place| keep(*place, Why::Follows));
    }
    for place in &system.marked {
        keep(*place, Why::Marked);
    }
    let mut public = report.clone();
    let mut kept_back = Vec::new();
    let tables = public.sections.iter_mut().flat_map(|section| &mut section.tables);
    for (at, table) in tables.enumerate() {
        let mut mine: BTreeMap<(Option<usize>, usize), Why> = BTreeMap::new();
        let first = Place { table: at, row: None, column: 0 };
        let last = Place { table: at + 1, row: None, column: 0 };
        for (place, why) in kept.range(first..last) {
            mine.insert((place.row, place.column), *why);
        }
        follow(table, &mut mine);
        if mine.is_empty() {
            continue;
        }
        let order = order_that_tells_nothing(table);
        let silent = silent_places(table, report.year, &mine);
        for ((row, column), why) in mine {
            let codes = row.map(|row| {
                table.rows[row].keys.iter().map(|key| key.code.clone()).collect::<Vec<_>>()
            });
            let line = match row {
                Some(row) => Some(&mut table.rows[row].cells),
                None => table.total.as_mut(),
            };
            if let Some(cell) = line.and_then(|line| line.get_mut(column)) {
                *cell = Cell::Suppressed;
            }
            kept_back.push(KeptBack {
                table: table.id.clone(),
                row: codes,
                column: table.columns[column].id.clone(),
                why,
            });
        }
        if !silent.is_empty() {
            // That a unit stands here says that it reported nothing, and how many do is said beside.
            let mut at = 0..;
            table.rows.retain(|_| at.next().is_none_or(|at| !silent.contains(&at)));
            table.notes.clear();
        }
        if order {
            table.rows.sort_by(|one, other| {
                let text = |row: &crate::table::Row| {
                    row.keys
                        .iter()
                        .map(|key| (key.code.is_none(), key.text.clone()))
                        .collect::<Vec<_>>()
                };
                text(one).cmp(&text(other))
            });
        }
    }
    Public { report: public, kept_back }
}

/// The rows of units that reported nothing of which that is kept back.
fn silent_places(
    table: &Table,
    year: i16,
    mine: &BTreeMap<(Option<usize>, usize), Why>,
) -> BTreeSet<usize> {
    let column = table.column(&format!("count_{year}")).filter(|_| table.id == SILENT);
    let rows = mine.keys().filter(|(_, at)| Some(*at) == column);
    rows.filter_map(|(row, _)| *row).collect()
}

/// Adds what is calculated from what is kept back.
fn follow(table: &Table, mine: &mut BTreeMap<(Option<usize>, usize), Why>) {
    if mine.is_empty() {
        return;
    }
    let rows = (0..table.rows.len()).map(Some);
    let lines: Vec<Option<usize>> = rows.chain(table.total.as_ref().map(|_| None)).collect();
    loop {
        let before = mine.len();
        for line in &lines {
            for (nth, column) in table.columns.iter().enumerate() {
                if mine.contains_key(&(*line, nth)) {
                    continue;
                }
                let alone = column.from.len() < 2;
                let from = column.from.iter();
                let mut named = from.flat_map(|from| {
                    // What is calculated from one column is calculated from its total, too.
                    let of_all = alone.then_some((None, *from));
                    [Some((*line, *from)), of_all].into_iter().flatten()
                });
                let mut counts = (0..table.columns.len())
                    .filter(|other| table.columns[*other].holds == Holds::Count);
                let follows = match column.holds {
                    Holds::Count | Holds::Text => false,
                    Holds::Change | Holds::Share | Holds::Days | Holds::Rate => {
                        match column.from.is_empty() {
                            false => named.any(|place| mine.contains_key(&place)),
                            true => counts.any(|count| mine.contains_key(&(*line, count))),
                        }
                    }
                };
                if follows {
                    mine.insert((*line, nth), Why::Follows);
                }
            }
        }
        if mine.len() == before {
            return;
        }
    }
}

/// Whether the rows stand in the order of a column, so that their places tell what is kept back. Those of
/// time and of degree stand in their own order.
fn order_that_tells_nothing(table: &Table) -> bool {
    let own_order = table.heads.iter().any(|head| {
        matches!(
            head.id.as_str(),
            "month"
                | "year"
                | "half"
                | "tertial"
                | "week"
                | "weekday"
                | "hour_band"
                | "age_band"
                | "law"
        ) || head.id.starts_with("severity")
    });
    if own_order || table.rows.len() < 3 {
        return false;
    }
    let by = |at: usize| {
        let counts: Vec<u64> = table
            .rows
            .iter()
            .filter(|row| row.keys.iter().all(|key| key.code.is_some()))
            .filter_map(|row| match row.cells[at] {
                Cell::Count(count) => Some(count),
                _ => None,
            })
            .collect();
        let falls = counts.is_sorted_by(|one, other| one >= other);
        counts.first() != counts.last() && (falls || counts.is_sorted())
    };
    (0..table.columns.len()).any(by)
}
