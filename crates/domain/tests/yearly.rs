//! The report of a year, made from counts: what it says in words, and what it does not.

use domain::case::Kind;
use domain::clock::ClockSettings;
use domain::code_lists::CodeLists;
use domain::ids::UnitId;
use domain::law::Law;
use domain::organisation::{Unit, UnitTree};
use domain::policy::Scope;
use domain::table::Cell;
use domain::yearly::build::{Asked, YearsCases, yearly};
use domain::yearly::sources::{CaseCount, Sources};
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
        now: "2026-02-01T12:00:00Z".parse().expect("a time"),
    };
    let sources = Sources { tenant: "Provby".to_owned(), cases, ..Sources::default() };
    let report = yearly(&asked, &sources, YearsCases::default());
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
            "Bäcken +20, Åsen +6 och Ängen −6. Tillsammans +20, lika med hela förändringen."
        ),
        "{words}"
    );
    assert!(words.contains("utan Åsen (+6) blir den +14"), "{words}");
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
    assert!(words.contains("Under 2025 rapporterades 0 avvikelser."), "{words}");
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
