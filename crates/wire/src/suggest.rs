//! What a text suggests, with the rules that fired.

use domain::code_lists::CodeLists;
use domain::suggest as s;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::case::UnitRef;
use crate::code::{Kind, Law};
use crate::fault::FaultView;
use crate::language::Language;

/// A text to find category and law for. It is neither kept nor logged.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Gled ner från sängkanten, ingen smärta.", "unit": "Smedsgården"}))]
pub struct SuggestRequest {
    /// What happened, in anybody's words.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// Where: a unit's id or its own code. Its area speaks for some laws and categories.
    #[schema(max_length = 200)]
    pub unit: Option<String>,
    /// The area, a code of the list `area`, where no unit is given.
    #[schema(max_length = 40)]
    pub area: Option<String>,
    /// What will be filed; `avvikelse` unless given.
    pub kind: Option<Kind>,
}

/// By what a rule was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// The word stands there, with any ending.
    Word,
    /// The word is part of a longer one.
    Compound,
    /// The word stands there, spelt in another way.
    Spelling,
    /// Several words stand close together.
    Phrase,
    /// The unit's area, not the text.
    Area,
    /// A law that something else speaks for, or a category that speaks for a law.
    Law,
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleView {
    /// By what it was found.
    pub by: RuleKind,
    /// The rule: its words, or the code of the area, the law or the category.
    pub rule: String,
    /// The words of the text it found.
    pub found: Vec<String>,
    /// What it adds to the score.
    pub weight: f64,
    /// The same in words.
    pub message: String,
}

/// A category with what speaks for it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SuggestedCategoryView {
    /// The most specific code that a rule speaks for.
    #[schema(example = "HSL.FAL")]
    pub code: String,
    /// Its text.
    pub label: String,
    /// The highest code above it.
    pub top: String,
    /// The law it falls under there, as far as the rules can say. Any law may be given with it.
    pub law: Option<Law>,
    /// The sum of its rules.
    pub score: f64,
    /// The rules that fired.
    pub rules: Vec<RuleView>,
}

/// A law with what speaks for it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SuggestedLawView {
    /// The law.
    pub code: Law,
    /// Its text.
    pub label: String,
    /// The sum of its rules.
    pub score: f64,
    /// The rules that fired.
    pub rules: Vec<RuleView>,
}

/// An area by its text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AreaView {
    /// A code of the list `area`.
    pub code: String,
    /// Its text.
    pub label: String,
}

/// What a text suggests. It decides nothing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SuggestView {
    /// The version of the rules.
    pub rules: String,
    /// For which kind of case.
    pub kind: Kind,
    /// The unit, where one was given and is known.
    pub unit: Option<UnitRef>,
    /// The area that was reckoned with: the unit's, else the one given.
    pub area: Option<AreaView>,
    /// Categories, the likeliest first; no two below the same top code.
    pub categories: Vec<SuggestedCategoryView>,
    /// Laws, the likeliest first. The category's prefix suggests one and restricts none.
    pub laws: Vec<SuggestedLawView>,
    /// What of the request is not known and was left out.
    pub warnings: Vec<FaultView>,
}

/// What was suggested when a case was filed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SuggestionView {
    /// The version of the rules.
    pub rules: String,
    /// The first three categories.
    pub categories: Vec<String>,
    /// The laws.
    pub laws: Vec<Law>,
}

impl From<&s::Suggestion> for SuggestionView {
    fn from(suggestion: &s::Suggestion) -> Self {
        Self {
            rules: suggestion.rules.clone(),
            categories: suggestion.categories.clone(),
            laws: suggestion.laws.iter().map(|law| (*law).into()).collect(),
        }
    }
}

/// A sum of whole tenths, as a float of JSON prints it.
fn tenths(tenths: u32) -> f64 {
    f64::from(tenths) / 10.0
}

/// The text of a code in a language.
fn label(codes: &CodeLists, list: &str, code: &str, language: Language) -> String {
    let known = codes.get(list, code);
    let text = known.map(|code| match language {
        Language::En if !code.en.is_empty() => code.en.clone(),
        Language::En | Language::Sv | Language::SvEasy => code.sv.clone(),
    });
    text.unwrap_or_else(|| code.to_owned())
}

impl RuleView {
    fn new(fired: &s::Fired, name: &str, language: Language) -> Self {
        let by = match fired.by {
            s::Found::Word => RuleKind::Word,
            s::Found::Compound => RuleKind::Compound,
            s::Found::Spelling => RuleKind::Spelling,
            s::Found::Phrase => RuleKind::Phrase,
            s::Found::Area => RuleKind::Area,
            s::Found::Law => RuleKind::Law,
        };
        let (rule, words, weight) = (&fired.rule, fired.words.join(" … "), tenths(fired.tenths));
        let message = match (language, by) {
            (Language::En, RuleKind::Area) => {
                format!("The area {rule} speaks for {name}: +{weight}")
            }
            (Language::En, RuleKind::Law) => format!("{rule} speaks for {name}: +{weight}"),
            (Language::En, RuleKind::Spelling) => {
                format!("\"{words}\" is taken for \"{rule}\", which speaks for {name}: +{weight}")
            }
            (Language::En, _) => format!("\"{words}\" (\"{rule}\") speaks for {name}: +{weight}"),
            (_, RuleKind::Area) => format!("Området {rule} talar för {name}: +{weight}"),
            (_, RuleKind::Law) => format!("{rule} talar för {name}: +{weight}"),
            (_, RuleKind::Spelling) => {
                format!("”{words}” läses som ”{rule}”, som talar för {name}: +{weight}")
            }
            (_, _) => format!("”{words}” (”{rule}”) talar för {name}: +{weight}"),
        };
        Self { by, rule: rule.clone(), found: fired.words.clone(), weight, message }
    }
}

impl SuggestView {
    /// What was found, in a language.
    pub fn new(
        kind: domain::case::Kind,
        ranking: &s::Ranking,
        (unit, area): (Option<UnitRef>, Option<&str>),
        codes: &CodeLists,
        language: Language,
    ) -> Self {
        let list = kind.category_list();
        let rules = |rules: &[s::Fired], name: &str| {
            rules.iter().map(|fired| RuleView::new(fired, name, language)).collect()
        };
        let category = |one: &s::RankedCategory| {
            let label = label(codes, list, &one.code, language);
            SuggestedCategoryView {
                rules: rules(&one.rules, &label),
                code: one.code.clone(),
                label,
                top: one.top.clone(),
                law: one.law.map(Into::into),
                score: tenths(one.tenths),
            }
        };
        let law = |one: &s::RankedLaw| {
            let label = label(codes, "law", one.law.code(), language);
            SuggestedLawView {
                rules: rules(&one.rules, &label),
                code: one.law.into(),
                label,
                score: tenths(one.tenths),
            }
        };
        Self {
            rules: s::version().to_owned(),
            kind: kind.into(),
            unit,
            area: area.map(|code| AreaView {
                code: code.to_owned(),
                label: label(codes, "area", code, language),
            }),
            categories: ranking.categories.iter().map(category).collect(),
            laws: ranking.laws.iter().map(law).collect(),
            warnings: Vec::new(),
        }
    }
}
