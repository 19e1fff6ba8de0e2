//! A migration that is killed: whenever that was, the next start brings the database up, and nothing is lost.

use std::process::{Command, Stdio};

use domain::ids::{CaseId, TenantId};
use store::{Backend, check_file};
use uuid::Uuid;

#[path = "../../crates/store/tests/common/old_town.rs"]
mod old_town;

use old_town::{CASES, FIRST, TABLE, TENANT, filled, folders, script};

use crate::program::Home;
use crate::{between, times};

/// Runs SQL on a file as an earlier release would have, past the program.
fn execute(file: &std::path::Path, sql: &str) {
    let program = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.executescript(sys.stdin.read())\n";
    let mut python = Command::new("python3")
        .args(["-c", program])
        .arg(file)
        .stdin(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut input = python.stdin.take().expect("its input");
    std::io::Write::write_all(&mut input, sql.as_bytes()).expect("is taken");
    drop(input);
    assert!(python.wait().expect("its end").success());
}

#[test]
fn a_migration_killed_anywhere_is_taken_up_again_and_nothing_is_lost() {
    let dir = tempfile::tempdir().expect("a directory");
    let old = dir.path().join("old.db");
    let first: String = folders(Backend::Sqlite)[..2].iter().map(|folder| script(folder)).collect();
    execute(&old, &format!("{TABLE}\n{first}{}", filled(Backend::Sqlite)));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // The earlier release had made keys with its first tenant.
    let keys = Home::new();
    let mut broken = 0;
    for round in 0..times(20, 100) {
        let home = Home::bare(&dir.path().join(format!("{round}")));
        let file = home.file().expect("a file").to_owned();
        std::fs::copy(&old, &file).expect("copied");
        home.takes_the_keys_of(&keys);
        let migrating = home.begins(&["migrate"]);
        std::thread::sleep(between(0, 250));
        broken += usize::from(migrating.killed());
        home.says(&["migrate"]);
        let content = check_file(&file).unwrap_or_else(|error| panic!("{round}: {error}"));
        assert_eq!(content.cases(), i64::try_from(CASES).expect("few"), "{round}");
        let store = home.store();
        let tenant = TenantId(Uuid::from_u128(TENANT));
        let ids = (0..CASES).map(|at| CaseId(Uuid::from_u128(FIRST + at))).collect();
        let cases = runtime.block_on(store.read(tenant, move |tx| tx.cases(&ids)));
        let cases = cases.unwrap_or_else(|error: store::Error| panic!("{round}: {error}"));
        for (at, case) in cases.iter().enumerate() {
            assert_eq!(case.filing.description, format!("Fall nr {at}"), "{round}");
        }
    }
    println!("{broken} of {} were killed before their end", times(20, 100));
    assert!(broken > 0, "none was killed in the middle");
}
