//! The signals that stand on the page of a review or a month.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{StaffId, UnitId};
use domain::review::{Improvement, Owner};
use domain::signal::{Chart, Of, Signal, SignalQuery};

use crate::context::{App, Caller};
use crate::error::Error;

/// How many charts stand on a page at most; those in which something is marked come first.
const MOST: usize = 12;

/// The signals of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageSignals {
    /// Those with a chart.
    pub charted: Vec<Signal>,
    /// How many series have too little for one.
    pub too_few: usize,
}

impl App {
    /// The signals of a year at some units, as far as the caller sees their figures.
    ///
    /// # Errors
    /// What the store says.
    pub async fn page_signals(
        &self,
        caller: &Caller,
        year: i16,
        units: BTreeSet<UnitId>,
    ) -> Result<PageSignals, Error> {
        let Ok(scope) = caller.figures_scope() else { return Ok(PageSignals::default()) };
        let query = SignalQuery { year, of: Of::Reports, units: Some(units), ..Default::default() };
        let (mut charted, rest): (Vec<Signal>, Vec<Signal>) = self
            .signals(caller, query, scope)
            .await?
            .into_iter()
            .partition(|signal| !matches!(signal.chart, Chart::TooFew | Chart::TooShort));
        charted.sort_by_key(|signal| !signal.chart.marked());
        charted.truncate(MOST);
        Ok(PageSignals { charted, too_few: rest.len() })
    }

    /// The names of those who see to something, for the page that people read together.
    ///
    /// # Errors
    /// What the store says.
    pub async fn owner_names<'a>(
        &self,
        caller: &Caller,
        improvements: impl Iterator<Item = &'a Improvement>,
    ) -> Result<BTreeMap<StaffId, String>, Error> {
        let owners: BTreeSet<StaffId> = improvements
            .filter_map(|it| match it.owner {
                Owner::Staff(staff) => Some(staff),
                Owner::Role(_) => None,
            })
            .collect();
        if owners.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut staff = self.store.ask(caller.tenant_id(), |tx| tx.all_staff()).await?;
        staff.retain(|staff| owners.contains(&staff.id));
        Ok(staff.into_iter().map(|it| (it.id, it.name.unwrap_or(it.subject))).collect())
    }
}
