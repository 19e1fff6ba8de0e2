//! The provider's keys: new ones, old ones, none.

use jiff::SignedDuration;
use serde_json::json;
use testkit::Database;

use crate::{House, opens};

#[test]
fn a_new_key_is_accepted_within_a_minute_and_an_old_one_refused_after_the_grace() {
    let Some(house) = House::open(Database::Sqlite) else { return };
    let before = house.service.with_token(&house.provider.token("anna"));
    assert_eq!(opens(&before), 200);
    house.provider.tell(json!({"do": "rotate", "generation": "2"}));
    let after = house.service.with_token(&house.provider.token("anna"));
    // One fetch in thirty seconds: within a minute of the last, whatever is asked.
    house.service.clock.advance(SignedDuration::from_secs(59));
    assert_eq!(opens(&after), 200);
    // While the provider publishes the old key, its tokens hold.
    assert_eq!(opens(&before), 200);
    house.provider.tell(json!({"do": "retire"}));
    house.service.clock.advance(SignedDuration::from_mins(11));
    assert_eq!(opens(&after), 200);
    assert_eq!(opens(&before), 401);
}

#[test]
fn keys_serve_while_the_provider_is_down_and_then_nobody_comes_in() {
    let Some(house) = House::open(Database::Sqlite) else { return };
    let anna = house.service.with_token(&house.provider.token("anna"));
    let bo = house.service.with_token(&house.provider.token("bo"));
    assert_eq!(opens(&anna), 200);
    house.provider.tell(json!({"do": "down", "down": true}));
    house.service.clock.advance(SignedDuration::from_secs(590));
    assert_eq!(opens(&anna), 200);
    house.service.clock.advance(SignedDuration::from_secs(40));
    // Not seen yet: what was verified a moment ago may be remembered for a little longer.
    let refused = bo.get("/api/v1/me").expect(503);
    assert_eq!(refused.json()["code"], "unavailable");
    house.provider.tell(json!({"do": "down", "down": false}));
    house.service.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(opens(&anna), 200);
}

#[test]
fn invented_keys_do_not_make_us_knock() {
    let Some(house) = House::open(Database::Sqlite) else { return };
    let good = house.provider.token("anna");
    assert_eq!(opens(&house.service.with_token(&good)), 200);
    let (_, rest) = good.split_once('.').expect("three parts");
    let before = house.provider.answered();
    let invented = |number: u32| {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let header = json!({"alg": "RS256", "typ": "at+jwt", "kid": format!("invented-{number}")});
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
    };
    let number = 10_000;
    for round in 0..number {
        assert_eq!(opens(&house.service.with_token(&invented(round))), 401, "{round}");
    }
    // The clock of the service stands: one fetch, of the configuration and of the keys.
    let fetched = house.provider.answered() - before;
    assert!(fetched <= 2, "{fetched} requests for {number} invented keys");
    assert_eq!(opens(&house.service.with_token(&good)), 200);
}
