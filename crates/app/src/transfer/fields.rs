//! The fields of a record of CSV with `;`.

use csv::StringRecord;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

/// Takes records apart. One for a file: it works by a table that takes longer to make than a record to read.
#[derive(Debug)]
pub(crate) struct Fields {
    reader: Reader,
    /// What stands in the fields, one after the other.
    text: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Default for Fields {
    fn default() -> Self {
        // A lone CR is part of a text; the line's own end is already off.
        let reader =
            ReaderBuilder::new().delimiter(b';').terminator(Terminator::Any(b'\n')).build();
        Self { reader, text: Vec::new(), ends: Vec::new() }
    }
}

impl Fields {
    /// The fields of one record; `None` of what is no text in UTF-8.
    pub fn of(&mut self, record: &[u8]) -> Option<StringRecord> {
        self.reader.reset();
        // No field is longer than what it is written as, and each but the last has a `;` after it.
        self.text.resize(record.len(), 0);
        self.ends.resize(record.len() + 1, 0);
        let (mut rest, mut written, mut ended) = (record, 0, 0);
        loop {
            let (text, ends) = (&mut self.text[written..], &mut self.ends[ended..]);
            let (result, read, more, fields) = self.reader.read_record(rest, text, ends);
            rest = &rest[read..];
            written += more;
            ended += fields;
            match result {
                // Asked again with nothing, it ends the record.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => break,
                // There is room for all of it.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => return None,
            }
        }
        let text = std::str::from_utf8(&self.text[..written]).ok()?;
        let mut fields = StringRecord::with_capacity(written, ended);
        let mut from = 0;
        for end in &self.ends[..ended] {
            fields.push_field(text.get(from..*end)?);
            from = *end;
        }
        Some(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn records_are_taken_apart_one_after_the_other() {
        let mut fields = Fields::default();
        let mut of = |record: &str| -> Vec<String> {
            let fields = fields.of(record.as_bytes()).expect("UTF-8");
            fields.iter().map(str::to_owned).collect()
        };
        assert_eq!(of("\u{feff}a;b;c"), ["a", "b", "c"]);
        assert_eq!(of(";;"), ["", "", ""]);
        assert_eq!(
            of("å;\"två; rader\nmed \"\"citat\"\"\";ö"),
            ["å", "två; rader\nmed \"citat\"", "ö"]
        );
        assert_eq!(of("a\rb;"), ["a\rb", ""]);
        assert_eq!(of("x"), ["x"]);
        assert!(of("").is_empty());
    }

    #[test]
    fn what_is_no_text_has_no_fields() {
        assert!(Fields::default().of(b"a;\xff").is_none());
    }
}
