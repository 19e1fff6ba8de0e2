//! Mail: what it says, what it looks like on the wire, and how it gets to the server.
//!
//! A mail tells a number, a step, how urgent it is, a day and where to look. There is no place in it
//! for a text, a name or a unit: what is rendered is a [`domain::notice::Notice`], which has none.

mod address;
mod message;
mod smtp;
mod template;
mod transport;
mod url;

pub use address::{Address, BadAddress, Sender};
pub use message::Mail;
pub use smtp::{Smtp, SmtpSettings};
pub use template::{Digest, Letter, Rendered, ReplyMail, render};
pub use transport::{Session, Transport, Undelivered};
pub use url::{BadUrl, Security, SmtpUrl};
