//! From the words of a text to ranked categories and laws.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::remembered;
use super::rules::{For, MOST_WORDS, Prior, Rule, Rules, rules, version};
use super::text::Text;
use super::{Fired, Found, RANKED, RankedCategory, RankedLaw, Ranking, SHOWN, Suggestion};
use crate::case::Kind;
use crate::code_lists::{CodeLists, suggested_law, within};
use crate::law::Law;

/// How far apart the words of one rule may stand.
const NEAR: usize = 4;

/// The most that words about a law and the area lift the categories under it, in tenths.
const LIFT: u32 = 20;

/// Which words of the rules stand where in a text, and by what they were found.
struct Places {
    /// In the order of the rules' words, then of the text.
    found: Vec<(usize, usize, Found)>,
    /// Of each of the rules' words, from where to where it stands in `found`.
    of_word: Vec<(u32, u32)>,
}

impl Places {
    fn new(rules: &Rules, text: &Text) -> Self {
        let mut found = Vec::with_capacity(4 * text.len());
        for (at, word) in text.words().enumerate() {
            let find = || rules.lexicon.meant(word, text.swedish);
            remembered::tell(word, text.swedish, find, |meant| {
                found.extend(meant.iter().map(|(place, by)| (*place, at, *by)));
            });
        }
        found.sort_unstable();
        let mut of_word = vec![(0, 0); rules.lexicon.len()];
        for (at, (word, ..)) in (0u32..).zip(&found) {
            let (from, to) = &mut of_word[*word];
            *from = if *to == 0 { at } else { *from };
            *to = at + 1;
        }
        Self { found, of_word }
    }

    /// The words of the rules there are.
    fn words(&self) -> impl Iterator<Item = usize> {
        self.found.chunk_by(|one, next| one.0 == next.0).map(|of_one| of_one[0].0)
    }

    /// Where a word of the rules stands.
    fn of_word(&self, word: usize) -> &[(usize, usize, Found)] {
        let (from, to) = self.of_word[word];
        &self.found[from as usize..to as usize]
    }

    /// Where the words of a part of a rule stand.
    fn of(&self, part: &[usize]) -> impl Iterator<Item = (usize, Found)> {
        part.iter().flat_map(|word| self.of_word(*word)).map(|(_, at, by)| (*at, *by))
    }

    /// Whether any word of a part of a rule stands anywhere.
    fn has(&self, part: &[usize]) -> bool {
        part.iter().any(|word| !self.of_word(*word).is_empty())
    }
}

/// The words of a text that a rule was found at.
#[derive(Clone, Copy, Debug)]
struct At {
    words: [usize; MOST_WORDS],
    count: usize,
}

impl At {
    fn one(at: usize) -> Self {
        Self { words: [at; MOST_WORDS], count: 1 }
    }

    fn push(&mut self, at: usize) {
        self.words[self.count] = at;
        self.count += 1;
    }

    fn words(&self) -> &[usize] {
        &self.words[..self.count]
    }
}

/// A rule that was found, and at which words.
#[derive(Clone, Copy)]
struct Hit<'a> {
    rule: &'a Rule,
    /// In order.
    at: At,
    by: Found,
    tenths: u32,
}

impl<'a> Hit<'a> {
    fn spoken(&self, tenths: u32) -> Spoken<'a> {
        Spoken { rule: &self.rule.text, at: Some(self.at), by: self.by, tenths }
    }
}

/// What speaks for a category or a law, before anybody asks to be told.
#[derive(Clone, Copy, Debug)]
struct Spoken<'a> {
    rule: &'a str,
    /// The words it was found at, in order.
    at: Option<At>,
    by: Found,
    tenths: u32,
}

impl Spoken<'_> {
    fn told(&self, text: &Text) -> Fired {
        let at = self.at.as_ref().map_or(&[][..], At::words);
        let words = at.iter().map(|at| text.word(*at).to_owned()).collect();
        Fired { rule: self.rule.to_owned(), words, by: self.by, tenths: self.tenths }
    }
}

/// A category with what speaks for it.
struct Candidate<'a> {
    top: &'a str,
    code: &'a str,
    law: Option<Law>,
    /// The rules, then the area and the law.
    spoken: Vec<Spoken<'a>>,
    tenths: u32,
}

/// A law with what speaks for it, the heaviest first.
struct OfLaw<'a> {
    law: Law,
    tenths: u32,
    spoken: Vec<Spoken<'a>>,
}

/// What a text suggests, the likeliest first. What is kept with each filing are codes alone; whoever asks
/// why is told.
pub(super) struct Ranked<'a> {
    categories: Vec<Candidate<'a>>,
    laws: Vec<OfLaw<'a>>,
}

impl Ranked<'_> {
    /// With every rule that fired.
    pub fn told(&self, text: &Text) -> Ranking {
        let told = |spoken: &[Spoken<'_>]| spoken.iter().map(|one| one.told(text)).collect();
        let categories = self.categories.iter().map(|one| RankedCategory {
            code: one.code.to_owned(),
            top: one.top.to_owned(),
            law: one.law,
            tenths: one.tenths,
            rules: told(&one.spoken),
        });
        let laws = self.laws.iter().map(|one| RankedLaw {
            law: one.law,
            tenths: one.tenths,
            rules: told(&one.spoken),
        });
        Ranking { categories: categories.collect(), laws: laws.collect() }
    }

    /// What is kept of it.
    pub fn kept(&self) -> Suggestion {
        let categories = self.categories.iter().take(SHOWN).map(|one| one.code.to_owned());
        Suggestion {
            rules: version().to_owned(),
            categories: categories.collect(),
            laws: self.laws.iter().map(|one| one.law).collect(),
        }
    }
}

/// Ranks what a text suggests.
pub(super) fn rank<'a>(
    kind: Kind,
    text: &Text,
    area: Option<&'a str>,
    codes: &'a CodeLists,
) -> Ranked<'a> {
    let rules = rules();
    let places = Places::new(rules, text);
    let of_kind = match kind {
        Kind::Avvikelse => &rules.deviations,
        Kind::Synpunkt | Kind::Klagomal => &rules.complaints,
    };
    let found = of_kind.with(places.words());
    let mut laws = of_laws(rules, &places);
    let priors = priors(rules, area, codes);
    for (area, prior) in &priors {
        if let For::Law(law) = prior.speaks_for {
            laws.entry(law).or_default().push(of_area(area, prior));
        }
    }
    let weight = |law: Law| laws.get(&law).map_or(0, |fired| sum(fired));
    // Both say "social services"; which of them is a matter of the area and of a few words.
    let social = if weight(Law::Lss) > weight(Law::Sol) { Law::Lss } else { Law::Sol };

    let mut families: BTreeMap<usize, (&str, Vec<Hit<'a>>)> = BTreeMap::new();
    for hit in found.filter_map(|rule| find(rule, &places)) {
        let For::Categories(named) = &hit.rule.speaks_for else { continue };
        for (place, top) in &named.tops {
            families.entry(*place).or_insert_with(|| (top, Vec::new())).1.push(hit);
        }
    }
    let mut categories = Vec::new();
    for (top, hits) in families.into_values() {
        let (code, mut spoken) = family(top, hits, text.len());
        let law = match suggested_law(top) {
            [Law::Hsl] => Some(Law::Hsl),
            [] => None,
            _ => Some(social),
        };
        for (area, prior) in &priors {
            if matches!(&prior.speaks_for, For::Categories(named) if named.codes[0] == top) {
                spoken.push(of_area(area, prior));
            }
        }
        if let Some(law) = law {
            let lift = (weight(law) / 2).min(LIFT);
            if lift > 0 {
                let rule = law.code();
                spoken.push(Spoken { rule, at: None, by: Found::Law, tenths: lift });
            }
        }
        let tenths = sum(&spoken);
        categories.push(Candidate { top, code, law, spoken, tenths });
    }
    // Of two alike the one that stands first in the list.
    categories.sort_by_key(|one| Reverse(one.tenths));
    categories.truncate(RANKED);
    Ranked { laws: ranked_laws(laws, &categories), categories }
}

fn sum(spoken: &[Spoken<'_>]) -> u32 {
    spoken.iter().map(|one| one.tenths).sum()
}

/// The rules for one top category with what each adds, every word of the text counted once, and the
/// most specific code they speak for. Where all of them are of the kind that counts along with
/// another, they count half.
fn family<'a>(top: &'a str, mut hits: Vec<Hit<'a>>, words: usize) -> (&'a str, Vec<Spoken<'a>>) {
    let weak = hits.iter().all(|hit| hit.rule.along);
    // The heaviest claims its words first; of two alike the one that says more.
    hits.sort_by_key(|hit| (Reverse((hit.tenths, hit.at.count)), hit.rule.text.as_str()));
    let mut claimed = vec![false; words];
    let mut below: BTreeMap<&str, u32> = BTreeMap::new();
    let mut counted = Vec::new();
    for hit in hits {
        if let For::Categories(named) = &hit.rule.speaks_for {
            for code in named.codes.iter().filter(|code| below_top(code, top)) {
                *below.entry(code).or_default() += hit.tenths;
            }
        }
        if !hit.at.words().iter().all(|at| claimed[*at]) {
            hit.at.words().iter().for_each(|at| claimed[*at] = true);
            counted.push(hit.spoken(if weak { hit.tenths / 2 } else { hit.tenths }));
        }
    }
    let most = below.values().max().copied();
    let code = below.into_iter().find(|(_, tenths)| Some(*tenths) == most);
    (code.map_or(top, |(code, _)| code), counted)
}

fn below_top(code: &str, top: &str) -> bool {
    code != top && within(code, top)
}

/// The words that speak of a law.
fn of_laws<'a>(rules: &'a Rules, places: &Places) -> BTreeMap<Law, Vec<Spoken<'a>>> {
    let mut laws: BTreeMap<Law, Vec<Spoken<'a>>> = BTreeMap::new();
    let mut claimed = BTreeSet::new();
    let found = rules.laws.with(places.words());
    for hit in found.filter_map(|rule| find(rule, places)) {
        let For::Law(law) = hit.rule.speaks_for else { continue };
        if hit.at.words().iter().all(|at| claimed.insert((law, *at))) {
            laws.entry(law).or_default().push(hit.spoken(hit.tenths));
        }
    }
    laws
}

/// What the area speaks for: its own code first, then those above.
fn priors<'a>(
    rules: &'a Rules,
    area: Option<&'a str>,
    codes: &'a CodeLists,
) -> Vec<(&'a str, &'a Prior)> {
    let mut found: Vec<(&str, &Prior)> = Vec::new();
    let mut next = area;
    let mut seen = BTreeSet::new();
    while let Some(area) = next.filter(|area| seen.insert(*area)) {
        for prior in rules.areas.get(area).into_iter().flatten() {
            // Nearer to the unit knows better.
            if found.iter().all(|(_, nearer)| nearer.speaks_for != prior.speaks_for) {
                found.push((area, prior));
            }
        }
        next = codes.get("area", area).and_then(|code| code.parent.as_deref());
    }
    found
}

fn of_area<'a>(area: &'a str, prior: &Prior) -> Spoken<'a> {
    Spoken { rule: area, at: None, by: Found::Area, tenths: prior.tenths }
}

/// The laws with what speaks for them: words, the area, and the first three categories, each next
/// one half as much.
fn ranked_laws<'a>(
    mut laws: BTreeMap<Law, Vec<Spoken<'a>>>,
    categories: &[Candidate<'a>],
) -> Vec<OfLaw<'a>> {
    for (place, category) in (0u32..).zip(categories.iter().take(SHOWN)) {
        let tenths = category.tenths >> place;
        if let Some(law) = category.law.filter(|_| tenths > 0) {
            let spoken = Spoken { rule: category.top, at: None, by: Found::Law, tenths };
            laws.entry(law).or_default().push(spoken);
        }
    }
    let mut ranked: Vec<OfLaw<'a>> = laws
        .into_iter()
        .map(|(law, mut spoken)| {
            spoken.sort_by_key(|one| Reverse(one.tenths));
            OfLaw { law, tenths: sum(&spoken), spoken }
        })
        .collect();
    ranked.sort_by_key(|one| (Reverse(one.tenths), one.law));
    ranked
}

/// Whether a rule's words stand close together, in any order: Swedish turns them around at will.
fn find<'a>(rule: &'a Rule, places: &Places) -> Option<Hit<'a>> {
    let (first, rest) = rule.parts.split_first()?;
    if !rest.iter().all(|part| places.has(part)) {
        return None;
    }
    let mut best: Option<(At, Found)> = None;
    for (at, by) in places.of(first) {
        let mut taken = At::one(at);
        let mut worst = by;
        for part in rest {
            let near = places
                .of(part)
                .filter(|(other, _)| other.abs_diff(at) <= NEAR && !taken.words().contains(other));
            let Some((other, by)) = near.min_by_key(|(other, by)| (*by, other.abs_diff(at))) else {
                break;
            };
            taken.push(other);
            worst = worst.max(by);
        }
        let whole = taken.count == rule.parts.len();
        if whole && best.as_ref().is_none_or(|(_, by)| worst < *by) {
            best = Some((taken, worst));
        }
    }
    let (mut at, by) = best?;
    at.words[..at.count].sort_unstable();
    let tenths = match by {
        Found::Compound => rule.tenths * 9 / 10,
        Found::Spelling => rule.tenths * 7 / 10,
        Found::Word | Found::Phrase | Found::Area | Found::Law => rule.tenths,
    };
    let by = if rule.parts.len() > 1 { Found::Phrase } else { by };
    Some(Hit { rule, at, by, tenths })
}
