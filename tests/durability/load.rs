//! People who file, and send again with the same key when no answer came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::{Answer, Connection, Lost};
use crate::program::Address;
use crate::unique;

/// How long somebody tries to file one thing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long they wait before they send again.
const PAUSE: Duration = Duration::from_millis(15);
/// How many file at once.
const LANES: usize = 8;

/// One filing as its author knows it.
#[derive(Clone, Debug)]
pub struct Filing {
    /// The id its author drew.
    pub id: Uuid,
    /// Its Idempotency-Key.
    pub key: String,
    /// Kept as a draft, of which nobody is told.
    pub draft: bool,
    /// Wrong, and sent to a service asked to be strict.
    pub wrong: bool,
}

impl Filing {
    /// Now and then a draft, now and then one that must be refused.
    pub fn new() -> Self {
        let number = unique();
        Self {
            id: Uuid::now_v7(),
            key: format!("nyckel-{number}"),
            draft: number % 7 == 3,
            wrong: number % 11 == 5,
        }
    }

    fn body(&self) -> Value {
        json!({
            "id": self.id, "kind": "avvikelse", "unit": "gran", "draft": self.draft,
            "description": "Gled ner från sängkanten, ingen smärta.",
        })
    }

    /// Sends it.
    pub fn send(&self, connection: &mut Connection) -> Result<Answer, Lost> {
        // There is no such unit, which only a strict service refuses.
        let strict = if self.wrong { "Prefer: handling=strict\r\n" } else { "" };
        let headers = format!("Idempotency-Key: {}\r\n{strict}", self.key);
        connection.file(&headers, &self.body())
    }
}

/// What became of the filings.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Answered with 201.
    pub acknowledged: Vec<Filing>,
    /// Answered with 422.
    pub refused: Vec<Filing>,
    /// Given up without an answer.
    pub unknown: Vec<Filing>,
    /// Answers that should not have been.
    pub faults: Vec<String>,
    /// How often a request that was sent got no answer.
    pub lost: usize,
}

impl Ledger {
    /// Takes in what another lane saw.
    pub fn add(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.refused.extend(other.refused);
        self.unknown.extend(other.unknown);
        self.faults.extend(other.faults);
        self.lost += other.lost;
    }

    /// Writes down what one filing was answered; `None` for "try again".
    pub fn enter(&mut self, filing: &Filing, answer: &Answer) -> Option<()> {
        match answer.status {
            201 if !filing.wrong && answer.json()["id"] == json!(filing.id) => {
                self.acknowledged.push(filing.clone());
            }
            422 if filing.wrong => self.refused.push(filing.clone()),
            _ if answer.is_later() => return None,
            status => {
                let fault = format!("{status}: {}", answer.body);
                // At once, for the test may be waiting for something that will not come now.
                eprintln!("{fault}");
                self.faults.push(fault);
                self.unknown.push(filing.clone());
            }
        }
        Some(())
    }
}

/// What can be watched while they file.
#[derive(Debug, Default)]
pub struct Progress {
    stopped: AtomicBool,
    /// How many were acknowledged.
    pub acknowledged: AtomicUsize,
    /// How many were told to come again.
    pub turned_away: AtomicUsize,
}

/// Some who file without a pause, each on a connection.
pub struct Load {
    /// How it goes.
    pub progress: Arc<Progress>,
    lanes: Vec<JoinHandle<Ledger>>,
}

impl Load {
    /// Begins.
    pub fn start(address: &Address, token: &str) -> Self {
        let progress = Arc::new(Progress::default());
        let lane = |_| {
            let (progress, connection) = (Arc::clone(&progress), Connection::new(address, token));
            std::thread::spawn(move || lane(&progress, connection))
        };
        let lanes = (0..LANES).map(lane).collect();
        Self { progress, lanes }
    }

    /// How many were acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.progress.acknowledged.load(Ordering::Relaxed)
    }

    /// How many were told to come again so far.
    pub fn turned_away(&self) -> usize {
        self.progress.turned_away.load(Ordering::Relaxed)
    }

    /// Lets everybody come to an end with what they file.
    pub fn finish(mut self) -> Ledger {
        self.progress.stopped.store(true, Ordering::Relaxed);
        let mut ledger = Ledger::default();
        for lane in self.lanes.drain(..) {
            ledger.add(lane.join().expect("a lane comes to its end"));
        }
        ledger
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.progress.stopped.store(true, Ordering::Relaxed);
    }
}

fn lane(progress: &Progress, mut connection: Connection) -> Ledger {
    let mut ledger = Ledger::default();
    while !progress.stopped.load(Ordering::Relaxed) {
        let filing = Filing::new();
        // Some never send again: of theirs nobody knows whether it arrived.
        let gives_up = unique().is_multiple_of(4);
        let begun = Instant::now();
        loop {
            let why = match filing.send(&mut connection) {
                Ok(answer) if ledger.enter(&filing, &answer).is_some() => {
                    if answer.status == 201 {
                        progress.acknowledged.fetch_add(1, Ordering::Relaxed);
                    }
                    break;
                }
                Ok(answer) => {
                    progress.turned_away.fetch_add(1, Ordering::Relaxed);
                    answer.body
                }
                Err(lost) => {
                    ledger.lost += usize::from(lost.sent);
                    if gives_up {
                        ledger.unknown.push(filing.clone());
                        break;
                    }
                    lost.error.to_string()
                }
            };
            if begun.elapsed() > PATIENCE {
                ledger.faults.push(format!("not filed within {PATIENCE:?}: {why}"));
                ledger.unknown.push(filing);
                break;
            }
            std::thread::sleep(PAUSE);
        }
    }
    ledger
}
