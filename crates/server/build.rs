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
        && packed_is_read()
    {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

fn packed_is_read() -> bool {
    let Ok(said) = Command::new("getconf").arg("GNU_LIBC_VERSION").output() else { return false };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let version = said.trim().strip_prefix("glibc ").and_then(|version| version.split_once('.'));
    let Some((major, minor)) = version else { return false };
    let number = |text: &str| text.split('.').next().and_then(|text| text.parse::<u32>().ok());
    matches!((number(major), number(minor)), (Some(major), Some(minor)) if (major, minor) >= PACKED_SINCE)
}
