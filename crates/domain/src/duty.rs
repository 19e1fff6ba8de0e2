//! Neighbouring duties: what the law asks of others than those who handle the case, each with its
//! clock, and what asks for them. Both are data.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::case::Case;
use crate::clock::{
    Citation, Clock, ClockSettings, DutyFact, Kind, Limit, StartEvent, Statutory, Target,
};
use crate::code_lists::within;
use crate::law::Basis;

/// A duty and until when it is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyKind {
    /// A code of the list `duty`.
    pub code: String,
    /// Until when, counted from when the organisation knew.
    pub limit: Limit,
    /// The act and paragraph, as written in the data.
    law: Option<Citation>,
    /// How well the law is known.
    basis: Basis,
}

impl DutyKind {
    /// The law, where it may be shown.
    pub fn law(&self) -> Option<&Citation> {
        self.law.as_ref().filter(|_| self.basis.verified())
    }
}

/// What asks for a duty.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DutyRule {
    /// A code of the list `duty`.
    pub duty: String,
    /// The category, those below it included.
    pub category: Option<String>,
    /// `question=option` of a form.
    pub answer: Option<String>,
    /// A code of the list `injury`, or `any`.
    pub injury: Option<String>,
    /// A code of the list `age_band`.
    pub age_band: Option<String>,
}

#[derive(Deserialize)]
struct DutyLine {
    duty: String,
    amount: Option<u16>,
    unit: String,
    binding: String,
    act: Option<String>,
    paragraph: Option<String>,
    word: Option<String>,
    basis: Basis,
}

impl DutyLine {
    /// The duty; `None` for a line that says statutory of anything but what is.
    fn read(self) -> Option<DutyKind> {
        let target = Target::of(&self.unit, self.amount)?;
        let limit = match self.binding.as_str() {
            "local" => Limit::Local(target),
            "statutory" if self.duty == "GDPR33" => {
                let limit = Limit::Statutory(Statutory::PersonalDataBreach);
                (limit.target() == target).then_some(limit)?
            }
            _ => return None,
        };
        let (paragraph, word) = (self.paragraph, self.word);
        let law = self.act.map(|act| Citation { act, paragraph, word });
        Some(DutyKind { code: self.duty, limit, law, basis: self.basis })
    }
}

static DUTIES: LazyLock<Vec<DutyKind>> = LazyLock::new(|| {
    let lines: Vec<DutyLine> = read(include_str!("data/duties.csv"));
    let read = lines.into_iter().map(DutyLine::read);
    read.collect::<Option<_>>().expect("the built-in duties are well formed")
});

static RULES: LazyLock<Vec<DutyRule>> = LazyLock::new(|| read(include_str!("data/duty_rules.csv")));

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
    let lines = csv::ReaderBuilder::new()
        .delimiter(b';')
        .comment(Some(b'#'))
        .from_reader(text.as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>();
    lines.expect("the built-in duties are well formed")
}

/// Every duty with a clock of its own.
pub fn duties() -> &'static [DutyKind] {
    &DUTIES
}

/// Everything that asks for a duty.
pub fn rules() -> &'static [DutyRule] {
    &RULES
}

/// The duty of a code. A tenant's own have no clock but the one that says since when.
pub fn duty(code: &str) -> Option<&'static DutyKind> {
    DUTIES.iter().find(|duty| duty.code == code)
}

/// The clock of a duty.
pub fn clock(fact: &DutyFact, chosen: &ClockSettings) -> Clock {
    let start = (StartEvent::Known, fact.known_at);
    let kind = duty(&fact.code);
    let clock = match kind.map_or(Limit::Local(Target::None), |kind| kind.limit) {
        Limit::Statutory(limit) => Clock::statutory(Kind::Duty, limit, start, chosen),
        Limit::Local(target) => Clock::local(Kind::Duty, target, start, chosen),
    };
    clock.citing(kind.and_then(DutyKind::law).cloned()).met(fact.answered_at)
}

/// Codes of injuries that are none.
const NO_INJURY: [&str; 2] = ["ING", "OKA"];

impl DutyRule {
    fn fits(&self, case: &Case) -> bool {
        let category = case.category();
        let injury = case.assessment.harm.injury.as_deref();
        let given = |question: &str, option: &str| match case.filing.details.get(question) {
            Some(Value::String(answer)) => answer == option,
            Some(Value::Array(answers)) => answers.iter().any(|answer| answer == option),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
                false
            }
        };
        let in_category = |wanted: &str| category.is_some_and(|code| within(code, wanted));
        let answered = |wanted: &str| {
            wanted.split_once('=').is_some_and(|(asked, option)| given(asked, option))
        };
        let injured = |wanted: &str| match (wanted, injury) {
            ("any", Some(code)) => !NO_INJURY.contains(&code),
            (wanted, injury) => injury == Some(wanted),
        };
        let aged = |wanted: &str| case.filing.age_band.as_deref() == Some(wanted);
        self.category.as_deref().is_none_or(in_category)
            && self.answer.as_deref().is_none_or(answered)
            && self.injury.as_deref().is_none_or(injured)
            && self.age_band.as_deref().is_none_or(aged)
    }
}

/// The duties that a case asks for as it is assessed, each once.
pub fn asked_by(case: &Case) -> Vec<&'static str> {
    let mut asked: Vec<&'static str> = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.fits(case)) {
        if !asked.contains(&rule.duty.as_str()) {
            asked.push(&rule.duty);
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Binding;
    use crate::code_lists::CodeLists;
    use crate::forms::forms;

    #[test]
    fn the_data_names_what_there_is() {
        let codes = CodeLists::shared();
        for duty in duties() {
            assert!(codes.get("duty", &duty.code).is_some(), "{}", duty.code);
        }
        for rule in rules() {
            assert!(duty(&rule.duty).is_some(), "{rule:?}");
            let known = |list: &str, code: &Option<String>| {
                code.as_deref().is_none_or(|code| codes.get(list, code).is_some())
            };
            assert!(known("category", &rule.category) && known("age_band", &rule.age_band));
            assert!(rule.injury.as_deref() == Some("any") || known("injury", &rule.injury));
            assert!(rule.category.is_some() || rule.answer.is_some(), "{rule:?} fits everything");
            if let Some((question, option)) =
                rule.answer.as_deref().map(|it| it.split_once('=').expect("question=option"))
            {
                let mut asked = forms().forms.iter().flat_map(|form| &form.questions);
                let asked = asked.find(|it| it.code == question).expect("a question of a form");
                assert!(format!("{asked:?}").contains(option), "{rule:?}");
            }
        }
        // Every duty of the list has its clock.
        for code in codes.list("duty").unwrap_or_default() {
            assert!(duty(&code.code).is_some(), "{}", code.code);
        }
    }

    #[test]
    fn one_duty_alone_is_statutory() {
        let statutory: Vec<&str> = duties()
            .iter()
            .filter(|duty| duty.limit.binding() == Binding::Statutory)
            .map(|duty| duty.code.as_str())
            .collect();
        assert_eq!(statutory, ["GDPR33"]);
        let line = |duty: &str, amount: u16, binding: &str| DutyLine {
            duty: duty.into(),
            amount: Some(amount),
            unit: "hours".into(),
            binding: binding.into(),
            act: None,
            paragraph: None,
            word: None,
            basis: Basis::Found,
        };
        assert!(line("GDPR33", 72, "statutory").read().is_some());
        assert!(line("GDPR33", 24, "statutory").read().is_none());
        assert!(line("MTP", 72, "statutory").read().is_none());
        assert!(line("MTP", 72, "lawful").read().is_none());
    }

    #[test]
    fn what_nobody_has_read_is_not_shown() {
        assert_eq!(
            duty("GDPR33").and_then(DutyKind::law).map(|law| law.act.as_str()),
            Some("(EU) 2016/679")
        );
        assert_eq!(duty("POL").and_then(DutyKind::law), None);
        let unread = DutyLine {
            duty: "POL".into(),
            amount: None,
            unit: "none".into(),
            binding: "local".into(),
            act: Some("x".into()),
            paragraph: None,
            word: None,
            basis: Basis::Memory,
        };
        assert_eq!(unread.read().as_ref().and_then(DutyKind::law), None);
    }
}
