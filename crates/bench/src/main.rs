//! `avvikelse-bench`: how fast the service is beside the bare database, on this machine, now.
//!
//! It runs the release binary as an operator does, and knows nothing of what it is made of. See
//! `docs/performance.md`, which it writes.

mod bare;
mod command;
mod failure;
mod filing;
mod goals;
mod load;
mod machine;
mod measure;
mod pgbench;
mod postgres;
mod report;
mod rows;
mod run;
mod service;
mod sqlite;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

use crate::bare::Database;
use crate::failure::{Context as _, Failure, Result};
use crate::machine::Machine;
use crate::postgres::Server;
use crate::report::Report;
use crate::run::Plan;
use crate::service::Home;

/// Two and a half minutes of filing a database, and what belongs to it.
const LONG: Plan =
    Plan { seconds: 10, warm_up: 3, reading: 5, filings: 50_000, starts: 5, counts: 50 };
/// To see whether it works, and roughly where it stands.
const SHORT: Plan =
    Plan { seconds: 2, warm_up: 1, reading: 1, filings: 5_000, starts: 3, counts: 20 };

/// Measures the service beside the bare database, on SQLite and PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "avvikelse-bench", version)]
struct Cli {
    /// Takes one minute instead of some seven; the figures are rougher
    #[arg(long)]
    short: bool,
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
    /// A PostgreSQL to use [default: one of its own]
    #[arg(long, env = "AVVIKELSE_BENCH_POSTGRES", hide_env_values = true, value_name = "URL")]
    postgres: Option<String>,
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
    let plan = if cli.short { &SHORT } else { &LONG };
    let binary = binary(cli)?;
    let scratch = tempfile::Builder::new()
        .prefix("avvikelse-bench.")
        .tempdir_in(&cli.dir)
        .context(cli.dir.display())?;
    let dir = scratch.path();
    let machine = Machine::this(dir).await?;
    let service = Home::new(&binary, dir, "").version().await?;
    let before = machine::load_average()?;
    let flushes = machine::flushes(dir, Duration::from_secs(plan.warm_up))?;
    let mut outcomes = Vec::new();
    if cli.only != Some(Only::Postgres) {
        outcomes.push(run::run(&binary, &Database::Sqlite, &dir.join("sqlite"), plan).await?);
    }
    if cli.only != Some(Only::Sqlite) {
        let server = Server::open(cli.postgres.clone(), &cli.dir).await?;
        let database = Database::Postgres(&server);
        outcomes.push(run::run(&binary, &database, &dir.join("postgres"), plan).await?);
    }
    let report = Report {
        machine: &machine,
        load: (before, machine::load_average()?),
        flushes,
        command: format!("just bench{}", if cli.short { " --short" } else { "" }),
        service,
        plan,
        outcomes: &outcomes,
    };
    let page = report.page();
    print!("{page}");
    let write = cli.write || !(cli.short || cli.no_write);
    if write && cli.only.is_none() {
        std::fs::write(&cli.page, &page).context(cli.page.display())?;
        eprintln!("written: {}", cli.page.display());
    }
    Ok(!cli.gate || report.goals().iter().all(goals::Goal::met))
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
