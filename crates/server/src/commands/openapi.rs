//! `avvikelse openapi`: the contract, as it is built in.

use std::io::Write as _;

use crate::failure::Failure;

/// Prints it.
pub fn run() -> Result<(), Failure> {
    let printed = std::io::stdout().lock().write_all(api::WRITTEN.as_bytes());
    printed.map_err(|error| Failure::new(format!("standard output: {error}")))
}
