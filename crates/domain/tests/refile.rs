//! Filing again as another kind.

mod common;

use common::*;
use domain::case::refile::Refiled;
use domain::case::{Kind, Rejected, Status, Track};

#[test]
fn what_goes_on_as_another_kind_keeps_words_times_and_what_was_judged_of_the_event() {
    let old = standing(Status::Triaged);
    let Refiled { old: void, new } = refiled(old.clone(), Kind::Klagomal).expect("it is open");
    assert_eq!(void.case.status(), Status::Void);
    assert_eq!(void.case.filing, old.filing, "the reporter's text is unchanged");
    assert_eq!(void.case.refiled_as(), Some(new.case.id));
    let new = new.case;
    assert_eq!((new.version, new.status()), (1, Status::Reported));
    assert_eq!(new.number.kind(), Kind::Klagomal.number_kind());
    assert_eq!(new.reported_at, old.reported_at);
    assert_eq!(new.filing.description, old.filing.description);
    assert_eq!(new.assessment.lex, old.assessment.lex);
    assert_eq!(new.assessment.harm, old.assessment.harm);
    assert_eq!((new.assessment.track, new.assessment.category), (None, None));

    // Never softened on the way: who ends a deep case is asked of the new one, too.
    let mut deep = old.clone();
    deep.assessment.track = Some(Track::Deep);
    let deep = refiled(deep, Kind::Klagomal).expect("it is open").new.case;
    assert_eq!(deep.assessment.track, Some(Track::Deep));
    // Between the two kinds of opinion only until it is acknowledged.
    let mut opinion = old;
    opinion.kind = Kind::Synpunkt;
    assert!(matches!(refiled(opinion, Kind::Klagomal), Err(Rejected::Guard(_))));
}
