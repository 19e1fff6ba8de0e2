//! The holidays of the code against those of another program, over a hundred and eleven years.

use std::collections::BTreeMap;

use domain::calendar::add_days;
use domain::calendar::holidays::{holiday, is_eve};
use jiff::civil::{Date, date};

const KEPT: &str = include_str!("data/holidays.csv");

#[test]
fn every_day_from_1990_to_2100_is_what_another_program_says() {
    let lines = KEPT.lines().filter(|line| !line.starts_with('#')).skip(1);
    let kept: BTreeMap<Date, (&str, &str)> = lines
        .map(|line| {
            let mut cells = line.splitn(3, ';');
            let mut cell = || cells.next().expect("three columns");
            (cell().parse().expect("a day"), (cell(), cell()))
        })
        .collect();
    assert!(kept.len() > 1_700, "{} days", kept.len());
    let (mut day, mut holidays, mut eves) = (date(1990, 1, 1), 0, 0);
    while day <= date(2100, 12, 31) {
        let told = kept.get(&day).copied();
        let is_holiday = told.is_some_and(|(kind, _)| kind == "holiday");
        assert_eq!(holiday(day).is_some(), is_holiday, "{day}: {told:?}, {:?}", holiday(day));
        assert_eq!(is_eve(day), told.is_some_and(|(kind, _)| kind == "eve"), "{day}: {told:?}");
        holidays += usize::from(is_holiday);
        eves += usize::from(is_eve(day));
        day = add_days(day, 1);
    }
    assert_eq!((holidays + eves, eves), (kept.len(), 3 * 111));
}
