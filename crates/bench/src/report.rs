//! What came out, as a page to read.

use crate::goals::{Goal, goals};
use crate::machine::Machine;
use crate::markdown::{ms, round, short, table};
use crate::measure::Sample;
use crate::outcome::Outcome;
use crate::plan::{Part, Plan};
use crate::sections::section;

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

/// How this program was built, and the service with it.
const BUILD: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

const INTRODUCTION: &str = "# Performance

Written by `just bench`; edit `crates/bench/src/report.rs`, not this page.

";

const HOW_TO_READ: &str = "## How to read this

- **Only ratios inside one run mean anything.** The machine is shared, the disk is virtual, and the load comes from the
  same processors: the same thing measured twice differs by 30 %. So the bare database is measured in the same run, just
  before and just after the service, and the service is divided by the mean of both. Never compare rates of two runs.
- **One filing** is `POST /api/v1/cases` of a report with a description of some 350 characters, one word in seven of which
  stands in no other, by a known reporter without a role, about nobody in particular, with an `Idempotency-Key` of its
  own, for each unit in turn; answered with 201 when it is on the disk. One other answer ends the run.
- **Bare** is the same rows without the service: read back after a filing, and written again as plain INSERTs, with new
  ids, numbers and keys, in a copy of the same database with the same indexes and constraints. PostgreSQL: `pgbench -M
  prepared`, BEGIN, an INSERT a row, COMMIT, each a round trip, as a superuser, whom row-level security does not ask.
  SQLite: one connection, statements prepared once, WAL, `synchronous = FULL`, one commit a filing.
- On PostgreSQL the service is a role that owns nothing, with row-level security.
- More than 1 is possible: the service may write in fewer round trips, or many filings in one commit.
- Latencies are milliseconds as the client sees them, with as many connections busy as are named. The bare SQLite always
  has one connection that waits for nobody, so its latencies are a floor and no yardstick for 64 connections.
- **Readings by pgbench** are the statements that the service sends for the same request, as the server wrote them down, with
  the values of that request and the entry that a reading leaves, under the same role and row-level security.
- **Filings that leave whatever comes back** leave at even distances, whether those before them are answered or not; what is
  told is counted from when they should have left. The clock of the load tells milliseconds, so up to one of it is the
  load's own.
- **Filings into two cells** are of one unit and two categories: a row that all of them had to change would hold them up. The
  fact is a row of every filing; what that row costs the bare database (one statement on PostgreSQL) stands beside it.
- **Import** is `avvikelse import` from the start of the process to its end, checking included; bare is COPY, or a loop of
  prepared INSERTs, of the rows it wrote, table by table in one transaction, with all constraints and indexes.
- **Many cases** are copies of the demo's, in six years and up to a hundred towns with units of their own; a few in a
  thousand are open. Filing beside them is measured between two measurings beside the fewest.
- Figures by GROUP BY are one statement over `case_facts` that counts the same cases, without names, order or JSON; of five
  years with the year before the first, which is compared with.

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
        page += &self.left_out();
        page += HOW_TO_READ;
        for outcome in self.outcomes {
            page += &section(outcome);
        }
        // One line break at the end.
        format!("{}\n", page.trim_end())
    }

    /// What was not measured this time, and how it is.
    fn left_out(&self) -> String {
        let missing: Vec<_> = Part::all()
            .into_iter()
            .filter(|part| !self.plan.has(*part))
            .map(|part| format!("`{}`", part.name()))
            .collect();
        if missing.is_empty() {
            return String::new();
        }
        format!(
            "Not measured this time: {}; `just bench --parts …`, or `--long` for everything.\n\n",
            missing.join(", ")
        )
    }

    fn run(&self) -> String {
        let Machine { cores, cpu, memory, kernel, file_system, rustc, date } = self.machine;
        let flushes = self.flushes;
        let databases: Vec<_> = self.outcomes.iter().map(|it| it.database.as_str()).collect();
        let rows = [
            ("Command", format!("`{}`", self.command)),
            ("Date", date.clone()),
            ("Service", format!("{}, {} build, {rustc}", self.service, BUILD)),
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
                    self.plan.filing.as_secs_f64(),
                    self.plan.warm_up.as_secs_f64(),
                    self.plan.reading.as_secs_f64()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goals::tests::outcome;

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
        let plan = Plan::usual();
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
            "2 processors (a processor), 8000 MiB, Linux 6",
            "4400 times a second, p99 0.50 ms",
            "0.10 before, 2.20 after",
            "≥ 1.20",
            "missed",
            "## PostgreSQL 15",
            "Not measured this time: `cases`, `hour`;",
        ] {
            assert!(page.contains(part), "{part} is missing:\n{page}");
        }
        assert_eq!(report.goals().len(), 44);
        assert!(!page.contains("was busy"), "{page}");
        assert!(page.ends_with("|\n"), "{page}");
        let busy = Report { load: ("1.50".to_owned(), "2.20".to_owned()), ..report };
        assert!(busy.page().contains("(load average 1.50 on 2 processors)"));
    }
}
