//! The report of a year, made from counts: what it says in words, and what it does not.

use std::collections::BTreeSet;

use domain::case::Kind;
use domain::case::triage::Vardskada;
use domain::clock::ClockSettings;
use domain::code_lists::CodeLists;
use domain::ids::UnitId;
use domain::law::Law;
use domain::organisation::{Unit, UnitTree};
use domain::policy::Scope;
use domain::table::Cell;
use domain::yearly::build::{Asked, YearsCases, yearly};
use domain::yearly::first_page::first_page;
use domain::yearly::sources::{CaseCount, FirstYears, Sources, TraitCount};
use domain::yearly::{About, SectionId, Yearly, sentences};
use uuid::Uuid;

fn unit(number: u128, name: &str, area: &str) -> Unit {
    Unit {
        id: UnitId(Uuid::from_u128(number)),
        code: name.to_lowercase(),
        name: name.to_owned(),
        area: Some(area.to_owned()),
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    }
}

fn falls(year: i16, unit: u128, count: u64) -> CaseCount {
    CaseCount {
        year,
        kind: Kind::Avvikelse,
        subkind: None,
        unit: UnitId(Uuid::from_u128(unit)),
        law: Some(Law::Hsl),
        category: Some("HSL.FAL".to_owned()),
        imported: false,
        count,
    }
}

fn report(cases: Vec<CaseCount>) -> Yearly {
    made(&Sources { cases, ..Sources::default() })
}

fn made(sources: &Sources) -> Yearly {
    let units = UnitTree::new([
        unit(1, "Ängen", "SABO"),
        unit(2, "Bäcken", "ORD.HTJ"),
        unit(3, "Åsen", "KORT"),
    ]);
    let (codes, clocks) = (CodeLists::shared(), ClockSettings::default());
    let asked = Asked {
        about: &About::Whole,
        year: 2025,
        scope: &Scope::All,
        units: &units,
        codes: &codes,
        clocks: &clocks,
        breaks: &[],
        now: "2026-02-01T12:00:00Z".parse().expect("a time"),
    };
    let report = yearly(&asked, sources, YearsCases::default());
    assert_eq!(report.flaws(), []);
    report
}

fn said(report: &Yearly, section: SectionId) -> String {
    let found = report.sections.iter().find(|it| it.id == section).expect("the section");
    found.sentences.join("\n")
}

fn some() -> Vec<CaseCount> {
    vec![
        falls(2024, 1, 10),
        falls(2025, 1, 4),
        falls(2024, 2, 1),
        falls(2025, 2, 21),
        falls(2024, 3, 3),
        falls(2025, 3, 9),
    ]
}

#[test]
fn it_says_what_the_changes_add_to_and_what_a_shorter_list_would() {
    let words = said(&report(some()), SectionId::ReliableProcesses);
    assert!(words.contains("Fall: 34 (+20 mot 2024)."), "{words}");
    assert!(
        words.contains(
            "Förändringen per enhet är Bäcken +20, Åsen +6 och Ängen −6, tillsammans +20."
        ),
        "{words}"
    );
    assert!(words.contains("utan Åsen (+6) blir summan +14"), "{words}");
}

#[test]
fn what_a_table_keeps_back_no_sentence_tells() {
    let mut report = report(some());
    for table in report.sections.iter_mut().flat_map(|section| &mut section.tables) {
        let total = table.total.iter_mut().flatten();
        for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells).chain(total) {
            if *cell != Cell::None {
                *cell = Cell::Suppressed;
            }
        }
    }
    sentences::rewrite(&mut report);
    let words = said(&report, SectionId::Summary) + &said(&report, SectionId::ReliableProcesses);
    assert!(words.contains("redovisas inte"), "{words}");
    for told in ["34", "+20", "+6", "+14", "Åsen"] {
        assert!(!words.contains(told), "{told}: {words}");
    }
}

#[test]
fn a_year_without_cases_has_every_section_and_says_none() {
    let empty = report(Vec::new());
    assert_eq!(empty.sections.len(), SectionId::ALL.len());
    assert_eq!((empty.beside.as_slice(), empty.breaks.as_slice()), (&[][..], &[][..]));
    let words = said(&empty, SectionId::Summary);
    assert!(words.contains("Under 2025 rapporterades inga avvikelser."), "{words}");
    let table = empty.table("deviations_by_month").expect("a table");
    assert_eq!(table.rows.len(), 12);
}

#[test]
fn imported_years_break_the_series() {
    let mut cases = some();
    for row in cases.iter_mut().filter(|row| row.year == 2024) {
        row.imported = true;
    }
    let report = report(cases);
    let [only] = report.breaks.as_slice() else { panic!("{:?}", report.breaks) };
    assert_eq!(only.year, 2025);
    assert!(only.why.contains("Brott i serien: siffrorna för 2024"), "{}", only.why);
    let table = report.table("falls_by_unit").expect("a table");
    assert!(table.notes.contains(&only.why), "beside every table that shows such a year");
    assert!(said(&report, SectionId::Definitions).contains(&only.why));
}

fn opinions(year: i16, unit: u128, count: u64) -> CaseCount {
    CaseCount { kind: Kind::Synpunkt, law: None, category: None, ..falls(year, unit, count) }
}

#[test]
fn a_year_before_the_first_avvikelse_is_not_counted_and_one_without_a_kind_is_nothing() {
    let mut cases = some();
    cases.extend([opinions(2023, 1, 7), opinions(2025, 1, 9)]);
    let report = report(cases);
    assert_eq!(report.beside, [2024, 2023]);
    let totals = report.table("totals_by_year").expect("a table");
    let cell = |year: &str, column: &str| {
        let row = totals.row(&[Some(year)]).expect("a row");
        row.cells[totals.column(column).expect("a column")].clone()
    };
    assert_eq!(cell("2023", "deviations"), Cell::None);
    assert_eq!(cell("2023", "falls"), Cell::None);
    assert_eq!(cell("2023", "opinions"), Cell::Count(7));
    assert_eq!(cell("2024", "deviations_change"), Cell::None);
    assert_eq!(cell("2024", "opinions_change"), Cell::Change(-7));
    // There were avvikelser, and none of these.
    assert_eq!(cell("2024", "sol"), Cell::Count(0));
    assert_eq!(cell("2024", "medication"), Cell::Count(0));
    assert_eq!(cell("2025", "deviations_change"), Cell::Change(20));
    for (id, code) in [("statutory_counts", "harm"), ("escalations_by_kind", "lex_maria")] {
        let table = report.table(id).expect("a table");
        let row = table.row(&[Some(code)]).expect("a row");
        let of = |column: &str| row.cells[table.column(column).expect("a column")].clone();
        assert_eq!([of("count_2023"), of("count_2024")], [Cell::None, Cell::Count(0)], "{id}");
    }
    let table = report.table("deviations_by_unit").expect("a table");
    let at = table.column("count_2023").expect("a column");
    assert!(table.rows.iter().all(|row| row.cells[at] == Cell::None));
    assert_eq!(table.total.as_ref().expect("a total")[at], Cell::None);
    assert!(table.notes.iter().any(|it| it.contains("från och med 2024")), "{:?}", table.notes);
    assert!(table.notes.iter().all(|it| !it.contains("Synpunkter")), "{:?}", table.notes);
}

#[test]
fn a_part_of_the_tenant_that_reported_nothing_has_nothing_where_the_tenant_had_begun() {
    let first = FirstYears { deviations: Some(2020), opinions: Some(2020) };
    let cases = vec![opinions(2023, 1, 7), falls(2025, 1, 2)];
    let sources = Sources { first, cases, ..Sources::default() };
    let report = made(&sources);
    let table = report.table("totals_by_year").expect("a table");
    let row = table.row(&[Some("2023")]).expect("a row");
    assert_eq!(row.cells[0], Cell::Count(0));
}

#[test]
fn worry_is_no_injury_and_an_unknown_sex_stands_once() {
    let of = |injury: Option<&str>, sex: Option<&str>, count| TraitCount {
        year: 2025,
        month: 1,
        severity: None,
        vardskada: Vardskada::NotAssessed,
        injury: injury.map(str::to_owned),
        sex: sex.map(str::to_owned),
        count,
    };
    let traits = vec![
        of(Some("OBE"), Some("O"), 3),
        of(Some("ING"), None, 4),
        of(Some("FRA"), Some("K"), 1),
        of(Some("OKA"), Some("M"), 2),
    ];
    let sources = Sources { cases: vec![falls(2025, 1, 10)], traits, ..Sources::default() };
    let mut report = made(&sources);
    let by_sex = report.table("deviations_by_sex").expect("a table");
    let unknown = by_sex.rows.iter().filter(|row| row.keys[0].text == "Uppgift saknas");
    let unknown: Vec<&Cell> = unknown.map(|row| &row.cells[0]).collect();
    assert_eq!(unknown, [&Cell::Count(7)]);
    // One of eight was injured: of two nobody knows.
    for table in report.sections.iter_mut().flat_map(|section| &mut section.tables) {
        if table.id == "deviations_by_injury" {
            let mut before = table.columns[0].clone();
            before.id = "count_2024".to_owned();
            table.columns.push(before);
            table.rows.iter_mut().for_each(|row| row.cells.push(Cell::Count(1)));
        }
    }
    let lines: Vec<String> =
        first_page(&report, &[]).into_iter().flat_map(|part| part.lines).collect();
    assert!(lines.iter().any(|line| line.contains("12,5 % (2024: 33,3 %)")), "{lines:?}");
}

#[test]
fn days_stand_in_words_and_no_two_columns_have_one_title() {
    let report = report(some());
    for table in report.tables() {
        let titles: BTreeSet<&str> = table.columns.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles.len(), table.columns.len(), "{}", table.id);
    }
    let words = serde_json::to_string(&report.sections).expect("JSON");
    let said: String = report.sections.iter().flat_map(|it| it.sentences.clone()).collect();
    assert!(!said.contains("2026-02-01") && said.contains("1\u{a0}februari\u{a0}2026"), "{said}");
    assert!(words.contains("Avslutade 1\u{a0}februari\u{a0}2026"));
}
