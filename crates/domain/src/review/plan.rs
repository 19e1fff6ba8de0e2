//! Which reviews a half asks for.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Half, ReviewRules, Subject};
use crate::ids::UnitId;
use crate::organisation::{Unit, UnitTree};

/// A review that is to be made.
pub type Planned = Subject;

/// The reviews of a half: one of each place where care is given, or of those that a group names together.
///
/// A place is a unit with none below it, or one that had cases of its own. One that had closed by the
/// half's last day, or has since, has no team that could sign; the unit that takes what nobody knows has
/// none either.
pub fn plan(
    half: Half,
    units: &UnitTree,
    rules: &ReviewRules,
    with_cases: &BTreeSet<UnitId>,
    today: Date,
) -> Vec<Planned> {
    if !rules.made {
        return Vec::new();
    }
    let there =
        |unit: &&Unit| unit.open_on(half.last_day()) && unit.open_on(today) && !unit.unknown;
    let above: BTreeSet<UnitId> =
        units.iter().filter(there).filter_map(|unit| unit.parent).collect();
    let place = |unit: &&Unit| !above.contains(&unit.id) || with_cases.contains(&unit.id);
    let mut left: BTreeSet<UnitId> =
        units.iter().filter(there).filter(place).map(|unit| unit.id).collect();
    let mut planned = Vec::new();
    for group in &rules.groups {
        let named = group.units.iter().filter_map(|given| units.find(given));
        let named: BTreeSet<UnitId> =
            named.flat_map(|unit| units.with_descendants(unit.id)).collect();
        let within: Vec<UnitId> = left.intersection(&named).copied().collect();
        left.retain(|unit| !named.contains(unit));
        if !within.is_empty() {
            let (key, name) = (group.code.clone(), group.name.clone());
            planned.push(Subject { key, name, units: within });
        }
    }
    planned.extend(left.into_iter().filter_map(|id| {
        let unit = units.get(id)?;
        Some(Subject { key: id.to_string(), name: unit.name.clone(), units: vec![id] })
    }));
    planned
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::review::ReviewGroup;

    fn unit(id: u128, code: &str, parent: Option<u128>) -> Unit {
        Unit {
            id: UnitId(Uuid::from_u128(id)),
            code: code.into(),
            name: code.to_uppercase(),
            area: None,
            parent: parent.map(|id| UnitId(Uuid::from_u128(id))),
            successor: None,
            valid_from: None,
            valid_to: None,
            unknown: false,
            version: 1,
        }
    }

    fn keys(planned: &[Planned]) -> Vec<&str> {
        planned.iter().map(|subject| subject.name.as_str()).collect()
    }

    #[test]
    fn each_place_has_one_and_small_ones_share() {
        let half: Half = "2026-H1".parse().expect("a half");
        let closed = Unit { valid_to: Some(date(2026, 6, 29)), ..unit(5, "stängd", Some(1)) };
        let since = Unit { valid_to: Some(date(2026, 7, 1)), ..unit(6, "nyss", Some(1)) };
        let later = Unit { valid_from: Some(date(2026, 7, 1)), ..unit(7, "ny", Some(1)) };
        let late = Unit { valid_from: Some(date(2026, 6, 30)), ..unit(8, "sen", Some(1)) };
        let unknown = Unit { unknown: true, ..unit(9, "okänd", None) };
        let tree = UnitTree::new([
            unit(1, "norr", None),
            unit(2, "gran", Some(1)),
            unit(3, "tall", Some(1)),
            unit(4, "syd", None),
            closed,
            since,
            later,
            late,
            unknown,
        ]);
        let today = date(2026, 7, 2);
        let rules = ReviewRules::default();
        let alone = plan(half, &tree, &rules, &BTreeSet::new(), today);
        assert_eq!(keys(&alone), ["GRAN", "TALL", "SYD", "SEN"]);
        let own = BTreeSet::from([UnitId(Uuid::from_u128(1))]);
        assert_eq!(plan(half, &tree, &rules, &own, today).len(), 5, "norr has cases of its own");
        let group = |units: &[&str]| ReviewGroup {
            code: "små".into(),
            name: "Små enheter".into(),
            units: units.iter().map(|unit| (*unit).to_owned()).collect(),
        };
        let together = ReviewRules { groups: vec![group(&["norr"])], ..ReviewRules::default() };
        let planned = plan(half, &tree, &together, &BTreeSet::new(), today);
        assert_eq!(keys(&planned), ["Små enheter", "SYD"]);
        assert_eq!(planned[0].units.len(), 3);
        assert_eq!(together.faults(&tree, ""), []);
        let twice =
            ReviewRules { groups: vec![group(&["norr", "gran", "x"])], due_days: 0, ..together };
        let faults: Vec<_> = twice.faults(&tree, "").into_iter().map(|it| it.field).collect();
        assert_eq!(faults, ["/due_days", "/groups/0/units/1", "/groups/0/units/2"]);
        let none = ReviewRules { made: false, ..ReviewRules::default() };
        assert_eq!(plan(half, &tree, &none, &BTreeSet::new(), today), []);
    }
}
