//! How the end of a case is the end of its opinion: a klagomål has an answer or a named end, by whatever
//! door it is closed.

use jiff::Timestamp;

use super::ending::{Ended, EndingGiven, EndingKind};
use super::{Opinion, Stage};
use crate::case::closing::Close;
use crate::case::event::{Changes, Faults};
use crate::case::{Case, Command, Kind, Rejected};
use crate::fault::Reason;
use crate::ids::StaffId;

impl Case {
    /// The opinion as it ends with its case; `None` for what has none. `least` is after how many attempts
    /// a sender counts as out of reach. Faults are added to `faults`.
    ///
    /// # Errors
    /// [`Rejected::Stage`] where it cannot end yet.
    pub(crate) fn opinion_closed(
        &self,
        close: &Close,
        least: u8,
        by: StaffId,
        now: Timestamp,
        changes: &mut Changes,
        faults: &mut Faults,
    ) -> Result<Option<Box<Opinion>>, Rejected> {
        let Some(opinion) = &self.opinion else {
            let none = close.ending.is_none();
            faults.require(none, "/ending", Reason::inconsistent("ending_of_an_opinion"));
            return Ok(None);
        };
        let stage = opinion.stage_name();
        if !stage.admits(Command::Close) {
            return Err(Rejected::Stage { stage, command: Command::Close });
        }
        let mut opinion = opinion.clone();
        let named = close.ending.clone().or_else(|| self.implied(close));
        let ended = match (&opinion.stage, named) {
            (Stage::Answered(answer), given) => {
                // What was answered may turn out to be another's, and ends with its answer.
                let given = given.filter(|given| given.kind != EndingKind::Duplicate);
                let none = given.is_none();
                faults.require(none, "/ending", Reason::inconsistent("answered_already"));
                Some(Ended::Answered(answer.clone()))
            }
            (_, Some(given)) => {
                let fits = given.kind.goes_with(&close.outcome);
                faults.require(fits, "/outcome", Reason::inconsistent("outcome_not_of_ending"));
                let ending = given.whole(self.kind, &opinion, least, by, now, faults);
                ending.map(Ended::Otherwise)
            }
            (_, None) => {
                let code = Reason::inconsistent("klagomal_needs_answer_or_ending");
                faults.push("/ending", code);
                None
            }
        };
        let Some(ended) = ended else { return Ok(Some(opinion)) };
        if let Ended::Otherwise(ending) = &ended {
            changes.note("ending", &None, &Some(ending.kind.code()));
        }
        changes.note("stage", &Some(stage.code()), &Some("closed"));
        opinion.said_at = None;
        opinion.draft = None;
        opinion.stage = Stage::Closed(ended);
        Ok(Some(opinion))
    }

    /// The end that a closing names without saying so: a duplicate names its original, and a synpunkt
    /// may end without an answer.
    fn implied(&self, close: &Close) -> Option<EndingGiven> {
        let said = close.summary.clone().filter(|text| !text.trim().is_empty());
        let given = |kind, reason| EndingGiven { kind, reason, explanation: None };
        if close.outcome == "UTF.DUB" && close.duplicate_of.is_some() {
            let reason = said.or(Some("UTF.DUB".to_owned()));
            return Some(given(EndingKind::Duplicate, reason));
        }
        match (self.kind, close.outcome.as_str()) {
            (Kind::Synpunkt, "UTF.ATE") => Some(given(EndingKind::Withdrawn, said)),
            (Kind::Synpunkt, "UTF.ANN" | "UTF.ARB") => {
                Some(given(EndingKind::NotWithinTenant, said))
            }
            (Kind::Synpunkt, "UTF.VG" | "UTF.DUB") => None,
            (Kind::Synpunkt, _) => Some(given(EndingKind::NoAnswerDue, said)),
            (Kind::Klagomal | Kind::Avvikelse, _) => None,
        }
    }
}
