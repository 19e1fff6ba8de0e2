//! Which command a case takes where it stands, and the commands that only move it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::{Case, Changed, Event, Progress, Rejected, State, Status, Voiding};
use crate::calendar::swedish;
use crate::fault::Reason;
use crate::ids::{StaffId, UnitId};
use crate::number::CaseNumber;
use crate::opinion::{Stage, StageName};

/// Everything that can be done to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// File it, as a draft or at once.
    File,
    /// Change a draft.
    Edit,
    /// Hand in a draft.
    Submit,
    /// Assess it, in one or several parts; again later to reclassify.
    Triage,
    /// Take the lead, or give it to someone.
    Lead,
    /// Begin, write or complete the investigation.
    Investigate,
    /// Add or change measures, or waive a cause.
    Measure,
    /// Decide the measures.
    DecideMeasures,
    /// Begin to follow them up.
    FollowUp,
    /// Tell someone what came of it.
    Feedback,
    /// Correct person, day or law.
    Correct,
    /// Give it to another unit.
    Transfer,
    /// Link it to another case.
    Link,
    /// Add a file to it.
    Attach,
    /// Take a file of it away.
    WithdrawAttachment,
    /// Ask someone to read, contribute or act.
    Watch,
    /// Answer that.
    AnswerWatch,
    /// Say something about it.
    Comment,
    /// Add to what was reported.
    Supplement,
    /// Keep it from someone it concerns, or no longer.
    KeepFrom,
    /// Ask for a neighbouring duty, or answer one.
    Duty,
    /// Say for whom it waits, or that it does no longer.
    Wait,
    /// Give it its number in the municipality's register.
    GiveNumber,
    /// End it.
    Close,
    /// Take it up again.
    Reopen,
    /// Make it void.
    Void,
    /// File it again as another kind.
    Refile,
    /// Put an opinion that came through the public form into the register.
    Register,
    /// Tell its sender that it has come.
    Acknowledge,
    /// Give it to whoever is to handle it.
    Assign,
    /// Answer the gates of an opinion, and find out what happened.
    Inquire,
    /// Ask its sender something.
    Ask,
    /// Write down that somebody tried in vain to reach its sender.
    Attempt,
    /// Answer it.
    Answer,
    /// Hand it over to whom it concerns.
    HandOver,
    /// Pass it on to an authority.
    PassOn,
    /// Make an avvikelse of it.
    SpinOff,
    /// Its sender says something.
    SenderMessage,
}

impl Command {
    /// Every command that opinions take beside those of every case; [`crate::opinion::StageName::admits`]
    /// says where.
    pub const OPINION: [Command; 11] = [
        Command::Register,
        Command::Acknowledge,
        Command::Assign,
        Command::Inquire,
        Command::Ask,
        Command::Attempt,
        Command::Answer,
        Command::HandOver,
        Command::PassOn,
        Command::SpinOff,
        Command::SenderMessage,
    ];

    /// Every command that acts on a case that exists, whatever it is.
    pub const ALL: [Command; 26] = [
        Command::Edit,
        Command::Submit,
        Command::Triage,
        Command::Lead,
        Command::Investigate,
        Command::Measure,
        Command::DecideMeasures,
        Command::FollowUp,
        Command::Feedback,
        Command::Correct,
        Command::Transfer,
        Command::Link,
        Command::Attach,
        Command::WithdrawAttachment,
        Command::Watch,
        Command::AnswerWatch,
        Command::Comment,
        Command::Supplement,
        Command::KeepFrom,
        Command::Duty,
        Command::Wait,
        Command::GiveNumber,
        Command::Close,
        Command::Reopen,
        Command::Void,
        Command::Refile,
    ];

    /// Its name in history, audit and problem details.
    pub fn code(self) -> &'static str {
        match self {
            Command::File => "file",
            Command::Edit => "edit",
            Command::Submit => "submit",
            Command::Triage => "triage",
            Command::Lead => "lead",
            Command::Investigate => "investigate",
            Command::Measure => "measure",
            Command::DecideMeasures => "decide_measures",
            Command::FollowUp => "follow_up",
            Command::Feedback => "feedback",
            Command::Correct => "correct",
            Command::Transfer => "transfer",
            Command::Link => "link",
            Command::Attach => "attach",
            Command::WithdrawAttachment => "withdraw_attachment",
            Command::Watch => "watch",
            Command::AnswerWatch => "answer_watch",
            Command::Comment => "comment",
            Command::Supplement => "supplement",
            Command::KeepFrom => "keep_from",
            Command::Duty => "duty",
            Command::Wait => "wait",
            Command::GiveNumber => "diary_number",
            Command::Close => "close",
            Command::Reopen => "reopen",
            Command::Void => "void",
            Command::Refile => "refile",
            Command::Register => "register",
            Command::Acknowledge => "acknowledge",
            Command::Assign => "assign",
            Command::Inquire => "inquire",
            Command::Ask => "ask",
            Command::Attempt => "attempt",
            Command::Answer => "answer",
            Command::HandOver => "hand_over",
            Command::PassOn => "pass_on",
            Command::SpinOff => "spin_off",
            Command::SenderMessage => "sender_message",
        }
    }
}

impl Status {
    /// Whether a case that stands here takes the command at all. What more each command asks for
    /// is the guard in its own function.
    pub fn admits(self, command: Command) -> bool {
        use Command::*;
        // What every case takes from the day it is filed until it is closed.
        let open = matches!(
            command,
            Triage
                | Lead
                | Feedback
                | Correct
                | Transfer
                | Link
                | Attach
                | WithdrawAttachment
                | Watch
                | AnswerWatch
                | Comment
                | Supplement
                | KeepFrom
                | Duty
                | Wait
                | GiveNumber
                | Close
                | Void
                | Refile
        );
        if Command::OPINION.contains(&command) {
            let stands = |stage: &StageName| stage.status() == self && stage.admits(command);
            return StageName::ALL.iter().any(stands);
        }
        match self {
            Status::Draft => matches!(command, Edit | Submit | Attach | WithdrawAttachment | Void),
            Status::Reported => open,
            Status::Triaged => open || matches!(command, Investigate),
            Status::Investigating => {
                open || matches!(command, Investigate | Measure | DecideMeasures)
            }
            Status::MeasuresDecided => open || matches!(command, Investigate | Measure | FollowUp),
            Status::FollowingUp => open || matches!(command, Investigate | Measure),
            // A measure outlives its case: its progress and effect are still written down. So does what
            // comes in late, and what is said about it; what the ending rests on stays.
            Status::Closed => matches!(
                command,
                Measure
                    | Feedback
                    | Link
                    | Attach
                    | Watch
                    | AnswerWatch
                    | Comment
                    | KeepFrom
                    | GiveNumber
                    | Reopen
                    | Void
            ),
            Status::Void => false,
        }
    }
}

impl Progress {
    /// Where a case that is taken up again goes on: where it had come before it ended.
    pub fn resumes_as(&self) -> State {
        if self.following_up_at.is_some() {
            State::FollowingUp
        } else if self.measures_decided_at.is_some() {
            State::MeasuresDecided
        } else if self.investigation_started_at.is_some() {
            State::Investigating
        } else if self.triaged_at.is_some() {
            State::Triaged
        } else {
            State::Reported
        }
    }
}

impl Case {
    /// Refuses a command by which an opinion would leave its stage; `instead` says what to use.
    pub(super) fn by_opinion(&self, instead: &'static str) -> Result<(), Rejected> {
        let mut faults = Faults::default();
        faults.require(self.opinion.is_none(), "", Reason::inconsistent(instead));
        faults.into_result()
    }

    /// Takes an opinion that nobody has begun to investigate from whoever was to handle it: the unit it
    /// goes to gives it to somebody there. Its clocks run on.
    fn unassign(&mut self, changes: &mut Changes) {
        let Some(opinion) = &mut self.opinion else { return };
        if opinion.stage != Stage::Assigned {
            return;
        }
        opinion.stage = match opinion.acknowledged {
            Some(_) => Stage::Acknowledged,
            None => Stage::Registered,
        };
        changes.note("lead", &self.assessment.lead, &None);
        self.assessment.lead = None;
        self.follow_stage();
    }

    /// The status, when it takes `command`.
    pub(super) fn admit(&self, command: Command) -> Result<Status, Rejected> {
        let status = self.status();
        if status.admits(command) { Ok(status) } else { Err(Rejected::State { status, command }) }
    }

    /// Finishes a command: one version on, with the event that tells of it.
    pub(crate) fn changed(
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
        Changed { case: self, event }
    }

    /// Hands in a draft: it reaches the organisation now, or when it is said to have come in. The
    /// number is drawn anew from `seed` when that is another year than the draft was begun in.
    ///
    /// # Errors
    /// [`Rejected::State`] for anything but a draft.
    pub fn submit(mut self, seed: u64, now: Timestamp) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Submit)?;
        self.reported_at = self.filing.received_at.unwrap_or(now);
        self.registered_at = now;
        let year = swedish(self.reported_at).year;
        if self.number.year() != year {
            self.number = CaseNumber::from_random(self.kind.number_kind(), year, seed);
        }
        self.state = State::Reported;
        self.opinion = self.of_staff(now);
        Ok(self.changed(Command::Submit, from, Changes::default(), None, now))
    }

    /// Takes or gives the lead. Before triage this is how MAS, MAR or SAS takes a case over.
    ///
    /// # Errors
    /// [`Rejected`] for a draft, a closed or a void case, or without a reason.
    pub fn lead(
        mut self,
        lead: StaffId,
        reason: String,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Lead)?;
        self.by_opinion("use_opinion_assign")?;
        let reason = said(reason)?;
        let mut changes = Changes::default();
        changes.note("lead", &self.assessment.lead, &Some(lead));
        self.assessment.lead = Some(lead);
        Ok(self.changed(Command::Lead, from, changes, Some(reason), now))
    }

    /// Gives the case to another unit, which then is responsible for it.
    ///
    /// # Errors
    /// [`Rejected`] for a draft, a closed or a void case, to the unit it is at, or without a reason.
    pub fn transfer(
        mut self,
        unit: UnitId,
        reason: String,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Transfer)?;
        let mut faults = Faults::default();
        faults.require(unit != self.unit, "/unit", Reason::inconsistent("same_unit"));
        faults.require(!reason.trim().is_empty(), "/reason", Reason::Required);
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("unit", &self.unit, &unit);
        changes.note("hops", &self.assessment.hops, &(self.assessment.hops + 1));
        self.assessment.hops += 1;
        self.unit = unit;
        self.unassign(&mut changes);
        Ok(self.changed(Command::Transfer, from, changes, Some(reason), now))
    }

    /// Takes a closed case up again where it stood. A duplicate is one no longer.
    ///
    /// # Errors
    /// [`Rejected`] for a case that is not closed, or without a reason.
    pub fn reopen(mut self, reason: String, now: Timestamp) -> Result<Changed, Rejected> {
        // What is answered is taken up again though it has not ended.
        let answered =
            self.opinion.as_ref().is_some_and(|it| it.stage_name() == StageName::Answered);
        let from = match answered && self.status().open() {
            true => self.status(),
            false => self.admit(Command::Reopen)?,
        };
        let reason = said(reason)?;
        let mut changes = Changes::default();
        self.note_ending_gone(&mut changes);
        if let Some(mut opinion) = self.opinion.take() {
            self.take_up(&mut opinion, &mut changes, now);
            changes.note("stage", &None, &Some(opinion.stage_name().code()));
            self.opinion = Some(opinion);
            self.follow_stage();
            return Ok(self.changed(Command::Reopen, from, changes, Some(reason), now));
        }
        let links = self.links.clone();
        self.links.retain(|link| link.kind != super::link::LinkKind::DuplicateOf);
        changes.note("links", &links, &self.links);
        self.state = self.progress.resumes_as();
        Ok(self.changed(Command::Reopen, from, changes, Some(reason), now))
    }

    /// Makes the case void: it stays readable and is counted nowhere. `has_duplicates` tells whether
    /// others are closed as duplicates of it; they would then be counted nowhere either.
    ///
    /// # Errors
    /// [`Rejected`] for a void case, without a reason, or while duplicates point here.
    pub fn void(
        mut self,
        reason: String,
        by: StaffId,
        has_duplicates: bool,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Void)?;
        let mut faults = Faults::default();
        faults.require(!reason.trim().is_empty(), "/reason", Reason::Required);
        faults.require(!has_duplicates, "", Reason::inconsistent("has_duplicates"));
        let owed =
            from != Status::Draft && self.opinion.as_ref().is_some_and(|it| it.is_owed_an_end());
        faults.require(!owed, "", Reason::inconsistent("use_a_named_ending"));
        faults.into_result()?;
        let mut changes = Changes::default();
        self.note_ending_gone(&mut changes);
        self.state = State::Void(Voiding {
            at: now,
            by: Some(by),
            reason: reason.clone(),
            never_handed_in: from == Status::Draft,
        });
        Ok(self.changed(Command::Void, from, changes, Some(reason), now))
    }

    /// Notes how a closed case had ended, before that is replaced.
    pub(crate) fn note_ending_gone(&self, changes: &mut Changes) {
        if let State::Closed(closing) = &self.state {
            changes.note("outcome", &closing.outcome, &None);
            changes.note("summary", &closing.summary, &None);
            changes.note("action_taken", &closing.action_taken, &None);
            changes.note("closed_at", &Some(closing.at), &None);
            changes.note("closed_by", &closing.by, &None);
        }
    }
}

/// A reason that says something.
pub(super) fn said(reason: String) -> Result<String, Rejected> {
    let mut faults = Faults::default();
    faults.require(!reason.trim().is_empty(), "/reason", Reason::Required);
    faults.into_result().map(|()| reason)
}
