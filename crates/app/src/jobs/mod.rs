//! What the service does by itself, tenant by tenant.

mod contents;
mod forget;
mod ladder;

pub use ladder::{Lying, Standing};
