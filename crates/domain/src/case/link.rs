//! Cases that belong together.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::{Case, Changed, Rejected};
use crate::fault::Reason;
use crate::ids::CaseId;

/// How one case belongs to another; codes of the list `link`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Two reports of one event: counted once with `of=events`. Holds both ways.
    SameEvent,
    /// A series for one person. Holds both ways.
    SamePersonSeries,
    /// This case says again what the other says: counted once. Made by closing as duplicate.
    DuplicateOf,
    /// This case was split off from the other.
    SpunOffFrom,
    /// This case, now void, was filed again as the other.
    RefiledAs,
    /// They have something to do with each other. Holds both ways.
    Related,
}

impl LinkKind {
    /// Every kind.
    pub const ALL: [LinkKind; 6] = [
        LinkKind::SameEvent,
        LinkKind::SamePersonSeries,
        LinkKind::DuplicateOf,
        LinkKind::SpunOffFrom,
        LinkKind::RefiledAs,
        LinkKind::Related,
    ];

    /// The code, as in the list `link`.
    pub fn code(self) -> &'static str {
        match self {
            LinkKind::SameEvent => "same_event",
            LinkKind::SamePersonSeries => "same_person_series",
            LinkKind::DuplicateOf => "duplicate_of",
            LinkKind::SpunOffFrom => "spun_off_from",
            LinkKind::RefiledAs => "refiled_as",
            LinkKind::Related => "related",
        }
    }

    /// Whether a person may make such a link by hand, rather than by a command that implies it.
    pub fn by_hand(self) -> bool {
        match self {
            LinkKind::SameEvent
            | LinkKind::SamePersonSeries
            | LinkKind::SpunOffFrom
            | LinkKind::Related => true,
            LinkKind::DuplicateOf | LinkKind::RefiledAs => false,
        }
    }
}

impl std::str::FromStr for LinkKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        LinkKind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// A link from the case that holds it to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// How.
    pub kind: LinkKind,
    /// To which.
    pub to: CaseId,
    /// Since when.
    pub at: Timestamp,
}

impl Case {
    /// Links the case to `other`, which the caller has found and may read.
    ///
    /// # Errors
    /// [`Rejected`] for a draft or void case, for itself, a link that stands already, or a kind
    /// that only another command makes.
    pub fn link_to(
        mut self,
        kind: LinkKind,
        other: CaseId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Link)?;
        let mut faults = Faults::default();
        faults.require(other != self.id, "/case", Reason::inconsistent("link_to_itself"));
        faults.require(kind.by_hand(), "/kind", Reason::inconsistent("link_made_by_command"));
        let stands = self.links.iter().any(|link| link.kind == kind && link.to == other);
        faults.require(!stands, "/case", Reason::NotUnique);
        faults.into_result()?;
        let link = Link { kind, to: other, at: now };
        let mut changes = Changes::default();
        changes.note("links", &None, &Some(&link));
        self.links.push(link);
        Ok(self.changed(Command::Link, from, changes, None, now))
    }
}
