//! What a value should have looked like, and what it comes before, in the caller's language. Whoever finds a
//! fault says both in short English; no sentence that leaves the house holds that, nor the name of a field.

use crate::language::Language;

/// Texts that are the same in every language: codes, and how something is written.
fn is_neutral(text: &str) -> bool {
    const WRITTEN: [&str; 12] = [
        "YYYY",
        "YYYY-MM",
        "YYYY-MM-DD",
        "YYYY-H1",
        "YYYY-H2",
        "UTF-8",
        "UUIDv7",
        "HSL",
        "SOL",
        "LSS",
        "A-Z, 0-9, `.`, `_`, `-`",
        "VON 2026/00123",
    ];
    // A code of one of the service's own lists, which the client chooses by.
    const CODES: [&str; 26] = [
        "avvikelse",
        "synpunkt",
        "klagomal",
        "simple",
        "standard",
        "deep",
        "sent",
        "received",
        "open",
        "overdue",
        "done",
        "not_yet",
        "yes",
        "partly",
        "no",
        "draft",
        "approved",
        "withdrawn",
        "published",
        "submitted",
        "noted",
        "json",
        "csv",
        "html",
        "zip",
        "xlsx",
    ];
    WRITTEN.contains(&text) || CODES.contains(&text)
}

/// In Swedish and in easy Swedish, by what stands in English.
const KNOWN: &[(&str, &str, &str)] = &[
    ("true", "true (ja)", "true (ja)"),
    ("false", "false (nej)", "false (nej)"),
    ("true or false", "true eller false (ja eller nej)", "ja eller nej"),
    ("true, false or null", "true, false eller null (ja, nej eller inget)", "ja, nej eller inget"),
    ("null", "null (inget värde)", "inget"),
    ("string", "text", "text"),
    ("a text", "text", "text"),
    ("text in UTF-8", "text i UTF-8", "text i UTF-8"),
    ("integer", "ett heltal", "ett helt tal"),
    ("a whole number", "ett heltal", "ett helt tal"),
    ("number", "ett tal", "ett tal"),
    ("a number", "ett tal", "ett tal"),
    (
        "a number, at most two decimals",
        "ett tal med högst två decimaler",
        "ett tal, till exempel 12,5",
    ),
    ("boolean", "true eller false (ja eller nej)", "ja eller nej"),
    ("array", "en lista", "en lista"),
    ("object", "ett objekt", "ett objekt"),
    ("date", "ett datum, ÅÅÅÅ-MM-DD", "ett datum, som 2026-01-31"),
    ("date-time", "en tidpunkt enligt RFC 3339, som 2026-01-31T08:00:00Z", "datum och klockslag"),
    ("uuid", "ett id (UUID)", "ett id"),
    ("UUID", "ett id (UUID)", "ett id"),
    ("a year", "ett årtal", "ett år, som 2026"),
    ("a month, YYYY-MM", "en månad, ÅÅÅÅ-MM", "en månad, som 2026-01"),
    ("a day, YYYY-MM-DD", "en dag, ÅÅÅÅ-MM-DD", "en dag, som 2026-01-31"),
    ("a day such as 2025-01-31", "en dag, som 2025-01-31", "en dag, som 2025-01-31"),
    ("a code", "en kod", "ett av valen"),
    ("a list of codes", "en lista med koder", "några av valen"),
    ("the id of a case", "ett ärendes id", "ett ärendes id"),
    ("the number of a version", "numret på en version", "numret på en version"),
    ("next_cursor", "next_cursor från sidan före", "next_cursor från sidan före"),
    ("status", "en känd status", "en status som finns"),
    ("ten digits", "tio siffror, den sista en kontrollsiffra", "tio siffror"),
    ("16 digits", "16 siffror", "16 siffror"),
    ("an e-mail address", "en e-postadress", "en e-postadress"),
    ("e-mail address", "en e-postadress", "en e-postadress"),
    (
        "an e-mail address, such as avvikelser@region.se",
        "en e-postadress, som avvikelser@region.se",
        "en e-postadress, som avvikelser@region.se",
    ),
    ("one line of text", "en rad text", "en rad text"),
    ("text without , and /", "text utan , och /", "text utan , och /"),
    ("nothing", "inget", "inget"),
    ("take it out", "att det tas bort", "ta bort det"),
    ("values within their range", "värden inom sina gränser", "värden inom gränserna"),
    (
        "lines of CSV, fields set apart by ;",
        "rader i CSV med fälten skilda av ;",
        "rader med ; mellan fälten",
    ),
    ("save the file as UTF-8", "en fil sparad som UTF-8", "spara filen som UTF-8"),
    (
        "close it, or write it twice within quotes",
        "ett avslutande citattecken, eller citattecknet dubbelt inom citat",
        "avsluta citatet",
    ),
    (
        "letters, digits and signs of ASCII without blanks",
        "bokstäver, siffror och tecken i ASCII utan mellanslag",
        "bokstäver och siffror utan mellanslag",
    ),
    (
        "0 to 100 with at most one decimal",
        "0 till 100 med högst en decimal",
        "ett tal från 0 till 100",
    ),
    ("a share in per cent, such as 97,7", "en andel i procent, som 97,7", "procent, som 97,7"),
    (
        "the code of another unit, of the tenant or of this file",
        "koden för en annan enhet, i verksamheten eller i filen",
        "koden för en annan enhet",
    ),
    (
        "a unit of the tenant, or a line for it in enheter.csv",
        "en enhet i verksamheten, eller en rad för den i enheter.csv",
        "en enhet som finns",
    ),
    (
        "a number of arenden.csv, or of a case of the tenant",
        "ett nummer i arenden.csv, eller på ett ärende i verksamheten",
        "ett ärendenummer som finns",
    ),
    (
        "a closed case has a time and an outcome",
        "tidpunkt och utfall, som ett avslutat ärende har",
        "tid och utfall",
    ),
    // What a schema asks for beside types.
    ("pattern", "en annan form", "en annan form"),
    ("format", "en annan form", "en annan form"),
    ("oneOf", "en av de former som beskrivningen visar", "en annan form"),
    ("anyOf", "en av de former som beskrivningen visar", "en annan form"),
    ("const", "det enda värde som tas emot", "ett annat värde"),
    ("uniqueItems", "en lista där inget förekommer två gånger", "en lista utan dubbletter"),
    ("double", "ett tal", "ett tal"),
    ("int32", "ett heltal", "ett helt tal"),
    ("int64", "ett heltal", "ett helt tal"),
    ("binary", "en fil", "en fil"),
];

/// A line of a file with so many fields: `7 fields, as in the header`.
const FIELDS: &str = " fields, as in the header";

/// A text in Swedish and easy Swedish; `None` where nobody has said what it is.
fn in_swedish(text: &str) -> Option<(String, String)> {
    let whole = |text: &str| {
        let found = KNOWN.iter().find(|(english, _, _)| *english == text);
        let same = || is_neutral(text).then(|| (text.to_owned(), text.to_owned()));
        found.map(|(_, sv, easy)| ((*sv).to_owned(), (*easy).to_owned())).or_else(same)
    };
    if let Some(found) = whole(text) {
        return Some(found);
    }
    if let Some(count) = text.strip_suffix(FIELDS) {
        let sv = format!("{count} fält, som i rubrikraden");
        return Some((sv.clone(), sv));
    }
    let (sv, easy): (Vec<String>, Vec<String>) =
        text.split(" | ").map(whole).collect::<Option<Vec<_>>>()?.into_iter().unzip();
    Some((sv.join(" | "), easy.join(" | ")))
}

/// What was expected. A text that nobody knows is a list of codes or an example, and stays.
pub fn expected(text: &str, language: Language) -> String {
    match (language, in_swedish(text)) {
        (Language::En, _) | (_, None) => text.to_owned(),
        (Language::Sv, Some((sv, _))) => sv,
        (Language::SvEasy, Some((_, easy))) => easy,
    }
}

/// What something comes before, by the last part of the field's name: in Swedish and in English.
const MOMENTS: &[(&str, &str, &str)] = &[
    ("today", "i dag", "today"),
    ("from", "periodens början", "the beginning of the period"),
    ("fran", "periodens början", "the beginning of the period"),
    ("från", "periodens början", "the beginning of the period"),
    ("valid_from", "första giltighetsdagen", "the first day of validity"),
    ("occurred_at", "händelsen", "the event"),
    ("reported_at", "rapporteringen", "the report"),
    ("sent_at", "avsändandet", "the sending"),
    ("said_at", "beskedet", "the telling"),
    ("known_at", "dagen då det blev känt", "the day it became known"),
    ("flagged_at", "flaggningen", "the flag"),
    ("screened_at", "bedömningen", "the screening"),
    ("decided_at", "beslutet", "the decision"),
    ("notified_at", "anmälan", "the notification"),
    ("requested_at", "begäran", "the request"),
    ("locked_at", "låsningen av rapporten", "the freezing of the report"),
    ("submitted_on", "dagen då nämnden fick rapporten", "the day the nämnd was given the report"),
    ("shared_at", "delningen", "the sharing"),
    ("due_on", "slutdagen", "the due day"),
    ("done_on", "dagen då det blev klart", "the day it was done"),
];

/// What something comes before, in Swedish and in English, never by the name of a field.
pub fn moment(other: &str) -> (&'static str, &'static str) {
    let name = other.rsplit('/').next().unwrap_or(other);
    let found = MOMENTS.iter().find(|(known, _, _)| *known == name);
    found.map_or(("det som den ska komma efter", "what it has to come after"), |it| (it.1, it.2))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    /// The source of the crates that find faults, without their tests.
    fn sources() -> Vec<(PathBuf, String)> {
        fn below(dir: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(dir).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    below(&path, found);
                } else if path.extension().is_some_and(|it| it == "rs") {
                    found.push(path);
                }
            }
        }
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates");
        let mut paths = Vec::new();
        for name in ["domain", "app", "api", "wire"] {
            below(&crates.join(name).join("src"), &mut paths);
        }
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).expect("a source");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            (path, text)
        };
        paths.into_iter().map(read).collect()
    }

    /// The literals that follow `before`; of a call with a field's name first, the one after it.
    fn literals(text: &str, before: &str) -> Vec<String> {
        let literal = |rest: &str| -> Option<(String, usize)> {
            let end = rest.find('"')?;
            Some((rest[..end].to_owned(), end + 1))
        };
        let mut found = Vec::new();
        for (at, _) in text.match_indices(before) {
            let rest = &text[at + before.len()..];
            let Some((first, end)) = literal(rest) else { continue };
            match rest[end..].strip_prefix(", \"") {
                Some(more) if first.starts_with('/') => found.extend(literal(more).map(|it| it.0)),
                Some(_) | None if first.starts_with('/') => {}
                Some(_) | None => found.push(first),
            }
        }
        found
    }

    #[test]
    fn every_text_of_what_is_expected_is_said_in_every_language() {
        let (mut unknown, mut seen) = (Vec::new(), 0);
        for (path, text) in sources() {
            // Uploads name their parts by a word, and answers the numbers of a message.
            if path.ends_with("extract/upload.rs") || path.ends_with("machines/status.rs") {
                continue;
            }
            let mut all = Vec::new();
            for before in ["wrong(\"", "wrong_type(name, \"", "expected: \"", "expected = \""] {
                all.extend(literals(&text, before));
            }
            seen += all.len();
            let unsaid = |it: &&String| !it.contains('{') && in_swedish(it).is_none();
            unknown.extend(all.iter().filter(unsaid).map(|it| format!("{}: {it}", path.display())));
        }
        assert!(seen > 70, "{seen}");
        assert_eq!(unknown, Vec::<String>::new());
        for (english, sv, easy) in KNOWN {
            assert!(![sv, easy].iter().any(|text| text.is_empty()), "{english}");
        }
        for code in ["string", "integer", "number", "boolean", "array", "object", "null"] {
            assert!(in_swedish(code).is_some(), "{code}");
        }
        assert_eq!(in_swedish("something new"), None);
    }

    #[test]
    fn what_is_expected_is_said_in_the_language_asked_for() {
        let said = |text: &str| {
            [Language::Sv, Language::En, Language::SvEasy].map(|it| expected(text, it))
        };
        let month = "a month, YYYY-MM";
        assert_eq!(said(month), ["en månad, ÅÅÅÅ-MM", month, "en månad, som 2026-01"]);
        assert_eq!(
            expected("open | the number of a version", Language::Sv),
            "open | numret på en version"
        );
        assert_eq!(
            expected("8 fields, as in the header", Language::Sv),
            "8 fält, som i rubrikraden"
        );
        assert_eq!(expected("GUL | ROD", Language::Sv), "GUL | ROD");
    }

    #[test]
    fn no_name_of_a_field_stands_in_a_sentence() {
        let (mut unknown, mut seen) = (Vec::new(), 0);
        for (path, text) in sources() {
            let mut all = Vec::new();
            for before in ["Before { other: \"", "let other = \"", "before(\""] {
                all.extend(literals(&text.replace("\"/", "\""), before));
            }
            seen += all.len();
            let name = |it: &str| it.rsplit('/').next().unwrap_or(it).to_owned();
            let known = |it: &String| MOMENTS.iter().any(|(known, _, _)| *known == name(it));
            unknown.extend(
                all.into_iter()
                    .filter(|it| !known(it))
                    .map(|it| format!("{}: {it}", path.display())),
            );
        }
        assert!(seen > 10, "{seen}");
        assert_eq!(unknown, Vec::<String>::new());
        assert_eq!(moment("/0/valid_from").0, "första giltighetsdagen");
        assert_eq!(moment("never_heard_of").0, "det som den ska komma efter");
    }
}
