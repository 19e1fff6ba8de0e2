//! How much is measured.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::ValueEnum;

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Part {
    /// Filing over 1, 16 and 64 connections; start and memory
    Filing,
    /// Reading: a case, lists, worklists
    Reading,
    /// Figures of a year and of five, and the report of a year
    Figures,
    /// Four readings in five requests, one filing
    Mixed,
    /// Filing at a rate that does not wait for the service
    Open,
    /// What keeping statistics costs a filing
    Cells,
    /// Filing about a new person with a photo of 2 MB
    Sealed,
    /// Ending 200 cases at once
    Many,
    /// Import and export
    Transfer,
    /// Many tenants at once
    Tenants,
    /// Filing and reading beside many cases
    Cases,
    /// Memory over a long time
    Hour,
}

impl Part {
    /// What is measured unless something else is asked for: what takes minutes alone is left out.
    pub fn usual() -> BTreeSet<Self> {
        let long = [Self::Cases, Self::Hour];
        Self::value_variants().iter().copied().filter(|part| !long.contains(part)).collect()
    }

    /// Everything.
    pub fn all() -> BTreeSet<Self> {
        Self::value_variants().iter().copied().collect()
    }

    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What.
    pub parts: BTreeSet<Part>,
    /// How long each stretch of filing is.
    pub filing: Duration,
    /// How long there are filings before anything is measured.
    pub warm_up: Duration,
    /// How long each stretch of reading is, and of what is neither filing nor reading alone.
    pub reading: Duration,
    /// Filings after which memory is read.
    pub filings: u64,
    /// Starts of which the middle one is told.
    pub starts: usize,
    /// Times that a year is counted.
    pub counts: u32,
    /// Times that many cases are ended at once, and how many.
    pub many: (u64, usize),
    /// Cases that are imported and exported.
    pub import: u64,
    /// Tenants at once.
    pub tenants: Vec<usize>,
    /// Cases there are, in ascending order; each is measured beside the first.
    pub cases: Vec<u64>,
    /// Minutes over which memory is watched.
    pub minutes: u64,
    /// Requests a second that do not wait; with none, shares of what was reached.
    pub rates: Vec<f64>,
}

impl Plan {
    /// Some eight minutes.
    pub fn usual() -> Self {
        Self {
            parts: Part::usual(),
            filing: Duration::from_secs(6),
            warm_up: Duration::from_secs(2),
            reading: Duration::from_secs(3),
            filings: 100_000,
            starts: 5,
            counts: 30,
            many: (5, 200),
            import: 20_000,
            tenants: vec![1, 100],
            cases: vec![10_000, 1_000_000],
            minutes: 60,
            rates: Vec::new(),
        }
    }

    /// Everything, at the sizes that goals are set for: hours, and some 80 GB.
    pub fn long() -> Self {
        Self {
            parts: Part::all(),
            filing: Duration::from_secs(10),
            warm_up: Duration::from_secs(3),
            reading: Duration::from_secs(5),
            counts: 50,
            import: 1_000_000,
            tenants: vec![1, 100, 1_000],
            cases: vec![10_000, 1_000_000, 5_000_000, 10_000_000],
            ..Self::usual()
        }
    }

    /// Two minutes, to see roughly where it stands.
    pub fn short() -> Self {
        Self {
            filing: Duration::from_secs(2),
            warm_up: Duration::from_secs(1),
            reading: Duration::from_secs(1),
            filings: 5_000,
            starts: 3,
            counts: 20,
            many: (2, 200),
            import: 5_000,
            tenants: vec![1, 20],
            ..Self::usual()
        }
    }

    /// Everything once, to see that it works; the figures mean nothing.
    pub fn smoke() -> Self {
        Self {
            parts: Part::all(),
            filing: Duration::from_millis(200),
            warm_up: Duration::ZERO,
            reading: Duration::from_millis(200),
            filings: 20,
            starts: 1,
            counts: 1,
            many: (1, 4),
            import: 300,
            tenants: vec![1, 2],
            cases: vec![1, 6_000],
            minutes: 0,
            rates: vec![20.0],
        }
    }

    /// Whether something is asked for.
    pub fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_done_when_it_is_asked_for() {
        assert!(!Plan::usual().has(Part::Cases) && !Plan::usual().has(Part::Hour));
        assert!(Plan::usual().has(Part::Transfer));
        assert_eq!(Plan::long().parts.len(), Part::value_variants().len());
        assert_eq!(Plan::smoke().parts, Part::all(), "the smoke run tries everything");
        assert_eq!(Part::Cases.name(), "cases");
    }
}
