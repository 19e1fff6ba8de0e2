//! What the service does by itself, tenant by tenant.

mod contents;
mod digest;
mod forget;
mod ladder;
pub mod mail;
mod portal;
mod recipient;
mod reviews;
mod silence;

pub use ladder::{Lying, Standing};
pub(crate) use portal::REPLY;
pub use silence::SilenceTurn;
