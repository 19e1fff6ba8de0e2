//! The chain over audit and access entries: the tasks that lengthen it and that write down where it ends.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::App;
use app::chain::{Chaining, SignedHead};
use domain::calendar::swedish_date;

use crate::failure::Failure;
use crate::telemetry;

/// How often it is looked whether a day's heads are exported.
const EXPORT_EVERY: Duration = Duration::from_secs(15 * 60);

/// Links what was changed and read.
pub(crate) async fn link_entries(app: Arc<App>, every: Duration) {
    let mut chaining = Chaining::default();
    loop {
        if let Err(error) = chaining.turn(&app).await {
            tracing::warn!(%error, "could not link entries; trying again");
        }
        telemetry::unlinked(chaining.waiting());
        tokio::time::sleep(every).await;
    }
}

/// Writes down each day where the chains end.
pub(crate) async fn export_heads(app: Arc<App>, dir: PathBuf) {
    loop {
        match export_today(&app, &dir).await {
            Ok(None) => {}
            Ok(Some(file)) => tracing::info!(file = %file.display(), "exported where chains end"),
            Err(error) => {
                tracing::error!(%error, "could not export where chains end; trying again")
            }
        }
        tokio::time::sleep(EXPORT_EVERY).await;
    }
}

/// The file of today, unless it is there.
async fn export_today(app: &App, dir: &Path) -> Result<Option<PathBuf>, Failure> {
    let file = dir.join(format!("chain-heads-{}.jsonl", swedish_date(app.now())));
    if file.exists() {
        return Ok(None);
    }
    let tenants = app.store.tenants().await?;
    if tenants.is_empty() {
        // A day's file is never written again; the first is that of the first tenant.
        return Ok(None);
    }
    let mut heads = Vec::new();
    for tenant in tenants {
        let head = app.signed_head(&tenant).await;
        heads.push(head.map_err(|error| Failure::new(error.to_string()))?);
    }
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", file.display()));
    Ok(write_new(&file, &lines(&heads)?).map_err(failed)?.then_some(file))
}

/// A line of JSON each.
pub(crate) fn lines(heads: &[SignedHead]) -> Result<String, Failure> {
    let mut text = String::new();
    for head in heads {
        let line = serde_json::to_string(head).map_err(|why| Failure::new(why.to_string()))?;
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

/// Makes a file that appears when it is whole; `false` when another instance was faster.
fn write_new(path: &Path, text: &str) -> std::io::Result<bool> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let written =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
    written.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    })?;
    // A link fails where there is a file; a rename would put it in its place.
    let made = std::fs::hard_link(&part, path);
    std::fs::remove_file(&part)?;
    match made {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error),
    }
    if let Some(dir) = path.parent() {
        File::open(dir)?.sync_all()?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_file_and_it_is_never_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("chain-heads-2026-03-10.jsonl");
        assert!(write_new(&path, "one\n").unwrap());
        assert!(!write_new(&path, "two\n").unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
