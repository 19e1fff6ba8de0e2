//! Avvikelser between caregivers: a minimised document sent to a counterparty, or received from one,
//! and its answer. It stands beside a case and is never the case.
//!
//! Two machines share one shape: what we send ([`sent`]) and what we receive ([`received`]). Each file
//! has the table of its states and the guards of its commands. What a counterparty sees of one is made
//! in [`party`] and nowhere else.

pub mod answer;
pub mod counterparty;
pub mod disclosure;
pub mod document;
pub mod import;
pub mod joint;
pub mod leaving;
pub mod ledger;
pub mod party;
pub mod received;
pub mod sent;
pub mod silence;
mod state;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::case::event::{Changes, Faults, FieldChange};
use crate::fault::Fault;
use crate::ids::{CaseId, ContactId, CounterpartyId, ForwardingId, StaffId, UnitId};
use crate::law::Law;
use crate::number::CaseNumber;

pub use answer::{Answer, Channel, Exchange, Remark, Said, Short, Side};
pub use counterparty::{Contact, Counterparty, Details, HsaId};
pub use disclosure::{Deciding, Decision, Ground};
pub use document::{Document, Editing};
pub use joint::{Joint, JointMeasure, SharedEvent};
pub use received::{Approved, Approving, Findings, NewReceived, PassingOn};
pub use sent::{NewDraft, Reminder, Sending};
pub use silence::ForwardingRules;
pub use state::{Assignment, Command, Direction, Ending, Kind, PassedOn, Sharing, State, Status};

/// One forwarding.
#[derive(Clone, Debug, PartialEq)]
pub struct Forwarding {
    /// Its id.
    pub id: ForwardingId,
    /// Its number, which the other side quotes; what old imports brought has none.
    pub number: Option<CaseNumber>,
    /// Which way it goes.
    pub direction: Direction,
    /// Single or joint.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// The case it rests on: of a sent one always, of a received one since it was given to a unit.
    pub case: Option<CaseId>,
    /// The other end.
    pub counterparty: CounterpartyId,
    /// Where it happened at our end: of a sent one the case's unit; of a received one as far as is known.
    pub unit: Option<UnitId>,
    /// By whose rules it is judged here: who handles it follows from that.
    pub law: Law,
    /// What is told.
    pub document: Document,
    /// Everything that was said and done.
    pub matter: Matter,
    /// By which way it left, or came.
    pub channel: Option<Channel>,
    /// When it was begun here.
    pub created_at: Timestamp,
    /// When it left, or came in; a draft has not.
    pub sent_at: Option<Timestamp>,
    /// Until when an answer is due: theirs, or ours.
    pub due_on: Option<Date>,
    /// Came by import: wakes no clock, reminder or list until a person does something with it.
    pub imported: bool,
    /// Grows by one with every change; the ETag.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Everything that was said and done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Matter {
    /// Who began it here; `None` for a counterparty's own hand, and an import.
    pub begun_by: Option<StaffId>,
    /// Sent: the decision what may leave, about the document as it stands.
    pub decision: Option<Decision>,
    /// What the sides said to each other, in the order in which it was put down.
    pub exchanges: Vec<Exchange>,
    /// Sent: how often they were reminded, oldest first.
    pub reminders: Vec<Reminder>,
    /// When the one who got it first said so.
    pub acknowledged_at: Option<Timestamp>,
    /// When the one who got it first answered.
    pub answered_at: Option<Timestamp>,
    /// By which way that answer came, or went.
    pub answer_channel: Option<Channel>,
    /// Until when the one who got it promised an answer, where they did.
    pub expected_on: Option<Date>,
    /// The diarienummer it has at the other end.
    pub their_number: Option<String>,
    /// Received: who the person is came along, and lies sealed.
    pub identity_came: bool,
    /// Received: what was found, for us alone.
    pub findings: Option<Findings>,
    /// Received: what is answered, approved by name.
    pub answer: Option<Approved>,
    /// What both sides put together.
    pub joint: Joint,
}

/// Whose hand does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// One of our own.
    Staff(StaffId),
    /// The counterparty itself, by a page or a machine: one of its contacts, where that is known.
    Counterparty(Option<ContactId>),
    /// A job of the service.
    Job,
}

impl Hand {
    /// Who of ours it is.
    pub fn staff(self) -> Option<StaffId> {
        match self {
            Hand::Staff(staff) => Some(staff),
            Hand::Counterparty(_) | Hand::Job => None,
        }
    }
}

/// What a command is judged against.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Whose hand it is.
    pub by: Hand,
    /// The name of one of ours, as it is shown.
    pub name: Option<&'a str>,
    /// When.
    pub now: Timestamp,
}

impl Around<'_> {
    /// Who of ours it is.
    ///
    /// # Errors
    /// [`Rejected::NotTheirs`] for any other hand.
    fn staff(&self) -> Result<StaffId, Rejected> {
        self.by.staff().ok_or(Rejected::NotTheirs)
    }

    /// That it may speak for a side. One of ours also puts down what the counterparty said; the
    /// counterparty speaks for itself alone.
    fn speaks_for(&self, side: Side) -> Result<(), Rejected> {
        match (self.by, side) {
            (Hand::Staff(_), Side::Us | Side::Them) | (Hand::Counterparty(_), Side::Them) => Ok(()),
            (Hand::Counterparty(_), Side::Us) | (Hand::Job, Side::Us | Side::Them) => {
                Err(Rejected::NotTheirs)
            }
        }
    }
}

/// What happened to a forwarding, for its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The command that made it happen.
    pub command: Command,
    /// Where it stood; `None` when it was begun.
    pub from: Option<Status>,
    /// Where it stands now.
    pub to: Status,
    /// Whose hand it was.
    pub by: Hand,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
}

/// A forwarding after a command, with its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// As it is now; its version has grown by one.
    pub forwarding: Forwarding,
    /// What happened.
    pub event: Event,
}

/// Why a command was not carried out. The forwarding is as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejected {
    /// The command does not exist where it stands.
    State {
        /// Where it stands.
        status: Status,
        /// What was asked.
        command: Command,
    },
    /// It is not for that hand to do.
    NotTheirs,
    /// The same was said before: nothing is to be done, and nothing is wrong.
    AlreadySaid,
    /// Something is missing or wrong; every fault is named.
    Guard(Vec<Fault>),
}

impl Forwarding {
    /// The state's name.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// Whether something is still to be done by either side.
    pub fn open(&self) -> bool {
        self.status().open()
    }

    /// Whether it came by import and nobody has touched it since.
    pub fn quiet(&self) -> bool {
        self.imported && self.version == 1
    }

    /// What it takes where it stands, before any guard.
    pub fn commands(&self) -> impl Iterator<Item = Command> {
        let (direction, status, kind) = (self.direction, self.status(), self.kind);
        let joint = [Command::ShareEvent, Command::AddMeasure, Command::FinishMeasure];
        Command::ALL.iter().copied().filter(move |command| {
            direction.admits(status, *command) && (kind == Kind::Joint || !joint.contains(command))
        })
    }

    /// Whether something was said under this id already.
    pub fn said(&self, id: crate::ids::ExchangeId) -> bool {
        self.matter.exchanges.iter().any(|exchange| exchange.id == id)
            || self.matter.joint.timeline.iter().any(|event| event.id == id)
    }

    /// Whether the last word between the sides is a question to `side` that it has not replied to.
    pub fn asked(&self, side: Side) -> bool {
        let last = self.matter.exchanges.last();
        last.is_some_and(|it| it.act == Said::Question && it.from != side)
    }

    /// Says something that answers nothing: a question back, a reply to one, a word.
    ///
    /// # Errors
    /// [`Rejected`] before it has left or after it has ended, without words, and for a personal identity
    /// number in them.
    pub fn converse(mut self, remark: Remark, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Converse)?;
        around.speaks_for(remark.from)?;
        self.unsaid(remark.id)?;
        let today = crate::calendar::swedish_date(around.now);
        let mut faults = Faults::default();
        faults.require(!blank(&remark.text), "/text", crate::fault::Reason::Required);
        let longest = document::LONGEST_TEXT;
        document::outgoing(&remark.text, "/text", longest, today, &mut faults);
        if let Some(given) = remark.at {
            let come = given <= around.now;
            faults.require(come, "/on", crate::fault::Reason::InFuture { given });
        }
        held(faults)?;
        let mut changes = Changes::default();
        let act = if remark.asks { Said::Question } else { Said::Remark };
        changes.note("exchanges", &None, &Some(act.code()));
        self.matter.exchanges.push(Exchange {
            id: remark.id,
            from: remark.from,
            channel: remark.channel,
            act,
            text: Some(remark.text),
            diary_number: None,
            at: remark.at.unwrap_or(around.now),
            registered_at: around.now,
            by: around.by.staff(),
            contact: remark.contact,
            attachments: remark.attachments,
        });
        Ok(self.changed(Command::Converse, from, changes, None, around))
    }

    /// `Ok` when nothing was said under this id yet.
    fn unsaid(&self, id: crate::ids::ExchangeId) -> Result<(), Rejected> {
        if self.said(id) { Err(Rejected::AlreadySaid) } else { Ok(()) }
    }

    /// The status, when it takes `command`.
    fn admit(&self, command: Command) -> Result<Status, Rejected> {
        let status = self.status();
        if self.direction.admits(status, command) {
            Ok(status)
        } else {
            Err(Rejected::State { status, command })
        }
    }

    /// One just begun, with the event that tells of it.
    fn begun(self, command: Command, around: Around<'_>) -> Changed {
        let to = self.status();
        let (by, changes, reason) = (around.by, Vec::new(), None);
        Changed { forwarding: self, event: Event { command, from: None, to, by, changes, reason } }
    }

    /// Finishes a command: one version on, with the event that tells of it.
    fn changed(
        mut self,
        command: Command,
        from: Status,
        changes: Changes,
        reason: Option<String>,
        around: Around<'_>,
    ) -> Changed {
        self.version += 1;
        self.updated_at = around.now;
        let (to, by) = (self.status(), around.by);
        let changes = changes.into_vec();
        let event = Event { command, from: Some(from), to, by, changes, reason };
        Changed { forwarding: self, event }
    }
}

/// `Ok` when nothing was wrong.
fn held(faults: Faults) -> Result<(), Rejected> {
    if faults.is_empty() { Ok(()) } else { Err(Rejected::Guard(faults.into_vec())) }
}

/// Whether a text says nothing.
fn blank(text: &str) -> bool {
    text.trim().is_empty()
}
