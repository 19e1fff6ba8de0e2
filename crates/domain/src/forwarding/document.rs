//! What leaves for a counterparty, and nothing else: a minimised document with its own text, written
//! for the reader at the other end. The case itself never leaves.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Around, Changed, Command, Forwarding, Kind, Rejected, State, blank, held};
use crate::calendar::swedish_date;
use crate::case::event::{Changes, Faults};
use crate::fault::{Fault, Reason};
use crate::ids::CounterpartyId;
use crate::law::Law;
use crate::personnummer::find_in;

/// The longest line, in characters.
pub const LONGEST_LINE: usize = 200;
/// The longest text, in characters.
pub const LONGEST_TEXT: usize = 10_000;

/// The document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// What it is about, in a line.
    pub matter: String,
    /// What happened, as far as the reader needs it.
    pub text: String,
    /// What we want to know, or want done.
    pub question: Option<String>,
    /// Where it happened at the other end: the counterparty's unit or function.
    pub unit: Option<String>,
    /// The day it happened, where that may be told.
    pub event_on: Option<Date>,
}

impl Document {
    /// Every text of it with its JSON pointer.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("/matter", Some(self.matter.as_str())),
            ("/text", Some(self.text.as_str())),
            ("/question", self.question.as_deref()),
            ("/counterparty_unit", self.unit.as_deref()),
        ];
        all.into_iter().filter_map(|(field, text)| Some((field, text?)))
    }

    /// What keeps it from leaving whatever is decided: a personal identity number anywhere, a text longer
    /// than is taken, a day that has not come.
    pub fn faults(&self, today: Date) -> Vec<Fault> {
        let mut faults = Faults::default();
        for (field, text) in self.texts() {
            let longest =
                if field == "/text" || field == "/question" { LONGEST_TEXT } else { LONGEST_LINE };
            outgoing(text, field, longest, today, &mut faults);
        }
        if let Some(day) = self.event_on {
            let given = crate::calendar::start_of_day(day);
            faults.require(day <= today, "/event_on", Reason::InFuture { given });
        }
        faults.into_vec()
    }

    /// What is missing before it may leave.
    pub(super) fn complete(&self, faults: &mut Faults) {
        faults.require(!blank(&self.matter), "/matter", Reason::Required);
        faults.require(!blank(&self.text), "/text", Reason::Required);
        let unit = self.unit.as_deref().is_some_and(|unit| !blank(unit));
        faults.require(unit, "/counterparty_unit", Reason::Required);
    }
}

/// Holds a text that leaves, or is kept of what came: no personal identity number, and not longer than
/// `longest` characters.
pub(super) fn outgoing(text: &str, field: &str, longest: usize, today: Date, faults: &mut Faults) {
    faults.require(text.chars().count() <= longest, field, Reason::TooLong { max: longest });
    for found in find_in(text, today) {
        let reason = Reason::PersonalNumber { position: found.position, length: found.length };
        faults.push(field, reason);
    }
}

/// A draft written on. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editing {
    /// To whom.
    pub counterparty: Option<CounterpartyId>,
    /// Single or joint.
    pub kind: Option<Kind>,
    /// By whose rules it is judged.
    pub law: Option<Law>,
    /// The whole document.
    pub document: Option<Document>,
}

impl Forwarding {
    /// Writes a draft on. A decision made about the text of before holds no more.
    ///
    /// # Errors
    /// [`Rejected`] where it has left; for a personal identity number in a text, with its position.
    pub fn edit(mut self, editing: Editing, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Edit)?;
        around.staff()?;
        let mut changes = Changes::default();
        if let Some(document) = editing.document {
            let mut faults = Faults::default();
            faults.extend(document.faults(swedish_date(around.now)));
            held(faults)?;
            changes.note("document", &self.document, &document);
            self.document = document;
        }
        if let Some(counterparty) = editing.counterparty {
            changes.note("counterparty", &self.counterparty, &counterparty);
            self.counterparty = counterparty;
        }
        if let Some(kind) = editing.kind {
            changes.note("kind", &self.kind, &kind);
            self.kind = kind;
        }
        if let Some(law) = editing.law {
            changes.note("law", &self.law, &law);
            self.law = law;
        }
        self.matter.decision = None;
        self.state = State::Draft;
        Ok(self.changed(Command::Edit, from, changes, None, around))
    }
}
