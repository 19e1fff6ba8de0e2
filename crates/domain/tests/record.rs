//! A record holds what was said and done, in words, and what one may not see as hidden.

mod common;

use common::*;
use domain::case::event::FieldChange;
use domain::case::{Case, Kind};
use domain::code_lists::CodeLists;
use domain::ids::MessageId;
use domain::opinion::{
    Answer, EntryWay, Given, Message, MessageKind, Opinion, OralGiven, SecrecyCheck, Stage,
};
use domain::record::opinion::{AroundOpinion, sections};
use domain::record::{Known, Named, Record, Step, hex};
use domain::survey::{Satisfied, Survey, SurveyGiven};
use serde_json::json;

fn known<'a>(
    history: &'a [Step],
    subject: Named,
    units: &'a domain::organisation::UnitTree,
    codes: &'a CodeLists,
) -> Known<'a> {
    Known {
        tenant: "Provby",
        units,
        codes,
        name: &|id| if id == manager() { "Kim Ek".into() } else { String::new() },
        number: &|_| None,
        subject,
        protected: false,
        history,
        attachments: &[],
    }
}

fn record(case: &Case, history: &[Step], subject: Named, around: &AroundOpinion) -> Record {
    let (units, codes) = (units(), CodeLists::shared());
    let known = known(history, subject, &units, &codes);
    let more = sections(case, around, &known);
    Record::of(case, &known, more, manager(), now())
}

fn text(record: &Record) -> String {
    format!("{:?}", record.sections)
}

#[test]
fn what_nobody_said_has_no_section() {
    let mut filing = intake();
    let details = json!({"fall_place": "PLA.BAD"});
    filing.filing.details = details.as_object().cloned().expect("an object");
    let case = filed(Kind::Avvikelse, false, filing, false).changed.case;
    let record = record(&case, &[], Named::Nobody, &AroundOpinion::default());
    let ids: Vec<_> = record.sections.iter().map(|section| section.id).collect();
    assert_eq!(ids, ["arende", "anmalan"]);
    assert_eq!(record.taken_by, "Kim Ek");
    let text = text(&record);
    for said in ["Gled ner från sängkanten.", "Toalett/badrum", "GRAN", "2026-03-10 09:00"] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_person_stands_in_it_in_the_clear_or_as_hidden() {
    let of = |subject| text(&record(&reported(), &[], subject, &AroundOpinion::default()));
    let clear = Named::Clear(vec![("Personnummer".into(), "196408233234".into())]);
    assert!(of(clear).contains("196408233234"));
    assert!(of(Named::Hidden).contains("inte visas för dig"));
}

#[test]
fn a_step_tells_staff_by_name_and_never_which_identity_was_sealed() {
    let change = |field: &str, old, new| FieldChange { field: field.into(), old, new };
    let sealed = id(7).to_string();
    let step = Step {
        version: 2,
        at: now(),
        by: Some(manager()),
        command: "lead".into(),
        to: "reported".into(),
        changes: vec![
            change("lead", json!(null), json!(manager())),
            change("subject", json!(null), json!(sealed)),
            change("links", json!(null), json!(null)),
            change("severity", json!({"actual": 1}), json!({"actual": 2})),
            change("unit", json!(id(11)), json!(id(12))),
        ],
        reason: Some("Tar över.".into()),
    };
    let text = text(&record(&reported(), &[step], Named::Nobody, &AroundOpinion::default()));
    assert!(text.contains("leds av: Kim Ek") && text.contains("skäl: Tar över."), "{text}");
    assert!(text.contains("person: ändrad") && !text.contains(&sealed), "{text}");
    assert!(text.contains("allvarlighetsgrad: faktisk: 1 → faktisk: 2"), "{text}");
    assert!(text.contains("enhet: GRAN → TALL"), "{text}");
    assert!(!text.contains("länkar"), "what was left out leaves nothing: {text}");
    assert_eq!(hex(&[0, 171]), "00ab");
}

fn complaint() -> Case {
    let mut case = filed(Kind::Klagomal, false, intake(), false).changed.case;
    let answer = Answer {
        explanation: "Larmet var av.".into(),
        measures: None,
        secrecy: Some(SecrecyCheck { by: manager(), at: now(), ground: "Samtycke.".into() }),
        next_steps: vec!["PN".into()],
        next_text: None,
        given: Given::Oral(OralGiven {
            at: now(),
            by: manager(),
            to: "Dottern".into(),
            said: "Att larmet var av.".into(),
        }),
        at: now(),
        by: manager(),
    };
    let opinion = Opinion::bare(EntryWay::Staff, Stage::Answered(Box::new(answer)));
    case.opinion = Some(Box::new(opinion));
    case
}

#[test]
fn an_opinion_has_its_sender_messages_answer_and_what_was_thought_of_it() {
    let message = |from_sender, kind, text: &str| Message {
        id: MessageId(id(1)),
        from_sender,
        kind,
        text: text.into(),
        at: now(),
        by: (!from_sender).then(manager),
        read_at: None,
    };
    let survey =
        Survey { understood: Some(Satisfied::Yes), helped: Some(Satisfied::Partly), at: now() };
    let around = AroundOpinion {
        sender: Named::Clear(vec![("Namn".into(), "Eva Berg".into())]),
        messages: vec![
            message(false, MessageKind::Question, "Vilken dag?"),
            message(true, MessageKind::Reply, "I måndags."),
        ],
        survey: Some(survey),
    };
    let shown = record(&complaint(), &[], Named::Nobody, &around);
    let ids: Vec<_> = shown.sections.iter().map(|section| section.id).collect();
    assert_eq!(ids[2..], ["avsandare", "handlaggning", "meddelanden", "svar"]);
    let text = text(&shown);
    for said in [
        "Eva Berg",
        "Vilken dag?",
        "I måndags.",
        "Avsändaren",
        "Kim Ek",
        "Larmet var av.",
        "Inga",
        "Samtycke.",
        "Dottern",
        "Att larmet var av.",
        "Delvis",
        "Besvarat",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let hidden = AroundOpinion { sender: Named::Hidden, ..AroundOpinion::default() };
    let hidden = self::text(&record(&complaint(), &[], Named::Nobody, &hidden));
    assert!(hidden.contains("Avsändaren är namngiven"), "{hidden}");
}

#[test]
fn the_two_questions_are_asked_once_and_of_what_is_answered() {
    let codes = |case: &Case, given: SurveyGiven, before: Option<&Survey>| -> Vec<String> {
        let faults = given.whole(case, before, now()).expect_err("refused");
        faults.into_iter().map(|it| format!("{} {}", it.field, it.reason.code())).collect()
    };
    let said = SurveyGiven { understood: Some(Satisfied::No), helped: None };
    let survey = said.whole(&complaint(), None, now()).expect("kept");
    assert_eq!((survey.understood, survey.helped), (Some(Satisfied::No), None));
    assert_eq!(codes(&complaint(), said, Some(&survey)), [" survey_given_already"]);
    let silent = SurveyGiven::default();
    assert_eq!(codes(&complaint(), silent, None), ["/understood required"]);
    let open = filed(Kind::Klagomal, false, intake(), false).changed.case;
    assert_eq!(codes(&open, said, None), [" opinion_not_answered"]);
    assert_eq!(codes(&reported(), said, None), [" opinion_not_answered"]);
}
