//! The JSON contract. Names change here and nowhere else.

pub mod case;
pub mod code;
pub mod command;
pub mod fault;
pub mod filing;
pub mod language;
pub mod page;
pub mod problem;
pub mod setup;
pub mod statistics;

pub use language::Language;
pub use problem::Problem;
