//! Forms: the questions of a kind of case, with their texts.

use domain::code_lists::CodeLists;
use domain::forms as f;
use serde::Serialize;
use utoipa::ToSchema;

use crate::code::Kind;
use crate::language::Language;

/// How a question is answered in `details`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answering {
    /// The code of one option.
    One,
    /// A list of codes of options.
    Many,
    /// `true` or `false`.
    YesNo,
    /// A whole number, of which the band it lies in is counted; or the code of the band.
    Band,
    /// A short text, which is not counted.
    Text,
}

impl From<f::Answering> for Answering {
    fn from(answering: f::Answering) -> Self {
        match answering {
            f::Answering::One => Answering::One,
            f::Answering::Many => Answering::Many,
            f::Answering::YesNo => Answering::YesNo,
            f::Answering::Band => Answering::Band,
            f::Answering::Text => Answering::Text,
        }
    }
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChoiceView {
    /// Its code; what the figures show. A yes counts as `yes`, a no as `no`.
    pub code: String,
    /// Its text in the language asked for.
    pub label: String,
    /// Its Swedish text.
    pub sv: String,
    /// Its text in easy Swedish.
    pub easy: String,
    /// Its English text; may be empty for a tenant's own code.
    pub en: String,
    /// The code above it in the same list.
    pub parent: Option<String>,
    /// The least number in the band.
    pub from: Option<i64>,
    /// The greatest number in the band; `null` is no limit.
    pub to: Option<i64>,
}

/// The answer another question must have for one to show.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShownWhenView {
    /// The other question.
    pub question: String,
    /// The option it must have, alone or among others.
    pub option: String,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct QuestionView {
    /// Its code: the name of the answer in `details`, and of the dimension in `/statistics`.
    #[schema(example = "fall_place")]
    pub code: String,
    /// Its place in the form, from 1.
    pub order: usize,
    /// How it is answered.
    #[serde(rename = "type")]
    pub answering: Answering,
    /// What is asked, in the language asked for.
    pub label: String,
    /// The same in Swedish.
    pub sv: String,
    /// The same in easy Swedish.
    pub easy: String,
    /// The same in English.
    pub en: String,
    /// The code list its options are; `null` where it has its own options.
    pub list: Option<String>,
    /// The options, in order.
    pub options: Vec<ChoiceView>,
    /// When it shows; `null` is always.
    pub shown_when: Option<ShownWhenView>,
    /// Whether its answers are a dimension of `/statistics`.
    pub dimension: bool,
    /// Whether a case may have several answers: that dimension needs `of=mentions`.
    pub several: bool,
    /// The longest text, in characters.
    pub max_length: Option<usize>,
}

/// The questions of some categories.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FormView {
    /// Its code.
    #[schema(example = "fall")]
    pub code: String,
    /// Grows with every change of the form; kept with a case that answers it.
    pub version: u32,
    /// Its name in the language asked for.
    pub label: String,
    /// The categories it is asked of, with those below; empty is every one.
    pub categories: Vec<String>,
    /// Its questions, in the order they are asked. None is mandatory.
    pub questions: Vec<QuestionView>,
}

/// The forms of a kind of case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FormsView {
    /// Of what kind of case.
    pub kind: Kind,
    /// Differs when any form differs.
    pub version: String,
    /// The forms, in the order they are shown.
    pub forms: Vec<FormView>,
}

/// The version of a form that a case answered.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FormVersionView {
    /// The form.
    pub form: String,
    /// Its version.
    pub version: u32,
}

impl From<&f::FormVersion> for FormVersionView {
    fn from(answered: &f::FormVersion) -> Self {
        Self { form: answered.form.clone(), version: answered.version }
    }
}

fn label(text: &f::Texts, language: Language) -> String {
    match language {
        Language::Sv => &text.sv,
        Language::En => &text.en,
        Language::SvEasy => &text.easy,
    }
    .clone()
}

fn choices(question: &f::Question, codes: &CodeLists, language: Language) -> Vec<ChoiceView> {
    let own = question.options.iter().map(|option| ChoiceView {
        code: option.code.clone(),
        label: label(&option.text, language),
        sv: option.text.sv.clone(),
        easy: option.text.easy.clone(),
        en: option.text.en.clone(),
        parent: None,
        from: option.from,
        to: option.to,
    });
    let listed = question.lists.iter().filter_map(|list| codes.list(list)).flatten();
    let listed = listed.map(|code| ChoiceView {
        code: code.code.clone(),
        label: match language {
            Language::En if !code.en.is_empty() => code.en.clone(),
            Language::En | Language::Sv | Language::SvEasy => code.sv.clone(),
        },
        sv: code.sv.clone(),
        easy: code.sv.clone(),
        en: code.en.clone(),
        parent: code.parent.clone(),
        from: None,
        to: None,
    });
    own.chain(listed).collect()
}

impl FormsView {
    /// The forms of a kind in a language; of some categories only, where any are named.
    pub fn new(
        kind: domain::case::Kind,
        categories: &[String],
        codes: &CodeLists,
        language: Language,
    ) -> Self {
        let wanted = |form: &&f::Form| {
            form.is_of(kind)
                && (categories.is_empty()
                    || categories.iter().any(|category| form.is_asked(kind, category, codes)))
        };
        let question = |(place, question): (usize, &f::Question)| QuestionView {
            code: question.code.clone(),
            order: place + 1,
            answering: question.answering.into(),
            label: label(&question.text, language),
            sv: question.text.sv.clone(),
            easy: question.text.easy.clone(),
            en: question.text.en.clone(),
            list: question.lists.first().map(|list| (*list).to_owned()),
            options: choices(question, codes, language),
            shown_when: question.shown_when.as_ref().map(|when| ShownWhenView {
                question: when.question.clone(),
                option: when.option.clone(),
            }),
            dimension: question.is_coded(),
            several: question.several(),
            max_length: (!question.is_coded()).then_some(f::MAX_ANSWER),
        };
        let form = |form: &f::Form| FormView {
            code: form.code.clone(),
            version: form.version,
            label: label(&form.text, language),
            categories: form
                .uses
                .iter()
                .filter(|one| one.kind == kind)
                .filter_map(|one| one.category.clone())
                .collect(),
            questions: form.questions.iter().enumerate().map(question).collect(),
        };
        let forms = f::forms();
        Self {
            kind: kind.into(),
            version: forms.version.clone(),
            forms: forms.forms.iter().filter(wanted).map(form).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_and_each_category_has_its_own() {
        let codes = CodeLists::shared();
        let of = |category: &[&str], language| {
            let named: Vec<String> = category.iter().map(|code| (*code).to_owned()).collect();
            FormsView::new(domain::case::Kind::Avvikelse, &named, &codes, language)
        };
        let all = of(&[], Language::Sv);
        assert_eq!(all.forms.len(), 7);
        let falls = of(&["SOC.FAL"], Language::SvEasy);
        assert_eq!(falls.forms.len(), 1);
        let place = &falls.forms[0].questions[0];
        assert_eq!((place.code.as_str(), place.order), ("fall_place", 1));
        assert_eq!(place.label, "Var ramlade personen?");
        assert!(place.options.iter().any(|option| option.code == "PLA.BAD"));
        assert_eq!(of(&["HSL.FAL.TIL"], Language::En).forms[0].label, "Fall");
        assert!(of(&["HSL.NUT"], Language::Sv).forms.is_empty());
    }
}
