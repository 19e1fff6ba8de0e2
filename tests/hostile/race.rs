//! Two writers, one case, one version, again and again: each time one wins, and nothing of the
//! winner's is lost.

use std::sync::Barrier;
use std::thread;

use domain::organisation::Role;
use serde_json::json;
use testkit::{Service, on_each_database};

use crate::{filing, form};

#[test]
fn of_two_writers_of_one_version_one_wins_in_every_round() {
    let rounds = form(100, 1_000);
    on_each_database(|database| {
        let service = Service::start(database);
        let tenant = service.tenant("provby");
        let of = ("provby", tenant);
        let writers = ["chef", "chef2"]
            .map(|subject| service.holder(of, subject, Role::UnitManager, &[], &[]));
        let anna = service.reporter("provby", "anna");
        let case = anna.post("/api/v1/cases", filing()).expect(201).json();
        let path = format!("/api/v1/cases/{}", case["id"].as_str().expect("an id"));
        let target = format!("{path}/corrections");
        let mut etag = writers[0].get(&path).expect(200).etag();
        for round in 0..rounds {
            // Each writes a time that nobody else writes.
            let time = |writer: usize| {
                format!(
                    "2026-03-{:02}T{:02}:{:02}:{:02}Z",
                    1 + writer,
                    round / 3600,
                    round / 60 % 60,
                    round % 60
                )
            };
            let start = Barrier::new(2);
            let answers = thread::scope(|scope| {
                let running: Vec<_> = writers
                    .iter()
                    .enumerate()
                    .map(|(number, writer)| {
                        let (etag, target, start, time) = (&etag, &target, &start, &time);
                        scope.spawn(move || {
                            start.wait();
                            let body = json!({"occurred_at": time(number), "reason": "Fel tid."});
                            writer.with("if-match", etag).post(target, body)
                        })
                    })
                    .collect();
                running.into_iter().map(|one| one.join().expect("answers")).collect::<Vec<_>>()
            });
            let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            let winner = answers.iter().position(|answer| answer.status == 200);
            let winner = winner.unwrap_or_else(|| panic!("round {round}: {statuses:?}"));
            assert_eq!(statuses[1 - winner], 412, "round {round}: {}", answers[1 - winner].text);
            let now = writers[1 - winner].get(&path).expect(200);
            assert_eq!(now.json()["occurred_at"], time(winner), "round {round}: lost");
            etag = now.etag();
        }
        assert_eq!(etag, format!("\"{}\"", rounds + 1));
        let history = writers[0].get(&format!("{path}/history")).expect(200).json();
        assert_eq!(history["items"].as_array().expect("items").len(), rounds + 1);
    });
}
