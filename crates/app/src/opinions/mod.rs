//! The use cases of opinions (synpunkter och klagomål): what the public leaves and follows, and how it is
//! handled to its end.

mod command;
mod concern;
mod diary;
mod outside;
pub mod public;
mod read;
mod sender;
mod solved;
mod spin_off;

pub(crate) use command::Alongside;
pub use command::OpinionCommand;
pub use outside::{Door, NewOpinion, TakenOpinion};
pub use read::OpinionRead;
pub(crate) use sender::SENDERS;
pub(crate) use solved::OnTheSpot;
pub use solved::Solved;
pub use spin_off::SpinOff;

/// The constraint by which a number in the municipality's diary is one opinion's.
pub(crate) const DIARY_NUMBER: &str = "opinions_diary_number_key";
