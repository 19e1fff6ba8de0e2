//! An identity provider to be verified against: keys, tokens, and a server on the loopback address.
#![allow(dead_code, missing_docs)]

use std::collections::HashMap;
use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// When the tests take place.
pub const NOW: i64 = 1_800_000_000;

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW).unwrap() + SignedDuration::from_secs(seconds)
}

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

enum Pair {
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

pub struct Key {
    pub kid: String,
    pair: Pair,
}

impl Key {
    pub fn ed(kid: &str) -> Self {
        Self { kid: kid.into(), pair: Pair::Ed(Ed25519KeyPair::generate().unwrap()) }
    }

    pub fn ec(kid: &str) -> Self {
        Self {
            kid: kid.into(),
            pair: Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
        }
    }

    pub fn rsa(kid: &str) -> Self {
        Self { kid: kid.into(), pair: Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()) }
    }

    pub fn alg(&self) -> &'static str {
        match self.pair {
            Pair::Ed(_) => "EdDSA",
            Pair::Ec(_) => "ES256",
            Pair::Rsa(_) => "RS256",
        }
    }

    /// The public key, as it would stand in a file that an attacker can read.
    pub fn public(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ed(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Ed(_) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": b64(self.public())})
            }
            Pair::Ec(_) => {
                let point = self.public();
                json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "x": b64(&point[1..33]), "y": b64(&point[33..])})
            }
            Pair::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                json!({"kty": "RSA", "kid": self.kid, "alg": "RS256", "use": "sig",
                    "n": b64(n.big_endian_without_leading_zero()), "e": b64(e.big_endian_without_leading_zero())})
            }
        }
    }

    pub fn sign_bytes(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// Signs parts that need not be JSON.
    pub fn sign_raw(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let signed = format!("{}.{}", b64(header), b64(payload));
        format!("{signed}.{}", b64(self.sign_bytes(signed.as_bytes())))
    }

    pub fn header(&self) -> Value {
        json!({"alg": self.alg(), "kid": self.kid, "typ": "at+jwt"})
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_raw(header.to_string(), claims.to_string())
    }

    pub fn good(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }
}

/// An object with some members replaced, or with `null` removed.
pub fn patched(base: &Value, changes: Value) -> Value {
    let mut result = base.clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            result.as_object_mut().unwrap().remove(name);
        } else {
            result[name] = value.clone();
        }
    }
    result
}

#[derive(Clone)]
pub enum Answer {
    Body(String),
    /// The same after a while.
    Late(Duration, String),
    Status(u16),
    Redirect(String),
    /// Closes the connection.
    Down,
    /// Says nothing for so long.
    Silent(Duration),
    /// Begins, and goes on one byte at a time.
    Drip,
}

/// A server that answers each path as told and counts the requests.
pub struct Idp {
    port: u16,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    hits: Arc<AtomicUsize>,
}

impl Idp {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers = Arc::<Mutex<HashMap<String, Answer>>>::default();
        let hits = Arc::<AtomicUsize>::default();
        let (served, counted) = (Arc::clone(&answers), Arc::clone(&hits));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (served, counted) = (Arc::clone(&served), Arc::clone(&counted));
                // A client that gives up breaks the connection: that is no fault here.
                std::thread::spawn(move || drop(serve(stream, &served, &counted)));
            }
        });
        Self { port, answers, hits }
    }

    /// A server that publishes these keys, with discovery.
    pub fn with_keys(keys: &[&Key]) -> Self {
        let idp = Self::start();
        idp.publish(keys);
        let document = json!({"issuer": idp.issuer(), "jwks_uri": idp.jwks_uri()});
        idp.answer("/.well-known/openid-configuration", Answer::Body(document.to_string()));
        idp
    }

    pub fn publish(&self, keys: &[&Key]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        self.answer("/jwks", Answer::Body(json!({"keys": keys}).to_string()));
    }

    pub fn answer(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn jwks_uri(&self) -> String {
        format!("{}/jwks", self.issuer())
    }

    /// The requests so far.
    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    pub fn config(&self) -> Value {
        json!({"issuer": self.issuer(), "audience": "avvikelse", "jwks_uri": self.jwks_uri(), "tenants": "askersund"})
    }

    pub fn claims(&self) -> Value {
        json!({"iss": self.issuer(), "aud": "avvikelse", "sub": "person-1", "iat": NOW, "exp": NOW + 3600})
    }
}

fn serve(
    stream: TcpStream,
    answers: &Mutex<HashMap<String, Answer>>,
    hits: &AtomicUsize,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    hits.fetch_add(1, Ordering::SeqCst);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let answer = answers.lock().unwrap().get(path).cloned().unwrap_or(Answer::Status(404));
    let mut out = stream;
    let answer = match answer {
        Answer::Late(time, body) => {
            std::thread::sleep(time);
            Answer::Body(body)
        }
        other => other,
    };
    match answer {
        Answer::Body(body) => {
            let length = body.len();
            write!(
                out,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
        }
        Answer::Status(status) => {
            write!(out, "HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Answer::Redirect(to) => {
            write!(
                out,
                "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        }
        Answer::Down | Answer::Late(..) => Ok(()),
        Answer::Silent(time) => {
            std::thread::sleep(time);
            Ok(())
        }
        Answer::Drip => {
            write!(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")?;
            loop {
                out.write_all(b" ")?;
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}
