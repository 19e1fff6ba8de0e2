//! The list of what would go, and the decision that it does.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::start_of_day;
use domain::ids::{CaseId, InvestigationId, RunId};
use domain::policy::Act;
use domain::retention::{
    Held, Item, Keep, Kind, Outcome, Plan, Run, RunState, due_on, hold_together,
};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::json;
use store::{EndedCase, LooseEnd, Tx};

use crate::cases::sha256;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace, today};

/// A run with what came of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunShown {
    /// The run.
    pub run: Run,
    /// How many lines came to what.
    pub outcomes: Vec<(Outcome, u64)>,
}

/// The latest moment before which something can be over, by any line of the plan; `None` where no line lets
/// anything go.
fn over_before(plan: &Plan, day: Date, kinds: &[Kind]) -> Option<Timestamp> {
    let years = kinds.iter().filter_map(|kind| match plan.rule(*kind, day)?.keep {
        Keep::Years(years) => Some(years),
        Keep::Preserved => None,
    });
    let span = Span::new().try_years(years.min()?).ok()?;
    // A day later: what ends on the day itself is looked at one by one.
    Some(start_of_day(day.checked_sub(span).ok()?.tomorrow().ok()?))
}

fn of_case(case: EndedCase, plan: &Plan, day: Date) -> Option<Item> {
    let (kind, rule) = plan.rule_of_case(&case.traits, day)?;
    let due = due_on(rule.keep, case.since).filter(|due| *due <= day)?;
    Some(Item {
        kind,
        object: case.id.0,
        case: Some(case.id),
        number: Some(case.number),
        since: case.since,
        due_on: due,
        basis: rule.basis.clone(),
        version: case.version,
        investigation: case.investigation,
        parts: case.parts,
        held: case.standing.held(),
        outcome: None,
        settled_at: None,
    })
}

fn of_end(end: LooseEnd, kind: Kind, plan: &Plan, day: Date) -> Option<Item> {
    let rule = plan.rule(kind, day)?;
    let due = due_on(rule.keep, end.since).filter(|due| *due <= day)?;
    Some(Item {
        kind,
        object: end.object,
        case: end.case,
        number: end.number,
        since: end.since,
        due_on: due,
        basis: rule.basis.clone(),
        version: end.version,
        investigation: None,
        parts: BTreeMap::from([(format!("{}s", kind.code()), end.count)]),
        held: end.on_hold.then_some(Held::LegalHold),
        outcome: None,
        settled_at: None,
    })
}

/// Everything whose time is over by the plan, with why what stays does: cases first, each kind by id.
fn listed(tx: &mut Tx<'_>, plan: &Plan, day: Date) -> Result<Vec<Item>, store::Error> {
    let mut items = Vec::new();
    let of_cases: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.is_case()).collect();
    if let Some(before) = over_before(plan, day, &of_cases) {
        let cases = tx.ended_cases(before, day)?;
        items.extend(cases.into_iter().filter_map(|case| of_case(case, plan, day)));
    }
    let shared: BTreeSet<InvestigationId> =
        items.iter().filter_map(|item| item.investigation).collect();
    let ids: BTreeSet<CaseId> = items.iter().filter_map(|item| item.case).collect();
    let beyond = tx.investigations_beyond(&shared, &ids)?;
    hold_together(&mut items, &beyond);
    for kind in [Kind::ForwardingReceived, Kind::Notice, Kind::Receipt, Kind::Attachment] {
        let Some(before) = over_before(plan, day, &[kind]) else { continue };
        let ends = match kind {
            Kind::ForwardingReceived => tx.ended_received(before, day)?,
            Kind::Notice => tx.old_notices(before, day)?,
            Kind::Receipt => tx.old_receipts(before)?,
            Kind::Attachment => tx.old_attachments(before)?,
            Kind::AvvikelseHsl
            | Kind::AvvikelseSol
            | Kind::AvvikelseLss
            | Kind::Synpunkt
            | Kind::Klagomal
            | Kind::Lex
            | Kind::Draft => Vec::new(),
        };
        for end in ends {
            // It goes, or stays, with its case.
            if end.case.is_some_and(|case| ids.contains(&case)) {
                continue;
            }
            let Some(mut item) = of_end(end, kind, plan, day) else { continue };
            if let Some(case) = item.case.filter(|_| kind != Kind::Notice) {
                item.held = tx.ended_case(case, day)?.and_then(|it| it.standing.held());
            }
            items.push(item);
        }
    }
    Ok(items)
}

impl App {
    /// Makes the list of what would go today, and touches nothing else. `render` makes the answer.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Conflict`] where no plan is set.
    pub async fn list_retention(
        &self,
        caller: &Caller,
        once: Option<Once>,
        render: impl Fn(&RunShown) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageRetention)?;
        let day = today(caller);
        let load = move |tx: &mut Tx<'_>| {
            let plan = tx.retention_plan()?;
            let items = listed(tx, &plan.plan, day)?;
            Ok::<_, store::Error>((plan, items))
        };
        let (plan, items) = self.store.read(caller.tenant_id(), load).await?;
        if plan.version == 0 {
            return Err(Error::Conflict("no_retention_plan"));
        }
        let id = RunId(self.new_id());
        let text = Run::hashed_text(id, plan.version, day, &items);
        let held = items.iter().filter(|item| item.held.is_some()).count() as u64;
        let run = Run {
            id,
            plan: plan.version,
            as_of: day,
            made_by: caller.staff.id,
            made_at: caller.now,
            listed: items.len() as u64 - held,
            held,
            hash: sha256(text.as_bytes()).to_vec(),
            state: RunState::Listed,
        };
        let answer = render(&RunShown { run: run.clone(), outcomes: Vec::new() });
        let details = json!({ "plan": plan.version, "listed": run.listed, "held": run.held });
        let trace = Trace::new(self, caller, "retention.list", ("retention_run", id.0), details);
        let work = move |tx: &mut Tx<'_>| {
            tx.add_rows(|rows| rows.retention_run(&run))?;
            // In parts: on PostgreSQL a statement has no end of values.
            let numbered: Vec<(i64, &Item)> = (1..).zip(&items).collect();
            for some in numbered.chunks(LINES_AT_ONCE) {
                tx.add_rows(|rows| {
                    some.iter().for_each(|(at, item)| rows.retention_item(id, *at, item));
                })?;
            }
            Ok(())
        };
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(Refused::into_error)
    }

    /// Every run, by id.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn retention_runs(&self, caller: &Caller) -> Result<Vec<Run>, Error> {
        caller.may(Act::ManageRetention)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.retention_runs()).await?)
    }

    /// A run, with what came of it so far.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn retention_run(&self, caller: &Caller, id: RunId) -> Result<RunShown, Error> {
        caller.may(Act::ManageRetention)?;
        let load = move |tx: &mut Tx<'_>| {
            Ok::<_, store::Error>(RunShown {
                run: tx.retention_run(id)?,
                outcomes: tx.retention_outcomes(id)?,
            })
        };
        Ok(self.store.read(caller.tenant_id(), load).await?)
    }

    /// The lines of a run's list after a place, with their places.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn retention_items(
        &self,
        caller: &Caller,
        id: RunId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Item)>, Error> {
        caller.may(Act::ManageRetention)?;
        let load = move |tx: &mut Tx<'_>| {
            tx.retention_run(id)?;
            tx.retention_items(id, after, limit)
        };
        Ok(self.store.read(caller.tenant_id(), load).await?)
    }

    /// Orders that what is listed goes, by a decision (gallringsbeslut). From here on the job carries it out.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::State`] where that was done before; [`Error::Faults`] without the number of a
    /// decision.
    pub async fn order_retention(
        &self,
        caller: &Caller,
        run: Run,
        decision: &str,
    ) -> Result<Run, Error> {
        caller.may(Act::ManageRetention)?;
        let ordered = run.order(decision, caller.staff.id, caller.now)?;
        let details = json!({
            "decision": ordered.state.decision(), "hash": domain::record::hex(&ordered.hash),
            "listed": ordered.listed, "made_by": ordered.made_by,
        });
        let object = ("retention_run", ordered.id.0);
        let trace = Trace::new(self, caller, "retention.order", object, details);
        let row = ordered.clone();
        let work = move |tx: &mut Tx<'_>| Ok(tx.save_retention_run(&row, "listed")?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(ordered)
    }
}

/// How many lines are written by one statement.
const LINES_AT_ONCE: usize = 500;
