//! What of a report anybody may read: figures that would point at a person are kept back, and with them
//! as many others as it takes that none of them comes back by sums and differences of what is left.
//!
//! A count below the threshold is kept back where it is about a small unit, or tells injury, sex, age,
//! severity, cause or a category below the highest; so is what is left when the published parts of a
//! whole are taken from it. Zero points at nobody. A figure of the whole tenant that law or the national
//! template asks for stays, unless it is marked, with a ground.
//!
//! What protects a figure is another set of figures that agrees with everything that is published and
//! with what anybody can know of such tables: that counts are no less than nothing, that parts are no
//! more than their whole, that a row stands there because something is counted in it. For each figure
//! that is kept back `protect` finds such sets, in whole numbers, and keeps back whatever differs in
//! them. No calculation can tell them from the true one.

mod apply;
mod bounds;
mod causes;
mod naming;
mod protect;
mod search;
mod system;
#[cfg(test)]
mod tests;
mod whole;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::system::System;
use super::Yearly;
use crate::table::Limit;

/// A figure that is kept back by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The table's name.
    pub table: String,
    /// The codes of the row; `None` is the total.
    pub row: Option<Vec<Option<String>>>,
    /// The column's name.
    pub column: String,
    /// Why. Without a ground it is not somebody's mark but what an earlier issue kept back: that stays, and
    /// asks for nothing beyond it that law or template asks for.
    pub ground: String,
}

/// That whatever has one value has another, too: a unit its area, an area its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// The narrower.
    pub inner: Limit,
    /// The wider.
    pub outer: Limit,
}

/// What a public version is made by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// A count below this one is small.
    pub threshold: u64,
    /// A unit with fewer persons than this is small.
    pub small_unit: u64,
    /// How many persons a unit has, by its id; a unit that is missing is small.
    pub sizes: BTreeMap<String, u64>,
    /// What anybody knows of the tenant: which unit lies in which area.
    pub within: Vec<Within>,
    /// What is kept back by hand.
    pub marks: Vec<Mark>,
}

/// Why a figure is kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Somebody marked it.
    Marked,
    /// It is small and could point at a person.
    Few,
    /// One that is small could be calculated from it.
    Complement,
    /// It is calculated from one that is kept back.
    Follows,
}

/// A figure that is kept back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBack {
    /// The table's name.
    pub table: String,
    /// The codes of the row; `None` is the total.
    pub row: Option<Vec<Option<String>>>,
    /// The column's name.
    pub column: String,
    /// Why.
    pub why: Why,
}

/// A public version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    /// The report.
    pub report: Yearly,
    /// What is not in it, in the order of the report.
    pub kept_back: Vec<KeptBack>,
}

/// What was published before: an earlier year's report, or an earlier version.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// The report.
    pub whole: &'a Yearly,
    /// Its public version.
    pub public: &'a Yearly,
    /// What is kept back of it by hand: that is kept back wherever else it stands.
    pub marks: &'a [Mark],
}

/// Makes the public version; together with those `before` it gives nothing back that it keeps back.
/// Sentences are still those of the whole report: whoever shows it makes them anew from the tables.
pub fn publish(report: &Yearly, rules: &Rules, before: &[Before<'_>]) -> Public {
    let mut system = System::read(report, rules, before);
    protect::protect(&mut system, rules.threshold);
    apply::apply(report, &system)
}

/// The marks that name no figure of the report, by their place.
pub fn unknown_marks(report: &Yearly, marks: &[Mark]) -> Vec<usize> {
    let known = |mark: &Mark| {
        let Some(table) = report.table(&mark.table) else { return false };
        let row = match &mark.row {
            None => table.total.is_some(),
            Some(codes) => {
                let codes: Vec<_> = codes.iter().map(Option::as_deref).collect();
                table.row(&codes).is_some()
            }
        };
        row && table.column(&mark.column).is_some()
    };
    (0..marks.len()).filter(|at| !known(&marks[*at])).collect()
}
