//! The use cases of opinions (synpunkter och klagomål): what the public leaves and follows, and how it is
//! handled to its end.

mod concern;
mod outside;
pub mod public;
mod sender;

pub use outside::{Door, NewOpinion, TakenOpinion};
