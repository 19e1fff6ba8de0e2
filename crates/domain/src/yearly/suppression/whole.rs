//! Wholes and their parts, wherever they are printed: the falls of a unit are a part of its avvikelser and
//! of all falls, a unit's of its area's, a category's of the one above.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::naming::{Set, above, is_own, tidy, union_above};
use super::system::{BELOW, Key, System, is_sensitive};
use super::{Rules, Within};
use crate::table::Limit;

/// A table, the places of its parts, and the whole where it is printed.
type Part = (usize, Vec<usize>, Option<u64>);

/// Parts of one whole that exclude each other: whose whole, and by which dimension they differ.
type Family = (usize, String);

/// What is alike in families: the set, the whole's dimensions, and the one the parts differ by. Parts are
/// all of the whole where they are in every family that is alike.
type Shape = (String, Vec<String>, String);

/// Says of all figures which are parts of which.
pub(super) fn relate(system: &mut System, rules: &Rules) {
    let mut outer: HashMap<&Limit, Vec<&Limit>> = HashMap::new();
    for Within { inner, outer: wide } in &rules.within {
        outer.entry(inner).or_default().push(wide);
    }
    let mut families: BTreeMap<Family, BTreeSet<usize>> = BTreeMap::new();
    for part in 0..system.figures.len() {
        let Some(Key { set, limits, apart: 0 }) = system.figures[part].key.clone() else {
            continue;
        };
        for (at, limit) in limits.iter().enumerate() {
            let without = limits.iter().enumerate().filter(|(other, _)| *other != at);
            let rest: Vec<Limit> = without.map(|(_, limit)| limit.clone()).collect();
            if let Some(whole) = system.find(&set, &rest) {
                families.entry((whole, limit.dimension.clone())).or_default().insert(part);
            }
            let mut wider: Vec<Limit> =
                outer.get(limit).into_iter().flatten().map(|wide| (*wide).clone()).collect();
            if let Some(above) = nearest_above(system, &set, &rest, limit) {
                wider.push(above);
            }
            for wide in wider {
                let limits = tidy(rest.iter().cloned().chain([wide]));
                if let Some(whole) = system.find(&set, &limits).filter(|whole| *whole != part) {
                    families.entry((whole, limit.dimension.clone())).or_default().insert(part);
                }
            }
            let Some(union) = union_above(limit) else { continue };
            // Together it is counted of the unit, or of the unit with those below it.
            let mut wholes = vec![rest.clone()];
            for (at, narrow) in rest.iter().enumerate() {
                for wide in outer.get(narrow).into_iter().flatten() {
                    if wide.dimension == BELOW {
                        let mut limits = rest.clone();
                        limits[at] = (*wide).clone();
                        wholes.push(limits);
                    }
                }
            }
            for limits in wholes {
                let limits = tidy(limits.into_iter().chain([union.clone()]));
                if let Some(whole) = system.find(&set, &limits) {
                    families.entry((whole, limit.dimension.clone())).or_default().insert(part);
                }
            }
        }
    }
    let mut shapes: BTreeMap<Shape, Vec<Part>> = BTreeMap::new();
    for ((whole, dimension), parts) in families {
        let parts = outermost(system, &parts, &dimension);
        let sum: u64 = parts.iter().map(|part| system.figures[*part].value).sum();
        let left = system.figures[whole].value.checked_sub(sum);
        let Some(key) = &system.figures[whole].key else { continue };
        // Own figures of one name say nothing of those of another.
        let is_own = is_own(&key.set.0);
        let kind = |limit: &Limit| match &limit.code {
            Some(code) if is_own => format!("{}={code}", limit.dimension),
            _ => limit.dimension.clone(),
        };
        let dimensions = key.limits.iter().map(kind).collect();
        let shape = (key.set.0.clone(), dimensions, dimension);
        shapes.entry(shape).or_default().push((whole, parts, left));
    }
    for ((_, _, dimension), alike) in shapes {
        // Of what may have several values the parts exclude nobody.
        if alike.iter().any(|(_, _, left)| left.is_none()) {
            continue;
        }
        let all = alike.iter().all(|(_, _, left)| *left == Some(0));
        for (whole, parts, left) in alike {
            let mut terms: Vec<(usize, i8)> = parts.into_iter().map(|part| (part, 1)).collect();
            terms.push((whole, -1));
            let left = left.unwrap_or(0);
            let few = is_few(system, whole, &dimension, left, rules);
            terms.push((system.left(left, few, all), 1));
            system.equate(terms);
        }
    }
}

/// Whether what is left of a whole could point at a person.
fn is_few(system: &System, whole: usize, dimension: &str, left: u64, rules: &Rules) -> bool {
    if !(1..rules.threshold).contains(&left) {
        return false;
    }
    let Some(key) = &system.figures[whole].key else { return false };
    // Of what the time of the event is not known is no secret.
    if dimension.starts_with("lead") {
        return false;
    }
    // What is left in units or in the highest categories tells no more than the whole does; what is left
    // of a category tells of none that is told below it.
    let below = key.limits.iter().any(|limit| limit.dimension == dimension);
    let told = match (dimension, below) {
        ("unit" | "reporting_unit" | BELOW, _) | ("category" | "complaint", false) => None,
        (told, false) => Some(Limit { dimension: told.to_owned(), code: None }),
        (told, true) => Some(Limit { dimension: told.to_owned(), code: Some("..=".to_owned()) }),
    };
    is_sensitive(&key.limits, rules) || is_sensitive(told.as_slice(), rules)
}

/// The nearest value above by the code itself, of which something is counted.
fn nearest_above(system: &System, set: &Set, rest: &[Limit], limit: &Limit) -> Option<Limit> {
    let mut wide = above(limit);
    while let Some(it) = wide {
        let limits = tidy(rest.iter().cloned().chain([it.clone()]));
        if system.find(set, &limits).is_some() {
            return Some(it);
        }
        wide = above(&it);
    }
    None
}

/// The parts that lie within no other part.
fn outermost(system: &System, parts: &BTreeSet<usize>, dimension: &str) -> Vec<usize> {
    let limit = |part: usize| {
        let key = system.figures[part].key.as_ref()?;
        key.limits.iter().find(|limit| limit.dimension == dimension)
    };
    let codes: BTreeSet<&Limit> = parts.iter().filter_map(|part| limit(*part)).collect();
    let is_outermost = |part: &usize| {
        let mut wide = limit(*part).and_then(above);
        while let Some(it) = wide {
            if codes.contains(&it) {
                return false;
            }
            wide = above(&it);
        }
        true
    };
    parts.iter().copied().filter(is_outermost).collect()
}
