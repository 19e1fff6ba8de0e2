use super::*;
use crate::measure::{Around, Sample};
use crate::open::Met;
use crate::outcome::{Cells, Compared, Cube, Grown, Many, Minute, Process, Sealed, Tenants};
use crate::service::Memory;

fn sample(done: u64, p99: f64) -> Sample {
    Sample { done, seconds: 10.0, p50: 2.0, p99 }
}

fn around(before: u64, after: u64) -> Around {
    Around { before: sample(before, 10.0), after: sample(after, 30.0) }
}

fn grown(cases: i64, p50: f64, cube: f64) -> Grown {
    let cube = |years: &str, factor: f64| Cube {
        years: years.to_owned(),
        cases: 1,
        rows: 1,
        service: Sample { p50: cube * factor, ..sample(10, 9.0) },
        bare: sample(10, 9.0),
    };
    Grown {
        cases,
        made: 9.0,
        bytes: 3_000.0,
        filing: Sample { p50, ..sample(10_000, 9.0) },
        fewest: (cases > 10_000).then(|| around(10_000, 10_000)),
        reads: vec![("a list", sample(100, 90.0)), (WORKLISTS, sample(100, 9.0))],
        cubes: vec![cube("2025", 1.0), cube("2021 to 2025", 2.0)],
        memory: Memory { resident: 30.0, peak: 31.0 },
    }
}

/// Everything measured, and nothing in the way.
pub fn outcome(database: &str) -> Outcome {
    let level = |connections, done| Level {
        connections,
        service: sample(done, 20.0),
        bare: around(30_000, 50_000),
    };
    let memory = |resident| Memory { resident, peak: resident + 2.0 };
    let read =
        |what: &str, bare| Compared { what: what.to_owned(), service: sample(100, 5.0), bare };
    let tables = vec!["cases".to_owned(), "outbox".to_owned()];
    Outcome {
        binary: 30.0,
        process: Some(Process {
            starts: vec![90.0, 300.0, 45.0],
            idle: memory(20.0),
            filings: 100_000,
            loaded: memory(61.0),
        }),
        levels: vec![level(1, 8_000), level(16, 24_000), level(64, 52_000)],
        reads: vec![read(ONE_CASE, Some(around(100, 150))), read("a list", None)],
        cubes: grown(1, 1.0, 3.0).cubes,
        report: Some(read("the report of 2025", None)),
        mixed: vec![("a filing", sample(50, 7.0))],
        open: vec![Met { rate: 500.0, intended: sample(5_000, 8.0), sent: sample(5_000, 6.0) }],
        cells: Some(Cells {
            two: sample(99, 1.0),
            spread: around(100, 100),
            with: sample(90, 1.0),
            without: around(100, 100),
        }),
        sealed: Some(Sealed {
            filing: sample(10, 3.0),
            photo: sample(10, 9.0),
            both: sample(10, 12.0),
            base: around(40, 40),
        }),
        many: Some(Many { cases: 200, together: sample(5, 300.0), alone: sample(200, 5.0) }),
        tenants: vec![Tenants { tenants: 1, filing: sample(100, 5.0) }],
        transfer: Some(Transfer {
            cases: 20_000,
            rows: 80_000,
            import: 4.0,
            bare: [1.0, 2.0],
            importing: memory(30.0),
            export: 1.0,
            exporting: memory(39.0),
        }),
        grown: vec![
            grown(10_000, 2.0, 1.0),
            grown(1_003_000, 2.2, 20.0),
            grown(5_001_000, 2.6, 30.0),
        ],
        hour: vec![Minute { minute: 60, answered: 9, memory: memory(38.0) }],
        logged: 0,
        ..Outcome::new(database.to_owned(), "alone", tables)
    }
}

fn verdicts(outcome: &Outcome) -> Vec<(String, f64, &'static str)> {
    goals(outcome)
        .into_iter()
        .map(|goal| {
            let verdict = goal.verdict();
            (goal.what, (goal.value * 1000.0).round() / 1000.0, verdict)
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
fn everything_that_must_be_shown_is_held_to_its_goal() {
    let expected = [
        ("filing ÷ bare, 16 connections", 0.6, "missed"),
        ("p99 of filing ÷ bare, 16 connections", 1.0, "world-class"),
        ("filing ÷ bare, 64 connections", 1.3, "world-class"),
        ("p99 of filing ÷ bare, 64 connections", 1.0, "world-class"),
        ("one case ÷ its statements by pgbench", 0.8, "met"),
        ("filing into two cells ÷ into all", 0.99, "met"),
        ("import ÷ COPY, 20000 cases", 0.375, "missed"),
        ("memory of the import of 20000 cases", 32.0, "world-class"),
        ("memory of the export of 20000 cases", 41.0, "missed"),
        ("p50 of filing beside 1003000 cases ÷ beside the fewest", 1.1, "met"),
        ("p99 of worklists beside 1003000 cases", 9.0, "world-class"),
        ("2025 by four columns, of 1003000 cases", 20.0, "world-class"),
        ("2021 to 2025 by four columns, of 1003000 cases", 40.0, "world-class"),
        ("p50 of filing beside 5001000 cases ÷ beside the fewest", 1.3, "missed"),
        ("p99 of worklists beside 5001000 cases", 9.0, "world-class"),
        ("2025 by four columns, of 5001000 cases", 30.0, "world-class"),
        ("2021 to 2025 by four columns, of 5001000 cases", 60.0, "world-class"),
        ("a year of 5,000,000 cases ÷ of 1,000,000", 1.5, "missed"),
        ("start to ready", 90.0, "missed"),
        ("memory when idle", 20.0, "world-class"),
        ("memory after 100000 filings", 61.0, "missed"),
        ("memory after 60 minutes", 38.0, "world-class"),
        ("size of the binary", 30.0, "world-class"),
    ];
    let expected: Vec<_> =
        expected.map(|(what, value, verdict)| (what.to_owned(), value, verdict)).into();
    assert_eq!(verdicts(&outcome("PostgreSQL 15")), expected);
}

#[test]
fn each_database_is_held_to_its_own_goals() {
    let sqlite = verdicts(&outcome("SQLite 3"));
    assert_eq!(sqlite[0], ("filing ÷ bare, 16 connections".to_owned(), 0.6, "missed"));
    assert_eq!(sqlite[1], ("filing ÷ bare, 64 connections".to_owned(), 1.3, "missed"));
    assert!(!sqlite.iter().any(|(what, ..)| what.starts_with("p99 of filing ÷ bare")));
    assert!(sqlite.iter().any(|(what, ..)| what.starts_with("import ÷ a prepared loop")));
}

#[test]
fn nothing_measured_meets_no_goal() {
    let mut outcome = outcome("SQLite 3");
    outcome.process.as_mut().unwrap().starts.clear();
    let start = goals(&outcome).into_iter().find(|goal| goal.what == "start to ready");
    assert!(start.is_some_and(|goal| !goal.met()));
    let nothing = Outcome::new("SQLite 3".to_owned(), "alone", Vec::new());
    assert!(goals(&nothing).iter().all(|goal| !goal.met()));
}
