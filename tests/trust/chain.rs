//! The chain goes on whatever happens, and raises no false alarm.

use std::time::{Duration, Instant};

use app::Clock;
use app::chain::{Chaining, FaultKind, SignedHead, verify};
use domain::ids::{CaseId, EntryId};
use domain::organisation::Role;
use jiff::SignedDuration;
use serde_json::json;
use store::{Additions, AuditEntry, Log};
use testkit::{Service, on_each_database};
use uuid::Uuid;

use crate::past::Past;
use crate::town::Town;

fn entry(town: &Town, id: Uuid, action: &str, case: Uuid) -> AuditEntry {
    AuditEntry {
        id: EntryId(id),
        at: Clock::now(&town.service.clock),
        by: None,
        action: action.to_owned(),
        object_kind: "case",
        object: case,
        details: json!({"decision": "D 2026/1", "erased": ["history", "subject"]}),
        request: Uuid::now_v7(),
    }
}

#[test]
fn everything_is_linked_once_and_what_changes_say_is_committed_to() {
    on_each_database(|database| {
        let town = Town::new(database);
        let cases = ["Föll", "Gled", "Snubblade"].map(|words| town.file(words));
        cases.iter().for_each(|case| town.handle(case));
        let waiting = town.is_whole(&[]).unlinked;
        assert!(waiting.entries > 20, "{waiting:?}");
        assert_eq!(town.link(1), waiting.entries.unsigned_abs());
        assert_eq!(town.link(1), 0, "everything has its link");
        let verdict = town.is_whole(&[town.head()]);
        assert_eq!(verdict.links, waiting.entries.unsigned_abs());
        assert_eq!(verdict.unlinked.entries, 0);
        // Filed, triaged, moved, corrected.
        assert_eq!(verdict.committed, 12);
        assert_eq!(verdict.erased, 0);
        // Filed, answered and closed in one request: three history entries behind one audit entry.
        let solved = json!({
            "kind": "klagomal", "unit": "gran", "law": ["SOL"], "description": "Larmet svarade inte.", "channel": "MUN",
            "opinion": {
                "sender": {"kind": "NAR", "name": "Vera Sjögren", "reach": "letter", "address": "Storgatan 1",
                    "speaks_as": "narstaende", "speaks_for": "Elsa"},
                "taken_down": {"said_at": "2026-03-10T10:30:00Z"},
                "solved": {
                    "answer": {"channel": "oral", "told_to": "dottern", "told_at": "2026-03-10T10:40:00Z",
                        "said": "Vi beklagar.", "explanation": "Larmet gick fel.", "no_measures": true,
                        "secrecy_ground": "Elsa satt med.", "avvikelse": false, "lex_sarah": "no"},
                    "outcome": "UTF.DIR", "summary": "Löst vid besöket.", "category": "K.OMV",
                },
            },
        });
        let made = town.manager.post("/api/v1/cases", solved).expect(201).json();
        assert_eq!(made["version"], 3);
        assert!(town.link(1) >= 1);
        assert_eq!(town.is_whole(&[]).committed, 15);
    });
}

#[test]
fn a_head_is_shown_to_whom_it_is_for_and_signed() {
    on_each_database(|database| {
        let town = Town::new(database);
        town.file("Föll");
        town.link(1);
        let of = ("provby", town.tenant);
        let admin = town.service.holder(of, "admin", Role::Admin, &[], &[]);
        let shown = admin.get("/api/v1/chain/head").expect(200);
        town.manager.get("/api/v1/chain/head").expect(403);
        let sealer = &town.service.app.sealer;
        let heads = SignedHead::read_all(&shown.text, sealer).expect("our own");
        assert_eq!(heads, [town.head()]);
        assert!(heads[0].sequence > 0);
        town.is_whole(&heads);
        let forged = shown.text.replace("\"sequence\":", "\"sequence\":1");
        assert!(SignedHead::read_all(&forged, sealer).is_err());
        assert!(SignedHead::read_all("{}", sealer).is_err());
    });
}

#[test]
fn what_is_lawfully_erased_is_no_fault_and_what_is_not_is_one() {
    on_each_database(|database| {
        let town = Town::new(database);
        let [one, two] = ["Föll", "Gled"].map(|words| town.file(words));
        [&one, &two].into_iter().for_each(|case| town.handle(case));
        town.link(1);
        let heads = [town.head()];
        let mut past = Past::open(&town.service.database_url());
        let gone = |case: &str| -> Uuid { case.parse().expect("an id") };
        let erase = |past: &Past, case: &str| {
            let id = past.id(gone(case));
            format!("DELETE FROM case_history WHERE case_id = {id}")
        };
        // Erased, with the entry that says so; before that entry is linked, and after.
        let mut rows = Additions::to(town.tenant);
        rows.audit(&entry(&town, Uuid::now_v7(), "case.erase", gone(&one)));
        town.service.run(town.service.app.store.add(rows)).expect("an entry");
        past.run(&erase(&past, &one));
        assert_eq!(town.is_whole(&heads).erased, 4);
        town.link(1);
        let verdict = town.is_whole(&heads);
        assert_eq!((verdict.erased, verdict.committed), (4, 4));
        // Erased without.
        past.run(&erase(&past, &two));
        let verdict = town.verify(&heads);
        assert_eq!(verdict.faulty, 4, "{:#?}", verdict.faults);
        let missing = |fault: &app::chain::ChainFault| {
            fault.kind == FaultKind::HistoryMissing
                && fault.history.map(|it| it.0) == Some(CaseId(gone(&two)))
        };
        assert!(verdict.faults.iter().all(missing), "{:#?}", verdict.faults);
    });
}

/// An id that was made so many seconds ago.
fn made_ago(seconds: u64) -> Uuid {
    let now = Uuid::now_v7();
    let at = now.get_timestamp().expect("a time").to_unix().0 - seconds;
    let (_, low) = now.as_u64_pair();
    Uuid::from_u64_pair((at * 1000) << 16 | 0x7000, low)
}

#[test]
fn a_transaction_that_commits_late_is_not_left_out() {
    on_each_database(|database| {
        let town = Town::new(database);
        town.file("Föll");
        let mut chaining = Chaining::default();
        let mut turn =
            || town.service.run(chaining.turn(&town.service.app)).expect("a turn").linked;
        turn();
        // Begun before what is linked next, and committed after.
        for (seconds, turns) in [(5, 1), (110, 1), (600, 15), (3000, 15)] {
            let late = entry(&town, made_ago(seconds), "case.late", Uuid::now_v7());
            town.file("Gled");
            turn();
            let mut rows = Additions::to(town.tenant);
            rows.audit(&late);
            town.service.run(town.service.app.store.add(rows)).expect("an entry");
            assert!((0..turns).map(|_| turn()).sum::<u64>() >= 1, "{seconds} s late");
            assert_eq!(town.is_whole(&[]).unlinked.entries, 0);
        }
    });
}

#[test]
fn instances_that_race_make_one_chain() {
    on_each_database(|database| {
        let town = Town::new(database);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..120 {
                    town.file(&format!("Föll {number}"));
                }
            });
            let linking = |_| {
                scope.spawn(|| {
                    let runtime =
                        tokio::runtime::Builder::new_current_thread().enable_all().build();
                    let runtime = runtime.expect("a runtime");
                    let (mut chaining, mut turns) = (Chaining::default(), 0);
                    while begun.elapsed() < Duration::from_secs(8) {
                        runtime.block_on(chaining.turn(&town.service.app)).expect("a turn");
                        // Whoever holds the lease may die at any time: it runs out. Not so often that
                        // a token would, too.
                        turns += 1;
                        if turns % 3 == 0 && turns < 300 {
                            town.service.clock.advance(SignedDuration::from_secs(6));
                            chaining = Chaining::default();
                        }
                    }
                })
            };
            (0..3).for_each(|number| {
                linking(number);
            });
        });
        town.service.clock.advance(SignedDuration::from_secs(6));
        town.link(1);
        let verdict = town.is_whole(&[town.head()]);
        assert_eq!(verdict.unlinked.entries, 0);
        assert!(verdict.links >= 120, "{}", verdict.links);
    });
}

#[test]
fn entries_of_a_running_service_wait_ten_seconds_at_most() {
    on_each_database(|database| {
        let now = "2026-03-10T11:00:00Z".parse().expect("a time");
        let town = Town::of(Service::start_with(database, now, |_| ()));
        town.file("Föll");
        let begun = Instant::now();
        while town.is_whole(&[]).unlinked.entries > 0 {
            assert!(begun.elapsed() < Duration::from_secs(10), "not linked");
            std::thread::sleep(Duration::from_millis(100));
        }
        let text = town.service.operator().get("/metrics").expect(200).text;
        assert!(text.contains("avvikelse_unchained_entries{tenant=\"provby\"}"), "{text}");
    });
}

/// Figures, for whoever asks: how fast entries are linked and verified, and what a filing notices of it.
#[test]
fn a_backlog_is_linked_in_batches_while_filings_go_on() {
    on_each_database(|database| {
        let town = Town::new(database);
        let backlog: u32 =
            if std::env::var_os("AVVIKELSE_LONG").is_some() { 50_000 } else { 2_000 };
        let app = &town.service.app;
        let mut made = 0;
        while made < backlog {
            let mut work = Vec::new();
            for _ in 0..100 {
                work.push(entry(&town, Uuid::now_v7(), "case.read", Uuid::now_v7()));
            }
            made += 100;
            let add = move |tx: &mut store::Tx<'_>| {
                work.iter().try_for_each(|one| tx.add_rows(|rows| rows.audit(one)))
            };
            town.service.run(app.store.write(town.tenant, add)).expect("entries");
        }
        let filed = std::sync::atomic::AtomicU32::new(0);
        let slowest = std::sync::Mutex::new(Duration::ZERO);
        let done = std::sync::atomic::AtomicBool::new(false);
        // The service's own job may have looked once, as it does at its start.
        town.service.clock.advance(SignedDuration::from_secs(6));
        let took = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::SeqCst) {
                    let begun = Instant::now();
                    town.file("Föll");
                    let mut slowest = slowest.lock().expect("a time");
                    *slowest = (*slowest).max(begun.elapsed());
                    filed.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            });
            let begun = Instant::now();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let linked = runtime
                .expect("a runtime")
                .block_on(Chaining::default().turn(app))
                .expect("a turn")
                .linked;
            let took = begun.elapsed();
            done.store(true, std::sync::atomic::Ordering::SeqCst);
            (linked, took)
        });
        // A filing waits for a batch at most, not for the chain to be done.
        let slowest = slowest.into_inner().expect("a time");
        let filed = filed.into_inner();
        assert!(slowest < Duration::from_secs(5), "a filing took {slowest:?}");
        // The service's own job may have been first, and left nothing to wait for.
        if took.0 >= u64::from(backlog) {
            assert!(filed >= 5, "{filed} filings while {} were linked in {:?}", took.0, took.1);
        }
        let begun = Instant::now();
        town.link(1);
        let verdict =
            town.service.run(verify(&app.store, town.tenant, &[], app.now())).expect("a verdict");
        assert_eq!(verdict.faulty, 0);
        assert!(verdict.links >= u64::from(backlog), "{} of {backlog}", verdict.links);
        eprintln!(
            "{} linked in {:?}, meanwhile {filed} filings, the slowest {slowest:?}; {} verified in {:?}",
            took.0,
            took.1,
            verdict.links,
            begun.elapsed()
        );
    });
}

#[test]
fn a_log_lists_what_it_lacks_a_stretch_at_a_time() {
    on_each_database(|database| {
        let town = Town::new(database);
        let mut ids: Vec<EntryId> = Vec::new();
        let mut rows = Additions::to(town.tenant);
        for _ in 0..10 {
            let one = entry(&town, Uuid::now_v7(), "case.read", Uuid::now_v7());
            rows.audit(&one);
            ids.push(one.id);
        }
        let store = &town.service.app.store;
        town.service.run(store.add(rows)).expect("entries");
        let before = EntryId(Uuid::from_u128(ids[0].0.as_u128() - 1));
        let read = move |tx: &mut store::Tx<'_>| {
            let far = tx.entry_far_on(Log::Audit, Some(before), 4)?;
            let some = tx.unlinked(Log::Audit, Some(before), far, 100)?;
            let none = tx.entry_far_on(Log::Audit, Some(before), 11)?;
            Ok::<_, store::Error>((far, some, none))
        };
        let (far, some, none) = town.service.run(store.read(town.tenant, read)).expect("reads");
        assert_eq!((far, none), (Some(ids[3]), None));
        assert_eq!(some.iter().map(|it| it.id).collect::<Vec<_>>(), ids[..4]);
    });
}
