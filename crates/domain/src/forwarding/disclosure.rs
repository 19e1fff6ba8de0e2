//! Whether, and on what ground, something leaves for a counterparty: a decision somebody makes by
//! name, for one document as it stands.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::state::coded;
use super::{Around, Changed, Command, Forwarding, Rejected, State, blank, held};
use crate::calendar::swedish_date;
use crate::case::event::{Changes, Faults};
use crate::fault::Reason;
use crate::ids::StaffId;

/// On what ground it may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The person agrees.
    Consent,
    /// It was weighed: it does the person, and those close to them, no harm.
    NoHarm,
    /// A statute obliges us to tell.
    Duty,
    /// The document is about nobody who could be known by it.
    NoPerson,
}

coded!(Ground: Consent = "consent", NoHarm = "no_harm", Duty = "duty", NoPerson = "no_person");

/// A decision what may leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// On what ground.
    pub ground: Ground,
    /// Why, in words.
    pub motivation: String,
    /// Whether who the person is goes along: sealed, and shown after the second factor only.
    pub identity: bool,
    /// Who decided.
    pub by: StaffId,
    /// Who that is, as it is shown.
    pub name: Option<String>,
    /// The day, in Sweden.
    pub on: Date,
    /// When it was put down.
    pub at: Timestamp,
}

/// What somebody decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deciding {
    /// On what ground.
    pub ground: Ground,
    /// Why, in words.
    pub motivation: String,
    /// Whether who the person is goes along.
    pub identity: bool,
}

impl Deciding {
    /// What is wrong with it, whatever it is about. `known` tells whether it is known who the person is.
    pub(super) fn faults(&self, known: bool, faults: &mut Faults) {
        faults.require(!blank(&self.motivation), "/motivation", Reason::Required);
        if self.identity {
            let told = self.ground != Ground::NoPerson;
            faults.require(told, "/identity", Reason::inconsistent("identity_without_ground"));
            faults.require(known, "/identity", Reason::inconsistent("no_identity"));
        }
    }

    /// As it is put down.
    pub(super) fn decided(self, by: StaffId, around: Around<'_>) -> Decision {
        Decision {
            ground: self.ground,
            motivation: self.motivation,
            identity: self.identity,
            by,
            name: around.name.map(str::to_owned),
            on: swedish_date(around.now),
            at: around.now,
        }
    }
}

impl Forwarding {
    /// Decides that the document as it stands may leave. `known` tells whether it is known who the person
    /// is. Whoever writes it on afterwards needs a new decision.
    ///
    /// # Errors
    /// [`Rejected`] without a motivation; for a document that is not complete; and for an identity on no
    /// ground, or that nobody knows.
    pub fn check(
        mut self,
        deciding: Deciding,
        known: bool,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Check)?;
        let by = around.staff()?;
        let mut faults = Faults::default();
        deciding.faults(known, &mut faults);
        self.document.complete(&mut faults);
        faults.extend(self.document.faults(swedish_date(around.now)));
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("ground", &None, &Some(deciding.ground.code()));
        changes.note("identity", &None, &Some(deciding.identity));
        let reason = Some(deciding.motivation.clone());
        self.matter.decision = Some(deciding.decided(by, around));
        self.state = State::Checked;
        Ok(self.changed(Command::Check, from, changes, reason, around))
    }
}
