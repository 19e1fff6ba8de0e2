//! The report as a workbook: a first sheet with what report it is and a list of the others, a sheet a table with
//! typed cells, heads that stay in view and a chart of the program's own, and a sheet with what is said in words.

use std::collections::BTreeSet;

use domain::table::{Cell, Table};
use domain::yearly::Yearly;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{
    Color, DocProperties, Format, FormatAlign, FormatBorder, Url, Workbook, Worksheet, XlsxError,
};

use super::outline::outline;
use super::{Error, Package, Stamp, words};

mod chart;
pub(crate) mod sheet;

/// The colours of the house, as in the page.
pub(crate) const INK: Color = Color::RGB(0x16_26_2B);
const DEEP: Color = Color::RGB(0x0B_4F_5C);
const SHADE: Color = Color::RGB(0xE8_F0_F1);
const LINE: Color = Color::RGB(0xB9_C6_C9);

/// How cells look.
pub(crate) struct Formats {
    title: Format,
    part: Format,
    quiet: Format,
    text: Format,
    link: Format,
    pub(crate) head: Format,
    pub(crate) head_right: Format,
    pub(crate) key: Format,
    pub(crate) total_key: Format,
}

impl Formats {
    pub(crate) fn new() -> Self {
        let base = || Format::new().set_font_name("Calibri").set_font_size(11).set_font_color(INK);
        let wrapped = || base().set_text_wrap().set_align(FormatAlign::Top);
        let head = || {
            base()
                .set_bold()
                .set_text_wrap()
                .set_font_color(Color::White)
                .set_background_color(DEEP)
                .set_align(FormatAlign::Bottom)
        };
        Self {
            title: base().set_font_size(18).set_bold().set_font_color(DEEP),
            part: base().set_font_size(13).set_bold().set_font_color(DEEP),
            quiet: base()
                .set_font_color(Color::RGB(0x4A_57_5B))
                .set_text_wrap()
                .set_align(FormatAlign::Top),
            text: wrapped(),
            link: base()
                .set_font_color(DEEP)
                .set_underline(rust_xlsxwriter::FormatUnderline::Single),
            head: head(),
            head_right: head().set_align(FormatAlign::Right),
            key: base().set_border_bottom(FormatBorder::Thin).set_border_bottom_color(LINE),
            total_key: total(base()),
        }
    }

    /// The format of a figure, in the rows or in the total.
    pub(crate) fn figure(&self, cell: &Cell, is_total: bool) -> Format {
        let form = match cell {
            Cell::None | Cell::Count(_) | Cell::Suppressed => "#,##0",
            // A true minus, as the other formats print it.
            Cell::Change(_) => "+#,##0;\u{2212}#,##0;\u{b1}0",
            Cell::Tenths(_) => "#,##0.0",
            Cell::Hundredths(_) => "#,##0.00",
            Cell::Text(_) => "@",
        };
        let base = Format::new().set_font_name("Calibri").set_font_size(11).set_font_color(INK);
        let base = match cell {
            Cell::Text(_) => base.set_text_wrap(),
            _ => base.set_num_format(form).set_align(FormatAlign::Right),
        };
        match is_total {
            true => total(base),
            false => base.set_border_bottom(FormatBorder::Thin).set_border_bottom_color(LINE),
        }
    }
}

fn total(base: Format) -> Format {
    base.set_bold()
        .set_background_color(SHADE)
        .set_border_top(FormatBorder::Medium)
        .set_border_top_color(DEEP)
}

/// The workbook.
///
/// # Errors
/// None that is expected.
pub fn xlsx(report: &Yearly, stamp: &Stamp<'_>) -> Result<Vec<u8>, Error> {
    let title = words::title(report);
    let formats = Formats::new();
    let mut book = Workbook::new();
    let at = TimeZone::UTC.to_datetime(stamp.at(report));
    book.set_properties(
        &DocProperties::new()
            .set_title(&title)
            .set_subject(words::part(report).unwrap_or_default())
            .set_author(&report.tenant)
            .set_company(&report.tenant)
            .set_status(words::state(stamp))
            .set_creation_datetime(&at),
    );
    let mut names = Names::default();
    let overview = names.take("Översikt");
    let told = names.take("I ord");
    let mut listed: Vec<Listed> = Vec::new();
    let mut sheets: Vec<Worksheet> = Vec::new();
    for part in outline(report) {
        for numbered in part.sections {
            for (at, table) in numbered.section.tables.iter().enumerate() {
                let number = numbered.first_table + at;
                let name = names.take(&format!("{number} {}", table.title));
                let mut sheet = Worksheet::new();
                sheet.set_name(&name)?;
                sheet::fill(&mut sheet, table, number, &formats, (&overview, &title))?;
                sheets.push(sheet);
                let under = format!("{} {}", numbered.number, numbered.section.id.heading());
                listed.push((name, number, under, table));
            }
        }
    }
    book.push_worksheet(front(report, stamp, &formats, &overview, &listed)?);
    for sheet in sheets {
        book.push_worksheet(sheet);
    }
    book.push_worksheet(in_words(report, &formats, &told)?);
    let mut package = Package::begin(stamp.at(report));
    package.take(book.save_to_buffer()?)?;
    package.end()
}

/// A table's sheet, number and section.
type Listed<'a> = (String, usize, String, &'a Table);

/// The first sheet.
fn front(
    report: &Yearly,
    stamp: &Stamp<'_>,
    formats: &Formats,
    name: &str,
    listed: &[Listed<'_>],
) -> Result<Worksheet, XlsxError> {
    let mut sheet = page(name)?;
    sheet.set_column_width(0, 42)?.set_column_width(1, 62)?.set_column_width(2, 46)?;
    sheet.write_string_with_format(0, 0, words::title(report), &formats.title)?;
    sheet.set_row_height(0, 28)?;
    let mut row = 2;
    for (term, said) in words::facts(report, stamp) {
        sheet.write_string_with_format(row, 0, term, &formats.quiet)?;
        sheet.write_string_with_format(row, 1, said, &formats.text)?;
        row += 1;
    }
    for one in &report.breaks {
        sheet.write_string_with_format(
            row,
            0,
            format!("Brott i serien {}", one.year),
            &formats.quiet,
        )?;
        sheet.write_string_with_format(row, 1, &one.why, &formats.text)?;
        row += 1;
    }
    for part in &report.first_page {
        row += 1;
        sheet.write_string_with_format(row, 0, part.part.heading(), &formats.part)?;
        row += 1;
        for line in &part.lines {
            sheet.merge_range(row, 0, row, 1, line, &formats.text)?;
            sheet.set_row_height(row, height(line, 92))?;
            row += 1;
        }
    }
    row += 1;
    sheet.write_string_with_format(row, 0, "Tabeller", &formats.part)?;
    row += 1;
    for (at, head) in ["Blad", "Tabell", "Avsnitt"].into_iter().enumerate() {
        sheet.write_string_with_format(row, column(at), head, &formats.head)?;
    }
    for (name, number, under, table) in listed {
        row += 1;
        let link = Url::new(format!("internal:'{}'!A1", name.replace('\'', "''")));
        sheet.write_url_with_options(
            row,
            0,
            &link,
            format!("Tabell {number}"),
            "",
            Some(&formats.link),
        )?;
        sheet.write_string_with_format(row, 1, &table.title, &formats.text)?;
        sheet.write_string_with_format(row, 2, under, &formats.quiet)?;
    }
    Ok(sheet)
}

/// The sheet of words: a line each, under the section they stand in.
fn in_words(report: &Yearly, formats: &Formats, name: &str) -> Result<Worksheet, XlsxError> {
    let mut sheet = page(name)?;
    sheet.set_column_width(0, 26)?.set_column_width(1, 100)?;
    sheet.write_string_with_format(0, 0, "Vad", &formats.head)?;
    sheet.write_string_with_format(0, 1, "Text", &formats.head)?;
    sheet.set_freeze_panes(1, 0)?;
    let mut row = 1;
    for part in outline(report) {
        for numbered in part.sections {
            let section = numbered.section;
            let heading = format!("{} {}", numbered.number, section.id.heading());
            sheet.write_string_with_format(row, 0, heading, &formats.part)?;
            row += 1;
            let mut lines: Vec<(String, String)> = Vec::new();
            let sentences = section.sentences.iter();
            lines.extend(sentences.map(|said| ("Siffrorna i ord".to_owned(), said.clone())));
            lines.extend(section.text.iter().map(|it| (words::written(it), it.text.clone())));
            for paragraph in &section.paragraphs {
                let said = paragraph.written.as_ref().map_or("(inte lämnat)", |it| &it.text);
                lines.push((paragraph.unit.clone(), said.to_owned()));
            }
            for goal in &section.goals {
                let mut said = goal.text.clone();
                if let Some(answer) = &goal.answer {
                    said = format!("{said}\n{}: {}", words::reached(answer.reached), answer.text);
                }
                lines.push((format!("Mål {}", goal.year), said));
            }
            if words::is_empty(section) {
                lines.push((String::new(), words::EMPTY.to_owned()));
            }
            for (what, said) in lines {
                sheet.write_string_with_format(row, 0, what, &formats.quiet)?;
                sheet.write_string_with_format(row, 1, sheet::cut(&said), &formats.text)?;
                sheet.set_row_height(row, height(&said, 100))?;
                row += 1;
            }
        }
    }
    Ok(sheet)
}

/// A sheet to print upright, as wide as a page.
fn page(name: &str) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
    sheet.set_footer("&L&A&R&P (&N)");
    Ok(sheet)
}

/// The place of a column.
pub(crate) fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// The height of a row that holds a text of lines this long, in points.
pub(crate) fn height(text: &str, letters: usize) -> f64 {
    let lines: usize = text.lines().map(|line| line.chars().count().div_ceil(letters).max(1)).sum();
    // More than a spreadsheet shows in one row is reached by scrolling in the cell.
    15.0 * f64::from(u8::try_from(lines.clamp(1, 27)).unwrap_or(27))
}

/// Names of sheets: at most 31 characters, none of `[]:*?/\`, no two alike whatever their case.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn take(&mut self, wanted: &str) -> String {
        let fits = |letter: &char| !"[]:*?/\\'".contains(*letter) && !letter.is_control();
        let plain: String = wanted.chars().filter(fits).collect();
        for turn in 0_usize.. {
            let mark = if turn == 0 { String::new() } else { format!(" {turn}") };
            let room = 31 - mark.chars().count();
            let short: String = plain.chars().take(room).collect();
            let name = format!("{}{mark}", short.trim_end());
            if self.0.insert(name.to_lowercase()) {
                return name;
            }
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_have_names_that_a_spreadsheet_takes() {
        let mut names = Names::default();
        let long = "12 Avvikelser per verksamhetsområde och år: [alla]";
        let first = names.take(long);
        assert_eq!(first, "12 Avvikelser per verksamhetsom");
        assert_eq!(names.take(&long.to_uppercase()).chars().count(), 31);
        assert_ne!(names.take(long), first);
    }
}
