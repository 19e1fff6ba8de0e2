//! What stands beside the handling of a case: watches, conflicts of interest, supplements.

mod common;

use common::*;
use domain::case::watch::{WatchAnswer, WatchAnswered, Watcher, Wish};
use domain::case::{Conflict, Rejected, Status, Supplement, Watch};
use domain::code_lists::CodeLists;
use domain::ids::{StaffId, WatchId};

fn faults<T: std::fmt::Debug>(result: Result<T, Rejected>) -> Vec<(String, String)> {
    match result {
        Err(Rejected::Guard(faults)) => faults
            .into_iter()
            .map(|fault| (fault.field.clone(), fault.reason.code().to_owned()))
            .collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

fn watch() -> Watch {
    Watch {
        id: WatchId(id(800)),
        to: Watcher::Staff(manager()),
        wish: Wish::Act,
        text: Some("Se över hjälpmedlet.".into()),
        due_on: None,
        by: manager(),
        at: now(),
        answered: None,
    }
}

fn conflict() -> Conflict {
    let staff = StaffId(id(66));
    Conflict { staff, reason: "Gäller hans bror.".into(), by: Some(manager()), at: now() }
}

#[test]
fn a_watch_is_answered_once_by_whom_it_is_for() {
    let codes = CodeLists::shared();
    let nurse = StaffId(id(61));
    let to_all = Watch { to: Watcher::Profession("SSK".into()), ..watch() };
    let case = reported().watch(to_all, &codes, now()).expect("asks").case;
    let done = |by: StaffId| WatchAnswered { answer: WatchAnswer::Done, text: None, by, at: now() };
    let stranger = case.clone().answer_watch(watch().id, done(nurse), Some("AT"), now());
    assert_eq!(faults(stranger), [("".to_owned(), "not_found".to_owned())]);
    let case = case.answer_watch(watch().id, done(nurse), Some("SSK"), now()).expect("hers").case;
    let again = case.answer_watch(watch().id, done(nurse), Some("SSK"), now());
    assert_eq!(faults(again), [("".to_owned(), "watch_answered_already".to_owned())]);

    let unknown = Watch { to: Watcher::Profession("NEJ".into()), ..watch() };
    let refused = faults(reported().watch(unknown, &codes, now()));
    assert_eq!(refused, [("/profession".to_owned(), "unknown_code".to_owned())]);
}

#[test]
fn a_case_kept_from_its_lead_has_none_and_asks_them_nothing() {
    let codes = CodeLists::shared();
    let mut case = standing(Status::Triaged);
    case.assessment.lead = Some(conflict().staff);
    let case = case.keep_from(conflict(), now()).expect("keeps").case;
    assert_eq!(case.assessment.lead, None);
    assert_eq!(
        faults(case.clone().keep_from(conflict(), now())),
        [("/staff".to_owned(), "not_unique".to_owned())]
    );
    let asking = Watch { to: Watcher::Staff(conflict().staff), ..watch() };
    assert_eq!(
        faults(case.clone().watch(asking, &codes, now())),
        [("/staff".to_owned(), "case_kept_from_them".to_owned())]
    );
    let case = case.let_in(conflict().staff, "Fel person.".into(), now()).expect("lets in").case;
    assert_eq!(case.conflicts, []);
    assert_eq!(
        faults(case.let_in(conflict().staff, "Igen.".into(), now())),
        [("".to_owned(), "not_found".to_owned())]
    );
}

#[test]
fn what_the_reporter_adds_stands_beside_what_they_said_first() {
    let before = reported();
    let more = Supplement { at: now(), by: manager(), text: "Hon hade strumpor.".into() };
    let after = before.clone().supplement(more.clone(), now()).expect("adds").case;
    assert_eq!(after.filing.supplements, [more]);
    assert_eq!(after.filing.description, before.filing.description);
    let silent = Supplement { at: now(), by: manager(), text: " ".into() };
    assert_eq!(
        faults(before.supplement(silent, now())),
        [("/text".to_owned(), "required".to_owned())]
    );
}
