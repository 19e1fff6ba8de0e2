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
pub(crate) mod read;
pub(crate) mod record;
mod refile;
mod reporter;
mod samples;
mod series;
mod together;
mod whole;

pub(crate) use attachments::refused_file;
pub use attachments::{ContentInClear, Handed};
pub use execute::CaseCommand;
pub(crate) use execute::lost_a_race;
pub(crate) use file::DRAWS;
pub use file::{NewCase, ReporterGiven};
pub use investigations::{Joining, OpenedInvestigation};
pub use list::{CaseList, ListQuery};
pub use many::{ForEach, OfEach};
pub use measures::{LikeIt, MeasurePage, MeasureQuery};
pub(crate) use read::access_entry;
pub use read::{Opened, SubjectInClear};
pub(crate) use record::Record;
pub use reporter::{Followed, OwnPage};
pub use whole::{RecordFile, TakenRecord, sha256};
