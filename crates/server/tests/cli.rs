//! The binary as an operator meets it.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
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

fn run(dir: &TempDir, args: &[&str]) -> Output {
    command(dir, args).output().unwrap()
}

/// What the command says on stdout; it must succeed.
fn says(dir: &TempDir, args: &[&str]) -> String {
    let output = run(dir, args);
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{args:?}: {out}{err}");
    out
}

/// What the command complains of; it must end with this code.
fn complains(dir: &TempDir, args: &[&str], code: i32) -> String {
    let output = run(dir, args);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    err
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn directory_with_tenant() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    says(&dir, &["tenant", "add", "ort", "--name", "Orts kommun"]);
    dir
}

/// `serve` in a process of its own; killed when dropped.
struct Service {
    child: Child,
    base: String,
    admin: String,
}

impl Service {
    fn start(dir: &TempDir) -> Self {
        let any = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        let mut child = command(dir, &["serve", "--log-format", "json", "--drain-seconds", "0"])
            .args(any)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let serving = lines
            .by_ref()
            .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
            .find(|line| line["fields"]["message"] == "serving")
            .expect("the service tells where it listens");
        // Somebody must read what it logs, or it comes to a halt when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        let field = |name: &str| serving["fields"][name].as_str().unwrap().to_owned();
        Self { child, base: field("listen"), admin: field("admin") }
    }

    fn get(&self, path: &str, token: Option<&str>) -> (u16, String) {
        get(&format!("{}{path}", self.base), token)
    }

    fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
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

fn get(url: &str, token: Option<&str>) -> (u16, String) {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent: ureq::Agent = config.timeout_global(Some(Duration::from_secs(10))).build().into();
    let mut request = agent.get(url);
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let mut response = request.call().unwrap();
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn tenants_are_made_listed_and_suspended() {
    let dir = directory_with_tenant();
    assert_eq!(says(&dir, &["tenant", "list"]), "ort\tactive\tOrts kommun\n");
    assert!(complains(&dir, &["tenant", "add", "ort", "--name", "x"], 1).contains("already"));
    complains(&dir, &["tenant", "add", "Ört", "--name", "x"], 2);
    complains(&dir, &["tenant", "add", &"a".repeat(64), "--name", "x"], 2);
    says(&dir, &["tenant", "suspend", "ort"]);
    assert!(says(&dir, &["tenant", "list"]).contains("suspended"));
    assert!(complains(&dir, &["token", "--tenant", "ort"], 1).contains("tenant resume ort"));
    says(&dir, &["tenant", "resume", "ort"]);
    says(&dir, &["token", "--tenant", "ort"]);
    assert!(complains(&dir, &["tenant", "suspend", "by"], 1).contains("there are: ort"));
}

#[test]
fn what_is_made_is_the_owners_alone() {
    let dir = directory_with_tenant();
    says(&dir, &["token", "--tenant", "ort", "--role", "mas"]);
    let data = dir.path().join("data");
    assert_eq!(mode(&data), 0o700);
    for file in ["keys.json", "local-issuer.pk8", "avvikelse.db"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_wrong_grant_is_told_what_would_be_right() {
    let dir = directory_with_tenant();
    let grant = |more: &[&str]| {
        let given = ["grant", "--tenant", "ort", "--subject", "anna"];
        given.iter().chain(more).map(|text| (*text).to_owned()).collect::<Vec<_>>()
    };
    let complains = |more: &[&str], code| {
        let args = grant(more);
        complains(&dir, &args.iter().map(String::as_str).collect::<Vec<_>>(), code)
    };
    assert!(complains(&["--role", "boss"], 2).contains("unit_manager"));
    let error = complains(&["--role", "mas", "--unit", "nowhere"], 1);
    assert!(error.contains("nowhere") && error.contains("none yet"), "{error}");
    assert!(complains(&["--role", "mas", "--law", "SOL"], 2).contains("--law"));
    assert!(complains(&["--role", "mas", "--law", "XXX"], 2).contains("HSL, SOL, LSS"));
    let days = ["--role", "mas", "--from", "2026-02-01", "--to", "2026-01-01"];
    assert!(complains(&days, 2).contains("--to"));

    let right = grant(&["--role", "mas", "--law", "HSL"]);
    let right: Vec<_> = right.iter().map(String::as_str).collect();
    assert!(says(&dir, &right).starts_with("granted mas over the whole tenant"));
    assert!(says(&dir, &right).starts_with("there already"));
}

#[test]
fn a_token_works_while_the_service_runs_and_the_service_stops_when_told() {
    let dir = directory_with_tenant();
    let service = Service::start(&dir);
    let token = || {
        let said = says(&dir, &["token", "--tenant", "ort", "--role", "mas", "--ttl", "1h"]);
        assert_eq!(said.lines().count(), 1, "the token stands alone: {said}");
        said.trim().to_owned()
    };
    let first = token();
    let second = token();
    assert_ne!(first, second);
    for token in [&first, &second] {
        let (status, body) = service.get("/api/v1/cases", Some(token));
        assert_eq!(status, 200, "{body}");
    }
    let (status, body) = service.get("/api/v1/cases", None);
    assert_eq!(status, 401);
    assert!(body.contains("request_id"), "{body}");
    assert_eq!(service.get("/readyz", None).0, 200);
    assert_eq!(service.get("/metrics", None).0, 404, "metrics are the operator's");
    let (status, metrics) = get(&format!("{}/metrics", service.admin), None);
    assert_eq!(status, 200);
    assert!(metrics.contains("avvikelse_http_request_seconds_bucket"), "{metrics}");

    let any = ["--listen", "127.0.0.1:0", "--admin-listen", "off"];
    let error = complains(&dir, &[&["serve"], &any[..]].concat(), 1);
    assert!(error.contains("already being served"), "{error}");

    let begun = Instant::now();
    assert_eq!(service.terminate(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // Nothing holds the file any more, and the tokens are good for another service.
    let service = Service::start(&dir);
    assert_eq!(service.get("/api/v1/cases", Some(&first)).0, 200);
    assert_eq!(service.terminate(), Some(0));
}

#[test]
fn the_same_token_twice_makes_one_grant() {
    let dir = directory_with_tenant();
    for _ in 0..2 {
        says(&dir, &["token", "--tenant", "ort", "--role", "unit_manager", "--unit", "okand"]);
    }
    says(&dir, &["export", "out", "--tenant", "ort"]);
    let grants = std::fs::read_to_string(dir.path().join("out/behorigheter.csv")).unwrap();
    assert_eq!(grants.lines().count(), 2, "{grants}");
    assert!(grants.contains("unit_manager:okand"), "{grants}");
}

#[test]
fn where_an_issuer_is_registered_the_built_in_one_signs_nothing() {
    let dir = directory_with_tenant();
    let file = "[[issuer]]\nissuer = 'https://id.example'\naudience = 'x'\ntenants = 'ort'\n";
    std::fs::write(dir.path().join("a.toml"), file).unwrap();
    let error = complains(&dir, &["--config", "a.toml", "token", "--tenant", "ort"], 1);
    assert!(error.contains("https://id.example"), "{error}");
    let granted = ["grant", "--tenant", "ort", "--subject", "anna", "--role", "mas"];
    let said = says(&dir, &[&["--config", "a.toml"], &granted[..]].concat());
    assert!(said.contains("https://id.example"), "{said}");
}

#[test]
fn the_configuration_is_checked_by_name() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.toml"), "listen = '127.0.0.1:0'\nlisten_on = 'x'").unwrap();
    let error = complains(&dir, &["--config", "a.toml", "migrate"], 2);
    assert!(error.contains("listen_on") && error.contains("line 2"), "{error}");
    complains(&dir, &["--config", "none.toml", "migrate"], 2);
    complains(&dir, &["--database-url", "mysql://h/d", "migrate"], 2);
    complains(&dir, &["--log", "a=b=c", "migrate"], 2);
    complains(&dir, &["--listen", "nonsense", "--admin-listen", "off", "serve"], 2);
    complains(&dir, &["nonsense"], 2);
    // The environment counts too, and a flag goes before it.
    let mut migrate = command(&dir, &["migrate"]);
    assert!(migrate.env("AVVIKELSE_DATA_DIR", "a").status().unwrap().success());
    assert!(dir.path().join("a/avvikelse.db").exists());
    let mut migrate = command(&dir, &["migrate", "--data-dir", "b"]);
    assert!(migrate.env("AVVIKELSE_DATA_DIR", "c").status().unwrap().success());
    assert!(dir.path().join("b/avvikelse.db").exists() && !dir.path().join("c").exists());
}

#[test]
fn a_faulty_import_names_the_line_and_leaves_nothing() {
    let dir = directory_with_tenant();
    std::fs::create_dir(dir.path().join("in")).unwrap();
    let file = "arendenummer;typ;rapporterades;enhet;beskrivning;status\n\
                A-1;AVV;2025-01-01 10:00;Norra;Fall;pågår\n\
                A-2;XXX;2025-01-01 10:00;Norra;Fall;pågår\n";
    std::fs::write(dir.path().join("in/arenden.csv"), file).unwrap();
    let error = complains(&dir, &["import", "in", "--tenant", "ort"], 1);
    assert!(error.lines().any(|line| line.starts_with("arenden.csv:3: typ: ")), "{error}");
    assert!(error.contains("nothing was imported"), "{error}");
    std::fs::write(dir.path().join("in/arenden.csv"), file.replace("XXX", "SYN")).unwrap();
    assert!(says(&dir, &["import", "in", "--tenant", "ort"]).contains("2 cases"));
    assert!(says(&dir, &["import", "in", "--tenant", "ort"]).contains("2 were there already"));
    complains(&dir, &["import", "none", "--tenant", "ort"], 2);
}

#[test]
fn the_demo_shows_the_published_figures_from_any_directory() {
    let dir = tempfile::tempdir().unwrap();
    let said = says(&dir, &["demo", "--no-serve"]);
    for (label, count, change) in [
        ("avvikelser", "2509", "+272"),
        ("falls", "922", "+47"),
        ("medication", "729", "+33"),
        ("SoL", "202", "+35"),
        ("klagomål", "31", "+6"),
    ] {
        let line = said.lines().find(|line| line.contains(label)).unwrap_or_default();
        assert!(line.contains(count) && line.ends_with(change), "{label}: {said}");
    }
    assert!(said.contains("MAS=ey") && said.contains("MANAGER=ey"), "{said}");
    assert!(says(&dir, &["demo", "--no-serve"]).contains("already there"));
}

#[test]
fn the_description_is_json() {
    let dir = tempfile::tempdir().unwrap();
    let said = says(&dir, &["openapi"]);
    assert!(said.ends_with("}\n"));
    let document: Value = serde_json::from_str(&said).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"]["/api/v1/cases"]["post"].is_object());
    assert!(!dir.path().join("data").exists(), "asks for nothing on disk");
}

/// Files a case about somebody, and tells its path.
fn file_case(service: &Service, token: &str) -> String {
    let body = serde_json::json!({
        "kind": "avvikelse", "unit": "okand", "description": "Föll i hallen.",
        "subject": { "personal_id": "640823-3234" },
    });
    let mut answer = ureq::post(&format!("{}/api/v1/cases", service.base))
        .header("Authorization", format!("Bearer {token}"))
        .send_json(&body)
        .unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    let case: Value = answer.body_mut().read_json().unwrap();
    format!("/api/v1/cases/{}", case["id"].as_str().unwrap())
}

#[test]
fn a_backup_of_a_running_service_is_restored_and_served() {
    let dir = directory_with_tenant();
    let token = says(&dir, &["token", "--tenant", "ort", "--role", "mas"]);
    let token = token.trim();
    let service = Service::start(&dir);
    let case = file_case(&service, token);

    let said = says(&dir, &["backup", "copy.db"]);
    assert!(said.contains("ort\t1 cases\tnewest registered at 2"), "{said}");
    assert!(said.contains("data/keys.json is not in it"), "{said}");
    assert_eq!(mode(&dir.path().join("copy.db")), 0o600);
    assert!(complains(&dir, &["backup", "copy.db"], 1).contains("is there already"));
    assert!(complains(&dir, &["restore", "copy.db"], 1).contains("--data-dir"));
    complains(&dir, &["restore", "none.db", "--data-dir", "new"], 1);
    // The live file is no backup: what was just filed lies in its log.
    let error = complains(&dir, &["restore", "data/avvikelse.db", "--data-dir", "new"], 1);
    assert!(error.contains("in use"), "{error}");
    file_case(&service, token);
    assert_eq!(service.terminate(), Some(0));

    let said = says(&dir, &["restore", "copy.db", "--data-dir", "new"]);
    assert!(said.contains("ort\t1 cases") && said.contains("new/keys.json"), "{said}");
    assert!(complains(&dir, &["serve", "--data-dir", "new"], 1).contains("key file"));
    for file in ["keys.json", "local-issuer.pk8"] {
        std::fs::copy(dir.path().join("data").join(file), dir.path().join("new").join(file))
            .unwrap();
    }
    let elsewhere = ["--database-url", "sqlite:again.db", "--data-dir", "new"];
    let said = says(&dir, &[&["restore", "copy.db"], &elsewhere[..]].concat());
    assert!(said.contains("fits: it opens a sealed identity of 1 tenants"), "{said}");

    std::fs::rename(dir.path().join("data"), dir.path().join("old")).unwrap();
    std::fs::rename(dir.path().join("new"), dir.path().join("data")).unwrap();
    let service = Service::start(&dir);
    let (status, body) = service.get(&case, Some(token));
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("Föll i hallen."), "{body}");
    assert!(service.get("/api/v1/cases", Some(token)).1.matches("AVV-").count() == 1);
    assert_eq!(service.terminate(), Some(0));
}

#[test]
fn a_backup_in_a_directory_has_a_name_and_the_old_go_with_their_keys() {
    let dir = directory_with_tenant();
    let place = dir.path().join("copies");
    std::fs::create_dir(&place).unwrap();
    let old = place.join("avvikelse-20200101T000000Z.db");
    for file in [old.clone(), place.join("avvikelse-20200101T000000Z.db.keys")] {
        std::fs::write(file, "").unwrap();
    }
    let names = || {
        let entries = std::fs::read_dir(&place).unwrap();
        let mut names: Vec<String> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    says(&dir, &["backup", "copies"]);
    let found = names();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(old.exists() && found[2] == format!("{}.keys", found[1]), "{found:?}");
    // As soon as the clock gives another name.
    std::thread::sleep(Duration::from_millis(1100));
    assert!(says(&dir, &["backup", "--keep", "1", "copies"]).contains("2 old copies are removed"));
    let left = names();
    assert!(left.len() == 2 && left[0] > found[1], "{left:?}");
}

#[test]
fn keys_of_another_database_are_noticed_when_it_is_restored() {
    let dir = directory_with_tenant();
    let token = says(&dir, &["token", "--tenant", "ort"]);
    let service = Service::start(&dir);
    file_case(&service, token.trim());
    assert_eq!(service.terminate(), Some(0));
    says(&dir, &["backup", "copy.db"]);
    says(&dir, &["migrate", "--data-dir", "other"]);
    let other = ["--key-file", "other/keys.json", "--data-dir", "new"];
    let error = complains(&dir, &[&["restore", "copy.db"], &other[..]].concat(), 1);
    assert!(error.contains("other/keys.json does not open"), "{error}");
    let free = ["--listen", "127.0.0.1:0", "--admin-listen", "off"];
    let output = run(&dir, &[&["doctor"], &other[..], &free[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(texts(&output).0.contains("fail  sealed identities"), "{output:?}");
}

#[test]
fn the_service_refuses_keys_that_do_not_open_what_is_sealed() {
    let dir = directory_with_tenant();
    let token = says(&dir, &["token", "--tenant", "ort"]);
    let service = Service::start(&dir);
    file_case(&service, token.lines().last().unwrap());
    assert_eq!(service.terminate(), Some(0));
    let other = directory_with_tenant();
    std::fs::copy(other.path().join("data/keys.json"), dir.path().join("data/keys.json")).unwrap();
    let error = complains(&dir, &["serve", "--listen", "127.0.0.1:0", "--admin-listen", "off"], 1);
    assert!(error.contains("does not open"), "{error}");
}

#[test]
fn of_postgresql_a_backup_is_its_own_business() {
    let dir = tempfile::tempdir().unwrap();
    let url = ["--database-url", "postgres://anna:hemligt@localhost:5433/avvikelse?host=/run/pg"];
    for (args, tool) in [(["backup", "a"], "pg_dump"), (["restore", "a"], "pg_restore")] {
        let error = complains(&dir, &[&args[..], &url[..]].concat(), 2);
        assert!(error.contains(tool) && !error.contains("hemligt"), "{error}");
        assert!(error.contains("'postgres://anna@localhost:5433/avvikelse?host=/run/pg'"));
    }
    assert!(!dir.path().join("data").exists());
    assert!(complains(&dir, &["backup", "a"], 1).contains("no database"));
}

#[test]
fn the_doctor_names_what_is_wrong_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let free = ["--listen", "127.0.0.1:0", "--admin-listen", "off"];
    let doctor = |more: &[&str]| {
        let output = run(&dir, &[&["doctor"], more].concat());
        let (out, err) = texts(&output);
        assert!(!err.contains("panicked"), "{err}");
        (output.status.code(), out)
    };
    let (code, said) = doctor(&free);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warn  data directory"), "{said}");
    assert!(!dir.path().join("data").exists(), "it makes nothing");

    says(&dir, &["tenant", "add", "ort", "--name", "Orts kommun"]);
    let (code, said) = doctor(&free);
    assert_eq!(code, Some(0), "{said}");
    for line in ["journal_mode is wal", "synchronous=FULL", "up to date"] {
        assert!(said.lines().any(|it| it.starts_with("ok    ") && it.contains(line)), "{said}");
    }
    assert!(!said.contains("fail  ") && said.contains("warn  mail is off"), "{said}");
    let away = ["--smtp-url", "smtp://127.0.0.1:9", "--mail-from", "a@b.se"];
    let seen = ["--public-url", "https://avvikelse.example"];
    let (code, said) = doctor(&[&free[..], &away, &seen].concat());
    let barred = "fail  mail goes to smtp://127.0.0.1:9  — connecting:";
    assert!(code == Some(1) && said.contains(barred) && said.contains("--smtp-url"), "{said}");

    let service = Service::start(&dir);
    let place = |url: &str| url.strip_prefix("http://").unwrap().to_owned();
    let (listen, admin) = (place(&service.base), place(&service.admin));
    let (code, said) = doctor(&["--listen", &listen, "--admin-listen", &admin]);
    assert_eq!((code, said.matches("is served by this program").count()), (Some(0), 2), "{said}");
    assert_eq!(service.terminate(), Some(0));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    // Whoever has it says nothing that is ours.
    std::thread::spawn(move || taken.accept().map(drop));
    let (code, said) = doctor(&["--listen", &listen, "--admin-listen", "off"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("taken by another program"), "{said}");

    let wider = |file: &str, mode| {
        let path = dir.path().join("data").join(file);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for (file, told) in
        [("keys.json", "chmod 600 data/keys.json"), ("avvikelse.db", "chmod 600 data/avvikelse.db")]
    {
        wider(file, 0o644);
        let (code, said) = doctor(&free);
        assert_eq!(code, Some(1), "{said}");
        let fails: Vec<_> = said.lines().filter(|line| line.starts_with("fail  ")).collect();
        assert!(fails.len() == 1 && fails[0].contains(told), "{said}");
        wider(file, 0o600);
    }
    std::fs::write(dir.path().join("a.toml"), "listen_on = 'x'").unwrap();
    let (code, said) = doctor(&["--config", "a.toml"]);
    assert!(code == Some(1) && said.starts_with("fail  configuration  — "), "{said}");
    let issuer = "[[issuer]]\nissuer = 'http://127.0.0.1:9'\naudience = 'x'\ntenants = 'ort'\n";
    std::fs::write(dir.path().join("a.toml"), issuer).unwrap();
    let (code, said) = doctor(&[&["--config", "a.toml"], &free[..]].concat());
    assert!(code == Some(1) && said.contains("fail  keys of the issuer http://127.0.0.1:9"));
}
