//! Clocks: what is due or late, for whoever may read it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::calendar::swedish_date;
use domain::case::{Case, Kind};
use domain::clock::{ClockFacts, DutyFact, Entry, LexFact, LexKind, YearlyFact, entries};
use domain::ids::{CaseId, StaffId};
use domain::organisation::Role;
use domain::policy::{Access, Act, Actor, Target, allow, readings};
use domain::worklist::{Brief, OpenMeasure};
use jiff::Timestamp;
use store::{ClockedCases, MeasuresAsked, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::forwardings::awaiting;

/// Those who answer for the yearly report.
const REPORTERS: [Role; 4] = [Role::Mas, Role::Mar, Role::Director, Role::Board];

/// Whether somebody handles an escalation: those who screen them where it happened, by the law it is
/// judged by, and never the managers a report may be about.
fn handles(actor: &Actor, lex: &LexFact, kept_from: &BTreeSet<StaffId>) -> bool {
    let roles: &[Role] = match lex.kind {
        LexKind::LexMaria => &[Role::Mas, Role::Mar],
        LexKind::LexSarah => &[Role::Sas],
    };
    let place = Target {
        unit: lex.unit,
        reporting_unit: lex.unit,
        laws: vec![lex.law],
        kind: Kind::Avvikelse,
        owner: None,
        registered_only: false,
        private: false,
        also_units: Vec::new(),
        asked: BTreeSet::new(),
        kept_from: BTreeSet::new(),
    };
    !kept_from.contains(&actor.staff) && actor.holds(roles, &place)
}

/// Whether somebody sees the clocks of an escalation beside a case.
fn sees(actor: &Actor, case: &Brief, lex: &LexFact) -> bool {
    handles(actor, lex, &case.kept_from)
}

/// The measures of a case that are not done.
fn open_measures(case: &Case) -> Vec<OpenMeasure> {
    let measures = case.investigation.iter().flat_map(|inquiry| &inquiry.measures);
    let open = measures.filter(|measure| measure.done_on.is_none());
    open.map(|measure| OpenMeasure {
        case: case.id,
        id: measure.id,
        owner: measure.owner.clone(),
        due_on: measure.due_on,
        follow_up_on: measure.follow_up_on,
        done_on: measure.done_on,
        effect: measure.effect,
    })
    .collect()
}

impl App {
    /// The clocks of the cases at the caller's units, the first to be up first: those that run or are
    /// late; with `kept_since` those too of cases that were closed since, and what was done.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn clocks(
        &self,
        caller: &Caller,
        kept_since: Option<Timestamp>,
    ) -> Result<Vec<Entry>, Error> {
        let asking = caller.clone();
        let read = move |tx: &mut Tx<'_>| {
            let mut facts = known(tx, &asking.actor, kept_since)?;
            facts.forwardings = awaiting(tx, &asking)?;
            facts.of_tenant = of_last_year(tx, &asking)?;
            Ok::<_, store::Error>(facts)
        };
        let facts = self.store.read(caller.tenant_id(), read).await?;
        let actor = &caller.actor;
        let settings = &caller.set_up.settings;
        let mut found = entries(&facts, settings, |case, lex| sees(actor, case, lex), caller.now);
        if kept_since.is_none() {
            found.retain(|entry| entry.clock.met_at.is_none());
        }
        Ok(found)
    }

    /// Every clock of one case, for whoever may read more of it than their own filing.
    ///
    /// # Errors
    /// As [`App::open`].
    pub async fn clocks_of(&self, caller: &Caller, id: CaseId) -> Result<Vec<Entry>, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        if opened.access == Access::Own {
            return Err(Error::Forbidden);
        }
        let mut lex = self.store.ask(caller.tenant_id(), |tx| tx.lex_facts(true)).await?;
        lex.retain(|fact| fact.case == id);
        let load = move |tx: &mut Tx<'_>| tx.forwardings_of(id);
        let forwardings = self.store.ask(caller.tenant_id(), load).await?;
        let case = &opened.case;
        let duties = case.assessment.duties.iter().map(|duty| DutyFact {
            case: id,
            code: duty.code.clone(),
            asked_at: duty.asked_at,
            known_at: duty.known_at,
            answered_at: duty.answered_at(),
        });
        let facts = ClockFacts {
            cases: BTreeMap::from([(id, Arc::new(Brief::of(case)))]),
            beside: BTreeMap::new(),
            measures: open_measures(case),
            duties: duties.collect(),
            lex,
            forwardings,
            of_tenant: None,
        };
        let actor = &caller.actor;
        let settings = &caller.set_up.settings;
        Ok(entries(&facts, settings, |case, lex| sees(actor, case, lex), caller.now))
    }
}

/// What is known of last year's report, for whoever answers for it.
fn of_last_year(tx: &mut Tx<'_>, caller: &Caller) -> Result<Option<YearlyFact>, store::Error> {
    if !REPORTERS.iter().any(|role| caller.actor.is(*role)) {
        return Ok(None);
    }
    let year = swedish_date(caller.now).year() - 1;
    let known = tx.report_established(year)?;
    Ok(Some(YearlyFact { begun: known.is_some(), established_on: known.flatten() }))
}

/// What clocks are made of, in a number of statements that does not grow with that of the cases.
fn known(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kept_since: Option<Timestamp>,
) -> Result<ClockFacts, store::Error> {
    let readings = readings(actor);
    if readings.is_empty() {
        return Ok(ClockFacts::default());
    }
    let kept = tx.kept_from()?;
    let may_read = |case: &Brief| {
        allow(actor, Act::Read, &case.target(std::collections::BTreeSet::new())).allowed()
    };
    let asked = kept_since.map_or(ClockedCases::Open, ClockedCases::ClosedSince);
    let mut cases: BTreeMap<CaseId, Arc<Brief>> = BTreeMap::new();
    for brief in tx.clocked_briefs(Some(&readings), asked, &kept)? {
        if may_read(&brief) {
            cases.insert(brief.id, Arc::new(brief));
        }
    }
    let mut measures = Vec::new();
    let mut beside: BTreeMap<CaseId, Arc<Brief>> = BTreeMap::new();
    for (measure, brief) in tx.measures_in(&readings, MeasuresAsked::Undone, &kept)? {
        if may_read(&brief) {
            // A measure outlives its case.
            if !cases.contains_key(&brief.id) {
                beside.insert(brief.id, Arc::new(brief));
            }
            measures.push(measure);
        }
    }
    let duties = tx.duty_facts(kept_since.is_some())?;
    let lex = tx.lex_facts(kept_since.is_some())?;
    cases.extend(beside);
    // Whoever handles an escalation is told its clocks, whether or not its case has ended, and
    // whatever law the case was found to fall under.
    let nobody = BTreeSet::new();
    let lasting = lex.iter().filter(|it| {
        let recent = kept_since.is_some_and(|since| it.updated_at >= since);
        (it.open() || recent)
            && !cases.contains_key(&it.case)
            && handles(actor, it, kept.get(&it.case).unwrap_or(&nobody))
    });
    let missing: BTreeSet<CaseId> = lasting.map(|it| it.case).collect();
    let mut beside = BTreeMap::new();
    if !missing.is_empty() {
        for brief in tx.briefs_of(&missing, &kept)? {
            beside.insert(brief.id, Arc::new(brief));
        }
    }
    Ok(ClockFacts { cases, beside, measures, duties, lex, ..ClockFacts::default() })
}
