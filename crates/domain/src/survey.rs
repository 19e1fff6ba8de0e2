//! What the sender thought of the answer: two questions, asked once, after it was given.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Status};
use crate::fault::{Fault, Reason};

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

/// What a sender, or somebody for them, answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SurveyGiven {
    /// Whether the answer could be understood.
    pub understood: Option<Satisfied>,
    /// Whether it helped.
    pub helped: Option<Satisfied>,
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
}

/// Whether the sender of a case's opinion may be asked: it was answered, by whatever way, also where it
/// has been taken up again since.
pub fn may_be_asked(case: &Case) -> bool {
    let answered = case.opinion.as_ref().is_some_and(|it| it.first_answer().is_some());
    answered && !matches!(case.status(), Status::Draft | Status::Void)
}

impl SurveyGiven {
    /// The answers, where they may be given; `before` are those that were.
    ///
    /// # Errors
    /// Of what has no answer yet; a second time; where nothing is said.
    pub fn whole(
        self,
        case: &Case,
        before: Option<&Survey>,
        at: Timestamp,
    ) -> Result<Survey, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut hold = |held: bool, field: &str, reason: Reason| {
            if !held {
                faults.push(Fault::at(field, reason));
            }
        };
        hold(may_be_asked(case), "", Reason::inconsistent("opinion_not_answered"));
        hold(before.is_none(), "", Reason::inconsistent("survey_given_already"));
        let said = self.understood.is_some() || self.helped.is_some();
        hold(said, "/understood", Reason::Required);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Survey { understood: self.understood, helped: self.helped, at })
    }
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
