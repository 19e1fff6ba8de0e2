//! The document, as LibreOffice reads it.

use domain::table::Table;
use domain::yearly::Yearly;

use crate::office::{self, Grid, Value};
use crate::paper::{self, Laid};
use crate::{said, sample, stamp};

/// Words that are read back: no document holds signs of control, and a line that breaks in a cell goes on.
fn readable(text: &str) -> String {
    let text = text.replace('\n', " ");
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// A table that was read; empty cells at the ends of rows are not told apart from none.
fn read(grid: &Grid) -> Laid {
    let wide = grid.rows.first().map_or(0, Vec::len);
    let said = |value: &Value| match value {
        Value::Empty => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => panic!("a number in a document: {number}"),
    };
    let rows = grid.rows.iter().map(|row| {
        let mut row: Vec<String> = row.iter().map(said).collect();
        row.resize(wide.max(row.len()), String::new());
        row
    });
    rows.collect()
}

/// The table with the words that can be read back.
fn of_readable_words(table: &Table) -> Table {
    let mut table = table.clone();
    for head in &mut table.heads {
        head.title = readable(&head.title);
    }
    for column in &mut table.columns {
        column.title = readable(&column.title);
    }
    for key in table.rows.iter_mut().flat_map(|row| &mut row.keys) {
        key.text = readable(&key.text);
    }
    table
}

/// Holds a document to its report; nothing is held where there is no LibreOffice.
pub fn holds(report: &Yearly, bytes: &[u8]) {
    let Some(opened) = office::open(bytes, "docx") else { return };
    let tables: Vec<&Table> = report.tables().collect();
    assert_eq!(opened.grids.len(), tables.len());
    for (table, grid) in tables.iter().zip(&opened.grids) {
        assert_eq!(grid.head_rows, 1, "{}: heads that repeat", table.id);
        paper::agrees(&of_readable_words(table), &read(grid), &|cell| readable(&cell.swedish()));
    }
    // Every heading of the template, in its order, on its level, with its number.
    let found = opened.headings.iter().filter(|(level, text)| {
        *level <= 2 && text.starts_with(|first: char| first.is_ascii_digit())
    });
    assert_eq!(found.cloned().collect::<Vec<_>>(), said::headings());
    for (code, _, sentences) in said::sentences(report) {
        for sentence in sentences {
            assert!(opened.paragraphs.contains(sentence), "{code}: {sentence}");
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
