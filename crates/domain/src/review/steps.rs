//! What is done to a review: each command consumes it and gives it back changed, with its event.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    Analysis, Changed, Command, Done, Event, Half, Improvement, ImprovementState, OWNING, Owner,
    Rejected, Review, Signature, State, Status, Subject,
};
use crate::calendar::{add_days, swedish_date};
use crate::case::event::{Changes, Faults, FieldChange};
use crate::case::measure::Effect;
use crate::fault::Reason;
use crate::ids::{ImprovementId, ReviewId};

/// The longest analysis, in characters.
pub const LONGEST_ANALYSIS: usize = 20_000;
/// The longest improvement, note or reason, in characters.
pub const LONGEST_IMPROVEMENT: usize = 2000;
/// How many days after its day an improvement is followed up, unless said otherwise.
const FOLLOW_UP_DAYS: i32 = 60;
/// How many improvements a review may hold.
const MOST_IMPROVEMENTS: usize = 50;

/// An improvement to be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImprovement {
    /// Its id.
    pub id: ImprovementId,
    /// What is done.
    pub text: String,
    /// Who sees to it.
    pub owner: Owner,
    /// Until which day.
    pub due_on: Date,
    /// From which day it is asked whether it helped; 60 days after its day unless said.
    pub follow_up_on: Option<Date>,
}

/// What is said of an improvement. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Option<Effect>,
    /// That, in words.
    pub note: Option<String>,
    /// Another day until which it is to be done.
    pub due_on: Option<Date>,
    /// Another who sees to it.
    pub owner: Option<Owner>,
    /// Given up, and why.
    pub dropped: Option<String>,
}

fn words(text: &str, field: &str, max: usize, faults: &mut Faults) -> String {
    let text = text.trim();
    faults.require(!text.is_empty(), field, Reason::Required);
    faults.require(text.chars().count() <= max, field, Reason::TooLong { max });
    text.to_owned()
}

fn owner_faults(owner: Owner, faults: &mut Faults) {
    if let Owner::Role(role) = owner {
        let unknown = Reason::UnknownCode { list: "role".into(), given: role.code().into() };
        faults.require(OWNING.contains(&role), "/owner/role", unknown);
    }
}

fn hold(faults: Faults) -> Result<(), Rejected> {
    if faults.is_empty() { Ok(()) } else { Err(Rejected::Guard(faults.into_vec())) }
}

impl Review {
    /// The review of a half, made when it had ended.
    pub fn create(
        id: ReviewId,
        subject: Subject,
        half: Half,
        due_on: Date,
        now: jiff::Timestamp,
    ) -> Changed {
        let review = Review {
            id,
            subject,
            half,
            created_at: now,
            due_on,
            state: State::Open,
            improvements: Vec::new(),
            superseded: Vec::new(),
            version: 1,
            updated_at: now,
        };
        let event = Event {
            command: Command::Create,
            from: None,
            to: Status::Open,
            changes: Vec::new(),
            reason: None,
        };
        Changed { review, event }
    }

    fn refused(&self, command: Command) -> Rejected {
        Rejected::State { status: self.status(), command }
    }

    /// The review with one more change.
    fn changed(
        mut self,
        command: Command,
        from: Status,
        changes: Vec<FieldChange>,
        reason: Option<String>,
        at: jiff::Timestamp,
    ) -> Changed {
        self.version += 1;
        self.updated_at = at;
        let to = self.status();
        Changed { review: self, event: Event { command, from: Some(from), to, changes, reason } }
    }

    /// Writes what the team makes of the figures.
    ///
    /// # Errors
    /// [`Rejected::State`] for what is signed; the faults of the text.
    pub fn write(mut self, text: &str, done: Done) -> Result<Changed, Rejected> {
        let from = self.status();
        let old = match &self.state {
            State::Open => None,
            State::Written { analysis } => Some(analysis.text.clone()),
            State::Signed { .. } => return Err(self.refused(Command::Write)),
        };
        let mut faults = Faults::default();
        let text = words(text, "/text", LONGEST_ANALYSIS, &mut faults);
        hold(faults)?;
        let mut changes = Changes::default();
        changes.note("analysis", &old, &Some(text.clone()));
        self.state = State::Written { analysis: Analysis { text, written: done } };
        Ok(self.changed(Command::Write, from, changes.into_vec(), None, done.at))
    }

    /// Decides an improvement.
    ///
    /// # Errors
    /// [`Rejected::State`] for what is signed; everything that is wrong with it.
    pub fn improve(mut self, new: NewImprovement, done: Done) -> Result<Changed, Rejected> {
        let from = self.status();
        match &self.state {
            State::Open | State::Written { .. } => {}
            State::Signed { .. } => return Err(self.refused(Command::Improve)),
        }
        let NewImprovement { id, text, owner, due_on, follow_up_on } = new;
        let mut faults = Faults::default();
        let text = words(&text, "/text", LONGEST_IMPROVEMENT, &mut faults);
        owner_faults(owner, &mut faults);
        let before = |other: &str| Reason::Before { other: other.to_owned() };
        faults.require(due_on >= swedish_date(done.at), "/due_on", before("today"));
        let follow_up_on = follow_up_on.unwrap_or_else(|| add_days(due_on, FOLLOW_UP_DAYS));
        faults.require(follow_up_on >= due_on, "/follow_up_on", before("/due_on"));
        faults.require(
            self.improvements.len() < MOST_IMPROVEMENTS,
            "",
            Reason::inconsistent("too_many_improvements"),
        );
        hold(faults)?;
        let new = json!({ "id": id, "text": text, "owner": owner, "due_on": due_on,
            "follow_up_on": follow_up_on });
        let change = FieldChange { field: "improvements".into(), old: Value::Null, new };
        self.improvements.push(Improvement {
            id,
            text,
            owner,
            due_on,
            follow_up_on,
            decided: done,
            state: ImprovementState::Decided,
        });
        Ok(self.changed(Command::Improve, from, vec![change], None, done.at))
    }

    /// Says how far an improvement has come: at any time, for what was decided goes on after it is
    /// signed.
    ///
    /// # Errors
    /// [`Rejected::NotThere`]; everything that is wrong with what is said.
    pub fn progress(
        mut self,
        id: ImprovementId,
        said: Progress,
        done: Done,
    ) -> Result<Changed, Rejected> {
        let from = self.status();
        let place = self.improvements.iter().position(|it| it.id == id);
        let place = place.ok_or(Rejected::NotThere)?;
        let before = self.improvements[place].clone();
        let after = before.clone().with(said, done)?;
        let mut changes = Changes::default();
        changes.note("improvement.due_on", &before.due_on, &after.due_on);
        changes.note("improvement.owner", &before.owner, &after.owner);
        changes.note("improvement.state", &before.state, &after.state);
        let mut changes = changes.into_vec();
        if !changes.is_empty() {
            let id = json!(after.id);
            changes.push(FieldChange { field: "improvement.id".into(), old: id.clone(), new: id });
        }
        let reason = match &after.state {
            ImprovementState::Dropped { reason, .. } => Some(reason.clone()),
            ImprovementState::Decided
            | ImprovementState::Done { .. }
            | ImprovementState::Judged { .. } => None,
        };
        self.improvements[place] = after;
        Ok(self.changed(Command::Progress, from, changes, reason, done.at))
    }

    /// Signs it. What is bound is the version as it stands, with its figures.
    ///
    /// # Errors
    /// [`Rejected::State`] where nothing is written, or it is signed.
    pub fn sign(mut self, done: Done) -> Result<Changed, Rejected> {
        let from = self.status();
        let analysis = match &self.state {
            State::Written { analysis } => analysis.clone(),
            State::Open | State::Signed { .. } => return Err(self.refused(Command::Sign)),
        };
        let signature = Signature { signed: done, version: self.version };
        self.state = State::Signed { analysis, signature };
        let new = json!(signature);
        let change = FieldChange { field: "signature".into(), old: Value::Null, new };
        Ok(self.changed(Command::Sign, from, vec![change], None, done.at))
    }

    /// Takes up again what is signed: the signature is kept, and holds no longer.
    ///
    /// # Errors
    /// [`Rejected::State`] for what is not signed; the fault of no reason.
    pub fn reopen(mut self, reason: &str, done: Done) -> Result<Changed, Rejected> {
        let from = self.status();
        let (analysis, signature) = match &self.state {
            State::Signed { analysis, signature } => (analysis.clone(), *signature),
            State::Open | State::Written { .. } => return Err(self.refused(Command::Reopen)),
        };
        let mut faults = Faults::default();
        let reason = words(reason, "/reason", LONGEST_IMPROVEMENT, &mut faults);
        hold(faults)?;
        self.superseded.push(signature);
        self.state = State::Written { analysis };
        let old = json!(signature);
        let change = FieldChange { field: "signature".into(), old, new: Value::Null };
        Ok(self.changed(Command::Reopen, from, vec![change], Some(reason), done.at))
    }
}

impl Improvement {
    /// The improvement after what was said of it.
    fn with(mut self, said: Progress, done: Done) -> Result<Self, Rejected> {
        let mut faults = Faults::default();
        let today = swedish_date(done.at);
        let Progress { done_on, effect, note, due_on, owner, dropped } = said;
        let settled = Reason::inconsistent("improvement_is_settled");
        let given = done_on.is_some()
            || effect.is_some()
            || due_on.is_some()
            || owner.is_some()
            || dropped.is_some();
        faults.require(given, "", Reason::Required);
        faults.require(self.state.owed(), "", settled);
        if let Some(owner) = owner {
            owner_faults(owner, &mut faults);
            self.owner = owner;
        }
        if let Some(day) = due_on {
            let done = matches!(self.state, ImprovementState::Done { .. });
            faults.require(!done, "/due_on", Reason::inconsistent("improvement_is_done"));
            let before = Reason::Before { other: "today".into() };
            faults.require(day >= today, "/due_on", before);
            self.due_on = day;
            self.follow_up_on = self.follow_up_on.max(day);
        }
        if let Some(on) = done_on {
            let future = Reason::InFuture { given: done.at };
            faults.require(on <= today, "/done_on", future);
        }
        let on = done_on.or(self.state.done_on());
        let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
        if let Some(note) = &note {
            let max = LONGEST_IMPROVEMENT;
            faults.require(note.chars().count() <= max, "/note", Reason::TooLong { max });
            faults.require(effect.is_some(), "/effect", Reason::Required);
        }
        if let Some(reason) = dropped {
            let reason = words(&reason, "/dropped", LONGEST_IMPROVEMENT, &mut faults);
            let other = done_on.is_some() || effect.is_some();
            faults.require(!other, "/dropped", Reason::inconsistent("done_or_dropped"));
            hold(faults)?;
            self.state = ImprovementState::Dropped { reason, noted: done };
            return Ok(self);
        }
        if let Some(effect) = effect {
            let judged = effect != Effect::NotYet;
            let unknown =
                Reason::UnknownCode { list: "measure_effect".into(), given: effect.code().into() };
            faults.require(judged, "/effect", unknown);
            faults.require(on.is_some(), "/done_on", Reason::Required);
        }
        hold(faults)?;
        self.state = match (on, effect) {
            (Some(on), Some(effect)) => ImprovementState::Judged { on, effect, note, noted: done },
            (Some(on), None) => ImprovementState::Done { on, noted: done },
            (None, _) => self.state,
        };
        Ok(self)
    }
}
