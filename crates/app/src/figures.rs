//! The cube: cases counted by what they have in common.

use domain::code_lists::CodeLists;
use domain::ids::UnitId;
use domain::organisation::UnitTree;
use domain::policy::Scope;
use domain::statistics::{
    Cube, CubeQuery, Dimension, EscalationCube, EscalationQuery, Fold, ForwardingCube,
    ForwardingQuery, Measure, Of, Part,
};
use store::Tx;

use crate::context::{App, Caller, SetUp};
use crate::error::Error;

/// Answers a question over the units whose figures may be seen: `scope` comes from
/// [`domain::policy::figures`]; whoever may see none is refused before.
///
/// What the sums answer is read from them. Else the database counts wherever counting is all there is to do. Facts are
/// read one by one where each matters by itself: for medians, and where cases share an event.
///
/// # Errors
/// What the store says.
pub fn count(
    tx: &mut Tx<'_>,
    query: &CubeQuery,
    scope: &Scope<UnitId>,
    units: &UnitTree,
    codes: &CodeLists,
) -> Result<Cube, store::Error> {
    let mut fold = Fold::new(query, units, codes);
    if query.group_by.contains(&Dimension::Counterparty) {
        fold.name_counterparties(tx.counterparties()?.into_iter().map(|end| (end.id, end.name)));
    }
    let one_by_one = if query.wants(Measure::LeadTime) {
        Some(Part::All)
    } else {
        let grouped = match query.of {
            Of::Cases | Of::Mentions => Part::All,
            Of::Events => Part::OwnEvent,
        };
        let base = query.base(scope, grouped);
        if !tx.sums(&base, |row| fold.add_summed(&row))? {
            tx.plain_figures(&base)?.iter().for_each(|row| fold.add(row));
        }
        (query.of == Of::Events).then_some(Part::SharedEvent)
    };
    if let Some(part) = one_by_one {
        tx.figure_rows(&query.base(scope, part), |row| fold.add_case(row))?;
    }
    let unplaced = match query.unplaced(scope) {
        Some(base) => Some(tx.figures(&base)?.iter().map(|row| row.count).sum()),
        None => None,
    };
    Ok(fold.finish(unplaced, scope))
}

impl Caller {
    /// The units whose figures the caller may see.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for none.
    pub fn figures_scope(&self) -> Result<Scope<UnitId>, Error> {
        domain::policy::figures(&self.actor).ok_or(Error::Forbidden)
    }
}

impl App {
    /// Answers a question over the units whose figures the caller may see.
    ///
    /// # Errors
    /// What the store says.
    pub async fn count(
        &self,
        caller: &Caller,
        query: CubeQuery,
        scope: Scope<UnitId>,
    ) -> Result<Cube, Error> {
        let set_up = caller.set_up.clone();
        let counted = self.store.read(caller.tenant_id(), move |tx| {
            count(tx, &query, &scope, &set_up.units, &set_up.codes)
        });
        Ok(counted.await?)
    }

    /// Answers a question about escalations, over the units whose figures the caller may see.
    ///
    /// # Errors
    /// What the store says.
    pub async fn count_escalations(
        &self,
        caller: &Caller,
        query: EscalationQuery,
        scope: Scope<UnitId>,
    ) -> Result<EscalationCube, Error> {
        let set_up = caller.set_up.clone();
        let counted = self.store.read(caller.tenant_id(), move |tx| {
            let (from, before) = query.span();
            let facts = tx.escalation_facts(from, before, &scope)?;
            Ok::<_, store::Error>(query.count(&facts, &scope, &set_up.units))
        });
        Ok(counted.await?)
    }

    /// Answers a question about what goes between caregivers, over the units whose figures the caller may
    /// see.
    ///
    /// # Errors
    /// What the store says.
    pub async fn count_forwardings(
        &self,
        caller: &Caller,
        query: ForwardingQuery,
        scope: Scope<UnitId>,
    ) -> Result<ForwardingCube, Error> {
        let set_up = caller.set_up.clone();
        let counted = self.store.read(caller.tenant_id(), move |tx| {
            let (from, before) = query.span();
            let facts = tx.forwarding_facts(from, before, &scope)?;
            let ends = tx.counterparties()?;
            let SetUp { units, codes, .. } = set_up;
            Ok::<_, store::Error>(query.count(&facts, &ends, &scope, &units, &codes))
        });
        Ok(counted.await?)
    }
}
