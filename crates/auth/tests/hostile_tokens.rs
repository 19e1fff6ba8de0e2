//! Tokens an attacker would try, each refused for the reason it should be, beside good ones that are not.

mod support;

use std::time::Duration;

use auth::{Identity, LocalIssuer, TokenError, Verifier};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::{Idp, Key, NOW, at, b64, block_on, patched};

struct World {
    ed: Key,
    ec: Key,
    rsa: Key,
    /// Of another issuer that is registered too.
    other: Key,
    idp: Idp,
    other_idp: Idp,
    verifier: Verifier,
}

impl World {
    fn new() -> Self {
        let (ed, ec, rsa, other) =
            (Key::ed("ed-1"), Key::ec("ec-1"), Key::rsa("rsa-1"), Key::ed("other-1"));
        let idp = Idp::with_keys(&[&ed, &ec, &rsa]);
        let other_idp = Idp::with_keys(&[&other]);
        let tenants = json!({"claim": "org", "allowed": ["askersund", "laxa"]});
        let configs = [
            patched(
                &idp.config(),
                json!({"tenants": tenants, "audience": ["avvikelse", "avvikelse-test"]}),
            ),
            patched(&other_idp.config(), json!({"algorithms": ["EdDSA"], "require_typ": "at+jwt"})),
        ];
        let configs =
            configs.into_iter().map(|config| serde_json::from_value(config).unwrap()).collect();
        let verifier = Verifier::new(configs, None).unwrap();
        Self { ed, ec, rsa, other, idp, other_idp, verifier }
    }

    fn claims(&self) -> Value {
        patched(&self.idp.claims(), json!({"org": "askersund", "name": "Mia Sjuksköterska"}))
    }

    fn verify(&self, token: &str) -> Result<Identity, TokenError> {
        block_on(self.verifier.verify(token, at(0)))
    }
}

fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let signed = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    format!("{signed}.{}", b64(tag))
}

/// The same parts with another signature.
fn resigned(token: &str, signature: &[u8]) -> String {
    format!("{}.{}", token.rsplit_once('.').unwrap().0, b64(signature))
}

type Corpus = Vec<(String, String, TokenError)>;

fn corpus(world: &World) -> Corpus {
    use TokenError::*;
    let World { ed, ec, rsa, other, idp, other_idp, .. } = world;
    let claims = world.claims();
    let good = ed.good(&claims);
    let parts: Vec<&str> = good.split('.').collect();
    let mut corpus = Corpus::new();
    let mut add =
        |name: &str, token: String, expected| corpus.push((name.to_owned(), token, expected));

    // Algorithms.
    for alg in
        ["none", "None", "NONE", "nOnE", "", "eddsa", "EDDSA", "ES384", "PS256", "RS512", "HS512"]
    {
        let header = patched(&ed.header(), json!({"alg": alg}));
        add(&format!("alg {alg:?}"), ed.sign(&header, &claims), UnacceptableAlgorithm);
        let unsigned = format!("{}.{}.", b64(header.to_string()), b64(claims.to_string()));
        add(&format!("alg {alg:?} without signature"), unsigned, UnacceptableAlgorithm);
    }
    add("alg missing", ed.sign(&json!({"kid": "ed-1"}), &claims), UnacceptableAlgorithm);
    add("alg a number", ed.sign(&json!({"kid": "ed-1", "alg": 1}), &claims), UnacceptableAlgorithm);
    add(
        "alg a list",
        ed.sign(&json!({"kid": "ed-1", "alg": ["EdDSA"]}), &claims),
        UnacceptableAlgorithm,
    );
    for (key, name) in [(rsa, "RSA"), (ed, "Ed25519"), (ec, "P-256")] {
        let header = patched(&key.header(), json!({"alg": "HS256"}));
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(key.public())
        );
        add(
            &format!("HS256 with the {name} public key"),
            hs256(&header, &claims, &key.public()),
            UnacceptableAlgorithm,
        );
        add(
            &format!("HS256 with the {name} key as PEM"),
            hs256(&header, &claims, pem.as_bytes()),
            UnacceptableAlgorithm,
        );
        let jwk = key.jwk().to_string();
        add(
            &format!("HS256 with the {name} JWK"),
            hs256(&header, &claims, jwk.as_bytes()),
            UnacceptableAlgorithm,
        );
        // The accepted algorithm in the header and an HMAC behind it.
        add(
            &format!("HMAC passed off as {name}"),
            hs256(&key.header(), &claims, &key.public()),
            BadSignature,
        );
    }
    for (key, alg) in
        [(ed, "ES256"), (ed, "RS256"), (ec, "EdDSA"), (ec, "RS256"), (rsa, "ES256"), (rsa, "EdDSA")]
    {
        let header = patched(&key.header(), json!({"alg": alg}));
        add(
            &format!("{alg} for the key {}", key.kid),
            key.sign(&header, &claims),
            UnacceptableAlgorithm,
        );
    }
    let foreign = patched(&other_idp.claims(), json!({}));
    add(
        "an algorithm this issuer may not use",
        ec.sign(&patched(&ec.header(), json!({"kid": "other-1"})), &foreign),
        UnacceptableAlgorithm,
    );

    // Keys.
    let url = format!("{}/attacker", idp.issuer());
    let injected = "x' UNION SELECT 'secret' -- ";
    for kid in [
        "../../../../dev/null",
        "/etc/passwd",
        injected,
        url.as_str(),
        "ed-1\0",
        "ED-1",
        "ed-1 ",
        "🔑",
        "*",
    ] {
        let header = patched(&ed.header(), json!({"kid": kid}));
        add(&format!("kid {kid:?}"), ed.sign(&header, &claims), UnknownKey);
    }
    add("kid missing", ed.sign(&patched(&ed.header(), json!({"kid": null})), &claims), UnknownKey);
    for kid in
        [json!(1), json!(["ed-1"]), json!({"kid": "ed-1"}), json!(""), json!("k".repeat(256))]
    {
        let header = patched(&ed.header(), json!({"kid": kid}));
        add(&format!("kid {:.20}", kid.to_string()), ed.sign(&header, &claims), Malformed);
    }
    let attacker = Key::ed("ed-1");
    add("own key under a known kid", attacker.good(&claims), BadSignature);
    for (name, value) in [
        ("jku", json!(url)),
        ("x5u", json!(url)),
        ("jwk", attacker.jwk()),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!(["unknown"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
    ] {
        let header = patched(&ed.header(), json!({name: value}));
        add(
            &format!("{name} {value:.30}, signed by the attacker"),
            attacker.sign(&header, &claims),
            UnacceptableHeader,
        );
        add(
            &format!("{name} {value:.30}, signed by the issuer"),
            ed.sign(&header, &claims),
            UnacceptableHeader,
        );
    }
    let of_other = patched(&other.header(), json!({}));
    add("the key of another issuer", other.sign(&of_other, &claims), UnknownKey);
    add(
        "the key of another issuer, under a known kid",
        other.sign(&ed.header(), &claims),
        BadSignature,
    );
    add("another issuer's name, our key", ed.good(&foreign), UnknownKey);

    // Signatures.
    add("ES256, zero signature", resigned(&ec.good(&claims), &[0; 64]), BadSignature);
    add("EdDSA, zero signature", resigned(&good, &[0; 64]), BadSignature);
    add("RS256, zero signature", resigned(&rsa.good(&claims), &[0; 256]), BadSignature);
    add(
        "RS256, signature of one",
        resigned(&rsa.good(&claims), &[&[0; 255][..], &[1]].concat()),
        BadSignature,
    );
    add("ES256, short signature", resigned(&ec.good(&claims), &[1; 63]), BadSignature);
    add(
        "signature of another token",
        format!(
            "{}.{}.{}",
            parts[0],
            parts[1],
            ed.good(&patched(&claims, json!({"sub": "x"}))).rsplit_once('.').unwrap().1
        ),
        BadSignature,
    );
    let mut flipped = ed.sign_bytes(format!("{}.{}", parts[0], parts[1]).as_bytes());
    flipped[40] ^= 1;
    add("signature with one bit turned", resigned(&good, &flipped), BadSignature);
    let promoted = b64(patched(&claims, json!({"sub": "chief"})).to_string());
    add("payload replaced", format!("{}.{promoted}.{}", parts[0], parts[2]), BadSignature);
    let retyped = b64(patched(&ed.header(), json!({"typ": "JWT"})).to_string());
    add("header replaced", format!("{retyped}.{}.{}", parts[1], parts[2]), BadSignature);

    // Times.
    for (name, exp, expected) in [
        ("missing", json!(null), InvalidTime),
        ("a string", json!((NOW + 3600).to_string()), InvalidTime),
        ("negative", json!(-1), InvalidTime),
        ("a negative float", json!(-1.5), InvalidTime),
        ("true", json!(true), InvalidTime),
        ("a list", json!([NOW + 3600]), InvalidTime),
        ("the largest u64", json!(u64::MAX), InvalidTime),
        ("the largest i64", json!(i64::MAX), InvalidTime),
        ("a huge float", json!(1e300), InvalidTime),
        ("beyond the calendar", json!(253_402_207_201_i64), InvalidTime),
        ("nil", json!(0), Expired),
        ("just past", json!(NOW - 30), Expired),
        ("a float just past", json!(NOW as f64 - 30.5), Expired),
        ("the year 9999", json!(253_402_207_200_i64), LifetimeTooLong),
        ("a day and a second", json!(NOW + 86_401), LifetimeTooLong),
    ] {
        add(&format!("exp {name}"), ed.good(&patched(&claims, json!({"exp": exp}))), expected);
    }
    let raw = |exp: &str| claims.to_string().replace(&(NOW + 3600).to_string(), exp);
    for exp in ["NaN", "Infinity", "1e999", "+1", "0x7fffffff"] {
        add(&format!("exp {exp}"), ed.sign_raw(ed.header().to_string(), raw(exp)), Malformed);
    }
    add("exp null", ed.sign_raw(ed.header().to_string(), raw("null")), InvalidTime);
    add("nbf in the future", ed.good(&patched(&claims, json!({"nbf": NOW + 31}))), NotYetValid);
    add("nbf a string", ed.good(&patched(&claims, json!({"nbf": "0"}))), InvalidTime);
    add("iat in the future", ed.good(&patched(&claims, json!({"iat": NOW + 31}))), NotYetValid);
    add("iat negative", ed.good(&patched(&claims, json!({"iat": -1}))), InvalidTime);
    add(
        "living for more than a day",
        ed.good(&patched(&claims, json!({"iat": NOW - 86_400}))),
        LifetimeTooLong,
    );
    add(
        "living for more than a day, no iat",
        ed.good(&patched(&claims, json!({"iat": null, "exp": NOW + 90_000}))),
        LifetimeTooLong,
    );

    // Audience and issuer.
    for aud in [
        json!("other"),
        json!(["other", "avvikelse2"]),
        json!(1),
        json!(null),
        json!([]),
        json!(""),
        json!("Avvikelse"),
        json!("avvikelse "),
        json!("avvikelse avvikelse-test"),
        json!(["avvikelse", 1]),
        json!([["avvikelse"]]),
        json!({"avvikelse": true}),
        json!(true),
    ] {
        add(&format!("aud {aud}"), ed.good(&patched(&claims, json!({"aud": aud}))), WrongAudience);
    }
    let issuer = idp.issuer();
    for iss in [
        json!("https://evil.example"),
        json!(format!("{issuer}/")),
        json!(issuer.to_uppercase()),
        json!(format!(" {issuer}")),
        json!(format!("{issuer}#")),
        json!(null),
        json!(""),
        json!(1),
        json!([issuer.clone()]),
        json!("urn:avvikelse:local"),
    ] {
        add(&format!("iss {iss}"), ed.good(&patched(&claims, json!({"iss": iss}))), UnknownIssuer);
    }

    // Other purposes.
    for typ in
        ["id+jwt", "dpop+jwt", "logout+jwt", "secevent+jwt", "at+jwt ", "", "application/jwt+at"]
    {
        add(
            &format!("typ {typ:?}"),
            ed.sign(&patched(&ed.header(), json!({"typ": typ})), &claims),
            IdToken,
        );
    }
    add("typ a number", ed.sign(&patched(&ed.header(), json!({"typ": 1})), &claims), Malformed);
    for (name, value) in [
        ("nonce", json!("n")),
        ("at_hash", json!("h")),
        ("c_hash", json!("h")),
        ("s_hash", json!("h")),
        ("typ", json!("ID")),
        ("typ", json!("Refresh")),
        ("token_use", json!("id")),
        ("events", json!({})),
    ] {
        let header = patched(&ed.header(), json!({"typ": "JWT"}));
        add(
            &format!("ID token with {name} {value}"),
            ed.sign(&header, &patched(&claims, json!({name: value}))),
            IdToken,
        );
    }
    add(
        "plain JWT where at+jwt is required",
        other.sign(&patched(&other.header(), json!({"typ": "JWT"})), &foreign),
        IdToken,
    );
    add(
        "no typ where at+jwt is required",
        other.sign(&patched(&other.header(), json!({"typ": null})), &foreign),
        IdToken,
    );

    // Whom it speaks for.
    for sub in [
        json!(null),
        json!(""),
        json!("  "),
        json!(1),
        json!(["a"]),
        json!("s".repeat(256)),
        json!("a\nb"),
        json!("a\0"),
    ] {
        add(
            &format!("sub {:.20}", sub.to_string()),
            ed.good(&patched(&claims, json!({"sub": sub}))),
            InvalidSubject,
        );
    }
    for org in [
        json!("orebro"),
        json!(null),
        json!(""),
        json!("Askersund"),
        json!("askersund "),
        json!("../askersund"),
        json!("askersund\n"),
        json!(["askersund"]),
        json!(1),
        json!("a".repeat(64)),
        json!("*"),
        json!({"askersund": true}),
    ] {
        add(
            &format!("tenant {:.20}", org.to_string()),
            ed.good(&patched(&claims, json!({"org": org}))),
            TenantNotAllowed,
        );
    }

    // Names that occur twice.
    let header = ed.header().to_string();
    let body = claims.to_string();
    let twice = |text: &str, member: &str| format!("{{{member},{}", &text[1..]);
    add("sub twice", ed.sign_raw(&header, twice(&body, r#""sub":"chief""#)), DuplicateClaim);
    add("exp twice", ed.sign_raw(&header, twice(&body, r#""exp":9"#)), DuplicateClaim);
    add(
        "sub twice, once escaped",
        ed.sign_raw(&header, twice(&body, r#""\u0073ub":"chief""#)),
        DuplicateClaim,
    );
    add(
        "twice further in",
        ed.sign_raw(&header, twice(&body, r#""x":[{"a":1,"a":2}]"#)),
        DuplicateClaim,
    );
    add("alg twice", ed.sign_raw(twice(&header, r#""alg":"none""#), &body), DuplicateClaim);
    add("kid twice", ed.sign_raw(twice(&header, r#""kid":"x""#), &body), DuplicateClaim);

    // Form.
    add("empty", String::new(), Missing);
    add("64 KiB", format!("{good}{}", "A".repeat(64 * 1024)), TooLong);
    add(
        "64 KiB of claims",
        ed.good(&patched(&claims, json!({"x": "y".repeat(64 * 1024)}))),
        TooLong,
    );
    add("a byte too long", "a".repeat(auth::MAX_TOKEN_BYTES + 1), TooLong);
    add("just dots", ".".repeat(auth::MAX_TOKEN_BYTES), Malformed);
    add("two dots", "..".into(), Malformed);
    add("one word", "token".into(), Malformed);
    add("two parts", format!("{}.{}", parts[0], parts[1]), Malformed);
    add("four parts", format!("{good}.{}", parts[2]), Malformed);
    add("five parts", format!("{}.a.b.c.d", parts[0]), Malformed);
    add("five parts, good ones first", format!("{good}.a.b"), Malformed);
    add("no header", format!(".{}.{}", parts[1], parts[2]), Malformed);
    add("no payload", format!("{}..{}", parts[0], parts[2]), Malformed);
    add("no signature", format!("{}.{}.", parts[0], parts[1]), Malformed);
    add("header not base64", format!("!!!.{}.{}", parts[1], parts[2]), Malformed);
    add("payload not base64", format!("{}.%%%.{}", parts[0], parts[2]), Malformed);
    add("signature not base64", format!("{}.{}.***", parts[0], parts[1]), Malformed);
    add("signature with padding", format!("{good}=="), Malformed);
    add("signature in the other base64", format!("{}.{}.+/+/", parts[0], parts[1]), Malformed);
    // 64 bytes leave four spare bits in the last letter: a second spelling of the same signature.
    let last = parts[2].chars().last().unwrap();
    let spare = if last == 'B' { 'C' } else { char::from(last as u8 + 1) };
    add("signature with spare bits", format!("{}{spare}", &good[..good.len() - 1]), Malformed);
    add("payload not UTF-8", ed.sign_raw(&header, b"{\"sub\":\"\xff\xfe\"}"), Malformed);
    add("header not UTF-8", ed.sign_raw(b"{\"alg\":\"\xc3\x28\"}", &body), Malformed);
    add("half a surrogate", ed.sign_raw(&header, r#"{"sub":"\ud800"}"#), Malformed);
    for (name, token) in [
        ("space before", format!(" {good}")),
        ("space after", format!("{good} ")),
        ("newline after", format!("{good}\n")),
        ("newline within", good.replacen('.', ".\n", 1)),
        ("Bearer before", format!("Bearer {good}")),
        ("NUL after", format!("{good}\0")),
    ] {
        add(name, token, Malformed);
    }
    for text in
        ["[]", "null", "\"x\"", "1", "", "{", "{}x", "{}{}", "{'a':1}", "\u{feff}{}", "<xml/>"]
    {
        add(&format!("payload {text:?}"), ed.sign_raw(&header, text), Malformed);
        add(&format!("header {text:?}"), ed.sign_raw(text, &body), Malformed);
    }
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    add("deep nesting", ed.sign_raw(&header, deep), Malformed);
    corpus
}

#[test]
fn every_hostile_token_is_refused_for_its_own_reason() {
    let world = World::new();
    let corpus = corpus(&world);
    assert!(corpus.len() >= 45, "{}", corpus.len());
    let wrong: Vec<String> = corpus
        .iter()
        .filter_map(|(name, token, expected)| match world.verify(token) {
            Err(error) if error == *expected => None,
            other => Some(format!("{name}: {other:?}, not {expected:?}")),
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), corpus.len(), wrong.join("\n"));
    // The corpus runs at one instant: unknown key ids and pointers to keys caused no further fetch.
    assert_eq!((world.idp.hits(), world.other_idp.hits()), (1, 1));
}

/// A token that was refused stays refused after a good one of the same issuer was accepted, and the other way round.
#[test]
fn good_tokens_are_accepted_before_and_after_hostile_ones() {
    let world = World::new();
    let claims = world.claims();
    let good: Vec<(&str, String)> = vec![
        ("EdDSA", world.ed.good(&claims)),
        ("ES256", world.ec.good(&claims)),
        ("RS256", world.rsa.good(&claims)),
        ("typ JWT", world.ed.sign(&patched(&world.ed.header(), json!({"typ": "JWT"})), &claims)),
        ("no typ", world.ed.sign(&patched(&world.ed.header(), json!({"typ": null})), &claims)),
        (
            "typ in full",
            world
                .ed
                .sign(&patched(&world.ed.header(), json!({"typ": "application/at+jwt"})), &claims),
        ),
        (
            "typ in capitals",
            world.ed.sign(&patched(&world.ed.header(), json!({"typ": "AT+JWT"})), &claims),
        ),
        ("x5t", world.ed.sign(&patched(&world.ed.header(), json!({"x5t": "abc"})), &claims)),
        (
            "aud a list",
            world.ed.good(&patched(&claims, json!({"aud": ["account", "avvikelse-test"]}))),
        ),
        ("other allowed tenant", world.ed.good(&patched(&claims, json!({"org": "laxa"})))),
        ("exp a float", world.ed.good(&patched(&claims, json!({"exp": NOW as f64 + 0.5})))),
        ("expired within the leeway", world.ed.good(&patched(&claims, json!({"exp": NOW - 29})))),
        ("nbf within the leeway", world.ed.good(&patched(&claims, json!({"nbf": NOW + 30})))),
        ("a day", world.ed.good(&patched(&claims, json!({"exp": NOW + 86_400})))),
        ("no iat", world.ed.good(&patched(&claims, json!({"iat": null})))),
        ("the longest subject", world.ed.good(&patched(&claims, json!({"sub": "å".repeat(255)})))),
        ("the other issuer", world.other.good(&world.other_idp.claims())),
    ];
    let accept_all = || {
        for (name, token) in &good {
            let identity = world.verify(token);
            assert!(identity.is_ok(), "{name}: {identity:?}");
        }
    };
    accept_all();
    for (name, token, _) in corpus(&world) {
        assert!(world.verify(&token).is_err(), "{name}");
    }
    accept_all();

    assert_eq!(
        world.verify(&good[0].1),
        Ok(Identity {
            issuer: world.idp.issuer(),
            subject: "person-1".into(),
            personal: false,
            tenant: "askersund".into(),
            name: Some("Mia Sjuksköterska".into()),
            email: None,
            groups: None,
            expires_at: at(3600),
        })
    );
}

/// Any single byte changed, removed or doubled makes a good token a bad one.
#[test]
fn no_change_of_one_byte_survives() {
    let world = World::new();
    let good = world.ec.good(&world.claims());
    assert!(world.verify(&good).is_ok());
    block_on(async {
        for position in 0..good.len() {
            let (before, after) = (&good[..position], &good[position + 1..]);
            let byte = &good[position..=position];
            let other = if byte == "A" { "B" } else { "A" };
            for mutant in [
                format!("{before}{other}{after}"),
                format!("{before}{after}"),
                format!("{before}{byte}{byte}{after}"),
            ] {
                if mutant != good {
                    assert!(
                        world.verifier.verify(&mutant, at(0)).await.is_err(),
                        "byte {position}: {mutant}"
                    );
                }
            }
        }
    });
}

#[test]
fn a_remembered_token_still_expires() {
    let world = World::new();
    let token = world.ed.good(&patched(&world.claims(), json!({"exp": NOW + 10})));
    block_on(async {
        assert!(world.verifier.verify(&token, at(0)).await.is_ok());
        assert!(world.verifier.verify(&token, at(39)).await.is_ok(), "within the leeway");
        assert_eq!(world.verifier.verify(&token, at(40)).await, Err(TokenError::Expired));
        let later = world.ed.good(&patched(&world.claims(), json!({"nbf": NOW})));
        assert!(world.verifier.verify(&later, at(0)).await.is_ok());
        assert_eq!(
            world.verifier.verify(&later, at(-31)).await,
            Err(TokenError::NotYetValid),
            "the clock went back"
        );
    });
}

#[test]
fn the_local_issuer_counts_only_while_no_other_is_registered() {
    let directory = tempfile::tempdir().unwrap();
    let open = || LocalIssuer::open(directory.path()).unwrap();
    let token =
        open().sign("mas-1", "askersund", Some("Mas"), Duration::from_secs(3600), at(0)).unwrap();

    let alone = Verifier::new(vec![], Some(open())).unwrap();
    let identity = block_on(alone.verify(&token, at(1))).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("mas-1", "askersund"));
    assert_eq!(block_on(alone.verify(&token, at(3631))), Err(TokenError::Expired));
    let spoilt = resigned(&token, &[7; 64]);
    assert_eq!(block_on(alone.verify(&spoilt, at(1))), Err(TokenError::BadSignature));

    let ed = Key::ed("ed-1");
    let idp = Idp::with_keys(&[&ed]);
    let beside =
        Verifier::new(vec![serde_json::from_value(idp.config()).unwrap()], Some(open())).unwrap();
    assert_eq!(block_on(beside.verify(&token, at(1))), Err(TokenError::UnknownIssuer));
    assert!(block_on(beside.verify(&ed.good(&idp.claims()), at(1))).is_ok());
}

#[test]
fn no_error_repeats_the_token() {
    let world = World::new();
    for (name, token, expected) in corpus(&world) {
        let text = format!("{expected} {expected:?} {}", expected.code());
        assert!(token.len() < 20 || !text.contains(&token), "{name}");
        assert_eq!(expected.is_unavailable(), expected == TokenError::KeysUnavailable);
    }
}
