//! A figure that is marked is kept back wherever it stands, and cannot be calculated from what is left: every
//! figure of random reports is marked in turn, and somebody who knows all definitions reads what is public.

#[path = "../suppression/dice.rs"]
mod dice;

mod attacker;
mod world;

use std::slice;

use attacker::{Places, Reader, meaning};
use dice::Dice;
use domain::table::{Cell, Row, Table};
use domain::yearly::Yearly;
use domain::yearly::first_page::compare_anew;
use domain::yearly::sentences::rewrite;
use domain::yearly::suppression::{Before, Mark, Rules, Why, publish};
use world::World;

/// In how many random reports figures are marked, and every how many of each, and of those that are nothing; all
/// figures of more reports where `AVVIKELSE_TEST_LONG` is set.
fn strength() -> (u64, u64, u64) {
    if std::env::var_os("AVVIKELSE_TEST_LONG").is_some() { (120, 1, 1) } else { (60, 29, 9) }
}

/// Every count of a report: how it is marked, and what it counts.
fn counts(report: &Yearly) -> Vec<(Mark, String, u64)> {
    let mut found = Vec::new();
    for table in report.tables() {
        let rows = table.rows.iter().map(|row| (Some(row), &row.cells));
        for (row, cells) in rows.chain(table.total.iter().map(|total| (None, total))) {
            for (nth, column) in table.columns.iter().enumerate() {
                let Some(name) = meaning(table, nth, row) else { continue };
                if let Cell::Count(value) = cells[nth] {
                    let codes =
                        row.map(|row| row.keys.iter().map(|key| key.code.clone()).collect());
                    let (table, column) = (table.id.clone(), column.id.clone());
                    found.push((
                        Mark { table, row: codes, column, ground: "x".to_owned() },
                        name,
                        value,
                    ));
                }
            }
        }
    }
    found
}

/// What is public with these marks, and how much is kept back.
fn public(report: &Yearly, rules: &Rules, marks: &[Mark]) -> (Yearly, usize) {
    let rules = Rules { marks: marks.to_vec(), ..rules.clone() };
    let made = publish(report, &rules, &[]);
    let mut public = made.report;
    rewrite(&mut public);
    compare_anew(&mut public);
    (public, made.kept_back.len())
}

/// A report of which only that is left which `stays`, with all its rows.
fn only(report: &Yearly, stays: impl Fn(&Table, Option<&Row>, usize) -> bool) -> Yearly {
    let mut left = report.clone();
    let tables = left.sections.iter_mut().flat_map(|section| &mut section.tables);
    for (table, whole) in tables.zip(report.tables()) {
        let rows = table.rows.iter_mut().zip(&whole.rows);
        let rows = rows.map(|(row, whole)| (Some(whole), &mut row.cells));
        for (row, cells) in rows.chain(table.total.iter_mut().map(|total| (None, total))) {
            for (at, cell) in cells.iter_mut().enumerate() {
                if *cell != Cell::None && !stays(whole, row, at) {
                    *cell = Cell::Suppressed;
                }
            }
        }
    }
    left
}

/// Whether law or template asks for a figure, of the whole tenant.
fn asked_for(table: &Table, row: Option<&Row>, column: usize) -> bool {
    let part = |dimension: &str| matches!(dimension, "unit" | "area" | "area_group");
    let of_a_part = table.columns[column].limits.iter().any(|it| part(&it.dimension))
        || (row.is_some() && table.heads.iter().any(|it| part(&it.id)));
    table.asked_for && !of_a_part
}

/// A report in which one cell is kept back and nothing else.
fn bare(report: &Yearly, mark: &Mark) -> Yearly {
    only(report, |table, row, column| {
        let codes: Option<Vec<Option<String>>> =
            row.map(|row| row.keys.iter().map(|key| key.code.clone()).collect());
        table.id != mark.table || table.columns[column].id != mark.column || codes != mark.row
    })
}

/// Whether the form of a report alone tells a figure, all numbers and shares taken away: where no row stands
/// nothing is counted, nor in a part of the town where no unit lies. No mark keeps that back. Which months a row is
/// of stays: it is no count, and says which rows are of one thing.
fn told_by_form(public: &Yearly, places: &Places, name: &str) -> bool {
    let form = only(public, |table, _, column| table.columns[column].id == "months");
    Reader::new(&form, places).calculates(name).is_some()
}

/// Between how many values a figure is left open, as far as the threshold goes: by all that is public, and by no
/// more than the form and what law asks for.
fn open(public: &Yearly, world: &World, name: &str) -> (i128, i128) {
    let width = |report: &Yearly| {
        let range = Reader::new(report, &world.places).range(name);
        range.map_or(i128::MAX, |(low, high)| high - low).min(i128::from(world.rules.threshold) - 1)
    };
    (width(public), width(&only(public, asked_for)))
}

/// What the attacks of some reports came to.
#[derive(Debug, Default)]
struct Tally {
    tried: u64,
    nothing: u64,
    by_form: u64,
    narrow: u64,
    tried_bare: u64,
    read_bare: u64,
    open_bare: u64,
    beside: usize,
    most_beside: usize,
}

/// Marks figures of every report whose number leaves `rest` of two.
fn mark_all_over(rest: u64) {
    let (reports, every, every_nothing) = strength();
    let mut tally = Tally::default();
    for seed in (0..reports).filter(|seed| seed % 2 == rest) {
        let world = World::new(&mut Dice::new(seed));
        let report = world.report();
        assert_eq!(report.flaws(), [], "report {seed}");
        let (_, unmarked) = public(&report, &world.rules, &[]);
        for (nth, (mark, name, value)) in (seed..).zip(counts(&report)) {
            if nth % if value == 0 { every_nothing } else { every } != 0 {
                continue;
            }
            let (public, kept) = public(&report, &world.rules, slice::from_ref(&mark));
            let beside = kept.saturating_sub(unmarked);
            tally.beside += beside;
            tally.most_beside = tally.most_beside.max(beside);
            let reader = Reader::new(&public, &world.places);
            assert!(!reader.reads(&name), "report {seed}: {name} of {mark:?} stands elsewhere");
            tally.tried += 1;
            tally.nothing += u64::from(value == 0);
            if reader.calculates(&name).is_some() {
                let told = value == 0 && told_by_form(&public, &world.places, &name);
                let how = || reader.sums_of(&name);
                assert!(told, "report {seed}: {value} {name} of {mark:?}:\n{}", how());
                tally.by_form += 1;
            } else {
                let (left, by_law) = open(&public, &world, &name);
                tally.narrow += u64::from(left < by_law);
            }
            // Who attacks does find what there is to find.
            if tally.tried % 3 == 0 {
                let reader = Reader::new(&bare(&report, &mark), &world.places);
                tally.tried_bare += 1;
                tally.read_bare += u64::from(reader.reads(&name));
                tally.open_bare += u64::from(reader.calculates(&name).is_some());
            }
        }
    }
    println!("{tally:?}");
    let Tally { tried, nothing, by_form, narrow, tried_bare, read_bare, open_bare, beside, .. } =
        tally;
    assert!(tried > 300 && nothing > 150, "{tried}, {nothing} of them nothing");
    assert!(by_form * 3 < nothing, "{by_form} of {nothing}");
    // As many values are left open as the threshold says, or as the law leaves.
    assert!(narrow * 100 < tried, "{narrow} of {tried}");
    assert!(beside < 40 * usize::try_from(tried).expect("a number"), "{beside} of {tried}");
    assert!(
        read_bare * 10 > tried_bare && open_bare * 2 > tried_bare,
        "{tried_bare} {read_bare} {open_bare}"
    );
}

#[test]
fn what_is_marked_anywhere_cannot_be_recovered_from_anywhere() {
    mark_all_over(0);
}

#[test]
fn nor_in_the_other_half() {
    mark_all_over(1);
}

/// The report of the year before, of which only the line of its own year is left.
fn year_before(report: &Yearly) -> Yearly {
    let mut last = report.clone();
    last.year -= 1;
    let year = last.year.to_string();
    for section in &mut last.sections {
        section.tables.retain(|table| table.id == "totals_by_year");
        for table in &mut section.tables {
            table.rows.retain(|row| row.keys[0].code.as_deref() == Some(year.as_str()));
        }
    }
    last
}

#[test]
fn what_was_marked_in_the_report_before_stands_nowhere_in_the_next() {
    let (mut tried, mut forgotten) = (0, 0);
    for seed in 200..206 {
        let world = World::new(&mut Dice::new(seed));
        let report = world.report();
        let last = year_before(&report);
        for (mark, name, value) in counts(&last) {
            let rules = Rules { marks: vec![mark.clone()], ..world.rules.clone() };
            let first = publish(&last, &rules, &[]).report;
            let next = |marks: &[Mark]| {
                let before = [Before { whole: &last, public: &first, marks }];
                Reader::new(&publish(&report, &world.rules, &before).report, &world.places)
            };
            let reader = next(slice::from_ref(&mark));
            assert!(!reader.reads(&name), "report {seed}: {name} stands in the next");
            if reader.calculates(&name).is_some() {
                let next = publish(
                    &report,
                    &world.rules,
                    &[Before { whole: &last, public: &first, marks: slice::from_ref(&mark) }],
                );
                let told = value == 0 && told_by_form(&next.report, &world.places, &name);
                assert!(told, "report {seed}: {name}:\n{}", reader.sums_of(&name));
            }
            tried += 1;
            forgotten += u64::from(next(&[]).reads(&name));
        }
    }
    println!("{forgotten} of {tried} stand in the next where the mark is forgotten");
    assert!(tried > 20 && forgotten > 0, "{forgotten} of {tried}");
}

#[test]
fn what_is_small_cannot_be_calculated_by_whoever_knows_all_definitions() {
    let (mut few, mut by_law) = (0, 0);
    for seed in 100..100 + strength().0 / 2 {
        let world = World::new(&mut Dice::new(seed));
        let report = world.report();
        let public = publish(&report, &world.rules, &[]);
        let reader = Reader::new(&public.report, &world.places);
        let law = Reader::new(&only(&report, asked_for), &world.places);
        let names = counts(&report);
        for it in public.kept_back.iter().filter(|it| it.why == Why::Few) {
            let (table, row, column) = (it.table.clone(), it.row.clone(), it.column.clone());
            let mark = Mark { table, row, column, ground: "x".to_owned() };
            let name = names.iter().find(|(known, ..)| *known == mark);
            let Some((_, name, _)) = name else { continue };
            few += 1;
            if reader.calculates(name).is_some() {
                let how = || reader.sums_of(name);
                assert!(law.calculates(name).is_some(), "report {seed}: {name}:\n{}", how());
                by_law += 1;
            }
        }
    }
    println!("{few} figures are small; {by_law} follow from what law asks for");
    assert!(few > 500 && by_law * 4 < few, "{by_law} of {few}");
}

/// The tables that stand there where it is known how much care there was.
const OF_CARE: [&str; 3] = ["rates_by_unit", "unsigned_doses", "reports_and_injury_by_unit"];

#[test]
fn what_is_marked_or_small_follows_from_no_rate_and_no_doses() {
    let (mut tried, mut few) = (0, 0);
    for seed in 300..300 + strength().0 / 4 {
        let world = World::with_care(&mut Dice::new(seed));
        let report = world.report();
        assert_eq!(report.flaws(), [], "report {seed}");
        let names = counts(&report);
        let of_care = names.iter().filter(|(mark, ..)| OF_CARE.contains(&mark.table.as_str()));
        for (mark, name, value) in of_care.step_by(5) {
            let (public, _) = public(&report, &world.rules, slice::from_ref(mark));
            let reader = Reader::new(&public, &world.places);
            assert!(!reader.reads(name), "report {seed}: {name} of {mark:?} stands elsewhere");
            let by_form = || *value == 0 && told_by_form(&public, &world.places, name);
            let told = reader.calculates(name).is_some() && !by_form();
            assert!(!told, "report {seed}: {value} {name} of {mark:?}:\n{}", reader.sums_of(name));
            tried += 1;
        }
        let public = publish(&report, &world.rules, &[]);
        let reader = Reader::new(&public.report, &world.places);
        // What law asks for stays in the table of doses, too, where all doses are those of whole years.
        let value = |name: &str| names.iter().find(|(_, it, _)| it == name).map(|it| it.2);
        let all = value("2025 dev category=HSL.LKM");
        let same = all == value("2025 dev category=HSL.LKM in=doses");
        let by_law = only(&report, |table, row, column| {
            let id = table.columns[column].id.as_str();
            let of_doses = table.id == "unsigned_doses" && id == "reported" && row.is_none();
            asked_for(table, row, column) || id == "months" || (same && of_doses)
        });
        let law = Reader::new(&by_law, &world.places);
        for it in public.kept_back.iter().filter(|it| it.why == Why::Few) {
            let of = names.iter().find(|(mark, ..)| {
                (&mark.table, &mark.row, &mark.column) == (&it.table, &it.row, &it.column)
            });
            let Some((_, name, _)) = of.filter(|_| OF_CARE.contains(&it.table.as_str())) else {
                continue;
            };
            few += 1;
            let told = reader.calculates(name).is_some() && law.calculates(name).is_none();
            assert!(!told, "report {seed}: {name}:\n{}", reader.sums_of(name));
        }
    }
    println!("{tried} figures were marked, {few} are small");
    assert!(tried > 100 && few > 20, "{tried} {few}");
}
