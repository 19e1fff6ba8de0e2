//! What people outside see and send, without a login.

pub mod form;
pub mod limit;
pub mod page;
pub mod source;
