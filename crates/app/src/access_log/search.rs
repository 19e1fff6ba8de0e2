//! Searching the log, for a purpose that is stated. The search leaves an entry of its own, with its purpose
//! beside it, before anything is shown.

use std::collections::{BTreeSet, HashMap};

use domain::access_log::Stated;
use domain::calendar::{end_of_day, start_of_day};
use domain::case::joint::GroundKind;
use domain::ids::{CaseId, EntryId, GroundId, StaffId, SubjectId};
use domain::personnummer::SubjectIdentity;
use domain::policy::{Act, LogScope};
use domain::spot_check::CaseRead;
use jiff::Timestamp;
use jiff::civil::Date;
use store::{AccessEntry, Additions, LogFilter, LogOrder, Tx};

use super::{exposed_by, in_scope, kept_from};
use crate::context::{App, Caller};
use crate::error::Error;

/// What is searched for, and why.
#[derive(Clone, Debug)]
pub struct LogAsked {
    /// Why.
    pub stated: Stated,
    /// By this reader.
    pub staff: Option<StaffId>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of this person.
    pub person: Option<SubjectIdentity>,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Only what was refused, or only what was shown.
    pub refused: Option<bool>,
    /// Go on after this place.
    pub after: Option<(Timestamp, EntryId)>,
    /// How many at most.
    pub limit: usize,
}

/// A line of the log.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// The entry, with the cases that the caller may see the log of.
    pub entry: AccessEntry,
    /// The reader's name.
    pub reader: Option<String>,
    /// Why the log was searched, where it was.
    pub stated: Option<Stated>,
    /// The ground on which it was read.
    pub ground: Option<(GroundId, GroundKind)>,
    /// What the log may say of the cases.
    pub cases: Vec<CaseRead>,
}

/// A page of the log.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// The lines, the latest first.
    pub lines: Vec<LogLine>,
    /// The place of the last, where more follow.
    pub next: Option<(Timestamp, EntryId)>,
}

impl App {
    /// Searches the log.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; and no answer without its own entry.
    pub async fn search_log(&self, caller: &Caller, asked: LogAsked) -> Result<LogPage, Error> {
        let (scopes, access) = caller.log_scopes(Act::ReadAccessLog)?;
        let tenant = caller.tenant_id();
        let index = asked.person.as_ref().map(|it| self.sealer.blind_index(tenant, it));
        let (limit, seen, me) = (asked.limit, scopes.clone(), caller.staff.id);
        let mut filter = LogFilter {
            scopes,
            staff: asked.staff,
            case: asked.case,
            subjects: None,
            from: asked.from.map(start_of_day),
            before: asked.to.map(end_of_day),
            refused: asked.refused,
            after: asked.after,
            order: LogOrder::Newest,
            limit: i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1),
        };
        let load = move |tx: &mut Tx<'_>| {
            if let Some(index) = index {
                filter.subjects = Some(tx.subjects_of_person(&index)?);
            }
            let mut entries = tx.log_entries(&filter)?;
            let more = entries.len() > limit;
            entries.truncate(limit);
            let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
            let readers: BTreeSet<StaffId> = entries.iter().map(|entry| entry.by).collect();
            let cases = tx.logged_cases(&entries)?;
            let names = tx.staff_among(&readers)?;
            let (searches, mut grounds) = (tx.log_searches(&ids)?, HashMap::new());
            for ground in entries.iter().filter_map(|entry| entry.ground) {
                if let std::collections::hash_map::Entry::Vacant(e) = grounds.entry(ground) {
                    e.insert(tx.reading_ground(ground)?.kind);
                }
            }
            let (kept, persons) = (kept_from(tx, me)?, filter.subjects.clone());
            Ok::<_, store::Error>((entries, more, cases, names, (searches, grounds), kept, persons))
        };
        let (mut entries, more, cases, names, (mut searches, grounds), kept, persons) =
            self.store.read(tenant, load).await?;
        let shown = |case: &CaseId| {
            let read = cases.get(case).map(|case| &case.read);
            let within = read.is_some_and(|read| in_scope(&seen, &read.unit, &read.laws));
            within && !kept.contains(case)
        };
        let next = entries.last().filter(|_| more).map(|last| (last.at, last.id));
        // A line that was found by what is kept from the caller alone would tell of it by being there.
        let wide = seen.iter().any(LogScope::is_whole);
        let asked_for = |(case, subject): &(CaseId, Option<SubjectId>)| {
            let person = |of: &BTreeSet<SubjectId>| subject.is_some_and(|it| of.contains(&it));
            (shown(case) || (wide && !kept.contains(case)))
                && asked.case.is_none_or(|it| it == *case)
                && persons.as_ref().is_none_or(person)
        };
        entries.retain(|entry| entry.exposed.is_empty() || entry.exposed.iter().any(asked_for));
        let exposed = exposed_by(&entries, shown);
        let line = |mut entry: AccessEntry| {
            entry.exposed.retain(|(case, _)| shown(case));
            let read = entry.exposed.iter().filter_map(|(case, _)| cases.get(case));
            LogLine {
                reader: names.iter().find(|it| it.id == entry.by).and_then(|it| it.name.clone()),
                stated: searches.remove(&entry.id),
                ground: entry.ground.and_then(|id| Some((id, *grounds.get(&id)?))),
                cases: read.map(|case| case.read.clone()).collect(),
                entry,
            }
        };
        let lines = entries.into_iter().map(line).collect();
        let entry = caller.entry(self, "access_log.search", access, exposed);
        let mut rows = Additions::to(tenant);
        rows.access(&entry);
        rows.access_search(entry.id, &asked.stated);
        self.store.add(rows).await?;
        Ok(LogPage { lines, next })
    }
}
