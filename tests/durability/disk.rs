//! Does a full disk lose anything, and does the service find its way back by itself?

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::books::balance;
use crate::http::Connection;
use crate::load::{Filing, Load};
use crate::program::{Home, LEAST_ROOM, Served};
use crate::{times, wait_until};

/// How many filings are turned away before there is room again.
const TURNED_AWAY: usize = 100;
/// How long the service may take to write again.
const WRITES_WITHIN: Duration = Duration::from_secs(5);
/// Size of the disk, in MiB: the program's files, its log at its usual length, and some more.
const DISK: usize = 24;

/// On a disk of its own, which only root may mount. Where that is not allowed, the test after this
/// one meets the same code of SQLite by other errors.
#[test]
fn a_full_disk_turns_filings_away_loses_none_and_they_go_on_when_there_is_room() {
    let dir = tempfile::tempdir().expect("a directory");
    let Some(disk) = Disk::mount(dir) else {
        eprintln!("no disk may be mounted here: only the limit on files is tried");
        return;
    };
    let home = Home::on_sqlite(&disk.path);
    let ballast = disk.path.join("ballast");
    run_out_of_room(
        &home,
        home.serve(),
        |_| {
            let mut file = File::create(&ballast).expect("a file");
            // Until not a byte more is taken.
            for block in [vec![0; 64 * 1024], vec![0; 512], vec![0]] {
                while file.write(&block).is_ok_and(|written| written > 0) {}
            }
        },
        |_| std::fs::remove_file(&ballast).expect("removed"),
    );
}

/// With less room than is asked for and more than a filing needs: whoever shares out the load learns in good time.
#[test]
fn a_disk_that_fills_up_turns_readiness_red_before_a_filing_is_turned_away() {
    let dir = tempfile::tempdir().expect("a directory");
    let Some(disk) = Disk::mount(dir) else {
        eprintln!("no disk may be mounted here: not tried");
        return;
    };
    let home = Home::on_sqlite(&disk.path);
    let ballast = disk.path.join("ballast");
    let _served = home.serve();
    let token = home.token("anna");
    let mut connection = Connection::new(&home.address, &token);
    let ready = |connection: &mut Connection| connection.get("/readyz").expect("an answer").status;
    assert_eq!(ready(&mut connection), 200);
    let mut file = File::create(&ballast).expect("a file");
    let free = || store::free_space(home.data()).expect("the disk says") >> 10;
    while free() >= LEAST_ROOM << 10 {
        file.write_all(&[0; 64 * 1024]).expect("there is room");
    }
    assert_eq!(ready(&mut connection), 503, "{} KiB are free", free());
    let filing = Filing { draft: false, wrong: false, ..Filing::new() };
    assert_eq!(filing.send(&mut connection).expect("an answer").status, 201);
    // What is open keeps its room.
    drop(file);
    std::fs::remove_file(&ballast).expect("removed");
    assert_eq!(ready(&mut connection), 200);
}

#[test]
fn files_that_may_not_grow_turn_filings_away_lose_none_and_they_go_on_when_there_is_room() {
    let home = Home::new();
    let limited = "trap '' XFSZ; exec \"$0\" \"$@\"";
    let served = home.serve_through(&["bash", "-c", limited], 0);
    let limit = |served: &Served, size: &str| {
        let pid = served.pid().to_string();
        let mut prlimit = Command::new("prlimit");
        prlimit.args(["--pid", &pid, &format!("--fsize={size}")]);
        assert!(prlimit.status().expect("prlimit").success());
    };
    run_out_of_room(
        &home,
        served,
        |served| limit(served, "65536:"),
        |served| limit(served, "unlimited:"),
    );
}

fn run_out_of_room(home: &Home, served: Served, fill: impl Fn(&Served), free: impl Fn(&Served)) {
    let token = home.token("anna");
    let load = Load::start(&home.address, &token);
    let goes_on = || {
        let before = load.acknowledged();
        wait_until("filings are acknowledged", WRITES_WITHIN, || load.acknowledged() > before + 20)
    };
    goes_on();
    let mut reader = Connection::new(&home.address, &token);
    for _ in 0..times(2, 20) {
        fill(&served);
        let before = load.turned_away();
        wait_until("filings are turned away", Duration::from_secs(30), || {
            load.turned_away() > before + TURNED_AWAY
        });
        for path in ["/api/v1/cases", "/api/v1/units", "/api/v1/me"] {
            for _ in 0..10 {
                let answer = reader.get(path).expect("an answer");
                assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            }
        }
        free(&served);
        let took = goes_on();
        eprintln!("writes went on {took:?} after there was room");
    }
    let ledger = load.finish();
    eprintln!("{} acknowledged", ledger.acknowledged.len());
    served.stop();
    balance(home, "anna", &ledger);
}

/// A file system of a fixed size; gone when dropped.
struct Disk {
    path: PathBuf,
    _dir: TempDir,
}

impl Disk {
    /// `None` where it is not allowed.
    fn mount(dir: TempDir) -> Option<Self> {
        let size = format!("size={DISK}m,mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "avvikelse-test"]).arg(dir.path());
        let done = mount.stderr(Stdio::null()).status();
        let path = dir.path().to_owned();
        done.is_ok_and(|status| status.success()).then_some(Self { path, _dir: dir })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also while something on it is still open.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
