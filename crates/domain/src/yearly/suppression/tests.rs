use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::ids::{OwnFigureId, StaffId, UnitId};
use crate::learning::Done;
use crate::organisation::{Unit, UnitTree};
use crate::table::{Cell, Column, Head, Holds, Label, Table};
use crate::yearly::own::{self, Amount, OwnContent, OwnFigure};
use crate::yearly::samples::{column, counted, yearly};

fn limit(dimension: &str, code: &str) -> Limit {
    Limit { dimension: dimension.to_owned(), code: Some(code.to_owned()) }
}

/// Of these units each is large; the others are small.
fn rules(large: &[String]) -> Rules {
    let sizes = large.iter().map(|unit| (unit.clone(), 40)).collect();
    Rules { threshold: 5, small_unit: 20, sizes, ..Rules::default() }
}

fn cell(report: &Yearly, table: &str, row: &[&str], column: &str) -> Cell {
    let table = report.table(table).expect("the table");
    let row: Vec<Option<&str>> = row.iter().copied().map(Some).collect();
    let at = table.column(column).expect("the column");
    table.row(&row).expect("the row").cells[at].clone()
}

fn unit(number: u128) -> UnitId {
    UnitId(Uuid::from_u128(number))
}

/// Own figures of one name, of the whole or of a unit, in the public version.
fn own_figures(given: &[(Option<u128>, u64)], large: &[u128]) -> Yearly {
    let made = |number: u128| Unit {
        id: unit(number),
        code: number.to_string(),
        name: format!("Enhet {number}"),
        area: None,
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    };
    let figure = |(of, value): &(Option<u128>, u64)| OwnFigure {
        id: OwnFigureId(Uuid::nil()),
        content: OwnContent {
            name: "Kontroller".to_owned(),
            unit: of.map(unit),
            from: date(2025, 1, 1),
            to: date(2025, 12, 31),
            amount: Amount::Count { value: *value, of: None },
            source: "Bok".to_owned(),
        },
        entered: Done { by: StaffId(Uuid::nil()), at: Timestamp::UNIX_EPOCH },
        withdrawn: false,
        version: 1,
    };
    let figures: Vec<OwnFigure> = given.iter().map(figure).collect();
    let units = UnitTree::new([made(1), made(2), made(3)]);
    let table = own::table(&figures, &units, 2025, date(2025, 12, 31)).expect("a table");
    let large: Vec<String> = large.iter().map(|number| unit(*number).to_string()).collect();
    publish(&yearly(vec![table]), &rules(&large), &[]).report
}

#[test]
fn own_figures_of_units_are_parts_of_that_of_the_whole() {
    let given = [(None, 10), (Some(1), 3), (Some(2), 3), (Some(3), 4)];
    let public = own_figures(&given, &[1, 2]);
    let count = |unit: &str| cell(&public, own::TABLE, &["Kontroller", unit], "count_2025");
    let [one, two, small] = [1, 2, 3].map(|number| count(&unit(number).to_string()));
    assert_eq!(count(own::WHOLE), Cell::Count(10));
    assert_eq!(small, Cell::Suppressed);
    assert!(one == Cell::Suppressed || two == Cell::Suppressed, "{one:?} {two:?}");
}

#[test]
fn a_small_own_figure_of_the_whole_is_asked_for() {
    let public = own_figures(&[(None, 2)], &[]);
    let row = ["Kontroller", own::WHOLE];
    assert_eq!(cell(&public, own::TABLE, &row, "count_2025"), Cell::Count(2));
}

/// What is counted of the first unit in the months that an exposure covers.
fn rates(months: u64, limits: Vec<Limit>, value: u64) -> Table {
    let mut table = counted("rates_by_unit", &[("u1", months)]);
    table.total = None;
    table.heads.push(Head { id: "exposure".to_owned(), title: String::new() });
    table.columns = vec![
        Column { set: "exposure_months".to_owned(), ..column("months", Holds::Count) },
        Column {
            set: "deviations_in_covered_months".to_owned(),
            year: Some(2025),
            limits,
            ..column("value", Holds::Count)
        },
    ];
    let persons = Label { code: Some("persons".to_owned()), text: String::new() };
    table.rows[0].keys.push(persons);
    table.rows[0].cells.push(Cell::Count(value));
    table
}

/// What is counted of a small unit and of a large one in the whole year.
fn by_unit(limits: Vec<Limit>) -> Table {
    let mut table = counted("by_unit", &[("u1", 30), ("u2", 20)]);
    table.columns[0].year = Some(2025);
    table.columns[0].limits = limits;
    table
}

/// Whether somebody can take the one from the other.
fn are_both_shown(tables: Vec<Table>) -> bool {
    let public = publish(&yearly(tables), &rules(&["u2".to_owned()]), &[]).report;
    let whole = cell(&public, "by_unit", &["u1"], "count");
    let other = cell(&public, "rates_by_unit", &["u1", "persons"], "value");
    whole != Cell::Suppressed && other != Cell::Suppressed
}

#[test]
fn all_falls_without_those_of_health_care_are_a_figure_of_their_own() {
    let falls = || vec![limit("category_group", "falls")];
    let top = || vec![limit("category", "HSL.FAL")];
    assert!(!are_both_shown(vec![by_unit(top()), rates(12, falls(), 33)]));
    assert!(are_both_shown(vec![by_unit(top()), rates(12, falls(), 30)]));
}

#[test]
fn the_months_that_an_exposure_does_not_cover_are_a_figure_of_their_own() {
    assert!(!are_both_shown(vec![by_unit(Vec::new()), rates(11, Vec::new(), 28)]));
    assert!(are_both_shown(vec![by_unit(Vec::new()), rates(6, Vec::new(), 15)]));
}
