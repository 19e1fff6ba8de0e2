//! Figures and matters as files: pure functions of what the domain made.

pub mod archive;
pub mod catalogue;
pub mod csv;
pub mod disclosure;
pub mod dossier;
pub mod laid;
pub mod ledger;
pub mod letter;
pub mod log_extract;
mod page;
pub mod record;
pub mod register;
pub mod xlsx;
pub mod yearly;
