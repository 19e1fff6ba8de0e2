//! What was acknowledged stays, whatever happens to the process, the database, the disk: the real
//! program as a child process, under load, on both databases.
//!
//! `./test` runs the short forms. `AVVIKELSE_LONG=1` runs the long ones, which take many minutes;
//! see docs/guides/testing.md.

mod attachments;
mod backups;
mod books;
mod crash;
mod disk;
mod http;
mod instances;
mod load;
mod migrations;
mod once;
mod pitr;
mod postmaster;
mod power;
mod program;
#[allow(dead_code, reason = "shared with the tests of mail, each of which uses its part")]
#[path = "../mail/server.rs"]
mod server;
mod stop;
mod sync;
#[allow(dead_code, reason = "shared with the tests of mail, each of which uses its part")]
#[path = "../mail/town.rs"]
mod town;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often, in the short form and in the long one.
fn times(short: usize, long: usize) -> usize {
    if std::env::var_os("AVVIKELSE_LONG").is_some() { long } else { short }
}

/// A time between `from` and `to` milliseconds. Not the same each run: what a crash meets depends
/// on the machine anyway, and other moments find other faults.
fn between(from: u64, to: u64) -> Duration {
    let drawn = uuid::Uuid::new_v4().as_u64_pair().0 >> 16;
    Duration::from_millis(from + drawn % (to - from + 1))
}

/// Waits until something holds.
#[track_caller]
fn wait_until(what: &str, within: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
    begun.elapsed()
}

/// A number no other call in this process gets.
fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
