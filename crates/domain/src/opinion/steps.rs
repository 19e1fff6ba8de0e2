//! The commands of an opinion. Each consumes the case and gives back the changed one with its event.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::answer::AnswerGiven;
use super::ending::{Attempt, HandOverGiven, PassedOn};
use super::gate::{Gates, GatesGiven};
use super::message::MessageKind;
use super::{Acknowledged, Earlier, Opinion, Registered, Stage};
use crate::calendar::swedish_date;
use crate::case::closing::Closing;
use crate::case::event::{Changes, Faults};
use crate::case::link::LinkKind;
use crate::case::{Case, Changed, Command, Rejected, State, Status};
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::ids::{CaseId, StaffId};
use crate::opinion::Concerns;

/// The outcome of a case whose opinion was handed over.
const HANDED_OVER: &str = "UTF.VG";

/// What a tenant has chosen of opinions. Local rules, never law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Opinions {
    /// After how many attempts a sender counts as out of reach.
    pub unreachable_attempts: u8,
    /// Whether a deputy answers.
    pub deputy_answers: bool,
}

impl Default for Opinions {
    fn default() -> Self {
        Self { unreachable_attempts: 3, deputy_answers: false }
    }
}

impl Opinions {
    /// Everything that is wrong, by JSON pointer below `at`.
    pub fn faults(&self, at: &str) -> Vec<Fault> {
        let mut faults = Faults::default();
        let held = (1..=20).contains(&self.unreachable_attempts);
        let range = Reason::OutOfRange { min: 1, max: 20 };
        faults.require(held, format!("{at}/unreachable_attempts"), range);
        faults.into_vec()
    }
}

/// What whoever registers an opinion says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registering {
    /// Its number in the municipality's own diary.
    pub diary_number: Option<String>,
    /// What the patientnämnd would call it.
    pub complaint_pn: Option<String>,
    /// Whom it is about; added to what is known.
    pub concerns: Concerns,
    /// Who manages the unit.
    pub managers: BTreeSet<StaffId>,
}

/// What a sender says through their receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderSays {
    /// In their words; personal identity numbers are taken out by whoever takes it in.
    pub text: String,
    /// They ask again: what has an answer, or an end, is taken up again.
    pub asks: bool,
}

impl Case {
    /// The opinion, when its stage takes `command`.
    fn opine(&self, command: Command) -> Result<(Status, &Opinion), Rejected> {
        let status = self.status();
        let Some(opinion) = &self.opinion else {
            return Err(Rejected::State { status, command });
        };
        // An import keeps the state it came with; void is void.
        if matches!(status, Status::Draft | Status::Void) {
            return Err(Rejected::State { status, command });
        }
        let stage = opinion.stage_name();
        if stage.admits(command) {
            Ok((status, opinion))
        } else {
            Err(Rejected::Stage { stage, command })
        }
    }

    /// Puts another opinion in the place of the one before, and the case where it says.
    fn opined(
        mut self,
        opinion: Opinion,
        command: Command,
        from: Status,
        changes: Changes,
        reason: Option<String>,
        now: Timestamp,
    ) -> Changed {
        let mut changes = changes;
        let before = self.opinion.as_ref().map(|it| it.stage_name().code());
        changes.note("stage", &before, &Some(opinion.stage_name().code()));
        self.opinion = Some(Box::new(opinion));
        self.follow_stage();
        match self.status() {
            Status::Triaged | Status::Investigating => {
                self.progress.triaged_at.get_or_insert(now);
            }
            Status::Draft
            | Status::Reported
            | Status::MeasuresDecided
            | Status::FollowingUp
            | Status::Closed
            | Status::Void => {}
        }
        if self.status() == Status::Investigating {
            self.progress.investigation_started_at.get_or_insert(now);
        }
        self.changed(command, from, changes, reason, now)
    }

    /// Puts what came through the public form into the register.
    ///
    /// # Errors
    /// [`Rejected`] for what is in it already, and for an unknown code.
    pub fn register_opinion(
        mut self,
        registering: Registering,
        codes: &CodeLists,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::Register)?;
        let mut opinion = opinion.clone();
        let mut faults = Faults::default();
        let Registering { diary_number, complaint_pn, concerns, managers } = registering;
        if let Some(code) = complaint_pn {
            match codes.check("patientnamnd", &code, swedish_date(now)) {
                Ok(_) => opinion.complaint_pn = Some(code),
                Err(reason) => faults.push("/complaint_pn", reason),
            }
        }
        faults.into_result()?;
        opinion.diary_number =
            diary_number.filter(|it| !it.trim().is_empty()).or(opinion.diary_number.take());
        opinion.registered = Some(Registered { at: now, by: Some(by) });
        opinion.concerns.manager |= concerns.manager;
        opinion.concerns.staff.extend(concerns.staff);
        let mut changes = Changes::default();
        let kept = self.conflicts.len();
        self.keep_from_concerned(&opinion.concerns, &managers, now);
        changes.note("conflicts", &kept, &self.conflicts.len());
        changes.note("diary_number", &None, &opinion.diary_number);
        opinion.stage = Stage::Registered;
        Ok(self.opined(opinion, Command::Register, from, changes, None, now))
    }

    /// Tells the sender that it has come.
    ///
    /// # Errors
    /// [`Rejected`] where they know, or cannot be told.
    pub fn acknowledge_opinion(
        self,
        way: Option<String>,
        codes: &CodeLists,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::Acknowledge)?;
        let mut opinion = opinion.clone();
        let mut faults = Faults::default();
        if let Some(code) = &way
            && let Err(reason) = codes.check("channel", code, swedish_date(now))
        {
            faults.push("/way", reason);
        }
        let told = opinion.acknowledged.is_some();
        faults.require(!told, "", Reason::inconsistent("acknowledged_already"));
        faults.require(opinion.reachable(), "", Reason::inconsistent("sender_is_unknown"));
        faults.into_result()?;
        opinion.acknowledged = Some(Acknowledged { at: now, by, way });
        if opinion.stage == Stage::Registered {
            opinion.stage = Stage::Acknowledged;
        }
        let mut changes = Changes::default();
        changes.note("acknowledged_at", &None, &Some(now));
        Ok(self.opined(opinion, Command::Acknowledge, from, changes, None, now))
    }

    /// Gives it to whoever is to handle it: they lead the case.
    ///
    /// # Errors
    /// [`Rejected`] for somebody it is about, or whom it is kept from.
    pub fn assign_opinion(
        mut self,
        handler: StaffId,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::Assign)?;
        let mut opinion = opinion.clone();
        let mut faults = Faults::default();
        let kept = self.conflicts.iter().any(|conflict| conflict.staff == handler);
        let about = kept || opinion.concerns.staff.contains(&handler);
        faults.require(!about, "/staff", Reason::inconsistent("handler_is_concerned"));
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("lead", &self.assessment.lead, &Some(handler));
        self.assessment.lead = Some(handler);
        if matches!(opinion.stage, Stage::Registered | Stage::Acknowledged) {
            opinion.stage = Stage::Assigned;
        }
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        Ok(self.opined(opinion, Command::Assign, from, changes, reason, now))
    }

    /// Answers the two gates and begins to investigate; later, answers them anew.
    ///
    /// # Errors
    /// [`Rejected`] without both answers.
    pub fn investigate_opinion(
        self,
        given: GatesGiven,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::Inquire)?;
        let mut opinion = opinion.clone();
        let mut faults = Faults::default();
        let gates = given.over(opinion.gates.as_ref(), by, now, &mut faults);
        faults.into_result()?;
        let mut changes = Changes::default();
        note_gates(&mut changes, opinion.gates.as_ref(), gates.as_ref());
        opinion.gates = gates;
        opinion.stage = Stage::Investigating;
        Ok(self.opined(opinion, Command::Inquire, from, changes, None, now))
    }

    /// Asks the sender something.
    ///
    /// # Errors
    /// [`Rejected`] where they cannot be asked.
    pub fn ask_sender(self, now: Timestamp) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::Ask)?;
        let mut opinion = opinion.clone();
        let mut faults = Faults::default();
        faults.require(opinion.reachable(), "", Reason::inconsistent("sender_is_unknown"));
        faults.into_result()?;
        opinion.said_at = None;
        let mut changes = Changes::default();
        changes.note("question", &None, &Some(MessageKind::Question.code()));
        Ok(self.opined(opinion, Command::Ask, from, changes, None, now))
    }

    /// Writes down that somebody tried in vain to reach the sender.
    ///
    /// # Errors
    /// [`Rejected`] for a day to come, or an unknown way.
    pub fn note_attempt(
        self,
        attempt: Attempt,
        codes: &CodeLists,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::Attempt)?;
        let mut opinion = opinion.clone();
        let (mut faults, today) = (Faults::default(), swedish_date(now));
        if let Err(reason) = codes.check("channel", &attempt.way, today) {
            faults.push("/way", reason);
        }
        let code = Reason::inconsistent("day_in_future");
        faults.require(attempt.on <= today, "/on", code);
        let arrived = swedish_date(self.reported_at);
        let other = "/reported_at".to_owned();
        faults.require(attempt.on >= arrived, "/on", Reason::Before { other });
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("attempts", &opinion.attempts.len(), &(opinion.attempts.len() + 1));
        opinion.attempts.push(attempt);
        Ok(self.opined(opinion, Command::Attempt, from, changes, None, now))
    }

    /// Keeps an answer that is being written.
    ///
    /// # Errors
    /// [`Rejected`] where there is none to be written.
    pub fn draft_answer(self, draft: AnswerGiven, now: Timestamp) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::Answer)?;
        let mut opinion = opinion.clone();
        let mut changes = Changes::default();
        // That there is one, not what: a history outlives the text.
        changes.note("draft", &opinion.draft.is_some(), &true);
        opinion.draft = Some(draft);
        Ok(self.opined(opinion, Command::Answer, from, changes, None, now))
    }

    /// Answers it.
    ///
    /// # Errors
    /// [`Rejected`] with everything that is missing, all at once: explanation, measures or that there
    /// are none, the judgement of secrecy, where to turn next, how it was given; the two gates; and the
    /// avvikelse that it is.
    pub fn answer_opinion(
        self,
        given: AnswerGiven,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::Answer)?;
        let mut opinion = opinion.clone();
        let mut faults = Faults::default();
        let gates = match self.praises() && opinion.gates.is_none() {
            true => None,
            false => given.gates.over(opinion.gates.as_ref(), by, now, &mut faults),
        };
        let answer = given.whole(&self, &opinion, by, now, &mut faults);
        let becomes = gates.as_ref().is_some_and(|gates| gates.avvikelse);
        let made = !becomes || !opinion.spun_off.is_empty();
        faults.require(made, "/avvikelse", Reason::inconsistent("avvikelse_not_spun_off"));
        faults.into_result()?;
        let Some(answer) = answer else { return Err(Rejected::Guard(Vec::new())) };
        let mut changes = Changes::default();
        note_gates(&mut changes, opinion.gates.as_ref(), gates.as_ref());
        changes.note("answer_channel", &None, &Some(answer.given.channel().code()));
        opinion.gates = gates;
        opinion.draft = None;
        opinion.said_at = None;
        opinion.stage = Stage::Answered(Box::new(answer));
        Ok(self.opined(opinion, Command::Answer, from, changes, None, now))
    }

    /// Hands it over to whom it concerns (PSL 3 kap. 8 e §). `known` is the name of the counterparty.
    ///
    /// # Errors
    /// [`Rejected`] without to whom, why, and that the sender was told, where they can be.
    pub fn hand_over_opinion(
        mut self,
        given: HandOverGiven,
        known: Option<&str>,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::HandOver)?;
        let arrived = swedish_date(self.reported_at);
        let mut opinion = opinion.clone();
        let mut faults = Faults::default();
        let handed = given.whole(&opinion, (known, arrived), by, now, &mut faults);
        self.duty_faults(&mut faults);
        faults.into_result()?;
        let Some(handed) = handed else { return Err(Rejected::Guard(Vec::new())) };
        let mut changes = Changes::default();
        changes.note("handed_over_to", &None, &Some(&handed.to));
        changes.note("outcome", &None, &Some(HANDED_OVER));
        let reason = Some(handed.reason.clone());
        self.state = State::Closed(Closing {
            outcome: Some(HANDED_OVER.to_owned()),
            summary: reason.clone(),
            action_taken: None,
            at: now,
            by: Some(by),
        });
        opinion.said_at = None;
        opinion.stage = Stage::HandedOver(handed);
        Ok(self.opined(opinion, Command::HandOver, from, changes, reason, now))
    }

    /// Passes it on to an authority; it is handled here all the same.
    ///
    /// # Errors
    /// [`Rejected`] where the stage does not take it.
    pub fn pass_on_opinion(self, passed: PassedOn, now: Timestamp) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::PassOn)?;
        let mut opinion = opinion.clone();
        let mut changes = Changes::default();
        let before = opinion.passed_on.last().map(|it| it.to.code());
        changes.note("passed_on_to", &before, &Some(passed.to.code()));
        let reason = passed.reason.clone();
        opinion.passed_on.push(passed);
        Ok(self.opined(opinion, Command::PassOn, from, changes, reason, now))
    }

    /// Notes the avvikelse that was made of it. Making one says that it is one.
    ///
    /// # Errors
    /// [`Rejected`] where the stage does not take it.
    pub fn spin_off_opinion(
        self,
        made: CaseId,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::SpinOff)?;
        let mut opinion = opinion.clone();
        let mut changes = Changes::default();
        changes.note("links", &None, &Some(made));
        opinion.spun_off.push(made);
        if let Some(gates) = opinion.gates.as_mut().filter(|gates| !gates.avvikelse) {
            *gates = Gates { avvikelse: true, at: now, by, ..gates.clone() };
        }
        Ok(self.opined(opinion, Command::SpinOff, from, changes, None, now))
    }

    /// Adds what the sender says through their receipt. Where they ask again what was answered, or had
    /// ended, it is taken up again.
    ///
    /// # Errors
    /// [`Rejected`] for what is void, and for an empty text.
    pub fn hear_sender(self, says: &SenderSays, now: Timestamp) -> Result<Changed, Rejected> {
        let (from, opinion) = self.opine(Command::SenderMessage)?;
        let mut faults = Faults::default();
        faults.require(!says.text.trim().is_empty(), "/text", Reason::Required);
        faults.into_result()?;
        let mut opinion = opinion.clone();
        opinion.said_at.get_or_insert(now);
        let mut case = self;
        let mut changes = Changes::default();
        if says.asks && opinion.stage_name().admits(Command::Reopen) {
            case.note_ending_gone(&mut changes);
            case.take_up(&mut opinion, &mut changes, now);
            opinion.asked_again_at = Some(now);
        }
        changes.note("messages", &None, &Some(true));
        Ok(case.opined(opinion, Command::SenderMessage, from, changes, None, now))
    }

    /// Puts an opinion that was answered, or had ended, back to where it is handled.
    pub(crate) fn take_up(&mut self, opinion: &mut Opinion, changes: &mut Changes, now: Timestamp) {
        let stage = match (&opinion.gates, self.assessment.lead) {
            (Some(_), Some(_)) => Stage::Investigating,
            (_, Some(_)) => Stage::Assigned,
            (_, None) if opinion.acknowledged.is_some() => Stage::Acknowledged,
            (_, None) => Stage::Registered,
        };
        let before = std::mem::replace(&mut opinion.stage, stage);
        opinion.earlier.push(Earlier { until: now, stage: before });
        let links = self.links.clone();
        self.links.retain(|link| link.kind != LinkKind::DuplicateOf);
        changes.note("links", &links, &self.links);
        self.state = State::Reported;
    }
}

fn note_gates(changes: &mut Changes, old: Option<&Gates>, new: Option<&Gates>) {
    changes.note("is_avvikelse", &old.map(|it| it.avvikelse), &new.map(|it| it.avvikelse));
    changes.note("lex_sarah", &old.map(|it| it.lex_sarah), &new.map(|it| it.lex_sarah));
}
