//! Who is at the other end (motpart): a caregiver, a provider, or another board of the same
//! municipality. Reached by roles and functions; no person need be known.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::answer::Channel;
use super::blank;
use crate::case::event::Faults;
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::ids::{ContactId, CounterpartyId};
use crate::personnummer::find_in;

/// The code list of their kinds.
pub const LIST: &str = "counterparty";
/// The longest name or address line, in characters.
pub const LONGEST_NAME: usize = 200;
/// How many contacts one has at most.
pub const MOST_CONTACTS: usize = 20;
/// The longest time for an answer that may be agreed, in days.
pub const LONGEST_ANSWER_DAYS: u16 = 366;

/// An HSA-id: `SE`, ten digits, a hyphen, and one to eighteen letters or digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HsaId(String);

impl HsaId {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HsaId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim().to_ascii_uppercase();
        let (head, tail) = text.split_once('-').ok_or(())?;
        let digits = head.strip_prefix("SE").ok_or(())?;
        let formed = digits.len() == 10
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=18).contains(&tail.len())
            && tail.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if formed { Ok(Self(text)) } else { Err(()) }
    }
}

impl TryFrom<String> for HsaId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map_err(|()| "not an HSA-id")
    }
}

impl From<HsaId> for String {
    fn from(id: HsaId) -> Self {
        id.0
    }
}

impl fmt::Display for HsaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a counterparty is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The role or function: "Chefläkare", "Avvikelsesamordnare".
    pub role: String,
    /// Its e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Its telephone number.
    #[serde(default)]
    pub phone: Option<String>,
}

/// What a register entry says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// Where it is reached, in the order in which it is tried.
    pub contacts: Vec<Contact>,
    /// The lines of its postal address, from the name down.
    pub address: Vec<String>,
    /// Its address in the municipality's SDK client.
    pub sdk_address: Option<String>,
    /// By which ways something may be sent there; the first is the usual one.
    pub channels: Vec<Channel>,
}

/// A counterparty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterparty {
    /// Its id.
    pub id: CounterpartyId,
    /// Its name, unique in the tenant.
    pub name: String,
    /// A code of the list `counterparty`.
    pub kind: String,
    /// Its HSA-id.
    pub hsa_id: Option<HsaId>,
    /// The agreed time for an answer, in days; `None` is the tenant's usual one.
    pub answer_days: Option<u16>,
    /// First day, if it has one.
    pub valid_from: Option<Date>,
    /// Last day, if it has ended.
    pub valid_to: Option<Date>,
    /// The rest.
    pub details: Details,
    /// Grows by one with every change; the ETag.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Counterparty {
    /// Whether something may be sent there on a day.
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    /// A contact of it.
    pub fn contact(&self, id: ContactId) -> Option<&Contact> {
        self.details.contacts.iter().find(|contact| contact.id == id)
    }

    /// Everything that is wrong with it, by JSON pointer.
    pub fn faults(&self, codes: &CodeLists, today: Date) -> Vec<Fault> {
        let mut faults = Faults::default();
        let line = |text: &str, field: &str, faults: &mut Faults| {
            faults.require(!blank(text), field, Reason::Required);
            let short = text.chars().count() <= LONGEST_NAME;
            faults.require(short, field, Reason::TooLong { max: LONGEST_NAME });
            for found in find_in(text, today) {
                let (position, length) = (found.position, found.length);
                faults.push(field, Reason::PersonalNumber { position, length });
            }
        };
        line(&self.name, "/name", &mut faults);
        if let Err(reason) = codes.check(LIST, &self.kind, today) {
            faults.push("/kind", reason);
        }
        if let Some(days) = self.answer_days {
            let max = i64::from(LONGEST_ANSWER_DAYS);
            let within = (1..=LONGEST_ANSWER_DAYS).contains(&days);
            faults.require(within, "/answer_days", Reason::OutOfRange { min: 1, max });
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to) {
            let other = "valid_from".to_owned();
            faults.require(from <= to, "/valid_to", Reason::Before { other });
        }
        let Details { contacts, address, sdk_address, channels } = &self.details;
        let most = i64::try_from(MOST_CONTACTS).unwrap_or(i64::MAX);
        let few = contacts.len() <= MOST_CONTACTS;
        faults.require(few, "/contacts", Reason::OutOfRange { min: 0, max: most });
        for (at, contact) in contacts.iter().enumerate() {
            line(&contact.role, &format!("/contacts/{at}/role"), &mut faults);
            if let Some(phone) = &contact.phone {
                line(phone, &format!("/contacts/{at}/phone"), &mut faults);
            }
            if let Some(email) = &contact.email {
                let field = format!("/contacts/{at}/email");
                faults.require(address_like(email), field, Reason::inconsistent("not_an_address"));
            }
            let twice = contacts.iter().filter(|it| it.id == contact.id).count() > 1;
            faults.require(!twice, format!("/contacts/{at}/id"), Reason::NotUnique);
        }
        for (at, text) in address.iter().enumerate() {
            line(text, &format!("/address/{at}"), &mut faults);
        }
        if let Some(sdk) = sdk_address {
            line(sdk, "/sdk_address", &mut faults);
        }
        for (at, channel) in channels.iter().enumerate() {
            let field = format!("/channels/{at}");
            let sends = Channel::SENDING.contains(channel);
            faults.require(sends, &field, Reason::inconsistent("not_for_sending"));
            let needs = match channel {
                Channel::Post => !address.is_empty(),
                Channel::Sdk => sdk_address.is_some(),
                Channel::Portal => contacts.iter().any(|it| it.email.is_some()),
                Channel::Machine | Channel::Phone | Channel::Email | Channel::Meeting => true,
            };
            faults.require(needs, field, Reason::inconsistent("channel_without_address"));
        }
        faults.into_vec()
    }
}

/// Whether a text can be an e-mail address: one `@` between something and a name with a dot.
fn address_like(text: &str) -> bool {
    let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    let short = text.chars().count() <= 254;
    plain
        && short
        && text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && !host.contains('@')
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}
