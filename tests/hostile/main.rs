//! Clients that mean harm, databases that do not answer, and writers that race: what is asked in
//! earnest meanwhile is done. `AVVIKELSE_LONG=1` runs the long form.

mod child;
mod crowd;
mod files;
mod headers;
mod locks;
mod oversize;
mod problems;
mod public;
mod race;
mod raw;

use serde_json::{Value, json};

/// The first in the short form, the second in the long one.
fn form<T>(short: T, long: T) -> T {
    if std::env::var_os("AVVIKELSE_LONG").is_some() { long } else { short }
}

/// The least that can be filed.
fn filing() -> Value {
    json!({"kind": "avvikelse", "unit": "gran", "description": "Gled ner från sängkanten."})
}
