//! What handlers are handed: who calls, on what condition, with what body.

mod body;
mod caller;
pub(crate) mod conditions;
pub(crate) mod upload;

pub use body::Body;
pub use caller::{CalledBy, Spoken, VARIES_BY};
pub use conditions::{Conditions, etag};
pub use upload::Upload;
