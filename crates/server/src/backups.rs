//! The copies that `backup` makes in a directory: their names, which is the newest, which go.

use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime;

/// What the names begin and end with.
const NAME: (&str, &str) = ("avvikelse-", ".db");
/// The moment in between, in UTC: names sort by it.
const MOMENT: &str = "%Y%m%dT%H%M%SZ";
/// A file on its way to its name that was not written to for so long was left behind by a crash.
const LEFT_BEHIND: Duration = Duration::from_secs(60 * 60);

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

/// Whether a file holds the keys of records that belong to a copy, whether or not that is there still.
fn is_keys(name: &str) -> bool {
    name.strip_prefix(NAME.0).is_some_and(|rest| rest.ends_with(".db.keys"))
}

/// Whether a file is a copy, or keys, on the way to their name, or what SQLite kept beside one.
fn is_part(name: &str) -> bool {
    name.strip_prefix(NAME.0)
        .is_some_and(|rest| rest.contains(".db.part") || rest.contains(".db.keys.part"))
}

fn is_left_behind(file: &DirEntry) -> bool {
    let written = file.metadata().and_then(|it| it.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_BEHIND))
}

fn remove(file: &Path) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the oldest copies, so that `keep` stay with the one that was just written, whatever the clock said of it; the
/// keys of records of all others, so that who is erased opens in no copy; and what a crash left behind. While identities
/// are `locked`, keys stay that are more than those of the new copy: some may be the only ones.
///
/// # Errors
/// When one cannot be removed.
pub fn prune(dir: &Path, keep: usize, newest: &Path, locked: bool) -> io::Result<usize> {
    let its_keys = keys_beside(newest);
    let now = its_keys.metadata().map_or(0, |keys| keys.len());
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(text) = name.to_str() else { continue };
        let another = is_keys(text) && its_keys.file_name() != Some(name.as_os_str());
        let old_keys = another && !(locked && entry.metadata()?.len() > now);
        if old_keys || (is_part(text) && is_left_behind(&entry)) {
            remove(&entry.path())?;
        }
    }
    let mut others = all(dir)?;
    others.retain(|kept| kept.path.file_name() != newest.file_name());
    let over = others.len().saturating_sub(keep.saturating_sub(1));
    for kept in others.iter().take(over) {
        remove(&kept.path)?;
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
        // Keys of copies that are no more, too; and what is on its way stays for an hour.
        for gone in ["avvikelse-20251230T000000Z.db.keys", "avvikelse-2025-12-30.db.keys"] {
            std::fs::write(dir.path().join(gone), "").unwrap();
        }
        for part in ["avvikelse-20251230T000000Z.db.part-wal", "avvikelse-x.db.keys.part"] {
            let file = std::fs::File::create(dir.path().join(part)).unwrap();
            let written = file.metadata().unwrap().modified().unwrap();
            file.set_modified(written - 2 * LEFT_BEHIND).unwrap();
        }
        assert_eq!(prune(dir.path(), 2, &newest.path, false).unwrap(), 1);
        let left: Vec<_> = all(dir.path()).unwrap().into_iter().map(|kept| kept.at).collect();
        assert_eq!(left, [at("2026-03-01T08:00:00Z"), at("2026-03-01T08:15:00Z")]);
        assert!(keys_beside(&dir.path().join(name(left[1]))).exists());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 6);
        assert_eq!(prune(dir.path(), 2, &newest.path, false).unwrap(), 0);
    }

    #[test]
    fn keys_that_may_be_the_only_ones_stay_while_identities_are_locked() {
        let dir = tempfile::tempdir().unwrap();
        let path = |moment: &str| dir.path().join(name(moment.parse().unwrap()));
        let (before, between, newest) = (
            path("2026-03-01T08:00:00Z"),
            path("2026-03-01T08:15:00Z"),
            path("2026-03-01T08:30:00Z"),
        );
        for (copy, keys) in [(&before, "a key\n"), (&between, ""), (&newest, "")] {
            std::fs::write(copy, "").unwrap();
            std::fs::write(keys_beside(copy), keys).unwrap();
        }
        assert_eq!(prune(dir.path(), 1, &newest, true).unwrap(), 2);
        assert!(keys_beside(&before).exists() && !keys_beside(&between).exists());
        assert_eq!(prune(dir.path(), 1, &newest, false).unwrap(), 0);
        assert!(!keys_beside(&before).exists() && keys_beside(&newest).exists());
    }

    #[test]
    fn the_copy_just_written_stays_although_the_clock_went_back() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = |text: &str| dir.path().join(name(at(text)));
        let written = path("2026-03-01T08:00:00Z");
        let ahead = [path("2027-03-01T08:00:00Z"), path("2027-03-01T08:15:00Z")];
        for copy in ahead.iter().chain([&written]) {
            std::fs::write(copy, "").unwrap();
            std::fs::write(keys_beside(copy), "").unwrap();
        }
        assert_eq!(prune(dir.path(), 2, &written, false).unwrap(), 1);
        assert!(written.exists() && keys_beside(&written).exists());
        assert!(!ahead[0].exists() && ahead[1].exists());
        assert!(ahead.iter().all(|copy| !keys_beside(copy).exists()));
        assert_eq!(prune(dir.path(), 1, &written, false).unwrap(), 1);
        assert!(written.exists() && !ahead[1].exists());
    }
}
