//! The draw: the same log and the same seed give the same readings, in whatever order they come.

use std::collections::{BTreeMap, BTreeSet};

use super::{BY_RULE, Reader, Reading, Rule, Weeks};
use crate::ids::EntryId;
use crate::organisation::UnitTree;

/// A reading that was drawn, and by which rules; none is at random.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Its entry.
    pub entry: EntryId,
    /// The rules it meets among those asked for.
    pub reasons: Vec<Rule>,
}

/// A place in the draw that nobody can foresee who does not know the seed (SplitMix64 over the halves of the
/// entry's id).
fn place(seed: i64, entry: EntryId) -> u64 {
    let mix = |mut z: u64| {
        z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let (high, low) = entry.0.as_u64_pair();
    mix(mix(mix(seed.cast_unsigned()) ^ high) ^ low)
}

/// Keeps those with the lowest places.
#[derive(Debug, Default)]
struct Lowest {
    most: usize,
    kept: BTreeSet<(u64, EntryId)>,
}

impl Lowest {
    fn offer(&mut self, place: u64, entry: EntryId) {
        self.kept.insert((place, entry));
        if self.kept.len() > self.most {
            self.kept.pop_last();
        }
    }
}

/// A draw under way.
#[derive(Debug)]
pub struct Draw {
    seed: i64,
    rules: BTreeSet<Rule>,
    random: Lowest,
    by_rule: BTreeMap<Rule, Lowest>,
    met: BTreeMap<Rule, u32>,
    reasons: BTreeMap<EntryId, Vec<Rule>>,
    considered: u32,
}

impl Draw {
    /// Draws `sample` at random and up to [`BY_RULE`] by each of `rules`.
    pub fn new(seed: i64, sample: u16, rules: impl IntoIterator<Item = Rule>) -> Self {
        let rules: BTreeSet<Rule> = rules.into_iter().collect();
        let lowest = |rule: &Rule| (*rule, Lowest { most: BY_RULE, ..Lowest::default() });
        Self {
            seed,
            random: Lowest { most: sample.into(), ..Lowest::default() },
            by_rule: rules.iter().map(lowest).collect(),
            rules,
            met: BTreeMap::new(),
            reasons: BTreeMap::new(),
            considered: 0,
        }
    }

    /// Lets a reading of the period take part.
    pub fn offer(&mut self, reading: &Reading, reader: &Reader, weeks: &Weeks, units: &UnitTree) {
        self.considered = self.considered.saturating_add(1);
        let mut met = reading.meets(reader, units);
        if weeks.unusual_number(reading.reader, reading.at) {
            met.insert(Rule::UnusualNumber);
        }
        if weeks.unusual_night(reading.reader, reading.at) {
            met.insert(Rule::AtNight);
        }
        let met: Vec<Rule> = met.intersection(&self.rules).copied().collect();
        let place = place(self.seed, reading.entry);
        self.random.offer(place, reading.entry);
        for rule in &met {
            *self.met.entry(*rule).or_default() += 1;
            if let Some(lowest) = self.by_rule.get_mut(rule) {
                lowest.offer(place, reading.entry);
            }
        }
        if !met.is_empty() {
            self.reasons.insert(reading.entry, met);
        }
    }

    /// What was drawn, by entry; how many met each rule; and how many took part.
    pub fn drawn(self) -> (Vec<Drawn>, BTreeMap<Rule, u32>, u32) {
        let ruled = self.by_rule.into_values().flat_map(|lowest| lowest.kept);
        let all: BTreeSet<EntryId> =
            self.random.kept.into_iter().chain(ruled).map(|(_, entry)| entry).collect();
        let mut reasons = self.reasons;
        let drawn = all
            .into_iter()
            .map(|entry| Drawn { entry, reasons: reasons.remove(&entry).unwrap_or_default() });
        (drawn.collect(), self.met, self.considered)
    }
}
