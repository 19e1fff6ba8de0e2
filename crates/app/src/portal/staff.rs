//! What we do about contacts, links and codes. Whoever registers an address does not make the code word,
//! and a link goes to the registered address alone: nobody of ours answers in a counterparty's name by
//! what one role may do.

use std::sync::Arc;

use domain::fault::{Fault, Reason};
use domain::ids::{CodeId, ContactId, CounterpartyId, EntryId, LinkId, MessageId};
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::policy::Act;
use domain::portal::{
    Address, Contact, Given, Link, OneTimeCode, Registrar, Way, code_word, in_fours, letter_code,
    phone_code, read_code,
};
use jiff::Timestamp;
use serde_json::json;
use store::{KeptCode, Message, PortalEntry, Tx};

use super::secrets::{STRETCHING, draw, keep_word};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::jobs::REPLY;
use crate::setup::{Refused, Trace};

/// An address to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContact {
    /// The e-mail address.
    pub email: String,
    /// Who or what is there.
    pub name: Option<String>,
}

/// A contact with its links, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactShown {
    /// The contact.
    pub contact: Contact,
    /// The links.
    pub links: Vec<Link>,
}

/// The contacts of a counterparty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactsShown {
    /// Each, in the order registered.
    pub contacts: Vec<ContactShown>,
    /// When the code word was set; `None` where there is none.
    pub word_set_at: Option<Timestamp>,
}

/// A code word that was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordSet {
    /// When.
    pub at: Timestamp,
    /// The word, where the service drew it: shown now and never again.
    pub drawn: Option<String>,
}

/// A one-time code, shown now and never again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeShown {
    /// The code, in fours.
    pub code: String,
    /// Until when it is taken.
    pub expires_at: Timestamp,
}

impl App {
    pub(super) fn portal_entry(
        &self,
        caller: &Caller,
        (contact, link): (ContactId, Option<LinkId>),
        act: &str,
        detail: Option<&str>,
    ) -> PortalEntry {
        PortalEntry {
            id: EntryId(self.new_id()),
            at: caller.now,
            contact,
            link,
            act: act.to_owned(),
            detail: detail.map(str::to_owned),
            request: caller.request,
            exposed: Vec::new(),
        }
    }

    /// The contacts of a counterparty, with their links.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn counterparty_contacts(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
    ) -> Result<ContactsShown, Error> {
        if caller.may(Act::ManageCounterparties).is_err() {
            caller.may(Act::SendForwarding)?;
        }
        let load = move |tx: &mut Tx<'_>| {
            tx.counterparty(counterparty)?;
            let contacts = tx.contacts_of(counterparty)?;
            let ids: Vec<_> = contacts.iter().map(|contact| contact.id).collect();
            let links = tx.portal_links_of(&ids)?;
            Ok::<_, store::Error>((contacts, links, tx.code_word(counterparty)?))
        };
        let (contacts, links, word) = self.store.read(caller.tenant_id(), load).await?;
        let shown = |contact: Contact| {
            let its = links.iter().filter(|link| link.contact == contact.id).cloned().collect();
            ContactShown { contact, links: its }
        };
        Ok(ContactsShown {
            contacts: contacts.into_iter().map(shown).collect(),
            word_set_at: word.map(|word| word.set_at),
        })
    }

    /// A contact of a counterparty, with its links.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for one of another counterparty.
    pub async fn counterparty_contact(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
        id: ContactId,
    ) -> Result<ContactShown, Error> {
        let shown = self.counterparty_contacts(caller, counterparty).await?;
        shown.contacts.into_iter().find(|it| it.contact.id == id).ok_or(Error::NotFound)
    }

    /// Registers an address of a counterparty. `render` makes the answer.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong.
    pub async fn register_contact(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
        new: NewContact,
        once: Option<Once>,
        render: impl Fn(&ContactShown) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::RegisterContacts)?;
        let load = move |tx: &mut Tx<'_>| {
            tx.counterparty(counterparty)?;
            tx.contacts_of(counterparty)
        };
        let others = self.store.read(caller.tenant_id(), load).await?;
        let by = Registrar::Staff(caller.staff.id);
        let given = (new.email.as_str(), new.name.as_deref());
        let id = ContactId(self.new_id());
        let contact = Contact::register(id, counterparty, given, by, &others, caller.now)
            .map_err(Error::Faults)?;
        let shown = ContactShown { contact: contact.clone(), links: Vec::new() };
        let answer = render(&shown);
        // An address may be a person's: the trail has the id alone.
        let details = json!({ "counterparty": counterparty });
        let trace =
            Trace::new(self, caller, "portal_contact.register", ("portal_contact", id.0), details);
        let entry = self.portal_entry(caller, (id, None), "contact.registered", None);
        let work = move |tx: &mut Tx<'_>| {
            tx.insert_contact(&contact)?;
            Ok(tx.add_rows(|rows| rows.portal_entry(&entry))?)
        };
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(|refused| match refused.conflict() {
            Some("portal_contacts_counterparty_id_email_key") => {
                Error::Faults(vec![Fault::at("/email", Reason::NotUnique)])
            }
            _ => refused.into_error(),
        })
    }

    /// Takes a registration back. Its links and sessions open nothing from that moment.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`]; [`Error::Stale`] when somebody else was faster.
    pub async fn revoke_contact(
        &self,
        caller: &Caller,
        shown: ContactShown,
        reason: &str,
    ) -> Result<ContactShown, Error> {
        caller.may(Act::ManageCounterparties)?;
        let (id, staff, now) = (shown.contact.id, caller.staff.id, caller.now);
        let contact = shown.contact.revoke(staff, reason, now).map_err(Error::Faults)?;
        let details = json!({ "counterparty": contact.counterparty, "version": contact.version });
        let trace =
            Trace::new(self, caller, "portal_contact.revoke", ("portal_contact", id.0), details);
        let entry = self.portal_entry(caller, (id, None), "contact.revoked", None);
        let row = contact.clone();
        let work = move |tx: &mut Tx<'_>| {
            tx.save_contact(&row)?;
            Ok(tx.add_rows(|rows| rows.portal_entry(&entry))?)
        };
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(ContactShown { contact, links: shown.links })
    }

    /// Sets the code word of a counterparty, or draws one. It is told by telephone, never by mail.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Faults`] for one that is too simple.
    pub async fn set_code_word(
        self: &Arc<Self>,
        caller: &Caller,
        counterparty: CounterpartyId,
        given: Option<String>,
    ) -> Result<WordSet, Error> {
        caller.may(Act::SendForwarding)?;
        let tenant = caller.tenant_id();
        self.store.read(tenant, move |tx| tx.counterparty(counterparty).map(|_| ())).await?;
        let (word, drawn) = match given {
            Some(given) => (code_word(&given).map_err(Error::Faults)?, None),
            None => {
                // Twelve signs: 60 bits, and no form of a one-time code.
                let code = letter_code(draw::<16>()?);
                let shown = in_fours(code.get(..12).unwrap_or(&code));
                let Given::Word(word) = read_code(&shown) else {
                    return Err(Error::Internal("a drawn word reads as a code".into()));
                };
                (word, Some(shown))
            }
        };
        let (app, by) = (Arc::clone(self), (caller.staff.id, caller.now));
        let turn = STRETCHING.acquire().await.ok();
        let work = move || keep_word(&app.sealer, (tenant, counterparty), &word, by);
        let kept = tokio::task::spawn_blocking(work).await;
        drop(turn);
        let kept = kept.map_err(|_| Error::Internal("stretching panicked".into()))??;
        let object = ("counterparty", counterparty.0);
        let trace = Trace::new(self, caller, "counterparty.code_word", object, json!({}));
        let work = move |tx: &mut Tx<'_>| Ok(tx.set_code_word(counterparty, &kept)?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(WordSet { at: caller.now, drawn })
    }

    /// Makes a link and has it mailed to the contact. Nobody of ours sees it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] for a contact without an address, or one revoked.
    pub async fn issue_link(
        &self,
        caller: &Caller,
        shown: &ContactShown,
        once: Option<Once>,
        render: impl Fn(&Link) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::SendForwarding)?;
        let contact = &shown.contact;
        let fault = |code| Err(Error::Faults(vec![Fault::at("", Reason::inconsistent(code))]));
        match &contact.address {
            Address::Post => return fault("contact_has_no_address"),
            Address::Mail(_) if !contact.active() => return fault("contact_is_revoked"),
            Address::Mail(_) => {}
        }
        let id = LinkId(self.new_id());
        let link = Link::issue(id, contact.id, None, Some(caller.staff.id), caller.now);
        let answer = render(&link);
        let details = json!({ "contact": contact.id });
        let trace = Trace::new(self, caller, "portal_link.issue", ("portal_link", id.0), details);
        let entry = self.portal_entry(caller, (contact.id, Some(id)), "link.issued", Some("staff"));
        let message = self.reply_mail(contact.id, id, Step::Reply, None, caller.now);
        let work = move |tx: &mut Tx<'_>| {
            tx.insert_link(&link)?;
            Ok(tx.add_rows(|rows| {
                rows.portal_entry(&entry);
                rows.message(&message);
            })?)
        };
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(Refused::into_error)
    }

    /// The mail that brings a link: how many wait, and the link; nothing else.
    pub(crate) fn reply_mail(
        &self,
        contact: ContactId,
        link: LinkId,
        step: Step,
        count: Option<usize>,
        now: Timestamp,
    ) -> Message {
        let notice = Notice {
            about: About::Everything,
            number: None,
            step,
            urgency: Urgency::Normal,
            to: Audience::Contact(contact),
            due_on: None,
            while_open: false,
        };
        Message {
            id: MessageId(self.new_id()),
            at: now,
            topic: "portal.link".to_owned(),
            case: None,
            payload: json!({ "notice": notice, REPLY: { "link": link, "count": count } }),
        }
    }

    /// Takes a link back.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Faults`]; [`Error::Stale`].
    pub async fn revoke_link(
        &self,
        caller: &Caller,
        shown: &ContactShown,
        id: LinkId,
        reason: &str,
    ) -> Result<Link, Error> {
        caller.may(Act::SendForwarding)?;
        let link = shown.links.iter().find(|link| link.id == id).ok_or(Error::NotFound)?;
        let (staff, now) = (caller.staff.id, caller.now);
        let link = link.clone().revoke(staff, reason, now).map_err(Error::Faults)?;
        let details = json!({ "contact": link.contact });
        let trace = Trace::new(self, caller, "portal_link.revoke", ("portal_link", id.0), details);
        let entry = self.portal_entry(caller, (link.contact, Some(id)), "link.revoked", None);
        let row = link.clone();
        let work = move |tx: &mut Tx<'_>| {
            tx.save_link(&row)?;
            Ok(tx.add_rows(|rows| rows.portal_entry(&entry))?)
        };
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(link)
    }

    /// Makes a one-time code to be read up by telephone. One made before is taken back.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] for a contact that is revoked.
    pub async fn issue_phone_code(
        &self,
        caller: &Caller,
        shown: &ContactShown,
    ) -> Result<CodeShown, Error> {
        caller.may(Act::SendForwarding)?;
        let (contact, tenant, now) = (&shown.contact, caller.tenant_id(), caller.now);
        if !contact.active() {
            let reason = Reason::inconsistent("contact_is_revoked");
            return Err(Error::Faults(vec![Fault::at("", reason)]));
        }
        let (id, whose) = (CodeId(self.new_id()), contact.id);
        let code = phone_code(u64::from_be_bytes(draw()?));
        let made = OneTimeCode::issue(id, whose, (Way::Phone, None), caller.staff.id, now);
        let expires_at = made.expires_at;
        let hash = self.sealer.code_hash(tenant, id, &code);
        let kept = KeptCode { code: made, locator: None, hash };
        let details = json!({ "contact": whose, "way": Way::Phone.code() });
        let trace = Trace::new(self, caller, "portal_code.issue", ("portal_code", id.0), details);
        let entry = self.portal_entry(caller, (whose, None), "code.issued", Some("phone"));
        let work = move |tx: &mut Tx<'_>| {
            for before in tx.unused_codes(whose, Way::Phone)? {
                let code = before.code.clone().revoke(now);
                tx.save_code(&KeptCode { code, ..before })?;
            }
            tx.insert_code(&kept)?;
            Ok(tx.add_rows(|rows| rows.portal_entry(&entry))?)
        };
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(CodeShown { code: in_fours(&code), expires_at })
    }
}
