//! Where a sender who is not content may turn next. Data: which body, under which laws, in which words.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::law::Law;

/// A body one may turn to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NextStep {
    /// Its code.
    pub code: String,
    /// The laws under whose opinions it is named unless somebody says otherwise, by comma.
    laws: String,
    /// In Swedish.
    pub sv: String,
    /// In English.
    pub en: String,
    /// In easy Swedish.
    pub easy: String,
}

static STEPS: LazyLock<Vec<NextStep>> = LazyLock::new(|| {
    let lines = csv::ReaderBuilder::new()
        .delimiter(b';')
        .comment(Some(b'#'))
        .from_reader(include_str!("../../data/opinion/next_steps.csv").as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>();
    lines.expect("the built-in next steps are well formed")
});

/// Every body.
pub fn steps() -> &'static [NextStep] {
    &STEPS
}

/// The body of a code.
pub fn step(code: &str) -> Option<&'static NextStep> {
    STEPS.iter().find(|step| step.code == code)
}

/// The bodies that an answer names for a case under these laws, unless somebody says otherwise. Where
/// nobody has said under which law it falls, all of them.
pub fn defaults(laws: &[Law]) -> Vec<String> {
    let named = |step: &&NextStep| {
        laws.is_empty()
            || step.laws.split(',').any(|code| laws.iter().any(|law| law.code() == code))
    };
    STEPS.iter().filter(named).map(|step| step.code.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patients_board_is_named_for_health_care_and_the_inspectorate_for_all() {
        assert_eq!(defaults(&[Law::Hsl]), ["PN", "IVO"]);
        assert_eq!(defaults(&[Law::Sol]), ["IVO"]);
        assert_eq!(defaults(&[Law::Sol, Law::Hsl]), ["PN", "IVO"]);
        assert_eq!(defaults(&[]), ["PN", "IVO"]);
        for step in steps() {
            for code in step.laws.split(',') {
                assert!(code.parse::<Law>().is_ok(), "{code}");
            }
        }
    }
}
