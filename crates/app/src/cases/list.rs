//! Lists of cases: neither text nor subject.

use std::collections::BTreeSet;

use domain::case::{Kind, Status, Track};
use domain::ids::{CaseId, SubjectId, UnitId};
use domain::law::Law;
use domain::organisation::Role;
use domain::policy::{Act, readings_for};
use jiff::{SignedDuration, Timestamp};
use store::{CaseFilter, CaseLine, Order};

use crate::context::{App, Caller};
use crate::error::Error;

/// How far behind now a list of changes ends: a change that is being committed elsewhere may still
/// get an earlier time than one that is seen already.
const SETTLED: SignedDuration = SignedDuration::from_secs(5);

/// What is asked of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListQuery {
    /// Only one's own filings.
    pub mine: bool,
    /// Kinds; empty is all.
    pub kinds: Vec<Kind>,
    /// Statuses; empty is all.
    pub statuses: Vec<Status>,
    /// Units with those below; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Laws; empty is all.
    pub laws: Vec<Law>,
    /// Categories with those below; `None` is all.
    pub categories: Option<BTreeSet<String>>,
    /// Tracks; empty is all.
    pub tracks: Vec<Track>,
    /// Reported at or after.
    pub reported_from: Option<Timestamp>,
    /// Reported before.
    pub reported_before: Option<Timestamp>,
    /// Changed at or after: oldest change first, up to five seconds ago.
    pub updated_since: Option<Timestamp>,
    /// This number.
    pub number: Option<String>,
    /// About one of these sealed identities (see [`App::same_subjects`]).
    pub subjects: Option<BTreeSet<SubjectId>>,
    /// Only the sample of simple closings that the caller may look at and nobody has.
    pub sampled: bool,
    /// Only those in which something waits for the caller, by the rules of the worklist.
    pub waiting_for_me: bool,
    /// Go on after this place.
    pub after: Option<(Timestamp, CaseId)>,
    /// How many at most.
    pub limit: u32,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseList {
    /// The cases.
    pub lines: Vec<CaseLine>,
    /// Where the next page begins, if there is one.
    pub next: Option<(Timestamp, CaseId)>,
    /// The `updated_since` of the next round, when changes were asked for and none is left.
    pub next_updated_since: Option<Timestamp>,
}

impl App {
    /// Lists the cases the caller may read, as far as asked.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn list_cases(&self, caller: &Caller, query: ListQuery) -> Result<CaseList, Error> {
        let settled = caller.now - SETTLED;
        let limit = i64::from(query.limit);
        let order = match query.updated_since {
            Some(_) => Order::OldestChanged,
            None => Order::NewestReported,
        };
        let ids = match query.waiting_for_me {
            true => Some(self.waiting_cases(caller).await?),
            false => None,
        };
        let filter = CaseFilter {
            staff: caller.staff.id,
            readings: readings_for(
                &caller.actor,
                if query.sampled { Act::Sample } else { Act::Read },
            ),
            mine: query.mine,
            registered_too: !caller.actor.is(Role::Intake),
            kinds: query.kinds,
            statuses: query.statuses,
            units: query.units,
            laws: query.laws,
            categories: query.categories,
            tracks: query.tracks,
            reported_from: query.reported_from,
            reported_before: query.reported_before,
            changed: query.updated_since.map(|since| (since, settled)),
            number: query.number,
            subjects: query.subjects,
            sampled: query.sampled,
            ids,
            after: query.after,
            order,
            // One more than asked tells whether there is another page.
            limit: limit + 1,
        };
        let tenant = caller.tenant_id();
        let mut lines = self.store.read(tenant, move |tx| tx.case_lines(&filter)).await?;
        let more = lines.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let place = |line: &CaseLine| match order {
            Order::NewestReported => (line.reported_at, line.id),
            Order::OldestChanged => (line.updated_at, line.id),
        };
        let next = lines.last().filter(|_| more).map(place);
        let next_updated_since =
            query.updated_since.filter(|_| next.is_none()).map(|since| since.max(settled));
        Ok(CaseList { lines, next, next_updated_since })
    }
}
