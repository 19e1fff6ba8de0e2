//! Answering without an account: whom we write to at a counterparty, the link they get, what they show
//! besides it, and what they see then.
//!
//! Two things open the page, and neither alone: the link, which went to one address, and a factor that
//! went another way. Both can be taken back; whatever ends one ends what it opened.

pub mod code;
pub mod contact;
pub mod enter;
pub mod link;
pub mod schedule;
pub mod session;

use jiff::SignedDuration;

pub use code::{
    CodeState, Given, OneTimeCode, Way, code_word, in_fours, letter_code, locator, phone_code,
    read_code,
};
pub use contact::{Address, Contact, ContactState, Registrar, Told};
pub use enter::{Entered, Shown, enter};
pub use link::{Closed, Link, LinkState};
pub use schedule::{MailKind, due, told};
pub use session::{Addressed, Factor, Session, Sight, Stage, sight};

/// How long a link opens the page: until the mails of some weeks have come after it.
pub const LINK_LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a code printed on a letter is taken: as long as answers are waited for, by most agreements.
pub const LETTER_CODE_LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long a code read up by telephone is taken.
pub const PHONE_CODE_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// How long one may go on after the factor.
pub const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(2);
/// After how many wrong tries a link, or a code, opens nothing any more.
pub const MOST_FAILURES: u16 = 5;
/// How long what is answered may still be read.
pub const ANSWERED_READABLE: SignedDuration = SignedDuration::from_hours(60 * 24);
/// The shortest code word, in characters.
pub const SHORTEST_WORD: usize = 10;
/// The longest code word, in characters.
pub const LONGEST_WORD: usize = 100;
