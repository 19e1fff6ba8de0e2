//! Lists of forwardings: where each stands, and no text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::calendar::swedish_date;
use domain::forwarding::silence::Todo;
use domain::forwarding::{Command, Direction, Forwarding, Status};
use domain::ids::{CaseId, CounterpartyId, ForwardingId};
use domain::organisation::Role;
use domain::policy::{
    Access, Act, Reading, ReceivedReading, Target, allow_forwarding, forwarding_act, readings_for,
    received_for,
};
use domain::worklist::Brief;
use jiff::Timestamp;
use store::{ForwardingFilter, Tx};

use crate::context::{App, Caller};
use crate::error::Error;

/// What is asked of a list of forwardings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForwardingQuery {
    /// Which way; `None` is both.
    pub direction: Option<Direction>,
    /// To or from this counterparty.
    pub counterparty: Option<CounterpartyId>,
    /// Statuses; empty is all.
    pub statuses: Vec<Status>,
    /// Beside this case.
    pub case: Option<CaseId>,
    /// Only what is late.
    pub overdue: bool,
    /// Only what waits for the caller.
    pub waiting_for_me: bool,
    /// Go on after this place.
    pub after: Option<(Timestamp, ForwardingId)>,
    /// How many at most.
    pub limit: usize,
}

/// A page of forwardings, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct ForwardingPage {
    /// The forwardings, each with its case's number and the other end's name.
    pub items: Vec<(Forwarding, Option<String>, String)>,
    /// Where the next page begins, if there is one.
    pub next: Option<(Timestamp, ForwardingId)>,
}

/// What whoever waits is to do, as a command.
fn command_of(todo: Todo) -> Command {
    match todo {
        Todo::Check => Command::Check,
        Todo::Send => Command::Send,
        Todo::Reply => Command::Converse,
        Todo::Settle => Command::CloseWithoutAnswer,
        Todo::Share => Command::ShareWithUnit,
        Todo::Close => Command::Close,
        Todo::Acknowledge => Command::Acknowledge,
        Todo::Assign => Command::Assign,
        Todo::Investigate => Command::Investigate,
        Todo::Approve => Command::ApproveAnswer,
        Todo::Answer => Command::Answer,
        Todo::PassOn => Command::PassOn,
    }
}

fn filter(
    caller: &Caller,
    readings: Vec<Reading>,
    received: Vec<ReceivedReading>,
) -> ForwardingFilter {
    ForwardingFilter {
        staff: caller.staff.id,
        readings,
        received,
        acting: false,
        direction: None,
        counterparty: None,
        statuses: Vec::new(),
        case: None,
        overdue_on: None,
        waiting: false,
        awaiting: false,
        changed: None,
        after: None,
        limit: i64::MAX,
    }
}

fn readable(caller: &Caller) -> ForwardingFilter {
    let actor = &caller.actor;
    filter(caller, readings_for(actor, Act::Read), received_for(actor, Act::ReadForwarding))
}

/// What may wait for the caller.
fn mine(caller: &Caller) -> ForwardingFilter {
    let actor = &caller.actor;
    let received = received_for(actor, Act::ReceiveForwarding);
    let filter = filter(caller, readings_for(actor, Act::SendForwarding), received);
    ForwardingFilter { acting: true, waiting: true, ..filter }
}

/// As what the caller does what is next, where it is theirs to do.
fn mine_as(caller: &Caller, forwarding: &Forwarding, case: Option<&Brief>) -> Option<Role> {
    let act = forwarding_act(forwarding.direction, command_of(forwarding.todo()?));
    let target: Option<Target> = case.map(|case| case.target(BTreeSet::new()));
    match allow_forwarding(&caller.actor, act, forwarding, target.as_ref(), &[]) {
        Access::Role(role) => Some(role),
        Access::Asked | Access::Own | Access::Forbidden | Access::Hidden => None,
    }
}

pub(crate) type Cases = BTreeMap<CaseId, Arc<Brief>>;

pub(crate) fn cases_of(
    tx: &mut Tx<'_>,
    found: &[Forwarding],
    known: &Cases,
) -> Result<Cases, store::Error> {
    let ids = found.iter().filter_map(|it| it.case).filter(|id| !known.contains_key(id));
    let ids: BTreeSet<CaseId> = ids.collect();
    if ids.is_empty() {
        return Ok(Cases::new());
    }
    let kept = tx.kept_from()?;
    let briefs = tx.briefs_of(&ids, &kept)?;
    Ok(briefs.into_iter().map(|brief| (brief.id, Arc::new(brief))).collect())
}

/// What waits for the caller, with the cases behind it that are not `known` yet.
pub(crate) fn waiting(
    tx: &mut Tx<'_>,
    caller: &Caller,
    known: &Cases,
) -> Result<(Vec<(Forwarding, Role)>, Cases), store::Error> {
    let filter = mine(caller);
    if filter.readings.is_empty() && filter.received.is_empty() {
        return Ok((Vec::new(), Cases::new()));
    }
    let found = tx.forwarding_list(&filter)?;
    let cases = cases_of(tx, &found, known)?;
    let found = found.into_iter().filter_map(|it| {
        let case = it.case.and_then(|id| cases.get(&id).or_else(|| known.get(&id)));
        let role = mine_as(caller, &it, case.map(Arc::as_ref))?;
        Some((it, role))
    });
    Ok((found.collect(), cases))
}

/// What an answer is still to come to, theirs or ours, as far as the caller sees it.
pub(crate) fn awaiting(tx: &mut Tx<'_>, caller: &Caller) -> Result<Vec<Forwarding>, store::Error> {
    let filter = ForwardingFilter { awaiting: true, ..readable(caller) };
    if filter.readings.is_empty() && filter.received.is_empty() {
        return Ok(Vec::new());
    }
    tx.forwarding_list(&filter)
}

impl App {
    /// Lists the forwardings the caller sees, as far as asked.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn list_forwardings(
        &self,
        caller: &Caller,
        query: ForwardingQuery,
    ) -> Result<ForwardingPage, Error> {
        let limit = query.limit;
        let asked = {
            let caller = caller.clone();
            let today = swedish_date(caller.now);
            move |tx: &mut Tx<'_>| {
                let base = if query.waiting_for_me { mine(&caller) } else { readable(&caller) };
                let mut filter = ForwardingFilter {
                    direction: query.direction,
                    counterparty: query.counterparty,
                    statuses: query.statuses,
                    case: query.case,
                    overdue_on: query.overdue.then_some(today),
                    after: query.after,
                    ..base
                };
                let (mut found, mut cases) = (Vec::new(), Cases::new());
                let next = loop {
                    let wanted = limit.saturating_sub(found.len());
                    // One more than asked tells whether there is another page.
                    filter.limit = i64::try_from(wanted.saturating_add(1)).unwrap_or(i64::MAX);
                    let mut page = tx.forwarding_list(&filter)?;
                    let more = page.len() > wanted;
                    page.truncate(wanted);
                    let last = page.last().map(|it| (it.created_at, it.id)).filter(|_| more);
                    let new = cases_of(tx, &page, &cases)?;
                    cases.extend(new);
                    if query.waiting_for_me {
                        // What is next for somebody else gives its place to others.
                        page.retain(|it| {
                            let case = it.case.and_then(|id| cases.get(&id));
                            mine_as(&caller, it, case.map(Arc::as_ref)).is_some()
                        });
                    }
                    found.extend(page);
                    if last.is_none() || found.len() >= limit {
                        break last;
                    }
                    filter.after = last;
                };
                let ends: BTreeMap<CounterpartyId, String> =
                    tx.counterparties()?.into_iter().map(|end| (end.id, end.name)).collect();
                Ok::<_, store::Error>((found, cases, ends, next))
            }
        };
        let (found, cases, ends, next) = self.store.read(caller.tenant_id(), asked).await?;
        let line = |it: Forwarding| {
            let number = it.case.and_then(|id| cases.get(&id)).map(|case| case.number.clone());
            let end = ends.get(&it.counterparty).cloned().unwrap_or_default();
            (it, number, end)
        };
        Ok(ForwardingPage { items: found.into_iter().map(line).collect(), next })
    }
}
