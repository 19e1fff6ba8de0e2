//! Two writers race each transition: exactly one wins.

use std::thread;

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

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

/// Two deciders, one escalation: on each database one of them wins, and the history tells of one.
#[test]
fn of_two_deciders_exactly_one_wins() {
    on_each_database(|database| {
        let house = house(database);
        let admin = house.service.holder(("provby", house.tenant), "adm", Role::Admin, &[], &[]);
        let deciders: Vec<Client> = ["en", "tva"]
            .into_iter()
            .map(|name| {
                let decider = house.service.reporter("provby", name);
                let staff = decider.get("/api/v1/me").expect(200).json()["staff"].clone();
                let line = json!({"staff": staff, "matter": "lex_maria", "valid_from": "2026-01-01",
                    "reference": "SN 1", "decided_by": "SN"});
                admin.post("/api/v1/delegations", line).expect(201);
                decider
            })
            .collect();
        for round in 0..5 {
            let at = id(&file(&house.manager, fall()));
            house.manager.command(&at, "triage", standard_triage()).expect(200);
            let raise = json!({"kind": "lex_maria", "reason": "x"});
            let raised = house.manager.post(&format!("/api/v1/cases/{at}/escalations"), raise);
            let path = format!("/api/v1/escalations/{}", id(&raised.expect(201).json()));
            for (command, body) in [
                ("screen", json!({"outcome": "take_up"})),
                ("propose", json!({"notify": true, "text": "x"})),
            ] {
                let etag = house.mas.get(&path).etag();
                let to = format!("{path}/{command}");
                house.mas.with("if-match", &etag).post(&to, body).expect(200);
            }
            let etag = house.mas.get(&path).etag();
            let mut answers: Vec<u16> = thread::scope(|scope| {
                let writers: Vec<_> = deciders
                    .iter()
                    .enumerate()
                    .map(|(at, decider)| {
                        let body = json!({"notify": at == 0, "test": "death", "motivation": "x"});
                        let client = decider.with("if-match", &etag);
                        let to = format!("{path}/decide");
                        scope.spawn(move || client.post(&to, body).status)
                    })
                    .collect();
                writers.into_iter().map(|writer| writer.join().expect("answers")).collect()
            });
            answers.sort_unstable();
            // Whoever comes after the other has been answered meets the version, or the state.
            assert_eq!(answers, [200, 412], "round {round}");
            let history = house.mas.get(&format!("{path}/history")).expect(200).json();
            let decided = history["items"].as_array().expect("items").iter();
            assert_eq!(decided.filter(|it| it["command"] == "decide").count(), 1);
        }
    });
}

/// One ends a case while another raises a flag beside it: never is it closed in spite of the flag.
#[test]
fn a_case_is_not_ended_past_a_flag_that_is_being_raised() {
    on_each_database(|database| {
        let house = house(database);
        for round in 0..10 {
            let at = id(&file(&house.manager, fall()));
            let path = format!("/api/v1/cases/{at}");
            let etag = house.manager.get(&path).etag();
            let (closed, raised) = thread::scope(|scope| {
                let closer = scope.spawn(|| {
                    let body = json!({"outcome": "UTF.ATE", "summary": "x"});
                    let client = house.manager.with("if-match", &etag);
                    client.post(&format!("{path}/close"), body).status
                });
                let raiser = scope.spawn(|| {
                    let body = json!({"kind": "lex_maria", "reason": "x"});
                    house.mas.post(&format!("{path}/escalations"), body).status
                });
                (closer.join().expect("answers"), raiser.join().expect("answers"))
            });
            assert_eq!(raised, 201, "round {round}: a flag is never refused for it");
            assert!([200, 422].contains(&closed), "round {round}: {closed}");
            let status = house.manager.get(&path).expect(200).json()["status"].clone();
            assert_eq!(status == "closed", closed == 200, "round {round}");
        }
    });
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
