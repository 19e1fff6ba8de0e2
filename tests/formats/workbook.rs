//! The workbook, as LibreOffice reads it.

use domain::table::{Cell, Table};
use domain::yearly::Yearly;

use crate::office::{self, Grid, Value};
use crate::{sample, stamp};

/// What a cell must be read as.
fn expected(cell: &Cell) -> Value {
    match cell {
        Cell::None => Value::Empty,
        Cell::Count(count) => Value::Number(*count as f64),
        Cell::Change(change) => Value::Number(*change as f64),
        Cell::Tenths(value) => Value::Number(*value as f64 / 10.0),
        Cell::Hundredths(value) => Value::Number(*value as f64 / 100.0),
        // Line breaks and what no file may hold are read as a space or nothing.
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Suppressed => Value::Text("..".to_owned()),
    }
}

/// Holds a sheet to its table.
fn agrees(table: &Table, sheet: &Grid) {
    let heads = table.heads.iter().map(|head| head.title.as_str());
    let titles: Vec<&str> =
        heads.chain(table.columns.iter().map(|one| one.title.as_str())).collect();
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        other => panic!("{}: no words: {other:?}", table.id),
    };
    let head: Vec<String> = sheet.rows[4].iter().map(text).collect();
    assert_eq!(head.len(), titles.len(), "{}", table.id);
    for (found, title) in head.iter().zip(&titles) {
        // Of two heads that are alike the second says that it is.
        let rest = found.strip_prefix(title).unwrap_or("another");
        assert!(rest.is_empty() || rest.starts_with(" ("), "{}: {found}, {title}", table.id);
    }
    let rows = table.rows.iter().map(|row| &row.cells).chain(&table.total);
    for (at, cells) in rows.enumerate() {
        let mut read = sheet.rows[5 + at].clone();
        read.resize(titles.len(), Value::Empty);
        let wanted: Vec<Value> = cells.iter().map(expected).collect();
        assert_eq!(read[table.heads.len()..], wanted, "{}, row {at}", table.id);
    }
    let drawn = table.chart.is_some() && !table.rows.is_empty();
    assert_eq!(sheet.charts, usize::from(drawn), "{}: its chart", table.id);
}

/// Holds a workbook to its report; nothing is held where there is no LibreOffice.
pub fn holds(report: &Yearly, bytes: &[u8]) {
    let Some(read) = office::open(bytes, "xlsx") else { return };
    let tables: Vec<&Table> = report.tables().collect();
    assert_eq!(read.grids.len(), tables.len() + 2, "a sheet a table, the overview, the words");
    for (at, (table, sheet)) in tables.iter().zip(&read.grids[1..]).enumerate() {
        assert!(sheet.name.starts_with(&format!("{} ", at + 1)), "{}", sheet.name);
        agrees(table, sheet);
    }
}

#[test]
fn libreoffice_reads_back_every_number_and_chart() {
    let report = sample::report();
    holds(&report, &report::yearly::xlsx(&report, &stamp()).expect("written"));
}

#[test]
fn heads_stay_in_view_and_no_text_is_a_formula() {
    let report = sample::report();
    let bytes = report::yearly::xlsx(&report, &stamp()).expect("written");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let (mut sheets, mut frozen) = (0, 0);
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).expect("a file");
        let name = file.name().expect("a name").into_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut file, &mut text).expect("XML");
        if name.starts_with("xl/worksheets/sheet") {
            sheets += 1;
            frozen += usize::from(text.contains("state=\"frozen\""));
            assert!(!text.contains("<f>"), "{name}: a formula");
        }
    }
    // The first sheet is a list.
    assert_eq!((sheets, frozen), (report.tables().count() + 2, report.tables().count() + 1));
}
