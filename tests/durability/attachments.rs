//! Attachments while the service is killed: what was acknowledged is there to the last byte, and
//! what was not leaves nothing behind. And the log tells nothing of them.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::App;
use app::keeping::Keeping;
use app::sealing::Sealer;
use files::Depot;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::TestClock;

use crate::http::Connection;
use crate::program::{Address, Home, TENANT};
use crate::{between, times};

/// Given as name, description and content; never to be logged.
const CANARY: &str = "kanariefagel";

/// Sends a file; the status and the answer, where there was one.
fn upload(address: &Address, token: &str, case: &str, name: &str, file: &[u8]) -> Option<Answered> {
    let address = *address.read().unwrap_or_else(PoisonError::into_inner);
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(40))).ok()?;
    let mut body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"description\"\r\n\r\n{name}\r\n--x\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
    )
    .into_bytes();
    body.extend(file);
    body.extend(b"\r\n--x--\r\n");
    let head = format!(
        "POST /api/v1/cases/{case}/attachments HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-type: multipart/form-data; boundary=x\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answered { status, body: serde_json::from_str(body).ok()? })
}

struct Answered {
    status: u16,
    body: Value,
}

fn new_case(home: &Home, token: &str) -> String {
    let filing = json!({"kind": "avvikelse", "unit": "okand", "description": "x"});
    let made = Connection::new(&home.address, token).file("", &filing).expect("an answer");
    made.json()["id"].as_str().expect("an id").to_owned()
}

/// A text of some parts' length that no other is like.
fn content(number: u64) -> Vec<u8> {
    format!("{number} ").repeat(times(100_000, 400_000)).into_bytes()
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { files_below(&path) } else { vec![path] }
        })
        .collect()
}

#[test]
fn an_upload_is_killed_half_way_and_leaves_nothing() {
    for in_directory in [true, false] {
        let mut home = Home::new();
        let place = home.data().join("attachments");
        if in_directory {
            home.settings.extend(["--attachments".into(), format!("file:{}", place.display())]);
        }
        kill_again_and_again(&home, in_directory.then_some(place.as_path()));
    }
}

fn kill_again_and_again(home: &Home, place: Option<&Path>) {
    let token = home.token("anna");
    let mut served = home.serve();
    let cases = Arc::new(Mutex::new(vec![new_case(home, &token)]));
    let added = Arc::new(Mutex::new(Vec::new()));
    let (stop, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let (address, token) = (Arc::clone(&home.address), token.clone());
            let (cases, added) = (Arc::clone(&cases), Arc::clone(&added));
            let (stop, next) = (Arc::clone(&stop), Arc::clone(&next));
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let case = cases.lock().expect("a lock").last().expect("a case").clone();
                    let sent = upload(&address, &token, &case, "a.txt", &content(number));
                    match sent.as_ref().map(|answer| answer.status) {
                        Some(201) => {
                            let id = sent.map(|answer| answer.body["id"].clone());
                            let id = id.and_then(|id| id.as_str().map(str::to_owned));
                            let one = (case, id.expect("an id"), number);
                            added.lock().expect("a lock").push(one);
                        }
                        // It is full: the next case is on its way.
                        Some(422 | 503) => std::thread::sleep(Duration::from_millis(20)),
                        Some(status) => panic!("{status}"),
                        None => std::thread::sleep(Duration::from_millis(5)),
                    }
                }
            })
        })
        .collect();
    for _ in 0..times(8, 60) {
        std::thread::sleep(between(100, 400));
        served.kill();
        served = home.serve();
        cases.lock().expect("a lock").push(new_case(home, &token));
    }
    std::thread::sleep(Duration::from_millis(500));
    // The last ones break off as well.
    served.kill();
    stop.store(true, Ordering::SeqCst);
    for sender in senders {
        sender.join().expect("a sender");
    }
    let added = added.lock().expect("a lock").clone();
    assert!(!added.is_empty());

    let served = home.serve();
    let mut client = Connection::new(&home.address, &token);
    for (case, id, number) in &added {
        let path = format!("/api/v1/cases/{case}/attachments/{id}");
        let answer = client.get(&path).expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.body.as_bytes() == content(*number), "{path} is another");
    }
    served.stop();
    sweep(home, place, added.len());
}

/// An hour later what broke off is swept, and what is left belongs to somebody.
fn sweep(home: &Home, place: Option<&Path>, least: usize) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = home.store();
        let tenant = store.tenant_by_slug(TENANT).await.expect("the tenant").id;
        let sealer = Sealer::from_file(&home.data().join("keys.json"), false).expect("keys");
        let clock = TestClock::at(server_now() + SignedDuration::from_hours(2));
        let depot = place.map(|place| Depot::directory(place).expect("the directory"));
        let app = App::new(store.clone(), sealer, Box::new(clock))
            .with_keeping(Keeping::new(depot, None));
        let swept = app.sweep_contents().await.expect("sweeps");
        assert!(swept > 0, "nothing broke off");
        let later = server_now() + SignedDuration::from_hours(2);
        let read = move |tx: &mut store::Tx<'_>| {
            let mut held = BTreeSet::new();
            for case in tx.cases_after(None, 1000)? {
                let kept = tx.attachments_of(case.id)?;
                held.extend(kept.into_iter().map(|kept| kept.content.id));
            }
            Ok::<_, store::Error>((held, tx.loose_contents(later, 10)?, tx.contents()?))
        };
        let (held, loose, here) = store.read(tenant, read).await.expect("reads");
        assert!(loose.is_empty(), "{loose:?}");
        assert!(held.len() >= least, "{} of {least}", held.len());
        let there: BTreeSet<String> = match place {
            None => here.iter().map(ToString::to_string).collect(),
            Some(place) => {
                let name = |path: &PathBuf| path.file_name().map(|it| it.to_string_lossy().into());
                files_below(place).iter().filter_map(name).collect()
            }
        };
        assert_eq!(there, held.iter().map(ToString::to_string).collect());
    });
}

fn server_now() -> jiff::Timestamp {
    app::Clock::now(&server::SystemClock)
}

#[test]
fn the_log_tells_nothing_of_a_file() {
    let mut home = Home::new();
    home.log = "debug";
    // A scanner that is away is logged, too.
    home.settings.extend(["--clamd".into(), "tcp:127.0.0.1:9".into()]);
    let token = home.token("anna");
    let served = home.serve();
    let case = new_case(&home, &token);
    for (name, file) in [
        (format!("{CANARY}.txt"), CANARY.as_bytes().to_vec()),
        (format!("{CANARY}.jpg"), [b"\xff\xd8\xff", CANARY.as_bytes()].concat()),
        (format!("{CANARY}.exe"), [b"MZ\0", CANARY.as_bytes()].concat()),
    ] {
        upload(&home.address, &token, &case, &name, &file).expect("an answer");
    }
    let mut client = Connection::new(&home.address, &token);
    let listed = client.get(&format!("/api/v1/cases/{case}/attachments")).expect("an answer");
    let listed = listed.json();
    assert_eq!(listed["items"][0]["name"], format!("{CANARY}.txt"));
    let id = listed["items"][0]["id"].as_str().expect("an id").to_owned();
    client.get(&format!("/api/v1/cases/{case}/attachments/{id}")).expect("an answer");
    let log = served.whole_log();
    assert!(log.contains("answered") && log.contains("not scanned"), "{log}");
    assert!(!log.contains(CANARY), "{log}");
}
