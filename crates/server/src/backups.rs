//! The copies that `backup --every` makes: their names, which is the newest, which go.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime;

/// What the names begin and end with.
const NAME: (&str, &str) = ("avvikelse-", ".db");
/// The moment in between, in UTC: names sort by it.
const MOMENT: &str = "%Y%m%dT%H%M%SZ";

/// A copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it is.
    pub path: PathBuf,
    /// When it was begun.
    pub at: Timestamp,
}

impl Kept {
    /// How old it is; nothing, for one of a clock that went ahead.
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.at)).unwrap_or_default()
    }
}

/// The name of a copy begun at a moment.
pub fn name(at: Timestamp) -> String {
    let moment = strtime::format(MOMENT, at).unwrap_or_default();
    format!("{}{moment}{}", NAME.0, NAME.1)
}

fn moment(name: &str) -> Option<Timestamp> {
    let moment = name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?.strip_suffix('Z')?;
    let parsed = strtime::parse(MOMENT.strip_suffix('Z').unwrap_or(MOMENT), moment).ok()?;
    let civil = parsed.to_datetime().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp())
}

/// The copies of a directory, oldest first. Whatever else lies there is none of ours.
///
/// # Errors
/// When the directory cannot be read.
pub fn all(dir: &Path) -> io::Result<Vec<Kept>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if let Some(at) = name.to_str().and_then(moment) {
            found.push(Kept { path: entry.path(), at });
        }
    }
    found.sort_by_key(|kept| kept.at);
    Ok(found)
}

/// Where the keys of records lie that a backup does not hold.
pub fn keys_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".keys");
    name.into()
}

/// The newest copy of a directory.
///
/// # Errors
/// When the directory cannot be read.
pub fn newest(dir: &Path) -> io::Result<Option<Kept>> {
    Ok(all(dir)?.pop())
}

/// Removes the oldest copies, so that `keep` stay; and of all but the newest the keys of records that lie beside
/// them, so that who is erased opens in no copy.
///
/// # Errors
/// When one cannot be removed.
pub fn prune(dir: &Path, keep: usize) -> io::Result<usize> {
    let found = all(dir)?;
    let over = found.len().saturating_sub(keep);
    for (at, kept) in found.iter().enumerate() {
        if at + 1 < found.len() {
            match std::fs::remove_file(keys_beside(&kept.path)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if at < over {
            std::fs::remove_file(&kept.path)?;
        }
    }
    Ok(over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time_and_what_is_not_ours_stays() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(name(at("2026-03-01T08:05:09Z")), "avvikelse-20260301T080509Z.db");
        let dir = tempfile::tempdir().unwrap();
        for moment in ["2026-03-01T08:00:00Z", "2025-12-31T23:45:00Z", "2026-03-01T08:15:00Z"] {
            std::fs::write(dir.path().join(name(at(moment))), "").unwrap();
        }
        for moment in ["2025-12-31T23:45:00Z", "2026-03-01T08:00:00Z", "2026-03-01T08:15:00Z"] {
            std::fs::write(keys_beside(&dir.path().join(name(at(moment)))), "").unwrap();
        }
        for other in ["avvikelse.db", "avvikelse-20260301T080000Z.db.part", "avvikelse-x.db"] {
            std::fs::write(dir.path().join(other), "").unwrap();
        }
        let newest = newest(dir.path()).unwrap().unwrap();
        assert_eq!(newest.at, at("2026-03-01T08:15:00Z"));
        assert_eq!(newest.age(at("2026-03-01T08:20:00Z")), Duration::from_secs(300));
        assert_eq!(newest.age(at("2026-03-01T08:00:00Z")), Duration::ZERO);
        assert_eq!(prune(dir.path(), 2).unwrap(), 1);
        let left: Vec<_> = all(dir.path()).unwrap().into_iter().map(|kept| kept.at).collect();
        assert_eq!(left, [at("2026-03-01T08:00:00Z"), at("2026-03-01T08:15:00Z")]);
        assert!(keys_beside(&dir.path().join(name(left[1]))).exists());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 6);
        assert_eq!(prune(dir.path(), 2).unwrap(), 0);
    }
}
