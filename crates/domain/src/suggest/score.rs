//! From the words of a text to ranked categories and laws.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::rules::{For, MOST_WORDS, Prior, Rule, Rules, rules};
use super::text::Text;
use super::{Fired, Found, RANKED, RankedCategory, RankedLaw, Ranking};
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
        let mut found = Vec::with_capacity(4 * text.words.len());
        for (at, word) in text.words.iter().enumerate() {
            let words = rules.lexicon.found(word, text.swedish);
            found.extend(words.into_iter().map(|(place, by)| (place, at, by)));
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
#[derive(Clone, Copy)]
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
struct Hit<'a> {
    rule: &'a Rule,
    /// In order.
    at: At,
    by: Found,
    tenths: u32,
}

impl Hit<'_> {
    fn fired(&self, text: &Text, tenths: u32) -> Fired {
        let words = self.at.words().iter().map(|at| text.words[*at].clone()).collect();
        Fired { rule: self.rule.text.clone(), words, by: self.by, tenths }
    }
}

/// A category with what speaks for it, before the likeliest are told.
struct Candidate<'a> {
    top: &'a str,
    code: &'a str,
    law: Option<Law>,
    hits: Vec<(&'a Hit<'a>, u32)>,
    /// The area and the law.
    others: Vec<Fired>,
    tenths: u32,
}

impl Candidate<'_> {
    fn told(self, text: &Text) -> RankedCategory {
        let mut rules: Vec<Fired> =
            self.hits.iter().map(|(hit, tenths)| hit.fired(text, *tenths)).collect();
        rules.extend(self.others);
        let (code, top) = (self.code.to_owned(), self.top.to_owned());
        RankedCategory { code, top, law: self.law, tenths: self.tenths, rules }
    }
}

/// Ranks what a text suggests.
pub(super) fn rank(kind: Kind, text: &Text, area: Option<&str>, codes: &CodeLists) -> Ranking {
    let rules = rules();
    let places = Places::new(rules, text);
    let of_kind = match kind {
        Kind::Avvikelse => &rules.deviations,
        Kind::Synpunkt | Kind::Klagomal => &rules.complaints,
    };
    let found = of_kind.with(places.words());
    let hits: Vec<Hit<'_>> = found.filter_map(|rule| find(rule, &places)).collect();
    let mut laws = of_laws(rules, text, &places);
    let priors = priors(rules, area, codes);
    for (area, prior) in &priors {
        if let For::Law(law) = prior.speaks_for {
            laws.entry(law).or_default().push(of_area(area, prior));
        }
    }
    let weight = |law: Law| laws.get(&law).map_or(0, |fired| sum(fired));
    // Both say "social services"; which of them is a matter of the area and of a few words.
    let social = if weight(Law::Lss) > weight(Law::Sol) { Law::Lss } else { Law::Sol };

    let mut families: BTreeMap<usize, (&str, Vec<&Hit<'_>>)> = BTreeMap::new();
    for hit in &hits {
        let For::Categories(named) = &hit.rule.speaks_for else { continue };
        for (place, top) in &named.tops {
            families.entry(*place).or_insert_with(|| (top, Vec::new())).1.push(hit);
        }
    }
    let mut categories = Vec::new();
    for (top, hits) in families.into_values() {
        let (code, hits) = family(top, hits, text.words.len());
        let law = match suggested_law(top) {
            [Law::Hsl] => Some(Law::Hsl),
            [] => None,
            _ => Some(social),
        };
        let mut others = Vec::new();
        for (area, prior) in &priors {
            if matches!(&prior.speaks_for, For::Categories(named) if named.codes[0] == top) {
                others.push(of_area(area, prior));
            }
        }
        if let Some(law) = law {
            let lift = (weight(law) / 2).min(LIFT);
            if lift > 0 {
                let rule = law.code().to_owned();
                others.push(Fired { rule, words: Vec::new(), by: Found::Law, tenths: lift });
            }
        }
        let tenths = hits.iter().map(|(_, tenths)| tenths).sum::<u32>() + sum(&others);
        categories.push(Candidate { top, code, law, hits, others, tenths });
    }
    // Of two alike the one that stands first in the list.
    categories.sort_by_key(|one| Reverse(one.tenths));
    categories.truncate(RANKED);
    let categories: Vec<_> = categories.into_iter().map(|one| one.told(text)).collect();
    Ranking { laws: ranked_laws(laws, &categories), categories }
}

fn sum(fired: &[Fired]) -> u32 {
    fired.iter().map(|one| one.tenths).sum()
}

/// The rules for one top category with what each adds, every word of the text counted once, and the
/// most specific code they speak for. Where all of them are of the kind that counts along with
/// another, they count half.
fn family<'a>(
    top: &'a str,
    mut hits: Vec<&'a Hit<'a>>,
    words: usize,
) -> (&'a str, Vec<(&'a Hit<'a>, u32)>) {
    let weak = hits.iter().all(|hit| hit.rule.along);
    // The heaviest claims its words first; of two alike the one that says more.
    hits.sort_by_key(|hit| (Reverse((hit.tenths, hit.at.count)), &hit.rule.text));
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
            counted.push((hit, if weak { hit.tenths / 2 } else { hit.tenths }));
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
fn of_laws(rules: &Rules, text: &Text, places: &Places) -> BTreeMap<Law, Vec<Fired>> {
    let mut laws: BTreeMap<Law, Vec<Fired>> = BTreeMap::new();
    let mut claimed = BTreeSet::new();
    let found = rules.laws.with(places.words());
    for hit in found.filter_map(|rule| find(rule, places)) {
        let For::Law(law) = hit.rule.speaks_for else { continue };
        if hit.at.words().iter().all(|at| claimed.insert((law, *at))) {
            laws.entry(law).or_default().push(hit.fired(text, hit.tenths));
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

fn of_area(area: &str, prior: &Prior) -> Fired {
    Fired { rule: area.to_owned(), words: Vec::new(), by: Found::Area, tenths: prior.tenths }
}

/// The laws with what speaks for them: words, the area, and the first three categories, each next
/// one half as much.
fn ranked_laws(
    mut laws: BTreeMap<Law, Vec<Fired>>,
    categories: &[RankedCategory],
) -> Vec<RankedLaw> {
    for (place, category) in (0u32..).zip(categories.iter().take(super::SHOWN)) {
        let tenths = category.tenths >> place;
        if let Some(law) = category.law.filter(|_| tenths > 0) {
            let rule = category.top.clone();
            let fired = Fired { rule, words: Vec::new(), by: Found::Law, tenths };
            laws.entry(law).or_default().push(fired);
        }
    }
    let mut ranked: Vec<RankedLaw> = laws
        .into_iter()
        .map(|(law, mut rules)| {
            rules.sort_by_key(|one| std::cmp::Reverse(one.tenths));
            RankedLaw { law, tenths: sum(&rules), rules }
        })
        .collect();
    ranked.sort_by_key(|one| (std::cmp::Reverse(one.tenths), one.law));
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
