//! Giving a matter out, masked; and everything that is held about a person.

use std::io::{Cursor, Read as _};

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::on_each_database;

use crate::{fall, file, house, id};

#[test]
fn what_is_given_out_is_masked_kept_as_issued_and_logged() {
    on_each_database(|database| {
        let house = house(database);
        let mut filing = fall();
        filing["description"] = json!(
            "Åke Testsson, Storgatan 12 B, föll. Dottern nås på 070-123 45 67 eller d@example.se."
        );
        filing["subject"] = json!({"personal_id": "640823-3234", "protected": "SEK"});
        let case = id(&file(&house.manager, filing));
        let to = format!("/api/v1/cases/{case}/disclosures");
        let usk = house.service.reporter("provby", "usk");
        usk.get(&format!("{to}/proposal")).expect(404);
        let team = house.service.holder(("provby", house.tenant), "ssk", Role::Team, &[], &[]);
        team.get(&format!("{to}/proposal")).expect(403);

        let read = house.manager.get(&format!("{to}/proposal")).expect(200);
        let proposal = read.json();
        assert_eq!(proposal["protected"], true);
        assert!(
            !read.text.contains("640823") && !read.text.contains("196408233234"),
            "sealed stays sealed"
        );
        let found: Vec<&str> = proposal["found"]
            .as_array()
            .expect("found")
            .iter()
            .map(|it| it["what"].as_str().expect("a word"))
            .filter(|it| *it != "staff")
            .collect();
        assert_eq!(found, ["address", "phone", "email"]);
        let mut places = proposal["found"].as_array().expect("found").iter();
        let address = places.find(|it| it["what"] == "address").expect("an address");
        let text = address["field"].as_str().expect("a field").to_owned();
        let fields = proposal["copy"]["parts"].as_array().expect("parts").iter();
        let shown = |copy: &Value, field: &str| -> String {
            let parts = copy["parts"].as_array().expect("parts").iter();
            let mut all = parts.flat_map(|part| part["fields"].as_array().expect("fields"));
            all.find(|it| it["field"] == field).expect("the field")["text"]
                .as_str()
                .expect("a text")
                .to_owned()
        };
        assert!(fields.count() > 2);
        assert!(shown(&proposal["copy"], &text).starts_with("Åke Testsson"));

        let ground = "Uppgift om enskilds hälsa";
        let decision = json!({
            "decision": "partly", "asked_on": "2026-03-09", "reference": "VON 2026/77",
            "motivation": "Uppgifterna omfattas av sekretess.", "appeal": "Överklaga till kammarrätten.",
            "masks": [{"field": text, "from": 0, "to": 12, "ground": ground}],
            "accept": [{"what": "address", "ground": ground}, {"what": "phone", "ground": ground},
                {"what": "email", "ground": ground}],
        });
        house.manager.post(&to, decision.clone()).expect(428);
        let stale = house.manager.with("if-match", "\"9\"");
        stale.post(&to, decision.clone()).expect(412);
        let of_case = house.manager.with("if-match", "\"1\"");
        of_case.post(&to, decision.clone()).expect(412);
        let now = house.manager.with("if-match", &read.etag());
        let mut beyond = decision.clone();
        beyond["masks"][0]["to"] = json!(9999);
        let faults = now.post(&to, beyond).expect(422).faults();
        assert_eq!(faults, [("/masks/0/to".to_owned(), "out_of_range".to_owned())]);
        let made = now.with("idempotency-key", "k").post(&to, decision.clone()).expect(201);
        let again = now.with("idempotency-key", "k").post(&to, decision).expect(201);
        assert_eq!(made.json(), again.json());
        let made = made.json();
        assert_eq!(made["masks"].as_array().expect("masks").len(), 4);

        let one = format!("{to}/{}", made["id"].as_str().expect("an id"));
        let issued = house.manager.get(&one).expect(200);
        let copy = issued.json()["copy"].clone();
        assert_eq!(
            shown(&copy, &text),
            "██████, ██████, föll. Dottern nås på ██████ eller ██████."
        );
        let page = house.manager.get(&format!("{one}?format=html")).expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        for said in ["maskade", ground, "kammarrätten", "VON 2026/77"] {
            assert!(page.text.contains(said), "{said}");
        }
        for hidden in ["Testsson", "Storgatan", "070", "d@example", "640823"] {
            assert!(!page.text.contains(hidden) && !issued.text.contains(hidden), "{hidden}");
        }

        // As it was issued, whatever becomes of the case.
        house
            .manager
            .command(&case, "transfer", json!({"unit": "tall", "reason": "Dit."}))
            .expect(200);
        let later = house.manager.get(&one).expect(200).json();
        assert_eq!((&later["copy"], &later["sha256"]), (&copy, &made["sha256"]));
        assert_eq!(
            house.manager.get(&to).expect(200).json()["items"].as_array().expect("items").len(),
            1
        );

        // Each of these readings is in the log.
        let log = house.service.app.store.read(house.tenant, |tx| tx.access_entries(None, 1000));
        let log = house.service.run(log).expect("the log");
        for act in
            ["case.disclosure_proposal", "case.disclose", "case.disclosure", "case.disclosures"]
        {
            assert!(log.iter().any(|entry| entry.act == act), "{act}");
        }
    });
}

#[test]
fn a_decision_is_about_the_copy_that_was_read() {
    on_each_database(|database| {
        let house = house(database);
        let case = id(&file(&house.manager, fall()));
        let to = format!("/api/v1/cases/{case}/disclosures");
        let tag = || house.manager.get(&format!("{to}/proposal")).expect(200).etag();
        let read = tag();
        assert_eq!(tag(), read, "whenever it is made");
        // A name in the copy changes, and the case does not.
        let admin = house.service.holder(("provby", house.tenant), "it", Role::Admin, &[], &[]);
        let me = house.manager.get("/api/v1/me").expect(200).json();
        let chef = format!("/api/v1/staff/{}", me["staff"].as_str().expect("an id"));
        let now = admin.with("if-match", &admin.get(&chef).expect(200).etag());
        now.patch(&chef, json!({"name": "Greta Ek"})).expect(200);
        assert_eq!(read.split('-').next(), tag().split('-').next());
        let given = json!({"decision": "given", "asked_on": "2026-03-09"});
        let with = |tag: &str| house.manager.with("if-match", tag);
        with(&read).post(&to, given.clone()).expect(412);
        with(&tag()).post(&to, given).expect(201);
    });
}

#[test]
fn a_person_is_given_everything_that_is_held_about_them_and_nothing_else() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let mut about = fall();
        about["subject"] = json!({"personal_id": "640823-3234"});
        about["description"] = json!("Gled ner från stolen.");
        let about = file(&house.manager, about);
        let mut other = fall();
        other["subject"] = json!({"personal_id": "19121212-1212"});
        other["description"] = json!("Föll på gården.");
        file(&house.manager, other);
        let complaint = json!({
            "kind": "klagomal", "unit": "gran", "law": ["SOL"], "description": "Ingen svarade på larmet.",
            "opinion": {"sender": {"kind": "NAR", "name": "Vera Sjögren", "email": "Vera@example.se", "address": "Storgatan 1",
                "reach": "letter", "speaks_as": "narstaende", "speaks_for": "Elsa"}},
        });
        let left = file(&house.manager, complaint);
        let ask = json!({"subject": {"personal_id": "196408233234"}, "email": "vera@EXAMPLE.se ",
            "reason": "Begäran SN 2026/9"});
        house.mas.post("/api/v1/person-exports", ask.clone()).expect(403);
        let privacy = house.service.holder(of, "ombud", Role::Privacy, &[], &[]);
        privacy.post("/api/v1/person-exports", json!({"reason": "x"})).expect(422);
        let answer = privacy.post("/api/v1/person-exports", ask).expect(200);
        let mut archive = zip::ZipArchive::new(Cursor::new(&answer.bytes)).expect("an archive");
        let mut told = String::new();
        archive.by_name("uppgifter.json").expect("there").read_to_string(&mut told).expect("reads");
        let told: Value = serde_json::from_str(&told).expect("JSON");
        let cases = told["cases"].as_array().expect("cases");
        let mut numbers: Vec<&Value> = cases.iter().map(|case| &case["copy"]["number"]).collect();
        numbers.sort_by_key(|number| number.to_string());
        assert_eq!(numbers, [&about["number"], &left["number"]]);
        assert!(told.to_string().contains("Gled ner från stolen."));
        assert!(!told.to_string().contains("Föll på gården."));
        let sent = cases.iter().find(|case| case["as_subject"] == false).expect("the opinion");
        assert_eq!(sent["as_sender"]["name"], "Vera Sjögren");
        let mut page = String::new();
        archive.by_name("uppgifter.html").expect("there").read_to_string(&mut page).expect("reads");
        assert!(page.contains("Ingen svarade på larmet."), "{page}");

        let log = house.service.app.store.read(house.tenant, |tx| tx.access_entries(None, 1000));
        let log = house.service.run(log).expect("the log");
        let entry = log.iter().find(|entry| entry.act == "person.export").expect("an entry");
        assert_eq!(entry.exposed.len(), 2);
        assert_eq!(entry.role.as_deref(), Some("privacy"));
    });
}
