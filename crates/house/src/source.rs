//! What may not stand in which Rust file.

use std::path::{Path, PathBuf};

use crate::{files_below, shown};

/// The files of `store` that may ask which database it is.
const KNOW_THE_DATABASE: &[&str] =
    &["dialect.rs", "transaction.rs", "sql_types.rs", "connection.rs", "migrate.rs"];

/// Files and folders that may lift the bans of `clippy.toml`: the one place for routes, the
/// composition root that reads the clock, the benchmark that dates its page, and tests.
const MAY_LIFT_THE_BAN: &[&str] = &[
    "crates/api/src/routes.rs",
    "crates/server/src/",
    "crates/bench/src/machine.rs",
    "crates/testkit/src/",
    "tests/",
];

/// Diesel named outside `store`.
pub fn sql_outside_store(root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for file in rust_files(root, |krate| krate != "store" && krate != "house") {
        for (line, text) in code(&file) {
            for word in ["diesel::", "use diesel", "diesel_migrations", "sql_query("] {
                if text.contains(word) {
                    let place = shown(root, &file);
                    faults.push(format!("{place}:{line}: `{word}`; only crates/store knows SQL"));
                    break;
                }
            }
        }
    }
    faults
}

/// Files of `store` that ask which database it is, though they are none of the few that may.
pub fn database_known_elsewhere(root: &Path) -> Vec<String> {
    let files = rust_files(root, |krate| krate == "store");
    let mut variants =
        vec!["AnyConnection::Postgres".to_owned(), "AnyConnection::Sqlite".to_owned()];
    variants.extend(files.iter().flat_map(|file| multi_connection(&code(file))));
    let mut faults = Vec::new();
    for file in &files {
        let place = shown(root, file);
        let name = place.strip_prefix("crates/store/src/").unwrap_or(&place);
        if KNOW_THE_DATABASE.contains(&name) {
            continue;
        }
        for (line, text) in code(file) {
            if let Some(variant) = variants.iter().find(|variant| text.contains(variant.as_str())) {
                faults.push(format!(
                    "{place}:{line}: `{variant}`; which database it is, only {} ask",
                    KNOW_THE_DATABASE.join(", ")
                ));
            }
        }
    }
    faults
}

/// `Name::Variant` for the enum that derives `MultiConnection`, whatever it is called by then.
fn multi_connection(code: &[(usize, String)]) -> Vec<String> {
    let text: String = code.iter().flat_map(|(_, line)| [line.as_str(), "\n"]).collect();
    let Some(derived) = text.find("MultiConnection)").or_else(|| text.find("MultiConnection,"))
    else {
        return Vec::new();
    };
    let Some(start) = text[derived..].find("enum ").map(|at| derived + at + "enum ".len()) else {
        return Vec::new();
    };
    let Some((name, body)) = text[start..].split_once('{') else { return Vec::new() };
    let body = body.split_once('}').map_or(body, |(body, _)| body);
    body.lines()
        .filter_map(|line| line.trim().split_once('(').map(|(variant, _)| variant.trim()))
        .filter(|variant| !variant.is_empty() && variant.chars().all(char::is_alphanumeric))
        .map(|variant| format!("{}::{variant}", name.trim()))
        .collect()
}

/// Code that only pretends to be there, and tests that are switched off.
pub fn unfinished(root: &Path) -> Vec<String> {
    // In pieces, so that this file does not find itself.
    let words = [["to", "do!("], ["unimple", "mented!("], ["#[ig", "nore"]].map(|w| w.concat());
    let mut faults = Vec::new();
    for file in rust_files(root, |_| true) {
        for (line, text) in code(&file) {
            for word in words.iter().filter(|word| text.contains(word.as_str())) {
                faults.push(format!("{}:{line}: `{word}`", shown(root, &file)));
            }
        }
    }
    faults
}

/// Files that lift the bans of `clippy.toml` and are none of the few that may.
pub fn bans_lifted(root: &Path) -> Vec<String> {
    let word = ["disallowed_", "methods"].concat();
    let mut faults = Vec::new();
    let files =
        files_below(&root.join("crates")).into_iter().chain(files_below(&root.join("tests")));
    for file in files.filter(|file| file.extension().is_some_and(|it| it == "rs")) {
        let place = shown(root, &file);
        if MAY_LIFT_THE_BAN.iter().any(|may| place.starts_with(may)) || place.contains("/tests/") {
            continue;
        }
        for (line, text) in code(&file) {
            if text.contains(&word) {
                faults.push(format!(
                    "{place}:{line}: lifts a ban of clippy.toml; only {} may",
                    MAY_LIFT_THE_BAN.join(", ")
                ));
            }
        }
    }
    faults
}

/// The Rust files in the `src` of every crate that `wanted` says yes to, by the crate's folder.
fn rust_files(root: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(crates) = std::fs::read_dir(root.join("crates")) else { return Vec::new() };
    let mut files: Vec<_> = crates
        .flatten()
        .filter(|entry| wanted(&entry.file_name().to_string_lossy()))
        .flat_map(|entry| files_below(&entry.path().join("src")))
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    files
}

/// The numbered lines of a file without its line comments.
fn code(file: &Path) -> Vec<(usize, String)> {
    let text = String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned();
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line.to_owned()))
        .collect()
}
