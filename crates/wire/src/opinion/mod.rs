//! Synpunkter and klagomål in JSON.

pub mod ending;

pub use ending::EndingRequest;
