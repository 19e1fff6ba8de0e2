//! Do two instances on one PostgreSQL go on as one while each is killed and replaced in turn?

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use auth::LOCAL_ISSUER;
use domain::ids::CaseId;
use testkit::{Database, on_each_database};

use crate::books::read;
use crate::http::{Answer, Connection, Lost};
use crate::load::{Filing, Ledger};
use crate::program::{Home, Served};
use crate::server::Server;
use crate::town::{PEOPLE, Town};
use crate::{between, times, unique};

/// How many file at once, while somebody calls everybody again and again.
const LANES: usize = 8;
/// How many file at once where the rate counts.
const CROWD: usize = 32;
/// How long anybody tries one thing, with a kill and a start in between.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long they wait before they try again.
const PAUSE: Duration = Duration::from_millis(15);
/// Longer than it takes all mail to leave.
const DELIVERED_WITHIN: Duration = Duration::from_secs(120);

#[test]
fn one_of_two_instances_is_killed_and_replaced_and_nothing_is_lost_or_told_twice() {
    on_each_database(|database| {
        // SQLite is served by one.
        if !matches!(database, Database::Sqlite) {
            killed_and_replaced(database);
        }
    });
}

fn killed_and_replaced(database: Database) {
    let kills = times(4, 20);
    let server = Server::start("accepting");
    let mut town = Town::new(database, &server);
    let anna = town.home.token("anna");
    let first = town.home.serve();
    town.file(&town.manager());
    let other = town.home.beside();
    let mut served = [Some(first), Some(other.serve())];
    let homes = [&town.home, &other];
    let (stopped, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (ledger, calls) = thread::scope(|scope| {
        let lane = |_| scope.spawn(|| file_on_either(homes, &anna, &stopped, &done));
        let lanes: Vec<_> = (0..LANES).map(lane).collect();
        let caller = scope.spawn(|| call_on_either(homes, &town, &stopped));
        for kill in 0..kills {
            thread::sleep(between(200, 800));
            let which = kill % 2;
            served[which].take().expect("it is served").kill();
            // The other one goes on alone.
            goes_on(&done);
            served[which] = Some(homes[which].serve());
            goes_on(&done);
        }
        stopped.store(true, Ordering::Relaxed);
        let mut ledger = Ledger::default();
        for lane in lanes {
            ledger.add(lane.join().expect("a lane comes to its end"));
        }
        (ledger, caller.join().expect("whoever calls comes to an end"))
    });
    assert!(ledger.faults.is_empty(), "{:#?}", ledger.faults);
    assert!(ledger.unknown.is_empty(), "each is answered in the end: {:#?}", ledger.unknown);
    assert!(ledger.lost > 0, "the kills met requests that were under way");
    let acknowledged = ledger.acknowledged.len();
    kept_once(&town.home, &ledger);

    town.wait_for_all(DELIVERED_WITHIN);
    served.into_iter().flatten().for_each(Served::stop);
    let (notices, mails) = (town.notices(), server.times());
    assert_eq!(notices.len(), calls * PEOPLE, "each call is there once");
    assert_eq!(server.ids(), notices, "each notice has come, and nothing else");
    // What a kill met between the server's answer and the mark comes again under the same
    // Message-ID, of which mail servers keep one.
    let again: BTreeMap<_, _> = mails.iter().filter(|(_, times)| **times > 1).collect();
    assert!(again.len() <= kills && again.values().all(|times| **times == 2), "{again:?}");
    eprintln!(
        "{kills} kills, {acknowledged} acknowledged, {} requests without an answer, {} mails, \
         {} under way at a kill and so twice",
        ledger.lost,
        mails.len(),
        again.len()
    );
    let verified = town.home.says(&["verify"]);
    assert!(verified.contains("all is as it was written down"), "{verified}");
}

/// Waits until more is acknowledged, by whichever serves.
fn goes_on(done: &AtomicUsize) {
    let before = done.load(Ordering::Relaxed);
    crate::wait_until("filings are acknowledged", Duration::from_secs(30), || {
        done.load(Ordering::Relaxed) > before + LANES
    });
}

/// A connection to each of two instances.
struct Either {
    connections: [Connection; 2],
    /// Which is asked next.
    next: usize,
    lost: usize,
}

impl Either {
    fn new(homes: [&Home; 2], token: &str) -> Self {
        let connections = homes.map(|home| Connection::new(&home.address, token));
        Self { connections, next: unique() as usize % 2, lost: 0 }
    }

    /// Sends until there is an answer that is not "later", to the one and the other in turn.
    fn send(
        &mut self,
        mut send: impl FnMut(&mut Connection) -> Result<Answer, Lost>,
    ) -> Result<Answer, String> {
        let begun = Instant::now();
        loop {
            self.next = 1 - self.next;
            let why = match send(&mut self.connections[self.next]) {
                Ok(answer) if !answer.is_later() => return Ok(answer),
                Ok(answer) => answer.body,
                Err(lost) => {
                    self.lost += usize::from(lost.sent);
                    lost.error.to_string()
                }
            };
            if begun.elapsed() > PATIENCE {
                return Err(format!("not answered within {PATIENCE:?}: {why}"));
            }
            thread::sleep(PAUSE);
        }
    }
}

/// Files without a pause, each filing again on the other instance with the same key until it is
/// answered.
fn file_on_either(
    homes: [&Home; 2],
    token: &str,
    stopped: &AtomicBool,
    done: &AtomicUsize,
) -> Ledger {
    let (mut either, mut ledger) = (Either::new(homes, token), Ledger::default());
    while !stopped.load(Ordering::Relaxed) {
        let filing = Filing::new();
        match either.send(|connection| filing.send(connection)) {
            Ok(answer) => {
                ledger.enter(&filing, &answer);
                done.fetch_add(1, Ordering::Relaxed);
            }
            Err(why) => {
                ledger.faults.push(why);
                ledger.unknown.push(filing);
            }
        }
    }
    ledger.lost = either.lost;
    ledger
}

/// Calls everybody to a comment again and again, and tells how often.
fn call_on_either(homes: [&Home; 2], town: &Town, stopped: &AtomicBool) -> usize {
    let mut either = Either::new(homes, &town.home.token("chef"));
    let (path, body) = (town.comments(), town.calling());
    let mut calls = 0;
    while !stopped.load(Ordering::Relaxed) {
        let key = format!("Idempotency-Key: rop-{}\r\n", unique());
        let answer = either.send(|connection| connection.post(&path, &key, &body));
        let answer = answer.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        calls += 1;
        thread::sleep(between(20, 100));
    }
    calls
}

/// Each acknowledged filing is there with its answer, none that was refused is, and nothing else is.
fn kept_once(home: &Home, ledger: &Ledger) {
    let (acknowledged, refused) = (ledger.acknowledged.clone(), ledger.refused.clone());
    let filed = i64::try_from(acknowledged.len()).expect("a number");
    let counts = read(home, move |tx| {
        let anna = tx.staff_by_identity(LOCAL_ISSUER, "anna")?.expect("somebody who filed");
        for filing in &acknowledged {
            tx.case(CaseId(filing.id)).unwrap_or_else(|error| panic!("{error}: {filing:?}"));
            let kept = tx.kept_answer(anna.id.0, &filing.key)?.and_then(|kept| kept.case);
            assert_eq!(kept, Some(CaseId(filing.id)), "its answer is kept: {filing:?}");
        }
        for filing in &refused {
            let gone = tx.case(CaseId(filing.id));
            assert!(matches!(gone, Err(store::Error::NotFound)), "refused, and there: {filing:?}");
        }
        tx.record_counts()
    });
    // And the one that everybody is called to.
    assert_eq!((counts.cases, counts.facts), (filed + 1, filed + 1));
}

/// How much two instances take on this machine beside one; with `AVVIKELSE_LONG=1`, since it takes a
/// minute, and judged of a release build alone.
#[test]
fn two_instances_take_as_much_as_one() {
    if std::env::var_os("AVVIKELSE_LONG").is_none() {
        return;
    }
    on_each_database(|database| {
        if matches!(database, Database::Sqlite) {
            return;
        }
        let home = Home::over(|dir| database.url(dir));
        let other = home.beside();
        let token = home.token("anna");
        let served = [home.serve(), other.serve()];
        let (mut alone, mut both) = (0, 0);
        // In turn, so that a mood of the machine meets both.
        filed_within(&[&home, &other], &token, Duration::from_secs(2));
        for _ in 0..5 {
            alone += filed_within(&[&home], &token, Duration::from_secs(3));
            both += filed_within(&[&home, &other], &token, Duration::from_secs(3));
            alone += filed_within(&[&other], &token, Duration::from_secs(3));
            both += filed_within(&[&other, &home], &token, Duration::from_secs(3));
        }
        served.into_iter().for_each(Served::stop);
        eprintln!("in 30 seconds one instance took {alone} filings, two took {both}");
        // The two share processors with each other, the database and the load: there is nothing for a
        // second one to win here, and no rate is the same twice.
        if !cfg!(debug_assertions) {
            assert!(both * 10 >= alone * 9, "two took {both}, one took {alone}");
        }
    });
}

/// How many filings the instances answer within a time.
fn filed_within(homes: &[&Home], token: &str, within: Duration) -> usize {
    let begun = Instant::now();
    thread::scope(|scope| {
        let lane = |lane: usize| {
            let mut connection = Connection::new(&homes[lane % homes.len()].address, token);
            scope.spawn(move || {
                let mut filed = 0;
                while begun.elapsed() < within {
                    let filing = Filing { wrong: false, ..Filing::new() };
                    let answer = filing.send(&mut connection).expect("an answer");
                    assert_eq!(answer.status, 201, "{}", answer.body);
                    filed += 1;
                }
                filed
            })
        };
        let lanes: Vec<_> = (0..CROWD).map(lane).collect();
        lanes.into_iter().map(|lane| lane.join().expect("a count")).sum()
    })
}
