//! What the machines have in common: a proposal, a decision, taking a "no" up again, the end.

use jiff::Timestamp;
use jiff::civil::Date;

use super::delegation::{Delegated, delegated};
use super::matter::{Decision, Degree, Earlier, Ending, Proposal, SeriousTest};
use super::{
    Around, Changed, Command, Escalation, Kind, Rejected, State, Status, blank, held, lex_maria,
    lex_sarah,
};
use crate::calendar::{start_of_day, swedish_date};
use crate::case::event::{Changes, Faults};
use crate::case::information::PatientInformation;
use crate::fault::Reason;

/// A proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposing {
    /// Whether to notify; under lex Sarah the degree says it.
    pub notify: Option<bool>,
    /// Lex Sarah: the degree.
    pub degree: Option<Degree>,
    /// In words.
    pub text: String,
}

/// A decision whether IVO is notified.
#[derive(Clone, Debug, PartialEq)]
pub struct Deciding {
    /// Whether it is.
    pub yes: bool,
    /// Lex Maria: the test of PSL 1 kap. 5 §.
    pub test: Option<SeriousTest>,
    /// Why, also of a "no".
    pub motivation: String,
    /// The day it was decided; `None` is today.
    pub on: Option<Date>,
}

/// The end of an escalation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Closing {
    /// In a sentence.
    pub summary: Option<String>,
    /// Lex Maria: the information of PSL 3 kap. 8 §, where the case has none yet.
    pub patient_information: Option<PatientInformation>,
}

impl Escalation {
    /// The status, when it takes `command` and is not about whoever acts.
    pub(super) fn begin(&self, command: Command, around: Around<'_>) -> Result<Status, Rejected> {
        let status = self.admit(command)?;
        if self.matter.criticised.contains(&around.by) {
            return Err(Rejected::OwnMatter);
        }
        Ok(status)
    }

    /// A fault when a decision is dated in the future, or before it was raised.
    pub(super) fn decided_on(
        &self,
        on: Date,
        field: &str,
        faults: &mut Faults,
        around: Around<'_>,
    ) {
        let given = start_of_day(on);
        faults.require(on <= swedish_date(around.now), field, Reason::InFuture { given });
        let raised = on >= swedish_date(self.flagged_at);
        faults.require(raised, field, Reason::Before { other: "flagged_at".into() });
    }

    /// The instant of a decision of a day: now, or the beginning of an earlier day, though not before it
    /// was raised.
    pub(super) fn decided_at(&self, on: Date, now: Timestamp) -> Timestamp {
        if on == swedish_date(now) { now } else { start_of_day(on).max(self.flagged_at) }
    }

    /// Proposes a decision; it decides nothing, and may be made anew until somebody has decided.
    ///
    /// # Errors
    /// [`Rejected`] without words; under lex Sarah without a degree, else without yes or no.
    pub fn propose(mut self, new: Proposing, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Propose, around)?;
        let mut faults = Faults::default();
        faults.require(!blank(&new.text), "/text", Reason::Required);
        let notify = match self.kind {
            Kind::LexMaria | Kind::Riskperson => {
                faults.require(new.notify.is_some(), "/notify", Reason::Required);
                faults.require(new.degree.is_none(), "/degree", Reason::UnknownField);
                new.notify.unwrap_or_default()
            }
            Kind::LexSarah => {
                faults.require(new.degree.is_some(), "/degree", Reason::Required);
                faults.require(new.notify.is_none(), "/notify", Reason::UnknownField);
                new.degree.is_some_and(Degree::notified)
            }
        };
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("proposal", &None, &Some(&new.text));
        self.matter.proposals.push(Proposal {
            notify,
            degree: new.degree,
            text: new.text,
            by: around.by,
            at: around.now,
        });
        Ok(self.changed(Command::Propose, from, changes, None, around.now))
    }

    /// Decides whether IVO is notified: lex Maria and riskperson.
    ///
    /// # Errors
    /// [`Rejected`] by whom nobody has given it on that day; without a motivation, also of a "no";
    /// before anything was proposed; lex Maria also without the test of PSL 1 kap. 5 §, or with a "yes"
    /// that passes none of it.
    pub fn decide(mut self, new: Deciding, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Decide, around)?;
        let on = new.on.unwrap_or_else(|| swedish_date(around.now));
        let line = delegated(around.delegations, &[Delegated::from(self.kind)], around.by, on)?;
        let mut faults = Faults::default();
        faults.require(!blank(&new.motivation), "/motivation", Reason::Required);
        self.decided_on(on, "/decided_on", &mut faults, around);
        let proposed = self.matter.standing_proposal().is_some();
        faults.require(proposed, "", Reason::inconsistent("nothing_proposed"));
        match self.kind {
            Kind::LexMaria => {
                faults.require(new.test.is_some(), "/test", Reason::Required);
                let passes = !new.yes || new.test != Some(SeriousTest::None);
                faults.require(passes, "/test", Reason::inconsistent("notified_without_test"));
            }
            Kind::Riskperson | Kind::LexSarah => {
                faults.require(new.test.is_none(), "/test", Reason::UnknownField);
            }
        }
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("decision", &None, &Some(if new.yes { "yes" } else { "no" }));
        let reason = Some(new.motivation.clone());
        self.matter.decision = Some(Decision {
            yes: new.yes,
            degree: None,
            test: new.test,
            motivation: Some(new.motivation),
            on,
            at: self.decided_at(on, around.now),
            by: Some(around.by),
            delegation: Some(line.reference.clone()),
        });
        self.state = if new.yes { State::DecidedYes } else { State::DecidedNo };
        Ok(self.changed(Command::Decide, from, changes, reason, around.now))
    }

    /// Takes a "no" up again: what was screened out, decided not to be notified, not taken up, or found
    /// to be of a milder degree. The old decision is kept.
    ///
    /// # Errors
    /// [`Rejected`] without a reason, and for a degree that is to be notified.
    pub fn reassess(mut self, reason: String, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Reassess, around)?;
        let mut faults = Faults::default();
        faults.require(!blank(&reason), "/reason", Reason::Required);
        let no = self.matter.decision.as_ref().is_none_or(|decision| !decision.yes)
            && self.matter.notification.is_none();
        faults.require(no, "", Reason::inconsistent("not_a_no"));
        if let Some(case) = around.case {
            super::raise::stands_beside(case, &mut faults);
        }
        held(faults)?;
        let screening = match &self.state {
            State::ScreenedOut(screening) => Some(screening.clone()),
            _ => None,
        };
        let decision = self.matter.decision.take();
        let mut changes = Changes::default();
        let said = decision.as_ref().and_then(|decision| decision.motivation.clone());
        changes.note("decision", &said, &None);
        self.matter.earlier.push(Earlier {
            screening,
            decision,
            notification: None,
            ivo: None,
            proposals: self.matter.proposals.len(),
            reason: reason.clone(),
            by: around.by,
            at: around.now,
        });
        self.state = match (self.kind, from) {
            (Kind::LexMaria | Kind::Riskperson, _) => State::Reassessing,
            (Kind::LexSarah, Status::Assessed | Status::FollowingUp) => State::Investigating,
            (Kind::LexSarah, _) if self.matter.receipt.is_some() => {
                lex_sarah::resumes_as(&self.matter)
            }
            (Kind::LexSarah, _) => {
                self.reported_by_screener(around);
                State::Reported
            }
        };
        Ok(self.changed(Command::Reassess, from, changes, Some(reason), around.now))
    }

    /// Ends it, when everything it asks for is done.
    ///
    /// # Errors
    /// [`Rejected`] with everything that is missing. Lex Maria: the information of PSL 3 kap. 8 § where it
    /// was a vårdskada, each cause answered, measures followed up. Lex Sarah: investigated and assessed,
    /// put right on a day, the person informed or not, the note in the personakt, the police considered.
    pub fn close(mut self, closing: Closing, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Close, around)?;
        let mut faults = Faults::default();
        let mut changes = Changes::default();
        if let Some(information) = closing.patient_information {
            faults.extend(information.faults("/patient_information"));
            let old = self.matter.patient_information.replace(information);
            changes.note("patient_information", &old, &self.matter.patient_information);
        }
        match (self.kind, around.case) {
            // What came by import meets no guard backwards.
            (Kind::LexMaria, Some(case)) if !self.imported => {
                lex_maria::close_faults(case, &self.matter, &mut faults);
            }
            (Kind::LexSarah, _) => {
                lex_sarah::close_faults(&self.matter, self.imported, &mut faults);
            }
            (Kind::LexMaria | Kind::Riskperson, _) => {}
        }
        held(faults)?;
        let summary = closing.summary.filter(|text| !blank(text));
        changes.note("closed_at", &None, &Some(around.now));
        self.state = State::Closed(Ending { summary, by: around.by, at: around.now });
        Ok(self.changed(Command::Close, from, changes, None, around.now))
    }
}
