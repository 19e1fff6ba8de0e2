//! Stating a ground on which one reads what lies with the other branch, or another unit, and taking it back.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::case::Case;
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, GroundId};
use domain::organisation::Role;
use domain::policy::{Act, Target, across, across_unit, allow, log_scopes};
use domain::reading_ground::{GroundGiven, GroundOf, ReadingGround};
use serde_json::json;
use store::{Additions, Tx};

use super::in_scope;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace, today};

impl App {
    /// In which role, and on which ground, the caller reads a case that is hidden from them otherwise.
    pub(crate) async fn grounded(
        &self,
        caller: &Caller,
        case: &Case,
    ) -> Result<Option<(Role, GroundId)>, Error> {
        let target = Target::from(case);
        let Some(role) = across(&caller.actor, &target) else { return Ok(None) };
        let me = caller.staff.id;
        let load = move |tx: &mut Tx<'_>| tx.reading_grounds(Some(me));
        let grounds = self.store.read(caller.tenant_id(), load).await?;
        let mut units = vec![target.unit, target.reporting_unit];
        units.extend(&target.also_units);
        let (now, day) = (caller.now, swedish_date(caller.now));
        let holds = |ground: &&ReadingGround| {
            let own = match ground.of {
                GroundOf::Case(_) => true,
                // Of a unit that is not theirs any more it opens nothing.
                GroundOf::Unit(unit, _) => across_unit(&caller.actor, unit).is_some(),
            };
            own && ground.held_at(now, day) && ground.covers(case.id, &units, &target.laws)
        };
        Ok(grounds.iter().find(holds).map(|ground| (role, ground.id)))
    }

    /// States a ground. `render` makes the answer from it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for a case that is nobody's to read; [`Error::Faults`], also
    /// for what the caller reads already.
    pub async fn state_ground(
        &self,
        caller: &Caller,
        given: GroundGiven,
        once: Option<Once>,
        render: impl Fn(&ReadingGround) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::StateGround)?;
        match given.of {
            GroundOf::Case(id) => {
                let case = self.store.read(caller.tenant_id(), move |tx| tx.case(id)).await?;
                let target = Target::from(&case);
                if across(&caller.actor, &target).is_none() {
                    caller.trail.refused(&case);
                    return Err(Error::NotFound);
                }
                if allow(&caller.actor, Act::Read, &target).allowed() {
                    let fault = Fault::at("/case", Reason::inconsistent("readable_already"));
                    return Err(Error::Faults(vec![fault]));
                }
            }
            GroundOf::Unit(unit, _) if across_unit(&caller.actor, unit).is_none() => {
                let fault = Fault::at("/unit", Reason::inconsistent("outside_your_units"));
                return Err(Error::Faults(vec![fault]));
            }
            GroundOf::Unit(..) => {}
        }
        let id = GroundId(self.new_id());
        let ground = given.stated(id, caller.staff.id, caller.now, today(caller));
        let ground = ground.map_err(Error::Faults)?;
        let answer = render(&ground);
        let (case, unit) = match ground.of {
            GroundOf::Case(case) => (Some(case.0), None),
            GroundOf::Unit(unit, _) => (None, Some(unit.0)),
        };
        let details = json!({
            "kind": ground.kind.code(), "case": case, "unit": unit, "until": ground.until.to_string(),
        });
        let trace =
            Trace::new(self, caller, "reading_ground.state", ("reading_ground", id.0), details);
        let work = move |tx: &mut Tx<'_>| {
            let mut rows = Additions::to(tx.tenant());
            rows.reading_ground(&ground);
            Ok(tx.add(rows)?)
        };
        self.make(caller, trace, once.as_ref(), answer, work).await.map_err(Refused::into_error)
    }

    /// The grounds that the caller stated, and those of what they check the log of; the newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn list_grounds(&self, caller: &Caller) -> Result<Vec<ReadingGround>, Error> {
        let me = caller.staff.id;
        let scopes = log_scopes(&caller.actor, Act::ReadAccessLog);
        let own = scopes.is_empty().then_some(me);
        let load = move |tx: &mut Tx<'_>| {
            let grounds = tx.reading_grounds(own)?;
            let case = |ground: &ReadingGround| match ground.of {
                GroundOf::Case(case) => Some(case),
                GroundOf::Unit(..) => None,
            };
            let cases: BTreeSet<CaseId> = grounds.iter().filter_map(case).collect();
            Ok::<_, store::Error>((tx.places_of(&cases)?, grounds))
        };
        let (places, mut grounds) = self.store.read(caller.tenant_id(), load).await?;
        grounds.retain(|ground| {
            ground.staff == me
                || match &ground.of {
                    GroundOf::Case(case) => {
                        places.get(case).is_some_and(|(unit, laws)| in_scope(&scopes, unit, laws))
                    }
                    GroundOf::Unit(unit, law) => in_scope(&scopes, unit, &[*law]),
                }
        });
        Ok(grounds)
    }

    /// A ground that the caller sees.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn read_ground(&self, caller: &Caller, id: GroundId) -> Result<ReadingGround, Error> {
        let seen = self.list_grounds(caller).await?;
        seen.into_iter().find(|ground| ground.id == id).ok_or(Error::NotFound)
    }

    /// Takes a ground back: whoever stated it, or whoever checks the log of what it is of.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::State`] where somebody did before; [`Error::Stale`].
    pub async fn revoke_ground(
        &self,
        caller: &Caller,
        before: ReadingGround,
    ) -> Result<ReadingGround, Error> {
        if before.staff != caller.staff.id {
            caller.may(Act::CheckAccessLog)?;
        }
        let id = before.id;
        let gone = before.revoke(caller.staff.id, caller.now);
        let gone = gone.ok_or(Error::State { status: "revoked", command: "revoke" })?;
        let (at, saved) = (("reading_ground", id.0), gone.clone());
        let trace = Trace::new(self, caller, "reading_ground.revoke", at, json!({}));
        let work = move |tx: &mut Tx<'_>| Ok(tx.revoke_reading_ground(&saved)?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(gone)
    }
}
