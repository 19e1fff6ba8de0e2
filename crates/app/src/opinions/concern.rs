//! Whom an opinion is about: whoever manages its unit, where it is said to be about them.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::case::Kind;
use domain::case::filing::Intake;
use domain::ids::{StaffId, TenantId, UnitId};
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
