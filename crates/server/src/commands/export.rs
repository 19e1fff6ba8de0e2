//! `avvikelse export`: a tenant's data as files.

use std::path::PathBuf;

use app::transfer::{ExportError, Exported, Format};
use clap::ValueEnum;
use serde_json::json;

use super::operator::Operator;
use crate::config::Config;
use crate::failure::Failure;

/// What, and where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Directory for the files, made for its owner alone unless it is there
    dir: PathBuf,
    /// Short name of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// Form of the files
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// The files an import reads
    Csv,
    /// One JSON object a case, with all that is kept of it but who it is about
    Ndjson,
}

/// Exports, and tells what was written and what was left out.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    let operator = Operator::open(config).await?;
    let tenant = operator.tenant(&args.tenant).await?;
    let (format, name) = match args.format {
        Form::Csv => (Format::Csv, "csv"),
        Form::Ndjson => (Format::Ndjson, "ndjson"),
    };
    let written = app::transfer::export(&operator.store, tenant.id, &args.dir, format).await;
    let done = written.map_err(|error| match error {
        ExportError::Store(error) => error.into(),
        other => Failure::new(format!("{}: {other}", args.dir.display())),
    })?;
    let details = json!({ "format": name, "cases": done.cases });
    operator.record(&tenant, "tenant.export", details).await?;
    println!("exported {} to {}: {}", tenant.slug, args.dir.display(), told(&done));
    Ok(())
}

fn told(done: &Exported) -> String {
    let mut parts = vec![format!("{} cases", done.cases)];
    for (count, what) in [
        (done.units, "units"),
        (done.staff, "staff"),
        (done.grants, "grants"),
        (done.forwardings, "forwardings"),
        (done.escalations, "escalations"),
        (done.drafts_left_out, "drafts left out"),
        (done.void_left_out, "void cases left out"),
        (done.codes_left_out, "codes that no list knows, left empty"),
        (done.staff_left_out, "people who have left, left out"),
        (done.grants_left_out, "grants that are over, left out"),
        (done.forwardings_left_out, "forwardings left out"),
        (done.escalations_left_out, "escalations left out"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join(", ")
}
