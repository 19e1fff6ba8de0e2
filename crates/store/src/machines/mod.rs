//! From machine to machine: keys, systems of counterparties, and what is sent to and taken from them.

mod keys;
mod messages;
mod peers;
mod threads;

pub use messages::TakenMessage;
