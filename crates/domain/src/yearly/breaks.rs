//! Where the years cannot be read as one series: what the tenant says of it, such as that it took a new tool,
//! beside what the figures tell by themselves.

use serde::{Deserialize, Serialize};

use super::{Break, Yearly};
use crate::calendar::MONTHS;
use crate::fault::{Fault, Reason};

/// How many breaks a tenant names at most.
pub const MOST_BREAKS: usize = 20;
/// The longest reason, in characters.
pub const LONGEST_WHY: usize = 200;
/// The first and the last year that may be named.
const YEARS: (i16, i16) = (1990, 2100);

/// A month from which the tenant counts another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesBreak {
    /// The year.
    pub year: i16,
    /// The month, from 1: the first that is counted the new way.
    pub month: u8,
    /// Why, in Swedish.
    pub why: String,
}

impl SeriesBreak {
    /// Everything that is wrong with a tenant's breaks, below `at`. That no personal number stands in them is
    /// asked of the whole request.
    pub fn faults(given: &[Self], at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        if given.len() > MOST_BREAKS {
            faults.push(Fault::at(at, Reason::TooMany { max: MOST_BREAKS }));
        }
        for (nth, it) in given.iter().enumerate() {
            let field = |name: &str| format!("{at}/{nth}/{name}");
            let (first, last) = YEARS;
            if !(first..=last).contains(&it.year) {
                let range = Reason::OutOfRange { min: i64::from(first), max: i64::from(last) };
                faults.push(Fault::at(field("year"), range));
            }
            if !(1..=12).contains(&it.month) {
                let range = Reason::OutOfRange { min: 1, max: 12 };
                faults.push(Fault::at(field("month"), range));
            } else if given[..nth].iter().any(|other| other.since() == it.since()) {
                faults.push(Fault::at(field("month"), Reason::NotUnique));
            }
            if it.why.trim().is_empty() {
                faults.push(Fault::at(field("why"), Reason::Required));
            } else if it.why.chars().count() > LONGEST_WHY {
                faults.push(Fault::at(field("why"), Reason::TooLong { max: LONGEST_WHY }));
            }
        }
        faults
    }

    /// The month from which it holds.
    fn since(&self) -> (i16, u8) {
        (self.year, self.month)
    }

    /// Whether a report that shows the years from `oldest` to `newest` has figures on both sides of it.
    fn lies_within(&self, oldest: i16, newest: i16) -> bool {
        self.year <= newest && self.since() > (oldest, 1)
    }

    fn told(&self) -> Break {
        let mut it = Break { year: self.year, month: Some(self.month), why: String::new() };
        let why = self.why.trim().trim_end_matches('.');
        it.why = format!("Brott i serien från {}: {why}. {MAY_BE_WHY}", it.when());
        it
    }
}

/// What follows from every break.
const MAY_BE_WHY: &str = "Skillnader mot tidigare kan bero på det.";

impl Break {
    /// From when, in words: a month where one is known, else the year.
    fn when(&self) -> String {
        let at = self.month.and_then(|month| usize::from(month).checked_sub(1));
        match at.and_then(|at| MONTHS.get(at)) {
            Some(month) => format!("{month} {}", self.year),
            None => self.year.to_string(),
        }
    }

    /// That there is one, without anybody's words.
    pub(super) fn without_words(&self) -> String {
        format!("Brott i serien från {}. {MAY_BE_WHY}", self.when())
    }

    /// Whether somebody's own words say why.
    pub(super) fn has_words(&self) -> bool {
        self.month.is_some() && self.why != self.without_words()
    }

    /// Whether a year and the one before it are not counted in one way: the break lies between them, or within
    /// the one before.
    fn parts(&self, year: i16) -> bool {
        let inside = self.month.is_some_and(|month| month > 1);
        self.year == year || (inside && self.year == year - 1)
    }
}

/// What the first page says where a year is compared with the one before across a break.
pub(super) fn cautions(report: &Yearly) -> Vec<String> {
    let across = report.breaks.iter().filter(|it| it.parts(report.year));
    let said = |it: &Break| {
        format!(
            "Jämför med {} försiktigt: serien har ett brott från {}, och skillnaden kan bero på det.",
            report.year - 1,
            it.when()
        )
    };
    across.map(said).collect()
}

/// Notes beside every table that shows other years than the report's why they may differ.
pub(super) fn note(report: &mut Yearly, why: &str) {
    let year = report.year;
    for table in report.sections.iter_mut().flat_map(|section| &mut section.tables) {
        if table.columns.iter().filter_map(|column| column.year).any(|other| other != year) {
            table.notes.push(why.to_owned());
        }
    }
}

/// Marks the breaks that the tenant names in a report, as far as the report has figures on both sides of them.
pub(super) fn mark(report: &mut Yearly, named: &[SeriesBreak]) {
    let oldest = report.beside.iter().copied().min().unwrap_or(report.year);
    let here = named.iter().filter(|it| it.lies_within(oldest, report.year));
    let found: Vec<Break> = here.map(SeriesBreak::told).collect();
    for it in &found {
        note(report, &it.why);
    }
    report.breaks.extend(found);
    report.breaks.sort_by_key(|it| (it.year, it.month));
}

#[cfg(test)]
mod tests {
    use super::super::samples::yearly;
    use super::*;

    fn named(year: i16, month: u8, why: &str) -> SeriesBreak {
        SeriesBreak { year, month, why: why.to_owned() }
    }

    #[test]
    fn every_fault_of_a_break_is_told() {
        let given = [named(2025, 3, "x"), named(2025, 3, " "), named(1889, 13, &"x".repeat(201))];
        let faults = SeriesBreak::faults(&given, "/series_breaks");
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        let at = |field: &str| format!("/series_breaks/{field}");
        assert_eq!(fields, ["1/month", "1/why", "2/year", "2/month", "2/why"].map(at));
        let many: Vec<_> = (1..=21).map(|year| named(2000 + year, 1, "x")).collect();
        assert_eq!(SeriesBreak::faults(&many, "/series_breaks").len(), 1);
    }

    #[test]
    fn a_break_is_told_where_there_are_figures_on_both_sides_of_it() {
        // The report of 2025 with 2024 beside it.
        for (year, month, shown, parts) in [
            (2024, 1, false, false),
            (2024, 2, true, true),
            (2025, 1, true, true),
            (2025, 12, true, true),
            (2026, 1, false, false),
        ] {
            let mut report = yearly(Vec::new());
            mark(&mut report, &[named(year, month, "nytt verktyg.")]);
            assert_eq!(!report.breaks.is_empty(), shown, "{year}-{month}");
            assert_eq!(!cautions(&report).is_empty(), parts, "{year}-{month}");
        }
        let mut report = yearly(Vec::new());
        report.beside.push(2023);
        mark(&mut report, &[named(2024, 1, "nytt verktyg.")]);
        let why = "Brott i serien från januari 2024: nytt verktyg. \
            Skillnader mot tidigare kan bero på det.";
        assert_eq!(report.breaks, [Break { year: 2024, month: Some(1), why: why.to_owned() }]);
        assert_eq!(cautions(&report), [] as [&str; 0], "both years are counted the new way");
    }
}
