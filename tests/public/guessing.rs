//! Guessing receipt codes at full speed opens nothing, is slowed, and locks nobody else out.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::receipt::ReceiptCode;
use jiff::SignedDuration;
use serde_json::json;
use testkit::{Client, Database, Service, on_each_database};

use crate::complaint;

const PATH: &str = "/api/v1/public/provby/receipts";

/// The service behind a proxy that says where somebody comes from.
fn service(database: Database) -> Service {
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    let service = Service::start_with(database, now, |config| {
        config.trusted_proxies = behind();
    });
    service.tenant("provby");
    service
}

fn behind() -> server::Proxies {
    server::Proxies::new(vec!["127.0.0.1".parse().expect("an address")])
}

fn from(service: &Service, address: &str) -> Client {
    service.anonymous().with("x-forwarded-for", address)
}

/// A code that looks like one.
fn guess(number: u64) -> String {
    let mut bits = [0; 16];
    bits[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bits[8..].copy_from_slice(&number.to_be_bytes());
    ReceiptCode::from_random(bits).digits()
}

#[test]
fn guessing_opens_nothing_is_slowed_and_locks_nobody_out() {
    on_each_database(|database| {
        let service = service(database);
        let left = from(&service, "192.0.2.1")
            .post("/api/v1/public/provby/opinions", complaint())
            .expect(201)
            .json();
        let code = left["receipt"].as_str().expect("a code").to_owned();

        // From one place.
        let (mut looked, mut slowed) = (0, 0);
        let guesser = from(&service, "198.51.100.7");
        for number in 0..400 {
            let answer = guesser.post(PATH, json!({"code": guess(number)}));
            match answer.status {
                404 => looked += 1,
                429 => {
                    slowed += 1;
                    let after: u64 =
                        answer.header("retry-after").expect("when").parse().expect("seconds");
                    assert!((1..=3600).contains(&after), "{after}");
                    assert!(answer.header("ratelimit").expect("how much").contains(";r=0;"));
                }
                other => panic!("{other}: {}", answer.text),
            }
        }
        assert_eq!((looked, slowed), (30, 370), "its own budget, and no more");

        // From very many places: each has its first tries, together they have what all share.
        looked = 0;
        for place in 0..400 {
            let guesser = from(&service, &format!("10.{}.{}.9", place / 250, place % 250));
            for number in 0..8 {
                let body = json!({"code": guess(1000 + place * 8 + number)});
                match guesser.post(PATH, body).status {
                    404 => looked += 1,
                    429 => {}
                    other => panic!("{other}"),
                }
            }
        }
        let places = 400 * 5;
        assert!(looked <= places + 300, "{looked}");

        // Whoever has a code gets in meanwhile, from wherever nobody guessed. Places are counted by some bits of a keyed
        // hash and not kept, so that one in 160 shares its count with one of the guessers: not both of these.
        let owners = ["203.0.113.5", "192.0.2.9"].map(|place| from(&service, place));
        let mut views = owners.iter().map(|owner| owner.post(PATH, json!({"code": code})));
        let view = views.find(|view| view.status == 200).expect("lets in");
        assert!(view.header("ratelimit-policy").expect("a policy").starts_with("\"receipts\";q="));
        // And with the next hour everybody is admitted anew.
        service.clock.advance(SignedDuration::from_mins(61));
        from(&service, "198.51.100.7").post(PATH, json!({"code": code})).expect(200);
    });
}

/// Ten thousand guesses in the short form, a million in the long one, over connections that stay open.
#[test]
fn a_million_guesses_at_full_speed_open_nothing() {
    let long = std::env::var_os("AVVIKELSE_LONG").is_some();
    let (threads, each) = if long { (8, 125_000) } else { (4, 2_500) };
    let service = service(Database::Sqlite);
    for _ in 0..20 {
        from(&service, "192.0.2.1").post("/api/v1/public/provby/opinions", complaint()).expect(201);
    }
    let before = service.app.store.statements_run();
    let (looked, opened, begun) = (AtomicU64::new(0), AtomicU64::new(0), std::time::Instant::now());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (service, looked, opened) = (&service, &looked, &opened);
            scope.spawn(move || {
                let guesser = from(service, &format!("198.51.{thread}.7"));
                for number in 0..each {
                    let body = json!({"code": guess(thread * 1_000_000 + number)});
                    match guesser.post(PATH, body).status {
                        429 => {}
                        404 => drop(looked.fetch_add(1, Ordering::Relaxed)),
                        200 => drop(opened.fetch_add(1, Ordering::Relaxed)),
                        other => panic!("{other}"),
                    }
                }
            });
        }
    });
    let looked = looked.load(Ordering::Relaxed);
    println!("{} guesses in {:?}: {looked} looked up", threads * each, begun.elapsed());
    assert_eq!(opened.load(Ordering::Relaxed), 0);
    assert_eq!(looked, threads * 30, "the clock stands: each place has its budget once");
    // What is slowed costs the database nothing but knowing the tenant.
    let statements = service.app.store.statements_run() - before;
    assert!(statements < threads * 240 * 2, "{statements} statements");
    service.anonymous().get("/livez").expect(200);
}
