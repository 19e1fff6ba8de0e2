//! The sheet of one table.

use domain::table::{Cell, Holds, Table};
use rust_xlsxwriter::{
    Format, Table as Native, TableColumn, TableStyle, Url, Worksheet, XlsxError,
};

use super::{Formats, chart, column, height};
use crate::yearly::words;

/// The line of the heads, from 0: above stand title, definition and the way back.
pub(crate) const HEAD: u32 = 4;

/// The largest whole number that a spreadsheet keeps exactly.
const EXACT: u64 = 1 << 53;

/// Fills the sheet: title, what is counted, heads, rows, total, notes, chart. `home` is the first sheet and the
/// report's title.
pub(crate) fn fill(
    sheet: &mut Worksheet,
    table: &Table,
    number: usize,
    formats: &Formats,
    home: (&str, &str),
) -> Result<(), XlsxError> {
    let (overview, report) = home;
    let heads = table.heads.len();
    let wide = heads + table.columns.len();
    sheet.set_screen_gridlines(false).set_paper_size(9).set_landscape();
    sheet.set_print_fit_to_pages(1, 0).set_repeat_rows(HEAD, HEAD)?;
    sheet.set_header(format!("&L{}", report.replace('&', "&&")));
    sheet.set_footer("&L&A&R&P (&N)");
    sheet.write_string_with_format(
        0,
        0,
        format!("Tabell {number}. {}", table.title),
        &formats.title,
    )?;
    sheet.set_row_height(0, 26)?;
    let counted = words::counted(table);
    let across = column(wide.max(6) - 1);
    sheet.merge_range(1, 0, 1, across, &cut(&counted), &formats.quiet)?;
    sheet.set_row_height(1, height(&counted, 90))?;
    let back = Url::new(format!("internal:'{overview}'!A1"));
    sheet.write_url_with_options(2, 0, &back, "Till översikten", "", Some(&formats.link))?;

    for (at, head) in table.heads.iter().enumerate() {
        sheet.write_string_with_format(HEAD, column(at), &head.title, &formats.head)?;
        sheet.set_column_width(column(at), width(table, at))?;
    }
    for (at, one) in table.columns.iter().enumerate() {
        let format = if one.holds == Holds::Text { &formats.head } else { &formats.head_right };
        sheet.write_string_with_format(HEAD, column(heads + at), &one.title, format)?;
        let width = if one.holds == Holds::Text { 32.0 } else { 14.0 };
        sheet.set_column_width(column(heads + at), width)?;
    }
    let longest = table.columns.iter().map(|one| height(&one.title, 12)).fold(18.0, f64::max);
    sheet.set_row_height(HEAD, longest.min(90.0))?;

    let mut line = HEAD;
    for row in &table.rows {
        line += 1;
        for (at, key) in row.keys.iter().enumerate() {
            sheet.write_string_with_format(line, column(at), cut(&key.text), &formats.key)?;
        }
        for (at, cell) in row.cells.iter().enumerate() {
            write(sheet, (line, column(heads + at)), cell, &formats.figure(cell, false))?;
        }
    }
    if !table.rows.is_empty() && wide > 0 {
        sheet.add_table(HEAD, 0, line, column(wide - 1), &native(table, formats))?;
    }
    let last = line;
    if let Some(total) = &table.total {
        line += 1;
        for at in 0..heads {
            let said = if at == 0 { words::TOTAL } else { "" };
            sheet.write_string_with_format(line, column(at), said, &formats.total_key)?;
        }
        for (at, cell) in total.iter().enumerate() {
            write(sheet, (line, column(heads + at)), cell, &formats.figure(cell, true))?;
        }
    }
    sheet.set_freeze_panes(HEAD + 1, column(heads))?;
    line += 2;
    for note in words::notes(table) {
        sheet.merge_range(line, 0, line, across, &cut(note), &formats.quiet)?;
        sheet.set_row_height(line, height(note, 90))?;
        line += 1;
    }
    if let Some(chart) = chart::of(table, sheet.name().as_str(), last) {
        // Beside the table where both fit on a page, else below.
        let (row, place) = if wide > 9 { (line + 1, 0) } else { (HEAD, column(wide + 1)) };
        sheet.insert_chart(row, place, &chart)?;
    }
    Ok(())
}

/// A cell as what it is: a number is a number.
pub(crate) fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    format: &Format,
) -> Result<(), XlsxError> {
    let exact = |size: u64| size <= EXACT;
    match cell {
        Cell::None => sheet.write_blank(row, column, format)?,
        Cell::Count(count) if exact(*count) => {
            sheet.write_number_with_format(row, column, *count as f64, format)?
        }
        Cell::Change(change) if exact(change.unsigned_abs()) => {
            sheet.write_number_with_format(row, column, *change as f64, format)?
        }
        Cell::Tenths(value) if exact(value.unsigned_abs()) => {
            sheet.write_number_with_format(row, column, *value as f64 / 10.0, format)?
        }
        Cell::Hundredths(value) if exact(value.unsigned_abs()) => {
            sheet.write_number_with_format(row, column, *value as f64 / 100.0, format)?
        }
        Cell::Text(text) => sheet.write_string_with_format(row, column, cut(text), format)?,
        Cell::Count(_)
        | Cell::Change(_)
        | Cell::Tenths(_)
        | Cell::Hundredths(_)
        | Cell::Suppressed => {
            sheet.write_string_with_format(row, column, cell.swedish(), format)?
        }
    };
    Ok(())
}

/// What fits into a cell: a spreadsheet takes no more than 32,767 characters.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(32_000).collect()
}

/// How wide the column of a head must be, in characters.
fn width(table: &Table, at: usize) -> f64 {
    let texts = table.rows.iter().filter_map(|row| row.keys.get(at)).map(|key| &key.text);
    let longest = texts.map(|text| text.chars().count()).max().unwrap_or(0).clamp(14, 48);
    f64::from(u8::try_from(longest + 3).unwrap_or(51))
}

/// The spreadsheet's own table over heads and rows, so that they sort and filter; the total stays below.
fn native(table: &Table, formats: &Formats) -> Native {
    let mut taken: Vec<String> = Vec::new();
    let mut columns = Vec::new();
    let titles = table.heads.iter().map(|head| (&head.title, true));
    let figures = table.columns.iter().map(|one| (&one.title, one.holds == Holds::Text));
    for (title, left) in titles.chain(figures) {
        // A spreadsheet wants no two heads alike.
        let same = taken.iter().filter(|other| **other == title.to_lowercase()).count();
        taken.push(title.to_lowercase());
        let said = if same == 0 { title.clone() } else { format!("{title} ({})", same + 1) };
        let format = if left { &formats.head } else { &formats.head_right };
        columns.push(TableColumn::new().set_header(said).set_header_format(format));
    }
    Native::new()
        .set_name(format!("T_{}", table.id))
        .set_columns(&columns)
        .set_style(TableStyle::None)
        .set_alt_text_title(&table.title)
        .set_alt_text(words::counted(table))
}
