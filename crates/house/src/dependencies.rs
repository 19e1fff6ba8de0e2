//! Who may depend on whom, read off `cargo tree`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// One package of the workspace and what it depends on, apart from its tests.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name in `Cargo.toml`; the crate in `crates/server` is called `avvikelse`.
    pub name: String,
    /// Named in its own `Cargo.toml`.
    pub direct: BTreeSet<String>,
    /// Everything that comes along, at any depth.
    pub all: BTreeSet<String>,
}

/// How deep a rule looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What the package itself names.
    Direct,
    /// What comes along by any way.
    Any,
}

/// One package must not know the others. A name that ends in `*` stands for every name so begun.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The package that must not know.
    pub package: &'static str,
    /// How deep the rule looks.
    pub depth: Depth,
    /// What it must not know.
    pub forbidden: &'static [&'static str],
}

const fn rule(package: &'static str, depth: Depth, forbidden: &'static [&'static str]) -> Rule {
    Rule { package, depth, forbidden }
}

/// Arrows point down only: server, api, app, then store, wire, mailer, report and auth, then domain.
/// A package that does not exist yet has nothing to break.
pub const RULES: &[Rule] = &[
    rule("domain", Depth::Any, &["actix*", "diesel*", "tokio*"]),
    rule(
        "domain",
        Depth::Any,
        &["store", "wire", "auth", "mailer", "report", "files", "app", "api"],
    ),
    rule("wire", Depth::Any, &["actix*", "diesel*", "tokio*"]),
    rule("wire", Depth::Any, &["store", "auth", "mailer", "report", "files", "app", "api"]),
    rule("report", Depth::Any, &["actix*", "diesel*", "store", "wire", "app", "api"]),
    rule("files", Depth::Any, &["actix*", "diesel*", "store", "wire", "app", "api"]),
    rule("mailer", Depth::Any, &["actix*", "diesel*", "store", "wire", "app", "api"]),
    rule("exchange", Depth::Any, &["actix*", "diesel*", "store", "wire", "app", "api"]),
    rule("pages", Depth::Any, &["actix*", "diesel*", "store", "app", "api"]),
    rule("auth", Depth::Any, &["actix*", "diesel*", "store", "app", "api"]),
    rule("store", Depth::Any, &["actix*", "app", "wire", "api"]),
    // Through store everything above it is built with Diesel; what counts is who names it.
    rule("app", Depth::Any, &["actix*", "wire", "api"]),
    rule("app", Depth::Direct, SQL),
    rule("api", Depth::Direct, SQL),
    rule("avvikelse", Depth::Direct, SQL),
    // It measures the program from outside, beside databases it speaks to by itself.
    rule("bench", Depth::Any, &["actix*", "diesel*", "domain", "store", "wire", "auth", "mailer"]),
    rule("bench", Depth::Any, &["report", "app", "api"]),
];

/// The crates that speak to a database; only `store` names them.
const SQL: &[&str] = &["diesel*", "r2d2*", "pq-sys", "libsqlite3-sys", "rusqlite", "sqlx*"];

/// Only tests may depend on these; `TESTS` are the packages that are nothing but tests.
const FOR_TESTS: &[&str] = &["avvikelse", "testkit"];
const TESTS: &[&str] = &["testkit", "avvikelse-tests"];

/// Every package of the workspace at `root`, as cargo resolves it for this machine.
pub fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let crates = std::fs::read_dir(root.join("crates"))
        .map_err(|error| format!("{}: {error}", root.join("crates").display()))?;
    let mut manifests: Vec<_> = crates.flatten().map(|entry| entry.path()).collect();
    manifests.push(root.join("tests"));
    manifests.sort();
    manifests
        .iter()
        .map(|folder| folder.join("Cargo.toml"))
        .filter(|manifest| manifest.is_file())
        .map(|manifest| {
            let (name, direct) = tree(&manifest, Some(1))?;
            let (_, all) = tree(&manifest, None)?;
            Ok(Package { name, direct, all })
        })
        .collect()
}

/// The package of one manifest and the names below it.
fn tree(manifest: &Path, depth: Option<u8>) -> Result<(String, BTreeSet<String>), String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Everything needed is on the machine, for these tests have just been built with it.
    command.args(["tree", "--offline", "--locked", "--edges", "normal,build"]);
    command.args(["--prefix", "none", "--format", "{p}", "--manifest-path"]).arg(manifest);
    if let Some(depth) = depth {
        command.args(["--depth", &depth.to_string()]);
    }
    let output = command.output().map_err(|error| format!("cargo tree: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo tree for {}: {}", manifest.display(), reason.trim()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut names =
        text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    let name = names.next().ok_or_else(|| format!("{} has no package", manifest.display()))?;
    let below = names.filter(|below| *below != name).collect();
    Ok((name, below))
}

/// Every dependency that points the wrong way.
pub fn faults(packages: &[Package]) -> Vec<String> {
    let mut faults = Vec::new();
    for package in packages {
        for rule in RULES.iter().filter(|rule| rule.package == package.name) {
            let (known, how) = match rule.depth {
                Depth::Direct => (&package.direct, "names"),
                Depth::Any => (&package.all, "knows"),
            };
            for name in known.iter().filter(|name| rule.forbidden.iter().any(|f| matches(f, name)))
            {
                faults.push(format!(
                    "{} {how} {name}{}",
                    package.name,
                    way(packages, package, name)
                ));
            }
        }
        if !TESTS.contains(&package.name.as_str()) {
            for name in package.direct.iter().filter(|name| FOR_TESTS.contains(&name.as_str())) {
                faults.push(format!(
                    "{} depends on {name}; only tests may (under [dev-dependencies])",
                    package.name
                ));
            }
        }
    }
    faults
}

/// Which of our own packages brings `name` along, when it is not named directly.
fn way(packages: &[Package], package: &Package, name: &str) -> String {
    if package.direct.contains(name) {
        return ", in its own Cargo.toml".to_owned();
    }
    let ours = packages
        .iter()
        .filter(|other| package.direct.contains(&other.name) && other.all.contains(name))
        .map(|other| other.name.as_str())
        .collect::<Vec<_>>();
    if ours.is_empty() {
        format!(" (see: cargo tree -p {} -e normal,build -i {name})", package.name)
    } else {
        format!(" through {}", ours.join(" and "))
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}
