//! The pages in a real browser: by keyboard, on a phone, without script, and as axe-core sees them. What
//! is done there stands in `cases`, a file each, in JavaScript.
//!
//! Needs Chromium, Node and `npm ci` in this directory, which `./test` sees to. Without them nothing is
//! tested, unless `AVVIKELSE_TEST_REQUIRE_BROWSER` says that it must be.

use std::path::Path;
use std::process::Command;

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Database, Service};

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
    let Some(chromium) = browser() else {
        println!(
            "skipped: there is no chromium, no node, or no `npm ci` was done in tests/browser"
        );
        return;
    };
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    let service = Service::start_with(Database::Sqlite, now, |config| config.workers = None);
    let tenant = service.tenant("provby");
    let of = ("provby", tenant);
    for role in [Role::UnitManager, Role::AreaManager, Role::Registrator] {
        service.holder(of, "boss", role, &[], &[]);
    }
    let boss = service.holder(of, "boss", Role::Team, &[], &[]);
    service.holder(of, "mas", Role::Mas, &[], &[]);
    service.holder(of, "admin", Role::Admin, &[], &[]);
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

#[test]
fn what_comes_after_the_answer_is_read_and_answered() {
    run("published");
}
