//! Which category and law a text suggests, by rules that can be read.
//!
//! The rules are words in data files, each with a weight for a category or a law; nothing is learnt
//! from persons. Every rule that fired is part of the answer. A suggestion decides nothing: what the
//! reporter and the assessor choose is kept apart from it, and how often it was right is a figure.

mod lexicon;
mod remembered;
mod rules;
mod score;
mod text;

use serde::{Deserialize, Serialize};

use crate::case::Kind;
use crate::code_lists::CodeLists;
use crate::law::Law;

use text::Text;

pub use rules::version;

/// How many categories are suggested.
pub const SHOWN: usize = 3;

/// How many categories are ranked in an answer.
pub const RANKED: usize = 8;

/// By what a rule was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
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
    /// A word that speaks of the law a category is under.
    Law,
}

impl Found {
    /// Its name in answers.
    pub fn code(self) -> &'static str {
        match self {
            Found::Word => "word",
            Found::Compound => "compound",
            Found::Spelling => "spelling",
            Found::Phrase => "phrase",
            Found::Area => "area",
            Found::Law => "law",
        }
    }
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The rule: its word or words, or the code of the area or law.
    pub rule: String,
    /// The words of the text it found; empty for an area.
    pub words: Vec<String>,
    /// By what.
    pub by: Found,
    /// What it adds, in tenths.
    pub tenths: u32,
}

/// A category with what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedCategory {
    /// Its code: the most specific one that a rule speaks for.
    pub code: String,
    /// The highest code above it.
    pub top: String,
    /// The law it falls under where it stands, so far as the rules can say.
    pub law: Option<Law>,
    /// The sum of its rules, in tenths.
    pub tenths: u32,
    /// The rules that fired, the heaviest first.
    pub rules: Vec<Fired>,
}

/// A law with what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedLaw {
    /// The law.
    pub law: Law,
    /// The sum of its rules, in tenths.
    pub tenths: u32,
    /// The rules that fired, the heaviest first: words, the area, the categories found.
    pub rules: Vec<Fired>,
}

/// What a text suggests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Categories, the likeliest first, at most [`RANKED`]; no two below the same top code.
    pub categories: Vec<RankedCategory>,
    /// Laws, the likeliest first; only those that something speaks for.
    pub laws: Vec<RankedLaw>,
}

/// What was suggested when a case was filed. Codes only, no text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Suggestion {
    /// The rules it was made by.
    pub rules: String,
    /// The categories, the likeliest first, at most [`SHOWN`].
    pub categories: Vec<String>,
    /// The laws, the likeliest first.
    pub laws: Vec<Law>,
}

/// How a suggestion did, held against what somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hit {
    /// The first category suggested was the one.
    First,
    /// One of the first three was.
    Top3,
    /// None of them was.
    Missed,
    /// Nothing was suggested.
    None,
}

impl Hit {
    /// Every outcome, in the order they are shown.
    pub const ALL: [Hit; 4] = [Hit::First, Hit::Top3, Hit::Missed, Hit::None];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Hit::First => "first",
            Hit::Top3 => "top3",
            Hit::Missed => "missed",
            Hit::None => "none",
        }
    }
}

impl Suggestion {
    /// How it did, held against `chosen`: by the highest code above each, since a reporter who says
    /// "medication" and an assessor who says "wrong dose" mean the same.
    pub fn hit(&self, chosen: &str, list: &str, codes: &CodeLists) -> Hit {
        let top = codes.top(list, chosen);
        let place = self.categories.iter().position(|code| codes.top(list, code) == top);
        match place {
            _ if self.categories.is_empty() => Hit::None,
            Some(0) => Hit::First,
            Some(1..SHOWN) => Hit::Top3,
            Some(_) | None => Hit::Missed,
        }
    }
}

/// What `text` suggests for a case of `kind` in a unit of `area`, and why. `codes` may have codes of the
/// tenant's own below the area; the rules know the shared ones.
pub fn suggest(kind: Kind, text: &str, area: Option<&str>, codes: &CodeLists) -> Ranking {
    let text = Text::new(text);
    score::rank(kind, &text, area, codes).told(&text)
}

/// As [`suggest`], only what is kept with a filing: every filing has it made, and nobody waits for the
/// reasons there.
pub fn suggested(kind: Kind, text: &str, area: Option<&str>, codes: &CodeLists) -> Suggestion {
    score::rank(kind, &Text::new(text), area, codes).kept()
}
