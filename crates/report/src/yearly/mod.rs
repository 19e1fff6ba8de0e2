//! The report of a year in every format there is: CSV for programs, a workbook to calculate with, a document to
//! write on in, and a page to read and to print.
//!
//! All of them are made of one [`Yearly`] and nothing else, so a figure is the same in each of them, and the
//! same report is the same bytes: nothing here reads a clock, draws a number or depends on an order of memory.

mod chart;
mod csv;
mod docx;
mod grid;
mod html;
mod outline;
mod package;
mod words;
pub(crate) mod xlsx;

use jiff::Timestamp;

use domain::yearly::Yearly;

pub use csv::csv_zip;
pub use docx::docx;
pub use html::{Decided, STYLE, Sheet, Watch, html, sheet};
pub(crate) use package::Package;
pub use xlsx::xlsx;

/// What is printed about the report beside what it says: whether it is final, and how that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// When it was frozen; `None` while the figures still change.
    pub locked_at: Option<Timestamp>,
    /// Which version, where there are versions.
    pub version: Option<u32>,
    /// Where it stands: `open`, `locked`, `checked`, `established`.
    pub state: &'a str,
    /// The SHA-256 of what was frozen, in hexadecimal digits.
    pub sha256: Option<&'a str>,
}

impl Stamp<'_> {
    /// The age of every file that is made of the report: when it was frozen, else when it was read.
    fn at(&self, report: &Yearly) -> Timestamp {
        self.locked_at.unwrap_or(report.read_at)
    }
}

/// Why a file could not be made. None is expected: all of it happens in memory.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The CSV writer.
    #[error("csv: {0}")]
    Csv(#[from] ::csv::Error),
    /// The workbook's writer.
    #[error("xlsx: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The archive around the files.
    #[error("zip: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// Writing.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
