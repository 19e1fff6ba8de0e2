//! Cases and what belongs to them, on both databases.

#[path = "cases/access_log.rs"]
mod access_log;
#[path = "cases/briefs.rs"]
mod briefs;
#[path = "cases/checks.rs"]
mod checks;
mod common;
#[path = "cases/facts.rs"]
mod facts;
#[path = "cases/lists.rs"]
mod lists;
#[path = "cases/mail.rs"]
mod mail;
#[path = "cases/races.rs"]
mod races;
#[path = "cases/records.rs"]
mod records;
#[path = "cases/round_trip.rs"]
mod round_trip;
#[path = "cases/samples.rs"]
mod samples;
#[path = "cases/statements.rs"]
mod statements;
