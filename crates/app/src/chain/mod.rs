//! The chain over everything that was changed and read: what was written down cannot be altered unseen.
//!
//! h(n) = SHA-256(h(n−1) ‖ entry), one chain a tenant, from 32 zero bytes. A job gives the places, after
//! the fact: no filing waits for another. What a change says of a person is not in the chain but behind
//! a salted commitment, so that it can be erased and the chain still holds. Where a chain ends is written
//! outside the database, signed; else whoever cuts off its end leaves no trace.

mod commitment;
mod head;
mod link;
mod text;
mod turn;
mod verify;

pub use commitment::Commitment;
pub use head::{HeadFault, SignedHead, signed_head};
pub use turn::{Chaining, TURN_EVERY, Turn, Waiting};
pub use verify::{ChainFault, FaultKind, Verdict, verify};
