//! Correcting what was put down wrong: person, unit, day, law, answers to forms. The old value stays in
//! the history; the reporter's own text is never overwritten.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::triage::{Judgement, LexQuestion};
use super::{Case, Changed, Rejected, Status};
use crate::calendar::swedish_date;
use crate::code_lists::CodeLists;
use crate::fault::Reason;
use crate::forms;
use crate::ids::{StaffId, SubjectId, UnitId};
use crate::law::Law;

/// What is put right: what is `None` stays as it was. A time of `Some(None)` becomes unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Correction {
    /// Where it happened.
    pub unit: Option<UnitId>,
    /// Who reported it.
    pub reporting_unit: Option<UnitId>,
    /// Other units concerned.
    pub also_units: Option<Vec<UnitId>>,
    /// When it happened.
    pub occurred_at: Option<Option<Timestamp>>,
    /// When it ended.
    pub occurred_until: Option<Option<Timestamp>>,
    /// When it was found out.
    pub discovered_at: Option<Option<Timestamp>>,
    /// The laws it falls under.
    pub law: Option<Vec<Law>>,
    /// Answers to questions of forms, by their codes; `null` takes an answer away.
    pub details: Map<String, Value>,
    /// The person it is about, sealed by the caller.
    pub subject: Option<SubjectId>,
    /// The person's sex, when the new identity tells it.
    pub sex: Option<String>,
    /// The person's age band, when the new identity tells it.
    pub age_band: Option<String>,
    /// Why.
    pub reason: String,
}

impl Case {
    /// Corrects the case.
    ///
    /// # Errors
    /// [`Rejected`] for a draft, closed or void case; without a reason or without any field; for times
    /// in the future or out of order; for laws that ask a lex question nobody has answered; for answers
    /// that are no such option, or are words of the reporter's own.
    pub fn correct(
        mut self,
        correction: Correction,
        codes: &CodeLists,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Correct)?;
        let old = self.clone();
        let mut faults = Faults::default();
        faults.require(!correction.reason.trim().is_empty(), "/reason", Reason::Required);

        let times_given = correction.occurred_at.is_some()
            || correction.occurred_until.is_some()
            || correction.discovered_at.is_some();
        self.unit = correction.unit.unwrap_or(self.unit);
        self.reporting_unit = correction.reporting_unit.unwrap_or(self.reporting_unit);
        self.also_units = correction.also_units.unwrap_or(self.also_units);
        self.occurred_at = correction.occurred_at.unwrap_or(self.occurred_at);
        self.occurred_until = correction.occurred_until.unwrap_or(self.occurred_until);
        self.discovered_at = correction.discovered_at.unwrap_or(self.discovered_at);
        // Times that were kept in an odd order do not keep anything else from being put right.
        if times_given {
            for (field, value) in [
                ("/occurred_at", self.occurred_at),
                ("/occurred_until", self.occurred_until),
                ("/discovered_at", self.discovered_at),
            ] {
                if let Some(given) = value {
                    faults.require(given <= now, field, Reason::InFuture { given });
                }
            }
            if let Some(occurred) = self.occurred_at {
                let other = || Reason::Before { other: "/occurred_at".into() };
                let after = |value: Option<Timestamp>| value.is_none_or(|value| value >= occurred);
                faults.require(after(self.occurred_until), "/occurred_until", other());
                faults.require(after(self.discovered_at), "/discovered_at", other());
            }
        }
        if let Some(law) = correction.law {
            faults.require(!law.is_empty(), "/law", Reason::Required);
            for at in 0..law.len() {
                let first = !law[..at].contains(&law[at]);
                faults.require(first, format!("/law/{at}"), Reason::NotUnique);
            }
            let unanswered = LexQuestion::asked_by(&law)
                .into_iter()
                .any(|question| !self.assessment.lex.contains_key(&question));
            let late = from != Status::Reported;
            let code = Reason::inconsistent("lex_question_unanswered");
            faults.require(!(late && unanswered), "/law", code);
            self.assessment.law = law;
            self.assessment.judged.insert("law".into(), Judgement { by: Some(by), at: now });
        }
        self.answer_anew(&correction.details, codes, &mut faults);
        if correction.subject.is_some() {
            // Another person has another sex and age, even where the new identity does not tell them.
            self.subject = correction.subject;
            self.filing.sex = correction.sex;
            self.filing.age_band = correction.age_band;
        }
        faults.into_result()?;

        let mut changes = Changes::default();
        changes.note("unit", &old.unit, &self.unit);
        changes.note("reporting_unit", &old.reporting_unit, &self.reporting_unit);
        changes.note("also_units", &old.also_units, &self.also_units);
        changes.note("occurred_at", &old.occurred_at, &self.occurred_at);
        changes.note("occurred_until", &old.occurred_until, &self.occurred_until);
        changes.note("discovered_at", &old.discovered_at, &self.discovered_at);
        changes.note("law", &old.assessment.law, &self.assessment.law);
        for question in correction.details.keys() {
            let (old, new) = (old.filing.details.get(question), self.filing.details.get(question));
            changes.note(&format!("details.{question}"), &old, &new);
        }
        // The history names the sealed identity, never the person.
        changes.note("subject", &old.subject, &self.subject);
        changes.note("sex", &old.filing.sex, &self.filing.sex);
        changes.note("age_band", &old.filing.age_band, &self.filing.age_band);
        let changes_made = changes.into_vec();
        if changes_made.is_empty() {
            return Err(Rejected::Guard(vec![crate::fault::Fault::at(
                "",
                Reason::inconsistent("nothing_to_correct"),
            )]));
        }
        let mut changed =
            self.changed(Command::Correct, from, Changes::default(), Some(correction.reason), now);
        changed.event.changes = changes_made;
        Ok(changed)
    }
    /// Puts other answers in the place of the reporter's, which are counted then.
    fn answer_anew(
        &mut self,
        answers: &Map<String, Value>,
        codes: &CodeLists,
        faults: &mut Faults,
    ) {
        if answers.is_empty() {
            return;
        }
        for (question, answer) in answers {
            match answer {
                Value::Null => drop(self.filing.details.remove(question)),
                answer => drop(self.filing.details.insert(question.clone(), answer.clone())),
            }
            if !forms::is_coded(question) {
                let code = Reason::inconsistent("answer_in_words");
                faults.push(format!("/details/{}", forms::escaped(question)), code);
            }
        }
        let (category, day) = (self.category().map(str::to_owned), swedish_date(self.event_time()));
        let found = forms::check(self.kind, category.as_deref(), &self.filing.details, codes, day);
        // What the reporter answered oddly stays as it is until somebody corrects it.
        let given = |field: &str| {
            answers.iter().any(|(question, answer)| {
                !answer.is_null() && field == format!("/details/{}", forms::escaped(question))
            })
        };
        faults.extend(found.into_iter().filter(|fault| given(&fault.field)));
        for form in forms::answered(self.kind, &self.filing.details) {
            if self.filing.forms.iter().all(|known| known.form != form.form) {
                self.filing.forms.push(form);
            }
        }
    }
}
