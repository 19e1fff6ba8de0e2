//! Signals: what differs from before by more than chance.

use domain::calendar::swedish_date;
use domain::ids::UnitId;
use domain::policy::Scope;
use domain::signal::{BASELINE_YEARS, Gathered, RareEvents, Signal, SignalQuery};
use jiff::civil::Date;
use store::Tx;

use crate::context::{App, Caller, SetUp};
use crate::error::Error;

/// The signals of a question, of the units of `scope`. The database counts by month; the days of rare
/// events alone are read one by one. Three statements, or four.
///
/// # Errors
/// What the store says.
pub fn signals(
    tx: &mut Tx<'_>,
    query: &SignalQuery,
    scope: &Scope<UnitId>,
    set_up: &SetUp,
    today: Date,
) -> Result<Vec<Signal>, store::Error> {
    let exposures = tx.exposures(query.year - BASELINE_YEARS, query.year)?;
    let rows = tx.figures(&query.base(scope))?;
    let around = (&*set_up.units, &set_up.codes);
    let gathered = Gathered::of(&rows, query, &exposures, around, today);
    let rare = gathered.rare();
    let mut events = RareEvents::default();
    if let Some(base) = gathered.events(&rare) {
        tx.figure_rows(&base, |row| gathered.take(&row, &rare, &mut events))?;
    }
    Ok(gathered.finish(events))
}

impl App {
    /// The signals of the units whose figures the caller may see.
    ///
    /// # Errors
    /// What the store says.
    pub async fn signals(
        &self,
        caller: &Caller,
        query: SignalQuery,
        scope: Scope<UnitId>,
    ) -> Result<Vec<Signal>, Error> {
        let (set_up, today) = (caller.set_up.clone(), swedish_date(caller.now));
        let found = self
            .store
            .read(caller.tenant_id(), move |tx| signals(tx, &query, &scope, &set_up, today));
        Ok(found.await?)
    }
}
