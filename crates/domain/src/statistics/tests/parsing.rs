//! What a question may say.

use jiff::civil::date;

use super::*;
use crate::fault::Reason;

#[test]
fn every_fault_is_told_at_once() {
    let faults = |text: &str| -> Vec<(String, String)> {
        let faults = parse(text).unwrap_err().into_iter();
        faults.map(|fault| (fault.field, fault.reason.code().to_owned())).collect()
    };
    for (text, expected) in [
        ("", vec![("year", "required")]),
        ("year=2025&foo=1&month=13", vec![("foo", "unknown_field"), ("month", "out_of_range")]),
        ("year=x&from=2025-01", vec![("year", "wrong_type"), ("year", "inconsistent")]),
        ("from=2025-02", vec![("to", "required")]),
        ("from=2025-02&to=2025-01", vec![("to", "before")]),
        ("from=2025-2&to=2025-03", vec![("from", "wrong_type")]),
        ("year=2023,2025", vec![("year", "inconsistent")]),
        ("year=2025&year=2024", vec![("year", "not_unique")]),
        ("year=1066", vec![("year", "out_of_range")]),
        (
            "year=2025&group_by=unit,cause,shoe,unit",
            vec![("group_by", "unknown_code"), ("group_by", "not_unique"), ("of", "inconsistent")],
        ),
        ("year=2025&counterparty=X", vec![("counterparty", "unknown_code")]),
        (
            "year=2025&unit=nowhere&area=X&law=BrB",
            vec![("unit", "unknown_unit"), ("area", "unknown_code"), ("law", "unknown_code")],
        ),
        (
            "year=2025&understood=maybe&helped=true&patientnamnd=X",
            vec![
                ("understood", "unknown_code"),
                ("helped", "unknown_code"),
                ("patientnamnd", "unknown_code"),
            ],
        ),
        ("year=2025&category_top=HSL.LKM.TID", vec![("category_top", "inconsistent")]),
        (
            "year=2025&as_of=1/1&of=x&count_by=y&compare=z&duplicates=no",
            vec![
                ("as_of", "wrong_type"),
                ("of", "unknown_code"),
                ("count_by", "unknown_code"),
                ("compare", "unknown_code"),
                ("duplicates", "unknown_code"),
            ],
        ),
        (
            "year=2025&measures=answered,sum&format=pdf",
            vec![("measures", "unknown_code"), ("format", "unknown_code")],
        ),
        (
            "year=2025&kind=avvikelse,,x&serious=1&hour_band=6",
            vec![
                ("kind", "required"),
                ("kind", "unknown_code"),
                ("serious", "wrong_type"),
                ("hour_band", "unknown_code"),
            ],
        ),
    ] {
        let found = faults(text);
        // A stable code of its own stands for the general word here.
        let general = |code: &str| match code {
            "year_and_months"
            | "years_not_consecutive"
            | "dimension_needs_mentions"
            | "not_a_top_code" => "inconsistent".to_owned(),
            other => other.to_owned(),
        };
        let found: Vec<_> =
            found.into_iter().map(|(field, code)| (field, general(&code))).collect();
        let expected: Vec<_> =
            expected.into_iter().map(|(field, code)| (field.to_owned(), code.to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }
    // A case may have several of each.
    for several in ["cause", "counterparty"] {
        let fault = &parse(&format!("year=2025&group_by={several}")).unwrap_err()[0];
        assert_eq!(fault.reason, Reason::inconsistent("dimension_needs_mentions"), "{several}");
        parse(&format!("year=2025&of=mentions&group_by={several}&{several}=null")).unwrap();
    }
}

#[test]
fn what_is_not_said_has_its_usual_value() {
    let query = parse("year=2025").unwrap();
    assert_eq!((query.as_of, query.as_of_is_past), (date(2026, 2, 1), false));
    assert_eq!(
        (query.of, query.count_by, query.format),
        (Of::Cases, CountBy::Reported, Format::Json)
    );
    assert_eq!(query.measures, [Measure::Count]);
    // Nothing but the year is asked of the facts, so that an index can answer.
    let base = query.base(&Scope::All, Part::All);
    assert_eq!((base.conditions.len(), base.reported_before, base.closed_before), (0, None, None));
    assert_eq!(base.spans, [Months::years(2025, 2025)]);
}
