//! What is measured, a part a file.

pub mod cells;
pub mod figures;
pub mod grown;
pub mod hour;
pub mod levels;
pub mod many;
pub mod mixed;
pub mod open;
pub mod reads;
pub mod sealed;
pub mod tenants;
pub mod transfer;
