//! What is refused at the door: with a clear problem, and nothing left behind.

use domain::ids::CounterpartyId;
use exchange::signature::{Claims, RECEIVER, sign};
use exchange::{Request, SigningKey};
use jiff::SignedDuration;
use serde_json::json;
use testkit::{Service, on_each_database};
use uuid::Uuid;

use super::{Post, code, document, key_registered, post};

/// Everything that would show a trace: cases, forwardings, and what is queued.
fn traces(it: &Post) -> (Vec<domain::forwarding::Forwarding>, i64, usize) {
    let read = |tx: &mut store::Tx<'_>| {
        Ok::<_, store::Error>((tx.record_counts()?.cases, tx.queued(None)?.len()))
    };
    let read = it.service.run(it.service.app.store.read(it.tenant, read));
    let (cases, queued) = read.expect("read");
    (it.forwardings(), cases, queued)
}

fn field<'a>(request: &'a mut Request, name: &str) -> &'a mut String {
    &mut request.headers.iter_mut().find(|(known, _)| known == name).expect("the field").1
}

#[test]
fn altered_expired_wrongly_addressed_and_unsigned_messages_leave_no_trace() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let revoked = SigningKey::from_seed(&[9; 32]).expect("a key");
        key_registered(&it.admin, it.region, &revoked).expect(201);
        let away = format!(
            "/api/v1/counterparties/{}/machine/keys/{}/revoke",
            it.region,
            revoked.public().id()
        );
        it.admin.post(&away, json!({"reason": "Stulen"})).expect(200);
        let before = traces(&it);

        let message = it.message(Uuid::now_v7(), 1, "document", document());
        let fresh = || it.signed(&message);
        let with = |claims: Claims, key: &SigningKey, to: &str| {
            let body = message.to_string().into_bytes();
            sign("POST", &it.target(), to, body, &claims, key).expect("signed")
        };
        let me = it.tenant.to_string();
        let seconds = SignedDuration::from_secs;
        let now = it.service.app.now();
        let stranger = SigningKey::from_seed(&[8; 32]).expect("a key");
        let key_of = |key: &SigningKey| Claims { key_id: key.public().id(), ..it.claims() };
        type Change<'a> = &'a dyn Fn(&mut Request);
        let altered = |change: Change<'_>| {
            let mut request = fresh();
            change(&mut request);
            request
        };
        let other_body = message.to_string().replace("Ingen", "Någon").into_bytes();
        let unsigned = altered(&|r| r.headers.retain(|(name, _)| !name.starts_with("signature")));
        let refused: Vec<(&str, &str, Request)> = vec![
            ("unsigned", "exchange_unsigned", unsigned),
            ("body", "exchange_altered", altered(&|r| r.body = other_body.clone())),
            (
                "digest",
                "exchange_bad_signature",
                altered(&|r| {
                    *field(r, "content-digest") = exchange::digest::content_digest(&other_body);
                    r.body = other_body.clone();
                }),
            ),
            ("query", "exchange_bad_signature", altered(&|r| r.target.push_str("?x=1"))),
            ("receiver", "exchange_bad_signature", altered(&|r| *field(r, RECEIVER) = "x".into())),
            (
                "nonce",
                "exchange_bad_signature",
                altered(&|r| {
                    let input = field(r, "signature-input");
                    *input = input.replace("nonce=\"", "nonce=\"a");
                }),
            ),
            (
                "no digest",
                "exchange_not_covered",
                altered(&|r| {
                    r.headers.retain(|(name, _)| name != "content-digest");
                }),
            ),
            (
                "no receiver",
                "exchange_not_covered",
                altered(&|r| {
                    r.headers.retain(|(name, _)| name != RECEIVER);
                }),
            ),
            ("broken", "exchange_malformed", altered(&|r| *field(r, "signature") = "a=(".into())),
            (
                "expired",
                "exchange_expired",
                with(
                    Claims { created: now - seconds(200), expires: now, ..it.claims() },
                    &it.key,
                    &me,
                ),
            ),
            (
                "from the future",
                "exchange_from_the_future",
                with(
                    Claims {
                        created: now + seconds(61),
                        expires: now + seconds(100),
                        ..it.claims()
                    },
                    &it.key,
                    &me,
                ),
            ),
            (
                "for long",
                "exchange_too_long",
                with(Claims { expires: now + seconds(301), ..it.claims() }, &it.key, &me),
            ),
            ("for somebody else", "exchange_wrong_receiver", with(it.claims(), &it.key, "other")),
            ("unknown key", "exchange_unknown_key", with(key_of(&stranger), &stranger, &me)),
            ("another's key", "exchange_bad_signature", with(it.claims(), &stranger, &me)),
            ("revoked key", "exchange_revoked_key", with(key_of(&revoked), &revoked, &me)),
        ];
        for (what, expected, request) in &refused {
            let answer = it.deliver(request).expect(403);
            assert_eq!(code(&answer), *expected, "{what}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
            assert!(
                answer.json()["title"].as_str().is_some_and(|title| title.len() > 10),
                "{what}"
            );
        }
        // Another method, and another tenant's address: the same signature fits neither.
        let mut put = fresh();
        put.method = "PUT".to_owned();
        it.deliver(&put).expect(405);
        it.service.tenant("annan");
        let mut elsewhere = fresh();
        elsewhere.target = elsewhere.target.replace("/provby/", "/annan/");
        assert_eq!(code(&it.deliver(&elsewhere).expect(403)), "exchange_unknown_key");
        elsewhere.target = elsewhere.target.replace("/annan/", "/ingen/");
        it.deliver(&elsewhere).expect(404);
        assert_eq!(traces(&it), before);

        // What says it is somebody else's, or for somebody else, inside a good signature.
        for (name, expected) in
            [("sender", "exchange_wrong_sender"), ("receiver", "exchange_wrong_receiver")]
        {
            let mut other = message.clone();
            other[name] = json!("other");
            assert_eq!(code(&it.deliver(&it.signed(&other)).expect(403)), expected);
        }
        for wrong in [json!({}), json!([1]), json!({"contract": "avvikelse-exchange/2"})] {
            let answer = it.deliver(&it.signed(&wrong)).expect(422);
            assert_eq!(code(&answer), "exchange_not_understood");
        }
        assert_eq!(traces(&it), before);
        it.deliver(&fresh()).expect(200);
        assert_eq!(it.forwardings().len(), 1);
    });
}

#[test]
fn a_signature_is_good_for_one_use() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let request = it.signed(&it.message(Uuid::now_v7(), 1, "document", document()));
        it.deliver(&request).expect(200);
        let before = traces(&it);
        for _ in 0..2 {
            assert_eq!(code(&it.deliver(&request).expect(403)), "exchange_replayed");
        }
        // Signed anew it is the same message, taken before; and that signature is used up, too.
        let again = Request { headers: Vec::new(), ..request.clone() };
        let body: serde_json::Value = serde_json::from_slice(&again.body).expect("JSON");
        let anew = it.signed(&body);
        assert_eq!(it.deliver(&anew).expect(200).json()["again"], true);
        assert_eq!(code(&it.deliver(&anew).expect(403)), "exchange_replayed");
        assert_eq!(traces(&it), before);
        // When it has expired its nonce is forgotten, and it is refused all the same.
        it.service.clock.advance(SignedDuration::from_mins(10));
        it.service.run(it.service.app.forget_old_answers()).expect("forgotten");
        let (key, nonce) = (it.key.public().id(), nonce_of(&request));
        let used = it.service.app.store.read(it.tenant, move |tx| tx.nonce_used(&key, &nonce));
        assert!(!it.service.run(used).expect("read"));
        assert_eq!(code(&it.deliver(&request).expect(403)), "exchange_expired");
    });
}

fn nonce_of(request: &Request) -> String {
    exchange::signature::read(request).expect("signed").claims().nonce.clone()
}

#[test]
fn one_counterpartys_key_opens_nothing_of_anothers() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let thread = Uuid::now_v7();
        it.send(thread, 1, "document", document()).expect(200);
        let other: CounterpartyId = super::known(&it.service, it.tenant, "Akuten");
        super::registered(&it.admin, other, "akuten", super::ELSEWHERE).expect(201);
        let key = SigningKey::from_seed(&[8; 32]).expect("a key");
        key_registered(&it.admin, other, &key).expect(201);
        // Well signed by another system, about a thread that is not theirs.
        let mut recall = it.message(thread, 2, "recall", json!({"reason": "Fel"}));
        recall["sender"] = json!("akuten");
        let claims = Claims { key_id: key.public().id(), ..it.claims() };
        let (to, body) = (it.tenant.to_string(), recall.to_string().into_bytes());
        let request = sign("POST", &it.target(), &to, body, &claims, &key).expect("signed");
        assert_eq!(code(&it.deliver(&request).expect(409)), "exchange_out_of_order");
        assert_eq!(it.forwardings()[0].status().code(), "received");
    });
}
