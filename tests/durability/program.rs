//! The program itself, built and run as an operator would.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use serde_json::Value;
use store::{DatabaseUrl, Store};
use tempfile::TempDir;

use crate::http::Connection;
use crate::wait_until;

/// The tenant everything is filed in.
pub const TENANT: &str = "provby";
/// What must be free where the service writes, in MiB, or it says it is not ready.
pub const LEAST_ROOM: u64 = 4;
/// How long the service may take to be ready, with a crash to recover from.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// The program, built as these tests were; or the one that `AVVIKELSE_TEST_PROGRAM` names, which is
/// built already. Cargo tells only the tests of its own package where it is, and builds it for no others.
fn binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(built) = std::env::var_os("AVVIKELSE_TEST_PROGRAM") {
            return built.into();
        }
        // TARGET/PROFILE/deps/durability-HASH
        let test = std::env::current_exe().expect("this program");
        let profile = test.ancestors().nth(2).expect("the directory of the profile");
        let target = profile.parent().expect("the directory of what is built");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--locked", "--offline", "-p", "avvikelse"]);
        build.args(["--bin", "avvikelse", "--target-dir"]).arg(target);
        build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo").success(), "the program is built");
        profile.join("avvikelse")
    })
}

/// Where the service listens at the moment; another port after each start.
pub type Address = Arc<RwLock<SocketAddr>>;

/// A data directory and a database, which outlive the process that serves them.
pub struct Home {
    data: PathBuf,
    url: String,
    /// Where the service listens now, or listened last.
    pub address: Address,
    /// Settings beside those that every test has.
    pub settings: Vec<String>,
    /// What the service logs.
    pub log: &'static str,
    _dir: Option<TempDir>,
}

impl Home {
    /// A new one on SQLite, in a directory of its own.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut home = Self::on_sqlite(dir.path());
        home._dir = Some(dir);
        home
    }

    /// A new one on SQLite, in a directory that is there.
    pub fn on_sqlite(dir: &Path) -> Self {
        let data = dir.join("data");
        let url = format!("sqlite:{}", data.join("avvikelse.db").display());
        Self::set_up(data, url, None)
    }

    /// A new one over any database, given its directory.
    pub fn over(url: impl FnOnce(&Path) -> String) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let data = dir.path().join("data");
        std::fs::create_dir(&data).expect("a directory");
        let url = url(&data);
        Self::set_up(data, url, Some(dir))
    }

    /// One with the keys of this over another database, which holds what this one's did.
    #[allow(dead_code, reason = "shared with the tests of mail")]
    pub fn moved_to(&self, url: String) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Self::bare(dir.path());
        home.takes_the_keys_of(self);
        Self { url, _dir: Some(dir), ..home }
    }

    /// Another instance over the same database, on a machine of its own, with the same keys and settings.
    #[allow(dead_code, reason = "shared with the tests of mail")]
    pub fn beside(&self) -> Self {
        let other = Self { settings: self.settings.clone(), ..self.moved_to(self.url.clone()) };
        // The key of the local issuer, too: elsewhere instances believe the same providers.
        for file in std::fs::read_dir(&self.data).expect("the directory").flatten() {
            if file.path().is_file() {
                std::fs::copy(file.path(), other.data.join(file.file_name())).expect("a copy");
            }
        }
        other
    }

    /// Puts the key file of another beside this one's database.
    #[allow(dead_code, reason = "shared with the tests of mail")]
    pub fn takes_the_keys_of(&self, other: &Self) {
        let [from, to] = [&other.data, &self.data].map(|data| data.join("keys.json"));
        std::fs::copy(from, to).expect("the keys");
    }

    fn set_up(data: PathBuf, url: String, dir: Option<TempDir>) -> Self {
        let nowhere = Arc::new(RwLock::new(SocketAddr::from(([127, 0, 0, 1], 9))));
        let (settings, log) = (Vec::new(), "warn,avvikelse=info");
        let home = Self { data, url, address: nowhere, settings, log, _dir: dir };
        home.says(&["tenant", "add", TENANT, "--name", "Provby kommun"]);
        home
    }

    fn command(&self, before: &[&str], args: &[&str]) -> Command {
        let mut words = before.iter().copied();
        let mut command = match words.next() {
            Some(first) => Command::new(first),
            None => Command::new(binary()),
        };
        command.args(words);
        if !before.is_empty() {
            command.arg(binary());
        }
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AVVIKELSE_") {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .args(&self.settings)
            .arg("--data-dir")
            .arg(&self.data)
            .args(["--database-url", &self.url]);
        command
    }

    /// What a command of the program says on stdout; it must succeed.
    pub fn says(&self, args: &[&str]) -> String {
        let done = self.command(&[], args).output().expect("the program runs");
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{args:?}: {errors}");
        String::from_utf8(done.stdout).expect("text").trim().to_owned()
    }

    /// What a command of the program says on stdout and stderr; it must fail.
    #[allow(dead_code, reason = "shared with the tests of mail")]
    pub fn fails(&self, args: &[&str]) -> String {
        let done = self.command(&[], args).output().expect("the program runs");
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!done.status.success(), "{args:?}: {said}");
        said
    }

    /// Begins a command that goes on by itself.
    #[allow(dead_code, reason = "shared with the tests of mail")]
    pub fn begins(&self, args: &[&str]) -> Begun {
        let mut command = self.command(&[], args);
        Begun(
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program runs"),
        )
    }

    /// A home in a new directory, with nothing in it.
    #[allow(dead_code, reason = "shared with the tests of mail")]
    pub fn bare(dir: &Path) -> Self {
        let data = dir.join("data");
        let url = format!("sqlite:{}", data.join("avvikelse.db").display());
        let nowhere = Arc::new(RwLock::new(SocketAddr::from(([127, 0, 0, 1], 9))));
        std::fs::create_dir_all(&data).expect("a directory");
        let (settings, log) = (Vec::new(), "warn,avvikelse=info");
        Self { data, url, address: nowhere, settings, log, _dir: None }
    }

    /// A home in a new directory, of a backup and the keys that belong to it.
    #[allow(dead_code, reason = "shared with the tests of mail")]
    pub fn on_restored(dir: &Path, backup: &Path, keys_of: &Path) -> Self {
        let home = Self::bare(dir);
        let keys = home.data.join("keys.json");
        std::fs::copy(keys_of.join("keys.json"), keys).expect("the keys");
        home.says(&["restore", &backup.display().to_string()]);
        home
    }

    /// A token of somebody who holds nothing.
    pub fn token(&self, subject: &str) -> String {
        self.says(&["token", "--tenant", TENANT, "--subject", subject])
    }

    /// Starts the service and waits until it is ready.
    pub fn serve(&self) -> Served {
        self.serve_through(&[], 0)
    }

    /// The same, run by another program, and with some seconds between a signal and the stop.
    pub fn serve_through(&self, before: &[&str], drain_seconds: u16) -> Served {
        let any = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "off"];
        // One person files here what a county does.
        let pace = ["--person-rate", "off", "--tenant-rate", "off"];
        // Tests have small disks.
        let room = ["--least-room", &LEAST_ROOM.to_string()];
        let log = ["--log-format", "json", "--log", self.log, "--workers", "2"];
        let drain = ["--drain-seconds", &drain_seconds.to_string()];
        let mut child = self
            .command(before, &[&any[..], &pace, &room, &log, &drain].concat())
            // It says nothing there, and must not hold open what the tests are read through.
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let mut said = Vec::new();
        let serving = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let told: Value = serde_json::from_str(&line).unwrap_or_default();
            said.push(line);
            let listen = told["fields"]["listen"].as_str()?.strip_prefix("http://")?;
            listen.parse::<SocketAddr>().ok()
        });
        let log = Arc::new(Mutex::new(said));
        let served = Served { child, log: Arc::clone(&log) };
        // Somebody must read what it logs, or it comes to a halt when the pipe is full.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let Some(address) = serving else { panic!("it does not serve: {}", served.log()) };
        *self.address.write().unwrap_or_else(PoisonError::into_inner) = address;
        let mut probe = Connection::new(&self.address, "");
        wait_until("the service is ready", READY_WITHIN, || {
            probe.get("/readyz").is_ok_and(|answer| answer.status == 200)
        });
        served
    }

    /// Its data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The database as the store sees it.
    pub fn store(&self) -> Store {
        let url: DatabaseUrl = self.url.parse().expect("a database URL");
        Store::open(store::Config::new(url)).expect("the database opens")
    }

    /// The file, where the database is one.
    pub fn file(&self) -> Option<&Path> {
        self.url.strip_prefix("sqlite:").map(Path::new)
    }
}

/// A command that goes on by itself; killed when dropped.
pub struct Begun(Child);

#[allow(dead_code, reason = "shared with the tests of mail")]
impl Begun {
    /// SIGKILL. Whether it had not ended by itself.
    pub fn killed(mut self) -> bool {
        let running = self.0.try_wait().expect("a child").is_none();
        self.0.kill().expect("killed");
        self.0.wait().expect("gone");
        running
    }

    /// SIGTERM, and what it said until its end, which must be a good one.
    pub fn stop_with(mut self, within: Duration) -> String {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        let begun = Instant::now();
        while self.0.try_wait().expect("a child").is_none() {
            assert!(begun.elapsed() < within, "still running after {within:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(self.0.wait().expect("gone").success());
        let mut said = String::new();
        let mut out = self.0.stdout.take().expect("its words");
        std::io::Read::read_to_string(&mut out, &mut said).expect("text");
        said
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The service in a process of its own; killed when dropped.
pub struct Served {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
}

impl Served {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The last of what it logged.
    pub fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log[log.len().saturating_sub(40)..].join("\n")
    }

    /// All that it logged so far.
    pub fn whole_log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// SIGTERM, and nothing more.
    pub fn tell_to_stop(&self) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    }

    /// Waits for its end, and tells how it ended and how long that took.
    pub fn ended(mut self, within: Duration) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return (status, begun.elapsed());
            }
            assert!(begun.elapsed() < within, "still running after {within:?}: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGTERM, and its end, which must be a good one.
    pub fn stop(self) {
        self.tell_to_stop();
        let (status, _) = self.ended(Duration::from_secs(30));
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the service's log ends:\n{}", self.log());
        }
    }
}
