//! What the assessors say of a case: law, category, severity, harm, lex questions, track.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::duty::CaseDuty;
use super::event::{Changes, Faults};
use super::information::PatientInformation;
use super::lifecycle::Command;
use super::waiting::Waiting;
use super::{Case, Changed, Kind, Rejected, State, Status, Track};
use crate::calendar::swedish_date;
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::ids::StaffId;
use crate::law::Law;

/// How grave, from 1 (minor) to 4 (catastrophic): what happened, and what could have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Severity {
    /// What happened.
    pub actual: Option<u8>,
    /// What could have happened: the law says "hade kunnat medföra". Follows `actual` unless given.
    pub potential: Option<u8>,
}

impl Severity {
    /// What could have happened, or what did where nobody judged more.
    pub fn potential(&self) -> Option<u8> {
        self.potential.or(self.actual)
    }
}

/// Whether the event was a vårdskada (PSL 1 kap. 5 §), as far as judged.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Vardskada {
    /// Nobody has judged it.
    #[default]
    NotAssessed,
    /// It was not.
    No,
    /// It could have caused one.
    CouldHave,
    /// It was one.
    Yes,
}

impl Vardskada {
    /// Every value.
    pub const ALL: [Vardskada; 4] =
        [Vardskada::NotAssessed, Vardskada::No, Vardskada::CouldHave, Vardskada::Yes];

    /// The code, as in the list `vardskada`.
    pub fn code(self) -> &'static str {
        match self {
            Vardskada::NotAssessed => "not_assessed",
            Vardskada::No => "no",
            Vardskada::CouldHave => "could_have",
            Vardskada::Yes => "yes",
        }
    }
}

impl std::str::FromStr for Vardskada {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Vardskada::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

/// What the event did to the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Harm {
    /// Whether it reached the person at all.
    pub reached_person: Option<bool>,
    /// A code of the list `injury`; `ING` is none.
    pub injury: Option<String>,
    /// Whether it was a vårdskada.
    pub vardskada: Vardskada,
    /// Whether the vårdskada, or the one it could have caused, was serious (PSL 1 kap. 5 § second
    /// paragraph).
    pub serious: Option<bool>,
    /// Whether the person died of it.
    pub death: Option<bool>,
}

/// A question that the law asks of a case beside its handling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LexQuestion {
    /// May this be a serious vårdskada, or have been able to cause one (PSL 3 kap. 5 §)?
    LexMaria,
    /// May this be a missförhållande or a palpable risk of one (SoL, LSS)?
    LexSarah,
}

impl LexQuestion {
    /// Its name in JSON.
    pub fn code(self) -> &'static str {
        match self {
            LexQuestion::LexMaria => "lex_maria",
            LexQuestion::LexSarah => "lex_sarah",
        }
    }

    /// The questions the given laws ask.
    pub fn asked_by(laws: &[Law]) -> Vec<LexQuestion> {
        let mut asked = Vec::new();
        if laws.contains(&Law::Hsl) {
            asked.push(LexQuestion::LexMaria);
        }
        if laws.contains(&Law::Sol) || laws.contains(&Law::Lss) {
            asked.push(LexQuestion::LexSarah);
        }
        asked
    }
}

/// An assessor's answer to a lex question. Anything but `No` raises the flag; a delegate decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LexAnswer {
    /// No.
    No,
    /// Perhaps: someone who may decide has to look.
    Perhaps,
    /// Yes.
    Yes,
}

/// Who judged something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Who; `None` for what an import brought.
    pub by: Option<StaffId>,
    /// When.
    pub at: Timestamp,
}

/// Everything the assessors have said. Starts with what the reporter proposed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Assessment {
    /// The laws the case falls under; the first is the one counted.
    pub law: Vec<Law>,
    /// The category.
    pub category: Option<String>,
    /// Negative event, near miss or risk: a code of the list `nature`.
    pub nature: Option<String>,
    /// How grave.
    pub severity: Severity,
    /// How likely to happen again, from 1 (yearly) to 4 (daily).
    pub probability: Option<u8>,
    /// What it did to the person.
    pub harm: Harm,
    /// The answers to the lex questions.
    pub lex: BTreeMap<LexQuestion, LexAnswer>,
    /// The way it is handled.
    pub track: Option<Track>,
    /// Who leads.
    pub lead: Option<StaffId>,
    /// How often it was given to another unit. From the second on nobody wants it, and the area
    /// manager decides.
    pub hops: u16,
    /// The information of PSL 3 kap. 8 §: for every vårdskada, not only those of lex Maria.
    pub patient_information: Option<PatientInformation>,
    /// Neighbouring duties, in the order in which they were asked for.
    pub duties: Vec<CaseDuty>,
    /// For whom it waits.
    pub waiting: Option<Waiting>,
    /// Who judged each field, and when.
    pub judged: BTreeMap<String, Judgement>,
}

impl Assessment {
    /// `severity.potential × probability`: 1, 2, 3, 4, 6, 8, 9, 12 or 16. It asks a question and
    /// never decides one.
    pub fn risk_score(&self) -> Option<u8> {
        Some(self.severity.potential()? * self.probability?)
    }

    /// Whether any lex question is answered with anything but no.
    pub fn lex_flagged(&self) -> bool {
        self.lex.values().any(|answer| *answer != LexAnswer::No)
    }
}

/// The tenant's limits for handling. Local, never law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The risk score at which a case is flagged, and below which it may take the simple track.
    pub risk_threshold: u8,
    /// After how many attempts the sender of an opinion counts as out of reach.
    pub unreachable_attempts: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self { risk_threshold: 8, unreachable_attempts: 3 }
    }
}

/// One part of a triage: what is given is judged now, what is `None` stays as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Triage {
    /// The laws.
    pub law: Option<Vec<String>>,
    /// The category.
    pub category: Option<String>,
    /// The nature.
    pub nature: Option<String>,
    /// Actual severity.
    pub severity_actual: Option<u8>,
    /// Potential severity.
    pub severity_potential: Option<u8>,
    /// Probability.
    pub probability: Option<u8>,
    /// Whether it reached the person.
    pub reached_person: Option<bool>,
    /// The injury.
    pub injury: Option<String>,
    /// Whether it was a vårdskada.
    pub vardskada: Option<Vardskada>,
    /// Whether that was serious.
    pub serious: Option<bool>,
    /// Whether the person died.
    pub death: Option<bool>,
    /// Answers to lex questions.
    pub lex: BTreeMap<LexQuestion, LexAnswer>,
    /// The track.
    pub track: Option<Track>,
    /// Why, asked for when what was already judged is judged anew.
    pub reason: Option<String>,
}

impl Triage {
    /// Whether it judges what someone licensed has to judge under HSL.
    pub fn health_part(&self) -> bool {
        self.injury.is_some()
            || self.vardskada.is_some()
            || self.serious.is_some()
            || self.death.is_some()
    }

    /// Whether it judges anything else.
    pub fn unit_part(&self) -> bool {
        let health = Triage {
            injury: self.injury.clone(),
            vardskada: self.vardskada,
            serious: self.serious,
            death: self.death,
            reason: self.reason.clone(),
            ..Triage::default()
        };
        *self != health
    }
}

impl Case {
    /// What triage still needs, as JSON pointers into a triage body; empty when it is complete.
    pub fn triage_awaits(&self) -> Vec<&'static str> {
        let assessment = &self.assessment;
        let mut awaits = Vec::new();
        if assessment.category.is_none() {
            awaits.push("/category");
        }
        if assessment.track.is_none() {
            awaits.push("/track");
        }
        match self.kind {
            Kind::Avvikelse => {
                if assessment.law.is_empty() {
                    awaits.push("/law");
                }
                if assessment.severity.actual.is_none() {
                    awaits.push("/severity/actual");
                }
                if assessment.probability.is_none() {
                    awaits.push("/probability");
                }
                for question in LexQuestion::asked_by(&assessment.law) {
                    if !assessment.lex.contains_key(&question) {
                        awaits.push(match question {
                            LexQuestion::LexMaria => "/lex/lex_maria",
                            LexQuestion::LexSarah => "/lex/lex_sarah",
                        });
                    }
                }
            }
            // What the public leaves has neither severity nor lex questions of its own: an event
            // behind it is an avvikelse, linked.
            Kind::Synpunkt | Kind::Klagomal => {}
        }
        awaits
    }

    /// Judges the case, in whole or in part. The case becomes triaged when nothing is missing; what was
    /// judged already is judged anew with a reason, and a case past triage stays where it is.
    ///
    /// # Errors
    /// [`Rejected`] for a draft, closed or void case; for unknown codes, numbers outside 1–4, the
    /// simple track where it is not open ([`Case::simple_track_bars`]), or no reason for a change.
    pub fn triage(
        mut self,
        triage: Triage,
        codes: &CodeLists,
        limits: Limits,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Triage)?;
        let changes = self.judge(triage.clone(), codes, limits, by, now)?;
        let anew = from != Status::Reported && changes.replace_something();
        if anew && triage.reason.as_deref().unwrap_or("").trim().is_empty() {
            return Err(Rejected::Guard(vec![Fault::at("/reason", Reason::Required)]));
        }
        // A law judged anew may ask a question nobody has answered yet.
        if from != Status::Reported && self.progress.triaged_at.is_some() {
            let missing = self.triage_awaits().into_iter();
            let missing =
                missing.map(|field| Fault::at(field, Reason::Required)).collect::<Vec<_>>();
            if !missing.is_empty() {
                return Err(Rejected::Guard(missing));
            }
        }
        if from == Status::Reported && self.triage_awaits().is_empty() {
            // An opinion is where its stage says, and triaged when it is given to somebody.
            if self.opinion.is_none() {
                self.state = State::Triaged;
            }
            self.progress.triaged_at = Some(now);
        }
        Ok(self.changed(Command::Triage, from, changes, triage.reason, now))
    }

    /// Writes a triage into the assessment, checked; used by triage and by the simple close.
    pub(super) fn judge(
        &mut self,
        triage: Triage,
        codes: &CodeLists,
        limits: Limits,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changes, Rejected> {
        let day = swedish_date(self.event_time());
        let mut faults = Faults::default();
        let mut check = |list: &str, code: &Option<String>, field: &str| {
            if let Some(code) = code
                && let Err(reason) = codes.check(list, code, day)
            {
                faults.push(field, reason);
            }
        };
        check(self.kind.category_list(), &triage.category, "/category");
        check("nature", &triage.nature, "/nature");
        check("injury", &triage.injury, "/harm/injury");
        for (field, value) in [
            ("/severity/actual", triage.severity_actual),
            ("/severity/potential", triage.severity_potential),
            ("/probability", triage.probability),
        ] {
            let held = value.is_none_or(|value| (1..=4).contains(&value));
            faults.require(held, field, Reason::OutOfRange { min: 1, max: 4 });
        }
        let mut laws = Vec::new();
        for (at, code) in triage.law.iter().flatten().enumerate() {
            match (code.parse::<Law>(), codes.check("law", code, day)) {
                (Ok(law), Ok(_)) if laws.contains(&law) => {
                    faults.push(format!("/law/{at}"), Reason::NotUnique);
                }
                (Ok(law), Ok(_)) => laws.push(law),
                (_, Err(reason)) => faults.push(format!("/law/{at}"), reason),
                (Err(()), Ok(_)) => {
                    let (list, given) = ("law".to_owned(), code.clone());
                    faults.push(format!("/law/{at}"), Reason::UnknownCode { list, given });
                }
            }
        }
        if triage.law.as_ref().is_some_and(Vec::is_empty) {
            faults.push("/law", Reason::Required);
        }
        faults.into_result()?;

        let old = self.assessment.clone();
        let new = &mut self.assessment;
        if triage.law.is_some() {
            new.law = laws;
        }
        new.category = triage.category.or(new.category.take());
        new.nature = triage.nature.or(new.nature.take());
        new.severity.actual = triage.severity_actual.or(new.severity.actual);
        new.severity.potential = triage.severity_potential.or(new.severity.potential);
        new.probability = triage.probability.or(new.probability);
        new.harm.reached_person = triage.reached_person.or(new.harm.reached_person);
        new.harm.injury = triage.injury.or(new.harm.injury.take());
        new.harm.vardskada = triage.vardskada.unwrap_or(new.harm.vardskada);
        new.harm.serious = triage.serious.or(new.harm.serious);
        new.harm.death = triage.death.or(new.harm.death);
        new.lex.extend(triage.lex);
        new.track = triage.track.or(new.track);

        let mut faults = Faults::default();
        // What could have happened is never less than what did.
        if let (Some(actual), Some(potential)) = (new.severity.actual, new.severity.potential) {
            let held = potential >= actual;
            faults.require(
                held,
                "/severity/potential",
                Reason::OutOfRange { min: i64::from(actual), max: 4 },
            );
        }
        let harmless = matches!(new.harm.vardskada, Vardskada::No | Vardskada::NotAssessed);
        if new.harm.serious == Some(true) && harmless {
            faults.push("/harm/serious", Reason::inconsistent("serious_without_vardskada"));
        }
        if new.track == Some(Track::Simple) {
            faults.extend(simple_track_bars(new, limits));
        }
        faults.into_result()?;

        let mut changes = Changes::default();
        let judged = Judgement { by: Some(by), at: now };
        let new = self.assessment.clone();
        let mut note = |field: &str, changed: bool| {
            if changed {
                self.assessment.judged.insert(field.to_owned(), judged);
            }
        };
        macro_rules! fields {
            ($($name:literal: $($path:ident).+),+ $(,)?) => {$(
                note($name, old.$($path).+ != new.$($path).+);
                changes.note($name, &old.$($path).+, &new.$($path).+);
            )+};
        }
        fields! {
            "law": law,
            "category": category,
            "nature": nature,
            "severity": severity,
            "probability": probability,
            "harm.reached_person": harm.reached_person,
            "harm.injury": harm.injury,
            "harm.vardskada": harm.vardskada,
            "harm.serious": harm.serious,
            "harm.death": harm.death,
            "lex": lex,
            "track": track,
        }
        self.ask_by_rule(by, now, &mut changes);
        Ok(changes)
    }

    /// Why the case may not take the simple track; empty when it may.
    pub fn simple_track_bars(&self, limits: Limits) -> Vec<Fault> {
        simple_track_bars(&self.assessment, limits)
    }
}

/// Severity 1 actual and potential, a score below the threshold, every lex question "no", no
/// vårdskada: else the case needs an investigation.
fn simple_track_bars(assessment: &Assessment, limits: Limits) -> Vec<Fault> {
    let mut faults = Faults::default();
    if assessment.severity.actual.is_some_and(|severity| severity > 1) {
        faults.push("/severity/actual", Reason::inconsistent("too_grave_for_simple_track"));
    } else if assessment.severity.potential().is_some_and(|severity| severity > 1) {
        faults.push("/severity/potential", Reason::inconsistent("too_grave_for_simple_track"));
    }
    if assessment.risk_score().is_some_and(|score| score >= limits.risk_threshold) {
        faults.push("/probability", Reason::inconsistent("risk_score_too_high_for_simple_track"));
    }
    if assessment.lex_flagged() {
        faults.push("/lex", Reason::inconsistent("lex_question_open_for_simple_track"));
    }
    match assessment.harm.vardskada {
        Vardskada::NotAssessed | Vardskada::No => {}
        Vardskada::CouldHave | Vardskada::Yes => {
            faults.push("/harm/vardskada", Reason::inconsistent("vardskada_on_simple_track"));
        }
    }
    faults.into_vec()
}
