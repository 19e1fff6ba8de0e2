//! The public side: leaving an opinion, the receipt of it, files with it, and a new code for a lost one.

mod files;
mod leave;
mod receipt;
mod renewal;

pub use files::{HandedFile, LookedAt};
pub use leave::{AskedOnce, Left};
pub use renewal::RENEWAL_HOURS;
