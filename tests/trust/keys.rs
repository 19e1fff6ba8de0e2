//! Keys change while the service runs, and who is sealed is nowhere in the clear.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use app::Clock;
use app::sealing::{
    KeyFile, SETTLED, SealError, Sealer, add_master, count_keys, drop_master, keep_keys, learn_all,
    rotate,
};
use domain::ids::{SubjectId, TenantId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{Config, Keyed, Store, TenantKey};
use testkit::{Database, on_each_database};
use uuid::Uuid;

use crate::town::Town;

const PERSON: &str = "640823-3234";

impl Town {
    fn key_file(&self) -> PathBuf {
        self.service.dir().join("keys.json")
    }

    /// The keys as another instance, or a command, has them.
    fn other_keys(&self) -> Sealer {
        let sealer = Sealer::from_file(&self.key_file(), false).expect("keys");
        self.service.run(learn_all(&self.service.app.store, &sealer, self.now())).expect("learns");
        sealer
    }

    fn now(&self) -> jiff::Timestamp {
        Clock::now(&self.service.clock)
    }

    /// The service looks after its keys, and the key it makes is old enough.
    fn settle(&self) {
        let app = &self.service.app;
        self.service.run(keep_keys(&app.store, &app.sealer, self.now())).expect("keys");
        self.service.clock.advance(SETTLED);
        self.service.run(keep_keys(&app.store, &app.sealer, self.now())).expect("keys");
    }

    fn subject(&self, case: &str) -> testkit::Response {
        self.manager.get(&format!("/api/v1/cases/{case}/subject"))
    }

    fn subject_id(&self, case: &str) -> SubjectId {
        let id = domain::ids::CaseId(case.parse().expect("an id"));
        let read = move |tx: &mut store::Tx<'_>| Ok::<_, store::Error>(tx.case(id)?.subject);
        self.service
            .run(self.service.app.store.read(self.tenant, read))
            .expect("reads")
            .expect("one")
    }

    fn leave(&self) -> String {
        let told = json!({"kind": "klagomal", "unit": "gran", "law": ["SOL"], "description": "Larmet svarade inte.",
            "opinion": {"sender": {"kind": "NAR", "name": "Vera Sjögren", "email": "vera@example.se",
                "phone": "070-123 45 67", "address": "Storgatan 1", "reach": "letter",
                "speaks_as": "narstaende", "speaks_for": "Elsa"}}});
        let made = self.manager.post("/api/v1/cases", told).expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    }
}

#[test]
fn keys_rotate_under_load_and_nothing_fails() {
    on_each_database(|database| {
        let town = Town::new(database);
        let store = &town.service.app.store;
        // From before the tenant had a key.
        let before: Vec<String> =
            (0..12).map(|number| town.file(&format!("Föll {number}"))).collect();
        town.leave();
        town.settle();
        let after: Vec<String> =
            (0..5).map(|number| town.file(&format!("Gled {number}"))).collect();
        let counted = town.service.run(count_keys(store)).expect("counts");
        assert_eq!(counted.records["subjects"][&1], 12);
        assert_eq!(counted.records["subjects"][&-1], 5);
        assert_eq!(counted.tenant_keys[&1], 1);

        let (asked, failed) = (AtomicU32::new(0), AtomicU32::new(0));
        let done = AtomicBool::new(false);
        let another = town.other_keys();
        let turns = std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut number = 0;
                    while !done.load(Ordering::SeqCst) {
                        let body = json!({"kind": "avvikelse", "unit": "gran", "description": "Föll",
                            "category": "HSL.FAL", "law": ["HSL"], "subject": {"personal_id": PERSON}});
                        let made = town.anna.post("/api/v1/cases", body);
                        let mut statuses = vec![made.status];
                        if made.status == 201 {
                            let case: Value = made.json();
                            statuses.push(town.subject(case["id"].as_str().expect("an id")).status);
                        }
                        statuses.push(town.subject(&before[number % before.len()]).status);
                        statuses.push(town.subject(&after[number % after.len()]).status);
                        let bad = statuses.iter().filter(|status| !matches!(**status, 200 | 201)).count();
                        asked.fetch_add(u32::try_from(statuses.len()).expect("few"), Ordering::SeqCst);
                        failed.fetch_add(u32::try_from(bad).expect("few"), Ordering::SeqCst);
                        number += 1;
                    }
                });
            }
            let turned = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                // The command: a new master key, a new key for each tenant, and it is killed now and then.
                assert_eq!(add_master(&KeyFile(town.key_file())).expect("a key"), 2);
                let mut turns = 0;
                for patience in [1, 3, 5, 10, 20, 60_000] {
                    turns += 1;
                    let sealer = town.other_keys();
                    let (another, town) = (&another, &town);
                    let wait = |time: SignedDuration| async move {
                        // As every instance does within that time.
                        let app = &town.service.app;
                        for sealer in [another, &app.sealer] {
                            keep_keys(&app.store, sealer, town.now()).await.expect("keys");
                        }
                        town.service.clock.advance(time);
                    };
                    let rotating = rotate(store, &sealer, || town.now(), turns == 1, wait);
                    let runtime =
                        tokio::runtime::Builder::new_current_thread().enable_all().build();
                    let ended = runtime.expect("a runtime").block_on(async {
                        tokio::time::timeout(Duration::from_millis(patience), rotating).await
                    });
                    if let Ok(rotated) = ended {
                        assert_eq!(rotated.expect("rotates").unopened, 0);
                        break;
                    }
                }
                std::thread::sleep(Duration::from_millis(300));
                turns
            }));
            done.store(true, Ordering::SeqCst);
            turned.expect("turns")
        });
        let asked = asked.into_inner();
        eprintln!("{turns} runs of the rotation, {asked} requests, {failed:?} failed");
        assert_eq!(failed.into_inner(), 0);
        assert!(asked > 10, "{asked}");
        assert!(turns > 1, "it was killed at least once");

        // What the load sealed directly, or below an older key, comes along with one more run.
        town.settle();
        let sealer = town.other_keys();
        let wait = |_: SignedDuration| std::future::ready(());
        town.service.run(rotate(store, &sealer, || town.now(), false, wait)).expect("rotates");
        let counted = town.service.run(count_keys(store)).expect("counts");
        assert_eq!(counted.under_master(1), 0, "{counted:?}");
        assert!(!counted.unfinished(2));
        assert!(drop_master(&KeyFile(town.key_file()), 2).is_err(), "it is the current one");
        drop_master(&KeyFile(town.key_file()), 1).expect("drops");
        let only = town.other_keys();
        assert_eq!(only.master_version(), 2);
        for case in before.iter().chain(&after) {
            town.subject(case).expect(200);
            let id = town.subject_id(case);
            let read = move |tx: &mut store::Tx<'_>| tx.subject(id);
            let kept = town.service.run(store.read(town.tenant, read)).expect("a subject");
            assert!(kept.sealed.key_version < 0, "{}", kept.sealed.key_version);
            only.open(town.tenant, "subjects", &id.to_string(), &kept.sealed).expect("opens");
            another.open(town.tenant, "subjects", &id.to_string(), &kept.sealed).expect("opens");
        }
    });
}

/// The files of a directory that hold any of these words.
fn holding(dir: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(dir).expect("a directory").flatten() {
        if file.path().is_dir() {
            found.extend(holding(&file.path(), words));
            continue;
        }
        let bytes = std::fs::read(file.path()).expect("a file");
        for word in words {
            if bytes.windows(word.len()).any(|part| part == word.as_bytes()) {
                found.push(format!("{word} in {}", file.path().display()));
            }
        }
    }
    found
}

/// Nobody but the keys tells who it is.
const CANARIES: [&str; 7] =
    ["640823", "6408233234", "Vera Sj", "vera@example.se", "Storgatan 1", "070-123 45 67", "Elsa"];

#[test]
fn who_is_sealed_is_nowhere_in_the_clear() {
    on_each_database(|database| {
        let postgres = matches!(database, Database::Postgres { .. });
        let town = Town::new(database);
        let case = town.file("Föll på vägen till badrummet");
        town.leave();
        town.settle();
        town.file("Föll igen");
        town.leave();
        town.subject(&case).expect(200);
        let dir = town.service.dir();
        if postgres {
            let dump = Command::new("pg_dump")
                .args(["--inserts", &town.service.database_url()])
                .output()
                .expect("pg_dump");
            assert!(dump.status.success());
            std::fs::write(dir.join("dump.sql"), dump.stdout).expect("writes");
        } else {
            let (copy, keys) = (dir.join("copy.db"), dir.join("copy.db.keys"));
            town.service.run(town.service.app.store.backup_apart(&copy, &keys)).expect("a copy");
            assert!(dir.join("avvikelse.db-wal").exists());
        }
        // What is looked for can be found: the text of a case is in the clear.
        assert!(!holding(dir, &["badrummet"]).is_empty());
        assert_eq!(holding(dir, &CANARIES), Vec::<String>::new());
    });
}

#[test]
fn who_is_erased_is_erased_in_backups_too() {
    on_each_database(|database| {
        if matches!(database, Database::Postgres { .. }) {
            return erased_in_a_dump(&Town::new(database));
        }
        let town = Town::new(database);
        let (gone, stays) = (town.file("Föll"), town.file("Gled"));
        town.settle();
        let later = town.file("Snubblade");
        let ids = [&gone, &stays, &later].map(|case| town.subject_id(case));
        let dir = town.service.dir().to_owned();
        let store = &town.service.app.store;
        let (copy, keys) = (dir.join("a.db"), dir.join("a.db.keys"));
        let (_, taken) = town.service.run(store.backup_apart(&copy, &keys)).expect("a backup");
        assert_eq!(taken.records, 3);
        // Not a byte of a record's key is in it.
        for id in ids {
            let read = move |tx: &mut store::Tx<'_>| tx.subject(id);
            let kept = town.service.run(store.read(town.tenant, read)).expect("a subject");
            let bytes = std::fs::read(&copy).expect("the copy");
            let key = &kept.sealed.wrapped_key;
            assert!(!bytes.windows(key.len()).any(|part| part == key), "the key is in the backup");
        }

        let id = ids[0].0;
        let erase = move |tx: &mut store::Tx<'_>| tx.erase_record_key(Keyed::Subject, id);
        town.service.run(store.write(town.tenant, erase)).expect("erases");
        town.subject(&gone).expect(404);
        town.subject(&stays).expect(200);
        let today = dir.join("today.keys");
        let taken = town.service.run(store.write_record_keys(&today)).expect("keys");
        assert_eq!(taken.records, 2);

        let opened = |name: &str, keys: &Path| {
            let path = dir.join(name);
            store::restore_file(&copy, &path).expect("restores");
            let url = format!("sqlite:{}", path.display()).parse().expect("a URL");
            let restored = Store::open(Config::new(url)).expect("opens");
            town.service.run(restored.put_record_keys(keys, &|_, _| false)).expect("puts back");
            let sealer = Sealer::from_file(&town.key_file(), false).expect("keys");
            town.service.run(learn_all(&restored, &sealer, town.now())).expect("learns");
            ids.map(|id| {
                let read = move |tx: &mut store::Tx<'_>| tx.subject(id);
                let kept = town.service.run(restored.read(town.tenant, read)).expect("a subject");
                sealer.open(town.tenant, "subjects", &id.to_string(), &kept.sealed)
            })
        };
        // The whole old backup with the keys of today: who was erased stays so.
        let [one, two, three] = opened("restored.db", &today);
        assert!(matches!(one, Err(SealError::Erased)));
        assert!(two.is_ok() && three.is_ok());
        // What the old keys would do, and why only the newest are kept.
        assert!(opened("with-old-keys.db", &keys).iter().all(Result::is_ok));
    });
}

#[test]
fn keys_put_back_leave_what_opens_and_a_broken_file_puts_nothing() {
    on_each_database(|database| {
        let town = Town::new(database);
        let store = &town.service.app.store;
        town.settle();
        let case = town.file("Föll");
        let id = town.subject_id(&case);
        let file = town.service.dir().join("before.keys");
        town.service.run(store.write_record_keys(&file)).expect("keys");

        add_master(&KeyFile(town.key_file())).expect("a key");
        let sealer = town.other_keys();
        let wait = |_: SignedDuration| std::future::ready(());
        town.service.run(rotate(store, &sealer, || town.now(), false, wait)).expect("rotates");
        drop_master(&KeyFile(town.key_file()), 1).expect("drops");

        let sealer = town.other_keys();
        let opens = |tenant: TenantId, key: &TenantKey| sealer.opens_tenant_key(tenant, key);
        let put = town.service.run(store.put_record_keys(&file, &opens)).expect("puts back");
        assert_eq!((put.tenants, put.records), (0, 1));
        let opened = || {
            let read = move |tx: &mut store::Tx<'_>| tx.subject(id);
            let kept = town.service.run(store.read(town.tenant, read)).expect("a subject");
            town.other_keys().open(town.tenant, "subjects", &id.to_string(), &kept.sealed)
        };
        opened().expect("the key of the tenant is under the master key of now");

        // Cut short, or with a line too few: the key that is erased meanwhile does not come back.
        let erase = move |tx: &mut store::Tx<'_>| tx.erase_record_key(Keyed::Subject, id.0);
        town.service.run(store.write(town.tenant, erase)).expect("erases");
        let text = std::fs::read_to_string(&file).expect("the file");
        let lines: Vec<&str> = text.lines().collect();
        for broken in [&lines[..lines.len() - 1], &lines[1..]] {
            std::fs::write(&file, broken.join("\n")).expect("writes");
            town.service.run(store.put_record_keys(&file, &opens)).expect_err("not whole");
            assert!(matches!(opened(), Err(SealError::Erased)));
        }
    });
}

/// PostgreSQL: the same by `pg_dump` without the data of the table of keys.
fn erased_in_a_dump(town: &Town) {
    let (gone, stays) = (town.file("Föll"), town.file("Gled"));
    let read_key = |case: &str| {
        let id = town.subject_id(case);
        let read = move |tx: &mut store::Tx<'_>| tx.subject(id);
        let store = &town.service.app.store;
        town.service.run(store.read(town.tenant, read)).expect("a subject").sealed.wrapped_key
    };
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let keys = [&gone, &stays].map(|case| hex(read_key(case)));
    let dump = |more: &[&str]| {
        let url = town.service.database_url();
        let done = Command::new("pg_dump").args(more).arg(&url).output().expect("pg_dump");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("text")
    };
    assert!(keys.iter().all(|key| dump(&[]).contains(key)), "a whole dump has them");
    let without = dump(&["--exclude-table-data=record_keys"]);
    assert!(keys.iter().all(|key| !without.contains(key)), "one as the guide says has not");
    let id = town.subject_id(&gone).0;
    let erase = move |tx: &mut store::Tx<'_>| tx.erase_record_key(Keyed::Subject, id);
    town.service.run(town.service.app.store.write(town.tenant, erase)).expect("erases");
    town.subject(&gone).expect(404);
    let today = town.service.dir().join(format!("{}.keys", Uuid::now_v7()));
    let taken = town.service.run(town.service.app.store.write_record_keys(&today)).expect("keys");
    assert_eq!(taken.records, 1);
    let kept = std::fs::read_to_string(&today).expect("keys");
    assert!(!kept.contains(&keys[0]) && kept.contains(&keys[1]));
}
