//! Figures of a real year that are marked: kept back wherever they stand, and told by nothing.

#[path = "../../crates/domain/tests/marks/attacker.rs"]
mod attacker;

use std::collections::BTreeMap;

use attacker::{Places, Reader, meaning};
use domain::organisation::{Role, UnitTree};
use domain::table::{Cell, Limit};
use domain::yearly::Yearly;
use domain::yearly::first_page::compare_anew;
use domain::yearly::sentences::rewrite;
use domain::yearly::suppression::{Mark, Rules, Within, publish};
use testkit::Database;

/// Of the tables of units, one mark of so many is tried; of the others every one.
const STEP: usize = 25;

fn limit(dimension: &str, code: &str) -> Limit {
    Limit { dimension: dimension.to_owned(), code: Some(code.to_owned()) }
}

/// Every number that stands in words, without the spaces of thousands.
fn numbers(words: &str) -> Vec<String> {
    let joined = words.replace('\u{a0}', "");
    let parts = joined.split(|it: char| !it.is_ascii_digit());
    parts.filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// What is said in words: sentences, notes and the first page.
fn words(report: &Yearly) -> String {
    let mut said = String::new();
    for section in &report.sections {
        said += &section.sentences.join("\n");
        for table in &section.tables {
            said += &table.notes.join("\n");
        }
    }
    for page in &report.first_page {
        said += &page.lines.join("\n");
    }
    said
}

/// The counts that can be read, and how often each stands there.
fn visible(report: &Yearly) -> BTreeMap<u64, usize> {
    let mut found = BTreeMap::new();
    for table in report.tables() {
        let rows = table.rows.iter().flat_map(|row| &row.cells);
        for cell in rows.chain(table.total.iter().flatten()) {
            if let Cell::Count(count) = cell {
                *found.entry(*count).or_insert(0) += 1;
            }
        }
    }
    found
}

#[test]
fn a_mark_of_any_figure_of_a_published_year_holds() {
    let (service, tenant) = crate::askersund::imported(Database::Sqlite);
    let mas = service.holder(("askersund", tenant), "mas", Role::Mas, &[], &[]);
    let mut report = crate::askersund::report(&mas, "2025");
    for section in &mut report.sections {
        section.tables.retain(|table| !table.id.ends_with("_by_filer_and_assessor"));
    }
    let units = service.run(service.app.store.read(tenant, |tx| tx.units())).expect("units");
    let units = UnitTree::new(units);
    let (mut places, mut rules) =
        (Places::new(), Rules { threshold: 5, small_unit: 20, ..Rules::default() });
    for unit in units.iter() {
        let area = units.area_of(unit.id).map(str::to_owned);
        let group = units.area_group_of(unit.id).map(|group| group.code.clone());
        for outer in [
            area.as_ref().map(|it| limit("area", it)),
            group.as_ref().map(|it| limit("area_group", it)),
        ] {
            let inner = limit("unit", &unit.id.to_string());
            rules.within.extend(outer.map(|outer| Within { inner, outer }));
        }
        places.insert(unit.id.to_string(), (area, group));
    }
    let bare = publish(&report, &rules, &[]);
    println!("{} figures are kept back without a mark", bare.kept_back.len());
    let (mut tried, mut told) = (0, 0);
    for table in report.tables() {
        let rows = table.rows.iter().map(|row| (Some(row), &row.cells));
        let of_units = table.heads.iter().any(|head| head.id == "unit");
        for (row, cells) in rows.chain(table.total.iter().map(|total| (None, total))) {
            for (nth, column) in table.columns.iter().enumerate() {
                let (Some(name), Cell::Count(count)) = (meaning(table, nth, row), &cells[nth])
                else {
                    continue;
                };
                tried += 1;
                if (of_units && row.is_some() || !table.asked_for) && tried % STEP != 0 {
                    continue;
                }
                told += 1;
                let mark = Mark {
                    table: table.id.clone(),
                    row: row.map(|row| row.keys.iter().map(|key| key.code.clone()).collect()),
                    column: column.id.clone(),
                    ground: "x".to_owned(),
                };
                let rules = Rules { marks: vec![mark.clone()], ..rules.clone() };
                let mut public = publish(&report, &rules, &[]).report;
                rewrite(&mut public);
                compare_anew(&mut public);
                let reader = Reader::new(&public, &places);
                assert!(!reader.reads(&name), "{name} of {mark:?} stands elsewhere");
                assert_eq!(reader.calculates(&name), None, "{name} of {mark:?} is calculated");
                // A number that is nowhere else stands in no words either.
                if *count > 40 && !visible(&public).contains_key(count) {
                    let said = words(&public);
                    assert!(!numbers(&said).contains(&count.to_string()), "{name}: {said}");
                }
            }
        }
    }
    println!("{told} of {tried} figures were marked");
    assert!(told > 100, "{told}");
}
