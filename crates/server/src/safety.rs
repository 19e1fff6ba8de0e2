//! What the service does not start with: settings under which what was answered may be lost, or read by others.
//! That the key files are their owner's alone, and no placeholders, is asked where they are read.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use store::{DatabaseUrl, Settings, Store};

use crate::config::Config;
use crate::failure::Failure;
use crate::serve::resolve;

/// The oldest PostgreSQL that is good enough, as it tells its version itself.
pub(crate) const POSTGRES: u32 = 140_000;

fn mode(path: &Path) -> u32 {
    path.metadata().map_or(0, |metadata| metadata.permissions().mode() & 0o777)
}

/// What to do about an operator's address that other machines reach without anybody having said so.
pub(crate) fn admin_reached(config: &Config) -> Option<&'static str> {
    let listen = config.admin_listen.as_deref().filter(|_| !config.admin_public)?;
    let reached = resolve("--admin-listen", listen).is_ok_and(|addr| !addr.ip().is_loopback());
    reached.then_some(
        "it shows metrics and what waits where to whoever asks: choose 127.0.0.1, or say --admin-public where a \
         firewall or network policy shuts others out",
    )
}

/// Whoever may come into a directory can read what in it is not its owner's alone.
fn files(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    let dir = &config.data_dir;
    if mode(dir) & 0o022 != 0 {
        faults.push(format!("others can write in {0}: run chmod 700 {0}", dir.display()));
    }
    if let DatabaseUrl::Sqlite(path) = &config.database_url {
        let entered = path.parent().is_some_and(|parent| mode(parent) & 0o011 != 0);
        for suffix in ["", "-wal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            let file = PathBuf::from(name);
            if entered && mode(&file) & 0o044 != 0 {
                faults.push(format!("others can read {0}: run chmod 600 {0}", file.display()));
            }
        }
    }
    faults
}

fn database(settings: &Settings) -> Vec<String> {
    let lost = "a crash could lose what was answered";
    match settings {
        Settings::Sqlite { journal_mode, synchronous_full, foreign_keys } => {
            let mut faults = Vec::new();
            if journal_mode != "wal" {
                faults.push(format!(
                    "journal_mode is {journal_mode}: move the database to a local file system"
                ));
            }
            if !synchronous_full {
                faults.push(format!("synchronous is not FULL: {lost}"));
            }
            if !foreign_keys {
                faults.push("foreign_keys is off".to_owned());
            }
            faults
        }
        Settings::Postgres {
            version,
            fsync,
            full_page_writes,
            synchronous_commit,
            now: _,
            wall: _,
        } => {
            let off = [
                ("fsync", !fsync),
                ("full_page_writes", !full_page_writes),
                ("synchronous_commit", synchronous_commit == "off"),
            ];
            let mut faults: Vec<String> = off
                .into_iter()
                .filter(|(_, off)| *off)
                .map(|(name, _)| format!("{name} is off: {lost}; turn it on in postgresql.conf"))
                .collect();
            if *version < POSTGRES {
                faults.push("PostgreSQL 14 or later is needed".to_owned());
            }
            faults
        }
    }
}

/// Refuses to start with settings that are not safe, all of them named at once.
///
/// # Errors
/// Which, with what to do; when the database does not answer.
pub(crate) async fn hold_safe(config: &Config, store: &Store) -> Result<(), Failure> {
    let mut faults = files(config);
    faults.extend(database(&store.settings().await?));
    if let Some(to_do) = admin_reached(config) {
        faults.push(format!("--admin-listen is reached from other machines: {to_do}"));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let told = faults.join("; ");
    if config.unsafe_settings {
        tracing::warn!("STARTED WITH UNSAFE SETTINGS (--unsafe-settings): {told}");
        return Ok(());
    }
    Err(Failure::usage(format!(
        "not started, since the settings are not safe: {told}. (--unsafe-settings starts all the same: for tests and \
         trying out, never with real data)"
    )))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use store::Wall;

    use super::*;

    fn server(fsync: bool, full_page_writes: bool, synchronous_commit: &str) -> Settings {
        Settings::Postgres {
            version: 150_004,
            fsync,
            full_page_writes,
            synchronous_commit: synchronous_commit.to_owned(),
            now: Timestamp::UNIX_EPOCH,
            wall: Wall {
                role: "avvikelse".to_owned(),
                bypasses: false,
                owns: false,
                open: Vec::new(),
            },
        }
    }

    #[test]
    fn each_setting_that_may_lose_something_is_named() {
        assert_eq!(database(&server(true, true, "on")), [""; 0]);
        assert_eq!(database(&server(true, true, "local")), [""; 0]);
        let faults = database(&server(false, false, "off"));
        for (fault, name) in faults.iter().zip(["fsync", "full_page_writes", "synchronous_commit"])
        {
            assert!(fault.starts_with(name), "{fault}");
        }
        assert_eq!(faults.len(), 3);
        let file = |journal: &str, full, keys| {
            database(&Settings::Sqlite {
                journal_mode: journal.to_owned(),
                synchronous_full: full,
                foreign_keys: keys,
            })
        };
        assert_eq!(file("wal", true, true), [""; 0]);
        assert_eq!(file("delete", false, false).len(), 3);
    }

    #[test]
    fn the_operators_address_is_public_only_where_somebody_said_so() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::local(dir.path()).unwrap();
        assert_eq!(admin_reached(&config), None);
        config.admin_listen = Some("0.0.0.0:0".to_owned());
        assert!(admin_reached(&config).is_some());
        config.admin_public = true;
        assert_eq!(admin_reached(&config), None);
        config.admin_listen = None;
        config.admin_public = false;
        assert_eq!(admin_reached(&config), None);
    }

    #[test]
    fn a_directory_or_database_open_to_others_is_told() {
        let chmod = |path: &Path, mode: u32| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let dir = tempfile::tempdir().unwrap();
        let config = Config::local(dir.path()).unwrap();
        let database = dir.path().join("avvikelse.db");
        std::fs::write(&database, "").unwrap();
        chmod(&database, 0o644);
        chmod(dir.path(), 0o700);
        assert_eq!(files(&config), [""; 0], "nobody else comes into the directory");
        chmod(dir.path(), 0o755);
        assert_eq!(files(&config).len(), 1);
        chmod(&database, 0o600);
        assert_eq!(files(&config), [""; 0]);
        chmod(dir.path(), 0o777);
        assert_eq!(files(&config).len(), 1);
    }
}
