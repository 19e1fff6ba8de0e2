//! The pages in a real browser: by keyboard, on a phone, without script, and as axe-core sees them. What
//! is done there stands in `cases`, a file each, in JavaScript.
//!
//! Needs Chromium, Node and `npm ci` in this directory, which `./test` sees to. Without them nothing is
//! tested, unless `AVVIKELSE_TEST_REQUIRE_BROWSER` says that it must be.

mod year;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::TenantId;
use domain::organisation::Role;
use mailer::Transport;
use serde_json::{Value, json};
use server::MailConfig;
use testkit::{Client, Database, Sender, Service};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser");

/// The browser, if all that is needed is there.
fn browser() -> Option<String> {
    let on_path = |name: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
    };
    let chromium = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path);
    let ready = Path::new(HERE).join("node_modules/playwright-core").is_dir();
    let found = chromium.filter(|_| ready && on_path("node").is_some());
    assert!(
        found.is_some() || std::env::var_os("AVVIKELSE_TEST_REQUIRE_BROWSER").is_none(),
        "chromium, node and `npm ci` in tests/browser are required, or run ./test"
    );
    found.map(|path| path.display().to_string())
}

/// Who somebody is.
fn me(client: &Client) -> Value {
    client.get("/api/v1/me").expect(200).json()["staff"].clone()
}

/// Runs a case against a service of its own.
fn run(case: &str) {
    run_with(case, |_, _| json!({}));
}

/// Runs a case against a service of its own, in which something was done before: what comes of that is
/// told to the case.
fn run_with(case: &str, prepare: impl FnOnce(&Service, TenantId) -> Value) {
    let Some(chromium) = browser() else {
        println!(
            "skipped: there is no chromium, no node, or no `npm ci` was done in tests/browser"
        );
        return;
    };
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    let service = Service::start_with(Database::Sqlite, now, |config| {
        config.workers = None;
        config.mail = Some(mail());
    });
    let tenant = service.tenant("provby");
    let of = ("provby", tenant);
    for role in [Role::UnitManager, Role::AreaManager, Role::Registrator] {
        service.holder(of, "boss", role, &[], &[]);
    }
    let boss = service.holder(of, "boss", Role::Team, &[], &[]);
    let prepared = prepare(&service, tenant);
    service.holder(of, "mas", Role::Mas, &[], &[]);
    service.holder(of, "admin", Role::Admin, &[], &[]);
    // Tokens are of the time at which the case begins.
    let token = |name: &str| service.token("provby", name);
    let staff = json!({"boss": token("boss"), "boss_id": me(&boss), "mas": token("mas"),
        "admin": token("admin")});
    let done = Command::new("node")
        .args(["run.mjs", case])
        .current_dir(HERE)
        .env("AVVIKELSE_BASE", service.base())
        .env("AVVIKELSE_TENANT", "provby")
        .env("AVVIKELSE_CHROMIUM", chromium)
        .env("AVVIKELSE_STAFF", staff.to_string())
        .env("AVVIKELSE_PREPARED", prepared.to_string())
        .output()
        .expect("node runs");
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(done.status.success(), "{said}");
    println!("{said}");
}

#[test]
fn somebody_outside_leaves_an_opinion_and_follows_it() {
    run("opinion");
}

/// Mail that goes nowhere: what it would hold is made here.
fn mail() -> MailConfig {
    MailConfig {
        transport: Transport::Memory(Arc::default()),
        from: "Avvikelse <avvikelse@kommun.se>".parse().expect("an address"),
        public_url: "http://svar.example".to_owned(),
        host: "svar.example".to_owned(),
        timeout: Duration::from_secs(5),
        first_retry: Duration::from_secs(1),
    }
}

/// A contact with something to answer: the link of their mail, and the code of a letter.
fn answering(service: &Service, tenant: TenantId) -> Value {
    let mas = service.holder(("provby", tenant), "mas", Role::Mas, &[], &[]);
    let body = json!({"kind": "avvikelse", "unit": "gran", "description": "x"});
    let case = mas.post("/api/v1/cases", body).expect(201).json();
    let by = me(&mas).as_str().expect("an id").parse().expect("an id");
    let case = case["id"].as_str().expect("an id").parse().expect("an id");
    let sender = Sender { tenant, by, case, unit: service.unit(tenant, "gran") };
    let centre = service.counterparty(tenant, "Vårdcentralen Eken");
    let to = format!("/api/v1/counterparties/{centre}");
    let contact = json!({"email": "avvikelser@region.example"});
    let admin = service.holder(("provby", tenant), "admin", Role::Admin, &[], &[]);
    let contact = admin.post(&format!("{to}/contacts"), contact).expect(201).json();
    let word = json!({"code_word": "Röda stugan vid ån"});
    mas.post(&format!("{to}/code-word"), word).expect(200);
    for number in 1..=5 {
        let matter = format!("Utskrivning {number}");
        let text = "Läkemedelslistan kom inte med.\nHemtjänsten fick ringa.";
        service.send_forwarding(sender, centre, (&matter, text), Some("19640823-3234"));
    }
    let links = format!("{to}/contacts/{}/links", contact["id"].as_str().expect("an id"));
    let link = mas.post(&links, json!({})).expect(201).json();
    let link = link["id"].as_str().expect("an id").parse().expect("an id");
    let token = service.app.sealer.link_token(tenant, link);
    json!({"token": token, "word": "röda stugan vid ån"})
}

#[test]
fn a_contact_answers_without_an_account() {
    run_with("replies", answering);
}

#[test]
fn what_comes_after_the_answer_is_read_and_answered() {
    run("published");
}

#[test]
fn the_report_of_a_year_is_read_printed_and_worth_showing() {
    run_with("report", year::year);
}

/// A unit with some reports a month, and then many in one; and its review.
fn reviewed(service: &Service, tenant: TenantId) -> Value {
    let of = ("provby", tenant);
    let boss = service.holder(of, "chef", Role::UnitManager, &["gran"], &[]);
    let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
    let report = |day: &str| {
        let body = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "category": "HSL.FAL",
            "law": ["HSL"], "received_at": format!("{day}T10:00:00Z"), "channel": "post",
            "received_reason": "Kom med posten."});
        mas.post("/api/v1/cases", body).expect(201);
    };
    let months = (2024..=2025).flat_map(|year| (1..=12).map(move |month| (year, month)));
    for (year, month) in months.chain([(2026, 1)]) {
        [2, 6, 11, 16, 21, 26]
            .iter()
            .for_each(|day| report(&format!("{year}-{month:02}-{day:02}")));
    }
    (5..=24).for_each(|day| report(&format!("2026-02-{day:02}")));
    let (review, _) = service.review(tenant, "gran");
    let path = format!("/api/v1/reviews/{review}");
    let tag = boss.get(&path).expect(200).etag();
    let text = json!({"text": "Fallen ökade i februari.\n\n- Halt golv\n- Nya nattlarm"});
    boss.with("if-match", &tag).put(&format!("{path}/analysis"), text).expect(200);
    json!({"boss": service.token("provby", "chef"), "review": review})
}

#[test]
fn a_review_and_a_month_are_pages_to_read_together() {
    run_with("review", reviewed);
}
