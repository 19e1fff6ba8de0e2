//! Whether what stands in `deploy/` and the handbook speaks of a program that is there: its settings,
//! commands, metrics and public pages.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{files_below, shown};

/// Folders that are held to the program.
const FOLDERS: [&str; 2] = ["deploy", "docs/handbook"];

/// Variables that tests and tools read, and no setting has.
const NO_SETTING: [&str; 1] = ["AVVIKELSE_SMTP_PASSWORD"];

/// Settings, commands, metrics and pages that are named and not there, or there and not named.
pub fn faults(root: &Path) -> Vec<String> {
    let code = code(root);
    let settings = words_with(&code, "AVVIKELSE_", is_upper);
    let metrics = words_with(&code, "avvikelse_", is_lower);
    let commands = commands(root);
    let mut faults = Vec::new();
    for file in FOLDERS.iter().flat_map(|folder| files_below(&root.join(folder))) {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let place = shown(root, &file);
        let at = |what: &str, word: &str| format!("{place}: there is no {what} {word}");
        for word in words_with(&text, "AVVIKELSE_", is_upper) {
            let tests = word.starts_with("AVVIKELSE_TEST") || word.starts_with("AVVIKELSE_LONG");
            if !settings.contains(&word) && !NO_SETTING.contains(&word.as_str()) && !tests {
                faults.push(at("setting", &word));
            }
        }
        for word in words_with(&text, "avvikelse_", is_lower) {
            // A histogram is three series.
            let base = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| word.strip_suffix(end))
                .unwrap_or(&word);
            // A package's file is named so, too.
            if !metrics.contains(base) && !file_name(&word) {
                faults.push(at("metric", &word));
            }
        }
        for flag in flags(&text) {
            let variable = format!("AVVIKELSE_{}", flag.replace('-', "_").to_uppercase());
            if OURS.contains(&flag.as_str()) && !settings.contains(&variable) {
                faults.push(at("flag", &flag));
            }
        }
        for word in called(&text) {
            if !commands.contains(&word) {
                faults.push(at("command", &word));
            }
        }
    }
    faults.extend(pages_the_proxy_logs(root, &code));
    faults
}

/// Whether a word is the name of a package's file, and no metric.
fn file_name(word: &str) -> bool {
    let rest = word.strip_prefix("avvikelse").unwrap_or_default().trim_start_matches('_');
    rest.is_empty() || rest.starts_with(|sign: char| sign.is_ascii_digit())
}

/// Flags that are worth a look where they stand: those of the service, by their beginning.
const OURS: [&str; 12] = [
    "admin-listen",
    "data-dir",
    "database-plaintext",
    "database-url",
    "drain-seconds",
    "key-file",
    "listen",
    "person-rate",
    "public-url",
    "tenant-rate",
    "traces-url",
    "trusted-proxies",
];

/// Public pages that the example for the proxy does not keep out of its log.
fn pages_the_proxy_logs(root: &Path, code: &str) -> Vec<String> {
    let path = root.join("deploy/nginx/avvikelse.conf");
    let conf = std::fs::read_to_string(path).unwrap_or_default();
    let named = conf.lines().find_map(|line| {
        line.trim().strip_prefix("location ~ ^/[a-z0-9-]+/(")?.split_once(')').map(|it| it.0)
    });
    let named: BTreeSet<&str> = named.unwrap_or_default().split('|').collect();
    let pages: BTreeSet<&str> = code
        .split("\"/{tenant}/")
        .skip(1)
        .filter_map(|rest| rest.split(['/', '"']).next())
        .collect();
    let unnamed = pages.difference(&named);
    unnamed
        .map(|page| format!("deploy/nginx/avvikelse.conf: the public page {page} leaves a trace"))
        .collect()
}

/// The sources of the program as one text.
fn code(root: &Path) -> String {
    let mut code = String::new();
    for folder in ["crates/server/src", "crates/api/src"] {
        for file in files_below(&root.join(folder)) {
            code += &std::fs::read_to_string(file).unwrap_or_default();
        }
    }
    code
}

/// The names of the commands, as the command line has them.
fn commands(root: &Path) -> BTreeSet<String> {
    let path = root.join("crates/server/src/commands/mod.rs");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let all = text.split("pub enum Command {").nth(1).and_then(|rest| rest.split("\n}").next());
    let lines = all.unwrap_or_default().lines().map(str::trim);
    let names = lines.filter(|line| line.starts_with(|sign: char| sign.is_ascii_uppercase()));
    let name = |line: &str| line.split(['(', ',', ' ']).next().unwrap_or_default().to_lowercase();
    names.map(name).chain(["help".to_owned()]).collect()
}

/// The words of a text that begin so and go on with such signs.
fn words_with(text: &str, begin: &str, goes_on: fn(char) -> bool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find(begin) {
        let before = rest[..at].chars().next_back();
        let word: String = rest[at..].chars().take_while(|sign| goes_on(*sign)).collect();
        rest = &rest[at + begin.len()..];
        if !before.is_some_and(|sign| sign.is_alphanumeric() || sign == '_') {
            found.insert(word.trim_end_matches('_').to_owned());
        }
    }
    found
}

fn is_upper(sign: char) -> bool {
    sign.is_ascii_uppercase() || sign == '_'
}

fn is_lower(sign: char) -> bool {
    sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_'
}

/// The long flags of a text, without their dashes.
fn flags(text: &str) -> BTreeSet<String> {
    let flag = |rest: &str| {
        rest.chars().take_while(|sign| sign.is_ascii_lowercase() || *sign == '-').collect()
    };
    text.split("--").skip(1).map(flag).collect()
}

/// What the program is called with: the word after its name at the start of a command.
fn called(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let line = line.trim().trim_start_matches("# ").trim_start_matches("$ ").trim();
        let line = line.strip_prefix("sudo -u avvikelse ").unwrap_or(line);
        let rest = line
            .strip_prefix("avvikelse ")
            .or_else(|| line.split_once("/usr/bin/avvikelse ").map(|(_, rest)| rest));
        let word = rest.and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
        if !word.is_empty() && word.chars().all(|sign| sign.is_ascii_lowercase()) {
            found.insert(word.to_owned());
        }
    }
    found
}

/// Crates that do not take the lints of the workspace, of which `unsafe_code = "forbid"` is one.
pub fn without_lints(root: &Path) -> Vec<String> {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let mut faults = Vec::new();
    if !read(&root.join("Cargo.toml")).contains("\nunsafe_code = \"forbid\"\n") {
        faults.push("Cargo.toml: unsafe_code is not forbidden".to_owned());
    }
    let manifests =
        files_below(&root.join("crates")).into_iter().chain([root.join("tests/Cargo.toml")]);
    for manifest in
        manifests.filter(|file| file.file_name().is_some_and(|name| name == "Cargo.toml"))
    {
        if !read(&manifest).contains("[lints]\nworkspace = true\n") {
            faults.push(format!("{}: does not take the workspace's lints", shown(root, &manifest)));
        }
    }
    faults
}
