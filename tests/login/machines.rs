//! Clients that speak for nobody but themselves, by client credentials.

use domain::organisation::Role;
use serde_json::json;
use testkit::on_each_database;

use crate::provider::text;
use crate::{House, opens, roles};

#[test]
fn a_machine_does_what_it_was_given_and_is_nobody_before() {
    on_each_database(|database| {
        let Some(house) = House::open(database) else { return };
        let exporter = house.service.with_token(&house.provider.machine("exporter"));
        // Unlike a person it is not taken in because its token is good.
        assert_eq!(opens(&exporter), 401);
        let admin = house.admin();
        let issuer = &house.provider.issuer;
        let grant = |role: &str| {
            let body = json!({"issuer": issuer, "subject": "machine:exporter", "role": role});
            admin.post("/api/v1/grants", body)
        };
        for role in ["mas", "unit_manager", "admin", "team", "registrator", "auditor"] {
            let refused = grant(role).expect(422);
            assert_eq!(refused.faults()[0].0, "/role", "{role}");
        }
        assert_eq!(opens(&exporter), 401);
        let given = grant("analyst").expect(201);
        assert_eq!(roles(&exporter), ["analyst"]);
        exporter.get("/api/v1/statistics?year=2026").expect(200);
        exporter.get("/api/v1/statistics?year=2026&format=csv").expect(200);
        exporter.get("/api/v1/staff").expect(403);
        let listed = exporter.get("/api/v1/cases").expect(200).json();
        assert_eq!(listed["items"], json!([]));
        let filing =
            json!({"kind": "avvikelse", "unit": "gran", "description": "Från ett annat system."});
        // It sees figures; it files only where it was given that.
        exporter.post("/api/v1/cases", filing.clone()).expect(403);
        grant("intake").expect(201);
        let anna = house.login("anna").get("/api/v1/me").expect(200).json();
        let mut for_anna = filing.clone();
        for_anna["reported_by"] = anna["staff"].clone();
        exporter.post("/api/v1/cases", for_anna).expect(201);
        let own = house.login("anna").get("/api/v1/me/cases").expect(200).json();
        assert_eq!(own["items"].as_array().expect("a list").len(), 1, "anna follows it");
        exporter.post("/api/v1/cases", filing).expect(201);

        // It stands in the list of staff as what it is, and is shut out as anybody is.
        let staff = admin.get("/api/v1/staff").expect(200).json();
        let machine = staff["items"].as_array().expect("a list").iter();
        let machines: Vec<_> = machine.filter(|it| it["machine"] == json!(true)).collect();
        assert_eq!(machines.len(), 1);
        assert_eq!(machines[0]["subject"], "machine:exporter");
        assert_eq!(machines[0]["id"], given.json()["staff"]);
        let path = format!("/api/v1/staff/{}", text(&machines[0]["id"]));
        let shown = admin.get(&path).expect(200);
        let change = json!({"active": false});
        admin.with("if-match", &shown.etag()).patch(&path, change).expect(200);
        assert_eq!(opens(&exporter), 401);
        assert_eq!(opens(&house.service.with_token(&house.provider.machine("stranger"))), 401);
    });
}

#[test]
fn a_person_and_a_machine_are_not_taken_for_each_other() {
    on_each_database(|database| {
        let Some(house) = House::open(database) else { return };
        house.grant("machine:exporter", Role::Analyst);
        let exporter = house.provider.machine("exporter");
        assert_eq!(roles(&house.service.with_token(&exporter)), ["analyst"]);
        // A person of that name, by whatever claim, is no machine; and the other way round.
        house.grant("exporter", Role::Mas);
        assert_eq!(roles(&house.service.with_token(&exporter)), ["analyst"]);
        assert_eq!(roles(&house.login("exporter")), ["mas"]);
        assert_eq!(opens(&house.login("machine:exporter")), 401);
        // What a machine was given before it counted as one gives it nothing more.
        let staff = house.service.app.store.read(house.tenant, |tx| tx.all_staff());
        let machine = house.service.run(staff).expect("staff");
        let machine = machine.iter().find(|it| it.is_machine()).expect("the machine").id;
        let grant = domain::organisation::Grant {
            id: domain::ids::GrantId(uuid::Uuid::now_v7()),
            staff: machine,
            role: Role::Mas,
            units: Vec::new(),
            laws: Vec::new(),
            valid_from: jiff::civil::date(2020, 1, 1),
            valid_to: None,
            stands_in_for: None,
            revoked_at: None,
            version: 1,
        };
        let write = house.service.app.store.write(house.tenant, move |tx| tx.insert_grant(&grant));
        house.service.run(write).expect("a grant");
        let client = house.service.with_token(&exporter);
        client.get("/api/v1/worklist").expect(200);
        let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "Hemligt."});
        let case = house.login("anna").post("/api/v1/cases", filing).expect(201).json();
        client.get(&format!("/api/v1/cases/{}", text(&case["id"]))).expect(404);
    });
}
