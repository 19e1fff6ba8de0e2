//! The binary `avvikelse`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// A filing makes and drops some thousand small things on five threads: docs/adr tells what was measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    avvikelse::main()
}
