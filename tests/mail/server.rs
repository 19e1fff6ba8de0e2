//! The mail server of a test, in a process of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/mail/server.py");

/// A Python that has aiosmtpd: Debian's own, whatever else is in the PATH.
fn python() -> &'static str {
    let has = |python: &&str| {
        let mut asks = Command::new(python);
        asks.args(["-c", "import aiosmtpd"]).stderr(Stdio::null());
        asks.status().is_ok_and(|status| status.success())
    };
    let found = ["/usr/bin/python3", "python3"].into_iter().find(has);
    found.expect("aiosmtpd is missing; run: sudo apt-get install -y python3-aiosmtpd, or ./test")
}

/// A mail the server has.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its Message-ID, up to the `@`.
    pub id: String,
    /// What came after it.
    pub host: String,
    /// The recipient.
    pub to: String,
    /// The subject, decoded.
    pub subject: String,
    /// The text, decoded.
    pub text: String,
    /// As it came.
    pub raw: String,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Whether the client was told that the server has it.
    pub answered: bool,
}

/// A running mail server; ended when dropped.
pub struct Server {
    child: Child,
    port: u16,
    dir: TempDir,
}

impl Server {
    /// One that behaves so.
    pub fn start(mode: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self::start_in(dir, mode, &[])
    }

    /// One that wants STARTTLS and a login, with a certificate of its own.
    pub fn with_tls() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        let mut make = Command::new("openssl");
        make.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
        make.args(["-nodes", "-days", "2", "-subj", "/CN=localhost"]);
        make.args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
        make.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        make.arg("-keyout").arg(&key).arg("-out").arg(&certificate).stderr(Stdio::null());
        assert!(make.status().expect("openssl").success(), "a certificate is made");
        Self::start_in(dir, "tls", &[&certificate, &key])
    }

    fn start_in(dir: TempDir, mode: &str, more: &[&Path]) -> Self {
        let mut command = Command::new(python());
        command.arg(SCRIPT).arg(dir.path().join("log")).arg(mode).args(more);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("python runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its port");
        BufReader::new(stdout).read_line(&mut line).expect("its port");
        let port = line.trim().parse().expect("a port");
        Self { child, port, dir }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A file in its directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Every mail it has, in the order in which they came.
    pub fn kept(&self) -> Vec<Kept> {
        let text = std::fs::read_to_string(self.file("log")).unwrap_or_default();
        let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        whole.lines().map(kept).collect()
    }

    /// How often it has each mail.
    pub fn times(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for mail in self.kept() {
            *times.entry(mail.id).or_default() += 1;
        }
        times
    }

    /// The ids of the mails it has.
    pub fn ids(&self) -> BTreeSet<String> {
        self.times().into_keys().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn kept(line: &str) -> Kept {
    let mail: Value = serde_json::from_str(line).expect("a line of JSON");
    let text = |name: &str| mail[name].as_str().expect(name).to_owned();
    let (id, host) = mail["id"].as_str().and_then(|id| id.split_once('@')).expect("a Message-ID");
    Kept {
        id: id.to_owned(),
        host: host.to_owned(),
        to: mail["to"][0].as_str().expect("a recipient").to_owned(),
        subject: text("subject"),
        text: text("text"),
        raw: text("raw"),
        tls: mail["tls"].as_bool().expect("a boolean"),
        answered: mail["answered"].as_bool().expect("a boolean"),
    }
}
