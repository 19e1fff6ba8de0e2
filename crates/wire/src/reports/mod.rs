//! The report of a year.

pub mod yearly;

pub use yearly::{YearlyAnswer, YearlyView};
