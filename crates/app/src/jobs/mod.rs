//! What the service does by itself, tenant by tenant.

mod contents;
mod digest;
mod forget;
mod ladder;
pub mod mail;
mod recipient;
mod silence;

pub use ladder::{Lying, Standing};
pub use silence::SilenceTurn;
