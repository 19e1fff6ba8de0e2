//! What the program is made of, as CycloneDX 1.5: the crates of the lock file that it is built from, with their
//! checksums, and the C libraries that are built along.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate that the program is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its name and version.
    pub id: (String, String),
    /// Under what licence, as an SPDX expression; empty where it does not say.
    pub licence: String,
    /// The checksum of the registry; none of our own crates.
    pub checksum: Option<String>,
    /// What it is built from itself.
    pub below: BTreeSet<(String, String)>,
}

/// A C library inside a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: String,
    /// The SPDX expression of its licence.
    pub licence: &'static str,
    /// The crate that it comes in.
    pub within: (String, String),
}

/// The packages of a lock file, with their checksums.
pub fn locked(text: &str) -> BTreeMap<(String, String), Option<String>> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    text.split("[[package]]")
        .skip(1)
        .filter_map(|block| {
            Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")))
        })
        .collect()
}

/// Reads the tree that cargo resolves for the program on this machine.
///
/// # Errors
/// When cargo does not, or names what is not in the lock file.
pub fn components(root: &Path) -> Result<Vec<Component>, String> {
    let lock =
        std::fs::read_to_string(root.join("Cargo.lock")).map_err(|error| error.to_string())?;
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["tree", "--offline", "--locked", "-p", "avvikelse", "--edges", "normal,build"]);
    command.args(["--prefix", "depth", "--format", "|{p}|{l}"]).current_dir(root);
    let output = command.output().map_err(|error| format!("cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    of_tree(&String::from_utf8_lossy(&output.stdout), &locked(&lock))
}

/// The components of a tree as cargo prints it: depth, package, licence.
fn of_tree(
    tree: &str,
    locked: &BTreeMap<(String, String), Option<String>>,
) -> Result<Vec<Component>, String> {
    let mut found: BTreeMap<(String, String), Component> = BTreeMap::new();
    let mut above: Vec<(String, String)> = Vec::new();
    for line in tree.lines() {
        let mut parts = line.splitn(3, '|');
        let (Some(depth), Some(package), Some(licence)) =
            (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let depth: usize = depth.parse().map_err(|_| format!("no depth: {line}"))?;
        let mut words = package.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            return Err(format!("no package: {line}"));
        };
        let id = (name.to_owned(), version.trim_start_matches('v').to_owned());
        let checksum = locked.get(&id).ok_or_else(|| format!("{name} is not in Cargo.lock"))?;
        above.truncate(depth);
        if let Some(parent) = above.last().and_then(|parent| found.get_mut(parent)) {
            parent.below.insert(id.clone());
        }
        above.push(id.clone());
        // Seen before, it is printed without what is below it.
        let licence = licence.trim_end_matches("(*)").trim().replace('/', " OR ");
        found.entry(id.clone()).or_insert_with(|| Component {
            id,
            licence,
            checksum: checksum.clone(),
            below: BTreeSet::new(),
        });
    }
    Ok(found.into_values().collect())
}

/// The C libraries in those crates, by what their own sources say.
///
/// # Errors
/// When a crate or what it says of its library is not to be found.
pub fn bundled(components: &[Component]) -> Result<Vec<Bundled>, String> {
    let within = |name: &str| {
        let found = components.iter().find(|component| component.id.0 == name);
        found.map(|component| component.id.clone()).ok_or_else(|| format!("{name} is not built"))
    };
    let quoted = |krate: &(String, String), file: &str, define: &str| {
        let path = source(krate)?.join(file);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let line = text.lines().find(|line| line.starts_with(&format!("#define {define} ")));
        let version = line.and_then(|line| line.split('"').nth(1));
        version.map(str::to_owned).ok_or_else(|| format!("{} has no {define}", path.display()))
    };
    let sqlite = within("libsqlite3-sys")?;
    let crypto = within("aws-lc-sys")?;
    let libpq = within("pq-src")?;
    let libpq_version =
        libpq.1.split("+libpq-").nth(1).ok_or("pq-src names no version of libpq")?;
    Ok(vec![
        Bundled {
            name: "sqlite",
            version: quoted(&sqlite, "sqlite3/sqlite3.h", "SQLITE_VERSION")?,
            licence: "blessing",
            within: sqlite,
        },
        Bundled {
            name: "libpq",
            version: libpq_version.to_owned(),
            licence: "PostgreSQL",
            within: libpq.clone(),
        },
        Bundled {
            name: "aws-lc",
            version: quoted(
                &crypto,
                "aws-lc/include/openssl/base.h",
                "AWSLC_VERSION_NUMBER_STRING",
            )?,
            licence: "ISC AND (Apache-2.0 OR ISC)",
            within: crypto,
        },
    ])
}

/// Where cargo has unpacked a crate.
fn source(krate: &(String, String)) -> Result<PathBuf, String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let registries = home.ok_or("there is no CARGO_HOME")?.join("registry/src");
    let folder = format!("{}-{}", krate.0, krate.1);
    let entries = std::fs::read_dir(&registries)
        .map_err(|error| format!("{}: {error}", registries.display()))?;
    let mut found = entries.flatten().map(|entry| entry.path().join(&folder));
    found.find(|path| path.is_dir()).ok_or_else(|| format!("{folder} is not unpacked"))
}

/// The document. It has neither time nor serial number, so that the same lock file gives the same bytes.
pub fn document(version: &str, components: &[Component], bundled: &[Bundled]) -> String {
    let purl = |(name, version): &(String, String)| {
        format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
    };
    let generic = |library: &Bundled| format!("pkg:generic/{}@{}", library.name, library.version);
    let mut text = String::from("{\n");
    let _ = write!(
        text,
        "  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.5\",\n  \"version\": 1,\n  \"metadata\": {{\n    \"component\": \
         {{\"type\": \"application\", \"bom-ref\": {0}, \"name\": \"avvikelse\", \"version\": {1}, \"purl\": {0}}}\n  }},\n",
        quote(&purl(&("avvikelse".to_owned(), version.to_owned()))),
        quote(version)
    );
    let mut lines = Vec::new();
    for component in components.iter().filter(|component| component.id.0 != "avvikelse") {
        let (name, version) = &component.id;
        let reference = quote(&purl(&component.id));
        let mut line = format!(
            "    {{\"type\": \"library\", \"bom-ref\": {reference}, \"name\": {}, \"version\": {}",
            quote(name),
            quote(version)
        );
        if let Some(checksum) = &component.checksum {
            let _ = write!(
                line,
                ", \"hashes\": [{{\"alg\": \"SHA-256\", \"content\": {}}}]",
                quote(checksum)
            );
        }
        if !component.licence.is_empty() {
            let _ =
                write!(line, ", \"licenses\": [{{\"expression\": {}}}]", quote(&component.licence));
        }
        let _ = write!(line, ", \"purl\": {reference}}}");
        lines.push(line);
    }
    for library in bundled {
        lines.push(format!(
            "    {{\"type\": \"library\", \"bom-ref\": {0}, \"name\": {1}, \"version\": {2}, \"licenses\": \
             [{{\"expression\": {3}}}], \"purl\": {0}}}",
            quote(&generic(library)),
            quote(library.name),
            quote(&library.version),
            quote(library.licence)
        ));
    }
    let _ = write!(text, "  \"components\": [\n{}\n  ],\n", lines.join(",\n"));
    let mut lines = Vec::new();
    for component in components {
        let inside = bundled.iter().filter(|library| library.within == component.id);
        let below = component.below.iter().map(purl).chain(inside.map(generic));
        let below: Vec<String> = below.map(|reference| quote(&reference)).collect();
        lines.push(format!(
            "    {{\"ref\": {}, \"dependsOn\": [{}]}}",
            quote(&purl(&component.id)),
            below.join(", ")
        ));
    }
    let _ = write!(text, "  \"dependencies\": [\n{}\n  ]\n}}\n", lines.join(",\n"));
    text
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"avvikelse\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"bytes\"\n\
        version = \"1.12.2\"\nsource = \"registry\"\nchecksum = \"ab\"\n";

    #[test]
    fn a_tree_is_read_with_what_hangs_on_what() {
        let tree = "0|avvikelse v0.1.0 (/a)|EUPL-1.2\n1|bytes v1.12.2|MIT/Apache-2.0\n";
        let found = of_tree(tree, &locked(LOCK)).expect("components");
        assert_eq!(found.len(), 2);
        assert!(found[0].below.contains(&found[1].id));
        assert_eq!(found[1].checksum.as_deref(), Some("ab"));
        assert_eq!(found[1].licence, "MIT OR Apache-2.0");
        let text = document("0.1.0", &found, &[]);
        assert!(text.contains("\"purl\": \"pkg:cargo/bytes@1.12.2\""), "{text}");
        assert!(text.contains(
            "\"ref\": \"pkg:cargo/avvikelse@0.1.0\", \"dependsOn\": [\"pkg:cargo/bytes@1.12.2\"]"
        ));
    }

    #[test]
    fn what_is_not_locked_is_refused() {
        let tree = "0|avvikelse v0.1.0 (/a)|EUPL-1.2\n1|bytes v1.12.1|MIT\n";
        assert!(of_tree(tree, &locked(LOCK)).is_err());
    }
}
