//! Grants that come with a group of the provider, and end with it.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Response, on_each_database};

use crate::provider::text;
use crate::{House, opens, roles};

fn give(house: &House, admin: &Client, group: &str, role: &str, units: Value) -> Response {
    let issuer = &house.provider.issuer;
    let body = json!({"issuer": issuer, "group": group, "role": role, "units": units});
    admin.post("/api/v1/group-grants", body)
}

/// Somebody whose tokens name these groups from now on. The next token is issued in a later second.
fn with_groups(house: &House, account: &str, groups: &[&str]) -> Client {
    std::thread::sleep(std::time::Duration::from_millis(1050));
    house.provider.claims(account, json!({"groups": groups}));
    house.login(account)
}

#[test]
fn a_grant_comes_with_the_group_and_is_gone_with_the_first_token_without_it() {
    on_each_database(|database| {
        let settings = json!({"groups_claim": "groups"});
        let Some(house) = House::with(database, settings) else { return };
        let admin = house.admin();
        give(&house, &admin, "chefer", "unit_manager", json!(["gran"])).expect(201);
        let made = give(&house, &admin, "mas", "mas", json!([])).expect(201);
        give(&house, &admin, "sas", "sas", json!([])).expect(201);

        let none = with_groups(&house, "anna", &["others"]);
        assert_eq!(roles(&none), Vec::<String>::new());
        let both = with_groups(&house, "anna", &["chefer", "mas", "others"]);
        assert_eq!(roles(&both), ["mas", "unit_manager"]);
        assert_eq!(roles(&both), ["mas", "unit_manager"], "and stays");
        // It stands in the lists like any other, and says where it came from.
        let listed = admin.get("/api/v1/grants?role=mas").expect(200).json();
        assert_eq!(listed["items"][0]["group_grant"], made.json()["id"]);

        let left = with_groups(&house, "anna", &["chefer"]);
        assert_eq!(roles(&left), ["unit_manager"]);
        // The older token is still valid, and gives nothing back.
        assert_eq!(roles(&both), ["unit_manager"]);
        let listed = admin.get("/api/v1/grants?role=mas").expect(200).json();
        assert_ne!(listed["items"][0]["revoked_at"], json!(null));

        // Without any group at all; and back again.
        assert_eq!(roles(&with_groups(&house, "anna", &[])), Vec::<String>::new());
        let again = with_groups(&house, "anna", &["mas"]);
        assert_eq!(roles(&again), ["mas"]);

        // What somebody was given by hand is theirs, whatever their groups.
        house.grant("bo", Role::Sas);
        assert_eq!(roles(&with_groups(&house, "bo", &["mas"])), ["mas", "sas"]);
        assert_eq!(roles(&with_groups(&house, "bo", &[])), ["sas"]);

        // What a group gives is ended for all at once, token or not.
        let path = format!("/api/v1/group-grants/{}", text(&made.json()["id"]));
        admin.post(&format!("{path}/end"), json!({})).expect(428);
        let end = admin.with("if-match", &made.etag());
        let ended = end.post(&format!("{path}/end"), json!({})).expect(200);
        assert_ne!(ended.json()["ended_at"], json!(null));
        assert_eq!(roles(&again), Vec::<String>::new());
        let end = admin.with("if-match", &ended.etag());
        end.post(&format!("{path}/end"), json!({})).expect(409);
    });
}

#[test]
fn what_a_group_gave_is_not_revoked_by_hand() {
    on_each_database(|database| {
        let Some(house) = House::with(database, json!({"groups_claim": "groups"})) else { return };
        let admin = house.admin();
        give(&house, &admin, "mas", "mas", json!([])).expect(201);
        let anna = with_groups(&house, "anna", &["mas"]);
        assert_eq!(roles(&anna), ["mas"]);
        let listed = admin.get("/api/v1/grants?role=mas").expect(200).json();
        let path = format!("/api/v1/grants/{}", text(&listed["items"][0]["id"]));
        for reason in ["left", "misuse"] {
            let now = admin.with("if-match", &admin.get(&path).expect(200).etag());
            let refused = now.post(&format!("{path}/revoke"), json!({"reason": reason}));
            assert_eq!(refused.expect(409).json()["code"], "grant_of_group");
        }
        assert_eq!(roles(&anna), ["mas"]);
    });
}

#[test]
fn groups_that_were_left_out_let_nobody_in() {
    on_each_database(|database| {
        let Some(house) = House::with(database, json!({"groups_claim": "groups"})) else { return };
        let admin = house.admin();
        give(&house, &admin, "mas", "mas", json!([])).expect(201);
        assert_eq!(roles(&with_groups(&house, "anna", &["mas"])), ["mas"]);
        let more = json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}});
        house.provider.claims("anna", more);
        let refused = house.login("anna").get("/api/v1/me").expect(401).json();
        assert_eq!(refused["code"], "groups_missing");
        house.provider.claims("anna", json!({"groups": "mas"}));
        assert_eq!(opens(&house.login("anna")), 200);
        house.provider.claims("anna", json!({"groups": {"mas": true}}));
        assert_eq!(opens(&house.login("anna")), 401);
    });
}

#[test]
fn nobody_becomes_an_admin_by_a_group() {
    on_each_database(|database| {
        let Some(house) = House::with(database, json!({"groups_claim": "groups"})) else { return };
        let admin = house.admin();
        let refused = give(&house, &admin, "it", "admin", json!([])).expect(422);
        assert_eq!(refused.faults()[0].0, "/role");
        let refused = give(&house, &admin, " ", "mas", json!(["nowhere"])).expect(422);
        let fields: Vec<String> = refused.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["/group", "/units/0"]);
        house.grant("mas", Role::Mas);
        let mas = house.login("mas");
        give(&house, &mas, "mas", "mas", json!([])).expect(403);
        mas.get("/api/v1/group-grants").expect(403);
    });
}
