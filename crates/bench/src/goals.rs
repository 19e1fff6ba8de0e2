//! What the service is held to, and how near it comes.

use crate::measure::{Around, median};
use crate::outcome::{Grown, Level, Outcome, Transfer};
use crate::parts::grown::WORKLISTS;
use crate::parts::reads::ONE_CASE;

/// A figure and what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Of which database.
    pub database: String,
    /// Which figure.
    pub what: String,
    /// What it is.
    pub value: f64,
    /// What it must be, at least or at most.
    pub must: f64,
    /// What the best do.
    pub best: f64,
    /// Whether more is better.
    pub more: bool,
    /// Unit, after a space.
    pub unit: &'static str,
}

impl Goal {
    /// Whether it is what it must be.
    pub fn met(&self) -> bool {
        if self.more { self.value >= self.must } else { self.value <= self.must }
    }

    /// How it stands.
    pub fn verdict(&self) -> &'static str {
        let best = if self.more { self.value >= self.best } else { self.value <= self.best };
        match (self.met(), best) {
            (false, _) => "missed",
            (true, false) => "met",
            (true, true) => "world-class",
        }
    }
}

/// How many filings the service takes for each that the bare database takes.
pub fn ratio(level: &Level) -> f64 {
    over(level.service.rate(), level.bare.rate())
}

/// How much longer one in a hundred takes.
pub fn p99_ratio(level: &Level) -> f64 {
    over(level.service.p99, level.bare.mean(|sample| sample.p99))
}

/// How many rows an import writes while the bare database takes one.
pub fn import_ratio(transfer: &Transfer) -> f64 {
    let [before, after] = transfer.bare;
    over(f64::midpoint(before, after), transfer.import)
}

/// How much longer a filing takes beside so many cases than beside the fewest.
pub fn growth(grown: &Grown) -> Option<f64> {
    let fewest: Around = grown.fewest?;
    Some(over(grown.filing.p50, fewest.mean(|sample| sample.p50)))
}

/// One over another; nothing to count with where the other is nothing.
pub fn over(one: f64, other: f64) -> f64 {
    if other > 0.0 { one / other } else { f64::NAN }
}

/// From how many cases on growth is told and figures are held to their goals.
const MILLION: i64 = 1_000_000;
/// Cases of which a size may have fewer than it is called by, since whole copies are made.
fn about(cases: i64, wanted: i64) -> bool {
    cases >= wanted * 99 / 100 && cases <= wanted * 11 / 10
}

/// All goals of a database, of what was measured.
pub fn goals(outcome: &Outcome) -> Vec<Goal> {
    let sqlite = outcome.database.starts_with("SQLite");
    let mut goals = Vec::new();
    let mut goal = |what: &str, value: f64, (must, best): (f64, f64), more: bool, unit| {
        let (database, what) = (outcome.database.clone(), what.to_owned());
        goals.push(Goal { database, what, value, must, best, more, unit });
    };
    for level in &outcome.levels {
        let held = match (sqlite, level.connections) {
            (false, 16 | 64) => (1.0, 1.0),
            (true, 16) => (1.2, 1.2),
            (true, 64) => (2.0, 2.0),
            _ => continue,
        };
        let connections = level.connections;
        goal(&format!("filing ÷ bare, {connections} connections"), ratio(level), held, true, "");
        if !sqlite {
            let what = format!("p99 of filing ÷ bare, {connections} connections");
            goal(&what, p99_ratio(level), (1.5, 1.2), false, "");
        }
    }
    for read in outcome.reads.iter().filter(|read| read.what == ONE_CASE) {
        if let Some(bare) = &read.bare {
            let value = over(read.service.rate(), bare.rate());
            goal("one case ÷ its statements by pgbench", value, (0.8, 1.0), true, "");
        }
    }
    if let Some(cells) = &outcome.cells {
        let two = over(cells.two.rate(), cells.spread.rate());
        goal("filing into two cells ÷ into all", two, (0.95, 1.0), true, "");
    }
    if let Some(transfer) = &outcome.transfer {
        let bare = if sqlite { "a prepared loop" } else { "COPY" };
        let what = format!("import ÷ {bare}, {} cases", transfer.cases);
        goal(&what, import_ratio(transfer), (0.5, 1.0), true, "");
        for (what, memory) in [("import", transfer.importing), ("export", transfer.exporting)] {
            let what = format!("memory of the {what} of {} cases", transfer.cases);
            goal(&what, memory.peak, (40.0, 40.0), false, " MiB");
        }
    }
    for grown in &outcome.grown {
        let cases = grown.cases;
        if let Some(growth) = growth(grown) {
            let what = format!("p50 of filing beside {cases} cases ÷ beside the fewest");
            goal(&what, growth, (1.2, 1.0), false, "");
        }
        if cases < MILLION * 99 / 100 {
            continue;
        }
        for (_, sample) in grown.reads.iter().filter(|(what, _)| *what == WORKLISTS) {
            let what = format!("p99 of worklists beside {cases} cases");
            goal(&what, sample.p99, (10.0, 10.0), false, " ms");
        }
        for (cube, held) in grown.cubes.iter().zip([(50.0, 50.0), (150.0, 150.0)]) {
            let what = format!("{} by four columns, of {cases} cases", cube.years);
            goal(&what, cube.service.p50, held, false, " ms");
        }
    }
    let of = |wanted| outcome.grown.iter().find(|grown| about(grown.cases, wanted));
    if let (Some(one), Some(five)) = (of(MILLION), of(5 * MILLION))
        && let (Some(one), Some(five)) = (one.cubes.first(), five.cubes.first())
    {
        let value = over(five.service.p50, one.service.p50);
        goal("a year of 5,000,000 cases ÷ of 1,000,000", value, (1.2, 1.2), false, "");
    }
    if let Some(process) = &outcome.process {
        let start = median(&process.starts).unwrap_or(f64::NAN);
        goal("start to ready", start, (50.0, 50.0), false, " ms");
        goal("memory when idle", process.idle.resident, (25.0, 25.0), false, " MiB");
        let what = format!("memory after {} filings", process.filings);
        goal(&what, process.loaded.resident, (40.0, 40.0), false, " MiB");
    }
    if let Some(last) = outcome.hour.last() {
        let what = format!("memory after {} minutes", last.minute);
        goal(&what, last.memory.resident, (60.0, 40.0), false, " MiB");
    }
    goal("size of the binary", outcome.binary, (40.0, 40.0), false, " MiB");
    goals
}

#[cfg(test)]
#[path = "goals_tests.rs"]
pub mod tests;
