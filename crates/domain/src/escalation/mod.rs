//! Lex Maria, lex Sarah and riskperson: processes beside a case, independent of each other. Several may
//! run on one case; each keeps its own documents, decisions and clocks.
//!
//! A machine is a table in its own file ([`lex_maria`], [`lex_sarah`], [`riskperson`]): which command it
//! takes where. What each command asks for besides is the guard in its function.

pub mod delegation;
pub mod dossier;
pub mod flag;
pub mod ivo;
pub mod lex_maria;
pub mod lex_sarah;
pub mod matter;
pub mod next;
pub mod raise;
pub mod riskperson;
pub mod screening;
mod state;
mod steps;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::case::Case;
use crate::case::event::{Changes, Faults, FieldChange};
use crate::code_lists::CodeLists;
use crate::fault::Fault;
use crate::ids::{CaseId, EscalationId, StaffId, UnitId};
use crate::law::Law;

pub use delegation::{Delegated, Delegation};
pub use matter::{
    AskedIn, BoardInformed, Channel, Decision, Degree, Ending, Matter, Screening, SeriousTest,
    SupplementRequest, Withdrawal,
};
pub use state::{Command, Kind, State, Status};
pub use steps::{Closing as EndingGiven, Deciding, Proposing};

/// One process beside a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Escalation {
    /// Its id.
    pub id: EscalationId,
    /// Which process it is.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// The case it stands beside; a riskperson has none of its own.
    pub case: Option<CaseId>,
    /// Where it happened.
    pub unit: UnitId,
    /// The law it is judged by.
    pub law: Law,
    /// What its clock runs from: lex Maria the event, or the report where the event's time is unknown;
    /// lex Sarah the report; riskperson the day it was raised.
    pub starts_at: Timestamp,
    /// When it was raised.
    pub flagged_at: Timestamp,
    /// Everything that was said and done.
    pub matter: Matter,
    /// Riskperson: the only ones who may see it.
    pub readers: BTreeSet<StaffId>,
    /// Came by import: wakes no clock, notice or list until a person does something with it.
    pub imported: bool,
    /// Grows by one with every change; the ETag.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What happened to an escalation, for its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The command that made it happen.
    pub command: Command,
    /// Where it stood; `None` when it was raised.
    pub from: Option<Status>,
    /// Where it stands now.
    pub to: Status,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
}

/// An escalation after a command, with its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// As it is now; its version has grown by one.
    pub escalation: Escalation,
    /// What happened.
    pub event: Event,
}

/// Why a command was not carried out. The escalation is as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejected {
    /// The command does not exist where it stands.
    State {
        /// Where it stands.
        status: Status,
        /// What was asked.
        command: Command,
    },
    /// Nobody has given the person this to decide on that day.
    NotDelegated(Delegated),
    /// It is about the person who acts.
    OwnMatter,
    /// Something is missing or wrong; every fault is named.
    Guard(Vec<Fault>),
}

/// What a command is judged against.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The case it stands beside, as it is now.
    pub case: Option<&'a Case>,
    /// The code lists.
    pub codes: &'a CodeLists,
    /// Whether the tenant is a private provider, who tells the nämnd of reports and notifications.
    pub private_provider: bool,
    /// What the register gives the person who acts, at any time.
    pub delegations: &'a [Delegation],
    /// Who acts.
    pub by: StaffId,
    /// When.
    pub now: Timestamp,
}

impl Escalation {
    /// The state's name.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// Whether something is still to be done.
    pub fn open(&self) -> bool {
        self.status().open()
    }

    /// Whether it came by import and nobody has touched it since.
    pub fn quiet(&self) -> bool {
        self.imported && self.version == 1
    }

    /// What it takes where it stands, before any guard.
    pub fn commands(&self) -> impl Iterator<Item = Command> {
        let (kind, status) = (self.kind, self.status());
        Command::ALL.into_iter().filter(move |command| kind.admits(status, *command))
    }

    /// The status, when it takes `command`.
    fn admit(&self, command: Command) -> Result<Status, Rejected> {
        let status = self.status();
        if self.kind.admits(status, command) {
            Ok(status)
        } else {
            Err(Rejected::State { status, command })
        }
    }

    /// Finishes a command: one version on, with the event that tells of it.
    fn changed(
        mut self,
        command: Command,
        from: Status,
        changes: Changes,
        reason: Option<String>,
        now: Timestamp,
    ) -> Changed {
        self.version += 1;
        self.updated_at = now;
        let to = self.status();
        let event = Event { command, from: Some(from), to, changes: changes.into_vec(), reason };
        Changed { escalation: self, event }
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
