//! Files as LibreOffice reads them: it opens what was made and writes it down as flat XML, of which headings,
//! tables and charts are taken. What it could not read is not there.

use std::path::PathBuf;
use std::process::Command;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// A number, as a number.
    Number(f64),
    /// Words.
    Text(String),
}

/// A table of a document, or a sheet of a workbook.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// The sheet's name; a document's tables have names of LibreOffice's own.
    pub name: String,
    /// How many of the rows are heads that repeat.
    pub head_rows: usize,
    /// The rows, without empty cells at their ends.
    pub rows: Vec<Vec<Value>>,
    /// How many charts stand in it.
    pub charts: usize,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Headings with their level.
    pub headings: Vec<(u8, String)>,
    /// Paragraphs outside of tables.
    pub paragraphs: Vec<String>,
    /// Tables or sheets.
    pub grids: Vec<Grid>,
}

/// The program, if it is there.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|dir| dir.join("soffice"));
    let found = places.find(|file| file.is_file());
    assert!(
        found.is_some() || std::env::var_os("AVVIKELSE_TEST_REQUIRE_OFFICE").is_none(),
        "LibreOffice (soffice) is required, or run ./test"
    );
    found
}

/// Opens a file by LibreOffice; `None` where there is no LibreOffice. `ending` is xlsx or docx.
pub fn open(bytes: &[u8], ending: &str) -> Option<Read> {
    let Some(program) = program() else {
        println!("skipped: there is no LibreOffice");
        return None;
    };
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join(format!("it.{ending}"));
    std::fs::write(&file, bytes).expect("written");
    let flat = if ending == "xlsx" { "fods" } else { "fodt" };
    // A profile of its own, so that two can run beside each other.
    let profile = format!("-env:UserInstallation=file://{}", dir.path().join("profile").display());
    let done = Command::new(program)
        .args([&profile, "--headless", "--norestore", "--convert-to", flat, "--outdir"])
        .args([dir.path(), &file])
        .output()
        .expect("LibreOffice runs");
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    let xml = std::fs::read_to_string(dir.path().join(format!("it.{flat}")));
    Some(read(&xml.unwrap_or_else(|error| panic!("{error}: {said}"))))
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).expect("an attribute")?;
    Some(found.normalized_value(XmlVersion::default()).expect("a value").into_owned())
}

/// How often a cell or row stands there; what fills the sheet to its edge is nothing.
fn times(tag: &BytesStart<'_>, name: &str) -> usize {
    let times = attribute(tag, name).map_or(1, |times| times.parse().expect("a number"));
    if times > 500 { 0 } else { times }
}

/// The place of reading.
#[derive(Default)]
struct Place {
    in_table: bool,
    in_heads: bool,
    /// Embedded objects have tables of their own.
    object: usize,
    cell: Option<(Value, usize)>,
    row_times: usize,
    text: Option<String>,
    /// Whether words belong to a text, or stand between elements for the look of it.
    saying: bool,
    heading: Option<u8>,
}

fn read(xml: &str) -> Read {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let (mut found, mut at) = (Read::default(), Place::default());
    loop {
        match reader.read_event().expect("XML") {
            Event::Eof => return found,
            Event::Start(tag) => start(&tag, &mut found, &mut at),
            Event::End(tag) => end(tag.name().as_ref(), &mut found, &mut at),
            Event::Text(text) => {
                if let Some(said) = at.text.as_mut().filter(|_| at.saying) {
                    said.push_str(&text.decode().expect("text"));
                }
            }
            Event::GeneralRef(name) => {
                if let Some(said) = at.text.as_mut().filter(|_| at.saying) {
                    let name = name.decode().expect("a name");
                    let known = quick_xml::escape::unescape(&format!("&{name};")).map(String::from);
                    said.push_str(&known.expect("an entity"));
                }
            }
            _ => {}
        }
    }
}

fn start(tag: &BytesStart<'_>, found: &mut Read, at: &mut Place) {
    let name = tag.name();
    let name = name.as_ref();
    if name == b"draw:object" {
        at.object += 1;
    }
    if at.object > 0 {
        if name == b"chart:chart"
            && let Some(grid) = found.grids.last_mut()
        {
            grid.charts += 1;
        }
        return;
    }
    match name {
        b"table:table" => {
            let name = attribute(tag, "table:name").unwrap_or_default();
            found.grids.push(Grid { name, ..Grid::default() });
            at.in_table = true;
        }
        b"table:table-header-rows" => at.in_heads = true,
        b"table:table-row" => {
            at.row_times = times(tag, "table:number-rows-repeated");
            found.grids.last_mut().expect("a table").rows.push(Vec::new());
        }
        b"table:table-cell" | b"table:covered-table-cell" => {
            let number = attribute(tag, "office:value").map(|it| it.parse().expect("a number"));
            let value = number.map_or(Value::Empty, Value::Number);
            at.cell = Some((value, times(tag, "table:number-columns-repeated")));
            at.text = Some(String::new());
        }
        b"text:h" => {
            let level = attribute(tag, "text:outline-level").expect("a level");
            at.heading = Some(level.parse().expect("a number"));
            at.text = Some(String::new());
            at.saying = true;
        }
        b"text:p" => {
            at.saying = true;
            if !at.in_table {
                at.text = Some(String::new());
            } else if let Some(said) = at.text.as_mut().filter(|said| !said.is_empty()) {
                // A line that breaks in a cell.
                said.push('\n');
            }
        }
        b"text:s" | b"text:tab" | b"text:line-break" => {
            if let Some(said) = &mut at.text {
                said.push(' ');
            }
        }
        // What is not said in the place it stands at.
        b"office:annotation" => at.text = None,
        _ => {}
    }
}

fn end(name: &[u8], found: &mut Read, at: &mut Place) {
    if name == b"draw:object" {
        at.object -= 1;
    }
    if at.object > 0 {
        return;
    }
    match name {
        b"table:table" => at.in_table = false,
        b"table:table-header-rows" => at.in_heads = false,
        b"table:table-row" => {
            let grid = found.grids.last_mut().expect("a table");
            let mut row = grid.rows.pop().expect("a row");
            while row.last() == Some(&Value::Empty) {
                row.pop();
            }
            for _ in 0..at.row_times {
                grid.rows.push(row.clone());
                grid.head_rows += usize::from(at.in_heads);
            }
        }
        b"table:table-cell" | b"table:covered-table-cell" => {
            let (value, times) = at.cell.take().expect("a cell");
            let said = at.text.take().unwrap_or_default();
            let value = match value {
                Value::Empty if !said.is_empty() => Value::Text(said),
                value => value,
            };
            let row = found.grids.last_mut().and_then(|grid| grid.rows.last_mut());
            row.expect("a row").extend(std::iter::repeat_n(value, times));
        }
        b"text:h" => {
            at.saying = false;
            let said = at.text.take().unwrap_or_default();
            found.headings.extend(at.heading.take().map(|level| (level, said)));
        }
        b"text:p" if at.in_table => at.saying = false,
        b"text:p" => {
            at.saying = false;
            found.paragraphs.extend(at.text.take().filter(|said| !said.is_empty()));
        }
        _ => {}
    }
}
