//! `If-Match`, and what a second writer meets.

use serde_json::json;
use testkit::on_each_database;

use crate::{fall, file, house, id, standard_triage};

#[test]
fn changing_needs_the_version_that_was_read() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let path = format!("/api/v1/cases/{at}/triage");
        let without = house.manager.post(&path, standard_triage()).expect(428);
        assert_eq!(without.json()["code"], "precondition_required");
        assert_eq!(without.header("content-type"), Some("application/problem+json"));
        house.manager.with("if-match", "\"1\"").post(&path, standard_triage()).expect(200);
        let stale =
            house.manager.with("if-match", "\"1\"").post(&path, standard_triage()).expect(412);
        assert_eq!(stale.json()["code"], "stale");
        for unusable in ["*", "W/\"2\"", "2", ""] {
            house.manager.with("if-match", unusable).post(&path, standard_triage()).expect(412);
        }
    });
}

#[test]
fn checks_run_in_their_order() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let path = format!("/api/v1/cases/{at}/triage");
        let broken = ("application/json", b"{".to_vec());
        house.service.anonymous().send("POST", &path, Some(broken.clone())).expect(401);
        let stranger = house.service.reporter("provby", "annan");
        stranger.send("POST", &path, Some(broken.clone())).expect(404);
        house.manager.send("POST", &path, Some(broken.clone())).expect(428);
        house
            .manager
            .with("if-match", "\"9\"")
            .send("POST", &path, Some(broken.clone()))
            .expect(412);
        house.manager.with("if-match", "\"1\"").send("POST", &path, Some(broken)).expect(400);
        let guard = house.manager.with("if-match", "\"1\"").post(&path, json!({"probability": 9}));
        guard.expect(422);
    });
}

#[test]
fn a_known_path_with_another_method_says_which_it_takes() {
    on_each_database(|database| {
        let house = house(database);
        let no = house.manager.send("DELETE", "/api/v1/cases", None).expect(405);
        assert_eq!(no.header("allow"), Some("GET, HEAD, POST"));
        assert_eq!(no.json()["code"], "method_not_allowed");
        house.manager.get("/api/v1/nothing").expect(404);
        assert_eq!(
            house.manager.get("/api/v1/cases/not-an-id").expect(404).json()["code"],
            "not_found"
        );
    });
}

#[test]
fn the_operators_address_tells_more_than_the_public_one() {
    on_each_database(|database| {
        let house = house(database);
        house.service.anonymous().get("/livez").expect(200);
        house.service.anonymous().get("/readyz").expect(200);
        house.service.anonymous().get("/metrics").expect(404);
        let detail = house.service.operator().get("/readyz").expect(200).json();
        assert_eq!(detail["ready"], true);
        let metrics = house.service.operator().get("/metrics").expect(200).text;
        assert!(metrics.contains("avvikelse_http_requests_total"), "{metrics}");
    });
}

#[test]
fn a_reporters_view_has_an_entity_tag_of_its_own() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let at = id(&file(&nurse, fall()));
        let path = format!("/api/v1/cases/{at}");
        assert_eq!(nurse.get(&path).expect(200).etag(), "\"1-own\"");
        let whole = house.manager.get(&path).expect(200);
        assert_eq!(whole.etag(), "\"1\"");
        assert_eq!(whole.header("vary"), Some("Accept-Language, Authorization"));
        // Each reading is kept, so there is nothing to save by asking whether it changed.
        house.manager.with("if-none-match", "\"1\"").get(&path).expect(200);
        let own = house.manager.with("if-match", "\"1-own\"");
        own.post(&format!("{path}/triage"), standard_triage()).expect(412);

        let mut draft = fall();
        draft["draft"] = json!(true);
        let at = id(&file(&nurse, draft));
        assert_eq!(nurse.get(&format!("/api/v1/cases/{at}")).expect(200).etag(), "\"1\"");
        nurse.command(&at, "submit", json!({})).expect(200);
    });
}

#[test]
fn the_version_is_held_against_before_the_body_is_read() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let path = format!("/api/v1/cases/{at}/triage");
        let stale = house.manager.with("if-match", "\"9\"");
        let text = Some(("text/plain", b"x".to_vec()));
        stale.send("POST", &path, text.clone()).expect(412);
        house.manager.with("if-match", "\"1\"").send("POST", &path, text).expect(415);
    });
}
