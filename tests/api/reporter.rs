//! What whoever reported a case sees of it, what they are told, and what to do now.

use domain::ids::CaseId;
use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

use crate::{House, fall, file, house, id, standard_triage};

/// The topics queued about a case.
pub fn topics(house: &House, case: &str) -> Vec<String> {
    let case: CaseId = case.parse().expect("an id");
    let read = house.service.app.store.read(house.tenant, move |tx| tx.messages_about(case));
    let queued: Result<_, store::Error> = house.service.run(read);
    let queued = queued.expect("messages");
    for message in &queued {
        let fields: Vec<_> = message.payload.as_object().expect("an object").keys().collect();
        assert!(
            !message.topic.starts_with("reporter.")
                || fields == ["notice", "number"]
                || fields == ["number"],
            "a number, and whom to tell: {fields:?}"
        );
    }
    queued.into_iter().map(|message| message.topic).collect()
}

fn told(house: &House, case: &str) -> Vec<String> {
    let mut topics = topics(house, case);
    topics.retain(|topic| topic.starts_with("reporter."));
    topics
}

fn own(client: &Client, case: &str) -> Value {
    client.get(&format!("/api/v1/me/cases/{case}")).expect(200).json()
}

/// Takes a case to where its measures are decided.
pub fn decided(house: &House, case: &str, owner: &str) {
    let manager = &house.manager;
    manager.command(case, "triage", standard_triage()).expect(200);
    let inquiry = json!({"course_of_events": "Bilaga: Anna glömde.", "assessment": "Rutin saknas.",
        "causes": [{"code": "ORS.OKA"}], "complete": true});
    let found = manager.command(case, "investigation", inquiry).expect(200).json();
    let cause = found["investigation"]["causes"][0]["id"].clone();
    let measures = json!({"measures": [{"type": "ATG.RUT", "text": "Anna skriver rutinen.",
        "causes": [cause], "owner": owner, "due_on": "2026-03-09", "follow_up_on": "2026-05-01"}]});
    manager.command(case, "measures", measures).expect(200);
    manager.command(case, "measures/decision", json!({})).expect(200);
}

#[test]
fn the_reporter_follows_a_case_in_plain_words() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let mut filing = fall();
        filing["subject"] = json!({"personal_id": "640823-3234"});
        let case = id(&file(&nurse, filing));
        let seen = own(&nurse, &case);
        assert_eq!(seen["standing"], "Enhetschefen läser din rapport.");
        assert_eq!(seen["next"]["by"], "unit_manager");
        assert_eq!(seen["description"], "Gled ner från sängkanten, ingen smärta.");
        assert_eq!(seen["may_supplement"], true);
        let easy = nurse.with("accept-language", "sv-x-easy");
        assert_eq!(own(&easy, &case)["standing"], "Chefen för enheten läser din rapport nu.");
        let english = nurse.with("accept-language", "en");
        assert_eq!(own(&english, &case)["standing"], "The unit manager is reading your report.");

        let path = format!("/api/v1/cases/{case}");
        nurse.post(&format!("{path}/supplements"), json!({"text": "Mattan låg fel."})).expect(200);
        let said = |text: &str, to_reporter: bool| {
            let body = json!({"text": text, "to_reporter": to_reporter});
            house.manager.post(&format!("{path}/comments"), body).expect(200);
        };
        said("Larmade hon själv?", true);
        said("Tredje gången, se över bemanningen.", false);
        let asked = json!({"profession": "SSK", "wish": "contribute", "text": "Titta på benet."});
        house.manager.post(&format!("{path}/watches"), asked).expect(200);
        decided(&house, &case, "Anna Ek");

        let seen = own(&nurse, &case);
        assert_eq!(seen["standing"], "Åtgärder är beslutade: rutin.");
        assert_eq!(seen["changed"][0]["text"], "Rutin");
        assert_eq!(seen["comments"][0]["text"], "Larmade hon själv?");
        assert_eq!(seen["supplements"][0]["text"], "Mattan låg fel.");
        let steps: Vec<&str> = seen["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .map(|step| step["text"].as_str().expect("a text"))
            .collect();
        assert_eq!(
            steps,
            [
                "Det rapporterades.",
                "En uppgift lades till.",
                "Du fick en kommentar.",
                "Det bedömdes.",
                "Utredningen började.",
                "Åtgärder beslutades.",
            ]
        );
        // Nothing of what the assessors wrote, nobody's name, nobody's identity.
        let text = seen.to_string();
        for hidden in
            ["Anna", "bemanningen", "benet", "640823", "subject", "Rutin saknas", "lex_maria"]
        {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }

        let back = json!({"audience": "reporter", "text": "Tack, rutinen är på gång."});
        house.manager.command(&case, "feedback", back).expect(200);
        let end = json!({"outcome": "UTF.ATG", "summary": "Rutin införd."});
        house.manager.command(&case, "close", end).expect(200);
        let seen = own(&nurse, &case);
        assert_eq!(seen["standing"], "Ärendet är avslutat: åtgärdad.");
        assert_eq!(seen["next"], Value::Null);
        assert_eq!(seen["decided"]["text"], "Åtgärdad");
        assert_eq!(seen["decided"]["summary"], "Rutin införd.");
        assert_eq!(seen["feedback"][0]["text"], "Tack, rutinen är på gång.");
        assert_eq!(seen["may_supplement"], false);
        assert_eq!(told(&house, &case), ["reporter.feedback", "reporter.closed"]);
        house.manager.command(&case, "reopen", json!({"reason": "Nytt."})).expect(200);
        house.manager.command(&case, "void", json!({"reason": "Test."})).expect(200);
        assert_eq!(told(&house, &case)[2..], ["reporter.reopened", "reporter.voided"]);
    });
}

#[test]
fn one_sees_what_one_reported_and_nothing_else() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let mut mine: Vec<String> = Vec::new();
        for _ in 0..3 {
            mine.push(id(&file(&nurse, fall())));
            house.service.clock.advance(jiff::SignedDuration::from_secs(60));
        }
        let others = id(&file(&house.service.reporter("provby", "annan"), fall()));
        let first = nurse.get("/api/v1/me/cases?limit=2").expect(200);
        assert!(first.header("link").expect("a link").contains("rel=\"next\""));
        let cursor = first.json()["next_cursor"].as_str().expect("a cursor").to_owned();
        let rest = nurse.get(&format!("/api/v1/me/cases?limit=2&cursor={cursor}")).expect(200);
        let ids = |page: &Value| -> Vec<String> {
            page["items"].as_array().expect("items").iter().map(id).collect()
        };
        let mut seen = ids(&first.json());
        seen.extend(ids(&rest.json()));
        mine.reverse();
        assert_eq!(seen, mine);
        assert!(!first.text.contains("Gled ner"), "lists show no text");
        assert_eq!(first.json()["items"][0]["standing"], "Enhetschefen läser din rapport.");
        nurse.get("/api/v1/me/cases?vem=1").expect(422);
        nurse.get(&format!("/api/v1/me/cases/{others}")).expect(404);
        // What one may read is not thereby one's own.
        house.manager.get(&format!("/api/v1/me/cases/{others}")).expect(404);

        let read = house.service.app.store.read(house.tenant, |tx| tx.access_entries(None, 500));
        let entries: Result<Vec<store::AccessEntry>, store::Error> = house.service.run(read);
        let before = entries.expect("entries").len();
        own(&nurse, &mine[0]);
        let read = house.service.app.store.read(house.tenant, |tx| tx.access_entries(None, 500));
        let entries: Result<Vec<store::AccessEntry>, store::Error> = house.service.run(read);
        let entries = entries.expect("entries");
        assert_eq!(entries.len(), before + 1);
        assert_eq!(entries.last().expect("an entry").act, "me.case");
    });
}

#[test]
fn nobody_is_told_of_a_letter_from_outside() {
    on_each_database(|database| {
        let house = house(database);
        let registrator =
            house.service.holder(("provby", house.tenant), "reg", Role::Registrator, &[], &[]);
        let letter = json!({"kind": "synpunkt", "unit": "gran", "description": "Tack!",
            "reporter_name": "Anhörig"});
        let case = id(&file(&registrator, letter));
        house.manager.command(&case, "void", json!({"reason": "Dubbelt."})).expect(200);
        assert_eq!(told(&house, &case), [""; 0]);
    });
}

#[test]
fn a_filing_is_answered_with_what_to_do_now() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        assert_eq!(file(&nurse, fall())["act_now"], json!([]));
        let mut grave = fall();
        grave["severity"] = json!({"actual": 3});
        let told = file(&nurse, grave.clone())["act_now"].clone();
        assert!(told[0].as_str().expect("advice").contains("112"), "{told}");
        assert_eq!(told.as_array().map(Vec::len), Some(2), "nobody is informed: {told}");
        grave["informed"] = json!(["SSK"]);
        assert_eq!(file(&nurse, grave.clone())["act_now"].as_array().map(Vec::len), Some(1));

        let admin = house.service.holder(("provby", house.tenant), "adm", Role::Admin, &[], &[]);
        let etag = admin.get("/api/v1/settings").expect(200).etag();
        let rule = json!({"severity": 3, "unit": "norr", "category": "HSL.FAL",
            "sv": "Ring 1234.", "en": "Call 1234."});
        admin
            .with("if-match", &etag)
            .put("/api/v1/settings", json!({"act_now": [rule]}))
            .expect(200);
        assert_eq!(file(&nurse, grave.clone())["act_now"], json!(["Ring 1234."]));
        let english = nurse.with("accept-language", "en");
        assert_eq!(file(&english, grave.clone())["act_now"], json!(["Call 1234."]));
        grave["unit"] = json!("syd");
        assert_eq!(file(&nurse, grave)["act_now"], json!([]), "the tenant's own rules alone");
    });
}
