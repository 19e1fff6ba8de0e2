//! A new code for a lost one, for whoever left an address.
//!
//! The mail has a link that opens once, for a while, and then shows a new code. Not the code itself: a mail
//! lies in boxes and on servers for years, and whoever reads it there later would read the matter. Nor does
//! asking for one change anything: the code that was thought lost holds until the link is used, so that
//! nobody is locked out by somebody else's asking.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{EntryId, MessageId, TenantId};
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::receipt::ReceiptCode;
use jiff::SignedDuration;
use serde_json::json;
use store::{Additions, AuditEntry, Message, Renewal};
use uuid::Uuid;

use super::super::Door;
use crate::context::App;
use crate::error::Error;

/// For how many hours a link opens.
pub const RENEWAL_HOURS: i64 = 24;
/// How long nobody is sent another link for the same matter.
const QUIET: SignedDuration = SignedDuration::from_hours(1);
/// How many matters of one sender are looked after at once: the latest.
const MOST: usize = 5;
/// What the keyed hashes of links are for.
const PURPOSE: &str = "receipt renewal";
/// How much of the keyed hash a link has, in bytes.
const TAG: usize = 16;

impl App {
    /// The part of a link that opens: the id of its message with a keyed hash. Nothing of it is kept; it is
    /// made when the mail leaves.
    pub(crate) fn renewal_token(&self, tenant: TenantId, id: MessageId) -> String {
        let tag = self.sealer.mac(PURPOSE, &[tenant.0.as_bytes(), id.0.as_bytes()]);
        let tag = tag.get(..TAG).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([id.0.as_bytes().as_slice(), tag].concat())
    }

    /// The message of a link.
    fn renewal_of(&self, tenant: TenantId, token: &str) -> Result<MessageId, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::NotFound)?;
        let (id, tag) = bytes.split_first_chunk::<16>().ok_or(Error::NotFound)?;
        let id = MessageId(Uuid::from_bytes(*id));
        let parts = [tenant.0.as_bytes().as_slice(), id.0.as_bytes()];
        let same = self.sealer.mac_begins(PURPOSE, &parts, tag, TAG);
        if same { Ok(id) } else { Err(Error::NotFound) }
    }

    /// Has links to new codes sent to whoever left something from this address. Nothing is said of whether
    /// there was anybody.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn send_new_codes(&self, door: &Door, email: &str) -> Result<usize, Error> {
        let (tenant, now) = (door.tenant.id, door.now);
        let Some(contact) = self.contact_hash(tenant, email) else { return Ok(0) };
        let find =
            move |tx: &mut store::Tx<'_>| tx.receipts_of_contact(&contact, now - QUIET, MOST);
        let cases = self.store.read(tenant, find).await?;
        let mut rows = Additions::to(tenant);
        for case in &cases {
            let id = MessageId(self.new_id());
            let expires_at = now + SignedDuration::from_hours(RENEWAL_HOURS);
            rows.renewal(&Renewal { id, case: *case, sent_at: now, expires_at });
            let notice = Notice {
                about: About::Case(*case),
                number: None,
                step: Step::NewReceipt,
                // Somebody waits for it.
                urgency: Urgency::Urgent,
                to: Audience::Sender,
                due_on: None,
                while_open: false,
            };
            rows.message(&Message {
                id,
                at: now,
                topic: "sender.new_receipt".to_owned(),
                case: Some(*case),
                payload: json!({ "notice": notice }),
            });
        }
        if !cases.is_empty() {
            self.store.add(rows).await?;
        }
        Ok(cases.len())
    }

    /// Whether a link still opens.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it does not.
    pub async fn new_code_waits(&self, door: &Door, token: &str) -> Result<(), Error> {
        let (tenant, now) = (door.tenant.id, door.now);
        let id = self.renewal_of(tenant, token)?;
        let waits = self.store.read(tenant, move |tx| tx.renewal_opens(id, now)).await?;
        if waits { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Uses up a link: a new code, and the one before opens nothing any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the link does not open.
    pub async fn take_new_code(&self, door: &Door, token: &str) -> Result<ReceiptCode, Error> {
        let (tenant, now) = (door.tenant.id, door.now);
        let id = self.renewal_of(tenant, token)?;
        let code = self.drawn_code();
        let hash = self.receipt_hash(tenant, code);
        let (entry, request) = (EntryId(self.new_id()), door.request);
        let renew = move |tx: &mut store::Tx<'_>| {
            let Some(case) = tx.renew_receipt(id, &hash, now)? else { return Ok(false) };
            let audit = AuditEntry {
                id: entry,
                at: now,
                by: None,
                action: "receipt.renewed".to_owned(),
                object_kind: "case",
                object: case.0,
                details: json!({}),
                request,
            };
            tx.add_rows(|rows| rows.audit(&audit))?;
            Ok::<_, store::Error>(true)
        };
        if self.store.write(tenant, renew).await? { Ok(code) } else { Err(Error::NotFound) }
    }
}
