//! The table of causes: of how many avvikelser a cause is known stands nowhere, but shares of it do, and with
//! those of which none is known they are all.

use super::system::{Key, Place, System};
use crate::table::{Cell, Limit, Table};

/// Says of the causes of a year what holds between them and all avvikelser.
pub(super) fn read(system: &mut System, at: usize, table: &Table) {
    let Some(year) = table.columns.first().and_then(|column| column.year) else { return };
    let set = ("deviations".to_owned(), Some(year));
    let figure = |row: usize| system.at.get(&Place { table: at, row: Some(row), column: 0 });
    let known = |row: &usize| table.rows[*row].keys.first().is_some_and(|key| key.code.is_some());
    let (causes, none): (Vec<usize>, Vec<usize>) = (0..table.rows.len()).partition(known);
    let causes: Vec<usize> = causes.into_iter().filter_map(|row| figure(row).copied()).collect();
    let none = none.first().and_then(|row| figure(*row)).copied();
    let (Some(none), Some(all)) = (none, system.find(&set, &[])) else { return };
    let value = |system: &System, at: usize| system.figures[at].value;
    let Some(with) = value(system, all).checked_sub(value(system, none)) else { return };
    let mentions: u64 = causes.iter().map(|cause| value(system, *cause)).sum();
    if mentions == 0 {
        if with == 0 {
            system.equate(vec![(all, -1), (none, 1)]);
        }
        return;
    }
    let any = Limit { dimension: "cause".to_owned(), code: Some("any".to_owned()) };
    let any = system.figure(Key { set, limits: vec![any], apart: 0 }, with);
    for (column, it) in table.columns.iter().enumerate().filter(|(_, it)| it.id == "share") {
        debug_assert_eq!(it.from, [0], "a share of those of which a cause is known");
        for (row, line) in table.rows.iter().enumerate() {
            if matches!(line.cells.get(column), Some(Cell::Tenths(_))) {
                let place = Place { table: at, row: Some(row), column };
                system.figures[any].told_by.push(place);
            }
        }
    }
    // One cause alone is in all of them; of several none is in more.
    if let [only] = causes.as_slice() {
        system.equate(vec![(any, 1), (*only, -1)]);
        return;
    }
    for cause in causes {
        if let Some(rest) = with.checked_sub(value(system, cause)) {
            let rest = system.left(rest, false, false);
            system.equate(vec![(any, -1), (cause, 1), (rest, 1)]);
        }
    }
}
