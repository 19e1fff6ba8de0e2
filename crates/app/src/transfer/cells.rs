//! The cells of one row as values, every fault of them noted.

use domain::calendar;
use domain::code_lists::CodeLists;
use domain::personnummer;
use jiff::Timestamp;
use jiff::civil::Date;

use super::fault::{Faults, LineFault, shown};
use super::sheet::Sheet;
use super::table::Row;

/// A year before this one is a slip of the hand.
const FIRST_YEAR: i16 = 1900;

/// How many right codes a message names at most.
const MOST_NAMED: usize = 16;

/// One row while it is read. A faulty cell reads as empty, so that the rest is looked at too.
#[derive(Debug)]
pub(super) struct Cells<'a> {
    sheet: &'static Sheet,
    row: &'a Row,
    today: Date,
    faults: &'a mut Faults,
    sound: bool,
}

impl<'a> Cells<'a> {
    pub fn new(sheet: &'static Sheet, row: &'a Row, today: Date, faults: &'a mut Faults) -> Self {
        Self { sheet, row, today, faults, sound: true }
    }

    /// Whether no fault has been noted.
    pub fn sound(&self) -> bool {
        self.sound
    }

    /// The line the row begins on.
    pub fn line(&self) -> u64 {
        self.row.line
    }

    /// Today, in Sweden.
    pub fn today(&self) -> Date {
        self.today
    }

    /// What a fault of this row would be.
    pub fn note(&self, column: &str, reason: &str, expected: &str) -> LineFault {
        LineFault {
            file: self.sheet.file,
            line: self.row.line,
            column: Some(column.to_owned()),
            reason: reason.to_owned(),
            expected: expected.to_owned(),
        }
    }

    /// Notes a fault.
    pub fn fault(&mut self, column: &str, reason: impl Into<String>, expected: impl Into<String>) {
        self.sound = false;
        let fault = self.note(column, &reason.into(), &expected.into());
        self.faults.push(fault);
    }

    /// A given value as a message may repeat it.
    pub fn shown(&self, value: &str) -> String {
        shown(value, self.today)
    }

    /// The cell without blanks around it, if anything is left.
    pub fn given(&self, column: &str) -> Option<&'a str> {
        Some(self.row.get(self.sheet, column).trim()).filter(|value| !value.is_empty())
    }

    /// A cell that must hold something.
    pub fn required(&mut self, column: &str) -> Option<&'a str> {
        let value = self.given(column);
        if value.is_none() {
            self.fault(column, "empty", "a value is needed");
        }
        value
    }

    /// A free text, exactly as it stands; refused with a personal identity number in it, for it is
    /// put in by someone who can take it out.
    pub fn text(&mut self, column: &str) -> Option<String> {
        self.given(column)?;
        let text = self.row.get(self.sheet, column);
        for found in personnummer::find_in(text, self.today) {
            let reason = format!("a personal identity number at character {}", found.position + 1);
            self.fault(column, reason, "take it out of the text");
        }
        Some(text.to_owned())
    }

    /// A free text that must be there.
    pub fn required_text(&mut self, column: &str) -> Option<String> {
        self.required(column)?;
        self.text(column)
    }

    /// A Swedish local time.
    pub fn time(&mut self, column: &str) -> Option<Timestamp> {
        let given = self.given(column)?;
        let Ok(at) = calendar::parse_local(given) else {
            let reason = format!("no time: {}", self.shown(given));
            self.fault(
                column,
                reason,
                "right would be Swedish local time, such as 2025-03-01 14:30",
            );
            return None;
        };
        self.in_range(column, calendar::swedish_date(at)).then_some(at)
    }

    /// A Swedish local time that must be there.
    pub fn required_time(&mut self, column: &str) -> Option<Timestamp> {
        self.required(column)?;
        self.time(column)
    }

    /// A day.
    pub fn date(&mut self, column: &str) -> Option<Date> {
        let given = self.given(column)?;
        let Ok(day) = calendar::parse_date(given) else {
            let reason = format!("no day: {}", self.shown(given));
            self.fault(column, reason, "right would be a day such as 2025-03-01");
            return None;
        };
        // Validity may end far ahead: old systems write 9999-12-31 for "until further notice".
        Some(day)
    }

    /// A slip such as 2205 for 2025 would sit in the figures of a year nobody looks at.
    fn in_range(&mut self, column: &str, day: Date) -> bool {
        let last = self.today.year().saturating_add(1);
        let right = (FIRST_YEAR..=last).contains(&day.year());
        if !right {
            let reason = format!("the year {}", day.year());
            self.fault(column, reason, format!("right would be {FIRST_YEAR} to {last}"));
        }
        right
    }

    /// A code of `list`, valid on the day of the event.
    pub fn code(
        &mut self,
        column: &str,
        codes: &CodeLists,
        list: &str,
        on: Date,
    ) -> Option<String> {
        let given = self.given(column)?;
        self.check_code(column, given, codes, list, on).then(|| given.to_owned())
    }

    /// Whether `given` is a code of `list`, valid on the day of the event; a fault otherwise.
    pub fn check_code(
        &mut self,
        column: &str,
        given: &str,
        codes: &CodeLists,
        list: &str,
        on: Date,
    ) -> bool {
        if codes.check(list, given, on).is_ok() {
            return true;
        }
        let reason = match codes.get(list, given) {
            Some(known) => {
                let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
                let (from, to) = (day(known.valid_from), day(known.valid_to));
                format!("the code {given} is valid {from}–{to}, and the event was on {on}")
            }
            None => format!("unknown code {} in the list {list}", self.shown(given)),
        };
        self.fault(column, reason, right_codes(codes, list, given, on));
        false
    }

    /// A level from 1 to 4.
    pub fn level(&mut self, column: &str) -> Option<u8> {
        let given = self.given(column)?;
        match given {
            "1" => Some(1),
            "2" => Some(2),
            "3" => Some(3),
            "4" => Some(4),
            _ => {
                let reason = format!("no level: {}", self.shown(given));
                self.fault(column, reason, "right would be 1, 2, 3 or 4");
                None
            }
        }
    }

    /// One of a few words; `None` when empty or another.
    pub fn one_of<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let given = self.given(column)?;
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        if found.is_none() {
            let reason = format!("unknown word {}", self.shown(given));
            let right: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fault(column, reason, format!("right would be one of {}", right.join(", ")));
        }
        found
    }
}

/// The codes somebody may have meant: those that begin alike, or as many as fit.
fn right_codes(codes: &CodeLists, list: &str, given: &str, on: Date) -> String {
    let all = codes.list(list).unwrap_or_default().iter().filter(|code| code.valid_on(on));
    let all: Vec<&str> = all.map(|code| code.code.as_str()).collect();
    let alike = |code: &&str| {
        let same = code.bytes().zip(given.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b));
        same.count()
    };
    let most = all.iter().map(alike).max().unwrap_or(0);
    let mut near: Vec<&str> = if all.len() <= MOST_NAMED || most == 0 {
        all.clone()
    } else {
        all.iter().copied().filter(|code| alike(code) == most).collect()
    };
    let rest = near.len() > MOST_NAMED;
    near.truncate(MOST_NAMED);
    let dots = if rest { ", …" } else { "" };
    format!("right would be one of {}{dots}", near.join(", "))
}
