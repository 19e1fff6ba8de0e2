use super::*;
use crate::exposure::tests_support::{exposure, tree, unit};

fn reported(all: u64, falls: u64, medication: u64, injured: u64) -> Reported {
    Reported { all, falls, medication, injury_known: all, injured }
}

/// Every month: ten at unit 1, five at unit 2 below it, two at unit 3.
fn counts() -> Counts {
    let mut counts = Counts::default();
    for month in 1..=12 {
        counts.add(unit(1), month, reported(10, 4, 3, 2));
        counts.add(unit(2), month, reported(5, 1, 2, 1));
        counts.add(unit(3), month, reported(2, 0, 1, 0));
    }
    counts
}

fn with<T>(exposures: &[Exposure], ask: impl Fn(&Sources<'_>) -> T) -> T {
    let (units, counts) = (tree(), counts());
    let as_of = Date::constant(2025, 12, 31);
    ask(&Sources { year: 2025, as_of, units: &units, exposures, counts: &counts })
}

fn cell<'a>(table: &'a Table, codes: &[&str], column: &str) -> &'a Cell {
    let codes: Vec<_> = codes.iter().map(|code| Some(*code)).collect();
    let row = table.row(&codes).expect("a row");
    &row.cells[table.column(column).expect("a column")]
}

#[test]
fn reports_are_set_against_the_months_that_are_known() {
    let exposures = [
        exposure(1, unit(1), Kind::BedDays, ("2025-01", "2025-03"), "2000"),
        exposure(2, unit(1), Kind::BedDays, ("2025-04", "2025-06"), "1000"),
        exposure(3, unit(1), Kind::BedDays, ("2024-01", "2024-12"), "9999"),
        exposure(4, unit(3), Kind::Staff, ("2025-01", "2025-06"), "12.5"),
    ];
    let table = with(&exposures, rates_by_unit).expect("a table");
    assert_eq!(table.flaws(), []);
    assert_eq!(table.rows.len(), 2);
    let one = unit(1).to_string();
    // Six months of ten and, below it, five: ninety for each three thousand days.
    let of = [one.as_str(), "bed_days"];
    assert_eq!(cell(&table, &of, "exposure"), &Cell::Count(3000));
    assert_eq!(cell(&table, &of, "months"), &Cell::Count(6));
    assert_eq!(cell(&table, &of, "deviations"), &Cell::Count(90));
    assert_eq!(cell(&table, &of, "rate"), &Cell::Hundredths(3000));
    assert_eq!(cell(&table, &of, "falls_rate"), &Cell::Hundredths(1000));
    assert_eq!(cell(&table, &of, "medication"), &Cell::Count(30));
    // Twelve in half a year by 12.5 people: 192 for each hundred in a year.
    let three = unit(3).to_string();
    let of = [three.as_str(), "staff"];
    assert_eq!(cell(&table, &of, "exposure"), &Cell::Hundredths(1250));
    assert_eq!(cell(&table, &of, "rate"), &Cell::Hundredths(19_200));
    assert_eq!(with(&[], rates_by_unit), None);
}

#[test]
fn unsigned_doses_stand_beside_what_was_reported() {
    let year = ("2025-01", "2025-12");
    let exposures = [
        exposure(1, unit(1), Kind::DosesToSign, year, "100000"),
        exposure(2, unit(1), Kind::SignedDoses, year, "97500"),
        exposure(3, unit(3), Kind::DosesToSign, year, "1000"),
        exposure(4, unit(3), Kind::SignedDoses, year, "1000"),
    ];
    let table = with(&exposures, unsigned_doses).expect("a table");
    assert_eq!(table.flaws(), []);
    let one = unit(1).to_string();
    assert_eq!(cell(&table, &[&one], "unsigned"), &Cell::Count(2500));
    assert_eq!(cell(&table, &[&one], "unsigned_share"), &Cell::Tenths(25));
    assert_eq!(cell(&table, &[&one], "reported"), &Cell::Count(60));
    assert_eq!(cell(&table, &[&one], "reported_rate"), &Cell::Hundredths(2400));
    let three = unit(3).to_string();
    assert_eq!(cell(&table, &[&three], "reported_rate"), &Cell::None);
    let total = table.total.as_ref().expect("a total");
    assert_eq!(total[..3], [Cell::Count(101_000), Cell::Count(98_500), Cell::Count(2500)]);
    assert!(table.notes[0].contains("ännu ingen avvikelse"));

    // Of other months than were signed: named, and not in the total.
    let mut uneven = exposures.to_vec();
    uneven[3] = exposure(4, unit(3), Kind::SignedDoses, ("2025-01", "2025-06"), "500");
    let table = with(&uneven, unsigned_doses).expect("a table");
    assert_eq!(table.rows.len(), 1);
    assert!(table.notes[1].contains("Syd"), "{:?}", table.notes);
    assert_eq!(with(&exposures[..1], unsigned_doses), None);
}

#[test]
fn reports_per_staff_stand_beside_the_share_with_injury() {
    let exposures = [exposure(1, unit(1), Kind::Staff, ("2025-01", "2025-12"), "20")];
    let table = with(&exposures, reports_and_injury_by_unit);
    assert_eq!(table.flaws(), []);
    let one = unit(1).to_string();
    assert_eq!(cell(&table, &[&one], "count_2025"), &Cell::Count(120));
    assert_eq!(cell(&table, &[&one], "injured_share"), &Cell::Tenths(200));
    // With unit 2 below it: 180 by twenty people.
    assert_eq!(cell(&table, &[&one], "per_staff"), &Cell::Hundredths(90_000));
    let two = unit(2).to_string();
    assert_eq!(cell(&table, &[&two], "per_staff"), &Cell::None);
    let total = table.total.as_ref().expect("a total");
    assert_eq!(total[..3], [Cell::Count(204), Cell::Count(204), Cell::Count(36)]);
}
