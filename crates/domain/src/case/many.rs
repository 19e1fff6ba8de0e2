//! What is not done to many cases at once: judging milder what somebody has judged already. That is
//! looked at case by case.

use super::Case;
use super::closing::Close;
use super::event::Faults;
use super::triage::{LexAnswer, Triage, Vardskada};
use crate::fault::{Fault, Reason};

impl Case {
    /// Why the case is not triaged so together with others: an answer to a lex question, a severity or
    /// a vårdskada that stands would become milder.
    pub fn bars_to_triage_at_once(&self, triage: &Triage) -> Vec<Fault> {
        let stands = &self.assessment;
        let milder = || Reason::inconsistent("judged_graver_before");
        let mut faults = Faults::default();
        for (question, answer) in &triage.lex {
            let open = stands.lex.get(question).is_some_and(|it| *it != LexAnswer::No);
            faults.require(
                !open || *answer != LexAnswer::No,
                format!("/lex/{}", question.code()),
                Reason::inconsistent("lex_question_open"),
            );
        }
        let below = |new: Option<u8>, old: Option<u8>| matches!((new, old), (Some(new), Some(old)) if new < old);
        let actual = below(triage.severity_actual, stands.severity.actual);
        faults.require(!actual, "/severity/actual", milder());
        // What could have happened follows what did, unless it is given.
        let potential = triage.severity_potential.or(triage.severity_actual);
        let potential =
            stands.severity.potential.is_some() && below(potential, stands.severity.potential);
        faults.require(!potential || actual, "/severity/potential", milder());
        let suffered = matches!(stands.harm.vardskada, Vardskada::CouldHave | Vardskada::Yes);
        let harmless = triage.vardskada.is_some_and(|it| it < stands.harm.vardskada);
        faults.require(!suffered || !harmless, "/harm/vardskada", milder());
        faults.into_vec()
    }

    /// Why the case does not end so together with others: a lex question is open, or what rides along
    /// would judge it milder.
    pub fn bars_to_close_at_once(&self, close: &Close) -> Vec<Fault> {
        if self.assessment.lex_flagged() {
            return vec![Fault::at("", Reason::inconsistent("lex_question_open"))];
        }
        let triage = close.triage.iter().flat_map(|triage| self.bars_to_triage_at_once(triage));
        triage.map(|fault| Fault::at(format!("/triage{}", fault.field), fault.reason)).collect()
    }
}
