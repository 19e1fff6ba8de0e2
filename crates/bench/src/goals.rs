//! What the service is held to, and how near it comes.

use crate::measure::median;
use crate::run::{Level, Outcome};

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

fn over(one: f64, other: f64) -> f64 {
    if other > 0.0 { one / other } else { f64::NAN }
}

/// All goals of a database.
pub fn goals(outcome: &Outcome) -> Vec<Goal> {
    let sqlite = outcome.database.starts_with("SQLite");
    let goal = |what: &str, value: f64, (must, best): (f64, f64), more: bool, unit| Goal {
        database: outcome.database.clone(),
        what: what.to_owned(),
        value,
        must,
        best,
        more,
        unit,
    };
    let mut goals = Vec::new();
    for level in &outcome.levels {
        let held = match (sqlite, level.connections) {
            (false, 16) => (0.5, 1.0),
            (false, 64) => (0.75, 1.0),
            (true, 16) => (0.8, 1.2),
            (true, 64) => (1.3, 2.0),
            _ => continue,
        };
        let what = format!("filing ÷ bare, {} connections", level.connections);
        goals.push(goal(&what, ratio(level), held, true, ""));
        if !sqlite && level.connections == 64 {
            let what = "p99 of filing ÷ bare, 64 connections";
            goals.push(goal(what, p99_ratio(level), (1.5, 1.2), false, ""));
        }
    }
    let start = median(&outcome.starts).unwrap_or(f64::NAN);
    goals.push(goal("start to ready", start, (200.0, 50.0), false, " ms"));
    goals.push(goal("memory when idle", outcome.idle.resident, (40.0, 25.0), false, " MiB"));
    let what = format!("memory after {} filings", outcome.filings);
    goals.push(goal(&what, outcome.loaded.resident, (60.0, 40.0), false, " MiB"));
    goals
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::measure::{Around, Sample};
    use crate::service::Memory;

    pub fn outcome(database: &str) -> Outcome {
        let sample = |done, p99| Sample { done, seconds: 10.0, p50: 2.0, p99 };
        let level = |connections, done| Level {
            connections,
            service: sample(done, 20.0),
            bare: Around { before: sample(30_000, 10.0), after: sample(50_000, 30.0) },
        };
        Outcome {
            database: database.to_owned(),
            bare: "alone",
            tables: vec!["cases".to_owned(), "outbox".to_owned()],
            starts: vec![90.0, 300.0, 100.0],
            idle: Memory { resident: 20.0, peak: 22.0 },
            levels: vec![level(1, 8_000), level(16, 24_000), level(64, 52_000)],
            filings: 50_000,
            loaded: Memory { resident: 61.0, peak: 70.0 },
            reads: vec![("a list", sample(100, 5.0))],
            cubes: Vec::new(),
            logged: 0,
        }
    }

    fn verdicts(database: &str) -> Vec<(String, f64, &'static str)> {
        goals(&outcome(database))
            .into_iter()
            .map(|goal| {
                let verdict = goal.verdict();
                (goal.what, goal.value, verdict)
            })
            .collect()
    }

    #[test]
    fn a_ratio_is_service_over_the_mean_of_before_and_after() {
        let outcome = outcome("PostgreSQL 15");
        let ratios: Vec<_> = outcome.levels.iter().map(ratio).collect();
        assert_eq!(ratios, [0.2, 0.6, 1.3]);
        assert!((p99_ratio(&outcome.levels[2]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn each_database_is_held_to_its_own_goals() {
        let expected = [
            ("filing ÷ bare, 16 connections", 0.6, "met"),
            ("filing ÷ bare, 64 connections", 1.3, "world-class"),
            ("p99 of filing ÷ bare, 64 connections", 1.0, "world-class"),
            ("start to ready", 100.0, "met"),
            ("memory when idle", 20.0, "world-class"),
            ("memory after 50000 filings", 61.0, "missed"),
        ];
        let expected: Vec<_> =
            expected.map(|(what, value, verdict)| (what.to_owned(), value, verdict)).into();
        assert_eq!(verdicts("PostgreSQL 15"), expected);
        let sqlite = verdicts("SQLite 3");
        assert_eq!(sqlite[0], ("filing ÷ bare, 16 connections".to_owned(), 0.6, "missed"));
        assert_eq!(sqlite[1], ("filing ÷ bare, 64 connections".to_owned(), 1.3, "met"));
        assert_eq!(sqlite.len(), 5);
    }

    #[test]
    fn nothing_measured_meets_no_goal() {
        let mut outcome = outcome("SQLite 3");
        outcome.starts.clear();
        let start = goals(&outcome).into_iter().find(|goal| goal.what == "start to ready");
        assert!(start.is_some_and(|goal| !goal.met()));
    }
}
