//! Whatever is refused is refused as problem details, and tells nothing of the inside.

use std::time::{Duration, Instant};

use domain::organisation::Role;
use testkit::{Client, Response, Service, on_each_database};

use crate::filing;
use crate::raw::{Answer, ask, head};

/// Given with what is refused; never to come back.
const CANARY: &str = "kanariefagel";

/// Where the inside would show.
const INSIDE: [&str; 13] = [
    CANARY,
    "select ",
    "insert ",
    "constraint",
    "sqlite",
    "postgres",
    "diesel",
    "crates/",
    ".rs",
    "panicked",
    "/tmp",
    "/dev/shm",
    "backtrace",
];

fn holds(answer: &Response, what: &str) {
    let text = &answer.text;
    assert!((400..500).contains(&answer.status), "{what}: {} {text}", answer.status);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}: {text}");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{what}");
    assert!(problem["code"].as_str().is_some_and(|code| !code.is_empty()), "{what}: {text}");
    assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"), "{what}");
    for inside in INSIDE {
        assert!(!text.to_lowercase().contains(inside), "{what}: {inside:?} in {text}");
    }
}

/// Every way to have this operation refused that any operation has.
fn refuse(service: &Service, admin: &Client, method: &str, path: &str) {
    let send = |client: &Client, kind: &str, body: &[u8]| {
        let sent = (method != "GET").then(|| (kind, body.to_vec()));
        client.send(method, path, sent)
    };
    let what = format!("{method} {path}");
    for client in [service.anonymous(), service.with_token(CANARY), service.with_token("x y z")] {
        let answer = send(&client, "application/json", b"{}");
        // Nobody logs in to what is public: messages of machines are refused without a signature, and the
        // rest asks for something else, or has been asked too often.
        if path.starts_with("/api/v1/public/{tenant}/machine") {
            assert!([403, 404].contains(&answer.status), "{what}: {}", answer.text);
        } else if path.starts_with("/api/v1/public/") {
            let refused = [403, 404, 410, 422, 429].contains(&answer.status);
            assert!(refused, "{what}: {}", answer.text);
        } else {
            assert_eq!(answer.status, 401, "{what}: {}", answer.text);
        }
        holds(&answer, &what);
    }
    let unknown = admin.with("if-match", "\"0\"");
    if method == "GET" {
        let answer = unknown.get(&format!("{path}?limit={CANARY}"));
        if answer.status >= 400 {
            holds(&answer, &what);
        }
        return;
    }
    let json = "application/json";
    let canary = format!("{{\"details\": \"{CANARY}\", \"reason\": 1, ").into_bytes();
    for (kind, body) in [
        (json, canary.as_slice()),
        (json, b"[1]"),
        (json, b"\xff"),
        ("text/plain", canary.as_slice()),
        ("application/x-www-form-urlencoded", b"a=b"),
        ("", b"{}"),
        (json, &[b' '; 300_000]),
    ] {
        holds(&send(&unknown, kind, body), &what);
    }
    holds(&send(&unknown.with("content-encoding", "br"), json, b"{}"), &what);
    holds(&send(&admin.with("if-match", CANARY), json, b"{\"x\": 1}"), &what);
    holds(&send(&admin.with("idempotency-key", &"k".repeat(300)), json, b"{\"x\": 1}"), &what);
}

#[test]
fn every_refusal_of_every_operation_is_a_problem_and_tells_nothing() {
    on_each_database(|database| {
        let service = Service::start(database);
        let tenant = service.tenant("provby");
        let admin = service.holder(("provby", tenant), "admin", Role::Admin, &[], &[]);
        let filed = admin.post("/api/v1/cases", filing()).expect(201).json();
        let description = service.anonymous().get("/openapi.json").expect(200).json();
        let mut asked = 0;
        for (path, item) in description["paths"].as_object().expect("paths") {
            if !path.starts_with("/api/") {
                continue;
            }
            for method in item.as_object().expect("methods").keys() {
                for id in [filed["id"].as_str().expect("an id"), "kanariefagel", "%ff%00"] {
                    let path = path.replace("{id}", id).replace("{measure}", id);
                    let path = path.replace("{attachment}", id);
                    refuse(&service, &admin, &method.to_uppercase(), &path.replace("{list}", id));
                    asked += 1;
                }
            }
        }
        assert!(asked > 100, "only {asked}");
    });
}

#[test]
fn what_no_route_answers_is_a_problem_too() {
    on_each_database(|database| {
        let service = Service::start(database);
        let tenant = service.tenant("provby");
        let admin = service.holder(("provby", tenant), "admin", Role::Admin, &[], &[]);
        for (method, path, status) in [
            ("GET", "/", 404),
            ("GET", "/api/v1/../../etc/passwd", 404),
            ("GET", "/docs/..%2f..%2fetc%2fpasswd", 404),
            ("GET", "/docs/kanariefagel.js", 404),
            ("GET", "//api/v1/cases", 404),
            ("GET", "/api/v1/cases/", 404),
            ("GET", "/metrics", 404),
            ("DELETE", "/api/v1/cases", 405),
            ("PATCH", "/api/v1/me", 405),
            ("TRACE", "/api/v1/cases", 405),
            ("OPTIONS", "/api/v1/cases", 405),
            ("POST", "/livez", 405),
            ("POST", "/openapi.json", 405),
            ("GET", "/api/v1/cases?limit=kanarie", 422),
            ("GET", "/api/v1/cases?cursor=%ff%fe", 422),
            ("GET", "/api/v1/statistics?year=%00", 403),
            ("POST", "/docs/", 405),
        ] {
            let what = format!("{method} {path}");
            let answer = admin.send(method, path, None);
            holds(&answer, &what);
            assert_eq!(answer.status, status, "{what}");
            assert_eq!(answer.header("allow").is_some(), status == 405, "{what}");
        }
        let operator = service.operator();
        for (method, path) in [("GET", "/kanariefagel"), ("POST", "/metrics"), ("GET", "/docs/")] {
            holds(&operator.send(method, path, None), &format!("operator: {method} {path}"));
        }
    });
}

/// What the framework refuses before there is a request it answers by itself: with a status, no
/// body at all, and the end of the connection.
#[test]
fn what_is_no_http_is_answered_by_a_status_alone() {
    let service = Service::start(testkit::Database::Sqlite);
    let addr = service.base().trim_start_matches("http://").parse().expect("an address");
    for text in [
        "kanariefagel\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /kanariefagel\u{7f} HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX kanarie: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    ] {
        let Answer { status, text: body, .. } = ask(addr, text.as_bytes(), Duration::from_secs(5));
        assert_eq!((status, body.as_str()), (400, ""), "{text:?}");
    }
    service.tenant("provby");
    // Chunks that are none: there is no telling what is body and what is the next request.
    let token = service.token("provby", "anna");
    for rest in ["xyz\r\n", "5\r\nabcdefgh\r\n", "ffffffffffffffffffff\r\n"] {
        let head = head(&token, &["Transfer-Encoding: chunked"]);
        let began = Instant::now();
        let answer = ask(addr, format!("{head}{rest}").as_bytes(), Duration::from_secs(5));
        assert_eq!((answer.status, answer.text.as_str()), (0, ""), "{rest:?}");
        assert!(began.elapsed() < Duration::from_secs(4), "{rest:?} ends the connection");
    }
    // A method nobody has heard of is one all the same.
    let made_up = "KANARIE /api/v1/cases HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = ask(addr, made_up.as_bytes(), Duration::from_secs(5));
    assert_eq!((answer.status, answer.json()["code"].as_str()), (405, Some("method_not_allowed")));
    assert!(!answer.text.contains("KANARIE"), "{}", answer.text);
    service.anonymous().get("/livez").expect(200);
}

#[test]
fn head_answers_as_get_without_the_body() {
    on_each_database(|database| {
        let service = Service::start(database);
        service.tenant("provby");
        let anna = service.reporter("provby", "anna");
        let case = anna.post("/api/v1/cases", filing()).expect(201).json();
        let path = format!("/api/v1/cases/{}", case["id"].as_str().expect("an id"));
        for path in [&path, "/livez", "/openapi.json", "/docs/", "/api/v1/me"] {
            let (get, head) = (anna.get(path).expect(200), anna.send("HEAD", path, None));
            assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
            for name in ["content-type", "content-length", "etag"] {
                assert_eq!(head.header(name), get.header(name), "{path}: {name}");
            }
        }
        assert_eq!(anna.send("HEAD", "/api/v1/nothing", None).status, 404);
        assert_eq!(anna.send("HEAD", &format!("{path}/close"), None).status, 405);
        // The connection goes on where the next request begins.
        anna.get(&path).expect(200);
    });
}
