//! `/reports`: the report of a year.

pub(crate) mod format;
pub mod read;
