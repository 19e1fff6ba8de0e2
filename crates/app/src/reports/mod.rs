//! The report of a year.

mod gather;
mod read;

pub use gather::gather;
pub use read::YearlyQuery;
