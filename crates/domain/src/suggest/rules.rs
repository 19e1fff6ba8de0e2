//! The rules, read from their files once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::lexicon::{Lexicon, Spread, Words};
use crate::code_lists::CodeLists;
use crate::law::Law;

const WORDS: &str = include_str!("../../data/suggest/words.csv");
const COMPLAINTS: &str = include_str!("../../data/suggest/complaints.csv");
const LAWS: &str = include_str!("../../data/suggest/laws.csv");
const GROUPS: &str = include_str!("../../data/suggest/groups.csv");
const AREAS: &str = include_str!("../../data/suggest/areas.csv");

/// The most words a rule may have. A longer one would be a sentence, and right for one text.
pub(super) const MOST_WORDS: usize = 3;

/// For what a rule speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// These categories.
    Categories(Arc<Named>),
    /// A law.
    Law(Law),
}

/// The categories that a line of a file names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Their codes.
    pub codes: Vec<String>,
    /// The highest codes above them, each once, with its place in the list: two of one family are one
    /// voice for it.
    pub tops: Vec<(usize, String)>,
}

impl Named {
    /// The codes of a list. What a tenant adds stands below and behind those.
    fn of(list: &str, codes: &str) -> Arc<Self> {
        let shared = CodeLists::shared();
        let codes: Vec<_> = codes.split_whitespace().map(str::to_owned).collect();
        let top = |code: &String| {
            let top = shared.top(list, code);
            (shared.place(list, top).unwrap_or(usize::MAX), top.to_owned())
        };
        let mut tops: Vec<_> = codes.iter().map(top).collect();
        tops.sort_unstable();
        tops.dedup();
        Arc::new(Self { codes, tops })
    }
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
    /// The rules by the word that says most: the one that the fewest rules ask for.
    by_word: HashMap<usize, Vec<usize>, Spread>,
}

impl RuleSet {
    fn new(rules: Vec<Rule>) -> Self {
        let mut asked: HashMap<usize, usize> = HashMap::new();
        for word in rules.iter().flat_map(|rule| &rule.parts).flatten() {
            *asked.entry(*word).or_default() += 1;
        }
        let often = |part: &Vec<usize>| part.iter().map(|word| asked[word]).sum::<usize>();
        let mut by_word: HashMap<usize, Vec<usize>, Spread> = HashMap::default();
        for (at, rule) in rules.iter().enumerate() {
            let telling = rule.parts.iter().min_by_key(|part| (often(part), Reverse(part.len())));
            for word in telling.into_iter().flatten() {
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

impl Rules {
    fn read() -> Result<Self, csv::Error> {
        let mut words = Words::default();
        let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
        for row in rows::<GroupRow>(GROUPS)? {
            let places = row.words.split(',').map(|word| words.place(&format!("={}", word.trim())));
            groups.insert(row.name, places.collect());
        }
        let mut rule = |speaks_for: For, weight: u32, along: bool, text: &str| {
            let phrase = text.split_whitespace().count() > 1;
            let parts = text.split_whitespace().map(|word| {
                let mut places = vec![words.place(word)];
                // Beside other words another word for the same is meant; alone each stands for itself.
                places.extend(groups.get(word).filter(|_| phrase).into_iter().flatten());
                places
            });
            let parts: Vec<_> = parts.collect();
            Rule { text: text.to_owned(), speaks_for, tenths: weight * 10, along, parts }
        };
        let mut of_categories = |list: &str, text: &str| -> Result<Vec<Rule>, csv::Error> {
            let mut found = Vec::new();
            for row in rows::<WordsRow>(text)? {
                let named = Named::of(list, &row.category);
                for word in row.words.split(',').map(str::trim) {
                    let speaks_for = For::Categories(named.clone());
                    found.push(rule(speaks_for, row.weight, row.counts == "along", word));
                }
            }
            Ok(found)
        };
        let deviations = RuleSet::new(of_categories("category", WORDS)?);
        let complaints = RuleSet::new(of_categories("complaint", COMPLAINTS)?);
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
                Err(()) => For::Categories(Named::of("category", &row.speaks_for)),
            };
            let prior = Prior { speaks_for, tenths: row.weight * 10 };
            areas.entry(row.area).or_default().push(prior);
        }
        let version = crate::code_lists::fingerprint_of(&[WORDS, COMPLAINTS, LAWS, GROUPS, AREAS]);
        let lexicon = Lexicon::new(words);
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

    #[test]
    fn every_rule_speaks_for_a_code_there_is_and_is_no_sentence() {
        let codes = CodeLists::shared();
        let rules = rules();
        for (of, list) in [(&rules.deviations, "category"), (&rules.complaints, "complaint")] {
            let mut spoken_for = BTreeSet::new();
            for rule in &of.rules {
                let For::Categories(named) = &rule.speaks_for else { panic!("{}", rule.text) };
                for code in &named.codes {
                    assert!(codes.get(list, code).is_some(), "{code}");
                    spoken_for.insert(codes.top(list, code).to_owned());
                }
                assert!((10..=80).contains(&rule.tenths), "{}", rule.text);
            }
            for code in codes.list(list).unwrap().iter().filter(|code| code.parent.is_none()) {
                assert!(spoken_for.contains(&code.code), "no rule speaks for {}", code.code);
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
                    assert!(codes.get("category", &named.codes[0]).is_some(), "{named:?}");
                }
            }
        }
    }

    #[test]
    fn no_sentence_of_the_measurement_is_a_rule() {
        let files = [
            include_str!("../../tests/data/suggest.csv"),
            include_str!("../../tests/data/suggest_more.csv"),
            include_str!("../../tests/data/suggest_night.csv"),
            include_str!("../../tests/data/suggest_unseen.csv"),
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
