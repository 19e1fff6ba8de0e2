//! A PostgreSQL of a test's own, to be crashed. The one that other tests share must not be.

use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A cluster; stopped and removed when dropped.
pub struct Cluster {
    port: u16,
    root: bool,
    dir: TempDir,
}

/// Whether tests are to run on PostgreSQL, as `testkit` has it: skipped is not passed.
pub fn wanted() -> bool {
    let wanted = std::env::var_os("AVVIKELSE_TEST_POSTGRES").is_some();
    let required = std::env::var_os("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_some();
    assert!(wanted || !required, "PostgreSQL is required: set AVVIKELSE_TEST_POSTGRES");
    wanted
}

impl Cluster {
    /// A new one, running.
    pub fn start() -> Self {
        // Not under TMPDIR: the user postgres must reach it.
        let dir = tempfile::Builder::new().prefix("avvikelse-crash.").tempdir_in("/tmp");
        let dir = dir.expect("a directory");
        let root = succeeds(Command::new("id").arg("-u")).trim() == "0";
        if root {
            succeeds(Command::new("chown").arg("postgres").arg(dir.path()));
        }
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let cluster = Self { port: free.expect("a free port").port(), root, dir };
        let data = cluster.data();
        // --no-sync spares the empty cluster a flush; what crashes here is never the machine.
        succeeds(cluster.tool("initdb").arg("-D").arg(data).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
        cluster.go_on();
        cluster
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("cluster")
    }

    /// A program of PostgreSQL, as a user that it runs as.
    fn tool(&self, name: &str) -> Command {
        let tool = find(name);
        let mut command = if self.root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(tool);
            command
        } else {
            Command::new(tool)
        };
        command.current_dir(self.dir.path());
        command
    }

    /// The address of its only database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it, again.
    pub fn go_on(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
             -c recovery_init_sync_method=syncfs -c shared_buffers=64MB",
            self.port
        );
        let log = self.dir.path().join("server.log");
        let mut start = self.tool("pg_ctl");
        start.args(["start", "-w", "-t", "60", "-o", &options, "-D"]).arg(self.data());
        succeeds(start.arg("-l").arg(log));
    }

    /// Ends it at once, as a crash would: the next start recovers from the log.
    pub fn crash(&self) {
        let mut stop = self.tool("pg_ctl");
        succeeds(stop.args(["stop", "-w", "-m", "immediate", "-D"]).arg(self.data()));
    }

    /// Ends every connection of the service.
    pub fn hang_up(&self) {
        let statement = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                         WHERE application_name = 'avvikelse'";
        succeeds(Command::new(find("psql")).args([&self.url(), "-qXtc", statement]));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.tool("pg_ctl");
        stop.args(["stop", "-w", "-m", "immediate", "-D"]).arg(self.data());
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// Debian keeps the server's programs out of PATH, a directory for each major version.
fn find(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    places.extend(versions.into_iter().rev());
    let found = places.iter().map(|place| place.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing: install PostgreSQL"))
}

/// Runs a command that must succeed, and tells what it printed. Its output goes to files, since a
/// server that it leaves behind would hold a pipe open.
fn succeeds(command: &mut Command) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    let file = |name: &str| File::create(dir.path().join(name)).expect("a file");
    let text = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap_or_default();
    command.stdin(Stdio::null()).stdout(file("out")).stderr(file("errors"));
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {}{}", text("out"), text("errors"));
    text("out")
}
