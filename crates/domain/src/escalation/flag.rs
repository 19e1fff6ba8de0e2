//! When an event asks for lex Maria or lex Sarah. A flag asks; it never decides.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::case::triage::{Assessment, LexAnswer, LexQuestion};
use crate::case::{self, Case};
use crate::fault::{Fault, Reason};
use crate::law::Law;

/// Why an escalation was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagCause {
    /// The lex question was answered with perhaps or yes.
    LexAnswer,
    /// What happened was grave.
    ActualSeverity,
    /// What could have happened was grave, and may happen again.
    PotentialSeverity,
    /// The risk score reached the threshold.
    RiskScore,
    /// Somebody raised it.
    ByHand,
}

impl FlagCause {
    /// Every cause, as long as a rule gives it.
    pub const BY_RULE: [FlagCause; 4] = [
        FlagCause::LexAnswer,
        FlagCause::ActualSeverity,
        FlagCause::PotentialSeverity,
        FlagCause::RiskScore,
    ];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            FlagCause::LexAnswer => "lex_answer",
            FlagCause::ActualSeverity => "actual_severity",
            FlagCause::PotentialSeverity => "potential_severity",
            FlagCause::RiskScore => "risk_score",
            FlagCause::ByHand => "by_hand",
        }
    }
}

/// When the service raises a flag: the tenant's own rules, each with a switch. Local, never law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlagRules {
    /// A lex question answered with perhaps or yes.
    pub lex_answer: bool,
    /// Actual severity from this on; `None` is off.
    pub actual_severity: Option<u8>,
    /// Potential severity from this on, together with `probability`; `None` is off.
    pub potential_severity: Option<u8>,
    /// The probability that goes with it.
    pub probability: u8,
    /// A risk score from this on; `None` is off.
    pub risk_score: Option<u8>,
}

impl Default for FlagRules {
    fn default() -> Self {
        Self {
            lex_answer: true,
            actual_severity: Some(3),
            potential_severity: Some(3),
            probability: 2,
            risk_score: Some(8),
        }
    }
}

impl FlagRules {
    /// The causes an assessment has for asking `question`.
    pub fn causes(&self, assessment: &Assessment, question: LexQuestion) -> BTreeSet<FlagCause> {
        let at_least = |value: Option<u8>, least: Option<u8>| match (value, least) {
            (Some(value), Some(least)) => value >= least,
            _ => false,
        };
        let severity = assessment.severity;
        let asked = assessment.lex.get(&question).is_some_and(|it| *it != LexAnswer::No);
        let potential = at_least(severity.potential(), self.potential_severity)
            && at_least(assessment.probability, Some(self.probability));
        let mut causes = BTreeSet::new();
        for (cause, holds) in [
            (FlagCause::LexAnswer, self.lex_answer && asked),
            (FlagCause::ActualSeverity, at_least(severity.actual, self.actual_severity)),
            (FlagCause::PotentialSeverity, potential),
            (FlagCause::RiskScore, at_least(assessment.risk_score(), self.risk_score)),
        ] {
            if holds {
                causes.insert(cause);
            }
        }
        causes
    }

    /// What a case asks for: each process, under which law, and why. Only an avvikelse asks.
    pub fn of(&self, case: &Case) -> Vec<Asking> {
        if case.kind != case::Kind::Avvikelse {
            return Vec::new();
        }
        let asking = |(kind, question, laws): (Kind, LexQuestion, &[Law])| {
            let law = case.laws().into_iter().find(|law| laws.contains(law))?;
            let causes = self.causes(&case.assessment, question);
            (!causes.is_empty()).then_some(Asking { kind, law, causes })
        };
        let maria = (Kind::LexMaria, LexQuestion::LexMaria, &[Law::Hsl][..]);
        let sarah = (Kind::LexSarah, LexQuestion::LexSarah, &[Law::Sol, Law::Lss][..]);
        [maria, sarah].into_iter().filter_map(asking).collect()
    }

    /// What a case asks for now that it did not ask for before: a flag that was answered is not
    /// raised again by what it was raised by.
    pub fn newly(&self, before: &Case, after: &Case) -> Vec<Asking> {
        let old = self.of(before);
        let known = |asking: &Asking| {
            old.iter().any(|it| it.kind == asking.kind && it.causes.is_superset(&asking.causes))
        };
        self.of(after).into_iter().filter(|asking| !known(asking)).collect()
    }

    /// What is wrong with the rules, by JSON pointer below `at`.
    pub fn faults(&self, at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, value, max) in [
            ("actual_severity", self.actual_severity, 4),
            ("potential_severity", self.potential_severity, 4),
            ("probability", Some(self.probability), 4),
            ("risk_score", self.risk_score, 16),
        ] {
            if value.is_some_and(|value| !(1..=max).contains(&value)) {
                let reason = Reason::OutOfRange { min: 1, max: i64::from(max) };
                faults.push(Fault::at(format!("{at}/{name}"), reason));
            }
        }
        faults
    }
}

/// One process that a case asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Which.
    pub kind: Kind,
    /// Under which law of the case.
    pub law: Law,
    /// Why.
    pub causes: BTreeSet<FlagCause>,
}

/// What some rules would have flagged among cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlagPreview {
    /// The cases looked at.
    pub cases: u64,
    /// The cases that any rule would have flagged.
    pub flagged: u64,
    /// The cases that each rule would have flagged, in the order of [`FlagCause::BY_RULE`].
    pub by_cause: [u64; 4],
    /// The cases that would have been flagged for lex Maria.
    pub lex_maria: u64,
    /// The cases that would have been flagged for lex Sarah.
    pub lex_sarah: u64,
}

impl FlagPreview {
    /// Counts one case: its laws and what was assessed.
    pub fn count(&mut self, rules: &FlagRules, laws: &[Law], assessment: &Assessment) {
        self.cases += 1;
        let mut all = BTreeSet::new();
        for (question, count) in [
            (LexQuestion::LexMaria, &mut self.lex_maria),
            (LexQuestion::LexSarah, &mut self.lex_sarah),
        ] {
            if LexQuestion::asked_by(laws).contains(&question) {
                let causes = rules.causes(assessment, question);
                *count += u64::from(!causes.is_empty());
                all.extend(causes);
            }
        }
        self.flagged += u64::from(!all.is_empty());
        for (at, cause) in FlagCause::BY_RULE.iter().enumerate() {
            self.by_cause[at] += u64::from(all.contains(cause));
        }
    }
}
