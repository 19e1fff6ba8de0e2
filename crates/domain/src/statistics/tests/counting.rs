//! Each rule of counting, by a case that changes the figure.

use std::collections::BTreeSet;

use super::*;
use crate::case::Subkind;

#[test]
fn drafts_and_void_cases_are_never_counted() {
    let uncounted = Fact { counted: false, ..fall(2) };
    assert_eq!(count(&[fall(1), uncounted.clone()], "year=2025"), 1);
    assert_eq!(count(&[fall(1), uncounted], "year=2025&duplicates=all"), 1);
    assert_eq!(count(&[fall(1), fall(2)], "year=2025"), 2);
}

#[test]
fn a_duplicate_counts_once_unless_all_are_asked_for() {
    let facts = [fall(1), Fact { duplicate: true, ..fall(2) }];
    assert_eq!(count(&facts, "year=2025"), 1);
    assert_eq!(count(&facts, "year=2025&duplicates=all"), 2);
}

#[test]
fn of_several_laws_the_first_counts_and_of_mentions_each() {
    let both = Fact { laws: vec![Law::Sol, Law::Hsl], ..fall(2) };
    let none = Fact { laws: vec![], ..fall(3) };
    let facts = [fall(1), both, none];
    let by_law = |more: &str| column(&ask(&facts, &format!("year=2025&group_by=law{more}")));
    assert_eq!(by_law(""), pairs([("HSL", 1), ("SOL", 1), ("null", 1)]));
    assert_eq!(by_law("&of=mentions"), pairs([("HSL", 2), ("SOL", 1), ("null", 1)]));
    assert_eq!(count(&facts, "year=2025&group_by=law&of=mentions"), 4);
    // Without laws side by side there is nothing to mention twice.
    assert_eq!(count(&facts, "year=2025&of=mentions"), 3);

    assert_eq!(count(&facts, "year=2025&law=HSL"), 1);
    assert_eq!(count(&facts, "year=2025&law=HSL,SOL"), 2);
    assert_eq!(count(&facts, "year=2025&law=null"), 1);
    assert_eq!(count(&facts, "year=2025&law=HSL&of=mentions"), 2);
    assert_eq!(by_law("&law=HSL&of=mentions"), pairs([("HSL", 2)]));
}

#[test]
fn an_event_of_several_cases_counts_once_where_the_first_does() {
    let event = Some(CaseId(Uuid::from_u128(1)));
    let later = Fact { unit: unit_id(3), ..reported(fall(1), "2025-04-01") };
    let facts = [(later, event), (fall(2), event), (fall(3), None)];
    let of_events =
        |more: &str| answer(&facts, &format!("year=2025&group_by=unit{more}"), &Scope::All);
    assert_eq!(column(&of_events("")), pairs([("Bäcken", 1), ("Ängen", 2)]));
    assert_eq!(column(&of_events("&of=events")), pairs([("Ängen", 2)]));
    // Among those that match, another may be the first.
    assert_eq!(column(&of_events("&of=events&unit=u3")), pairs([("Bäcken", 1)]));
    assert_eq!(column(&of_events("&of=events&measures=lead_time")), pairs([("Ängen", 2)]));
}

#[test]
fn what_senders_said_of_the_answer_counts_and_who_said_nothing_does_under_null() {
    use crate::survey::Satisfied;
    let opinion = |number, understood, helped, patientnamnd: Option<&str>| Fact {
        kind: Kind::Klagomal,
        understood,
        helped,
        patientnamnd: patientnamnd.map(str::to_owned),
        ..fall(number)
    };
    let facts = [
        opinion(1, Some(Satisfied::No), Some(Satisfied::Partly), Some("PN3.4")),
        opinion(2, Some(Satisfied::Yes), None, Some("PN3")),
        opinion(3, None, None, None),
    ];
    let by = |dimension: &str| column(&ask(&facts, &format!("year=2025&group_by={dimension}")));
    assert_eq!(by("understood"), pairs([("yes", 1), ("no", 1), ("null", 1)]));
    assert_eq!(by("helped"), pairs([("partly", 1), ("null", 2)]));
    assert_eq!(by("patientnamnd"), pairs([("PN3", 1), ("PN3.4", 1), ("null", 1)]));
    assert_eq!(count(&facts, "year=2025&understood=yes,null"), 2);
    assert_eq!(count(&facts, "year=2025&patientnamnd=PN3"), 2, "with those below");
    assert_eq!(count(&facts, "year=2025&patientnamnd=PN3.4&helped=partly"), 1);
}

#[test]
fn the_year_turns_in_sweden_and_counts_by_report_or_event() {
    let facts = [
        fall(1),
        reported(fall(2), "2026-01-02 09:00"),
        occurred(fall(3), None),
        occurred(reported(fall(4), "2026-01-02"), None),
    ];
    assert_eq!(count(&facts, "year=2025"), 2);
    let cube = ask(&facts, "year=2025&count_by=occurred");
    assert_eq!((cube.total.count, cube.unplaced), (2, Some(1)));
    let cube = ask(&facts, "year=2025&count_by=occurred&weekday=2&unit=u3");
    assert_eq!((cube.total.count, cube.unplaced), (0, Some(0)));
    // What happened at an unknown time is left out of any part of the week.
    let cube = ask(&facts, "year=2025&count_by=occurred&weekday=7&unit=u1");
    assert_eq!((cube.total.count, cube.unplaced), (0, Some(1)));
    assert_eq!(ask(&facts, "year=2025").unplaced, None);
    let turn = [reported(fall(1), "2025-12-31 23:59"), reported(fall(2), "2026-01-01 00:00")];
    assert_eq!(count(&turn, "year=2025"), 1);
}

#[test]
fn a_day_decides_what_is_open_and_what_is_there() {
    let closed = |number, day| Fact { closed_at: Some(at(day)), ..fall(number) };
    let facts = [
        fall(1),
        closed(2, "2025-12-31 23:59"),
        closed(3, "2026-01-01 00:00"),
        reported(fall(4), "2025-11-01 00:00"),
    ];
    let figures = |as_of: &str| {
        let total = ask(&facts, &format!("year=2025&measures=open,closed{as_of}")).total;
        (total.count, total.open, total.closed)
    };
    assert_eq!(figures("&as_of=2025-12-31"), (4, Some(3), Some(1)));
    assert_eq!(figures("&as_of=2026-01-01"), (4, Some(2), Some(2)));
    assert_eq!(figures(""), (4, Some(2), Some(2)));
    assert_eq!(figures("&as_of=2025-10-31"), (3, Some(3), Some(0)));
    assert_eq!(count(&facts, "year=2025&count_by=occurred&as_of=2025-10-31"), 3);
    // What happened in March was not known before it was reported in November.
    let march = "from=2025-03&to=2025-03&count_by=occurred";
    assert_eq!(count(&facts, march), 4);
    assert_eq!(count(&facts, &format!("{march}&as_of=2025-10-31")), 3);
    // The same where cases are read one by one.
    assert_eq!(figures(",lead_time&as_of=2025-12-31"), (4, Some(3), Some(1)));
    assert_eq!(ask(&facts, "year=2025").total.open, None);
}

#[test]
fn lead_times_begin_with_the_event() {
    let slow = Fact { closed_at: Some(at("2025-03-20 05:30")), ..fall(2) };
    let unknown = Fact { closed_at: Some(at("2025-03-20")), ..occurred(fall(3), None) };
    let cube = ask(&[fall(1), slow, unknown], "year=2025&measures=lead_time&group_by=category");
    let found = cube.total.lead_time.unwrap();
    assert_eq!((found.report.n, found.report.median), (2, Some(Days { tenths: 11 })));
    assert_eq!((found.close.n, found.close.p90), (1, Some(Days { tenths: 100 })));
    assert_eq!((found.triage.n, found.triage.median), (0, None));
    assert_eq!(cube.rows[0].figures.lead_time, Some(found));
    assert_eq!(cube.total.count, 3);
}

#[test]
fn the_previous_year_stands_beside_this_one() {
    let of = |number, day| reported(fall(number), day);
    let facts = [
        of(1, "2025-03-01"),
        of(2, "2025-03-31"),
        of(3, "2024-03-15"),
        of(4, "2024-05-15"),
        of(5, "2023-03-15"),
    ];
    let rows = |text: &str| -> Vec<_> {
        let cube = ask(&facts, text);
        let sum: u64 = cube.rows.iter().filter_map(|row| row.figures.previous).sum();
        assert_eq!(cube.total.previous, Some(sum));
        let row = |row: &Row| {
            let Key::Number(key) = *row.keys[0] else { panic!("no number") };
            (key, row.figures.count, row.figures.previous.unwrap(), row.figures.change().unwrap())
        };
        cube.rows.iter().map(row).collect()
    };
    let months = "year=2025&group_by=month&compare=previous_year";
    assert_eq!(rows(months), [(3, 2, 1, 1), (5, 0, 1, -1)]);
    let spring = "from=2025-02&to=2025-04&group_by=tertial&compare=previous_year";
    assert_eq!(rows(spring), [(1, 2, 1, 1)]);
    let years = "from=2024-01&to=2025-12&group_by=year&compare=previous_year";
    assert_eq!(rows(years), [(2024, 2, 1, 1), (2025, 2, 2, 0)]);
    // 2024 is in the period and in the one before it.
    let both = ask(&facts, "year=2024,2025&compare=previous_year");
    assert_eq!((both.total.count, both.total.previous), (4, Some(3)));
    assert_eq!(ask(&facts, "year=2025").total.change(), None);
}

#[test]
fn filters_take_along_what_lies_below() {
    let category =
        |number, code: Option<&str>| Fact { category: code.map(str::to_owned), ..fall(number) };
    let facts = [
        fall(1),
        category(2, Some("HSL.LKM.TID.X")),
        category(3, Some("HSL.LKM")),
        category(4, None),
    ];
    for (filter, expected) in [
        ("category=HSL.LKM", 2),
        ("category=HSL.LKM.TID", 1),
        ("category=HSL.FAL,null", 2),
        ("category_top=HSL.LKM", 2),
        ("category_top=null", 1),
        ("severity=2,null", 4),
        ("severity=null", 0),
        ("serious=null", 4),
        ("serious=true", 0),
        ("half=1", 4),
        ("tertial=2,3", 0),
        ("hour_band=06-12", 4),
        ("hour_band=00-06", 0),
        ("kind=avvikelse", 4),
        ("kind=AVV,SYN.BER", 4),
        ("kind=null", 0),
    ] {
        assert_eq!(count(&facts, &format!("year=2025&{filter}")), expected, "{filter}");
    }
    let top = column(&ask(&facts, "year=2025&group_by=category_top"));
    assert_eq!(top, pairs([("HSL.FAL", 1), ("HSL.LKM", 2), ("null", 1)]));
}

#[test]
fn units_and_areas() {
    let facts = [1, 2, 3, 4].map(|number| Fact { unit: unit_id(number), ..fall(number) });
    let by = |text: &str| column(&ask(&facts, &format!("year=2025&{text}")));
    let by_unit = pairs([("Bäcken", 1), ("Dalen", 1), ("Åkern", 1), ("Ängen", 1)]);
    assert_eq!(by("group_by=unit"), by_unit);
    assert_eq!(by("group_by=area"), pairs([("SABO", 2), ("ORD.HTJ", 1), ("null", 1)]));
    assert_eq!(by("group_by=unit&unit=u1"), pairs([("Åkern", 1), ("Ängen", 1)]));
    assert_eq!(by("group_by=unit&area=ORD,null"), pairs([("Bäcken", 1), ("Dalen", 1)]));
    let id = unit_id(2).to_string();
    assert_eq!(by(&format!("group_by=unit&unit={id}")), pairs([("Åkern", 1)]));

    let scope = Scope::Only(BTreeSet::from([unit_id(1), unit_id(3)]));
    let alone = facts.map(|fact| (fact, None));
    let cube = answer(&alone, "year=2025", &scope);
    let names: Vec<_> = cube.scope.unwrap().into_iter().map(|unit| unit.name).collect();
    assert_eq!((cube.total.count, names), (2, vec!["Bäcken".to_owned(), "Ängen".to_owned()]));
    assert_eq!(answer(&alone, "year=2025&unit=u4", &scope).total.count, 0);
}

#[test]
fn a_subkind_narrows_its_kind() {
    let of = |number, subkind| Fact { kind: Kind::Synpunkt, subkind, ..fall(number) };
    let facts =
        [fall(1), of(2, None), of(3, Some(Subkind::Praise)), of(4, Some(Subkind::Proposal))];
    for (kinds, expected) in [
        ("synpunkt", 3),
        ("SYN", 3),
        ("SYN.BER", 1),
        ("SYN.BER,SYN.FOR", 2),
        ("AVV,SYN.FOR", 2),
        ("KLA", 0),
    ] {
        assert_eq!(count(&facts, &format!("year=2025&kind={kinds}")), expected, "{kinds}");
    }
    let by_kind = column(&ask(&facts, "year=2025&group_by=kind"));
    assert_eq!(by_kind, pairs([("avvikelse", 1), ("synpunkt", 3)]));
}
