//! What somebody without a login may send at most: refused early, with little memory, and the next is
//! served.

use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::Client;

use crate::child::Child;
use crate::oversize::stream_chunks;
use crate::raw::{ask, connect, hear};

const PATIENCE: Duration = Duration::from_secs(20);
/// What the service may grow by, in KiB.
const GROWTH: u64 = 64 * 1024;
const FORM: &str = "/provby/synpunkt";

fn head(path: &str, kind: &str, more: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n{more}\r\n")
}

/// An opinion, with a token for the form that a browser would have got.
struct Browser {
    client: Client,
    token: String,
}

impl Browser {
    fn at(child: &Child) -> Self {
        let client =
            Client::new(&format!("http://{}", child.addr), None).with("accept", "text/html");
        let page = client.get(FORM).expect(200);
        let cookie = page.header("set-cookie").expect("a cookie").split(';').next();
        let token = page.text.split("name=\"token\" value=\"").nth(1).expect("a token");
        let token = token.split('"').next().unwrap_or_default().to_owned();
        Self { client: client.with("cookie", cookie.unwrap_or_default()), token }
    }

    /// Sends the form with one file.
    fn send(&self, name: &str, file: &[u8]) -> testkit::Response {
        let mark = "b0undary";
        let mut body = Vec::new();
        for (field, value) in [("token", self.token.as_str()), ("what", "klagomal"), ("text", "x")]
        {
            let part = format!(
                "--{mark}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        let part = format!(
            "--{mark}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             content-type: image/jpeg\r\n\r\n"
        );
        body.extend(part.into_bytes());
        body.extend(file);
        body.extend(format!("\r\n--{mark}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={mark}");
        self.client.send("POST", FORM, Some((&kind, body)))
    }
}

/// An archive that says it has as many parts as go into a file.
fn crowded() -> Vec<u8> {
    let part = [b"PK\x01\x02".as_slice(), &[20; 2], &[0; 22], &[1, 0], &[0; 16], b"a"].concat();
    let list = part.repeat(19 * 1024 * 1024 / part.len());
    let length = u32::try_from(list.len()).expect("20 MiB").to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff", &length[..], &[4, 0, 0, 0, 0, 0]].concat();
    [b"PK\x03\x04".to_vec(), list, end].concat()
}

/// Sends a million form fields, as fast as they are taken.
fn a_million_fields(child: &Child, kind: &str, field: &[u8]) -> u16 {
    let total = field.len() * 1_000_000;
    let head = head(FORM, kind, &format!("Content-Length: {total}\r\n"));
    let (mut socket, mut heard) = (connect(child.addr), Vec::new());
    socket.write_all(head.as_bytes()).expect("a head");
    let part = field.repeat(1000);
    let (begun, mut sent, mut at) = (Instant::now(), 0, 0);
    while sent < total && begun.elapsed() < PATIENCE {
        if !hear(&mut socket, &mut heard) || !heard.is_empty() {
            break;
        }
        match socket.write(&part[at..]) {
            Ok(length) => (sent, at) = (sent + length, (at + length) % part.len()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(_) => break,
        }
    }
    while heard.is_empty() && begun.elapsed() < PATIENCE && hear(&mut socket, &mut heard) {
        std::thread::sleep(Duration::from_millis(2));
    }
    crate::raw::Answer::parse(&heard).status
}

#[test]
fn what_the_public_may_not_send_is_refused_early_and_costs_no_memory() {
    let child = Child::start(Duration::from_secs(75), "true");
    let browser = Browser::at(&child);
    browser.send("a.txt", b"Text").expect(200);
    let before = child.memory("VmRSS");

    // 10 GB, announced and not.
    let forms = "multipart/form-data; boundary=x";
    let json = "application/json";
    for (path, kind) in [
        (FORM, forms),
        (FORM, "application/x-www-form-urlencoded"),
        ("/provby/receipts", "application/x-www-form-urlencoded"),
        ("/provby/receipts/messages", forms),
        ("/api/v1/public/provby/opinions", json),
        ("/api/v1/public/provby/receipts", json),
    ] {
        let announced = head(path, kind, "Content-Length: 10737418240\r\n");
        let answer = ask(child.addr, announced.as_bytes(), PATIENCE);
        assert_eq!(answer.status, 413, "{path} {kind}: {answer:?}");
    }
    let part =
        "--x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\n%PDF-1.7";
    let chunked = head(FORM, forms, "Transfer-Encoding: chunked\r\n");
    let (answer, _) =
        stream_chunks(&child, &format!("{chunked}{:x}\r\n{part}\r\n", part.len()), true);
    assert_eq!(answer.status, 413, "{answer:?}");
    let chunked = head("/api/v1/public/provby/opinions", json, "Transfer-Encoding: chunked\r\n");
    let (answer, _) = stream_chunks(&child, &chunked, true);
    assert_eq!(answer.status, 413, "{answer:?}");
    let zipped =
        head(FORM, forms, "Content-Encoding: gzip\r\nContent-Length: 4\r\n") + "\x1f\u{8}\0";
    assert_eq!(ask(child.addr, zipped.as_bytes(), PATIENCE).status, 415);

    // A million fields.
    let status = a_million_fields(&child, "application/x-www-form-urlencoded", b"a=1&");
    assert_eq!(status, 413);
    let field = b"--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    assert_eq!(a_million_fields(&child, forms, field), 413);

    // A file that is not what it says, and one that would unpack to too much: told at the form, with
    // what was written still in it.
    let page = browser.send("bild.jpg", b"<!doctype html><script>alert(1)</script>").expect(422);
    assert!(
        page.text.contains("id=\"files-fault\"") && page.text.contains("bild.jpg"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("<script"), "{}", page.text);
    let page = browser.send("a.docx", &crowded()).expect(422);
    assert!(page.text.contains("id=\"files-fault\""), "{}", page.text);

    let grown = child.memory("VmHWM").saturating_sub(before);
    println!("{} MiB more at most", grown / 1024);
    assert!(grown < GROWTH, "{grown} KiB more at most");
    let filed = json!({"kind": "klagomal", "text": "x"});
    browser.client.post("/api/v1/public/provby/opinions", filed).expect(201);
    browser.send("a.txt", b"Text").expect(200);
}
