//! Whatever of the log reached the disk when the power went: is there a whole beginning of what was filed, and all
//! that was on the disk?

use std::path::Path;

use domain::ids::CaseId;
use store::{Error, check_file};

use crate::books::{read, whole_cases};
use crate::http::Connection;
use crate::load::Filing;
use crate::program::Home;
use crate::times;

/// How many are filed: the log is not folded into the file meanwhile.
const FILED: usize = 40;

/// A filing, and how long the log was when it was acknowledged.
struct Acknowledged {
    filing: Filing,
    log: u64,
}

#[test]
fn a_log_cut_or_torn_anywhere_leaves_a_whole_beginning_of_what_was_filed() {
    let home = Home::new();
    let file = home.file().expect("a file");
    let log = file.with_extension("db-wal");
    let served = home.serve();
    let mut connection = Connection::new(&home.address, &home.token("anna"));
    let length = || std::fs::metadata(&log).expect("a log").len();
    let base = std::fs::read(file).expect("the file");
    let mut acknowledged = Vec::new();
    for _ in 0..FILED {
        let filing = Filing { draft: false, wrong: false, ..Filing::new() };
        assert_eq!(filing.send(&mut connection).expect("an answer").status, 201);
        acknowledged.push(Acknowledged { filing, log: length() });
    }
    served.kill();
    // Before it is folded in, all of the log is synced: a cut would be none that can be.
    assert!(std::fs::read(file).expect("the file") == base, "the log was folded into the file");
    let written = std::fs::read(&log).expect("the log");
    for nth in 0..times(40, 1_000) {
        let place = uuid::Uuid::new_v4().as_u64_pair().0 >> 16;
        let at = usize::try_from(place).expect("a number") % (written.len() + 1);
        let mut torn = written[..at].to_vec();
        // Now the rest never came; now the file had grown already, and holds nothing, or anything.
        match nth % 3 {
            0 => {}
            1 => torn.resize(written.len(), 0),
            _ => torn.resize_with(written.len(), || uuid::Uuid::new_v4().as_bytes()[0]),
        }
        let dir = tempfile::tempdir().expect("a directory");
        let after = Home::bare(dir.path());
        after.takes_the_keys_of(&home);
        let copy = after.file().expect("a file");
        std::fs::write(copy, &base).expect("the file");
        std::fs::write(copy.with_extension("db-wal"), torn).expect("a log");
        holds(&after, &acknowledged, u64::try_from(at).expect("a length"));
    }
}

/// Holds what is left to what was filed, when `kept` bytes of the log reached the disk.
fn holds(home: &Home, acknowledged: &[Acknowledged], kept: u64) {
    let ids: Vec<CaseId> = acknowledged.iter().map(|it| CaseId(it.filing.id)).collect();
    let there: Vec<bool> = read(home, move |tx| {
        let is = |id| match tx.case(id) {
            Ok(_) => Ok(true),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        };
        ids.into_iter().map(is).collect()
    });
    let first = there.iter().take_while(|there| **there).count();
    assert!(!there[first..].contains(&true), "not a beginning: {kept} bytes, {there:?}");
    let on_disk = acknowledged.iter().take_while(|it| it.log <= kept).count();
    assert!(first >= on_disk, "{kept} bytes of the log hold {on_disk}, {first} are there");
    assert_eq!(usize::try_from(whole_cases(home)).expect("a number"), first);
    let file: &Path = home.file().expect("a file");
    check_file(file).unwrap_or_else(|error| panic!("{kept} bytes: {error}"));
}
