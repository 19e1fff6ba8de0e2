//! The sample of simple closings that MAS, MAR or SAS looks at, and their word back to the unit.

use jiff::Timestamp;

use super::closing::Ending;
use super::lifecycle::Command;
use super::{Changed, State, Track};
use crate::ids::{CaseId, StaffId};
use crate::settings::Settings;

/// What whoever looked at a closing says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was right.
    Fine,
    /// There is something to talk about with the unit.
    Talk,
    /// It is taken up again.
    Reopen,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 3] = [Verdict::Fine, Verdict::Talk, Verdict::Reopen];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Fine => "fine",
            Verdict::Talk => "talk",
            Verdict::Reopen => "reopen",
        }
    }
}

impl std::str::FromStr for Verdict {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Verdict::ALL.into_iter().find(|verdict| verdict.code() == code).ok_or(())
    }
}

/// A look at a closing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// What was found.
    pub verdict: Verdict,
    /// The word to the unit.
    pub text: Option<String>,
    /// Who looked.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// A closing in the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The case.
    pub case: CaseId,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// By whom.
    pub closed_by: StaffId,
    /// What somebody said of it.
    pub looked: Option<Looked>,
}

impl Sample {
    /// The sample's entry for a change, when it closes a case on the simple track that the tenant's
    /// settings pick.
    pub fn of(changed: &Changed, settings: &Settings) -> Option<Sample> {
        let case = &changed.case;
        match (&case.state, changed.event.command) {
            (State::Closed(closing), Command::Close) => {
                let handled = closing.outcome.as_deref().map(Ending::of) == Some(Ending::Handled);
                let simple = case.assessment.track == Some(Track::Simple);
                (handled && simple && settings.samples(case)).then_some(())?;
                let (closed_at, closed_by) = (closing.at, closing.by?);
                Some(Sample { case: case.id, closed_at, closed_by, looked: None })
            }
            _ => None,
        }
    }
}
