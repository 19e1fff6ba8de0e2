//! Lex Sarah (SoL 27 kap., LSS 24 b–f §§): the table of its states, and the commands only it has.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::delegation::{Delegated, delegated};
use super::ivo::board_told;
use super::matter::{BoardInformed, Decision, Degree, Matter};
use super::{Around, Changed, Command, Escalation, Rejected, State, Status, blank, held};
use crate::calendar::{start_of_day, swedish_date};
use crate::case::event::{Changes, Faults};
use crate::fault::Reason;
use crate::ids::StaffId;

/// Its states, in the order of its way.
pub(super) const STATUSES: [Status; 15] = [
    Status::Flagged,
    Status::ScreenedOut,
    Status::Reported,
    Status::Received,
    Status::ImmediateAction,
    Status::Investigating,
    Status::Assessed,
    Status::NotTakenUp,
    Status::Notified,
    Status::InquirySupplemented,
    Status::AtIvo,
    Status::SupplementRequested,
    Status::IvoDecided,
    Status::FollowingUp,
    Status::Closed,
];

/// Whether a matter that stands here takes the command at all.
pub(super) fn admits(status: Status, command: Command) -> bool {
    use Command::*;
    match status {
        Status::Flagged => matches!(command, ScreenOut | TakeUp),
        Status::ScreenedOut | Status::NotTakenUp => matches!(command, Reassess),
        Status::Reported => matches!(command, Receive),
        Status::Received => matches!(command, ActAtOnce | NotTakeUp | Notify),
        Status::ImmediateAction => {
            matches!(command, ActAtOnce | Investigate | NotTakeUp | Notify)
        }
        Status::Investigating => {
            matches!(command, ActAtOnce | Investigate | Propose | Assess | NotTakeUp | Notify)
        }
        Status::Assessed => matches!(command, Notify | FollowUp | Reassess),
        // Notified straight after receipt, everything else is still to be done.
        Status::Notified => matches!(
            command,
            ActAtOnce
                | Investigate
                | Propose
                | Assess
                | SubmitInquiry
                | IvoReceive
                | RequestSupplement
                | Withdraw
        ),
        Status::InquirySupplemented => {
            matches!(command, IvoReceive | RequestSupplement | Withdraw)
        }
        Status::AtIvo => matches!(command, RequestSupplement | IvoDecide | Withdraw),
        Status::SupplementRequested => matches!(command, AnswerSupplement | Withdraw),
        Status::IvoDecided => matches!(command, FollowUp),
        Status::FollowingUp => matches!(command, FollowUp | Reassess | Close),
        Status::Closed => false,
        // States of other machines.
        Status::Assessing
        | Status::Reassessing
        | Status::DecidedNo
        | Status::DecidedYes
        | Status::InquirySubmitted
        | Status::Withdrawn => false,
    }
}

/// That a report was received.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
    /// That the nämnd was told, by a private provider.
    pub board_informed: Option<BoardInformed>,
}

/// What was done at once to protect the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protection {
    /// What; or why nothing was needed.
    pub text: String,
    /// By whom it was put down.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// The investigation of a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inquiry {
    /// Who investigates.
    pub investigator: Option<StaffId>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// What happened.
    pub course_of_events: Option<String>,
    /// What it meant for the person.
    pub consequences: Option<String>,
    /// Why it happened.
    pub causes: Option<String>,
    /// Whether it could happen again, or has.
    pub recurrence: Option<String>,
    /// What is done about it.
    pub measures: Option<String>,
    /// When it was complete.
    pub completed_at: Option<Timestamp>,
}

impl Inquiry {
    /// What is missing for it to be complete, as JSON pointers.
    pub fn missing(&self) -> Vec<&'static str> {
        let parts = [
            ("/course_of_events", &self.course_of_events),
            ("/consequences", &self.consequences),
            ("/causes", &self.causes),
            ("/recurrence", &self.recurrence),
            ("/measures", &self.measures),
        ];
        let empty = |text: &Option<String>| text.as_deref().is_none_or(blank);
        parts.into_iter().filter(|(_, text)| empty(text)).map(|(field, _)| field).collect()
    }
}

/// What is written into an investigation: what is `None` stays as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Who investigates.
    pub investigator: Option<StaffId>,
    /// What happened.
    pub course_of_events: Option<String>,
    /// What it meant for the person.
    pub consequences: Option<String>,
    /// Why it happened.
    pub causes: Option<String>,
    /// Whether it could happen again, or has.
    pub recurrence: Option<String>,
    /// What is done about it.
    pub measures: Option<String>,
    /// Everyone it criticises.
    pub criticised: Option<BTreeSet<StaffId>>,
    /// The investigation is complete.
    pub complete: bool,
}

/// A decision on the degree, or not to take a report up.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessing {
    /// The degree.
    pub degree: Degree,
    /// Why.
    pub motivation: String,
    /// The day it was decided; `None` is today.
    pub on: Option<Date>,
}

/// What was put right, and who was told: what is `None` stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remedy {
    /// What was put right.
    pub put_right: Option<String>,
    /// The day it was.
    pub put_right_on: Option<Date>,
    /// Whether the person or their representative was told.
    pub person_informed: Option<bool>,
    /// How, or why not.
    pub person_informed_how: Option<String>,
    /// That the personakt holds a note of it.
    pub file_note_confirmed: Option<bool>,
    /// Whether it was considered to report it to the police, and with what result.
    pub police_considered: Option<String>,
}

/// Whether the investigation is complete and the degree decided after it.
pub(super) fn investigated(matter: &Matter) -> bool {
    let complete = matter.inquiry.as_ref().is_some_and(|inquiry| inquiry.completed_at.is_some());
    complete && matter.decision.is_some()
}

/// What the investigation lacks for IVO.
pub(super) fn inquiry_faults(matter: &Matter, faults: &mut Faults) {
    let complete = matter.inquiry.as_ref().is_some_and(|inquiry| inquiry.completed_at.is_some());
    faults.require(complete, "", Reason::inconsistent("investigation_not_complete"));
    let decided = matter.decision.is_some();
    faults.require(decided, "", Reason::inconsistent("degree_not_decided"));
}

/// What closing lacks.
pub(super) fn close_faults(matter: &Matter, imported: bool, faults: &mut Faults) {
    if !imported {
        inquiry_faults(matter, faults);
    }
    let remedy = matter.remedy.clone().unwrap_or_default();
    let nothing = matter.decision.as_ref().and_then(|it| it.degree) == Some(Degree::None);
    let right = nothing || remedy.put_right_on.is_some();
    faults.require(right, "/put_right_on", Reason::Required);
    faults.require(remedy.person_informed.is_some(), "/person_informed", Reason::Required);
    let noted = remedy.file_note_confirmed == Some(true);
    faults.require(noted, "/file_note_confirmed", Reason::Required);
    let police = remedy.police_considered.as_deref().is_some_and(|text| !blank(text));
    faults.require(police, "/police_considered", Reason::Required);
}

/// Where a matter goes on whose notification was withdrawn.
pub(super) fn resumes_as(matter: &Matter) -> State {
    if matter.inquiry.is_some() {
        State::Investigating
    } else if !matter.protections.is_empty() {
        State::ImmediateAction
    } else {
        State::Received
    }
}

impl Escalation {
    /// Receives a report. The clock of what is to follow runs from the report, not from here.
    ///
    /// # Errors
    /// [`Rejected`] where it was received; by a private provider that has not told the nämnd.
    pub fn receive(
        mut self,
        board_informed: Option<BoardInformed>,
        criticised: Option<BTreeSet<StaffId>>,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Receive, around)?;
        let mut faults = Faults::default();
        board_told(&mut faults, &board_informed, around);
        held(faults)?;
        let mut changes = Changes::default();
        self.criticise(criticised, &mut changes);
        changes.note("received_at", &None, &Some(around.now));
        self.matter.receipt = Some(Receipt { by: around.by, at: around.now, board_informed });
        self.state = State::Received;
        Ok(self.changed(Command::Receive, from, changes, None, around.now))
    }

    fn criticise(&mut self, criticised: Option<BTreeSet<StaffId>>, changes: &mut Changes) {
        if let Some(criticised) = criticised {
            changes.note("criticised", &self.matter.criticised, &criticised);
            self.matter.criticised = criticised;
        }
    }

    /// Notes what was done at once to protect the person, or why nothing was needed.
    ///
    /// # Errors
    /// [`Rejected`] before receipt, after the assessment, or without words.
    pub fn act_at_once(mut self, text: String, around: Around<'_>) -> Result<Changed, Rejected> {
        // Whoever is criticised still protects the person.
        let from = self.admit(Command::ActAtOnce)?;
        let mut faults = Faults::default();
        faults.require(!blank(&text), "/text", Reason::Required);
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("immediate_action", &None, &Some(&text));
        self.matter.protections.push(Protection { text, by: around.by, at: around.now });
        if from == Status::Received {
            self.state = State::ImmediateAction;
        }
        Ok(self.changed(Command::ActAtOnce, from, changes, None, around.now))
    }

    /// Begins, writes or completes the investigation.
    ///
    /// # Errors
    /// [`Rejected`] before the person's protection is answered; by somebody it criticises; and, to
    /// complete it, while a part is missing.
    pub fn inquire(mut self, findings: Findings, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Investigate, around)?;
        let mut faults = Faults::default();
        let protected = !self.matter.protections.is_empty();
        faults.require(protected, "", Reason::inconsistent("protection_not_answered"));
        let mut changes = Changes::default();
        self.criticise(findings.criticised, &mut changes);
        let old = self.matter.inquiry.clone().unwrap_or_default();
        let mut inquiry = old.clone();
        inquiry.started_at = old.started_at.or(Some(around.now));
        inquiry.investigator = findings.investigator.or(old.investigator);
        inquiry.course_of_events = findings.course_of_events.or(inquiry.course_of_events);
        inquiry.consequences = findings.consequences.or(inquiry.consequences);
        inquiry.causes = findings.causes.or(inquiry.causes);
        inquiry.recurrence = findings.recurrence.or(inquiry.recurrence);
        inquiry.measures = findings.measures.or(inquiry.measures);
        let fair = inquiry.investigator.is_none_or(|it| !self.matter.criticised.contains(&it));
        faults.require(fair, "/investigator", Reason::inconsistent("investigator_criticised"));
        // What was complete once stays so.
        if findings.complete || old.completed_at.is_some() {
            for field in inquiry.missing() {
                faults.push(field, Reason::Required);
            }
        }
        held(faults)?;
        if findings.complete {
            inquiry.completed_at = old.completed_at.or(Some(around.now));
        }
        for (name, old, new) in [
            ("inquiry.course_of_events", &old.course_of_events, &inquiry.course_of_events),
            ("inquiry.consequences", &old.consequences, &inquiry.consequences),
            ("inquiry.causes", &old.causes, &inquiry.causes),
            ("inquiry.recurrence", &old.recurrence, &inquiry.recurrence),
            ("inquiry.measures", &old.measures, &inquiry.measures),
        ] {
            changes.note(name, old, new);
        }
        changes.note("inquiry.investigator", &old.investigator, &inquiry.investigator);
        changes.note("inquiry.completed_at", &old.completed_at, &inquiry.completed_at);
        self.matter.inquiry = Some(inquiry);
        if from == Status::ImmediateAction {
            self.state = State::Investigating;
        }
        Ok(self.changed(Command::Investigate, from, changes, None, around.now))
    }

    /// Decides the degree, after the investigation and a proposal.
    ///
    /// # Errors
    /// [`Rejected`] by whom nobody has given it; before the investigation is complete; without a
    /// proposal or a motivation; when it is decided already.
    pub fn assess(mut self, assessing: Assessing, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::Assess, around)?;
        let mut faults = Faults::default();
        let decision = self.degree_decided(assessing, "", &mut faults, around)?;
        let done = self.matter.inquiry.as_ref().is_some_and(|it| it.completed_at.is_some());
        faults.require(done, "", Reason::inconsistent("investigation_not_complete"));
        let proposed = self.matter.standing_proposal().is_some();
        faults.require(proposed, "", Reason::inconsistent("nothing_proposed"));
        let open = self.matter.decision.is_none();
        faults.require(open, "", Reason::inconsistent("degree_decided"));
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("degree", &None, &decision.degree);
        let reason = decision.motivation.clone();
        self.matter.decision = Some(decision);
        if from == Status::Investigating {
            self.state = State::Assessed;
        }
        Ok(self.changed(Command::Assess, from, changes, reason, around.now))
    }

    /// A decision on the degree by whoever may make it.
    fn degree_decided(
        &self,
        assessing: Assessing,
        pointer: &str,
        faults: &mut Faults,
        around: Around<'_>,
    ) -> Result<Decision, Rejected> {
        let on = assessing.on.unwrap_or_else(|| swedish_date(around.now));
        let line = delegated(around.delegations, &[Delegated::LexSarah], around.by, on)?;
        self.decided_on(on, &format!("{pointer}/decided_on"), faults, around);
        let said = !blank(&assessing.motivation);
        faults.require(said, format!("{pointer}/motivation"), Reason::Required);
        Ok(Decision {
            yes: assessing.degree.notified(),
            degree: Some(assessing.degree),
            test: None,
            motivation: Some(assessing.motivation),
            on,
            at: self.decided_at(on, around.now),
            by: Some(around.by),
            delegation: Some(line.reference.clone()),
        })
    }

    /// What a notification under lex Sarah rests on: the degree decided before, or in the same breath.
    pub(super) fn notified_decision(
        mut self,
        given: Option<Assessing>,
        faults: &mut Faults,
        changes: &mut Changes,
        around: Around<'_>,
    ) -> Result<Self, Rejected> {
        let degree = match (&self.matter.decision, given) {
            (Some(decision), None) => decision.degree,
            (Some(_), Some(_)) => {
                faults.push("/decision", Reason::inconsistent("degree_decided"));
                None
            }
            (None, Some(assessing)) => {
                let decision = self.degree_decided(assessing, "/decision", faults, around)?;
                let degree = decision.degree;
                changes.note("degree", &None, &degree);
                self.matter.preliminary = Some(decision);
                degree
            }
            (None, None) => {
                faults.push("/decision", Reason::Required);
                None
            }
        };
        if degree.is_some_and(|degree| !degree.notified()) {
            faults.push("", Reason::inconsistent("degree_not_notified"));
        }
        Ok(self)
    }

    /// Decides that a report is a mere avvikelse, with why.
    ///
    /// # Errors
    /// [`Rejected`] by whom nobody has given it, or without a motivation.
    pub fn not_take_up(
        mut self,
        motivation: String,
        on: Option<Date>,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.begin(Command::NotTakeUp, around)?;
        let mut faults = Faults::default();
        let assessing = Assessing { degree: Degree::None, motivation, on };
        let decision = self.degree_decided(assessing, "", &mut faults, around)?;
        let open = self.matter.decision.is_none();
        faults.require(open, "", Reason::inconsistent("degree_decided"));
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("decision", &None, &Some("not_taken_up"));
        let reason = decision.motivation.clone();
        self.matter.decision = Some(Decision { degree: None, ..decision });
        self.state = State::NotTakenUp;
        Ok(self.changed(Command::NotTakeUp, from, changes, reason, around.now))
    }

    /// Notes what was put right and who was told. What is to be notified is notified first.
    ///
    /// # Errors
    /// [`Rejected`] while IVO is to be notified; for a day in the future.
    pub fn follow_up(mut self, given: Remedy, around: Around<'_>) -> Result<Changed, Rejected> {
        let from = self.begin(Command::FollowUp, around)?;
        let mut faults = Faults::default();
        let serious = self.matter.decision.as_ref().is_some_and(|decision| decision.yes);
        let told = from != Status::Assessed || !serious;
        faults.require(told, "", Reason::inconsistent("to_be_notified"));
        if let Some(on) = given.put_right_on {
            let held = on <= swedish_date(around.now);
            faults.require(held, "/put_right_on", Reason::InFuture { given: start_of_day(on) });
        }
        held(faults)?;
        let old = self.matter.remedy.clone().unwrap_or_default();
        let new = Remedy {
            put_right: given.put_right.or(old.put_right.clone()),
            put_right_on: given.put_right_on.or(old.put_right_on),
            person_informed: given.person_informed.or(old.person_informed),
            person_informed_how: given.person_informed_how.or(old.person_informed_how.clone()),
            file_note_confirmed: given.file_note_confirmed.or(old.file_note_confirmed),
            police_considered: given.police_considered.or(old.police_considered.clone()),
        };
        let mut changes = Changes::default();
        changes.note("put_right", &old.put_right, &new.put_right);
        changes.note("put_right_on", &old.put_right_on, &new.put_right_on);
        changes.note("person_informed", &old.person_informed, &new.person_informed);
        changes.note("person_informed_how", &old.person_informed_how, &new.person_informed_how);
        changes.note("file_note_confirmed", &old.file_note_confirmed, &new.file_note_confirmed);
        changes.note("police_considered", &old.police_considered, &new.police_considered);
        self.matter.remedy = Some(new);
        self.state = State::FollowingUp;
        Ok(self.changed(Command::FollowUp, from, changes, None, around.now))
    }
}
