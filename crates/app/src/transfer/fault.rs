//! What is wrong with a delivery, said so that whoever made the file finds the place.

use std::fmt;

use domain::personnummer;
use jiff::civil::Date;

/// How many faults are told one by one; a file in the wrong encoding has one on every line.
pub const MOST_FAULTS: usize = 1_000;

/// Longest piece of a given value that a message repeats, in characters.
const LONGEST_SHOWN: usize = 40;

/// One fault of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// The file.
    pub file: &'static str,
    /// The line an editor shows it on; the header is line 1.
    pub line: u64,
    /// The column, where it is one column's fault.
    pub column: Option<String>,
    /// What is wrong. Never holds a personal identity number.
    pub reason: String,
    /// What would be right.
    pub expected: String,
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}; {}", self.reason, self.expected)
    }
}

/// Every fault of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first of them, by file and line.
    pub kept: Vec<LineFault>,
    /// How many more there are.
    pub more: u64,
}

impl Faults {
    pub(super) fn push(&mut self, fault: LineFault) {
        if self.kept.len() < MOST_FAULTS {
            self.kept.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.kept.len() as u64 + self.more
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.kept {
            writeln!(f, "{fault}")?;
        }
        if self.more > 0 {
            writeln!(f, "and {} more", self.more)?;
        }
        Ok(())
    }
}

/// A given value as a message may repeat it: short, in one line, and without any personal identity
/// number, which may stand in the wrong column as well as in the right one.
pub(super) fn shown(value: &str, today: Date) -> String {
    let clean = personnummer::redact(value, &personnummer::find_in(value, today));
    let mut short: String = clean.chars().take(LONGEST_SHOWN).collect();
    if short.len() < clean.len() {
        short.push('…');
    }
    format!("{short:?}")
}

/// Why nothing was imported. Nothing of the delivery is in the database then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The delivery is faulty; every fault is named.
    #[error("{count} faults in the files; nothing was imported\n{0}", count = .0.count())]
    Refused(Faults),
    /// A file could not be read.
    #[error("{file}: {source}")]
    File {
        /// Which.
        file: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The tenant could not be made.
    #[error(transparent)]
    Tenant(#[from] crate::tenants::TenantError),
    /// The database failed.
    #[error("nothing was imported: {0}")]
    Store(#[from] store::Error),
}
