//! Writes the description of the contract as the routes have it: `just openapi`. It is no part of the
//! service, which serves what was written down.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = api::document().to_pretty_json()?;
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}
