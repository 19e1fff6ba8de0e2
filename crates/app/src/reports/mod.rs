//! The report of a year.

mod gather;
mod public;
mod read;

pub use gather::gather;
pub use public::{MarksShown, PublicReport, PublicYear, Published};
pub use read::YearlyQuery;
