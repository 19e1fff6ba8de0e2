//! Whose a filing is: the reporter's, the author's while it is a draft, and never a shared phone's.

use std::thread;

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::on_each_database;

use crate::{fall, file, house, id};

fn listed(client: &testkit::Client, query: &str) -> usize {
    let page = client.get(&format!("/api/v1/cases?{query}")).expect(200).json();
    page["items"].as_array().map(Vec::len).expect("items")
}

#[test]
fn a_shared_phone_files_and_reads_nothing_back() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let phone = house.service.holder(of, "telefon-avd-2", Role::Intake, &[], &[]);
        let mut body = fall();
        body["reporter_name"] = json!("Kim på avdelning 2");
        let case = file(&phone, body);
        assert_eq!(case["reported_by"], Value::Null);
        assert_eq!(case["reporter_name"], "Kim på avdelning 2");
        phone.get(&format!("/api/v1/cases/{}", id(&case))).expect(404);
        assert_eq!(listed(&phone, "mine=true"), 0);
        let mut draft = fall();
        draft["draft"] = json!(true);
        let refused = phone.post("/api/v1/cases", draft).expect(422);
        assert_eq!(refused.faults(), [("/draft".into(), "draft_on_shared_device".into())]);
        house.manager.get(&format!("/api/v1/cases/{}", id(&case))).expect(200);
    });
}

#[test]
fn a_discarded_draft_stays_its_authors_alone() {
    on_each_database(|database| {
        let house = house(database);
        let author = house.service.reporter("provby", "usk");
        let mut draft = fall();
        draft["draft"] = json!(true);
        let path = format!("/api/v1/cases/{}", id(&file(&author, draft)));
        let discarded =
            author.with("if-match", "\"1\"").post(&format!("{path}/void"), json!({"reason": "x"}));
        assert_eq!(discarded.expect(200).json()["status"], "void");
        house.manager.get(&path).expect(404);
        assert_eq!(listed(&house.manager, "status=void"), 0);
        author.get(&path).expect(200);
        assert_eq!(listed(&author, "status=void"), 1);
    });
}

#[test]
fn reporting_for_someone_else_needs_a_grant_and_a_colleague_who_exists() {
    on_each_database(|database| {
        let house = house(database);
        let nobody = uuid::Uuid::now_v7().to_string();
        let mut body = fall();
        body["reported_by"] = json!(nobody);
        body["subject"] = json!({"other_id": "R-1", "protected": "JA"});
        let kept = house.manager.post("/api/v1/cases", body.clone()).expect(201);
        let faults = kept.faults();
        assert!(faults.contains(&("/reported_by".into(), "not_found".into())), "{faults:?}");
        assert!(
            faults.contains(&("/subject/protected".into(), "unknown_code".into())),
            "{faults:?}"
        );
        let plain = house.service.reporter("provby", "usk");
        let kept = plain.post("/api/v1/cases", body).expect(201);
        assert!(
            kept.faults().contains(&("/reported_by".into(), "registering_not_permitted".into()))
        );
        assert!(kept.json()["reported_by"].is_string(), "stands as the reporter");
        let wrong = json!({"subject": {"other_id": "R-2", "protected": "JA"}, "reason": "x"});
        let at = id(&file(&house.manager, fall()));
        let refused = house.manager.command(&at, "corrections", wrong).expect(422);
        assert_eq!(refused.faults(), [("/subject/protected".into(), "unknown_code".into())]);
    });
}

#[test]
fn a_duplicate_always_has_an_original_that_is_counted() {
    on_each_database(|database| {
        let house = house(database);
        let count = || {
            let answer = house.mas.get("/api/v1/statistics?year=2026").expect(200).json();
            answer["total"]["count"].as_i64().expect("a count")
        };
        let (a, b) = (id(&file(&house.manager, fall())), id(&file(&house.manager, fall())));
        let as_duplicate_of = |of: &str| json!({"outcome": "UTF.DUB", "duplicate_of": of});
        house.manager.command(&a, "close", as_duplicate_of(&b)).expect(200);
        let ring = house.manager.command(&b, "close", as_duplicate_of(&a)).expect(422);
        assert_eq!(ring.faults(), [("/duplicate_of".into(), "original_is_a_duplicate".into())]);
        let held = house.manager.command(&b, "void", json!({"reason": "x"})).expect(422);
        assert_eq!(held.faults(), [(String::new(), "has_duplicates".into())]);
        // A duplicate made void holds nothing any more.
        house.manager.command(&a, "void", json!({"reason": "x"})).expect(200);
        house.manager.command(&b, "void", json!({"reason": "x"})).expect(200);

        // Closing as a duplicate beside making the original void: one of the two must fail.
        for _ in 0..10 {
            let (original, copy) =
                (id(&file(&house.manager, fall())), id(&file(&house.manager, fall())));
            let before = count();
            let client = house.manager.with("if-match", "\"1\"");
            let answers: Vec<u16> = thread::scope(|scope| {
                let close = scope.spawn(|| {
                    client
                        .post(&format!("/api/v1/cases/{copy}/close"), as_duplicate_of(&original))
                        .status
                });
                let void = scope.spawn(|| {
                    client
                        .post(&format!("/api/v1/cases/{original}/void"), json!({"reason": "x"}))
                        .status
                });
                vec![close.join().expect("answers"), void.join().expect("answers")]
            });
            assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
            assert_eq!(count(), before - 1, "{answers:?}");
        }
    });
}

#[test]
fn a_law_said_twice_is_listed_and_counted_once() {
    on_each_database(|database| {
        let house = house(database);
        let mut body = fall();
        body["law"] = json!(["HSL", "HSL"]);
        let case = house.manager.post("/api/v1/cases", body).expect(201);
        assert_eq!(case.faults(), [("/law/1".into(), "not_unique".into())]);
        assert_eq!(listed(&house.mas, "law=HSL"), 1);
        let mentions =
            house.mas.get("/api/v1/statistics?year=2026&of=mentions&group_by=law").expect(200);
        assert_eq!(mentions.json()["total"]["count"], 1);
    });
}

#[test]
fn whoever_registers_for_someone_without_a_token_can_follow_it() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let nurse = house.service.holder(of, "ssk", Role::Team, &["norr"], &[]);
        let mut body = fall();
        body["unit"] = json!("syd");
        body["reporter_name"] = json!("Vikarie utan inloggning");
        let case = file(&nurse, body);
        assert_eq!(case["reported_by"], Value::Null);
        nurse.get(&format!("/api/v1/cases/{}", id(&case))).expect(200);
        assert_eq!(listed(&nurse, "mine=true"), 1);
    });
}

#[test]
fn an_original_is_not_closed_as_a_duplicate_while_others_are_duplicates_of_it() {
    on_each_database(|database| {
        let house = house(database);
        let cases: Vec<String> = (0..3).map(|_| id(&file(&house.manager, fall()))).collect();
        let as_duplicate_of = |of: &str| json!({"outcome": "UTF.DUB", "duplicate_of": of});
        house.manager.command(&cases[0], "close", as_duplicate_of(&cases[1])).expect(200);
        let held =
            house.manager.command(&cases[1], "close", as_duplicate_of(&cases[2])).expect(422);
        assert_eq!(held.faults(), [(String::new(), "has_duplicates".into())]);
    });
}

#[test]
fn a_case_leaves_the_deep_track_only_by_who_may_end_one_there() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let mut deep = crate::standard_triage();
        deep["track"] = json!("deep");
        house.manager.command(&at, "triage", deep).expect(200);
        let down = json!({"track": "standard", "reason": "Räcker så."});
        house.manager.command(&at, "triage", down.clone()).expect(403);
        house.mas.command(&at, "triage", down).expect(200);
    });
}
