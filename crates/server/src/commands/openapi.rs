//! `avvikelse openapi`: the contract, as it is built in.

use crate::failure::Failure;

/// Prints it.
pub fn run() -> Result<(), Failure> {
    let text = api::document().to_pretty_json();
    println!("{}", text.map_err(|error| Failure::new(error.to_string()))?);
    Ok(())
}
