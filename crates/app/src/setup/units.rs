//! The tenant's units: made, renamed, moved, closed. None is ever removed: cases point to them.

use std::collections::BTreeSet;

use domain::fault::{Fault, Reason};
use domain::ids::UnitId;
use domain::organisation::{Unit, UnitTree};
use domain::policy::Act;
use jiff::civil::Date;
use serde_json::{Value, json};
use store::Tx;
use uuid::Uuid;

use super::{Refused, Trace, ends_too_early, line, today};
use crate::context::{App, Caller, SetUp};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// The longest code of a unit, in characters.
const MAX_CODE: usize = 100;

/// The longest name of a unit, in characters.
const MAX_NAME: usize = 200;

/// A unit to be made; other units are named by id or code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUnit {
    /// The tenant's own code for it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its area.
    pub area: Option<String>,
    /// The unit above it.
    pub parent: Option<String>,
    /// The unit that takes over when it closes.
    pub successor: Option<String>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// What changes in a unit; `None` stays as it is, `Some(None)` is taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitChange {
    /// The tenant's own code for it.
    pub code: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its area.
    pub area: Option<Option<String>>,
    /// The unit above it.
    pub parent: Option<Option<String>>,
    /// The unit that takes over when it closes.
    pub successor: Option<Option<String>>,
    /// First day.
    pub valid_from: Option<Option<Date>>,
    /// Last day.
    pub valid_to: Option<Option<Date>>,
}

impl From<NewUnit> for UnitChange {
    fn from(new: NewUnit) -> Self {
        Self {
            code: Some(new.code),
            name: Some(new.name),
            area: Some(new.area),
            parent: Some(new.parent),
            successor: Some(new.successor),
            valid_from: Some(new.valid_from),
            valid_to: Some(new.valid_to),
        }
    }
}

impl App {
    /// Makes a unit. `render` makes the answer from the unit as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong.
    pub async fn create_unit(
        &self,
        caller: &Caller,
        new: NewUnit,
        once: Option<Once>,
        render: impl FnOnce(&Unit) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageSetup)?;
        let unit = apply(blank(UnitId(self.new_id())), new.into(), &caller.set_up, today(caller))
            .map_err(Error::Faults)?;
        let answer = render(&unit);
        let details = json!({ "code": unit.code, "version": unit.version });
        let trace = Trace::new(self, caller, "unit.create", ("unit", unit.id.0), details);
        let made = self.make(caller, trace, once.as_ref(), answer, move |tx| {
            placed_still(tx, &unit)?;
            Ok(tx.insert_unit(&unit)?)
        });
        made.await.map_err(code_taken)
    }

    /// Changes a unit that the caller has read as `before`.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Stale`]; [`Error::Faults`] with everything that is wrong.
    pub async fn change_unit(
        &self,
        caller: &Caller,
        before: &Unit,
        change: UnitChange,
    ) -> Result<Unit, Error> {
        caller.may(Act::ManageSetup)?;
        let mut unit =
            apply(before.clone(), change, &caller.set_up, today(caller)).map_err(Error::Faults)?;
        if unit == *before {
            return Ok(unit);
        }
        let expected = before.version;
        unit.version = expected + 1;
        let details = json!({ "version": unit.version, "changes": differences(before, &unit) });
        let trace = Trace::new(self, caller, "unit.change", ("unit", unit.id.0), details);
        let row = unit.clone();
        self.change_set_up(caller, trace, move |tx| {
            placed_still(tx, &row)?;
            tx.update_unit(&row, expected)?;
            Ok(())
        })
        .await
        .map_err(code_taken)?;
        Ok(unit)
    }
}

fn blank(id: UnitId) -> Unit {
    Unit {
        id,
        code: String::new(),
        name: String::new(),
        area: None,
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    }
}

/// Marks the set-up as changed and looks once more at what other changes may have upset. The mark
/// comes first: on PostgreSQL it makes changes of one tenant's set-up wait for each other, so that
/// two moves, each sound alone, cannot close a ring together.
fn placed_still(tx: &mut Tx<'_>, unit: &Unit) -> Result<(), Refused> {
    tx.bump_config_version()?;
    let tree = UnitTree::new(tx.units()?);
    Refused::faults(misplaced(unit, &tree))
}

fn code_taken(refused: Refused) -> Error {
    match refused.conflict() {
        Some("units_code_key") => Error::Faults(vec![Fault::at("/code", Reason::NotUnique)]),
        _ => refused.into_error(),
    }
}

/// The unit after a change, or everything that is wrong with it.
fn apply(
    mut unit: Unit,
    change: UnitChange,
    set_up: &SetUp,
    today: Date,
) -> Result<Unit, Vec<Fault>> {
    let mut faults = Vec::new();
    if let Some(code) = change.code {
        let code = line(&code, "/code", MAX_CODE, &mut faults);
        if let Some(reason) = unusable(&unit, &code) {
            faults.push(Fault::at("/code", reason));
        }
        unit.code = code;
    }
    if let Some(name) = change.name {
        unit.name = line(&name, "/name", MAX_NAME, &mut faults);
    }
    if let Some(area) = change.area {
        if let Some(area) = &area
            && unit.area.as_ref() != Some(area)
            && let Err(reason) = set_up.codes.check("area", area, today)
        {
            faults.push(Fault::at("/area", reason));
        }
        unit.area = area;
    }
    let mut named = |given: Option<String>, field: &str| {
        let given = given?;
        // A new unit is not in the tree yet, and so cannot name itself.
        let found = set_up.units.find(&given).map(|unit| unit.id);
        if found.is_none() {
            faults.push(Fault::at(field, Reason::UnknownUnit { given }));
        }
        found
    };
    if let Some(parent) = change.parent {
        unit.parent = named(parent, "/parent");
    }
    if let Some(successor) = change.successor {
        unit.successor = named(successor, "/successor");
    }
    if let Some(day) = change.valid_from {
        unit.valid_from = day;
    }
    if let Some(day) = change.valid_to {
        unit.valid_to = day;
    }
    faults.extend(ends_too_early(unit.valid_from, unit.valid_to));
    if unit.unknown {
        let open = Reason::inconsistent("unknown_unit_stays_open");
        for (field, set) in [
            ("/valid_from", unit.valid_from.is_some()),
            ("/valid_to", unit.valid_to.is_some()),
            ("/successor", unit.successor.is_some()),
        ] {
            if set {
                faults.push(Fault::at(field, open.clone()));
            }
        }
    }
    faults.extend(misplaced(&unit, &set_up.units));
    if faults.is_empty() { Ok(unit) } else { Err(faults) }
}

/// Why `code` cannot be the code of `unit`, which may have it already: what was imported stays.
fn unusable(unit: &Unit, code: &str) -> Option<Reason> {
    if code == unit.code {
        return None;
    }
    if unit.unknown {
        // Imports know the unknown unit by its code.
        return Some(Reason::inconsistent("unknown_unit_keeps_code"));
    }
    if Uuid::parse_str(code).is_ok() {
        // A code is looked up before an id: it would hide the unit with that id.
        return Some(Reason::inconsistent("code_is_an_id"));
    }
    // A code stands in paths and in lists by comma.
    let strange = code.contains([',', '/']);
    strange.then(|| Reason::WrongType { expected: "text without , and /".into() })
}

/// What is wrong with where a unit stands among the others: a code that is taken, a ring.
fn misplaced(unit: &Unit, tree: &UnitTree) -> Vec<Fault> {
    let mut faults = Vec::new();
    if tree.iter().any(|other| other.id != unit.id && other.code == unit.code) {
        faults.push(Fault::at("/code", Reason::NotUnique));
    }
    if reaches(unit.parent, unit.id, |id| tree.get(id)?.parent) {
        faults.push(Fault::at("/parent", Reason::inconsistent("unit_above_itself")));
    }
    if reaches(unit.successor, unit.id, |id| tree.get(id)?.successor) {
        faults.push(Fault::at("/successor", Reason::inconsistent("unit_succeeds_itself")));
    }
    faults
}

/// Whether a walk from `first` comes to `goal`. Ends also in a ring that `goal` is not in.
fn reaches(first: Option<UnitId>, goal: UnitId, next: impl Fn(UnitId) -> Option<UnitId>) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = first;
    while let Some(id) = at {
        if id == goal {
            return true;
        }
        at = if seen.insert(id) { next(id) } else { None };
    }
    false
}

/// What changed, for the audit trail. A name is free text: that it changed is enough.
fn differences(before: &Unit, after: &Unit) -> Vec<Value> {
    let mut found = Vec::new();
    if before.name != after.name {
        found.push(json!({ "field": "name" }));
    }
    let fields = |unit: &Unit| {
        [
            ("code", json!(unit.code)),
            ("area", json!(unit.area)),
            ("parent", json!(unit.parent)),
            ("successor", json!(unit.successor)),
            ("valid_from", json!(unit.valid_from)),
            ("valid_to", json!(unit.valid_to)),
        ]
    };
    for ((field, old), (_, new)) in fields(before).into_iter().zip(fields(after)) {
        if old != new {
            found.push(json!({ "field": field, "old": old, "new": new }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::code_lists::CodeLists;
    use jiff::civil::date;

    use super::super::tests::{in_a_world, made, pairs, told};
    use super::*;

    const DAY: Date = date(2026, 3, 10);

    fn unit(number: u128, code: &str) -> Unit {
        let id = UnitId(Uuid::from_u128(number));
        Unit { code: code.to_owned(), name: code.to_owned(), ..blank(id) }
    }

    /// a above b above c; d is succeeded by e; x is the unknown unit.
    fn set_up() -> SetUp {
        let (a, mut b, mut c) = (unit(1, "a"), unit(2, "b"), unit(3, "c"));
        b.parent = Some(a.id);
        c.parent = Some(b.id);
        let (mut d, e, mut x) = (unit(4, "d"), unit(5, "e"), unit(6, "x"));
        d.successor = Some(e.id);
        x.unknown = true;
        let units = Arc::new(UnitTree::new([a, b, c, d, e, x]));
        let learning_cards = Arc::new([]);
        let codes = CodeLists::shared();
        SetUp { units, codes, settings: Default::default(), learning_cards }
    }

    fn faults(code: &str, change: UnitChange) -> Vec<(String, String)> {
        let set_up = set_up();
        let before = set_up.units.find(code).unwrap().clone();
        let faults = apply(before, change, &set_up, DAY).err().unwrap_or_default();
        told(&Error::Faults(faults))
    }

    fn below(parent: &str) -> UnitChange {
        UnitChange { parent: Some(Some(parent.to_owned())), ..UnitChange::default() }
    }

    fn followed(successor: &str) -> UnitChange {
        UnitChange { successor: Some(Some(successor.to_owned())), ..UnitChange::default() }
    }

    #[test]
    fn no_ring_is_closed() {
        for parent in ["a", "b", "c"] {
            assert_eq!(faults("a", below(parent)), pairs(&[("/parent", "unit_above_itself")]));
        }
        assert_eq!(faults("a", below("d")), []);
        assert_eq!(faults("c", below("a")), []);
        for successor in ["d", "e"] {
            let told = pairs(&[("/successor", "unit_succeeds_itself")]);
            assert_eq!(faults("e", followed(successor)), told);
        }
        assert_eq!(faults("e", followed("a")), []);
        // A ring that was there before does not hold a walk up.
        let (one, two) = (UnitId(Uuid::from_u128(1)), UnitId(Uuid::from_u128(2)));
        let ring = |id| Some(if id == one { two } else { one });
        assert!(!reaches(Some(one), UnitId(Uuid::from_u128(3)), ring));
        assert!(reaches(Some(one), two, ring));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let change = UnitChange {
            code: Some("a".into()),
            name: Some(" ".into()),
            area: Some(Some("NEJ".into())),
            parent: Some(Some("nej".into())),
            successor: Some(Some(Uuid::from_u128(99).to_string())),
            valid_from: Some(Some(date(2026, 2, 1))),
            valid_to: Some(Some(date(2026, 1, 31))),
        };
        let expected = pairs(&[
            ("/name", "required"),
            ("/area", "unknown_code"),
            ("/parent", "unknown_unit"),
            ("/successor", "unknown_unit"),
            ("/valid_to", "before"),
            ("/code", "not_unique"),
        ]);
        assert_eq!(faults("b", change), expected);
    }

    #[test]
    fn a_code_can_stand_in_a_path_and_hides_no_id() {
        let named = |code: &str| UnitChange { code: Some(code.into()), ..UnitChange::default() };
        for (code, reason) in [
            ("a,b", "wrong_type"),
            ("a/b", "wrong_type"),
            ("", "required"),
            ("00000000-0000-0000-0000-000000000001", "code_is_an_id"),
        ] {
            assert_eq!(faults("b", named(code)), pairs(&[("/code", reason)]), "{code}");
        }
        assert_eq!(faults("b", named("Äppelgården 2")), []);
        assert_eq!(faults("b", named("b")), []);
    }

    #[test]
    fn the_unknown_unit_is_renamed_and_nothing_else() {
        let name = UnitChange { name: Some("Vet ej".into()), ..UnitChange::default() };
        assert_eq!(faults("x", name), []);
        let close = UnitChange { valid_to: Some(Some(DAY)), ..UnitChange::default() };
        assert_eq!(faults("x", close), pairs(&[("/valid_to", "unknown_unit_stays_open")]));
        assert_eq!(faults("x", followed("a")), pairs(&[("/successor", "unknown_unit_stays_open")]));
        let code = UnitChange { code: Some("y".into()), ..UnitChange::default() };
        assert_eq!(faults("x", code), pairs(&[("/code", "unknown_unit_keeps_code")]));
    }

    #[test]
    fn the_audit_trail_holds_codes_and_no_names() {
        let before = unit(1, "a");
        let mut after = before.clone();
        after.name = "Ny".into();
        after.valid_to = Some(DAY);
        let expected = [
            json!({ "field": "name" }),
            json!({ "field": "valid_to", "old": null, "new": "2026-03-10" }),
        ];
        assert_eq!(differences(&before, &after), expected);
    }

    #[test]
    fn a_unit_is_made_once_and_seen_by_the_next_request() {
        in_a_world(async |world| {
            let admin = world.admin("anna").await;
            let new = NewUnit { code: "syr".into(), name: "Syrenen".into(), ..NewUnit::default() };
            let once = Once { key: "k".into(), mac: vec![1] };
            let make = async |key: Option<Once>| {
                world.app.create_unit(&admin, new.clone(), key, |unit| made(unit.version)).await
            };
            let first = make(Some(once.clone())).await.unwrap();
            // The same request again, from a caller who entered before: the kept answer.
            assert_eq!(make(Some(once.clone())).await.unwrap(), first);
            let other = Once { key: "k".into(), mac: vec![2] };
            assert!(matches!(make(Some(other)).await, Err(Error::KeyReused)));
            // Its tree is older than the unit: the transaction finds out.
            let refused = make(None).await.unwrap_err();
            assert_eq!(told(&refused), pairs(&[("/code", "not_unique")]));

            let admin = world.enter("anna").await.unwrap();
            let unit = admin.set_up.units.find("syr").unwrap().clone();
            let below = below("okand");
            let moved = world.app.change_unit(&admin, &unit, below.clone()).await.unwrap();
            assert_eq!(moved.version, 2);
            // Nothing changes, nothing is written.
            assert_eq!(world.app.change_unit(&admin, &moved, below).await.unwrap(), moved);
            let name = UnitChange { name: Some("Ny".into()), ..UnitChange::default() };
            let stale = world.app.change_unit(&admin, &unit, name.clone()).await;
            assert!(matches!(stale, Err(Error::Stale)));

            let nobody = world.enter("bo").await.unwrap();
            let refused = world.app.change_unit(&nobody, &moved, name).await;
            assert!(matches!(refused, Err(Error::Forbidden)));
        });
    }
}
