//! Showing the second thing: what a right factor opens, and what a wrong one costs.

use jiff::Timestamp;

use super::code::{OneTimeCode, Way};
use super::contact::{Address, Contact};
use super::link::{Closed, Link};
use super::session::{Factor, Session};
use crate::ids::SessionId;

/// What was shown besides the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// A code word.
    Word {
        /// Whether it is the counterparty's.
        right: bool,
    },
    /// A one-time code.
    Code {
        /// The one it was held against.
        code: OneTimeCode,
        /// Whose that is.
        owner: &'a Contact,
        /// Whether it is that.
        right: bool,
    },
}

/// What came of it. Everything in it is to be saved, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The link: used, or tried once more.
    pub link: Link,
    /// The code: spent, or tried once more; `None` where none changed.
    pub code: Option<OneTimeCode>,
    /// The session, where the factor was right.
    pub session: Option<Session>,
}

/// Shows a factor besides a link.
///
/// # Errors
/// Why the link opens nothing, whatever is shown.
pub fn enter(
    id: SessionId,
    link: Link,
    contact: &Contact,
    shown: Shown<'_>,
    now: Timestamp,
) -> Result<Entered, Closed> {
    if !contact.active() || link.contact != contact.id {
        return Err(Closed::Revoked);
    }
    link.admits(now)?;
    let opened = |link: Link, code, factor| {
        let session = Session::begin(id, link.id, factor, now);
        Ok(Entered { link: link.pass(now)?, code, session: Some(session) })
    };
    match shown {
        Shown::Word { right: true } => opened(link, None, Factor::CodeWord),
        Shown::Word { right: false } => {
            Ok(Entered { link: link.refuse(now)?, code: None, session: None })
        }
        Shown::Code { code, owner, right } => {
            let theirs = owner.active()
                && code.contact == owner.id
                && owner.counterparty == contact.counterparty
                && (owner.id == contact.id || code.way == Way::Letter);
            if !theirs || code.admits(now).is_err() {
                return Ok(Entered { link: link.refuse(now)?, code: None, session: None });
            }
            if !right {
                let (link, code) = (link.refuse(now)?, Some(code.refuse(now)?));
                return Ok(Entered { link, code, session: None });
            }
            let factor = match (&contact.address, code.way) {
                (Address::Post, Way::Letter) => Factor::LetterAlone,
                (Address::Mail(_), Way::Letter) => Factor::Letter,
                (Address::Mail(_) | Address::Post, Way::Phone) => Factor::Phone,
            };
            let code = code.spend(link.id, now)?;
            opened(link, Some(code), factor)
        }
    }
}
