//! The day's work, from filing to the end.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::on_each_database;

use crate::{fall, file, house, id, standard_triage};

#[test]
fn a_harmless_fall_takes_one_request_to_file_and_one_to_close() {
    on_each_database(|database| {
        let house = house(database);
        // A token never seen before, without any grant.
        let nurse = house.service.reporter("provby", "ny-vikarie");
        let filed = nurse.post("/api/v1/cases", fall()).expect(201);
        let case = filed.json();
        assert_eq!(filed.header("location"), Some(format!("/api/v1/cases/{}", id(&case)).as_str()));
        assert_eq!(filed.etag(), "\"1\"");
        assert_eq!(case["status"], "reported");
        assert_eq!(case["warnings"], json!([]));
        assert_eq!(case["law"]["suggested"], json!(["HSL"]));
        assert_eq!(case["unit"]["code"], "gran");

        let closed = house
            .manager
            .with("if-match", &filed.etag())
            .post(
                &format!("/api/v1/cases/{}/close", id(&case)),
                json!({
                    "outcome": "UTF.DIR",
                    "summary": "Harmlöst fall.",
                    "action_taken": "Larmmatta lagd.",
                    "triage": {
                        "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 1},
                        "probability": 2, "lex": {"lex_maria": "no"}, "track": "simple",
                    },
                    "feedback": {"audience": "reporter", "text": "Tack, larmmattan är på plats."},
                }),
            )
            .expect(200)
            .json();
        assert_eq!(closed["status"], "closed");
        assert_eq!(closed["outcome"], "UTF.DIR");
        assert_eq!(closed["track"], "simple");

        // The reporter sees what came of it.
        let seen = nurse.get(&format!("/api/v1/cases/{}", id(&case))).expect(200).json();
        assert_eq!(seen["feedback"][0]["text"], "Tack, larmmattan är på plats.");
        assert_eq!(seen["lex"]["lex_maria"], Value::Null, "not the assessors' answers");
    });
}

#[test]
fn a_case_goes_from_three_fields_to_its_end_with_every_step_in_its_history() {
    on_each_database(|database| {
        let house = house(database);
        let bare = json!({"kind": "avvikelse", "unit": "syd", "description": "Fall vid säng."});
        let case = file(&house.service.reporter("provby", "usk"), bare);
        let at = id(&case);
        let manager = &house.manager;

        let part =
            manager.command(&at, "triage", json!({"severity": {"actual": 2}})).expect(200).json();
        assert_eq!(part["status"], "reported");
        assert_eq!(part["awaits"], json!(["/category", "/track", "/law", "/probability"]));
        let triaged = manager.command(&at, "triage", standard_triage()).expect(200).json();
        assert_eq!(triaged["status"], "triaged");
        assert_eq!(triaged["risk_score"], 4);

        // Wrong unit, found out after triage.
        let corrected = manager
            .command(&at, "corrections", json!({"unit": "gran", "reason": "Fel enhet vald."}))
            .expect(200)
            .json();
        assert_eq!(corrected["unit"]["code"], "gran");

        let inquiry = json!({
            "course_of_events": "Larmet var avstängt.", "assessment": "Rutinen följdes inte.",
            "causes": [{"code": "ORS.PRO", "text": "Ingen checklista."}, {"code": "ORS.KOM"}],
            "complete": true,
        });
        let investigated = manager.command(&at, "investigation", inquiry).expect(200).json();
        assert_eq!(investigated["status"], "investigating");
        let causes: Vec<&str> = investigated["investigation"]["causes"]
            .as_array()
            .expect("causes")
            .iter()
            .map(|cause| cause["id"].as_str().expect("an id"))
            .collect();

        let early = manager.command(&at, "measures/decision", json!({})).expect(422);
        assert_eq!(early.faults().len(), 2, "both causes lack an answer: {}", early.text);
        let measures = json!({"measures": [
            {"type": "ATG.RUT", "text": "Checklista.", "causes": [causes[0]], "owner": "Enhetschef",
             "due_on": "2026-04-01", "follow_up_on": "2026-06-01"},
            {"type": "ATG.UTB", "text": "Genomgång på APT.", "causes": [causes[1]],
             "owner": "Sjuksköterska", "due_on": "2026-04-15", "follow_up_on": "2026-06-01"},
        ]});
        let planned = manager.command(&at, "measures", measures).expect(200).json();
        let measure =
            planned["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
        manager.command(&at, "measures/decision", json!({})).expect(200);
        let following = manager.command(&at, "follow-up", json!({})).expect(200).json();
        assert_eq!(following["status"], "following_up");

        let unfit = manager.command(&at, "close", json!({"outcome": "UTF.ATG"})).expect(422);
        assert_eq!(
            unfit.faults(),
            [("/summary".into(), "required".into()), ("/feedback".into(), "required".into())]
        );
        let said = json!({"audience": "unit", "meeting_on": "2026-03-09", "text": "Gicks igenom."});
        manager.command(&at, "feedback", said).expect(200);
        let end = json!({"outcome": "UTF.ATG", "summary": "Checklista införd."});
        let closed = manager.command(&at, "close", end).expect(200).json();
        assert_eq!(closed["status"], "closed");
        for stage in [
            "triaged_at",
            "investigation_started_at",
            "investigation_done_at",
            "measures_decided_at",
            "following_up_at",
            "closed_at",
        ] {
            assert!(closed[stage].is_string(), "{stage}");
        }

        // A measure outlives its case.
        let path = format!("/api/v1/cases/{at}");
        let etag = manager.get(&path).etag();
        let done = manager
            .with("if-match", &etag)
            .patch(
                &format!("{path}/measures/{measure}"),
                json!({"done_on": "2026-03-10", "effect": "yes"}),
            )
            .expect(200)
            .json();
        assert_eq!(done["investigation"]["measures"][0]["effect"], "yes");

        let history = manager.get(&format!("{path}/history")).expect(200).json();
        let steps: Vec<&str> = history["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|entry| entry["command"].as_str().expect("a command"))
            .collect();
        assert_eq!(
            steps,
            [
                "file",
                "triage",
                "triage",
                "correct",
                "investigate",
                "measure",
                "decide_measures",
                "follow_up",
                "feedback",
                "close",
                "measure"
            ]
        );
        let correction = &history["items"][3];
        assert_eq!(correction["reason"], "Fel enhet vald.");
        let syd = house.service.unit(house.tenant, "syd").to_string();
        let gran = house.service.unit(house.tenant, "gran").to_string();
        assert_eq!(correction["changes"][0], json!({"field": "unit", "old": syd, "new": gran}));

        // The reporter sees the steps, and nothing the assessors wrote.
        let own =
            house.service.reporter("provby", "usk").get(&format!("{path}/history")).expect(200);
        assert_eq!(own.json()["items"].as_array().map(Vec::len), Some(11));
        assert!(!own.text.contains("Larmet var avstängt") && !own.text.contains("Fel enhet"));
    });
}

#[test]
fn a_closed_case_is_taken_up_again_and_a_wrong_one_made_void() {
    on_each_database(|database| {
        let house = house(database);
        let case = file(&house.manager, fall());
        let at = id(&case);
        let gone = json!({"outcome": "UTF.ATE", "summary": "Återkallad."});
        house.manager.command(&at, "close", gone).expect(200);
        let refused = house.manager.command(&at, "triage", standard_triage()).expect(409);
        assert_eq!(refused.json()["code"], "invalid_state");
        let open =
            house.manager.command(&at, "reopen", json!({"reason": "Nytt."})).expect(200).json();
        assert_eq!(open["status"], "reported");
        assert_eq!(open["outcome"], Value::Null);
        let void =
            house.manager.command(&at, "void", json!({"reason": "Testärende."})).expect(200).json();
        assert_eq!(void["status"], "void");
        assert_eq!(void["commands"], json!([]));
        assert_eq!(void["description"], case["description"], "nothing is deleted");
    });
}

#[test]
fn a_draft_is_its_authors_alone_until_handed_in() {
    on_each_database(|database| {
        let house = house(database);
        let author = house.service.reporter("provby", "usk");
        let mut draft = fall();
        draft["draft"] = json!(true);
        let case = file(&author, draft.clone());
        let path = format!("/api/v1/cases/{}", id(&case));
        assert_eq!(case["status"], "draft");
        house.manager.get(&path).expect(404);
        draft["description"] = json!("Skrivet om.");
        let edited = author.with("if-match", "\"1\"").patch(&path, draft.clone()).expect(200);
        assert_eq!(edited.json()["description"], "Skrivet om.");
        assert_eq!(edited.json()["number"], case["number"]);
        author.with("if-match", "\"1\"").patch(&path, draft.clone()).expect(412);
        let listed = house.manager.get("/api/v1/cases").expect(200).json();
        assert_eq!(listed["items"], json!([]));
        let handed_in =
            author.with("if-match", &edited.etag()).post(&format!("{path}/submit"), json!({}));
        assert_eq!(handed_in.expect(200).json()["status"], "reported");
        house.manager.get(&path).expect(200);
        author.with("if-match", "\"3\"").patch(&path, draft).expect(403);
    });
}

#[test]
fn complaints_and_praise_are_filed_and_ended_too() {
    on_each_database(|database| {
        let house = house(database);
        let registrator =
            house.service.holder(("provby", house.tenant), "reg", Role::Registrator, &[], &[]);
        let letter = json!({
            "kind": "klagomal", "unit": "gran", "description": "Personalen kom för sent.",
            "category": "K.OMV", "source": "NAR", "channel": "BRV",
            "received_at": "2025-12-30T10:00:00Z", "received_reason": "Låg i postlådan.",
            "reporter_name": "Anhörig",
        });
        let case = file(&registrator, letter);
        assert!(case["number"].as_str().expect("a number").starts_with("KLA-2025-"));
        assert_eq!(case["reported_at"], "2025-12-30T10:00:00Z");
        assert_eq!(case["reported_by"], Value::Null);
        let praise =
            json!({"kind": "synpunkt", "subkind": "BER", "unit": "gran", "description": "Tack!"});
        let praise = file(&registrator, praise);
        assert_eq!(praise["subkind"], "BER");
        let end = json!({"outcome": "UTF.DEL", "summary": "Delvis rätt.", "triage": {"category": "K.OMV"},
            "feedback": {"audience": "reporter", "text": "Svar skickat."}});
        let told = house.manager.command(&id(&case), "close", end.clone()).expect(422);
        let needs = ("/ending".to_owned(), "klagomal_needs_answer_or_ending".to_owned());
        assert_eq!(told.faults(), [needs], "telling the staff is no answer");
        let answer = json!({"explanation": "Delvis rätt: bussen var sen.", "no_measures": true,
            "secrecy_ground": "Inget om någon enskild.", "channel": "letter",
            "avvikelse": false, "lex_sarah": "no"});
        house.manager.command(&id(&case), "opinion/answer", answer).expect(200);
        let closed = house.manager.command(&id(&case), "close", end).expect(200).json();
        assert_eq!(closed["outcome"], "UTF.DEL");
    });
}

#[test]
fn lists_page_filter_and_tell_of_changes() {
    on_each_database(|database| {
        let house = house(database);
        for n in 0..7 {
            let mut body = fall();
            body["unit"] = json!(if n % 2 == 0 { "gran" } else { "syd" });
            file(&house.manager, body);
            house.service.clock.advance(jiff::SignedDuration::from_secs(60));
        }
        let first = house.manager.get("/api/v1/cases?limit=3").expect(200);
        assert_eq!(first.json()["items"].as_array().map(Vec::len), Some(3));
        assert!(first.header("link").expect("a link").contains("rel=\"next\""));
        assert!(!first.text.contains("Gled ner"), "lists show no text");
        let mut seen: Vec<Value> = Vec::new();
        let mut path = "/api/v1/cases?limit=3".to_owned();
        loop {
            let page = house.manager.get(&path).expect(200).json();
            seen.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("/api/v1/cases?limit=3&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 7);
        let times: Vec<&str> =
            seen.iter().map(|case| case["reported_at"].as_str().expect("a time")).collect();
        assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "newest first: {times:?}");

        let count = |query: &str| {
            let page = house.manager.get(&format!("/api/v1/cases?{query}")).expect(200).json();
            page["items"].as_array().map(Vec::len).expect("items")
        };
        assert_eq!(count("unit=norr"), 4, "with the units below");
        assert_eq!(count("unit=syd&category=HSL.FAL&law=HSL&status=reported&kind=avvikelse"), 3);
        assert_eq!(count("status=closed"), 0);
        assert_eq!(count("reported_to=2026-03-09"), 0);
        let number = seen[0]["number"].as_str().expect("a number").to_lowercase();
        assert_eq!(count(&format!("number={number}")), 1, "as people write it");
        let wrong =
            house.manager.get("/api/v1/cases?status=x&limit=0&foo=1&unit=annans").expect(422);
        assert_eq!(wrong.faults().len(), 4, "{}", wrong.text);

        let changes = house
            .manager
            .get("/api/v1/cases?updated_since=2026-03-10T00:00:00Z")
            .expect(200)
            .json();
        assert_eq!(changes["items"].as_array().map(Vec::len), Some(7));
        let since = changes["next_updated_since"].as_str().expect("the next round").to_owned();
        assert_eq!(count(&format!("updated_since={since}")), 0);
        let streamed =
            house.manager.with("accept", "application/x-ndjson").get("/api/v1/cases").expect(200);
        assert_eq!(streamed.text.lines().count(), 7);
    });
}
