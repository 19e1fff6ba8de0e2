//! What waits for the caller.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::calendar::swedish_date;
use domain::escalation::next::Whose;
use domain::escalation::{Escalation, Kind, Status};
use domain::ids::CaseId;
use domain::organisation::{Grant, Role};
use domain::policy::{Actor, Held, readings};
use domain::review::Review;
use domain::worklist::{Brief, Facts, MEASURE_NOTICE_DAYS, Me, Roster, Task, tasks};
use jiff::ToSpan as _;
use jiff::civil::Date;
use store::{EscalationFilter, MeasuresAsked, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::escalations::visible;
use crate::forwardings::waiting;
use crate::machines::undelivered;

/// Those who look at closings.
const LOOKERS: [Role; 3] = [Role::Mas, Role::Mar, Role::Sas];

/// A worklist on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Worklist {
    /// What waits, first what comes first.
    pub tasks: Vec<Task>,
    /// The day, in Sweden.
    pub day: Date,
}

impl App {
    /// Everything that waits for the caller: by what they hold, and by name. Anyone may ask; whoever
    /// holds nothing and was asked nothing has an empty list.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn worklist(&self, caller: &Caller) -> Result<Worklist, Error> {
        let day = swedish_date(caller.now);
        let read = {
            let caller = caller.clone();
            move |tx: &mut Tx<'_>| known(tx, &caller, day)
        };
        let (grants, facts) = self.store.read(caller.tenant_id(), read).await?;
        let set_up = &caller.set_up;
        let roster = Roster::new(grants, &BTreeSet::new(), &set_up.units);
        let me = Me {
            actor: &caller.actor,
            profession: caller.staff.profession.as_deref(),
            name: caller.staff.name.as_deref(),
        };
        Ok(Worklist { tasks: tasks(me, &roster, &facts, &set_up.settings, day), day })
    }

    /// The cases about persons whose data are protected: of their unit no list tells.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn cases_about_protected(&self, caller: &Caller) -> Result<BTreeSet<CaseId>, Error> {
        let one = |tx: &mut Tx<'_>| tx.cases_about_protected();
        Ok(self.store.ask(caller.tenant_id(), one).await?)
    }

    /// The cases in which anything waits for the caller.
    ///
    /// # Errors
    /// As [`App::worklist`].
    pub async fn waiting_cases(&self, caller: &Caller) -> Result<BTreeSet<CaseId>, Error> {
        let list = self.worklist(caller).await?;
        Ok(list.tasks.iter().filter_map(|task| Some(task.case.as_ref()?.id)).collect())
    }
}

/// Whether a review may wait for somebody: at a unit where they hold anything, or for them by name.
fn concerns(actor: &Actor, review: &Review) -> bool {
    let units = &review.subject.units;
    let there = |held: &Held| units.iter().any(|unit| held.units.covers(unit));
    review.owned_by(actor.staff) || actor.held.iter().any(there)
}

/// What the rules are given, in a number of statements that does not grow with that of the cases.
fn known(tx: &mut Tx<'_>, caller: &Caller, day: Date) -> Result<(Vec<Grant>, Facts), store::Error> {
    let me = caller.staff.id;
    let readings = readings(&caller.actor);
    let mut facts = Facts {
        requests: tx.requests_to(me, caller.staff.profession.as_deref())?,
        mentions: tx.unanswered_mentions(me)?,
        handovers: tx.unsigned_handovers(me)?,
        delegations: tx.delegations_of(me)?,
        ..Facts::default()
    };
    let open = Status::ALL.into_iter().filter(|status| status.open()).collect();
    let filter = EscalationFilter { statuses: open, ..visible(caller, &facts.delegations) };
    facts.escalations = tx.escalation_list(&filter)?;
    let decisions = |it: &Escalation| matches!(it.waits_for(), Some((_, Whose::Deciders(_))));
    if facts.escalations.iter().any(decisions) {
        facts.register = tx.delegations()?;
    }
    let mut reviews = tx.reviews_awaiting(None)?;
    reviews.retain(|review| concerns(&caller.actor, review));
    facts.reviews = reviews;
    let (forwardings, behind) = waiting(tx, caller, &BTreeMap::new())?;
    facts.forwardings = forwardings;
    let (undelivered, more) = undelivered(tx, caller, &behind)?;
    facts.undelivered = undelivered;
    let between = !facts.forwardings.is_empty() || !facts.undelivered.is_empty();
    let beside = facts.escalations.is_empty() && !between && facts.reviews.is_empty();
    if readings.is_empty() && facts.requests.is_empty() && facts.mentions.is_empty() && beside {
        return Ok((Vec::new(), facts));
    }
    let kept = tx.kept_from()?;
    let mut cases: BTreeMap<CaseId, Arc<Brief>> = behind;
    cases.extend(more);
    let mut grants = Vec::new();
    let mut take = |brief: Brief| {
        cases.insert(brief.id, Arc::new(brief));
    };
    if (between || !facts.reviews.is_empty()) && readings.is_empty() {
        grants = tx.grants_on(day)?;
    }
    if !readings.is_empty() {
        grants = tx.grants_on(day)?;
        tx.open_briefs(&readings, &kept)?.into_iter().for_each(&mut take);
        let due_by = day.saturating_add(MEASURE_NOTICE_DAYS.days());
        for (measure, brief) in tx.measures_in(&readings, MeasuresAsked::Due(due_by, day), &kept)? {
            take(brief);
            facts.measures.push(measure);
        }
        if LOOKERS.iter().any(|role| caller.actor.is(*role)) {
            for brief in tx.samples_in(me, &readings, &kept)? {
                facts.samples.push(brief.id);
                take(brief);
            }
        }
    }
    let requested = facts.requests.iter().map(|request| request.case);
    let named = requested.chain(facts.mentions.iter().map(|mention| mention.case));
    // A riskperson stands beside no case.
    let lex = facts.escalations.iter().filter(|it| it.kind != Kind::Riskperson);
    let named = named.chain(lex.filter_map(|it| it.case));
    let missing: BTreeSet<CaseId> = named.filter(|id| !cases.contains_key(id)).collect();
    if !missing.is_empty() {
        for brief in tx.briefs_of(&missing, &kept)? {
            cases.insert(brief.id, Arc::new(brief));
        }
    }
    if !readings.is_empty() {
        let duties = tx.duty_facts(false)?;
        facts.duties = duties.into_iter().filter(|it| cases.contains_key(&it.case)).collect();
    }
    facts.cases = cases;
    Ok((grants, facts))
}
