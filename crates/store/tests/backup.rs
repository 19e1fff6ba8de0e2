//! Backups of a SQLite file: whole although others write, and refused when they are damaged.

mod common;
#[path = "cases/samples.rs"]
#[allow(dead_code, unused_imports, reason = "the cases of another test")]
mod samples;

use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{TestDatabase, now, runtime, tenant};
use domain::case::{Case, Command, Event};
use domain::code_lists::CodeLists;
use domain::ids::{CaseId, TenantId};
use domain::statistics::Fact;
use samples::{Place, at, bare};
use store::{BackupError, Config, DatabaseUrl, Store, check_file, restore_file};
use tempfile::TempDir;

/// A case with all that filing leaves.
async fn file(store: &Store, tenant: TenantId, case: Case) {
    let fact = Fact::of(&case, &CodeLists::with_own(Vec::new()));
    let event = Event {
        command: Command::File,
        from: None,
        to: case.status(),
        changes: Vec::new(),
        reason: None,
    };
    let filed = store.write(tenant, move |tx| {
        tx.add_rows(|rows| rows.case(&case))?;
        tx.add_rows(|rows| rows.fact(&fact))?;
        tx.add_rows(|rows| rows.history((case.id, 1), &event, None, at(0), None))
    });
    filed.await.unwrap();
}

async fn set_up(database: &TestDatabase) -> (Store, TenantId, Place) {
    let store = database.open();
    store.migrate().await.unwrap();
    let tenant = tenant("test");
    store.insert_tenant(tenant.clone(), now()).await.unwrap();
    let place = Place::new(&store, tenant.id).await;
    (store, tenant.id, place)
}

/// A backup with this many cases, in a directory of its own.
fn backup_of(cases: u64) -> (TempDir, PathBuf) {
    let (database, directory) = (TestDatabase::sqlite(), tempfile::tempdir().unwrap());
    let path = directory.path().join("backup.db");
    runtime().block_on(async {
        let (store, tenant, place) = set_up(&database).await;
        for number in 0..cases {
            file(&store, tenant, bare(&place, number)).await;
        }
        store.backup_into(&path).await.unwrap();
    });
    (directory, path)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_under_writes_has_all_that_was_answered_before_it() {
    let (database, directory) = (TestDatabase::sqlite(), tempfile::tempdir().unwrap());
    let path = directory.path().join("backup.db");
    runtime().block_on(async {
        let (store, tenant, place) = set_up(&database).await;
        let answered: Arc<Mutex<Vec<CaseId>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..4_u64)
            .map(|writer| {
                let (store, place) = (store.clone(), place.clone());
                let (answered, stop) = (Arc::clone(&answered), Arc::clone(&stop));
                tokio::spawn(async move {
                    let mut number = writer * 1_000_000;
                    while !stop.load(Ordering::Relaxed) {
                        let case = bare(&place, number);
                        let id = case.id;
                        file(&store, tenant, case).await;
                        answered.lock().unwrap().push(id);
                        number += 1;
                    }
                })
            })
            .collect();
        while answered.lock().unwrap().len() < 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let before = answered.lock().unwrap().clone();
        let content = store.backup_into(&path).await.unwrap();
        let again = store.backup_into(&path).await.unwrap_err();
        assert!(matches!(again, BackupError::Exists(_)), "{again}");
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await.unwrap();
        }

        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(directory.path()), ["backup.db"]);
        assert_eq!(content.tenants.len(), 1);
        assert!(content.cases() >= i64::try_from(before.len()).unwrap(), "{content:?}");
        assert_eq!(content.newest(), Some(at(0)));
        assert_eq!(Some(content.schema), store.schema_version().await.unwrap());
        // The two bytes that say write-ahead log.
        let mut header = [0; 2];
        std::fs::File::open(&path).unwrap().read_exact_at(&mut header, 18).unwrap();
        assert_eq!(header, [2, 2]);

        let copy = Store::open(Config::new(DatabaseUrl::Sqlite(path.clone()))).unwrap();
        assert!(copy.pending_migrations().await.unwrap().is_empty());
        for id in before {
            let read = copy.read(tenant, move |tx| tx.case(id)).await;
            assert_eq!(read.unwrap().id, id);
        }
        file(&copy, tenant, bare(&place, 9_000_000)).await;
    });
}

#[test]
fn a_damaged_copy_is_refused() {
    let (directory, path) = backup_of(150);
    let sound = check_file(&path).unwrap();
    assert_eq!(sound.cases(), 150);
    let whole = std::fs::read(&path).unwrap();
    let refused = |damaged: &[u8]| {
        std::fs::write(&path, damaged).unwrap();
        let error = check_file(&path).unwrap_err();
        assert!(matches!(error, BackupError::Unsound(_)), "{error}");
        let target = directory.path().join("restored.db");
        assert!(restore_file(&path, &target).is_err());
        let left: Vec<_> =
            names(directory.path()).into_iter().filter(|name| name.contains("restored")).collect();
        assert!(left.is_empty(), "{left:?}");
    };
    // A page in the middle, the first one, and the end.
    for start in [whole.len() / 2 / 4096 * 4096, 0] {
        let mut flipped = whole.clone();
        flipped[start..start + 4096].iter_mut().for_each(|byte| *byte = !*byte);
        refused(&flipped);
    }
    refused(&whole[..whole.len() / 2]);
    refused(b"no database at all");
    refused(b"");
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(check_file(&path).unwrap(), sound);
}

#[test]
fn a_copy_that_lacks_a_row_is_refused() {
    use diesel::connection::SimpleConnection as _;
    use diesel::prelude::*;

    let (_directory, path) = backup_of(3);
    let sql = |sql: &str| {
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute(sql).unwrap();
    };
    sql("DELETE FROM case_facts WHERE case_id = (SELECT min(case_id) FROM case_facts)");
    let error = check_file(&path).unwrap_err().to_string();
    assert!(
        error.contains("test has 3 cases, 0 of them erased, 2 facts and the history of 3 cases"),
        "{error}"
    );
    sql("PRAGMA foreign_keys = OFF; DELETE FROM cases");
    let error = check_file(&path).unwrap_err().to_string();
    assert!(error.contains("foreign keys"), "{error}");
}

#[test]
fn a_backup_is_put_back_where_nothing_is() {
    let (directory, path) = backup_of(3);
    let target = directory.path().join("new.db");
    let log = directory.path().join("new.db-wal");
    std::fs::write(&log, "of an earlier database").unwrap();
    assert!(matches!(restore_file(&path, &target), Err(BackupError::Exists(_))));
    std::fs::remove_file(&log).unwrap();
    assert_eq!(restore_file(&path, &target).unwrap().cases(), 3);
    assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(restore_file(&path, &target), Err(BackupError::Exists(_))));
    // A file in use would lack what lies in its log.
    std::fs::write(directory.path().join("backup.db-wal"), "something").unwrap();
    let other = directory.path().join("other.db");
    assert!(matches!(restore_file(&path, &other), Err(BackupError::Unsound(_))));
    assert!(!other.exists());
}

#[test]
fn the_settings_are_told() {
    common::on_each_database(|store, _| async move {
        let settings = store.settings().await.unwrap();
        match settings {
            store::Settings::Sqlite { journal_mode, synchronous_full, foreign_keys } => {
                assert!(journal_mode == "wal" && synchronous_full && foreign_keys);
            }
            store::Settings::Postgres { version, synchronous_commit, now, .. } => {
                assert!(version > 90_000 && synchronous_commit != "off" && now > at(-24));
            }
        }
        let target = tempfile::tempdir().unwrap();
        let backup = store.backup_into(&target.path().join("a")).await;
        assert_eq!(backup.is_ok(), store.backend() == store::Backend::Sqlite);
    });
    assert!(store::free_space(Path::new("/")).unwrap() > 0);
}
