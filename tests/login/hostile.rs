//! Tokens that nobody honest makes, over HTTP, with the provider's own keys wherever that makes them better. `crates/auth`
//! has a longer list, with keys of its own.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testkit::Database;

use crate::provider::{opened, text};
use crate::{House, opens};

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn with(base: &Value, change: Value) -> String {
    let mut changed = base.clone();
    for (name, value) in change.as_object().expect("an object") {
        if value.is_null() {
            changed.as_object_mut().expect("an object").remove(name);
        } else {
            changed[name] = value.clone();
        }
    }
    changed.to_string()
}

#[test]
fn no_hostile_token_is_accepted_and_none_breaks_anything() {
    let Some(house) = House::open(Database::Sqlite) else { return };
    let provider = &house.provider;
    let login = provider.login("anna");
    let good = text(&login["access_token"]);
    let (header, claims) = opened(&good);
    let parts: Vec<&str> = good.split('.').collect();
    assert_eq!(opens(&house.service.with_token(&good)), 200);
    // What is signed here is accepted as such: the refusals below are for what was changed.
    let (head, body) = (header.to_string(), claims.to_string());
    assert_eq!(opens(&house.service.with_token(&provider.sign(&head, &body))), 200);

    let now = claims["iat"].as_i64().expect("a time");
    let mut corpus: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, token: String| corpus.push((name.to_owned(), token));
    for alg in ["none", "None", "NONE", "nOnE"] {
        let head = b64(with(&header, json!({"alg": alg})));
        add(&format!("alg {alg}"), format!("{head}.{}.", parts[1]));
        add(&format!("alg {alg}, signed"), format!("{head}.{}.{}", parts[1], parts[2]));
    }
    // Symmetric, with what everybody may read as the secret.
    let keys = provider.tell(json!({"do": "keys"}));
    let open = keys["keys"].as_array().expect("keys");
    let rsa = open.iter().find(|key| key["alg"] == "RS256").expect("an RSA key");
    for (name, secret) in [
        ("the modulus", text(&rsa["n"])),
        ("the modulus as bytes", STANDARD.encode(text(&rsa["n"]))),
        ("the JWK", rsa.to_string()),
        ("nothing", String::new()),
    ] {
        let signed = format!("{}.{}", b64(with(&header, json!({"alg": "HS256"}))), parts[1]);
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, signed.as_bytes());
        add(&format!("HS256 with {name}"), format!("{signed}.{}", b64(tag)));
    }
    for (name, change) in [
        ("kid of another kind", json!({"kid": open[1]["kid"]})),
        ("kid a path", json!({"kid": "../../../../dev/null"})),
        ("kid SQL", json!({"kid": "' OR 1=1 --"})),
        ("kid a URL", json!({"kid": "http://127.0.0.1:1/keys"})),
        ("kid missing", json!({"kid": null})),
        ("kid a number", json!({"kid": 1})),
        ("kid a list", json!({"kid": [header["kid"]]})),
        ("jku", json!({"jku": format!("{}/jwks", provider.issuer)})),
        ("x5u", json!({"x5u": format!("{}/jwks", provider.issuer)})),
        ("jwk", json!({"jwk": rsa})),
        ("crit", json!({"crit": ["unknown"], "unknown": true})),
        ("crit of something known", json!({"crit": ["exp"]})),
        ("b64", json!({"b64": false, "crit": ["b64"]})),
        ("alg of another kind", json!({"alg": "ES256"})),
        ("alg PS256", json!({"alg": "PS256"})),
        ("typ JWT", json!({"typ": "JWT"})),
        ("typ missing", json!({"typ": null})),
        ("typ logout+jwt", json!({"typ": "logout+jwt"})),
    ] {
        add(name, provider.sign(&with(&header, change), &body));
    }
    for (name, change) in [
        ("exp missing", json!({"exp": null})),
        ("exp a text", json!({"exp": "9999999999"})),
        ("exp negative", json!({"exp": -1})),
        ("exp past", json!({"exp": now - 3600})),
        ("exp far", json!({"exp": now + 10 * 86_400})),
        ("exp beyond numbers", json!({"exp": 1e300})),
        ("nbf in the future", json!({"nbf": now + 3600})),
        ("nbf a text", json!({"nbf": "0"})),
        ("iat in the future", json!({"iat": now + 3600})),
        ("aud another", json!({"aud": "other"})),
        ("aud others", json!({"aud": ["other", "avvikelse2"]})),
        ("aud mixed", json!({"aud": ["avvikelse", 1]})),
        ("aud missing", json!({"aud": null})),
        ("aud the resource", json!({"aud": "urn:avvikelse:api"})),
        ("iss another", json!({"iss": "https://evil.example"})),
        ("iss with a slash", json!({"iss": format!("{}/", provider.issuer)})),
        ("iss missing", json!({"iss": null})),
        ("iss ours", json!({"iss": "urn:avvikelse:local"})),
        ("sub missing", json!({"sub": null})),
        ("sub empty", json!({"sub": ""})),
        ("sub a number", json!({"sub": 1})),
        ("sub long", json!({"sub": "s".repeat(256)})),
        ("sub two lines", json!({"sub": "a\nb"})),
        ("sub a machine", json!({"sub": "machine:exporter"})),
        ("an ID token's nonce", json!({"nonce": "n"})),
        ("an ID token's hash", json!({"at_hash": "h"})),
        ("a logout token's events", json!({"events": {}})),
    ] {
        add(name, provider.sign(&head, &with(&claims, change)));
    }
    for twice in [r#""sub":"admin""#, r#""aud":"avvikelse""#, r#""exp":9999999999"#] {
        let doubled = format!("{{{twice},{}", &body[1..]);
        add(&format!("twice {twice}"), provider.sign(&head, &doubled));
    }
    add("no JSON", provider.sign(&head, "admin"));
    add("a list", provider.sign(&head, "[]"));
    add("the ID token", text(&login["id_token"]));
    add("64 KiB", format!("{good}{}", "A".repeat(64 * 1024)));
    add("padded", format!("{good}="));
    add("two parts", format!("{}.{}", parts[0], parts[1]));
    add("four parts", format!("{good}.{}", parts[2]));
    add("no signature", format!("{}.{}.", parts[0], parts[1]));
    add("signature of another", {
        let other = provider.token("bo");
        format!("{}.{}.{}", parts[0], parts[1], other.rsplit('.').next().expect("a signature"))
    });
    add("claims replaced", {
        let promoted = b64(with(&claims, json!({"sub": "admin"})));
        format!("{}.{promoted}.{}", parts[0], parts[2])
    });

    assert!(corpus.len() >= 70, "{}", corpus.len());
    for (name, token) in &corpus {
        let answer = house.service.with_token(token).get("/api/v1/me");
        // What does not fit into a head of HTTP is refused before anybody reads it.
        let expected: &[u16] = if name == "64 KiB" { &[400, 401, 431] } else { &[401] };
        assert!(expected.contains(&answer.status), "{name}: {}", answer.status);
        assert!(!answer.text.contains("evil.example"), "{name}");
    }
    println!("{} hostile tokens, none accepted", corpus.len());
    assert_eq!(opens(&house.service.with_token(&good)), 200);
}
