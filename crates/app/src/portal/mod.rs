//! Answering without an account: what a counterparty's contact does on their page, and what we do about
//! contacts, links and codes. Two things open the page, each gone another way: see `domain::portal`.

mod act;
mod files;
mod letter;
mod log;
mod read;
mod record;
mod secrets;
mod staff;
mod visit;

use domain::forwarding::Counterparty;
use domain::ids::EntryId;
use domain::organisation::Tenant;
use domain::portal::{Contact, Link, Session};
use jiff::Timestamp;
use store::PortalEntry;
use uuid::Uuid;

use crate::context::App;
use crate::error::Error;

pub use act::{SaidByContact, Saying};
pub use files::{FileHanded, FileInClear};
pub use letter::LetterCode;
pub use read::{RepliesShown, Reply};
pub use staff::{CodeShown, ContactShown, ContactsShown, NewContact, WordSet};
pub use visit::Let;

/// How often what others changed meanwhile is tried anew.
const TRIES: usize = 5;

/// Somebody who came by a link that opens.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The sender.
    pub tenant: Tenant,
    /// The link.
    pub link: Link,
    /// To whom it went.
    pub contact: Contact,
    /// For whom they speak.
    pub counterparty: Counterparty,
    /// The session, once they have shown the factor.
    pub session: Option<Session>,
    /// When the request came.
    pub now: Timestamp,
    /// The request's id.
    pub request: Uuid,
}

impl Visitor {
    /// The session.
    ///
    /// # Errors
    /// [`Error::FactorNeeded`] before the factor.
    pub fn session(&self) -> Result<&Session, Error> {
        self.session.as_ref().ok_or(Error::FactorNeeded)
    }

    /// An entry of what they do, without what it exposes.
    fn entry(&self, app: &App, act: &str, detail: Option<&str>) -> PortalEntry {
        PortalEntry {
            id: EntryId(app.new_id()),
            at: self.now,
            contact: self.contact.id,
            link: Some(self.link.id),
            act: act.to_owned(),
            detail: detail.map(str::to_owned),
            request: self.request,
            exposed: Vec::new(),
        }
    }
}
