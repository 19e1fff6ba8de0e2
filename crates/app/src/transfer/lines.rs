//! Records out of a file, each with the line it begins on.
//!
//! The records are cut here and only their fields are left to the CSV reader: its own count of
//! lines goes by line ends it has consumed, which after CRLF, blank lines and line breaks inside a
//! field is not what an editor shows.

use std::io::{self, BufRead};

/// Longest record, in bytes. A quote that is never closed would otherwise swallow the file.
const LONGEST: usize = 1 << 20;

/// One record as it stands in the file.
#[derive(Debug)]
pub(crate) struct RawRecord<'a> {
    /// The line it begins on, from 1.
    pub line: u64,
    /// Its bytes without the line end.
    pub bytes: &'a [u8],
    /// What makes it unreadable.
    pub broken: Option<Broken>,
}

/// Why a record cannot be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A quote is opened and not closed.
    OpenQuote,
    /// One line alone is longer than any record may be.
    TooLong,
}

/// Where the cutting stands within a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the start of a field, where a quote opens.
    FieldStart,
    /// In a field without quotes.
    Plain,
    /// Within quotes, where a line may end.
    Quoted,
    /// After a quote within quotes: an end, or the first of two that mean one.
    AfterQuote,
}

impl Place {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Place::Quoted, b'"') => Place::AfterQuote,
            (Place::Quoted, _) => Place::Quoted,
            (Place::AfterQuote, b'"') => Place::Quoted,
            (Place::FieldStart, b'"') => Place::Quoted,
            (Place::FieldStart | Place::Plain | Place::AfterQuote, b';') => Place::FieldStart,
            (Place::FieldStart | Place::Plain | Place::AfterQuote, _) => Place::Plain,
        }
    }
}

/// A file, record by record, in bounded memory.
#[derive(Debug)]
pub(crate) struct Records<R> {
    input: R,
    /// Lines taken so far.
    line: u64,
    record: Vec<u8>,
    /// Lines read for a record whose quote never closed, to be read again as records of their own.
    back: Vec<u8>,
    back_at: usize,
    /// Bytes taken from the file.
    pub taken: u64,
}

impl<R: BufRead> Records<R> {
    pub fn new(input: R) -> Self {
        Self { input, line: 0, record: Vec::new(), back: Vec::new(), back_at: 0, taken: 0 }
    }

    /// The next record that is not a blank line.
    pub fn next(&mut self) -> io::Result<Option<RawRecord<'_>>> {
        loop {
            self.record.clear();
            let first = self.line + 1;
            let mut place = Place::FieldStart;
            let mut first_line_end = 0;
            let mut broken = None;
            loop {
                let from = self.record.len();
                let whole = self.take_line()?;
                if whole && self.record.len() == from {
                    if from == 0 {
                        return Ok(None);
                    }
                    if place == Place::Quoted {
                        broken = Some(Broken::OpenQuote);
                    }
                    break;
                }
                if self.line == 1 && self.record.starts_with(b"\xEF\xBB\xBF") {
                    self.record.drain(..3);
                }
                if first_line_end == 0 {
                    first_line_end = self.record.len();
                }
                if !whole {
                    broken = Some(Broken::TooLong);
                    break;
                }
                let added = self.record.get(from..).unwrap_or_default();
                place = added.iter().fold(place, |place, byte| place.after(*byte));
                if place != Place::Quoted {
                    break;
                }
                if self.record.len() > LONGEST {
                    broken = Some(Broken::OpenQuote);
                    break;
                }
            }
            if broken == Some(Broken::OpenQuote) {
                self.put_back(first_line_end, first);
            }
            let end = trimmed(&self.record);
            if end > 0 || broken.is_some() {
                return Ok(Some(RawRecord { line: first, bytes: &self.record[..end], broken }));
            }
        }
    }

    /// Appends a line with its end to the record; `false` when it was too long, and only its
    /// beginning was kept.
    fn take_line(&mut self) -> io::Result<bool> {
        let waiting = self.back.get(self.back_at..).unwrap_or_default();
        if !waiting.is_empty() {
            let length =
                waiting.iter().position(|byte| *byte == b'\n').map_or(waiting.len(), |at| at + 1);
            self.record.extend_from_slice(&waiting[..length]);
            self.back_at += length;
            self.line += 1;
            return Ok(true);
        }
        let from = self.record.len();
        let mut whole = true;
        loop {
            let available = self.input.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(available.len(), |at| at + 1);
            if self.record.len() - from + length <= LONGEST {
                self.record.extend_from_slice(&available[..length]);
            } else {
                whole = false;
            }
            self.input.consume(length);
            self.taken += length as u64;
            if end.is_some() {
                break;
            }
        }
        if self.record.len() > from || !whole {
            self.line += 1;
        }
        Ok(whole)
    }

    /// Keeps the first line as the record, and what was read after it for the next one.
    fn put_back(&mut self, first_line_end: usize, first: u64) {
        let mut again = self.record.split_off(first_line_end.min(self.record.len()));
        again.extend_from_slice(self.back.get(self.back_at..).unwrap_or_default());
        self.back = again;
        self.back_at = 0;
        self.line = first;
    }
}

/// The length without the line end.
fn trimmed(record: &[u8]) -> usize {
    let without = record.strip_suffix(b"\n").unwrap_or(record);
    without.strip_suffix(b"\r").unwrap_or(without).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(u64, String, Option<Broken>)> {
        let mut records = Records::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(record) = records.next().unwrap() {
            let text = String::from_utf8(record.bytes.to_vec()).unwrap();
            found.push((record.line, text, record.broken));
        }
        found
    }

    fn whole(line: u64, text: &str) -> (u64, String, Option<Broken>) {
        (line, text.to_owned(), None)
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        for end in ["\n", "\r\n"] {
            let text = format!("\u{FEFF}a;b{end}1;\"x{end}y;\"\"z\"{end}{end}2;5\" tum{end}3;c");
            let second = format!("1;\"x{end}y;\"\"z\"");
            let expected =
                [whole(1, "a;b"), whole(2, &second), whole(5, "2;5\" tum"), whole(6, "3;c")];
            assert_eq!(cut(&text), expected);
        }
    }

    #[test]
    fn an_open_quote_costs_one_line_and_not_the_file() {
        let found = cut("a\n\"b\nc\nd\n");
        assert_eq!(found[1], (2, "\"b".to_owned(), Some(Broken::OpenQuote)));
        assert_eq!(found[2..], [whole(3, "c"), whole(4, "d")]);
    }

    #[test]
    fn a_line_without_end_is_not_kept_in_memory() {
        let text = format!("a\n{}\nb", "x".repeat(LONGEST + 10));
        let found = cut(&text);
        assert_eq!((found[1].0, found[1].2), (2, Some(Broken::TooLong)));
        assert_eq!(found[2], whole(3, "b"));
    }
}
