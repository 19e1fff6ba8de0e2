//! Filing again as another kind, and correcting what was put down wrong after triage.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Service, on_each_database};

use crate::reporter::{decided, topics};
use crate::{House, fall, file, house, house_of, id, standard_triage};

fn count(house: &House, year: u16, query: &str) -> i64 {
    let path = format!("/api/v1/statistics?year={year}&group_by=kind{query}");
    let cube = house.manager.get(&path).expect(200).json();
    cube["total"]["count"].as_i64().expect("a number")
}

#[test]
fn a_complaint_filed_as_an_avvikelse_is_filed_again_and_counted_once() {
    on_each_database(|database| {
        // Half an hour before midnight of New Year's Eve in Sweden.
        let late = "2025-12-31T22:30:00Z".parse().expect("a time");
        let house = house_of(Service::start_at(database, late));
        let nurse = house.service.reporter("provby", "usk");
        let mut filing = fall();
        filing["description"] = json!("Dottern klagar på att ingen kom.");
        filing["occurred_at"] = json!("2025-12-01T10:00:00Z");
        filing["subject"] = json!({"personal_id": "640823-3234"});
        let old = file(&nurse, filing);
        let at = id(&old);
        let path = format!("/api/v1/cases/{at}");
        house.manager.command(&at, "triage", standard_triage()).expect(200);
        nurse
            .upload(&format!("{path}/attachments"), ("a.txt", "text/plain"), b"Bild", &[])
            .expect(201);
        nurse.post(&format!("{path}/supplements"), json!({"text": "Klockan tre."})).expect(200);
        let say = |text: &str, told: bool| {
            let said = json!({"text": text, "to_reporter": told});
            house.manager.post(&format!("{path}/comments"), said).expect(200);
        };
        say("Jag ringer dottern.", false);
        say("Vi hör av oss.", true);
        house.service.clock.advance(jiff::SignedDuration::from_mins(45));
        assert_eq!(count(&house, 2025, ""), 1);

        let wrong = json!({"kind": "avvikelse", "reason": "x"});
        let refused = house.manager.command(&at, "refile", wrong).expect(422);
        assert_eq!(refused.faults(), [("/kind".into(), "same_kind".into())]);
        let wrong = json!({"kind": "klagomal", "category": "HSL.FAL", "reason": "x"});
        let refused = house.manager.command(&at, "refile", wrong).expect(422);
        assert_eq!(refused.faults(), [("/category".into(), "unknown_code".into())]);

        let right =
            json!({"kind": "klagomal", "category": "K.OMV", "reason": "Det är ett klagomål."});
        let made = house.manager.command(&at, "refile", right).expect(201);
        let new = made.json();
        let to = id(&new);
        assert_eq!(made.header("location"), Some(format!("/api/v1/cases/{to}").as_str()));
        assert_eq!(made.etag(), "\"1\"");
        let number = new["number"].as_str().expect("a number");
        assert!(number.starts_with("KLA-2025-"), "{number}");
        for same in ["description", "reported_at", "occurred_at", "reported_by", "subject", "unit"]
        {
            assert_eq!(new[same], old[same], "{same}");
        }
        assert_eq!(new["status"], "reported");
        assert_eq!(new["kind"], "klagomal");
        assert_eq!(
            new["category"],
            json!({"suggested": new["category"]["suggested"],
            "reported": null, "assessed": "K.OMV"})
        );
        assert_eq!(new["lex"]["lex_maria"], "no", "what was judged of the event stays");
        assert_eq!(new["track"], Value::Null);
        assert_eq!(new["links"][0]["kind"], "spun_off_from");
        assert_eq!(new["supplements"][0]["text"], "Klockan tre.");
        let files = house.manager.get(&format!("/api/v1/cases/{to}/attachments")).expect(200);
        let file = files.json()["items"][0]["id"].as_str().expect("an id").to_owned();
        let content = nurse.get(&format!("/api/v1/cases/{to}/attachments/{file}")).expect(200);
        assert_eq!(content.text, "Bild");

        let void = house.manager.get(&path).expect(200).json();
        assert_eq!(void["status"], "void");
        assert_eq!(void["description"], old["description"]);
        assert_eq!(
            void["links"][0],
            json!({"kind": "refiled_as", "case": to,
            "at": void["links"][0]["at"]})
        );
        assert_eq!((count(&house, 2025, ""), count(&house, 2026, "")), (1, 0));
        assert_eq!(count(&house, 2025, "&kind=klagomal"), 1);
        assert_eq!(count(&house, 2025, "&of=events"), 1);
        for (case, command) in [(&at, "refile"), (&to, "refile")] {
            let history = house.manager.get(&format!("/api/v1/cases/{case}/history")).expect(200);
            let last = history.json()["items"].as_array().expect("items").last().cloned();
            let last = last.expect("an entry");
            assert_eq!(last["command"], command);
            assert_eq!(last["reason"], "Det är ett klagomål.");
        }
        assert_eq!(topics(&house, &to), ["case.refile", "reporter.refiled"]);
        assert_eq!(topics(&house, &at).last().map(String::as_str), Some("case.refile"));

        // The reporter follows to the new one, by the old id too, and sees it once.
        let own = nurse.get(&format!("/api/v1/me/cases/{at}")).expect(200).json();
        assert_eq!(own["id"], to.as_str());
        assert_eq!(own["numbers_before"], json!([old["number"]]));
        assert_eq!(own["standing"], "Enhetschefen läser klagomålet.");
        assert!(own["steps"].to_string().contains("registrerades om som klagomål"), "{own}");
        let list = nurse.get("/api/v1/me/cases").expect(200).json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["items"][0]["id"], to.as_str());
        house
            .manager
            .with("if-match", &house.manager.get(&path).etag())
            .post(&format!("{path}/refile"), json!({"kind": "synpunkt", "reason": "x"}))
            .expect(409);

        // What was said goes along, for each as far as it was for them.
        let said = |client: &Client, at: &str| -> Vec<String> {
            let all = client.get(&format!("/api/v1/cases/{at}/comments")).expect(200).json();
            let items = all["items"].as_array().expect("items").iter();
            items.map(|it| it["text"].as_str().expect("a text").to_owned()).collect()
        };
        let more = json!({"text": "Det är ett klagomål nu."});
        house.manager.post(&format!("/api/v1/cases/{to}/comments"), more).expect(200);
        assert_eq!(
            said(&house.manager, &to),
            ["Jag ringer dottern.", "Vi hör av oss.", "Det är ett klagomål nu."]
        );
        assert_eq!(said(&nurse, &to), ["Vi hör av oss."]);
        assert_eq!(said(&house.manager, &at).len(), 2);
        let registrator =
            house.service.holder(("provby", house.tenant), "reg", Role::Registrator, &[], &[]);
        assert_eq!(said(&registrator, &to), ["Det är ett klagomål nu."], "reads no avvikelser");
    });
}

#[test]
fn measures_are_followed_with_the_case_that_goes_on() {
    on_each_database(|database| {
        let house = house(database);
        let case = id(&file(&house.service.reporter("provby", "usk"), fall()));
        decided(&house, &case, "Chef");
        let right = json!({"kind": "klagomal", "reason": "Klagomål."});
        let new = house.manager.command(&case, "refile", right).expect(201).json();
        assert_eq!(new["status"], "measures_decided");
        assert_eq!(new["investigation"]["measures"][0]["type"], "ATG.RUT");
        let path = format!("/api/v1/cases/{case}");
        let void = house.manager.get(&path).expect(200).json();
        assert_eq!(void["investigation"], Value::Null);
        let listed = house.manager.get("/api/v1/measures").expect(200).json();
        assert_eq!(listed["items"][0]["cases"][0]["number"], new["number"]);
        let measure = new["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
        let to = format!("/api/v1/cases/{}", id(&new));
        house
            .manager
            .with("if-match", "\"1\"")
            .patch(&format!("{to}/measures/{measure}"), json!({"done_on": "2026-03-10"}))
            .expect(200);
    });
}

#[test]
fn the_registrator_switches_between_synpunkt_and_klagomal_until_it_is_acknowledged() {
    on_each_database(|database| {
        let house = house(database);
        let registrator =
            house.service.holder(("provby", house.tenant), "reg", Role::Registrator, &[], &[]);
        let letter = json!({"kind": "synpunkt", "unit": "gran", "description": "Maten är kall.",
            "reporter_name": "Anhörig"});
        let case = id(&file(&registrator, letter));
        let to = json!({"kind": "klagomal", "reason": "Skriver att det är ett klagomål."});
        let new = registrator.command(&case, "refile", to).expect(201).json();
        assert_eq!(new["kind"], "klagomal");
        assert_eq!(new["reporter_name"], "Anhörig");
        let case = id(&new);
        let back = json!({"audience": "reporter", "text": "Vi har tagit emot ditt klagomål."});
        house.manager.command(&case, "feedback", back).expect(200);
        let again = json!({"kind": "synpunkt", "subkind": "FOR", "reason": "Ändrar sig."});
        let refused = registrator.command(&case, "refile", again).expect(422);
        assert_eq!(refused.faults(), [("/kind".into(), "acknowledged_already".into())]);
        let event = json!({"kind": "avvikelse", "reason": "Det är en avvikelse."});
        assert_eq!(
            registrator.command(&case, "refile", event).expect(201).json()["status"],
            "reported"
        );

        // Neither the reporter nor a nurse makes it another kind.
        let nurse = house.service.reporter("provby", "usk");
        let case = id(&file(&nurse, fall()));
        let path = format!("/api/v1/cases/{case}/refile");
        let to = json!({"kind": "klagomal", "reason": "x"});
        nurse.with("if-match", "\"1\"").post(&path, to.clone()).expect(403);
        let team = house.service.holder(("provby", house.tenant), "ssk", Role::Team, &[], &[]);
        team.with("if-match", "\"1\"").post(&path, to).expect(403);
    });
}

#[test]
fn the_same_request_twice_files_again_once() {
    on_each_database(|database| {
        let house = house(database);
        let case = id(&file(&house.service.reporter("provby", "usk"), fall()));
        let path = format!("/api/v1/cases/{case}/refile");
        let once = house.manager.with("if-match", "\"1\"").with("idempotency-key", "k");
        let body = json!({"kind": "klagomal", "reason": "x"});
        let first = once.post(&path, body.clone()).expect(201);
        let second = once.post(&path, body).expect(201);
        assert_eq!(first.text, second.text);
        assert_eq!(count(&house, 2026, ""), 1);
        house
            .manager
            .with("if-match", "\"1\"")
            .post(&path, json!({"kind": "klagomal", "reason": "x"}))
            .expect(412);
    });
}

#[test]
fn wrong_person_unit_day_and_law_are_corrected_after_triage() {
    on_each_database(|database| {
        let house = house(database);
        let mut filing = fall();
        filing["subject"] = json!({"personal_id": "640823-3234"});
        let filed = file(&house.service.reporter("provby", "usk"), filing);
        let case = id(&filed);
        house.manager.command(&case, "triage", standard_triage()).expect(200);
        let syd = house.service.holder(("provby", house.tenant), "syd", Role::Team, &["syd"], &[]);
        let path = format!("/api/v1/cases/{case}");
        syd.get(&path).expect(404);
        let fix = |body: Value| house.manager.command(&case, "corrections", body);
        for (body, field) in [
            (json!({"subject": {"personal_id": "811218-9876"}}), "subject"),
            (json!({"unit": "tall"}), "unit"),
            (json!({"occurred_at": "2026-03-05T08:00:00Z"}), "occurred_at"),
            (json!({"also_units": ["syd", "syd"]}), "also_units"),
        ] {
            let mut without = body.clone();
            without["reason"] = json!(" ");
            let refused = fix(without).expect(422);
            assert_eq!(refused.faults(), [("/reason".into(), "required".into())], "{field}");
            let mut with = body;
            with["reason"] = json!(format!("Fel {field}."));
            fix(with).expect(200);
            let history = house.manager.get(&format!("{path}/history")).expect(200).json();
            let last = history["items"].as_array().expect("items").last().cloned().expect("one");
            assert_eq!(last["changes"][0]["field"], field);
            assert_eq!(last["reason"], format!("Fel {field}."));
        }
        // A law that asks another lex question needs its answer first; then it is corrected.
        let law = json!({"law": ["SOL"], "reason": "Var i hemtjänsten."});
        let refused = fix(law.clone()).expect(422);
        assert_eq!(refused.faults(), [("/law".into(), "lex_question_unanswered".into())]);
        let answer = json!({"lex": {"lex_sarah": "no"}, "reason": "Frågan ställs av SoL."});
        house.manager.command(&case, "triage", answer).expect(200);
        let corrected = fix(law).expect(200).json();
        assert_eq!(corrected["law"]["assessed"], json!(["SOL"]));
        assert_eq!(corrected["law"]["reported"], json!(["HSL"]), "as it was filed");
        assert_eq!(corrected["description"], filed["description"]);
        assert_ne!(corrected["subject"], filed["subject"]);
        assert_eq!(corrected["unit"]["code"], "tall");
        // Another unit concerned may read now, in lists too, and no longer when that is corrected.
        let listed = |client: &testkit::Client| -> usize {
            let list = client.get("/api/v1/cases").expect(200).json();
            list["items"].as_array().expect("items").len()
        };
        syd.get(&path).expect(200);
        assert_eq!(listed(&syd), 1);
        fix(json!({"also_units": [], "reason": "Inte de."})).expect(200);
        syd.get(&path).expect(404);
        assert_eq!(listed(&syd), 0);
    });
}
