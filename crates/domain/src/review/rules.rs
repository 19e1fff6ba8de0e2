//! What a tenant chooses about reviews. Local, never law.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Reason};
use crate::organisation::UnitTree;

/// Small units that are reviewed together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewGroup {
    /// The group's own code, unique among the tenant's groups.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The codes of its units, each with all below it.
    pub units: Vec<String>,
}

/// A tenant's rules for reviews.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewRules {
    /// Whether a review is made of each unit after each half.
    pub made: bool,
    /// How many days after it is made a review is to be signed: a local target.
    pub due_days: u16,
    /// Small units that are reviewed together.
    pub groups: Vec<ReviewGroup>,
}

impl Default for ReviewRules {
    fn default() -> Self {
        Self { made: true, due_days: 60, groups: Vec::new() }
    }
}

impl ReviewRules {
    /// Everything that is wrong, by JSON pointer below `at`.
    pub fn faults(&self, units: &UnitTree, at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !(1..=180).contains(&self.due_days) {
            let range = Reason::OutOfRange { min: 1, max: 180 };
            faults.push(Fault::at(format!("{at}/due_days"), range));
        }
        let (mut codes, mut taken) = (BTreeSet::new(), BTreeSet::new());
        for (nth, group) in self.groups.iter().enumerate() {
            let field = |name: &str| format!("{at}/groups/{nth}/{name}");
            for (name, text) in [("code", &group.code), ("name", &group.name)] {
                if text.trim().is_empty() {
                    faults.push(Fault::at(field(name), Reason::Required));
                }
            }
            if !codes.insert(group.code.as_str()) {
                faults.push(Fault::at(field("code"), Reason::NotUnique));
            }
            if group.units.is_empty() {
                faults.push(Fault::at(field("units"), Reason::Required));
            }
            for (place, given) in group.units.iter().enumerate() {
                let field = field(&format!("units/{place}"));
                let Some(unit) = units.find(given) else {
                    let given = given.clone();
                    faults.push(Fault::at(field, Reason::UnknownUnit { given }));
                    continue;
                };
                let below = units.with_descendants(unit.id);
                if !taken.is_disjoint(&below) {
                    let twice = Reason::inconsistent("unit_in_two_groups");
                    faults.push(Fault::at(field, twice));
                }
                taken.extend(below);
            }
        }
        faults
    }
}
