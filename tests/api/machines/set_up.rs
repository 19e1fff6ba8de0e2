//! Keys of one's own, and the systems and keys of counterparties.

use domain::organisation::Role;
use exchange::SigningKey;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Service, on_each_database};

use super::{ELSEWHERE, REGION, key_registered, known, post, registered};

#[test]
fn keys_are_made_published_rotated_and_withdrawn() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let page =
            || it.service.anonymous().get("/api/v1/public/provby/machine").expect(200).json();
        assert_eq!(page()["keys"], json!([]));
        let make = |days: u32| {
            it.admin
                .post("/api/v1/machine/keys", json!({ "overlap_days": days }))
                .expect(201)
                .json()
        };
        let first = make(14);
        assert_eq!(first["state"], "signing", "the first signs at once");
        let shown = page();
        assert_eq!(shown["contract"], "avvikelse-exchange/1");
        assert_eq!(shown["id"], it.tenant.to_string());
        assert_eq!(shown["name"], "provby");
        assert_eq!(shown["endpoint"], it.target());
        assert_eq!(shown["keys"][0]["jwk"]["kid"], first["id"]);
        assert_eq!(shown["keys"][0]["fingerprint"], first["fingerprint"]);
        let second = make(14);
        assert_eq!(second["state"], "announced");
        let states = || -> Vec<Value> {
            let listed = it.admin.get("/api/v1/machine/keys").expect(200).json();
            listed["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|key| key["state"].clone())
                .collect()
        };
        assert_eq!(states(), ["signing", "announced"]);
        assert_eq!(page()["keys"].as_array().map(Vec::len), Some(2));
        it.service.clock.advance(SignedDuration::from_hours(14 * 24));
        let admin = it.service.with_token(&it.service.token("provby", "admin"));
        let listed = admin.get("/api/v1/machine/keys").expect(200).json();
        assert_eq!(listed["items"][0]["state"], "retiring");
        assert_eq!(listed["items"][1]["state"], "signing");
        let away =
            format!("/api/v1/machine/keys/{}/withdraw", second["id"].as_str().expect("an id"));
        admin.post(&away, json!({"reason": "Låg i ett mejl"})).expect(200);
        assert_eq!(
            admin.post(&away, json!({"reason": "Igen"})).expect(409).json()["code"],
            "conflict"
        );
        let left = page();
        assert_eq!(left["keys"].as_array().map(Vec::len), Some(1));
        assert_eq!(left["keys"][0]["jwk"]["kid"], first["id"]);
        // No private part leaves, not even to administrators.
        assert!(!listed.to_string().contains("\"d\""));
        it.service.anonymous().get("/api/v1/public/annan/machine").expect(404);
    });
}

#[test]
fn only_administrators_set_systems_up() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let chef = it.service.holder(("provby", it.tenant), "chef", Role::UnitManager, &[], &[]);
        let at = format!("/api/v1/counterparties/{}/machine", it.region);
        chef.get(&at).expect(403);
        chef.get("/api/v1/machine/keys").expect(403);
        chef.post("/api/v1/machine/keys", json!({})).expect(403);
        registered(&chef, it.region, "x", ELSEWHERE).expect(403);
        key_registered(&chef, it.region, &it.key).expect(403);
    });
}

#[test]
fn an_endpoint_is_https_elsewhere_and_a_key_has_its_own_fingerprint() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let other = known(&it.service, it.tenant, "Akuten");
        for (endpoint, why) in [
            ("http://avvikelse.region.example/m", "not_https"),
            ("https://user@avvikelse.region.example/m", "more_than_an_address"),
            ("https://avvikelse.region.example/m?x=1", "more_than_an_address"),
            ("avvikelse.region.example", "not_a_web_address"),
        ] {
            let refused = registered(&it.admin, other, "other", endpoint).expect(422);
            assert_eq!(refused.faults(), [("/endpoint".to_owned(), why.to_owned())]);
        }
        let own = it.tenant.to_string();
        let refused = registered(&it.admin, other, &own, ELSEWHERE).expect(422);
        assert_eq!(refused.faults(), [("/peer_id".to_owned(), "oneself".to_owned())]);
        let taken = registered(&it.admin, other, REGION, ELSEWHERE).expect(409);
        assert_eq!(taken.json()["detail"], "peer_id_taken");
        let nobody = domain::ids::CounterpartyId(uuid::Uuid::now_v7());
        registered(&it.admin, nobody, "nobody", ELSEWHERE).expect(404);
        registered(&it.admin, other, "akuten", "HTTPS://Akuten.Example:443/m").expect(201);
        let at = format!("/api/v1/counterparties/{other}/machine");
        let shown = it.admin.get(&at).expect(200);
        assert_eq!(shown.json()["endpoint"], "https://akuten.example/m");

        let (key, second) = (
            SigningKey::from_seed(&[8; 32]).expect("a key"),
            SigningKey::from_seed(&[9; 32]).expect("a key"),
        );
        let keys = format!("{at}/keys");
        let jwk = key.public().jwk();
        let fault = |body: Value| it.admin.post(&keys, body).expect(422).faults();
        let wrong = fault(json!({ "jwk": jwk, "fingerprint": second.public().fingerprint() }));
        assert_eq!(wrong, [("/fingerprint".to_owned(), "another_keys_fingerprint".to_owned())]);
        let mut strange = serde_json::to_value(&jwk).expect("a value");
        strange["crv"] = json!("P-256");
        let wrong = fault(json!({ "jwk": strange, "fingerprint": key.public().fingerprint() }));
        assert_eq!(wrong, [("/jwk".to_owned(), "not_an_ed25519_key".to_owned())]);
        let spelt = key.public().fingerprint().to_ascii_lowercase().replace(' ', ":");
        it.admin.post(&keys, json!({ "jwk": jwk, "fingerprint": spelt })).expect(201);
        // One key is one system's.
        let again = key_registered(&it.admin, it.region, &key).expect(409);
        assert_eq!(again.json()["detail"], "key_registered_already");

        let change =
            json!({"peer_id": "akuten", "endpoint": "https://ny.example/m", "give_up_hours": 5});
        it.admin.put(&at, change.clone()).expect(428);
        let changed = it.admin.with("if-match", &shown.etag()).put(&at, change.clone()).expect(200);
        assert_eq!(changed.json()["endpoint"], "https://ny.example/m");
        assert_eq!(changed.json()["give_up_hours"], 5);
        it.admin.with("if-match", &shown.etag()).put(&at, change).expect(412);
        let id = key.public().id();
        let revoked =
            it.admin.post(&format!("{keys}/{id}/revoke"), json!({"reason": "Stulen"})).expect(200);
        assert!(revoked.json()["keys"][0]["revoked_at"].is_string());
        it.admin.post(&format!("{keys}/{id}/revoke"), json!({"reason": "Igen"})).expect(409);
    });
}
