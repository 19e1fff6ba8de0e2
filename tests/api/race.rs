//! Two writers race each transition: exactly one wins.

use std::thread;

use serde_json::{Value, json};
use testkit::on_each_database;

use crate::{House, fall, file, house, id, standard_triage};

/// Brings a new case to where `command` may be raced, and gives the body to race with.
fn ready(house: &House, command: &str) -> (String, Value) {
    let at = id(&file(&house.manager, fall()));
    let go =
        |command: &str, body: Value| house.manager.command(&at, command, body).expect(200).json();
    let inquiry = || json!({"course_of_events": "a", "assessment": "b", "causes": [{"code": "ORS.OKA"}], "complete": true});
    let planned = || {
        go("triage", standard_triage());
        let case = go("investigation", inquiry());
        let cause = case["investigation"]["causes"][0]["id"].clone();
        go(
            "measures",
            json!({"measures": [{"type": "ATG.RUT", "text": "x", "causes": [cause],
            "owner": "Chef", "due_on": "2026-04-01", "follow_up_on": "2026-05-01"}]}),
        );
    };
    let body = match command {
        "triage" => standard_triage(),
        "lead" | "void" => json!({"reason": "x"}),
        "transfer" => json!({"unit": "syd", "reason": "x"}),
        "corrections" => json!({"occurred_at": "2026-03-01T10:00:00Z", "reason": "x"}),
        "feedback" => json!({"audience": "reporter", "text": "x"}),
        "links" => json!({"kind": "related", "case": id(&file(&house.manager, fall()))}),
        "close" => json!({"outcome": "UTF.ATE", "summary": "x"}),
        "reopen" => {
            go("close", json!({"outcome": "UTF.ATE", "summary": "x"}));
            json!({"reason": "x"})
        }
        "investigation" => {
            go("triage", standard_triage());
            inquiry()
        }
        "measures" => {
            go("triage", standard_triage());
            go("investigation", inquiry());
            json!({"measures": [{"type": "ATG.RUT", "text": "x"}]})
        }
        "measures/decision" => {
            planned();
            json!({})
        }
        "follow-up" => {
            planned();
            go("measures/decision", json!({}));
            json!({})
        }
        other => panic!("no such command: {other}"),
    };
    (at, body)
}

#[test]
fn of_two_writers_exactly_one_wins_each_transition() {
    on_each_database(|database| {
        let house = house(database);
        for command in [
            "triage",
            "lead",
            "transfer",
            "corrections",
            "feedback",
            "links",
            "close",
            "void",
            "reopen",
            "investigation",
            "measures",
            "measures/decision",
            "follow-up",
        ] {
            let (at, body) = ready(&house, command);
            let path = format!("/api/v1/cases/{at}");
            let before = house.manager.get(&path).expect(200);
            let client = house.manager.with("if-match", &before.etag());
            let target = format!("{path}/{command}");
            let answers: Vec<u16> = thread::scope(|scope| {
                let writers: Vec<_> = (0..2)
                    .map(|_| scope.spawn(|| client.post(&target, body.clone()).status))
                    .collect();
                writers.into_iter().map(|writer| writer.join().expect("answers")).collect()
            });
            let mut sorted = answers.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [200, 412], "{command}");
            let version = |case: &Value| case["version"].as_i64().expect("a version");
            let after = house.manager.get(&path).expect(200).json();
            assert_eq!(version(&after), version(&before.json()) + 1, "{command}: once");
            let history = house.manager.get(&format!("{path}/history")).expect(200).json();
            let steps = history["items"].as_array().expect("items").len();
            assert_eq!(i64::try_from(steps).expect("few"), version(&after), "{command}");
        }
    });
}
