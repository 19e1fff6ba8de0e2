//! What the board and those who answer for the tenant see of it: the month's figures, and units that
//! report nothing.

use std::collections::BTreeSet;

use domain::board::{BoardFigures, Month, figures};
use domain::calendar::{add_days, start_of_day, swedish_date};
use domain::clock::ClockSettings;
use domain::duty;
use domain::ids::UnitId;
use domain::organisation::{Unit, UnitTree};
use domain::policy::{Act, Scope};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{ClockedCases, Tx};

use crate::context::{App, Caller};
use crate::error::Error;

/// A unit that has reported nothing for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    /// Which.
    pub unit: UnitId,
    /// When it last did; `None` is never.
    pub last_reported_at: Option<Timestamp>,
}

/// Units that report nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentUnits {
    /// Since which day.
    pub since: Date,
    /// How many units were asked about.
    pub of: usize,
    /// The silent ones, those that never reported first, then by the last time.
    pub units: Vec<Silent>,
}

/// Counts a month of the tenant.
pub(crate) fn board(
    tx: &mut Tx<'_>,
    month: Month,
    chosen: &ClockSettings,
    now: Timestamp,
) -> Result<BoardFigures, store::Error> {
    let kept = std::collections::BTreeMap::new();
    let cases = tx.clocked_briefs(None, ClockedCases::ClosedSince(month.start()), &kept)?;
    let mut counted = figures(&cases, month, chosen, now);
    let as_of = counted.as_of;
    for fact in tx.duty_facts(true)? {
        let open = fact.asked_at < as_of && fact.answered_at.is_none_or(|at| at >= as_of);
        if open {
            let clock = duty::clock(&fact, chosen).met(None);
            counted.duties.0 += 1;
            counted.duties.1 += usize::from(clock.late(as_of));
        }
    }
    counted.lex = tx.lex_counts()?;
    // Who a riskperson is, is hard to hide where there is one: that there is one is not told.
    counted.lex.retain(|(kind, _), _| kind != "riskperson");
    Ok(counted)
}

/// The places where care is given that were open all the while: units with no unit below them.
fn places(units: &UnitTree, since: Date, today: Date) -> Vec<&Unit> {
    let open = |unit: &&Unit| {
        unit.open_on(today) && unit.valid_from.is_none_or(|from| from <= since) && !unit.unknown
    };
    let parents: BTreeSet<UnitId> =
        units.iter().filter(|unit| unit.open_on(today)).filter_map(|unit| unit.parent).collect();
    units.iter().filter(open).filter(|unit| !parents.contains(&unit.id)).collect()
}

impl App {
    /// A month's figures of the tenant, for its board.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn board_figures(
        &self,
        caller: &Caller,
        month: Month,
    ) -> Result<BoardFigures, Error> {
        caller.may(Act::ReadBoard)?;
        let (settings, now) = (caller.set_up.settings.clone(), caller.now);
        let read = move |tx: &mut Tx<'_>| board(tx, month, &settings.clocks, now);
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// The units whose figures the caller sees that have reported nothing for so many days.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn silent_units(&self, caller: &Caller, days: u16) -> Result<SilentUnits, Error> {
        let scope = caller.figures_scope()?;
        let last = self.store.ask(caller.tenant_id(), |tx| tx.last_reports()).await?;
        let today = swedish_date(caller.now);
        let since = add_days(today, -i32::from(days));
        let begun = start_of_day(since);
        let seen = |unit: &&Unit| match &scope {
            Scope::All => true,
            Scope::Only(only) => only.contains(&unit.id),
        };
        let asked: Vec<&Unit> =
            places(&caller.set_up.units, since, today).into_iter().filter(seen).collect();
        let mut units: Vec<Silent> = asked
            .iter()
            .map(|unit| Silent { unit: unit.id, last_reported_at: last.get(&unit.id).copied() })
            .filter(|silent| silent.last_reported_at.is_none_or(|at| at < begun))
            .collect();
        units.sort_by_key(|silent| (silent.last_reported_at, silent.unit));
        Ok(SilentUnits { since, of: asked.len(), units })
    }
}
