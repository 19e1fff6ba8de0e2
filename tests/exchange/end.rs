//! One installation: a process that is killed and started again, and what its staff does.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use testkit::{Client, Database};

use crate::http::Connection;
use crate::program::{Home, Served, TENANT};
use crate::relay::Relay;

/// An installation.
pub struct End {
    home: Home,
    served: Mutex<Option<Served>>,
    /// Where others see it.
    public: String,
    admin: String,
    mas: String,
    counterparty: Mutex<String>,
}

impl End {
    fn start(mut home: Home, listener: &TcpListener) -> Arc<Self> {
        let public = format!("http://{}", listener.local_addr().expect("an address"));
        home.settings = [
            "--public-url",
            &public,
            "--exchange-plaintext",
            "--exchange-retry-seconds",
            "1",
            "--exchange-timeout-seconds",
            "2",
        ]
        .map(str::to_owned)
        .to_vec();
        let token = |role: &str| {
            home.says(&["token", "--tenant", TENANT, "--role", role, "--subject", role])
        };
        let last = |said: String| said.lines().last().unwrap_or_default().to_owned();
        let (admin, mas) = (last(token("admin")), last(token("mas")));
        let served = Mutex::new(Some(home.serve()));
        Arc::new(Self { home, served, public, admin, mas, counterparty: Mutex::default() })
    }

    fn served(&self) -> MutexGuard<'_, Option<Served>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SIGKILL, and a start; nothing after [`End::stop`].
    pub fn restart(&self) {
        let mut served = self.served();
        let Some(running) = served.take() else { return };
        running.kill();
        *served = Some(self.home.serve());
    }

    /// SIGKILL, for good: a relay that still waits for messages keeps no process alive.
    fn stop(&self) {
        drop(self.served().take());
    }

    /// Where the process listens now; waits while it is being started.
    pub fn address(&self) -> std::net::SocketAddr {
        let _up = self.served();
        *self.home.address.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn client(&self, token: &str) -> Client {
        Client::new(&format!("http://{}", self.address()), Some(token.to_owned()))
    }

    /// What a GET says; nothing while the process is away.
    fn asked(&self, path: &str) -> Option<Value> {
        let _at = self.address();
        let answer = Connection::new(&self.home.address, &self.mas).get(path).ok()?;
        (answer.status == 200).then(|| answer.json())
    }

    /// Makes a key, and registers the other end with its key.
    fn registers(&self, other: &End) {
        let admin = self.client(&self.admin);
        let new = json!({
            "name": other.public, "kind": "VC", "answer_days": 30, "channels": ["machine"],
        });
        let whose = admin.post("/api/v1/counterparties", new).expect(201).json();
        let id = whose["id"].as_str().expect("an id").to_owned();
        let page = Client::new(&other.public, None);
        let page = page.get(&format!("/api/v1/public/{TENANT}/machine")).expect(200).json();
        let peer = json!({ "peer_id": page["id"], "endpoint": page["endpoint"] });
        let at = format!("/api/v1/counterparties/{id}/machine");
        admin.post(&at, peer).expect(201);
        let key = &page["keys"][0];
        let key = json!({ "jwk": key["jwk"], "fingerprint": key["fingerprint"] });
        admin.post(&format!("{at}/keys"), key).expect(201);
        *self.counterparty.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }

    /// Files a case, and sends a document of it to the other end.
    pub fn sends(&self) -> String {
        let mas = self.client(&self.mas);
        let filed = json!({
            "kind": "avvikelse", "unit": "okand", "law": ["HSL"],
            "description": "Planterad Namnsson kom hem utan lista.",
        });
        let case = mas.post("/api/v1/cases", filed).expect(201).json();
        let to = self.counterparty.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let draft = json!({
            "counterparty": to, "matter": "Läkemedelslista saknades",
            "text": "Ingen läkemedelslista följde med hem.", "counterparty_unit": "Avdelning 3",
        });
        let case = case["id"].as_str().expect("an id");
        let draft =
            mas.post(&format!("/api/v1/cases/{case}/forwardings"), draft).expect(201).json();
        let id = draft["id"].as_str().expect("an id").to_owned();
        let decided = json!({"ground": "no_person", "motivation": "Ingen går att känna igen."});
        self.acts(&id, "check", &decided);
        self.acts(&id, "send", &json!({"channel": "machine"}));
        id
    }

    /// Carries out a command on a forwarding, on its newest version.
    pub fn acts(&self, id: &str, command: &str, body: &Value) {
        let mas = self.client(&self.mas);
        let at = format!("/api/v1/forwardings/{id}");
        // What comes from the other end meanwhile is a change, too.
        for _ in 0..10 {
            let etag = mas.get(&at).expect(200).etag();
            let done = mas.with("if-match", &etag).post(&format!("{at}/{command}"), body.clone());
            if done.status != 412 {
                done.expect(200);
                return;
            }
        }
        panic!("{command}: others are always faster");
    }

    /// A forwarding, as it is shown.
    pub fn forwarding(&self, id: &str) -> Value {
        self.asked(&format!("/api/v1/forwardings/{id}")).unwrap_or_default()
    }

    /// Where it stands.
    pub fn status(&self, id: &str) -> String {
        self.forwarding(id)["status"].as_str().unwrap_or_default().to_owned()
    }

    /// What was said about it.
    pub fn said(&self, id: &str) -> Vec<Value> {
        self.forwarding(id)["exchanges"].as_array().cloned().unwrap_or_default()
    }

    fn delivered(&self, id: &str) -> Value {
        self.asked(&format!("/api/v1/forwardings/{id}/deliveries")).unwrap_or_default()
    }

    /// The messages about it.
    pub fn deliveries(&self, id: &str) -> Vec<Value> {
        self.delivered(id)["items"].as_array().cloned().unwrap_or_default()
    }

    /// Where it stands at the other end.
    pub fn their_status(&self, id: &str) -> String {
        self.delivered(id)["their_status"].as_str().unwrap_or_default().to_owned()
    }

    /// The ids of what was received.
    pub fn received(&self) -> Vec<String> {
        let all = self.asked("/api/v1/forwardings?direction=received").unwrap_or_default();
        let all = all["items"].as_array().cloned().unwrap_or_default();
        all.iter().filter_map(|it| it["id"].as_str().map(str::to_owned)).collect()
    }
}

/// Two installations that know each other, each behind a relay that makes trouble.
pub struct Pair {
    /// It sends.
    pub kommun: Arc<End>,
    /// It answers.
    pub region: Arc<End>,
    /// The way to the region.
    pub to_region: Relay,
    /// The way to the kommun.
    pub to_kommun: Relay,
}

impl Pair {
    /// Two that know each other; the region is on `database`, the kommun on SQLite.
    pub fn start(database: &Database) -> Self {
        let listen = || TcpListener::bind("127.0.0.1:0").expect("a port");
        let (here, there) = (listen(), listen());
        let kommun = End::start(Home::new(), &here);
        let region = End::start(Home::over(|dir| database.url(dir)), &there);
        let to_kommun = Relay::start(here, Arc::clone(&region), Arc::clone(&kommun));
        let to_region = Relay::start(there, Arc::clone(&kommun), Arc::clone(&region));
        for end in [&kommun, &region] {
            end.client(&end.admin).post("/api/v1/machine/keys", json!({})).expect(201);
        }
        kommun.registers(&region);
        region.registers(&kommun);
        Self { kommun, region, to_region, to_kommun }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.kommun.stop();
        self.region.stop();
    }
}
