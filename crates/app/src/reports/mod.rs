//! The report of a year.

mod confirm;
mod gather;
mod own;
mod public;
mod read;
mod shared;
mod state;
mod text;

pub use confirm::{TextShown, TextsShown};
pub use gather::gather;
pub use own::Imported;
pub use public::{MarksShown, PublicReport, PublicYear, Published};
pub use read::{Which, YearlyQuery, YearlyShown};
pub use shared::{PartnerShown, Shared};
pub use state::{BoardCommand, Establishing, Frozen, established, frozen, read_content, whole};
pub use store::{FrozenHead, FrozenVersion, SharedLine};
pub use text::{Asking, GoalCommand, NewGoal};
