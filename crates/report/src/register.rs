//! The register of opinions as CSV, as Swedish spreadsheets read it.

use domain::register::RegisterLine;

use crate::csv::{start, text};

const HEAD: [&str; 9] = [
    "Ärende",
    "Diarienummer",
    "Inkom",
    "Slag",
    "Från",
    "Gäller",
    "Handläggs av",
    "Status",
    "Avslutat",
];

/// The lines: `;`, UTF-8 with BOM, CRLF.
///
/// # Errors
/// None that is expected: it is written to memory.
pub fn csv(lines: &[RegisterLine]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = start();
    writer.write_record(HEAD)?;
    for line in lines {
        let closed = line.closed_on.map(|day| day.to_string()).unwrap_or_default();
        let received = line.received_on.to_string();
        let cells = [
            line.number.as_str(),
            line.diary_number.as_deref().unwrap_or_default(),
            &received,
            line.what,
            line.from,
            &line.about,
            &line.handler,
            line.standing.words(),
            &closed,
        ];
        writer.write_record(cells.map(|cell| text(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
