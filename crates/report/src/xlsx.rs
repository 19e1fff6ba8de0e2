//! Figures as a workbook: what the CSV of the same figures has, in cells of their kind.

use domain::table::Cell;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{
    DocProperties, Format, Table, TableColumn, TableStyle, Workbook, Worksheet, XlsxError,
};

use crate::laid::{Entry, Laid};
use crate::yearly::xlsx::{Formats, column, sheet};
use crate::yearly::{Error, Package};

/// The figures, and on a second sheet what was asked; as old as `at`.
///
/// # Errors
/// None that is expected.
pub fn figures(laid: &Laid<'_>, at: Timestamp) -> Result<Vec<u8>, Error> {
    let formats = Formats::new();
    let mut book = Workbook::new();
    let age = TimeZone::UTC.to_datetime(at);
    book.set_properties(&DocProperties::new().set_title("Statistik").set_creation_datetime(&age));
    sheet_of(book.add_worksheet(), laid, &formats)?;
    asked(book.add_worksheet(), laid, &formats)?;
    let mut package = Package::begin(at);
    package.take(book.save_to_buffer()?)?;
    package.end()
}

fn sheet_of(page: &mut Worksheet, laid: &Laid<'_>, formats: &Formats) -> Result<(), XlsxError> {
    page.set_name("Statistik")?.set_paper_size(9).set_landscape();
    page.set_print_fit_to_pages(1, 0)
        .set_repeat_rows(0, 0)?
        .set_freeze_panes(1, column(laid.keys))?;
    let mut columns = Vec::new();
    for (at, heading) in laid.headings.iter().enumerate() {
        let format = if at < laid.keys { &formats.head } else { &formats.head_right };
        page.write_string_with_format(0, column(at), heading, format)?;
        page.set_column_width(column(at), if at < laid.keys { 28 } else { 15 })?;
        columns.push(TableColumn::new().set_header(heading).set_header_format(format));
    }
    let mut line = 0;
    for row in &laid.rows {
        line += 1;
        for (at, entry) in row.iter().enumerate() {
            write(page, (line, column(at)), entry, formats, false)?;
        }
    }
    if line > 0 {
        let native =
            Table::new().set_columns(&columns).set_style(TableStyle::None).set_name("Statistik");
        page.add_table(0, 0, line, column(laid.headings.len() - 1), &native)?;
    }
    for (at, entry) in laid.total.iter().flatten().enumerate() {
        write(page, (line + 1, column(at)), entry, formats, true)?;
    }
    Ok(())
}

fn write(
    page: &mut Worksheet,
    at: (u32, u16),
    entry: &Entry<'_>,
    formats: &Formats,
    total: bool,
) -> Result<(), XlsxError> {
    let key: &Format = if total { &formats.total_key } else { &formats.key };
    let figure = match entry {
        Entry::Empty => return page.write_blank(at.0, at.1, key).map(|_| ()),
        Entry::Text(said) => {
            let said = sheet::cut(said);
            return page.write_string_with_format(at.0, at.1, said, key).map(|_| ());
        }
        Entry::Name(number) => {
            return page.write_number_with_format(at.0, at.1, *number, key).map(|_| ());
        }
        Entry::Count(count) => Cell::Count(*count),
        Entry::Change(change) => Cell::Change(*change),
        Entry::Tenths(tenths) => Cell::Tenths(*tenths),
    };
    sheet::write(page, at, &figure, &formats.figure(&figure, total))
}

/// What was asked.
fn asked(page: &mut Worksheet, laid: &Laid<'_>, formats: &Formats) -> Result<(), XlsxError> {
    page.set_name("Urval")?.set_column_width(0, 34)?.set_column_width(1, 80)?;
    for (row, (term, said)) in (0..).zip(&laid.asked) {
        page.write_string_with_format(row, 0, *term, &formats.key)?;
        page.write_string_with_format(row, 1, sheet::cut(said), &formats.key)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use domain::code_lists::CodeLists;
    use domain::statistics::{
        CountBy, Cube, Dimension, Figures, Key, Measure, Months, NamedUnit, Of, Row,
    };

    use super::*;

    #[test]
    fn figures_are_numbers_and_names_are_words() {
        let unit = NamedUnit {
            id: domain::ids::UnitId("00000000-0000-0000-0000-000000000007".parse().unwrap()),
            name: "=1+1".to_owned(),
        };
        let of =
            |count, previous| Figures { count, previous: Some(previous), ..Figures::default() };
        let cube = Cube {
            period: Months::years(2025, 2025),
            previous_period: Some(Months::years(2024, 2024)),
            count_by: CountBy::Reported,
            of: Of::Cases,
            measures: vec![Measure::Count],
            as_of: domain::calendar::parse_date("2026-02-01").unwrap(),
            group_by: vec![Dimension::Unit, Dimension::Year],
            rows: vec![Row::new([Key::Unit(unit), Key::Number(2025)], of(41, 44))],
            total: of(41, 44),
            unplaced: None,
            scope: None,
        };
        let at = "2026-02-10T08:00:00Z".parse().unwrap();
        let codes = CodeLists::shared();
        let bytes = figures(&crate::laid::cube(&cube, &codes), at).unwrap();
        assert!(bytes == figures(&crate::laid::cube(&cube, &codes), at).unwrap(), "the same bytes");
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut part = |name: &str| {
            let mut text = String::new();
            zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let sheet = part("xl/worksheets/sheet1.xml");
        for number in ["<v>41</v>", "<v>44</v>", "<v>-3</v>", "<v>2025</v>"] {
            assert!(sheet.contains(number), "{number}: {sheet}");
        }
        assert!(!sheet.contains("<f>") && sheet.contains("state=\"frozen\""), "{sheet}");
        assert!(part("xl/sharedStrings.xml").contains("=1+1"));
    }
}
