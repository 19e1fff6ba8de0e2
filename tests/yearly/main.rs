//! The report of a year: against a published one, against a plain recount, and how fast it is.

mod askersund;
mod beside;
mod beside_recount;
mod cube;
mod handled;
mod lex;
mod log_checks;
mod marks;
mod million;
mod recount;
mod swedish;
mod world;
