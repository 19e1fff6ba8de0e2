//! From the words of a text to ranked categories and laws.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rules::{For, Prior, Rule, Rules, key, rules};
use super::text::{Shape, Text, later_part, misspelt, same};
use super::{Fired, Found, RANKED, RankedCategory, RankedLaw, Ranking};
use crate::case::Kind;
use crate::code_lists::{CodeLists, suggested_law, within};
use crate::law::Law;

/// How far apart the words of one rule may stand.
const NEAR: usize = 4;

/// The most that words about a law and the area lift the categories under it, in tenths.
const LIFT: u32 = 20;

/// Where each word of the rules stands in a text, and by what it was found.
type Places = HashMap<usize, Vec<(usize, Found)>>;

/// A rule that was found, and at which words.
struct Hit<'a> {
    rule: &'a Rule,
    at: BTreeSet<usize>,
    by: Found,
    tenths: u32,
}

impl Hit<'_> {
    fn fired(&self, text: &Text) -> Fired {
        let words = self.at.iter().map(|at| text.words[*at].clone()).collect();
        Fired { rule: self.rule.text.clone(), words, by: self.by, tenths: self.tenths }
    }
}

/// Ranks what a text suggests.
pub(super) fn rank(kind: Kind, text: &Text, area: Option<&str>, codes: &CodeLists) -> Ranking {
    let rules = rules();
    let places = places(rules, text);
    let list = kind.category_list();
    let of_kind = match kind {
        Kind::Avvikelse => &rules.deviations,
        Kind::Synpunkt | Kind::Klagomal => &rules.complaints,
    };
    let found = of_kind.with(places.keys().copied());
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

    let mut families: BTreeMap<&str, Vec<&Hit<'_>>> = BTreeMap::new();
    for hit in &hits {
        let For::Categories(named) = &hit.rule.speaks_for else { continue };
        for top in named.iter().map(|code| codes.top(list, code)).collect::<BTreeSet<_>>() {
            families.entry(top).or_default().push(hit);
        }
    }
    let mut categories = Vec::new();
    for (top, hits) in families {
        let (code, mut fired) = family(top, hits, text);
        let law = match suggested_law(top) {
            [Law::Hsl] => Some(Law::Hsl),
            [] => None,
            _ => Some(social),
        };
        for (area, prior) in &priors {
            if matches!(&prior.speaks_for, For::Categories(named) if named[0] == top) {
                fired.push(of_area(area, prior));
            }
        }
        if let Some(law) = law {
            let lift = (weight(law) / 2).min(LIFT);
            if lift > 0 {
                let rule = law.code().to_owned();
                fired.push(Fired { rule, words: Vec::new(), by: Found::Law, tenths: lift });
            }
        }
        let tenths = sum(&fired);
        categories.push(RankedCategory { code, top: top.to_owned(), law, tenths, rules: fired });
    }
    let place: HashMap<&str, usize> = codes
        .list(list)
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(place, code)| (code.code.as_str(), place))
        .collect();
    categories
        .sort_by_key(|one| (std::cmp::Reverse(one.tenths), place.get(one.top.as_str()).copied()));
    categories.truncate(RANKED);
    Ranking { laws: ranked_laws(laws, &categories), categories }
}

fn sum(fired: &[Fired]) -> u32 {
    fired.iter().map(|one| one.tenths).sum()
}

/// The rules for one top category, each word of the text counted once, and the most specific code
/// they speak for. Where all of them are of the kind that counts along with another, they count half.
fn family(top: &str, mut hits: Vec<&Hit<'_>>, text: &Text) -> (String, Vec<Fired>) {
    let weak = hits.iter().all(|hit| hit.rule.along);
    // The heaviest claims its words first; of two alike the one that says more.
    hits.sort_by_key(|hit| (std::cmp::Reverse((hit.tenths, hit.at.len())), &hit.rule.text));
    let mut claimed = BTreeSet::new();
    let mut below: BTreeMap<&str, u32> = BTreeMap::new();
    let mut fired = Vec::new();
    for hit in hits {
        if let For::Categories(named) = &hit.rule.speaks_for {
            for code in named.iter().filter(|code| below_top(code, top)) {
                *below.entry(code).or_default() += hit.tenths;
            }
        }
        if !hit.at.is_subset(&claimed) {
            claimed.extend(hit.at.iter().copied());
            let mut one = hit.fired(text);
            if weak {
                one.tenths /= 2;
            }
            fired.push(one);
        }
    }
    let most = below.values().max().copied();
    let code = below.into_iter().find(|(_, tenths)| Some(*tenths) == most);
    (code.map_or(top, |(code, _)| code).to_owned(), fired)
}

fn below_top(code: &str, top: &str) -> bool {
    code != top && within(code, top)
}

/// The words that speak of a law.
fn of_laws(rules: &Rules, text: &Text, places: &Places) -> BTreeMap<Law, Vec<Fired>> {
    let mut laws: BTreeMap<Law, Vec<Fired>> = BTreeMap::new();
    let mut claimed = BTreeSet::new();
    let found = rules.laws.with(places.keys().copied());
    for hit in found.filter_map(|rule| find(rule, places)) {
        let For::Law(law) = hit.rule.speaks_for else { continue };
        if hit.at.iter().all(|at| claimed.insert((law, *at))) {
            laws.entry(law).or_default().push(hit.fired(text));
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

/// Which words of the rules stand where.
fn places(rules: &Rules, text: &Text) -> Places {
    let mut found: Places = HashMap::new();
    let mut known: HashMap<&str, Vec<(usize, Found)>> = HashMap::new();
    for (at, word) in text.words.iter().enumerate() {
        let matches = known.entry(word).or_insert_with(|| matches(rules, word, text.swedish));
        for (place, by) in matches.iter() {
            found.entry(*place).or_default().push((at, *by));
        }
    }
    found
}

/// The words of the rules that a word of a text is. Another spelling is only asked for where it is
/// none as it stands.
fn matches(rules: &Rules, word: &str, swedish: bool) -> Vec<(usize, Found)> {
    let entries = &rules.lexicon.entries;
    let mut found: BTreeMap<usize, Found> = BTreeMap::new();
    let mut keys = vec![key(word)];
    keys.extend(word.char_indices().nth(2).map(|(end, _)| &word[..end]));
    for place in keys.into_iter().flat_map(|key| rules.lexicon.beginning(key, swedish)) {
        let entry = &entries[*place];
        let rule = entry.spelt(swedish);
        if rule == word || (!entry.exact && same(rule, word)) {
            found.insert(*place, Found::Word);
        }
    }
    for (start, _) in word.char_indices().skip(3) {
        for place in rules.lexicon.beginning(key(&word[start..]), swedish) {
            let entry = &entries[*place];
            let rule = entry.spelt(swedish);
            if !entry.exact && later_part(rule, word) {
                found.entry(*place).or_insert(Found::Compound);
            }
        }
    }
    if let Some(first) = word.chars().next()
        && !found.values().any(|by| *by == Found::Word)
    {
        let shape = Shape::of(word);
        for place in rules.lexicon.of_letter(first, swedish) {
            let entry = &entries[*place];
            if entry.shape(swedish).near(shape) && misspelt(entry.spelt(swedish), word) {
                found.entry(*place).or_insert(Found::Spelling);
            }
        }
    }
    found.into_iter().collect()
}

/// Whether a rule's words stand close together, in any order: Swedish turns them around at will.
fn find<'a>(rule: &'a Rule, places: &Places) -> Option<Hit<'a>> {
    let of = |part: &[usize]| -> Vec<(usize, Found)> {
        part.iter().flat_map(|word| places.get(word).into_iter().flatten().copied()).collect()
    };
    let (first, rest) = rule.parts.split_first()?;
    let rest: Vec<_> = rest.iter().map(|part| of(part)).collect();
    let mut best: Option<(BTreeSet<usize>, Found)> = None;
    for (at, by) in of(first) {
        let mut taken = BTreeSet::from([at]);
        let mut worst = by;
        for part in &rest {
            let near = part
                .iter()
                .filter(|(other, _)| other.abs_diff(at) <= NEAR && !taken.contains(other));
            let Some((other, by)) = near.min_by_key(|(other, by)| (*by, other.abs_diff(at))) else {
                break;
            };
            taken.insert(*other);
            worst = worst.max(*by);
        }
        let whole = taken.len() == rule.parts.len();
        if whole && best.as_ref().is_none_or(|(_, by)| worst < *by) {
            best = Some((taken, worst));
        }
    }
    let (at, by) = best?;
    let tenths = match by {
        Found::Compound => rule.tenths * 9 / 10,
        Found::Spelling => rule.tenths * 7 / 10,
        Found::Word | Found::Phrase | Found::Area | Found::Law => rule.tenths,
    };
    let by = if rule.parts.len() > 1 { Found::Phrase } else { by };
    Some(Hit { rule, at, by, tenths })
}
