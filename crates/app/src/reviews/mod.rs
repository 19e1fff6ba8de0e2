//! Half-yearly reviews of units, and the same page for a month.

mod command;
mod gather;
mod notices;
mod persons;
mod read;
mod record;
mod shown;
mod signals;

pub use command::{Improved, ReviewCommand};
pub use gather::gather;
pub use persons::PersonsAgain;
pub use read::{FollowUp, ReviewPage, ReviewQuery, ReviewShown};
pub(crate) use record::ReviewRecord;
pub use shown::tag;
pub use signals::PageSignals;
