//! The files of the forms: one that says where each is asked, and one a form with its questions, each
//! followed by its options.

use serde::Deserialize;

use super::{Answering, Choice, Form, Forms, Question, ShownWhen, Texts, Use};
use crate::case::Kind;
use crate::code_lists::fingerprint_of;

const USES: &str = include_str!("../../data/forms/forms.csv");

/// Each form by its code, in the order they are shown.
const FILES: [(&str, &str); 8] = [
    ("fall", include_str!("../../data/forms/fall.csv")),
    ("medication", include_str!("../../data/forms/medication.csv")),
    ("pressure_ulcer", include_str!("../../data/forms/pressure_ulcer.csv")),
    ("device", include_str!("../../data/forms/device.csv")),
    ("information", include_str!("../../data/forms/information.csv")),
    ("omission", include_str!("../../data/forms/omission.csv")),
    ("conduct", include_str!("../../data/forms/conduct.csv")),
    ("opinion", include_str!("../../data/forms/opinion.csv")),
];

#[derive(Deserialize)]
struct UseRow {
    form: String,
    version: u32,
    kind: Kind,
    category: Option<String>,
    sv: String,
    easy: String,
    en: String,
}

#[derive(Deserialize)]
struct Row {
    question: String,
    option: Option<String>,
    #[serde(rename = "type")]
    answering: Option<String>,
    list: Option<String>,
    shown_when: Option<String>,
    from: Option<i64>,
    to: Option<i64>,
    sv: String,
    easy: String,
    en: String,
}

/// Reads all files.
pub(super) fn forms() -> Result<Forms, String> {
    let uses: Vec<UseRow> = rows("forms", USES)?;
    let mut forms = Vec::new();
    for (code, text) in FILES {
        let of_form: Vec<&UseRow> = uses.iter().filter(|row| row.form == code).collect();
        let first = of_form.first().ok_or_else(|| format!("{code} is asked nowhere"))?;
        let uses = of_form.iter().map(|row| Use { kind: row.kind, category: row.category.clone() });
        forms.push(Form {
            code: code.to_owned(),
            version: first.version,
            text: texts(&first.sv, &first.easy, &first.en),
            uses: uses.collect(),
            questions: questions(code, text)?,
        });
    }
    let places = forms.iter().enumerate().flat_map(|(form, it): (usize, &Form)| {
        (0..it.questions.len()).map(move |question| (form, question))
    });
    let questions = places.collect();
    let texts: Vec<&str> =
        std::iter::once(USES).chain(FILES.into_iter().map(|(_, text)| text)).collect();
    Ok(Forms { version: fingerprint_of(&texts), forms, questions })
}

fn rows<T: for<'a> Deserialize<'a>>(name: &str, text: &str) -> Result<Vec<T>, String> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().map_err(|error| format!("{name}: {error}"))
}

fn texts(sv: &str, easy: &str, en: &str) -> Texts {
    Texts { sv: sv.to_owned(), easy: easy.to_owned(), en: en.to_owned() }
}

fn questions(form: &str, text: &str) -> Result<Vec<Question>, String> {
    let mut questions: Vec<Question> = Vec::new();
    for row in rows::<Row>(form, text)? {
        let text = texts(&row.sv, &row.easy, &row.en);
        let Some(code) = row.option else {
            questions.push(question(row, text)?);
            continue;
        };
        match questions.last_mut().filter(|question| question.code == row.question) {
            Some(question) => {
                question.options.push(Choice { code, text, from: row.from, to: row.to });
            }
            None => return Err(format!("{form}: {code} does not follow its question")),
        }
    }
    Ok(questions)
}

fn question(row: Row, text: Texts) -> Result<Question, String> {
    let code = row.question;
    let answering = match row.answering.as_deref() {
        Some("one") => Answering::One,
        Some("many") => Answering::Many,
        Some("yes_no") => Answering::YesNo,
        Some("band") => Answering::Band,
        Some("text") => Answering::Text,
        other => return Err(format!("{code}: no such type: {other:?}")),
    };
    let shown_when = match row.shown_when.as_deref().map(|it| it.split_once('=')) {
        None => None,
        Some(Some((question, option))) => {
            Some(ShownWhen { question: question.to_owned(), option: option.to_owned() })
        }
        Some(None) => return Err(format!("{code}: shown when?")),
    };
    let option = |code: &str, sv: &str, en: &str| Choice {
        code: code.to_owned(),
        text: texts(sv, sv, en),
        from: None,
        to: None,
    };
    let options = match answering {
        Answering::YesNo => vec![option("yes", "Ja", "Yes"), option("no", "Nej", "No")],
        Answering::One | Answering::Many | Answering::Band | Answering::Text => Vec::new(),
    };
    // Read once, kept for as long as the program runs.
    let lists = row.list.into_iter().map(|list| &*list.leak()).collect();
    Ok(Question { code, answering, lists, options, shown_when, text })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use super::super::forms;
    use super::*;
    use crate::code_lists::CodeLists;
    use crate::statistics::Dimension;

    #[test]
    fn the_forms_are_sound() {
        let lists = CodeLists::shared();
        let mut seen = BTreeSet::new();
        let said = |text: &Texts| [&text.sv, &text.easy, &text.en].iter().all(|it| !it.is_empty());
        for form in &forms().forms {
            assert!(said(&form.text) && !form.questions.is_empty(), "{}", form.code);
            for category in
                form.uses.iter().filter_map(|one| Some((one.kind, one.category.as_ref()?)))
            {
                let list = category.0.category_list();
                assert!(lists.get(list, category.1).is_some(), "{category:?}");
            }
            for (place, question) in form.questions.iter().enumerate() {
                let code = &question.code;
                assert!(seen.insert(code), "{code} twice");
                assert!(code.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{code}");
                assert!(Dimension::ALL.iter().all(|it| it.code() != code), "{code} is taken");
                assert!(said(&question.text), "{code}");
                let own: BTreeSet<_> = question.options.iter().map(|it| &it.code).collect();
                assert_eq!(own.len(), question.options.len(), "{code}: an option twice");
                assert!(question.options.iter().all(|it| said(&it.text)), "{code}");
                assert!(own.iter().all(|it| it.is_ascii() && !it.contains([',', '='])), "{code}");
                let listed: Vec<_> =
                    question.lists.iter().filter_map(|it| lists.list(it)).collect();
                assert_eq!(listed.len(), question.lists.len(), "{code}: no such list");
                let coded = !question.options.is_empty() || !listed.is_empty();
                assert_eq!(coded, question.is_coded(), "{code}");
                if question.answering == Answering::Band {
                    let mut next = question.options[0].from.unwrap();
                    for (at, band) in question.options.iter().enumerate() {
                        assert_eq!(band.from, Some(next), "{code} {}", band.code);
                        let last = at + 1 == question.options.len();
                        assert_eq!(band.to.is_none(), last, "{code} {}", band.code);
                        next = band.to.map_or(0, |to| to + 1);
                    }
                }
                if let Some(when) = &question.shown_when {
                    let before = &form.questions[..place];
                    let other = before.iter().find(|it| it.code == when.question);
                    assert!(other.is_some_and(|it| it.takes(&when.option, &lists)), "{code}");
                }
            }
        }
        let uses: usize = forms().forms.iter().map(|it| it.uses.len()).sum();
        assert_eq!(USES.lines().count() - 1, uses);
    }

    /// A form that changes under the same version would make two answers look alike that are not.
    #[test]
    fn a_changed_form_has_another_version() {
        let mut lines = String::new();
        for ((code, text), form) in FILES.into_iter().zip(&forms().forms) {
            writeln!(lines, "{code} {} {}", form.version, fingerprint_of(&[text])).unwrap();
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/forms.txt");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(file, &lines).unwrap();
        }
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            kept == lines,
            "a form has changed: raise its version in forms.csv, then UPDATE_SNAPSHOTS=1\n{lines}"
        );
    }
}
