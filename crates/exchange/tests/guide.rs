//! The signed example of the guide is one: whoever builds the other end goes by it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use exchange::message::Envelope;
use exchange::signature::{COVERED, read};
use exchange::{PublicKey, Request, SigningKey};

const GUIDE: &str = include_str!("../../../docs/guides/machine-exchange.md");

/// The block of the guide that begins with a fence of this kind.
fn block(kind: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("```{kind}\n")).expect("the block");
    rest.split_once("\n```").expect("its end").0
}

fn key() -> SigningKey {
    let d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    assert!(GUIDE.contains(d));
    SigningKey::from_seed(&URL_SAFE_NO_PAD.decode(d).expect("base64url")).expect("a key")
}

fn request() -> Request {
    let (head, body) = block("http").split_once("\n\n").expect("a head and a body");
    let mut lines = head.lines();
    let first: Vec<&str> = lines.next().expect("a first line").split(' ').collect();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").expect("a field"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let host = &headers.iter().find(|(name, _)| name == "host").expect("a host").1;
    Request {
        method: first[0].to_owned(),
        target: format!("https://{host}{}", first[1]),
        headers: headers.clone(),
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn the_example_of_the_guide_is_taken() {
    let (request, public) = (request(), key().public());
    let envelope = Envelope::read(&request.body).expect("a message");
    let content = envelope.content().expect("a document");
    assert_eq!(content.kind(), "document");
    let unverified = read(&request).expect("signed");
    assert_eq!(unverified.claims().key_id, public.id());
    let now = envelope.sent_at;
    let verified = unverified.verify(&request, &public, &envelope.receiver, now).expect("verified");
    verified.hold(&request.body).expect("the content that was signed");
    assert!(GUIDE.contains(&public.fingerprint()));
    let jwk = public.jwk();
    assert_eq!(PublicKey::from_jwk(&jwk), Ok(public));
}

#[test]
fn the_text_that_is_signed_is_the_one_of_the_guide() {
    let signature = request().header("signature").expect("a signature");
    let signed =
        base64::engine::general_purpose::STANDARD.encode(key().sign(block("text").as_bytes()));
    assert_eq!(signature, format!("region=:{signed}:"));
    for name in COVERED {
        assert!(GUIDE.contains(&format!("\"{name}\"")), "{name}");
    }
}
