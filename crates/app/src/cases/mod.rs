//! The use cases of a case: authorise, load, decide, save, record, queue.

mod attachments;
mod execute;
mod file;
mod investigations;
mod join;
mod list;
mod many;
mod measures;
mod notice;
mod read;
pub(crate) mod record;
mod refile;
mod reporter;
mod samples;
mod series;
mod together;

pub use attachments::{ContentInClear, Handed};
pub use execute::CaseCommand;
pub use file::{NewCase, ReporterGiven};
pub use investigations::{Joining, OpenedInvestigation};
pub use list::{CaseList, ListQuery};
pub use many::{ForEach, OfEach};
pub use measures::{LikeIt, MeasurePage, MeasureQuery};
pub(crate) use read::access_entry;
pub use read::{Opened, SubjectInClear};
pub use reporter::{Followed, OwnPage};
