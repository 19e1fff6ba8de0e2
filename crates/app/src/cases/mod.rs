//! The use cases of a case: authorise, load, decide, save, record, queue.

mod execute;
mod file;
mod list;
mod read;
mod record;

pub use execute::CaseCommand;
pub use file::{NewCase, ReporterGiven};
pub use list::{CaseList, ListQuery};
pub use read::{Opened, SubjectInClear};
