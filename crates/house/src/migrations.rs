//! What a migration looks like: the same ones for both databases, each with a way back.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{files_below, shown};

const DATABASES: [&str; 2] = ["postgres", "sqlite"];

/// Versions that one database lacks, and files that a migration lacks.
pub fn unpaired(root: &Path) -> Vec<String> {
    let folder = root.join("migrations");
    let [postgres, sqlite] = DATABASES.map(|database| versions(&folder.join(database)));
    let mut faults = Vec::new();
    for version in postgres.symmetric_difference(&sqlite) {
        let (has, lacks) = if postgres.contains(version) {
            DATABASES.into()
        } else {
            (DATABASES[1], DATABASES[0])
        };
        faults.push(format!("migrations/{has}/{version} has no namesake in migrations/{lacks}"));
    }
    for (database, versions) in DATABASES.iter().zip([&postgres, &sqlite]) {
        for version in versions {
            for file in ["up.sql", "down.sql"] {
                if !folder.join(database).join(version).join(file).is_file() {
                    faults.push(format!("migrations/{database}/{version} has no {file}"));
                }
            }
        }
    }
    faults
}

fn versions(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Triggers, `ON DELETE SET NULL` and foreign keys without a name, in any migration.
pub fn banned_statements(root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files_below(&root.join("migrations")) {
        if file.extension().is_some_and(|extension| extension == "sql") {
            let text =
                String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default()).into_owned();
            let place = shown(root, &file);
            faults.extend(in_text(&text).map(|(line, what)| format!("{place}:{line}: {what}")));
        }
    }
    faults
}

/// The faults of one migration, each with its line.
fn in_text(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let words = words(text);
    let is = |at: usize, wanted: &[&str]| {
        wanted.iter().enumerate().all(|(step, wanted)| {
            words.get(at + step).is_some_and(|(_, word)| word.eq_ignore_ascii_case(wanted))
        })
    };
    // CONSTRAINT name, just before.
    let named = |at: usize| at >= 2 && is(at - 2, &["CONSTRAINT"]);
    let mut faults = Vec::new();
    for (at, (line, _)) in words.iter().enumerate() {
        // OR REPLACE, TEMP and CONSTRAINT may stand between.
        if is(at, &["CREATE"])
            && (1..=5).take_while(|s| !is(at + s, &[";"])).any(|s| is(at + s, &["TRIGGER"]))
        {
            faults.push((*line, "CREATE TRIGGER; there are no triggers"));
        }
        if is(at, &["ON", "DELETE", "SET", "NULL"]) {
            faults.push((*line, "ON DELETE SET NULL; tenant_id would be emptied with the rest"));
        }
        if is(at, &["FOREIGN", "KEY"]) && !named(at) {
            faults.push((*line, "FOREIGN KEY without CONSTRAINT name before it"));
        }
        // A reference in a column's own line; the one after FOREIGN KEY (…) is judged above.
        if is(at, &["REFERENCES"]) && !is(at.wrapping_sub(1), &[")"]) && !named(at) {
            faults.push((*line, "REFERENCES without CONSTRAINT name before it"));
        }
    }
    faults.into_iter()
}

/// The words and signs of a text, each with its line; no comments, no contents of strings.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut signs = text.chars().peekable();
    let mut line = 1;
    while let Some(sign) = signs.next() {
        match sign {
            '\n' => line += 1,
            '-' if signs.peek() == Some(&'-') => {
                while signs.next_if(|next| *next != '\n').is_some() {}
            }
            '/' if signs.peek() == Some(&'*') => {
                let mut before = ' ';
                for next in signs.by_ref() {
                    line += usize::from(next == '\n');
                    if before == '*' && next == '/' {
                        break;
                    }
                    before = next;
                }
            }
            '\'' => {
                for next in signs.by_ref().take_while(|next| *next != '\'') {
                    line += usize::from(next == '\n');
                }
                words.push((line, "'…'".to_owned()));
            }
            sign if sign.is_whitespace() => {}
            sign if part_of_word(sign) => {
                let mut word = sign.to_string();
                while let Some(next) = signs.next_if(|next| part_of_word(*next)) {
                    word.push(next);
                }
                words.push((line, word));
            }
            sign => words.push((line, sign.to_string())),
        }
    }
    words
}

fn part_of_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_' || sign == '"' || sign == '.'
}
