//! What came out, as a page to read.

use crate::goals::{Goal, goals, p99_ratio, ratio};
use crate::machine::Machine;
use crate::measure::{Sample, median};
use crate::run::{Cube, Level, Outcome, Plan};

/// A whole run.
pub struct Report<'r> {
    /// On what.
    pub machine: &'r Machine,
    /// The load average before and after.
    pub load: (String, String),
    /// Appending 4 KiB and flushing.
    pub flushes: Sample,
    /// What was run, for whoever wants to run it again.
    pub command: String,
    /// What the binary calls itself.
    pub service: String,
    /// How much.
    pub plan: &'r Plan,
    /// Each database.
    pub outcomes: &'r [Outcome],
}

const INTRODUCTION: &str = "# Performance

Written by `just bench`; edit `crates/bench/src/report.rs`, not this page.

";

const HOW_TO_READ: &str = "## How to read this

- **Only ratios inside one run mean anything.** The machine is shared, the disk is virtual, and the load comes from the
  same processors: the same thing measured twice differs by 30 %. So the bare database is measured in the same run, just
  before and just after the service, and the service is divided by the mean of both. Never compare rates of two runs.
- **One filing** is `POST /api/v1/cases` of a report with a description of some 300 characters, by a known reporter
  without a role, about nobody in particular, with an `Idempotency-Key` of its own, for each unit in turn; answered with
  201 when it is on the disk. One other answer ends the run.
- **Bare** is the same rows without the service: read back after a filing, and written again as plain INSERTs, with new
  ids, numbers and keys, in a copy of the same database with the same indexes and constraints. PostgreSQL: `pgbench -M
  prepared`, BEGIN, an INSERT a row, COMMIT, each a round trip. SQLite: one connection, statements prepared once, WAL,
  `synchronous = FULL`, one commit a filing.
- More than 1 is possible: the service may write in fewer round trips, or many filings in one commit.
- Latencies are milliseconds as the client sees them, with as many connections busy as are named. The bare SQLite always
  has one connection that waits for nobody, so its latencies are a floor and no yardstick for 64 connections.
- A year by GROUP BY is one statement over `case_facts` that counts the same cases, without names, order or JSON.

";

impl Report<'_> {
    /// The goals of all databases.
    pub fn goals(&self) -> Vec<Goal> {
        self.outcomes.iter().flat_map(goals).collect()
    }

    /// The page.
    pub fn page(&self) -> String {
        let mut page = INTRODUCTION.to_owned();
        page += &self.run();
        page += "## Goals\n\n";
        page += &goal_table(&self.goals());
        page += HOW_TO_READ;
        for outcome in self.outcomes {
            page += &section(outcome);
        }
        // One line break at the end.
        format!("{}\n", page.trim_end())
    }

    fn run(&self) -> String {
        let Machine { cores, cpu, memory, kernel, file_system, rustc, date } = self.machine;
        let flushes = self.flushes;
        let databases: Vec<_> = self.outcomes.iter().map(|it| it.database.as_str()).collect();
        let rows = [
            ("Command", format!("`{}`", self.command)),
            ("Date", date.clone()),
            ("Service", format!("{}, release build, {rustc}", self.service)),
            ("Databases", databases.join(", ")),
            ("Machine", format!("{cores} processors ({cpu}), {memory} MiB, {kernel}")),
            (
                "Disk",
                format!(
                    "{file_system}; 4 KiB appended and flushed {:.0} times a second, p99 {} ms",
                    flushes.rate(),
                    ms(flushes.p99)
                ),
            ),
            ("Load average", format!("{} before, {} after", self.load.0, self.load.1)),
            (
                "Filing",
                format!(
                    "{} s each, after {} s to warm up; reading {} s each",
                    self.plan.seconds, self.plan.warm_up, self.plan.reading
                ),
            ),
        ];
        let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
        table(&["", ""], &rows) + &self.warning()
    }

    /// Others who compute meanwhile take more from the service, which needs two processors for
    /// itself and the load, than from a bare database that waits for the disk.
    fn warning(&self) -> String {
        let cores = u32::try_from(self.machine.cores).map_or(f64::INFINITY, f64::from);
        match self.load.0.parse::<f64>() {
            Ok(load) if load > cores / 2.0 => format!(
                "**The machine was busy with other things when this began** (load average {} on \
                 {cores} processors): the\nratios are lower than on a quiet one, and the rates much \
                 lower. Run it again.\n\n",
                self.load.0
            ),
            _ => String::new(),
        }
    }
}

fn goal_table(goals: &[Goal]) -> String {
    let rows: Vec<_> = goals
        .iter()
        .map(|goal| {
            let sign = if goal.more { "≥" } else { "≤" };
            let number = |value: f64| match goal.unit {
                "" => short(value),
                unit => format!("{}{unit}", round(value)),
            };
            vec![
                goal.database.clone(),
                goal.what.clone(),
                number(goal.value),
                format!("{sign} {}", number(goal.must)),
                format!("{sign} {}", number(goal.best)),
                goal.verdict().to_owned(),
            ]
        })
        .collect();
    table(&["Database", "What", "Is", "Must be", "World-class", ""], &rows)
}

fn section(outcome: &Outcome) -> String {
    let mut text = format!("## {}\n\n", outcome.database);
    text += &format!("A filing writes {} rows: {}. ", outcome.tables.len(), tables(outcome));
    text += &format!("Bare: {}.\n\n", outcome.bare);
    let rows: Vec<_> = outcome.levels.iter().map(level_row).collect();
    let heads = [
        "Connections",
        "Filings/s",
        "Bare before, after /s",
        "Service ÷ bare",
        "p50 ms",
        "p99 ms",
        "Bare p50",
        "Bare p99",
        "p99 ÷ bare",
    ];
    text += &table(&heads, &rows);
    let rows: Vec<_> = outcome
        .reads
        .iter()
        .map(|(kind, sample)| {
            vec![
                (*kind).to_owned(),
                format!("{:.0}", sample.rate()),
                ms(sample.p50),
                ms(sample.p99),
            ]
        })
        .collect();
    text += &table(&["Reading, 16 connections", "Requests/s", "p50 ms", "p99 ms"], &rows);
    let rows: Vec<_> = outcome.cubes.iter().map(cube_row).collect();
    let heads = [
        "A year by unit, category, law, month",
        "Cases",
        "Rows",
        "HTTP p50 ms",
        "GROUP BY p50 ms",
        "HTTP ÷ GROUP BY",
    ];
    text += &table(&heads, &rows);
    text += &processes(outcome);
    text
}

fn level_row(level: &Level) -> Vec<String> {
    let Level { connections, service, bare } = level;
    vec![
        connections.to_string(),
        format!("{:.0}", service.rate()),
        format!("{:.0}, {:.0}", bare.before.rate(), bare.after.rate()),
        format!("**{}**", short(ratio(level))),
        ms(service.p50),
        ms(service.p99),
        ms(bare.mean(|sample| sample.p50)),
        ms(bare.mean(|sample| sample.p99)),
        short(p99_ratio(level)),
    ]
}

fn cube_row(cube: &Cube) -> Vec<String> {
    let Cube { year, cases, rows, service, bare } = cube;
    vec![
        year.to_string(),
        cases.to_string(),
        rows.to_string(),
        ms(service.p50),
        ms(bare.p50),
        short(service.p50 / bare.p50),
    ]
}

fn processes(outcome: &Outcome) -> String {
    let starts: Vec<_> = outcome.starts.iter().map(|start| format!("{start:.0}")).collect();
    let (idle, loaded) = (outcome.idle, outcome.loaded);
    let rows = [
        (
            "Start to ready",
            format!(
                "{:.0} ms, the middle one of {}",
                median(&outcome.starts).unwrap_or(f64::NAN),
                starts.join(", ")
            ),
        ),
        ("Memory when idle", format!("{:.1} MiB", idle.resident)),
        (
            "Memory after filing",
            format!(
                "{:.1} MiB after {} filings, {:.1} MiB at most",
                loaded.resident, outcome.filings, loaded.peak
            ),
        ),
        ("Logged at `warn` or above", format!("{} lines", outcome.logged)),
    ];
    table(&["The process", ""], &rows.map(|(name, value)| vec![name.to_owned(), value]))
}

/// The tables, those with several rows with their number.
fn tables(outcome: &Outcome) -> String {
    let mut named: Vec<(&str, usize)> = Vec::new();
    for table in &outcome.tables {
        match named.iter_mut().find(|(name, _)| name == table) {
            Some((_, count)) => *count += 1,
            None => named.push((table, 1)),
        }
    }
    let one = |(name, count): &(&str, usize)| match count {
        1 => format!("`{name}`"),
        more => format!("`{name}` ({more})"),
    };
    named.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Milliseconds to three digits.
fn ms(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// A ratio to two digits, anything large to whole ones.
fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// To a tenth, which a whole number does without.
fn round(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// A table in Markdown, padded so that it can be read as it stands.
fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(String::as_str);
        cells.chain(heads.get(at).copied()).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..heads.len()).map(|at| width(at).max(3)).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<_> =
            cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let mut text = line(&mut heads.iter().copied());
    let dashes: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
    text += &line(&mut dashes.iter().map(String::as_str));
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goals::tests::outcome;

    #[test]
    fn a_table_is_as_wide_as_its_widest_cell() {
        let rows = [vec!["å".to_owned(), "12345".to_owned()]];
        let expected = "| a   | b     |\n| --- | ----- |\n| å   | 12345 |\n\n";
        assert_eq!(table(&["a", "b"], &rows), expected);
    }

    #[test]
    fn numbers_have_no_more_digits_than_they_are_worth() {
        assert_eq!([ms(0.123), ms(12.34), ms(512.3)], ["0.12", "12.3", "512"]);
        assert_eq!([short(0.666), short(123.4)], ["0.67", "123"]);
        assert_eq!([round(40.0), round(47.37)], ["40", "47.4"]);
    }

    #[test]
    fn the_page_tells_ratios_goals_and_machine() {
        let machine = Machine {
            cores: 2,
            cpu: "a processor".to_owned(),
            memory: 8000,
            kernel: "Linux 6".to_owned(),
            file_system: "ext4".to_owned(),
            rustc: "rustc 1.95".to_owned(),
            date: "2026-03-10".to_owned(),
        };
        let plan =
            Plan { seconds: 10, warm_up: 3, reading: 5, filings: 50_000, starts: 5, counts: 30 };
        let outcomes = [outcome("SQLite 3"), outcome("PostgreSQL 15")];
        let report = Report {
            machine: &machine,
            load: ("0.10".to_owned(), "2.20".to_owned()),
            flushes: Sample { done: 4400, seconds: 1.0, p50: 0.2, p99: 0.5 },
            command: "just bench".to_owned(),
            service: "avvikelse 0.1.0".to_owned(),
            plan: &plan,
            outcomes: &outcomes,
        };
        let page = report.page();
        for part in [
            "| 16          | 2400      | 3000, 5000            | **0.60**       |",
            "A filing writes 2 rows: `cases`, `outbox`. Bare: alone.",
            "2 processors (a processor), 8000 MiB, Linux 6",
            "4400 times a second, p99 0.50 ms",
            "100 ms, the middle one of 90, 300, 100",
            "0.10 before, 2.20 after",
            "≥ 1.30",
            "missed",
            "## PostgreSQL 15",
        ] {
            assert!(page.contains(part), "{part} is missing:\n{page}");
        }
        assert_eq!(report.goals().len(), 11);
        assert!(!page.contains("was busy"), "{page}");
        assert!(page.ends_with("|\n"), "{page}");
        let busy = Report { load: ("1.50".to_owned(), "2.20".to_owned()), ..report };
        assert!(busy.page().contains("(load average 1.50 on 2 processors)"));
    }

    #[test]
    fn a_table_that_gets_several_rows_is_named_once() {
        let mut outcome = outcome("SQLite 3");
        outcome.tables.push("outbox".to_owned());
        assert_eq!(tables(&outcome), "`cases`, `outbox` (2)");
    }
}
