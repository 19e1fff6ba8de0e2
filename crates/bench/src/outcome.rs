//! What came out of one database.

use crate::measure::{Around, Sample};
use crate::open::Met;
use crate::service::Memory;

/// Something beside the bare database, measured before and after it.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What.
    pub what: String,
    /// Over HTTP.
    pub service: Sample,
    /// Without; `None` where there is nothing to hold it against.
    pub bare: Option<Around>,
}

/// Filing over so many connections, and the bare database before and after.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Connections, or clients.
    pub connections: usize,
    /// Over HTTP.
    pub service: Sample,
    /// Without.
    pub bare: Around,
}

/// Years by unit, category, law and month.
#[derive(Clone, Debug)]
pub struct Cube {
    /// Which.
    pub years: String,
    /// Cases it counts, without those of the years that it compares with.
    pub cases: i64,
    /// Rows of the answer.
    pub rows: usize,
    /// Over HTTP, one after the other.
    pub service: Sample,
    /// The statement alone.
    pub bare: Sample,
}

/// The process under filing.
#[derive(Clone, Debug)]
pub struct Process {
    /// From the start of the process to `/readyz`, in milliseconds, of each start.
    pub starts: Vec<f64>,
    /// Before the first request.
    pub idle: Memory,
    /// How many filings there were when memory was read.
    pub filings: u64,
    /// And what it was.
    pub loaded: Memory,
}

/// What keeping statistics costs.
#[derive(Clone, Copy, Debug)]
pub struct Cells {
    /// Filings that all fall in two cells.
    pub two: Sample,
    /// Filings over all units and categories, before and after.
    pub spread: Around,
    /// The bare database, with the rows of the statistics.
    pub with: Sample,
    /// Without, before and after.
    pub without: Around,
}

/// Filing about a new person, with a photo.
#[derive(Clone, Copy, Debug)]
pub struct Sealed {
    /// The filing alone.
    pub filing: Sample,
    /// The photo alone.
    pub photo: Sample,
    /// Both, one after the other, over several connections.
    pub both: Sample,
    /// The base filing without person and photo, before and after.
    pub base: Around,
}

/// Ending many cases.
#[derive(Clone, Copy, Debug)]
pub struct Many {
    /// Cases of a request.
    pub cases: usize,
    /// Requests of so many cases.
    pub together: Sample,
    /// Requests of one case each.
    pub alone: Sample,
}

/// Filing in many tenants at once.
#[derive(Clone, Copy, Debug)]
pub struct Tenants {
    /// How many.
    pub tenants: usize,
    /// Filings, each in the next tenant.
    pub filing: Sample,
}

/// Import and export.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    /// Cases.
    pub cases: u64,
    /// Rows that the import wrote.
    pub rows: u64,
    /// Seconds that the import took.
    pub import: f64,
    /// Seconds that the bare database took for the same rows, each time.
    pub bare: [f64; 2],
    /// Memory of the import.
    pub importing: Memory,
    /// Seconds that the export took.
    pub export: f64,
    /// Memory of the export.
    pub exporting: Memory,
}

/// What is asked beside many cases.
#[derive(Clone, Debug)]
pub struct Grown {
    /// How many cases there are.
    pub cases: i64,
    /// Seconds that it took to make them.
    pub made: f64,
    /// Bytes of the database a case.
    pub bytes: f64,
    /// Filing.
    pub filing: Sample,
    /// Filing beside the fewest cases, before and after; `None` of the fewest themselves.
    pub fewest: Option<Around>,
    /// Readings.
    pub reads: Vec<(&'static str, Sample)>,
    /// Figures.
    pub cubes: Vec<Cube>,
    /// Memory after all of it.
    pub memory: Memory,
}

/// Memory after so many minutes.
#[derive(Clone, Copy, Debug)]
pub struct Minute {
    /// Minutes.
    pub minute: u64,
    /// Requests answered by then.
    pub answered: u64,
    /// Memory.
    pub memory: Memory,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The database and its version.
    pub database: String,
    /// What the bare database is measured with.
    pub bare: &'static str,
    /// The tables a filing writes a row to, each as often as it does.
    pub tables: Vec<String>,
    /// MiB of the binary.
    pub binary: f64,
    /// The process.
    pub process: Option<Process>,
    /// Filing.
    pub levels: Vec<Level>,
    /// Reading over 16 connections.
    pub reads: Vec<Compared>,
    /// Figures.
    pub cubes: Vec<Cube>,
    /// The report of a year.
    pub report: Option<Compared>,
    /// Four readings in five requests: each kind.
    pub mixed: Vec<(&'static str, Sample)>,
    /// Filing at rates that do not wait.
    pub open: Vec<Met>,
    /// What statistics cost.
    pub cells: Option<Cells>,
    /// With a person and a photo.
    pub sealed: Option<Sealed>,
    /// Many cases ended at once.
    pub many: Option<Many>,
    /// Many tenants.
    pub tenants: Vec<Tenants>,
    /// Import and export.
    pub transfer: Option<Transfer>,
    /// Beside many cases.
    pub grown: Vec<Grown>,
    /// Over a long time.
    pub hour: Vec<Minute>,
    /// Lines the service logged at `warn` or above.
    pub logged: usize,
}

impl Outcome {
    /// Of a database of which nothing is measured yet.
    pub fn new(database: String, bare: &'static str, tables: Vec<String>) -> Self {
        Self {
            database,
            bare,
            tables,
            binary: f64::NAN,
            process: None,
            levels: Vec::new(),
            reads: Vec::new(),
            cubes: Vec::new(),
            report: None,
            mixed: Vec::new(),
            open: Vec::new(),
            cells: None,
            sealed: None,
            many: None,
            tenants: Vec::new(),
            transfer: None,
            grown: Vec::new(),
            hour: Vec::new(),
            logged: 0,
        }
    }
}
