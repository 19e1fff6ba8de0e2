//! What stays of a case when it is erased: that it was, where, of what kind and when it ended. Nothing anybody
//! said, and nobody's name.

use crate::case::closing::Closing;
use crate::case::filing::Filing;
use crate::case::triage::Assessment;
use crate::case::{Case, Progress, State, Voiding};

/// The case without what it said. The outcome, category and laws stand in the fact of the case as well, which
/// closed years' figures are counted from.
#[must_use]
pub fn remains(case: Case) -> Case {
    let state = match case.state {
        State::Closed(Closing { outcome, at, .. }) => {
            State::Closed(Closing { outcome, summary: None, action_taken: None, at, by: None })
        }
        State::Void(Voiding { at, never_handed_in, .. }) => {
            State::Void(Voiding { at, by: None, reason: String::new(), never_handed_in })
        }
        state @ (State::Draft
        | State::Reported
        | State::Triaged
        | State::Investigating
        | State::MeasuresDecided
        | State::FollowingUp) => state,
    };
    let assessment = Assessment { law: case.assessment.law.clone(), ..Assessment::default() };
    let law = case.filing.law.iter().filter(|law| law.parse::<crate::law::Law>().is_ok()).cloned();
    let filing = Filing { law: law.collect(), ..Filing::default() };
    Case {
        external_number: None,
        diary_number: None,
        also_units: Vec::new(),
        reported_by: None,
        registered_by: None,
        occurred_at: None,
        occurred_until: None,
        discovered_at: None,
        filing,
        assessment,
        progress: Progress::default(),
        state,
        investigation: None,
        feedback: Vec::new(),
        links: Vec::new(),
        watches: Vec::new(),
        opinion: None,
        subject: None,
        version: case.version + 1,
        ..case
    }
}
