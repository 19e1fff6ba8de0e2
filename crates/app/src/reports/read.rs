//! Reads the report of a year, for whoever may see the figures of all it is about.

use domain::ids::UnitId;
use domain::organisation::Role;
use domain::policy::Scope;
use domain::yearly::build::units_of;
use domain::yearly::{About, Yearly};
use store::Tx;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::reports::gather;

/// Those who answer for the whole tenant, wherever their grants say that they work.
const WHOLE: [Role; 6] =
    [Role::Board, Role::Director, Role::Mas, Role::Mar, Role::Sas, Role::Analyst];

/// Which report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearlyQuery {
    /// The year.
    pub year: i16,
    /// What of the tenant.
    pub about: About,
}

impl Caller {
    /// Whether the caller may see the figures of all that a report is about.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for an area or a unit that is not there.
    pub fn may_read_report(&self, about: &About) -> Result<(), Error> {
        let seen = self.figures_scope()?;
        let (units, codes) = (&self.set_up.units, &self.set_up.codes);
        let wanted = units_of(about, units, codes).ok_or(Error::NotFound)?;
        let whole = WHOLE.iter().any(|role| self.actor.is(*role));
        let covered = |units: &std::collections::BTreeSet<UnitId>| match &seen {
            Scope::All => true,
            Scope::Only(seen) => units.is_subset(seen),
        };
        let allowed = match &wanted {
            Scope::All => seen == Scope::All || whole,
            Scope::Only(units) => whole || covered(units),
        };
        if allowed { Ok(()) } else { Err(Error::Forbidden) }
    }
}

impl App {
    /// The report of a year as it stands now.
    ///
    /// # Errors
    /// As [`Caller::may_read_report`]; what the store says.
    pub async fn live_report(&self, caller: &Caller, query: YearlyQuery) -> Result<Yearly, Error> {
        caller.may_read_report(&query.about)?;
        let (set_up, now) = (caller.set_up.clone(), caller.now);
        let read = move |tx: &mut Tx<'_>| gather(tx, &set_up, query.year, &query.about, now);
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }
}
