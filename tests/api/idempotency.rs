//! Asking twice does once.

use std::thread;

use domain::organisation::Role;
use serde_json::json;
use store::Tx;
use testkit::on_each_database;

use crate::{fall, file, house, id};

#[test]
fn one_key_fifty_times_in_parallel_makes_one_case() {
    on_each_database(|database| {
        let house = house(database);
        let client =
            house.service.reporter("provby", "telefon").with("idempotency-key", "nyckel-1");
        // The staff row first, so that the fifty race over the filing alone.
        house.service.reporter("provby", "telefon").get("/api/v1/cases").expect(200);
        let answers: Vec<_> = thread::scope(|scope| {
            let tries: Vec<_> =
                (0..50).map(|_| scope.spawn(|| client.post("/api/v1/cases", fall()))).collect();
            tries.into_iter().map(|one| one.join().expect("answers")).collect()
        });
        for answer in &answers {
            assert_eq!(answer.status, 201, "{}", answer.text);
            assert_eq!(answer.text, answers[0].text);
            assert_eq!(answer.etag(), answers[0].etag());
            assert_eq!(answer.header("location"), answers[0].header("location"));
        }
        let all = house.manager.get("/api/v1/cases").expect(200).json();
        assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn a_key_belongs_to_one_request_of_one_person_for_three_days() {
    on_each_database(|database| {
        let house = house(database);
        let one = house.service.reporter("provby", "en").with("idempotency-key", "k");
        let first = one.post("/api/v1/cases", fall()).expect(201).json();
        let mut other = fall();
        other["description"] = json!("Något annat.");
        let reused = one.post("/api/v1/cases", other).expect(422);
        assert_eq!(reused.json()["code"], "idempotency_key_reused");
        let another = house.service.reporter("provby", "annan").with("idempotency-key", "k");
        let second = another.post("/api/v1/cases", fall()).expect(201).json();
        assert_ne!(id(&first), id(&second), "no answer of another's leaks");

        house.service.clock.advance(jiff::SignedDuration::from_hours(71));
        let one = |_: ()| house.service.reporter("provby", "en").with("idempotency-key", "k");
        assert_eq!(id(&one(()).post("/api/v1/cases", fall()).expect(201).json()), id(&first));
        house.service.clock.advance(jiff::SignedDuration::from_hours(2));
        assert_ne!(id(&one(()).post("/api/v1/cases", fall()).expect(201).json()), id(&first));
    });
}

#[test]
fn what_was_kept_long_enough_is_forgotten_and_nothing_else() {
    on_each_database(|database| {
        let house = house(database);
        let reporter =
            |key: &str| house.service.reporter("provby", "en").with("idempotency-key", key);
        reporter("old").post("/api/v1/cases", fall()).expect(201);
        house.service.clock.advance(jiff::SignedDuration::from_hours(48));
        let newer = reporter("new").post("/api/v1/cases", fall()).expect(201).json();
        assert_eq!(house.service.run(house.service.app.forget_old_answers()).unwrap(), 0);
        house.service.clock.advance(jiff::SignedDuration::from_hours(25));
        assert_eq!(house.service.run(house.service.app.forget_old_answers()).unwrap(), 1);
        let again = reporter("new").post("/api/v1/cases", fall()).expect(201).json();
        assert_eq!(id(&again), id(&newer));
    });
}

#[test]
fn a_filing_repeated_is_answered_as_before_though_it_would_be_refused_now() {
    on_each_database(|database| {
        let house = house(database);
        let mut body = fall();
        body["id"] = json!(uuid::Uuid::now_v7());
        let phone = house.service.reporter("provby", "en").with("idempotency-key", "k");
        let first = phone.post("/api/v1/cases", body.clone()).expect(201);
        // Under another key the id is taken; under this one it is the same filing.
        let other = house.service.reporter("provby", "en").with("idempotency-key", "l");
        other.post("/api/v1/cases", body.clone()).expect(409);
        assert_eq!(phone.post("/api/v1/cases", body).expect(201).text, first.text);
    });
}

#[test]
fn a_command_with_a_key_is_answered_again_though_its_version_is_old() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let retrying = house.manager.with("if-match", "\"1\"").with("idempotency-key", "t1");
        let path = format!("/api/v1/cases/{at}/triage");
        let first = retrying.post(&path, crate::standard_triage()).expect(200);
        let again = retrying.post(&path, crate::standard_triage()).expect(200);
        assert_eq!(first.text, again.text);
        let now = house.manager.get(&format!("/api/v1/cases/{at}")).expect(200).json();
        assert_eq!(now["version"], 2);
    });
}

#[test]
fn a_client_may_draw_the_id_but_not_take_anothers() {
    on_each_database(|database| {
        let house = house(database);
        let drawn = uuid::Uuid::now_v7().to_string();
        let mut body = fall();
        body["id"] = json!(drawn);
        assert_eq!(id(&file(&house.manager, body.clone())), drawn);
        let taken = house.manager.post("/api/v1/cases", body).expect(409);
        assert_eq!(taken.json()["code"], "conflict");
    });
}

#[test]
fn a_command_that_takes_the_case_out_of_reach_is_answered_again() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let mut draft = fall();
        draft["draft"] = json!(true);
        let of = ("provby", house.tenant);
        let gran = house.service.holder(of, "chef-gran", Role::UnitManager, &["gran"], &[]);
        let submitted = id(&file(&nurse, draft.clone()));
        let discarded = id(&file(&nurse, draft));
        let moved = id(&file(&house.manager, fall()));
        for (who, at, command, body) in [
            (&nurse, &submitted, "submit", json!({})),
            (&nurse, &discarded, "void", json!({"reason": "Fel."})),
            (&gran, &moved, "transfer", json!({"unit": "syd", "reason": "Hör dit."})),
        ] {
            let path = format!("/api/v1/cases/{at}/{command}");
            let who = who.with("if-match", "\"1\"");
            let keyed = who.with("idempotency-key", command);
            let first = keyed.post(&path, body.clone()).expect(200);
            let again = keyed.post(&path, body.clone()).expect(200);
            assert_eq!(first.text, again.text, "{command}");
            assert_eq!(first.etag(), again.etag(), "{command}");
            // Another key is another request: it is held to what is allowed, and stands, now.
            let other = who.with("idempotency-key", "annan").post(&path, body);
            let wanted = if command == "void" { 412 } else { 403 };
            other.expect(wanted);
        }
        let read = |tx: &mut Tx<'_>| tx.access_entries(None, 500);
        let entries = house.service.run(house.service.app.store.read(house.tenant, read));
        let entries = entries.expect("entries");
        let replays = entries.iter().filter(|entry| entry.act == "case.replay").count();
        assert_eq!(replays, 3, "what is shown again is read again");
    });
}

#[test]
fn a_retry_gets_its_answer_though_the_command_took_the_case_out_of_sight() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let keyed = house.mas.with("if-match", "\"1\"").with("idempotency-key", "k");
        let path = format!("/api/v1/cases/{at}/corrections");
        let body = json!({"law": ["SOL"], "reason": "Fel lag."});
        let first = keyed.post(&path, body.clone()).expect(200);
        house.mas.get(&format!("/api/v1/cases/{at}")).expect(404);
        let again = keyed.post(&path, body.clone()).expect(200);
        assert_eq!(first.text, again.text);
        // Nobody else's, and nothing but that very answer.
        let sas = house.service.reporter("provby", "annan").with("idempotency-key", "k");
        sas.with("if-match", "\"1\"").post(&path, body.clone()).expect(404);
        keyed.post(&format!("/api/v1/cases/{at}/void"), json!({"reason": "x"})).expect(422);
    });
}
