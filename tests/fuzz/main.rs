//! Input that nobody meant: bytes of a corpus, changed at random, against what reads them.
//!
//! `AVVIKELSE_FUZZ_SECONDS` is how long each target is fed (two unless given), `AVVIKELSE_FUZZ_SEED` repeats a
//! run. There is no measuring of what was reached: the corpus is chosen so that it reaches far, and grows by what
//! was found. What fails is printed as it was sent, to be put into `tests/fuzz/corpus`.

mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use app::Clock as _;
use domain::forwarding::HsaId;
use domain::organisation::Role;
use domain::personnummer::{PersonalId, find_in, redact};
use jiff::civil::date;
use serde_json::{Value, json};
use testkit::{Client, Database, Response, Service};
use uuid::Uuid;

use crate::mutate::{Luck, corpus, mutated};

const TENANT: &str = "provby";

/// Feeds a target for its time; it says what is wrong.
fn feed(name: &str, mut target: impl FnMut(&[u8]) -> Result<(), String>) {
    let number = |variable: &str| std::env::var(variable).ok().and_then(|text| text.parse().ok());
    let seconds = number("AVVIKELSE_FUZZ_SECONDS").unwrap_or(2);
    let seed = number("AVVIKELSE_FUZZ_SEED").unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0);
    let (corpus, mut luck) = (corpus(name), Luck::new(seed));
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut fed = 0_u64;
    // What is in the corpus comes first, as it is.
    let mut waiting = corpus.clone();
    while fed < corpus.len() as u64 || Instant::now() < until {
        let bytes = waiting.pop().unwrap_or_else(|| mutated(&corpus, &mut luck));
        let done = catch_unwind(AssertUnwindSafe(|| target(&bytes)));
        let wrong = match done {
            Ok(Ok(())) => None,
            Ok(Err(why)) => Some(why),
            Err(_) => Some("it panicked".to_owned()),
        };
        if let Some(why) = wrong {
            panic!("{name}, seed {seed}, number {fed}: {why}\n{}", bytes.escape_ascii());
        }
        fed += 1;
    }
    println!("{name}: {fed} inputs in {seconds} s, seed {seed}");
}

/// Whether an answer is one that a client may get for bad input: no fault of ours, and a problem where it failed.
fn sound(answer: &Response) -> Result<(), String> {
    let text = &answer.text;
    if answer.status >= 500 {
        return Err(format!("{}: {text}", answer.status));
    }
    let problem = answer.header("content-type") == Some("application/problem+json");
    if answer.status >= 400 && !(problem && answer.json()["request_id"].is_string()) {
        return Err(format!("{} is no problem: {text}", answer.status));
    }
    for inside in ["panicked", "SELECT ", "sqlite", "src/", "diesel"] {
        if answer.status >= 400 && text.contains(inside) {
            return Err(format!("it tells {inside}: {text}"));
        }
    }
    Ok(())
}

fn service() -> (Service, Client) {
    let service = Service::start(Database::Sqlite);
    let tenant = service.tenant(TENANT);
    let mas = service.holder((TENANT, tenant), "mas", Role::Mas, &[], &[]);
    (service, mas)
}

fn case(client: &Client) -> String {
    let filing =
        json!({"kind": "avvikelse", "unit": "gran", "description": "Gled ner från sängkanten."});
    let filed = client.post("/api/v1/cases", filing).expect(201).json();
    filed["id"].as_str().expect("an id").to_owned()
}

#[test]
fn filings() {
    let (_service, mas) = service();
    feed("filing", |bytes| {
        let answer = mas.send("POST", "/api/v1/cases", Some(("application/json", bytes.to_vec())));
        sound(&answer)?;
        // What was taken can be read again as it is.
        if answer.status == 201 {
            let id = answer.json()["id"].as_str().unwrap_or_default().to_owned();
            let read = mas.get(&format!("/api/v1/cases/{id}"));
            if read.status != 200 {
                return Err(format!("taken, and then {}: {}", read.status, read.text));
            }
        }
        Ok(())
    });
}

#[test]
fn personal_numbers_and_hsa_ids() {
    let today = date(2026, 3, 10);
    feed("person", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(id) = PersonalId::parse(&text, today) {
            let canonical = id.canonical();
            let again =
                PersonalId::from_canonical(&canonical).map_err(|_| "no way back".to_owned())?;
            if again.canonical() != canonical || id.birth_date() > today {
                return Err(format!("another person: {canonical}"));
            }
        }
        let found = find_in(&text, today);
        let without = redact(&text, &found);
        let left = find_in(&without, today);
        if !left.is_empty() {
            return Err(format!("still there: {without}"));
        }
        if let Ok(id) = text.parse::<HsaId>()
            && id.as_str().parse() != Ok(id.clone())
        {
            return Err(format!("another HSA-id: {id}"));
        }
        Ok(())
    });
}

#[test]
fn tokens() {
    let (service, _mas) = service();
    let token = service.token(TENANT, "anna");
    feed("token", |bytes| {
        // In the place of the mark stands a token that is good.
        let text = String::from_utf8_lossy(bytes).replace("GOOD", &token);
        let text: String = text.chars().filter(|sign| (' '..='~').contains(sign)).collect();
        let answer = service.with_token(&text).get("/api/v1/me");
        sound(&answer)?;
        let good = text.trim() == token;
        if (answer.status == 200) != good {
            return Err(format!("{} with {text}", answer.status));
        }
        Ok(())
    });
}

#[test]
fn files_in_parts() {
    let (_service, mas) = service();
    let kind = "multipart/form-data; boundary=a9f1c0-boundary";
    let mut id = case(&mas);
    let mut kept = 0;
    feed("multipart", |bytes| {
        let path = format!("/api/v1/cases/{id}/attachments");
        let answer = mas.send("POST", &path, Some((kind, bytes.to_vec())));
        sound(&answer)?;
        kept += u32::from(answer.status == 201);
        // A case holds twenty.
        if kept == 20 {
            (id, kept) = (case(&mas), 0);
        }
        Ok(())
    });
}

#[test]
fn filters() {
    let (_service, mas) = service();
    let whole = [
        "cases",
        "statistics",
        "worklist",
        "signals",
        "clocks",
        "escalations",
        "forwardings",
        "measures",
    ];
    feed("filter", |bytes| {
        // As a client would send it: what may not stand in an address is written as %XX.
        let mut query = String::new();
        for byte in bytes.iter().take(2000) {
            match byte {
                b'!'..=b'~' if !b"\"<>#`{}|^\\[]".contains(byte) => query.push(char::from(*byte)),
                other => query += &format!("%{other:02X}"),
            }
        }
        let list = whole[bytes.len() % whole.len()];
        sound(&mas.get(&format!("/api/v1/{list}?{query}")))
    });
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    let (service, _mas) = service();
    let now = service.clock.now();
    let mut number = 0_u64;
    feed("csv", |bytes| {
        number += 1;
        let dir = tempfile::tempdir().expect("a directory");
        let given = dir.path().join("given");
        std::fs::create_dir(&given).expect("a directory");
        std::fs::write(given.join("arenden.csv"), bytes).expect("a file");
        let import = |slug: String, from: &Path| {
            let from = from.to_owned();
            service.run(app::transfer::import(
                &service.app.store,
                &slug,
                None,
                &from,
                now,
                &Uuid::now_v7,
                &|| number,
                &|_| (),
            ))
        };
        // Refused is a good answer.
        let Ok(first) = import(format!("ett-{number}"), &given) else { return Ok(()) };
        let out = |tenant, name: &str| {
            let to = dir.path().join(name);
            let done = service.run(app::transfer::export(
                &service.app.store,
                tenant,
                &to,
                app::transfer::Format::Csv,
            ));
            done.map_err(|error| format!("no export: {error}"))?;
            std::fs::read_to_string(to.join("arenden.csv")).map_err(|error| error.to_string())
        };
        let text = out(first.tenant, "first")?;
        let second = import(format!("tva-{number}"), &dir.path().join("first"))
            .map_err(|error| format!("what was exported is refused: {error}"))?;
        let again = out(second.tenant, "second")?;
        if text != again {
            return Err(format!("not the same:\n{text}\n{again}"));
        }
        Ok(())
    });
}

#[test]
fn a_target_that_fails_is_seen() {
    let failed = catch_unwind(|| {
        feed("person", |bytes| if bytes.is_empty() { Ok(()) } else { Err("wrong".to_owned()) });
    });
    assert!(failed.is_err());
    let broken = Response {
        status: 500,
        headers: vec![("content-type".to_owned(), "application/problem+json".to_owned())],
        text: Value::Null.to_string(),
        bytes: Vec::new(),
    };
    assert!(sound(&broken).is_err());
    let plain = Response { status: 404, headers: Vec::new(), ..broken };
    assert!(sound(&plain).is_err());
}
