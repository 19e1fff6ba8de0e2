//! A whole matter, taken out for the diary: to print, and as an archive that can be checked.

use std::io::{Cursor, Read as _};

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::on_each_database;

use crate::{fall, file, house, id, standard_triage};

/// The files of an archive, by name.
fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let names: Vec<String> =
        archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let read = |name: String| {
        let mut bytes = Vec::new();
        archive.by_name(&name).expect("a file").read_to_end(&mut bytes).expect("reads");
        (name, bytes)
    };
    names.into_iter().map(read).collect()
}

fn sha256(bytes: &[u8]) -> String {
    domain::record::hex(&app::cases::sha256(bytes))
}

#[test]
fn a_record_holds_everything_that_was_said_and_done() {
    on_each_database(|database| {
        let house = house(database);
        let mut filing = fall();
        filing["description"] = json!("Gled ner <script>alert(1)</script> från sängkanten.");
        filing["subject"] = json!({"personal_id": "640823-3234"});
        filing["details"] = json!({"fall_place": "PLA.BAD"});
        let case = id(&file(&house.manager, filing));
        let path = format!("/api/v1/cases/{case}");
        let pdf = b"%PDF-1.7 en bild";
        let to = format!("{path}/attachments");
        house.manager.upload(&to, ("bild å.pdf", "application/pdf"), pdf, &[]).expect(201);
        house.manager.command(&case, "triage", standard_triage()).expect(200);
        let inquiry = json!({"course_of_events": "Larmet var av.", "assessment": "Rutin saknas.",
            "causes": [{"code": "ORS.OKA", "text": "Städning"}], "complete": true});
        let found = house.manager.command(&case, "investigation", inquiry).expect(200).json();
        let cause = found["investigation"]["causes"][0]["id"].clone();
        let planned = json!({"measures": [{"type": "ATG.RUT", "text": "Kontrollera larmet",
            "causes": [cause], "owner": "Chef", "due_on": "2026-04-01"}]});
        house.manager.command(&case, "measures", planned).expect(200);
        let said = json!({"audience": "unit", "meeting_on": "2026-03-09", "text": "Gick igenom."});
        house.manager.command(&case, "feedback", said).expect(200);
        let number = json!({"diary_number": "VON 2026/00123"});
        house.manager.command(&case, "diary-number", number).expect(200);
        let hidden = file(&house.manager, fall());
        let link = json!({"kind": "related", "case": id(&hidden)});
        house.manager.command(&case, "links", link).expect(200);
        let note = json!({"text": "Bara för oss.", "to_reporter": false});
        house.manager.post(&format!("{path}/comments"), note).expect(200);

        let page = house.manager.get(&format!("{path}/record")).expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        for said in [
            "VON 2026/00123",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "196408233234",
            "Toalett/badrum",
            "Fall",
            "Larmet var av.",
            "Städning",
            "Kontrollera larmet",
            "Gick igenom.",
            "bild å.pdf",
            &sha256(pdf),
            "Kom in",
            hidden["number"].as_str().expect("a number"),
        ] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        for unsaid in ["<script", "Bara för oss."] {
            assert!(!page.text.contains(unsaid), "{unsaid}");
        }

        let zip = house.manager.get(&format!("{path}/record?format=zip")).expect(200);
        assert_eq!(zip.header("content-type"), Some("application/zip"));
        let files = unpacked(&zip.bytes);
        let named = |name: &str| -> &[u8] {
            let found = files.iter().find(|(known, _)| known == name);
            &found.unwrap_or_else(|| panic!("no {name}")).1
        };
        assert_eq!(files.len(), 4);
        let manifest: Value = serde_json::from_slice(named("manifest.json")).expect("JSON");
        assert_eq!(manifest["diary_number"], "VON 2026/00123");
        let listed = manifest["files"].as_array().expect("files");
        assert_eq!(listed.len(), 2);
        for file in listed {
            let bytes = named(file["path"].as_str().expect("a path"));
            assert_eq!(file["sha256"], sha256(bytes), "{file}");
            assert_eq!(file["size"], bytes.len(), "{file}");
            let line = format!("{}  {}\n", sha256(bytes), file["path"].as_str().expect("a path"));
            let sums = String::from_utf8_lossy(named("SHA256SUMS")).into_owned();
            assert!(sums.contains(&line), "{sums}");
        }
        assert_eq!(named("bilagor/01-bild å.pdf"), pdf);

        // Each taking is in the access log, with whom it names.
        let tenant = house.tenant;
        let log = house.service.app.store.read(tenant, |tx| tx.access_entries(None, 1000));
        let log = house.service.run(log).expect("a log");
        let taken: Vec<_> = log.iter().filter(|entry| entry.act == "case.record").collect();
        assert_eq!(taken.len(), 2);
        for entry in taken {
            assert_eq!(entry.exposed.len(), 1);
            assert!(entry.exposed[0].1.is_some(), "the person");
        }
    });
}

#[test]
fn only_those_who_answer_for_a_matter_take_it_out() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let case = id(&file(&house.manager, fall()));
        let path = format!("/api/v1/cases/{case}/record");
        let nurse = house.service.holder(of, "ssk", Role::Team, &["gran"], &[]);
        nurse.get(&path).expect(403);
        house.service.holder(of, "arkiv", Role::Registrator, &[], &[]).get(&path).expect(404);
        house.service.holder(of, "sas", Role::Sas, &[], &[]).get(&path).expect(404);
        house.service.reporter("provby", "usk").get(&path).expect(404);
        house.mas.get(&path).expect(200);
        house.mas.get(&format!("{path}?format=pdf")).expect(422);
        let draft = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "draft": true});
        let draft = id(&file(&house.manager, draft));
        house.manager.get(&format!("/api/v1/cases/{draft}/record")).expect(403);
        // Another law's case is linked: who may not read it does not learn of it here either.
        let sol = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["SOL"]});
        let sol = file(&house.manager, sol);
        let link = json!({"kind": "related", "case": id(&sol)});
        house.manager.command(&case, "links", link).expect(200);
        let number = sol["number"].as_str().expect("a number");
        assert!(house.manager.get(&path).expect(200).text.contains(number));
        let seen = house.mas.get(&path).expect(200).text;
        assert!(!seen.contains(number) && !seen.contains(&id(&sol)), "{seen}");
    });
}

#[test]
fn a_number_of_the_register_has_its_form_and_its_case() {
    on_each_database(|database| {
        let house = house(database);
        let admin = house.service.holder(("provby", house.tenant), "admin", Role::Admin, &[], &[]);
        let tag = admin.get("/api/v1/settings").expect(200).etag();
        let wrong = json!({"diary": [{"board": " ", "pattern": "VON {year}", "least_digits": 5,
            "most_digits": 4}]});
        let refused = admin.with("if-match", &tag).put("/api/v1/settings", wrong).expect(422);
        let fields: Vec<String> = refused.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["/diary/0/board", "/diary/0/pattern", "/diary/0/most_digits"]);
        let series = json!({"diary": [
            {"board": "VON", "pattern": "VON {year}/{number}", "least_digits": 5, "most_digits": 5},
        ]});
        let kept = admin.with("if-match", &tag).put("/api/v1/settings", series).expect(200).json();
        assert_eq!(kept["diary"][0]["pattern"], "VON {year}/{number}");

        let (one, other) = (id(&file(&house.manager, fall())), id(&file(&house.manager, fall())));
        let give = |case: &str, body: Value| house.manager.command(case, "diary-number", body);
        let codes = |body: Value| -> Vec<String> {
            let faults = give(&one, body).expect(422).faults();
            faults.into_iter().map(|(field, code)| format!("{field} {code}")).collect()
        };
        assert_eq!(
            codes(json!({"diary_number": "SN 26-1"})),
            [
                "/diary_number wrong_type",
                "/diary_number diary_prefix",
                "/diary_number diary_year",
                "/diary_number diary_separator",
                "/diary_number diary_digits",
            ]
        );
        let named = give(&one, json!({"diary_number": "von 2026/00123"})).expect(200).json();
        assert_eq!(named["diary_number"], "VON 2026/00123");
        let taken = give(&other, json!({"diary_number": "VON 2026/00123"})).expect(422);
        assert_eq!(taken.faults(), [("/diary_number".to_owned(), "not_unique".to_owned())]);
        assert_eq!(codes(json!({"diary_number": "VON 2026/00124"})), ["/reason required"]);
        let again = json!({"diary_number": "VON 2026/00124", "reason": "Fel nummer."});
        give(&one, again).expect(200);
        give(&other, json!({"diary_number": "VON 2026/00123"})).expect(200);

        let path = format!("/api/v1/cases/{one}");
        let history = house.manager.get(&format!("{path}/history")).expect(200).json();
        let steps = history["items"].as_array().expect("items");
        let last = steps.last().expect("a step");
        assert_eq!(
            (&last["command"], &last["reason"]),
            (&json!("diary_number"), &json!("Fel nummer."))
        );
        assert_eq!(last["changes"][0]["old"], "VON 2026/00123");
        let found = house.manager.get("/api/v1/cases?number=VON%202026/00124").expect(200).json();
        assert_eq!(found["items"][0]["id"], one.as_str());

        // The matter keeps its number when it is filed again as another kind.
        let anew = json!({"kind": "klagomal", "reason": "Det är ett klagomål."});
        let anew = house.manager.command(&one, "refile", anew).expect(201).json();
        assert_eq!(anew["diary_number"], "VON 2026/00124");
        let old = house.manager.get(&path).expect(200).json();
        assert_eq!((&old["status"], &old["diary_number"]), (&json!("void"), &Value::Null));
    });
}
