//! Keys that come and go, an issuer that is down, and one that answers nonsense.

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, Instant};

use auth::{ConfigError, IssuerConfig, LocalIssuer, LocalIssuerError, TokenError, Verifier};
use serde_json::{Value, json};
use support::{Answer, Idp, Key, NOW, at, block_on, patched};

fn config(idp: &Idp, changes: Value) -> IssuerConfig {
    serde_json::from_value(patched(&idp.config(), changes)).unwrap()
}

fn verifier(idp: &Idp) -> Verifier {
    Verifier::new(vec![config(idp, json!({}))], None).unwrap()
}

/// A token that is good for a day from the start of the test, so that only its key decides.
fn token(idp: &Idp, key: &Key) -> String {
    key.good(&patched(&idp.claims(), json!({"exp": NOW + 86_400})))
}

#[test]
fn a_new_key_is_accepted_at_once_and_a_removed_one_refused() {
    let (old, new) = (Key::ed("old"), Key::ec("new"));
    let idp = Idp::with_keys(&[&old]);
    let verifier = verifier(&idp);
    let (by_old, by_new) = (token(&idp, &old), token(&idp, &new));
    block_on(async {
        assert!(verifier.verify(&by_old, at(0)).await.is_ok());
        // Both keys are published for a while, then the new one alone.
        idp.publish(&[&old, &new]);
        assert_eq!(
            verifier.verify(&by_new, at(29)).await,
            Err(TokenError::UnknownKey),
            "the limit holds"
        );
        assert_eq!(idp.hits(), 1);
        assert!(verifier.verify(&by_new, at(30)).await.is_ok());
        assert!(verifier.verify(&by_old, at(31)).await.is_ok());
        assert_eq!(idp.hits(), 2);

        idp.publish(&[&new]);
        assert!(verifier.verify(&by_old, at(600)).await.is_ok(), "nobody knows yet");
        assert_eq!(idp.hits(), 2);
        assert!(verifier.verify(&by_new, at(630)).await.is_ok());
        assert_eq!(idp.hits(), 3, "ten minutes have passed");
        // Thirty seconds ago this very token was found good, and is remembered: the new keys count.
        assert_eq!(verifier.verify(&by_old, at(630)).await, Err(TokenError::UnknownKey));
    });
}

/// One kid, another key: no signature of the old one counts.
#[test]
fn a_key_replaced_under_its_id_is_replaced() {
    let (old, new) = (Key::ed("same"), Key::ed("same"));
    let idp = Idp::with_keys(&[&old]);
    let verifier = verifier(&idp);
    block_on(async {
        assert!(verifier.verify(&token(&idp, &old), at(0)).await.is_ok());
        idp.publish(&[&new]);
        assert_eq!(verifier.warm(at(601)).await, Vec::<String>::new());
        assert!(verifier.verify(&token(&idp, &new), at(602)).await.is_ok());
        assert_eq!(
            verifier.verify(&token(&idp, &old), at(602)).await,
            Err(TokenError::BadSignature)
        );
    });
}

#[test]
fn ten_thousand_unknown_keys_cause_one_fetch_in_thirty_seconds() {
    let (known, stranger) = (Key::ed("known"), Key::ed("stranger"));
    let idp = Idp::with_keys(&[&known]);
    let verifier = verifier(&idp);
    let claims = idp.claims();
    let strange =
        |n: usize| stranger.sign(&json!({"alg": "EdDSA", "kid": format!("k{n}")}), &claims);
    block_on(async {
        assert!(verifier.verify(&token(&idp, &known), at(0)).await.is_ok());
        // 10,000 of them over 100 seconds.
        for n in 0..10_000 {
            let now = at(i64::try_from(n).unwrap() / 100);
            assert_eq!(verifier.verify(&strange(n), now).await, Err(TokenError::UnknownKey));
        }
        assert_eq!(idp.hits(), 1 + 3, "at 30, 60 and 90 seconds");
    });
}

/// Single flight: all wait for the one fetch, and all get its answer.
#[test]
fn callers_that_come_together_share_one_fetch() {
    let key = Key::ed("k");
    let idp = Idp::with_keys(&[&key]);
    let verifier = std::sync::Arc::new(verifier(&idp));
    let token = token(&idp, &key);
    block_on(async {
        let mut callers = Vec::new();
        for _ in 0..200 {
            let (verifier, token) = (std::sync::Arc::clone(&verifier), token.clone());
            callers.push(tokio::spawn(async move { verifier.verify(&token, at(0)).await }));
        }
        for caller in callers {
            assert!(caller.await.unwrap().is_ok());
        }
    });
    assert_eq!(idp.hits(), 1);
}

/// A client that hangs up while it waits must not lose the fetch for the next one.
#[test]
fn a_caller_that_goes_away_leaves_the_fetch_to_the_others() {
    let key = Key::ed("k");
    let idp = Idp::start();
    idp.answer(
        "/jwks",
        Answer::Late(Duration::from_millis(500), json!({"keys": [key.jwk()]}).to_string()),
    );
    let verifier = verifier(&idp);
    let token = token(&idp, &key);
    block_on(async {
        let gone =
            tokio::time::timeout(Duration::from_millis(20), verifier.verify(&token, at(0))).await;
        assert!(gone.is_err());
        assert!(verifier.verify(&token, at(0)).await.is_ok());
    });
    assert_eq!(idp.hits(), 1);
}

#[test]
fn keys_serve_while_the_issuer_is_down_and_then_no_longer() {
    let key = Key::rsa("k");
    let idp = Idp::with_keys(&[&key]);
    let verifier = verifier(&idp);
    let token = token(&idp, &key);
    block_on(async {
        assert!(verifier.verify(&token, at(0)).await.is_ok());
        idp.answer("/jwks", Answer::Down);
        let mut now = 600;
        while now < 4 * 3600 {
            assert!(verifier.verify(&token, at(now)).await.is_ok(), "after {now} s");
            now += 61;
        }
        let stranger = Key::ed("stranger").good(&idp.claims());
        assert_eq!(
            verifier.verify(&stranger, at(3000)).await,
            Err(TokenError::KeysUnavailable),
            "may be a new key"
        );
        for now in [4 * 3600 + 60, 5 * 3600, 20 * 3600] {
            assert_eq!(
                verifier.verify(&token, at(now)).await,
                Err(TokenError::KeysUnavailable),
                "after {now} s"
            );
        }
        assert_eq!(verifier.warm(at(20 * 3600 + 31)).await, [idp.issuer()]);

        idp.publish(&[&key]);
        assert!(verifier.verify(&token, at(20 * 3600 + 62)).await.is_ok(), "back again");
    });
}

#[test]
fn how_long_keys_serve_can_be_set() {
    let key = Key::ed("k");
    let idp = Idp::with_keys(&[&key]);
    let verifier =
        Verifier::new(vec![config(&idp, json!({"keys_serve_seconds": 1200}))], None).unwrap();
    let token = token(&idp, &key);
    block_on(async {
        assert!(verifier.verify(&token, at(0)).await.is_ok());
        idp.answer("/jwks", Answer::Status(503));
        assert!(verifier.verify(&token, at(1199)).await.is_ok());
        assert_eq!(verifier.verify(&token, at(1260)).await, Err(TokenError::KeysUnavailable));
    });
}

/// A clock set back must neither keep old keys for ever nor stop fetching.
#[test]
fn a_clock_set_back_does_not_freeze_the_keys() {
    let (old, new) = (Key::ed("old"), Key::ed("new"));
    let idp = Idp::with_keys(&[&old]);
    let verifier = verifier(&idp);
    block_on(async {
        assert_eq!(verifier.warm(at(86_400 * 365)).await, Vec::<String>::new());
        idp.publish(&[&new]);
        assert!(verifier.verify(&token(&idp, &new), at(0)).await.is_ok());
        assert_eq!(verifier.verify(&token(&idp, &old), at(1)).await, Err(TokenError::UnknownKey));
    });
}

#[test]
fn an_issuer_that_answers_nonsense_is_unavailable() {
    let key = Key::ed("k");
    let good = json!({"keys": [key.jwk()]}).to_string();
    let padded = |bytes: usize| Answer::Body(format!("{good}{}", " ".repeat(bytes - good.len())));
    let (elsewhere, deep) =
        (Idp::with_keys(&[&key]), format!("{{\"keys\":{}", "[".repeat(100_000)));
    let body = |text: &str| Answer::Body(text.to_owned());
    let private = patched(&key.jwk(), json!({"d": "AAAA"}));
    for (name, answer, expected) in [
        ("as large as may be", padded(256 * 1024 - 1), None),
        ("too large", padded(256 * 1024 + 1), Some(TokenError::KeysUnavailable)),
        ("much too large", padded(8 * 1024 * 1024), Some(TokenError::KeysUnavailable)),
        ("HTML", body("<!doctype html><title>Sign in</title>"), Some(TokenError::KeysUnavailable)),
        ("nothing", body(""), Some(TokenError::KeysUnavailable)),
        ("not UTF-8", body("\u{0}\u{1}"), Some(TokenError::KeysUnavailable)),
        ("a list", body("[]"), Some(TokenError::KeysUnavailable)),
        ("keys no list", body(r#"{"keys": {}}"#), Some(TokenError::KeysUnavailable)),
        ("no keys", body(r#"{"keys": []}"#), Some(TokenError::KeysUnavailable)),
        (
            "keys of the wrong kinds",
            body(r#"{"keys": [1, null, "k", [], {"kid": 1}, {"kid": "k", "kty": []}]}"#),
            Some(TokenError::KeysUnavailable),
        ),
        ("deep nesting", body(&deep), Some(TokenError::KeysUnavailable)),
        ("404", Answer::Status(404), Some(TokenError::KeysUnavailable)),
        ("500", Answer::Status(500), Some(TokenError::KeysUnavailable)),
        ("a redirect", Answer::Redirect(elsewhere.jwks_uri()), Some(TokenError::KeysUnavailable)),
        (
            "a redirect to a file",
            Answer::Redirect("file:///etc/passwd".into()),
            Some(TokenError::KeysUnavailable),
        ),
        ("closed", Answer::Down, Some(TokenError::KeysUnavailable)),
        (
            "a private key",
            body(&json!({"keys": [private]}).to_string()),
            Some(TokenError::KeysUnavailable),
        ),
    ] {
        let idp = Idp::start();
        idp.answer("/jwks", answer);
        let result = block_on(verifier(&idp).verify(&token(&idp, &key), at(0)));
        assert_eq!(result.err(), expected, "{name}");
    }
    assert_eq!(elsewhere.hits(), 0, "no redirect was followed");
}

#[test]
fn a_server_without_tls_is_unavailable_over_https() {
    let key = Key::ed("k");
    let idp = Idp::with_keys(&[&key]);
    let secure = idp.jwks_uri().replace("http:", "https:");
    let verifier = Verifier::new(vec![config(&idp, json!({"jwks_uri": secure}))], None).unwrap();
    assert_eq!(
        block_on(verifier.verify(&token(&idp, &key), at(0))),
        Err(TokenError::KeysUnavailable)
    );
}

#[test]
fn an_issuer_that_is_slow_is_unavailable_in_time() {
    let key = Key::ed("k");
    for answer in [Answer::Silent(Duration::from_secs(30)), Answer::Drip] {
        let idp = Idp::start();
        idp.answer("/jwks", answer);
        let verifier = verifier(&idp);
        let begun = Instant::now();
        // The runtime waits for its blocking thread at the end, so both are measured.
        let result = block_on(verifier.verify(&token(&idp, &key), at(0)));
        assert_eq!(result, Err(TokenError::KeysUnavailable));
        assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    }
}

/// Once the issuer was found down, a request with a known key does not wait for the next time-out.
#[test]
fn a_slow_issuer_does_not_hold_up_known_keys() {
    let key = Key::ed("k");
    let idp = Idp::with_keys(&[&key]);
    let verifier = verifier(&idp);
    let token = token(&idp, &key);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        assert!(verifier.verify(&token, at(0)).await.is_ok());
        idp.answer("/jwks", Answer::Down);
        assert!(verifier.verify(&token, at(700)).await.is_ok());
        idp.answer("/jwks", Answer::Silent(Duration::from_secs(30)));
        let begun = Instant::now();
        assert!(verifier.verify(&token, at(800)).await.is_ok());
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    });
    runtime.shutdown_background();
}

#[test]
fn only_keys_for_signatures_of_an_accepted_kind_are_used() {
    let (ed, ec, rsa) = (Key::ed("ed"), Key::ec("ec"), Key::rsa("rsa"));
    let anchor = Key::ed("anchor");
    let tried = |key: &Key, jwks: Vec<Value>| {
        let idp = Idp::start();
        let mut keys = vec![anchor.jwk()];
        keys.extend(jwks);
        idp.answer("/jwks", Answer::Body(json!({"keys": keys}).to_string()));
        block_on(verifier(&idp).verify(&token(&idp, key), at(0))).err()
    };
    for (key, change) in [
        (&ed, json!({"use": "sig"})),
        (&ed, json!({"alg": "EdDSA"})),
        (&ed, json!({"alg": "Ed25519"})),
        (&ec, json!({"alg": "ES256", "key_ops": ["verify"]})),
        (&rsa, json!({"alg": null, "use": null, "x5c": ["MIIB"], "x5t": "a"})),
    ] {
        assert_eq!(tried(key, vec![patched(&key.jwk(), change.clone())]), None, "{change}");
    }
    for (key, change) in [
        (&ed, json!({"use": "enc"})),
        (&ed, json!({"use": 1})),
        (&ed, json!({"alg": "RS256"})),
        (&ed, json!({"alg": "HS256"})),
        (&ed, json!({"crv": "X25519"})),
        (&ed, json!({"crv": "Ed448"})),
        (&ed, json!({"x": "AAAA"})),
        (&ed, json!({"x": "not base64!"})),
        (&ed, json!({"kty": "oct"})),
        (&ed, json!({"kid": null})),
        (&ed, json!({"key_ops": ["encrypt"]})),
        (&ec, json!({"crv": "P-384"})),
        (&ec, json!({"y": null})),
        (&rsa, json!({"alg": "RS512"})),
        (&rsa, json!({"alg": "RSA-OAEP"})),
        (&rsa, json!({"e": "AQ"})),
        (&rsa, json!({"e": ""})),
        (&rsa, json!({"n": "AQAB"})),
        (&rsa, json!({"n": "A".repeat(20_000)})),
    ] {
        assert_eq!(
            tried(key, vec![patched(&key.jwk(), change.clone())]),
            Some(TokenError::UnknownKey),
            "{change:.40}"
        );
    }
    // A point that is not on the curve: its length is right, so it is found out at the signature.
    let off_curve = patched(&ec.jwk(), json!({"y": support::b64([7; 32])}));
    assert_eq!(tried(&ec, vec![off_curve]), Some(TokenError::BadSignature));
    // The same key twice is one key; two keys of one id are none.
    let double = Key::ed("ed");
    assert_eq!(tried(&ed, vec![ed.jwk(), ed.jwk()]), None);
    assert_eq!(tried(&ed, vec![ed.jwk(), double.jwk()]), Some(TokenError::UnknownKey));
    assert_eq!(tried(&ed, vec![ed.jwk(), double.jwk(), ed.jwk()]), Some(TokenError::UnknownKey));
}

#[test]
fn the_place_of_the_keys_is_discovered() {
    let key = Key::ed("k");
    let discovering = |idp: &Idp, document: Value| {
        idp.answer("/.well-known/openid-configuration", Answer::Body(document.to_string()));
        let verifier = Verifier::new(vec![config(idp, json!({"jwks_uri": null}))], None).unwrap();
        block_on(verifier.verify(&token(idp, &key), at(0))).err()
    };
    let idp = Idp::with_keys(&[&key]);
    let (issuer, uri) = (idp.issuer(), idp.jwks_uri());
    assert_eq!(discovering(&idp, json!({"issuer": issuer, "jwks_uri": uri})), None);
    for document in [
        json!({"issuer": format!("{issuer}/"), "jwks_uri": uri}),
        json!({"issuer": "https://evil.example", "jwks_uri": uri}),
        json!({"jwks_uri": uri}),
        json!({"issuer": issuer}),
        json!({"issuer": issuer, "jwks_uri": "http://keys.example/jwks"}),
        json!({"issuer": issuer, "jwks_uri": "file:///etc/passwd"}),
        json!({"issuer": issuer, "jwks_uri": 1}),
        json!([]),
    ] {
        assert_eq!(
            discovering(&idp, document.clone()),
            Some(TokenError::KeysUnavailable),
            "{document}"
        );
    }
}

#[test]
fn issuers_are_registered_once_and_at_least_one() {
    let idp = Idp::start();
    let twice = vec![config(&idp, json!({})), config(&idp, json!({"tenants": "laxa"}))];
    assert_eq!(Verifier::new(twice, None).err(), Some(ConfigError::IssuerTwice(idp.issuer())));
    assert_eq!(Verifier::new(vec![], None).err(), Some(ConfigError::NoIssuer));
    let plain = config(&idp, json!({"issuer": "http://id.example.se"}));
    assert!(matches!(
        Verifier::new(vec![plain], None),
        Err(ConfigError::Insecure { field: "issuer", .. })
    ));
}

#[test]
fn the_local_key_is_made_once_for_its_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("local-issuer.pk8");
    let first = LocalIssuer::open(directory.path()).unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!(metadata.mode() & 0o777, 0o600);
    assert_eq!(metadata.nlink(), 1);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");

    let token = first.sign("mas", "askersund", None, Duration::from_secs(60), at(0)).unwrap();
    let second = LocalIssuer::open(directory.path()).unwrap();
    assert_eq!(second.key_id(), first.key_id());
    assert_eq!(second.verify(&token, at(0)).unwrap().subject, "mas");
    assert!(!format!("{second:?}").contains("key_pair"));

    for mode in [0o640, 0o604, 0o660, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = LocalIssuer::open(directory.path()).unwrap_err();
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(LocalIssuer::open(directory.path()).is_ok());

    for waste in [&b""[..], b"not a key", &[0; 10_000]] {
        fs::write(&path, waste).unwrap();
        assert!(matches!(
            LocalIssuer::open(directory.path()),
            Err(LocalIssuerError::NotAKey { .. })
        ));
    }
    let missing = LocalIssuer::open(&directory.path().join("missing"));
    assert!(matches!(missing, Err(LocalIssuerError::Io { .. })));
}

#[test]
fn processes_that_start_together_agree_on_one_local_key() {
    let directory = tempfile::tempdir().unwrap();
    let ids: Vec<String> = std::thread::scope(|scope| {
        let open = || LocalIssuer::open(directory.path()).unwrap().key_id().to_owned();
        let starts: Vec<_> = (0..16).map(|_| scope.spawn(open)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn the_local_issuer_signs_nothing_it_would_refuse() {
    let directory = tempfile::tempdir().unwrap();
    let issuer = LocalIssuer::open(directory.path()).unwrap();
    let hour = Duration::from_secs(3600);
    for (subject, tenant, ttl) in [
        ("", "askersund", hour),
        ("a\nb", "askersund", hour),
        ("a", "", hour),
        ("a", "Askersund", hour),
        ("a", "askersund", Duration::ZERO),
        ("a", "askersund", Duration::MAX),
    ] {
        assert!(
            issuer.sign(subject, tenant, None, ttl, at(0)).is_err(),
            "{subject:?} {tenant:?} {ttl:?}"
        );
    }
    let stranger = LocalIssuer::open(tempfile::tempdir().unwrap().path()).unwrap();
    let token = stranger.sign("a", "askersund", None, hour, at(0)).unwrap();
    assert_eq!(issuer.verify(&token, at(0)), Err(TokenError::UnknownKey));
}
