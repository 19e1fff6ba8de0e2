//! An address and a browser's name are planted with what somebody leaves without a name, and looked for
//! everywhere afterwards: the database, its log, what the service logs at its most talkative, its metrics.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use testkit::{Client, Database, Service, on_each_database};

use crate::complaint;
use crate::program::Home;
use crate::visitor::{Visitor, code, hidden};

/// What must be found nowhere. Another in each place where a browser says something of itself.
const ADDRESS: &str = "203.0.113.77";
const AGENT: &str = "PlantedBrowser/7.31";
const REFERRER: &str = "planted-referrer.example";
const TONGUE: &str = "x-planted-tongue";
const KEY: &str = "planted-key-5f0c9c1e7d";

fn planted(client: &Client) -> Client {
    client
        .with("x-forwarded-for", ADDRESS)
        .with("forwarded", &format!("for={ADDRESS}"))
        .with("user-agent", AGENT)
        .with("referer", &format!("https://{REFERRER}/q"))
        .with("accept-language", &format!("sv, {TONGUE};q=0.1"))
}

/// Leaves opinions in every way and follows them; gives what ties somebody to them: codes, cookies.
fn everything(client: &Client) -> Vec<String> {
    let client = planted(client);
    let mut ties = Vec::new();
    let base = "/api/v1/public/provby";
    let left = client.with("idempotency-key", KEY);
    let left = left.post(&format!("{base}/opinions"), complaint()).expect(201).json();
    let receipt = left["receipt"].as_str().expect("a code").to_owned();
    client.post(&format!("{base}/receipts"), json!({"code": receipt})).expect(200);
    let more = json!({"code": receipt, "text": "Det var i onsdags."});
    client.post(&format!("{base}/receipts/messages"), more).expect(201);
    client
        .with("receipt-code", &receipt)
        .upload(&format!("{base}/receipts/files"), ("a.txt", "text/plain"), b"Text", &[])
        .expect(201);
    client.post(&format!("{base}/receipts"), json!({"code": "1234"})).expect(422);
    client.post(&format!("{base}/receipts/lost"), json!({"email": "a@example.se"})).expect(202);
    client.post(&format!("{base}/opinions"), json!({"kind": "?"})).expect(422);
    ties.push(receipt);

    let mut visitor = Visitor::new(client);
    let fields = [("what", "klagomal"), ("text", "Kall mat."), ("anonymous", "yes")];
    let page = visitor.leave("provby", &fields, &[("a.txt", b"Text")]).expect(200);
    let shown = code(&page.text);
    let page = visitor.open("provby", &shown).expect(200);
    let token = hidden(&page.text, "token");
    visitor
        .send(
            "/provby/receipts/messages",
            &[("token", &token), ("code", &shown), ("text", "Mer.")],
            &[],
        )
        .expect(200);
    let answer = visitor.get("/provby/synpunkt");
    let cookie = answer.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(['=', ';']).nth(1).expect("a value").to_owned();
    visitor.get("/provby/nothing-here").expect(404);
    ties.push(shown);
    ties.push(cookie);
    ties
}

/// Where a needle stands in a text, whatever that text is.
#[track_caller]
fn absent(place: &str, haystack: &[u8], needles: &[String]) {
    for needle in needles.iter().map(String::as_bytes) {
        let found = haystack.windows(needle.len()).position(|window| window == needle);
        if let Some(at) = found {
            let around = &haystack[at.saturating_sub(120)..haystack.len().min(at + 120)];
            let needle = String::from_utf8_lossy(needle);
            panic!("{needle:?} stands in {place}: {:?}", String::from_utf8_lossy(around));
        }
    }
}

fn needles(ties: Vec<String>) -> Vec<String> {
    let fixed = [ADDRESS, "203.0.113.", AGENT, "PlantedBrowser", REFERRER, TONGUE, KEY];
    fixed.map(str::to_owned).into_iter().chain(ties).collect()
}

/// Everything in a directory, each file with its name.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
        }
    }
    found
}

#[test]
fn nothing_tells_afterwards_who_was_there_in_database_and_metrics() {
    on_each_database(|database| {
        let dump = match &database {
            Database::Sqlite => None,
            Database::Postgres { .. } => Some(()),
        };
        let now = "2026-03-10T11:00:00Z".parse().expect("a time");
        let service = Service::start_with(database, now, |config| {
            let own = vec!["127.0.0.1".parse().expect("an address")];
            config.trusted_proxies = server::Proxies::new(own);
        });
        service.tenant("provby");
        let needles = needles(everything(&service.anonymous()));
        let metrics = service.operator().get("/metrics").expect(200);
        assert!(metrics.text.contains("/{tenant}/synpunkt"), "{}", metrics.text);
        absent("the metrics", metrics.text.as_bytes(), &needles);
        let said = files(service.dir());
        assert!(said.iter().any(|(name, _)| name.ends_with("keys.json")));
        if dump.is_none() {
            assert!(
                said.iter().any(|(name, _)| name.ends_with(".db-wal")),
                "the log of the database"
            );
        }
        for (name, bytes) in &said {
            absent(name, bytes, &needles);
        }
        if dump.is_some() {
            let url = service.database_url();
            let done = Command::new("pg_dump").args(["--inserts", &url]).output().expect("pg_dump");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let text = String::from_utf8_lossy(&done.stdout);
            assert!(text.contains("Hon fick vänta i två timmar."), "it is a dump of the tables");
            absent("the dump", &done.stdout, &needles);
        }
    });
}

#[test]
fn nothing_tells_afterwards_who_was_there_in_the_log() {
    let mut home = Home::new();
    home.settings = ["--trusted-proxies", "127.0.0.1"].map(str::to_owned).to_vec();
    home.log = "debug";
    let served = home.serve();
    let address = *home.address.read().expect("an address");
    let ties = everything(&Client::new(&format!("http://{address}"), None));
    let needles = needles(ties);
    // The log is read by another thread.
    crate::wait_until("the log has it", std::time::Duration::from_secs(10), || {
        served.whole_log().contains("/{tenant}/receipts/messages")
    });
    absent("the log", served.whole_log().as_bytes(), &needles);
    served.stop();
    for (name, bytes) in files(home.data()) {
        absent(&name, &bytes, &needles);
    }
}
