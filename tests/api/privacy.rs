//! Every read of a person's data leaves an access entry, before the answer leaves.

use domain::organisation::Role;
use serde_json::json;
use store::Tx;
use testkit::on_each_database;

use crate::{House, fall, file, house, id, standard_triage};

/// The act and role of each access entry, oldest first, with the number of cases it exposed.
fn entries(house: &House) -> Vec<(String, Option<String>, usize)> {
    let read = |tx: &mut Tx<'_>| tx.access_entries(None, 500);
    let all = house.service.run(house.service.app.store.read(house.tenant, read)).expect("entries");
    all.into_iter().map(|entry| (entry.act, entry.role, entry.exposed.len())).collect()
}

#[test]
fn each_reading_leaves_one_entry_and_lists_none() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let mut body = fall();
        body["subject"] = json!({"personal_id": "640823-3234"});
        let at = id(&file(&nurse, body));
        assert!(entries(&house).is_empty(), "filing shows nobody anything new");
        house.manager.get("/api/v1/cases").expect(200);
        assert!(entries(&house).is_empty(), "lists show neither text nor subject");

        let manager = Some("unit_manager".to_owned());
        house.manager.get(&format!("/api/v1/cases/{at}")).expect(200);
        house.manager.get(&format!("/api/v1/cases/{at}/history")).expect(200);
        house.manager.get(&format!("/api/v1/cases/{at}/subject")).expect(200);
        nurse.get(&format!("/api/v1/cases/{at}")).expect(200);
        house
            .manager
            .with("if-match", "\"1\"")
            .post(&format!("/api/v1/cases/{at}/triage"), standard_triage())
            .expect(200);
        assert_eq!(
            entries(&house),
            [
                ("case.read".to_owned(), manager.clone(), 1),
                ("case.history".to_owned(), manager.clone(), 1),
                ("subject.read".to_owned(), manager.clone(), 1),
                ("case.read".to_owned(), None, 1),
                ("case.triage".to_owned(), manager, 1),
            ]
        );
        let stranger = house.service.reporter("provby", "annan");
        stranger.get(&format!("/api/v1/cases/{at}")).expect(404);
        let all = entries(&house);
        assert_eq!(all.len(), 6, "what was refused is there, once: {all:?}");
    });
}

#[test]
fn who_it_is_about_is_for_those_who_handle_the_case() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let mut body = fall();
        body["subject"] = json!({"personal_id": "640823-3234"});
        let filed = nurse.post("/api/v1/cases", body).expect(201);
        assert!(!filed.text.contains("3234"));
        let path = format!("/api/v1/cases/{}/subject", id(&filed.json()));
        let subject = house.manager.get(&path).expect(200).json();
        assert_eq!(subject["personal_id"], "196408233234");
        assert_eq!(subject["confirmed"], true);
        nurse.get(&path).expect(403);
        let of = ("provby", house.tenant);
        let elsewhere = house.service.holder(of, "chef-syd", Role::UnitManager, &["syd"], &[]);
        elsewhere.get(&path).expect(404);
        house.service.holder(of, "admin", Role::Admin, &[], &[]).get(&path).expect(404);
    });
}

#[test]
fn every_change_leaves_history_audit_fact_and_message_together() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        house.manager.command(&at, "triage", standard_triage()).expect(200);
        // A change that is refused leaves nothing.
        house.manager.command(&at, "measures/decision", json!({})).expect(409);
        let counts = house
            .service
            .run(house.service.app.store.read(house.tenant, |tx: &mut Tx<'_>| tx.record_counts()))
            .expect("counts");
        assert_eq!((counts.cases, counts.facts), (1, 1));
        assert_eq!((counts.history, counts.audit_of_cases, counts.messages), (2, 2, 2));
    });
}

#[test]
fn a_link_to_what_one_may_not_read_is_not_shown() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let sas = house.service.holder(("provby", house.tenant), "sas", Role::Sas, &[], &[]);
        let health = id(&file(&nurse, fall()));
        let mut body = fall();
        body["law"] = json!(["SOL"]);
        body["category"] = json!("SOL.BEM");
        let social = id(&file(&house.manager, body.clone()));
        let another = id(&file(&house.manager, body));
        let path = |at: &str| format!("/api/v1/cases/{at}");
        sas.get(&path(&health)).expect(404);
        house.mas.get(&path(&social)).expect(404);

        let link = |to: &str| json!({"kind": "related", "case": to});
        let linked = house.manager.command(&health, "links", link(&social)).expect(200);
        assert_eq!(linked.json()["links"][0]["case"], json!(social));
        house.manager.command(&social, "links", link(&another)).expect(200);
        let duplicate = json!({"outcome": "UTF.DUB", "duplicate_of": another});
        let closed = house.manager.command(&health, "close", duplicate).expect(200);
        assert_eq!(closed.json()["links"].as_array().map(Vec::len), Some(2));

        let links = |client: &testkit::Client, at: &str| -> usize {
            let case = client.get(&path(at)).expect(200).json();
            case["links"].as_array().expect("links").len()
        };
        assert_eq!(links(&house.manager, &health), 2);
        assert_eq!(links(&sas, &social), 1);
        assert_eq!(links(&house.mas, &health), 0);
        assert_eq!(links(&nurse, &health), 0);

        let history = format!("{}/history", path(&health));
        let told = house.manager.get(&history).expect(200).text;
        assert!(told.contains(&social) && told.contains(&another), "{told}");
        for client in [&house.mas, &nurse] {
            let told = client.get(&history).expect(200).text;
            assert!(!told.contains(&social) && !told.contains(&another), "{told}");
        }
        // Nor does the answer of a command show them.
        let reopened = house.mas.command(&health, "reopen", json!({"reason": "Nytt."})).expect(200);
        assert!(!reopened.text.contains(&social), "{}", reopened.text);
        assert!(!house.mas.get(&history).expect(200).text.contains(&another));
    });
}
