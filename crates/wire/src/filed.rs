//! The answer to a filing.

use domain::settings::ActNow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::case::CaseView;
use crate::language::Language;
use crate::learning::CardHeadView;

/// A case just filed, with what to do now: a filing is no alarm.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FiledView {
    /// The case.
    #[serde(flatten)]
    pub case: CaseView,
    /// What to do now, in the caller's language; local advice, no law. Empty where nothing is urgent.
    pub act_now: Vec<String>,
    /// What was learnt from cases like it: at most three, the newest first.
    pub learning_cards: Vec<CardHeadView>,
}

/// A piece of advice in a language; Swedish where there is no other text.
pub fn advice(rule: &ActNow, language: Language) -> String {
    let other = match language {
        Language::Sv => None,
        Language::SvEasy => rule.easy.as_deref(),
        Language::En => rule.en.as_deref(),
    };
    other.unwrap_or(&rule.sv).to_owned()
}
