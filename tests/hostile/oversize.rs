//! Too large, too deep, too many: refused early, with little memory, and the next is served.

use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::child::Child;
use crate::filing;
use crate::raw::{Answer, ask, connect, head, hear};

const PATIENCE: Duration = Duration::from_secs(20);

/// What a client that listens sends before it is told, at most: what the buffers of two systems
/// hold, and not the 10 GB it had in mind.
const SENT_BEFORE_TOLD: usize = 64 << 20;

/// Begins a request and goes on with chunks for ever; gives the answer, and how much was sent until
/// it came. A client that does not `listen` goes on until it is cut off.
pub fn stream_chunks(child: &Child, head: &str, listens: bool) -> (Answer, usize) {
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    let (mut socket, mut heard, mut sent) = (connect(child.addr), Vec::new(), 0);
    socket.write_all(head.as_bytes()).expect("a head");
    let (began, mut at) = (Instant::now(), 0);
    while began.elapsed() < PATIENCE {
        let open = hear(&mut socket, &mut heard);
        if !open || (listens && heard.ends_with(b"}")) {
            return (Answer::parse(&heard), sent);
        }
        match socket.write(&chunk[at..]) {
            Ok(length) => (sent, at) = (sent + length, (at + length) % chunk.len()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(_) => return (Answer::parse(&heard), sent),
        }
        if sent % (1 << 20) < chunk.len() {
            // Leave the processors to others.
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    panic!("still sending after {PATIENCE:?} and {sent} bytes: {:?}", Answer::parse(&heard));
}

fn holds(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    assert_eq!(answer.json()["code"], code, "{what}");
}

#[test]
fn what_is_too_much_is_refused_early_and_costs_no_memory() {
    let child = Child::start(Duration::from_secs(75), "true");
    let token = &child.token;
    let client = child.client();
    for _ in 0..20 {
        client.post("/api/v1/cases", filing()).expect(201);
    }
    let before = child.memory("VmRSS");

    let chunked = head(token, &["Transfer-Encoding: chunked"]);
    let (answer, sent) = stream_chunks(&child, &chunked, true);
    holds(&answer, 413, "too_large", "a chunked body without end");
    assert!(sent < SENT_BEFORE_TOLD, "told only after {sent} bytes");
    assert_eq!(answer.header("connection"), Some("close"));
    // Those that nobody reads: the token is missing, there is no such path, the method has no body.
    let unread = "Host: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (line, status, code) in [
        ("POST /api/v1/cases HTTP/1.1", 401, "unauthenticated"),
        ("POST /api/v1/nothing HTTP/1.1", 404, "not_found"),
        ("DELETE /api/v1/cases HTTP/1.1", 405, "method_not_allowed"),
    ] {
        let (answer, _) = stream_chunks(&child, &format!("{line}\r\n{unread}"), false);
        holds(&answer, status, code, line);
    }
    let (answer, _) = stream_chunks(&child, &format!("GET /livez HTTP/1.1\r\n{unread}"), false);
    assert_eq!(answer.status, 200);

    let declared = head(token, &["Content-Length: 10737418240"]);
    holds(&ask(child.addr, declared.as_bytes(), PATIENCE), 413, "too_large", "10 GB announced");
    let expecting = head(token, &["Content-Length: 10737418240", "Expect: 100-continue"]);
    holds(&ask(child.addr, expecting.as_bytes(), PATIENCE), 413, "too_large", "10 GB asked for");
    // The first bytes of a gzip file; nothing looks at them.
    let zipped = head(token, &["Content-Encoding: gzip", "Content-Length: 4"]) + "\x1f\u{8}\0";
    let answer = ask(child.addr, zipped.as_bytes(), PATIENCE);
    holds(&answer, 415, "unsupported_media_type", "a gzip bomb");

    let body = |text: &str| {
        let length = format!("Content-Length: {}", text.len());
        ask(child.addr, (head(token, &[&length]) + text).as_bytes(), PATIENCE)
    };
    for opening in ["[", "{\"a\":", "{\"details\":{\"a\":["] {
        let deep = opening.repeat(200_000 / opening.len());
        holds(&body(&deep), 400, "broken_json", opening);
    }
    let fields: String = (0..15_000).map(|number| format!(",\"f{number}\":1")).collect();
    let answer = body(&format!("{{\"kind\":\"avvikelse\"{fields}}}"));
    holds(&answer, 422, "invalid_request", "15,000 unknown fields");
    assert!(answer.text.len() < 100_000, "an answer of {} bytes", answer.text.len());
    let large = body(&" ".repeat(256 * 1024 + 1));
    holds(&large, 413, "too_large", "a byte more than is taken");

    // What is no request yet has no problem document: the framework answers it by a status alone.
    let get = |path: &str, headers: &str| {
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{headers}\r\n"
        );
        ask(child.addr, text.as_bytes(), PATIENCE)
    };
    let wide = format!("X-Wide: {}\r\n", "a".repeat(1 << 20));
    assert_eq!(get("/livez", &wide).status, 431);
    let many: String = (0..5_000).map(|number| format!("X-{number}: a\r\n")).collect();
    assert_eq!(get("/livez", &many).status, 431);
    let parameters = |number: usize| {
        let list: String = (0..number).map(|number| format!("a{number}=1&")).collect();
        format!("/api/v1/cases?{list}")
    };
    assert_eq!(get(&parameters(100_000), "").status, 431);
    assert_eq!(get(&format!("/api/v1/{}", "a".repeat(70_000)), "").status, 400);
    let answer = get(&parameters(7_000), "");
    holds(&answer, 422, "invalid_request", "7,000 parameters");
    assert!(answer.text.len() < 100_000, "an answer of {} bytes", answer.text.len());
    let long = format!("/api/v1/cases/{}", "a".repeat(60_000));
    holds(&get(&long, ""), 404, "not_found", "a long path");

    let grown = child.memory("VmHWM").saturating_sub(before);
    println!("{} MiB more at most", grown / 1024);
    assert!(grown < 64 * 1024, "{grown} KiB more at most");
    client.post("/api/v1/cases", filing()).expect(201);
}

#[test]
fn a_filing_as_full_as_may_be_is_kept_in_little_time_and_memory() {
    let child = Child::start(Duration::from_secs(75), "true");
    let client = child.client();
    client.post("/api/v1/cases", filing()).expect(201);
    let before = child.memory("VmRSS");
    let numbers = |many: usize| "640823-3234 ".repeat(many);
    let answers: serde_json::Map<_, _> =
        (0..12_000).map(|number| (format!("f{number}"), json!(number))).collect();
    for (what, changes) in [
        ("digits", json!({"description": "1".repeat(20_000)})),
        ("numbers", json!({"description": numbers(1_600)})),
        ("numbers in details", json!({"details": {"a": numbers(18_000)}})),
        ("many details", json!({"details": answers})),
        ("a digit each", json!({"details": {"a": vec!["1"; 60_000]}})),
    ] {
        let mut body = filing();
        for (name, value) in changes.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let began = Instant::now();
        let answer = client.post("/api/v1/cases", body);
        let took = began.elapsed();
        println!("{what}: {} in {took:?}, {} bytes back", answer.status, answer.text.len());
        assert_eq!(answer.status, 201, "{what}: {:.300}", answer.text);
        assert!(took < Duration::from_secs(5), "{what}: {took:?}");
    }
    let grown = child.memory("VmHWM").saturating_sub(before);
    println!("{} MiB more at most", grown / 1024);
    assert!(grown < 64 * 1024, "{grown} KiB more at most");
}
