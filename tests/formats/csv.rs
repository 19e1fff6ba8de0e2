//! The archive of CSV files.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use domain::table::{Cell, Table};

use crate::{sample, stamp};

/// The files by name, without the mark of UTF-8.
pub fn files(archive: Vec<u8>) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut files = BTreeMap::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).expect("a file");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("UTF-8");
        let text = text.strip_prefix('\u{feff}').expect("a BOM").to_owned();
        let name = file.name().expect("a name").into_owned();
        files.insert(name, text);
    }
    files
}

/// The lines of a file, each a list of cells.
fn lines(text: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ';' if !quoted => line.push(std::mem::take(&mut cell)),
            '\r' if !quoted => assert_eq!(letters.peek(), Some(&'\n'), "CRLF"),
            '\n' if !quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            other => cell.push(other),
        }
    }
    assert!(line.is_empty() && cell.is_empty(), "the last line ends");
    lines
}

/// A cell as a program reads it: `None` where it is no number.
fn number(cell: &str) -> Option<f64> {
    cell.replace(',', ".").parse().ok()
}

/// Holds the file of a table to the table.
pub fn agrees(table: &Table, text: &str) {
    let read = lines(text);
    let keys = table.heads.len() * 2;
    assert_eq!(read[0].len(), keys + table.columns.len(), "{}", table.id);
    let rows = table.rows.iter().map(|row| &row.cells).chain(&table.total);
    let rows: Vec<_> = rows.collect();
    assert_eq!(read.len(), rows.len() + 1, "{}", table.id);
    for (line, cells) in read[1..].iter().zip(rows) {
        for (said, cell) in line[keys..].iter().zip(cells) {
            match cell {
                Cell::None => assert_eq!(said, ""),
                Cell::Suppressed => assert_eq!(said, ".."),
                Cell::Text(text) => assert_eq!(said.trim_start_matches('\''), text),
                Cell::Count(count) => assert_eq!(*said, count.to_string()),
                Cell::Change(change) => assert_eq!(*said, change.to_string()),
                Cell::Tenths(value) => assert_eq!(number(said), Some(*value as f64 / 10.0)),
                Cell::Hundredths(value) => assert_eq!(number(said), Some(*value as f64 / 100.0)),
            }
        }
    }
}

#[test]
fn a_file_a_table_and_files_that_describe_them() {
    let report = sample::report();
    let files = files(report::yearly::csv_zip(&report, &stamp()).expect("written"));
    for table in report.tables() {
        let name = format!("tabeller/{}.csv", table.id);
        agrees(table, files.get(&name).unwrap_or_else(|| panic!("no {name}")));
        let described = lines(&files["tabeller.csv"]);
        let line = described.iter().find(|line| line[0] == name).expect("described");
        assert_eq!((line[1].as_str(), line[2].as_str()), (table.id.as_str(), table.title.as_str()));
        let columns = lines(&files["kolumner.csv"]);
        assert_eq!(columns.iter().filter(|line| line[0] == name).count(), table.columns.len());
    }
    assert_eq!(files.len(), report.tables().count() + 4);
    assert!(files["rapport.csv"].contains("Läge;Fastställd\r\n"));
    assert!(files["text.csv"].contains("Fallronder på varje enhet"));
}

#[test]
fn no_text_is_a_formula() {
    let report = sample::report();
    let files = files(report::yearly::csv_zip(&report, &stamp()).expect("written"));
    let mut guarded = 0;
    for (name, text) in &files {
        for cell in lines(text).into_iter().flatten() {
            let danger = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!danger || number(&cell).is_some(), "{name}: {cell}");
            guarded += usize::from(cell.starts_with("'=") || cell.starts_with("'@"));
        }
    }
    assert!(guarded >= 2, "what was planted is there: {guarded}");
}
