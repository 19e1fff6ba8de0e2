//! The JSON contract. Names change here and nowhere else.

pub mod attachment;
pub mod beside;
pub mod board;
pub mod case;
pub mod clocks;
pub mod code;
pub mod command;
pub mod delegation;
pub mod duties;
pub mod escalation;
pub mod fault;
pub mod filed;
pub mod filing;
pub mod forms;
pub mod forwarding;
pub mod handover;
pub mod investigation;
pub mod language;
pub mod learning;
pub mod machine;
pub mod many;
pub mod measures;
pub mod page;
pub mod problem;
pub mod refile;
pub mod reporter;
pub mod sample;
pub mod settings;
pub mod setup;
pub mod statistics;
pub mod suggest;
pub mod words;
pub mod worklist;

pub use language::Language;
pub use problem::Problem;
