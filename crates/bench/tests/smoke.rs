//! Does the benchmark work? Everything is measured once, as shortly as it can be; how fast it was, nobody
//! asks here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the page of one database tells, a heading of each part.
const PARTS: [&str; 17] = [
    "## Goals",
    "Service ÷ bare",
    "one case with all that is on it, by MAS",
    "the worklist of a unit manager",
    "2021 to 2025",
    "the report of 2025",
    "Four readings in five requests",
    "p99 ms from when they left",
    "filings into two cells",
    "a filing about a new person, and a photo of 2 MB",
    "cases ended by 4 a request",
    "import of 300 cases",
    "export of 300 cases",
    "Tenants, 16 connections",
    "p50 beside the fewest",
    "the worklists of unit managers",
    "Memory after 1 minutes",
];

/// The service that was built with these tests.
fn service() -> PathBuf {
    let built = std::env::var_os("AVVIKELSE_TEST_PROGRAM").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_BIN_EXE_avvikelse-bench")).with_file_name("avvikelse");
    let service = built.unwrap_or(beside);
    assert!(service.is_file(), "{}: run cargo build -p avvikelse", service.display());
    service
}

/// The page that a smoke run over one database prints.
fn page(only: &str) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    let page = dir.path().join("page.md");
    let mut run = Command::new(env!("CARGO_BIN_EXE_avvikelse-bench"));
    run.args(["--smoke", "--only", only, "--page"]).arg(&page).arg("--binary").arg(service());
    // The user postgres must reach it.
    run.arg("--dir").arg(std::env::temp_dir());
    let done = run.stdin(Stdio::null()).output().expect("the benchmark runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(!page.exists(), "what a smoke run measures is nobody's page");
    String::from_utf8(done.stdout).expect("text")
}

#[track_caller]
fn tells_everything(page: &str) {
    for part in PARTS {
        assert!(page.contains(part), "{part} is missing:\n{page}");
    }
    assert!(!page.contains("Not measured"), "{page}");
}

#[test]
fn everything_is_measured_on_sqlite() {
    tells_everything(&page("sqlite"));
}

#[test]
fn everything_is_measured_on_postgresql() {
    // In a cluster of its own, whose log it reads; what the other tests use says only that there is
    // one to be had.
    if std::env::var_os("AVVIKELSE_TEST_POSTGRES").is_none() {
        let required = std::env::var_os("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_some();
        assert!(!required, "PostgreSQL is required: set AVVIKELSE_TEST_POSTGRES");
        return;
    }
    let page = page("postgres");
    tells_everything(&page);
    assert!(page.contains("one case ÷ its statements by pgbench"), "{page}");
}
