//! The public version of a report, attacked.

mod attacker;
mod dice;
mod small;
mod world;

use std::collections::BTreeMap;

use attacker::{Attack, Meaning};
use dice::Dice;
use domain::table::{Cell, Holds, Table};
use domain::yearly::Yearly;
use domain::yearly::suppression::{Before, Why, publish};
use small::small;
use world::Town;

/// How many random reports are attacked.
const REPORTS: u64 = 10_000;

/// Whether law asks for a figure of the whole tenant.
fn stays(table: &Table, row: Option<usize>, column: usize) -> bool {
    let parts = ["unit", "area"];
    let of_a_part =
        table.columns[column].limits.iter().any(|it| parts.contains(&it.dimension.as_str()));
    let rows_of_parts = table.heads.iter().any(|it| parts.contains(&it.id.as_str()));
    table.asked_for && !of_a_part && !(row.is_some() && rows_of_parts)
}

/// What is left of each figure that is kept back.
type Left = BTreeMap<Meaning, (i128, i128)>;

/// What the attacker makes of all that is printed.
fn attacked(reports: &[&Yearly], town: &Town) -> Left {
    Attack::new(reports, town, |_, _, _, _| false).run()
}

/// What follows from the figures that stay by law, and from all of the first `known` reports.
fn by_law(reports: &[&Yearly], known: usize, town: &Town, of: &Left) -> Left {
    let hides = |at, table: &Table, row, column| at >= known && !stays(table, row, column);
    let mut attack = Attack::new(reports, town, hides);
    attack.ask(of);
    attack.run()
}

/// The figures that the attacker recovers and has not by law.
fn recovered(found: &Left, by_law: &Left) -> Vec<Meaning> {
    let one = |left: &(i128, i128)| left.0 == left.1;
    let known = |it: &Meaning| by_law.get(it).is_some_and(one);
    found.iter().filter(|(it, left)| one(left) && !known(it)).map(|(it, _)| it.clone()).collect()
}

/// Keeps back what is small and nothing else.
fn without_complements(report: &Yearly, public: &Yearly, town: &Town) -> Yearly {
    let kept = publish(report, &town.rules, &[]).kept_back;
    let mut naive = public.clone();
    let tables = naive.sections.iter_mut().flat_map(|section| &mut section.tables);
    for (table, whole) in tables.zip(report.tables()) {
        for row in &mut table.rows {
            let before = whole.rows.iter().find(|it| it.keys == row.keys).expect("the row");
            for (nth, cell) in row.cells.iter_mut().enumerate() {
                let codes: Vec<_> = row.keys.iter().map(|key| key.code.clone()).collect();
                let why = kept.iter().find(|it| {
                    it.table == table.id
                        && it.row.as_ref() == Some(&codes)
                        && it.column == table.columns[nth].id
                });
                if why.is_some_and(|it| it.why == Why::Complement) {
                    *cell = before.cells[nth].clone();
                }
            }
        }
        table.total.clone_from(&whole.total);
    }
    naive
}

/// What the attacks of some reports came to.
#[derive(Default)]
struct Tally {
    counts: u64,
    kept: u64,
    narrow: u64,
    small: u64,
    tried_bare: u64,
    open_bare: u64,
}

/// Attacks every report whose number leaves `rest` of four.
fn attack(rest: u64) {
    let mut tally = Tally::default();
    for seed in (0..REPORTS).filter(|seed| seed % 4 == rest) {
        let mut dice = Dice::new(seed);
        let mut town = Town::new(&mut dice);
        let report = town.report(&mut dice);
        assert_eq!(report.flaws(), [], "report {seed}");
        if dice.chance(10) {
            town.rules.marks.extend(town.mark(&report, &mut dice));
        }
        let public = publish(&report, &town.rules, &[]).report;
        // What points at somebody by itself is gone, before anybody calculates.
        assert_eq!(small(&public, &[&report], &town), [], "report {seed}");
        tally.small += small(&report, &[&report], &town).len() as u64;
        let left = attacked(&[&public], &town);
        let law = by_law(&[&report], 0, &town, &left);
        assert_eq!(recovered(&left, &law), [], "report {seed}");
        // Nor does it lie between two values where the law leaves it more.
        let narrow = |(it, (low, high)): (&Meaning, &(i128, i128))| {
            let wide = law.get(it).is_none_or(|(low, high)| high - low > 4);
            high - low == 1 && wide
        };
        tally.narrow += left.iter().filter(|it| narrow(*it)).count() as u64;
        if seed % 40 < 4 {
            let bare = without_complements(&report, &public, &town);
            tally.tried_bare += 1;
            let open = recovered(&attacked(&[&bare], &town), &law);
            tally.open_bare += u64::from(!open.is_empty());
        }
        for table in public.tables() {
            let rows = table.rows.iter().flat_map(|row| row.cells.iter().zip(&table.columns));
            for (cell, _) in rows.filter(|(_, column)| column.holds == Holds::Count) {
                tally.counts += 1;
                tally.kept += u64::from(*cell == Cell::Suppressed);
            }
        }
    }
    let Tally { counts, kept, narrow, small, tried_bare, open_bare } = tally;
    println!("{kept} of {counts} counts are kept back, {narrow} lie between two values");
    println!("{small} places told what points at somebody by itself");
    println!("{open_bare} of {tried_bare} are open without complements");
    assert!(kept > counts / 20 && kept < counts / 2, "{kept} of {counts} are kept back");
    assert!(small > counts / 20, "{small} places told what points at somebody by itself");
    // Who attacks does find what there is to find.
    assert!(open_bare > tried_bare / 5, "{open_bare} of {tried_bare} are open without complements");
}

#[test]
fn nothing_that_is_kept_back_can_be_calculated() {
    attack(0);
}

#[test]
fn nor_in_the_second_quarter() {
    attack(1);
}

#[test]
fn nor_in_the_third_quarter() {
    attack(2);
}

#[test]
fn nor_in_the_last_quarter() {
    attack(3);
}

/// Two reports of one town, as of two years that have each other beside them.
#[test]
fn nor_with_the_report_before() {
    let mut forgotten = 0;
    for seed in 0..600 {
        let mut dice = Dice::new(seed);
        let town = Town::new(&mut dice);
        let (last, this) = (town.report(&mut dice), town.report(&mut dice));
        let first = publish(&last, &town.rules, &[]).report;
        let before = [Before { whole: &last, public: &first, marks: &[] }];
        let second = publish(&this, &town.rules, &before).report;
        let whole = [&last, &this];
        assert_eq!(small(&first, &whole[..1], &town), [], "report {seed}");
        assert_eq!(small(&second, &whole, &town), [], "report {seed}");
        let left = attacked(&[&first, &second], &town);
        // What the first tells together with the law nobody takes back.
        let law = by_law(&[&first, &this], 1, &town, &left);
        assert_eq!(recovered(&left, &law), [], "report {seed}");
        let alone = publish(&this, &town.rules, &[]).report;
        let left = attacked(&[&first, &alone], &town);
        let law = by_law(&[&first, &this], 1, &town, &left);
        forgotten += usize::from(!recovered(&left, &law).is_empty());
    }
    println!("{forgotten} of 600 are open where the report before is forgotten");
    assert!(forgotten > 10, "{forgotten} are open where the report before is forgotten");
}

#[test]
fn what_points_at_nobody_is_all_there() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let mut town = Town::new(&mut dice);
        let report = town.report(&mut dice);
        town.rules.threshold = 1;
        let public = publish(&report, &town.rules, &[]);
        assert_eq!(public.report, report);
        assert_eq!(public.kept_back, []);
    }
}
