//! Avvikelser between caregivers: what is sent and received, and the register of who is at the other
//! end.

mod acting;
mod assign;
pub mod counterparties;
mod draft;
mod execute;
mod leaving;
mod ledger;
mod list;
mod notices;
mod read;
mod record;

pub use acting::Acting;
pub use assign::Assigning;
pub use draft::{DraftGiven, ReceivedGiven};
pub use execute::ForwardingCommand;
pub(crate) use list::{Cases, awaiting, cases_of, waiting};
pub use list::{ForwardingPage, ForwardingQuery};
pub use read::OpenedForwarding;
pub use record::{ForwardingRecord, Identity};

/// The table whose name goes into the envelopes of identities that go along.
pub const SUBJECTS: &str = "forwarding_subjects";
