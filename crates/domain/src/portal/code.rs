//! What is shown besides the link: a one-time code from a letter or the telephone, or the code word of
//! the counterparty. None of them is kept as it is.

use jiff::{SignedDuration, Timestamp};

use super::link::Closed;
use super::{LETTER_CODE_LASTS, LONGEST_WORD, MOST_FAILURES, PHONE_CODE_LASTS, SHORTEST_WORD};
use crate::fault::{Fault, Reason};
use crate::ids::{CodeId, ContactId, ForwardingId, LinkId, StaffId};

/// Crockford's base 32: no I, L, O (read as 1, 1, 0) and no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many signs a letter's code has: 80 bits.
const LETTER_SIGNS: usize = 16;
/// How many of them tell which code it is; the rest are what nobody else knows.
const LOCATOR_SIGNS: usize = 8;
/// How many digits a code for the telephone has.
const PHONE_DIGITS: usize = 8;

/// Which way a one-time code goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Printed on a letter.
    Letter,
    /// Read up by telephone.
    Phone,
}

impl Way {
    /// Every way.
    pub const ALL: [Way; 2] = [Way::Letter, Way::Phone];

    /// The value in tables and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Way::Letter => "letter",
            Way::Phone => "phone",
        }
    }

    /// How long such a code is taken.
    pub fn lasts(self) -> SignedDuration {
        match self {
            Way::Letter => LETTER_CODE_LASTS,
            Way::Phone => PHONE_CODE_LASTS,
        }
    }
}

impl std::str::FromStr for Way {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Way::ALL.into_iter().find(|way| way.code() == code).ok_or(())
    }
}

/// A code as somebody typed it.
#[derive(Clone, PartialEq, Eq)]
pub enum Given {
    /// It has the form of a letter's code.
    Letter(String),
    /// It has the form of one for the telephone.
    Phone(String),
    /// It can only be a code word.
    Word(String),
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What was typed belongs in no log.
        f.write_str(match self {
            Given::Letter(_) => "Letter(…)",
            Given::Phone(_) => "Phone(…)",
            Given::Word(_) => "Word(…)",
        })
    }
}

/// The code of a letter, of 80 random bits: without blanks, as it is hashed.
pub fn letter_code(random: [u8; 16]) -> String {
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// A code for the telephone, of the random number.
pub fn phone_code(random: u64) -> String {
    format!("{:0width$}", random % 100_000_000, width = PHONE_DIGITS)
}

/// A code as people read it: in fours.
pub fn in_fours(code: &str) -> String {
    let signs: Vec<char> = code.chars().collect();
    let groups: Vec<String> = signs.chunks(4).map(|four| four.iter().collect()).collect();
    groups.join(" ")
}

/// The part of a letter's code that tells which one it is.
pub fn locator(code: &str) -> &str {
    code.get(..LOCATOR_SIGNS).unwrap_or(code)
}

/// Reads what somebody typed: O for 0 and I or L for 1, blanks and dashes anywhere.
pub fn read_code(text: &str) -> Given {
    let signs: String = text
        .chars()
        .filter(|sign| !sign.is_whitespace() && !matches!(sign, '-' | '\u{2010}'..='\u{2015}'))
        .map(|sign| match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let all_of = |length: usize, allowed: &[u8]| {
        signs.len() == length && signs.bytes().all(|sign| allowed.contains(&sign))
    };
    if all_of(PHONE_DIGITS, b"0123456789") {
        Given::Phone(signs)
    } else if all_of(LETTER_SIGNS, ALPHABET) {
        Given::Letter(signs)
    } else {
        Given::Word(as_word(text))
    }
}

/// A code word as it is hashed: heard on the telephone, blanks and capitals do not count.
fn as_word(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A new code word, as it is hashed.
///
/// # Errors
/// What is wrong with it: too short, too long, of too few signs, or of the form of a one-time code.
pub fn code_word(text: &str) -> Result<String, Vec<Fault>> {
    let fault = |reason| vec![Fault::at("/code_word", reason)];
    let word = match read_code(text) {
        Given::Word(word) => word,
        Given::Letter(_) | Given::Phone(_) => {
            return Err(fault(Reason::inconsistent("looks_like_a_one_time_code")));
        }
    };
    let signs = word.chars().count();
    let different: std::collections::BTreeSet<char> = word.chars().collect();
    if signs > LONGEST_WORD {
        Err(fault(Reason::TooLong { max: LONGEST_WORD }))
    } else if signs < SHORTEST_WORD || different.len() < SHORTEST_WORD / 2 {
        Err(fault(Reason::inconsistent("code_word_too_simple")))
    } else if word.chars().any(char::is_control) {
        Err(fault(Reason::WrongType { expected: "one line of text".to_owned() }))
    } else {
        Ok(word)
    }
}

/// Where a one-time code stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// It may be tried.
    Unused {
        /// How often another was given instead.
        failures: u16,
    },
    /// It was used, once.
    Spent {
        /// When.
        at: Timestamp,
        /// With which link.
        link: LinkId,
    },
    /// It was tried too often.
    Locked {
        /// When.
        at: Timestamp,
    },
    /// It was taken back, or replaced by a newer one.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// One one-time code: everything but the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeCode {
    /// Its id.
    pub id: CodeId,
    /// Whose it is.
    pub contact: ContactId,
    /// The forwarding whose letter it stands on.
    pub forwarding: Option<ForwardingId>,
    /// Which way it goes.
    pub way: Way,
    /// When it was made.
    pub issued_at: Timestamp,
    /// By whom.
    pub issued_by: StaffId,
    /// Until when it is taken; not at this moment any more.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: CodeState,
    /// Grows by one with every change.
    pub version: i64,
}

impl OneTimeCode {
    /// A new code.
    pub fn issue(
        id: CodeId,
        contact: ContactId,
        (way, forwarding): (Way, Option<ForwardingId>),
        by: StaffId,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            contact,
            forwarding,
            way,
            issued_at: now,
            issued_by: by,
            expires_at: now + way.lasts(),
            state: CodeState::Unused { failures: 0 },
            version: 1,
        }
    }

    /// Whether it may be tried.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, now: Timestamp) -> Result<(), Closed> {
        match &self.state {
            CodeState::Unused { .. } if now >= self.expires_at => Err(Closed::Expired),
            CodeState::Unused { .. } => Ok(()),
            CodeState::Spent { .. } => Err(Closed::Spent),
            CodeState::Locked { .. } => Err(Closed::Locked),
            CodeState::Revoked { .. } => Err(Closed::Revoked),
        }
    }

    /// Spends it: by one use, whatever comes after.
    ///
    /// # Errors
    /// Why it opens nothing.
    pub fn spend(mut self, link: LinkId, now: Timestamp) -> Result<Self, Closed> {
        self.admits(now)?;
        self.state = CodeState::Spent { at: now, link };
        self.version += 1;
        Ok(self)
    }

    /// Counts that another was given. The last time that is allowed locks it.
    ///
    /// # Errors
    /// Why it could not even be tried.
    pub fn refuse(mut self, now: Timestamp) -> Result<Self, Closed> {
        self.admits(now)?;
        if let CodeState::Unused { failures } = self.state {
            let failures = failures.saturating_add(1);
            self.state = if failures >= MOST_FAILURES {
                CodeState::Locked { at: now }
            } else {
                CodeState::Unused { failures }
            };
        }
        self.version += 1;
        Ok(self)
    }

    /// Takes it back, if it is not used up already.
    #[must_use]
    pub fn revoke(mut self, now: Timestamp) -> Self {
        match self.state {
            CodeState::Unused { .. } | CodeState::Locked { .. } => {
                self.state = CodeState::Revoked { at: now };
                self.version += 1;
            }
            CodeState::Spent { .. } | CodeState::Revoked { .. } => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        let start: Timestamp = "2026-03-10T11:00:00Z".parse().expect("a time");
        start + SignedDuration::from_mins(minutes)
    }

    fn code(way: Way) -> OneTimeCode {
        let (id, contact) = (CodeId(Uuid::nil()), ContactId(Uuid::nil()));
        OneTimeCode::issue(id, contact, (way, None), StaffId(Uuid::nil()), at(0))
    }

    const LINK: LinkId = LinkId(Uuid::nil());

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let letter = letter_code(std::array::from_fn(|at| (at * 37) as u8));
        assert_eq!(letter.len(), LETTER_SIGNS);
        assert_eq!(read_code(&in_fours(&letter)), Given::Letter(letter.clone()));
        assert_eq!(read_code(&letter.to_lowercase()), Given::Letter(letter.clone()));
        assert_eq!(locator(&letter).len(), LOCATOR_SIGNS);
        assert_eq!(phone_code(u64::MAX).len(), PHONE_DIGITS);
        assert_eq!(read_code(" 0012-3456 "), Given::Phone("00123456".to_owned()));
        assert_eq!(read_code("OOI2 3456"), Given::Phone("00123456".to_owned()));
        assert_eq!(read_code(" Röda  Stugan "), Given::Word("röda stugan".to_owned()));
        assert_eq!(format!("{:?}", read_code("Röda stugan")), "Word(…)");
    }

    #[test]
    fn a_code_word_is_no_code_and_not_too_simple() {
        let told =
            |text: &str| code_word(text).map_err(|faults| faults[0].reason.code().to_owned());
        assert_eq!(told("Röda  Stugan 12"), Ok("röda stugan 12".to_owned()));
        assert_eq!(told("12345678"), Err("looks_like_a_one_time_code".to_owned()));
        assert_eq!(told("0123456789ABCDEF"), Err("looks_like_a_one_time_code".to_owned()));
        for simple in ["", "sommar", "aaaaaaaaaaaa", "abababababab"] {
            assert_eq!(told(simple), Err("code_word_too_simple".to_owned()), "{simple}");
        }
        assert_eq!(told(&"abcdefghijk".repeat(10)), Err("too_long".to_owned()));
    }

    #[test]
    fn a_code_is_spent_by_one_use() {
        let spent = code(Way::Phone).spend(LINK, at(1)).expect("it opens");
        assert_eq!(spent.admits(at(1)), Err(Closed::Spent));
        assert_eq!(spent.clone().spend(LINK, at(1)), Err(Closed::Spent));
        assert_eq!(spent.clone().refuse(at(1)), Err(Closed::Spent));
        assert_eq!(spent.clone().revoke(at(2)), spent, "it stays what it was");
    }

    #[test]
    fn a_code_ends_by_time_by_tries_and_by_being_taken_back() {
        assert_eq!(code(Way::Phone).spend(LINK, at(60)), Err(Closed::Expired));
        assert!(code(Way::Letter).spend(LINK, at(60)).is_ok());
        let mut tried = code(Way::Letter);
        for _ in 0..MOST_FAILURES {
            tried = tried.refuse(at(1)).expect("it may be tried");
        }
        assert_eq!(tried.spend(LINK, at(1)), Err(Closed::Locked));
        assert_eq!(code(Way::Letter).revoke(at(1)).spend(LINK, at(1)), Err(Closed::Revoked));
    }
}
