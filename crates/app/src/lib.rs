//! The use cases: authorise, load, decide, save, record, queue. No HTTP, no SQL.

pub mod board;
pub mod cases;
pub mod clocks;
pub mod context;
pub mod error;
pub mod escalations;
pub mod exposures;
pub mod figures;
pub mod forwardings;
pub(crate) mod groups;
pub mod handovers;
pub mod idempotency;
pub mod jobs;
pub mod keeping;
pub mod learning;
pub mod machines;
pub mod mailing;
pub mod opinions;
pub mod portal;
pub mod publications;
pub mod register;
pub mod reports;
pub mod reviews;
pub mod sealing;
pub mod setup;
pub mod signals;
pub mod survey;
pub mod tenants;
pub mod transfer;
pub mod worklist;

pub use context::{App, Caller, Clock, Identity, SetUp, Vouched};
pub use error::Error;
pub use idempotency::{Answer, Once};
