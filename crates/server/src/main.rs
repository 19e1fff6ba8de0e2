//! The binary `avvikelse`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// A filing makes and drops many small things on several threads: docs/adr/0031 tells what was measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    avvikelse::main()
}
