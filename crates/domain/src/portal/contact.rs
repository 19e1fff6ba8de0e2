//! Whom we write to at a counterparty: an address, registered once.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::fault::{Fault, Reason};
use crate::ids::{ContactId, CounterpartyId, StaffId};

/// The longest address, in characters.
const LONGEST_ADDRESS: usize = 254;
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// How a contact is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// By e-mail.
    Mail(String),
    /// By letter to the counterparty: whoever opens it.
    Post,
}

impl Address {
    /// The e-mail address, where it has one.
    pub fn mail(&self) -> Option<&str> {
        match self {
            Address::Mail(address) => Some(address),
            Address::Post => None,
        }
    }
}

/// Who registered a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registrar {
    /// One of ours.
    Staff(StaffId),
    /// A contact who handed over to a colleague.
    Contact(ContactId),
}

/// Where a contact stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactState {
    /// They are written to, and may answer.
    Registered,
    /// They are not, any more.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// By whom.
        by: StaffId,
        /// Why.
        reason: String,
    },
}

/// What a contact has been told of by mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// When the newest forwarding was sent that they have been told of.
    pub until: Option<Timestamp>,
    /// The last day on which they were written to.
    pub on: Option<Date>,
    /// The Monday of the last week that had a digest, or needed none.
    pub week: Option<Date>,
}

/// One contact of a counterparty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Whose.
    pub counterparty: CounterpartyId,
    /// How they are reached.
    pub address: Address,
    /// Who or what is there: a person, a function.
    pub name: Option<String>,
    /// When they were registered.
    pub registered_at: Timestamp,
    /// By whom.
    pub registered_by: Registrar,
    /// Where they stand.
    pub state: ContactState,
    /// What they were told.
    pub told: Told,
    /// Grows by one with every change but those of what they were told.
    pub version: i64,
}

/// An address as it is kept: without outer blanks, in small letters.
pub fn cleaned(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Whether a text has the form of an e-mail address that every server takes.
fn is_address(text: &str) -> bool {
    let plain = text.len() <= LONGEST_ADDRESS && text.chars().all(|sign| sign.is_ascii_graphic());
    let parts = text.split_once('@').filter(|(_, domain)| !domain.contains('@'));
    let named = parts.is_some_and(|(local, domain)| {
        let labels = domain.split('.').collect::<Vec<_>>();
        let label = |label: &&str| {
            !label.is_empty() && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        };
        !local.is_empty()
            && local
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&it))
            && labels.len() > 1
            && labels.iter().all(label)
    });
    plain && named
}

/// What follows the `@`.
fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

impl Contact {
    /// A new contact that is reached by mail. `others` are those of the same counterparty.
    ///
    /// # Errors
    /// Everything that is wrong: no address, one that is registered already, a name too long; and,
    /// from a contact, an address of another house than their own.
    pub fn register(
        id: ContactId,
        counterparty: CounterpartyId,
        (email, name): (&str, Option<&str>),
        by: Registrar,
        others: &[Contact],
        now: Timestamp,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let email = cleaned(email);
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let active = || others.iter().filter(|other| other.active());
        if email.is_empty() {
            faults.push(Fault::at("/email", Reason::Required));
        } else if !is_address(&email) {
            let expected = "an e-mail address, such as avvikelser@region.se".to_owned();
            faults.push(Fault::at("/email", Reason::WrongType { expected }));
        } else if active().any(|other| other.address.mail() == Some(&email)) {
            faults.push(Fault::at("/email", Reason::NotUnique));
        } else if let Registrar::Contact(_) = by {
            let mut houses = active().filter_map(|other| other.address.mail()).map(domain_of);
            if !houses.any(|house| house == domain_of(&email)) {
                let reason = Reason::inconsistent("address_of_another_house");
                faults.push(Fault::at("/email", reason));
            }
        }
        if name.is_some_and(|name| name.chars().count() > LONGEST_NAME) {
            faults.push(Fault::at("/name", Reason::TooLong { max: LONGEST_NAME }));
        } else if name.is_some_and(|name| name.chars().any(char::is_control)) {
            let expected = "one line of text".to_owned();
            faults.push(Fault::at("/name", Reason::WrongType { expected }));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let name = name.map(str::to_owned);
        Ok(Self::new(id, counterparty, Address::Mail(email), name, by, now))
    }

    /// Whoever opens the letters to a counterparty.
    pub fn by_post(
        id: ContactId,
        counterparty: CounterpartyId,
        by: StaffId,
        now: Timestamp,
    ) -> Self {
        Self::new(id, counterparty, Address::Post, None, Registrar::Staff(by), now)
    }

    fn new(
        id: ContactId,
        counterparty: CounterpartyId,
        address: Address,
        name: Option<String>,
        registered_by: Registrar,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            counterparty,
            address,
            name,
            registered_at: now,
            registered_by,
            state: ContactState::Registered,
            told: Told::default(),
            version: 1,
        }
    }

    /// Whether they are written to and may answer.
    pub fn active(&self) -> bool {
        match self.state {
            ContactState::Registered => true,
            ContactState::Revoked { .. } => false,
        }
    }

    /// Takes the registration back: its links open nothing from now on.
    ///
    /// # Errors
    /// The fault of one that is revoked, or of a reason that is missing.
    pub fn revoke(mut self, by: StaffId, reason: &str, now: Timestamp) -> Result<Self, Vec<Fault>> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(vec![Fault::at("/reason", Reason::Required)]);
        }
        match self.state {
            ContactState::Registered => {
                self.state = ContactState::Revoked { at: now, by, reason: reason.to_owned() };
                self.version += 1;
                Ok(self)
            }
            ContactState::Revoked { .. } => {
                Err(vec![Fault::at("", Reason::inconsistent("contact_is_revoked"))])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const STAFF: Registrar = Registrar::Staff(StaffId(Uuid::from_u128(9)));

    fn now() -> Timestamp {
        "2026-03-10T11:00:00Z".parse().expect("a time")
    }

    fn register(
        email: &str,
        by: Registrar,
        others: &[Contact],
    ) -> Result<Contact, Vec<(String, String)>> {
        let id = ContactId(Uuid::from_u128(others.len() as u128));
        let counterparty = CounterpartyId(Uuid::nil());
        let made = Contact::register(id, counterparty, (email, None), by, others, now());
        made.map_err(|faults| {
            let told = |fault: Fault| (fault.field, fault.reason.code().to_owned());
            faults.into_iter().map(told).collect()
        })
    }

    #[test]
    fn an_address_is_registered_once() {
        let first = register(" Avvikelser@Region.se ", STAFF, &[]).expect("an address");
        assert_eq!(first.address, Address::Mail("avvikelser@region.se".to_owned()));
        let again = register("avvikelser@region.se", STAFF, std::slice::from_ref(&first))
            .expect_err("twice");
        assert_eq!(again, [("/email".to_owned(), "not_unique".to_owned())]);
        let gone = first.revoke(StaffId(Uuid::nil()), "slutat", now()).expect("it may be");
        assert!(!gone.active());
        assert!(register("avvikelser@region.se", STAFF, &[gone]).is_ok());
    }

    #[test]
    fn what_is_no_address_is_none() {
        for email in [
            "",
            "region.se",
            "a@b@region.se",
            "a b@region.se",
            "a@region",
            "a@.se",
            "å@region.se",
            "a\n@b.se",
            "a@re_gion.se",
            "<a>@b.se",
        ] {
            assert!(register(email, STAFF, &[]).is_err(), "{email}");
        }
        for email in ["a@b.se", "avvikelser.vc+kommun@region-x.se"] {
            assert!(register(email, STAFF, &[]).is_ok(), "{email}");
        }
    }

    #[test]
    fn a_contact_hands_over_within_their_own_house() {
        let first = register("a@region.se", STAFF, &[]).expect("an address");
        let by = Registrar::Contact(first.id);
        assert!(register("b@region.se", by, std::slice::from_ref(&first)).is_ok());
        let told = register("b@example.com", by, &[first]).expect_err("another house");
        assert_eq!(told, [("/email".to_owned(), "address_of_another_house".to_owned())]);
    }
}
