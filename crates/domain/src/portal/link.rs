//! The link in a mail: to one contact, for a while, and taken back at any time.

use jiff::Timestamp;

use super::{LINK_LASTS, MOST_FAILURES};
use crate::fault::{Fault, Reason};
use crate::ids::{ContactId, ForwardingId, LinkId, StaffId};

/// Why a link, or a code, opens nothing. For the log: whoever holds one hears the same word for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closed {
    /// Its time is over.
    Expired,
    /// It was tried too often with a wrong factor.
    Locked,
    /// It was revoked, or its contact was.
    Revoked,
    /// It was spent.
    Spent,
}

impl Closed {
    /// Every reason.
    pub const ALL: [Closed; 4] = [Closed::Expired, Closed::Locked, Closed::Revoked, Closed::Spent];

    /// The value in the log.
    pub fn code(self) -> &'static str {
        match self {
            Closed::Expired => "expired",
            Closed::Locked => "locked",
            Closed::Revoked => "revoked",
            Closed::Spent => "spent",
        }
    }
}

/// Where a link stands. That its time is over is no state: nobody does that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It may be tried.
    Open {
        /// How often it was tried with a wrong factor since a right one.
        failures: u16,
        /// When a right factor came last.
        used_at: Option<Timestamp>,
    },
    /// It was tried too often.
    Locked {
        /// When.
        at: Timestamp,
    },
    /// It was revoked.
    Revoked {
        /// When.
        at: Timestamp,
        /// By whom.
        by: StaffId,
        /// Why.
        reason: String,
    },
}

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its id, which its token is signed over.
    pub id: LinkId,
    /// To whom.
    pub contact: ContactId,
    /// The one forwarding it is about, where it came by letter; otherwise everything open.
    pub only: Option<ForwardingId>,
    /// When it was made.
    pub issued_at: Timestamp,
    /// By whom; `None` where the service wrote by itself.
    pub issued_by: Option<StaffId>,
    /// Until when it may be used; not at this moment any more.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: LinkState,
    /// Grows by one with every change.
    pub version: i64,
}

impl Link {
    /// A new link.
    pub fn issue(
        id: LinkId,
        contact: ContactId,
        only: Option<ForwardingId>,
        by: Option<StaffId>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            contact,
            only,
            issued_at: now,
            issued_by: by,
            expires_at: now + LINK_LASTS,
            state: LinkState::Open { failures: 0, used_at: None },
            version: 1,
        }
    }

    /// Whether it may be tried, or used.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, now: Timestamp) -> Result<(), Closed> {
        match &self.state {
            LinkState::Open { .. } if now >= self.expires_at => Err(Closed::Expired),
            LinkState::Open { .. } => Ok(()),
            LinkState::Locked { .. } => Err(Closed::Locked),
            LinkState::Revoked { .. } => Err(Closed::Revoked),
        }
    }

    /// Counts a wrong factor. The last one that is allowed locks it.
    ///
    /// # Errors
    /// Why it could not even be tried.
    pub fn refuse(mut self, now: Timestamp) -> Result<Self, Closed> {
        self.admits(now)?;
        if let LinkState::Open { failures, used_at } = self.state {
            let failures = failures.saturating_add(1);
            self.state = if failures >= MOST_FAILURES {
                LinkState::Locked { at: now }
            } else {
                LinkState::Open { failures, used_at }
            };
        }
        self.version += 1;
        Ok(self)
    }

    /// Notes a right factor.
    ///
    /// # Errors
    /// Why it opens nothing.
    pub fn pass(mut self, now: Timestamp) -> Result<Self, Closed> {
        self.admits(now)?;
        self.state = LinkState::Open { failures: 0, used_at: Some(now) };
        self.version += 1;
        Ok(self)
    }

    /// Takes it back. One that is locked or over may be taken back, too: then it says so.
    ///
    /// # Errors
    /// The fault of one that is revoked, or of a reason that is missing.
    pub fn revoke(mut self, by: StaffId, reason: &str, now: Timestamp) -> Result<Self, Vec<Fault>> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(vec![Fault::at("/reason", Reason::Required)]);
        }
        match self.state {
            LinkState::Open { .. } | LinkState::Locked { .. } => {
                self.state = LinkState::Revoked { at: now, by, reason: reason.to_owned() };
                self.version += 1;
                Ok(self)
            }
            LinkState::Revoked { .. } => {
                Err(vec![Fault::at("", Reason::inconsistent("link_is_revoked"))])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        let start: Timestamp = "2026-03-10T11:00:00Z".parse().expect("a time");
        start + SignedDuration::from_hours(hours)
    }

    fn link() -> Link {
        Link::issue(LinkId(Uuid::nil()), ContactId(Uuid::nil()), None, None, at(0))
    }

    #[test]
    fn a_link_opens_until_its_time_is_over() {
        assert_eq!(link().admits(at(30 * 24 - 1)), Ok(()));
        assert_eq!(link().admits(at(30 * 24)), Err(Closed::Expired));
        assert_eq!(link().pass(at(30 * 24)), Err(Closed::Expired));
    }

    #[test]
    fn wrong_factors_lock_it_and_a_right_one_in_between_forgives() {
        let mut link = link();
        for _ in 1..MOST_FAILURES {
            link = link.refuse(at(1)).expect("it may be tried");
        }
        link = link.pass(at(2)).expect("it opens");
        for _ in 1..MOST_FAILURES {
            link = link.refuse(at(3)).expect("it may be tried");
            assert_eq!(link.admits(at(3)), Ok(()));
        }
        link = link.refuse(at(3)).expect("it may be tried");
        assert_eq!(link.admits(at(3)), Err(Closed::Locked));
        assert_eq!(link.clone().pass(at(3)), Err(Closed::Locked));
        assert_eq!(link.refuse(at(3)), Err(Closed::Locked));
    }

    #[test]
    fn what_is_revoked_opens_nothing_and_is_revoked_once() {
        let by = StaffId(Uuid::nil());
        assert!(link().revoke(by, " ", at(1)).is_err());
        let revoked = link().revoke(by, "fel adress", at(1)).expect("it may be");
        assert_eq!(revoked.admits(at(1)), Err(Closed::Revoked));
        assert_eq!(revoked.clone().pass(at(1)), Err(Closed::Revoked));
        assert!(revoked.revoke(by, "igen", at(2)).is_err());
    }
}
