//! The README's tour, run as it stands, with what it says it prints.

use std::process::Command;

use app::Clock as _;
use domain::organisation::Role;
use jiff::Timestamp;
use testkit::{Service, on_each_database};
use uuid::Uuid;

const README: &str = include_str!("../../README.md");

/// The fenced blocks of a language, one after the other.
fn blocks(text: &str, language: &str) -> String {
    let fence = format!("```{language}\n");
    let starts = text.match_indices(&fence).map(|(at, _)| at + fence.len());
    starts.filter_map(|at| text[at..].split_once("```").map(|(block, _)| block)).collect()
}

/// What two runs have in common: numbers of cases and ids drawn by chance are left out.
fn lasting(line: &str) -> String {
    let word = |word: &str| {
        let drawn =
            Uuid::parse_str(word).is_ok() || word.parse::<domain::number::CaseNumber>().is_ok();
        if drawn { "drawn".to_owned() } else { word.to_owned() }
    };
    let separators = |c: char| c.is_whitespace() || ";\",".contains(c);
    line.trim_start_matches('\u{feff}').split(separators).map(word).collect::<Vec<_>>().join(" ")
}

#[allow(clippy::disallowed_methods, reason = "the shell that runs the tour reads the clock, too")]
fn today() -> Timestamp {
    Timestamp::now()
}

#[test]
fn the_tour_prints_what_it_says() {
    let tour = README.split("## A tour in five minutes").nth(1).expect("the tour");
    let tour = tour.split("\n## ").next().expect("the tour's end");
    let expected: Vec<String> = blocks(tour, "text").lines().map(lasting).collect();
    assert!(expected.len() > 20, "the tour prints something");
    on_each_database(|database| {
        // The tour asks the shell what day it is.
        let service = Service::start_at(database, today());
        let year = concat!(env!("CARGO_MANIFEST_DIR"), "/data/askersund-2025");
        let seed = || Uuid::new_v4().as_u64_pair().1;
        let (store, at) = (&service.app.store, service.clock.now());
        let import = app::transfer::import(
            store,
            "askersund",
            None,
            year.as_ref(),
            at,
            &Uuid::now_v7,
            &seed,
            &|_| (),
        );
        service.run(import).expect("imports");
        let tenant = service.run(store.tenant_by_slug("askersund")).expect("a tenant").id;
        let of = ("askersund", tenant);
        service.holder(of, "mas", Role::Mas, &[], &[]);
        service.holder(of, "chef", Role::UnitManager, &["Smedsgården"], &[]);
        let script = blocks(tour, "sh").replace("http://127.0.0.1:8080", service.base());
        let done = Command::new("bash")
            .args(["-uc", &script])
            .env("MAS", service.token("askersund", "mas"))
            .env("MANAGER", service.token("askersund", "chef"))
            .output()
            .expect("bash, curl and python3");
        let printed = String::from_utf8_lossy(&done.stdout);
        let printed: Vec<String> = printed.lines().map(lasting).collect();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert_eq!(printed, expected, "{errors}");
    });
}
