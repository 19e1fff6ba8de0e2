//! Answers: what is wrong with them, and what of them is counted.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Answering, Asked, Form, MAX_ANSWER, Question, forms};
use crate::case::Kind;
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};

/// The most that is said of the answers of one filing: who sends more has not read the form.
const MOST_FAULTS: usize = 100;

/// A counted answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coded {
    /// To which question.
    pub asked: Asked,
    /// The code of the option.
    pub code: String,
}

/// The version of a form that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormVersion {
    /// The form.
    pub form: String,
    /// Its version.
    pub version: u32,
}

/// The forms that any of the answers belongs to, as they are today.
pub fn answered(kind: Kind, details: &Map<String, Value>) -> Vec<FormVersion> {
    let of_kind = forms().forms.iter().filter(|form| form.is_of(kind));
    of_kind
        .filter(|form| form.questions.iter().any(|it| details.contains_key(&it.code)))
        .map(|form| FormVersion { form: form.code.clone(), version: form.version })
        .collect()
}

/// The answers that are counted, each once: to questions that show by the other answers, with
/// options there are. Whichever category holds in the end, what was answered stays answered.
pub fn coded(kind: Kind, details: &Map<String, Value>, codes: &CodeLists) -> Vec<Coded> {
    if details.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for asked in Asked::all() {
        let question = asked.question();
        let Some(answer) = details.get(&question.code) else { continue };
        let of_kind = form_of(question).is_some_and(|form| form.is_of(kind));
        if of_kind && shows(question, details, codes) {
            let options = options(question, answer, codes).0.into_iter();
            found.extend(options.map(|code| Coded { asked, code }));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// What is wrong with the answers to a case of this kind and category on a day. All of it is kept.
pub fn check(
    kind: Kind,
    category: Option<&str>,
    details: &Map<String, Value>,
    codes: &CodeLists,
    day: Date,
) -> Vec<Fault> {
    // Without a category that is known nobody can say which questions do not belong.
    let category = category.filter(|code| codes.get(kind.category_list(), code).is_some());
    let mut faults = Vec::new();
    for (name, answer) in details {
        if faults.len() >= MOST_FAULTS {
            break;
        }
        let pointer = format!("/details/{}", escaped(name));
        let of_kind = forms().forms.iter().filter(|form| form.is_of(kind));
        let found = of_kind
            .flat_map(|form| form.questions.iter().map(move |question| (form, question)))
            .find(|(_, question)| question.code == *name);
        let Some((form, question)) = found else {
            faults.push(Fault::at(pointer, Reason::inconsistent("unknown_question")));
            continue;
        };
        let belongs = category.is_none_or(|category| form.is_asked(kind, category, codes));
        if !belongs || !shows(question, details, codes) {
            faults.push(Fault::at(pointer.clone(), Reason::inconsistent("question_not_shown")));
        }
        let (given, fault) = options(question, answer, codes);
        let expired = given.iter().find_map(|code| {
            question.lists.iter().find_map(|list| codes.check(list, code, day).err())
        });
        faults.extend(fault.or(expired).map(|reason| Fault::at(pointer, reason)));
    }
    faults
}

/// A question's code as a part of a JSON pointer.
pub fn escaped(question: &str) -> String {
    question.replace('~', "~0").replace('/', "~1")
}

/// Whether a question is unknown or has options that are counted: what is not said in words.
pub fn is_coded(question: &str) -> bool {
    let mut questions = forms().forms.iter().flat_map(|form| &form.questions);
    questions.find(|it| it.code == question).is_none_or(Question::is_coded)
}

fn form_of(question: &Question) -> Option<&'static Form> {
    let has = |form: &&Form| form.questions.iter().any(|it| it.code == question.code);
    forms().forms.iter().find(has)
}

/// Whether the question shows, by the other answers.
fn shows(question: &Question, details: &Map<String, Value>, codes: &CodeLists) -> bool {
    let Some(when) = &question.shown_when else { return true };
    let other = form_of(question)
        .and_then(|form| form.questions.iter().find(|it| it.code == when.question));
    other.zip(details.get(&when.question)).is_some_and(|(other, answer)| {
        shows(other, details, codes) && options(other, answer, codes).0.contains(&when.option)
    })
}

/// The options an answer names, and the first thing that is wrong with it.
fn options(
    question: &Question,
    answer: &Value,
    codes: &CodeLists,
) -> (Vec<String>, Option<Reason>) {
    let unknown = || Some(Reason::inconsistent("unknown_option"));
    let wrong =
        |expected: &str| (Vec::new(), Some(Reason::WrongType { expected: expected.to_owned() }));
    let one = |code: &str| match question.takes(code, codes) {
        true => (vec![code.to_owned()], None),
        false => (Vec::new(), unknown()),
    };
    match (question.answering, answer) {
        // Asked and left open.
        (_, Value::Null) => (Vec::new(), None),
        (Answering::Text, Value::String(text)) => {
            let long = text.chars().count() > MAX_ANSWER;
            (Vec::new(), long.then_some(Reason::TooLong { max: MAX_ANSWER }))
        }
        (Answering::Text, _) => wrong("a text"),
        (Answering::YesNo, Value::Bool(yes)) => one(if *yes { "yes" } else { "no" }),
        (_, Value::String(code)) => one(code),
        (Answering::Many, Value::Array(given)) => {
            let named: Vec<&str> = given.iter().filter_map(Value::as_str).collect();
            let known = named.iter().filter(|code| question.takes(code, codes));
            let mut known: Vec<String> = known.map(|code| (*code).to_owned()).collect();
            let fault = if known.len() < given.len() { unknown() } else { None };
            known.sort();
            known.dedup();
            (known, fault)
        }
        (Answering::Band, Value::Number(number)) => {
            let within = |it: i64| {
                question.options.iter().find(|band| {
                    band.from.is_none_or(|from| from <= it) && band.to.is_none_or(|to| it <= to)
                })
            };
            match number.as_i64().map(within) {
                Some(Some(band)) => (vec![band.code.clone()], None),
                Some(None) => {
                    let least = question.options.iter().filter_map(|band| band.from).min();
                    let range = Reason::OutOfRange { min: least.unwrap_or(0), max: i64::MAX };
                    (Vec::new(), Some(range))
                }
                None => wrong("a whole number"),
            }
        }
        (Answering::One, _) => wrong("a code"),
        (Answering::Many, _) => wrong("a list of codes"),
        (Answering::YesNo, _) => wrong("true or false"),
        (Answering::Band, _) => wrong("a whole number"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    const DAY: Date = date(2026, 3, 10);

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn wrong(category: Option<&str>, details: Value) -> Vec<(String, String)> {
        let faults = check(Kind::Avvikelse, category, &object(details), &CodeLists::shared(), DAY);
        faults.into_iter().map(|it| (it.field, it.reason.code().to_owned())).collect()
    }

    fn counted(details: Value) -> Vec<(&'static str, String)> {
        let coded = coded(Kind::Avvikelse, &object(details), &CodeLists::shared());
        coded.into_iter().map(|it| (it.asked.code(), it.code)).collect()
    }

    #[test]
    fn every_type_of_answer_is_read() {
        let details = json!({
            "fall_place": "PLA.BAD", "fall_aid": true, "fall_aid_kind": ["walker", "stick", "walker"],
            "fall_time_on_floor": 20, "med_name": "Alvedon 500 mg", "fall_head": "no",
            "fall_witnessed": null,
        });
        assert_eq!(wrong(None, details.clone()), []);
        let expected = [
            ("fall_place", "PLA.BAD"),
            ("fall_aid", "yes"),
            ("fall_aid_kind", "stick"),
            ("fall_aid_kind", "walker"),
            ("fall_time_on_floor", "15-59"),
            ("fall_head", "no"),
        ];
        assert_eq!(counted(details), expected.map(|(it, code)| (it, code.to_owned())));
        assert_eq!(counted(json!({"fall_time_on_floor": "60-"})).len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named_and_not_counted() {
        for (details, code) in [
            (json!({"fall_farg": "röd"}), "unknown_question"),
            (json!({"fall_place": "PLA.MÅNEN"}), "unknown_option"),
            (json!({"fall_place": 7}), "wrong_type"),
            (json!({"fall_aid": "maybe"}), "unknown_option"),
            (json!({"fall_time_on_floor": -1}), "out_of_range"),
            (json!({"fall_time_on_floor": 1.5}), "wrong_type"),
            (json!({"fall_anticoagulant": true}), "question_not_shown"),
            (json!({"med_name": "x".repeat(501)}), "too_long"),
        ] {
            let told = wrong(None, details.clone());
            assert_eq!(told.len(), 1, "{details} {told:?}");
            assert_eq!(told[0].1, code, "{details}");
            assert_eq!(counted(details), []);
        }
        let some = json!({"fall_surroundings": ["rug", "kometen", 3]});
        assert_eq!(wrong(None, some.clone())[0].1, "unknown_option");
        assert_eq!(counted(some), [("fall_surroundings", "rug".to_owned())]);
    }

    #[test]
    fn a_follow_up_shows_by_the_answer_before_it() {
        let head = |hit: bool| json!({"fall_head": hit, "fall_anticoagulant": true});
        assert_eq!(wrong(Some("HSL.FAL"), head(true)), []);
        assert_eq!(wrong(Some("HSL.FAL"), head(false))[0].1, "question_not_shown");
        assert_eq!((counted(head(true)).len(), counted(head(false)).len()), (2, 1));
    }

    #[test]
    fn questions_of_another_category_are_told_and_counted() {
        let place = json!({"fall_place": "PLA.BAD"});
        for (category, faults) in [
            (None, 0),
            (Some("HSL.FAL"), 0),
            (Some("HSL.FAL.TIL"), 0),
            (Some("SOC.FAL"), 0),
            (Some("HSL.PÅHITT"), 0),
            (Some("HSL.LKM.DOS"), 1),
        ] {
            assert_eq!(wrong(category, place.clone()).len(), faults, "{category:?}");
        }
        assert_eq!(counted(place).len(), 1);
        let opinion = object(json!({"opinion_reply": true}));
        let codes = CodeLists::shared();
        assert_eq!(check(Kind::Klagomal, Some("K.KOM"), &opinion, &codes, DAY), []);
        assert_eq!(check(Kind::Avvikelse, None, &opinion, &codes, DAY).len(), 1);
    }

    #[test]
    fn nobody_is_told_without_end() {
        let many: Map<String, Value> = (0..5_000).map(|at| (format!("q{at}"), json!(1))).collect();
        let codes = CodeLists::shared();
        assert_eq!(check(Kind::Avvikelse, None, &many, &codes, DAY).len(), MOST_FAULTS);
    }
}
