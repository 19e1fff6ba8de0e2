//! Carrying out a command on a case. Every command goes the same way: the case was opened and its
//! version compared; the domain decides; everything the change leaves behind is written at once, if
//! the case still stands where it stood.

use domain::calendar::swedish_date;
use domain::case::closing::{Close, Ending};
use domain::case::correction::Correction;
use domain::case::filing::Subject;
use domain::case::investigation::Findings;
use domain::case::link::LinkKind;
use domain::case::measure::{Measure, MeasureProgress, Waiver};
use domain::case::triage::Triage;
use domain::case::watch::{WatchAnswer, WatchAnswered, Watcher};
use domain::case::{
    Case, Changed, Comment, Conflict, DutyAnswer, Feedback, Rejected, Supplement, Track, Waiting,
    Watch,
};
use domain::escalation::Escalation;
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, InvestigationId, MeasureId, StaffId, SubjectId, UnitId, WatchId};
use domain::law::Law;
use domain::opinion::EndingKind;
use domain::personnummer::SubjectIdentity;
use domain::policy::{Access, Act, Target, allow, closing_act};
use jiff::Timestamp;
use store::{KeptAnswer, SealedSubject};

use super::notice::of_mentions;
use super::read::{Opened, access_entry};
use super::record::Record;
use super::together::Together;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::escalations::record::{EscalationRecord, ONE_OPEN};
use crate::idempotency::{Answer, Once};
use crate::opinions::{Alongside, OpinionCommand};

/// A command as the service understands it.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseCommand {
    /// Hand in a draft.
    Submit,
    /// Assess.
    Triage(Triage),
    /// Take or give the lead.
    Lead {
        /// To whom; `None` is oneself.
        staff: Option<StaffId>,
        /// Why.
        reason: String,
    },
    /// Begin, write or complete the investigation.
    Investigate(Findings),
    /// Add measures and waive causes.
    AddMeasures {
        /// The measures.
        measures: Vec<Measure>,
        /// The causes waived.
        waivers: Vec<Waiver>,
    },
    /// Write down how a measure goes.
    ProgressMeasure {
        /// Which.
        measure: MeasureId,
        /// How.
        progress: MeasureProgress,
    },
    /// Decide the measures.
    DecideMeasures,
    /// Begin to follow up.
    FollowUp,
    /// Give feedback.
    Feedback(Feedback),
    /// Correct.
    Correct {
        /// What.
        correction: Box<Correction>,
        /// The person, when that is what was wrong.
        subject: Option<Subject>,
    },
    /// Give to another unit.
    Transfer {
        /// Which.
        unit: UnitId,
        /// Why.
        reason: String,
    },
    /// Link to another case.
    Link {
        /// How.
        kind: LinkKind,
        /// To which.
        to: CaseId,
    },
    /// Ask someone.
    Watch(Watch),
    /// Answer what one was asked.
    AnswerWatch {
        /// Which.
        watch: WatchId,
        /// How.
        answer: WatchAnswer,
        /// In words.
        text: Option<String>,
    },
    /// Say something about it.
    Comment(Comment),
    /// Add to what one reported.
    Supplement {
        /// In the reporter's words.
        text: String,
    },
    /// Keep it from someone.
    KeepFrom(Conflict),
    /// Keep it from someone no longer.
    LetIn {
        /// From whom.
        staff: StaffId,
        /// Why.
        reason: String,
    },
    /// Ask for a neighbouring duty by hand.
    AskDuty {
        /// A code of the list `duty`.
        code: String,
        /// Since when the organisation knew.
        known_at: Option<Timestamp>,
    },
    /// Answer a neighbouring duty.
    AnswerDuty {
        /// Which.
        code: String,
        /// How.
        answer: DutyAnswer,
    },
    /// Say for whom it waits.
    Wait(Waiting),
    /// Say that it waits no longer.
    StopWaiting {
        /// Why.
        reason: String,
    },
    /// Give it its number in the register, or take it away.
    GiveNumber {
        /// As the board writes it.
        number: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// End it.
    Close(Box<Close>),
    /// Take it up again.
    Reopen {
        /// Why.
        reason: String,
    },
    /// Make it void.
    Void {
        /// Why.
        reason: String,
    },
    /// Handle it as an opinion.
    Opinion(Box<OpinionCommand>),
}

impl CaseCommand {
    /// The acts the policy is asked about, once the command is known whole: one, and more where a
    /// triage has parts that are not everybody's.
    fn acts(&self, case: &Case) -> Vec<Act> {
        let mut acts = vec![self.act(case)];
        if let CaseCommand::Close(close) = self
            && close.ending.as_ref().is_some_and(|it| it.kind == EndingKind::NotSerious)
        {
            acts.push(Act::DismissOpinion);
        }
        let triage = match self {
            CaseCommand::Triage(triage) => Some(triage),
            CaseCommand::Close(close) => close.triage.as_ref(),
            _ => None,
        };
        if let Some(triage) = triage {
            let hsl = match &triage.law {
                Some(laws) => laws.iter().any(|law| law == Law::Hsl.code()),
                None => case.laws().contains(&Law::Hsl),
            };
            if hsl && triage.health_part() {
                acts.push(Act::TriageHealth);
            }
            if !hsl || triage.unit_part() {
                acts.push(Act::TriageUnit);
            }
        }
        acts
    }

    fn act(&self, case: &Case) -> Act {
        match self {
            CaseCommand::Submit => Act::EditDraft,
            // Taking a case off the deep track is for those who may end one there.
            CaseCommand::Triage(triage)
                if case.assessment.track == Some(Track::Deep)
                    && triage.track.is_some_and(|track| track != Track::Deep) =>
            {
                Act::CloseDeep
            }
            CaseCommand::Triage(_) => Act::Triage,
            CaseCommand::Lead { .. } => Act::Lead,
            CaseCommand::Investigate(_)
            | CaseCommand::AddMeasures { .. }
            | CaseCommand::ProgressMeasure { .. }
            | CaseCommand::DecideMeasures
            | CaseCommand::FollowUp
            | CaseCommand::AskDuty { .. }
            | CaseCommand::AnswerDuty { .. }
            | CaseCommand::Wait(_)
            | CaseCommand::StopWaiting { .. } => Act::Investigate,
            CaseCommand::Feedback(_) => Act::Feedback,
            CaseCommand::Correct { .. } => Act::Correct,
            CaseCommand::Transfer { .. } => Act::Transfer,
            CaseCommand::Link { .. } => Act::Link,
            CaseCommand::Watch(_) => Act::Watch,
            CaseCommand::AnswerWatch { .. } | CaseCommand::Comment(_) => Act::Comment,
            CaseCommand::Supplement { .. } => Act::Supplement,
            CaseCommand::KeepFrom(_) | CaseCommand::LetIn { .. } => Act::KeepFrom,
            CaseCommand::Close(close) => {
                let chosen = close.triage.as_ref().and_then(|triage| triage.track);
                // A deep case does not become a simple one by the way it is closed.
                let track = case.assessment.track.max(chosen);
                closing_act(track, Ending::of(&close.outcome) == Ending::Handled)
            }
            CaseCommand::GiveNumber { .. } => Act::GiveNumber,
            CaseCommand::Reopen { .. } => Act::Reopen,
            CaseCommand::Void { .. } => Act::Void,
            CaseCommand::Opinion(command) => command.act(),
        }
    }
}

/// A command that may be carried out, with what it makes of the case; nothing is written yet.
pub(super) struct Prepared {
    pub(super) before: Case,
    pub(super) changed: Changed,
    pub(super) access: Access,
    act: String,
    sealed: Option<SealedSubject>,
    comment: Option<Comment>,
    alongside: Alongside,
}

impl Prepared {
    /// The case as it will stand, as a reading would show it then: a role sees more than one's own
    /// filing, and whoever gave the case away still sees what they did.
    pub(super) fn after(&self, caller: &Caller) -> Opened {
        let case = self.changed.case.clone();
        let access = match allow(&caller.actor, Act::Read, &Target::from(&case)) {
            role @ Access::Role(_) => role,
            asked @ Access::Asked => asked,
            Access::Own | Access::Forbidden | Access::Hidden => self.access,
        };
        Opened { case, access }
    }
}

impl App {
    /// Carries out a command on a case that was opened. `render` makes the answer from the case as
    /// it will stand.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster; [`Error::State`] and [`Error::Faults`] from
    /// the domain; [`Error::Forbidden`].
    pub async fn execute(
        &self,
        caller: &Caller,
        opened: Opened,
        command: CaseCommand,
        once: Option<Once>,
        render: impl Fn(&Opened) -> Answer,
    ) -> Result<Answer, Error> {
        let command = self.hold_escalations(caller, &opened.case, command).await?;
        let prepared = self.prepare(caller, opened.case, command).await?;
        let (case_id, answer) = (prepared.before.id, render(&prepared.after(caller)));
        let kept = once.as_ref().map(|once| self.to_keep(caller, once, &answer, Some(case_id)));
        let (inquiry, mut records) = self.reflected(caller, &prepared).await?;
        records.push(self.recorded(caller, prepared, kept.transpose()?));
        self.write_together(caller, Together::of(inquiry, records), answer, once).await
    }

    /// Asks the policy about a command as a whole and lets the domain decide; writes nothing yet.
    ///
    /// # Errors
    /// As [`App::execute`].
    pub(super) async fn prepare(
        &self,
        caller: &Caller,
        before: Case,
        command: CaseCommand,
    ) -> Result<Prepared, Error> {
        let target = Target::from(&before);
        let asked = command.acts(&before);
        let answers = asked.iter().map(|act| allow(&caller.actor, *act, &target));
        let access = answers
            .reduce(|first, next| if first.allowed() && !next.allowed() { next } else { first });
        let access = match access {
            Some(access @ (Access::Role(_) | Access::Asked | Access::Own)) => access,
            Some(Access::Forbidden) => return Err(Error::Forbidden),
            Some(Access::Hidden) | None => return Err(Error::NotFound),
        };
        let handled = matches!(&command, CaseCommand::Close(close) if Ending::of(&close.outcome) == Ending::Handled);
        let act = format!("case.{}", command.act_name());
        let mut sealed = None;
        if let CaseCommand::Correct { subject: Some(given), .. } = &command {
            let id = SubjectId(self.new_id());
            sealed = Some(self.seal_subject(caller, id, given)?);
        }
        let subject = sealed.as_ref().map(|sealed| sealed.id);
        let comment = match &command {
            CaseCommand::Comment(comment) => Some(comment.clone()),
            _ => None,
        };
        let closes = matches!(command, CaseCommand::Close(_));
        let opining = match &command {
            CaseCommand::Opinion(_) if before.opinion.is_none() => return Err(Error::NotFound),
            CaseCommand::Opinion(command) => Some(command.clone()),
            _ => None,
        };
        let changed = self.decide(caller, before.clone(), command, subject).await?;
        let alongside = opining.map(|it| self.alongside(caller, &before, &it, &changed));
        let alongside = alongside.transpose()?.unwrap_or_default();
        let flags = caller.set_up.settings.flags;
        if closes && !flags.newly(&before, &changed.case).is_empty() {
            // What is judged in the same breath asks a question that somebody has to answer first.
            let reason = Reason::inconsistent("flagged_for_lex");
            return Err(Error::Faults(vec![Fault::at("/triage", reason)]));
        }
        if handled
            && let Some(roles) = caller.set_up.settings.closers(&changed.case)
            && !caller.actor.holds(roles, &target)
        {
            return Err(Error::Forbidden);
        }
        Ok(Prepared { before, changed, access, act, sealed, comment, alongside })
    }

    /// Everything a prepared command writes, with the reading that its answer is.
    pub(super) fn recorded(
        &self,
        caller: &Caller,
        prepared: Prepared,
        kept: Option<KeptAnswer>,
    ) -> (Case, Record) {
        let Prepared { before, changed, access, act, sealed, comment, alongside } = prepared;
        let number = changed.case.number.to_string();
        let entry = access_entry(self, caller, &act, access, &changed.case);
        let mut record = Record::new(self, caller, changed);
        if record.may_ask() {
            record.raise_flags(self, caller, &before);
        }
        record.subject = sealed;
        record.said = alongside.said;
        if let Some(raised) = alongside.raised {
            record.raise(EscalationRecord::new(self, caller, None, raised, Some(&number), &[]));
        }
        if let Some(comment) = &comment {
            record.notices.extend(of_mentions(self, caller, &before, comment));
        }
        record.comment = comment;
        record.access = Some(entry);
        record.kept = kept;
        (before, record)
    }

    pub(super) async fn decide(
        &self,
        caller: &Caller,
        case: Case,
        command: CaseCommand,
        subject: Option<SubjectId>,
    ) -> Result<Changed, Error> {
        let (codes, limits) = (&caller.set_up.codes, caller.limits());
        let (by, now) = (caller.staff.id, caller.now);
        let changed: Result<Changed, Rejected> = match command {
            CaseCommand::Submit => case.submit(self.new_seed(), now),
            CaseCommand::Triage(triage) => case.triage(triage, codes, limits, by, now),
            CaseCommand::Lead { staff, reason } => {
                let lead = staff.unwrap_or(by);
                if lead != by {
                    self.known_staff(caller, lead, "/staff").await?;
                }
                case.lead(lead, reason, now)
            }
            CaseCommand::Investigate(findings) => {
                if let Some(investigator) = findings.investigator {
                    self.known_staff(caller, investigator, "/investigator").await?;
                }
                let id = InvestigationId(self.new_id());
                case.investigate(findings, id, codes, by, now)
            }
            CaseCommand::AddMeasures { measures, waivers } => {
                case.add_measures(measures, waivers, codes, now)
            }
            CaseCommand::ProgressMeasure { measure, progress } => {
                case.progress_measure(measure, progress, now)
            }
            CaseCommand::DecideMeasures => case.decide_measures(now),
            CaseCommand::FollowUp => case.follow_up(now),
            CaseCommand::Feedback(feedback) => case.give_feedback(feedback, swedish_date(now), now),
            CaseCommand::Correct { mut correction, subject: given } => {
                correction.subject = subject;
                if let Some(Subject { identity: SubjectIdentity::Personal(id), .. }) = given {
                    let age = id.age_on(swedish_date(case.event_time()));
                    correction.sex = Some(id.sex().to_owned());
                    correction.age_band = Some(domain::personnummer::age_band(age).to_owned());
                }
                case.correct(*correction, codes, by, now)
            }
            CaseCommand::Transfer { unit, reason } => {
                let about = case.opinion.as_ref().is_some_and(|opinion| opinion.concerns.manager);
                let mut case = case;
                if about {
                    // Said to be about whoever manages the unit: that is somebody else there.
                    let (tenant, set_up) = (caller.tenant_id(), &caller.set_up);
                    let managers = self.managers_of(tenant, set_up, (unit, case.kind), now).await?;
                    case.keep_from_managers(&managers, now);
                }
                case.transfer(unit, reason, now)
            }
            CaseCommand::Link { kind, to } => {
                self.readable(caller, to, "/case").await?;
                case.link_to(kind, to, now)
            }
            CaseCommand::Watch(watch) => {
                if let Watcher::Staff(staff) = watch.to {
                    self.known_staff(caller, staff, "/staff").await?;
                }
                case.watch(watch, codes, now)
            }
            CaseCommand::AnswerWatch { watch, answer, text } => {
                let answered = WatchAnswered { answer, text, by, at: now };
                case.answer_watch(watch, answered, caller.staff.profession.as_deref(), now)
            }
            CaseCommand::Comment(comment) => {
                for (at, staff) in comment.mentions.iter().enumerate() {
                    self.known_staff(caller, *staff, &format!("/mentions/{at}")).await?;
                }
                case.comment(&comment, now)
            }
            CaseCommand::Supplement { text } => {
                case.supplement(Supplement { at: now, by, text }, now)
            }
            CaseCommand::KeepFrom(conflict) => {
                self.known_staff(caller, conflict.staff, "/staff").await?;
                case.keep_from(conflict, now)
            }
            CaseCommand::LetIn { staff, reason } => case.let_in(staff, reason, now),
            CaseCommand::AskDuty { code, known_at } => {
                case.ask_duty(code, known_at, codes, by, now)
            }
            CaseCommand::AnswerDuty { code, answer } => case.answer_duty(&code, answer, by, now),
            CaseCommand::Wait(waiting) => case.wait(waiting, now),
            CaseCommand::StopWaiting { reason } => case.stop_waiting(reason, now),
            CaseCommand::Close(close) => {
                if let Some(other) = close.duplicate_of {
                    let original = self.readable(caller, other, "/duplicate_of").await?;
                    // Two that point at each other would both be counted nowhere.
                    if original.outcome().is_some_and(|code| Ending::of(code) == Ending::Duplicate)
                    {
                        let reason = Reason::inconsistent("original_is_a_duplicate");
                        return Err(Error::Faults(vec![Fault::at("/duplicate_of", reason)]));
                    }
                    // Whoever left this one is answered with the other, so that one has to be answered.
                    let answers = original.opinion.as_ref().is_some_and(|it| it.answers_another());
                    if case.opinion.is_some() && !answers {
                        let reason = Reason::inconsistent("original_gives_no_answer");
                        return Err(Error::Faults(vec![Fault::at("/duplicate_of", reason)]));
                    }
                    let (id, tenant) = (case.id, caller.tenant_id());
                    if self.store.read(tenant, move |tx| tx.has_duplicates(id)).await? {
                        let reason = Reason::inconsistent("has_duplicates");
                        return Err(Error::Faults(vec![Fault::at("", reason)]));
                    }
                }
                case.close(*close, codes, limits, by, now)
            }
            CaseCommand::GiveNumber { number, reason } => {
                case.give_number(number.as_deref(), reason, &caller.set_up.settings.diary, now)
            }
            CaseCommand::Reopen { reason } => case.reopen(reason, now),
            CaseCommand::Void { reason } => {
                let id = case.id;
                let duplicates =
                    self.store.read(caller.tenant_id(), move |tx| tx.has_duplicates(id)).await?;
                case.void(reason, by, duplicates, now)
            }
            CaseCommand::Opinion(command) => {
                return self.decide_opinion(caller, case, *command).await;
            }
        };
        Ok(changed?)
    }

    /// Ending a case waits for the escalations beside it: while lex Maria or lex Sarah asks, is
    /// investigated, or is with IVO, the case stays open (and is not made void). A lex question answered
    /// with perhaps or yes bars the simple track as before; what came of it is the escalation's: screened
    /// out, decided, closed or withdrawn, it holds nothing up. What was told the patient there is
    /// not asked for again here.
    async fn hold_escalations(
        &self,
        caller: &Caller,
        case: &Case,
        mut command: CaseCommand,
    ) -> Result<CaseCommand, Error> {
        let ends = match &command {
            CaseCommand::Close(_) | CaseCommand::Void { .. } => true,
            CaseCommand::Opinion(command) => command.ends(),
            _ => false,
        };
        if !ends || case.private() {
            return Ok(command);
        }
        let id = case.id;
        let beside = self.store.read(caller.tenant_id(), move |tx| tx.escalations_of(id)).await?;
        if beside.iter().any(Escalation::open) {
            return Err(escalation_open());
        }
        if let CaseCommand::Close(close) = &mut command
            && close.patient_information.is_none()
            && case.assessment.patient_information.is_none()
        {
            close.patient_information =
                beside.iter().rev().find_map(|it| it.matter.patient_information.clone());
        }
        Ok(command)
    }

    /// Another case that a command names must be one the caller may read, and that is counted.
    async fn readable(&self, caller: &Caller, id: CaseId, field: &str) -> Result<Case, Error> {
        match self.open(caller, id, Act::Read).await {
            Ok(opened) if !opened.case.uncounted() => Ok(opened.case),
            Ok(_) | Err(Error::NotFound | Error::Forbidden) => {
                Err(Error::Faults(vec![Fault::at(field, Reason::NotFound)]))
            }
            Err(other) => Err(other),
        }
    }

    pub(crate) async fn known_staff(
        &self,
        caller: &Caller,
        id: StaffId,
        field: &str,
    ) -> Result<(), Error> {
        match self.store.read(caller.tenant_id(), move |tx| tx.staff(id)).await {
            Ok(_) => Ok(()),
            Err(store::Error::NotFound) => {
                Err(Error::Faults(vec![Fault::at(field, Reason::NotFound)]))
            }
            Err(other) => Err(other.into()),
        }
    }
}

/// That an escalation holds a case open.
pub(super) fn escalation_open() -> Error {
    Error::Faults(vec![Fault::at("", Reason::inconsistent("escalation_open"))])
}

/// That another case of the tenant has the number.
pub(crate) fn diary_number_taken(error: &store::Error) -> bool {
    matches!(error.conflict(), Some("cases_diary_number_key" | "opinions_diary_number_key"))
}

/// Whether a write failed because somebody else was faster: the version moved on, it has its history
/// entry already, the same link stands, the closing is in the sample, or the key has its answer.
pub(crate) fn lost_a_race(error: &store::Error) -> bool {
    matches!(error, store::Error::Stale)
        || matches!(
            error.conflict(),
            Some(
                "case_history_case_id_version_key"
                    | "samples_case_id_closed_at_key"
                    | "case_links_case_id_kind_to_case_id_key"
                    | "idempotency_keys_principal_key_key"
                    | "investigations_investigation_id_key"
                    | ONE_OPEN
            )
        )
}

impl CaseCommand {
    /// The command's name in the access log.
    pub(super) fn act_name(&self) -> &'static str {
        use domain::case::Command;
        match self {
            CaseCommand::Submit => Command::Submit,
            CaseCommand::Triage(_) => Command::Triage,
            CaseCommand::Lead { .. } => Command::Lead,
            CaseCommand::Investigate(_) => Command::Investigate,
            CaseCommand::AddMeasures { .. } | CaseCommand::ProgressMeasure { .. } => {
                Command::Measure
            }
            CaseCommand::DecideMeasures => Command::DecideMeasures,
            CaseCommand::FollowUp => Command::FollowUp,
            CaseCommand::Feedback(_) => Command::Feedback,
            CaseCommand::Correct { .. } => Command::Correct,
            CaseCommand::Transfer { .. } => Command::Transfer,
            CaseCommand::Link { .. } => Command::Link,
            CaseCommand::Watch(_) => Command::Watch,
            CaseCommand::AnswerWatch { .. } => Command::AnswerWatch,
            CaseCommand::Comment(_) => Command::Comment,
            CaseCommand::Supplement { .. } => Command::Supplement,
            CaseCommand::KeepFrom(_) | CaseCommand::LetIn { .. } => Command::KeepFrom,
            CaseCommand::AskDuty { .. } | CaseCommand::AnswerDuty { .. } => Command::Duty,
            CaseCommand::Wait(_) | CaseCommand::StopWaiting { .. } => Command::Wait,
            CaseCommand::Close(_) => Command::Close,
            CaseCommand::GiveNumber { .. } => Command::GiveNumber,
            CaseCommand::Reopen { .. } => Command::Reopen,
            CaseCommand::Void { .. } => Command::Void,
            CaseCommand::Opinion(command) => command.command(),
        }
        .code()
    }
}
