//! What must be settled before a manager's grant is taken back, or a manager is deactivated: no open
//! case is left alone.

use std::collections::BTreeMap;

use domain::case::Kind;
use domain::fault::{Fault, Reason};
use domain::handover::left_alone;
use domain::ids::StaffId;
use domain::organisation::{Grant, Role};
use domain::policy::{Held, Reading};
use domain::worklist::{Place, Roster};
use store::Tx;

use super::{Refused, today};
use crate::context::Caller;

/// The field by which the revoker says who takes over.
const TAKEN_OVER_BY: &str = "/taken_over_by";

/// Lets a manager's grant end when its open cases are in other hands: another manager or a deputy is
/// there, a handover is signed, or the revoker names an area manager who takes over. A handover the
/// holder has begun is signed first. Everyone who ends such a grant waits for each other: two managers
/// of one unit must not each go since the other stays.
pub(super) fn may_leave(
    tx: &mut Tx<'_>,
    caller: &Caller,
    grant: &Grant,
    taken_over_by: Option<StaffId>,
) -> Result<(), Refused> {
    let others = |other: &Grant| other.id != grant.id;
    leaves(tx, caller, grant, others, taken_over_by)
}

/// Lets a manager be deactivated as [`may_leave`] lets a grant end: each of theirs, with none of their
/// own left.
pub(super) fn may_go(
    tx: &mut Tx<'_>,
    caller: &Caller,
    staff: StaffId,
    taken_over_by: Option<StaffId>,
) -> Result<(), Refused> {
    let held = tx.grants_of(staff)?;
    let others = |other: &Grant| other.staff != staff;
    held.iter()
        .filter(|grant| grant.revoked_at.is_none())
        .try_for_each(|grant| leaves(tx, caller, grant, others, taken_over_by))
}

fn leaves(
    tx: &mut Tx<'_>,
    caller: &Caller,
    grant: &Grant,
    others: impl Fn(&Grant) -> bool,
    taken_over_by: Option<StaffId>,
) -> Result<(), Refused> {
    let day = today(caller);
    let units = &caller.set_up.units;
    // Taken back by now in the row that is to be written, but not before today.
    let holds = Grant { revoked_at: None, ..grant.clone() }.valid_on(day);
    if grant.role != Role::UnitManager || !holds {
        return Ok(());
    }
    tx.one_at_a_time()?;
    let mut rest = tx.grants_on(day)?;
    rest.retain(others);
    let rest = Roster::new(rest, &Default::default(), units);
    let held = Held::of(grant, units);
    let reading = Reading {
        units: held.units.clone(),
        laws: held.laws.clone(),
        kinds: Kind::ALL.to_vec(),
        lex: false,
    };
    let open = tx.open_briefs(&[reading], &BTreeMap::new())?;
    let handovers = tx.handovers()?;
    let alone = left_alone(grant, &open, &rest, &handovers, units, (caller.now, day));
    if let Some(staff) = taken_over_by {
        let there = |place: Place<'_>| rest.holds(staff, &[Role::AreaManager], place, day);
        let over_all = match alone.is_empty() {
            true => grant.units.iter().all(|unit| there(Place::at(*unit))),
            false => alone.iter().all(|case| there(case.place())),
        };
        let reason = Reason::inconsistent("no_area_manager_there");
        let fault = (!over_all).then(|| Fault::at(TAKEN_OVER_BY, reason));
        return Refused::faults(fault.into_iter().collect());
    }
    let begun = handovers.iter().any(|handover| {
        handover.signed_at().is_none()
            && handover.giver == grant.staff
            && handover.units.iter().any(|unit| held.units.covers(unit))
    });
    let mut faults = Vec::new();
    if begun {
        faults.push(Fault::at(TAKEN_OVER_BY, Reason::inconsistent("handover_not_signed")));
    }
    if !alone.is_empty() {
        faults.push(Fault::at(TAKEN_OVER_BY, Reason::CasesOpen { count: alone.len() }));
    }
    Refused::faults(faults)
}
