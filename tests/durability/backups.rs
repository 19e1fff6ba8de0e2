//! Backups on and on beside the service, and putting one back; what the service does not start with; what leaves in a
//! support bundle.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::ids::CaseId;
use serde_json::json;

use crate::http::Connection;
use crate::program::{Home, TENANT};
use crate::wait_until;

fn filed(home: &Home, text: &str) -> CaseId {
    let mut connection = Connection::new(&home.address, &home.token("usk"));
    let body = json!({"kind": "avvikelse", "unit": "gran", "description": text,
        "subject": {"personal_id": "640823-3234"}});
    let answer = connection.file("", &body).expect("an answer");
    assert_eq!(answer.status, 201);
    answer.json()["id"].as_str().expect("an id").parse().expect("an id")
}

fn copies(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).expect("a directory");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| path.extension().is_some_and(|it| it == "db"));
    found.sort();
    found
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("rights");
}

#[test]
fn copies_are_made_on_and_on_and_the_newest_is_put_back_in_minutes() {
    let home = Home::new();
    let served = home.serve();
    let dir = tempfile::tempdir().expect("a directory");
    let place = dir.path().display().to_string();
    let backups = home.begins(&["backup", &place, "--every", "1s", "--keep", "2"]);
    filed(&home, "Före.");
    wait_until("the third copy", Duration::from_secs(60), || {
        copies(dir.path()).last().is_some_and(|_| copies(dir.path()).len() == 2)
    });
    let first = copies(dir.path());
    let case = filed(&home, "Sist.");
    // What was answered before a copy began is in it.
    wait_until("two more copies", Duration::from_secs(60), || {
        copies(dir.path()).iter().all(|copy| !first.contains(copy))
    });
    let answered = Instant::now();
    let told = backups.stop_with(Duration::from_secs(30));
    assert!(told.contains("is not in it"), "the key file is told apart: {told}");
    assert!(copies(dir.path()).len() <= 2, "the oldest go");
    served.kill();

    let newest = copies(dir.path()).pop().expect("a copy");
    let begun = Instant::now();
    let again = tempfile::tempdir().expect("a directory");
    let restored = Home::on_restored(again.path(), &newest, home.data());
    let within = begun.elapsed();
    let store = restored.store();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let tenant = store.tenant_by_slug(TENANT).await.expect("the tenant").id;
        let found = store.read(tenant, move |tx| tx.case(case)).await.expect("the last filing");
        assert_eq!(found.filing.description, "Sist.");
    });
    assert!(restored.says(&["doctor"]).contains("the keys open a sealed identity of 1 tenants"));
    println!(
        "put back in {:.1} s; lost: what came in the last {:.1} s",
        within.as_secs_f64(),
        answered.elapsed().as_secs_f64().min(1.0)
    );
    assert!(within < Duration::from_secs(300));
}

#[test]
fn the_service_does_not_start_with_what_is_not_safe_and_says_what_to_do() {
    let home = Home::new();
    let refused = |home: &Home, args: &[&str], told: &str| {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--log", "warn"];
        let said = home.fails(&[&serve[..], args].concat());
        assert!(said.contains(told), "{told}: {said}");
    };
    refused(&home, &["--admin-listen", "0.0.0.0:0"], "--admin-public");
    home.serve().kill();
    chmod(home.data(), 0o777);
    refused(&home, &["--admin-listen", "off"], "chmod 700");
    chmod(home.data(), 0o755);
    let database = home.file().expect("a file").to_owned();
    chmod(&database, 0o644);
    refused(&home, &["--admin-listen", "off"], "chmod 600");
    chmod(&database, 0o600);
    let keys = home.data().join("keys.json");
    chmod(&keys, 0o644);
    refused(&home, &["--admin-listen", "off"], "others can read it");
    chmod(&keys, 0o600);
    // A key somebody forgot to replace.
    let text = std::fs::read_to_string(&keys).expect("the keys");
    let zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let mut file: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    file["blind_index"] = json!(zero);
    std::fs::write(&keys, file.to_string()).expect("writes");
    refused(&home, &["--admin-listen", "off"], "is not random");
    file["blind_index"] = json!("a2V5");
    std::fs::write(&keys, file.to_string()).expect("writes");
    refused(&home, &["--admin-listen", "off"], "32 bytes");
    std::fs::write(&keys, text).expect("writes");
    home.serve().stop();
}

#[test]
fn a_support_bundle_tells_how_it_stands_and_of_nobody() {
    const CANARY: &str = "Zzkanariefagel";
    let home = Home::new();
    let served = home.serve();
    filed(&home, CANARY);
    let log = home.data().join("service.log");
    let said = format!(
        "INFO to {CANARY}@example.se\nWARN given=\"{CANARY} Berg\" 640823-3234 from 192.0.2.7\n"
    );
    std::fs::write(&log, said).expect("writes");
    let bundle = home.data().join("bundle.zip");
    let (file, log) = (bundle.display().to_string(), log.display().to_string());
    home.says(&["support-bundle", &file, "--log-file", &log, "--admin-listen", "off"]);
    served.stop();
    assert_eq!(bundle.metadata().expect("there").permissions().mode() & 0o777, 0o600);
    let mut archive =
        zip::ZipArchive::new(std::fs::File::open(&bundle).expect("opens")).expect("an archive");
    let names: Vec<String> =
        archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let mut all = String::new();
    for name in
        ["version.json", "settings.json", "doctor.txt", "database.json", "metrics.txt", "log.txt"]
    {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        archive.by_name(name).expect("there").read_to_string(&mut all).expect("reads");
    }
    for told in ["\"cases\": 1", "ok    rights of the database files", "\"schema\": \"2026"] {
        assert!(all.contains(told), "{told}: {all}");
    }
    let keys = std::fs::read_to_string(home.data().join("keys.json")).expect("the keys");
    let keys: serde_json::Value = serde_json::from_str(&keys).expect("JSON");
    let secret = keys["blind_index"].as_str().expect("a key");
    for gone in [CANARY, "640823", "192.0.2.7", "Berg", secret] {
        assert!(!all.contains(gone), "{gone}: {all}");
    }
}
