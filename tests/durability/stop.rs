//! Does a service that is told to stop answer what it was asked before?

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use testkit::on_each_database;

use crate::books::balance;
use crate::http::{Connection, Lost};
use crate::load::{Filing, Ledger};
use crate::program::Home;
use crate::{between, times, wait_until};

/// How many have a request under way when the service is told.
const AT_ONCE: usize = 200;
/// How long it goes on meanwhile. A request that the service has not begun to read when it stops is
/// lost with its connection, so this must be longer than a crowd is in coming to be read.
const DRAIN_SECONDS: u16 = 2;
/// How long the service may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

#[test]
fn a_service_told_to_stop_under_load_answers_what_it_was_asked_and_ends_well() {
    on_each_database(|database| {
        let home = Home::over(|dir| database.url(dir));
        let token = home.token("anna");
        let mut books = Ledger::default();
        for _ in 0..times(5, 25) {
            books.add(stop_once(&home, &token));
        }
        balance(&home, "anna", &books);
    });
}

/// What one of those who file saw.
#[derive(Default)]
struct Seen {
    ledger: Ledger,
    /// When the requests that got no answer had been sent.
    unanswered: Vec<Instant>,
}

fn stop_once(home: &Home, token: &str) -> Ledger {
    let served = home.serve_through(&[], DRAIN_SECONDS);
    let (ready, stopping) = (Barrier::new(AT_ONCE + 1), AtomicBool::new(false));
    let (told, seen) = thread::scope(|scope| {
        let (ready, stopping) = (&ready, &stopping);
        let one = |_| {
            let mut connection = Connection::new(&home.address, token);
            let file = move || {
                // The service has taken the connection when it has answered on it.
                connection.get("/livez").expect("it lives");
                ready.wait();
                file_until(&mut connection, stopping)
            };
            thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, file)
        };
        let those: Vec<_> = (0..AT_ONCE).map(|one_of| one(one_of).expect("a thread")).collect();
        ready.wait();
        thread::sleep(between(20, 300));
        let mut probe = Connection::new(&home.address, token);
        probe.get("/livez").expect("it lives");
        let told = Instant::now();
        served.tell_to_stop();
        stopping.store(true, Ordering::Relaxed);
        // Before it closes a connection, so that nobody sends anything new here.
        wait_until("readiness is red", Duration::from_secs(DRAIN_SECONDS.into()), || {
            probe.get("/readyz").is_ok_and(|answer| answer.status == 503)
        });
        let (status, took) = served.ended(ENDS_WITHIN);
        assert_eq!(status.code(), Some(0), "after {took:?}");
        let seen: Vec<Seen> = those.into_iter().map(|one| one.join().expect("ends")).collect();
        (told, seen)
    });
    let mut books = Ledger::default();
    for Seen { ledger, unanswered } in seen {
        for sent in unanswered {
            let after = sent.checked_duration_since(told);
            assert!(after.is_some(), "sent {:?} before it was told, and not answered", told - sent);
        }
        books.add(ledger);
    }
    assert!(!books.acknowledged.is_empty());
    books
}

/// Files until the service is about to stop, and once after that.
fn file_until(connection: &mut Connection, stopping: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    let mut last = false;
    while !last {
        last = stopping.load(Ordering::Relaxed);
        let filing = Filing::new();
        match filing.send(connection) {
            Ok(answer) => {
                if seen.ledger.enter(&filing, &answer).is_none() {
                    seen.ledger.unknown.push(filing);
                }
            }
            Err(Lost { sent, .. }) => {
                // What was not sent whole, nobody has accepted.
                if sent {
                    seen.unanswered.extend(connection.sent_at);
                    seen.ledger.unknown.push(filing);
                }
                break;
            }
        }
    }
    seen
}
