//! The rules of the house, read off the tree as it stands.
//!
//! Each module looks at one kind of thing and returns its faults as lines that say what is wrong
//! and where. `tests/` holds them against this repository, and proves on made-up trees that each
//! rule can fail. The package has no dependencies, so that it can judge everybody else's.

use std::path::{Path, PathBuf};

pub mod dependencies;
pub mod deploy;
pub mod migrations;
pub mod sbom;
pub mod source;
pub mod words;

/// The root of the repository these tests are run in.
pub fn root() -> PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&here).ancestors().nth(2).expect("crates/house lies two below the root").to_owned()
}

/// Every file below `folder`, sorted, without what is built, fetched or local.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_file() {
                found.push(path);
            } else if kind.is_dir()
                && !["target", ".git", "node_modules", "data"]
                    .iter()
                    .any(|skipped| entry.file_name() == *skipped)
            {
                waiting.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `path` as it is written in a fault: from the root, with forward slashes.
pub fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Fails with one line a fault.
pub fn assert_no_faults(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}\n{} fault(s):\n  {}\n", faults.len(), faults.join("\n  "));
}
