//! What stands beside the handling: watches, comments, supplements, conflicts of interest.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

use crate::{House, fall, file, house, id};

/// The staff id of a client.
fn staff(client: &Client) -> String {
    let me = client.get("/api/v1/me").expect(200).json();
    me["staff"].as_str().expect("an id").to_owned()
}

fn listed(client: &Client) -> Vec<String> {
    let list = client.get("/api/v1/cases").expect(200).json();
    list["items"].as_array().expect("items").iter().map(id).collect()
}

fn therapist(house: &House) -> Client {
    // Over another unit: to her the case does not exist until she is asked.
    house.service.holder(("provby", house.tenant), "at", Role::Team, &["syd"], &[])
}

#[test]
fn whoever_is_asked_by_name_may_read_until_it_does_not_concern_them() {
    on_each_database(|database| {
        let house = house(database);
        let case = id(&file(&house.manager, fall()));
        let path = format!("/api/v1/cases/{case}");
        let therapist = therapist(&house);
        therapist.get(&path).expect(404);
        assert_eq!(listed(&therapist), [""; 0]);

        let asking =
            json!({"staff": staff(&therapist), "wish": "contribute", "text": "Förflyttning?"});
        let asked = house.manager.post(&format!("{path}/watches"), asking).expect(200).json();
        let watch = asked["watches"][0]["id"].as_str().expect("an id").to_owned();
        assert_eq!(therapist.get(&path).expect(200).json()["watches"][0]["wish"], "contribute");
        assert_eq!(listed(&therapist), std::slice::from_ref(&case));
        // To read is not to act, nor to know who it is about.
        therapist.get(&format!("{path}/subject")).expect(403);
        let me = therapist.with("if-match", "\"2\"");
        me.post(&format!("{path}/close"), json!({"outcome": "UTF.ATE", "summary": "x"}))
            .expect(403);
        let said = json!({"text": "Sängen är för hög.", "mentions": [staff(&house.manager)]});
        therapist.post(&format!("{path}/comments"), said).expect(200);

        let answer = format!("{path}/watches/{watch}/answer");
        house.mas.post(&answer, json!({"answer": "done"})).expect(422);
        therapist.post(&answer, json!({"answer": "not_mine", "text": "Fråga FT."})).expect(200);
        therapist.get(&path).expect(404);
        assert_eq!(listed(&therapist), [""; 0]);
        therapist.post(&answer, json!({"answer": "done"})).expect(404);
    });
}

#[test]
fn a_case_kept_from_someone_is_not_there_for_them() {
    on_each_database(|database| {
        let house = house(database);
        let case = id(&file(&house.service.reporter("provby", "anmälare"), fall()));
        let path = format!("/api/v1/cases/{case}");
        let absent = format!("/api/v1/cases/{}", uuid::Uuid::now_v7());
        house.manager.get(&path).expect(200);
        let who = staff(&house.manager);
        let keeping = json!({"staff": who, "reason": "Ärendet gäller hans beslut."});
        let kept = house.mas.post(&format!("{path}/conflicts"), keeping.clone()).expect(200).json();
        assert_eq!(kept["kept_from"][0]["staff"], who.as_str());

        // The same answer as for a case that is not there, but for the request's id.
        let without_id = |client: &Client, path: &str| {
            let mut problem = client.get(path).expect(404).json();
            problem.as_object_mut().expect("an object").remove("request_id");
            problem
        };
        assert_eq!(without_id(&house.manager, &path), without_id(&house.manager, &absent));
        for below in ["history", "subject", "comments"] {
            house.manager.get(&format!("{path}/{below}")).expect(404);
        }
        assert_eq!(listed(&house.manager), [""; 0]);
        house.manager.post(&format!("{path}/conflicts"), keeping).expect(404);
        let asking = json!({"staff": who, "wish": "read"});
        let refused = house.mas.post(&format!("{path}/watches"), asking).expect(422).json();
        assert_eq!(refused["errors"][0]["code"], "case_kept_from_them");

        let lift = format!("{path}/conflicts/{who}/lift");
        house.mas.post(&lift, json!({"reason": "Fel person."})).expect(200);
        house.manager.get(&path).expect(200);
    });
}

#[test]
fn a_reporter_adds_to_what_they_said_and_sees_what_is_said_to_them() {
    on_each_database(|database| {
        let house = house(database);
        let reporter = house.service.reporter("provby", "anmälare");
        let first = file(&reporter, fall());
        let path = format!("/api/v1/cases/{}", id(&first));
        let more = json!({"text": "Hon hade strumpor på sig."});
        reporter.post(&format!("{path}/supplements"), more.clone()).expect(200);
        house.manager.post(&format!("{path}/supplements"), more).expect(403);
        let case = house.manager.get(&path).expect(200).json();
        assert_eq!(case["description"], first["description"]);
        assert_eq!(case["supplements"][0]["text"], "Hon hade strumpor på sig.");

        let comments = format!("{path}/comments");
        house.manager.post(&comments, json!({"text": "Internt."})).expect(200);
        let open = json!({"text": "Tack, vi tittar på sängen.", "to_reporter": true});
        house.manager.post(&comments, open).expect(200);
        let texts = |client: &Client| -> Vec<Value> {
            let said = client.get(&comments).expect(200).json();
            said["items"].as_array().expect("items").iter().map(|it| it["text"].clone()).collect()
        };
        assert_eq!(texts(&reporter), ["Tack, vi tittar på sängen."]);
        assert_eq!(texts(&house.manager), ["Internt.", "Tack, vi tittar på sängen."]);
        reporter.post(&comments, json!({"text": "x"})).expect(403);

        let of = house.manager.get(&path).expect(200);
        let end = json!({"outcome": "UTF.ATE", "summary": "Återtagen."});
        let closing = house.manager.with("if-match", &of.etag());
        closing.post(&format!("{path}/close"), end).expect(200);
        reporter.post(&format!("{path}/supplements"), json!({"text": "Sent."})).expect(409);
    });
}

#[test]
fn what_is_added_by_many_at_once_is_all_there() {
    on_each_database(|database| {
        let house = house(database);
        let path = format!("/api/v1/cases/{}", id(&file(&house.manager, fall())));
        let comments = format!("{path}/comments");
        std::thread::scope(|scope| {
            for at in 0..4 {
                let (manager, comments) = (&house.manager, &comments);
                scope.spawn(move || {
                    manager.post(comments, json!({"text": format!("Nummer {at}.")})).expect(200)
                });
            }
        });
        let said = house.manager.get(&comments).expect(200).json();
        assert_eq!(said["items"].as_array().map(Vec::len), Some(4));
        let history = house.manager.get(&format!("{path}/history")).expect(200).json();
        assert_eq!(history["items"].as_array().map(Vec::len), Some(5));
    });
}

#[test]
fn another_unit_concerned_may_read_and_no_more() {
    on_each_database(|database| {
        let house = house(database);
        let mut body = fall();
        body["also_units"] = json!(["syd"]);
        let case = id(&file(&house.manager, body));
        let path = format!("/api/v1/cases/{case}");
        let therapist = therapist(&house);
        therapist.get(&path).expect(200);
        assert_eq!(listed(&therapist), [case]);
        therapist
            .with("if-match", "\"1\"")
            .post(&format!("{path}/lead"), json!({"reason": "x"}))
            .expect(403);
    });
}

#[test]
fn settings_change_who_assesses_and_who_closes() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let admin = house.service.holder(of, "admin", Role::Admin, &[], &[]);
        let nurse = house.service.holder(of, "ssk", Role::Team, &[], &[]);
        let boss = house.service.holder(of, "ec", Role::UnitManager, &[], &[]);
        let path = format!("/api/v1/cases/{}", id(&file(&nurse, fall())));
        let health = json!({"harm": {"vardskada": "could_have", "injury": "ING"}});
        let unit = json!({"severity": {"actual": 1}, "probability": 1});
        let triage = |client: &Client, body: &Value| {
            let tag = client.get(&path).expect(200).etag();
            client.with("if-match", &tag).post(&format!("{path}/triage"), body.clone()).status
        };
        // The health part is for whoever has the training; the unit's part is for both.
        assert_eq!(triage(&boss, &health), 403);
        assert_eq!(triage(&nurse, &health), 200);
        assert_eq!(triage(&nurse, &unit), 200);

        let settings = admin.get("/api/v1/settings").expect(200);
        let rule = json!({"law": "HSL", "vardskada": true, "lead": "mas", "close": ["mas"]});
        let chosen = json!({"team_assesses": false, "leads": [rule]});
        let put = |client: &Client, tag: &str, body: &Value| {
            client.with("if-match", tag).put("/api/v1/settings", body.clone())
        };
        put(&boss, &settings.etag(), &chosen).expect(403);
        put(&admin, &settings.etag(), &json!({"risk_threshold": 17})).expect(422);
        let changed = put(&admin, &settings.etag(), &chosen).expect(200);
        put(&admin, &settings.etag(), &chosen).expect(412);
        assert_eq!(changed.json()["leads"][0]["close"], json!(["mas"]));
        assert_eq!(changed.json()["risk_threshold"], 8);

        assert_eq!(triage(&nurse, &json!({"probability": 2, "reason": "x"})), 403);
        assert_eq!(triage(&nurse, &json!({"harm": {"injury": "SAR"}, "reason": "x"})), 200);
    });
}
