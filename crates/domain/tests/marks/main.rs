//! A figure that is marked is kept back wherever it stands, and cannot be calculated from what is left: every
//! figure of random reports is marked in turn, and somebody who knows all definitions reads what is public.

#[path = "../suppression/dice.rs"]
mod dice;

mod attacker;
mod world;

use attacker::{Reader, meaning};
use dice::Dice;
use domain::table::Cell;
use domain::yearly::Yearly;
use domain::yearly::first_page::compare_anew;
use domain::yearly::sentences::rewrite;
use domain::yearly::suppression::{Mark, Rules, publish};
use world::World;

/// How many random reports are marked all over.
const REPORTS: u64 = 6;

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

/// What is public with one mark.
fn public(report: &Yearly, rules: &Rules, mark: &Mark) -> Yearly {
    let rules = Rules { marks: vec![mark.clone()], ..rules.clone() };
    let mut public = publish(report, &rules, &[]).report;
    rewrite(&mut public);
    compare_anew(&mut public);
    public
}

#[test]
fn what_is_marked_anywhere_cannot_be_recovered_from_anywhere() {
    let (mut tried, mut told_by_absence, mut read_bare, mut open_bare) = (0, 0, 0, 0);
    for seed in 0..REPORTS {
        let world = World::new(&mut Dice::new(seed));
        let report = world.report();
        assert_eq!(report.flaws(), [], "report {seed}");
        for (mark, name, value) in counts(&report) {
            let public = public(&report, &world.rules, &mark);
            let reader = Reader::new(&public, &world.places);
            assert!(!reader.reads(&name), "report {seed}: {name} of {mark:?} stands elsewhere");
            let found = reader.calculates(&name);
            let how = || reader.sums_of(&name);
            tried += 1;
            // That nothing is counted where no row stands is told by the row that is not there.
            if found.is_some() && value == 0 {
                told_by_absence += 1;
                continue;
            }
            assert_eq!(found, None, "report {seed}: {name} of {mark:?}:\n{}", how());
            // Who attacks does find what there is to find.
            if tried % 10 == 0 {
                let mut bare = report.clone();
                for table in bare.sections.iter_mut().flat_map(|section| &mut section.tables) {
                    if table.id != mark.table {
                        continue;
                    }
                    let column = table.column(&mark.column).expect("the column");
                    let line = match &mark.row {
                        None => table.total.as_mut(),
                        Some(codes) => {
                            let same = |row: &&mut domain::table::Row| {
                                row.keys.iter().map(|key| &key.code).eq(codes)
                            };
                            table.rows.iter_mut().find(same).map(|row| &mut row.cells)
                        }
                    };
                    line.expect("the line")[column] = Cell::Suppressed;
                }
                let reader = Reader::new(&bare, &world.places);
                read_bare += u64::from(reader.reads(&name));
                open_bare += u64::from(reader.calculates(&name).is_some());
            }
        }
    }
    assert!(told_by_absence * 20 < tried, "{told_by_absence} of {tried}");
    println!(
        "{tried} figures were marked; of every tenth kept back alone {read_bare} are read elsewhere, {open_bare} recovered"
    );
    assert!(
        tried > 1_000 && read_bare > 20 && open_bare * 20 > tried,
        "{tried} {read_bare} {open_bare}"
    );
}
