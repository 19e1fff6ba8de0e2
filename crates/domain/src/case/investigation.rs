//! What happened and why (utredning): PSL 3 kap. 3 §.

use jiff::Timestamp;

use super::event::{Changes, Faults};
use super::joint::{Ground, InCommon};
use super::lifecycle::Command;
use super::measure::Measure;
use super::{Case, Changed, Rejected, State, Status, Track};
use crate::calendar::swedish_date;
use crate::code_lists::CodeLists;
use crate::fault::Reason;
use crate::ids::{CauseId, InvestigationId, StaffId};

/// One cause (orsak).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Its id.
    pub id: CauseId,
    /// A code of the list `cause`.
    pub code: String,
    /// In words.
    pub text: Option<String>,
    /// Why no measure is taken against it.
    pub waiver: Option<String>,
}

/// Course of events, causes, and what is done about them. May serve several cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Investigation {
    /// Its id.
    pub id: InvestigationId,
    /// Who investigates.
    pub investigator: Option<StaffId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was complete.
    pub completed_at: Option<Timestamp>,
    /// What happened, step by step.
    pub course_of_events: Option<String>,
    /// The investigator's judgement.
    pub assessment: Option<String>,
    /// The person's own account, or why there is none. Asked for on the deep track
    /// (HSLF-FS 2017:40).
    pub person_account: Option<String>,
    /// Whether support was offered to the person, relatives and staff. Asked for on the deep track.
    pub support_offered: Option<bool>,
    /// Why it happened.
    pub causes: Vec<Cause>,
    /// What is done.
    pub measures: Vec<Measure>,
    /// What its cases have in common, where several were joined.
    pub in_common: Option<InCommon>,
    /// On what grounds the other branch reads it, where it spans both.
    pub grounds: Vec<Ground>,
    /// Grows by one with every change to it, and with every case that joins.
    pub version: i64,
}

impl Investigation {
    /// An investigation that begins now.
    pub fn begin(id: InvestigationId, investigator: Option<StaffId>, now: Timestamp) -> Self {
        Self {
            id,
            investigator,
            started_at: now,
            completed_at: None,
            course_of_events: None,
            assessment: None,
            person_account: None,
            support_offered: None,
            causes: Vec::new(),
            measures: Vec::new(),
            in_common: None,
            grounds: Vec::new(),
            version: 1,
        }
    }

    /// One version on.
    pub(super) fn next(mut self) -> Self {
        self.version += 1;
        self
    }

    /// What is missing for it to be complete on this track (PSL 3 kap. 3 §; deep: HSLF-FS 2017:40).
    pub fn missing(&self, track: Option<Track>) -> Vec<&'static str> {
        let blank = |text: &Option<String>| text.as_deref().is_none_or(|t| t.trim().is_empty());
        let mut missing = Vec::new();
        if blank(&self.course_of_events) {
            missing.push("/course_of_events");
        }
        if blank(&self.assessment) {
            missing.push("/assessment");
        }
        if self.causes.is_empty() {
            missing.push("/causes");
        }
        if track == Some(Track::Deep) {
            if blank(&self.person_account) {
                missing.push("/person_account");
            }
            if self.support_offered.is_none() {
                missing.push("/support_offered");
            }
        }
        missing
    }

    /// The causes that have neither a measure nor a waiver.
    pub fn unanswered_causes(&self) -> Vec<&Cause> {
        let answered =
            |cause: &Cause| self.measures.iter().any(|measure| measure.causes.contains(&cause.id));
        self.causes.iter().filter(|cause| cause.waiver.is_none() && !answered(cause)).collect()
    }
}

/// What is written into an investigation: what is `None` stays as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Who investigates.
    pub investigator: Option<StaffId>,
    /// What happened.
    pub course_of_events: Option<String>,
    /// The judgement.
    pub assessment: Option<String>,
    /// The person's own account.
    pub person_account: Option<String>,
    /// Whether support was offered.
    pub support_offered: Option<bool>,
    /// All causes. A cause with a known id stays; one without gets `new_id`; others go, unless a
    /// measure stands against them.
    pub causes: Option<Vec<Cause>>,
    /// The investigation is complete.
    pub complete: bool,
}

impl Case {
    /// Begins, writes or completes the investigation. A case that is triaged is under
    /// investigation from now on.
    ///
    /// # Errors
    /// [`Rejected`] before triage or after the end; for an unknown cause; and, to
    /// complete it, without course of events, cause or judgement (on the deep track also without
    /// the person's account and the answer about support).
    pub fn investigate(
        mut self,
        findings: Findings,
        new_id: InvestigationId,
        codes: &CodeLists,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Investigate)?;
        if from == Status::Triaged {
            self.by_opinion("use_opinion_investigate")?;
        }
        let day = swedish_date(self.event_time());
        let mut faults = Faults::default();
        for (at, cause) in findings.causes.iter().flatten().enumerate() {
            if let Err(reason) = codes.check("cause", &cause.code, day) {
                faults.push(format!("/causes/{at}/code"), reason);
            }
        }
        let ids: Vec<CauseId> = findings.causes.iter().flatten().map(|cause| cause.id).collect();
        for at in 0..ids.len() {
            let first = !ids[..at].contains(&ids[at]);
            faults.require(first, format!("/causes/{at}/id"), Reason::NotUnique);
        }

        let started = self.progress.investigation_started_at.unwrap_or(now);
        let old = self.investigation.clone();
        let begun = self.investigation.take().map(Investigation::next);
        let mut inquiry = begun.unwrap_or_else(|| {
            let mut begun = Investigation::begin(new_id, Some(by), now);
            // An imported case brings the day its investigation began, not the investigation.
            begun.started_at = started;
            begun
        });
        inquiry.investigator = findings.investigator.or(inquiry.investigator);
        inquiry.course_of_events = findings.course_of_events.or(inquiry.course_of_events);
        inquiry.assessment = findings.assessment.or(inquiry.assessment);
        inquiry.person_account = findings.person_account.or(inquiry.person_account);
        inquiry.support_offered = findings.support_offered.or(inquiry.support_offered);
        if let Some(causes) = findings.causes {
            for gone in
                inquiry.causes.iter().filter(|old| causes.iter().all(|new| new.id != old.id))
            {
                let stands =
                    inquiry.measures.iter().any(|measure| measure.causes.contains(&gone.id));
                faults.require(!stands, "/causes", Reason::inconsistent("cause_has_measure"));
            }
            inquiry.causes = causes;
        }
        // What was complete once stays so: nothing it needs can be taken out again.
        if findings.complete || inquiry.completed_at.is_some() {
            for field in inquiry.missing(self.assessment.track) {
                faults.push(field, Reason::Required);
            }
        }
        faults.into_result()?;

        if findings.complete {
            inquiry.completed_at = inquiry.completed_at.or(Some(now));
            self.progress.investigation_done_at = inquiry.completed_at;
        }
        let mut changes = Changes::default();
        let text = |inquiry: &Option<Investigation>, pick: fn(&Investigation) -> Option<String>| {
            inquiry.as_ref().and_then(pick)
        };
        let new = Some(inquiry);
        for (name, pick) in [
            (
                "investigation.course_of_events",
                (|i: &Investigation| i.course_of_events.clone())
                    as fn(&Investigation) -> Option<String>,
            ),
            ("investigation.assessment", |i| i.assessment.clone()),
            ("investigation.person_account", |i| i.person_account.clone()),
            ("investigation.causes", |i| {
                let one = |cause: &Cause| {
                    let text = cause.text.as_deref().unwrap_or("–");
                    let waiver = cause.waiver.as_deref().map(|why| format!(" ({why})"));
                    format!("{}: {text}{}", cause.code, waiver.unwrap_or_default())
                };
                let causes: Vec<_> = i.causes.iter().map(one).collect();
                (!causes.is_empty()).then(|| causes.join("; "))
            }),
            ("investigation.investigator", |i| i.investigator.map(|staff| staff.to_string())),
            ("investigation.support_offered", |i| i.support_offered.map(|yes| yes.to_string())),
            ("investigation.completed_at", |i| i.completed_at.map(|at| at.to_string())),
        ] {
            changes.note(name, &text(&old, pick), &text(&new, pick));
        }
        self.investigation = new;
        self.progress.investigation_started_at = Some(started);
        if from == Status::Triaged {
            self.state = State::Investigating;
        }
        Ok(self.changed(Command::Investigate, from, changes, None, now))
    }
}
