//! What the service does by itself, tenant by tenant.

mod contents;
mod digest;
mod figures;
mod forget;
mod ladder;
pub mod mail;
mod portal;
mod recipient;
mod retention;
mod reviews;
mod silence;

pub use figures::{FOLD_EVERY, FoldTurn, Folding, Unfolded};
pub use ladder::{Lying, Standing};
pub(crate) use portal::REPLY;
pub use retention::RetentionTurn;
pub use silence::SilenceTurn;
