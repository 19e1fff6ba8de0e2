//! The rules, read from their files once.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::text::{Shape, plain};
use crate::law::Law;

const WORDS: &str = include_str!("../../data/suggest/words.csv");
const COMPLAINTS: &str = include_str!("../../data/suggest/complaints.csv");
const LAWS: &str = include_str!("../../data/suggest/laws.csv");
const GROUPS: &str = include_str!("../../data/suggest/groups.csv");
const AREAS: &str = include_str!("../../data/suggest/areas.csv");

/// For what a rule speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// These categories.
    Categories(Vec<String>),
    /// A law.
    Law(Law),
}

/// One rule.
#[derive(Debug)]
pub(super) struct Rule {
    /// As it stands in the file.
    pub text: String,
    /// For what it speaks.
    pub speaks_for: For,
    /// Its weight, in tenths.
    pub tenths: u32,
    /// Whether it is a common word, that counts in full only along with another rule for the same
    /// category.
    pub along: bool,
    /// Its words: of each, the places in [`Lexicon`] of what may stand for it.
    pub parts: Vec<Vec<usize>>,
}

/// A word that some rule asks for.
#[derive(Debug)]
pub(super) struct Entry {
    /// As it stands in the file.
    pub word: String,
    /// The same without å, ä, ö.
    pub plain: String,
    /// Only as it stands, without endings: a form that would match too much.
    pub exact: bool,
    /// Of the word, and of the same without å, ä, ö.
    shapes: [Shape; 2],
}

impl Entry {
    /// The shape of [`Entry::spelt`].
    pub fn shape(&self, swedish: bool) -> Shape {
        self.shapes[usize::from(!swedish && self.plain.len() >= 5)]
    }

    /// As it is compared with the words of a writer who uses å, ä and ö, or who does not: a short
    /// one stays as it is, since without its dots it is mostly another word ("hår", "har").
    pub fn spelt(&self, swedish: bool) -> &str {
        let short = self.plain.len() < 5;
        if swedish || short { &self.word } else { &self.plain }
    }
}

/// What an area speaks for.
#[derive(Debug)]
pub(super) struct Prior {
    /// A law or a category.
    pub speaks_for: For,
    /// Its weight, in tenths.
    pub tenths: u32,
}

/// The rules for one thing, and where to look for them: a text has few of their words.
#[derive(Debug, Default)]
pub(super) struct RuleSet {
    /// The rules.
    pub rules: Vec<Rule>,
    /// The rules by the word that says most: the one that the fewest words may stand for.
    by_word: HashMap<usize, Vec<usize>>,
}

impl RuleSet {
    fn new(rules: Vec<Rule>) -> Self {
        let mut by_word: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, rule) in rules.iter().enumerate() {
            for word in rule.parts.iter().min_by_key(|part| part.len()).into_iter().flatten() {
                by_word.entry(*word).or_default().push(at);
            }
        }
        Self { rules, by_word }
    }

    /// The rules that may be found where these words are, in their order.
    pub fn with(&self, words: impl Iterator<Item = usize>) -> impl Iterator<Item = &Rule> {
        let mut found: Vec<usize> =
            words.filter_map(|word| self.by_word.get(&word)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|at| &self.rules[at])
    }
}

/// Every word of every rule, and where to look for them.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// The words.
    pub entries: Vec<Entry>,
    places: HashMap<(String, bool), usize>,
    /// By how a word begins, up to three letters; with å, ä, ö and without.
    begins: [HashMap<String, Vec<usize>>; 2],
    /// By the first letter, those that endings may follow.
    letters: [HashMap<char, Vec<usize>>; 2],
}

/// All of it.
#[derive(Debug)]
pub(super) struct Rules {
    /// The words.
    pub lexicon: Lexicon,
    /// For avvikelser.
    pub deviations: RuleSet,
    /// For synpunkter and klagomål.
    pub complaints: RuleSet,
    /// For laws.
    pub laws: RuleSet,
    /// By the area's code.
    pub areas: BTreeMap<String, Vec<Prior>>,
    version: String,
}

static RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::read().expect("the built-in rules are well formed"));

/// The rules.
pub(super) fn rules() -> &'static Rules {
    &RULES
}

/// Sixteen hexadecimal digits that differ when any rule differs.
pub fn version() -> &'static str {
    &RULES.version
}

#[derive(Deserialize)]
struct WordsRow {
    category: String,
    weight: u32,
    counts: String,
    words: String,
}

#[derive(Deserialize)]
struct LawRow {
    law: Law,
    weight: u32,
    words: String,
}

#[derive(Deserialize)]
struct GroupRow {
    name: String,
    words: String,
}

#[derive(Deserialize)]
struct AreaRow {
    area: String,
    #[serde(rename = "for")]
    speaks_for: String,
    weight: u32,
}

/// The first letters of a word, up to three: by these it is looked for.
pub(super) fn key(word: &str) -> &str {
    let end = word.char_indices().nth(3).map_or(word.len(), |(at, _)| at);
    &word[..end]
}

impl Lexicon {
    /// The place of a word; `=word` is meant as it stands.
    fn place(&mut self, word: &str) -> usize {
        let (word, exact) = match word.strip_prefix('=') {
            Some(word) => (word, true),
            None => (word, false),
        };
        if let Some(place) = self.places.get(&(word.to_owned(), exact)) {
            return *place;
        }
        let place = self.entries.len();
        let plain = plain(word);
        let shapes = [Shape::of(word), Shape::of(&plain)];
        let entry = Entry { word: word.to_owned(), plain, exact, shapes };
        for (begins, swedish) in self.begins.iter_mut().zip([true, false]) {
            begins.entry(key(entry.spelt(swedish)).to_owned()).or_default().push(place);
        }
        for (letters, swedish) in self.letters.iter_mut().zip([true, false]) {
            let first = entry.spelt(swedish).chars().next().filter(|_| !exact);
            first.into_iter().for_each(|first| letters.entry(first).or_default().push(place));
        }
        self.entries.push(entry);
        self.places.insert((word.to_owned(), exact), place);
        place
    }

    /// The words of this first letter that may be misspelt.
    pub fn of_letter(&self, letter: char, swedish: bool) -> &[usize] {
        self.letters[usize::from(!swedish)].get(&letter).map_or(&[], Vec::as_slice)
    }

    /// The words that begin with this key.
    pub fn beginning(&self, key: &str, swedish: bool) -> &[usize] {
        self.begins[usize::from(!swedish)].get(key).map_or(&[], Vec::as_slice)
    }
}

impl Rules {
    fn read() -> Result<Self, csv::Error> {
        let mut lexicon = Lexicon::default();
        let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
        for row in rows::<GroupRow>(GROUPS)? {
            let places =
                row.words.split(',').map(|word| lexicon.place(&format!("={}", word.trim())));
            groups.insert(row.name, places.collect());
        }
        let mut rule = |speaks_for: For, weight: u32, along: bool, text: &str| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let phrase = words.len() > 1;
            let parts = words.into_iter().map(|word| {
                let mut places = vec![lexicon.place(word)];
                // Beside other words another word for the same is meant; alone each stands for itself.
                places.extend(groups.get(word).filter(|_| phrase).into_iter().flatten());
                places
            });
            let parts: Vec<_> = parts.collect();
            Rule { text: text.to_owned(), speaks_for, tenths: weight * 10, along, parts }
        };
        let mut of_categories = |text: &str| -> Result<Vec<Rule>, csv::Error> {
            let mut found = Vec::new();
            for row in rows::<WordsRow>(text)? {
                let codes: Vec<_> = row.category.split_whitespace().map(str::to_owned).collect();
                for word in row.words.split(',').map(str::trim) {
                    let speaks_for = For::Categories(codes.clone());
                    found.push(rule(speaks_for, row.weight, row.counts == "along", word));
                }
            }
            Ok(found)
        };
        let deviations = RuleSet::new(of_categories(WORDS)?);
        let complaints = RuleSet::new(of_categories(COMPLAINTS)?);
        let mut laws = Vec::new();
        for row in rows::<LawRow>(LAWS)? {
            let words = row.words.split(',').map(str::trim);
            laws.extend(words.map(|word| rule(For::Law(row.law), row.weight, false, word)));
        }
        let laws = RuleSet::new(laws);
        let mut areas: BTreeMap<String, Vec<Prior>> = BTreeMap::new();
        for row in rows::<AreaRow>(AREAS)? {
            let speaks_for = match row.speaks_for.parse() {
                Ok(law) => For::Law(law),
                Err(()) => For::Categories(vec![row.speaks_for]),
            };
            let prior = Prior { speaks_for, tenths: row.weight * 10 };
            areas.entry(row.area).or_default().push(prior);
        }
        let version = crate::code_lists::fingerprint_of(&[WORDS, COMPLAINTS, LAWS, GROUPS, AREAS]);
        Ok(Self { lexicon, deviations, complaints, laws, areas, version })
    }

    /// Every rule of words.
    #[cfg(test)]
    fn all(&self) -> impl Iterator<Item = &Rule> {
        [&self.deviations, &self.complaints, &self.laws].into_iter().flat_map(|set| &set.rules)
    }
}

fn rows<T: for<'a> Deserialize<'a>>(text: &str) -> Result<Vec<T>, csv::Error> {
    csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes()).deserialize().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::code_lists::CodeLists;

    /// The most words a rule may have. A longer one would be a sentence, and right for one text.
    const MOST_WORDS: usize = 3;

    #[test]
    fn every_rule_speaks_for_a_code_there_is_and_is_no_sentence() {
        let codes = CodeLists::shared();
        let rules = rules();
        for (of, list) in [(&rules.deviations, "category"), (&rules.complaints, "complaint")] {
            let mut named = BTreeSet::new();
            for rule in &of.rules {
                let For::Categories(categories) = &rule.speaks_for else { panic!("{}", rule.text) };
                for code in categories {
                    assert!(codes.get(list, code).is_some(), "{code}");
                    named.insert(codes.top(list, code).to_owned());
                }
                assert!((10..=80).contains(&rule.tenths), "{}", rule.text);
            }
            for code in codes.list(list).unwrap().iter().filter(|code| code.parent.is_none()) {
                assert!(named.contains(&code.code), "no rule speaks for {}", code.code);
            }
        }
        for rule in rules.all() {
            assert!((1..=MOST_WORDS).contains(&rule.parts.len()), "{}", rule.text);
            assert_eq!(rule.text, rule.text.to_lowercase());
        }
        for (area, priors) in &rules.areas {
            assert!(codes.get("area", area).is_some(), "{area}");
            for prior in priors {
                if let For::Categories(named) = &prior.speaks_for {
                    assert!(codes.get("category", &named[0]).is_some(), "{named:?}");
                }
            }
        }
    }

    #[test]
    fn no_sentence_of_the_measurement_is_a_rule() {
        let files = [
            include_str!("../../tests/data/suggest.csv"),
            include_str!("../../tests/data/suggest_more.csv"),
        ];
        let sentences = files.into_iter().flat_map(|file| file.lines().skip(1));
        for text in sentences.filter_map(|line| line.split(';').next()) {
            let text = text.trim_end_matches('.').to_lowercase();
            for file in [WORDS, COMPLAINTS, LAWS, GROUPS] {
                assert!(!file.to_lowercase().contains(&text), "{text}");
            }
        }
    }

    #[test]
    fn no_rule_stands_twice_for_the_same() {
        let mut seen = BTreeSet::new();
        for rule in rules().all() {
            let key = (&rule.text, format!("{:?}", rule.speaks_for), rule.along);
            assert!(seen.insert(key), "{} twice for {:?}", rule.text, rule.speaks_for);
        }
    }
}
