//! The ledger of silence, over the units whose figures somebody may see.

use std::collections::BTreeMap;

use domain::calendar::{end_of_day, start_of_day};
use domain::forwarding::ledger::{ForwardingFact, Ledger, LedgerLine, ledger};
use domain::ids::{CounterpartyId, UnitId};
use domain::policy::Scope;
use jiff::civil::Date;
use store::Tx;

use crate::context::{App, Caller};
use crate::error::Error;

impl App {
    /// The ledger of what left or came in from one day to another.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever sees no figures.
    pub async fn forwarding_ledger(
        &self,
        caller: &Caller,
        from: Date,
        to: Date,
    ) -> Result<Ledger, Error> {
        let scope = caller.figures_scope()?;
        let as_of = caller.now;
        let (facts, ends) = self.forwarding_facts(caller, (from, to), scope).await?;
        let mut counted = ledger(&facts, as_of);
        let lines = ends
            .into_iter()
            .filter_map(|(counterparty, (name, kind))| {
                let line = counted.remove(&counterparty)?;
                Some(LedgerLine { counterparty, name, kind, line })
            })
            .collect::<Vec<_>>();
        // One table over everybody: a median is none of medians.
        let everybody: Vec<ForwardingFact> = facts
            .into_iter()
            .map(|fact| ForwardingFact { counterparty: CounterpartyId(uuid::Uuid::nil()), ..fact })
            .collect();
        let total = ledger(&everybody, as_of).into_values().next().unwrap_or_default();
        let mut ledger = Ledger { from, to, as_of, lines, total };
        ledger.lines.sort_by(|one, other| {
            (&one.name, one.counterparty).cmp(&(&other.name, other.counterparty))
        });
        Ok(ledger)
    }

    async fn forwarding_facts(
        &self,
        caller: &Caller,
        (from, to): (Date, Date),
        scope: Scope<UnitId>,
    ) -> Result<(Vec<ForwardingFact>, BTreeMap<CounterpartyId, (String, String)>), Error> {
        let (from, before) = (start_of_day(from), end_of_day(to));
        let load = move |tx: &mut Tx<'_>| {
            let facts = tx.forwarding_facts(from, before, &scope)?;
            let ends = tx.counterparties()?;
            let ends = ends.into_iter().map(|end| (end.id, (end.name, end.kind))).collect();
            Ok::<_, store::Error>((facts, ends))
        };
        Ok(self.store.read(caller.tenant_id(), load).await?)
    }
}
