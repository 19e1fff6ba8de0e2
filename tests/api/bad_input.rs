//! What is wrong is named, all of it at once; nothing is half-done, nothing leaks.

use domain::ids::UnitId;
use serde_json::{Value, json};
use testkit::on_each_database;
use uuid::Uuid;

use crate::{fall, file, house, id};

fn pair(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

/// Files leniently and strictly; gives the faults, which must be the same, and checks that the
/// lenient one was kept and the strict one was not.
fn both_ways(house: &crate::House, body: &Value) -> Vec<(String, String)> {
    let count = || {
        let list = house.manager.get("/api/v1/cases?limit=500").expect(200).json();
        list["items"].as_array().map(Vec::len).expect("items")
    };
    let before = count();
    let strict =
        house.manager.with("prefer", "handling=strict").post("/api/v1/cases", body.clone());
    assert_eq!(strict.status, 422, "{}", strict.text);
    assert_eq!(strict.header("content-type"), Some("application/problem+json"));
    assert_eq!(count(), before, "strict keeps nothing");
    let kept = house.manager.post("/api/v1/cases", body.clone()).expect(201);
    assert_eq!(count(), before + 1, "lenient keeps it once");
    assert_eq!(strict.faults(), kept.faults(), "the same list");
    let problem = strict.json();
    for fault in problem["errors"].as_array().expect("errors") {
        assert!(fault["message"].as_str().is_some_and(|message| message.len() > 5), "{fault}");
    }
    kept.faults()
}

#[test]
fn faults_of_content_are_kept_as_warnings_or_refused_when_strict() {
    on_each_database(|database| {
        let house = house(database);
        let gamla = house.service.unit(house.tenant, "tall");
        house
            .service
            .run(house.service.app.store.write(house.tenant, move |tx| {
                let mut unit = tx
                    .units()?
                    .into_iter()
                    .find(|unit| unit.id == gamla)
                    .ok_or(store::Error::NotFound)?;
                unit.valid_to = Some(jiff::civil::date(2026, 1, 31));
                tx.update_unit(&unit, 1)?;
                let ended = domain::code_lists::Code {
                    list: "category".into(),
                    code: "HSL.FAL.GAMMAL".into(),
                    sv: "Gammal".into(),
                    en: "Old".into(),
                    parent: Some("HSL.FAL".into()),
                    valid_from: None,
                    valid_to: Some(jiff::civil::date(2025, 12, 31)),
                    basis: String::new(),
                    own: true,
                };
                tx.insert_tenant_code(&ended)?;
                tx.bump_config_version().map(|_| ())
            }))
            .expect("set up");
        let other = house.service.tenant("annan");
        let foreign: UnitId = house.service.unit(other, "gran");

        let with = |changes: Value| {
            let mut body = fall();
            for (name, value) in changes.as_object().expect("an object") {
                body[name] = value.clone();
            }
            body
        };
        for (changes, faults) in [
            (json!({"category": "HSL.XXX"}), vec![pair("/category", "unknown_code")]),
            (json!({"category": "HSL.FAL.GAMMAL"}), vec![pair("/category", "expired_code")]),
            (json!({"law": ["ABC"]}), vec![pair("/law/0", "unknown_code")]),
            (
                json!({"occurred_at": "2026-03-10T12:00:00Z"}),
                vec![pair("/occurred_at", "in_future")],
            ),
            (
                json!({"occurred_at": "2026-03-09T12:00:00Z", "discovered_at": "2026-03-09T11:00:00Z"}),
                vec![pair("/discovered_at", "before")],
            ),
            (json!({"unit": foreign.to_string()}), vec![pair("/unit", "unknown_unit")]),
            (json!({"unit": "tall"}), vec![pair("/unit", "closed_unit")]),
            (
                json!({"description": "Om 640823-3234.", "category": "X", "law": ["Y"], "unit": "Z"}),
                vec![
                    pair("/unit", "unknown_unit"),
                    pair("/category", "unknown_code"),
                    pair("/law/0", "unknown_code"),
                    pair("/description", "personal_number"),
                ],
            ),
        ] {
            assert_eq!(both_ways(&house, &with(changes.clone())), faults, "{changes}");
        }
        let moved = file(&house.manager, with(json!({"unit": "tall"})));
        assert_eq!(moved["unit"]["code"], "norr", "to the unit above");
        let lost = file(&house.manager, with(json!({"unit": foreign.to_string()})));
        assert_eq!(lost["unit"]["code"], "okand");
        let ahead = file(&house.manager, with(json!({"occurred_at": "2026-03-10T12:00:00Z"})));
        assert_eq!(ahead["occurred_at"], Value::Null);
        assert_eq!(ahead["warnings"][0]["values"]["given"], "2026-03-10T12:00:00Z");
    });
}

#[test]
fn a_personal_number_is_nowhere_in_what_is_stored() {
    on_each_database(|database| {
        let house = house(database);
        let mut body = fall();
        body["description"] = json!("Brukaren 19640823-3234 hittades på golvet.");
        body["details"] = json!({"fritext": "640823-3234"});
        let answer =
            house.manager.with("idempotency-key", "pnr").post("/api/v1/cases", body).expect(201);
        assert!(!answer.text.contains("3234"), "{}", answer.text);
        let case = answer.json();
        let warned = case["warnings"][0].clone();
        assert_eq!(warned["values"], json!({"position": 9, "length": 13}));
        let at = id(&case);
        for path in [format!("/api/v1/cases/{at}"), format!("/api/v1/cases/{at}/history")] {
            assert!(!house.manager.get(&path).expect(200).text.contains("3234"), "{path}");
        }
        let subject = house.manager.get(&format!("/api/v1/cases/{at}/subject")).expect(200).json();
        assert_eq!(subject["personal_id"], "196408233234");
        assert_eq!(subject["confirmed"], false);
        // The files of the SQLite database, the write-ahead log included.
        for entry in std::fs::read_dir(house.service.dir()).expect("the directory") {
            let bytes = std::fs::read(entry.expect("a file").path()).unwrap_or_default();
            for canary in [&b"640823-3234"[..], b"196408233234", b"6408233234"] {
                assert!(!bytes.windows(canary.len()).any(|window| window == canary));
            }
        }
    });
}

#[test]
fn texts_written_at_a_desk_are_refused_with_the_position() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let body = json!({"audience": "reporter", "text": "Hälsa 640823-3234."});
        let refused = house.manager.command(&at, "feedback", body).expect(422);
        assert_eq!(refused.faults(), [pair("/text", "personal_number")]);
        assert_eq!(refused.json()["errors"][0]["values"]["position"], 6);
        assert!(!refused.text.contains("3234"));
    });
}

#[test]
fn what_is_no_request_at_all_is_refused_whole() {
    on_each_database(|database| {
        let house = house(database);
        let send = |kind: &str, body: &[u8]| {
            house.manager.send("POST", "/api/v1/cases", Some((kind, body.to_vec())))
        };
        let mut unknown = fall();
        unknown["status"] = json!("closed");
        unknown["severity"] = json!({"actual": "två", "x": 1});
        unknown.as_object_mut().expect("an object").remove("unit");
        let mut faults = house.manager.post("/api/v1/cases", unknown).expect(422).faults();
        faults.sort();
        assert_eq!(
            faults,
            [
                pair("/severity/actual", "wrong_type"),
                pair("/severity/x", "unknown_field"),
                pair("/status", "unknown_field"),
                pair("/unit", "required"),
            ]
        );
        let broken = send("application/json", b"{\"kind\": ").expect(400);
        assert_eq!(broken.json()["code"], "broken_json");
        send("application/json", b"[]").expect(422);
        send("application/json", b"\xff\xfe").expect(400);
        send("text/plain", b"{}").expect(415);
        let zipped = house.manager.with("content-encoding", "gzip").post("/api/v1/cases", fall());
        zipped.expect(415);
        let large =
            json!({"kind": "avvikelse", "unit": "gran", "description": "x".repeat(10 << 20)});
        assert_eq!(
            house.manager.post("/api/v1/cases", large).expect(413).json()["code"],
            "too_large"
        );
        let mut wrong_kind = fall();
        wrong_kind["kind"] = json!("olycka");
        let refused = house.manager.post("/api/v1/cases", wrong_kind).expect(422);
        assert_eq!(refused.faults(), [pair("/kind", "wrong_type")]);
        let mut undated = fall();
        undated["occurred_at"] = json!("igår");
        let refused = house.manager.post("/api/v1/cases", undated).expect(422);
        assert_eq!(refused.faults(), [pair("/occurred_at", "wrong_type")]);
        assert_eq!(house.manager.get("/api/v1/cases").expect(200).json()["items"], json!([]));
    });
}

#[test]
fn messages_come_in_the_callers_language() {
    on_each_database(|database| {
        let house = house(database);
        let message = |language: &str| {
            let client = house.manager.with("accept-language", language);
            let refused =
                client.post("/api/v1/cases", json!({"kind": "avvikelse"})).expect(422).json();
            refused["errors"][0]["message"].as_str().expect("a message").to_owned()
        };
        assert_eq!(message("en"), "This is needed.");
        assert_eq!(message("sv"), "Uppgiften behövs.");
        assert_eq!(message("sv-x-easy"), "Du måste fylla i det här.");
        assert_eq!(message("fi"), "Uppgiften behövs.");
    });
}

#[test]
fn no_token_no_entry() {
    on_each_database(|database| {
        let house = house(database);
        let refused = |client: &testkit::Client| {
            let answer = client.get("/api/v1/cases").expect(401);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.json()["code"], "unauthenticated");
        };
        refused(&house.service.anonymous());
        refused(&house.service.with_token("x.y.z"));
        // alg none: {"alg":"none"}.{"sub":"mas"}.
        refused(&house.service.with_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYXMifQ."));
        refused(&house.service.reporter("finns-inte", "x"));
        let token = house.service.token("provby", "mas");
        house.service.clock.advance(jiff::SignedDuration::from_hours(2));
        refused(&house.service.with_token(&token));
        let of_tomorrow = house.service.token("provby", "mas");
        house.service.clock.advance(-jiff::SignedDuration::from_hours(24));
        refused(&house.service.with_token(&of_tomorrow));
    });
}

#[test]
fn another_tenants_case_does_not_exist() {
    on_each_database(|database| {
        let house = house(database);
        let other = house.service.tenant("annan");
        let stranger = house.service.holder(
            ("annan", other),
            "mas",
            domain::organisation::Role::Mas,
            &[],
            &[],
        );
        let at = id(&file(&house.manager, fall()));
        let theirs = stranger.get(&format!("/api/v1/cases/{at}")).expect(404);
        let nobodys = stranger.get(&format!("/api/v1/cases/{}", Uuid::now_v7())).expect(404);
        let without_request = |text: &str| {
            let mut body: Value = serde_json::from_str(text).expect("JSON");
            body["request_id"] = Value::Null;
            body
        };
        assert_eq!(
            without_request(&theirs.text),
            without_request(&nobodys.text),
            "not to be told apart"
        );
    });
}

#[test]
fn a_nul_in_a_text_or_a_query_is_left_out_and_nothing_is_refused_for_it() {
    on_each_database(|database| {
        let house = house(database);
        let mut body = fall();
        body["description"] = json!("Gled\u{0} ner.");
        body["details"] = json!({"no\u{0}te": ["a\u{0}b"]});
        let case = file(&house.manager, body);
        assert_eq!(case["description"], "Gled ner.");
        assert_eq!(case["details"], json!({"note": ["ab"]}));
        // No form asks for it, which is all there is to say.
        assert_eq!(case["warnings"].as_array().map(Vec::len), Some(1));
        assert_eq!(case["warnings"][0]["code"], "unknown_question");
        let found = house.manager.get("/api/v1/cases?number=%00x").expect(200).json();
        assert_eq!(found["items"], json!([]));
    });
}
