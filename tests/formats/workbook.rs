//! The workbook, as LibreOffice reads it.

use domain::table::{Cell, Row, Table};
use domain::yearly::Yearly;

use crate::office::{self, Grid, Value};
use crate::{said, sample, stamp};

/// What a cell must be read as.
fn expected(cell: &Cell) -> Value {
    match cell {
        Cell::None => Value::Empty,
        Cell::Count(count) => Value::Number(*count as f64),
        Cell::Change(change) => Value::Number(*change as f64),
        Cell::Tenths(value) => Value::Number(*value as f64 / 10.0),
        Cell::Hundredths(value) => Value::Number(*value as f64 / 100.0),
        Cell::Text(text) => words(text),
        Cell::Suppressed => Value::Text("..".to_owned()),
    }
}

/// Words as they are read back: what no file may hold is nothing.
fn words(text: &str) -> Value {
    Value::Text(text.chars().filter(|it| *it == '\n' || !it.is_control()).collect())
}

/// The words of a cell.
fn text(value: &Value) -> &str {
    match value {
        Value::Empty => "",
        Value::Text(text) => text,
        Value::Number(number) => panic!("a number where words stand: {number}"),
    }
}

/// Holds a sheet to its table.
fn agrees(table: &Table, sheet: &Grid) {
    let heads = table.heads.iter().map(|head| head.title.as_str());
    let titles: Vec<&str> =
        heads.chain(table.columns.iter().map(|one| one.title.as_str())).collect();
    let head: Vec<&str> = sheet.rows[4].iter().map(text).collect();
    assert_eq!(head.len(), titles.len(), "{}", table.id);
    for (at, (found, title)) in head.iter().zip(&titles).enumerate() {
        // Of two heads that are alike the second says that it is.
        let alike = titles[..at].iter().any(|it| it.to_lowercase() == title.to_lowercase());
        let rest = found.strip_prefix(title).unwrap_or("another");
        let fits = rest.is_empty() || (alike && rest.starts_with(" ("));
        assert!(fits, "{}: {found}, {title}", table.id);
    }
    let keys = |row: &Row| row.keys.iter().map(|key| words(&key.text)).collect::<Vec<Value>>();
    let rows = table.rows.iter().map(|row| (keys(row), &row.cells));
    let total = table.total.iter().map(|cells| {
        let mut keys = vec![Value::Empty; table.heads.len()];
        if let Some(first) = keys.first_mut() {
            *first = Value::Text("Totalt".to_owned());
        }
        (keys, cells)
    });
    for (at, (mut wanted, cells)) in rows.chain(total).enumerate() {
        let mut read = sheet.rows[5 + at].clone();
        read.resize(titles.len(), Value::Empty);
        wanted.extend(cells.iter().map(expected));
        assert_eq!(read, wanted, "{}, row {at}", table.id);
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
        assert_eq!(text(&sheet.rows[0][0]), format!("Tabell {}. {}", at + 1, table.title));
    }
    in_words(report, read.grids.last().expect("a last sheet"));
}

/// Holds the sheet of words to the report: the template's headings, and under each its sentences.
fn in_words(report: &Yearly, sheet: &Grid) {
    assert_eq!(sheet.name, "I ord");
    let numbered: Vec<String> =
        said::headings().into_iter().filter(|(level, _)| *level == 2).map(|(_, it)| it).collect();
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for row in sheet.rows[1..].iter().filter(|row| !row.is_empty()) {
        match (text(&row[0]), row.get(1)) {
            (heading, None) => found.push((heading.to_owned(), Vec::new())),
            ("Siffrorna i ord", Some(said)) => {
                found.last_mut().expect("a heading").1.push(text(said).to_owned());
            }
            // What somebody wrote, and goals.
            (_, Some(_)) => {}
        }
    }
    let sentences = said::sentences(report).into_iter().map(|(_, _, said)| said.to_vec());
    assert_eq!(found, numbered.into_iter().zip(sentences).collect::<Vec<_>>());
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
