//! Contacts, links and codes, as our side sees them. No token and no code is ever shown twice, and a
//! link's token never.

use domain::portal as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An address to be registered.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "avvikelser@region.example", "name": "Avvikelsesamordnare"}))]
pub struct PortalContactRequest {
    /// The e-mail address, in ASCII.
    #[schema(max_length = 254)]
    pub email: String,
    /// Who or what is there.
    #[schema(max_length = 100)]
    pub name: Option<String>,
}

/// A code word to be set.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeWordRequest {
    /// The word, at least ten characters; drawn by the service unless given. Blanks and capitals do not
    /// count.
    #[schema(max_length = 100)]
    pub code_word: Option<String>,
}

/// A code word that was set.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CodeWordView {
    /// When.
    pub set_at: Timestamp,
    /// The word, where the service drew it: now and never again. Tell it by telephone.
    pub code_word: Option<String>,
}

/// A one-time code.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OneTimeCodeView {
    /// The code, in fours: now and never again.
    pub code: String,
    /// Until when it is taken.
    pub expires_at: Timestamp,
}

/// A link, without what is in the mail.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PortalLinkView {
    /// Its id.
    pub id: Uuid,
    /// The id of the contact.
    pub contact: Uuid,
    /// The id of the one forwarding it is about; `null` is everything open.
    pub only: Option<Uuid>,
    /// When it was made.
    pub issued_at: Timestamp,
    /// The staff id of who had it made; `null` is the service itself.
    pub issued_by: Option<Uuid>,
    /// Until when it opens the page.
    pub expires_at: Timestamp,
    /// `open`, `expired`, `locked` after too many wrong codes, or `revoked`.
    pub status: String,
    /// How many wrong codes were tried since a right one.
    pub failures: u16,
    /// When a right code came last.
    pub used_at: Option<Timestamp>,
    /// When it was locked or revoked.
    pub ended_at: Option<Timestamp>,
    /// Why it was revoked.
    pub ended_reason: Option<String>,
}

impl PortalLinkView {
    /// A link as it stands at `now`.
    pub fn new(link: &d::Link, now: Timestamp) -> Self {
        let (status, failures, used_at, ended_at, ended_reason) = match &link.state {
            d::LinkState::Open { failures, used_at } => {
                let status = if link.admits(now).is_ok() { "open" } else { "expired" };
                (status, *failures, *used_at, None, None)
            }
            d::LinkState::Locked { at } => ("locked", d::MOST_FAILURES, None, Some(*at), None),
            d::LinkState::Revoked { at, reason, .. } => {
                ("revoked", 0, None, Some(*at), Some(reason.clone()))
            }
        };
        Self {
            id: link.id.0,
            contact: link.contact.0,
            only: link.only.map(|id| id.0),
            issued_at: link.issued_at,
            issued_by: link.issued_by.map(|id| id.0),
            expires_at: link.expires_at,
            status: status.to_owned(),
            failures,
            used_at,
            ended_at,
            ended_reason,
        }
    }
}

/// A contact of a counterparty.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PortalContactView {
    /// Its id.
    pub id: Uuid,
    /// The e-mail address; `null` is whoever opens the letters.
    pub email: Option<String>,
    /// Who or what is there.
    pub name: Option<String>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// The staff id of who registered it.
    pub registered_by: Option<Uuid>,
    /// The id of the contact that handed over to it, where one did.
    pub handed_over_by: Option<Uuid>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Why.
    pub revoked_reason: Option<String>,
    /// The last day on which the service wrote to it.
    pub told_on: Option<Date>,
    /// Its links, newest first.
    pub links: Vec<PortalLinkView>,
    /// Grows with every change; the ETag is this in quotes.
    pub version: i64,
}

impl PortalContactView {
    /// A contact with its links as they stand at `now`.
    pub fn new(contact: &d::Contact, links: &[d::Link], now: Timestamp) -> Self {
        let (registered_by, handed_over_by) = match contact.registered_by {
            d::Registrar::Staff(staff) => (Some(staff.0), None),
            d::Registrar::Contact(other) => (None, Some(other.0)),
        };
        let (revoked_at, revoked_reason) = match &contact.state {
            d::ContactState::Registered => (None, None),
            d::ContactState::Revoked { at, reason, .. } => (Some(*at), Some(reason.clone())),
        };
        Self {
            id: contact.id.0,
            email: contact.address.mail().map(str::to_owned),
            name: contact.name.clone(),
            registered_at: contact.registered_at,
            registered_by,
            handed_over_by,
            revoked_at,
            revoked_reason,
            told_on: contact.told.on,
            links: links.iter().map(|link| PortalLinkView::new(link, now)).collect(),
            version: contact.version,
        }
    }
}

/// The contacts of a counterparty.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PortalContactsView {
    /// Each, in the order registered; revoked ones, too.
    pub items: Vec<PortalContactView>,
    /// When the code word was set; `null` where there is none.
    pub code_word_set_at: Option<Timestamp>,
}

/// A forwarding that was shown.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExposedView {
    /// Its id.
    pub forwarding: Uuid,
    /// Whether who it is about was shown.
    pub identity: bool,
}

/// One thing a contact did or saw, or that was done about their links.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PortalEntryView {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The id of the contact.
    pub contact: Uuid,
    /// The id of the link it went through.
    pub link: Option<Uuid>,
    /// What: `contact.registered`, `contact.revoked`, `contact.handed_over`, `link.issued`, `link.used`,
    /// `link.refused`, `link.locked`, `link.revoked`, `code.issued`, `code.refused`, `replies.read`,
    /// `reply.read`, `reply.answered`, `reply.asked`, `reply.attached`, `file.read`, `session.left`.
    pub act: String,
    /// More, as a code: the factor shown, why it was refused, what was answered.
    pub detail: Option<String>,
    /// What was shown.
    pub exposed: Vec<ExposedView>,
}
