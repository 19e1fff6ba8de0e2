//! The archive of CSV files.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use domain::table::{Cell, Label, Table};
use domain::yearly::Yearly;

use crate::{said, sample, stamp};

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

/// Words as they stand in a file: what a spreadsheet would take for a formula has a mark in front.
fn guarded(said: &str) -> String {
    let mark = if said.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("{mark}{said}")
}

/// Holds the file of a table to the table: heads, names and codes of the rows, figures.
pub fn agrees(table: &Table, text: &str) {
    let read = lines(text);
    let heads = table.heads.iter().flat_map(|it| [it.title.clone(), format!("{} (kod)", it.title)]);
    let titles = table.columns.iter().map(|column| column.title.clone());
    let heads: Vec<String> = heads.chain(titles).map(|title| guarded(&title)).collect();
    assert_eq!(read[0], heads, "{}", table.id);
    let keyed =
        |label: &Label| [guarded(&label.text), guarded(label.code.as_deref().unwrap_or_default())];
    let rows = table.rows.iter().map(|row| {
        (row.keys.iter().flat_map(keyed).collect::<Vec<String>>(), row.cells.as_slice())
    });
    let total = table.total.iter().map(|cells| {
        let mut keys = vec![String::new(); table.heads.len() * 2];
        if let Some(first) = keys.first_mut() {
            *first = "Totalt".to_owned();
        }
        (keys, cells.as_slice())
    });
    let rows: Vec<_> = rows.chain(total).collect();
    assert_eq!(read.len(), rows.len() + 1, "{}", table.id);
    for (line, (keys, cells)) in read[1..].iter().zip(rows) {
        assert_eq!(line.len(), heads.len(), "{}", table.id);
        assert_eq!(line[..keys.len()], keys, "{}", table.id);
        for (said, cell) in line[keys.len()..].iter().zip(cells) {
            match cell {
                Cell::None => assert_eq!(said, ""),
                Cell::Suppressed => assert_eq!(said, ".."),
                Cell::Text(text) => assert_eq!(*said, guarded(text)),
                Cell::Count(count) => assert_eq!(*said, count.to_string()),
                Cell::Change(change) => assert_eq!(*said, change.to_string()),
                Cell::Tenths(value) => assert_eq!(number(said), Some(*value as f64 / 10.0)),
                Cell::Hundredths(value) => assert_eq!(number(said), Some(*value as f64 / 100.0)),
            }
        }
    }
}

/// Holds an archive to its report: every table, the section it is listed under, and every sentence.
pub fn holds(report: &Yearly, files: &BTreeMap<String, String>) {
    let described = lines(&files["tabeller.csv"]);
    assert_eq!(described.len(), report.tables().count() + 1);
    let columns = lines(&files["kolumner.csv"]);
    for section in &report.sections {
        let (chapter, heading) = said::place(section.id.code());
        for table in &section.tables {
            let name = format!("tabeller/{}.csv", table.id);
            agrees(table, files.get(&name).unwrap_or_else(|| panic!("no {name}")));
            let line = described.iter().find(|line| line[0] == name).expect("described");
            assert_eq!(line[1..5], [&table.id, &table.title, chapter, heading].map(guarded));
            let told = columns.iter().filter(|line| line[0] == name);
            let told: Vec<[&str; 2]> = told.map(|line| [line[1].as_str(), &line[2]]).collect();
            let wanted = table.columns.iter().map(|it| [it.id.clone(), guarded(&it.title)]);
            assert_eq!(told, wanted.collect::<Vec<_>>(), "{name}");
        }
    }
    assert_eq!(files.len(), report.tables().count() + 4);
    let told = lines(&files["text.csv"]);
    let told = told.iter().filter(|line| line[2] == "Siffrorna i ord");
    let told: Vec<[&str; 3]> = told.map(|line| [line[0].as_str(), &line[1], &line[3]]).collect();
    let wanted = said::sentences(report).into_iter().flat_map(|(code, heading, sentences)| {
        sentences.iter().map(move |it| [code.to_owned(), heading.to_owned(), guarded(it)])
    });
    assert_eq!(told, wanted.collect::<Vec<_>>());
}

#[test]
fn a_file_a_table_and_files_that_describe_them() {
    let report = sample::report();
    let files = files(report::yearly::csv_zip(&report, &stamp()).expect("written"));
    holds(&report, &files);
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
