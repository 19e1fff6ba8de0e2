//! Rows out of a file by the names of its columns.

use std::io::{self, BufRead};

use jiff::civil::Date;

use super::fault::{Faults, LineFault, shown};
use super::fields::Fields;
use super::lines::{Broken, Records};
use super::sheet::Sheet;

/// A file whose header has been read.
#[derive(Debug)]
pub(super) struct Table<R> {
    sheet: &'static Sheet,
    records: Records<R>,
    fields: Fields,
    /// For each column of the sheet, where the file has it.
    places: Vec<Option<usize>>,
    width: usize,
}

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    /// The line it begins on.
    pub line: u64,
    /// The values in the order of the sheet's columns; empty where the file has no such column.
    values: Vec<String>,
}

impl Row {
    /// The values in the order of the sheet's columns.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    pub fn get(&self, sheet: &Sheet, column: &str) -> &str {
        let at = sheet.columns.iter().position(|known| known.name == column);
        debug_assert!(at.is_some(), "{} has no column {column}", sheet.file);
        at.and_then(|at| self.values.get(at)).map_or("", String::as_str)
    }
}

impl<R: BufRead> Table<R> {
    /// Reads the header. `None` when it is faulty: its rows then mean nothing.
    pub fn open(
        sheet: &'static Sheet,
        input: R,
        today: Date,
        faults: &mut Faults,
    ) -> io::Result<Option<Self>> {
        let records = Records::new(input);
        let mut table =
            Self { sheet, records, fields: Fields::default(), places: Vec::new(), width: 0 };
        let before = faults.count();
        let first = table.next_fields(faults)?;
        if faults.count() > before {
            return Ok(None);
        }
        let names: Vec<_> = sheet.columns.iter().map(|column| column.name).collect();
        let Some((line, header)) = first else {
            faults.push(LineFault {
                file: sheet.file,
                line: 1,
                column: None,
                reason: "the file has no header".to_owned(),
                expected: format!("right would be {}", names.join(";")),
            });
            return Ok(None);
        };
        let mut sound = true;
        let mut fault = |column: Option<String>, reason: String, expected: String| {
            sound = false;
            faults.push(LineFault { file: sheet.file, line, column, reason, expected });
        };
        let mut places = vec![None; sheet.columns.len()];
        for (place, given) in header.iter().enumerate() {
            let name = given.trim().to_lowercase();
            let Some(at) = sheet.columns.iter().position(|column| column.is_named(&name)) else {
                let reason = format!("unknown column {}", shown(given, today));
                fault(None, reason, format!("the columns are {}", names.join(", ")));
                continue;
            };
            if places[at].replace(place).is_some() {
                let reason = "the column is there twice".to_owned();
                fault(
                    Some(sheet.columns[at].name.to_owned()),
                    reason,
                    "keep one of them".to_owned(),
                );
            }
        }
        for (column, _) in
            sheet.columns.iter().zip(&places).filter(|(column, at)| column.required && at.is_none())
        {
            let reason = "the column is missing".to_owned();
            fault(Some(column.name.to_owned()), reason, "it is needed in the header".to_owned());
        }
        table.places = places;
        table.width = header.len();
        Ok(sound.then_some(table))
    }

    /// Bytes taken from the file so far.
    pub fn taken(&self) -> u64 {
        self.records.taken
    }

    /// The next row that can be read at all; those before it that cannot are faults.
    pub fn next_row(&mut self, faults: &mut Faults) -> io::Result<Option<Row>> {
        while let Some((line, fields)) = self.next_fields(faults)? {
            let (file, width) = (self.sheet.file, self.width);
            if fields.len() != width {
                faults.push(LineFault {
                    file,
                    line,
                    column: None,
                    reason: format!("{} fields", fields.len()),
                    expected: format!(
                        "the header has {width}; a text with ; or a line break stands in quotes"
                    ),
                });
                continue;
            }
            let value = |place: &Option<usize>| {
                place.and_then(|place| fields.get(place)).unwrap_or_default().to_owned()
            };
            let values: Vec<String> = self.places.iter().map(value).collect();
            // PostgreSQL keeps no such character in any text.
            if let Some(at) = values.iter().position(|value| value.contains('\0')) {
                faults.push(LineFault {
                    file,
                    line,
                    column: self.sheet.columns.get(at).map(|column| column.name.to_owned()),
                    reason: "a character with the value 0".to_owned(),
                    expected: "take it out".to_owned(),
                });
                continue;
            }
            return Ok(Some(Row { line, values }));
        }
        Ok(None)
    }

    /// The fields of the next record that can be taken apart.
    fn next_fields(&mut self, faults: &mut Faults) -> io::Result<Option<(u64, csv::StringRecord)>> {
        let file = self.sheet.file;
        while let Some(record) = self.records.next()? {
            let mut fault = |line, reason: &str, expected: &str| {
                let (reason, expected) = (reason.to_owned(), expected.to_owned());
                faults.push(LineFault { file, line, column: None, reason, expected });
            };
            match record.broken {
                Some(Broken::OpenQuote) => {
                    let expected = "close it, or write it twice within quotes";
                    fault(record.line, "a quote is opened and never closed", expected);
                    continue;
                }
                Some(Broken::TooLong) => {
                    fault(record.line, "the line is longer than 1 MiB", "shorten it");
                    continue;
                }
                None => {}
            }
            if let Err(error) = std::str::from_utf8(record.bytes) {
                let before = record.bytes.get(..error.valid_up_to()).unwrap_or_default();
                let breaks = before.iter().filter(|byte| **byte == b'\n').count() as u64;
                let expected = "save the file as UTF-8";
                fault(record.line + breaks, "the text is not UTF-8", expected);
                continue;
            }
            match self.fields.of(record.bytes) {
                Some(fields) => return Ok(Some((record.line, fields))),
                None => fault(record.line, "not a line of CSV", "fields are set apart by ;"),
            }
        }
        Ok(None)
    }
}
