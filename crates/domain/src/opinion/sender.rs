//! Who left an opinion: what may be known without opening who it is, and who it is.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::case::event::Faults;
use crate::fault::Reason;
use crate::ids::StaffId;

/// By which right somebody speaks for the person it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Representation {
    /// God man.
    GodMan,
    /// Förvaltare.
    Forvaltare,
    /// Holds a fullmakt or framtidsfullmakt.
    Fullmakt,
    /// Guardian of a child.
    Vardnadshavare,
    /// Närstående.
    Narstaende,
}

impl Representation {
    /// Every right.
    pub const ALL: [Representation; 5] = [
        Representation::GodMan,
        Representation::Forvaltare,
        Representation::Fullmakt,
        Representation::Vardnadshavare,
        Representation::Narstaende,
    ];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Representation::GodMan => "god_man",
            Representation::Forvaltare => "forvaltare",
            Representation::Fullmakt => "fullmakt",
            Representation::Vardnadshavare => "vardnadshavare",
            Representation::Narstaende => "narstaende",
        }
    }
}

/// What showed that somebody may speak for another, and who saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it was, such as a court's decision.
    pub what: String,
    /// Who saw it.
    pub seen_by: StaffId,
    /// On which day.
    pub seen_on: Date,
}

/// How somebody wants to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// By letter.
    Letter,
    /// By telephone.
    Phone,
    /// By e-mail that says that there is something to read.
    Email,
    /// By secure message.
    SecureMessage,
    /// By meeting.
    Meeting,
}

impl Reach {
    /// Every way.
    pub const ALL: [Reach; 5] =
        [Reach::Letter, Reach::Phone, Reach::Email, Reach::SecureMessage, Reach::Meeting];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Reach::Letter => "letter",
            Reach::Phone => "phone",
            Reach::Email => "email",
            Reach::SecureMessage => "secure_message",
            Reach::Meeting => "meeting",
        }
    }
}

/// What may be known of a sender without opening who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sender {
    /// What they are to the care: a code of the list `source`.
    pub kind: Option<String>,
    /// By which right they speak for the person it is about, where they do.
    pub speaks_as: Option<Representation>,
    /// What showed it.
    pub evidence: Option<Evidence>,
    /// The number an authority has given it: the patientnämnd's, IVO's.
    pub case_number: Option<String>,
    /// How they want to be reached.
    pub reach: Option<Reach>,
    /// The language in which they need an interpreter.
    pub interpreter: Option<String>,
    /// Whether an e-mail address is known.
    pub has_email: bool,
    /// Whether a telephone number is known.
    pub has_phone: bool,
    /// Whether a postal address is known.
    pub has_address: bool,
}

impl Sender {
    /// Whether anything is known by which they can be reached.
    pub fn has_contact(&self) -> bool {
        self.has_email || self.has_phone || self.has_address
    }

    /// Whether they are the person it is about, so that nothing of that person is secret from them.
    pub fn is_the_person(&self) -> bool {
        self.kind.as_deref() == Some("BRU") && self.speaks_as.is_none()
    }
}

/// Who a sender is. Sealed apart from the text; never in a document in the clear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their postal address.
    pub address: Option<String>,
    /// When they are best reached, in words.
    pub when: Option<String>,
    /// For whom they speak, by name.
    pub speaks_for: Option<String>,
}

/// A text that says something.
fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

impl Contact {
    /// Whether nothing is said at all.
    pub fn is_empty(&self) -> bool {
        [&self.name, &self.email, &self.phone, &self.address, &self.when, &self.speaks_for]
            .into_iter()
            .all(|text| filled(text).is_none())
    }

    /// Notes of a sender what is known here, without saying it.
    pub fn noted(&self, sender: &mut Sender) {
        sender.has_email = filled(&self.email).is_some();
        sender.has_phone = filled(&self.phone).is_some();
        sender.has_address = filled(&self.address).is_some();
    }

    /// Whether a text tells who the sender is: their name, whole or the surname, address of e-mail, or
    /// number of telephone.
    pub fn told_by(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let named = [&self.name, &self.speaks_for].into_iter().filter_map(filled).any(|name| {
            // A first name alone is many people's; a surname seldom. It may stand first: "Karlqvist, Eva".
            let name = name.to_lowercase();
            let name = match name.split_once(',') {
                Some((last, first)) => format!("{first} {last}"),
                None => name,
            };
            let mut parts: Vec<&str> =
                name.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
            let said = |run: &[&str]| words.windows(run.len().max(1)).any(|words| words == run);
            let last = parts.last().is_some_and(|it| it.chars().count() > 3 && words.contains(it));
            let whole = parts.len() > 1 && said(&parts);
            parts.reverse();
            last || whole || (parts.len() > 1 && said(&parts))
        });
        let mailed = filled(&self.email).is_some_and(|it| text.contains(&it.to_lowercase()));
        let phoned = filled(&self.phone).is_some_and(|it| {
            let number: String = it.chars().filter(char::is_ascii_digit).collect();
            let number = number.trim_start_matches("46").trim_start_matches('0');
            number.len() >= 6 && digits.contains(number)
        });
        named || mailed || phoned
    }
}

/// A sender as whoever writes an opinion down, or leaves it, gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SenderGiven {
    /// What may be known without opening.
    pub facts: Sender,
    /// Who it is.
    pub contact: Contact,
}

impl SenderGiven {
    /// What is wrong, below `at`. `codes` are checked by whoever knows them.
    pub fn faults(&self, at: &str, today: Date) -> Faults {
        let mut faults = Faults::default();
        let facts = &self.facts;
        if let Some(evidence) = &facts.evidence {
            let speaks = facts.speaks_as.is_some();
            let code = Reason::inconsistent("evidence_of_nothing");
            faults.require(speaks, format!("{at}/evidence"), code);
            let said = !evidence.what.trim().is_empty();
            faults.require(said, format!("{at}/evidence/what"), Reason::Required);
            let later = evidence.seen_on > today;
            let code = Reason::inconsistent("day_in_future");
            faults.require(!later, format!("{at}/evidence/seen_on"), code);
        }
        if let Some(email) = filled(&self.contact.email) {
            let (local, host) = email.rsplit_once('@').unwrap_or_default();
            let sound =
                !local.is_empty() && host.contains('.') && !email.contains(char::is_whitespace);
            let expected = Reason::WrongType { expected: "an e-mail address".into() };
            faults.require(sound, format!("{at}/email"), expected);
        }
        faults
    }
}
