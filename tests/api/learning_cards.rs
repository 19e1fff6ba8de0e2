//! What was learnt, and what helped: learning cards, measures across cases, meetings.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

use crate::reporter::decided;
use crate::{House, fall, file, house, id};

fn card(case: &str) -> Value {
    json!({"title": "Larmet står av efter städning", "category": "HSL.FAL", "cases": [case],
        "text": "Larmmattan hade kopplats ur. Nu kontrolleras den efter städning."})
}

fn at(card: &Value) -> String {
    format!("/api/v1/learning-cards/{}", id(card))
}

fn listed(client: &Client, query: &str) -> usize {
    let list = client.get(&format!("/api/v1/learning-cards{query}")).expect(200).json();
    list["items"].as_array().expect("items").len()
}

#[test]
fn a_card_is_written_approved_by_another_shown_at_filing_and_withdrawn() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let case = id(&file(&nurse, fall()));
        nurse.post("/api/v1/learning-cards", card(&case)).expect(403);
        let made = house.manager.post("/api/v1/learning-cards", card(&case)).expect(201);
        let draft = made.json();
        let path = at(&draft);
        assert_eq!(made.header("location"), Some(path.as_str()));
        assert_eq!(draft["status"], "draft");
        assert_eq!(draft["cases"], json!([case]));

        // A draft is for its author and those who approve.
        nurse.get(&path).expect(404);
        assert_eq!((listed(&nurse, ""), listed(&house.mas, "")), (0, 1));
        let approve = format!("{path}/approve");
        let me = house.manager.with("if-match", "\"1\"");
        let refused = me.post(&approve, json!({})).expect(422);
        assert_eq!(refused.faults(), [("".into(), "card_is_ones_own".into())]);
        house.mas.with("if-match", "\"1\"").patch(&path, card(&case)).expect(403);
        let mut better = card(&case);
        better["title"] = json!("Larmet efter städning");
        me.patch(&path, better.clone()).expect(200);
        me.patch(&path, better.clone()).expect(412);
        house.manager.patch(&path, better.clone()).expect(428);
        let approved = house.mas.with("if-match", "\"2\"").post(&approve, json!({})).expect(200);
        assert_eq!(approved.json()["status"], "approved");
        house.manager.with("if-match", "\"3\"").patch(&path, better).expect(422);

        // For everybody now, without the case to whom it is not there, and without names.
        let seen = nurse.get(&path).expect(200).json();
        assert_eq!((&seen["cases"], &seen["written_by"]), (&json!([]), &Value::Null));
        let shown = file(&nurse, fall())["learning_cards"].clone();
        assert_eq!(shown, json!([{"id": draft["id"], "title": "Larmet efter städning"}]));
        let mut other = fall();
        other["category"] = json!("HSL.LKM");
        assert_eq!(file(&nurse, other)["learning_cards"], json!([]));
        assert_eq!(listed(&nurse, "?category=HSL.FAL&status=approved&unit=tall"), 1);
        assert_eq!(listed(&nurse, "?unit=syd"), 0, "another area");
        assert_eq!(listed(&nurse, "?category=HSL.LKM"), 0);
        nurse.get("/api/v1/learning-cards?category=NEJ").expect(422);

        let meetings = format!("{path}/meetings");
        let told = json!({"unit": "tall", "meeting_on": "2026-03-09"});
        nurse.post(&meetings, told.clone()).expect(403);
        let at_syd =
            house.service.holder(("provby", house.tenant), "s", Role::Deputy, &["syd"], &[]);
        at_syd.post(&meetings, told.clone()).expect(403);
        assert_eq!(house.manager.post(&meetings, told.clone()).expect(200).json()["discussed"], 1);
        house.manager.post(&meetings, told).expect(422);
        let ahead = json!({"unit": "gran", "meeting_on": "2026-03-11"});
        house.manager.post(&meetings, ahead).expect(422);
        let day = house.manager.get("/api/v1/meetings?unit=norr").expect(200).json();
        assert_eq!(day["items"][0]["learning_cards"][0]["id"], draft["id"]);

        let etag = nurse.get(&path).etag();
        let gone = json!({"reason": "Nytt larm."});
        let withdraw = format!("{path}/withdraw");
        nurse.with("if-match", &etag).post(&withdraw, gone.clone()).expect(403);
        house.manager.with("if-match", &etag).post(&withdraw, gone).expect(200);
        nurse.get(&path).expect(404);
        assert_eq!(file(&nurse, fall())["learning_cards"], json!([]));
    });
}

#[test]
fn a_card_names_neither_person_nor_unit() {
    on_each_database(|database| {
        let house = house(database);
        let case = id(&file(&house.manager, fall()));
        let admin = house.service.holder(("provby", house.tenant), "adm", Role::Admin, &[], &[]);
        let staff = admin.get("/api/v1/staff").expect(200).json();
        let mas = staff["items"].as_array().expect("items").iter();
        let mas = mas.clone().find(|one| one["subject"] == "mas").expect("the MAS");
        let person = format!("/api/v1/staff/{}", mas["id"].as_str().expect("an id"));
        let etag = admin.get(&person).etag();
        admin.with("if-match", &etag).patch(&person, json!({"name": "Eva Lind"})).expect(200);

        let refused = |text: &str| {
            let mut body = card(&case);
            body["text"] = json!(text);
            house.manager.post("/api/v1/learning-cards", body).expect(422)
        };
        for (text, code, position) in [
            ("Hände på Grans natt.", "names_unit", 9),
            ("Åh, eva lind sa det.", "names_staff", 4),
            ("Evas idé.", "names_staff", 0),
            ("Om 640823-3234.", "personal_number", 3),
        ] {
            let answer = refused(text);
            let fault = &answer.json()["errors"][0];
            assert_eq!(fault["field"], "/text", "{text}");
            assert_eq!(fault["code"], code, "{text}");
            assert_eq!(fault["values"]["position"], position, "{text}");
        }
        assert_eq!(refused(&"x".repeat(2001)).faults(), [("/text".into(), "too_long".into())]);
        let mut unknown = card(&uuid::Uuid::now_v7().to_string());
        unknown["category"] = json!("NEJ");
        let answer = house.manager.post("/api/v1/learning-cards", unknown).expect(422);
        assert_eq!(
            answer.faults(),
            [("/category".into(), "unknown_code".into()), ("/cases/0".into(), "not_found".into())]
        );
        // A case out of sight is as good as none.
        let elsewhere =
            house.service.holder(("provby", house.tenant), "s", Role::UnitManager, &["syd"], &[]);
        elsewhere.post("/api/v1/learning-cards", card(&case)).expect(422);
    });
}

fn measures(client: &Client, query: &str) -> Vec<Value> {
    let list = client.get(&format!("/api/v1/measures{query}")).expect(200).json();
    list["items"].as_array().expect("items").clone()
}

fn closed_fall(house: &House, unit: &str, effect: &str) -> String {
    let mut filing = fall();
    filing["unit"] = json!(unit);
    let case = id(&file(&house.service.reporter("provby", "usk"), filing));
    decided(house, &case, "Enhetschef Ö");
    let path = format!("/api/v1/cases/{case}");
    let seen = house.manager.get(&path).expect(200);
    let measure =
        seen.json()["investigation"]["measures"][0]["id"].as_str().expect("id").to_owned();
    house
        .manager
        .with("if-match", &seen.etag())
        .patch(
            &format!("{path}/measures/{measure}"),
            json!({"done_on": "2026-03-10", "effect": effect, "effect_note": "Så gick det."}),
        )
        .expect(200);
    let end = json!({"outcome": "UTF.ATG", "summary": "Klart.",
        "feedback": {"audience": "unit", "meeting_on": "2026-03-09", "text": "Gicks igenom."}});
    house.manager.command(&case, "close", end).expect(200);
    case
}

#[test]
fn measures_are_listed_across_cases_and_looked_back_at() {
    on_each_database(|database| {
        let house = house(database);
        let helped = closed_fall(&house, "gran", "yes");
        closed_fall(&house, "tall", "no");
        closed_fall(&house, "syd", "no");
        let open = id(&file(&house.service.reporter("provby", "usk"), fall()));
        decided(&house, &open, "Sjuksköterskan");

        assert_eq!(measures(&house.manager, "").len(), 4);
        assert_eq!(measures(&house.manager, "?status=done&effect=yes").len(), 1);
        let overdue = measures(&house.manager, "?status=overdue&type=ATG.RUT");
        assert_eq!(overdue.len(), 1);
        assert_eq!(overdue[0]["status"], "overdue");
        assert_eq!(overdue[0]["cases"][0]["id"], open.as_str());
        assert_eq!(measures(&house.manager, "?unit=norr").len(), 3);
        assert_eq!(measures(&house.manager, "?owner=CHEF%20%C3%B6").len(), 3);
        house.manager.get("/api/v1/measures?status=nej&x=1").expect(422);
        let mut seen = Vec::new();
        let mut path = "?limit=3".to_owned();
        loop {
            let page = house.manager.get(&format!("/api/v1/measures{path}")).expect(200).json();
            seen.extend(page["items"].as_array().expect("items").clone());
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("?limit=3&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 4);
        // The reporter reads none; a manager elsewhere reads those of the unit.
        assert_eq!(measures(&house.service.reporter("provby", "usk"), "").len(), 0);
        let tall =
            house.service.holder(("provby", house.tenant), "t", Role::UnitManager, &["tall"], &[]);
        assert_eq!(measures(&tall, "").len(), 1);

        let like = |client: &Client| {
            client.get(&format!("/api/v1/cases/{open}/similar")).expect(200).json()
        };
        let all = like(&house.manager);
        assert_eq!(all["count"], 2, "not of another area: {all}");
        assert_eq!(all["category"], "HSL.FAL");
        assert_eq!(all["area"], "SABO");
        assert_eq!(all["cases"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            all["measures"],
            json!([{"type": "ATG.RUT", "effect": "no", "count": 1},
                {"type": "ATG.RUT", "effect": "yes", "count": 1}])
        );
        assert_eq!(all["cases"][1]["case"]["id"], helped.as_str());
        assert_eq!(all["cases"][1]["measures"][0]["effect_note"], "Så gick det.");
        // What one may not read is only counted.
        let gran =
            house.service.holder(("provby", house.tenant), "g", Role::UnitManager, &["gran"], &[]);
        let some = like(&gran);
        assert_eq!((&some["count"], some["cases"].as_array().map(Vec::len)), (&json!(2), Some(1)));
        let nurse = house.service.reporter("provby", "usk");
        nurse.get(&format!("/api/v1/cases/{open}/similar")).expect(403);
        tall.get(&format!("/api/v1/cases/{open}/similar")).expect(404);

        let told = gran.get("/api/v1/meetings?from=2026-03-01&to=2026-03-10").expect(200).json();
        let told = told["items"].as_array().expect("items").clone();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["cases"][0]["id"], helped.as_str());
        nurse.get("/api/v1/meetings").expect(403);
    });
}
