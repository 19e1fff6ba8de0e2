//! What is wrong with what somebody gave us, said so that any client can show it at the right field.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One fault: the field (an RFC 6901 JSON pointer into the request body) and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer of the faulty field, such as `/law/0`; empty for the body as a whole.
    pub field: String,
    /// What is wrong, with the values a message needs.
    pub reason: Reason,
}

impl Fault {
    /// A fault at `field`, a JSON pointer.
    pub fn at(field: impl Into<String>, reason: Reason) -> Self {
        Self { field: field.into(), reason }
    }
}

/// Why a value is refused, or kept with a warning. Texts in the caller's language are made from
/// this by the wire crate; nothing here holds more of the given value than a message may show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A value is needed here.
    Required,
    /// The field is not part of the request.
    UnknownField,
    /// The value has another JSON type or form than `expected`, which is an English description.
    WrongType {
        /// What the schema asks for.
        expected: String,
    },
    /// The text is longer than `max` characters.
    TooLong {
        /// The longest text taken, in characters.
        max: usize,
    },
    /// The list is longer than `max`.
    TooMany {
        /// The longest list taken.
        max: usize,
    },
    /// The number lies outside `min..=max`; an end of `i64` is none.
    OutOfRange {
        /// Smallest value taken.
        min: i64,
        /// Largest value taken.
        max: i64,
    },
    /// The code is not in the list at all.
    UnknownCode {
        /// Name of the code list.
        list: String,
        /// The code as given.
        given: String,
    },
    /// The code exists, but was not valid on the day of the event.
    ExpiredCode {
        /// Name of the code list.
        list: String,
        /// The code as given.
        given: String,
        /// First day of validity, if it has one.
        valid_from: Option<Date>,
        /// Last day of validity, if it has ended.
        valid_to: Option<Date>,
    },
    /// No unit of this tenant has that id or code. The same answer is given for another tenant's unit.
    UnknownUnit {
        /// As given.
        given: String,
    },
    /// The unit was closed on the day of the event; the filing went to `instead`.
    ClosedUnit {
        /// As given.
        given: String,
        /// Code of the successor or parent that got the filing.
        instead: Option<String>,
    },
    /// The instant lies in the future.
    InFuture {
        /// As given.
        given: Timestamp,
    },
    /// The instant comes before `other`, which it cannot.
    Before {
        /// The field it must not precede.
        other: String,
    },
    /// The text holds a personnummer or samordningsnummer.
    PersonalNumber {
        /// Position of its first character in the text as given, counted in characters from 0.
        position: usize,
        /// Its length in characters.
        length: usize,
    },
    /// The text names a unit of the tenant, where no unit may be known by it.
    NamesUnit {
        /// Position of its first character in the text as given, counted in characters from 0.
        position: usize,
        /// Its length in characters.
        length: usize,
    },
    /// The text names somebody of the tenant's staff, where nobody may be known by it.
    NamesStaff {
        /// Position of its first character in the text as given, counted in characters from 0.
        position: usize,
        /// Its length in characters.
        length: usize,
    },
    /// A personal identity number has a wrong date or check digit.
    BadCheckDigit,
    /// The value is already used by another object of the tenant.
    NotUnique,
    /// The object named here does not exist, or is not to be seen by the caller.
    NotFound,
    /// Cases are open that nobody would take.
    CasesOpen {
        /// How many.
        count: usize,
    },
    /// The value does not go with the rest; `code` is stable and says why.
    Inconsistent {
        /// A stable code, in snake_case.
        code: Cow<'static, str>,
    },
}

impl Reason {
    /// A value that does not go with the rest, by its stable code.
    pub const fn inconsistent(code: &'static str) -> Self {
        Self::Inconsistent { code: Cow::Borrowed(code) }
    }

    /// The stable, language-free code of the reason.
    pub fn code(&self) -> &str {
        match self {
            Self::Required => "required",
            Self::UnknownField => "unknown_field",
            Self::WrongType { .. } => "wrong_type",
            Self::TooLong { .. } => "too_long",
            Self::OutOfRange { .. } | Self::TooMany { .. } => "out_of_range",
            Self::UnknownCode { .. } => "unknown_code",
            Self::ExpiredCode { .. } => "expired_code",
            Self::UnknownUnit { .. } => "unknown_unit",
            Self::ClosedUnit { .. } => "closed_unit",
            Self::InFuture { .. } => "in_future",
            Self::Before { .. } => "before",
            Self::PersonalNumber { .. } => "personal_number",
            Self::NamesUnit { .. } => "names_unit",
            Self::NamesStaff { .. } => "names_staff",
            Self::BadCheckDigit => "bad_check_digit",
            Self::NotUnique => "not_unique",
            Self::NotFound => "not_found",
            Self::CasesOpen { .. } => "cases_open",
            Self::Inconsistent { code } => code,
        }
    }
}
