//! What is done, by whom, until when (åtgärd), and whether it helped. PSL 3 kap. 2 § asks for a
//! schedule (tidsplan) for what cannot be done at once.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::investigation::Investigation;
use super::lifecycle::Command;
use super::{Case, Changed, Rejected, State};
use crate::calendar::swedish_date;
use crate::code_lists::CodeLists;
use crate::fault::Reason;
use crate::ids::{CauseId, MeasureId};

/// Whether a measure helped: codes of the list `measure_effect`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nobody has looked yet.
    #[default]
    NotYet,
    /// It helped.
    Yes,
    /// It helped in part.
    Partly,
    /// It did not help.
    No,
}

impl Effect {
    /// Every value.
    pub const ALL: [Effect; 4] = [Effect::NotYet, Effect::Yes, Effect::Partly, Effect::No];

    /// The code, as in the list `measure_effect`.
    pub fn code(self) -> &'static str {
        match self {
            Effect::NotYet => "not_yet",
            Effect::Yes => "yes",
            Effect::Partly => "partly",
            Effect::No => "no",
        }
    }
}

impl std::str::FromStr for Effect {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Effect::ALL.into_iter().find(|effect| effect.code() == code).ok_or(())
    }
}

/// How far a measure has come by some day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureStatus {
    /// Not done yet.
    Open,
    /// Not done, and its day has passed.
    Overdue,
    /// Done.
    Done,
}

impl std::str::FromStr for MeasureStatus {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        match code {
            "open" => Ok(MeasureStatus::Open),
            "overdue" => Ok(MeasureStatus::Overdue),
            "done" => Ok(MeasureStatus::Done),
            _ => Err(()),
        }
    }
}

/// One measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its id.
    pub id: MeasureId,
    /// A code of the list `measure_type`.
    pub kind: String,
    /// What is done.
    pub text: String,
    /// The causes it is meant against.
    pub causes: Vec<CauseId>,
    /// Who does it: a name or a role.
    pub owner: Option<String>,
    /// Until which day.
    pub due_on: Option<Date>,
    /// The day on which someone looks whether it helped.
    pub follow_up_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Effect,
    /// In words.
    pub effect_note: Option<String>,
}

impl Measure {
    /// Whether it is done, or at least has an owner, a day, and a day to look whether it helped.
    pub fn settled(&self) -> bool {
        self.done_on.is_some() || (self.scheduled() && self.follow_up_on.is_some())
    }

    /// How far it has come by `today`.
    pub fn status(&self, today: Date) -> MeasureStatus {
        match (self.done_on, self.due_on) {
            (Some(_), _) => MeasureStatus::Done,
            (None, Some(due)) if due < today => MeasureStatus::Overdue,
            (None, _) => MeasureStatus::Open,
        }
    }

    /// Whether it has an owner and a day, or is done already.
    pub fn scheduled(&self) -> bool {
        self.done_on.is_some() || (self.owner.is_some() && self.due_on.is_some())
    }
}

/// A change to one measure: what is `None` stays as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasureProgress {
    /// Who does it.
    pub owner: Option<String>,
    /// Until which day.
    pub due_on: Option<Date>,
    /// When someone looks whether it helped.
    pub follow_up_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Option<Effect>,
    /// In words.
    pub effect_note: Option<String>,
}

/// A cause answered by a reason instead of a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The cause.
    pub cause: CauseId,
    /// Why no measure is taken.
    pub reason: String,
}

impl Case {
    fn inquiry(&self) -> Result<Investigation, Rejected> {
        self.investigation.clone().ok_or_else(|| {
            let missing = crate::fault::Fault::at("", Reason::inconsistent("no_investigation"));
            Rejected::Guard(vec![missing])
        })
    }

    /// Adds measures, and waives causes.
    ///
    /// # Errors
    /// [`Rejected`] where there is no investigation, for an unknown code or cause, or an empty text.
    pub fn add_measures(
        mut self,
        measures: Vec<Measure>,
        waivers: Vec<Waiver>,
        codes: &CodeLists,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Measure)?;
        let mut inquiry = self.inquiry()?.next();
        let day = swedish_date(now);
        let mut faults = Faults::default();
        if measures.is_empty() && waivers.is_empty() {
            faults.push("/measures", Reason::Required);
        }
        let mut changes = Changes::default();
        for (at, measure) in measures.into_iter().enumerate() {
            if let Err(reason) = codes.check("measure_type", &measure.kind, day) {
                faults.push(format!("/measures/{at}/type"), reason);
            }
            let said = !measure.text.trim().is_empty();
            faults.require(said, format!("/measures/{at}/text"), Reason::Required);
            for (nth, cause) in measure.causes.iter().enumerate() {
                let known = inquiry.causes.iter().any(|known| known.id == *cause);
                faults.require(known, format!("/measures/{at}/causes/{nth}"), Reason::NotFound);
            }
            changes.note("measures", &None, &Some(&measure.text));
            inquiry.measures.push(measure);
        }
        for (at, waiver) in waivers.into_iter().enumerate() {
            let said = !waiver.reason.trim().is_empty();
            faults.require(said, format!("/waivers/{at}/reason"), Reason::Required);
            match inquiry.causes.iter_mut().find(|cause| cause.id == waiver.cause) {
                Some(cause) => {
                    changes.note("waivers", &cause.waiver, &Some(waiver.reason.clone()));
                    cause.waiver = Some(waiver.reason);
                }
                None => faults.push(format!("/waivers/{at}/cause"), Reason::NotFound),
            }
        }
        faults.into_result()?;
        self.investigation = Some(inquiry);
        Ok(self.changed(Command::Measure, from, changes, None, now))
    }

    /// Writes down how one measure goes. Also after the case is closed: a measure outlives it.
    ///
    /// # Errors
    /// [`Rejected`] for an unknown measure, a day done that lies ahead, or an effect before it is done.
    pub fn progress_measure(
        mut self,
        id: MeasureId,
        progress: MeasureProgress,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Measure)?;
        let mut inquiry = self.inquiry()?.next();
        let mut faults = Faults::default();
        let mut changes = Changes::default();
        match inquiry.measures.iter_mut().find(|measure| measure.id == id) {
            None => faults.push("", Reason::NotFound),
            Some(measure) => {
                let old = measure.clone();
                measure.owner = progress.owner.or(measure.owner.take());
                measure.due_on = progress.due_on.or(measure.due_on);
                measure.follow_up_on = progress.follow_up_on.or(measure.follow_up_on);
                measure.done_on = progress.done_on.or(measure.done_on);
                measure.effect = progress.effect.unwrap_or(measure.effect);
                measure.effect_note = progress.effect_note.or(measure.effect_note.take());
                let today = swedish_date(now);
                let done = measure.done_on;
                faults.require(
                    done.is_none_or(|day| day <= today),
                    "/done_on",
                    Reason::InFuture { given: now },
                );
                let judged = measure.effect != Effect::NotYet;
                faults.require(
                    !judged || done.is_some(),
                    "/effect",
                    Reason::inconsistent("effect_before_done"),
                );
                changes.note("measure.owner", &old.owner, &measure.owner);
                changes.note("measure.due_on", &old.due_on, &measure.due_on);
                changes.note("measure.follow_up_on", &old.follow_up_on, &measure.follow_up_on);
                changes.note("measure.done_on", &old.done_on, &measure.done_on);
                changes.note("measure.effect", &old.effect, &measure.effect);
                changes.note("measure.effect_note", &old.effect_note, &measure.effect_note);
            }
        }
        faults.into_result()?;
        self.investigation = Some(inquiry);
        Ok(self.changed(Command::Measure, from, changes, None, now))
    }

    /// Decides the measures.
    ///
    /// # Errors
    /// [`Rejected`] unless the investigation is complete and each cause has a measure or a waiver.
    pub fn decide_measures(mut self, now: Timestamp) -> Result<Changed, Rejected> {
        let from = self.admit(Command::DecideMeasures)?;
        self.by_opinion("use_opinion_answer")?;
        let inquiry = self.inquiry()?;
        let mut faults = Faults::default();
        let missing = !inquiry.missing(self.assessment.track).is_empty();
        let complete = inquiry.completed_at.is_some() && !missing;
        faults.require(complete, "", Reason::inconsistent("investigation_not_complete"));
        for cause in inquiry.unanswered_causes() {
            faults.push(
                format!("/causes/{}", cause.id),
                Reason::inconsistent("cause_without_measure"),
            );
        }
        faults.into_result()?;
        self.state = State::MeasuresDecided;
        self.progress.measures_decided_at = Some(now);
        Ok(self.changed(Command::DecideMeasures, from, Changes::default(), None, now))
    }

    /// Begins to follow the measures up.
    ///
    /// # Errors
    /// [`Rejected`] unless each measure has an owner and a day (PSL 3 kap. 2 §).
    pub fn follow_up(mut self, now: Timestamp) -> Result<Changed, Rejected> {
        let from = self.admit(Command::FollowUp)?;
        self.by_opinion("use_opinion_answer")?;
        let inquiry = self.inquiry()?;
        let mut faults = Faults::default();
        for measure in inquiry.measures.iter().filter(|measure| !measure.scheduled()) {
            let field = format!("/measures/{}", measure.id);
            faults.push(field, Reason::inconsistent("measure_without_owner_or_day"));
        }
        faults.into_result()?;
        self.state = State::FollowingUp;
        self.progress.following_up_at = Some(now);
        Ok(self.changed(Command::FollowUp, from, Changes::default(), None, now))
    }
}
