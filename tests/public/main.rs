//! What people outside do, and what must not come of it: guessing codes, and traces of who was there.
//! `AVVIKELSE_LONG=1` runs the long forms.

mod guessing;
#[allow(dead_code, reason = "shared with the tests of durability, each of which uses its part")]
#[path = "../durability/http.rs"]
mod http;
mod planted;
#[allow(dead_code, reason = "shared with the tests of durability, each of which uses its part")]
#[path = "../durability/program.rs"]
mod program;
mod visitor;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Waits until something holds.
#[track_caller]
fn wait_until(what: &str, within: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
    begun.elapsed()
}

/// An anonymous klagomål.
fn complaint() -> Value {
    json!({"kind": "klagomal", "text": "Hon fick vänta i två timmar.", "unit": "gran", "anonymous": true})
}
