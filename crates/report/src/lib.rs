//! Figures as files: pure functions of what the domain counted.

pub mod csv;
pub mod dossier;
pub mod ledger;
pub mod letter;
mod page;
