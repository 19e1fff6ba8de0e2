//! The report as CSV files in an archive: a file a table, and files that say what the tables and their columns
//! are, what was written, and what report it is. As Swedish spreadsheets read them: `;`, decimal comma, UTF-8
//! with BOM, CRLF, and no text that a spreadsheet would take for a formula.

use domain::calendar::format_local;
use domain::table::{Cell, Head, Label, Table};
use domain::yearly::Yearly;

use super::{Error, Package, Stamp, words};
use crate::csv::{start, text};

/// The archive: `rapport.csv`, `tabeller.csv`, `kolumner.csv`, `text.csv` and a file a table under `tabeller/`.
///
/// # Errors
/// None that is expected.
pub fn csv_zip(report: &Yearly, stamp: &Stamp<'_>) -> Result<Vec<u8>, Error> {
    let mut package = Package::begin(stamp.at(report));
    package.add("rapport.csv", &facts(report, stamp)?)?;
    package.add("tabeller.csv", &tables(report)?)?;
    package.add("kolumner.csv", &columns(report)?)?;
    package.add("text.csv", &texts(report)?)?;
    for one in report.tables() {
        package.add(&name(one), &table(one)?)?;
    }
    package.end()
}

/// The name of a table's file. Ids are ours; whatever they are, the name leaves no directory.
fn name(table: &Table) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    format!("tabeller/{}.csv", table.id.chars().map(plain).collect::<String>())
}

/// Lines as a file.
fn file(lines: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, Error> {
    let mut writer = start();
    for line in lines {
        writer.write_record(&line)?;
    }
    let bytes = writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(bytes)
}

fn safe(said: &str) -> String {
    text(said).into_owned()
}

fn line<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(safe).to_vec()
}

/// A figure for programs: digits, a sign and a comma alone.
fn figure(cell: &Cell) -> String {
    let decimal = |value: i64, one: u64, places: usize| {
        let (sign, size) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
        format!("{sign}{},{:0places$}", size / one, size % one)
    };
    match cell {
        Cell::None => String::new(),
        Cell::Count(count) => count.to_string(),
        Cell::Change(change) => change.to_string(),
        Cell::Tenths(value) => decimal(*value, 10, 1),
        Cell::Hundredths(value) => decimal(*value, 100, 2),
        Cell::Text(said) => safe(said),
        Cell::Suppressed => cell.swedish(),
    }
}

/// A table: a column a head and its code, then the figures; the total last.
fn table(table: &Table) -> Result<Vec<u8>, Error> {
    let keyed = |head: &Head| [safe(&head.title), safe(&format!("{} (kod)", head.title))];
    let titles = table.columns.iter().map(|column| safe(&column.title));
    let mut lines: Vec<Vec<String>> =
        vec![table.heads.iter().flat_map(keyed).chain(titles).collect()];
    let cells = |label: &Label| [safe(&label.text), safe(label.code.as_deref().unwrap_or(""))];
    for row in &table.rows {
        let keys = row.keys.iter().flat_map(cells);
        lines.push(keys.chain(row.cells.iter().map(figure)).collect());
    }
    if let Some(total) = &table.total {
        let mut keys = vec![String::new(); table.heads.len() * 2];
        if let Some(first) = keys.first_mut() {
            *first = words::TOTAL.to_owned();
        }
        lines.push(keys.into_iter().chain(total.iter().map(figure)).collect());
    }
    file(lines)
}

fn facts(report: &Yearly, stamp: &Stamp<'_>) -> Result<Vec<u8>, Error> {
    let mut lines = vec![line(["Uppgift", "Värde"]), line(["Titel", &words::title(report)])];
    for (term, said) in words::facts(report, stamp) {
        lines.push(line([term, &said]));
    }
    for one in &report.breaks {
        lines.push(line(["Brott i serien", &format!("Från {}: {}", one.year, one.why)]));
    }
    file(lines)
}

/// What each table is.
fn tables(report: &Yearly) -> Result<Vec<u8>, Error> {
    let mut lines = vec![line([
        "Fil",
        "Tabell",
        "Titel",
        "Kapitel",
        "Avsnitt",
        "Indelning",
        "Räkneenhet",
        "Så räknas det",
        "Till och med",
        "Begärs av lag eller mall",
        "Rader",
        "Har summa",
        "Att veta",
    ])];
    let yes = |yes: bool| if yes { "ja" } else { "nej" };
    for section in &report.sections {
        for one in &section.tables {
            let heads: Vec<&str> = one.heads.iter().map(|head| head.title.as_str()).collect();
            lines.push(line([
                &name(one),
                &one.id,
                &one.title,
                section.id.chapter().heading(),
                section.id.heading(),
                &heads.join(", "),
                one.counts.swedish(),
                &one.definition,
                &one.as_of.to_string(),
                yes(one.asked_for),
                &one.rows.len().to_string(),
                yes(one.total.is_some()),
                &words::notes(one).join(" "),
            ]));
        }
    }
    file(lines)
}

/// What each column is.
fn columns(report: &Yearly) -> Result<Vec<u8>, Error> {
    let mut lines = vec![line([
        "Fil",
        "Kolumn",
        "Rubrik",
        "Innehåll",
        "Mängd",
        "År",
        "Begränsning",
        "Raderna summerar",
        "Räknas av",
    ])];
    for one in report.tables() {
        for column in &one.columns {
            let limit = |limit: &domain::table::Limit| {
                format!("{}={}", limit.dimension, limit.code.as_deref().unwrap_or("(saknas)"))
            };
            let limits: Vec<String> = column.limits.iter().map(limit).collect();
            let from = column.from.iter().filter_map(|at| one.columns.get(*at));
            let from: Vec<&str> = from.map(|other| other.id.as_str()).collect();
            lines.push(line([
                &name(one),
                &column.id,
                &column.title,
                words::holds(column),
                &column.set,
                &column.year.map(|year| year.to_string()).unwrap_or_default(),
                &limits.join(", "),
                if column.adds { "ja" } else { "nej" },
                &from.join(", "),
            ]));
        }
    }
    file(lines)
}

/// Everything that is said in words.
fn texts(report: &Yearly) -> Result<Vec<u8>, Error> {
    let mut lines = vec![line(["Avsnitt", "Rubrik", "Vad", "Text", "Av", "När"])];
    for part in &report.first_page {
        for said in &part.lines {
            lines.push(line(["first_page", part.part.heading(), "Till nämnden", said, "", ""]));
        }
    }
    for section in &report.sections {
        let (id, heading) = (section.id.code(), section.id.heading());
        for said in &section.sentences {
            lines.push(line([id, heading, "Siffrorna i ord", said, "", ""]));
        }
        if let Some(it) = &section.text {
            lines.push(line([id, heading, "Text", &it.text, &it.by, &format_local(it.at)]));
        }
        for paragraph in &section.paragraphs {
            let what = format!("Från {}", paragraph.unit);
            match &paragraph.written {
                Some(it) => {
                    lines.push(line([id, heading, &what, &it.text, &it.by, &format_local(it.at)]));
                }
                None => lines.push(line([id, heading, &what, "(inte lämnat)", "", ""])),
            }
        }
        for goal in &section.goals {
            let what = format!("Mål {}", goal.year);
            lines.push(line([id, heading, &what, &goal.text, "", ""]));
            if let Some(answer) = &goal.answer {
                let said = format!("{}. {}", words::reached(answer.reached), answer.text);
                lines.push(line([
                    id,
                    heading,
                    &format!("Utfall av mål {}", goal.year),
                    &said,
                    "",
                    "",
                ]));
            }
        }
    }
    file(lines)
}
