//! What a command gives back: the changed case with the event that tells of it, or why not.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Case, Command, Status};
use crate::fault::{Fault, Reason};
use crate::opinion::StageName;

/// One field that changed, for the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name, as in the JSON of a case.
    pub field: String,
    /// What it was.
    pub old: Value,
    /// What it is.
    pub new: Value,
}

/// What happened to a case, for its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The command that made it happen.
    pub command: Command,
    /// Where the case stood; `None` at filing.
    pub from: Option<Status>,
    /// Where it stands now.
    pub to: Status,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
}

/// A case after a command, with its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The case as it is now; its version has grown by one.
    pub case: Case,
    /// What happened.
    pub event: Event,
}

/// Why a command was not carried out. The case is as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejected {
    /// The command does not exist for a case that stands there.
    State {
        /// Where the case stands.
        status: Status,
        /// What was asked.
        command: Command,
    },
    /// The command does not exist for an opinion that stands there.
    Stage {
        /// Where the opinion stands.
        stage: StageName,
        /// What was asked.
        command: Command,
    },
    /// Something is missing or wrong; every fault is named.
    Guard(Vec<Fault>),
}

/// Whether a value says anything: not null, not empty, not "nobody has judged it".
fn said(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty() && text != "not_assessed",
        Value::Array(items) => items.iter().any(said),
        Value::Object(fields) => fields.values().any(said),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Collects the faults of a command, so that the caller gets all of them at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub fn push(&mut self, field: impl Into<String>, reason: Reason) {
        self.0.push(Fault::at(field, reason));
    }

    /// Adds a fault unless `held`.
    pub fn require(&mut self, held: bool, field: impl Into<String>, reason: Reason) {
        if !held {
            self.push(field, reason);
        }
    }

    /// Adds several.
    pub fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.0.extend(faults);
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are so far.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The faults found.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }

    /// `Ok` when nothing was wrong.
    pub fn into_result(self) -> Result<(), Rejected> {
        if self.0.is_empty() { Ok(()) } else { Err(Rejected::Guard(self.0)) }
    }
}

/// Notes the fields that differ between two readings of a case.
#[derive(Debug, Default)]
pub struct Changes(Vec<FieldChange>);

impl Changes {
    /// Notes `field` when its value changed.
    pub fn note<T: Serialize + PartialEq>(&mut self, field: &str, old: &T, new: &T) {
        if old != new {
            // A value that cannot be shown as JSON is shown as null: a history must not fail.
            let show = |value: &T| serde_json::to_value(value).unwrap_or(Value::Null);
            self.0.push(FieldChange { field: field.to_owned(), old: show(old), new: show(new) });
        }
    }

    /// Whether something that was there before was replaced, rather than given for the first time.
    pub fn replace_something(&self) -> bool {
        self.0.iter().any(|change| said(&change.old))
    }

    /// Adds those noted elsewhere.
    pub fn extend(&mut self, others: Changes) {
        self.0.extend(others.0);
    }

    /// The changes noted.
    pub fn into_vec(self) -> Vec<FieldChange> {
        self.0
    }
}
