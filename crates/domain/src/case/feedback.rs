//! Who was told what came of it (återkoppling).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::{Case, Changed, Rejected};
use crate::fault::{Fault, Reason};
use crate::ids::{FeedbackId, StaffId};

/// To whom feedback was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The person who reported it.
    Reporter,
    /// The unit, at a meeting.
    Unit,
    /// The whole tenant.
    Tenant,
}

impl Audience {
    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Audience::Reporter => "reporter",
            Audience::Unit => "unit",
            Audience::Tenant => "tenant",
        }
    }
}

impl std::str::FromStr for Audience {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        [Audience::Reporter, Audience::Unit, Audience::Tenant]
            .into_iter()
            .find(|audience| audience.code() == code)
            .ok_or(())
    }
}

/// One giving of feedback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Its id.
    pub id: FeedbackId,
    /// Who was told.
    pub audience: Audience,
    /// The day of the meeting, for the unit.
    pub meeting_on: Option<Date>,
    /// What was said.
    pub text: String,
    /// When it was given here.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
}

impl Feedback {
    /// What is wrong with it, at `pointer`: an empty text, no day for a meeting, or one ahead.
    pub fn faults(&self, pointer: &str, today: Date, now: Timestamp) -> Vec<Fault> {
        let mut faults = Faults::default();
        let said = !self.text.trim().is_empty();
        faults.require(said, format!("{pointer}/text"), Reason::Required);
        let meeting = format!("{pointer}/meeting_on");
        if let Some(day) = self.meeting_on {
            faults.require(day <= today, &meeting, Reason::InFuture { given: now });
        }
        if self.audience == Audience::Unit && self.meeting_on.is_none() {
            faults.push(&meeting, Reason::Required);
        }
        faults.into_vec()
    }
}

impl Case {
    /// Gives feedback. `today` is the Swedish day.
    ///
    /// # Errors
    /// [`Rejected`] for a draft or a void case, an empty text, or a meeting in the future.
    pub fn give_feedback(
        mut self,
        feedback: Feedback,
        today: Date,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Feedback)?;
        let mut faults = Faults::default();
        faults.extend(feedback.faults("", today, now));
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("feedback", &None, &Some(feedback.audience));
        self.feedback.push(feedback);
        Ok(self.changed(Command::Feedback, from, changes, None, now))
    }
}
