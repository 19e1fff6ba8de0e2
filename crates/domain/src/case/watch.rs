//! Asking someone to read, contribute or act (bevakning). Whoever is asked by name may read the case
//! for as long as it concerns them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::{Case, Changed, Rejected};
use crate::calendar::swedish_date;
use crate::code_lists::CodeLists;
use crate::fault::Reason;
use crate::ids::{StaffId, WatchId};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Read it.
    Read,
    /// Say something to it.
    Contribute,
    /// Do something.
    Act,
}

impl Wish {
    /// Every wish.
    pub const ALL: [Wish; 3] = [Wish::Read, Wish::Contribute, Wish::Act];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Wish::Read => "read",
            Wish::Contribute => "contribute",
            Wish::Act => "act",
        }
    }
}

impl std::str::FromStr for Wish {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Wish::ALL.into_iter().find(|wish| wish.code() == code).ok_or(())
    }
}

/// Who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watcher {
    /// A person, who thereby may read the case.
    Staff(StaffId),
    /// Whoever of this profession, a code of the list `profession`, may read the case anyway.
    Profession(String),
}

/// How it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchAnswer {
    /// Done.
    Done,
    /// It does not concern me.
    NotMine,
}

impl WatchAnswer {
    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            WatchAnswer::Done => "done",
            WatchAnswer::NotMine => "not_mine",
        }
    }
}

impl std::str::FromStr for WatchAnswer {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        [WatchAnswer::Done, WatchAnswer::NotMine]
            .into_iter()
            .find(|answer| answer.code() == code)
            .ok_or(())
    }
}

/// The answer to a watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchAnswered {
    /// Which.
    pub answer: WatchAnswer,
    /// In words.
    pub text: Option<String>,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// A request to someone about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Its id.
    pub id: WatchId,
    /// Who is asked.
    pub to: Watcher,
    /// For what.
    pub wish: Wish,
    /// In words.
    pub text: Option<String>,
    /// Until when.
    pub due_on: Option<Date>,
    /// Who asks.
    pub by: StaffId,
    /// Since when.
    pub at: Timestamp,
    /// How it was answered.
    pub answered: Option<WatchAnswered>,
}

impl Watch {
    /// Whether it lets `staff` read the case: asked by name, and it concerns them.
    pub fn lets_read(&self, staff: StaffId) -> bool {
        let away = self.answered.as_ref().is_some_and(|it| it.answer == WatchAnswer::NotMine);
        self.to == Watcher::Staff(staff) && !away
    }

    /// Whether it is for a person of this profession to answer.
    pub fn is_for(&self, staff: StaffId, profession: Option<&str>) -> bool {
        match &self.to {
            Watcher::Staff(asked) => *asked == staff,
            Watcher::Profession(asked) => profession == Some(asked),
        }
    }
}

impl Case {
    /// Asks someone.
    ///
    /// # Errors
    /// [`Rejected`] for a draft or a void case, an unknown profession, or someone the case is kept
    /// from.
    pub fn watch(
        mut self,
        watch: Watch,
        codes: &CodeLists,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Watch)?;
        let mut faults = Faults::default();
        match &watch.to {
            Watcher::Staff(staff) => {
                let kept = self.conflicts.iter().any(|conflict| conflict.staff == *staff);
                faults.require(!kept, "/staff", Reason::inconsistent("case_kept_from_them"));
            }
            Watcher::Profession(code) => {
                if let Err(reason) = codes.check("profession", code, swedish_date(now)) {
                    faults.push("/profession", reason);
                }
            }
        }
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("watches", &None, &Some(watch.wish));
        self.watches.push(watch);
        Ok(self.changed(Command::Watch, from, changes, None, now))
    }

    /// Answers a watch that is for `by`.
    ///
    /// # Errors
    /// [`Rejected`] for a watch that is not there, is somebody else's, or is answered already.
    pub fn answer_watch(
        mut self,
        id: WatchId,
        answered: WatchAnswered,
        profession: Option<&str>,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::AnswerWatch)?;
        let mut faults = Faults::default();
        let mut changes = Changes::default();
        match self.watches.iter_mut().find(|watch| watch.id == id) {
            Some(watch) if watch.is_for(answered.by, profession) => {
                let open = watch.answered.is_none();
                faults.require(open, "", Reason::inconsistent("watch_answered_already"));
                changes.note("watches", &None, &Some(answered.answer));
                watch.answered = Some(answered);
            }
            Some(_) | None => faults.push("", Reason::NotFound),
        }
        faults.into_result()?;
        Ok(self.changed(Command::AnswerWatch, from, changes, None, now))
    }
}
