//! A tenant to test against: two branches of units, staff, and cases in every state.
#![allow(dead_code, reason = "each test file uses its part")]

use domain::case::closing::Close;
use domain::case::feedback::{Audience, Feedback};
use domain::case::filing::{Entry, Filed, Filing, Intake, Surroundings, file};
use domain::case::information::{InformationPoint, PatientInformation};
use domain::case::investigation::{Cause, Findings};
use domain::case::measure::Measure;
use domain::case::refile::{Refiled, Refiling};
use domain::case::triage::{LexAnswer, LexQuestion, Limits, Severity, Triage, Vardskada};
use domain::case::{Case, Kind, Status, Track};
use domain::code_lists::CodeLists;
use domain::ids::{
    CaseId, CauseId, FeedbackId, InvestigationId, MeasureId, StaffId, SubjectId, UnitId,
};
use domain::organisation::{Unit, UnitTree};
use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;

pub const NOW: &str = "2026-03-10T08:00:00Z";

pub fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub const REPORTER: u128 = 1;
pub const MANAGER: u128 = 2;

pub fn manager() -> StaffId {
    StaffId(id(MANAGER))
}

fn unit(n: u128, code: &str, parent: Option<u128>) -> Unit {
    Unit {
        id: UnitId(id(n)),
        code: code.into(),
        name: code.to_uppercase(),
        area: Some("SABO".into()),
        parent: parent.map(|n| UnitId(id(n))),
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: code == "okand",
        version: 1,
    }
}

/// `norr` over `gran` and `tall`; `syd` beside; `gammal`, closed 2025, whose successor is `gran`;
/// `stangd`, closed with nobody to take over; `okand`.
pub fn units() -> UnitTree {
    let mut old = unit(14, "gammal", Some(10));
    old.valid_to = Some(date(2025, 12, 31));
    old.successor = Some(UnitId(id(11)));
    let mut shut = unit(16, "stangd", None);
    shut.valid_to = Some(date(2025, 12, 31));
    UnitTree::new([
        unit(10, "norr", None),
        unit(11, "gran", Some(10)),
        unit(12, "tall", Some(10)),
        unit(13, "syd", None),
        old,
        unit(15, "okand", None),
        shut,
    ])
}

pub fn intake() -> Intake {
    Intake {
        unit: "gran".into(),
        occurred_at: Some("2026-03-09T21:00:00Z".parse().expect("a time")),
        filing: Filing {
            description: "Gled ner från sängkanten.".into(),
            category: Some("HSL.FAL".into()),
            law: vec!["HSL".into()],
            ..Filing::default()
        },
        ..Intake::default()
    }
}

pub fn entry(kind: Kind, draft: bool) -> Entry {
    Entry {
        id: CaseId(id(100)),
        kind,
        number_seed: 7,
        subject_id: SubjectId(id(101)),
        reported_by: Some(StaffId(id(REPORTER))),
        registered_by: Some(StaffId(id(REPORTER))),
        draft,
    }
}

pub fn filed(kind: Kind, draft: bool, intake: Intake, may_backdate: bool) -> Filed {
    let (units, codes) = (units(), CodeLists::shared());
    let around = Surroundings { units: &units, codes: &codes, now: now(), may_backdate };
    file(entry(kind, draft), intake, around).expect("files")
}

pub fn reported() -> Case {
    filed(Kind::Avvikelse, false, intake(), false).changed.case
}

pub fn full_triage(track: Track) -> Triage {
    Triage {
        law: Some(vec!["HSL".into()]),
        category: Some("HSL.FAL".into()),
        severity_actual: Some(if track == Track::Simple { 1 } else { 2 }),
        probability: Some(2),
        vardskada: Some(if track == Track::Simple { Vardskada::No } else { Vardskada::CouldHave }),
        lex: [(LexQuestion::LexMaria, LexAnswer::No)].into(),
        track: Some(track),
        ..Triage::default()
    }
}

pub fn triage(case: Case, triage: Triage) -> Case {
    case.triage(triage, &CodeLists::shared(), Limits::default(), manager(), now())
        .expect("triages")
        .case
}

pub fn cause(n: u128) -> Cause {
    Cause { id: CauseId(id(n)), code: "ORS.PRO".into(), text: None, waiver: None }
}

pub fn measure(n: u128, against: &[u128]) -> Measure {
    Measure {
        id: MeasureId(id(n)),
        kind: "ATG.RUT".into(),
        text: "Ny rutin för tillsyn.".into(),
        causes: against.iter().map(|n| CauseId(id(*n))).collect(),
        owner: Some("Enhetschef".into()),
        due_on: Some(date(2026, 4, 1)),
        follow_up_on: Some(date(2026, 6, 1)),
        done_on: None,
        effect: Default::default(),
        effect_note: None,
    }
}

pub fn findings() -> Findings {
    Findings {
        course_of_events: Some("Steg för steg.".into()),
        assessment: Some("Rutinen följdes inte.".into()),
        person_account: Some("Tillfrågad, minns inte.".into()),
        support_offered: Some(true),
        causes: Some(vec![cause(200), cause(201)]),
        complete: true,
        ..Findings::default()
    }
}

pub fn feedback() -> Feedback {
    Feedback {
        id: FeedbackId(id(300)),
        audience: Audience::Reporter,
        meeting_on: None,
        text: "Tack.".into(),
        at: now(),
        by: manager(),
    }
}

pub fn information() -> PatientInformation {
    PatientInformation {
        points: InformationPoint::ALL.to_vec(),
        informed_at: Some(now()),
        how: Some("Vid besök".into()),
        impediment: None,
        journal_note_confirmed: true,
    }
}

/// A case that stands at `status`, on the standard track.
pub fn standing(status: Status) -> Case {
    let codes = CodeLists::shared();
    let new = InvestigationId(id(400));
    match status {
        Status::Draft => filed(Kind::Avvikelse, true, intake(), false).changed.case,
        Status::Reported => reported(),
        Status::Triaged => triage(reported(), full_triage(Track::Standard)),
        Status::Investigating => {
            standing(Status::Triaged)
                .investigate(findings(), new, &codes, manager(), now())
                .expect("investigates")
                .case
        }
        Status::MeasuresDecided => {
            standing(Status::Investigating)
                .add_measures(
                    vec![measure(500, &[200]), measure(501, &[201])],
                    vec![],
                    &codes,
                    now(),
                )
                .expect("adds")
                .case
                .decide_measures(now())
                .expect("decides")
                .case
        }
        Status::FollowingUp => {
            standing(Status::MeasuresDecided).follow_up(now()).expect("follows up").case
        }
        Status::Closed => close(standing(Status::FollowingUp), handled()).expect("closes"),
        Status::Void => {
            reported().void("Fel.".into(), manager(), false, now()).expect("voids").case
        }
    }
}

pub fn handled() -> Close {
    Close {
        outcome: "UTF.ATG".into(),
        summary: Some("Rutin ändrad.".into()),
        feedback: Some(feedback()),
        ..Close::default()
    }
}

pub fn close(case: Case, close: Close) -> Result<Case, domain::case::Rejected> {
    case.close(close, &CodeLists::shared(), Limits::default(), manager(), now())
        .map(|changed| changed.case)
}

pub fn severity(actual: u8, potential: u8) -> Severity {
    Severity { actual: Some(actual), potential: Some(potential) }
}

/// Files a case again as another kind.
pub fn refiled(case: Case, kind: Kind) -> Result<Refiled, domain::case::Rejected> {
    let reason = "Det är ett klagomål.".to_owned();
    let refiling = Refiling { kind, subkind: None, category: None, reason };
    let mut drawn = 900;
    let mut new_id = || {
        drawn += 1;
        id(drawn)
    };
    let codes = CodeLists::shared();
    case.refile(refiling, &codes, manager(), false, (&mut new_id, 7), now())
}
