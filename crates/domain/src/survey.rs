//! What the sender thought of the answer: two questions, asked once, after it was given.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::StaffId;

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Satisfied {
    /// Wholly.
    Yes,
    /// In part.
    Partly,
    /// Not at all.
    No,
}

impl Satisfied {
    /// Every value, in the order they are shown.
    pub const ALL: [Satisfied; 3] = [Satisfied::Yes, Satisfied::Partly, Satisfied::No];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Satisfied::Yes => "yes",
            Satisfied::Partly => "partly",
            Satisfied::No => "no",
        }
    }
}

impl std::str::FromStr for Satisfied {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Satisfied::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

/// The sender's answers. A question may be left out; both may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Whether the answer could be understood.
    pub understood: Option<Satisfied>,
    /// Whether it helped.
    pub helped: Option<Satisfied>,
    /// When they were given.
    pub at: Timestamp,
    /// Who wrote them down; `None` where the sender gave them by receipt.
    #[serde(default)]
    pub noted_by: Option<StaffId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_found_by_its_code() {
        for value in Satisfied::ALL {
            assert_eq!(value.code().parse(), Ok(value));
            assert_eq!(serde_json::json!(value), serde_json::json!(value.code()));
        }
        assert_eq!("maybe".parse::<Satisfied>(), Err(()));
    }
}
