//! What somebody gives as exposures, and everything that is wrong with it.

use jiff::civil::Date;

use super::{Amount, Exposure, Kind};
use crate::fault::{Fault, Reason};
use crate::ids::{ExposureId, UnitId};
use crate::organisation::UnitTree;
use crate::statistics::Months;
use crate::statistics::dimension::{FIRST_YEAR, LAST_YEAR};

/// The longest name of a source, in characters.
pub const LONGEST_SOURCE: usize = 200;

/// An exposure as it is to stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Where.
    pub unit: UnitId,
    /// Of what.
    pub kind: Kind,
    /// In which months.
    pub period: Months,
    /// How much.
    pub amount: Amount,
    /// Where the figure was taken from.
    pub source: Option<String>,
}

/// One of those given together, with the names of its fields in what was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The JSON pointer of what it stands in, empty or with a `/` at its beginning.
    pub at: String,
    /// The names of the fields unit, kind, from, to, amount and source.
    pub names: [&'static str; 6],
    /// The one it takes the place of.
    pub instead: Option<ExposureId>,
    /// What is to stand.
    pub given: Given,
}

impl Line {
    fn fault(&self, field: usize, reason: Reason) -> Fault {
        Fault::at(format!("{}/{}", self.at, self.names[field]), reason)
    }

    /// What is wrong with it by itself.
    fn own_faults(&self, today: Date) -> Vec<Fault> {
        let Given { kind, period, amount, source, .. } = &self.given;
        let mut faults = Vec::new();
        let (from, to) = (period.from, period.to);
        if !(FIRST_YEAR..=LAST_YEAR).contains(&from.year) {
            let (min, max) = (FIRST_YEAR.into(), LAST_YEAR.into());
            faults.push(self.fault(2, Reason::OutOfRange { min, max }));
        } else if to < from {
            let other = format!("{}/{}", self.at, self.names[2]);
            faults.push(self.fault(3, Reason::Before { other }));
        } else if from.year != to.year {
            faults.push(self.fault(3, Reason::inconsistent("two_years")));
        } else if (to.year, to.month) >= (today.year(), today.month()) {
            faults.push(self.fault(3, Reason::inconsistent("month_not_over")));
        }
        if *amount > Amount::MOST {
            let max = i64::try_from(Amount::MOST.hundredths / 100).unwrap_or(i64::MAX);
            faults.push(self.fault(4, Reason::OutOfRange { min: 0, max }));
        }
        if !amount.is_whole() && !kind.has_parts() {
            faults.push(self.fault(4, Reason::inconsistent("not_whole")));
        }
        let long = |text: &String| text.chars().count() > LONGEST_SOURCE;
        if source.as_ref().is_some_and(long) {
            faults.push(self.fault(5, Reason::TooLong { max: LONGEST_SOURCE }));
        }
        faults
    }
}

/// What stands beside a line when it is judged: an exposure that is kept, or another line.
struct Beside {
    unit: UnitId,
    kind: Kind,
    period: Months,
    amount: Amount,
}

impl Beside {
    fn meets(&self, period: Months) -> bool {
        // Months in the wrong order are told by themselves.
        let in_order = self.period.from <= self.period.to && period.from <= period.to;
        in_order && self.period.from <= period.to && period.from <= self.period.to
    }
}

/// Everything that is wrong with `lines`, given together beside what is `kept` of their years. `today` is the
/// day in Sweden: what a month held is known when it is over.
pub fn faults(lines: &[Line], kept: &[Exposure], units: &UnitTree, today: Date) -> Vec<Fault> {
    let replaced = |id: ExposureId| lines.iter().any(|line| line.instead == Some(id));
    let staying = kept.iter().filter(|it| !replaced(it.id)).map(|it| Beside {
        unit: it.unit,
        kind: it.kind,
        period: it.period,
        amount: it.amount,
    });
    let mut beside: Vec<Beside> = staying.collect();
    beside.extend(lines.iter().map(|line| Beside {
        unit: line.given.unit,
        kind: line.given.kind,
        period: line.given.period,
        amount: line.given.amount,
    }));
    let first = beside.len() - lines.len();
    let mut faults = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        faults.extend(line.own_faults(today));
        let given = &line.given;
        let above = units.with_ancestors(given.unit);
        let (mut again, mut elsewhere, mut more) = (false, false, false);
        // What stood before, and the lines before it; and those after it, for doses.
        for (place, other) in beside.iter().enumerate().filter(|(place, _)| *place != first + at) {
            let before = place < first + at;
            if other.kind == given.kind && other.meets(given.period) && before {
                again |= other.unit == given.unit;
                elsewhere |= other.unit != given.unit
                    && (above.contains(&other.unit)
                        || units.with_ancestors(other.unit).contains(&given.unit));
            }
            let doses = (given.kind, other.kind) == (Kind::SignedDoses, Kind::DosesToSign);
            let same = other.unit == given.unit && other.period == given.period;
            more |= doses && same && given.amount > other.amount;
            let due = (given.kind, other.kind) == (Kind::DosesToSign, Kind::SignedDoses);
            // Of two lines that do not go together, the one of what was signed is at fault.
            more |= due && same && place < first && given.amount < other.amount;
        }
        if again {
            faults.push(line.fault(2, Reason::NotUnique));
        }
        if elsewhere {
            faults.push(line.fault(0, Reason::inconsistent("covered_elsewhere")));
        }
        if more {
            faults.push(line.fault(4, Reason::inconsistent("more_signed_than_due")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::tests_support::{exposure, line, tree, unit};

    fn told(faults: &[Fault]) -> Vec<(String, String)> {
        let told = faults.iter().map(|fault| (fault.field.clone(), fault.reason.code().to_owned()));
        told.collect()
    }

    fn judged(lines: &[Line], kept: &[Exposure]) -> Vec<(String, String)> {
        told(&faults(lines, kept, &tree(), Date::constant(2026, 3, 10)))
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn every_fault_of_a_line_is_told() {
        let lines = [
            line(2, unit(1), Kind::BedDays, ("2025-01", "2025-12"), "1200"),
            line(3, unit(2), Kind::BedDays, ("2025-06", "2025-05"), "1200"),
            line(4, unit(2), Kind::Staff, ("2024-06", "2025-05"), "12.5"),
            line(5, unit(2), Kind::DosesToSign, ("2026-02", "2026-03"), "12.5"),
            line(6, unit(2), Kind::DosesToSign, ("2026-02", "2026-02"), "12"),
        ];
        assert_eq!(
            judged(&lines, &[]),
            pairs(&[
                ("/3/to", "before"),
                ("/4/to", "two_years"),
                ("/5/to", "month_not_over"),
                ("/5/amount", "not_whole"),
                ("/6/from", "not_unique"),
            ])
        );
    }

    #[test]
    fn no_month_of_a_unit_is_counted_twice() {
        let kept = [exposure(7, unit(1), Kind::BedDays, ("2025-01", "2025-06"), "900")];
        let again = line(2, unit(1), Kind::BedDays, ("2025-06", "2025-07"), "300");
        assert_eq!(
            judged(std::slice::from_ref(&again), &kept),
            pairs(&[("/2/from", "not_unique")])
        );
        // Unit 2 lies below unit 1, whose days are also its own.
        let below = line(2, unit(2), Kind::BedDays, ("2025-06", "2025-06"), "300");
        assert_eq!(
            judged(std::slice::from_ref(&below), &kept),
            pairs(&[("/2/unit", "covered_elsewhere")])
        );
        let other = line(2, unit(2), Kind::Persons, ("2025-06", "2025-06"), "30");
        assert_eq!(judged(&[other], &kept), []);
        let later = line(2, unit(2), Kind::BedDays, ("2025-07", "2025-12"), "300");
        assert_eq!(judged(&[later], &kept), []);
        let beside = line(2, unit(3), Kind::BedDays, ("2025-06", "2025-06"), "300");
        assert_eq!(judged(&[beside], &kept), []);
        let instead = Line { instead: Some(kept[0].id), ..again };
        assert_eq!(judged(&[instead], &kept), []);
        let both = [
            line(2, unit(2), Kind::BedDays, ("2025-06", "2025-06"), "300"),
            line(3, unit(1), Kind::BedDays, ("2025-05", "2025-06"), "300"),
        ];
        assert_eq!(judged(&both, &[]), pairs(&[("/3/unit", "covered_elsewhere")]));
    }

    #[test]
    fn no_more_is_signed_than_was_to_be() {
        let kept = [exposure(7, unit(1), Kind::DosesToSign, ("2025-01", "2025-01"), "900")];
        let signed = |amount| line(2, unit(1), Kind::SignedDoses, ("2025-01", "2025-01"), amount);
        assert_eq!(judged(&[signed("900")], &kept), []);
        let fault = pairs(&[("/2/amount", "more_signed_than_due")]);
        assert_eq!(judged(&[signed("901")], &kept), fault);
        let due = line(3, unit(1), Kind::DosesToSign, ("2025-01", "2025-01"), "800");
        assert_eq!(judged(&[signed("801"), due.clone()], &[]), fault);
        assert_eq!(judged(&[due, signed("801")], &[]), fault);
    }
}
