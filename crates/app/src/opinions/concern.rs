//! Whom an opinion is about: whoever manages its unit, where it is said to be about them.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::case::Kind;
use domain::case::filing::Intake;
use domain::fault::{Fault, Reason};
use domain::ids::{StaffId, TenantId, UnitId};
use domain::opinion::OpinionGiven;
use domain::organisation::Role;
use domain::worklist::{Place, Roster};
use jiff::Timestamp;

use crate::context::{App, SetUp};
use crate::error::Error;

impl App {
    /// Who manages a unit today, at work or away.
    pub(crate) async fn managers_of(
        &self,
        tenant: TenantId,
        set_up: &SetUp,
        (unit, kind): (UnitId, Kind),
        now: Timestamp,
    ) -> Result<BTreeSet<StaffId>, Error> {
        let day = swedish_date(now);
        let grants = self.store.read(tenant, move |tx| tx.grants_on(day)).await?;
        let roster = Roster::new(grants, &BTreeSet::new(), &set_up.units);
        let place = Place { unit, laws: &[], kind };
        Ok(roster.everyone_at(Role::UnitManager, place, day))
    }

    /// Keeps out the persons whom what is given of an opinion names and who are no staff, each with its
    /// fault.
    pub(crate) async fn known_in(
        &self,
        tenant: TenantId,
        given: &mut OpinionGiven,
    ) -> Result<Vec<Fault>, Error> {
        let evidence = given.sender.facts.evidence.as_ref().map(|it| it.seen_by);
        let taken_down = given.taken_down.as_ref().map(|it| it.by);
        let concerned = given.concerns.staff.clone();
        if concerned.is_empty() && evidence.is_none() && taken_down.is_none() {
            return Ok(Vec::new());
        }
        let staff = self.store.read(tenant, |tx| tx.all_staff()).await?;
        let known = |id: &StaffId| staff.iter().any(|it| it.id == *id);
        let mut faults = Vec::new();
        let mut missing = |field: String| faults.push(Fault::at(field, Reason::NotFound));
        for (at, id) in concerned.iter().enumerate() {
            if !known(id) {
                given.concerns.staff.remove(id);
                missing(format!("/opinion/concerns_staff/{at}"));
            }
        }
        if evidence.is_some_and(|id| !known(&id)) {
            given.sender.facts.evidence = None;
            missing("/opinion/sender/evidence/seen_by".to_owned());
        }
        if taken_down.is_some_and(|id| !known(&id)) {
            given.taken_down = None;
            missing("/opinion/taken_down/by".to_owned());
        }
        Ok(faults)
    }

    /// Finds out who manages the unit of a filing that is said to be about them.
    pub(crate) async fn find_concerned(
        &self,
        tenant: TenantId,
        set_up: &SetUp,
        (intake, kind): (&mut Intake, Kind),
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(given) = intake.opinion.as_mut().filter(|given| given.concerns.manager) else {
            return Ok(());
        };
        let today = swedish_date(now);
        let found = set_up.units.find(&intake.unit);
        let open = found.filter(|unit| unit.open_on(today));
        let instead = || found.and_then(|unit| set_up.units.open_instead(unit.id, today));
        if let Some(unit) = open.or_else(instead).or(found) {
            given.managers = self.managers_of(tenant, set_up, (unit.id, kind), now).await?;
        }
        Ok(())
    }
}
