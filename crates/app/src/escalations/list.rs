//! Lists of escalations: where each stands, and no text.

use std::collections::{BTreeMap, BTreeSet};

use domain::escalation::{Delegated, Escalation, Kind, Status};
use domain::ids::{CaseId, EscalationId, UnitId};
use domain::policy::{Act, readings_for};
use jiff::Timestamp;
use store::{EscalationFilter, EscalationReading, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::today;

/// What is asked of a list of escalations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EscalationQuery {
    /// Kinds; empty is all.
    pub kinds: Vec<Kind>,
    /// Statuses; empty is all.
    pub statuses: Vec<Status>,
    /// Units with those below; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Go on after this place.
    pub after: Option<(Timestamp, EscalationId)>,
    /// How many at most.
    pub limit: usize,
}

/// A page of escalations, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct EscalationPage {
    /// The escalations, each with its case's number.
    pub items: Vec<(Escalation, Option<String>)>,
    /// Where the next page begins, if there is one.
    pub next: Option<(Timestamp, EscalationId)>,
}

/// What a list or a worklist holds for the caller: by role, by the register, and what they investigate.
pub(crate) fn visible(
    caller: &Caller,
    delegations: &[domain::escalation::Delegation],
) -> EscalationFilter {
    let day = today(caller);
    let holds = |matter: Delegated| {
        delegations.iter().any(|line| line.matter == matter && line.valid_on(day))
    };
    let lex = [Kind::LexMaria, Kind::LexSarah].into_iter();
    let delegated = lex.filter(|kind| holds((*kind).into()) || holds(Delegated::Notify));
    EscalationFilter {
        staff: caller.staff.id,
        readings: readings_for(&caller.actor, Act::ReadEscalation)
            .into_iter()
            .map(|reading| EscalationReading { units: reading.units, laws: reading.laws })
            .collect(),
        delegated: delegated.collect(),
        kinds: Vec::new(),
        statuses: Vec::new(),
        units: None,
        case: None,
        after: None,
        limit: i64::MAX,
    }
}

impl App {
    /// Lists the escalations the caller sees, as far as asked.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn list_escalations(
        &self,
        caller: &Caller,
        query: EscalationQuery,
    ) -> Result<EscalationPage, Error> {
        let limit = query.limit;
        let asked = {
            let caller = caller.clone();
            move |tx: &mut Tx<'_>| {
                let held = tx.delegations_of(caller.staff.id)?;
                let mut filter = EscalationFilter {
                    kinds: query.kinds,
                    statuses: query.statuses,
                    units: query.units,
                    after: query.after,
                    ..visible(&caller, &held)
                };
                let me = caller.staff.id;
                let mut found = Vec::new();
                let next = loop {
                    let wanted = limit.saturating_sub(found.len());
                    // One more than asked tells whether there is another page.
                    filter.limit = i64::try_from(wanted.saturating_add(1)).unwrap_or(i64::MAX);
                    let mut page = tx.escalation_list(&filter)?;
                    let more = page.len() > wanted;
                    page.truncate(wanted);
                    let last = page.last().map(|it| (it.flagged_at, it.id)).filter(|_| more);
                    // Whom a lex Sarah report criticises, and who holds no role there, sees nothing
                    // of it: others take its place.
                    page.retain(|it| !it.matter.criticised.contains(&me) || of_role(&caller, it));
                    found.extend(page);
                    if last.is_none() || found.len() >= limit {
                        break last;
                    }
                    filter.after = last;
                };
                let ids: BTreeSet<CaseId> = found.iter().filter_map(|it| it.case).collect();
                let kept = BTreeMap::new();
                let briefs = tx.briefs_of(&ids, &kept)?;
                let numbers: BTreeMap<CaseId, String> =
                    briefs.into_iter().map(|brief| (brief.id, brief.number)).collect();
                Ok::<_, store::Error>((found, numbers, next))
            }
        };
        let (found, numbers, next) = self.store.read(caller.tenant_id(), asked).await?;
        let numbered = |it: Escalation| {
            // A riskperson is shown beside no case.
            let case = it.case.filter(|_| it.kind != Kind::Riskperson);
            let number = case.and_then(|id| numbers.get(&id).cloned());
            (it, number)
        };
        Ok(EscalationPage { items: found.into_iter().map(numbered).collect(), next })
    }
}

fn of_role(caller: &Caller, escalation: &Escalation) -> bool {
    let target = domain::policy::Target::of_escalation(escalation, None);
    domain::policy::allow(&caller.actor, Act::ReadEscalation, &target).allowed()
}
