//! A signed request, and everything somebody on the way could do to it.

use exchange::signature::{CLOCKS_DIFFER, Claims, LONGEST, RECEIVER, read, sign};
use exchange::{Refused, Request, SigningKey};
use jiff::{SignedDuration, Timestamp};

const TARGET: &str = "https://avvikelse.region.se/api/v1/public/region/machine/messages";
const ME: &str = "0190c0de-0000-7000-8000-000000000001";

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().expect("an instant")
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).expect("a key")
}

fn claims() -> Claims {
    Claims {
        key_id: key().public().id(),
        created: now(),
        expires: now() + SignedDuration::from_secs(120),
        nonce: "AAECAwQFBgcICQoLDA0ODw".to_owned(),
    }
}

fn signed_with(claims: &Claims) -> Request {
    sign("POST", TARGET, ME, b"{\"a\":1}".to_vec(), claims, &key()).expect("signed")
}

fn signed() -> Request {
    signed_with(&claims())
}

fn look(request: &Request, now: Timestamp) -> Result<Claims, Refused> {
    let verified = read(request)?.verify(request, &key().public(), ME, now)?;
    verified.hold(&request.body)?;
    Ok(verified.claims().clone())
}

fn field<'a>(request: &'a mut Request, name: &str) -> &'a mut String {
    let found = request.headers.iter_mut().find(|(known, _)| known == name);
    &mut found.expect("the field").1
}

#[test]
fn what_was_signed_is_taken() {
    assert_eq!(look(&signed(), now()), Ok(claims()));
    // Further signatures and fields are nobody's business.
    let mut more = signed();
    field(&mut more, "signature-input").push_str(", other=(\"date\");created=1");
    field(&mut more, "signature").push_str(", other=:AAAA:");
    more.headers.push(("x-forwarded-for".to_owned(), "192.0.2.1".to_owned()));
    assert_eq!(look(&more, now()), Ok(claims()));
}

#[test]
fn whatever_is_altered_is_noticed() {
    type Change = fn(&mut Request);
    let altered: [(&str, Refused, Change); 12] = [
        ("method", Refused::BadSignature, |r| r.method = "PUT".to_owned()),
        ("path", Refused::BadSignature, |r| r.target = r.target.replace("/region/", "/other/")),
        ("host", Refused::BadSignature, |r| r.target = r.target.replace("region.se", "other.se")),
        ("scheme", Refused::BadSignature, |r| r.target = r.target.replace("https", "http")),
        ("query", Refused::BadSignature, |r| r.target.push_str("?x=1")),
        ("body", Refused::Altered, |r| r.body = b"{\"a\":2}".to_vec()),
        ("digest", Refused::BadSignature, |r| {
            let digest = exchange::digest::content_digest(b"{\"a\":2}");
            r.body = b"{\"a\":2}".to_vec();
            *field(r, "content-digest") = digest;
        }),
        ("type", Refused::BadSignature, |r| *field(r, "content-type") = "text/plain".to_owned()),
        ("receiver", Refused::BadSignature, |r| field(r, RECEIVER).push('0')),
        ("second receiver", Refused::BadSignature, |r| {
            r.headers.push((RECEIVER.to_owned(), "x".to_owned()));
        }),
        ("times", Refused::BadSignature, |r| {
            let input = field(r, "signature-input");
            *input = input.replace("created=", "created=1").replace("expires=", "expires=1");
        }),
        ("signature", Refused::BadSignature, |r| {
            let signature = field(r, "signature");
            let other = if signature.contains(":A") { ":B" } else { ":A" };
            let rest = signature["avvikelse=:".len() + 1..].to_owned();
            *signature = format!("avvikelse={other}{rest}");
        }),
    ];
    for (what, refused, change) in altered {
        let mut request = signed();
        change(&mut request);
        assert_eq!(look(&request, now()), Err(refused), "{what}");
    }
    let nonce = |request: &mut Request| {
        let input = field(request, "signature-input");
        *input = input.replace("AAECAwQFBgcICQoLDA0ODw", "BAECAwQFBgcICQoLDA0ODw");
    };
    let mut request = signed();
    nonce(&mut request);
    assert_eq!(look(&request, now()), Err(Refused::BadSignature), "nonce");
    // Any field taken away.
    for name in ["content-type", "content-digest", RECEIVER, "signature", "signature-input"] {
        let mut request = signed();
        request.headers.retain(|(known, _)| known != name);
        let refused = look(&request, now()).expect_err(name);
        assert!(matches!(refused, Refused::NotCovered | Refused::Unsigned), "{name}: {refused}");
    }
}

#[test]
fn it_has_its_time_and_its_receiver() {
    let expires = claims().expires;
    assert_eq!(look(&signed(), expires), Err(Refused::Expired));
    assert!(look(&signed(), expires - SignedDuration::from_secs(1)).is_ok());
    assert!(look(&signed(), now() - CLOCKS_DIFFER).is_ok());
    let early = now() - CLOCKS_DIFFER - SignedDuration::from_secs(1);
    assert_eq!(look(&signed(), early), Err(Refused::FromTheFuture));
    let until = |expires| signed_with(&Claims { expires, ..claims() });
    assert!(look(&until(now() + LONGEST), now()).is_ok());
    let longer = until(now() + LONGEST + SignedDuration::from_secs(1));
    assert_eq!(look(&longer, now()), Err(Refused::TooLong));
    let request = signed();
    let other = read(&request).expect("read").verify(&request, &key().public(), "other", now());
    assert_eq!(other, Err(Refused::WrongReceiver));
    let stranger = SigningKey::from_seed(&[8; 32]).expect("a key").public();
    let by = read(&request).expect("read").verify(&request, &stranger, ME, now());
    assert_eq!(by, Err(Refused::BadSignature));
}

#[test]
fn fields_that_nobody_would_write_are_refused() {
    let input = |change: &dyn Fn(&str) -> String| {
        let mut request = signed();
        let field = field(&mut request, "signature-input");
        *field = change(field);
        look(&request, now()).expect_err("refused")
    };
    assert_eq!(input(&|_| "no dictionary (".to_owned()), Refused::Malformed);
    assert_eq!(input(&|it| it.replace("avvikelse-exchange", "other")), Refused::Unsigned);
    assert_eq!(input(&|it| format!("{it}, b={}", &it["avvikelse=".len()..])), Refused::Malformed);
    assert_eq!(input(&|it| it.replace("\"@target-uri\" ", "")), Refused::NotCovered);
    assert_eq!(input(&|it| it.replace("\"content-digest\" ", "")), Refused::NotCovered);
    assert_eq!(input(&|it| it.replace("\"@method\" ", "\"@method\";req ")), Refused::Malformed);
    assert_eq!(
        input(&|it| it.replace("(\"@method\" ", "(\"@method\" \"@method\" ")),
        Refused::Malformed
    );
    assert_eq!(
        input(&|it| it.replace("(\"@method\" ", "(\"@method\" \"@query\" ")),
        Refused::NotCovered
    );
    assert_eq!(input(&|it| it.replace("AAECAwQFBgcICQoLDA0ODw", "short")), Refused::Malformed);
    assert_eq!(input(&|it| it.replace(";tag", ";alg=\"hmac-sha256\";tag")), Refused::Malformed);
    assert_eq!(input(&|it| format!("{it}, z=\"{}\"", "x".repeat(5000))), Refused::Malformed);
    for name in ["created", "expires", "nonce", "keyid"] {
        assert_eq!(input(&|it| it.replace(&format!(";{name}="), ";other=")), Refused::NotCovered);
    }
    assert_eq!(input(&|it| it.replace("created=", "created=\"x\";c=")), Refused::Malformed);
}
