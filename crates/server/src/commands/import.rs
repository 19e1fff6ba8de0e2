//! `avvikelse import`: files of another system into a tenant.

use std::path::{Path, PathBuf};

use app::transfer::{ImportError, Imported, LineFault, Phase, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use uuid::Uuid;

use super::operator::{Operator, check_slug};
use crate::config::Config;
use crate::failure::Failure;

/// What, and where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Directory of the files
    dir: PathBuf,
    /// Short name of the tenant, which is made when there is none
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// Name of a tenant that is made [default: its short name]
    #[arg(long)]
    name: Option<String>,
}

/// Imports, and tells what came in.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    check_slug(&args.tenant)?;
    if !args.dir.is_dir() {
        return Err(Failure::usage(format!("{} is not a directory", args.dir.display())));
    }
    let operator = Operator::open(config).await?;
    let done = import(&operator, &args.dir, &args.tenant, args.name.as_deref()).await?;
    println!("{}", told(&args.tenant, &done));
    Ok(())
}

/// Imports the files, with a progress bar where somebody looks on.
pub async fn import(
    operator: &Operator,
    dir: &Path,
    slug: &str,
    name: Option<&str>,
) -> Result<Imported, Failure> {
    // Draws nothing unless stderr is a terminal.
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg:8} [{bar:40}] {percent:>3} % {elapsed}") {
        bar.set_style(style);
    }
    let progress = |progress: Progress| {
        bar.set_message(match progress.phase {
            Phase::Checking => "checking",
            Phase::Reading => "reading",
            Phase::Writing => "writing",
        });
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    };
    // Some bits of a UUID are always the same, each half has others.
    let seed = || Uuid::new_v4().as_u64_pair().0 ^ Uuid::new_v4().as_u64_pair().1;
    let result = app::transfer::import(
        &operator.store,
        slug,
        name,
        dir,
        operator.now,
        &Uuid::now_v7,
        &seed,
        &progress,
    )
    .await;
    bar.finish_and_clear();
    let imported = result.map_err(failure)?;
    if imported.tenant_created {
        let tenant = operator.tenant(slug).await?;
        operator.record(&tenant, "tenant.add", json!({ "slug": slug })).await?;
    }
    Ok(imported)
}

/// Tells every fault, one a line.
fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Refused(faults) => {
            for fault in &faults.kept {
                eprintln!("{}", line(fault));
            }
            if faults.more > 0 {
                eprintln!("and {} more", faults.more);
            }
            let count = faults.count();
            let faults = if count == 1 { "fault" } else { "faults" };
            Failure::new(format!("{count} {faults} in the files; nothing was imported"))
        }
        ImportError::Tenant(error) => error.into(),
        ImportError::Store(error) => error.into(),
        other => Failure::new(other.to_string()),
    }
}

/// As compilers tell faults, so that an editor can jump to them.
fn line(fault: &LineFault) -> String {
    let LineFault { file, line, column, reason, expected } = fault;
    match column {
        Some(column) => format!("{file}:{line}: {column}: {reason}; {expected}"),
        None => format!("{file}:{line}: {reason}; {expected}"),
    }
}

/// What came in, in a sentence.
pub fn told(slug: &str, done: &Imported) -> String {
    let mut parts = Vec::new();
    for (new, already, what) in [
        (done.units, 0, "units"),
        (done.staff, done.staff_already, "staff"),
        (done.grants, done.grants_already, "grants"),
        (done.cases, done.cases_already, "cases"),
        (done.forwardings, done.forwardings_already, "forwardings"),
        (done.escalations, done.escalations_already, "escalations"),
    ] {
        match (new, already) {
            (0, 0) => {}
            (new, 0) => parts.push(format!("{new} {what}")),
            (new, already) => parts.push(format!("{new} {what} ({already} were there already)")),
        }
    }
    if done.cases_repeated > 0 {
        parts.push(format!("{} lines of cases said the same as one before", done.cases_repeated));
    }
    if parts.is_empty() {
        parts.push("nothing".to_owned());
    }
    format!("imported into {slug}: {}", parts.join(", "))
}
