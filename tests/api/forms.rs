//! Forms are data, answers are counted, and what a text suggests is told with its reasons.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Database, on_each_database};

use crate::{fall, file, house, id};

fn counts(client: &Client, query: &str) -> Vec<(Value, i64)> {
    let answer = client.get(&format!("/api/v1/statistics?year=2026&{query}")).expect(200).json();
    let rows = answer["rows"].as_array().expect("rows");
    let count = |row: &Value| row["count"].as_i64().expect("a count");
    let sum: i64 = rows.iter().map(count).sum();
    assert_eq!(answer["total"]["count"].as_i64(), Some(sum), "{query}");
    let key = |row: &Value| row["keys"].as_object().expect("keys").values().next().cloned();
    rows.iter().map(|row| (key(row).unwrap_or_default(), count(row))).collect()
}

#[test]
fn forms_are_read_by_kind_category_and_language() {
    let house = house(Database::Sqlite);
    let nurse = house.service.reporter("provby", "usk");
    let all = nurse.get("/api/v1/forms/avvikelse").expect(200);
    let forms = all.json()["forms"].as_array().expect("forms").len();
    assert!(forms >= 7, "{forms}");
    let etag = all.etag();
    nurse.with("if-none-match", &etag).get("/api/v1/forms/avvikelse").expect(304);
    let easy = nurse.with("accept-language", "sv-x-easy");
    let falls = easy.get("/api/v1/forms/avvikelse?category=HSL.FAL.TIL").expect(200);
    assert_ne!(falls.etag(), etag);
    let falls = falls.json();
    assert_eq!(falls["forms"].as_array().expect("forms").len(), 1);
    let place = &falls["forms"][0]["questions"][0];
    assert_eq!(place["code"], "fall_place");
    assert_eq!(place["label"], "Var ramlade personen?");
    assert_eq!(place["en"], "Where did the fall happen?");
    assert!(place["options"].as_array().expect("options").len() > 5);

    nurse.get("/api/v1/forms/klagomal").expect(200);
    nurse.get("/api/v1/forms/annat").expect(404);
    let wrong = nurse.get("/api/v1/forms/avvikelse?category=NEJ&kategori=1").expect(422);
    assert_eq!(wrong.faults().len(), 2);
    house.service.anonymous().get("/api/v1/forms/avvikelse").expect(401);

    // A code of the tenant's own is an option, and changes the tag.
    let admin = house.service.holder(("provby", house.tenant), "admin", Role::Admin, &[], &[]);
    let own = json!({"code": "PLA.GEM.MAT", "parent": "PLA.GEM", "sv": "Matsal"});
    admin.post("/api/v1/codes/place", own).expect(201);
    let now = nurse.with("if-none-match", &etag).get("/api/v1/forms/avvikelse").expect(200);
    assert!(now.text.contains("PLA.GEM.MAT"));
}

#[test]
fn answers_are_kept_as_given_and_the_coded_ones_counted() {
    on_each_database(|database| {
        let house = house(database);
        let answered = |details: Value| {
            let mut body = fall();
            body["details"] = details;
            file(&house.manager, body)
        };
        let given = json!({
            "fall_place": "PLA.BAD", "fall_time_on_floor": 20, "fall_head": true,
            "fall_surroundings": ["rug", "light"],
        });
        let case = answered(given.clone());
        assert_eq!((&case["details"], &case["warnings"]), (&given, &json!([])));
        assert_eq!(case["forms"], json!([{"form": "fall", "version": 1}]));

        // Wrong answers are kept, told, and count as none.
        let odd = json!({
            "fall_place": "PLA.MÅNEN", "fall_farg": "röd", "fall_anticoagulant": true,
            "med_controlled": false, "fall_witnessed": "av 640823-3234",
        });
        let mut body = fall();
        body["details"] = odd.clone();
        let kept = house.manager.post("/api/v1/cases", body.clone()).expect(201);
        let mut faults = kept.faults();
        faults.sort();
        let expected = [
            ("/details/fall_anticoagulant", "question_not_shown"),
            ("/details/fall_farg", "unknown_question"),
            ("/details/fall_place", "unknown_option"),
            ("/details/fall_witnessed", "personal_number"),
            ("/details/fall_witnessed", "unknown_option"),
            ("/details/med_controlled", "question_not_shown"),
        ];
        assert_eq!(faults, expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        assert_eq!(kept.json()["details"]["fall_place"], odd["fall_place"]);
        assert!(!kept.text.contains("640823"));
        house.manager.with("prefer", "handling=strict").post("/api/v1/cases", body).expect(422);

        let place = counts(&house.mas, "group_by=fall_place");
        assert_eq!(place, [(json!("PLA.BAD"), 1), (Value::Null, 1)]);
        let floor = counts(&house.mas, "group_by=fall_time_on_floor");
        assert_eq!(floor, [(json!("15-59"), 1), (Value::Null, 1)]);
        let head = counts(&house.mas, "group_by=fall_head&fall_place=PLA.BAD");
        assert_eq!(head, [(json!("yes"), 1)]);
        let around = counts(&house.mas, "group_by=fall_surroundings&of=mentions");
        assert_eq!(around, [(json!("light"), 1), (json!("rug"), 1), (Value::Null, 1)]);
        let refused = house.mas.get("/api/v1/statistics?year=2026&group_by=fall_surroundings");
        let needs = [("of".to_owned(), "dimension_needs_mentions".to_owned())];
        assert_eq!(refused.expect(422).faults(), needs);
        house.mas.get("/api/v1/statistics?year=2026&fall_place=PLA.XXX").expect(422);
        house.mas.get("/api/v1/statistics?year=2026&group_by=med_name").expect(422);
        let query = "/api/v1/statistics?year=2026&group_by=fall_place&format=csv";
        let csv = house.mas.get(query).expect(200);
        assert!(csv.text.contains("Toalett/badrum;PLA.BAD;1"), "{}", csv.text);

        // An answer is corrected with a reason: counted is the new one, and the history has the old.
        let fix = |details: Value| {
            let body = json!({"details": details, "reason": "Det var i hallen."});
            house.manager.command(&id(&case), "corrections", body)
        };
        for (wrong, code) in [
            (json!({"fall_place": "PLA.MÅNEN"}), "unknown_option"),
            (json!({"fall_farg": "röd"}), "unknown_question"),
            (json!({"med_name": "Alvedon"}), "answer_in_words"),
        ] {
            assert_eq!(fix(wrong.clone()).expect(422).faults()[0].1, code, "{wrong}");
        }
        let fixed = fix(json!({"fall_place": "PLA.GEM", "fall_head": null})).expect(200).json();
        assert_eq!(fixed["details"]["fall_place"], "PLA.GEM");
        assert_eq!(fixed["details"]["fall_time_on_floor"], 20);
        assert_eq!(fixed["details"]["fall_head"], Value::Null);
        assert_eq!(fixed["description"], fall()["description"]);
        let gem = counts(&house.mas, "group_by=fall_place");
        assert_eq!(gem, [(json!("PLA.GEM"), 1), (Value::Null, 1)]);
        let head = counts(&house.mas, "group_by=fall_head");
        assert_eq!(head, [(Value::Null, 2)]);
        let history = format!("/api/v1/cases/{}/history", id(&case));
        let history = house.manager.get(&history).expect(200).json();
        let last = history["items"].as_array().expect("items").last().expect("an entry").clone();
        assert_eq!(last["reason"], "Det var i hallen.");
        let place = json!({"field": "details.fall_place", "old": "PLA.BAD", "new": "PLA.GEM"});
        assert!(last["changes"].as_array().expect("changes").contains(&place), "{last}");
        let again = fix(json!({"fall_place": "PLA.GEM"})).expect(422);
        assert_eq!(again.faults()[0].1, "nothing_to_correct");
        let place = gem;

        // What was answered stays answered when the assessor finds another category.
        let other = json!({"category": "HSL.MTP.HAN"});
        house.manager.command(&id(&case), "triage", other).expect(200);
        assert_eq!(counts(&house.mas, "group_by=fall_place"), place);
        // A void case is not counted.
        house.manager.command(&id(&case), "void", json!({"reason": "x"})).expect(200);
        assert_eq!(counts(&house.mas, "group_by=fall_place"), [(Value::Null, 1)]);
    });
}

#[test]
fn the_answers_of_a_draft_change_with_it() {
    on_each_database(|database| {
        let house = house(database);
        let mut body = fall();
        body["draft"] = json!(true);
        body["details"] = json!({"fall_place": "PLA.BAD", "fall_surroundings": ["rug", "ice"]});
        let path = format!("/api/v1/cases/{}", id(&file(&house.manager, body.clone())));
        body["details"] = json!({"fall_place": "PLA.TRA", "fall_surroundings": ["rug"]});
        house.manager.with("if-match", "\"1\"").patch(&path, body).expect(200);
        house
            .manager
            .with("if-match", "\"2\"")
            .post(&format!("{path}/submit"), json!({}))
            .expect(200);
        assert_eq!(counts(&house.mas, "group_by=fall_place"), [(json!("PLA.TRA"), 1)]);
        let around = counts(&house.mas, "group_by=fall_surroundings&of=mentions");
        assert_eq!(around, [(json!("rug"), 1)]);
    });
}

#[test]
fn a_text_is_told_what_it_suggests_and_why() {
    let house = house(Database::Sqlite);
    let nurse = house.service.reporter("provby", "usk").with("accept-language", "sv");
    let ask = |body: Value| nurse.post("/api/v1/cases/suggest", body).expect(200).json();
    let found = ask(json!({"text": "Ramlade i badrumet, slog huvudet", "unit": "gran"}));
    let first = &found["categories"][0];
    assert_eq!((&first["code"], &first["law"]), (&json!("HSL.FAL"), &json!("HSL")));
    assert_eq!(found["laws"][0]["code"], "HSL");
    let rules = first["rules"].as_array().expect("rules");
    let sum: f64 = rules.iter().filter_map(|rule| rule["weight"].as_f64()).sum();
    assert!((sum - first["score"].as_f64().expect("a score")).abs() < 0.01, "{first}");
    assert!(rules.iter().any(|rule| {
        rule["found"] == json!(["ramlade"])
            && rule["message"].as_str().is_some_and(|it| it.contains("talar för Fall"))
    }));
    assert_eq!(found["unit"]["code"], "gran");

    // What the area says, without a unit; what is unknown is told.
    let assisted =
        json!({"text": "Assistenten kom inte i morse", "area": "FUN.PA", "unit": "inte"});
    let found = ask(assisted);
    assert_eq!(
        (&found["laws"][0]["code"], &found["area"]["code"]),
        (&json!("LSS"), &json!("FUN.PA"))
    );
    assert_eq!(found["warnings"][0]["code"], "unknown_unit");
    let complaint = ask(json!({"text": "Maten är kall", "kind": "klagomal"}));
    assert_eq!(complaint["categories"][0]["code"], "K.OMV.MAT");
    assert_eq!(ask(json!({"text": "xyzzy"}))["categories"], json!([]));
    nurse.post("/api/v1/cases/suggest", json!({"text": ""})).expect(422);
    nurse.post("/api/v1/cases/suggest", json!({"text": "x", "facit": 1})).expect(422);
    house.service.anonymous().post("/api/v1/cases/suggest", json!({"text": "x"})).expect(401);
    // Nothing of it is kept.
    let cases = house.mas.get("/api/v1/cases").expect(200).json();
    assert_eq!(cases["items"], json!([]));
}

#[test]
fn how_often_the_suggestion_was_right_is_a_figure() {
    on_each_database(|database| {
        let house = house(database);
        // The first suggested; of another category; nothing to go by; and none chosen.
        let first = file(&house.manager, fall());
        let suggested = &first["suggestion"];
        assert_eq!(suggested["categories"][0], "HSL.FAL");
        assert_eq!(first["category"]["suggested"], "HSL.FAL");
        assert_eq!(first["law"]["suggested"], json!(["HSL"]));
        assert_eq!(suggested["rules"].as_str().map(str::len), Some(16));
        let mut body = fall();
        body["category"] = json!("HSL.NUT");
        file(&house.manager, body.clone());
        body["description"] = json!("xyzzy");
        file(&house.manager, body.clone());
        body["category"] = Value::Null;
        file(&house.manager, body);
        let expected =
            [(json!("first"), 1), (json!("missed"), 1), (json!("none"), 1), (Value::Null, 1)];
        assert_eq!(counts(&house.mas, "group_by=suggestion_reported"), expected);
        assert_eq!(counts(&house.mas, "group_by=suggestion"), [(Value::Null, 4)]);

        // The assessor sees it otherwise; the suggestion stays what it was.
        let other = json!({"category": "SOC.FAL"});
        let triaged = house.manager.command(&id(&first), "triage", other).expect(200).json();
        assert_eq!(triaged["suggestion"], *suggested);
        let assessed = counts(&house.mas, "group_by=suggestion");
        assert_eq!(assessed, [(json!("top3"), 1), (Value::Null, 3)]);
        let first_only = counts(&house.mas, "group_by=category&suggestion_reported=first");
        assert_eq!(first_only, [(json!("SOC.FAL"), 1)]);
    });
}
