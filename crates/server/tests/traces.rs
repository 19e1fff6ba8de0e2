//! What a trace collector is told, and how often who is logged in may ask.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

fn command(dir: &TempDir, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_avvikelse"));
    command.args(args).current_dir(dir.path());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AVVIKELSE_") {
            command.env_remove(name);
        }
    }
    command
}

fn says(dir: &TempDir, args: &[&str]) -> String {
    let output = command(dir, args).output().expect("the program runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// The service as a process; killed when dropped.
struct Service {
    child: Child,
    base: String,
    admin: String,
}

impl Service {
    fn start(dir: &TempDir, settings: &[&str]) -> Self {
        let any = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        let mut child = command(dir, &any)
            .args(["--log-format", "json", "--drain-seconds", "0"])
            .args(settings)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let serving = lines
            .by_ref()
            .map_while(Result::ok)
            .map(|line| serde_json::from_str::<Value>(&line).expect("JSON"))
            .find(|line| line["fields"]["message"] == "serving")
            .expect("it tells where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        let field = |name: &str| serving["fields"][name].as_str().expect("an address").to_owned();
        Self { base: field("listen"), admin: field("admin"), child }
    }

    fn ask(&self, path: &str, headers: &[(&str, &str)]) -> ureq::http::Response<ureq::Body> {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent =
            config.timeout_global(Some(Duration::from_secs(10))).build().into();
        let mut request = agent.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.call().expect("an answer")
    }

    /// Has it stop by itself.
    fn terminate(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        let until = Instant::now() + Duration::from_secs(15);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a status") {
                assert!(status.success(), "{status}");
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("still running");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A collector on a port of its own: each message as path, kind and body.
fn collector() -> (String, Receiver<(String, String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (send, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let send = send.clone();
            std::thread::spawn(move || {
                while let Some(message) = message(&stream) {
                    let _ = send.send(message);
                    let _ = (&stream)
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
                }
            });
        }
    });
    (url, told)
}

fn message(stream: &TcpStream) -> Option<(String, String, Value)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let (mut length, mut kind, mut chunked) = (0, String::new(), false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ")?;
        match name {
            "content-length" => length = value.parse().ok()?,
            "content-type" => kind = value.to_owned(),
            "transfer-encoding" => chunked = value == "chunked",
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut part = vec![0; size + 2];
            reader.read_exact(&mut part).ok()?;
            if size == 0 {
                break;
            }
            body.extend(&part[..size]);
        }
    } else {
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
    }
    Some((first, kind, serde_json::from_slice(&body).expect("JSON")))
}

fn attribute(span: &Value, key: &str) -> Option<String> {
    let all = span["attributes"].as_array()?;
    let value = &all.iter().find(|attribute| attribute["key"] == key)?["value"];
    value["stringValue"].as_str().or_else(|| value["intValue"].as_str()).map(str::to_owned)
}

#[test]
fn a_collector_is_told_of_each_request_without_person_or_text() {
    let dir = tempfile::tempdir().expect("a directory");
    says(&dir, &["tenant", "add", "ort", "--name", "Orts kommun"]);
    let token = says(&dir, &["token", "--tenant", "ort", "--subject", "kanariefagel"]);
    let bearer = format!("Bearer {token}");
    let (url, told) = collector();
    let service = Service::start(&dir, &["--traces-url", &url, "--log", "warn,avvikelse=info"]);
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let mine = [("authorization", bearer.as_str()), ("traceparent", parent)];
    let answer = service.ask("/api/v1/cases?unit=hemligenhet", &mine);
    let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
    let unkept =
        [("authorization", bearer.as_str()), ("traceparent", &parent.replace("-01", "-00"))];
    service.ask("/api/v1/me", &unkept);
    service.ask("/api/v1/public/ort/opinions?kanariefagel", &[("traceparent", parent)]);
    service.ask("/api/v1/cases", &[("traceparent", "kanariefagel")]);
    service.terminate();

    let mut spans = Vec::new();
    while let Ok((first, kind, body)) = told.recv_timeout(Duration::from_millis(200)) {
        assert_eq!(first, "POST /v1/traces HTTP/1.1\r\n");
        assert!(kind.starts_with("application/json"), "{kind}");
        assert!(!body.to_string().contains("kanariefagel"), "{body}");
        assert!(!body.to_string().contains("hemligenhet"), "{body}");
        let resource = &body["resourceSpans"][0];
        assert_eq!(resource["resource"]["attributes"][0]["value"]["stringValue"], "avvikelse");
        spans.extend(resource["scopeSpans"][0]["spans"].as_array().expect("spans").clone());
    }
    assert_eq!(spans.len(), 3, "the one whose caller keeps nothing is not told: {spans:#?}");
    let of = |id: &str| {
        let found =
            spans.iter().find(|it| attribute(it, "avvikelse.request.id").as_deref() == Some(id));
        found.expect("the span")
    };
    let span = of(&id);
    assert_eq!(span["name"], "GET /api/v1/cases");
    assert_eq!(span["kind"], 2);
    assert_eq!(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(span["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(attribute(span, "http.route").as_deref(), Some("/api/v1/cases"));
    assert!(attribute(span, "http.response.status_code").is_some_and(|code| code.len() == 3));
    assert!(attribute(span, "avvikelse.tenant.id").is_some_and(|id| id.len() == 36));
    let nanos = |key: &str| span[key].as_str().expect("text").parse::<u64>().expect("a number");
    assert!(nanos("endTimeUnixNano") >= nanos("startTimeUnixNano"));
    for other in spans.iter().filter(|it| *it != span) {
        assert_eq!(other["parentSpanId"], Value::Null, "{other}");
        assert_eq!(attribute(other, "avvikelse.tenant.id"), None, "{other}");
        assert_eq!(other["traceId"].as_str().map(str::len), Some(32));
        assert_eq!(other["spanId"].as_str().map(str::len), Some(16));
    }
}

#[test]
fn no_request_waits_for_a_collector_that_is_away() {
    let dir = tempfile::tempdir().expect("a directory");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let away = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let service = Service::start(&dir, &["--traces-url", &away]);
    for _ in 0..50 {
        assert_eq!(service.ask("/livez", &[]).status(), 200);
    }
    let mut lost = 0.0;
    let until = Instant::now() + Duration::from_secs(10);
    while lost < 50.0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(200));
        let metrics = ureq::get(format!("{}/metrics", service.admin)).call().expect("metrics");
        let metrics = metrics.into_body().read_to_string().expect("text");
        let line = metrics.lines().find(|line| line.starts_with("avvikelse_traces_lost_total "));
        let number = line.and_then(|line| line.split(' ').nth(1));
        lost = number.and_then(|number| number.parse().ok()).unwrap_or(lost);
    }
    assert!(lost >= 50.0, "told as lost: {lost}");
    service.terminate();
}

#[test]
fn who_asks_too_often_is_told_when_to_come_again_and_others_are_not() {
    let dir = tempfile::tempdir().expect("a directory");
    says(&dir, &["tenant", "add", "ort", "--name", "Orts kommun"]);
    let token = |subject| {
        let token = says(&dir, &["token", "--tenant", "ort", "--subject", subject]);
        format!("Bearer {token}")
    };
    let (wild, calm) = (token("wild"), token("calm"));
    let service = Service::start(&dir, &["--person-rate", "40"]);
    let mut statuses = Vec::new();
    for _ in 0..25 {
        let answer = service.ask("/api/v1/me", &[("authorization", &wild)]);
        statuses.push(answer.status().as_u16());
        let headers = answer.headers();
        assert_eq!(headers["ratelimit-policy"], "\"person\";q=20;w=30");
        if answer.status() == 429 {
            assert_eq!(headers["content-type"], "application/problem+json");
            let after = headers["retry-after"].to_str().expect("text").parse::<u64>();
            assert!(after.is_ok_and(|seconds| (1..=2).contains(&seconds)));
            assert!(
                headers["ratelimit"].to_str().is_ok_and(|it| it.starts_with("\"person\";r=0;"))
            );
        }
    }
    let admitted = statuses.iter().filter(|status| **status == 200).count();
    // What comes back in the time that this took may be one more.
    assert!((20..=21).contains(&admitted), "{statuses:?}");
    assert_eq!(service.ask("/api/v1/me", &[("authorization", &calm)]).status(), 200);
}
