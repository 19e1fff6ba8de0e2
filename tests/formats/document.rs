//! The document, as LibreOffice reads it.

use domain::table::Table;
use domain::yearly::{Chapter, SectionId, Yearly};

use crate::office::{self, Grid, Value};
use crate::{sample, stamp};

fn said(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => panic!("a number in a document: {number}"),
    }
}

/// Every figure of a table as it is printed, in order of rows.
fn printed(table: &Table) -> Vec<String> {
    let rows = table.rows.iter().map(|row| &row.cells).chain(&table.total);
    rows.flatten().map(|cell| cell.swedish()).collect()
}

/// The figures of a table that was read, without heads and keys; turned back where it was turned to fit.
fn read(table: &Table, grid: &Grid) -> Vec<String> {
    let wide = table.heads.len() + table.columns.len();
    let upright = grid.rows[0].len() == wide;
    let keys = if upright { table.heads.len() } else { 1 };
    let full = grid.rows[0].len();
    let body = grid.rows[1..].iter().map(|row| {
        let mut row: Vec<String> = row.iter().map(said).collect();
        row.resize(full, String::new());
        row.split_off(keys)
    });
    let body: Vec<Vec<String>> = body.collect();
    if upright {
        return body.concat();
    }
    let rows = table.rows.len() + usize::from(table.total.is_some());
    (0..rows).flat_map(|row| body.iter().map(move |line| line[row].clone())).collect()
}

/// Holds a document to its report; nothing is held where there is no LibreOffice.
pub fn holds(report: &Yearly, bytes: &[u8]) {
    let Some(opened) = office::open(bytes, "docx") else { return };
    let tables: Vec<&Table> = report.tables().collect();
    assert_eq!(opened.grids.len(), tables.len());
    for (table, grid) in tables.iter().zip(&opened.grids) {
        assert_eq!(grid.head_rows, 1, "{}: heads that repeat", table.id);
        assert_eq!(read(table, grid), printed(table), "{}", table.id);
    }
    // Every heading of the template, in its order, on its level.
    let mut wanted: Vec<(u8, &str)> = Vec::new();
    let mut chapter: Option<Chapter> = None;
    for section in SectionId::ALL {
        if chapter.replace(section.chapter()) != Some(section.chapter()) {
            wanted.push((1, section.chapter().heading()));
        }
        wanted.push((2, section.heading()));
    }
    let numberless = |text: &str| {
        text.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.' || it == ' ').to_owned()
    };
    let found = opened.headings.iter().filter(|(level, text)| {
        *level <= 2 && text.starts_with(|first: char| first.is_ascii_digit())
    });
    let found: Vec<(u8, String)> = found.map(|(level, text)| (*level, numberless(text))).collect();
    let wanted: Vec<(u8, String)> =
        wanted.into_iter().map(|(level, text)| (level, text.to_owned())).collect();
    assert_eq!(found, wanted);
    let text = opened.paragraphs.join("\n");
    for section in &report.sections {
        for sentence in &section.sentences {
            assert!(text.contains(sentence.as_str()), "{sentence}");
        }
    }
}

#[test]
fn libreoffice_reads_back_headings_tables_and_text() {
    let report = sample::report();
    let bytes = report::yearly::docx(&report, &stamp()).expect("written");
    holds(&report, &bytes);
    let Some(opened) = office::open(&bytes, "docx") else { return };
    let text = opened.paragraphs.join("\n");
    for said in [
        "fler fall i ordinärt boende",
        "Det är bra.",
        "Delvis uppnått. 97,7 procent var signerade.",
        "Vi har arbetat med fallprevention.",
        "Fallen i hemtjänsten ökade med 172.",
    ] {
        assert!(text.contains(said), "{said}");
    }
}
