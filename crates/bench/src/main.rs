//! `avvikelse-bench`: how fast the service is beside the bare database, on this machine, now.
//!
//! It runs the release binary as an operator does, and knows nothing of what it is made of. See
//! `docs/performance.md`, which it writes.

mod bare;
mod brought;
mod captured;
mod command;
mod failure;
mod filing;
mod generate;
mod goals;
mod load;
mod machine;
mod markdown;
mod measure;
mod open;
mod outcome;
mod own;
mod parts;
mod person;
mod pgbench;
mod plan;
mod postgres;
mod report;
mod rows;
mod run;
mod sections;
mod service;
mod sqlite;
mod stage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

use crate::failure::{Context as _, Failure, Result};
use crate::machine::Machine;
use crate::own::Database;
use crate::plan::{Part, Plan};
use crate::postgres::Server;
use crate::report::Report;
use crate::service::Home;

/// Measures the service beside the bare database, on SQLite and PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "avvikelse-bench", version)]
struct Cli {
    /// Takes two minutes instead of some eight; the figures are rougher
    #[arg(long)]
    short: bool,
    /// Everything, at the sizes that goals are set for: hours, and room for ten million cases
    #[arg(long, conflicts_with = "short")]
    long: bool,
    /// Everything once, to see that it works: nothing is judged, and the page is not written
    #[arg(long, conflicts_with_all = ["short", "long", "gate", "write"])]
    smoke: bool,
    /// What is measured, by comma [default: all but cases and hour]
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    parts: Vec<Part>,
    /// For the part `cases`: how many there are, by comma; each is measured beside the first
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    cases: Vec<u64>,
    /// For the part `tenants`: how many, by comma
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    tenants: Vec<usize>,
    /// For the part `transfer`: how many cases
    #[arg(long, value_name = "NUMBER")]
    import: Option<u64>,
    /// For the part `open`: filings a second, by comma [default: half and four fifths of what is reached]
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    rate: Vec<f64>,
    /// For the part `hour`: how long
    #[arg(long, value_name = "NUMBER")]
    minutes: Option<u64>,
    /// Write the page [default: yes, with --short no]
    #[arg(long, overrides_with = "no_write")]
    write: bool,
    /// Do not write the page
    #[arg(long)]
    no_write: bool,
    /// The page
    #[arg(long, value_name = "FILE", default_value = "docs/performance.md")]
    page: PathBuf,
    /// Fail when a goal is missed that must be met
    #[arg(long)]
    gate: bool,
    /// One database only; the page is not written
    #[arg(long)]
    only: Option<Only>,
    /// The service [default: avvikelse, beside this program]
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Where databases are made; not in memory, for nothing is durable there
    #[arg(long, value_name = "DIR", default_value = "/var/tmp")]
    dir: PathBuf,
    /// A PostgreSQL to use, as one who may make databases and roles [default: one of its own]
    #[arg(long, env = "AVVIKELSE_BENCH_POSTGRES", hide_env_values = true, value_name = "URL")]
    postgres: Option<String>,
}

impl Cli {
    fn plan(&self) -> Plan {
        let mut plan = match (self.smoke, self.long, self.short) {
            (true, ..) => Plan::smoke(),
            (_, true, _) => Plan::long(),
            (.., true) => Plan::short(),
            _ => Plan::usual(),
        };
        if !self.parts.is_empty() {
            plan.parts = self.parts.iter().copied().collect();
        }
        if !self.cases.is_empty() {
            plan.cases.clone_from(&self.cases);
            plan.cases.sort_unstable();
            plan.parts.insert(Part::Cases);
        }
        if !self.tenants.is_empty() {
            plan.tenants.clone_from(&self.tenants);
        }
        if !self.rate.is_empty() {
            plan.rates.clone_from(&self.rate);
        }
        plan.import = self.import.unwrap_or(plan.import);
        plan.minutes = self.minutes.unwrap_or(plan.minutes);
        plan
    }

    /// Whether the page is written: a part of it would stand there for all of it.
    fn writes(&self) -> bool {
        let usual = !(self.short || self.smoke || self.no_write) && self.parts.is_empty();
        (self.write || usual) && self.only.is_none()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    Sqlite,
    Postgres,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("avvikelse-bench: {error}");
            return ExitCode::FAILURE;
        }
    };
    match LocalSet::new().block_on(&runtime, until_told(&cli)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("avvikelse-bench: a goal is missed");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("avvikelse-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs to the end, or until a signal: then, too, what was started is stopped.
async fn until_told(cli: &Cli) -> Result<bool> {
    let mut terminate = signal(SignalKind::terminate()).context("signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals")?;
    tokio::select! {
        done = bench(cli) => done,
        _ = terminate.recv() => Err(Failure::new("stopped")),
        _ = interrupt.recv() => Err(Failure::new("interrupted")),
    }
}

/// Measures, shows, and writes the page. False when a goal is missed and that counts.
async fn bench(cli: &Cli) -> Result<bool> {
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build: the load takes more of the machine than it should");
    }
    let plan = cli.plan();
    let binary = binary(cli)?;
    let scratch = tempfile::Builder::new()
        .prefix("avvikelse-bench.")
        .tempdir_in(&cli.dir)
        .context(cli.dir.display())?;
    let dir = scratch.path();
    let machine = Machine::this(dir).await?;
    let service = Home::new(&binary, dir, "").version().await?;
    let before = machine::load_average()?;
    let flushes = machine::flushes(dir, plan.warm_up.max(Duration::from_millis(200)))?;
    let mut outcomes = Vec::new();
    if cli.only != Some(Only::Postgres) {
        let dir = dir.join("sqlite");
        outcomes.push(run::run(&binary, &Database::Sqlite, &dir, &plan).await?);
        // Two databases of ten million cases need not lie beside each other.
        std::fs::remove_dir_all(&dir).context(dir.display())?;
    }
    if cli.only != Some(Only::Sqlite) {
        let server = Server::open(cli.postgres.clone(), &cli.dir).await?;
        let database = Database::Postgres(&server);
        outcomes.push(run::run(&binary, &database, &dir.join("postgres"), &plan).await?);
        server.close().await?;
    }
    let report = Report {
        machine: &machine,
        load: (before, machine::load_average()?),
        flushes,
        command: words(std::env::args().skip(1)),
        service,
        plan: &plan,
        outcomes: &outcomes,
    };
    let page = report.page();
    print!("{page}");
    if cli.writes() {
        std::fs::write(&cli.page, &page).context(cli.page.display())?;
        eprintln!("written: {}", cli.page.display());
    }
    Ok(!cli.gate || report.goals().iter().all(goals::Goal::met))
}

/// What was asked for, without where things lie on somebody's machine and without addresses.
fn words(args: impl Iterator<Item = String>) -> String {
    let (mut words, mut left_out) = ("just bench".to_owned(), false);
    for arg in args {
        let name = arg.split('=').next().unwrap_or_default();
        let hidden = ["--binary", "--dir", "--page", "--postgres"].contains(&name);
        if !(left_out || hidden) {
            words.push(' ');
            words.push_str(&arg);
        }
        left_out = hidden && name == arg;
    }
    words
}

/// The service that was built together with this program.
fn binary(cli: &Cli) -> Result<PathBuf> {
    let beside = || -> Result<PathBuf> {
        let own = std::env::current_exe().context("path of this program")?;
        Ok(own.parent().unwrap_or(Path::new(".")).join("avvikelse"))
    };
    let binary = cli.binary.clone().map_or_else(beside, Ok)?;
    if binary.is_file() {
        // It is started from other directories.
        return binary.canonicalize().context(binary.display());
    }
    let missing = binary.display();
    Err(Failure::new(format!("{missing} is missing; run: cargo build --release -p avvikelse")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cli(words: &[&str]) -> Cli {
        Cli::parse_from(["avvikelse-bench"].iter().chain(words))
    }

    #[test]
    fn a_part_is_measured_by_itself_and_does_not_become_the_page() {
        let asked = cli(&["--parts", "open,reading", "--rate", "500,900.5"]);
        assert_eq!(asked.plan().parts, [Part::Reading, Part::Open].into());
        assert_eq!(asked.plan().rates, [500.0, 900.5]);
        assert!(!asked.writes() && !cli(&["--smoke"]).writes());
        assert!(!cli(&["--short"]).writes() && cli(&["--short", "--write"]).writes());
        assert!(cli(&[]).writes() && cli(&["--long"]).writes());
        assert!(!cli(&["--only", "sqlite", "--write"]).writes());
    }

    #[test]
    fn sizes_that_are_named_are_measured() {
        let asked = cli(&["--cases", "1000000,10000", "--tenants", "3", "--import", "7"]);
        assert_eq!(asked.plan().cases, [10_000, 1_000_000]);
        assert!(asked.plan().has(Part::Cases) && asked.plan().has(Part::Filing));
        assert_eq!((asked.plan().tenants, asked.plan().import), (vec![3], 7));
    }

    #[test]
    fn the_command_is_told_without_addresses() {
        let args = "--long --postgres postgres://a:b@c --dir=/x --only sqlite".split(' ');
        assert_eq!(words(args.map(str::to_owned)), "just bench --long --only sqlite");
    }
}
