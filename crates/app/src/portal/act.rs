//! What a contact does on their page: answers, asks back, hands over. Each is said once, however often it
//! is sent, and leaves the same trail as what one of ours does.

use domain::fault::{Fault, Reason};
use domain::forwarding::{
    Answer, Around, Changed, Channel, Forwarding, Rejected, Remark, Short, Side,
};
use domain::ids::{ContactId, EntryId, ExchangeId, ForwardingId, MessageId, StaffId};
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::portal::{Contact, Registrar};
use serde_json::json;
use store::{AuditEntry, Message, PortalEntry, Tx};

use super::record::Record;
use super::{TRIES, Visitor};
use crate::context::App;
use crate::error::Error;
use crate::forwardings::Acting;

/// What a contact says about one forwarding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saying {
    /// An answer.
    Answer {
        /// In a word.
        short: Short,
        /// In words.
        text: Option<String>,
        /// The diarienummer it has there.
        diary_number: Option<String>,
    },
    /// A question back.
    Question {
        /// The question.
        text: String,
    },
    /// A word that asks for nothing.
    Remark {
        /// The words.
        text: String,
    },
}

/// Something said, under its id: the same id twice is said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidByContact {
    /// Its id.
    pub id: ExchangeId,
    /// What.
    pub what: Saying,
}

impl Saying {
    fn act(&self) -> &'static str {
        match self {
            Saying::Answer { .. } => "reply.answered",
            Saying::Question { .. } | Saying::Remark { .. } => "reply.asked",
        }
    }

    fn detail(&self) -> Option<&'static str> {
        match self {
            Saying::Answer { short, .. } => Some(short.code()),
            Saying::Question { .. } | Saying::Remark { .. } => None,
        }
    }
}

/// A text, if it says anything.
fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Carries it out on a forwarding.
fn carried_out(
    forwarding: Forwarding,
    said: SaidByContact,
    contact: ContactId,
    around: Around<'_>,
) -> Result<Changed, Rejected> {
    let (id, channel, contact) = (said.id, Channel::Portal, Some(contact));
    let remark = |text: String, asks: bool| Remark {
        id,
        from: Side::Them,
        channel,
        asks,
        text,
        at: None,
        attachments: Vec::new(),
        contact,
    };
    match said.what {
        Saying::Answer { short, text, diary_number } => {
            let (text, diary_number) = (filled(text), filled(diary_number));
            let answer = Answer {
                id,
                channel,
                short,
                text,
                diary_number,
                at: None,
                attachments: Vec::new(),
                contact,
            };
            forwarding.take_answer(answer, around)
        }
        Saying::Question { text } => forwarding.converse(remark(text, true), around),
        Saying::Remark { text } => forwarding.converse(remark(text, false), around),
    }
}

impl App {
    /// Says something about a forwarding that the contact sees. Gives it as it stands then, and whether
    /// anything was new.
    ///
    /// # Errors
    /// [`Error::FactorNeeded`]; [`Error::NotFound`] for one they do not see; [`Error::State`] where it
    /// takes that no more; [`Error::Faults`].
    pub async fn say_by_portal(
        &self,
        visitor: &Visitor,
        id: ForwardingId,
        said: SaidByContact,
    ) -> Result<Forwarding, Error> {
        let (tenant, contact) = (visitor.tenant.id, visitor.contact.id);
        let acting = self.acting(visitor).await?;
        for _ in 0..TRIES {
            let seen = self.visible_alone(visitor, id).await?;
            let (act, detail) = (said.what.act(), said.what.detail());
            let changed = match carried_out(seen.clone(), said.clone(), contact, acting.around()) {
                Ok(changed) => changed,
                Err(Rejected::AlreadySaid) => return Ok(seen),
                Err(rejected) => return Err(rejected.into()),
            };
            let mut entry = visitor.entry(self, act, detail);
            entry.exposed = vec![(id, false)];
            let after = changed.forwarding.clone();
            let record = Record::new(self, &acting, (seen, changed), entry);
            match self.store.write(tenant, move |tx| record.write(tx)).await {
                Ok(()) => return Ok(after),
                Err(store::Error::Stale | store::Error::Conflict { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("the forwarding changes all the time".to_owned()))
    }

    /// A contact's hand, in the counterparty's name.
    pub(super) async fn acting(&self, visitor: &Visitor) -> Result<Acting, Error> {
        let contact = Some(visitor.contact.id);
        let acting = self.counterparty_acts(&visitor.tenant, contact, visitor.request).await?;
        Ok(Acting { now: visitor.now, ..acting })
    }

    /// Registers a colleague at the same house, who gets mails and a link of their own; our side is told.
    ///
    /// # Errors
    /// [`Error::FactorNeeded`]; [`Error::Faults`] for an address that is none, known, or of another house.
    pub async fn hand_over_portal(
        &self,
        visitor: &Visitor,
        email: &str,
        name: Option<&str>,
    ) -> Result<(), Error> {
        let session = visitor.session()?;
        if !session.factor.is_second() {
            // Whoever opened a letter has shown one thing.
            return Err(Error::Forbidden);
        }
        let (tenant, now, from) = (visitor.tenant.id, visitor.now, &visitor.contact);
        let counterparty = from.counterparty;
        let load = move |tx: &mut Tx<'_>| tx.contacts_of(counterparty);
        let others = self.store.read(tenant, load).await?;
        let (id, by) = (ContactId(self.new_id()), Registrar::Contact(from.id));
        let contact = Contact::register(id, counterparty, (email, name), by, &others, now)
            .map_err(Error::Faults)?;
        let audit =
            self.contacts_audit(visitor, "portal_contact.hand_over", ("portal_contact", id.0));
        let mut entry = visitor.entry(self, "contact.handed_over", None);
        entry.contact = from.id;
        let new = PortalEntry {
            id: EntryId(self.new_id()),
            contact: id,
            link: None,
            act: "contact.registered".to_owned(),
            ..entry.clone()
        };
        let told = registrar(from, &others).map(|staff| Message {
            id: MessageId(self.new_id()),
            at: now,
            topic: "portal.handed_over".to_owned(),
            case: None,
            payload: json!({ "notice": Notice {
                about: About::Everything,
                number: None,
                step: Step::ContactHandedOver,
                urgency: Urgency::Normal,
                to: Audience::Staff(staff),
                due_on: None,
                while_open: false,
            } }),
        });
        let write = move |tx: &mut Tx<'_>| {
            tx.insert_contact(&contact)?;
            tx.add_rows(|rows| {
                rows.audit(&audit);
                rows.portal_entry(&entry);
                rows.portal_entry(&new);
                told.iter().for_each(|message| rows.message(message));
            })
        };
        match self.store.write(tenant, write).await {
            Err(error) if error.conflict().is_some() => {
                Err(Error::Faults(vec![Fault::at("/email", Reason::NotUnique)]))
            }
            done => Ok(done?),
        }
    }

    /// The trail of what a contact did: who it was is told by id alone.
    pub(super) fn contacts_audit(
        &self,
        visitor: &Visitor,
        action: &str,
        (object_kind, object): (&'static str, uuid::Uuid),
    ) -> AuditEntry {
        AuditEntry {
            id: EntryId(self.new_id()),
            at: visitor.now,
            by: None,
            action: action.to_owned(),
            object_kind,
            object,
            details: json!({ "contact": visitor.contact.id, "link": visitor.link.id }),
            request: visitor.request,
        }
    }
}

/// Who of ours registered a contact, or the one they got it from.
fn registrar(contact: &Contact, others: &[Contact]) -> Option<StaffId> {
    let mut at = contact.registered_by;
    for _ in 0..=others.len() {
        match at {
            Registrar::Staff(staff) => return Some(staff),
            Registrar::Contact(id) => {
                at = others.iter().find(|other| other.id == id)?.registered_by;
            }
        }
    }
    None
}
