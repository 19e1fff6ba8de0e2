//! The binary `avvikelse`.

use std::process::ExitCode;

fn main() -> ExitCode {
    avvikelse::main()
}
