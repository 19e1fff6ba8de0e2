//! Words that say where and by whom the text was written, which is nobody's business.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{files_below, shown};

/// The forbidden words, put together from pieces so that this file does not contain them.
pub fn forbidden() -> Vec<String> {
    [
        ["sub", "agent"],
        ["Clau", "de"],
        ["Anth", "ropic"],
        ["/work", "/main"],
        ["/work", "/shared"],
        ["/fa", "rm"],
    ]
    .map(|pieces| pieces.concat().to_lowercase())
    .to_vec()
}

/// The files that git keeps or would keep; without git, everything that is not built or fetched.
pub fn kept_files(root: &Path) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output();
    match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            String::from_utf8_lossy(&output.stdout)
                .split('\0')
                .filter(|name| !name.is_empty())
                .map(|name| root.join(name))
                .filter(|path| path.is_file())
                .collect()
        }
        _ => files_below(root),
    }
}

/// Where a forbidden word stands, in a file's name or its text.
pub fn found(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let forbidden = forbidden();
    let mut faults = Vec::new();
    for file in files {
        let place = shown(root, file);
        for word in forbidden.iter().filter(|word| contains(&format!("/{place}"), word)) {
            faults.push(format!("{place}: the name contains `{word}`"));
        }
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned();
        for (index, line) in text.lines().enumerate() {
            for word in forbidden.iter().filter(|word| contains(line, word)) {
                faults.push(format!("{place}:{}: `{word}`", index + 1));
            }
        }
    }
    faults
}

/// Whether `word` stands in `line` in any case. A path ends at its own word's end: "/farmakologi",
/// say, is a Swedish subject and no folder.
fn contains(line: &str, word: &str) -> bool {
    let line = line.to_lowercase();
    line.match_indices(word).any(|(at, _)| {
        let next = line[at + word.len()..].chars().next();
        !word.starts_with('/') || !next.is_some_and(char::is_alphanumeric)
    })
}

/// Addresses in an npm lock file that are not the public registry's.
pub fn foreign_addresses(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.ends_with("package-lock.json")) {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        for (index, line) in text.lines().enumerate() {
            let Some(address) = line.trim().strip_prefix("\"resolved\": \"") else { continue };
            if !address.starts_with("https://registry.npmjs.org/") {
                faults.push(format!("{}:{}: {}", shown(root, file), index + 1, line.trim()));
            }
        }
    }
    faults
}
