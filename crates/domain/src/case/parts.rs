//! The parts of a triage that come from different people, and which of them a case still waits for.

use super::triage::Vardskada;
use super::{Case, Kind, Status, Track};
use crate::law::Law;

/// A part of triage that somebody in particular gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TriagePart {
    /// Injury and vårdskada so far: by someone licensed.
    Health,
    /// Everything else: by whoever answers for the unit.
    Unit,
}

impl Case {
    /// The parts of triage that are missing before the case can end as handled. Under HSL the health
    /// part is asked for on the standard and the deep track; a case on no track yet heads for the
    /// standard one, until somebody chooses the simple.
    pub fn awaits_parts(&self) -> Vec<TriagePart> {
        let open = match self.status() {
            Status::Reported
            | Status::Triaged
            | Status::Investigating
            | Status::MeasuresDecided
            | Status::FollowingUp => true,
            Status::Draft | Status::Closed | Status::Void => false,
        };
        let mut parts = Vec::new();
        if !open {
            return parts;
        }
        let investigated = match self.assessment.track {
            Some(Track::Simple) => false,
            Some(Track::Standard | Track::Deep) | None => true,
        };
        if self.kind == Kind::Avvikelse
            && investigated
            && self.laws().contains(&Law::Hsl)
            && self.assessment.harm.vardskada == Vardskada::NotAssessed
        {
            parts.push(TriagePart::Health);
        }
        if !self.triage_awaits().is_empty() {
            parts.push(TriagePart::Unit);
        }
        parts
    }
}
