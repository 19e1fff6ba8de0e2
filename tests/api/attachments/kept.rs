//! Where contents lie, who looks at them, and that nothing is left of what goes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use domain::ids::{ContentId, TenantId};
use domain::organisation::Role;
use files::{DepotUrl, Scanner};
use serde_json::{Value, json};
use store::{Additions, Place, Tx};
use testkit::{Client, Service, on_each_database};

use super::{holds, items, path, send};
use crate::{fall, file, house, id};

#[test]
fn a_file_is_withdrawn_by_whoever_added_it_or_leads_and_nothing_is_left_of_it() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let nurse = house.service.reporter("provby", "usk");
        let team = house.service.holder(of, "team", Role::Team, &["gran"], &[]);
        let at = id(&file(&nurse, fall()));
        let one = |client: &Client, name: &str| {
            let added = send(client, &at, name, b"Fel person.").expect(201).json();
            format!("{}/{}", path(&at), id(&added))
        };
        let (own, led) = (one(&nurse, "usk.txt"), one(&nurse, "usk2.txt"));
        let reason = json!({"reason": "Fel bild."});
        team.delete(&own, reason.clone()).expect(403);
        nurse.delete(&own, json!({})).expect(422);
        nurse.delete(&own, json!({"reason": "Om 640823-3234."})).expect(422);
        house.manager.with("if-match", "\"1\"").delete(&led, reason.clone()).expect(412);
        nurse.delete(&own, reason.clone()).expect(204);
        house.manager.delete(&led, reason.clone()).expect(204);
        for path in [&own, &led] {
            house.manager.get(path).expect(404);
            house.manager.delete(path, reason.clone()).expect(404);
        }
        assert!(items(&house.manager, &at).is_empty());
        let history = house.manager.get(&format!("/api/v1/cases/{at}/history")).expect(200).json();
        let last = history["items"].as_array().expect("items").last().expect("an entry").clone();
        assert_eq!(last["command"], "withdraw_attachment");
        assert_eq!(last["reason"], "Fel bild.");
        assert_eq!(last["changes"][0]["old"]["name"], "usk2.txt");
        let later = "2027-01-01T00:00:00Z".parse().expect("a time");
        let loose = move |tx: &mut Tx<'_>| tx.loose_contents(later, 10);
        let loose = house.service.run(house.service.app.store.read(house.tenant, loose));
        assert_eq!(loose.expect("reads"), [], "erased at once");

        let late = one(&nurse, "usk3.txt");
        let end = json!({"outcome": "UTF.ATE", "summary": "x"});
        house.manager.command(&at, "close", end).expect(200);
        nurse.delete(&late, reason.clone()).expect(409);
        send(&nurse, &at, "a.txt", b"x").expect(409);
        house.manager.get(&late).expect(200);
        send(&house.manager, &at, "efter.txt", b"x").expect(201);
    });
}

/// A content written by an upload that broke off, in the place that is configured.
fn broken_off(service: &Service, tenant: TenantId) -> ContentId {
    let content = ContentId(uuid::Uuid::now_v7());
    let mut rows = Additions::to(tenant);
    rows.loose_content(content, Place::Database, service.app.now());
    rows.content_part(content, 0, b"sealed".to_vec());
    service.run(service.app.store.add(rows)).expect("writes");
    content
}

#[test]
fn what_an_upload_left_that_broke_off_is_swept_and_nothing_else() {
    on_each_database(|database| {
        let house = house(database);
        let (service, tenant) = (&house.service, house.tenant);
        let at = id(&file(&house.manager, fall()));
        let kept = id(&send(&house.manager, &at, "a.txt", b"Text").expect(201).json());
        let lost = broken_off(service, tenant);
        let there = |content: ContentId| {
            service.run(service.app.store.read(tenant, move |tx| tx.content(content))).is_ok()
        };
        assert_eq!(service.run(service.app.sweep_contents()).expect("sweeps"), 0, "too early");
        assert!(there(lost));
        service.clock.advance(jiff::SignedDuration::from_mins(61));
        assert_eq!(service.run(service.app.sweep_contents()).expect("sweeps"), 1);
        assert!(!there(lost));
        assert_eq!(service.run(service.app.sweep_contents()).expect("sweeps"), 0);
        let manager = service.with_token(&service.token("provby", "chef"));
        let fetched = manager.get(&format!("{}/{kept}", path(&at))).expect(200);
        assert_eq!(fetched.text, "Text");
        // An attachment cannot take over what is being erased.
        let late = broken_off(service, tenant);
        let taken = service.run(service.app.store.write(tenant, move |tx| {
            tx.begin_erasing(late)?;
            tx.take_over(late)
        }));
        assert!(matches!(taken, Err(store::Error::Unavailable(_))), "{taken:?}");
    });
}

#[test]
fn contents_lie_sealed_in_a_directory_and_go_from_there() {
    on_each_database(|database| {
        let dir = tempfile::tempdir().expect("a directory");
        let place = dir.path().join("attachments");
        let now = "2026-03-10T11:00:00Z".parse().expect("a time");
        let service = Service::start_with(database, now, |config| {
            config.attachments = DepotUrl::Directory(place.clone());
        });
        let tenant = service.tenant("provby");
        let manager = service.holder(("provby", tenant), "chef", Role::UnitManager, &[], &[]);
        let at = id(&file(&manager, fall()));
        let text = "Kalle föll i hallen. ".repeat(100);
        let added = send(&manager, &at, "a.txt", text.as_bytes()).expect(201).json();
        let one = format!("{}/{}", path(&at), id(&added));
        let files = || -> Vec<std::path::PathBuf> {
            let tenants = std::fs::read_dir(&place).expect("the directory").flatten();
            let inside = tenants.filter_map(|tenant| std::fs::read_dir(tenant.path()).ok());
            inside.flat_map(|inside| inside.flatten()).map(|file| file.path()).collect()
        };
        let [kept] = files().try_into().expect("one file");
        let sealed = std::fs::read(kept).expect("reads");
        assert!(!holds(&sealed, b"Kalle") && sealed.len() == text.len() + 16);
        assert_eq!(manager.get(&one).expect(200).text, text);
        manager.delete(&one, json!({"reason": "Fel."})).expect(204);
        assert_eq!(files(), [] as [std::path::PathBuf; 0]);
    });
}

/// A scanner that speaks clamd's protocol: what holds EICAR is infected. It answers while `up`.
fn scanner(addr: &str, up: Arc<Mutex<bool>>) -> SocketAddr {
    let listener = TcpListener::bind(addr).expect("a port");
    let addr = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            if !*up.lock().expect("a lock") {
                continue;
            }
            let mut command = [0; 10];
            stream.read_exact(&mut command).expect("a command");
            assert_eq!(&command, b"zINSTREAM\0");
            let mut whole = Vec::new();
            loop {
                let mut length = [0; 4];
                stream.read_exact(&mut length).expect("a length");
                let length = u32::from_be_bytes(length) as usize;
                if length == 0 {
                    break;
                }
                let start = whole.len();
                whole.resize(start + length, 0);
                stream.read_exact(&mut whole[start..]).expect("a chunk");
            }
            let answer: &[u8] = match holds(&whole, b"EICAR") {
                true => b"stream: Eicar-Test-Signature FOUND\0",
                false => b"stream: OK\0",
            };
            stream.write_all(answer).expect("answers");
        }
    });
    addr
}

#[test]
fn a_scanner_keeps_malware_out_and_is_asked_again_when_it_was_away() {
    on_each_database(|database| {
        let up = Arc::new(Mutex::new(true));
        let addr = scanner("127.0.0.1:0", Arc::clone(&up));
        let now = "2026-03-10T11:00:00Z".parse().expect("a time");
        let service = Service::start_with(database, now, |config| {
            config.clamd = Some(Scanner::Tcp(addr.to_string()));
        });
        let tenant = service.tenant("provby");
        let manager = service.holder(("provby", tenant), "chef", Role::UnitManager, &[], &[]);
        let at = id(&file(&manager, fall()));
        let scans = || -> Vec<(String, String)> {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let all = items(&manager, &at);
            all.iter().map(|one| (text(&one["name"]), text(&one["scan"]))).collect()
        };
        let pair = |name: &str, scan: &str| (name.to_owned(), scan.to_owned());
        assert_eq!(send(&manager, &at, "a.txt", b"Text").expect(201).json()["scan"], "clean");
        let found = send(&manager, &at, "b.txt", b"EICAR").expect(422);
        assert_eq!(found.faults(), [("/file".to_owned(), "file_infected".to_owned())]);
        *up.lock().expect("a lock") = false;
        send(&manager, &at, "c.txt", b"Text").expect(201);
        let bad = id(&send(&manager, &at, "d.txt", b"EICAR").expect(201).json());
        assert_eq!(service.run(service.app.scan_again()).expect("scans"), 0);
        assert_eq!(
            scans(),
            [pair("a.txt", "clean"), pair("c.txt", "pending"), pair("d.txt", "pending")]
        );
        *up.lock().expect("a lock") = true;
        assert_eq!(service.run(service.app.scan_again()).expect("scans"), 2);
        assert_eq!(scans(), [pair("a.txt", "clean"), pair("c.txt", "clean")]);
        manager.get(&format!("{}/{bad}", path(&at))).expect(404);
        let history = manager.get(&format!("/api/v1/cases/{at}/history")).expect(200).json();
        let last = history["items"].as_array().expect("items").last().expect("an entry").clone();
        assert_eq!((&last["command"], &last["by"]), (&json!("withdraw_attachment"), &Value::Null));
        let counts = |tx: &mut Tx<'_>| tx.record_counts();
        let counts = service.run(service.app.store.read(tenant, counts)).expect("counts");
        assert_eq!((counts.history, counts.audit_of_cases, counts.messages), (5, 5, 5));
    });
}
