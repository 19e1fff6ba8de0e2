//! Writes what the program is made of (CycloneDX 1.5) to stdout: `just sbom`.

use std::process::ExitCode;

use house::{root, sbom};

fn main() -> ExitCode {
    let made = sbom::components(&root()).and_then(|components| {
        let ours = components.iter().find(|component| component.id.0 == "avvikelse");
        let version = ours.map(|component| component.id.1.clone()).ok_or("no avvikelse")?;
        Ok(sbom::document(&version, &components, &sbom::bundled(&components)?))
    });
    match made {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}
