//! How the program is linked.

use std::env;
use std::process::Command;

/// The first version of glibc whose loader reads packed relocations.
const PACKED_SINCE: (u32, u32) = (2, 36);

/// A hundred thousand addresses are put right at each start. Packed, they take some kilobytes instead of three
/// megabytes, which a running process would keep in memory. A loader that is older refuses such a program, so
/// it is packed only where it is built for the machine it is built on and that one can read it.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of = |name: &str| env::var(name).unwrap_or_default();
    let native = of("HOST") == of("TARGET") && of("CARGO_CFG_TARGET_ENV") == "gnu";
    if native
        && of("CARGO_CFG_TARGET_OS") == "linux"
        && of("PROFILE") == "release"
        && glibc().is_some_and(|version| version >= PACKED_SINCE)
    {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this machine's glibc; `None` where it does not say.
fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}
