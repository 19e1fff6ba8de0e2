//! What the service does by itself, tenant by tenant.

mod contents;
mod digest;
mod forget;
pub mod mail;
mod recipient;
