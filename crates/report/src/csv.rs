//! Figures as CSV for Swedish spreadsheets: `;`, decimal comma, UTF-8 with BOM, CRLF.
//!
//! Numbers stand bare. Text that a spreadsheet would take for a formula gets a `'` in front: names
//! and codes of a tenant are somebody's input.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

use crate::laid::{Entry, Laid};

/// The mark by which a spreadsheet knows UTF-8.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Figures as CSV.
///
/// # Errors
/// What the writer says; of memory it has nothing to say.
pub fn figures(laid: &Laid<'_>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = start();
    writer.write_record(&laid.headings)?;
    for row in laid.rows.iter().chain(&laid.total) {
        writer.write_record(row.iter().map(|entry| written(entry).into_owned()))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A cell as CSV has it: digits, a sign and a decimal comma alone, and no text that would be a formula.
fn written<'a>(entry: &'a Entry<'_>) -> Cow<'a, str> {
    match entry {
        Entry::Empty => Cow::Borrowed(""),
        Entry::Text(said) => text(said),
        Entry::Name(number) => Cow::Owned(number.to_string()),
        Entry::Count(count) => Cow::Owned(count.to_string()),
        Entry::Change(change) => Cow::Owned(change.to_string()),
        Entry::Tenths(tenths) => {
            let (sign, size) = (if *tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
            Cow::Owned(format!("{sign}{},{}", size / 10, size % 10))
        }
    }
}

/// A file as Swedish spreadsheets read it, nothing in it yet.
pub(crate) fn start() -> csv::Writer<Vec<u8>> {
    WriterBuilder::new().delimiter(b';').terminator(Terminator::CRLF).from_writer(BOM.to_vec())
}

/// Text that no spreadsheet takes for a formula.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::code_lists::CodeLists;
    use domain::ids::UnitId;
    use domain::statistics::{
        CountBy, Cube, Days, Dimension, Figures, Key, LeadTime, LeadTimes, Measure, Months,
        NamedUnit, Of, Row,
    };

    fn empty(group_by: Vec<Dimension>, measures: Vec<Measure>) -> Cube {
        Cube {
            period: Months::years(2025, 2025),
            previous_period: None,
            count_by: CountBy::Reported,
            of: Of::Cases,
            measures,
            as_of: domain::calendar::parse_date("2026-02-01").unwrap(),
            group_by,
            rows: Vec::new(),
            total: Figures::default(),
            unplaced: None,
            scope: None,
        }
    }

    fn of(count: u64) -> Figures {
        Figures { count, ..Figures::default() }
    }

    fn written(figures: &Cube) -> String {
        let codes = CodeLists::shared();
        let bytes = super::figures(&crate::laid::cube(figures, &codes)).unwrap();
        String::from_utf8(bytes.strip_prefix(BOM).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn texts_beside_codes_and_bare_numbers() {
        let mut cube = empty(
            vec![Dimension::Category, Dimension::Month, Dimension::Severity, Dimension::Serious],
            vec![Measure::Count, Measure::Open, Measure::Closed],
        );
        cube.previous_period = Some(Months::years(2024, 2024));
        let figures = |count, previous| Figures {
            previous: Some(previous),
            open: Some(count),
            closed: Some(0),
            ..of(count)
        };
        let fall = Key::Code("HSL.FAL".to_owned());
        cube.rows = vec![
            Row::new([fall, Key::Number(3), Key::Number(1), Key::Flag(true)], figures(41, 44)),
            Row::new([Key::None, Key::Number(12), Key::None, Key::None], figures(1, 0)),
        ];
        cube.total = figures(42, 44);
        let expected = [
            "Kategori;Kategori (kod);Månad;Allvarlighetsgrad;Allvarlighetsgrad (nr);\
             Allvarlig vårdskada;Antal;Antal föregående år;Förändring;Öppna 2026-02-01;\
             Avslutade 2026-02-01",
            "Fall;HSL.FAL;3;Mindre: obehag, ingen eller obetydlig skada;1;Ja;41;44;-3;41;0",
            "Saknas;;12;Saknas;;Saknas;1;0;1;1;0",
            "Totalt;;;;;;42;44;-2;42;0",
            "",
        ];
        assert_eq!(written(&cube), expected.join("\r\n"));
    }

    #[test]
    fn a_name_is_never_a_formula_and_is_quoted_where_it_must_be() {
        let mut cube = empty(vec![Dimension::Unit], vec![Measure::Count]);
        let names = ["=1+1", "+46", "-x", "@a", "\tb", "\rc", "Norr; \"Söder\"", "Åsen"];
        cube.rows = names
            .map(|name| {
                let id = UnitId("00000000-0000-0000-0000-000000000007".parse().unwrap());
                let unit = NamedUnit { id, name: name.to_owned() };
                Row::new([Key::Unit(unit)], of(1))
            })
            .to_vec();
        let written = written(&cube);
        let cells: Vec<_> = written
            .split("\r\n")
            .map(|line| line.split(";00000000-").next().unwrap_or_default())
            .collect();
        let expected = [
            "Enhet;Enhet (id);Antal",
            "'=1+1",
            "'+46",
            "'-x",
            "'@a",
            "'\tb",
            "\"'\rc\"",
            "\"Norr; \"\"Söder\"\"\"",
            "Åsen",
            "Totalt;;0",
            "",
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn days_have_a_decimal_comma() {
        let mut cube = empty(Vec::new(), vec![Measure::Count, Measure::LeadTime]);
        let close =
            LeadTime { n: 3, median: Some(Days { tenths: 105 }), p90: Some(Days { tenths: -4 }) };
        cube.total = of(3);
        cube.total.lead_time = Some(Box::new(LeadTimes { close, ..LeadTimes::default() }));
        cube.rows = vec![Row::new([], cube.total.clone())];
        let written = written(&cube);
        assert_eq!(written.lines().nth(1), Some("3;0;;;0;;;0;;;3;10,5;-0,4"));
        assert_eq!(written.lines().count(), 2);
    }
}
