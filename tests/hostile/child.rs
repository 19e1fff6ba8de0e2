//! The service in a process of its own, whose memory and descriptors are its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child as Process, Command, Stdio};
use std::time::Duration;

use testkit::{Client, Database, Service};

const NAME: &str = "AVVIKELSE_TEST_CHILD";

/// The service, on SQLite, with the tenant `provby`. Killed when dropped.
pub struct Child {
    process: Process,
    /// Where it listens.
    pub addr: SocketAddr,
    /// A token of somebody who may file.
    pub token: String,
}

impl Child {
    /// `idle` is how long it keeps a connection without requests; `descriptors` is a command of the
    /// shell that limits them.
    pub fn start(idle: Duration, descriptors: &str) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new("bash")
            .args(["-c", &format!("{descriptors}; exec \"$0\" \"$@\"")])
            .arg(program)
            .args(["--exact", "child::serves", "--ignored", "--nocapture"])
            .env(NAME, idle.as_secs().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let said = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (addr, token) = line.split_once(NAME)?.1.trim().split_once(' ')?;
            Some((addr.parse().expect("an address"), token.to_owned()))
        });
        let (addr, token) = said.expect("the child serves");
        // Somebody must read what it says further, or it ends over that.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, addr, token }
    }

    /// A client that may file.
    pub fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.addr), Some(self.token.clone()))
    }

    fn of_process(&self, what: &str) -> String {
        format!("/proc/{}/{what}", self.process.id())
    }

    /// How many sockets it holds.
    pub fn sockets(&self) -> usize {
        let all = std::fs::read_dir(self.of_process("fd")).expect("its descriptors").flatten();
        let target = |entry: std::fs::DirEntry| std::fs::read_link(entry.path()).ok();
        all.filter_map(target).filter(|path| path.to_string_lossy().starts_with("socket:")).count()
    }

    /// A figure of its memory, in KiB: `VmRSS` now, `VmHWM` at most ever.
    pub fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(self.of_process("status")).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let figure = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        figure.expect("a figure")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test: the process of the others.
#[test]
#[ignore = "run by another test"]
fn serves() {
    let Ok(idle) = std::env::var(NAME) else { return };
    let idle = Duration::from_secs(idle.parse().expect("seconds"));
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    let service = Service::start_with(Database::Sqlite, now, |config| config.limits.idle = idle);
    service.tenant("provby");
    let addr = service.base().trim_start_matches("http://");
    println!("\n{NAME} {addr} {}", service.token("provby", "anna"));
    // Until the parent is gone, or has done with it.
    let _ = std::io::stdin().read_line(&mut String::new());
}
