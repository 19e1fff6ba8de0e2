//! A filing is never refused for its content: what is wrong is kept and named.

mod common;

use common::*;
use domain::case::filing::{Filing, Intake, SubjectGiven, Surroundings, file, numbers_in};
use domain::case::{Kind, Status};
use domain::code_lists::CodeLists;
use domain::fault::Reason;
use domain::ids::UnitId;
use domain::organisation::UnitTree;
use domain::personnummer::SubjectIdentity;
use jiff::Timestamp;
use serde_json::json;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The fields and codes of the warnings of a filing.
fn warned(intake: Intake) -> Vec<(String, String)> {
    let warnings = filed(Kind::Avvikelse, false, intake, false).changed.case.filing.warnings;
    warnings.into_iter().map(|w| (w.field.clone(), w.reason.code().to_owned())).collect()
}

fn one(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

#[test]
fn a_filing_with_nothing_wrong_has_no_warnings() {
    assert!(warned(intake()).is_empty());
}

#[test]
fn every_fault_of_content_is_kept_and_named() {
    let with = |change: fn(&mut Intake)| {
        let mut intake = intake();
        change(&mut intake);
        warned(intake)
    };
    assert_eq!(with(|i| i.unit = "ingenstans".into()), one("/unit", "unknown_unit"));
    assert_eq!(
        with(|i| i.filing.category = Some("HSL.XXX".into())),
        one("/category", "unknown_code")
    );
    assert_eq!(
        with(|i| i.filing.law = vec!["HSL".into(), "ABC".into()]),
        one("/law/1", "unknown_code")
    );
    assert_eq!(with(|i| i.nature = Some("X".into())), one("/nature", "unknown_code"));
    assert_eq!(with(|i| i.injury = Some("X".into())), one("/harm/injury", "unknown_code"));
    assert_eq!(
        with(|i| i.filing.informed = vec!["SSK".into(), "X".into()]),
        one("/informed/1", "unknown_code")
    );
    assert_eq!(with(|i| i.probability = Some(9)), one("/probability", "out_of_range"));
    assert_eq!(with(|i| i.severity = severity(0, 5)).len(), 2);
    assert_eq!(
        with(|i| i.discovered_at = Some(at("2026-03-09T20:00:00Z"))),
        one("/discovered_at", "before")
    );
    assert_eq!(
        with(|i| i.occurred_until = Some(at("2026-03-09T20:00:00Z"))),
        one("/occurred_until", "before")
    );
    assert_eq!(
        with(|i| i.subject = Some(SubjectGiven::Personal("640823-3235".into()))),
        one("/subject/personal_id", "bad_check_digit")
    );
}

#[test]
fn unknown_codes_are_kept_as_given_and_count_as_no_value() {
    let mut intake = intake();
    intake.filing.category = Some("HSL.XXX".into());
    let case = filed(Kind::Avvikelse, false, intake, false).changed.case;
    assert_eq!(case.category(), Some("HSL.XXX"));
    let fact = domain::statistics::Fact::of(&case, &CodeLists::shared());
    assert_eq!(fact.category, None);
}

#[test]
fn a_clock_a_little_ahead_is_kept_and_one_far_ahead_is_unknown() {
    let mut little = intake();
    little.occurred_at = Some(at("2026-03-10T08:15:00Z"));
    let case = filed(Kind::Avvikelse, false, little, false).changed.case;
    assert_eq!(case.occurred_at, Some(at("2026-03-10T08:15:00Z")));
    assert_eq!(case.filing.warnings.len(), 1);

    let mut far = intake();
    far.occurred_at = Some(at("2026-03-10T08:15:01Z"));
    let case = filed(Kind::Avvikelse, false, far, false).changed.case;
    assert_eq!(case.occurred_at, None);
    let given = at("2026-03-10T08:15:01Z");
    assert_eq!(case.filing.warnings[0].reason, Reason::InFuture { given });
}

#[test]
fn a_closed_unit_gives_its_filing_to_who_took_over_on_the_day_of_the_event() {
    let place = |unit: &str, occurred: &str| {
        let mut intake = intake();
        intake.unit = unit.into();
        intake.occurred_at = Some(at(occurred));
        filed(Kind::Avvikelse, false, intake, false).changed.case
    };
    let after = place("gammal", "2026-01-10T12:00:00Z");
    assert_eq!(after.unit, UnitId(id(11)), "its successor");
    assert_eq!(after.filing.warnings[0].reason.code(), "closed_unit");
    let before = place("gammal", "2025-12-31T22:30:00Z");
    assert_eq!(before.unit, UnitId(id(14)), "open on the day: 23:30 Swedish time");
    assert!(before.filing.warnings.is_empty());
    assert_eq!(
        place("gammal", "2025-12-31T23:30:00Z").unit,
        UnitId(id(11)),
        "half an hour into 2026"
    );
    assert_eq!(place("stangd", "2026-01-10T12:00:00Z").unit, UnitId(id(16)), "nobody took over");
    assert_eq!(place("annans", "2026-01-10T12:00:00Z").unit, UnitId(id(15)), "the unknown unit");
    assert_eq!(place(&id(12).to_string(), "2026-01-10T12:00:00Z").unit, UnitId(id(12)), "by id");
}

#[test]
fn a_letter_counts_from_when_it_came_in() {
    let letter = || {
        let mut intake = intake();
        intake.occurred_at = None;
        intake.received_at = Some(at("2025-12-30T10:00:00Z"));
        intake.filing.channel = Some("BRV".into());
        intake.filing.received_reason = Some("Brev i postlådan över helgen.".into());
        intake
    };
    let case = filed(Kind::Klagomal, false, letter(), true).changed.case;
    assert_eq!(case.reported_at, at("2025-12-30T10:00:00Z"));
    assert_eq!(case.registered_at, now());
    assert!(case.number.to_string().starts_with("KLA-2025-"), "{}", case.number);

    let not_permitted = filed(Kind::Klagomal, false, letter(), false).changed.case;
    assert_eq!(not_permitted.reported_at, now());
    let codes: Vec<_> =
        not_permitted.filing.warnings.iter().map(|w| w.reason.code().to_owned()).collect();
    assert!(codes.contains(&"received_at_not_permitted".to_owned()), "{codes:?}");
}

#[test]
fn half_an_hour_before_midnight_in_sweden_is_the_old_year() {
    let (units, codes) = (units(), CodeLists::shared());
    for (when, year) in [("2025-12-31T22:30:00Z", 2025), ("2025-12-31T23:00:00Z", 2026)] {
        let around =
            Surroundings { units: &units, codes: &codes, now: at(when), may_backdate: false };
        let mut intake = intake();
        intake.occurred_at = None;
        let case = file(entry(Kind::Avvikelse, false), intake, around).expect("files").changed.case;
        assert_eq!(case.number.year(), year, "{when}");
        let fact = domain::statistics::Fact::of(&case, &codes);
        assert_eq!(i32::from(fact.reported.year), i32::from(year), "{when}");
    }
}

#[test]
fn a_personal_number_leaves_every_text_and_is_sealed_once() {
    let mut intake = intake();
    intake.filing.description = "Patienten 19640823-3234 föll. Även 640823-3234 skrevs.".into();
    intake.filing.immediate_action = Some("Ringde 640823 3234.".into());
    intake.filing.details = json!({"where": ["badrum", "640823-3234"], "n": 6408233234_i64})
        .as_object()
        .cloned()
        .expect("an object");
    intake.filing.category = Some("640823-3234".into());
    intake.unit = "640823-3234".into();
    let filed = filed(Kind::Avvikelse, false, intake, false);
    let case = &filed.changed.case;
    let stored = serde_json::to_string(&case.filing).expect("JSON");
    assert!(!stored.contains("3234"), "{stored}");
    assert!(case.filing.description.contains("[personnummer]"));
    let first = case
        .filing
        .warnings
        .iter()
        .find(|warning| warning.field == "/description")
        .expect("is named");
    assert_eq!(first.reason, Reason::PersonalNumber { position: 10, length: 13 });
    let subject = filed.subject.expect("is sealed");
    assert!(!subject.confirmed, "found, not said");
    assert!(matches!(subject.identity, SubjectIdentity::Personal(_)));
    assert!(case.subject.is_some());
    assert_eq!(case.filing.sex.as_deref(), Some("M"));
    assert_eq!(case.filing.age_band.as_deref(), Some("18-64"));
    assert!(!format!("{filed:?}", filed = subject).contains("3234"), "not even in a debug text");
}

#[test]
fn a_person_who_was_named_stays_the_person() {
    let mut intake = intake();
    intake.subject =
        Some(SubjectGiven::Other { id: "R-17".into(), issuer: Some("regionen".into()) });
    intake.filing.description = "Om 640823-3234.".into();
    let filed = filed(Kind::Avvikelse, false, intake, false);
    let subject = filed.subject.expect("is sealed");
    assert!(subject.confirmed);
    assert!(matches!(subject.identity, SubjectIdentity::Other { .. }));
    assert!(!filed.changed.case.filing.description.contains("3234"));
}

#[test]
fn only_a_description_of_nothing_is_refused() {
    let (units, codes) = (units(), CodeLists::shared());
    let around = Surroundings { units: &units, codes: &codes, now: now(), may_backdate: false };
    let empty =
        Intake { filing: Filing { description: " \n".into(), ..Filing::default() }, ..intake() };
    let refused = file(entry(Kind::Avvikelse, false), empty, around).expect_err("is refused");
    assert_eq!(refused[0].field, "/description");
    let nowhere = UnitTree::default();
    let around = Surroundings { units: &nowhere, ..around };
    assert!(file(entry(Kind::Avvikelse, false), intake(), around).is_err());
}

#[test]
fn a_draft_is_edited_whole_and_keeps_its_number() {
    let draft = standing(Status::Draft);
    let mut new = intake();
    new.filing.description = "Skrivet om.".into();
    let filed = filed(Kind::Avvikelse, true, new, false);
    let edited = draft.clone().edit(filed, now()).expect("edits").changed.case;
    assert_eq!(edited.number, draft.number);
    assert_eq!(edited.filing.description, "Skrivet om.");
    assert_eq!(edited.version, draft.version + 1);
    assert_eq!(edited.status(), Status::Draft);
}

#[test]
fn numbers_at_a_desk_are_named_by_pointer() {
    let mut body =
        json!({"reason": "för 640823-3234", "causes": [{"text": "ok"}, {"text": "640823-3234"}]});
    let mut found: Vec<String> = numbers_in(&mut body, jiff::civil::date(2026, 3, 10))
        .into_iter()
        .map(|f| f.field)
        .collect();
    found.sort();
    assert_eq!(found, ["/causes/1/text", "/reason"]);
}

#[test]
fn a_law_said_twice_counts_once() {
    let mut intake = intake();
    intake.filing.law = vec!["HSL".into(), "HSL".into(), "SOL".into()];
    let case = filed(Kind::Avvikelse, false, intake, false).changed.case;
    assert_eq!(case.laws(), [domain::law::Law::Hsl, domain::law::Law::Sol]);
    assert_eq!(case.filing.warnings[0].reason, Reason::NotUnique);
}

#[test]
fn a_number_hides_neither_in_a_name_nor_behind_a_letter() {
    let mut intake = intake();
    intake.filing.description = "pnr640823-3234".into();
    intake.filing.details =
        json!({"640823-3234": "och 640823-3234"}).as_object().cloned().expect("an object");
    let case = filed(Kind::Avvikelse, false, intake, false).changed.case;
    let stored = serde_json::to_string(&case.filing).expect("JSON");
    assert!(!stored.contains("3234"), "{stored}");
}

#[test]
fn an_unknown_kind_of_protection_is_named_and_does_not_keep_the_filing_out() {
    let mut intake = intake();
    intake.protected = Some("JA".into());
    let filed = filed(Kind::Avvikelse, false, intake, false);
    let codes: Vec<_> =
        filed.changed.case.filing.warnings.iter().map(|w| w.reason.code().to_owned()).collect();
    assert_eq!(codes, ["unknown_code", "required"]);
}
