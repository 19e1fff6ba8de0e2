//! The code on a letter: whoever holds the letter answers what it is about, without an account.

use domain::forwarding::Forwarding;
use domain::ids::{CodeId, ContactId};
use domain::policy::Act;
use domain::portal::{Contact, OneTimeCode, Way, in_fours, letter_code};
use jiff::Timestamp;
use serde_json::json;
use store::{KeptCode, Tx};

use super::TRIES;
use super::secrets::draw;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::{Refused, Trace};

/// What is printed on a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterCode {
    /// Where to type the code.
    pub address: String,
    /// The code, in fours. It stands on the letter and nowhere else.
    pub code: String,
    /// Until when it is taken.
    pub expires_at: Timestamp,
}

impl App {
    /// Makes the code of a letter about a forwarding that has left. One that was printed before is taken
    /// back: a letter printed again is the one that goes. `None` where the service does not know its own
    /// address, and so nobody could type it anywhere.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Unavailable`] and the like.
    pub async fn issue_letter_code(
        &self,
        caller: &Caller,
        forwarding: &Forwarding,
    ) -> Result<Option<LetterCode>, Error> {
        caller.may(Act::SendForwarding)?;
        let Some(plan) = self.mailing.plan() else { return Ok(None) };
        let address = format!("{}/{}/svar", plan.public_url, caller.tenant.slug);
        let (tenant, now, staff) = (caller.tenant_id(), caller.now, caller.staff.id);
        let (about, counterparty) = (forwarding.id, forwarding.counterparty);
        for _ in 0..TRIES {
            let load = move |tx: &mut Tx<'_>| tx.contacts_of(counterparty);
            let contacts = self.store.read(tenant, load).await?;
            let by_post =
                contacts.into_iter().find(|it| it.active() && it.address.mail().is_none());
            let new = by_post.is_none();
            let contact = by_post.unwrap_or_else(|| {
                Contact::by_post(ContactId(self.new_id()), counterparty, staff, now)
            });
            let (id, whose) = (CodeId(self.new_id()), contact.id);
            let code = letter_code(draw::<16>()?);
            let made = OneTimeCode::issue(id, whose, (Way::Letter, Some(about)), staff, now);
            let expires_at = made.expires_at;
            let locator = Some(self.sealer.code_locator(tenant, &code));
            let hash = self.sealer.code_hash(tenant, id, &code);
            let kept = KeptCode { code: made, locator, hash };
            let details =
                json!({ "contact": whose, "way": Way::Letter.code(), "forwarding": about });
            let object = ("portal_code", id.0);
            let trace = Trace::new(self, caller, "portal_code.issue", object, details);
            let entry = self.portal_entry(caller, (whose, None), "code.issued", Some("letter"));
            let work = move |tx: &mut Tx<'_>| {
                if new {
                    tx.insert_contact(&contact)?;
                }
                for before in tx.unused_codes(whose, Way::Letter)? {
                    if before.code.forwarding == Some(about) {
                        let code = before.code.clone().revoke(now);
                        tx.save_code(&KeptCode { code, ..before })?;
                    }
                }
                tx.insert_code(&kept)?;
                Ok(tx.add_rows(|rows| rows.portal_entry(&entry))?)
            };
            match self.change_set_up(caller, trace, work).await {
                Ok(()) => {
                    let code = in_fours(&code);
                    return Ok(Some(LetterCode { address, code, expires_at }));
                }
                // Another made the contact by post, printed the same letter, or drew the same locator.
                Err(Refused::Store(store::Error::Conflict { .. } | store::Error::Stale)) => {}
                Err(refused) => return Err(refused.into_error()),
            }
        }
        Err(Error::Unavailable("letters are printed all the time".to_owned()))
    }
}
