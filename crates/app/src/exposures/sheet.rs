//! A file of exposures: CSV with `;`, UTF-8, with or without BOM, as Swedish spreadsheets write it.

use std::str::FromStr;

use domain::exposure::{Amount, Given, Kind, Line};
use domain::fault::{Fault, Reason};
use domain::organisation::UnitTree;
use domain::personnummer;
use domain::statistics::{Month, Months};
use jiff::civil::Date;

use crate::transfer::fields::Fields;
use crate::transfer::lines::Records;

/// The headings, in any order: unit, kind, first and last month, amount, and where the figure was taken
/// from, which may be left out.
pub(super) const HEADINGS: [&str; 6] = ["enhet", "slag", "fran", "till", "antal", "kalla"];

/// The longest piece of a given value that a message repeats, in characters.
const LONGEST_SHOWN: usize = 40;

/// The most lines taken.
const MOST_LINES: usize = 10_000;

/// What a file says.
pub(super) struct Read {
    /// The lines that can be read.
    pub lines: Vec<Line>,
    /// What is wrong with the others.
    pub faults: Vec<Fault>,
}

impl Read {
    fn fault(&mut self, field: impl Into<String>, reason: Reason) {
        self.faults.push(Fault::at(field, reason));
    }
}

/// Reads a file. Every fault is named by line and heading.
pub(super) fn read(file: &[u8], units: &UnitTree, today: Date) -> Read {
    let mut read = Read { lines: Vec::new(), faults: Vec::new() };
    let (mut records, mut fields) = (Records::new(file), Fields::default());
    let Some((_, Some(first))) = next(&mut records, &mut fields) else {
        read.fault("/1", Reason::inconsistent("not_csv"));
        return read;
    };
    let Some(places) = places(&first, &mut read) else { return read };
    let mut taken = 0;
    while let Some((line, record)) = next(&mut records, &mut fields) {
        if taken == MOST_LINES {
            read.fault("", Reason::inconsistent("too_many_lines"));
            break;
        }
        taken += 1;
        let at = format!("/{line}");
        let Some(record) = record else {
            read.fault(at, Reason::inconsistent("not_csv"));
            continue;
        };
        if record.len() != first.len() {
            read.fault(at, Reason::inconsistent("wrong_number_of_fields"));
            continue;
        }
        let field = |heading: usize| {
            places[heading].and_then(|place| record.get(place)).unwrap_or_default().trim()
        };
        one(&at, field, (units, today), &mut read);
    }
    read
}

/// The next record that is not a blank line, with the line it begins on; its fields, where it can be taken
/// apart.
fn next(
    records: &mut Records<&[u8]>,
    fields: &mut Fields,
) -> Option<(u64, Option<csv::StringRecord>)> {
    // Reading from memory never fails.
    let record = records.next().ok()??;
    let whole = record.broken.is_none();
    Some((record.line, fields.of(record.bytes).filter(|_| whole)))
}

/// Where each heading stands; `None` where one is missing or unknown, with a fault for each.
fn places(first: &csv::StringRecord, read: &mut Read) -> Option<[Option<usize>; 6]> {
    let mut places = [None; 6];
    let before = read.faults.len();
    for (place, heading) in first.iter().enumerate() {
        let heading = heading.trim().to_lowercase().replace(['å', 'ä'], "a");
        match HEADINGS.iter().position(|known| *known == heading) {
            Some(at) if places[at].is_none() => places[at] = Some(place),
            Some(at) => read.fault(format!("/1/{}", HEADINGS[at]), Reason::NotUnique),
            None => read.fault(format!("/1/{}", place + 1), Reason::UnknownField),
        }
    }
    for (at, heading) in HEADINGS.iter().enumerate().take(5) {
        if places[at].is_none() {
            read.fault(format!("/1/{heading}"), Reason::Required);
        }
    }
    (read.faults.len() == before).then_some(places)
}

/// Reads one line.
fn one<'f>(
    at: &str,
    field: impl Fn(usize) -> &'f str,
    (units, today): (&UnitTree, Date),
    read: &mut Read,
) {
    let before = read.faults.len();
    let named = |heading: usize| format!("{at}/{}", HEADINGS[heading]);
    let mut needed = |heading: usize| {
        let text = field(heading);
        if text.is_empty() {
            read.faults.push(Fault::at(named(heading), Reason::Required));
        }
        (!text.is_empty()).then_some(text)
    };
    let texts = [needed(0), needed(1), needed(2), needed(3), needed(4)];
    let unit = texts[0].and_then(|text| {
        let unit = units.find(text).or_else(|| named_so(units, text)).map(|unit| unit.id);
        if unit.is_none() {
            let given = repeated(text, today);
            read.fault(named(0), Reason::UnknownUnit { given });
        }
        unit
    });
    let kind = texts[1].and_then(|text| {
        let swedish = |kind: &Kind| kind.swedish() == text.to_lowercase();
        let kind = text.parse().ok().or_else(|| Kind::ALL.into_iter().find(swedish));
        if kind.is_none() {
            let given = repeated(text, today);
            read.fault(named(1), Reason::UnknownCode { list: "exposure".to_owned(), given });
        }
        kind
    });
    let mut month = |heading: usize| parsed::<Month>(texts[heading], named(heading), MONTH, read);
    let (from, to) = (month(2), month(3));
    let amount = parsed::<Amount>(texts[4], named(4), "a number, at most two decimals", read);
    let source = field(5).replace('\0', "");
    for found in personnummer::find_in(&source, today) {
        let (position, length) = (found.position, found.length);
        read.fault(named(5), Reason::PersonalNumber { position, length });
    }
    let (Some(unit), Some(kind), Some(from), Some(to), Some(amount)) =
        (unit, kind, from, to, amount)
    else {
        return;
    };
    if read.faults.len() == before {
        read.lines.push(Line {
            at: at.to_owned(),
            names: HEADINGS,
            instead: None,
            given: Given {
                unit,
                kind,
                period: Months { from, to },
                amount,
                source: (!source.is_empty()).then_some(source),
            },
        });
    }
}

/// A given value as a message may repeat it: short, and without any personal identity number.
fn repeated(text: &str, today: Date) -> String {
    let clean = personnummer::redact(text, &personnummer::find_in(text, today));
    clean.chars().take(LONGEST_SHOWN).collect()
}

/// What a month is.
const MONTH: &str = "a month, YYYY-MM";

fn parsed<T: FromStr>(
    text: Option<&str>,
    field: String,
    expected: &str,
    read: &mut Read,
) -> Option<T> {
    let found = text?.parse().ok();
    if found.is_none() {
        read.fault(field, Reason::WrongType { expected: expected.to_owned() });
    }
    found
}

/// The one unit of this name.
fn named_so<'u>(units: &'u UnitTree, name: &str) -> Option<&'u domain::organisation::Unit> {
    let mut found = units.iter().filter(|unit| unit.name == name);
    found.next().filter(|_| found.next().is_none())
}
