//! Who comes in, by what token, and when no longer.

use domain::organisation::Role;
use serde_json::json;
use testkit::{Client, Database, Service, on_each_database};

use crate::provider::{opened, text};
use crate::{House, machine_clock, opens};

#[test]
fn a_login_by_code_and_pkce_opens_the_service_with_each_algorithm() {
    let Some(house) = House::open(Database::Sqlite) else { return };
    house.provider.claims("anna", json!({"name": "Anna Ek"}));
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        house.provider.tell(json!({"do": "algorithm", "algorithm": algorithm}));
        let login = house.provider.login("anna");
        let access = text(&login["access_token"]);
        let (header, claims) = opened(&access);
        assert_eq!((&header["alg"], &header["typ"]), (&json!(algorithm), &json!("at+jwt")));
        assert_eq!(claims["aud"], "avvikelse");
        let me = house.service.with_token(&access).get("/api/v1/me").expect(200).json();
        assert_eq!(me["name"], "Anna Ek");
        assert_eq!(me["subject"], "anna");
        // Of the same login, and of the same provider: but no access token.
        let id = house.service.with_token(&text(&login["id_token"]));
        assert_eq!(id.get("/api/v1/me").expect(401).json()["code"], "unauthenticated");
    }
    let body = json!({"kind": "avvikelse", "unit": "gran", "description": "Fick fel medicin."});
    house.login("anna").post("/api/v1/cases", body).expect(201);
    assert_eq!(opens(&house.service.with_token("not-a-token")), 401);
    assert_eq!(opens(&house.service.anonymous()), 401);
}

#[test]
fn the_address_comes_along_where_it_is_asked_for() {
    let settings = json!({"email_claim": "preferred_username"});
    let Some(house) = House::with(Database::Sqlite, settings) else { return };
    house.provider.claims("anna", json!({"preferred_username": "anna@provby.example"}));
    house.provider.claims("bo", json!({"preferred_username": "bo"}));
    let admin = house.admin();
    for (account, email) in [("anna", json!("anna@provby.example")), ("bo", json!(null))] {
        let me = house.login(account).get("/api/v1/me").expect(200).json();
        let path = format!("/api/v1/staff/{}", text(&me["staff"]));
        assert_eq!(admin.get(&path).expect(200).json()["email"], email);
    }
}

#[test]
fn a_personal_identity_number_is_kept_as_a_keyed_hash_alone() {
    on_each_database(|database| {
        let preset = json!({"preset": "sweden_connect"});
        let Some(house) = House::with(database, preset) else { return };
        let number = "https://id.oidc.se/claim/personalIdentityNumber";
        house.provider.claims("anna", json!({number: "191212121212", "name": "Anna"}));
        house.provider.claims("anna-again", json!({number: "19121212-1212"}));
        house.provider.claims("bo", json!({number: "194107074440"}));
        let me = |account: &str| house.login(account).get("/api/v1/me").expect(200).json();
        let (anna, again, bo) = (me("anna"), me("anna-again"), me("bo"));
        assert_eq!(anna["staff"], again["staff"], "the same person");
        assert_ne!(anna["staff"], bo["staff"]);
        let subject = text(&anna["subject"]);
        assert!(subject.starts_with("person:") && !subject.contains("1212"), "{subject}");
        // Whose token does not say who they are is nobody, whatever its `sub`.
        assert_eq!(opens(&house.login("admin")), 401);
        let all = house.service.app.store.read(house.tenant, |tx| tx.all_staff());
        for staff in house.service.run(all).expect("staff") {
            assert!(!staff.subject.contains("19121212") && !staff.subject.contains("4440"));
        }
    });
}

/// The status by which somebody is refused on an instance, after an admin shut them out on another.
fn shut_out(house: &House, other: Option<&Service>) {
    let anna = house.provider.token("anna");
    let here = house.service.with_token(&anna);
    let there: Option<Client> = other.map(|other| other.with_token(&anna));
    let me = here.get("/api/v1/me").expect(200).json();
    assert!(there.iter().all(|there| opens(there) == 200));
    let path = format!("/api/v1/staff/{}", text(&me["staff"]));
    let admin = house.admin();
    let shown = admin.get(&path).expect(200);
    let change = json!({"active": false});
    admin.with("if-match", &shown.etag()).patch(&path, change).expect(200);
    // From the next request on, whatever the token says, and on every instance.
    assert_eq!(opens(&here), 401);
    assert!(there.iter().all(|there| opens(there) == 401));
    // A new login helps nobody who was shut out.
    assert_eq!(opens(&house.login("anna")), 401);
}

#[test]
fn who_was_deactivated_is_refused_at_once_in_spite_of_a_valid_token() {
    on_each_database(|database| {
        let postgres = matches!(database, Database::Postgres { .. });
        let Some(house) = House::open(database) else { return };
        // A file is served by one; on PostgreSQL a second instance has its own memory of tokens and set-up.
        let other = postgres.then(|| {
            let url = house.service.served_url();
            let keys = house.service.dir().join("keys.json");
            let issuer = json!({
                "issuer": house.provider.issuer, "audience": "avvikelse", "tenants": "provby",
            });
            let now = machine_clock();
            Service::start_with(Database::Sqlite, now, |config| {
                config.database_url = url.parse().expect("a URL");
                // By the role that may not migrate: it finds everything as it wants it.
                config.migrate_database_url = None;
                config.key_file = keys;
                config.issuers = vec![serde_json::from_value(issuer).expect("an issuer")];
            })
        });
        shut_out(&house, other.as_ref());
    });
}

#[test]
fn a_suspended_tenant_lets_nobody_in() {
    let Some(house) = House::open(Database::Sqlite) else { return };
    house.grant("mas", Role::Mas);
    let mas = house.login("mas");
    assert_eq!(opens(&mas), 200);
    let at = Some(machine_clock());
    house.service.run(house.service.app.store.set_suspended(house.tenant, at)).expect("suspended");
    assert_eq!(opens(&mas), 401);
}
