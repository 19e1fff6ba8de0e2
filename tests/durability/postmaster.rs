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
        Self::set_up(false)
    }

    /// A new one, running, that archives its log.
    pub fn archiving() -> Self {
        Self::set_up(true)
    }

    fn set_up(archives: bool) -> Self {
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
        if archives {
            let archive = cluster.archive();
            succeeds(cluster.tool("mkdir").arg(&archive));
            let path = archive.display();
            // As the guide has it: never over a file that is there.
            let more = format!(
                "wal_level = replica\narchive_mode = on\narchive_command = 'test ! -f {path}/%f && cp %p {path}/%f'\n\
                 max_wal_senders = 3\n"
            );
            cluster.configure(&cluster.data(), &more);
        }
        cluster.go_on();
        cluster
    }

    fn archive(&self) -> PathBuf {
        self.dir.path().join("archive")
    }

    /// Adds lines to the settings of a cluster in `data`.
    fn configure(&self, data: &std::path::Path, lines: &str) {
        let file = data.join("postgresql.conf");
        let mut text = std::fs::read_to_string(&file).expect("the settings");
        text.push_str(lines);
        std::fs::write(&file, text).expect("the settings");
    }

    /// Takes a base backup, into a directory of its own.
    pub fn base_backup(&self) {
        let mut backup = self.tool("pg_basebackup");
        backup.args(["-h", "127.0.0.1", "-U", "postgres", "-X", "none", "-c", "fast", "-p"]);
        backup.arg(self.port.to_string());
        succeeds(backup.arg("-D").arg(self.dir.path().join("base")));
    }

    fn asks(&self, statement: &str) -> String {
        succeeds(Command::new(find("psql")).args([&self.url(), "-qXtc", statement]))
            .trim()
            .to_owned()
    }

    /// What its clock says.
    pub fn now(&self) -> String {
        self.asks("SELECT clock_timestamp()")
    }

    /// Has everything that was written archived.
    pub fn archive_the_rest(&self) {
        let last = self.asks("SELECT pg_walfile_name(pg_switch_wal())");
        let file = self.archive().join(last);
        crate::wait_until("the log is archived", std::time::Duration::from_secs(60), || {
            file.is_file()
        });
    }

    /// Another cluster, made of the base backup and the archived log up to a moment.
    pub fn restored_to(&self, moment: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("avvikelse-crash.").tempdir_in("/tmp");
        let dir = dir.expect("a directory");
        if self.root {
            succeeds(Command::new("chown").arg("postgres").arg(dir.path()));
        }
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = free.expect("a free port").port();
        let restored = Self { port, root: self.root, dir };
        let mut copy = restored.tool("cp");
        succeeds(copy.arg("-a").arg(self.dir.path().join("base")).arg(restored.data()));
        let archive = self.archive();
        let more = format!(
            "archive_mode = off\nrestore_command = 'cp {}/%f %p'\nrecovery_target_time = '{moment}'\n\
             recovery_target_action = 'promote'\n",
            archive.display()
        );
        restored.configure(&restored.data(), &more);
        succeeds(restored.tool("touch").arg(restored.data().join("recovery.signal")));
        restored.go_on();
        crate::wait_until("it is restored", std::time::Duration::from_secs(60), || {
            restored.asks("SELECT pg_is_in_recovery()") == "f"
        });
        restored
    }

    /// A number that a statement asks for.
    pub fn counts(&self, statement: &str) -> i64 {
        self.asks(statement).parse().expect("a number")
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
