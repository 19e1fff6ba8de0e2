//! How the program is linked.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// The first version of glibc whose loader reads packed relocations.
const PACKED_SINCE: (u32, u32) = (2, 36);

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    tell_the_allocator();
    let of = |name: &str| env::var(name).unwrap_or_default();
    if of("PROFILE") != "release" || of("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    take_out_symbols();
    if of("HOST") == of("TARGET") && of("CARGO_CFG_TARGET_ENV") == "gnu" {
        pack_relocations();
        put_in_order();
    }
}

/// Links what tells the allocator how long to keep what was freed: an object, for from a library nobody asks
/// for it.
fn tell_the_allocator() {
    let source = "src/allocator.c";
    println!("cargo:rerun-if-changed={source}");
    let include = env::var_os("DEP_MIMALLOC_INCLUDE_DIR").map(PathBuf::from);
    let made = cc::Build::new().file(source).includes(include).compile_intermediates();
    for object in made {
        println!("cargo:rustc-link-arg-bins={}", object.display());
    }
}

/// A third of the file are names that nobody asks for. Cargo would take them out as well, but the names it
/// gives are others when it does, and those in `order/functions.txt` must be found.
fn take_out_symbols() {
    println!("cargo:rerun-if-env-changed=AVVIKELSE_SYMBOLS");
    if env::var_os("AVVIKELSE_SYMBOLS").is_none() {
        println!("cargo:rustc-link-arg-bins=-Wl,--strip-all");
    }
}

/// A hundred thousand addresses are put right at each start. Packed, they take some kilobytes instead of three
/// megabytes, which a running process would keep in memory. A loader that is older refuses such a program, so
/// it is packed only where it is built for the machine it is built on and that one can read it.
fn pack_relocations() {
    if glibc().is_some_and(|version| version >= PACKED_SINCE) {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Puts together what runs. A tenth of the program's functions run at start and for filings, scattered over all of
/// it; the kernel maps what lies around each of them as well, up to two megabytes. Names that are not found
/// (another compiler, another version of something) are passed over: then the process is as large as without.
fn put_in_order() {
    let order = PathBuf::from("order/functions.txt");
    println!("cargo:rerun-if-changed={}", order.display());
    println!("cargo:rerun-if-env-changed=AVVIKELSE_UNORDERED");
    if env::var_os("AVVIKELSE_UNORDERED").is_some() || !links_with_lld() {
        return;
    }
    if let Ok(order) = order.canonicalize() {
        let order = order.display();
        println!("cargo:rustc-link-arg-bins=-Wl,--symbol-ordering-file={order}");
        println!("cargo:rustc-link-arg-bins=-Wl,--no-warn-symbol-ordering");
    }
}

/// Whether the linker is the one that Rust brings along on this target, and nobody chose another.
fn links_with_lld() -> bool {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let chosen = env::var_os("RUSTC_LINKER").is_some() || flags.contains("link");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).args(["--print", "sysroot"]).output();
    let sysroot = said.ok().and_then(|said| String::from_utf8(said.stdout).ok());
    let lld = "lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld/ld.lld";
    let there = sysroot.is_some_and(|root| PathBuf::from(root.trim()).join(lld).exists());
    env::var("TARGET").is_ok_and(|it| it == "x86_64-unknown-linux-gnu") && there && !chosen
}

/// The version of this machine's glibc; `None` where it does not say.
fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}
