//! What those who handle a case say to each other, or to the reporter.

use jiff::Timestamp;

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::{Case, Changed, Rejected};
use crate::fault::Reason;
use crate::ids::{CommentId, StaffId};

/// A comment. It is no part of the case: it decides nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// What was said.
    pub text: String,
    /// Whether the reporter sees it.
    pub to_reporter: bool,
    /// Who is called to it, without thereby getting to read anything.
    pub mentions: Vec<StaffId>,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

impl Case {
    /// Lets something be said about the case.
    ///
    /// # Errors
    /// [`Rejected`] for a draft or a void case, or an empty text.
    pub fn comment(self, comment: &Comment, now: Timestamp) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Comment)?;
        let mut faults = Faults::default();
        faults.require(!comment.text.trim().is_empty(), "/text", Reason::Required);
        faults.into_result()?;
        let mut changes = Changes::default();
        let audience = if comment.to_reporter { "reporter" } else { "internal" };
        changes.note("comments", &None, &Some(audience));
        Ok(self.changed(Command::Comment, from, changes, None, now))
    }
}
