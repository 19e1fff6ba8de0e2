//! A licensed person who may endanger patients (PSL 3 kap. 7 §): the table of its states, and who may
//! see it. It stands apart from every case and is shown to those it was opened to by name, to nobody
//! else.

use std::collections::BTreeSet;

use super::{Around, Changed, Command, Escalation, Rejected, Status, held};
use crate::case::event::{Changes, Faults};
use crate::fault::Reason;
use crate::ids::StaffId;

/// Its states, in the order of its way.
pub(super) const STATUSES: [Status; 10] = [
    Status::Flagged,
    Status::Assessing,
    Status::Reassessing,
    Status::DecidedNo,
    Status::DecidedYes,
    Status::Notified,
    Status::AtIvo,
    Status::IvoDecided,
    Status::Closed,
    Status::Withdrawn,
];

/// Whether a matter that stands here takes the command at all.
pub(super) fn admits(status: Status, command: Command) -> bool {
    use Command::*;
    let mine = STATUSES.contains(&status);
    if command == ChooseReaders {
        return mine;
    }
    match status {
        Status::Flagged => matches!(command, TakeUp),
        Status::Assessing | Status::Reassessing => matches!(command, Propose | Decide),
        Status::DecidedNo => matches!(command, Reassess),
        Status::DecidedYes => matches!(command, Notify),
        Status::Notified => matches!(command, IvoReceive | Withdraw),
        Status::AtIvo => matches!(command, IvoDecide | Withdraw),
        Status::IvoDecided => matches!(command, Close),
        Status::Closed | Status::Withdrawn => false,
        // States of other machines.
        Status::ScreenedOut
        | Status::Reported
        | Status::Received
        | Status::ImmediateAction
        | Status::Investigating
        | Status::Assessed
        | Status::NotTakenUp
        | Status::InquirySubmitted
        | Status::InquirySupplemented
        | Status::SupplementRequested
        | Status::FollowingUp => false,
    }
}

impl Escalation {
    /// Chooses who may see a riskperson, by name. Somebody always may.
    ///
    /// # Errors
    /// [`Rejected`] for other kinds, and when nobody would be left.
    pub fn choose_readers(
        mut self,
        readers: BTreeSet<StaffId>,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.begin(Command::ChooseReaders, around)?;
        let mut faults = Faults::default();
        faults.require(!readers.is_empty(), "/readers", Reason::Required);
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("readers", &self.readers, &readers);
        self.readers = readers;
        Ok(self.changed(Command::ChooseReaders, from, changes, None, around.now))
    }
}
