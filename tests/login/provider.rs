//! The provider, as the tests tell it what to do.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/login");

/// A provider in a process of its own, which ends with this.
pub struct Provider {
    /// Its name and address.
    pub issuer: String,
    child: Child,
    talk: RefCell<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
}

impl Provider {
    /// Starts one, if all that is needed is there.
    pub fn start() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let node = std::env::split_paths(&path).any(|dir| dir.join("node").is_file());
        let ready = node && Path::new(HERE).join("node_modules/oidc-provider").is_dir();
        assert!(
            ready || std::env::var_os("AVVIKELSE_TEST_REQUIRE_LOGIN").is_none(),
            "node and `npm ci` in tests/login are required, or run ./test"
        );
        if !ready {
            println!("skipped: there is no node, or no `npm ci` was done in tests/login");
            return None;
        }
        let mut child = Command::new("node")
            .arg("provider.mjs")
            .current_dir(HERE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let stdin = child.stdin.take().expect("a pipe");
        let first = lines.next().expect("the provider starts").expect("a line");
        let first: Value = serde_json::from_str(&first).expect("JSON");
        let issuer = first["issuer"].as_str().expect("an issuer").to_owned();
        Some(Self { issuer, child, talk: RefCell::new((stdin, lines)) })
    }

    /// Has it do something.
    pub fn tell(&self, command: Value) -> Value {
        let (stdin, lines) = &mut *self.talk.borrow_mut();
        writeln!(stdin, "{command}").expect("it listens");
        let line = lines.next().expect("it answers").expect("a line");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert!(answer.get("error").is_none(), "{command}: {answer}");
        answer
    }

    /// What a login with authorization code and PKCE gives: `access_token` and `id_token`.
    pub fn login(&self, account: &str) -> Value {
        self.tell(json!({"do": "login", "account": account}))
    }

    /// An access token of somebody.
    pub fn token(&self, account: &str) -> String {
        text(&self.login(account)["access_token"])
    }

    /// An access token of a machine, by client credentials.
    pub fn machine(&self, client: &str) -> String {
        text(&self.tell(json!({"do": "machine", "client": client}))["access_token"])
    }

    /// What tokens of somebody say from now on.
    pub fn claims(&self, account: &str, claims: Value) {
        self.tell(json!({"do": "claims", "account": account, "claims": claims}));
    }

    /// A token with this header and these claims as they stand, signed with the provider's key.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        text(&self.tell(json!({"do": "sign", "header": header, "claims": claims}))["token"])
    }

    /// How many requests it has answered.
    pub fn answered(&self) -> u64 {
        self.tell(json!({"do": "answered"}))["answered"].as_u64().expect("a number")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A text.
pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The header and the claims of a token.
pub fn opened(token: &str) -> (Value, Value) {
    let parts: Vec<Value> = token
        .split('.')
        .take(2)
        .map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
            serde_json::from_slice(&bytes).expect("JSON")
        })
        .collect();
    (parts[0].clone(), parts[1].clone())
}
