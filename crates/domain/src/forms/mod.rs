//! Forms: the questions that a kind of case asks, by its category. They are data, and each form has
//! a version.
//!
//! Nothing is mandatory. What is answered in another way than asked is kept as given, with a
//! warning; a coded answer is a dimension of the figures.

mod answers;
mod read;

use std::sync::LazyLock;

use crate::case::Kind;
use crate::code_lists::CodeLists;

pub use answers::{Coded, FormVersion, answered, check, coded, escaped, is_coded};

/// Longest free answer, in characters.
pub const MAX_ANSWER: usize = 500;

/// A text in the languages a form comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// Swedish.
    pub sv: String,
    /// Easy Swedish.
    pub easy: String,
    /// English.
    pub en: String,
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// One of the options.
    One,
    /// Any of the options.
    Many,
    /// Yes or no.
    YesNo,
    /// A whole number, of which the band it lies in is counted; or the band.
    Band,
    /// A short text, which is not counted.
    Text,
}

impl Answering {
    /// The value in JSON and in the files.
    pub fn code(self) -> &'static str {
        match self {
            Answering::One => "one",
            Answering::Many => "many",
            Answering::YesNo => "yes_no",
            Answering::Band => "band",
            Answering::Text => "text",
        }
    }
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its code, unique within the question.
    pub code: String,
    /// Its text.
    pub text: Texts,
    /// The least number in the band.
    pub from: Option<i64>,
    /// The greatest number in the band; `None` is no limit.
    pub to: Option<i64>,
}

/// The answer another question must have for one to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownWhen {
    /// The other question, of the same form and before this one.
    pub question: String,
    /// The answer it must have, alone or among others.
    pub option: String,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its code, unique among all forms: the name of the answer, and of the dimension.
    pub code: String,
    /// How it is answered.
    pub answering: Answering,
    /// The code list its options are, with the tenant's own; empty where it has its own options.
    pub lists: Vec<&'static str>,
    /// Its own options, in order.
    pub options: Vec<Choice>,
    /// When it shows; always, if nothing is said.
    pub shown_when: Option<ShownWhen>,
    /// What is asked.
    pub text: Texts,
}

impl Question {
    /// Whether a case may have several answers.
    pub fn several(&self) -> bool {
        self.answering == Answering::Many
    }

    /// Whether its answers are counted.
    pub fn is_coded(&self) -> bool {
        self.answering != Answering::Text
    }

    /// Its own option of this code.
    pub fn option(&self, code: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.code == code)
    }

    /// Whether the code is one of its options, at any time.
    pub fn takes(&self, code: &str, codes: &CodeLists) -> bool {
        self.option(code).is_some() || self.lists.iter().any(|list| codes.get(list, code).is_some())
    }
}

/// Where a form is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Of cases of this kind.
    pub kind: Kind,
    /// Of this category and those below; `None` is every one.
    pub category: Option<String>,
}

/// The questions of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its code.
    pub code: String,
    /// Grows with every change of the form.
    pub version: u32,
    /// Its name.
    pub text: Texts,
    /// Where it is asked.
    pub uses: Vec<Use>,
    /// Its questions, in the order they are asked.
    pub questions: Vec<Question>,
}

impl Form {
    /// Whether cases of this kind ask it at all.
    pub fn is_of(&self, kind: Kind) -> bool {
        self.uses.iter().any(|one| one.kind == kind)
    }

    /// Whether a case of this kind and category asks it.
    pub fn is_asked(&self, kind: Kind, category: &str, codes: &CodeLists) -> bool {
        let list = kind.category_list();
        self.uses.iter().filter(|one| one.kind == kind).any(|one| match &one.category {
            None => true,
            Some(wanted) => with_parents(codes, list, category).any(|code| code == wanted),
        })
    }
}

/// A code and those above it.
fn with_parents<'a>(
    codes: &'a CodeLists,
    list: &'a str,
    code: &'a str,
) -> impl Iterator<Item = &'a str> {
    // No list is deeper, and a ring of parents ends here, too.
    const DEEPEST: usize = 8;
    let parent = move |code: &&'a str| codes.get(list, code)?.parent.as_deref();
    std::iter::successors(Some(code), parent).take(DEEPEST)
}

/// All forms.
#[derive(Debug)]
pub struct Forms {
    /// In the order they are shown.
    pub forms: Vec<Form>,
    /// Sixteen hexadecimal digits that differ when any form differs.
    pub version: String,
    /// Where each question stands: form, question.
    questions: Vec<(usize, usize)>,
}

static FORMS: LazyLock<Forms> =
    LazyLock::new(|| read::forms().expect("the built-in forms are well formed"));

/// All forms.
pub fn forms() -> &'static Forms {
    &FORMS
}

/// The list of places that a question may take its options from.
const PLACES: &str = "place";

/// The codes of the questions that ask where it happened.
pub fn place_questions() -> Vec<String> {
    let asks = |question: &&Question| question.lists.contains(&PLACES);
    let all = forms().forms.iter().flat_map(|form| &form.questions);
    all.filter(asks).map(|question| question.code.clone()).collect()
}

/// A question whose answers are counted, as a handle that costs nothing to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asked(u16);

impl Asked {
    /// The counted question of this code.
    pub fn find(code: &str) -> Option<Self> {
        Self::all().find(|asked| asked.question().code == code)
    }

    /// Every counted question, in the order of the forms.
    pub fn all() -> impl Iterator<Item = Self> {
        let count = u16::try_from(FORMS.questions.len()).unwrap_or(u16::MAX);
        (0..count).map(Self).filter(|asked| asked.question().is_coded())
    }

    /// The question.
    pub fn question(self) -> &'static Question {
        let (form, question) = FORMS.questions[usize::from(self.0)];
        &FORMS.forms[form].questions[question]
    }

    /// Its code: the name of the dimension.
    pub fn code(self) -> &'static str {
        &self.question().code
    }
}
