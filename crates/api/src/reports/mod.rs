//! `/reports`: the report of a year.

pub mod read;
